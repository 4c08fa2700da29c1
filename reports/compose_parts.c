/* Parts that the documents of fits and comparisons share: data, parameters, warnings, how to reproduce. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "core/warnings.h"
#include "reports/number.h"
#include "reports/figures.h"
#include "reports/result.h"

/* ---- data ---- */

/* Why rows fell out, in words that follow their number. */
static const char *in_words(const char *reason)
{
    static const struct {
        const char *reason, *words;
    } all[] = {{"filter", "by the filter"}, {"missing", "with missing values"}, {"duplicate", "as copies"}};

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!strcmp(all[i].reason, reason)) return all[i].words;
    return reason;
}

static void add_rows(jf_doc *doc, const json_t *data)
{
    jf_text words = {0};
    size_t read = jf_result_count(data, "rows_read"), used = jf_result_count(data, "rows_used"), i;
    const json_t *drop;

    jf_text_addf(&words, "%s: %zu of %zu rows used", jf_result_text(data, "file"), used, read);
    json_array_foreach((json_t *)jf_result_at(data, "dropped"), i, drop)
        jf_text_addf(&words, "%s %zu %s", i ? "," : "; dropped", jf_result_count(drop, "rows"),
                     in_words(jf_result_text(drop, "reason")));
    jf_doc_field(doc, "data", "%s", jf_doc_words(doc, &words));
    jf_text_free(&words);
}

void jf_compose_data(jf_doc *doc, const json_t *data)
{
    size_t duplicates = jf_result_count(data, "duplicates");
    const char *simulated = jf_result_text(data, "simulated");

    if (!data) return;
    add_rows(doc, data);
    if (duplicates)
        jf_doc_field(doc, "copies", "%zu of the rows used are exact copies of others: they are no repeats",
                     duplicates);
    if (*simulated) jf_doc_field(doc, "simulated", "%s", simulated);
}

/* ---- parameters ---- */

enum { NAME, ESTIMATE, ERROR, INTERVAL, STATISTIC, P_VALUE, STATE };

static bool is_odd(const json_t *parameter)
{
    const char *state = jf_result_text(parameter, "state");
    return *state && strcmp(state, "ok") != 0;
}

static bool any_odd(const json_t *parameters)
{
    const json_t *parameter;
    size_t i;

    json_array_foreach((json_t *)parameters, i, parameter) if (is_odd(parameter)) return true;
    return false;
}

/* "ci" of the level that the fit used. */
static void interval_title(const json_t *fit, char *title, size_t size)
{
    double level = jf_result_number(json_array_get(jf_result_at(fit, "intervals"), 0), "level");
    char share[JF_NUMBER_TEXT];

    if (!isfinite(level)) level = jf_result_number(fit, "level");
    snprintf(title, size, "%s interval", jf_show_percent(share, isfinite(level) ? level : 0.95));
}

static void add_columns(jf_doc_table *table, const json_t *fit, bool states)
{
    char interval[64];

    interval_title(fit, interval, sizeof interval);
    jf_doc_table_column(table, "parameter", JF_LEFT, 0);
    jf_doc_table_column(table, "estimate", JF_RIGHT, 0);
    jf_doc_table_column(table, "std. error", JF_RIGHT, 0);
    jf_doc_table_column(table, interval, JF_RIGHT, 1);
    jf_doc_table_column(table, "t", JF_RIGHT, 3);
    jf_doc_table_column(table, "p", JF_RIGHT, 2);
    if (states) jf_doc_table_column(table, "state", JF_LEFT, 0);
}

static void add_interval(jf_doc_table *table, const json_t *parameter, double error, int digits)
{
    double low = jf_result_number(parameter, "ci_low"), high = jf_result_number(parameter, "ci_high");
    char low_text[JF_NUMBER_TEXT], high_text[JF_NUMBER_TEXT];

    if (isnan(low) && isnan(high))
        jf_doc_table_cell(table, INTERVAL, "-");
    else
        jf_doc_table_cell(table, INTERVAL, "%s .. %s", jf_show_estimate(low_text, low, error, digits),
                          jf_show_estimate(high_text, high, error, digits));
}

static void add_parameter(jf_doc_table *table, const json_t *parameter, int digits, bool states)
{
    double value = jf_result_number(parameter, "estimate"), error = jf_result_number(parameter, "std_error");
    double t = jf_result_number(parameter, "statistic"), p = jf_result_number(parameter, "p_value");
    char buffer[JF_NUMBER_TEXT];

    jf_doc_table_row(table);
    jf_doc_table_cell(table, NAME, "%s", jf_result_text(parameter, "name"));
    jf_doc_table_number(table, ESTIMATE, value, jf_show_estimate(buffer, value, error, digits));
    jf_doc_table_number(table, ERROR, error, jf_show_error(buffer, error));
    add_interval(table, parameter, error, digits);
    jf_doc_table_number(table, STATISTIC, t,
                        fabs(t) < 1e5 ? jf_show_fixed(buffer, t, fabs(t) < 100 ? 2 : 0)
                                      : jf_show_number(buffer, t, 3));
    jf_doc_table_number(table, P_VALUE, p, jf_show_p(buffer, p));
    if (states)
        jf_doc_table_cell(table, STATE, "%s", is_odd(parameter) ? jf_result_text(parameter, "state") : "");
}

