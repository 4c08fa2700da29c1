/* What to measure next: which run would make a parameter, a prediction, or all parameters at once, better
 * known. */
#ifndef JF_FIT_INFER_DESIGN_NEXT_H
#define JF_FIT_INFER_DESIGN_NEXT_H

#include "fit/fit.h"

/* What is to be known better. Made by one of the three below; jf_goal_clear takes zeroed ones. */
typedef struct jf_goal {
    char *name; /* as typed: "a", "a/(a + b)", "gpus=64" */
    double
        *gradients; /* n x k, row-major: each quantity by the fit's parameters; NULL: all of them at once */
    size_t n, k;
} jf_goal;

/* A parameter, or a quantity made of parameters ("a/(a + b)", names as in --derive). */
jf_status jf_goal_quantity(const jf_fit *fit, const jf_law *law, const char *expression, jf_goal *out,
                           jf_error *err);
/* The law's predictions for rows (NULL: all) of a table that has its inputs: c-optimal for one, for several
 * the mean of their variances (V-optimal). JF_EDATA where a row has no prediction. */
jf_status jf_goal_predictions(const jf_fit *fit, const char *name, const jf_table *table, const size_t *rows,
                              size_t n_rows, jf_goal *out, jf_error *err);
/* All free parameters: the determinant of their covariance (D-optimal). */
jf_status jf_goal_everything(jf_goal *out, jf_error *err);
void jf_goal_clear(jf_goal *goal);

typedef struct jf_next_options {
    size_t n_next;    /* runs chosen one after another, each in the knowledge of those before; 0: one */
    const char *cost; /* a column of the candidates: gains are judged by cost; NULL: all cost the same */
} jf_next_options;

/* One candidate and what it would do. */
typedef struct jf_next_run {
    size_t row;   /* of the candidates' table */
    double cost;  /* 1 where there is no cost column */
    double error; /* standard error of the goal with this run; infinite: still not determined */
    double gain;  /* log of standard error without over with; infinite: only with this run is there one */
} jf_next_run;

/* Standard errors are those of the fit's own design with independent errors of its sigma, on the law's scale;
 * for several predictions the root of the mean of their variances; for everything the k-th root of the
 * ellipsoid's volume, relative to what it is now (`before` is 1). */
typedef struct jf_next {
    double before;           /* infinite: not determined by the runs there are */
    jf_next_run *candidates; /* each by itself: the largest gain for its cost first */
    size_t n_candidates;
    size_t n_unusable;   /* rows without a value that the law reads, or with a level that it never saw */
    jf_next_run *chosen; /* errors are with this run and those before it; the same row may come again */
    size_t n_chosen;
} jf_next;

/* Judges rows (NULL: all) of `candidates` by exact derivatives at the estimates (Fedorov 1972; for nonlinear
 * laws locally optimal). Parameters that are fixed or at a bound count as known. Runs are taken to have
 * weight one (noise in proportion where the law's error is relative). JF_EFIT: a fit without estimates or
 * scatter; JF_EDATA: no usable candidate, or a cost that is not above zero; JF_EUSAGE: no such column. */
jf_status jf_design_next(const jf_fit *fit, const jf_table *candidates, const size_t *rows, size_t n_rows,
                         const jf_goal *goal, const jf_next_options *options, jf_next *out, jf_error *err);
void jf_next_clear(jf_next *next);

#endif
