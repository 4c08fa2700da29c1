/* QR of the scaled Jacobian and the sandwiches built on it. */
#include "fit/infer/covariance.h"

#include <lapacke.h>
#include <math.h>
#include <string.h>
#include "core/expr/kernels.h"
#include "core/memory.h"
#include "fit/infer/cr2.h"
#include "fit/infer/design_normal.h"
#include "fit/loops.h"

/* A pivot below this share of the largest means that the column depends on the others: far above the rounding
 * of the Jacobian (1e-15), far below what badly conditioned but sound polynomials show (1e-10). */
static const double RANK_TOLERANCE = 1e-12;
/* A row with 1 - leverage below this fixes its own fitted value: its residual is zero whatever it says. */
static const double FULL_LEVERAGE = 1e-10;

void jf_design_clear(jf_design *design)
{
    jf_free(design->q);
    jf_free(design->inverse);
    jf_free(design->length);
    jf_free(design->spread);
    jf_free(design->null);
    jf_free(design->leverage);
    jf_free(design->determined);
    *design = (jf_design){0};
}

/* Lengths and spreads of columns, and into q the columns at length one, rows times sqrt(weight). False where
 * a derivative is not finite. */
static bool scale_columns(const double *jacobian, const double *weight, jf_design *design)
{
    const jf_loops *loops = jf_loops_active();

    for (size_t j = 0; j < design->p; j++) {
        const double *column = jacobian + j * design->n;
        double sums[3];

        loops->spread(design->n, column, weight, 0, sums);
        if (!isfinite(sums[1]) || !isfinite(sums[2])) return false;
        design->length[j] = sqrt(sums[2]);
        loops->spread(design->n, column, weight, sums[1] / sums[0], sums);
        design->spread[j] = sqrt(sums[2]);
        loops->scale(design->n, column, weight, design->length[j] > 0 ? 1 / design->length[j] : 1,
                     design->q + j * design->n);
    }
    return true;
}

/* R^-1 (rank x rank, upper, row-major) of the leading block of the factored matrix. */
static void invert_triangle(const double *factored, size_t n, size_t rank, double *inverse)
{
    memset(inverse, 0, rank * rank * sizeof *inverse);
    for (size_t column = 0; column < rank; column++) {
        for (size_t row = column + 1; row-- > 0;) {
            double sum = row == column ? 1 : 0;
            for (size_t i = row + 1; i <= column; i++)
                sum -= factored[row + i * n] * inverse[i * rank + column];
            inverse[row * rank + column] = sum / factored[row + row * n];
        }
    }
}

/* Null directions: pivoted column rank + m is -(R11^-1 R12) of the leading ones. Back in parameter units. */
static void find_null(const double *factored, const int *pivot, const double *triangle, jf_design *design)
{
    size_t p = design->p, rank = design->rank;

    for (size_t j = 0; j < p; j++) design->determined[j] = true;
    for (size_t m = 0; m < p - rank; m++) {
        double *direction = design->null + m * p, largest = 0;
        size_t own = (size_t)pivot[rank + m] - 1;

        memset(direction, 0, p * sizeof *direction);
        direction[own] = 1;
        for (size_t row = 0; row < rank; row++) {
            double sum = 0;
            for (size_t i = row; i < rank; i++)
                sum -= triangle[row * rank + i] * factored[i + (rank + m) * design->n];
            /* judged in scaled units, where all columns have length one */
            direction[pivot[row] - 1] = fabs(sum) > 1e-8 && design->length[own] > 0 ? sum : 0;
        }
        for (size_t j = 0; j < p; j++) {
            if (direction[j] != 0) design->determined[j] = false;
            if (design->length[j] > 0) direction[j] /= design->length[j];
            largest = fmax(largest, fabs(direction[j]));
        }
        for (size_t j = 0; j < p; j++) direction[j] /= largest;
    }
}

