/* Tests between fitted laws on all rows: rowwise likelihoods for Vuong, spans for nestedness. */
#ifndef JF_FIT_SELECT_PAIRS_H
#define JF_FIT_SELECT_PAIRS_H

#include "fit/fit.h"

/* Log-likelihood of each row (fit->n of them) on the scale of the raw response; they add up to fit->loglik.
 * NaN for a fit without criteria. */
void jf_fit_rowwise_loglik(const jf_fit *fit, double *loglik);

/* Is `small` a special case of `large`: both linear with the same response on the same rows, no parameter at
 * a bound, and every prediction of the small law within reach of the large one? *out is false where that
 * cannot be seen (nonlinear laws). */
jf_status jf_fit_is_nested(const jf_fit *small, const jf_fit *large, bool *out, jf_error *err);

#endif
