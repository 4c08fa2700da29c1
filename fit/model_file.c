/* A fit as JSON, JSON as text, and results read back. */
#include "fit/model_file.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "fit/model.h"
#include "fit/problem.h"

enum { SCHEMA = 1 };

json_t *jf_json_number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

json_t *jf_json_numbers(const double *values, size_t n)
{
    json_t *list = json_array();

    for (size_t i = 0; list && i < n; i++) {
        if (json_array_append_new(list, jf_json_number(values[i])) == 0) continue;
        json_decref(list);
        return NULL;
    }
    return list;
}

static json_t *text_or_null(const char *text)
{
    return text ? json_string(text) : json_null();
}

static json_t *count(size_t n)
{
    return json_integer((json_int_t)n);
}

/* Appends and gives false when either is NULL or memory ran out. */
static bool push(json_t *list, json_t *item)
{
    if (list) return json_array_append_new(list, item) == 0;
    json_decref(item);
    return false;
}

/* The list, or NULL (freed) when it is not whole. */
static json_t *whole(json_t *list, bool is_whole)
{
    if (is_whole) return list;
    json_decref(list);
    return NULL;
}

/* ---- parts ---- */

json_t *jf_json_warnings(const jf_warnings *warnings)
{
    json_t *list = json_array();
    bool fine = list != NULL;

    for (size_t i = 0; fine && i < warnings->n; i++)
        fine = push(list, json_pack("{s:s, s:s}", "code", warnings->items[i].code, "message",
                                    warnings->items[i].message));
    return whole(list, fine);
}

json_t *jf_json_data(const jf_data_summary *data)
{
    json_t *dropped = json_array(), *columns = json_array();
    bool fine = dropped && columns;

    for (size_t i = 0; fine && i < data->n_dropped; i++)
        fine = push(dropped, json_pack("{s:s, s:o}", "reason", data->dropped[i].reason, "rows",
                                       count(data->dropped[i].rows)));
    for (size_t i = 0; fine && i < data->n_columns_read; i++)
        fine = push(columns, json_string(data->columns_read[i]));
    dropped = whole(dropped, fine);
    columns = whole(columns, fine);
    return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "file", data->file ? data->file : "",
                     "sha256", data->sha256, "rows_read", count(data->rows_read), "rows_used",
                     count(data->rows_used), "dropped", dropped, "duplicates", count(data->duplicates),
                     "columns_read", columns, "simulated", text_or_null(data->simulated));
}

/* What the reader is told of the error kind: a law as written has additive errors on its left side. */
static const char *error_name(const jf_fit *fit)
{
    return fit->error == JF_ERROR_AS_WRITTEN ? jf_error_kind_names[JF_ERROR_ADDITIVE]
                                             : jf_error_kind_names[fit->error];
}

static json_t *law_to_json(const jf_fit *fit)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:b, s:s, s:s, s:b}", "name", fit->law_name, "formula",
                     fit->formula, "response", fit->response, "error", error_name(fit), "post_run",
                     fit->post_run, "raw_response", fit->raw_response, "unit", fit->response_unit, "linear",
                     fit->linear);
}

static json_t *parameters_to_json(const jf_fit *fit)
{
    json_t *list = json_array();
    bool fine = list != NULL;

    for (size_t i = 0; fine && i < fit->n_estimates; i++) {
        const jf_estimate *e = &fit->estimates[i];
        fine =
            push(list, json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o}", "name",
                                 e->name, "estimate", jf_json_number(e->value), "std_error",
                                 jf_json_number(e->std_error), "ci_low", jf_json_number(e->ci_low), "ci_high",
                                 jf_json_number(e->ci_high), "statistic", jf_json_number(e->statistic),
                                 "p_value", jf_json_number(e->p_value), "state", jf_state_names[e->state],
                                 "verdict", text_or_null(e->verdict), "lower", jf_json_number(e->lower),
                                 "upper", jf_json_number(e->upper), "published", jf_json_number(e->published),
                                 "inflation", jf_json_number(e->inflation)));
    }
    return whole(list, fine);
}

