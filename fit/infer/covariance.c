/* QR of the scaled Jacobian and the sandwiches built on it. */
#include "fit/infer/covariance.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "fit/infer/cr2.h"
#include "fit/infer/design_factor.h"
#include "fit/infer/design_rows.h"
#include "fit/problem/loops.h"

/* A row with 1 - leverage below this fixes its own fitted value: its residual is zero whatever it says. */
static const double FULL_LEVERAGE = 1e-10;

void jf_design_clear(jf_design *design)
{
    void *const owned[] = {design->kept,   design->order, design->first,    design->inverse,   design->length,
                           design->spread, design->null,  design->leverage, design->determined};

    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) jf_free(owned[i]);
    *design = (jf_design){0};
}

static void fetch_from_matrix(void *context, size_t row, size_t n, double *const *columns)
{
    const jf_row_matrix *m = context;

    for (size_t j = 0; j < m->p; j++) memcpy(columns[j], m->values + j * m->n + row, n * sizeof(double));
}

jf_row_source jf_rows_of_matrix(jf_row_matrix *matrix)
{
    return (jf_row_source){matrix, fetch_from_matrix};
}

/* The inverse (row-major) of an upper triangle (column-major), both rank x rank. */
static void invert_triangle(const double *triangle, size_t rank, double *inverse)
{
    memset(inverse, 0, rank * rank * sizeof *inverse);
    for (size_t column = 0; column < rank; column++) {
        for (size_t row = column + 1; row-- > 0;) {
            double sum = row == column ? 1 : 0;
            for (size_t i = row + 1; i <= column; i++)
                sum -= triangle[row + i * rank] * inverse[i * rank + column];
            inverse[row * rank + column] = sum / triangle[row + row * rank];
        }
    }
}

/* Null directions: pivoted column rank + m is -(R11^-1 R12) of the leading ones. Back in parameter units.
 * `triangle`: p x p as pivoted, or NULL at full rank; `inverse`: R11^-1, row-major. */
static void find_null(const double *triangle, const double *inverse, jf_design *design)
{
    size_t p = design->p, rank = design->rank;

    for (size_t j = 0; j < p; j++) design->determined[j] = true;
    for (size_t m = 0; m < p - rank; m++) {
        double *direction = design->null + m * p, largest = 0;
        size_t own = design->order[rank + m];

        memset(direction, 0, p * sizeof *direction);
        direction[own] = 1;
        for (size_t row = 0; row < rank; row++) {
            double sum = 0;
            for (size_t i = row; i < rank; i++) sum -= inverse[row * rank + i] * triangle[i + (rank + m) * p];
            /* judged in scaled units, where all columns have length one */
            direction[design->order[row]] = fabs(sum) > 1e-8 && design->length[own] > 0 ? sum : 0;
        }
        for (size_t j = 0; j < p; j++) {
            if (direction[j] != 0) design->determined[j] = false;
            if (design->length[j] > 0) direction[j] /= design->length[j];
            largest = fmax(largest, fabs(direction[j]));
        }
        for (size_t j = 0; j < p; j++) direction[j] /= largest;
    }
}

/* D^-1 P first^-1 second^-1: row j of the result belongs to parameter j, zero for the dependent ones. Both
 * inverses are rank x rank, row-major. */
static void find_inverse(const double *first, const double *second, jf_design *design)
{
    size_t rank = design->rank;

    memset(design->inverse, 0, design->p * rank * sizeof *design->inverse);
    for (size_t row = 0; row < rank; row++) {
        size_t j = design->order[row];

        for (size_t m = row; m < rank; m++)
            for (size_t i = m; i < rank; i++)
                design->inverse[j * rank + i] += first[row * rank + m] * second[m * rank + i];
        for (size_t i = row; i < rank; i++) design->inverse[j * rank + i] /= design->length[j];
    }
}

static void add_leverage(void *context, size_t row, size_t n, const double *const *q)
{
    const jf_design *design = context;

    jf_loops_active()->lengths(n, design->rank, q, design->leverage + row);
}

/* Everything that follows from the factors. */
static jf_status invert_factors(const double *pivoted, jf_design *design, jf_error *err)
{
    jf_status status = JF_OK;
    size_t p = design->p, rank = design->rank;
    double *inverses = JF_NEW_ARRAY(double, 2 * rank * rank);

    design->inverse = JF_NEW_ARRAY(double, p *rank);
    design->null = JF_NEW_ARRAY(double, p *(p - rank));
    JF_TRY_NEW(inverses && design->inverse && design->null ? design : NULL, err, "the factored Jacobian");
    invert_triangle(design->first, rank, inverses);
    invert_triangle(design->second, rank, inverses + rank * rank);
    find_null(pivoted, inverses, design);
    find_inverse(inverses, inverses + rank * rank, design);
done:
    jf_free(inverses);
    return status;
}

