/* Takes a fit's likelihood apart row by row. */
#include "fit/select/pairs.h"

#include <math.h>

#include "fit/problem/problem.h"

void jf_fit_rowwise_loglik(const jf_fit *fit, double *loglik)
{
    const jf_problem *problem = fit->problem;
    double variance = fit->rss / (double)fit->n;

    for (size_t i = 0; i < fit->n; i++) {
        double weight = problem && problem->weight ? problem->weight[i] : 1;
        double z2 = weight * fit->residual[i] * fit->residual[i] / variance;
        loglik[i] = isfinite(fit->loglik)
                        ? jf_problem_log_slope(problem, i) - 0.5 * (log(2 * M_PI * variance / weight) + z2)
                        : NAN;
    }
}
