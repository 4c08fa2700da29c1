/* What --at and --by found: constants judged on these runs, and one law at each level of a column. */
#include <math.h>
#include <string.h>
#include "core/text.h"
#include "reports/json_table.h"
#include "reports/number.h"
#include "reports/result.h"

enum { JUDGED_DIGITS = 4 };

/* ---- constants from elsewhere ---- */

static void add_joint(jf_doc *doc, const json_t *at, const char *key, const char *name, const char *how)
{
    const json_t *test = jf_result_at(at, key);
    double statistic = jf_result_number(test, "statistic"), df2 = jf_result_number(test, "df2");
    char a[JF_NUMBER_TEXT], d[JF_NUMBER_TEXT], p[JF_NUMBER_TEXT];

    if (!isfinite(statistic)) {
        jf_doc_field(doc, name,
                     "none: no held constant has a standard error here, or they have too few groups");
        return;
    }
    jf_doc_field(doc, name, "F %s on %g and %s, p %s%s", jf_show_number(a, statistic, JUDGED_DIGITS),
                 jf_result_number(test, "df1"), isfinite(df2) ? jf_number_short(d, df2, 6) : "infinity",
                 jf_show_p(p, jf_result_number(test, "p_value")), how);
}

static void add_misses(jf_doc *doc, const json_t *fit, const json_t *at)
{
    char a[JF_NUMBER_TEXT], b[JF_NUMBER_TEXT], c[JF_NUMBER_TEXT], d[JF_NUMBER_TEXT];
    double bias = jf_result_number(at, "bias"), rmse = jf_result_number(at, "rmse");
    bool is_log = !strncmp(jf_result_text(fit, "law.response"), "log(", 4) && fabs(bias) < 20;

    if (fabs(bias) < 1e-9 * rmse) bias = 0; /* rounding */
    jf_doc_field(doc, "loss", "%s, against %s at the best fit",
                 jf_show_number(a, jf_result_number(at, "loss"), JUDGED_DIGITS),
                 jf_show_number(b, jf_result_number(at, "loss_best"), JUDGED_DIGITS));
    jf_doc_field(doc, "RMSE", "%s, against %s; raw %s, against %s", jf_show_number(a, rmse, JUDGED_DIGITS),
                 jf_show_number(b, jf_result_number(at, "rmse_best"), JUDGED_DIGITS),
                 jf_show_number(c, jf_result_number(at, "rmse_raw"), JUDGED_DIGITS),
                 jf_show_number(d, jf_result_number(at, "rmse_raw_best"), JUDGED_DIGITS));
    if (is_log)
        jf_doc_field(doc, "bias", "%s: observed values are %s times the predicted ones",
                     jf_show_number(a, bias, JUDGED_DIGITS), jf_show_number(b, exp(bias), JUDGED_DIGITS));
    else
        jf_doc_field(doc, "bias", "%s: mean of observed - predicted", jf_show_number(a, bias, JUDGED_DIGITS));
}

void jf_compose_judged(jf_doc *doc, const json_t *fit)
{
    static const jf_json_column columns[] = {{"parameter", "name", JF_FORM_TEXT},
                                             {"role", "role", JF_FORM_TEXT, .priority = 1},
                                             {"given", "given", JF_FORM_NUMBER},
                                             {"used", "value", JF_FORM_NUMBER, .priority = 2},
                                             {"best fit", "estimate", JF_FORM_ESTIMATE},
                                             {"std. error", "std_error", JF_FORM_ERROR, .priority = 1},
                                             {"F", "statistic", JF_FORM_NUMBER, .priority = 2},
                                             {"p", "p_value", JF_FORM_P},
                                             {NULL}};
    const json_t *at = jf_result_at(fit, "at");
    const char *source = jf_result_text(at, "source");

    if (!at) return;
    jf_doc_heading(doc, 2, "Constants judged on these runs (%s)", source);
    jf_json_table(doc, NULL, columns, jf_result_at(at, "values"), JUDGED_DIGITS);
    add_joint(doc, at, "wald", "all at once",
              ", by the errors of the best fit: small p speaks against the constants");
    add_joint(doc, at, "ratio", "by the loss", ", by what holding them costs");
    add_misses(doc, fit, at);
}

/* ---- levels ---- */

static void add_level_table(jf_doc *doc, const json_t *by)
{
    static const jf_json_column columns[] = {
        {"parameter", "name", JF_FORM_TEXT},
        {"estimate", "estimate", JF_FORM_ESTIMATE},
        {"std. error", "std_error", JF_FORM_ERROR},
        {"interval", "ci_low", JF_FORM_INTERVAL, .priority = 1, .upper = "ci_high"},
        {"state", "state", JF_FORM_TEXT, .priority = 2},
        {NULL}};
    const json_t *level, *parameter;
    jf_doc_table *table = jf_doc_add_table(doc, NULL);
    size_t i, j;

    jf_doc_table_column(table, jf_result_text(by, "column"), JF_LEFT, 0);
    jf_json_table_columns(table, columns);
    json_array_foreach((json_t *)jf_result_at(by, "levels"), i, level)
    {
        json_array_foreach((json_t *)jf_result_at(level, "parameters"), j, parameter)
        {
            jf_doc_table_row(table);
            if (j == 0) jf_doc_table_cell(table, 0, "%s", jf_result_text(level, "level"));
            jf_json_table_cells(table, 1, columns, parameter, JUDGED_DIGITS);
        }
    }
}

