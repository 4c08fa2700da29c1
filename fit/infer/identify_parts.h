/* What the files of identify.h share. */
#ifndef JF_FIT_INFER_IDENTIFY_PARTS_H
#define JF_FIT_INFER_IDENTIFY_PARTS_H

#include "fit/infer/identify.h"

/* The scaled Jacobian's right singular vectors and the inverses of its singular values. */
typedef struct jf_directions {
    size_t p, rank;
    double *vector; /* p x rank, column-major */
    double *width;  /* rank: 1 / singular value, falling */
} jf_directions;

jf_status jf_directions_find(const jf_fit_work *work, jf_directions *out);
void jf_directions_clear(jf_directions *d);
/* Variance of active parameter a's estimate where all columns have length one and errors variance one. */
double jf_directions_variance(const jf_directions *d, size_t a);
/* Fills the identity of active parameter a: the direction that its error comes from most, and who moves along
 * it too. */
void jf_directions_trace(const jf_fit_work *work, const jf_directions *d, size_t a);
/* 0 where one of the two has no error. */
double jf_estimates_correlation(const jf_fit *fit, size_t i, size_t j);
/* Puts parameter j among the partners of i, by how closely the two estimates go together. */
void jf_identity_add_partner(const jf_fit *fit, size_t i, size_t j);

#endif
