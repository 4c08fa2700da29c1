/* What a local solver came to. */
#ifndef JF_FIT_MINIMUM_H
#define JF_FIT_MINIMUM_H

#include <stdbool.h>
#include "core/error.h"

typedef struct jf_minimum {
    double *theta;      /* k */
    signed char *bound; /* k: as in jf_solution */
    bool *unidentified; /* k: the loss does not tell its value */
    double loss;        /* as jf_point.loss */
    double scaled_gradient;
    double offset; /* length of the residuals' part in the directions of the columns, of their whole length */
    size_t iterations;
    size_t rank;    /* of the scaled Jacobian over parameters that are not held */
    bool converged; /* the gradient vanishes: within tolerance, or as far as doubles can tell */
} jf_minimum;

jf_status jf_minimum_new(size_t k, jf_minimum *out, jf_error *err);
void jf_minimum_clear(jf_minimum *minimum);
void jf_minimum_copy(jf_minimum *to, const jf_minimum *from, size_t k);

#endif
