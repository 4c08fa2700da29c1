/* Runs of one configuration: what they say of the noise, of the law, and of what no law can explain. */
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "fit/infer/diagnose_parts.h"

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
    test.p_value = jf_p_of_f(test.statistic, test.df1, test.df2);
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

/* ---- rows that are merged repeats already (--aggregate) ---- */

/* Columns of such a table: how many runs a row stands for, and their variance on the raw scale. */
typedef struct merged_rows {
    const double *n, *variance;
    bool is_log; /* the law's scale is the logarithm of the raw response, else the response itself */
} merged_rows;

static const double *numbers_of(const jf_table *table, const char *name)
{
    const jf_column *column = jf_table_find(table, name);

    return column && column->kind == JF_NUMERIC ? column->values : NULL;
}

static bool find_merged(const jf_fit_work *work, merged_rows *out)
{
    char name[300];

    snprintf(name, sizeof name, "log(%s)", work->fit->raw_response);
    out->is_log = strcmp(work->fit->response, name) == 0;
    if (!out->is_log && strcmp(work->fit->response, work->fit->raw_response) != 0) return false;
    snprintf(name, sizeof name, "%s_var", work->fit->raw_response);
    out->n = numbers_of(work->table, "repeats");
    out->variance = numbers_of(work->table, name);
    return out->n && out->variance;
}

/* Squares of the runs behind a row about its mean, on the law's scale (logarithms: to first order). */
static double squares_within(const jf_fit *fit, const merged_rows *rows, size_t i)
{
    double n = rows->n[fit->rows[i]], variance = rows->variance[fit->rows[i]];

    if (!(n > 1)) return 0;
    return (n - 1) * (rows->is_log ? variance / pow(fit->raw_observed[i], 2) : variance);
}

/* Do the weights of the fit count the runs behind each row? */
static bool counts_runs(const jf_fit *fit, const merged_rows *rows)
{
    double first = fit->weight[0] / rows->n[fit->rows[0]];

    for (size_t i = 0; i < fit->n; i++)
        if (!(fabs(fit->weight[i] / rows->n[fit->rows[i]] - first) <= 1e-9 * first)) return false;
    return true;
}

/* The runs behind merged rows: pure error and the limit of R2; the test where --weights repeats counts them.
 */
static void judge_merged(const jf_fit *fit, const merged_rows *rows, jf_diagnostics *out)
{
    double n = 0, sum = 0, squares = 0, left = 0, pure = 0;

    for (size_t i = 0; i < fit->n; i++) {
        double runs = rows->n[fit->rows[i]];
        n += runs;
        sum += runs * fit->observed[i];
        pure += squares_within(fit, rows, i);
        left += runs * fit->residual[i] * fit->residual[i];
    }
    if (!(n > (double)fit->n) || isnan(pure)) return;
    for (size_t i = 0; i < fit->n; i++) squares += rows->n[fit->rows[i]] * pow(fit->observed[i] - sum / n, 2);
    out->repeat_rows = (size_t)n;
    out->repeat_groups = fit->n;
    out->pure_error = pure;
    if (counts_runs(fit, rows)) out->lack_of_fit = lack_of_fit(fit, out, left + pure);
    if (squares + pure > 0) out->r2_limit = 1 - pure / (squares + pure);
}

jf_status jf_judge_repeats(jf_fit_work *work)
{
    jf_status status = JF_OK;
    jf_fit *fit = work->fit;
    jf_diagnostics *out = &fit->diagnostics;
    jf_groups repeats = {0};
    bool *use = JF_NEW_ARRAY(bool, fit->n);
    repeat_sums *sums = NULL;
    double left = 0, about_mean;
    merged_rows merged;

    if (fit->post_run) goto done; /* repeats differ in what the law reads */
    if (find_merged(work, &merged)) {
        judge_merged(fit, &merged, out);
        goto done;
    }
    JF_TRY_NEW(use, work->err, "repeats");
    JF_TRY(jf_groups_repeats(work->table, fit->raw_response, &repeats, work->err));
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
