/* The row-wise part of a result, its statistics, and what was seen of the data. */
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "fit/fit_parts.h"
#include "fit/infer/criteria.h"
#include "fit/problem/loss.h"

/* ---- rows ---- */

static double *copy_values(const double *from, size_t n)
{
    double *to = JF_NEW_ARRAY(double, n);

    for (size_t i = 0; to && i < n; i++) to[i] = from ? from[i] : 1;
    return to;
}

static jf_status fill_fitted(jf_fit_work *work)
{
    jf_status status = JF_OK;
    jf_fit *fit = work->fit;
    jf_problem *problem = work->problem;
    jf_columns columns = jf_table_columns(work->table);
    jf_arena *arena = NULL;

    if (fit->outcome == JF_FAILED) {
        for (size_t i = 0; i < fit->n; i++) fit->fitted[i] = fit->residual[i] = fit->raw_fitted[i] = NAN;
        return JF_OK;
    }
    JF_TRY(jf_arena_new(problem->formula, JF_VALUE, &arena, work->err));
    jf_formula_values(problem->formula, problem->inputs, arena, fit->theta, fit->fitted);
    for (size_t i = 0; i < fit->n; i++) fit->residual[i] = problem->response[i] - fit->fitted[i];
    JF_TRY(jf_transform_inverse(problem->transform, &columns, problem->rows, fit->n, fit->fitted,
                                fit->raw_fitted, work->err));
done:
    jf_arena_free(arena);
    return status;
}

jf_status jf_fit_fill_rows(jf_fit_work *work)
{
    jf_status status = JF_OK;
    jf_fit *fit = work->fit;
    jf_problem *problem = work->problem;
    size_t n = problem->n;

    fit->n = n;
    fit->rows = JF_NEW_ARRAY(size_t, n);
    fit->observed = copy_values(problem->response, n);
    fit->raw_observed = copy_values(problem->raw, n);
    fit->weight = copy_values(problem->weight, n);
    fit->fitted = JF_NEW_ARRAY(double, n);
    fit->residual = JF_NEW_ARRAY(double, n);
    fit->raw_fitted = JF_NEW_ARRAY(double, n);
    fit->leverage = JF_NEW_ARRAY(double, n);
    fit->n_learned = jf_formula_n_learned(problem->formula);
    fit->learned = fit->n_learned ? copy_values(jf_inputs_learned(problem->inputs), fit->n_learned) : NULL;
    JF_TRY_NEW(fit->rows && fit->observed && fit->raw_observed && fit->weight && fit->fitted &&
                       fit->residual && fit->raw_fitted && fit->leverage && (fit->learned || !fit->n_learned)
                   ? fit
                   : NULL,
               work->err, "rows of a result");
    for (size_t i = 0; i < n; i++) fit->rows[i] = jf_problem_row(problem, i);
    for (size_t i = 0; i < n; i++) fit->leverage[i] = NAN;
    JF_TRY(fill_fitted(work));
done:
    return status;
}

/* ---- statistics ---- */

/* 1 - sum w (y - f)^2 / sum w (y - mean)^2; NaN where y is constant. */
static double r_squared(const double *y, const double *fitted, const double *weight, size_t n)
{
    double mean = 0, total = 0, around = 0, left = 0;

    for (size_t i = 0; i < n; i++) mean += weight[i] * y[i], total += weight[i];
    mean /= total;
    for (size_t i = 0; i < n; i++) {
        around += weight[i] * (y[i] - mean) * (y[i] - mean);
        left += weight[i] * (y[i] - fitted[i]) * (y[i] - fitted[i]);
    }
    return around > 0 ? 1 - left / around : NAN;
}

static double root_mean_square(const double *y, const double *fitted, const double *weight, size_t n)
{
    double sum = 0, total = 0;

    for (size_t i = 0; i < n; i++) {
        sum += weight[i] * (y[i] - fitted[i]) * (y[i] - fitted[i]);
        total += weight[i];
    }
    return sqrt(sum / total);
}

static void fill_criteria(jf_fit_work *work)
{
    jf_fit *fit = work->fit;
    jf_weights_kind kind = work->problem->weights_kind;
    jf_likelihood_terms terms = {.n = work->n_effective, .k = fit->k, .rss = fit->rss};
    jf_criteria criteria;

    fit->loglik = fit->aic = fit->aicc = fit->bic = NAN;
    if (work->loss.kind != JF_LOSS_LS) {
        fit->criteria_refused =
            jf_format("the loss is %s, and a likelihood belongs to squares", fit->loss_name);
        return;
    }
    for (size_t i = 0; i < fit->n; i++) {
        double copies = kind == JF_WEIGHTS_FREQUENCY ? fit->weight[i] : 1;
        terms.log_slopes += copies * jf_problem_log_slope(work->problem, i);
        if (kind != JF_WEIGHTS_FREQUENCY) terms.log_weights += log(fit->weight[i]);
    }
    terms.known_variance = kind == JF_WEIGHTS_ABSOLUTE && work->problem->weight;
    criteria = jf_criteria_compute(&terms);
    fit->loglik = criteria.loglik;
    fit->aic = criteria.aic;
    fit->aicc = criteria.aicc;
    fit->bic = criteria.bic;
    if (isnan(fit->loglik)) fit->criteria_refused = jf_format("the residuals are all zero");
}

