/* Breusch-Pagan, Jarque-Bera, Durbin-Watson, RESET, lack of fit against repeats, and the condition of the
 * Jacobian. */
#include "fit/infer/diagnose.h"

#include <gsl/gsl_cdf.h>
#include <lapacke.h>
#include <math.h>
#include <string.h>
#include "core/memory.h"

static const double FULL_LEVERAGE = 1e-12; /* of 1 - leverage: the row decides its own fitted value */
static const double DEPENDENT = 1e-10;     /* share of a column that its projections leave: none of its own */

/* ---- single rows ---- */

double jf_row_cook(const jf_fit *fit, size_t i)
{
    double left = 1 - fit->leverage[i];

    if (!(left > FULL_LEVERAGE)) return NAN;
    return fit->weight[i] * fit->residual[i] * fit->residual[i] * fit->leverage[i] /
           ((double)fit->k * fit->sigma * fit->sigma * left * left);
}

double jf_row_studentised(const jf_fit *fit, size_t i)
{
    double left = 1 - fit->leverage[i], square = fit->weight[i] * fit->residual[i] * fit->residual[i];
    double others;

    if (!(left > FULL_LEVERAGE) || fit->df < 2) return NAN;
    others = (fit->rss - square / left) / ((double)fit->df - 1);
    return sqrt(fit->weight[i]) * fit->residual[i] / sqrt(others * left);
}

/* ---- projections ---- */

/* Orthonormal columns to project on: those of the design, and more that are added. */
typedef struct basis {
    size_t n, n_design, n_more;
    const double *design; /* n x n_design, column-major */
    double *more;         /* n x n_more */
} basis;

static const double *basis_column(const basis *b, size_t j)
{
    return j < b->n_design ? b->design + j * b->n : b->more + (j - b->n_design) * b->n;
}

