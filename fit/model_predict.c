/* Predictions from a model: bound to the columns of a table, with intervals on the raw scale. */
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>
#include "core/expr/transform.h"
#include "core/memory.h"
#include "core/text.h"
#include "fit/infer/predict.h"
#include "fit/model.h"

/* The model bound to the columns of a table, its parameters in the order of that binding. */
typedef struct bound_model {
    const jf_model *model;
    const jf_table *table;
    jf_column raw; /* stands in for the raw response where the table has none, as plans do */
    jf_columns columns;
    jf_formula *formula;
    jf_transform *transform;
    jf_inputs *inputs;
    jf_known_parameters known;
    double *theta, *covariance, *null;
} bound_model;

static void bound_clear(bound_model *bound)
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
    const bound_model *bound = table;
    const jf_column *column = jf_table_find(bound->table, name);

    return column || strcmp(name, bound->model->raw_response) != 0 ? column : &bound->raw;
}

static const jf_column *column_at(const void *table, size_t index)
{
    const bound_model *bound = table;

    return index < bound->table->n_columns ? &bound->table->columns[index] : &bound->raw;
}

/* The table's columns, and one of missing values for the raw response where there is none. */
static jf_status see_columns(bound_model *bound, jf_error *err)
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
static jf_status match_parameters(bound_model *bound, jf_error *err)
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

static jf_status bind_model(const jf_model *model, const jf_table *table, const size_t *rows, size_t n,
                            bound_model *out, jf_error *err)
{
    jf_status status = JF_OK;
    jf_ast *formula = NULL, *response = NULL;
    const char **declared = JF_NEW_ARRAY(const char *, model->k);
    jf_bind_options options = {.declared = declared, .any_reference = true, .allow_typos = true};

    *out = (bound_model){.model = model, .table = table};
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

static double wide_of(const jf_model *model)
{
    double p = 1 - (1 - model->level) / 2;

    if (isinf(model->t_df)) return gsl_cdf_ugaussian_Pinv(p);
    return model->t_df > 0 ? gsl_cdf_tdist_Pinv(p, model->t_df) : NAN;
}

/* low and high (either may be NULL) of value +- half, back on the raw scale and in order. */
static jf_status ends_of(const bound_model *bound, const size_t *rows, size_t n, const double *value,
                         const double *half, double *low, double *high, jf_error *err)
{
    jf_status status = JF_OK;
    double *z = JF_NEW_ARRAY(double, n), *ends[2] = {JF_NEW_ARRAY(double, n), JF_NEW_ARRAY(double, n)};

    JF_TRY_NEW(z && ends[0] && ends[1] ? z : NULL, err, "intervals");
    for (int side = 0; side < 2; side++) {
        for (size_t i = 0; i < n; i++) z[i] = value[i] + (side ? half[i] : -half[i]);
        JF_TRY(jf_transform_inverse(bound->transform, &bound->columns, rows, n, z, ends[side], err));
    }
    for (size_t i = 0; i < n; i++) {
        bool swapped = ends[0][i] > ends[1][i]; /* a falling left side, as 1/y */
        if (low) low[i] = ends[swapped][i];
        if (high) high[i] = ends[!swapped][i];
    }
done:
    jf_free(z);
    jf_free(ends[0]);
    jf_free(ends[1]);
    return status;
}

static jf_status fill_raw(const bound_model *bound, const size_t *rows, size_t n, const double *value,
                          const double *error, const jf_model_prediction *out, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_model *model = bound->model;
    double wide = wide_of(model), *half = JF_NEW_ARRAY(double, n);

    JF_TRY_NEW(half, err, "intervals");
    if (out->raw)
        JF_TRY(jf_transform_inverse(bound->transform, &bound->columns, rows, n, value, out->raw, err));
    if (out->mean_low || out->mean_high) {
        for (size_t i = 0; i < n; i++) half[i] = wide * error[i];
        JF_TRY(ends_of(bound, rows, n, value, half, out->mean_low, out->mean_high, err));
    }
    if (out->low || out->high) {
        for (size_t i = 0; i < n; i++) {
            double noise = model->sigma * (model->error == JF_ERROR_RELATIVE ? fabs(value[i]) : 1);
            half[i] = wide * sqrt(error[i] * error[i] + noise * noise);
        }
        JF_TRY(ends_of(bound, rows, n, value, half, out->low, out->high, err));
    }
done:
    jf_free(half);
    return status;
}

jf_status jf_model_predict(const jf_model *model, const jf_table *table, const size_t *rows, size_t n_rows,
                           const jf_model_prediction *out, jf_error *err)
{
    jf_status status = JF_OK;
    size_t n = rows ? n_rows : table->n_rows;
    bound_model bound = {0};
    double *value = JF_NEW_ARRAY(double, n), *error = JF_NEW_ARRAY(double, n);

    JF_TRY_NEW(value && error ? value : NULL, err, "predictions");
    JF_TRY(bind_model(model, table, rows, n, &bound, err));
    JF_TRY(jf_predict_rows(bound.formula, bound.inputs, &bound.known, value, error, err));
    if (out->value) memcpy(out->value, value, n * sizeof *value);
    if (out->error) memcpy(out->error, error, n * sizeof *error);
    JF_TRY(fill_raw(&bound, rows, n, value, error, out, err));
done:
    bound_clear(&bound);
    jf_free(value);
    jf_free(error);
    return status;
}
