/* Binding of a model to a table, by names. */
#include "fit/model/model_bind.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"

void jf_bound_model_clear(jf_bound_model *bound)
{
    jf_inputs_free(bound->inputs);
    jf_formula_free(bound->formula);
    jf_transform_free(bound->transform);
    jf_free(bound->theta);
    jf_free(bound->covariance);
    jf_free(bound->null);
    jf_column_clear(&bound->raw);
}

static const jf_column *find_or_stand_in(const void *table, const char *name)
{
    const jf_bound_model *bound = table;
    const jf_column *column = jf_table_find(bound->table, name);

    return column || strcmp(name, bound->model->raw_response) != 0 ? column : &bound->raw;
}

static const jf_column *column_at(const void *table, size_t index)
{
    const jf_bound_model *bound = table;

    return index < bound->table->n_columns ? &bound->table->columns[index] : &bound->raw;
}

/* The table's columns, and one of missing values for the raw response where there is none. */
static jf_status see_columns(jf_bound_model *bound, jf_error *err)
{
    jf_status status = JF_OK;
    size_t n_rows = bound->table->n_rows;

    bound->columns = jf_table_columns(bound->table);
    if (jf_table_find(bound->table, bound->model->raw_response)) return JF_OK;
    bound->raw = (jf_column){.name = jf_copy_text(bound->model->raw_response), .kind = JF_NUMERIC};
    bound->raw.values = JF_NEW_ARRAY(double, n_rows);
    JF_TRY_NEW(bound->raw.name && bound->raw.values ? bound->raw.name : NULL, err, "predictions");
    for (size_t row = 0; row < n_rows; row++) bound->raw.values[row] = NAN;
    bound->columns = (jf_columns){.find = find_or_stand_in,
                                  .at = column_at,
                                  .table = bound,
                                  .n_columns = bound->table->n_columns + 1,
                                  .n_rows = n_rows};
done:
    return status;
}

static jf_status check_inputs(const jf_model *model, const jf_table *table, jf_error *err)
{
    for (size_t i = 0; i < model->n_inputs; i++) {
        const jf_model_input *input = &model->inputs[i];
        const jf_column *column = jf_table_find(table, input->name);
        if (!column)
            return jf_fail(err, JF_EDATA, "%s has no column '%s', which the model reads",
                           table->file ? table->file : "the table", input->name);
        if (input->is_label && column->kind != JF_LABEL)
            return jf_fail(err, JF_EDATA,
                           "column '%s': the model was fitted on labels, found numbers (--label %s)",
                           input->name, input->name);
        if (!input->is_label && column->kind == JF_LABEL)
            return jf_fail(err, JF_EDATA, "column '%s': the model was fitted on numbers, found labels",
                           input->name);
    }
    return JF_OK;
}

static long find_name(const jf_model *model, const char *name)
{
    for (size_t j = 0; j < model->k; j++)
        if (jf_parameter_name_same(model->names[j], name)) return (long)j;
    return -1;
}

/* Values, covariance and open directions in the order of the new binding; a level without a parameter gets
 * NaN. */
static jf_status match_parameters(jf_bound_model *bound, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_model *model = bound->model;
    size_t k = jf_formula_n_parameters(bound->formula);
    long *of = JF_NEW_ARRAY(long, k);

    bound->theta = JF_NEW_ARRAY(double, k);
    bound->covariance = JF_NEW_ARRAY(double, k *k);
    bound->null = JF_NEW_ARRAY(double, k * model->n_null);
    JF_TRY_NEW(of && bound->theta && bound->covariance && bound->null ? of : NULL, err, "predictions");
    for (size_t j = 0; j < k; j++) {
        const jf_parameter *parameter = jf_formula_parameter(bound->formula, j);
        of[j] = find_name(model, parameter->name);
        bound->theta[j] = of[j] < 0 ? NAN : model->values[of[j]];
        if (of[j] >= 0 || parameter->level) continue;
        status = jf_fail(err, JF_EDATA, "the model has no value for its parameter '%s'", parameter->name);
        goto done;
    }
    for (size_t i = 0; i < k; i++) {
        for (size_t j = 0; j < k; j++)
            bound->covariance[i * k + j] =
                of[i] < 0 || of[j] < 0 ? NAN : model->covariance[(size_t)of[i] * model->k + (size_t)of[j]];
        for (size_t m = 0; m < model->n_null; m++)
            bound->null[m * k + i] = of[i] < 0 ? 0 : model->null[m * model->k + (size_t)of[i]];
    }
    bound->known = (jf_known_parameters){k, bound->theta, bound->covariance, bound->null, model->n_null};
done:
    jf_free(of);
    return status;
}

jf_status jf_model_bind(const jf_model *model, const jf_table *table, const size_t *rows, size_t n,
                        jf_bound_model *out, jf_error *err)
{
    jf_status status = JF_OK;
    jf_ast *formula = NULL, *response = NULL;
    const char **declared = JF_NEW_ARRAY(const char *, model->k);
    jf_bind_options options = {.declared = declared, .any_reference = true, .allow_typos = true};

    *out = (jf_bound_model){.model = model, .table = table};
    JF_TRY_NEW(declared, err, "predictions");
    JF_TRY(see_columns(out, err));
    for (size_t j = 0; j < model->k; j++)
        if (!strchr(model->names[j], '[')) declared[options.n_declared++] = model->names[j];
    JF_TRY(check_inputs(model, table, err));
    JF_TRY(jf_ast_read("model", model->formula, &formula, err));
    JF_TRY(jf_ast_read("model", model->response, &response, err));
    JF_TRY(jf_transform_new(response, model->raw_response, &out->columns, &out->transform, err));
    JF_TRY(jf_formula_bind("model", formula, &out->columns, rows, n, &options, NULL, &out->formula, err));
    if (jf_formula_n_learned(out->formula) != model->n_learned) {
        status = jf_fail(err, JF_EDATA, "the model has %zu learned constants, its formula wants %zu",
                         model->n_learned, jf_formula_n_learned(out->formula));
        goto done;
    }
    JF_TRY(match_parameters(out, err));
    JF_TRY(jf_inputs_build(out->formula, &out->columns, rows, n, model->learned, &out->inputs, err));
done:
    jf_ast_free(formula);
    jf_ast_free(response);
    jf_free(declared);
    return status;
}

void jf_bound_order(const jf_bound_model *bound, const double *values, double *out)
{
    for (size_t j = 0; j < jf_formula_n_parameters(bound->formula); j++) {
        long of = find_name(bound->model, jf_formula_parameter(bound->formula, j)->name);
        out[j] = of < 0 ? NAN : values[of];
    }
}

jf_status jf_bound_ends(const jf_bound_model *bound, const size_t *rows, size_t n, double *const ends[2],
                        double *low, double *high, jf_error *err)
{
    jf_status status = JF_OK;
    double *raw[2] = {JF_NEW_ARRAY(double, n), JF_NEW_ARRAY(double, n)};

    JF_TRY_NEW(raw[0] && raw[1] ? raw[0] : NULL, err, "intervals");
    for (int side = 0; side < 2; side++)
        JF_TRY(jf_transform_inverse(bound->transform, &bound->columns, rows, n, ends[side], raw[side], err));
    for (size_t i = 0; i < n; i++) {
        bool swapped = raw[0][i] > raw[1][i]; /* a falling left side, as 1/y */
        if (low) low[i] = raw[swapped][i];
        if (high) high[i] = raw[!swapped][i];
    }
done:
    jf_free(raw[0]);
    jf_free(raw[1]);
    return status;
}
