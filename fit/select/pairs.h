/* Tests between fitted laws on all rows: rowwise likelihoods for Vuong. */
#ifndef JF_FIT_SELECT_PAIRS_H
#define JF_FIT_SELECT_PAIRS_H

#include "fit/fit.h"

/* Log-likelihood of each row (fit->n of them) on the scale of the raw response; they add up to fit->loglik.
 * NaN for a fit without criteria. */
void jf_fit_rowwise_loglik(const jf_fit *fit, double *loglik);

#endif
