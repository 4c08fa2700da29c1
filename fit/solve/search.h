/* Finding the best minimum of a nonlinear law: draws, screening, finishing. */
#ifndef JF_FIT_SEARCH_H
#define JF_FIT_SEARCH_H

#include "fit/solve/solve.h"
#include "fit/problem/objective.h"

/* Searches from the starts given (options->from, else problem->start) and options->starts quasi-random ones;
 * `best` is the lowest minimum (a start that was given wins ties). Fills the counts and basins of `out`. The
 * same bytes for any number of threads. JF_EFIT when no start was finite. */
jf_status jf_search(const jf_problem *problem, const jf_solve_options *options, jf_minimum *best,
                    jf_solution *out, jf_error *err);

#endif
