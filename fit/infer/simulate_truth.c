/* Finds what simulated data are drawn from: values, scatter, means. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/expr/evaluate.h"
#include "core/memory.h"
#include "core/text.h"
#include "fit/infer/simulate_parts.h"

const char *const jf_origin_names[] = {"given", "model", "fitted", "law", "published", "none", NULL};

void jf_truth_free(jf_truth *truth)
{
    if (!truth) return;
    jf_problem_free(truth->problem);
    jf_fit_free(truth->fit);
    jf_table_free(truth->table);
    jf_groups_free(&truth->groups);
    jf_free(truth->rows);
    jf_free(truth->theta);
    jf_free(truth->origin);
    jf_free(truth->mean);
    jf_free(truth->scatter);
    jf_free(truth->share);
    jf_free(truth);
}

/* ---- the fit to the design ---- */

/* Variances between and within groups of the fit's residuals, by moments (Searle, Casella and McCulloch 1992,
 * section 3.6), scaled to add up to the fit's sigma squared. */
static jf_status part_scatter(jf_truth_builder *b, jf_error *err)
{
    const jf_truth *truth = b->truth;
    const jf_fit *fit = truth->fit;
    size_t n_groups = truth->groups.n_groups;
    double *sum = JF_NEW_ZEROED(double, n_groups), *count = JF_NEW_ZEROED(double, n_groups);
    double n = (double)fit->n, g = 0, squares = 0, inside, sizes = 0, among = 0;
    jf_status status = JF_OK;

    JF_TRY_NEW(sum && count, err, "a design");
    b->within = fit->sigma * fit->sigma;
    for (size_t i = 0; n_groups && i < fit->n; i++) {
        double r = fit->residual[i] * sqrt(fit->weight[i]);
        uint32_t group = truth->groups.group[fit->rows[i]];
        sum[group] += r;
        count[group]++;
        squares += r * r;
    }
    for (size_t i = 0; i < n_groups; i++) {
        if (count[i] == 0) continue;
        g++;
        among += sum[i] * sum[i] / count[i];
        sizes += count[i] * count[i];
    }
    if (g < 2 || n <= g) goto done;
    inside = (squares - among) / (n - g);
    among = (among / (g - 1) - inside) / ((n - sizes / n) / (g - 1));
    if (!(among > 0)) goto done;
    b->within = fit->sigma * fit->sigma * inside / (among + inside);
    b->between = fit->sigma * fit->sigma * among / (among + inside);
done:
    jf_free(sum);
    jf_free(count);
    return status;
}

/* Is there a value for everything without a fit? */
static bool is_complete(const jf_truth_builder *b, const double *given)
{
    const jf_problem *problem = b->truth->problem;

    if (b->options->n_known) return true;
    for (size_t j = 0; j < problem->k; j++)
        if (isnan(given[j]) && !problem->fixed[j]) return false;
    return !isnan(b->options->sigma) && (!b->truth->groups.n_groups || !isnan(b->options->group_sd));
}

/* Fits the law to the response that the design has, if it has one. */
static jf_status fit_design(jf_truth_builder *b, jf_error *err)
{
    jf_status status = JF_OK;
    jf_fit_options options = *b->fit;
    jf_truth *truth = b->truth;

    if (jf_truth_first_measured(b) == truth->table->n_rows) return JF_OK;
    options.ci = NULL;
    options.se = NULL;
    options.derive = options.test = (jf_option_list){0};
    JF_TRY(jf_truth_set_response(b, NAN, err));
    JF_TRY(jf_fit_run(b->law, truth->table, NULL, 0, truth->groups.n_groups ? &truth->groups : NULL, &options,
                      &truth->fit, err));
    if (truth->fit->outcome == JF_FAILED)
        JF_TRY(jf_fail(err, JF_EFIT,
                       "the law has no usable fit to the design's own response, and so no values to simulate "
                       "from (give --truth and --sigma-value): %s",
                       truth->fit->failure));
    JF_TRY(jf_truth_set_response(b, jf_truth_any_response(b), err));
    JF_TRY(part_scatter(b, err));
done:
    return status;
}