static jf_status design_new(const jf_row_source *source, size_t n, size_t p, const double *weight,
                            jf_design *out, jf_error *err)
{
    *out = (jf_design){.n = n, .p = p, .source = *source, .weight = weight};
    out->order = JF_NEW_ARRAY(size_t, p);
    out->first = JF_NEW_ZEROED(double, 2 * p * p);
    out->length = JF_NEW_ARRAY(double, p);
    out->spread = JF_NEW_ARRAY(double, p);
    out->leverage = JF_NEW_ARRAY(double, n);
    out->determined = JF_NEW_ZEROED(bool, p);
    if (!out->order || !out->first || !out->length || !out->spread || !out->leverage || !out->determined)
        return jf_fail(err, JF_ENOMEM, "out of memory for the factored Jacobian");
    out->second = out->first + p * p;
    for (size_t j = 0; j < p; j++) out->order[j] = j;
    return jf_design_keep(out, err);
}

jf_status jf_design_build(const jf_row_source *source, size_t n, size_t p, const double *weight,
                          jf_design *out, jf_error *err)
{
    jf_status status = JF_OK;
    double *pivoted = NULL;

    JF_TRY(design_new(source, n, p, weight, out, err));
    JF_TRY(jf_design_measure(out, err));
    JF_TRY(jf_design_factor(out, &pivoted, err));
    JF_TRY(invert_factors(pivoted, out, err));
    JF_TRY(jf_design_visit(out, add_leverage, out, err));
done:
    jf_free(pivoted);
    if (status != JF_OK) jf_design_clear(out);
    return status;
}

double jf_design_inflation(const jf_design *design, size_t j)
{
    double sum = 0;

    if (!design->determined[j]) return INFINITY;
    for (size_t i = 0; i < design->rank; i++)
        sum += design->inverse[j * design->rank + i] * design->inverse[j * design->rank + i];
    return sum * design->spread[j] * design->spread[j];
}

/* What q q' of each row weighs in the middle: e_i^2 with Q's rows already times sqrt(weight). */
static void weigh_rows(const jf_design *design, jf_se_kind kind, const jf_scores *scores, size_t row,
                       size_t n, double *square)
{
    const double *weight = scores->weight ? scores->weight + row : NULL;
    const double *copies = scores->kind == JF_WEIGHTS_FREQUENCY ? weight : NULL;
    int power = kind == JF_SE_HC2 ? 1 : kind == JF_SE_HC3 ? 2 : 0;
    double all = scores->n_effective, factor = kind == JF_SE_HC1 ? all / (all - (double)design->rank) : 1;

    jf_loops_active()->scores(n,
                              &(jf_score_rows){scores->psi + row, weight, copies, design->leverage + row,
                                               power, FULL_LEVERAGE, factor},
                              square);
}

typedef struct middle_sum {
    const jf_design *design;
    jf_se_kind kind;
    const jf_scores *scores;
    double *packed, *middle; /* rank (rank + 1) / 2; rank x rank */
} middle_sum;

static void add_to_middle(void *context, size_t row, size_t n, const double *const *q)
{
    middle_sum *m = context;
    size_t rank = m->design->rank;
    double square[JF_DESIGN_ROWS] = {0};

    weigh_rows(m->design, m->kind, m->scores, row, n, square);
    jf_loops_active()->gram(n, rank, q, square, m->packed);
    for (size_t a = 0, at = 0; a < rank; a++)
        for (size_t b = 0; b <= a; b++) m->middle[a * rank + b] += m->packed[at++];
}

/* middle += e^2 q q' over rows: rank x rank. */
static jf_status middle_of_rows(const jf_design *design, jf_se_kind kind, const jf_scores *scores,
                                double *middle, jf_error *err)
{
    size_t rank = design->rank;
    middle_sum m = {design, kind, scores, JF_NEW_ARRAY(double, rank *(rank + 1) / 2), middle};
    jf_status status;

    if (!m.packed) return jf_fail(err, JF_ENOMEM, "out of memory for a covariance");
    status = jf_design_visit(design, add_to_middle, &m, err);
    jf_free(m.packed);
    return status;
}

typedef struct group_sums {
    const jf_design *design;
    const jf_scores *scores;
    const uint32_t *group;
    double *sums;
} group_sums;

