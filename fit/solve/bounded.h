/* Bounded linear least squares on a triangle (Stark and Parker 1995, BVLS, after Lawson and Hanson's NNLS).
 */
#ifndef JF_FIT_BOUNDED_H
#define JF_FIT_BOUNDED_H

#include "fit/solve/triangle.h"

/* Minimises |R x - d| with lower <= x <= upper (-inf and inf when open). `side` (k) tells what holds each
 * entry: -1 and 1 where it lies at that bound with a multiplier that presses it there (or at lower == upper),
 * else 0. A column that repeats others (rank below full) stays where it is. Fails with JF_EFIT when the
 * active set did not settle, JF_ENOMEM. */
jf_status jf_bounded_solve(const jf_triangle *triangle, const double *lower, const double *upper, double *x,
                           signed char *side, jf_error *err);

#endif
