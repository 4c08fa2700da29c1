/* Runs the refits of a bootstrap or a jackknife over threads, and makes intervals of them. */
#include "fit/infer/bootstrap.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/parallel.h"
#include "core/progress.h"
#include "core/summary.h"
#include "fit/infer/refitter.h"

enum { MOST_BLOCKS = 1000 };
/* Scaled gradient of a refit: its estimates are then within 1e-5 of a standard error for any size of table
 * that is resampled, far below what the number of resamples leaves open. */
static const double REFIT_TOLERANCE = 1e-7;

const char *const jf_bootstrap_interval_names[] = {"percentile", "basic", "bca", "t", NULL};

/* What one thread works with. */
typedef struct worker {
    jf_refitter *refitter;
    double *drawn;   /* n: counts or responses */
    double *scratch; /* n_groups */
} worker;

typedef struct refits {
    const jf_bootstrap_basis *basis;
    const jf_resampler *resampler; /* NULL: jackknife */
    uint64_t seed;
    jf_checkpoint *checkpoint;
    const char *part;
    size_t n_units; /* jackknife: rows or groups */
    worker *workers;
    int n_workers;
    jf_bootstrap *out;
} refits;

void jf_bootstrap_clear(jf_bootstrap *bootstrap)
{
    jf_free(bootstrap->theta);
    *bootstrap = (jf_bootstrap){0};
}

static void free_workers(refits *all)
{
    for (int t = 0; all->workers && t < all->n_workers; t++) {
        jf_refitter_free(all->workers[t].refitter);
        jf_free(all->workers[t].drawn);
        jf_free(all->workers[t].scratch);
    }
    jf_free(all->workers);
}

static jf_status new_workers(refits *all, int threads, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_bootstrap_basis *b = all->basis;

    all->n_workers = threads > 0 ? threads : jf_threads_available();
    all->workers = JF_NEW_ZEROED(worker, (size_t)all->n_workers);
    JF_TRY_NEW(all->workers, err, "refits");
    for (int t = 0; t < all->n_workers; t++) {
        worker *w = &all->workers[t];

        JF_TRY(jf_refitter_new(b->problem, &b->loss, b->max_iterations, REFIT_TOLERANCE, &w->refitter, err));
        w->drawn = JF_NEW_ARRAY(double, b->problem->n);
        w->scratch = JF_NEW_ARRAY(double, b->n_groups);
        JF_TRY_NEW(w->drawn && w->scratch ? w : NULL, err, "refits");
    }
done:
    return status;
}

static jf_status refit_resample(void *context, size_t item, int thread, jf_error *err)
{
    refits *all = context;
    const jf_bootstrap_basis *b = all->basis;
    worker *w = &all->workers[thread];
    bool counts = jf_resampler_counts(all->resampler);
    double *theta = all->out->theta + item * b->problem->k;
    size_t size = b->problem->k * sizeof *theta;

    (void)err;
    if (jf_checkpoint_get(all->checkpoint, all->part, item, theta, size)) return JF_OK;
    jf_resampler_draw(all->resampler, all->seed, item, w->drawn, w->scratch);
    jf_refitter_run(w->refitter, counts ? w->drawn : NULL, counts ? NULL : w->drawn, b->theta, theta);
    jf_checkpoint_put(all->checkpoint, all->part, item, theta, size);
    return JF_OK;
}

static jf_status refit_without(void *context, size_t item, int thread, jf_error *err)
{
    refits *all = context;
    const jf_bootstrap_basis *b = all->basis;
    worker *w = &all->workers[thread];

    (void)err;
    for (size_t i = 0; i < b->problem->n; i++)
        w->drawn[i] = (b->group ? b->group[i] : i) % all->out->n_resamples != item;
    jf_refitter_run(w->refitter, w->drawn, NULL, b->theta, all->out->theta + item * b->problem->k);
    return JF_OK;
}

/* out->n_resamples refits by `work`. */
static jf_status run(refits *all, jf_work work, int threads, jf_error *err)
{
    jf_status status = JF_OK;
    jf_bootstrap *out = all->out;

    out->k = all->basis->problem->k;
    out->theta = JF_NEW_ARRAY(double, out->n_resamples * out->k);
    JF_TRY_NEW(out->theta, err, "refits");
    JF_TRY(new_workers(all, threads, err));
    jf_progress_stage(all->resampler ? "bootstrap" : "jackknife");
    JF_TRY(jf_parallel(out->n_resamples, all->n_workers, work, all, err));
    for (size_t r = 0; r < out->n_resamples; r++) out->n_failed += isnan(out->theta[r * out->k]);
done:
    free_workers(all);
    if (status != JF_OK) jf_bootstrap_clear(out);
    return status;
}

