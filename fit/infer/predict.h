/* Predictions of a bound formula and their standard errors, block by block. */
#ifndef JF_FIT_INFER_PREDICT_H
#define JF_FIT_INFER_PREDICT_H

#include "core/expr/formula.h"

/* What is known of the parameters: k of them. */
typedef struct jf_known_parameters {
    size_t k;
    const double *theta;
    const double *covariance; /* k x k, zeros for what is held */
    const double *null;       /* k x n_null: directions that were not determined */
    size_t n_null;
} jf_known_parameters;

/* value and error (standard error of the mean; may be NULL): one for each row of `inputs`. NaN where an input
 * is missing, a level has no parameter, or (the error) the prediction moves along an undetermined direction.
 */
jf_status jf_predict_rows(const jf_formula *formula, const jf_inputs *inputs,
                          const jf_known_parameters *known, double *value, double *error, jf_error *err);

#endif
