/* Least absolute deviations and quantiles: minima where some residuals are exactly zero. */
#ifndef JF_FIT_KINKED_H
#define JF_FIT_KINKED_H

#include "fit/solve/small.h"

/* From minimum->theta, a minimum of the loss with its kink rounded over `smoothing`: takes the rows within
 * the rounding as those whose residuals are zero, solves for that exactly (Newton on the conditions of
 * Karush, Kuhn and Tucker), and checks them: scaled_gradient is what is left of the gradient after the best
 * slopes within the kink for the rows at zero. Fills `minimum` as jf_refine does; converged when that is
 * below `tolerance`. JF_EFIT, and nothing changed, when the law is not finite on the way. */
jf_status jf_kinked_finish(jf_objective *objective, double smoothing, double tolerance, jf_minimum *minimum,
                           jf_error *err);

#endif
