/* The fits of all levels of --by as one: their designs side by side, groups running through them. */
#ifndef JF_FIT_INFER_BY_STACK_H
#define JF_FIT_INFER_BY_STACK_H

#include "fit/fit_parts.h"
#include "fit/infer/cr2.h"

/* The law crossed with the levels. A row of one level has no entry in the columns of another, so the hat
 * matrix of a group falls into blocks by level, and CR2 of the stack is that of the crossed law (cr2.h). */
typedef struct jf_by_stack {
    double *jacobian; /* rows of all levels by free parameters of all levels, in blocks */
    jf_row_matrix matrix;
    jf_design design;
    size_t wide;    /* quantities: parameters of all levels, by level */
    size_t *column; /* wide: their places in the design */
    double *psi, *weight;
    uint32_t *group;
    size_t n_groups;
} jf_by_stack;

/* `out` must stay where it is. `fits`: n_fits, with influence; place[l * m + j]: which parameter of fit l is
 * quantity l * m + j. */
jf_status jf_by_stack_build(const jf_groups *groups, const jf_fit *const *fits, size_t n_fits,
                            const size_t *place, size_t m, jf_by_stack *out, jf_error *err);
void jf_by_stack_clear(jf_by_stack *stack);
/* covariance: wide x wide, CR2. */
jf_status jf_by_stack_covariance(const jf_by_stack *stack, double *covariance, jf_error *err);
/* The eta (cr2.h) of differences: quantity first[i] less quantity second[i], q of them. */
jf_status jf_by_stack_eta(const jf_by_stack *stack, const size_t *first, const size_t *second, size_t q,
                          double *eta, jf_error *err);

#endif
