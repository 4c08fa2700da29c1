/* What the files of the solver share. */
#ifndef JF_FIT_SOLVE_PARTS_H
#define JF_FIT_SOLVE_PARTS_H

#include "fit/solve/minimum.h"
#include "fit/solve/solve.h"

/* Whether a fit that did not converge would have, to a minimum that the rows tell, had it been allowed more
 * iterations: then the limit is to blame and not the law. `best` is left as it is. */
jf_status jf_solve_is_cut_short(const jf_problem *problem, const jf_solve_options *options,
                                const jf_minimum *best, bool *cut_short, jf_error *err);
/* What is wrong at theta, into `text`: the first row where the law is not finite. */
void jf_name_bad_row(const jf_problem *problem, const double *theta, char *text, size_t size);
/* The parameters that the rows do not tell. */
void jf_name_unidentified(const jf_problem *problem, const jf_minimum *best, char *text, size_t size);

#endif
