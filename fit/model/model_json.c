/* A model as the "model" part of a fit's JSON, written and read. */
#include <math.h>
#include <string.h>
#include "core/expr/ast.h"
#include "core/memory.h"
#include "fit/model/json_parts.h"
#include "fit/model/model.h"
#include "fit/model/model_file.h"

/* ---- writing ---- */

static json_t *texts_to_json(char *const *texts, size_t n)
{
    json_t *list = json_array();

    for (size_t i = 0; list && i < n; i++) {
        if (json_array_append_new(list, json_string(texts[i])) == 0) continue;
        json_decref(list);
        return NULL;
    }
    return list;
}

static json_t *input_to_json(const jf_model_input *input)
{
    if (input->is_label)
        return json_pack("{s:s, s:s, s:s, s:o, s:s}", "name", input->name, "unit", input->unit, "kind",
                         "label", "levels", texts_to_json(input->levels, input->n_levels), "usual",
                         input->usual);
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o}", "name", input->name, "unit", input->unit, "kind",
                     "number", "low", jf_json_number(input->low), "high", jf_json_number(input->high),
                     "median", jf_json_number(input->median));
}

static json_t *inputs_to_json(const jf_model *model)
{
    json_t *list = json_array();

    for (size_t i = 0; list && i < model->n_inputs; i++) {
        if (json_array_append_new(list, input_to_json(&model->inputs[i])) == 0) continue;
        json_decref(list);
        return NULL;
    }
    return list;
}

static json_t *indices_to_json(const size_t *values, size_t n)
{
    json_t *list = json_array();
    bool fine = list != NULL;

    for (size_t i = 0; fine && i < n; i++) fine = jf_json_push(list, jf_json_count(values[i]));
    return jf_json_whole(list, fine);
}

static json_t *spread_to_json(const jf_model_spread *s)
{
    json_t *logs = json_array();
    bool fine = logs != NULL;

    for (size_t i = 0; fine && i < s->n; i++) fine = jf_json_push(logs, json_boolean(s->logs[i]));
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "inputs", indices_to_json(s->input, s->n), "logs",
                     jf_json_whole(logs, fine), "centre", jf_json_numbers(s->centre, s->n), "inverse",
                     jf_json_numbers(s->inverse, s->n * s->n), "farthest", jf_json_number(s->farthest));
}

static json_t *conformal_to_json(const jf_conformal *c)
{
    json_t *parts = json_array();
    bool fine = parts != NULL;

    for (size_t i = 0; fine && i < c->n_parts; i++) {
        const jf_conformal_part *p = &c->parts[i];
        fine =
            jf_json_push(parts, json_pack("{s:o, s:o, s:o, s:o}", "values", jf_json_numbers(p->theta, c->k),
                                          "learned", jf_json_numbers(p->learned, c->n_learned), "residuals",
                                          jf_json_numbers(p->residual, p->n), "weights",
                                          jf_json_numbers(p->weight, p->n)));
    }
    return json_pack("{s:s, s:b, s:o, s:o}", "kind", c->split ? "split" : "cv", "grouped", c->grouped,
                     "groups", jf_json_count(c->n_groups), "parts", jf_json_whole(parts, fine));
}

json_t *jf_model_to_json(const jf_model *model)
{
    size_t k = model->k;

    return json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:o, s:o, s:o, s:o}",
        "formula", model->formula, "response", model->response, "raw_response", model->raw_response, "unit",
        model->response_unit, "error", jf_error_kind_names[model->error], "names",
        texts_to_json(model->names, k), "values", jf_json_numbers(model->values, k), "covariance",
        jf_json_numbers(model->covariance, k * k), "null", jf_json_numbers(model->null, k * model->n_null),
        "learned", jf_json_numbers(model->learned, model->n_learned), "sigma", jf_json_number(model->sigma),
        "level", jf_json_number(model->level), "t_df", jf_json_number(model->t_df), "df",
        (json_int_t)model->df, "inputs", inputs_to_json(model), "smearing", jf_json_number(model->smearing),
        "spread", spread_to_json(&model->spread), "conformal",
        model->conformal ? conformal_to_json(model->conformal) : json_null());
}

