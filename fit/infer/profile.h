/* Profile likelihood intervals (--ci profile): how far a parameter can go, all others refitted, before the
 * squares grow by more than chance explains. */
#ifndef JF_FIT_INFER_PROFILE_H
#define JF_FIT_INFER_PROFILE_H

#include "fit/fit_parts.h"

/* One end of an interval. */
typedef struct jf_profile_end {
    double value; /* NaN where `state` says that there is none */
    jf_end state;
} jf_profile_end;

/* What all profiles of one fit share. */
typedef struct jf_profile_setup {
    const jf_problem *problem;
    const double *theta;      /* k: the fit */
    const double *covariance; /* k x k: a guess of how the parameters go together; zeros where unknown */
    double loss;              /* weighted squares at theta */
    double variance;          /* of a row of weight one */
    double quantile;          /* an end is where sqrt((squares - loss) / variance) comes to this */
    size_t max_iterations;
    double tolerance;
} jf_profile_setup;

/* The interval of parameter j; both ends of a fixed one are JF_END_FIXED. An end that meets a bound of the
 * parameter first lies there (JF_END_BOUND); one that goes on for ever is JF_END_UNBOUNDED. Where a refit
 * comes on squares below setup->loss, `better` (k) gets that minimum and `*better_loss` its squares (else
 * infinity), and the ends mean nothing. Source: Bates and Watts 1988, section 6.1. */
jf_status jf_profile_run(const jf_profile_setup *setup, size_t j, jf_profile_end ends[2], double *better,
                         double *better_loss, jf_error *err);

/* Adds the set "profile" to the fit, or, where a better minimum turns up, leaves it in work->better. */
jf_status jf_intervals_profile(jf_fit_work *work);

#endif
