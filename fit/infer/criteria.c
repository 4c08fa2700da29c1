/* Log-likelihood, AIC, AICc, BIC. */
#include "fit/infer/criteria.h"

#include <math.h>

jf_criteria jf_criteria_compute(const jf_likelihood_terms *terms)
{
    static const double log_2_pi = 1.8378770664093454836;
    double n = terms->n, m = (double)terms->k + (terms->known_variance ? 0 : 1);
    double loglik = 0.5 * terms->log_weights + terms->log_slopes;

    if (terms->known_variance)
        loglik -= 0.5 * (n * log_2_pi + terms->rss);
    else if (terms->rss > 0)
        loglik -= 0.5 * n * (log_2_pi + log(terms->rss / n) + 1);
    else
        return (jf_criteria){NAN, NAN, NAN, NAN};
    return (jf_criteria){
        .loglik = loglik,
        .aic = -2 * loglik + 2 * m,
        .aicc = n > m + 1 ? -2 * loglik + 2 * m + 2 * m * (m + 1) / (n - m - 1) : INFINITY,
        .bic = -2 * loglik + m * log(n),
    };
}