static json_t *interval_set_to_json(const jf_fit *fit, const jf_interval_set *set)
{
    json_t *list = json_array(), *json;
    bool fine = list != NULL;

    for (size_t i = 0; fine && i < fit->n_estimates; i++) {
        json_t *limits = json_pack("{s:s, s:o, s:o}", "name", fit->estimates[i].name, "low",
                                   jf_json_number(set->low[i]), "high", jf_json_number(set->high[i]));

        if (limits && set->low_end)
            json_object_update_new(limits, json_pack("{s:s, s:s}", "low_state", jf_end_names[set->low_end[i]],
                                                     "high_state", jf_end_names[set->high_end[i]]));
        fine = push(list, limits) &&
               (!set->error || json_object_set_new(limits, "std_error", jf_json_number(set->error[i])) == 0);
    }
    json =
        json_pack("{s:s, s:f, s:o}", "kind", set->kind, "level", set->level, "parameters", whole(list, fine));
    if (json && set->n_resamples)
        json_object_update_new(json, json_pack("{s:I, s:I}", "resamples", (json_int_t)set->n_resamples,
                                               "failed", (json_int_t)set->n_failed));
    return json;
}

static json_t *intervals_to_json(const jf_fit *fit)
{
    json_t *list = json_array();
    bool fine = list != NULL;

    for (size_t i = fit->n_intervals; fine && i-- > 0;)
        fine = push(list, interval_set_to_json(fit, &fit->intervals[i]));
    return whole(list, fine);
}

static json_t *covariance_to_json(const jf_fit *fit)
{
    size_t m = fit->n_estimates;
    json_t *names = json_array(), *matrix = json_array();
    bool fine = names && matrix;

    for (size_t i = 0; fine && i < m; i++)
        fine = push(names, json_string(fit->estimates[i].name)) &&
               push(matrix, jf_json_numbers(fit->covariance + i * m, m));
    return json_pack("{s:s, s:o, s:o}", "kind", jf_se_names[fit->se], "names", whole(names, fine), "matrix",
                     whole(matrix, fine));
}

static json_t *starts_to_json(const jf_fit *fit)
{
    json_t *basins = json_array();
    bool fine = basins != NULL;

    for (size_t i = 0; fine && i < fit->n_basins; i++)
        fine = push(basins, json_pack("{s:o, s:o}", "loss", jf_json_number(fit->basins[i].loss), "count",
                                      count(fit->basins[i].count)));
    return json_pack("{s:o, s:o, s:o, s:o}", "tried", count(fit->starts_tried), "finished",
                     count(fit->starts_finished), "agreeing", count(fit->starts_agreeing), "basins",
                     whole(basins, fine));
}

static json_t *derived_to_json(const jf_fit *fit)
{
    json_t *list = json_array();
    bool fine = list != NULL;

    for (size_t i = 0; fine && i < fit->n_derived; i++) {
        const jf_derived *d = &fit->derived[i];
        fine = push(list,
                    json_pack("{s:s, s:s, s:o, s:o, s:o, s:o}", "name", d->name, "expression", d->expression,
                              "estimate", jf_json_number(d->value), "std_error", jf_json_number(d->std_error),
                              "ci_low", jf_json_number(d->ci_low), "ci_high", jf_json_number(d->ci_high)));
    }
    return whole(list, fine);
}

static json_t *tests_to_json(const jf_fit *fit)
{
    json_t *list = json_array();
    bool fine = list != NULL;

    for (size_t i = 0; fine && i < fit->n_tests; i++) {
        const jf_wald_test *t = &fit->tests[i];
        fine = push(list, json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "kind", "wald", "hypothesis",
                                    t->hypothesis, "covariance", jf_se_names[fit->se], "statistic",
                                    jf_json_number(t->statistic), "df1", jf_json_number(t->df1), "df2",
                                    jf_json_number(t->df2), "p_value", jf_json_number(t->p_value)));
    }
    return whole(list, fine);
}

static json_t *criteria_to_json(const jf_fit *fit)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "loglik", jf_json_number(fit->loglik), "aic",
                     jf_json_number(fit->aic), "aicc", jf_json_number(fit->aicc), "bic",
                     jf_json_number(fit->bic), "refused", text_or_null(fit->criteria_refused));
}

