/* Laws that are linear in their parameters, under squared loss: solved directly. */
#ifndef JF_FIT_LINEAR_H
#define JF_FIT_LINEAR_H

#include "fit/problem/objective.h"

/* The minimum within the bounds: QR with column pivoting, or bounded least squares where bounds bind; then
 * refined with residuals in double-double until the correction stops shrinking. Parameters that repeat others
 * (dummy trap, constant columns, more parameters than rows) get zero, or the bound nearest to it, and
 * `unidentified`. */
jf_status jf_linear_solve(jf_objective *objective, jf_minimum *minimum, jf_error *err);

#endif
