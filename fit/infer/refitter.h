/* Refits of one law to its own rows with other weights or other responses, for one thread: bootstrap
 * resamples and jackknives by the thousand. Rows of count zero are left out, every refit starts from the full
 * fit, and nothing is allocated between refits of smooth losses. */
#ifndef JF_FIT_INFER_REFITTER_H
#define JF_FIT_INFER_REFITTER_H

#include "fit/problem/problem.h"
#include "fit/solve/solve.h"

typedef struct jf_refitter jf_refitter;

/* `whole` must outlive it. The loss has its constant; `tolerance` is the scaled gradient to reach. Learned
 * constants (center() and the like) and the weights of a relative error stay those of `whole`, so that the
 * parameters of all refits mean the same. */
jf_status jf_refitter_new(const jf_problem *whole, const jf_loss *loss, size_t max_iterations,
                          double tolerance, jf_refitter **out, jf_error *err);
void jf_refitter_free(jf_refitter *refitter);

/* Fits from `from` (k) with row i counted counts[i] times (n; NULL: once each) and with `response` (n; NULL:
 * the problem's own) into theta (k). False when the refit fails: fewer rows than parameters, parameters that
 * these rows do not tell (a level without rows), no convergence; theta is then NaN. */
bool jf_refitter_run(jf_refitter *refitter, const double *counts, const double *response, const double *from,
                     double *theta);
/* The loss of the last refit as users see it: squares as the weighted sum of r^2. */
double jf_refitter_loss(const jf_refitter *refitter);

#endif