static json_t *test_to_json(const jf_test *test)
{
    return json_pack("{s:o, s:o, s:o, s:o}", "statistic", jf_json_number(test->statistic), "df1",
                     jf_json_number(test->df1), "df2", jf_json_number(test->df2), "p_value",
                     jf_json_number(test->p_value));
}

static json_t *repeats_to_json(const jf_diagnostics *found)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "rows", count(found->repeat_rows), "configurations",
                     count(found->repeat_groups), "pure_error", jf_json_number(found->pure_error), "r2_limit",
                     jf_json_number(found->r2_limit), "lack_of_fit", test_to_json(&found->lack_of_fit));
}

static json_t *diagnostics_to_json(const jf_fit *fit)
{
    const jf_diagnostics *found = &fit->diagnostics;

    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "condition",
        jf_json_number(fit->condition), "condition_number", jf_json_number(found->condition_number),
        "largest_leverage", jf_json_number(fit->largest_leverage), "undetermined_directions",
        count(fit->n_null), "iterations", count(fit->iterations), "breusch_pagan",
        test_to_json(&found->breusch_pagan), "jarque_bera", test_to_json(&found->jarque_bera),
        "durbin_watson", jf_json_number(found->durbin_watson), "reset", test_to_json(&found->reset),
        "repeats", repeats_to_json(found), "refused", text_or_null(found->refused));
}

static json_t *model_part(const jf_fit *fit)
{
    jf_model *model = NULL;
    json_t *json;

    if (jf_model_of_fit(fit, &model, NULL) != JF_OK) return NULL;
    json = jf_model_to_json(model);
    jf_model_free(model);
    return json;
}

/* ---- rows ---- */

static json_t *row_numbers(const jf_fit *fit)
{
    json_t *list = json_array();
    bool fine = list != NULL;

    for (size_t i = 0; fine && i < fit->n; i++) fine = push(list, count(fit->rows[i] + 1));
    return whole(list, fine);
}

static json_t *rows_to_json(const jf_fit *fit)
{
    size_t n = fit->n;

    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "row", row_numbers(fit), "observed",
                     jf_json_numbers(fit->observed, n), "fitted", jf_json_numbers(fit->fitted, n), "residual",
                     jf_json_numbers(fit->residual, n), "leverage", jf_json_numbers(fit->leverage, n),
                     "weight", jf_json_numbers(fit->weight, n), "raw_observed",
                     jf_json_numbers(fit->raw_observed, n), "raw_fitted",
                     jf_json_numbers(fit->raw_fitted, n));
}

static json_t *labels_to_json(const jf_column *column, size_t n)
{
    json_t *list = json_array();
    bool fine = list != NULL;

    for (size_t i = 0; fine && i < n; i++)
        fine = push(list, text_or_null(column->codes[i] < 0 ? NULL : column->levels[column->codes[i]]));
    return whole(list, fine);
}

static json_t *inputs_to_json(const jf_fit *fit)
{
    json_t *object = json_object();
    bool fine = object != NULL;

    for (size_t i = 0; fine && i < fit->n_inputs; i++) {
        const jf_column *column = &fit->inputs[i];
        json_t *values = column->kind == JF_LABEL ? labels_to_json(column, fit->n)
                                                  : jf_json_numbers(column->values, fit->n);
        fine = json_object_set_new(object, column->name, values) == 0;
    }
    return whole(object, fine);
}

/* ---- the whole ---- */

static json_t *head_to_json(const jf_fit *fit)
{
    return json_pack("{s:s, s:i, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o}", "joulefit", JF_VERSION, "schema",
                     SCHEMA, "data", jf_json_data(&fit->data), "law", law_to_json(fit), "outcome",
                     jf_outcome_names[fit->outcome], "failure", text_or_null(fit->failure), "n",
                     count(fit->n), "k", count(fit->k), "df", count(fit->df), "groups",
                     fit->n_groups ? count(fit->n_groups) : json_null());
}

