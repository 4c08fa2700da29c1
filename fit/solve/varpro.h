/* Variable projection as a source of starts: parameters that enter linearly, once all others are held, are
 * solved for by (bounded) linear least squares, so that only the others need be searched (Golub and Pereyra
 * 1973). */
#ifndef JF_FIT_VARPRO_H
#define JF_FIT_VARPRO_H

#include "fit/problem/objective.h"

/* How a law splits. In `exponential` form exp(value) rather than the value is linear: log(E) ~ log(h0 + h1
 * L); relative deviations then stand in for the logarithm's. */
typedef struct jf_split {
    bool exponential;
    bool *linear;         /* n_slots */
    bool *is_linear;      /* k: parameters to solve for, fixed ones left out */
    size_t *linear_index; /* n_linear parameters */
    size_t n_linear;
    size_t *search; /* n_search: parameters left to search */
    size_t n_search;
    double *normal, *right; /* k x k and k: sums of one pass */
    jf_triangle *triangle;
    double *lower, *upper, *x; /* n_linear: bounds and solution relative to the point at hand */
    signed char *side;
} jf_split;

/* Finds the split that leaves the fewest parameters to search. */
jf_status jf_split_new(jf_objective *objective, jf_split **out, jf_error *err);
void jf_split_free(jf_split *split);
/* Sets the linear entries of theta to their best values given the others; within bounds. False where the law
 * is not finite there. */
bool jf_split_solve(jf_split *split, jf_objective *objective, double *theta);

#endif
