/* Searches that run off: a law whose loss goes on falling, by ever less, while some parameters grow or shrink
 * without end has no best values for them, and where a solver happens to stop is no estimate.
 *
 * The rule. A parameter of a nonlinear law is looked into unless the solvers proved the minimum (the gradient
 * vanishes, no column of the Jacobian is too faint to matter, and the residuals have no part to speak of in
 * the directions of the columns: Bates and Watts' relative offset below 1e-5) and its standard error is less
 * than itself. It is then held at values ever farther from the one found, up to a thousand times as
 * large and (unless all of it moves the predictions by next to nothing) down to a thousandth, while all
 * others are fitted anew. On the side where the loss rises by more than a millionth of itself the parameter
 * is determined. Where it never rises, to the end or to where a parameter leaves the range of doubles, the
 * parameter is a runaway: unidentified, and never reported as a number. A walk that comes on a lower minimum
 * of the usual kind leads there instead, and everything is begun anew.
 *
 * What such a law predicts is determined nevertheless: along the way nothing changes but rounding. The
 * solution keeps the lowest point met, for predictions. */
#ifndef JF_FIT_RUNAWAY_H
#define JF_FIT_RUNAWAY_H

#include "fit/solve/minimum.h"
#include "fit/solve/solve.h"

/* Fills `runaway` (k) for a minimum that is not proven and improves `best` where a walk leads lower; tells
 * with `*n_open` how many parameters run away: `best` is then not converged and of rank zero. `overflown`:
 * the derivatives overflow at `best`, so that it must be walked back from there first; where that fails,
 * parameters whose derivatives have no length left are runaways. JF_ENOMEM only: what cannot be fitted cannot
 * be walked to. */
jf_status jf_runaway_find(const jf_problem *problem, const jf_solve_options *options, bool overflown,
                          jf_minimum *best, jf_runaway *runaway, size_t *n_open, jf_error *err);

#endif