/* Adds `value` (taken over) unless something is missing already. */
static void add(json_t **object, const char *key, json_t *value)
{
    if (*object && json_object_set_new(*object, key, value) == 0) return;
    if (!*object) json_decref(value);
    json_decref(*object);
    *object = NULL;
}

json_t *jf_fit_to_json(const jf_fit *fit, bool rows)
{
    json_t *json = head_to_json(fit);

    add(&json, "parameters", parameters_to_json(fit));
    add(&json, "intervals", intervals_to_json(fit));
    add(&json, "covariance", covariance_to_json(fit));
    add(&json, "loss",
        json_pack("{s:s, s:o, s:o}", "name", fit->loss_name, "value", jf_json_number(fit->loss),
                  "scaled_gradient", jf_json_number(fit->scaled_gradient)));
    add(&json, "rss", jf_json_number(fit->rss));
    add(&json, "sigma", jf_json_number(fit->sigma));
    add(&json, "r2", jf_json_number(fit->r2));
    add(&json, "r2_raw", jf_json_number(fit->r2_raw));
    add(&json, "rmse", jf_json_number(fit->rmse));
    add(&json, "rmse_raw", jf_json_number(fit->rmse_raw));
    add(&json, "criteria", criteria_to_json(fit));
    add(&json, "starts", starts_to_json(fit));
    add(&json, "diagnostics", diagnostics_to_json(fit));
    add(&json, "derived", derived_to_json(fit));
    add(&json, "tests", tests_to_json(fit));
    add(&json, "warnings", jf_json_warnings(&fit->warnings));
    add(&json, "seed", json_integer((json_int_t)fit->seed));
    add(&json, "model", model_part(fit));
    if (rows) add(&json, "rows", rows_to_json(fit));
    if (rows) add(&json, "inputs", inputs_to_json(fit));
    return json;
}

/* ---- text ---- */

static void print_string(jf_text *text, const char *string)
{
    json_t *json = json_string(string);
    char *quoted = json ? json_dumps(json, JSON_ENCODE_ANY) : NULL;

    jf_text_add(text, quoted ? quoted : "null");
    if (!quoted) text->failed = true;
    free(quoted);
    json_decref(json);
}

/* A whole real keeps its ".0", so that it reads back as a real. */
static void print_real(jf_text *text, double value)
{
    char number[JF_NUMBER_TEXT];

    jf_text_add(text, jf_number_exact(number, value));
    if (!strpbrk(number, ".e")) jf_text_add(text, ".0");
}

static void print_scalar(jf_text *text, const json_t *json)
{

    switch (json_typeof(json)) {
    case JSON_STRING: print_string(text, json_string_value(json)); break;
    case JSON_INTEGER: jf_text_addf(text, "%lld", (long long)json_integer_value(json)); break;
    case JSON_REAL: print_real(text, json_real_value(json)); break;
    case JSON_TRUE: jf_text_add(text, "true"); break;
    case JSON_FALSE: jf_text_add(text, "false"); break;
    default: jf_text_add(text, "null"); break;
    }
}

static bool is_scalar(const json_t *json)
{
    return !json_is_array(json) && !json_is_object(json);
}

/* Lists of scalars, and objects of at most a few, stand on one line. */
static bool is_flat(const json_t *json)
{
    size_t i;
    const char *key;
    json_t *value;

    if (json_is_object(json) && json_object_size(json) > 6) return false;
    json_array_foreach(json, i, value) if (!is_scalar(value)) return false;
    json_object_foreach((json_t *)json, key, value) if (!is_scalar(value)) return false;
    return true;
}

static void print_break(jf_text *text, bool flat, size_t depth)
{
    if (flat) return;
    jf_text_add(text, "\n");
    jf_text_pad(text, ' ', 2 * depth);
}