static void add_scores(void *context, size_t row, size_t n, const double *const *q)
{
    const group_sums *s = context;
    size_t rank = s->design->rank;

    for (size_t i = 0; i < n; i++) {
        double e = s->scores->psi[row + i] * sqrt(s->scores->weight ? s->scores->weight[row + i] : 1);
        double *sums = s->sums + s->group[row + i] * rank;

        for (size_t a = 0; a < rank; a++) sums[a] += e * q[a][i];
    }
}

jf_status jf_scores_sum(const jf_design *design, const jf_scores *scores, const uint32_t *group,
                        size_t n_groups, double *sums, jf_error *err)
{
    memset(sums, 0, n_groups * design->rank * sizeof *sums);
    return jf_design_visit(design, add_scores, &(group_sums){design, scores, group, sums}, err);
}

static jf_status sum_reduced(const jf_design *design, const jf_scores *scores, double *sums, jf_error *err)
{
    jf_cr2 cr2 = {0};
    jf_status status = jf_cr2_new(design, scores->group, scores->n_groups, &cr2, err);

    if (status == JF_OK) status = jf_cr2_sums(&cr2, scores, sums, err);
    jf_cr2_clear(&cr2);
    return status;
}

static jf_status middle_of_clusters(const jf_design *design, jf_se_kind kind, const jf_scores *scores,
                                    double *middle, jf_error *err)
{
    jf_status status = JF_OK;
    size_t rank = design->rank, groups = scores->n_groups;
    double g = (double)groups, big = scores->n_effective;
    double factor = kind == JF_SE_CR2 ? 1 : g / (g - 1) * (big - 1) / (big - (double)rank);
    double *sums;

    if (groups < 2)
        return jf_fail(err, JF_EDATA, "clustered errors need at least two groups, found %zu", groups);
    sums = JF_NEW_ARRAY(double, groups *rank);
    JF_TRY_NEW(sums, err, "clusters");
    if (kind == JF_SE_CR2)
        JF_TRY(sum_reduced(design, scores, sums, err));
    else
        JF_TRY(jf_scores_sum(design, scores, scores->group, groups, sums, err));
    for (size_t c = 0; c < groups; c++)
        for (size_t a = 0; a < rank; a++)
            for (size_t b = 0; b <= a; b++)
                middle[a * rank + b] += factor * sums[c * rank + a] * sums[c * rank + b];
done:
    jf_free(sums);
    return status;
}

/* inverse * middle * inverse' with only the lower triangle of `middle` filled. */
static void wrap_middle(const jf_design *design, const double *middle, double *half, double *covariance)
{
    size_t p = design->p, rank = design->rank;

    for (size_t j = 0; j < p; j++) {
        for (size_t a = 0; a < rank; a++) {
            double sum = 0;
            for (size_t b = 0; b < rank; b++)
                sum += design->inverse[j * rank + b] * (a > b ? middle[a * rank + b] : middle[b * rank + a]);
            half[j * rank + a] = sum;
        }
    }
    for (size_t j = 0; j < p; j++) {
        for (size_t m = 0; m <= j; m++) {
            double sum = 0;
            for (size_t a = 0; a < rank; a++) sum += half[j * rank + a] * design->inverse[m * rank + a];
            covariance[j * p + m] = covariance[m * p + j] = sum;
        }
    }
}

jf_status jf_covariance_run(const jf_design *design, jf_se_kind kind, const jf_scores *scores,
                            double *covariance, jf_error *err)
{
    jf_status status = JF_OK;
    size_t rank = design->rank;
    double *middle = JF_NEW_ZEROED(double, rank *rank), *half = JF_NEW_ARRAY(double, design->p *rank);

    JF_TRY_NEW(middle && half ? middle : NULL, err, "a covariance");
    if (kind == JF_SE_CLASSICAL)
        for (size_t a = 0; a < rank; a++) middle[a * rank + a] = scores->variance;
    else if (kind == JF_SE_CLUSTER || kind == JF_SE_CR2)
        JF_TRY(middle_of_clusters(design, kind, scores, middle, err));
    else
        JF_TRY(middle_of_rows(design, kind, scores, middle, err));
    if (kind != JF_SE_CLASSICAL)
        for (size_t i = 0; i < rank * rank; i++) middle[i] /= scores->slope * scores->slope;
    wrap_middle(design, middle, half, covariance);
done:
    jf_free(middle);
    jf_free(half);
    return status;
}

double jf_design_condition(const jf_design *design)
{
    double sum = 0;

    if (design->rank < design->p) return INFINITY;
    for (size_t j = 0; j < design->p; j++)
        for (size_t i = 0; i < design->rank; i++) {
            double entry = design->length[j] * design->inverse[j * design->rank + i];
            sum += entry * entry;
        }
    return sqrt((double)design->p * sum);
}
