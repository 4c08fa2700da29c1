/* Walks with one parameter held at values ever farther off and all others fitted anew. */
#ifndef JF_FIT_RUNAWAY_WALK_H
#define JF_FIT_RUNAWAY_WALK_H

#include "fit/solve/local.h"

#define JF_WALK_LEVEL 1e-6 /* of the loss: a rise that is none */
#define JF_WALK_FIRST 1e-3 /* of a logarithm: the first step */
#define JF_WALK_LEAST 1e-4 /* steps that fail are tried no shorter than this */

/* One walk: parameter j held, the others fitted. */
typedef struct jf_walk {
    jf_problem held; /* the problem with j fixed: bounds are its own, all else is borrowed */
    jf_local *local;
    size_t j, k;
    double *theta, *before; /* the last two points */
    double *lowest;         /* the lowest met */
    double lowest_loss, first_loss;
    double smoothing; /* of losses with a kink */
    jf_minimum trial;
    bool *scale;       /* k: taken by its logarithm, along which valleys are straight */
    bool *logarithmic; /* k: the solver does so too */
} jf_walk;

typedef enum jf_step { JF_WENT, JF_ROSE, JF_OVERFLEW } jf_step;

/* For walks with parameter j from about theta. jf_walk_clear takes what a failure leaves. */
jf_status jf_walk_new(const jf_problem *problem, const jf_solve_options *options, const double *theta,
                      size_t j, jf_walk *walk, jf_error *err);
void jf_walk_clear(jf_walk *walk);
/* To theta, where no loss is known yet. */
void jf_walk_set_out(jf_walk *walk, const double *theta);
/* Fits the others with j at `value`, and goes there unless the loss would rise by more than the part `rise`
 * above the lowest met. */
jf_step jf_walk_go_to(jf_walk *walk, double value, double rise);
/* Walks outwards (side 1) or towards zero (-1) from theta, as far as `end`. True where the loss never rose.
 */
bool jf_walk_out(jf_walk *walk, const jf_problem *whole, const double *theta, int side, double end);

#endif
