/* What the files of an objective share. */
#ifndef JF_FIT_OBJECTIVE_PARTS_H
#define JF_FIT_OBJECTIVE_PARTS_H

#include <cblas.h>
#include <math.h>
#include "fit/problem/objective.h"

static inline bool jf_all_finite(const double *x, size_t n)
{
    int bad = 0;

    for (size_t i = 0; i < n; i++) bad |= !isfinite(x[i]);
    return !bad;
}

/* Rows that are summed together before they are added to the rest: more of them are shared out to threads. */
enum { JF_CHUNK_ROWS = 8192 };

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

/* What jf_objective_new does, but for the pass over the rows: `rounding` is left at zero. */
jf_status jf_objective_open(const jf_problem *problem, const jf_penalty *penalty, jf_objective **out,
                            jf_error *err);

/* One pass over many rows by several threads. The rows lie in chunks of a fixed size; `sum` brings a chunk
 * together in a part (0 .. n_parts - 1) with the objective of its thread, `add` adds parts to the whole in
 * the order of the chunks, so that any number of threads gives the same bytes. False from either ends the
 * pass. */
typedef struct jf_team_pass {
    size_t n_parts; /* that there is room for: as jf_team_parts says */
    bool (*sum)(jf_objective *member, size_t begin, size_t end, size_t part, void *context);
    bool (*add)(size_t part, void *context);
    void *context;
} jf_team_pass;

/* Objectives of the threads, and the sums of the chunks that they are at. */
typedef struct jf_team jf_team;
void jf_team_free(jf_team *team);
/* How many parts of this size to make room for: one for each chunk where little memory does, one a thread at
 * least; 0 (and objective->starved) when memory ran out. */
size_t jf_team_parts(jf_objective *objective, size_t bytes);
/* False where `sum` or `add` was. */
bool jf_team_run(jf_objective *objective, const jf_team_pass *pass);
/* Adds the sums of all rows to `total`; false where a row is not finite. */
bool jf_team_sum(jf_objective *objective, const double *theta, bool exact, jf_sums *total);

#endif
