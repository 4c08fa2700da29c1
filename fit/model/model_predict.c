/* Predictions from a model, with intervals on the raw scale. */
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "fit/model/model_bind.h"

static double wide_of(const jf_model *model)
{
    double p = 1 - (1 - model->level) / 2;

    if (isinf(model->t_df)) return gsl_cdf_ugaussian_Pinv(p);
    return model->t_df > 0 ? gsl_cdf_tdist_Pinv(p, model->t_df) : NAN;
}

/* The ends value +- half on the raw scale. */
static jf_status ends_of(const jf_bound_model *bound, const size_t *rows, size_t n, const double *value,
                         const double *half, double *low, double *high, jf_error *err)
{
    jf_status status = JF_OK;
    double *ends[2] = {JF_NEW_ARRAY(double, n), JF_NEW_ARRAY(double, n)};

    JF_TRY_NEW(ends[0] && ends[1] ? ends[0] : NULL, err, "intervals");
    for (size_t i = 0; i < n; i++) {
        ends[0][i] = value[i] - half[i];
        ends[1][i] = value[i] + half[i];
    }
    JF_TRY(jf_bound_ends(bound, rows, n, ends, low, high, err));
done:
    jf_free(ends[0]);
    jf_free(ends[1]);
    return status;
}

static jf_status fill_raw(const jf_bound_model *bound, const size_t *rows, size_t n, const double *value,
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
    jf_bound_model bound = {0};
    double *value = JF_NEW_ARRAY(double, n), *error = JF_NEW_ARRAY(double, n);

    JF_TRY_NEW(value && error ? value : NULL, err, "predictions");
    JF_TRY(jf_model_bind(model, table, rows, n, &bound, err));
    JF_TRY(jf_predict_rows(bound.formula, bound.inputs, &bound.known, value, error, err));
    if (out->value) memcpy(out->value, value, n * sizeof *value);
    if (out->error) memcpy(out->error, error, n * sizeof *error);
    JF_TRY(fill_raw(&bound, rows, n, value, error, out, err));
done:
    jf_bound_model_clear(&bound);
    jf_free(value);
    jf_free(error);
    return status;
}
