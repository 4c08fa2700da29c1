/* One fit from law and table to result: the order of the steps, predictions. */
#include "fit/fit.h"

#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "core/parallel.h"
#include "core/text.h"
#include "fit/fit_parts.h"
#include "fit/infer/by_level.h"
#include "fit/infer/contour.h"
#include "fit/infer/identify.h"
#include "fit/infer/intervals.h"
#include "fit/infer/judged.h"
#include "fit/infer/predict.h"
#include "fit/select/calibrate_model.h"

char *jf_format(const char *format, ...)
{
    va_list arguments;
    char *text = NULL;
    int length;

    va_start(arguments, format);
    length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0 || !(text = jf_alloc((size_t)length + 1, 1))) return NULL;
    va_start(arguments, format);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return text;
}

/* ---- freeing ---- */

static void summary_clear(jf_data_summary *summary)
{
    for (size_t i = 0; i < summary->n_columns_read; i++) jf_free(summary->columns_read[i]);
    jf_free(summary->columns_read);
    jf_free(summary->file);
    jf_free(summary->simulated);
}

static void free_lists(jf_fit *fit)
{
    for (size_t i = 0; i < fit->n_estimates; i++) {
        jf_free(fit->estimates[i].name);
        jf_free(fit->estimates[i].verdict);
    }
    for (size_t i = 0; i < fit->n_derived; i++) {
        jf_free(fit->derived[i].name);
        jf_free(fit->derived[i].expression);
    }
    for (size_t i = 0; i < fit->n_tests; i++) jf_free(fit->tests[i].hypothesis);
    for (size_t i = 0; i < fit->n_intervals; i++) {
        jf_free(fit->intervals[i].kind);
        jf_free(fit->intervals[i].low);
        jf_free(fit->intervals[i].high);
        jf_free(fit->intervals[i].error);
        jf_free(fit->intervals[i].low_end);
        jf_free(fit->intervals[i].quantiles);
        jf_free(fit->intervals[i].curves);
        jf_free(fit->intervals[i].high_end);
        jf_free(fit->intervals[i].derived);
        jf_free(fit->intervals[i].test_p);
        jf_free(fit->intervals[i].test_why);
        jf_free(fit->intervals[i].p_value);
    }
    for (size_t i = 0; i < fit->n_inputs; i++) jf_column_clear(&fit->inputs[i]);
    jf_free(fit->inputs);
    jf_free(fit->estimates);
    jf_free(fit->derived);
    jf_free(fit->tests);
    jf_free(fit->intervals);
    for (size_t i = 0; i < fit->n_contours; i++) {
        jf_free(fit->contours[i].points);
        jf_free(fit->contours[i].reason);
    }
    jf_free(fit->contours);
    jf_conformal_free(fit->conformal);
    jf_by_clear(fit->by);
    jf_free(fit->by);
    jf_free(fit->influence);
    jf_free(fit->score);
    jf_judged_clear(fit->judged);
    jf_free(fit->judged);
}

void jf_fit_free(jf_fit *fit)
{
    if (!fit) return;
    free_lists(fit);
    summary_clear(&fit->data);
    jf_warnings_free(&fit->warnings);
    jf_problem_free(fit->problem);
    void *const owned[] = {fit->law_name,
                           fit->formula,
                           fit->response,
                           fit->raw_response,
                           fit->response_unit,
                           fit->failure,
                           fit->covariance,
                           fit->loss_name,
                           fit->criteria_refused,
                           fit->basins,
                           fit->rows,
                           fit->observed,
                           fit->fitted,
                           fit->residual,
                           fit->leverage,
                           fit->weight,
                           fit->raw_observed,
                           fit->raw_fitted,
                           fit->learned,
                           fit->theta,
                           fit->working,
                           fit->null,
                           (void *)fit->diagnostics.regressors,
                           fit->diagnostics.pearson,
                           fit->diagnostics.spearman};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) jf_free(owned[i]);
    jf_free(fit);
}