static double dot(const double *a, const double *b, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

/* Takes the part of `x` that lies in the basis off; twice, for the first time leaves rounding behind. */
static void project_off(const basis *b, double *x)
{
    for (int round = 0; round < 2; round++) {
        for (size_t j = 0; j < b->n_design + b->n_more; j++) {
            const double *q = basis_column(b, j);
            double share = dot(q, x, b->n);
            for (size_t i = 0; i < b->n; i++) x[i] -= share * q[i];
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

static double p_of_f(double statistic, double df1, double df2)
{
    return isnan(statistic) ? NAN : gsl_cdf_fdist_Q(statistic, df1, df2);
}

/* Koenker's form of Breusch and Pagan (1979): n R2 of the squared residuals on the Jacobian's columns and a
 * constant. `scratch`: n. */
static jf_test breusch_pagan(basis b, const double *residual, double *scratch)
{
    size_t n = b.n;
    double mean = dot(residual, residual, n) / (double)n, total = 0, left;
    jf_test test = {.statistic = NAN, .df1 = (double)b.n_design, .df2 = NAN, .p_value = NAN};

    for (size_t i = 0; i < n; i++) b.more[i] = 1;
    if (!basis_add(&b)) test.df1--;
    for (size_t i = 0; i < n; i++) scratch[i] = residual[i] * residual[i] - mean;
    total = dot(scratch, scratch, n);
    project_off(&b, scratch);
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

/* Near 2 where neighbouring rows of the table have unrelated residuals. */
static double durbin_watson(const double *residual, size_t n)
{
    double steps = 0, total = dot(residual, residual, n);

    for (size_t i = 1; i < n; i++) steps += pow(residual[i] - residual[i - 1], 2);
    return total > 0 ? steps / total : NAN;
}

/* Ramsey 1969: F of squares and cubes of the fitted values beside the Jacobian's columns. */
static jf_test reset(basis b, const jf_fit *fit, const double *residual, double *scratch)
{
    size_t n = b.n, added = 0;
    double before, after;
    jf_test test = {.statistic = NAN, .df1 = NAN, .df2 = NAN, .p_value = NAN};

    memcpy(scratch, residual, n * sizeof *scratch);
    project_off(&b, scratch);
    before = dot(scratch, scratch, n);
    for (int power = 2; power <= 3; power++) {
        double *column = b.more + n * b.n_more;
        for (size_t i = 0; i < n; i++) column[i] = sqrt(fit->weight[i]) * pow(fit->fitted[i], power);
        added += basis_add(&b);
    }
    project_off(&b, scratch);
    after = dot(scratch, scratch, n);
    test.df1 = (double)added;
    test.df2 = (double)n - (double)(b.n_design + b.n_more);
    if (!added || !(test.df2 > 0) || !(after > 0)) return test;
    test.statistic = fmax(before - after, 0) / test.df1 / (after / test.df2);
    test.p_value = p_of_f(test.statistic, test.df1, test.df2);
    return test;
}

/* ---- repeats ---- */

typedef struct repeat_sums {
    double weight, value; /* of one group: sums of w and w y */
} repeat_sums;

/* Squares about the groups' means and about the mean of all; which rows take part is in `use`. */
static void squares_of_repeats(const jf_fit *fit, const uint32_t *group, const bool *use, repeat_sums *sums,
                               jf_diagnostics *out, double *about_mean)
{
    double weight = 0, value = 0;

    out->pure_error = *about_mean = 0;
    for (size_t i = 0; i < fit->n; i++) {
        repeat_sums *sum = &sums[group[fit->rows[i]]];
        if (!use[i]) continue;
        if (sum->weight == 0) out->repeat_groups++;
        sum->weight += fit->weight[i];
        sum->value += fit->weight[i] * fit->observed[i];
        weight += fit->weight[i];
        value += fit->weight[i] * fit->observed[i];
        out->repeat_rows++;
    }
    for (size_t i = 0; i < fit->n; i++) {
        const repeat_sums *sum = &sums[group[fit->rows[i]]];
        if (!use[i]) continue;
        out->pure_error += fit->weight[i] * pow(fit->observed[i] - sum->value / sum->weight, 2);
        *about_mean += fit->weight[i] * pow(fit->observed[i] - value / weight, 2);
    }
}

/* F of what the law leaves beyond the scatter of repeats; `left`: its squares over the same rows. */
static jf_test lack_of_fit(const jf_fit *fit, const jf_diagnostics *found, double left)
{
    jf_test test = {.statistic = NAN,
                    .df1 = (double)found->repeat_groups - (double)fit->k,
                    .df2 = (double)(found->repeat_rows - found->repeat_groups),
                    .p_value = NAN};

    if (!(test.df1 > 0) || !(test.df2 > 0) || !(found->pure_error > 0)) return test;
    test.statistic = fmax(left - found->pure_error, 0) / test.df1 / (found->pure_error / test.df2);
    test.p_value = p_of_f(test.statistic, test.df1, test.df2);
    return test;
}

/* The first of each set of exact copies takes part: copies carry no pure error. */
static jf_status choose_rows(jf_fit_work *work, bool *use)
{
    jf_status status = JF_OK;
    jf_groups exact = {0};
    bool *seen = NULL;

    JF_TRY(jf_groups_exact(work->table, &exact, work->err));
    seen = JF_NEW_ZEROED(bool, exact.n_groups);
    JF_TRY_NEW(seen, work->err, "repeats");
    for (size_t i = 0; i < work->fit->n; i++) {
        uint32_t copy = exact.group[work->fit->rows[i]];
        use[i] = !seen[copy];
        seen[copy] = true;
    }
done:
    jf_free(seen);
    jf_groups_free(&exact);
    return status;
}

static jf_status judge_repeats(jf_fit_work *work)
{
    jf_status status = JF_OK;
    jf_fit *fit = work->fit;
    jf_diagnostics *out = &fit->diagnostics;
    jf_groups repeats = {0};
    bool *use = JF_NEW_ARRAY(bool, fit->n);
    repeat_sums *sums = NULL;
    double left = 0, about_mean;

    if (fit->post_run) goto done; /* repeats differ in what the law reads */
    JF_TRY_NEW(use, work->err, "repeats");
    JF_TRY(jf_groups_repeats(work->table, &repeats, work->err));
    sums = JF_NEW_ZEROED(repeat_sums, repeats.n_groups);
    JF_TRY_NEW(sums, work->err, "repeats");
    JF_TRY(choose_rows(work, use));
    squares_of_repeats(fit, repeats.group, use, sums, out, &about_mean);
    for (size_t i = 0; i < fit->n; i++)
        if (use[i]) left += fit->weight[i] * fit->residual[i] * fit->residual[i];
    if (out->repeat_rows == out->repeat_groups) goto done;
    out->lack_of_fit = lack_of_fit(fit, out, left);
    if (about_mean > 0) out->r2_limit = 1 - out->pure_error / about_mean;
done:
    jf_free(use);
    jf_free(sums);
    jf_groups_free(&repeats);
    return status;
}

/* ---- condition ---- */

/* Belsley, Kuh and Welsch 1980: largest over smallest singular value of the Jacobian with columns of length
 * one, from its (pseudo-)inverse P R^-1. */
static jf_status find_condition(jf_fit_work *work)
{
    jf_status status = JF_OK;
    const jf_design *design = &work->design;
    size_t p = design->p, rank = design->rank;
    double *matrix = NULL, *values = NULL, *rest = NULL;

    if (!rank || rank < p) return JF_OK;
    matrix = JF_NEW_ARRAY(double, p *p);
    values = JF_NEW_ARRAY(double, p);
    rest = JF_NEW_ARRAY(double, p);
    JF_TRY_NEW(matrix && values && rest ? matrix : NULL, work->err, "singular values");
    for (size_t j = 0; j < p; j++)
        for (size_t i = 0; i < p; i++) matrix[j * p + i] = design->length[j] * design->inverse[j * p + i];
    if (LAPACKE_dgesvd(LAPACK_ROW_MAJOR, 'N', 'N', (lapack_int)p, (lapack_int)p, matrix, (lapack_int)p,
                       values, NULL, (lapack_int)p, NULL, (lapack_int)p, rest) == 0)
        work->fit->diagnostics.condition_number = values[0] / values[p - 1];
done:
    jf_free(matrix);
    jf_free(values);
    jf_free(rest);
    return status;
}

/* ---- all ---- */

static const char *refusal(const jf_fit_work *work)
{
    if (work->fit->outcome == JF_FAILED) return "the fit failed";
    if (work->loss.kind != JF_LOSS_LS) return "these tests are of squares, and the loss is another";
    if (work->problem->weight && work->problem->weights_kind == JF_WEIGHTS_FREQUENCY)
        return "with frequency weights a row is no single observation";
    if (!work->design.q) return "the derivatives at the solution are not finite";
    return NULL;
}

static jf_status test_residuals(jf_fit_work *work)
{
    jf_status status = JF_OK;
    const jf_fit *fit = work->fit;
    jf_diagnostics *out = &work->fit->diagnostics;
    size_t n = fit->n;
    double *residual = JF_NEW_ARRAY(double, n), *scratch = JF_NEW_ARRAY(double, n);
    basis b = {.n = n, .n_design = work->design.rank, .design = work->design.q};

    b.more = JF_NEW_ARRAY(double, 2 * n);
    JF_TRY_NEW(residual && scratch && b.more ? residual : NULL, work->err, "diagnostics");
    for (size_t i = 0; i < n; i++) residual[i] = sqrt(fit->weight[i]) * fit->residual[i];
    out->breusch_pagan = breusch_pagan(b, residual, scratch);
    out->jarque_bera = jarque_bera(residual, n);
    out->durbin_watson = durbin_watson(residual, n);
    out->reset = reset(b, fit, residual, scratch);
done:
    jf_free(residual);
    jf_free(scratch);
    jf_free(b.more);
    return status;
}

jf_status jf_fit_diagnose(jf_fit_work *work)
{
    static const jf_test none = {NAN, NAN, NAN, NAN};
    jf_status status = JF_OK;
    jf_diagnostics *out = &work->fit->diagnostics;

    *out = (jf_diagnostics){.refused = refusal(work),
                            .breusch_pagan = none,
                            .jarque_bera = none,
                            .reset = none,
                            .lack_of_fit = none,
                            .durbin_watson = NAN,
                            .condition_number = NAN,
                            .pure_error = NAN,
                            .r2_limit = NAN};
    if (work->design.q) JF_TRY(find_condition(work));
    if (out->refused) goto done;
    JF_TRY(test_residuals(work));
    JF_TRY(judge_repeats(work));
done:
    return status;
}
