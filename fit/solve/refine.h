/* The last steps of a fit: undamped Newton on a column-scaled QR, with sums in double-double, until nothing
 * but rounding is left. The loss of a flat minimum hides half of the digits of the parameters; the gradient
 * does not. */
#ifndef JF_FIT_REFINE_H
#define JF_FIT_REFINE_H

#include "fit/problem/objective.h"

/* From minimum->theta, which lies near a minimum. Steps are taken while the residuals' projection onto the
 * columns shrinks (Bates and Watts 1981) and the loss does not rise; a step that would leave the bounds ends
 * them. Fills everything in `minimum` but iterations, to which it adds: loss, gradient, rank, which
 * parameters the loss does not tell, which bounds hold, by the sign of their multipliers. JF_EFIT when a
 * value or derivative is not finite at the start. */
jf_status jf_refine(jf_objective *objective, double tolerance, size_t max_steps, jf_minimum *minimum,
                    jf_error *err);

#endif