/* ---- reading ---- */

static jf_status damaged(const char *what, jf_error *err)
{
    return jf_fail(err, JF_EDATA, "damaged model: '%s' is missing or of the wrong kind", what);
}

static jf_status read_text(const json_t *json, const char *key, char **out, jf_error *err)
{
    const char *text = json_string_value(json_object_get(json, key));

    if (!text) return damaged(key, err);
    *out = jf_copy_text(text);
    return *out ? JF_OK : jf_fail(err, JF_ENOMEM, "out of memory for a model");
}

/* A number; null is `absent`. */
static jf_status read_number(const json_t *json, const char *key, double absent, double *out, jf_error *err)
{
    const json_t *value = json_object_get(json, key);

    if (!value || (!json_is_number(value) && !json_is_null(value))) return damaged(key, err);
    *out = json_is_null(value) ? absent : json_number_value(value);
    return JF_OK;
}

/* A list of numbers and nulls (NaN); *n is how many there are. */
static jf_status read_numbers(const json_t *json, const char *key, double **out, size_t *n, jf_error *err)
{
    const json_t *list = json_object_get(json, key);

    if (!json_is_array(list)) return damaged(key, err);
    *n = json_array_size(list);
    *out = JF_NEW_ARRAY(double, *n);
    if (!*out) return jf_fail(err, JF_ENOMEM, "out of memory for a model");
    for (size_t i = 0; i < *n; i++) {
        const json_t *value = json_array_get(list, i);
        if (!json_is_number(value) && !json_is_null(value)) return damaged(key, err);
        (*out)[i] = json_is_null(value) ? NAN : json_number_value(value);
    }
    return JF_OK;
}

static jf_status read_texts(const json_t *json, const char *key, char ***out, size_t *n, jf_error *err)
{
    const json_t *list = json_object_get(json, key);

    if (!json_is_array(list)) return damaged(key, err);
    *out = JF_NEW_ZEROED(char *, json_array_size(list));
    if (!*out) return jf_fail(err, JF_ENOMEM, "out of memory for a model");
    *n = json_array_size(list);
    for (size_t i = 0; i < *n; i++) {
        const char *text = json_string_value(json_array_get(list, i));
        if (!text) return damaged(key, err);
        (*out)[i] = jf_copy_text(text);
        if (!(*out)[i]) return jf_fail(err, JF_ENOMEM, "out of memory for a model");
    }
    return JF_OK;
}

static jf_status read_input(const json_t *json, jf_model_input *input, jf_error *err)
{
    jf_status status = JF_OK;
    const char *kind = json_string_value(json_object_get(json, "kind"));

    if (!kind) return damaged("kind", err);
    input->is_label = strcmp(kind, "label") == 0;
    input->low = input->high = input->median = NAN;
    JF_TRY(read_text(json, "name", &input->name, err));
    JF_TRY(read_text(json, "unit", &input->unit, err));
    if (input->is_label) {
        JF_TRY(read_texts(json, "levels", &input->levels, &input->n_levels, err));
        JF_TRY(read_text(json, "usual", &input->usual, err));
    } else {
        JF_TRY(read_number(json, "low", NAN, &input->low, err));
        JF_TRY(read_number(json, "high", NAN, &input->high, err));
        JF_TRY(read_number(json, "median", NAN, &input->median, err));
    }
done:
    return status;
}

static jf_status read_inputs(const json_t *json, jf_model *model, jf_error *err)
{
    jf_status status = JF_OK;
    const json_t *list = json_object_get(json, "inputs");

    if (!json_is_array(list)) return damaged("inputs", err);
    model->inputs = JF_NEW_ZEROED(jf_model_input, json_array_size(list));
    JF_TRY_NEW(model->inputs, err, "a model");
    model->n_inputs = json_array_size(list);
    for (size_t i = 0; i < model->n_inputs; i++)
        JF_TRY(read_input(json_array_get(list, i), &model->inputs[i], err));
done:
    return status;
}