/* ---- values ---- */

static bool means(const char *given, const jf_parameter *parameter)
{
    return jf_parameter_name_same(given, parameter->name) || strcmp(given, parameter->base) == 0;
}

/* One "a=1" of --truth. */
static jf_status set_given(const jf_truth_builder *b, const char *text, size_t length, double *theta,
                           jf_error *err)
{
    jf_status status = JF_OK;
    const jf_formula *formula = b->truth->problem->formula;
    char *entry = jf_copy_bytes(text, length), *equals;
    const char *names[256];
    char hint[128];
    size_t n = 0, set = 0, name_length;
    double value;

    JF_TRY_NEW(entry, err, "--truth");
    equals = strrchr(entry, '=');
    if (!equals || !jf_number_read(equals + 1, strlen(equals + 1), &value)) {
        status = jf_fail(err, JF_EUSAGE, "--truth: expected NAME=NUMBER, found '%s'", entry);
        goto done;
    }
    name_length = (size_t)(equals - entry);
    while (name_length && entry[name_length - 1] == ' ') name_length--;
    entry[name_length] = '\0';
    for (size_t j = 0; j < b->truth->problem->k; j++) {
        const jf_parameter *parameter = jf_formula_parameter(formula, j);
        if (n < sizeof names / sizeof *names) names[n++] = parameter->name;
        if (!means(entry + strspn(entry, " "), parameter)) continue;
        theta[j] = value;
        set++;
    }
    if (!set)
        status = jf_fail(err, JF_EUSAGE, "--truth: the law has no parameter '%s'%s", entry,
                         jf_did_you_mean(hint, sizeof hint, entry, names, n));
done:
    jf_free(entry);
    return status;
}

static jf_status read_given(const jf_truth_builder *b, double *theta, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_option_list *values = b->options->values;

    for (size_t i = 0; values && i < values->n; i++)
        for (const char *p = values->items[i], *end; *p; p = *end ? end + 1 : end) {
            end = jf_find_outside(p, ",");
            JF_TRY(set_given(b, p, (size_t)(end - p), theta, err));
        }
done:
    return status;
}

static double known_value(const jf_truth_options *options, const char *name)
{
    for (size_t i = 0; i < options->n_known; i++)
        if (jf_parameter_name_same(options->known_names[i], name)) return options->known_values[i];
    return NAN;
}

static double fitted_value(const jf_fit *fit, const char *name)
{
    for (size_t j = 0; fit && j < fit->n_theta; j++)
        if (jf_parameter_name_same(fit->estimates[j].name, name)) return fit->theta[j];
    return NAN;
}

static double published_value(const jf_law *law, const jf_parameter *parameter)
{
    const jf_parameter_spec *spec = jf_law_find_spec(law, parameter->name);

    if (!spec || isnan(spec->published)) spec = jf_law_find_spec(law, parameter->base);
    return spec ? spec->published : NAN;
}

/* The value of parameter j from the first source that has one. */
static void find_value(jf_truth_builder *b, const double *given, size_t j)
{
    jf_truth *truth = b->truth;
    const jf_problem *problem = truth->problem;
    const jf_parameter *parameter = jf_formula_parameter(problem->formula, j);
    const double values[] = {
        [JF_FROM_USER] = given[j],
        [JF_FROM_MODEL] = known_value(b->options, parameter->name),
        [JF_FROM_FIT] = fitted_value(truth->fit, parameter->name),
        [JF_FROM_LAW] = problem->fixed[j] ? problem->lower[j] : NAN,
        [JF_FROM_PUBLISHED] = published_value(b->law, parameter),
    };

    truth->theta[j] = NAN;
    truth->origin[j] = JF_FROM_NOWHERE;
    for (int from = JF_FROM_USER; from < JF_FROM_NOWHERE && isnan(truth->theta[j]); from++) {
        truth->theta[j] = values[from];
        if (!isnan(values[from])) truth->origin[j] = (jf_origin)from;
    }
}

