/* GSL's trust-region solvers on a problem: the solver of record for squared residuals. */
#ifndef JF_FIT_TRUST_H
#define JF_FIT_TRUST_H

#include "fit/problem/objective.h"

/* Which of GSL's methods: steps and scaling differ, so that a second opinion is one. */
typedef enum jf_trust_method {
    JF_TRUST_LM,      /* Levenberg-Marquardt, scaled as in MINPACK (More) */
    JF_TRUST_DOGLEG,  /* double dogleg, Levenberg's scaling */
    JF_TRUST_LMACCEL, /* with geodesic acceleration from exact second derivatives, Marquardt's scaling */
    JF_N_TRUST_METHODS
} jf_trust_method;
extern const char *const jf_trust_names[JF_N_TRUST_METHODS];

/* True when rows x parameters is small enough for GSL's dense Jacobian (256 MiB). */
bool jf_trust_fits(const jf_problem *problem);

/* From minimum->theta downhill. Only for squares; a trial step that makes a row infinite or leaves the bounds
 * is a rejected one. Fills theta, loss and iterations. `*settled` tells that GSL's own test of convergence
 * was met. JF_EFIT when the start is not finite. */
jf_status jf_trust_solve(jf_objective *objective, jf_trust_method method, size_t max_iterations,
                         jf_minimum *minimum, bool *settled, jf_error *err);

#endif
