/* The factored Jacobian by normal equations, for columns that are well told apart. */
#ifndef JF_FIT_INFER_DESIGN_NORMAL_H
#define JF_FIT_INFER_DESIGN_NORMAL_H

#include <stdbool.h>
#include "core/error.h"

/* jacobian (n x p, column-major, columns of length one) = q r with r (p x p, column-major) upper
 * triangular. `*told` is false, and q and r hold nothing, where the columns are too close to dependent: then
 * it takes QR with pivoting. */
jf_status jf_design_normal(const double *jacobian, size_t n, size_t p, double *q, double *r, bool *told,
                           jf_error *err);

#endif
