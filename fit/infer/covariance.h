/* Covariance of estimates from the exact Jacobian: classical, heteroscedasticity-consistent, clustered; rank
 * and the directions that the data do not determine; leverages. */
#ifndef JF_FIT_INFER_COVARIANCE_H
#define JF_FIT_INFER_COVARIANCE_H

#include <stdbool.h>
#include <stdint.h>
#include "fit/fit.h"

enum { JF_DESIGN_ROWS = 256 }; /* rows at a time */

/* Where derivatives come from. */
typedef struct jf_row_source {
    void *context;
    /* columns[j][0 .. n - 1]: the derivatives of rows row .. row + n - 1 by parameter j; n <= JF_DESIGN_ROWS,
     * row a multiple of it. The same whenever it is asked. */
    void (*fetch)(void *context, size_t row, size_t n, double *const *columns);
} jf_row_source;

/* How far rows are worked up: times sqrt(weight) and columns of length one; times the inverse of the first
 * triangle; times that of the second. */
typedef enum jf_row_stage { JF_ROWS_RAW, JF_ROWS_SCALED, JF_ROWS_FIRST, JF_ROWS_Q } jf_row_stage;

/* The Jacobian of the free parameters, rows times sqrt(weight), columns scaled to length one, as Q R with
 * columns pivoted where some are nearly dependent. Columns beyond the rank depend on the others. Q is never
 * stored but for few rows: jf_design_visit (design_rows.h) goes over it. */
typedef struct jf_design {
    size_t n, p, rank;
    jf_row_source source; /* borrowed */
    const double *weight; /* n, borrowed; NULL: ones */
    double *kept;         /* stride x p, column-major, at `stage`, where rows are few; else NULL */
    size_t stride;
    jf_row_stage stage;     /* of what is kept */
    size_t *order;          /* p: parameter of each factored column */
    double *first, *second; /* rank x rank, column-major, upper: R = second first */
    bool once;              /* the first made the columns orthogonal: the second is the identity */
    double *inverse;        /* p x rank, row-major: D^-1 P R^-1, so that estimates move by inverse * (Q' e);
                               NULL: nothing could be factored */
    double *length;         /* p: column lengths before scaling (0: the parameter moves nothing) */
    double *spread;         /* p: the same after the weighted mean was taken off */
    double *null;     /* p x (p - rank), column-major: directions that move no prediction, largest entry 1 */
    double *leverage; /* n: hat values */
    bool *determined; /* p: false where a null direction has this parameter in it */
} jf_design;

/* Factors the derivatives of n rows by p parameters. `source` and `weight` (n, or NULL for ones) must outlive
 * the design. Memory: n leverages, O(p^2), and the rows themselves where n p is small. */
jf_status jf_design_build(const jf_row_source *source, size_t n, size_t p, const double *weight,
                          jf_design *out, jf_error *err);
void jf_design_clear(jf_design *design);

/* A matrix as a source: n x p, column-major. */
typedef struct jf_row_matrix {
    const double *values;
    size_t n, p;
} jf_row_matrix;
/* `matrix` must outlive what reads it. */
jf_row_source jf_rows_of_matrix(jf_row_matrix *matrix);

/* What makes the middle of the sandwich. */
typedef struct jf_scores {
    const double *psi;     /* n: derivative of the loss by the residual; squares: the residual itself */
    double slope;          /* mean of psi's own derivative; squares: 1 */
    const double *weight;  /* n or NULL */
    jf_weights_kind kind;  /* of the weights */
    const uint32_t *group; /* n: cluster of each row, 0 .. n_groups - 1 (CLUSTER) */
    size_t n_groups;
    double n_effective; /* n, or the sum of frequency weights */
    double variance;    /* CLASSICAL: residual variance (already divided by slope squared where robust) */
} jf_scores;

/* covariance: p x p, row-major. Where the rank is short it is that of the solution with the dependent columns
 * left out: right for determined parameters and for all that the data determine, without meaning for the
 * rest. CLUSTER is CR1 with G/(G-1) * (N-1)/(N-k), CR2 that of cr2.h. JF_EDATA for fewer than two clusters.
 */
jf_status jf_covariance_run(const jf_design *design, jf_se_kind kind, const jf_scores *scores,
                            double *covariance, jf_error *err);
/* Scores (psi times sqrt(weight) times a row of Q) summed over each group: n_groups x rank. `group`: n, 0 ..
 * n_groups - 1. */
jf_status jf_scores_sum(const jf_design *design, const jf_scores *scores, const uint32_t *group,
                        size_t n_groups, double *sums, jf_error *err);
/* Variance inflation of parameter j: how much wider its interval is (squared) than with unrelated columns. */
double jf_design_inflation(const jf_design *design, size_t j);
/* Condition of the scaled Jacobian in the Frobenius norm (p for orthogonal columns); infinite without full
 * rank. */
double jf_design_condition(const jf_design *design);

#endif
