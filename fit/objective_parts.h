/* What the files of an objective share. */
#ifndef JF_FIT_OBJECTIVE_PARTS_H
#define JF_FIT_OBJECTIVE_PARTS_H

#include <cblas.h>
#include <math.h>
#include "fit/objective.h"

static inline bool jf_all_finite(const double *x, size_t n)
{
    int bad = 0;

    for (size_t i = 0; i < n; i++) bad |= !isfinite(x[i]);
    return !bad;
}

/* Sum of psi^2 / weight: `size` of a point, squared. */
static inline double jf_weighted_square(size_t n, const double *psi, const double *weight)
{
    double sum = 0;

    if (!weight) return cblas_ddot((int)n, psi, 1, psi, 1);
    for (size_t i = 0; i < n; i++)
        if (weight[i] > 0) sum += psi[i] * psi[i] / weight[i];
    return sum;
}

#endif
