/* The document of simulated studies: recovery, coverage, power. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "reports/json_table.h"
#include "reports/number.h"
#include "reports/result.h"

enum { MOST_PARAMETERS = 6 };

/* ---- the truth ---- */

static const char *from_words(const char *from)
{
    static const struct {
        const char *from, *words;
    } all[] = {{"given", "given"},
               {"model", "saved model"},
               {"fitted", "fit to the design"},
               {"law", "fixed in the law"},
               {"published", "published"}};

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!strcmp(all[i].from, from)) return all[i].words;
    return from;
}

static const char *scale_words(const char *error)
{
    if (!strcmp(error, "log")) return "on the logarithm";
    if (!strcmp(error, "relative")) return "relative to the prediction";
    return "additive on the left side";
}

static void add_truth(jf_doc *doc, const json_t *simulation, int digits)
{
    size_t groups = jf_result_count(simulation, "design.groups");
    double shared = jf_result_number(simulation, "truth.group_sd");
    char sigma[JF_NUMBER_TEXT], group[JF_NUMBER_TEXT];
    jf_text words = {0};

    jf_text_addf(&words, "%zu runs", jf_result_count(simulation, "design.runs"));
    if (groups) jf_text_addf(&words, " in %zu groups", groups);
    jf_doc_field(doc, "design", "%s", jf_doc_words(doc, &words));
    jf_text_free(&words);
    jf_text_addf(&words, "%s, sigma %s (%s)", scale_words(jf_result_text(simulation, "truth.error")),
                 jf_show_number(sigma, jf_result_number(simulation, "truth.sigma"), digits),
                 from_words(jf_result_text(simulation, "truth.sigma_from")));
    if (groups) jf_text_addf(&words, ", shared in a group %s", jf_show_number(group, shared, digits));
    jf_doc_field(doc, "noise", "%s", jf_doc_words(doc, &words));
    jf_text_free(&words);
}

static void add_true_values(jf_doc *doc, const json_t *simulation)
{
    const json_t *parameters = jf_result_at(simulation, "truth.parameters"), *parameter;
    jf_doc_table *table = jf_doc_add_table(doc, "True values");
    char number[JF_NUMBER_TEXT];
    size_t i;

    jf_doc_table_column(table, "parameter", JF_LEFT, 0);
    jf_doc_table_column(table, "value", JF_RIGHT, 0);
    jf_doc_table_column(table, "from", JF_LEFT, 0);
    json_array_foreach((json_t *)parameters, i, parameter)
    {
        double value = jf_result_number(parameter, "value");
        jf_doc_table_row(table);
        jf_doc_table_cell(table, 0, "%s", jf_result_text(parameter, "name"));
        jf_doc_table_number(table, 1, value, jf_show_plain(number, value, 6));
        jf_doc_table_cell(table, 2, "%s", from_words(jf_result_text(parameter, "from")));
    }
}

/* ---- recovery ---- */

static void add_outcomes(jf_doc *doc, const json_t *recovery)
{
    const json_t *outcomes = jf_result_at(recovery, "outcomes"), *n;
    size_t refused = jf_result_count(recovery, "refused");
    jf_text words = {0};
    const char *name;

    jf_text_addf(&words, "%zu drawn and fitted", jf_result_count(recovery, "replicates"));
    json_object_foreach((json_t *)outcomes, name, n) if (json_integer_value(n) > 0)
        jf_text_addf(&words, ", %lld %s", (long long)json_integer_value(n), name);
    if (refused) jf_text_addf(&words, ", %zu refused", refused);
    jf_doc_field(doc, "studies", "%s", jf_doc_words(doc, &words));
    jf_text_free(&words);
}

static void add_estimate(jf_doc_table *table, size_t column, const json_t *parameter, const char *key,
                         double error)
{
    char text[JF_NUMBER_TEXT];
    double value = jf_result_number(parameter, key);

    jf_doc_table_number(table, column, value, jf_show_estimate(text, value, error, 4));
}