static jf_status check_values(const jf_truth_builder *b, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_problem *problem = b->truth->problem;
    jf_text missing = {0};
    char number[JF_NUMBER_TEXT], low[JF_NUMBER_TEXT], high[JF_NUMBER_TEXT];

    for (size_t j = 0; j < problem->k && status == JF_OK; j++) {
        const char *name = jf_formula_parameter(problem->formula, j)->name;
        double value = b->truth->theta[j];
        if (isnan(value))
            jf_text_addf(&missing, "%s%s", missing.length ? ", " : "", name);
        else if (value < problem->lower[j] || value > problem->upper[j])
            status =
                jf_fail(err, JF_EUSAGE, "the true value %s of '%s' lies outside of its bounds, %s to %s",
                        jf_number_short(number, value, 6), name, jf_number_short(low, problem->lower[j], 6),
                        jf_number_short(high, problem->upper[j], 6));
    }
    if (status == JF_OK && missing.length)
        status = jf_fail(
            err, JF_EUSAGE,
            "no true value for %s: give --truth %s=..., or a design with the response '%s' to fit the "
            "law to",
            missing.data, jf_formula_parameter(problem->formula, 0)->name, b->raw);
    jf_text_free(&missing);
    return status;
}

/* ---- scatter ---- */

/* The model's or the fit's scatter where the user names none. */
static jf_status find_scatter(jf_truth_builder *b, jf_error *err)
{
    jf_truth *truth = b->truth;
    const jf_truth_options *options = b->options;
    bool grouped = truth->groups.n_groups > 0, known = options->n_known > 0;
    double within = known ? options->known_sigma * options->known_sigma : truth->fit ? b->within : NAN;

    if (!grouped && options->group_sd > 0) return jf_fail(err, JF_EUSAGE, "--group-sd needs --group");
    if (truth->problem->weight && truth->problem->weights_kind == JF_WEIGHTS_ABSOLUTE)
        within = 1; /* --sigma says it all */
    truth->group_sd = !grouped ? 0 : isnan(options->group_sd) ? sqrt(b->between) : options->group_sd;
    truth->sigma = isnan(options->sigma) ? sqrt(within) : options->sigma;
    truth->sigma_origin = !isnan(options->sigma) ? JF_FROM_USER : known ? JF_FROM_MODEL : JF_FROM_FIT;
    if (isnan(truth->sigma))
        return jf_fail(
            err, JF_EUSAGE,
            "no scatter to simulate with: give --sigma-value, or a design with the response '%s' to "
            "fit the law to",
            b->raw);
    return JF_OK;
}

static jf_status scatter_factors(const jf_truth_builder *b, jf_column *out, jf_error *err)
{
    jf_status status = JF_OK;
    jf_columns columns = jf_table_columns(b->truth->table);
    jf_ast *ast = NULL;
    char place[512];

    JF_TRY(jf_ast_read("--scatter", b->options->scatter, &ast, err));
    JF_TRY(jf_evaluate("--scatter", ast, &columns, out, err));
    if (out->kind != JF_NUMERIC) JF_TRY(jf_fail(err, JF_EUSAGE, "--scatter: expected numbers, found labels"));
    for (size_t i = 0; i < b->truth->n; i++)
        if (!(out->values[i] >= 0 && isfinite(out->values[i])))
            JF_TRY(jf_fail(err, JF_EDATA, "%s: --scatter: expected a finite number not below zero",
                           jf_row_place(b->truth->table, i, place, sizeof place)));
done:
    jf_ast_free(ast);
    return status;
}

