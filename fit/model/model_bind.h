/* A model bound to the columns of a table, its parameters in the order of that binding. */
#ifndef JF_FIT_MODEL_BIND_H
#define JF_FIT_MODEL_BIND_H

#include "core/expr/transform.h"
#include "fit/infer/predict.h"
#include "fit/model/model.h"

typedef struct jf_bound_model {
    const jf_model *model;
    const jf_table *table;
    jf_column raw; /* stands in for the raw response where the table has none, as plans do */
    jf_columns columns;
    jf_formula *formula;
    jf_transform *transform;
    jf_inputs *inputs;
    jf_known_parameters known;
    double *theta, *covariance, *null;
} jf_bound_model;

/* JF_EDATA: a table that lacks an input or has it of another kind; a model that does not hold together. */
jf_status jf_model_bind(const jf_model *model, const jf_table *table, const size_t *rows, size_t n,
                        jf_bound_model *out, jf_error *err);
void jf_bound_model_clear(jf_bound_model *bound);
/* `values` (by the model's parameters) in the order of the binding; NaN for levels without a parameter. */
void jf_bound_order(const jf_bound_model *bound, const double *values, double *out);
/* low and high (either may be NULL) of ends on the law's scale, back on the raw scale and in order. The ends
 * are n each. */
jf_status jf_bound_ends(const jf_bound_model *bound, const size_t *rows, size_t n, double *const ends[2],
                        double *low, double *high, jf_error *err);

#endif
