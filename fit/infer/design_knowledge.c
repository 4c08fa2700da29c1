/* Variances of what a set of runs tells, with one run more: rank-one updates of the inverse information
 * matrix, and a small QR where some direction is not determined yet. */
#include <lapacke.h>
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "fit/infer/covariance.h"
#include "fit/infer/design_parts.h"

static const double OPEN = 1e-6; /* share of a gradient along an open direction that counts */

void jf_knowledge_clear(jf_knowledge *known)
{
    jf_free(known->factor);
    jf_free(known->covariance);
    *known = (jf_knowledge){0};
}

/* C = S S' with S the p x rank matrix that takes scaled errors to estimates. */
static void fill_covariance(const jf_design *design, double *covariance)
{
    size_t p = design->p, rank = design->rank;

    for (size_t a = 0; a < p; a++)
        for (size_t b = 0; b < p; b++) {
            double sum = 0;
            for (size_t i = 0; i < rank; i++)
                sum += design->inverse[a * rank + i] * design->inverse[b * rank + i];
            covariance[a * p + b] = sum;
        }
}

/* The rows of the factor, and one more where `row` is given, factored with pivoting. */
static jf_status factor_again(const jf_knowledge *known, const double *row, jf_design *out, jf_error *err)
{
    jf_status status = JF_OK;
    size_t p = known->p, m = p + (row ? 1 : 0);
    double *rows = JF_NEW_ARRAY(double, m *p);
    jf_row_matrix matrix = {rows, m, p};
    jf_row_source source = jf_rows_of_matrix(&matrix);

    JF_TRY_NEW(rows, err, "candidates");
    for (size_t j = 0; j < p; j++) {
        memcpy(rows + j * m, known->factor + j * (p + 1), p * sizeof *rows);
        if (row) rows[j * m + p] = row[j];
    }
    JF_TRY(jf_design_build(&source, m, p, NULL, out, err)); /* no pass over its rows comes after */
done:
    jf_free(rows);
    return status;
}

/* Brings m rows (stride `m`, column-major) to the p x p triangle of `known`. */
static jf_status compress(double *rows, size_t m, size_t p, jf_knowledge *known, jf_error *err)
{
    jf_status status = JF_OK;
    double *tau = JF_NEW_ARRAY(double, p);

    JF_TRY_NEW(tau, err, "candidates");
    if (p && LAPACKE_dgeqrf(LAPACK_COL_MAJOR, (lapack_int)m, (lapack_int)p, rows, (lapack_int)m, tau) != 0) {
        status = jf_fail(err, JF_EFIT, "the Jacobian could not be factored");
        goto done;
    }
    memset(known->factor, 0, (p + 1) * p * sizeof *known->factor);
    for (size_t j = 0; j < p; j++)
        for (size_t i = 0; i <= j && i < m; i++) known->factor[j * (p + 1) + i] = rows[j * m + i];
done:
    jf_free(tau);
    return status;
}

static jf_status invert(jf_knowledge *known, jf_error *err)
{
    jf_design design = {0};
    jf_status status = factor_again(known, NULL, &design, err);

    if (status == JF_OK) {
        known->is_whole = design.rank == known->p;
        if (known->is_whole) fill_covariance(&design, known->covariance);
    }
    jf_design_clear(&design);
    return status;
}

jf_status jf_knowledge_new(double *rows, size_t m, size_t p, jf_knowledge *out, jf_error *err)
{
    jf_status status = JF_OK;

    *out = (jf_knowledge){.p = p};
    out->factor = JF_NEW_ZEROED(double, (p + 1) * p);
    out->covariance = JF_NEW_ZEROED(double, p *p);
    JF_TRY_NEW(out->factor && out->covariance, err, "candidates");
    JF_TRY(compress(rows, m, p, out, err));
    JF_TRY(invert(out, err));
done:
    if (status != JF_OK) jf_knowledge_clear(out);
    return status;
}

