/* Refits of a law with some parameters held: what profiles and contours are made of. */
#ifndef JF_FIT_INFER_HELD_H
#define JF_FIT_INFER_HELD_H

#include "fit/problem/problem.h"
#include "fit/solve/solve.h"

/* What all profiles and contours of one fit share. */
typedef struct jf_profile_setup {
    const jf_problem *problem;
    jf_loss penalty;          /* with its constant; zeroed: squares */
    const double *theta;      /* k: the fit */
    const double *covariance; /* k x k: a guess of how the parameters go together; zeros where unknown */
    double loss;              /* of the fit, as jf_solution.loss */
    double unit;  /* growth of the loss that counts one: squares: the variance of a row of weight one */
    double lower; /* relative: a loss lower by more than this is another minimum; 1: none is */
    const jf_runaway *runaway; /* k, or NULL: parameters that run away have no end on that side */
    double quantile;           /* an end is where sqrt((loss - setup->loss) / unit) comes to this */
    size_t max_iterations;
    double tolerance;
} jf_profile_setup;

/* One place to stand at: some parameters held, the others at their best. */
typedef struct jf_held {
    const jf_profile_setup *setup;
    jf_problem problem; /* setup->problem with parameters fixed: bounds are its own, all else is borrowed */
    size_t *which;
    size_t n_which;
    double z;       /* root of the growth of the loss, in units; infinite where no refit has a finite loss */
    double *theta;  /* k: where z was found */
    double *better; /* k, borrowed: a minimum below setup->loss that a refit came on */
    double better_loss; /* infinite until then */
} jf_held;

/* Holds the `n` parameters `which`. */
jf_status jf_held_new(const jf_profile_setup *setup, const size_t *which, size_t n, double *better,
                      jf_held *out, jf_error *err);
void jf_held_clear(jf_held *held);
/* Moves to these values of the held parameters; z is infinite until a refit says better. */
void jf_held_move(jf_held *held, const double *values);
/* One refit from `from` (k); lowers z and takes its parameters where it is better than what is there. */
jf_status jf_held_refit(jf_held *held, const double *from, jf_error *err);

#endif