static void add_recovery(jf_doc *doc, const json_t *recovery)
{
    static const char *const titles[] = {"parameter", "truth",     "mean",       "median", "bias",
                                         "+-",        "deviation", "std. error", "RMSE",   "relative"};
    static const int priority[] = {0, 0, 0, 3, 0, 2, 0, 0, 4, 1};
    const json_t *parameters = jf_result_at(recovery, "parameters"), *parameter;
    jf_doc_table *table = jf_doc_add_table(doc, "Recovery of the parameters");
    char text[JF_NUMBER_TEXT];
    size_t i;

    for (size_t c = 0; c < sizeof titles / sizeof *titles; c++)
        jf_doc_table_column(table, titles[c], c ? JF_RIGHT : JF_LEFT, priority[c]);
    json_array_foreach((json_t *)parameters, i, parameter)
    {
        double spread = jf_result_number(parameter, "std_deviation");
        double error = jf_result_number(parameter, "bias_monte_carlo_error");
        double reported = jf_result_number(parameter, "mean_std_error"),
               rmse = jf_result_number(parameter, "rmse");

        jf_doc_table_row(table);
        jf_doc_table_cell(table, 0, "%s", jf_result_text(parameter, "name"));
        add_estimate(table, 1, parameter, "truth", error);
        add_estimate(table, 2, parameter, "mean", error);
        add_estimate(table, 3, parameter, "median", error);
        add_estimate(table, 4, parameter, "bias", error);
        jf_doc_table_number(table, 5, error, jf_show_error(text, error));
        jf_doc_table_number(table, 6, spread, jf_show_number(text, spread, 3));
        jf_doc_table_number(table, 7, reported, jf_show_number(text, reported, 3));
        jf_doc_table_number(table, 8, rmse, jf_show_number(text, rmse, 3));
        jf_table_share(table, 9, jf_result_number(parameter, "relative_rmse"));
    }
    jf_doc_field(doc, "deviation",
                 "of the estimates over studies; std. error: what their fits reported (root mean "
                 "square); +-: Monte-Carlo error of the bias; relative: RMSE by the truth");
}

/* ---- coverage ---- */

static const char *kind_at(const json_t *coverage, size_t i)
{
    return jf_result_text(json_array_get(coverage, i), "kind");
}

static double level_of(const json_t *coverage)
{
    return jf_result_number(json_array_get(coverage, 0), "level");
}

/* The largest Monte-Carlo error among the shares. */
static double largest_error(const json_t *coverage)
{
    double largest = 0;

    for (size_t i = 0; i < json_array_size(coverage); i++)
        largest = fmax(largest, jf_result_number(json_array_get(coverage, i), "monte_carlo_error"));
    return largest;
}

/* One row a kind, one column a parameter. */
static void add_by_parameter(jf_doc_table *table, const json_t *coverage, size_t n_parameters)
{
    size_t n = json_array_size(coverage);

    for (size_t p = 0; p < n_parameters && p < n; p++)
        jf_doc_table_column(table, jf_result_text(json_array_get(coverage, p), "parameter"), JF_RIGHT, 0);
    for (size_t i = 0; i + n_parameters <= n; i += n_parameters) {
        jf_doc_table_row(table);
        jf_doc_table_cell(table, 0, "%s", kind_at(coverage, i));
        for (size_t p = 0; p < n_parameters; p++)
            jf_table_share(table, 1 + p, jf_result_number(json_array_get(coverage, i + p), "coverage"));
    }
}

/* One row a kind: the parameter that it serves worst, and the mean of all. */
static void add_by_kind(jf_doc_table *table, const json_t *coverage, size_t n_parameters)
{
    jf_doc_table_column(table, "lowest", JF_RIGHT, 0);
    jf_doc_table_column(table, "of", JF_LEFT, 0);
    jf_doc_table_column(table, "mean", JF_RIGHT, 0);
    jf_doc_table_column(table, "highest", JF_RIGHT, 1);
    for (size_t i = 0; i + n_parameters <= json_array_size(coverage); i += n_parameters) {
        double low = INFINITY, high = 0, sum = 0;
        size_t n = 0, worst = i;
        for (size_t p = i; p < i + n_parameters; p++) {
            double share = jf_result_number(json_array_get(coverage, p), "coverage");
            if (isnan(share)) continue;
            if (share < low) low = share, worst = p;
            high = fmax(high, share);
            sum += share;
            n++;
        }
        jf_doc_table_row(table);
        jf_doc_table_cell(table, 0, "%s", kind_at(coverage, i));
        jf_table_share(table, 1, n ? low : NAN);
        jf_doc_table_cell(table, 2, "%s",
                          n ? jf_result_text(json_array_get(coverage, worst), "parameter") : "");
        jf_table_share(table, 3, n ? sum / (double)n : NAN);
        jf_table_share(table, 4, n ? high : NAN);
    }
}

