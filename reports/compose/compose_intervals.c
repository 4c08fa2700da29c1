/* Intervals besides those of the standard errors that are reported: other covariances, bootstrap, profile. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "reports/json_table.h"
#include "reports/number.h"
#include "reports/result.h"

enum { EXTRA_DIGITS = 4 };

/* A number, or why there is none: profiles have open ends. */
static const char *show_end(char *text, const json_t *limits, const char *end, const char *state,
                            double error, int digits)
{
    double value = jf_result_number(limits, end);
    const char *why = jf_result_text(limits, state);

    if (isfinite(value) || !*why) return jf_show_estimate(text, value, error, digits);
    if (!strcmp(why, "unbounded")) return "open";
    return strcmp(why, "failed") ? why : "not found";
}

static void add_limits(jf_doc_table *table, size_t column, const json_t *limits, double error, int digits)
{
    double low = jf_result_number(limits, "low"), high = jf_result_number(limits, "high");
    char low_text[JF_NUMBER_TEXT], high_text[JF_NUMBER_TEXT];

    if (isnan(low) && isnan(high) && !*jf_result_text(limits, "low_state"))
        jf_doc_table_cell(table, column, "-");
    else
        jf_doc_table_interval(table, column, low, high,
                              show_end(low_text, limits, "low", "low_state", error, digits),
                              show_end(high_text, limits, "high", "high_state", error, digits));
}

static const json_t *limits_of(const json_t *set, size_t parameter)
{
    return json_array_get(jf_result_at(set, "parameters"), parameter);
}

/* Has a page room for a column for each kind? */
static bool fit_side_by_side(const json_t *sets)
{
    enum { PAGE = 80, NAME = 12, LIMITS = 20, GAP = 2 };
    size_t width = NAME;

    for (size_t s = 1; s < json_array_size(sets); s++) {
        size_t title = strlen(jf_result_text(json_array_get(sets, s), "kind"));
        width += GAP + (title > LIMITS ? title : LIMITS);
    }
    return width <= PAGE;
}

/* A column for each kind. */
static void add_columns(jf_doc_table *table, const json_t *fit, int digits)
{
    const json_t *sets = jf_result_at(fit, "intervals"), *parameter;
    size_t i;

    for (size_t s = 1; s < json_array_size(sets); s++)
        jf_doc_table_column(table, jf_result_text(json_array_get(sets, s), "kind"), JF_RIGHT, 0);
    json_array_foreach((json_t *)jf_result_at(fit, "parameters"), i, parameter)
    {
        jf_doc_table_row(table);
        jf_doc_table_cell(table, 0, "%s", jf_result_text(parameter, "name"));
        for (size_t s = 1; s < json_array_size(sets); s++)
            add_limits(table, s, limits_of(json_array_get(sets, s), i),
                       jf_result_number(parameter, "std_error"), digits);
    }
}

/* Or a row for each kind, the parameter's own interval first. */
static void add_lines(jf_doc_table *table, const json_t *fit, int digits)
{
    const json_t *sets = jf_result_at(fit, "intervals"), *parameter;
    size_t i;

    jf_doc_table_column(table, "by", JF_LEFT, 0);
    jf_doc_table_column(table, "interval", JF_RIGHT, 0);
    json_array_foreach((json_t *)jf_result_at(fit, "parameters"), i, parameter)
    {
        for (size_t s = 0; s < json_array_size(sets); s++) {
            const json_t *set = json_array_get(sets, s);

            jf_doc_table_row(table);
            jf_doc_table_words(table, 0, s ? "" : jf_result_text(parameter, "name"), "%s",
                               jf_result_text(parameter, "name"));
            jf_doc_table_cell(table, 1, "%s", jf_result_text(set, "kind"));
            add_limits(table, 2, limits_of(set, i), jf_result_number(parameter, "std_error"), digits);
        }
    }
}

/* Kinds of one resample differ in the last part of their names only ("bootstrap:pairs:bca"), save the t,
 * which has its own. */
static int resample_length(const json_t *set)
{
    const char *kind = jf_result_text(set, "kind"), *last = strrchr(kind, ':');

    return (int)(last && strcmp(last, ":t") != 0 ? (size_t)(last - kind) : strlen(kind));
}

static bool is_first_of_resample(const json_t *sets, size_t s)
{
    const json_t *set = json_array_get(sets, s), *before = json_array_get(sets, s ? s - 1 : 0);
    int length = resample_length(set);

    return s == 0 || length != resample_length(before) ||
           strncmp(jf_result_text(set, "kind"), jf_result_text(before, "kind"), (size_t)length) != 0;
}