/* Each run's standard deviation, and its part in its group's effect. */
static jf_status spread_scatter(const jf_truth_builder *b, jf_error *err)
{
    jf_status status = JF_OK;
    jf_truth *truth = b->truth;
    const jf_problem *problem = truth->problem;
    jf_column factor = {0};

    truth->scatter = JF_NEW_ARRAY(double, truth->n);
    truth->share = JF_NEW_ARRAY(double, truth->n);
    JF_TRY_NEW(truth->scatter && truth->share, err, "a design");
    if (b->options->scatter) JF_TRY(scatter_factors(b, &factor, err));
    for (size_t i = 0; i < truth->n; i++) {
        double own = problem->error == JF_ERROR_RELATIVE ? fabs(truth->mean[i]) : 1;
        truth->share[i] = own;
        if (problem->weight) own /= sqrt(problem->weight[i]);
        truth->scatter[i] = own * truth->sigma * (factor.values ? factor.values[i] : 1);
    }
done:
    jf_column_clear(&factor);
    return status;
}

static jf_status find_means(const jf_truth_builder *b, jf_error *err)
{
    jf_status status = JF_OK;
    jf_truth *truth = b->truth;
    jf_arena *arena = NULL;
    char place[512];

    truth->mean = JF_NEW_ARRAY(double, truth->n);
    JF_TRY_NEW(truth->mean, err, "a design");
    JF_TRY(jf_arena_new(truth->problem->formula, JF_VALUE, &arena, err));
    jf_formula_values(truth->problem->formula, truth->problem->inputs, arena, truth->theta, truth->mean);
    for (size_t i = 0; i < truth->n && status == JF_OK; i++)
        if (!isfinite(truth->mean[i]))
            status = jf_fail(err, JF_EDATA, "%s: the law has no finite value there at the true parameters",
                             jf_row_place(truth->table, i, place, sizeof place));
done:
    jf_arena_free(arena);
    return status;
}

/* ---- the order of the steps ---- */

static jf_status find_values(jf_truth_builder *b, jf_error *err)
{
    jf_status status = JF_OK;
    jf_truth *truth = b->truth;
    size_t k = truth->problem->k;
    double *given = JF_NEW_ARRAY(double, k);

    truth->theta = JF_NEW_ARRAY(double, k);
    truth->origin = JF_NEW_ARRAY(jf_origin, k);
    JF_TRY_NEW(given && truth->theta && truth->origin, err, "true values");
    for (size_t j = 0; j < k; j++) given[j] = NAN;
    JF_TRY(read_given(b, given, err));
    if (!is_complete(b, given)) JF_TRY(fit_design(b, err));
    for (size_t j = 0; j < k; j++) find_value(b, given, j);
    JF_TRY(check_values(b, err));
done:
    jf_free(given);
    return status;
}

static jf_status build(jf_truth_builder *b, jf_error *err)
{
    jf_status status = JF_OK;

    JF_TRY(jf_truth_take_columns(b, err));
    JF_TRY(jf_truth_read_measured(b, err));
    JF_TRY(jf_truth_bind(b, err));
    JF_TRY(find_values(b, err));
    JF_TRY(find_scatter(b, err));
    JF_TRY(find_means(b, err));
    JF_TRY(spread_scatter(b, err));
done:
    return status;
}

jf_status jf_truth_build(const jf_law *law, const jf_table *table, const size_t *rows, size_t n_rows,
                         const jf_groups *groups, const jf_fit_options *fit, const jf_truth_options *options,
                         jf_warnings *warnings, jf_truth **out, jf_error *err)
{
    jf_status status = JF_OK;
    jf_truth_builder b = {.law = law,
                          .table = table,
                          .rows = rows,
                          .n_rows = rows ? n_rows : table->n_rows,
                          .groups = groups,
                          .fit = fit,
                          .options = options,
                          .warnings = warnings,
                          .truth = JF_NEW(jf_truth)};

    *out = NULL;
    JF_TRY_NEW(b.truth, err, "a design");
    JF_TRY(build(&b, err));
    *out = b.truth;
    b.truth = NULL;
done:
    jf_truth_free(b.truth);
    jf_free(b.names);
    jf_free(b.raw);
    jf_free(b.measured);
    return status;
}
