/* Coverage of intervals for new runs and for the mean, by fresh draws of groups like those that are fitted.
 */
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/parallel.h"
#include "core/progress.h"
#include "core/stream.h"
#include "core/summary.h"
#include "fit/infer/simulate_parts.h"
#include "fit/select/calibrate.h"
#include "fit/select/conformal.h"

enum { MEAN_BAND, NEW_RUN, SPLIT, CV, N_KINDS };
static const char *const kind_names[N_KINDS] = {"mean band", "new run", "conformal:split", "conformal:cv"};

/* One kind in one replicate. */
typedef struct score {
    bool made;
    bool open;
    double share, below, above, length; /* means over groups; median length */
} score;

typedef struct studies {
    const jf_truth *truth;
    const jf_law *law;
    const jf_fit_options *fit;
    jf_loss loss;
    size_t n, n_units; /* units of a world: groups, or runs */
    score *scores;     /* n x N_KINDS */
    jf_world *worlds;
    int n_worlds;
} studies;

/* One replicate at work. */
typedef struct study {
    const studies *s;
    jf_world *world;
    size_t *unit;         /* n: of each row */
    size_t *order;        /* n_units: those that train first */
    bool *trains;         /* n_units */
    size_t *train, *test; /* rows, rising */
    size_t n_train, n_test;
    double *low, *high; /* n_test */
    double *weight;     /* n_test: one over the runs of its unit */
    double *length;     /* n_test */
} study;

static void study_clear(study *one)
{
    jf_free(one->unit);
    jf_free(one->order);
    jf_free(one->trains);
    jf_free(one->train);
    jf_free(one->test);
    jf_free(one->low);
    jf_free(one->high);
    jf_free(one->weight);
    jf_free(one->length);
}

/* Half of the units train; which is left to chance, so that trained and new ones are alike. */
static jf_status deal(study *one, uint64_t index, jf_error *err)
{
    jf_status status = JF_OK;
    size_t n = one->world->n, n_units = one->s->n_units;
    jf_stream stream = jf_stream_make(one->s->fit->seed, JF_FOR_SPLITS, index);
    size_t *count = JF_NEW_ZEROED(size_t, n_units);

    one->unit = JF_NEW_ARRAY(size_t, n);
    one->order = JF_NEW_ARRAY(size_t, n_units);
    one->trains = JF_NEW_ZEROED(bool, n_units);
    one->train = JF_NEW_ARRAY(size_t, n);
    one->test = JF_NEW_ARRAY(size_t, n);
    one->low = JF_NEW_ARRAY(double, n);
    one->high = JF_NEW_ARRAY(double, n);
    one->weight = JF_NEW_ARRAY(double, n);
    one->length = JF_NEW_ARRAY(double, n);
    JF_TRY_NEW(count && one->unit && one->order && one->trains && one->train && one->test && one->low &&
                   one->high && one->weight && one->length,
               err, "a simulated study");
    for (size_t u = 0; u < n_units; u++) one->order[u] = u;
    jf_stream_shuffle(&stream, one->order, n_units);
    for (size_t u = 0; u < n_units / 2; u++) one->trains[one->order[u]] = true;
    for (size_t i = 0; i < n; i++) {
        one->unit[i] = one->world->groups.n_groups ? one->world->groups.group[i] : i;
        count[one->unit[i]]++;
        if (one->trains[one->unit[i]])
            one->train[one->n_train++] = i;
        else
            one->test[one->n_test++] = i;
    }
    for (size_t i = 0; i < one->n_test; i++) one->weight[i] = 1 / (double)count[one->unit[one->test[i]]];
done:
    jf_free(count);
    return status;
}

static void mark(study *one, bool of_mean, score *out)
{
    const jf_truth *truth = one->s->truth;
    double total = 0;
    size_t n = 0;

    *out = (score){.made = true, .length = NAN};
    for (size_t i = 0; i < one->n_test; i++) {
        size_t row = one->test[i];
        double value = of_mean ? truth->mean[row % truth->n] : one->world->value[row];

        if (isnan(one->low[i]) || isnan(one->high[i])) continue; /* a level that training lacks */
        total += one->weight[i];
        out->below += one->weight[i] * (one->high[i] < value);
        out->above += one->weight[i] * (one->low[i] > value);
        out->open = out->open || isinf(one->high[i] - one->low[i]);
        one->length[n++] = one->high[i] - one->low[i];
    }
    out->made = total > 0;
    out->below /= total;
    out->above /= total;
    out->share = 1 - out->below - out->above;
    out->length = jf_median(one->length, n);
}

