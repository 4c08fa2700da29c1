/* Likelihood and information criteria, on the scale of the raw response (contract section 2). */
#ifndef JF_FIT_INFER_CRITERIA_H
#define JF_FIT_INFER_CRITERIA_H

#include <stdbool.h>
#include <stddef.h>
#include "fit/fit.h"

typedef struct jf_likelihood_terms {
    double n;            /* rows, or the sum of frequency weights */
    size_t k;            /* free parameters, the variance not counted */
    double rss;          /* weighted residual sum of squares */
    double log_weights;  /* sum of log weights (0 for frequencies) */
    double log_slopes;   /* sum of log|g'(y)|: minus the sum of log y for log(y) */
    bool known_variance; /* weights are 1/sigma^2: no variance is estimated, nor counted */
} jf_likelihood_terms;

typedef struct jf_criteria {
    double loglik, aic, aicc, bic; /* NaN when the residuals are all zero */
} jf_criteria;

/* Normal likelihood with the maximum-likelihood variance RSS/n: AIC = -2 loglik + 2 (k + 1), AICc =
 * AIC + 2 m (m + 1)/(n - m - 1) with m = k + 1 (infinite when n <= m + 1), BIC = -2 loglik + m log n. */
jf_criteria jf_criteria_compute(const jf_likelihood_terms *terms);

#endif
