/* The factored Jacobian by normal equations, for columns that are well told apart. */
#ifndef JF_FIT_INFER_DESIGN_NORMAL_H
#define JF_FIT_INFER_DESIGN_NORMAL_H

#include <stdbool.h>
#include "core/error.h"

/* `matrix` (n x p, column-major, columns of length one) = q r with r (p x p, column-major) upper triangular;
 * q takes the matrix's place. `*told` is false, and the matrix as it was, where the columns are too close to
 * dependent: then it takes QR with pivoting. */
jf_status jf_design_normal(double *matrix, size_t n, size_t p, double *r, bool *told, jf_error *err);

#endif