/* A text that is no expression is damage, not the user's mistake. */
static jf_status read_expression(const json_t *json, const char *key, char **out, jf_error *err)
{
    jf_status status = JF_OK;
    jf_ast *ast = NULL;
    jf_error why = {0};

    JF_TRY(read_text(json, key, out, err));
    status = jf_ast_read(key, *out, &ast, &why);
    if (status == JF_ENOMEM)
        status = jf_fail(err, JF_ENOMEM, "%s", why.message);
    else if (status != JF_OK)
        status = jf_fail(err, JF_EDATA, "damaged model: %s", why.message);
    jf_ast_free(ast);
done:
    return status;
}

static jf_status read_error_kind(const json_t *json, jf_model *model, jf_error *err)
{
    const char *text = json_string_value(json_object_get(json, "error"));

    if (!text || jf_error_kind_read(text, &model->error, NULL) != JF_OK) return damaged("error", err);
    return JF_OK;
}

static jf_status read_arrays(const json_t *json, jf_model *model, jf_error *err)
{
    jf_status status = JF_OK;
    size_t n;

    JF_TRY(read_texts(json, "names", &model->names, &model->k, err));
    JF_TRY(read_numbers(json, "values", &model->values, &n, err));
    if (n != model->k) return damaged("values", err);
    JF_TRY(read_numbers(json, "covariance", &model->covariance, &n, err));
    if (n != model->k * model->k) return damaged("covariance", err);
    JF_TRY(read_numbers(json, "null", &model->null, &n, err));
    if (model->k ? n % model->k : n) return damaged("null", err);
    model->n_null = model->k ? n / model->k : 0;
    JF_TRY(read_numbers(json, "learned", &model->learned, &model->n_learned, err));
done:
    return status;
}

/* Which inputs the distances go over; models saved before there were any have none. */
static jf_status read_spread(const json_t *json, jf_model *model, jf_error *err)
{
    jf_status status = JF_OK;
    const json_t *part = json_object_get(json, "spread"), *inputs = json_object_get(part, "inputs");
    const json_t *logs = json_object_get(part, "logs");
    jf_model_spread *s = &model->spread;
    size_t n, m;

    if (!part) return JF_OK;
    n = json_array_size(inputs);
    if (!json_is_array(inputs) || json_array_size(logs) != n) return damaged("spread", err);
    s->input = JF_NEW_ZEROED(size_t, n);
    s->logs = JF_NEW_ZEROED(bool, n);
    JF_TRY_NEW(s->input && s->logs ? s : NULL, err, "a model");
    for (size_t i = 0; i < n; i++) {
        json_int_t at = json_integer_value(json_array_get(inputs, i));
        if (!json_is_integer(json_array_get(inputs, i)) || at < 0 || (size_t)at >= model->n_inputs)
            return damaged("spread", err);
        s->input[i] = (size_t)at;
        s->logs[i] = json_is_true(json_array_get(logs, i));
    }
    JF_TRY(read_numbers(part, "centre", &s->centre, &m, err));
    if (m != n) return damaged("centre", err);
    JF_TRY(read_numbers(part, "inverse", &s->inverse, &m, err));
    if (m != n * n) return damaged("inverse", err);
    JF_TRY(read_number(part, "farthest", NAN, &s->farthest, err));
    s->n = n;
done:
    return status;
}

