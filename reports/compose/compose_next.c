/* The part of a document that says what to measure next. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "reports/number.h"
#include "reports/result.h"

enum { MOST_CANDIDATES = 8, MOST_IN_WHOLE = 50 };

void jf_table_share(jf_doc_table *table, size_t column, double share)
{
    char text[JF_NUMBER_TEXT], shown[JF_NUMBER_TEXT + 8];

    snprintf(shown, sizeof shown, "%s %%", jf_show_fixed(text, 100 * share, 1));
    jf_doc_table_number(table, column, share, isnan(share) ? "-" : shown);
}

static void add_value(jf_doc_table *table, size_t column, const json_t *value)
{
    char number[JF_NUMBER_TEXT];

    if (json_is_string(value))
        jf_doc_table_cell(table, column, "%s", json_string_value(value));
    else if (json_is_number(value))
        jf_doc_table_number(table, column, json_number_value(value),
                            jf_show_plain(number, json_number_value(value), 6));
}

/* Error or, where there is none, why. */
static const char *show_error(char *text, double error)
{
    return isfinite(error) ? jf_show_number(text, error, 3) : "not determined";
}

/* "std_error" is null where a quantity is not determined. */
static double error_of(const json_t *run)
{
    double error = jf_result_number(run, "std_error");

    return isnan(error) ? INFINITY : error;
}

static void add_run_columns(jf_doc_table *table, const json_t *run, const char *cost)
{
    const char *name;
    const json_t *value;

    jf_doc_table_column(table, "row", JF_RIGHT, 3);
    json_object_foreach((json_t *)jf_result_at(run, "values"), name, value)
        jf_doc_table_column(table, name, json_is_string(value) ? JF_LEFT : JF_RIGHT, 0);
    if (*cost) jf_doc_table_column(table, "cost", JF_RIGHT, 0);
    jf_doc_table_column(table, "std. error", JF_RIGHT, 0);
    jf_doc_table_column(table, "change", JF_RIGHT, 0);
}

static void add_run(jf_doc_table *table, const json_t *run, const char *cost, double before)
{
    double error = error_of(run), change = error / before - 1;
    size_t column = 0;
    const char *name;
    const json_t *value;
    char text[JF_NUMBER_TEXT];

    jf_doc_table_row(table);
    jf_doc_table_cell(table, column++, "%zu", jf_result_count(run, "row"));
    json_object_foreach((json_t *)jf_result_at(run, "values"), name, value) add_value(table, column++, value);
    if (*cost) add_value(table, column++, jf_result_at(run, "cost"));
    jf_doc_table_number(table, column, error, show_error(text, error));
    if (isfinite(change)) jf_table_share(table, column + 1, change);
}

static void add_runs(jf_doc *doc, const char *caption, const json_t *runs, size_t most, const char *cost,
                     double before)
{
    jf_doc_table *table = jf_doc_add_table(doc, caption);
    const json_t *run;
    size_t i;

    add_run_columns(table, json_array_get(runs, 0), cost);
    json_array_foreach((json_t *)runs, i, run) if (i < most) add_run(table, run, cost, before);
}

static void add_goal(jf_doc *doc, const json_t *goal, const char *cost, bool whole)
{
    const json_t *candidates = jf_result_at(goal, "candidates"), *chosen = jf_result_at(goal, "chosen");
    bool everything = jf_result_flag(goal, "everything");
    double before = error_of(goal);
    size_t n = json_array_size(candidates), unusable = jf_result_count(goal, "unusable"), most;
    char text[JF_NUMBER_TEXT], caption[160];

    jf_doc_heading(doc, 3, everything ? "To know all parameters better" : "To know %s better",
                   jf_result_text(goal, "goal"));
    if (everything)
        jf_doc_field(doc, "std. error",
                     "here the k-th root of the volume of the confidence ellipsoid; now it is 1");
    else
        jf_doc_field(doc, "std. error", "now %s, on the law's scale", show_error(text, before));
    if (unusable)
        jf_doc_field(doc, "left out",
                     "%zu candidates: the law has no prediction there (a missing value or a new level)",
                     unusable);
    most = whole ? MOST_IN_WHOLE : MOST_CANDIDATES;
    snprintf(caption, sizeof caption,
             n > most ? "One run more: the best %zu of %zu candidates" : "One run more", most, n);
    add_runs(doc, caption, candidates, most, cost, before);
    if (json_array_size(chosen) > 1)
        add_runs(doc, "Chosen one after another: error with each and those before it", chosen,
                 json_array_size(chosen), cost, before);
}

void jf_compose_next(jf_doc *doc, const json_t *simulation, bool whole)
{
    const json_t *next = jf_result_at(simulation, "next"), *goal;
    const char *cost = jf_result_text(next, "cost");
    size_t i;

    if (!next) return;
    jf_doc_heading(doc, 2, "What to measure next");
    if (*cost) jf_doc_field(doc, "order", "by how much the error shrinks for its %s", cost);
    json_array_foreach((json_t *)jf_result_at(next, "goals"), i, goal) add_goal(doc, goal, cost, whole);
}