/* ---- the run ---- */

static jf_status name_result(jf_fit_work *work)
{
    const jf_law *law = work->law;
    jf_fit *fit = work->fit;
    const jf_transform *transform = work->problem->transform;
    const jf_column *raw = jf_table_find(work->table, jf_transform_raw(transform));

    fit->law_name = jf_copy_text(law->name);
    fit->formula = jf_copy_text(law->text);
    fit->response = jf_ast_print(work->problem->law->response);
    fit->raw_response = jf_copy_text(jf_transform_raw(transform));
    fit->response_unit = jf_copy_text(raw ? raw->unit : "");
    fit->loss_name = jf_copy_text(work->options->loss ? work->options->loss : "ls");
    fit->error = work->problem->error;
    fit->se = work->se[0];
    fit->level = work->options->level;
    fit->seed = work->options->seed;
    if (fit->law_name && fit->formula && fit->response && fit->raw_response && fit->response_unit &&
        fit->loss_name)
        return JF_OK;
    return jf_fail(work->err, JF_ENOMEM, "out of memory for a result");
}

/* "cluster" means the kind that holds its level with as many groups as there are; what is asked for twice
 * then is there once. */
static void choose_cluster_errors(jf_fit_work *work)
{
    size_t n = 0;

    for (size_t s = 0; s < work->n_se; s++) {
        jf_se_kind kind = work->se[s];
        bool twice = false;

        if (kind == JF_SE_CLUSTER && work->n_groups < JF_CR2_GROUPS) kind = JF_SE_CR2;
        for (size_t m = 0; m < n; m++) twice = twice || work->se[m] == kind;
        if (!twice) work->se[n++] = kind;
    }
    work->n_se = n;
}

/* Groups of the rows that are fitted, numbered by first appearance. */
static jf_status gather_groups(jf_fit_work *work)
{
    jf_status status = JF_OK;
    const jf_groups *groups = work->groups;
    uint32_t *number;

    if (!groups) return JF_OK;
    number = JF_NEW_ZEROED(uint32_t, groups->n_groups);
    work->group = JF_NEW_ARRAY(uint32_t, work->problem->n);
    JF_TRY_NEW(number && work->group ? number : NULL, work->err, "groups");
    for (size_t i = 0; i < work->problem->n; i++) {
        uint32_t group = groups->group[jf_problem_row(work->problem, i)];
        if (!number[group]) number[group] = (uint32_t)++work->n_groups;
        work->group[i] = number[group] - 1;
    }
    work->fit->n_groups = work->n_groups;
    choose_cluster_errors(work);
done:
    jf_free(number);
    return status;
}

static void work_clear(jf_fit_work *work)
{
    jf_solution_clear(&work->solution);
    jf_design_clear(&work->design);
    jf_fit_rows_clear(&work->rows);
    jf_free(work->active);
    jf_free(work->psi);
    jf_free(work->group);
    jf_free(work->better);
}

/* Everything after the problem stands. */
static jf_status fill(jf_fit_work *work, size_t n_candidates)
{
    jf_status status = JF_OK;
    jf_fit *fit = work->fit;

    JF_TRY(gather_groups(work));
    JF_TRY(name_result(work));
    JF_TRY(jf_fit_fill_summary(work, n_candidates));
    JF_TRY(jf_fit_foresee(work));
    JF_TRY(jf_fit_solve(work));
    JF_TRY(jf_stop_check(work->err)); /* solvers end early then */
    JF_TRY(jf_fit_fill_rows(work));
    JF_TRY(jf_fit_factor(work));
    jf_fit_fill_statistics(work);
    JF_TRY(jf_fit_infer(work));
    JF_TRY(jf_intervals_add(work));
    if (!work->better) JF_TRY(jf_identify_run(work));
    if (!work->better) JF_TRY(jf_contours_add(work));
    if (work->better) goto done; /* all of this is done again */
    JF_TRY(jf_judged_add(work));
    JF_TRY(jf_by_add(work));
    JF_TRY(jf_conformal_add(work));
    jf_intervals_judge(fit);
    JF_TRY(jf_fit_diagnose(work));
    JF_TRY(jf_fit_judge(work));
    status = jf_stop_check(work->err);
done:
    return status;
}