/* D^-1 P R^-1: row j of the result belongs to parameter j, zero for the dependent ones. */
static void find_inverse(const int *pivot, const double *triangle, jf_design *design)
{
    memset(design->inverse, 0, design->p * design->rank * sizeof *design->inverse);
    for (size_t row = 0; row < design->rank; row++) {
        size_t j = (size_t)pivot[row] - 1;
        for (size_t i = 0; i < design->rank; i++)
            design->inverse[j * design->rank + i] = triangle[row * design->rank + i] / design->length[j];
    }
}

static jf_status find_leverage(jf_design *design, jf_error *err)
{
    const double **columns = JF_NEW_ARRAY(const double *, design->rank);

    if (!columns) return jf_fail(err, JF_ENOMEM, "out of memory for the factored Jacobian");
    for (size_t j = 0; j < design->rank; j++) columns[j] = design->q + j * design->n;
    jf_loops_active()->lengths(design->n, design->rank, columns, design->leverage);
    jf_free((void *)columns);
    return JF_OK;
}

static size_t find_rank(const double *factored, size_t n, size_t most)
{
    size_t rank = 0;

    while (rank < most && fabs(factored[rank + rank * n]) > RANK_TOLERANCE * fabs(factored[0])) rank++;
    return rank;
}

/* Makes room for what a design of this rank holds. */
static jf_status make_room(jf_design *design, jf_error *err)
{
    size_t p = design->p;

    design->inverse = JF_NEW_ARRAY(double, p * design->rank);
    design->null = JF_NEW_ARRAY(double, p *(p - design->rank));
    if (design->inverse && design->null) return JF_OK;
    return jf_fail(err, JF_ENOMEM, "out of memory for the factored Jacobian");
}

/* Everything that follows from the matrix as dgeqp3 leaves it in q; q itself then takes the reflectors'
 * place.
 */
static jf_status finish_pivoted(const int *pivot, const double *tau, jf_design *design, jf_error *err)
{
    jf_status status = JF_OK;
    size_t n = design->n, p = design->p;
    double *triangle, *factored = design->q;

    design->rank = find_rank(factored, n, n < p ? n : p);
    triangle = JF_NEW_ARRAY(double, design->rank * design->rank);
    JF_TRY_NEW(triangle, err, "the factored Jacobian");
    JF_TRY(make_room(design, err));
    invert_triangle(factored, n, design->rank, triangle);
    find_null(factored, pivot, triangle, design);
    find_inverse(pivot, triangle, design);
    if (design->rank && LAPACKE_dorgqr(LAPACK_COL_MAJOR, (lapack_int)n, (lapack_int)design->rank,
                                       (lapack_int)design->rank, factored, (lapack_int)n, tau) != 0) {
        status = jf_fail(err, JF_EFIT, "the QR factors of the Jacobian could not be formed");
        goto done;
    }
done:
    jf_free(triangle);
    return status;
}

static jf_status factor_pivoted(jf_design *design, jf_error *err)
{
    jf_status status = JF_OK;
    size_t n = design->n, p = design->p;
    int *pivot = JF_NEW_ZEROED(int, p);
    double *tau = JF_NEW_ARRAY(double, p);

    JF_TRY_NEW(pivot && tau ? tau : NULL, err, "the factored Jacobian");
    if (p && n &&
        LAPACKE_dgeqp3(LAPACK_COL_MAJOR, (lapack_int)n, (lapack_int)p, design->q, (lapack_int)n, pivot,
                       tau) != 0) {
        status = jf_fail(err, JF_EFIT, "the Jacobian could not be factored");
        goto done;
    }
    JF_TRY(finish_pivoted(pivot, tau, design, err));
done:
    jf_free(pivot);
    jf_free(tau);
    return status;
}

/* By normal equations where the columns are well told apart; `*told` says whether they were. */
static jf_status factor_plain(jf_design *design, bool *told, jf_error *err)
{
    jf_status status = JF_OK;
    size_t p = design->p;
    int *pivot = JF_NEW_ARRAY(int, p);
    double *r = JF_NEW_ARRAY(double, 2 * p * p);

    *told = false;
    JF_TRY_NEW(pivot && r ? r : NULL, err, "the factored Jacobian");
    for (size_t j = 0; j < p; j++) pivot[j] = (int)j + 1;
    JF_TRY(jf_design_normal(design->q, design->n, p, r, told, err));
    if (!*told) goto done;
    design->rank = p;
    JF_TRY(make_room(design, err));
    for (size_t j = 0; j < p; j++) design->determined[j] = true;
    invert_triangle(r, p, p, r + p * p);
    find_inverse(pivot, r + p * p, design);
done:
    jf_free(pivot);
    jf_free(r);
    return status;
}

