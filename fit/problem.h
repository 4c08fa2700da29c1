/* A law bound to rows: response, inputs, weights, bounds. What solvers work on. */
#ifndef JF_FIT_PROBLEM_H
#define JF_FIT_PROBLEM_H

#include "core/expr/formula.h"
#include "core/expr/transform.h"
#include "data/table.h"
#include "fit/law.h"

/* Parameters are reduced: ties are substituted, fixed ones are parameters with lower == upper that solvers
 * leave alone. */
typedef struct jf_problem {
    const jf_law *law; /* borrowed, or owned_law */
    jf_law *owned_law;
    jf_formula *formula;
    jf_transform *transform;
    jf_inputs *inputs;              /* of `rows` */
    size_t n;                       /* rows */
    size_t k;                       /* parameters of the formula, fixed ones included */
    size_t *rows;                   /* in the table */
    double *response;               /* n: g(y) */
    double *log_slope;              /* n: log|g'(y)| */
    double *raw;                    /* n: y */
    double *weight;                 /* n or NULL: all one */
    double *lower, *upper;          /* k */
    bool *fixed;                    /* k */
    double *start;                  /* k: NaN where none was given */
    double *range_low, *range_high; /* k: where starts are drawn, never NaN */
    bool *log_range;                /* k */
    size_t n_missing;               /* rows left out */
} jf_problem;

#endif
