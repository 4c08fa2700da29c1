/* Quasi-random points to start from: Sobol's sequence up to 40 dimensions, Philox uniforms beyond, shifted by
 * the seed, spread over the ranges of a problem and, every other one, over a wider field around them. */
#ifndef JF_FIT_STARTS_H
#define JF_FIT_STARTS_H

#include "fit/problem/problem.h"

/* n points of unit cubes of `dimensions` sides, row by row into out (n x dimensions). */
jf_status jf_draw_cube(size_t dimensions, size_t n, uint64_t seed, double *out, jf_error *err);
/* The value of parameter j for u in [0, 1). Not `wide`: evenly over its range (or over the range's
 * logarithm). Wide: ranges on both sides of zero by magnitude, over four decades; others half as far again,
 * or two decades, beyond their ends. Always within the bounds. */
double jf_draw_parameter(const jf_problem *problem, size_t j, double u, bool wide);

#endif
