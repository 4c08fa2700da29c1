/* Refits of a law on part of the rows it was fitted to, and their predictions of other rows. */
#ifndef JF_FIT_SELECT_REFIT_H
#define JF_FIT_SELECT_REFIT_H

#include "fit/fit.h"
#include "fit/problem/problem.h"
#include "fit/select/left_out.h"
#include "fit/select/trees.h"
#include "fit/solve/solve.h"

/* What refits of one law share. */
typedef struct jf_refit_law {
    const jf_problem *whole; /* bound to all rows */
    const double *theta;     /* k: the fit to all rows, where refits start */
    const double
        *fitted; /* n: its predictions on the law's scale; they made the weights of relative errors */
    jf_loss loss;
    const jf_fit_options *options;
    const jf_left_out *left_out;  /* of the same problem, for refits without a solver; or NULL */
    const jf_tree_learner *trees; /* grown in place of the law, whose rows and response they share; or NULL */
} jf_refit_law;

/* The weight that the user gave row `index` of the law: 1 without weights. Those of relative errors have the
 * predictions in them, which are taken out. */
double jf_refit_law_weight(const jf_refit_law *law, size_t index);

/* A law fitted to part of the rows. */
typedef struct jf_refit {
    const jf_refit_law *law;
    jf_problem *part; /* NULL where left_out gave theta */
    double *theta;    /* k */
    /* A level without training rows has no value: its parameter (k of them), or the reference level of a slot
     * (n_slots of them). */
    bool *untrained, *no_reference;
    jf_outcome outcome; /* JF_FAILED: theta is not to be used */
    jf_trees *trees;    /* in place of all the above but `law`; or NULL */
} jf_refit;

/* Fits to the rows `index` (into whole->rows, ascending where there is left_out): one local solve from `from`
 * (k), and some starts more when that one fails. A fit that fails is an outcome. */
jf_status jf_refit_run(const jf_refit_law *law, const size_t *index, size_t n, const double *from,
                       jf_refit *out, jf_error *err);
/* Predictions on the law's scale of rows `index` (into whole->rows), with the constants (center() and the
 * like) learned in training; NaN where a level was not trained or the fit failed. */
jf_status jf_refit_predict(const jf_refit *refit, const size_t *index, size_t n, double *value,
                           jf_error *err);
/* Has a row of `index` a level that training lacks? */
bool jf_refit_lacks_level(const jf_refit *refit, const size_t *index, size_t n);
void jf_refit_clear(jf_refit *refit);

#endif