static const char *verdict_of(const json_t *parameters, size_t i)
{
    return jf_result_text(json_array_get(parameters, i), "verdict");
}

static bool said_before(const json_t *parameters, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (!strcmp(verdict_of(parameters, k), verdict_of(parameters, i))) return true;
    return false;
}

/* Each verdict once, behind the names of all parameters that it is about. */
static void add_verdicts(jf_doc *doc, const json_t *parameters)
{
    for (size_t i = 0; i < json_array_size(parameters); i++) {
        jf_text names = {0};
        if (!*verdict_of(parameters, i) || said_before(parameters, i)) continue;
        for (size_t k = i; k < json_array_size(parameters); k++)
            if (!strcmp(verdict_of(parameters, k), verdict_of(parameters, i)))
                jf_text_addf(&names, "%s%s", names.length ? ", " : "",
                             jf_result_text(json_array_get(parameters, k), "name"));
        jf_doc_list_item(doc, "%s: %s", jf_doc_words(doc, &names), verdict_of(parameters, i));
        jf_text_free(&names);
    }
}

void jf_compose_parameters(jf_doc *doc, const json_t *fit, const char *caption,
                           const jf_report_options *options)
{
    const json_t *parameters = jf_result_at(fit, "parameters"), *parameter;
    bool states = any_odd(parameters);
    jf_doc_table *table;
    size_t i;

    if (json_array_size(parameters) == 0) return;
    table = jf_doc_add_table(doc, caption);
    add_columns(table, fit, states);
    json_array_foreach((json_t *)parameters, i, parameter)
        add_parameter(table, parameter, options->digits, states);
    add_verdicts(doc, parameters);
}

/* ---- warnings ---- */

void jf_compose_warnings(jf_doc *doc, const json_t *warnings, bool explain)
{
    const json_t *warning;
    size_t i;

    if (json_array_size(warnings) == 0) return;
    jf_doc_heading(doc, explain ? 2 : 3, "Warnings");
    json_array_foreach((json_t *)warnings, i, warning)
    {
        const char *code = jf_result_text(warning, "code"), *message = jf_result_text(warning, "message");
        const jf_warning_help *help = explain ? jf_warning_explain(code) : NULL;
        if (help)
            jf_doc_list_item(doc, "%s: %s. What it means: %s. What to do: %s.", code, message, help->meaning,
                             help->cure);
        else
            jf_doc_list_item(doc, "%s: %s", code, message);
    }
}

/* ---- how to reproduce ---- */

void jf_compose_reproduce(jf_doc *doc, const json_t *result)
{
    const json_t *seed = jf_result_at(result, "seed");
    const char *command = jf_result_text(result, "command"), *sha256 = jf_result_text(result, "data.sha256");

    jf_doc_heading(doc, 2, "How to reproduce");
    if (*command) jf_doc_code(doc, command);
    jf_doc_field(doc, "program", "joulefit %s", jf_result_text(result, "joulefit"));
    if (json_is_integer(seed)) jf_doc_field(doc, "seed", "%lld", (long long)json_integer_value(seed));
    if (*sha256) jf_doc_field(doc, "sha256 of the data", "%s", sha256);
}

/* ---- figures ---- */

jf_status jf_compose_figures(jf_doc *doc, const json_t *result, const char *const *kinds, jf_error *err)
{
    bool begun = false;

    for (; *kinds; kinds++) {
        const jf_figure_kind *kind = NULL;
        jf_figure *figure = NULL;
        jf_error why = {0};
        jf_status status = jf_figure_find(*kinds, &kind, &why);
        if (status == JF_OK)
            status = jf_figure_build(kind, &(jf_figure_source){.result = result}, &figure, &why);
        if (status == JF_ENOMEM) return jf_fail(err, status, "%s", why.message);
        if (!begun) jf_doc_heading(doc, 2, "Figures");
        begun = true;
        if (status == JF_OK)
            jf_doc_figure(doc, figure);
        else /* a figure that cannot be is named with its reason, not left out in silence */
            jf_doc_paragraph(doc, "No %s figure: %s.", *kinds, why.message);
    }
    return JF_OK;
}