/* Kinds that did not give an interval in every study, or open ones. */
static void add_missing(jf_doc *doc, const json_t *coverage)
{
    const json_t *one;
    size_t i;

    json_array_foreach((json_t *)coverage, i, one)
    {
        size_t none = jf_result_count(one, "none"), open = jf_result_count(one, "open");
        const char *parameter = jf_result_text(one, "parameter");
        if (!none && !open) continue;
        jf_doc_list_item(doc, "%s%s%s: in %zu of %zu studies no interval, in %zu an open one",
                         kind_at(coverage, i), *parameter ? " of " : "", parameter, none,
                         none + jf_result_count(one, "made"), open);
    }
}

static void add_coverage(jf_doc *doc, const json_t *simulation, bool whole)
{
    const json_t *coverage = jf_result_at(simulation, "coverage");
    size_t n = json_array_size(jf_result_at(simulation, "recovery.parameters"));
    char title[96], level[JF_NUMBER_TEXT], error[JF_NUMBER_TEXT];
    jf_doc_table *table;

    if (!json_array_size(coverage) || !n) return;
    snprintf(title, sizeof title, "How often %s intervals hold the truth",
             jf_show_percent(level, level_of(coverage)));
    table = jf_doc_add_table(doc, title);
    jf_doc_table_column(table, "interval", JF_LEFT, 0);
    if (n <= MOST_PARAMETERS)
        add_by_parameter(table, coverage, n);
    else
        add_by_kind(table, coverage, n);
    jf_doc_field(doc, "Monte-Carlo error", "of these shares: at most %s",
                 jf_show_percent(error, largest_error(coverage)));
    if (whole) add_missing(doc, coverage);
}

static const char *promise(const char *kind)
{
    static const struct {
        const char *kind, *words;
    } all[] = {{"mean band", "of the law's mean; groups' effects left out"},
               {"new run", "normal noise, independent runs"},
               {"conformal:split", "its level, over groups"},
               {"conformal:cv", "1 - 2 alpha, over groups"}};

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!strcmp(all[i].kind, kind)) return all[i].words;
    return "";
}

static void add_new_runs(jf_doc *doc, const json_t *simulation)
{
    const json_t *runs = jf_result_at(simulation, "new_runs"), *one;
    char title[96], text[JF_NUMBER_TEXT];
    jf_doc_table *table;
    size_t i;

    if (!json_array_size(runs)) return;
    snprintf(title, sizeof title, "How often %s intervals hold new runs",
             jf_show_percent(text, level_of(runs)));
    table = jf_doc_add_table(doc, title);
    jf_doc_table_column(table, "interval", JF_LEFT, 0);
    jf_doc_table_column(table, "coverage", JF_RIGHT, 0);
    jf_doc_table_column(table, "+-", JF_RIGHT, 0);
    jf_doc_table_column(table, "length", JF_RIGHT, 1);
    jf_doc_table_column(table, "infinite", JF_RIGHT, 0);
    jf_doc_table_column(table, "what it promises", JF_LEFT, 2);
    json_array_foreach((json_t *)runs, i, one)
    {
        double length = jf_result_number(one, "length"), open = jf_result_number(one, "open");
        jf_doc_table_row(table);
        jf_doc_table_cell(table, 0, "%s", kind_at(runs, i));
        jf_table_share(table, 1, jf_result_number(one, "coverage"));
        jf_table_share(table, 2, jf_result_number(one, "monte_carlo_error"));
        jf_doc_table_number(table, 3, length, jf_show_number(text, length, 3));
        jf_table_share(table, 4, open / jf_result_number(one, "made"));
        jf_doc_table_cell(table, 5, "%s", promise(kind_at(runs, i)));
    }
    json_array_foreach((json_t *)runs, i, one) if (jf_result_count(one, "groups_missing"))
        jf_doc_field(doc, kind_at(runs, i),
                     "infinite: %zu calibration groups (runs, where there are no groups) are missing",
                     jf_result_count(one, "groups_missing"));
}

/* ---- power ---- */

