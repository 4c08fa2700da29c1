/* Covariance of estimates from the exact Jacobian: classical, heteroscedasticity-consistent, clustered; rank
 * and the directions that the data do not determine; leverages. */
#ifndef JF_FIT_INFER_COVARIANCE_H
#define JF_FIT_INFER_COVARIANCE_H

#include <stdbool.h>
#include <stdint.h>
#include "fit/fit.h"

/* The Jacobian of the free parameters, rows times sqrt(weight), columns scaled to length one, as Q R with
 * column pivoting. Columns beyond the rank depend on the others. */
typedef struct jf_design {
    size_t n, p, rank;
    double *q;        /* n x rank, column-major: orthonormal columns (room for p of them) */
    double *inverse;  /* p x rank, row-major: D^-1 P R^-1, so that estimates move by inverse * (Q' e) */
    double *length;   /* p: column lengths before scaling (0: the parameter moves nothing) */
    double *spread;   /* p: the same after the weighted mean was taken off */
    double *null;     /* p x (p - rank), column-major: directions that move no prediction, largest entry 1 */
    double *leverage; /* n: hat values */
    bool *determined; /* p: false where a null direction has this parameter in it */
} jf_design;

/* Factors `jacobian` (n x p, column-major). `weight`: n, or NULL for ones. */
jf_status jf_design_build(const double *jacobian, size_t n, size_t p, const double *weight, jf_design *out,
                          jf_error *err);
void jf_design_clear(jf_design *design);

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
/* Variance inflation of parameter j: how much wider its interval is (squared) than with unrelated columns. */
double jf_design_inflation(const jf_design *design, size_t j);
/* Condition of the scaled Jacobian in the Frobenius norm (p for orthogonal columns); infinite without full
 * rank. */
double jf_design_condition(const jf_design *design);

#endif
