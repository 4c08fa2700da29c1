/* One fit from law and table to result: options, the order of the steps, predictions. */
#include "fit/fit.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "core/stream.h"
#include "core/text.h"
#include "fit/fit_parts.h"
#include "fit/infer/bootstrap.h"
#include "fit/infer/criteria.h"
#include "fit/infer/intervals.h"
#include "fit/infer/predict.h"

const char *const jf_outcome_names[] = {"converged", "at_bound", "flat", "hit_limit", "failed", NULL};
const char *const jf_state_names[] = {"ok", "at_bound", "fixed", "tied", "weak", "unidentified", NULL};
const char *const jf_se_names[] = {"classical", "hc0", "hc1", "hc2", "hc3", "cluster", NULL};
static const char *const resample_names[] = {"auto", "pairs",        "cluster",    "residual",
                                             "wild", "wild-cluster", "parametric", NULL};
const char *const jf_end_names[] = {"ok", "bound", "unbounded", "fixed", "tied", "failed", "none", NULL};
static const char *const weights_kind_names[] = {"precision", "frequency", "absolute", NULL};

#define FIELD(name)      offsetof(jf_fit_options, name)
#define TEXT_OF(number)  TEXT_OF_(number)
#define TEXT_OF_(number) #number
const jf_option jf_fit_options_table[] = {
    {"starts", 0, JF_OPTION_INTEGER, FIELD(starts), "64", 1, 100000, NULL, "N",
     "quasi-random starts for laws that are not linear in their parameters"},
    {"max-iterations", 0, JF_OPTION_INTEGER, FIELD(max_iterations), "500", 1, 1000000, NULL, "N",
     "most iterations of one local solve"},
    {"tolerance", 0, JF_OPTION_NUMBER, FIELD(tolerance), "1e-10", 1e-15, 1e-2, NULL, "X",
     "scaled gradient at which a fit has converged"},
    {"loss", 0, JF_OPTION_TEXT, FIELD(loss), "ls", 0, 0, NULL, "LOSS",
     "ls, huber:D, softl1:D, cauchy:D, tukey:C, l1 or quantile:Q"},
    {"error", 0, JF_OPTION_TEXT, FIELD(error), NULL, 0, 0, NULL, "KIND",
     "how noise enters: log, additive or relative (default: as the law says)"},
    {"response", 0, JF_OPTION_TEXT, FIELD(response), NULL, 0, 0, NULL, "COL",
     "the raw response, where the left side holds several columns"},
    {"weights", 0, JF_OPTION_TEXT, FIELD(weights), NULL, 0, 0, NULL, "EXPR",
     "weights of rows: precisions, known up to a factor"},
    {"weights-kind", 0, JF_OPTION_CHOICE, FIELD(weights_kind), "precision", 0, 0, weights_kind_names, "KIND",
     "what weights mean: precision, frequency or absolute (1/variance)"},
    {"sigma", 0, JF_OPTION_TEXT, FIELD(sigma), NULL, 0, 0, NULL, "EXPR",
     "standard deviations of rows, on the scale that is fitted"},
    {"se", 0, JF_OPTION_TEXT, FIELD(se), NULL, 0, 0, NULL, "LIST",
     "standard errors: classical, hc0 to hc3, cluster (default: cluster with --group)"},
    {"ci", 0, JF_OPTION_TEXT, FIELD(ci), NULL, 0, 0, NULL, "LIST",
     "intervals: wald (always there), profile, bootstrap; several with commas"},
    {"bootstrap", 0, JF_OPTION_INTEGER, FIELD(bootstrap), "2000", 10, 10000000, NULL, "N",
     "resamples of --ci bootstrap"},
    {"resample", 0, JF_OPTION_CHOICE, FIELD(resample), "auto", 0, 0, resample_names, "KIND",
     "what --ci bootstrap draws; auto: pairs, or cluster with --group"},
    {"bootstrap-interval", 0, JF_OPTION_CHOICE, FIELD(bootstrap_interval), "percentile", 0, 0,
     jf_bootstrap_interval_names, "KIND", "how limits are made of the refits: percentile, basic or bca"},
    {"level", 0, JF_OPTION_NUMBER, FIELD(level), "0.95", 0.5, 0.9999, NULL, "X",
     "confidence level of intervals"},
    {"derive", 0, JF_OPTION_LIST, FIELD(derive), NULL, 0, 0, NULL, "'NAME=EXPR'",
     "a quantity made of parameters, with its standard error"},
    {"test", 0, JF_OPTION_LIST, FIELD(test), NULL, 0, 0, NULL, "'a=1, b=2'",
     "a joint Wald test of statements about parameters"},
    {"param", 0, JF_OPTION_LIST, FIELD(declared), NULL, 0, 0, NULL, "NAME",
     "a name that is a parameter, whatever columns there are"},
    {0},
};

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
        jf_free(fit->intervals[i].high_end);
    }
    for (size_t i = 0; i < fit->n_inputs; i++) jf_column_clear(&fit->inputs[i]);
    jf_free(fit->inputs);
    jf_free(fit->estimates);
    jf_free(fit->derived);
    jf_free(fit->tests);
    jf_free(fit->intervals);
}

