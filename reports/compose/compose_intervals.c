/* Intervals besides those of the standard errors that are reported: other covariances, bootstrap, profile. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "reports/number.h"
#include "reports/result.h"

/* A number, or why there is none: profiles have open ends. */
static const char *show_end(char *text, const json_t *limits, const char *end, const char *state,
                            double error, int digits)
{
    double value = jf_result_number(limits, end);
    const char *why = jf_result_text(limits, state);

    if (isfinite(value) || !*why) return jf_show_estimate(text, value, error, digits);
    return strcmp(why, "unbounded") ? why : "open";
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

static void add_row(jf_doc_table *table, const json_t *fit, size_t row, int digits)
{
    const json_t *sets = jf_result_at(fit, "intervals");
    const json_t *parameter = json_array_get(jf_result_at(fit, "parameters"), row);
    double error = jf_result_number(parameter, "std_error");

    jf_doc_table_row(table);
    jf_doc_table_cell(table, 0, "%s", jf_result_text(parameter, "name"));
    for (size_t s = 1; s < json_array_size(sets); s++)
        add_limits(table, s, json_array_get(jf_result_at(json_array_get(sets, s), "parameters"), row), error,
                   digits);
}

/* How many refits stand behind the intervals of a bootstrap. */
static void add_resamples(jf_doc *doc, const json_t *set)
{
    double resamples = jf_result_number(set, "resamples");

    if (resamples > 0)
        jf_doc_field(doc, "resamples", "%.0f, of which %.0f had no fit (%s)", resamples,
                     jf_result_number(set, "failed"), jf_result_text(set, "kind"));
}

void jf_compose_intervals(jf_doc *doc, const json_t *fit, const jf_report_options *options)
{
    const json_t *sets = jf_result_at(fit, "intervals");
    char title[80], share[JF_NUMBER_TEXT];
    jf_doc_table *table;

    if (json_array_size(sets) < 2) return;
    snprintf(title, sizeof title, "Other %s intervals",
             jf_show_percent(share, jf_result_number(json_array_get(sets, 1), "level")));
    table = jf_doc_add_table(doc, title);
    jf_doc_table_column(table, "parameter", JF_LEFT, 0);
    for (size_t s = 1; s < json_array_size(sets); s++)
        jf_doc_table_column(table, jf_result_text(json_array_get(sets, s), "kind"), JF_RIGHT, 0);
    for (size_t i = 0; i < json_array_size(jf_result_at(fit, "parameters")); i++)
        add_row(table, fit, i, options->digits);
    for (size_t s = 1; s < json_array_size(sets); s++) add_resamples(doc, json_array_get(sets, s));
}