static double dot(const double *a, const double *b, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

/* out = C row. */
static void multiply(const jf_knowledge *known, const double *row, double *out)
{
    for (size_t a = 0; a < known->p; a++) out[a] = dot(known->covariance + a * known->p, row, known->p);
}

/* log det C, from the factor's triangle (C = (F'F)^-1). */
static double log_determinant(const jf_knowledge *known)
{
    double sum = 0;

    for (size_t j = 0; j < known->p; j++) sum -= 2 * log(fabs(known->factor[j * (known->p + 1) + j]));
    return sum;
}

/* Sherman and Morrison: C - C r r'C / (1 + r'C r). */
static double whole_variance(jf_knowledge *known, const double *gradients, size_t q, const double *row,
                             double *scratch)
{
    size_t p = known->p;
    double *pull = scratch, *own = scratch + p, growth = 0, sum = 0;

    if (row) {
        multiply(known, row, pull);
        growth = dot(row, pull, p);
    }
    if (!gradients) return exp((log_determinant(known) - log1p(growth)) / (double)p);
    for (size_t i = 0; i < q; i++) {
        const double *g = gradients + i * p;
        double along = row ? dot(g, pull, p) : 0;

        multiply(known, g, own);
        sum += fmax(dot(g, own, p) - along * along / (1 + growth), 0);
    }
    return sum / (double)q;
}

static bool is_open(const jf_design *design, const double *gradient)
{
    for (size_t m = 0; m < design->p - design->rank; m++) {
        double sum = 0, size = 0;
        for (size_t j = 0; j < design->p; j++) {
            double part = gradient[j] * design->null[m * design->p + j];
            sum += part;
            size += fabs(part);
        }
        if (size > 0 && fabs(sum) > OPEN * size) return true;
    }
    return false;
}

static double open_variance(const jf_design *design, const double *gradients, size_t q)
{
    double sum = 0;
    size_t p = design->p, rank = design->rank;

    if (!gradients) return INFINITY;
    for (size_t i = 0; i < q; i++) {
        const double *g = gradients + i * p;
        if (is_open(design, g)) return INFINITY;
        for (size_t a = 0; a < rank; a++) {
            double part = 0;
            for (size_t j = 0; j < p; j++) part += g[j] * design->inverse[j * rank + a];
            sum += part * part;
        }
    }
    return sum / (double)q;
}

jf_status jf_knowledge_variance(jf_knowledge *known, const double *gradients, size_t q, const double *row,
                                double *scratch, double *variance, jf_error *err)
{
    jf_status status = JF_OK;
    jf_design design = {0};
    size_t p = known->p;

    if (known->is_whole) {
        *variance = whole_variance(known, gradients, q, row, scratch);
        return JF_OK;
    }
    JF_TRY(factor_again(known, row, &design, err));
    if (design.rank == p && !gradients) {
        fill_covariance(&design, known->covariance); /* scratch here: not whole */
        status = LAPACKE_dpotrf(LAPACK_ROW_MAJOR, 'L', (lapack_int)p, known->covariance, (lapack_int)p) == 0
                     ? JF_OK
                     : jf_fail(err, JF_EFIT, "the covariance with one run more could not be factored");
        *variance = 0;
        for (size_t j = 0; j < p; j++) *variance += 2 * log(known->covariance[j * p + j]) / (double)p;
        *variance = exp(*variance);
    } else {
        *variance = open_variance(&design, gradients, q);
    }
done:
    jf_design_clear(&design);
    return status;
}

jf_status jf_knowledge_add(jf_knowledge *known, const double *row, double *scratch, jf_error *err)
{
    jf_status status = JF_OK;
    size_t p = known->p;
    bool was_whole = known->is_whole;
    double *pull = scratch, growth, *rows = JF_NEW_ARRAY(double, (p + 1) * p);

    JF_TRY_NEW(rows, err, "candidates");
    for (size_t j = 0; j < p; j++) known->factor[j * (p + 1) + p] = row[j];
    memcpy(rows, known->factor, (p + 1) * p * sizeof *rows);
    JF_TRY(compress(rows, p + 1, p, known, err));
    if (!was_whole) {
        JF_TRY(invert(known, err));
        goto done;
    }
    multiply(known, row, pull);
    growth = dot(row, pull, p);
    for (size_t a = 0; a < p; a++)
        for (size_t b = 0; b < p; b++) known->covariance[a * p + b] -= pull[a] * pull[b] / (1 + growth);
done:
    jf_free(rows);
    return status;
}