/* How many refits stand behind the intervals of a bootstrap. */
static void add_resamples(jf_doc *doc, const json_t *sets)
{
    for (size_t s = 1; s < json_array_size(sets); s++) {
        const json_t *set = json_array_get(sets, s);
        double resamples = jf_result_number(set, "resamples");

        if (resamples > 0 && is_first_of_resample(sets, s))
            jf_doc_field(doc, "resamples", "%.0f, of which %.0f had no fit (%.*s)", resamples,
                         jf_result_number(set, "failed"), resample_length(set), jf_result_text(set, "kind"));
    }
}

void jf_compose_intervals(jf_doc *doc, const json_t *fit, const jf_report_options *options)
{
    const json_t *sets = jf_result_at(fit, "intervals");
    bool columns = fit_side_by_side(sets);
    char title[80], share[JF_NUMBER_TEXT];
    jf_doc_table *table;

    if (json_array_size(sets) < 2) return;
    snprintf(title, sizeof title, columns ? "Other %s intervals" : "%s intervals of every kind",
             jf_show_percent(share, jf_result_number(json_array_get(sets, 1), "level")));
    table = jf_doc_add_table(doc, title);
    jf_doc_table_column(table, "parameter", JF_LEFT, 0);
    (columns ? add_columns : add_lines)(table, fit, options->digits);
    add_resamples(doc, sets);
}

/* ---- derived quantities and tests ---- */

static void add_derived(jf_doc *doc, const json_t *sets, const json_t *derived)
{
    static const jf_json_column columns[] = {
        {"by", "kind", JF_FORM_TEXT},
        {"std. error", "std_error", JF_FORM_ERROR},
        {"interval", "low", JF_FORM_INTERVAL, .priority = 1, .upper = "high"},
        {NULL}};
    const json_t *quantity, *set;
    jf_doc_table *table = NULL;
    size_t i, s;

    json_array_foreach((json_t *)derived, i, quantity)
    {
        bool first = true;
        json_array_foreach((json_t *)sets, s, set)
        {
            const json_t *found = json_array_get(jf_result_at(set, "derived"), i);
            const char *name = jf_result_text(found, "name");

            if (!found) continue;
            if (!table) {
                table = jf_doc_add_table(doc, "derived quantities, by bootstrap");
                jf_doc_table_column(table, "quantity", JF_LEFT, 0);
                jf_json_table_columns(table, columns);
            }
            jf_doc_table_row(table);
            jf_json_table_cells(table, 1, columns, found, EXTRA_DIGITS);
            jf_doc_table_words(table, 0, first ? name : "", "%s", name);
            jf_doc_table_cell(table, 1, "%s", jf_result_text(set, "kind"));
            first = false;
        }
    }
}

static void add_tests(jf_doc *doc, const json_t *sets, const json_t *tests)
{
    const json_t *test, *set;
    jf_doc_table *table = NULL;
    char p[JF_NUMBER_TEXT];
    size_t i, s;

    json_array_foreach((json_t *)tests, i, test) json_array_foreach((json_t *)sets, s, set)
    {
        const json_t *found = json_array_get(jf_result_at(set, "tests"), i);
        const char *state = jf_result_text(found, "state");

        if (!found || !is_first_of_resample(sets, s)) continue;
        if (!table) {
            table = jf_doc_add_table(doc, "statements, tested by bootstrap");
            jf_doc_table_column(table, "statement", JF_LEFT, 0);
            jf_doc_table_column(table, "by", JF_LEFT, 0);
            jf_doc_table_column(table, "p", JF_RIGHT, 0);
        }
        jf_doc_table_row(table);
        jf_doc_table_cell(table, 0, "%s", jf_result_text(found, "hypothesis"));
        jf_doc_table_cell(table, 1, "%.*s", resample_length(set), jf_result_text(set, "kind"));
        jf_doc_table_number(table, 2, jf_result_number(found, "p_value"),
                            jf_show_p(p, jf_result_number(found, "p_value")));
        if (*state && strcmp(state, "ok") != 0)
            jf_doc_field(doc, jf_result_text(found, "hypothesis"), "no p by %.*s: %s", resample_length(set),
                         jf_result_text(set, "kind"), state);
    }
}

void jf_compose_bootstrapped(jf_doc *doc, const json_t *fit)
{
    const json_t *sets = jf_result_at(fit, "intervals");

    add_derived(doc, sets, jf_result_at(fit, "derived"));
    add_tests(doc, sets, jf_result_at(fit, "tests"));
}