/* The band of the mean and the interval of a new run, as predict makes them. */
static jf_status try_normal(study *one, const jf_fit_options *options, score *scores, jf_error *err)
{
    jf_status status = JF_OK;
    jf_fit *fit = NULL;
    double *value = JF_NEW_ARRAY(double, one->n_test), *error = JF_NEW_ARRAY(double, one->n_test), tail, wide;
    jf_error mine = {0};

    JF_TRY_NEW(value && error, err, "a simulated study");
    status = jf_fit_run(one->s->law, one->world->table, one->train, one->n_train, jf_world_groups(one->world),
                        options, &fit, &mine);
    if (status == JF_EDATA || status == JF_EFIT || (fit && fit->outcome == JF_FAILED)) {
        status = JF_OK; /* no interval: counted as none */
        goto done;
    }
    if (status != JF_OK && err) *err = mine;
    JF_TRY(status);
    JF_TRY(jf_fit_predict(fit, one->world->table, one->test, one->n_test, value, error, NULL, err));
    tail = 1 - (1 - options->level) / 2;
    wide = isinf(fit->t_df) ? gsl_cdf_ugaussian_Pinv(tail)
           : fit->t_df > 0  ? gsl_cdf_tdist_Pinv(tail, fit->t_df)
                            : NAN;
    for (int kind = MEAN_BAND; kind <= NEW_RUN; kind++) {
        for (size_t i = 0; i < one->n_test; i++) {
            double noise = kind == MEAN_BAND ? 0 : fit->sigma;
            if (fit->error == JF_ERROR_RELATIVE) noise *= fabs(value[i]);
            double half = wide * sqrt(error[i] * error[i] + noise * noise);
            one->low[i] = value[i] - half;
            one->high[i] = value[i] + half;
        }
        mark(one, kind == MEAN_BAND, &scores[kind]);
    }
done:
    jf_fit_free(fit);
    jf_free(value);
    jf_free(error);
    return status;
}

/* Weights of a relative error as the true means make them: refits make their own from there. */
static jf_status weigh_relative(const study *one, jf_problem *whole, double *fitted, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_truth *truth = one->s->truth;

    for (size_t i = 0; i < whole->n; i++) fitted[i] = truth->mean[i % truth->n];
    if (whole->error != JF_ERROR_RELATIVE) return JF_OK;
    if (!whole->weight) {
        whole->weight = JF_NEW_ARRAY(double, whole->n);
        JF_TRY_NEW(whole->weight, err, "a simulated study");
        for (size_t i = 0; i < whole->n; i++) whole->weight[i] = 1;
    }
    for (size_t i = 0; i < whole->n; i++) whole->weight[i] /= fitted[i] * fitted[i];
done:
    return status;
}

static jf_status try_conformal(study *one, const jf_fit_options *options, uint64_t index, score *scores,
                               jf_error *err)
{
    jf_status status = JF_OK;
    jf_problem *whole = NULL;
    jf_refit refit = {0};
    double *fitted = JF_NEW_ARRAY(double, one->world->n);
    jf_refit_law law = {
        .theta = one->s->truth->theta, .fitted = fitted, .loss = one->s->loss, .options = options};
    jf_calibrate_setup setup = {.alpha = 1 - options->level,
                                .unit = one->unit,
                                .n_units = one->s->n_units,
                                .stream = jf_stream_make(options->seed, JF_FOR_SPLITS, index)};

    JF_TRY_NEW(fitted, err, "a simulated study");
    JF_TRY(jf_problem_build(one->s->law, one->world->table, NULL, 0, options, NULL, &whole, err));
    JF_TRY(weigh_relative(one, whole, fitted, err));
    law.whole = whole;
    JF_TRY(jf_refit_run(&law, one->train, one->n_train, law.theta, &refit, err));
    if (refit.outcome == JF_FAILED) goto done;
    for (int kind = SPLIT; kind <= CV; kind++) {
        setup.kind = kind == SPLIT ? JF_INTERVAL_SPLIT : JF_INTERVAL_CV;
        JF_TRY(jf_calibrate(&setup, &refit, one->train, one->n_train, one->test, one->n_test, one->low,
                            one->high, err));
        mark(one, false, &scores[kind]);
    }
done:
    jf_refit_clear(&refit);
    jf_problem_free(whole);
    jf_free(fitted);
    return status;
}

static const char kept_part[] = "new runs";