jf_status jf_bootstrap_run(const jf_bootstrap_basis *basis, const jf_bootstrap_options *options,
                           jf_bootstrap *out, jf_error *err)
{
    jf_status status = JF_OK;
    jf_resampler *resampler = NULL;
    refits all = {.basis = basis,
                  .seed = options->seed,
                  .checkpoint = options->checkpoint,
                  .part = options->part,
                  .out = out};

    *out = (jf_bootstrap){.n_resamples = options->n_resamples};
    JF_TRY(jf_resampler_new(basis, options->kind, &resampler, err));
    all.resampler = resampler;
    JF_TRY(run(&all, refit_resample, options->threads, err));
done:
    jf_resampler_free(resampler);
    if (status != JF_OK) *out = (jf_bootstrap){0};
    return status;
}

jf_status jf_jackknife_run(const jf_bootstrap_basis *basis, int threads, jf_bootstrap *out, jf_error *err)
{
    refits all = {.basis = basis, .out = out};
    size_t units = basis->group ? basis->n_groups : basis->problem->n;

    *out = (jf_bootstrap){.n_resamples = units < MOST_BLOCKS ? units : MOST_BLOCKS};
    return run(&all, refit_without, threads, err);
}

/* ---- what the refits say ---------------------------------------------------------------------------------
 */

/* Parameter j of the refits that came to an end, in `values` (n_resamples); returns their number. */
static size_t gather(const jf_bootstrap *b, size_t j, double *values)
{
    size_t n = 0;

    for (size_t r = 0; r < b->n_resamples; r++)
        if (!isnan(b->theta[r * b->k + j])) values[n++] = b->theta[r * b->k + j];
    return n;
}

double jf_bootstrap_error(const jf_bootstrap *b, size_t j)
{
    double mean = 0, squares = 0;
    size_t n = 0;

    for (size_t r = 0; r < b->n_resamples; r++) {
        double x = b->theta[r * b->k + j], step = x - mean;

        if (isnan(x)) continue;
        mean += step / (double)++n;
        squares += step * (x - mean);
    }
    return n > 1 ? sqrt(squares / (double)(n - 1)) : NAN;
}

jf_status jf_bootstrap_quantiles(const jf_bootstrap *b, size_t j, double *quantiles, size_t n, jf_error *err)
{
    double *values = JF_NEW_ARRAY(double, b->n_resamples);
    size_t m;

    if (!values) return jf_fail(err, JF_ENOMEM, "out of memory for refits");
    m = gather(b, j, values);
    jf_sort(values, m);
    for (size_t i = 0; i < n; i++)
        quantiles[i] = m > 1 ? jf_quantile(values, m, (double)i / (double)(n - 1)) : NAN;
    jf_free(values);
    return JF_OK;
}

/* Efron 1987: a sixth of the skewness of the jackknife's influence values. */
static double acceleration(const jf_bootstrap *jackknife, size_t j)
{
    double mean = 0, squares = 0, cubes = 0;
    size_t n = 0;

    for (size_t r = 0; r < jackknife->n_resamples; r++) {
        double x = jackknife->theta[r * jackknife->k + j];

        if (!isnan(x)) mean += (x - mean) / (double)++n;
    }
    for (size_t r = 0; r < jackknife->n_resamples; r++) {
        double d = mean - jackknife->theta[r * jackknife->k + j];

        if (isnan(d)) continue;
        squares += d * d;
        cubes += d * d * d;
    }
    return squares > 0 ? cubes / (6 * pow(squares, 1.5)) : NAN;
}

/* The share below which BCA's limit for the plain share `tail` lies. */
static double corrected(double tail, double bias, double a)
{
    double z = bias + gsl_cdf_ugaussian_Pinv(tail);

    return gsl_cdf_ugaussian_P(bias + z / (1 - a * z));
}

static double bias_of(const double *sorted, size_t n, double value)
{
    double below = 0;

    for (size_t i = 0; i < n; i++) below += sorted[i] < value ? 1 : sorted[i] == value ? 0.5 : 0;
    return gsl_cdf_ugaussian_Pinv(below / (double)n);
}

jf_status jf_bootstrap_limits(const jf_bootstrap *b, const jf_bootstrap *jackknife, size_t j, double value,
                              jf_bootstrap_interval kind, double level, double *low, double *high,
                              jf_error *err)
{
    double *sorted = JF_NEW_ARRAY(double, b->n_resamples), tails[2] = {(1 - level) / 2, (1 + level) / 2},
           limits[2];
    size_t n;

    *low = *high = NAN;
    if (!sorted) return jf_fail(err, JF_ENOMEM, "out of memory for an interval");
    n = gather(b, j, sorted);
    jf_sort(sorted, n);
    if (n && kind == JF_INTERVAL_BCA) {
        double bias = bias_of(sorted, n, value), a = acceleration(jackknife, j);

        for (int side = 0; side < 2; side++)
            tails[side] = isfinite(bias) ? corrected(tails[side], bias, a) : NAN;
    }
    for (int side = 0; side < 2 && n > 1; side++) /* quantiles of type 7 */
        limits[side] = isnan(tails[side]) ? NAN : jf_quantile(sorted, n, tails[side]);
    if (n > 1 && kind == JF_INTERVAL_BASIC)
        *low = 2 * value - limits[1], *high = 2 * value - limits[0];
    else if (n > 1)
        *low = limits[0], *high = limits[1];
    jf_free(sorted);
    return JF_OK;
}
