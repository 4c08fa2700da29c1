/* Parts that the documents of fits and comparisons share: data, parameters, warnings, how to reproduce. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "core/warnings.h"
#include "reports/json_table.h"
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

static const char *verdict_of(const json_t *parameters, size_t i)
{
    return jf_result_text(json_array_get(parameters, i), "verdict");
}

static const double WELL = 0.5; /* relative error: above, an estimate is not told from zero */

/* Is all that there is to say how well it is determined? */
static bool is_well(const json_t *parameter)
{
    return strcmp(jf_result_text(parameter, "identifiability.class"), "well") == 0 &&
           jf_result_number(parameter, "identifiability.relative_error") <= WELL &&
           json_array_size(jf_result_at(parameter, "identifiability.trades_off_with")) == 0;
}

static bool said_before(const json_t *parameters, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (!strcmp(verdict_of(parameters, k), verdict_of(parameters, i))) return true;
    return false;
}

/* All that is well determined, in one line: "well determined: a (2 %), b (0.3 %)". */
static void add_well_determined(jf_doc *doc, const json_t *parameters)
{
    const json_t *parameter;
    jf_text names = {0};
    char share[JF_NUMBER_TEXT];
    size_t i;

    json_array_foreach((json_t *)parameters, i, parameter)
    {
        if (!is_well(parameter)) continue;
        jf_text_addf(&names, "%s%s (%s)", names.length ? ", " : "", jf_result_text(parameter, "name"),
                     jf_show_percent(share, jf_result_number(parameter, "identifiability.relative_error")));
    }
    if (names.length)
        jf_doc_list_item(doc, "well determined (relative error): %s", jf_doc_words(doc, &names));
    jf_text_free(&names);
}

/* Each other verdict once, behind the names of all parameters that it is about. */
static void add_verdicts(jf_doc *doc, const json_t *parameters)
{
    add_well_determined(doc, parameters);
    for (size_t i = 0; i < json_array_size(parameters); i++) {
        jf_text names = {0};
        if (!*verdict_of(parameters, i) || is_well(json_array_get(parameters, i)) ||
            said_before(parameters, i))
            continue;
        for (size_t k = i; k < json_array_size(parameters); k++)
            if (!strcmp(verdict_of(parameters, k), verdict_of(parameters, i)))
                jf_text_addf(&names, "%s%s", names.length ? ", " : "",
                             jf_result_text(json_array_get(parameters, k), "name"));
        jf_doc_list_item(doc, "%s: %s", jf_doc_words(doc, &names), verdict_of(parameters, i));
        jf_text_free(&names);
    }
}

/* The last column only where a state is worth a word. */
static void add_parameters(jf_doc *doc, const json_t *fit, const char *caption, int digits)
{
    const json_t *parameters = jf_result_at(fit, "parameters"), *parameter;
    bool states = any_odd(parameters);
    char interval[64];
    jf_json_column columns[] = {{"parameter", "name", JF_FORM_TEXT},
                                {"estimate", "estimate", JF_FORM_ESTIMATE},
                                {"std. error", "std_error", JF_FORM_ERROR},
                                {interval, "ci_low", JF_FORM_INTERVAL, .priority = 1, .upper = "ci_high"},
                                {"t", "statistic", JF_FORM_T, .priority = 3},
                                {"p", "p_value", JF_FORM_P, .priority = 2},
                                {states ? "state" : NULL, "", JF_FORM_TEXT},
                                {NULL}};
    size_t i, state = sizeof columns / sizeof *columns - 2;
    jf_doc_table *table = jf_doc_add_table(doc, caption);

    interval_title(fit, interval, sizeof interval);
    jf_json_table_columns(table, columns);
    json_array_foreach((json_t *)parameters, i, parameter)
    {
        jf_json_table_row(table, columns, parameter, digits);
        if (is_odd(parameter)) jf_doc_table_cell(table, state, "%s", jf_result_text(parameter, "state"));
    }
}

void jf_compose_parameters(jf_doc *doc, const json_t *fit, const char *caption,
                           const jf_report_options *options)
{
    if (json_array_size(jf_result_at(fit, "parameters")) == 0) return;
    add_parameters(doc, fit, caption, options->digits);
    add_verdicts(doc, jf_result_at(fit, "parameters"));
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

/* Is the figure drawn from a result of that kind alone, and has it what the kind asks for? */
static bool is_offered(const jf_figure_kind *kind, const jf_figure_source *source)
{
    if (!(kind->wants & (JF_WANTS_FIT | JF_WANTS_COMPARISON))) return false;
    if (kind->serves) return jf_figure_serves(kind, source);
    return !(kind->wants & JF_WANTS_COMPARISON) || jf_result_at(source->result, "candidates");
}

jf_status jf_compose_figures(jf_doc *doc, const json_t *result, jf_error *err)
{
    jf_figure_source source = {.result = result};
    bool begun = false;

    for (const jf_figure_kind *kind = jf_figure_kinds; kind->name; kind++) {
        jf_figure *figure = NULL;
        jf_error why = {0};
        jf_status status;
        if (!is_offered(kind, &source)) continue;
        status = jf_figure_build(kind, &source, &figure, &why);
        if (status == JF_ENOMEM) return jf_fail(err, status, "%s", why.message);
        if (!begun) jf_doc_heading(doc, 2, "Figures");
        begun = true;
        if (status == JF_OK)
            jf_doc_figure(doc, figure);
        else /* a figure that cannot be is named with its reason, not left out in silence */
            jf_doc_paragraph(doc, "No %s figure: %s.", kind->name, why.message);
    }
    return JF_OK;
}