static void add_level_sizes(jf_doc *doc, const json_t *by)
{
    const json_t *level;
    char sigma[JF_NUMBER_TEXT];
    size_t i;

    json_array_foreach((json_t *)jf_result_at(by, "levels"), i, level)
    {
        const char *name = jf_result_text(level, "level"), *failure = jf_result_text(level, "failure");
        size_t n = jf_result_count(level, "n");
        if (*failure)
            jf_doc_field(doc, name, "%zu rows, no fit: %s", n, failure);
        else
            jf_doc_field(doc, name, "%zu rows, sigma %s", n,
                         jf_show_number(sigma, jf_result_number(level, "sigma"), JUDGED_DIGITS));
    }
}

void jf_compose_by(jf_doc *doc, const json_t *fit)
{
    static const jf_json_column tests[] = {{"one law for all?", "kind", JF_FORM_TEXT},
                                           {"errors", "covariance", JF_FORM_TEXT, .priority = 1},
                                           {"statistic", "statistic", JF_FORM_NUMBER},
                                           {"df", "df1", JF_FORM_PAIR, .upper = "df2"},
                                           {"p", "p_value", JF_FORM_P},
                                           {NULL}};
    static const jf_json_column equal[] = {{"same at all levels?", "name", JF_FORM_TEXT},
                                           {"F", "statistic", JF_FORM_NUMBER},
                                           {"df", "df1", JF_FORM_PAIR, .upper = "df2"},
                                           {"p", "p_value", JF_FORM_P},
                                           {NULL}};
    const json_t *by = jf_result_at(fit, "by");
    const char *refused = jf_result_text(by, "refused");

    if (!by) return;
    jf_doc_heading(doc, 2, "By %s", jf_result_text(by, "column"));
    add_level_table(doc, by);
    add_level_sizes(doc, by);
    jf_json_table(doc, NULL, tests, jf_result_at(by, "tests"), JUDGED_DIGITS);
    jf_json_table(doc, NULL, equal, jf_result_at(by, "equal"), JUDGED_DIGITS);
    if (*refused) jf_doc_field(doc, "no joint test", "%s", refused);
}

/* ---- contours ---- */

static void add_contour_row(jf_doc_table *table, const json_t *contour)
{
    double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    const json_t *point, *names = jf_result_at(contour, "parameters");
    char a[JF_NUMBER_TEXT], b[JF_NUMBER_TEXT];
    size_t i;

    json_array_foreach((json_t *)jf_result_at(contour, "points"), i, point) for (size_t d = 0; d < 2; d++)
    {
        double value = json_number_value(json_array_get(point, d));
        low[d] = fmin(low[d], value);
        high[d] = fmax(high[d], value);
    }
    jf_doc_table_row(table);
    jf_doc_table_cell(table, 0, "%s", jf_show_percent(a, jf_result_number(contour, "level")));
    for (size_t d = 0; d < 2; d++) {
        jf_doc_table_cell(table, 1 + 2 * d, "%s", json_string_value(json_array_get(names, d)));
        if (low[d] <= high[d])
            jf_doc_table_interval(table, 2 + 2 * d, low[d], high[d], jf_show_number(a, low[d], JUDGED_DIGITS),
                                  jf_show_number(b, high[d], JUDGED_DIGITS));
    }
    jf_doc_table_cell(table, 5, "%s", jf_result_text(contour, "state"));
}

/* Why an edge is not closed. */
static void add_contour_reason(jf_doc *doc, const json_t *contour)
{
    const json_t *names = jf_result_at(contour, "parameters");
    char level[JF_NUMBER_TEXT];

    if (!*jf_result_text(contour, "reason")) return;
    jf_doc_list_item(doc, "%s and %s at %s: %s: %s", json_string_value(json_array_get(names, 0)),
                     json_string_value(json_array_get(names, 1)),
                     jf_show_percent(level, jf_result_number(contour, "level")),
                     jf_result_text(contour, "state"), jf_result_text(contour, "reason"));
}

void jf_compose_contours(jf_doc *doc, const json_t *fit)
{
    const json_t *list = jf_result_at(fit, "contours"), *contour;
    jf_doc_table *table;
    size_t i;

    if (json_array_size(list) == 0) return;
    table = jf_doc_add_table(
        doc, "joint regions of two parameters by profile likelihood: how far their edges reach");
    jf_doc_table_column(table, "level", JF_LEFT, 0);
    jf_doc_table_column(table, "of", JF_LEFT, 0);
    jf_doc_table_column(table, "from .. to", JF_RIGHT, 0);
    jf_doc_table_column(table, "and", JF_LEFT, 0);
    jf_doc_table_column(table, "from .. to", JF_RIGHT, 0);
    jf_doc_table_column(table, "edge", JF_LEFT, 1);
    json_array_foreach((json_t *)list, i, contour) add_contour_row(table, contour);
    json_array_foreach((json_t *)list, i, contour) add_contour_reason(doc, contour);
}
