/* Least squares of one linear law to its own rows with other weights or other responses: its derivatives are
 * the same for all refits, so they are evaluated once and a refit is a sum of products and a few
 * back-substitutions. */
#ifndef JF_FIT_INFER_REFIT_LINEAR_H
#define JF_FIT_INFER_REFIT_LINEAR_H

#include "fit/problem/problem.h"
#include "fit/solve/solve.h"

typedef struct jf_refit_linear jf_refit_linear; /* memory of one thread: n x (k + 3) numbers */

/* Is the law linear, the loss that of squares, and the table small enough to hold its derivatives? */
bool jf_refit_linear_suits(const jf_problem *problem, const jf_loss *loss);
/* `problem` must outlive it. `tolerance` is the scaled gradient to reach. */
jf_status jf_refit_linear_new(const jf_problem *problem, double tolerance, jf_refit_linear **out,
                              jf_error *err);
void jf_refit_linear_free(jf_refit_linear *linear);

/* Row i counts counts[i] times (n; NULL: once each), with `response` (n; NULL: the problem's own). Fills
 * theta (k) and `loss`, half the weighted sum of squares, and returns true; false where this is not the way:
 * the rows do not tell all parameters well apart, or the minimum lies outside of the bounds. */
bool jf_refit_linear_run(jf_refit_linear *linear, const double *counts, const double *response, double *theta,
                         double *loss);

#endif
