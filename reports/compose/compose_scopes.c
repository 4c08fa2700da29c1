/* The table of a law's parameters by scope: what they are for the energy of GPU, CPU, memory and the whole.
 */
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/summary.h"
#include "reports/number.h"
#include "reports/result.h"

enum { MOST_SCOPES = 8 };

static const json_t *parameter_at(const json_t *scope, const char *name)
{
    const json_t *parameter;
    size_t i;

    json_array_foreach((json_t *)jf_result_at(scope, "parameters"), i, parameter)
    {
        if (strcmp(jf_result_text(parameter, "name"), name) == 0) return parameter;
    }
    return NULL;
}

/* Range of a parameter over the scopes in standard errors (their median); NaN without. */
static double moved(const json_t *scopes, const char *name)
{
    double low = INFINITY, high = -INFINITY, errors[MOST_SCOPES];
    const json_t *scope;
    size_t i, n = 0;

    json_array_foreach((json_t *)scopes, i, scope)
    {
        const json_t *parameter = parameter_at(scope, name);
        double value = jf_result_number(parameter, "estimate"),
               error = jf_result_number(parameter, "std_error");
        if (isnan(value) || isnan(error) || n == MOST_SCOPES) continue;
        low = fmin(low, value);
        high = fmax(high, value);
        errors[n++] = error;
    }
    jf_sort(errors, n);
    return n > 1 ? (high - low) / jf_quantile(errors, n, 0.5) : NAN;
}

static void add_parameter(jf_doc_table *table, const json_t *scopes, const char *name)
{
    const json_t *scope;
    size_t i, column = 0;
    double in_errors = moved(scopes, name);
    char text[JF_NUMBER_TEXT];

    jf_doc_table_row(table);
    jf_doc_table_cell(table, column++, "%s", name);
    json_array_foreach((json_t *)scopes, i, scope)
    {
        const json_t *parameter = parameter_at(scope, name);
        double value = jf_result_number(parameter, "estimate"),
               error = jf_result_number(parameter, "std_error");
        jf_doc_table_number(table, column++, value, jf_show_estimate(text, value, error, 4));
        jf_doc_table_number(table, column++, error, jf_show_error(text, error));
    }
    jf_doc_table_number(table, column, in_errors, isnan(in_errors) ? "" : jf_show_fixed(text, in_errors, 1));
}

static void add_fact(jf_doc_table *table, const json_t *scopes, const char *name, const char *key, int digits)
{
    const json_t *scope;
    size_t i;
    char text[JF_NUMBER_TEXT];

    jf_doc_table_row(table);
    jf_doc_table_cell(table, 0, "%s", name);
    json_array_foreach((json_t *)scopes, i, scope)
    {
        double value = jf_result_number(scope, key);
        jf_doc_table_number(table, 1 + 2 * i, value, jf_show_plain(text, value, digits));
    }
}

void jf_compose_scopes(jf_doc *doc, const json_t *fit)
{
    const json_t *scopes = jf_result_at(fit, "scopes"), *scope, *parameter;
    jf_doc_table *table;
    size_t i;

    if (json_array_size(scopes) == 0 || json_array_size(scopes) > MOST_SCOPES) return;
    table = jf_doc_add_table(doc, "the law by scope of the energy");
    jf_doc_table_column(table, "parameter", JF_LEFT, 0);
    json_array_foreach((json_t *)scopes, i, scope)
    {
        jf_doc_table_column(table, jf_result_text(scope, "scope"), JF_RIGHT, 0);
        jf_doc_table_column(table, "error", JF_RIGHT, 2);
    }
    jf_doc_table_column(table, "moves, in errors", JF_RIGHT, 1);
    json_array_foreach((json_t *)jf_result_at(json_array_get(scopes, 0), "parameters"), i, parameter)
        add_parameter(table, scopes, jf_result_text(parameter, "name"));
    add_fact(table, scopes, "sigma", "sigma", 3);
    add_fact(table, scopes, "R2", "r2", 4);
    add_fact(table, scopes, "rows", "n", 9);
    json_array_foreach((json_t *)scopes, i, scope) jf_doc_field(
        doc, jf_result_text(scope, "scope"), "energy is column %s", jf_result_text(scope, "column"));
}