void jf_fit_free(jf_fit *fit)
{
    if (!fit) return;
    free_lists(fit);
    summary_clear(&fit->data);
    jf_warnings_free(&fit->warnings);
    jf_problem_free(fit->problem);
    void *const owned[] = {fit->law_name,         fit->formula,    fit->response,   fit->raw_response,
                           fit->response_unit,    fit->failure,    fit->covariance, fit->loss_name,
                           fit->criteria_refused, fit->basins,     fit->rows,       fit->observed,
                           fit->fitted,           fit->residual,   fit->leverage,   fit->weight,
                           fit->raw_observed,     fit->raw_fitted, fit->learned,    fit->theta,
                           fit->working,          fit->null};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) jf_free(owned[i]);
    jf_free(fit);
}

/* ---- options ---- */

static jf_status find_se(const char *text, size_t length, jf_se_kind *out, jf_error *err)
{
    size_t n = 0;
    char hint[64], name[32];

    while (length && *text == ' ') text++, length--;
    while (length && text[length - 1] == ' ') length--;
    for (; jf_se_names[n]; n++) {
        if (strlen(jf_se_names[n]) != length || strncasecmp(jf_se_names[n], text, length) != 0) continue;
        *out = (jf_se_kind)n;
        return JF_OK;
    }
    snprintf(name, sizeof name, "%.*s", (int)length, text);
    return jf_fail(err, JF_EUSAGE, "--se: expected classical, hc0, hc1, hc2, hc3 or cluster, found '%s'%s",
                   name, jf_did_you_mean(hint, sizeof hint, name, jf_se_names, n));
}

static jf_status read_se(jf_fit_work *work)
{
    jf_status status = JF_OK;
    const char *text = work->options->se;

    work->se[0] = work->groups ? JF_SE_CLUSTER : JF_SE_CLASSICAL;
    work->n_se = 1;
    if (!text) return JF_OK;
    work->n_se = 0;
    while (*text) {
        size_t length = strcspn(text, ",");
        if (work->n_se == sizeof work->se / sizeof *work->se)
            return jf_fail(work->err, JF_EUSAGE, "--se: more than %zu kinds", work->n_se);
        JF_TRY(find_se(text, length, &work->se[work->n_se], work->err));
        if (work->se[work->n_se] == JF_SE_CLUSTER && !work->groups)
            return jf_fail(work->err, JF_EUSAGE, "--se cluster needs --group");
        work->n_se++;
        text += length + (text[length] == ',');
    }
    if (work->n_se == 0) return jf_fail(work->err, JF_EUSAGE, "--se: expected a kind of standard error");
done:
    return status;
}

/* ---- solving ---- */

static jf_solve_options solve_options(const jf_fit_work *work)
{
    const jf_fit_options *options = work->options;

    return (jf_solve_options){.loss = work->loss,
                              .from = work->from,
                              .starts = (size_t)options->starts,
                              .max_iterations = (size_t)options->max_iterations,
                              .tolerance = options->tolerance,
                              .seed = options->seed,
                              .threads = (int)options->threads};
}

/* Weights of a relative error: base / level^2. False where a level is zero or not finite. */
static bool set_relative_weights(jf_problem *problem, const double *base, const double *level)
{
    for (size_t i = 0; i < problem->n; i++) {
        problem->weight[i] = (base ? base[i] : 1) / (level[i] * level[i]);
        if (!isfinite(problem->weight[i])) return false;
    }
    return true;
}

static double largest_step(const double *a, const double *b, size_t k)
{
    double largest = 0;

    for (size_t j = 0; j < k; j++) largest = fmax(largest, fabs(a[j] - b[j]) / fmax(fabs(a[j]), 1e-300));
    return largest;
}

static jf_status values_at(const jf_problem *problem, const double *theta, double *values, jf_error *err)
{
    jf_arena *arena = NULL;
    jf_status status = jf_arena_new(problem->formula, JF_VALUE, &arena, err);

    if (status == JF_OK) jf_formula_values(problem->formula, problem->inputs, arena, theta, values);
    jf_arena_free(arena);
    return status;
}

/* Noise in proportion to the prediction: squares weighted by 1/prediction^2, the weights brought up to date
 * until nothing moves (generalised least squares; Carroll and Ruppert 1988). Starts from 1/observation^2. */