static void print_json(jf_text *text, const json_t *json, size_t depth)
{
    bool flat = is_flat(json), first = true;
    const char *key;
    json_t *value;
    size_t i;

    if (is_scalar(json)) {
        print_scalar(text, json);
        return;
    }
    jf_text_add(text, json_is_array(json) ? "[" : "{");
    json_array_foreach(json, i, value)
    {
        if (i) jf_text_add(text, flat ? ", " : ",");
        print_break(text, flat, depth + 1);
        print_json(text, value, depth + 1);
        first = false;
    }
    json_object_foreach((json_t *)json, key, value)
    {
        if (!first) jf_text_add(text, flat ? ", " : ",");
        print_break(text, flat, depth + 1);
        print_string(text, key);
        jf_text_add(text, ": ");
        print_json(text, value, depth + 1);
        first = false;
    }
    print_break(text, flat || first, depth);
    jf_text_add(text, json_is_array(json) ? "]" : "}");
}

char *jf_json_print(const json_t *json)
{
    jf_text text = {0};

    if (!json) return NULL;
    print_json(&text, json, 0);
    jf_text_add(&text, "\n");
    if (text.failed) {
        jf_text_free(&text);
        return NULL;
    }
    return jf_text_take(&text);
}

/* ---- reading ---- */

static jf_status judge_result(const char *path, const json_t *json, const char **kind, jf_error *err)
{
    const json_t *schema = json_object_get(json, "schema");

    if (!json_is_object(json) || !json_is_string(json_object_get(json, "joulefit")))
        return jf_fail(err, JF_EDATA, "%s: JSON, but no result of joulefit", path);
    if (!json_is_integer(schema) || json_integer_value(schema) < 1)
        return jf_fail(err, JF_EDATA, "%s: the result says no schema", path);
    if (json_integer_value(schema) > SCHEMA)
        return jf_fail(err, JF_EDATA, "%s: schema %lld is newer than the %d that this joulefit reads", path,
                       (long long)json_integer_value(schema), SCHEMA);
    if (json_is_array(json_object_get(json, "candidates")))
        *kind = "compare";
    else if (json_is_array(json_object_get(json, "parameters")))
        *kind = "fit";
    else
        return jf_fail(err, JF_EDATA, "%s: the result is neither of fit nor of compare", path);
    return JF_OK;
}

jf_status jf_result_parse(const char *name, const char *bytes, size_t length, json_t **out, const char **kind,
                          jf_error *err)
{
    json_error_t where;
    json_t *json = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &where);
    jf_status status;

    *out = NULL;
    *kind = NULL;
    if (!json) return jf_fail(err, JF_EDATA, "%s:%d: not JSON: %s", name, where.line, where.text);
    status = judge_result(name, json, kind, err);
    if (status == JF_OK)
        *out = json;
    else
        json_decref(json);
    return status;
}

/* The whole of a file, which may be a pipe. */
static jf_status read_bytes(const char *path, char **bytes, size_t *length, jf_error *err)
{
    enum { MOST_BYTES = 1 << 30 };
    jf_status status = JF_OK;
    FILE *file = fopen(path, "rb");
    size_t capacity = 0, n;

    *bytes = NULL;
    *length = 0;
    if (!file) return jf_fail(err, JF_EDATA, "%s: %s", path, strerror(errno));
    do {
        if (!jf_grow((void **)bytes, &capacity, *length + BUFSIZ, 1))
            status = jf_fail(err, JF_ENOMEM, "out of memory for %s", path);
        if (status == JF_OK && *length > MOST_BYTES)
            status = jf_fail(err, JF_ELIMIT, "%s: longer than %d bytes", path, MOST_BYTES);
        if (status != JF_OK) goto done;
        n = fread(*bytes + *length, 1, capacity - *length, file);
        *length += n;
    } while (n);
    if (ferror(file))
        status = jf_fail(err, JF_EDATA, "%s: %s", path, strerror(errno));
    else if (!*length)
        status = jf_fail(err, JF_EDATA, "%s: the file is empty", path);
done:
    fclose(file);
    return status;
}

jf_status jf_result_read(const char *path, json_t **out, const char **kind, jf_error *err)
{
    jf_status status = JF_OK;
    char *bytes;
    size_t length;

    *out = NULL;
    *kind = NULL;
    JF_TRY(read_bytes(path, &bytes, &length, err));
    JF_TRY(jf_result_parse(path, bytes, length, out, kind, err));
done:
    jf_free(bytes);
    return status;
}
