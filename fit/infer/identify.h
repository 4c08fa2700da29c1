/* How well the rows tell each parameter: estimates[].identity, the state that follows, and the words.
 *
 * A parameter's error is traced to the right singular vectors of the Jacobian with columns of length one
 * (variance decomposition: Belsley, Kuh and Welsch 1980, Regression Diagnostics, section 3.2). A direction
 * counts as near dependence from a condition index of 30 and a share of half the variance, as they advise.
 * What is told weakly so far, and enters nonlinearly, is profiled: an end that never comes is said. */
#ifndef JF_FIT_INFER_IDENTIFY_H
#define JF_FIT_INFER_IDENTIFY_H

#include "fit/fit_parts.h"

/* Fills estimates[].identity and makes weakly determined ones JF_STATE_WEAK. A profile that comes on a lower
 * minimum leaves it in work->better. */
jf_status jf_identify_run(jf_fit_work *work);

/* identify_law.c: out[j] (n_theta): is parameter j undetermined whatever the rows and its value? Judged by
 * the rank of the Jacobian at rows whose columns are shuffled apart and rescaled, and at parameters drawn
 * from where starts are drawn. All false where no such Jacobian is finite. */
jf_status jf_identify_structure(const jf_fit_work *work, bool *out);

/* Relative error from which an estimate is not told from zero. */
#define JF_NOT_FROM_ZERO 0.5

/* identify_words.c: the verdict on estimate i, NULL when memory ran out; freed with jf_free. */
char *jf_identity_words(const jf_fit_work *work, size_t i);
/* Entries of a direction (n_theta), the first few: "b0 + h[a40] - 0.5*q". Where nonlinear parameters make it
 * plainer, entries are shares of the parameters' values, and the text says so. */
char *jf_direction_words(const jf_fit_work *work, const double *direction);

#endif