static jf_status solve_relative(jf_fit_work *work, jf_solve_options options)
{
    jf_status status = JF_OK;
    jf_problem *problem = work->problem;
    double *base = problem->weight, *level = JF_NEW_ARRAY(double, problem->n);
    double *last = JF_NEW_ARRAY(double, problem->k);
    bool settled = false;

    problem->weight = JF_NEW_ARRAY(double, problem->n);
    JF_TRY_NEW(problem->weight && level && last ? level : NULL, work->err, "weights");
    if (!set_relative_weights(problem, base, problem->response)) {
        status = jf_fail(work->err, JF_EDATA, "a relative error needs a response that is nowhere zero");
        goto done;
    }
    JF_TRY(jf_solve(problem, &options, &work->solution, work->err));
    for (int round = 0; round < 100 && !settled && work->solution.outcome != JF_FAILED; round++) {
        JF_TRY(values_at(problem, work->solution.theta, level, work->err));
        if (!set_relative_weights(problem, base, level)) {
            status = jf_fail(work->err, JF_EFIT, "a relative error met a prediction of zero");
            goto done;
        }
        jf_solution next = {0};
        memcpy(last, work->solution.theta, problem->k * sizeof *last);
        options.local_only = true;
        options.from = last;
        JF_TRY(jf_solve(problem, &options, &next, work->err));
        settled = largest_step(next.theta, last, problem->k) < 1e-11;
        next.starts_tried = work->solution.starts_tried;
        next.starts_finished = work->solution.starts_finished;
        next.starts_agreeing = work->solution.starts_agreeing;
        jf_solution_clear(&work->solution);
        work->solution = next;
    }
done:
    jf_free(base);
    jf_free(level);
    jf_free(last);
    return status;
}

static jf_status solve(jf_fit_work *work)
{
    jf_problem *problem = work->problem;
    jf_solve_options options = solve_options(work);
    jf_status status = JF_OK;

    if (problem->error == JF_ERROR_RELATIVE && work->loss.kind != JF_LOSS_LS)
        return jf_fail(work->err, JF_EUSAGE, "--error relative goes with the loss ls only");
    if (problem->error == JF_ERROR_RELATIVE && problem->weights_kind != JF_WEIGHTS_PRECISION)
        return jf_fail(work->err, JF_EUSAGE, "--error relative goes with precision weights only");
    if (problem->error == JF_ERROR_RELATIVE)
        JF_TRY(solve_relative(work, options));
    else
        JF_TRY(jf_solve(problem, &options, &work->solution, work->err));
done:
    return status;
}

/* Moves what the solver found into the result. */
static jf_status take_solution(jf_fit_work *work)
{
    jf_status status = JF_OK;
    jf_fit *fit = work->fit;
    jf_solution *solution = &work->solution;

    fit->outcome = solution->outcome;
    fit->linear = solution->linear;
    fit->loss = solution->loss;
    fit->scaled_gradient = solution->scaled_gradient;
    fit->iterations = solution->iterations;
    fit->starts_tried = solution->starts_tried;
    fit->starts_finished = solution->starts_finished;
    fit->starts_agreeing = solution->starts_agreeing;
    fit->basins = solution->basins;
    fit->n_basins = solution->n_basins;
    solution->basins = NULL;
    solution->n_basins = 0;
    fit->n_theta = work->problem->k;
    fit->theta = JF_NEW_ARRAY(double, fit->n_theta);
    JF_TRY_NEW(fit->theta, work->err, "a result");
    for (size_t j = 0; j < fit->n_theta; j++) fit->theta[j] = solution->theta ? solution->theta[j] : NAN;
    if (fit->outcome == JF_FAILED) {
        fit->failure =
            jf_copy_text(solution->failure[0] ? solution->failure : "no start led to a finite loss");
        JF_TRY_NEW(fit->failure, work->err, "a result");
    }
done:
    return status;
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
        uint32_t group = groups->group[work->problem->rows[i]];
        if (!number[group]) number[group] = (uint32_t)++work->n_groups;
        work->group[i] = number[group] - 1;
    }
    work->fit->n_groups = work->n_groups;
done:
    jf_free(number);
    return status;
}

static void work_clear(jf_fit_work *work)
{
    jf_solution_clear(&work->solution);
    jf_design_clear(&work->design);
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

    JF_TRY(name_result(work));
    JF_TRY(gather_groups(work));
    JF_TRY(jf_fit_fill_summary(work, n_candidates));
    JF_TRY(solve(work));
    JF_TRY(take_solution(work));
    JF_TRY(jf_fit_fill_rows(work));
    JF_TRY(jf_fit_factor(work));
    jf_fit_fill_statistics(work);
    JF_TRY(jf_fit_infer(work));
    JF_TRY(jf_intervals_add(work));
    if (work->better) goto done; /* all of this is done again */
    jf_intervals_judge(fit);
    JF_TRY(jf_fit_diagnose(work));
    JF_TRY(jf_fit_judge(work));
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
    JF_TRY(read_se(&work));
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