void jf_fit_fill_statistics(jf_fit_work *work)
{
    jf_fit *fit = work->fit;
    jf_weights_kind kind = work->problem->weights_kind;
    size_t n_free = jf_problem_n_free(work->problem), lost = work->design.p - work->design.rank;

    work->n_effective = (double)fit->n;
    if (work->problem->weight && kind == JF_WEIGHTS_FREQUENCY) {
        work->n_effective = 0;
        for (size_t i = 0; i < fit->n; i++) work->n_effective += fit->weight[i];
    }
    fit->k = n_free - lost;
    fit->df = (size_t)fmax(0, floor(work->n_effective - (double)fit->k));
    fit->rss = 0;
    for (size_t i = 0; i < fit->n; i++) fit->rss += fit->weight[i] * fit->residual[i] * fit->residual[i];
    fit->sigma = fit->df ? sqrt(fit->rss / (work->n_effective - (double)fit->k)) : NAN;
    fit->r2 = r_squared(fit->observed, fit->fitted, fit->weight, fit->n);
    fit->rmse = root_mean_square(fit->observed, fit->fitted, fit->weight, fit->n);
    double *plain = copy_values(NULL, fit->n);
    fit->r2_raw = plain ? r_squared(fit->raw_observed, fit->raw_fitted, plain, fit->n) : NAN;
    fit->rmse_raw = plain ? root_mean_square(fit->raw_observed, fit->raw_fitted, plain, fit->n) : NAN;
    jf_free(plain);
    fill_criteria(work);
}

/* ---- what was seen of the data ---- */

void jf_data_drop(jf_data_summary *data, const char *reason, size_t rows)
{
    size_t i = 0;

    while (i < data->n_dropped && strcmp(data->dropped[i].reason, reason) != 0) i++;
    if (i == sizeof data->dropped / sizeof *data->dropped) return;
    data->dropped[i] = (jf_dropped){reason, rows};
    if (i == data->n_dropped) data->n_dropped++;
    if (rows > 0) return;
    data->n_dropped--;
    memmove(&data->dropped[i], &data->dropped[i + 1], (data->n_dropped - i) * sizeof *data->dropped);
}

static jf_status copy_columns_read(jf_fit_work *work)
{
    jf_status status = JF_OK;
    const jf_formula *formula = work->problem->formula;
    jf_data_summary *summary = &work->fit->data;
    size_t n = jf_formula_n_columns(formula);

    summary->columns_read = JF_NEW_ZEROED(char *, n);
    JF_TRY_NEW(summary->columns_read, work->err, "column names");
    for (size_t i = 0; i < n; i++) {
        const jf_column *column = jf_table_find(work->table, jf_formula_column(formula, i));
        if (column && column->known == JF_POST_RUN) work->fit->post_run = true;
        summary->columns_read[i] = jf_copy_text(jf_formula_column(formula, i));
        JF_TRY_NEW(summary->columns_read[i], work->err, "column names");
        summary->n_columns_read++;
    }
done:
    return status;
}

/* The columns that the formula reads, as they were in the rows of the fit. */
static jf_status copy_inputs(jf_fit_work *work)
{
    jf_status status = JF_OK;
    jf_fit *fit = work->fit;
    const jf_problem *problem = work->problem;

    fit->inputs = JF_NEW_ZEROED(jf_column, fit->data.n_columns_read);
    JF_TRY_NEW(fit->inputs, work->err, "inputs");
    for (size_t i = 0; i < fit->data.n_columns_read; i++) {
        const jf_column *column = jf_table_find(work->table, fit->data.columns_read[i]);
        if (!column) continue;
        JF_TRY(jf_column_gather(column, problem->rows, problem->n, &fit->inputs[fit->n_inputs], work->err));
        fit->n_inputs++;
    }
done:
    return status;
}

/* Rows of the fit that are exact copies of another row of the fit. */
static jf_status count_duplicates(jf_fit_work *work)
{
    jf_status status = JF_OK;
    jf_groups exact = {0};
    unsigned char *seen = NULL;
    size_t different = 0;

    JF_TRY(jf_groups_exact(work->table, &exact, work->err));
    seen = JF_NEW_ZEROED(unsigned char, exact.n_groups);
    JF_TRY_NEW(seen, work->err, "duplicates");
    for (size_t i = 0; i < work->problem->n; i++) {
        uint32_t group = exact.group[jf_problem_row(work->problem, i)];
        different += !seen[group];
        seen[group] = 1;
    }
    work->fit->data.duplicates = work->problem->n - different;
done:
    jf_free(seen);
    jf_groups_free(&exact);
    return status;
}

static bool is_simulated(const jf_table *table)
{
    const char *slash = table->file ? strrchr(table->file, '/') : NULL;
    const char *base = slash ? slash + 1 : table->file;

    return (base && strcasestr(base, "simulated")) || jf_table_find(table, "simulated");
}

jf_status jf_fit_fill_summary(jf_fit_work *work, size_t n_candidates)
{
    jf_status status = JF_OK;
    jf_data_summary *summary = &work->fit->data;
    const jf_table *table = work->table;
    const jf_problem *problem = work->problem;
    size_t read = table->rows_read > n_candidates ? table->rows_read : n_candidates;

    summary->file = jf_copy_text(table->file ? table->file : "");
    JF_TRY_NEW(summary->file, work->err, "a summary");
    memcpy(summary->sha256, table->sha256, sizeof summary->sha256);
    summary->rows_read = read;
    summary->rows_used = problem->n;
    jf_data_drop(summary, "filter", read - n_candidates);
    jf_data_drop(summary, "missing", problem->n_missing);
    jf_data_drop(summary, "not finite", problem->n_not_finite);
    jf_data_drop(summary, "zero weight", problem->n_weightless);
    JF_TRY(copy_columns_read(work));
    JF_TRY(copy_inputs(work));
    JF_TRY(count_duplicates(work));
    if (is_simulated(table)) {
        summary->simulated = jf_copy_text("simulated runs, drawn by a physical model: not measured");
        JF_TRY_NEW(summary->simulated, work->err, "a summary");
    }
done:
    return status;
}