static void add_power(jf_doc *doc, const json_t *simulation)
{
    static const char *const shares[] = {"aicc",       "bic",   "validation", "test",
                                         "test_wrong", "vuong", "vuong_wrong"};
    static const char *const titles[] = {"AICc", "BIC", "validation", "test", "wrongly", "Vuong", "wrongly"};
    static const int priority[] = {0, 3, 0, 0, 1, 2, 4};
    const json_t *power = jf_result_at(simulation, "power"), *rivals = jf_result_at(power, "rivals"), *rival;
    char margin[JF_NUMBER_TEXT];
    jf_doc_table *table;
    size_t i;

    if (!power) return;
    table = jf_doc_add_table(doc, "How often the true law is named");
    jf_doc_table_column(table, "against", JF_LEFT, 0);
    jf_doc_table_column(table, "runs", JF_RIGHT, 0);
    jf_doc_table_column(table, "groups", JF_RIGHT, 1);
    for (size_t c = 0; c < sizeof shares / sizeof *shares; c++)
        jf_doc_table_column(table, titles[c], JF_RIGHT, priority[c]);
    jf_doc_table_column(table, "margin", JF_RIGHT, 2);
    json_array_foreach((json_t *)rivals, i, rival)
    {
        double by = jf_result_number(rival, "margin");
        jf_doc_table_row(table);
        jf_doc_table_cell(table, 0, "%s", jf_result_text(rival, "rival"));
        jf_doc_table_cell(table, 1, "%zu", jf_result_count(rival, "runs"));
        jf_doc_table_cell(table, 2, "%zu", jf_result_count(rival, "groups"));
        for (size_t c = 0; c < sizeof shares / sizeof *shares; c++)
            jf_table_share(table, 3 + c, jf_result_number(rival, shares[c]));
        jf_doc_table_number(table, 10, by, jf_show_number(margin, by, 3));
    }
    json_array_foreach((json_t *)rivals, i, rival) if (jf_result_count(rival, "copies") ==
                                                       jf_result_count(json_array_get(rivals, 0), "copies"))
        jf_doc_field(doc, jf_result_text(rival, "rival"), "%s", jf_result_text(rival, "formula"));
    jf_doc_field(doc, "studies", "%zu drawn from the true law for each line",
                 jf_result_count(power, "studies"));
    jf_doc_field(doc, "AICc, BIC", "the true law has the smaller one");
    jf_doc_field(doc, "validation", "the true law has the better %s in %s",
                 jf_result_text(power, "criterion"), jf_result_text(power, "plan"));
    jf_doc_field(doc, "test, Vuong",
                 "told apart at the 5 %% level in favour of the true law, and, wrongly, of its rival");
    jf_doc_field(doc, "margin", "median of the rival's score over the true law's");
}

/* ---- the document ---- */

static void compose(jf_doc *doc, const json_t *simulation, const jf_report_options *options)
{
    const json_t *recovery = jf_result_at(simulation, "recovery");

    jf_doc_code(doc, jf_result_text(simulation, "law.formula"));
    jf_compose_data(doc, jf_result_at(simulation, "data"));
    add_truth(doc, simulation, options->digits);
    if (recovery) {
        add_outcomes(doc, recovery);
        add_recovery(doc, recovery);
        add_coverage(doc, simulation, !options->brief);
        add_new_runs(doc, simulation);
    }
    if (!recovery || !options->brief) add_true_values(doc, simulation);
    add_power(doc, simulation);
    jf_compose_next(doc, simulation, !options->brief);
    if (!options->brief && recovery && json_array_size(jf_result_at(recovery, "warnings"))) {
        jf_doc_heading(doc, 2, "Warnings of the fits to simulated data");
        jf_compose_warnings(doc, jf_result_at(recovery, "warnings"), false);
    }
    jf_compose_warnings(doc, jf_result_at(simulation, "warnings"), !options->brief);
    if (!options->brief) jf_compose_reproduce(doc, simulation);
}

jf_status jf_compose_simulation(const json_t *simulation, const jf_report_options *options, jf_doc **out,
                                jf_error *err)
{
    jf_report_options chosen = options ? *options : (jf_report_options){0};
    jf_status status = JF_OK;
    char title[256];
    jf_doc *doc;

    *out = NULL;
    if (chosen.digits <= 0) chosen.digits = 4;
    if (!jf_result_at(simulation, "truth"))
        return jf_fail(err, JF_EDATA, "expected simulated studies: the result has no 'truth'");
    snprintf(title, sizeof title, "Simulated studies of %s", jf_result_text(simulation, "law.name"));
    doc = jf_doc_new(title);
    JF_TRY_NEW(doc, err, "a report");
    compose(doc, simulation, &chosen);
    JF_TRY(jf_doc_check(doc, err));
    *out = doc;
    doc = NULL;
done:
    jf_doc_free(doc);
    return status;
}
