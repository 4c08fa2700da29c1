/* Profile likelihood intervals (--ci profile): how far a parameter can go, all others refitted, before the
 * loss grows by more than chance explains.
 *
 * Squares: growth in units of the residual variance (Bates and Watts 1988, section 6.1). Other losses: in
 * units of lambda / 2 with lambda = mean psi^2 / mean psi', which makes twice the growth chi-squared
 * (Schrader and Hettmansperger 1980, Biometrika 67; for l1 and quantiles, psi' the density at the kink,
 * Koenker and Bassett 1982). */
#ifndef JF_FIT_INFER_PROFILE_H
#define JF_FIT_INFER_PROFILE_H

#include "fit/fit_parts.h"
#include "fit/infer/held.h"

/* One end of an interval. */
typedef struct jf_profile_end {
    double value; /* NaN where `state` says that there is none */
    jf_end state;
} jf_profile_end;

/* The interval of parameter j; both ends of a fixed one are JF_END_FIXED. An end that meets a bound of the
 * parameter first lies there (JF_END_BOUND); one that goes on for ever is JF_END_UNBOUNDED. Where a refit
 * comes on a loss below setup->loss, `better` (k) gets that minimum and `*better_loss` its loss (else
 * infinity), and the ends mean nothing. `curve` (NULL: not wanted) gets the profile between the ends. */
jf_status jf_profile_run(const jf_profile_setup *setup, size_t j, jf_profile_end ends[2], double *better,
                         double *better_loss, jf_profile_curve *curve, jf_error *err);
/* A length that is neither tiny nor huge for parameter j. */
double jf_profile_first_step(const jf_profile_setup *setup, size_t j);

/* profile_set.c: */
/* What profiles of this fit are made of; quantile is that of single parameters, NaN where there is none. */
jf_profile_setup jf_profile_setup_of(const jf_fit_work *work);
/* Leaves a lower minimum that the walk of `parameter` came on in work->better. */
jf_status jf_profile_keep_better(jf_fit_work *work, const double *theta, double loss, size_t parameter);
void jf_profile_warn(jf_fit_work *work);
/* Adds the set "profile" to the fit, or, where a better minimum turns up, leaves it in work->better. */
jf_status jf_intervals_profile(jf_fit_work *work);

#endif
