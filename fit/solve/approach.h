/* A way near the minimum for problems of many rows. */
#ifndef JF_FIT_APPROACH_H
#define JF_FIT_APPROACH_H

#include "fit/problem/loss.h"
#include "fit/problem/problem.h"

/* Moves theta (k, within bounds) downhill on a sample of the rows, so that fewer passes over all of them are
 * left. Leaves it alone where the sample does not lead to a minimum that it tells in full, or memory is
 * short. */
void jf_approach(const jf_problem *problem, const jf_loss *loss, size_t max_iterations, double *theta);

#endif
