/* Intervals besides those of the standard errors: one row of a table a kind (--ci). */
#ifndef JF_FIT_INFER_INTERVALS_H
#define JF_FIT_INFER_INTERVALS_H

#include "fit/fit_parts.h"

/* Reads --ci (NULL: wald) and adds what it asks for to work->fit->intervals. */
jf_status jf_intervals_add(jf_fit_work *work);
/* A new set with room for all estimates, NaN, of kind `kind` (printf style); reported after those that are
 * there. */
jf_status jf_intervals_new(jf_fit_work *work, jf_interval_set **out, const char *kind, ...)
    __attribute__((format(printf, 3, 4)));

/* Warns where the lengths of the kinds differ by more than a factor of 1.5. */
void jf_intervals_judge(jf_fit *fit);

/* --ci bootstrap: a set for each of options->resample by each of options->bootstrap_interval. */
jf_status jf_intervals_bootstrap(jf_fit_work *work);

/* intervals_wild.c: the set "bootstrap:wild-cluster:t". JF_EUSAGE without groups. */
jf_status jf_intervals_wild(jf_fit_work *work);

#endif
