/* One local fit from one start to a proven minimum: the solvers in their order, for one thread. */
#ifndef JF_FIT_LOCAL_H
#define JF_FIT_LOCAL_H

#include "fit/solve/small.h"

typedef struct jf_local {
    jf_objective *objective;
    jf_small *small;
    jf_loss loss; /* with its constant */
    size_t max_iterations;
    double tolerance;
    bool warm;        /* fits begin near their minimum */
    jf_minimum trial; /* second opinions */
    double *residual; /* n: made when first needed */
    double *began;    /* k: where the fit at hand began */
} jf_local;

jf_status jf_local_new(const jf_problem *problem, const jf_loss *loss, size_t max_iterations,
                       double tolerance, jf_local **out, jf_error *err);
void jf_local_free(jf_local *local);

/* How much is done for one start. */
typedef enum jf_effort {
    JF_LEAN,     /* lean solver, refinement only where it is needed: refits */
    JF_FULL,     /* lean solver and refinement */
    JF_OF_RECORD /* GSL first, second opinions where it stops short, refinement */
} jf_effort;

/* From minimum->theta (cut to the bounds). JF_EFIT when the law is not finite there: `minimum` is then left
 * with an infinite loss. */
jf_status jf_local_fit(jf_local *local, jf_effort effort, jf_minimum *minimum, jf_error *err);
/* Screening: some steps of squares (`logarithmic` as in jf_small_options), for another loss as many of that,
 * and minimum->loss by it. False when not finite. */
bool jf_local_screen(jf_local *local, size_t steps, const bool *logarithmic, jf_minimum *minimum);
/* Some steps of the loss from near its minimum, first along the logarithms of some parameters and then as
 * they are; kinks are rounded over `smoothing`. False when not finite. */
bool jf_local_walk(jf_local *local, double smoothing, const bool *logarithmic, jf_minimum *minimum);
/* The median absolute residual at theta; 0 when not finite. */
double jf_local_spread(jf_local *local, const double *theta);

#endif
