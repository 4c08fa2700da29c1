/* Tests of the residuals and of the law's form: Breusch-Pagan, Jarque-Bera, Anderson-Darling, Durbin-Watson,
 * RESET. */
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "fit/infer/design_rows.h"
#include "fit/infer/diagnose_parts.h"
#include "fit/problem/loops.h"

static const double DEPENDENT = 1e-10; /* share of a column that its projections leave: none of its own */

/* ---- projections ---- */

/* Orthonormal columns to project on: those of the design, and more that are added. */
typedef struct basis {
    size_t n, n_more;
    const jf_design *design;
    double *more;   /* n x n_more */
    double *shares; /* rank of the design */
    jf_error *err;
    jf_status status; /* of the passes so far */
} basis;

static double dot(const double *a, const double *b, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

typedef struct projection {
    basis *basis;
    double *x; /* n */
} projection;

static void add_shares(void *context, size_t row, size_t n, const double *const *q)
{
    projection *p = context;

    for (size_t j = 0; j < p->basis->design->rank; j++) p->basis->shares[j] += dot(q[j], p->x + row, n);
}

static void take_shares(void *context, size_t row, size_t n, const double *const *q)
{
    projection *p = context;

    jf_loops_active()->take_off(n, p->basis->design->rank, q, p->basis->shares, p->x + row);
}

/* Takes the part of `x` that lies in the basis off; twice, for the first time leaves rounding behind. */
static void project_off(basis *b, double *x)
{
    projection p = {b, x};

    for (int round = 0; round < 2 && b->status == JF_OK; round++) {
        memset(b->shares, 0, b->design->rank * sizeof *b->shares);
        b->status = jf_design_visit(b->design, add_shares, &p, b->err);
        if (b->status == JF_OK) b->status = jf_design_visit(b->design, take_shares, &p, b->err);
        for (size_t j = 0; j < b->n_more; j++) {
            const double *q = b->more + j * b->n, share = dot(q, x, b->n);

            jf_loops_active()->take_off(b->n, 1, &q, &share, x);
        }
    }
}

/* Adds what is new in the column that lies at basis->more + n * n_more; false when nothing is. */
static bool basis_add(basis *b)
{
    double *x = b->more + b->n * b->n_more, before = sqrt(dot(x, x, b->n)), after;

    project_off(b, x);
    after = sqrt(dot(x, x, b->n));
    if (!(after > DEPENDENT * before)) return false;
    for (size_t i = 0; i < b->n; i++) x[i] /= after;
    b->n_more++;
    return true;
}

/* ---- tests ---- */

static double p_of_chi2(double statistic, double df)
{
    return isnan(statistic) ? NAN : gsl_cdf_chisq_Q(statistic, df);
}

/* Koenker's form of Breusch and Pagan (1979): n R2 of the squared residuals on the Jacobian's columns and a
 * constant. `scratch`: n. */
static jf_test breusch_pagan(basis *b, const double *residual, double *scratch)
{
    size_t n = b->n;
    double mean = dot(residual, residual, n) / (double)n, total = 0, left;
    jf_test test = {.statistic = NAN, .df1 = (double)b->design->rank, .df2 = NAN, .p_value = NAN};

    for (size_t i = 0; i < n; i++) b->more[i] = 1;
    if (!basis_add(b)) test.df1--;
    for (size_t i = 0; i < n; i++) scratch[i] = residual[i] * residual[i] - mean;
    total = dot(scratch, scratch, n);
    project_off(b, scratch);
    left = dot(scratch, scratch, n);
    if (!(total > 0) || !(test.df1 > 0)) return test;
    test.statistic = (double)n * (1 - left / total);
    test.p_value = p_of_chi2(test.statistic, test.df1);
    return test;
}

/* Jarque and Bera 1987: skewness and excess of the residuals. */
static jf_test jarque_bera(const double *residual, size_t n)
{
    double mean = 0, two = 0, three = 0, four = 0, skewness, kurtosis;
    jf_test test = {.statistic = NAN, .df1 = 2, .df2 = NAN, .p_value = NAN};

    for (size_t i = 0; i < n; i++) mean += residual[i] / (double)n;
    for (size_t i = 0; i < n; i++) {
        double e = residual[i] - mean, square = e * e;
        two += square / (double)n;
        three += square * e / (double)n;
        four += square * square / (double)n;
    }
    if (!(two > 0)) return test;
    skewness = three / pow(two, 1.5);
    kurtosis = four / (two * two);
    test.statistic = (double)n / 6 * (skewness * skewness + (kurtosis - 3) * (kurtosis - 3) / 4);
    test.p_value = p_of_chi2(test.statistic, 2);
    return test;
}

/* Anderson and Darling 1954 with mean and variance estimated; p by Stephens 1986 (D'Agostino and Stephens,
 * Goodness-of-Fit Techniques, table 4.9). `sorted`: n of scratch. */
static jf_test anderson_darling(const double *residual, size_t n, double *sorted)
{
    jf_test test = {.statistic = NAN, .df1 = NAN, .df2 = NAN, .p_value = NAN};
    double mean = 0, squares = 0, scale, sum = 0, a;

    if (n < 8) return test;
    for (size_t i = 0; i < n; i++) mean += residual[i] / (double)n;
    for (size_t i = 0; i < n; i++) squares += (residual[i] - mean) * (residual[i] - mean);
    scale = sqrt(squares / (double)(n - 1));
    if (!(scale > 0)) return test;
    memcpy(sorted, residual, n * sizeof *sorted);
    gsl_sort(sorted, 1, n);
    for (size_t i = 0; i < n; i++) {
        double below = gsl_cdf_ugaussian_P((sorted[i] - mean) / scale);
        double above = gsl_cdf_ugaussian_Q((sorted[n - 1 - i] - mean) / scale);
        sum += (2 * (double)i + 1) * (log(below) + log(above)) / (double)n;
    }
    test.statistic = -(double)n - sum;
    a = test.statistic * (1 + 0.75 / (double)n + 2.25 / ((double)n * (double)n));
    test.p_value = a < 0.2    ? 1 - exp(-13.436 + 101.14 * a - 223.73 * a * a)
                   : a < 0.34 ? 1 - exp(-8.318 + 42.796 * a - 59.938 * a * a)
                   : a < 0.6  ? exp(0.9177 - 4.279 * a - 1.38 * a * a)
                   : a < 10   ? exp(1.2937 - 5.709 * a + 0.0186 * a * a)
                              : 3.7e-24; /* the fit of the table ends there */
    return test;
}

/* Near 2 where neighbouring rows of the table have unrelated residuals. */
static double durbin_watson(const double *residual, size_t n)
{
    double steps = 0, total = dot(residual, residual, n);

    for (size_t i = 1; i < n; i++) steps += pow(residual[i] - residual[i - 1], 2);
    return total > 0 ? steps / total : NAN;
}

/* Ramsey 1969: F of squares and cubes of the fitted values beside the Jacobian's columns. */
static jf_test reset(basis *b, const jf_fit *fit, const double *residual, double *scratch)
{
    size_t n = b->n, added = 0;
    double before, after;
    jf_test test = {.statistic = NAN, .df1 = NAN, .df2 = NAN, .p_value = NAN};

    memcpy(scratch, residual, n * sizeof *scratch);
    project_off(b, scratch);
    before = dot(scratch, scratch, n);
    for (int power = 2; power <= 3; power++) {
        double *column = b->more + n * b->n_more;
        for (size_t i = 0; i < n; i++) column[i] = sqrt(fit->weight[i]) * pow(fit->fitted[i], power);
        added += basis_add(b);
    }
    project_off(b, scratch);
    after = dot(scratch, scratch, n);
    test.df1 = (double)added;
    test.df2 = (double)n - (double)(b->design->rank + b->n_more);
    if (!added || !(test.df2 > 0) || !(after > 0)) return test;
    test.statistic = fmax(before - after, 0) / test.df1 / (after / test.df2);
    test.p_value = jf_p_of_f(test.statistic, test.df1, test.df2);
    return test;
}

/* ---- all ---- */

jf_status jf_test_residuals(jf_fit_work *work)
{
    jf_status status = JF_OK;
    const jf_fit *fit = work->fit;
    jf_diagnostics *out = &work->fit->diagnostics;
    size_t n = fit->n;
    double *residual = JF_NEW_ARRAY(double, n), *scratch = JF_NEW_ARRAY(double, n);
    basis b = {.n = n, .design = &work->design, .err = work->err};

    b.more = JF_NEW_ARRAY(double, 2 * n);
    b.shares = JF_NEW_ARRAY(double, work->design.rank);
    JF_TRY_NEW(residual && scratch && b.more && b.shares ? residual : NULL, work->err, "diagnostics");
    for (size_t i = 0; i < n; i++) residual[i] = sqrt(fit->weight[i]) * fit->residual[i];
    out->breusch_pagan = breusch_pagan(&b, residual, scratch);
    b.n_more = 0;
    out->jarque_bera = jarque_bera(residual, n);
    out->anderson_darling = anderson_darling(residual, n, scratch);
    out->durbin_watson = durbin_watson(residual, n);
    out->reset = reset(&b, fit, residual, scratch);
    JF_TRY(b.status);
done:
    jf_free(residual);
    jf_free(scratch);
    jf_free(b.more);
    jf_free(b.shares);
    return status;
}