enum { MOST_RESTARTS = 3 };

/* One attempt, from the law to work->fit; work->better is set where another is needed. */
static jf_status run_once(jf_fit_work *work, const size_t *rows, size_t n_rows, bool last, jf_warnings *told)
{
    jf_status status = JF_OK;
    jf_fit *fit = work->fit = JF_NEW(jf_fit);
    char was[JF_NUMBER_TEXT], is[JF_NUMBER_TEXT];

    JF_TRY_NEW(fit, work->err, "a fit");
    JF_TRY(jf_problem_build(work->law, work->table, rows, n_rows, work->options, &fit->warnings,
                            &fit->problem, work->err));
    work->problem = fit->problem;
    work->last = last;
    JF_TRY(fill(work, rows ? n_rows : work->table->n_rows));
    JF_TRY(jf_problem_part_from_table(fit->problem, work->err)); /* a result outlives its table */
    if (work->better)
        jf_warn(
            told, "W_BETTER_MINIMUM",
            "the profile of '%s' came on a lower minimum (squares %s, not %s), and the fit was started anew "
            "from there",
            fit->estimates[work->better_parameter].name, jf_number_short(is, work->better_loss, 6),
            jf_number_short(was, fit->rss, 6));
done:
    return status;
}

jf_status jf_fit_run(const jf_law *law, const jf_table *table, const size_t *rows, size_t n_rows,
                     const jf_groups *groups, const jf_fit_options *options, jf_fit **out, jf_error *err)
{
    jf_status status = JF_OK;
    jf_fit_work work = {.law = law, .table = table, .groups = groups, .options = options, .err = err};
    jf_warnings told = {0};
    double *from = NULL;

    *out = NULL;
    JF_TRY(jf_loss_read(options->loss ? options->loss : "ls", &work.loss, err));
    JF_TRY(jf_fit_read_se(&work));
    for (int attempt = 0; attempt == 0 || from; attempt++) {
        jf_fit_work this = work;

        this.from = from;
        status = run_once(&this, rows, n_rows, attempt == MOST_RESTARTS, &told);
        jf_free(from);
        from = this.better;
        this.better = NULL;
        if (status == JF_OK && !from) {
            *out = this.fit;
            this.fit = NULL;
        }
        work_clear(&this);
        jf_fit_free(this.fit);
        JF_TRY(status);
    }
    jf_warnings_append(&(*out)->warnings, &told);
done:
    jf_free(from);
    jf_warnings_free(&told);
    return status;
}

jf_status jf_fit_predict(const jf_fit *fit, const jf_table *table, const size_t *rows, size_t n_rows,
                         double *value, double *mean_error, double *raw, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_problem *problem = fit->problem;
    jf_columns columns = jf_table_columns(table);
    jf_known_parameters known = {.k = fit->n_theta,
                                 .theta = fit->theta,
                                 .covariance = fit->working,
                                 .null = fit->null,
                                 .n_null = fit->n_null};
    size_t n = rows ? n_rows : table->n_rows;
    jf_inputs *inputs = NULL;
    double *z = value ? value : JF_NEW_ARRAY(double, n);

    JF_TRY_NEW(z, err, "predictions");
    JF_TRY(jf_inputs_build(problem->formula, &columns, rows, n, fit->learned, &inputs, err));
    JF_TRY(jf_predict_rows(problem->formula, inputs, &known, z, mean_error, err));
    if (raw) JF_TRY(jf_transform_inverse(problem->transform, &columns, rows, n, z, raw, err));
done:
    jf_inputs_free(inputs);
    if (z != value) jf_free(z);
    return status;
}
