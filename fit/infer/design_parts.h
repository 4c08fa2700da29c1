/* What the files of design_next.h share. */
#ifndef JF_FIT_INFER_DESIGN_PARTS_H
#define JF_FIT_INFER_DESIGN_PARTS_H

#include "fit/infer/design_next.h"
#include "fit/problem/problem.h"

/* Predictions on the law's scale and their derivatives for rows of a table. */
typedef struct jf_design_slopes {
    size_t n, k;
    double *value;    /* n */
    double *jacobian; /* n x k, column-major */
    bool *usable;     /* n: the law has a finite value and derivatives there */
} jf_design_slopes;

jf_status jf_design_rows(const jf_fit *fit, const jf_table *table, const size_t *rows, size_t n,
                         jf_design_slopes *out, jf_error *err);
void jf_design_slopes_clear(jf_design_slopes *slopes);

/* What a set of runs tells of p parameters, in units of their own columns' lengths: F'F is the information
 * matrix, and C its inverse where the runs determine everything. */
typedef struct jf_knowledge {
    size_t p;
    double *factor;     /* (p + 1) x p, column-major; the last row is scratch */
    double *covariance; /* p x p */
    bool is_whole;      /* every parameter is determined */
} jf_knowledge;

/* From m rows (m x p, column-major, overwritten), each divided by its standard deviation, columns scaled. */
jf_status jf_knowledge_new(double *rows, size_t m, size_t p, jf_knowledge *out, jf_error *err);
void jf_knowledge_clear(jf_knowledge *known);
/* Mean variance of q quantities (gradients q x p, row-major; NULL: the p-th root of det C) once the run `row`
 * (p; NULL: none) is there too. Infinite where it is not determined. `scratch`: 2 p. */
jf_status jf_knowledge_variance(jf_knowledge *known, const double *gradients, size_t q, const double *row,
                                double *scratch, double *variance, jf_error *err);
/* Takes the run in. */
jf_status jf_knowledge_add(jf_knowledge *known, const double *row, double *scratch, jf_error *err);

#endif