jf_status jf_design_build(const double *jacobian, size_t n, size_t p, const double *weight, jf_design *out,
                          jf_error *err)
{
    jf_status status = JF_OK;
    bool told = false;

    *out = (jf_design){.n = n, .p = p};
    out->q = JF_NEW_ARRAY(double, n *p);
    out->length = JF_NEW_ARRAY(double, p);
    out->spread = JF_NEW_ARRAY(double, p);
    out->leverage = JF_NEW_ARRAY(double, n);
    out->determined = JF_NEW_ZEROED(bool, p);
    JF_TRY_NEW(out->q && out->length && out->spread && out->leverage && out->determined ? out : NULL, err,
               "the factored Jacobian");
    if (!scale_columns(jacobian, weight, out))
        JF_TRY(jf_fail(err, JF_EFIT, "the derivatives at the solution are not finite"));
    if (p && n > p) JF_TRY(factor_plain(out, &told, err));
    if (!told) JF_TRY(factor_pivoted(out, err));
    JF_TRY(find_leverage(out, err));
done:
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
static void weigh_rows(const jf_design *design, jf_se_kind kind, const jf_scores *scores, double *square)
{
    const double *copies = scores->kind == JF_WEIGHTS_FREQUENCY ? scores->weight : NULL;
    int power = kind == JF_SE_HC2 ? 1 : kind == JF_SE_HC3 ? 2 : 0;
    double n = scores->n_effective, factor = kind == JF_SE_HC1 ? n / (n - (double)design->rank) : 1;

    jf_loops_active()->scores(
        design->n,
        &(jf_score_rows){scores->psi, scores->weight, copies, design->leverage, power, FULL_LEVERAGE, factor},
        square);
}

/* middle += e^2 q q' over rows: rank x rank. The rows that are left over in whole steps of the loops are
 * added one by one. */
static jf_status middle_of_rows(const jf_design *design, jf_se_kind kind, const jf_scores *scores,
                                double *middle, jf_error *err)
{
    jf_status status = JF_OK;
    size_t rank = design->rank, n = design->n, whole = n - n % JF_LANES;
    const double **columns = JF_NEW_ARRAY(const double *, rank);
    double *square = JF_NEW_ARRAY(double, n), *packed = JF_NEW_ARRAY(double, rank *(rank + 1) / 2);

    JF_TRY_NEW(columns && square && packed ? packed : NULL, err, "a covariance");
    for (size_t a = 0; a < rank; a++) columns[a] = design->q + a * n;
    weigh_rows(design, kind, scores, square);
    jf_loops_active()->gram(whole, rank, columns, square, packed);
    for (size_t a = 0, at = 0; a < rank; a++)
        for (size_t b = 0; b <= a; b++, at++) {
            double *entry = &middle[a * rank + b];

            *entry += packed[at];
            for (size_t i = whole; i < n; i++) *entry += square[i] * columns[a][i] * columns[b][i];
        }
done:
    jf_free((void *)columns);
    jf_free(square);
    jf_free(packed);
    return status;
}

/* Scores summed over each group: n_groups x rank. */
static void sum_scores(const jf_design *design, const jf_scores *scores, double *sums)
{
    size_t rank = design->rank, n = design->n;

    for (size_t i = 0; i < n; i++) {
        double e = scores->psi[i] * sqrt(scores->weight ? scores->weight[i] : 1);
        for (size_t a = 0; a < rank; a++) sums[scores->group[i] * rank + a] += e * design->q[a * n + i];
    }
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
    sums = JF_NEW_ZEROED(double, groups *rank);
    JF_TRY_NEW(sums, err, "clusters");
    if (kind == JF_SE_CR2)
        JF_TRY(sum_reduced(design, scores, sums, err));
    else
        sum_scores(design, scores, sums);
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