static jf_status read_conformal_part(const json_t *json, const jf_conformal *c, jf_conformal_part *part,
                                     jf_error *err)
{
    jf_status status = JF_OK;
    size_t n;

    JF_TRY(read_numbers(json, "values", &part->theta, &n, err));
    if (n != c->k) return damaged("conformal.values", err);
    JF_TRY(read_numbers(json, "learned", &part->learned, &n, err));
    if (n != c->n_learned) return damaged("conformal.learned", err);
    JF_TRY(read_numbers(json, "residuals", &part->residual, &part->n, err));
    JF_TRY(read_numbers(json, "weights", &part->weight, &n, err));
    if (n != part->n) return damaged("conformal.weights", err);
    for (size_t i = 0; i < n; i++) {
        if (isnan(part->residual[i])) part->residual[i] = INFINITY; /* written as null */
        if (!(part->residual[i] >= 0) || !(part->weight[i] > 0)) return damaged("conformal.residuals", err);
    }
done:
    return status;
}

static jf_status read_conformal(const json_t *json, jf_model *model, jf_error *err)
{
    jf_status status = JF_OK;
    const json_t *part = json_object_get(json, "conformal"), *parts = json_object_get(part, "parts");
    const char *kind = json_string_value(json_object_get(part, "kind"));
    jf_conformal *c;
    double groups;

    if (!part || json_is_null(part)) return JF_OK;
    if (!kind || (strcmp(kind, "cv") != 0 && strcmp(kind, "split") != 0))
        return damaged("conformal.kind", err);
    if (!json_array_size(parts) || json_array_size(parts) > JF_MOST_CONFORMAL_PARTS)
        return damaged("conformal.parts", err);
    model->conformal = c = JF_NEW(jf_conformal);
    JF_TRY_NEW(c, err, "a model");
    JF_TRY(read_number(part, "groups", NAN, &groups, err));
    if (!(groups >= 1 && groups < 1e15)) return damaged("conformal.groups", err);
    *c = (jf_conformal){.split = !strcmp(kind, "split"),
                        .grouped = json_is_true(json_object_get(part, "grouped")),
                        .n_groups = (size_t)groups,
                        .k = model->k,
                        .n_learned = model->n_learned,
                        .n_parts = json_array_size(parts)};
    for (size_t i = 0; i < c->n_parts; i++)
        JF_TRY(read_conformal_part(json_array_get(parts, i), c, &c->parts[i], err));
done:
    return status;
}

static jf_status read_model(const json_t *json, const json_t *part, jf_model *model, jf_error *err)
{
    jf_status status = JF_OK;
    double df;

    JF_TRY(read_text(json_object_get(json, "law"), "formula", &model->law_text, err));
    JF_TRY(read_expression(part, "formula", &model->formula, err));
    JF_TRY(read_expression(part, "response", &model->response, err));
    JF_TRY(read_text(part, "raw_response", &model->raw_response, err));
    JF_TRY(read_text(part, "unit", &model->response_unit, err));
    JF_TRY(read_error_kind(part, model, err));
    JF_TRY(read_arrays(part, model, err));
    JF_TRY(read_number(part, "sigma", NAN, &model->sigma, err));
    JF_TRY(read_number(part, "level", NAN, &model->level, err));
    JF_TRY(read_number(part, "t_df", INFINITY, &model->t_df, err));
    JF_TRY(read_number(part, "df", NAN, &df, err));
    if (!(model->level > 0 && model->level < 1)) return damaged("level", err);
    if (!(df >= 0 && df < 1e15)) return damaged("df", err);
    model->df = (size_t)df;
    JF_TRY(read_inputs(part, model, err));
    model->smearing = NAN;
    if (json_object_get(part, "smearing")) JF_TRY(read_number(part, "smearing", NAN, &model->smearing, err));
    JF_TRY(read_spread(part, model, err));
    JF_TRY(read_conformal(part, model, err));
done:
    return status;
}

jf_status jf_model_of_json(const json_t *json, jf_model **out, jf_error *err)
{
    jf_status status = JF_OK;
    const json_t *part = json_object_get(json, "model");
    jf_model *model = JF_NEW(jf_model);

    *out = NULL;
    JF_TRY_NEW(model, err, "a model");
    if (!json_is_object(part)) {
        status = damaged("model", err);
        goto done;
    }
    JF_TRY(read_model(json, part, model, err));
    *out = model;
    model = NULL;
done:
    jf_model_free(model);
    return status;
}
