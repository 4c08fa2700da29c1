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

/* Rows that are summed together before they are added to the rest. */
enum { JF_CHUNK_ROWS = 65536 };

/* What is summed over rows: gradient, length (squared), normal and hessian of the point, and the loss. */
typedef struct jf_sums {
    jf_point point;
    jf_twofold loss, size;
    bool finite;
} jf_sums;

/* Visits the rows begin .. end - 1. */
bool jf_objective_visit_some(jf_objective *objective, const double *theta, jf_order order, size_t begin,
                             size_t end, jf_rows_work work, void *context);
/* Sums of those rows into `sums`, set to zero first. */
void jf_sums_rows(jf_objective *objective, const double *theta, size_t begin, size_t end, bool exact,
                  jf_sums *sums);

/* Adds the sums of all rows to `total`, over threads, in an order that is the same for any number of them.
 * False where a row is not finite. */
typedef struct jf_team jf_team;
bool jf_team_sum(jf_objective *objective, const double *theta, bool exact, jf_sums *total);
void jf_team_free(jf_team *team);

#endif