static jf_status run_study(void *context, size_t item, int thread, jf_error *err)
{
    studies *s = context;
    study one = {.s = s, .world = &s->worlds[thread]};
    uint64_t index = jf_study_index(JF_STUDY_RUNS, 0, item);
    jf_fit_options options = *s->fit;
    score *scores = s->scores + item * N_KINDS;
    jf_status status = JF_OK;

    if (jf_checkpoint_get(s->fit->checkpoint, kept_part, item, scores, N_KINDS * sizeof *scores))
        return JF_OK;
    options.threads = 1;
    options.skip_profiles = true;
    options.seed = jf_replicate_seed(s->fit->seed, index);
    options.ci = NULL;
    options.checkpoint = NULL; /* kept are the scores */
    options.derive = options.test = (jf_option_list){0};
    JF_TRY(jf_world_draw(one.world, s->fit->seed, index, err));
    if (jf_world_is_finite(one.world)) {
        JF_TRY(deal(&one, index, err));
        JF_TRY(try_normal(&one, &options, scores, err));
        JF_TRY(try_conformal(&one, &options, index, scores, err));
    }
    jf_checkpoint_put(s->fit->checkpoint, kept_part, item, scores, N_KINDS * sizeof *scores);
done:
    study_clear(&one);
    return status;
}

/* Mean of one kind over replicates with its Monte-Carlo error. */
static jf_status sum_up(const studies *s, int kind, jf_coverage *out, jf_error *err)
{
    jf_status status = JF_OK;
    double *length = JF_NEW_ARRAY(double, s->n), squares = 0;
    size_t closed = 0;

    *out =
        (jf_coverage){.kind = jf_copy_text(kind_names[kind]), .level = s->fit->level, .parameter = SIZE_MAX};
    JF_TRY_NEW(length && out->kind, err, "a simulated study");
    for (size_t r = 0; r < s->n; r++) {
        const score *one = &s->scores[r * N_KINDS + (size_t)kind];
        double step = one->share - out->share;
        if (!one->made) continue;
        out->n_made++;
        out->share += step / (double)out->n_made;
        squares += step * (one->share - out->share);
        out->missed_below += one->below;
        out->missed_above += one->above;
        out->n_open += one->open;
        if (!one->open) length[closed++] = one->length;
    }
    out->n_none = s->n - out->n_made;
    out->missed_below /= (double)out->n_made;
    out->missed_above /= (double)out->n_made;
    out->share_error = sqrt(squares / (double)(out->n_made - 1) / (double)out->n_made);
    if (!out->n_made) out->share = NAN;
    if (out->n_made < 2) out->share_error = NAN;
    if (kind >= SPLIT)
        out->groups_missing = jf_conformal_groups_missing(
            jf_calibration_groups(kind == SPLIT ? JF_INTERVAL_SPLIT : JF_INTERVAL_CV, s->n_units / 2),
            1 - s->fit->level);
    out->length = jf_median(length, closed);
done:
    jf_free(length);
    return status;
}

jf_status jf_new_runs_coverage(const jf_truth *truth, const jf_law *law, size_t n_replicates,
                               const jf_fit_options *fit, jf_coverage **out, size_t *n_out, jf_error *err)
{
    jf_status status = JF_OK;
    studies s = {.truth = truth,
                 .law = law,
                 .fit = fit,
                 .n = n_replicates,
                 .n_units = 2 * (truth->groups.n_groups ? truth->groups.n_groups : truth->n)};
    jf_coverage *made = JF_NEW_ZEROED(jf_coverage, N_KINDS);

    *out = NULL;
    *n_out = 0;
    s.scores = JF_NEW_ZEROED(score, n_replicates * N_KINDS);
    JF_TRY_NEW(made && s.scores, err, "simulated studies");
    JF_TRY(jf_loss_read(fit->loss ? fit->loss : "ls", &s.loss, err));
    JF_TRY(jf_worlds_new(truth, 2, fit->threads, &s.worlds, &s.n_worlds, err));
    jf_progress_stage("new runs");
    JF_TRY(jf_parallel(n_replicates, s.n_worlds, run_study, &s, err));
    for (int kind = 0; kind < N_KINDS; kind++) JF_TRY(sum_up(&s, kind, &made[kind], err));
    *out = made;
    *n_out = N_KINDS;
    made = NULL;
done:
    jf_coverage_free(made, N_KINDS);
    for (int t = 0; s.worlds && t < s.n_worlds; t++) jf_world_clear(&s.worlds[t]);
    jf_free(s.worlds);
    jf_free(s.scores);
    return status;
}
