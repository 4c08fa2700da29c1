/* Draws resamples: counts of rows, or responses made of fitted values and errors. */
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/stream.h"
#include "fit/infer/bootstrap.h"

enum { FEW_GROUPS = 12 };

typedef void (*draw_function)(const jf_resampler *r, jf_stream *stream, double *out, double *scratch);

struct jf_resampler {
    const jf_bootstrap_basis *basis;
    draw_function draw;
    bool counts;
    double *error; /* n: what the kind makes of the residuals */
    double factor; /* on the errors of wild-cluster */
};

const char *const jf_resample_names[] = {"pairs",        "cluster",    "residual", "wild",
                                         "wild-cluster", "parametric", NULL};

/* 0 .. n - 1 without bias from one word, as a rule (Lemire 2019). */
static inline size_t draw_below(jf_stream *stream, size_t n)
{
    uint64_t product;

    if (n > UINT32_MAX) return jf_stream_below(stream, n);
    product = (uint64_t)jf_stream_word(stream) * n;
    if ((uint32_t)product < n) {
        uint32_t bias = (uint32_t)(-(uint32_t)n % (uint32_t)n);

        while ((uint32_t)product < bias) product = (uint64_t)jf_stream_word(stream) * n;
    }
    return (size_t)(product >> 32);
}

static void draw_pairs(const jf_resampler *r, jf_stream *stream, double *counts, double *scratch)
{
    size_t n = r->basis->problem->n;

    (void)scratch;
    memset(counts, 0, n * sizeof *counts);
    for (size_t i = 0; i < n; i++) counts[draw_below(stream, n)] += 1;
}

static void draw_clusters(const jf_resampler *r, jf_stream *stream, double *counts, double *scratch)
{
    const jf_bootstrap_basis *b = r->basis;

    memset(scratch, 0, b->n_groups * sizeof *scratch);
    for (size_t g = 0; g < b->n_groups; g++) scratch[draw_below(stream, b->n_groups)] += 1;
    for (size_t i = 0; i < b->problem->n; i++) counts[i] = scratch[b->group[i]];
}

static double root_weight(const jf_problem *problem, size_t i)
{
    return problem->weight ? sqrt(problem->weight[i]) : 1;
}

static void draw_residuals(const jf_resampler *r, jf_stream *stream, double *response, double *scratch)
{
    const jf_bootstrap_basis *b = r->basis;
    size_t n = b->problem->n;

    (void)scratch;
    for (size_t i = 0; i < n; i++)
        response[i] = b->fitted[i] + r->error[draw_below(stream, n)] / root_weight(b->problem, i);
}

static double draw_sign(jf_stream *stream)
{
    return jf_stream_word(stream) & 1 ? 1 : -1;
}

static void draw_wild(const jf_resampler *r, jf_stream *stream, double *response, double *scratch)
{
    const jf_bootstrap_basis *b = r->basis;

    (void)scratch;
    for (size_t i = 0; i < b->problem->n; i++) response[i] = b->fitted[i] + draw_sign(stream) * r->error[i];
}

/* With few groups there are few patterns of signs: six points of mean 0 and variance 1 (Webb 2023). */
static double draw_factor(jf_stream *stream, size_t n_groups)
{
    static const double points[] = {0.5, 1, 1.5};

    if (n_groups >= FEW_GROUPS) return draw_sign(stream);
    return draw_sign(stream) * sqrt(points[draw_below(stream, 3)]);
}

static void draw_wild_clusters(const jf_resampler *r, jf_stream *stream, double *response, double *scratch)
{
    const jf_bootstrap_basis *b = r->basis;

    for (size_t g = 0; g < b->n_groups; g++) scratch[g] = r->factor * draw_factor(stream, b->n_groups);
    for (size_t i = 0; i < b->problem->n; i++)
        response[i] = b->fitted[i] + scratch[b->group[i]] * r->error[i];
}

static void draw_normal(const jf_resampler *r, jf_stream *stream, double *response, double *scratch)
{
    const jf_bootstrap_basis *b = r->basis;

    (void)scratch;
    for (size_t i = 0; i < b->problem->n; i++)
        response[i] = b->fitted[i] + b->sigma * jf_stream_normal(stream) / root_weight(b->problem, i);
}

/* One row a kind, in the order of jf_resample_kind. `power`: of 1 - leverage, that residuals are divided by.
 */
typedef struct kind_row {
    draw_function draw;
    bool counts, grouped;
    double power;
} kind_row;

static const kind_row kinds[] = {
    {draw_pairs, true, false, 0}, {draw_clusters, true, true, 0},       {draw_residuals, false, false, 0.5},
    {draw_wild, false, false, 1}, {draw_wild_clusters, false, true, 0}, {draw_normal, false, false, 0},
};

void jf_resampler_free(jf_resampler *r)
{
    if (!r) return;
    jf_free(r->error);
    jf_free(r);
}

static void fill_errors(jf_resampler *r, jf_resample_kind kind)
{
    const jf_bootstrap_basis *b = r->basis;
    size_t n = b->problem->n;
    double mean = 0;

    for (size_t i = 0; i < n; i++)
        r->error[i] = b->residual[i] / pow(fmax(1 - b->leverage[i], 1e-8), kinds[kind].power);
    if (kind != JF_RESAMPLE_RESIDUAL) return;
    for (size_t i = 0; i < n; i++) {
        r->error[i] *= root_weight(b->problem, i);
        mean += r->error[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) r->error[i] -= mean;
}

static double cluster_factor(const jf_bootstrap_basis *b)
{
    double g = (double)b->n_groups, n = (double)b->problem->n, k = (double)jf_problem_n_free(b->problem);

    return sqrt(g / (g - 1) * (n - 1) / (n - k));
}

jf_status jf_resampler_new(const jf_bootstrap_basis *basis, jf_resample_kind kind, jf_resampler **out,
                           jf_error *err)
{
    jf_status status = JF_OK;
    jf_resampler *r = NULL;

    *out = NULL;
    if (kinds[kind].grouped && !basis->group)
        return jf_fail(err, JF_EUSAGE, "--resample %s needs --group", jf_resample_names[kind]);
    if (kinds[kind].grouped && basis->n_groups < 2)
        return jf_fail(err, JF_EDATA, "--resample %s: expected two groups or more, found %zu",
                       jf_resample_names[kind], basis->n_groups);
    r = JF_NEW(jf_resampler);
    JF_TRY_NEW(r, err, "resamples");
    r->basis = basis;
    r->draw = kinds[kind].draw;
    r->counts = kinds[kind].counts;
    r->error = JF_NEW_ARRAY(double, basis->problem->n);
    JF_TRY_NEW(r->error, err, "resamples");
    fill_errors(r, kind);
    r->factor = kinds[kind].grouped ? cluster_factor(basis) : 1;
    *out = r;
    r = NULL;
done:
    jf_resampler_free(r);
    return status;
}

bool jf_resampler_counts(const jf_resampler *resampler)
{
    return resampler->counts;
}

void jf_resampler_draw(const jf_resampler *resampler, uint64_t seed, size_t index, double *counts_or_response,
                       double *scratch)
{
    jf_stream stream = jf_stream_make(seed, JF_FOR_BOOTSTRAP, index);

    resampler->draw(resampler, &stream, counts_or_response, scratch);
}
