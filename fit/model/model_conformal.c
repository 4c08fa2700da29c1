/* Conformal intervals from a model alone. */
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "fit/model/model_bind.h"
#include "fit/select/conformal.h"

/* What each part predicts on the law's scale: centre is n x n_parts. */
static jf_status centres_of(const jf_bound_model *bound, const size_t *rows, size_t n, double *centre,
                            jf_error *err)
{
    jf_status status = JF_OK;
    const jf_conformal *c = bound->model->conformal;
    double *theta = JF_NEW_ARRAY(double, jf_formula_n_parameters(bound->formula)),
           *value = JF_NEW_ARRAY(double, n);
    jf_known_parameters known = bound->known;
    jf_inputs *inputs = NULL;

    JF_TRY_NEW(theta && value ? theta : NULL, err, "intervals");
    for (size_t k = 0; k < c->n_parts; k++) {
        jf_bound_order(bound, c->parts[k].theta, theta);
        known.theta = theta;
        JF_TRY(jf_inputs_build(bound->formula, &bound->columns, rows, n, c->parts[k].learned, &inputs, err));
        JF_TRY(jf_predict_rows(bound->formula, inputs, &known, value, NULL, err));
        jf_inputs_free(inputs);
        inputs = NULL;
        for (size_t i = 0; i < n; i++) centre[i * c->n_parts + k] = value[i];
    }
done:
    jf_inputs_free(inputs);
    jf_free(theta);
    jf_free(value);
    return status;
}

static void calibration_clear(jf_calibration *calibration)
{
    for (size_t k = 0; calibration->parts && k < calibration->n_parts; k++) {
        jf_free(calibration->parts[k].residual);
        jf_free(calibration->parts[k].weight);
        jf_free(calibration->parts[k].above);
    }
    jf_free(calibration->parts);
}

/* The model's residuals, sorted. */
static jf_status calibration_of(const jf_conformal *c, jf_calibration *out, jf_error *err)
{
    jf_status status = JF_OK;

    *out = (jf_calibration){.n_parts = c->n_parts, .n_groups = c->n_groups};
    out->parts = JF_NEW_ZEROED(jf_calibration_part, c->n_parts);
    JF_TRY_NEW(out->parts, err, "intervals");
    for (size_t k = 0; k < c->n_parts; k++) {
        const jf_conformal_part *from = &c->parts[k];
        jf_calibration_part *part = &out->parts[k];
        part->n = from->n;
        part->residual = JF_NEW_ARRAY(double, from->n);
        part->weight = JF_NEW_ARRAY(double, from->n);
        part->above = JF_NEW_ARRAY(double, from->n + 1);
        JF_TRY_NEW(part->residual && part->weight && part->above ? part : NULL, err, "intervals");
        memcpy(part->residual, from->residual, from->n * sizeof(double));
        memcpy(part->weight, from->weight, from->n * sizeof(double));
        jf_calibration_sort(part);
    }
done:
    return status;
}

jf_status jf_model_conformal(const jf_model *model, const jf_table *table, const size_t *rows, size_t n_rows,
                             double level, double *low, double *high, jf_error *err)
{
    jf_status status = JF_OK;
    size_t n = rows ? n_rows : table->n_rows;
    double *ends[2] = {JF_NEW_ARRAY(double, n), JF_NEW_ARRAY(double, n)}, *centre = NULL;
    jf_bound_model bound = {0};
    jf_calibration calibration = {0};

    centre = JF_NEW_ARRAY(double, n * model->conformal->n_parts);
    JF_TRY_NEW(ends[0] && ends[1] && centre ? centre : NULL, err, "intervals");
    JF_TRY(jf_model_bind(model, table, rows, n, &bound, err));
    JF_TRY(centres_of(&bound, rows, n, centre, err));
    JF_TRY(calibration_of(model->conformal, &calibration, err));
    jf_conformal_intervals(&calibration, centre, n, 1 - level, ends[0], ends[1]);
    JF_TRY(jf_bound_ends(&bound, rows, n, ends, low, high, err));
done:
    calibration_clear(&calibration);
    jf_bound_model_clear(&bound);
    jf_free(centre);
    jf_free(ends[0]);
    jf_free(ends[1]);
    return status;
}
