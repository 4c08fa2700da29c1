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

#endif
