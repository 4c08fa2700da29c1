/* The lean solver for small problems: damped Newton on fused normal equations, for the thousands of starts,
 * resamples and splits. Squares: Levenberg-Marquardt; other losses: exact second derivatives, or reweighted
 * squares where starts are only sifted. Bounds by projection with an active set that is found anew at every
 * step. */
#ifndef JF_FIT_SMALL_H
#define JF_FIT_SMALL_H

#include "fit/problem/objective.h"

typedef struct jf_small jf_small; /* memory of one thread */

typedef struct jf_small_options {
    size_t max_iterations;
    double tolerance;        /* of the scaled gradient */
    const bool *logarithmic; /* k: search these on their logarithm (positive starts); NULL: none */
    bool exact;              /* second derivatives for squares too */
    bool reweighted;         /* none for other losses: steps of reweighted squares (Holland and Welsch 1977),
                                which cost half and go farther far from the minimum, but crawl near it */
    bool warm;               /* the start is near the minimum: the first step is not damped */
} jf_small_options;

jf_status jf_small_new(const jf_problem *problem, jf_small **out, jf_error *err);
void jf_small_free(jf_small *small);

/* From minimum->theta (within bounds) downhill; everything in `minimum` but rank and unidentified is filled.
 * False when the loss or a derivative is not finite at the start. */
bool jf_small_solve(jf_small *small, jf_objective *objective, const jf_small_options *options,
                    jf_minimum *minimum);

/* True when the parameters that the last solve did not hold are all well told by the data: the matrix is
 * safely positive definite and no column is too faint to matter. `*rank` is their number. */
bool jf_small_is_definite(jf_small *small, const jf_objective *objective, size_t *rank);

#endif
