/* Validation plans: which rows train and which test, the same for every law. */
#ifndef JF_FIT_SELECT_PLAN_H
#define JF_FIT_SELECT_PLAN_H

#include <stdint.h>
#include "data/groups.h"

typedef struct jf_split {
    size_t *train, *test; /* rows of the table, ascending */
    size_t n_train, n_test;
    bool infeasible; /* a level of the test part that the training part lacks, or an empty part */
    double distance; /* extrapolation: how far the test part's median is past the training end, in log units;
                        else NaN */
} jf_split;

typedef struct jf_plan {
    char *text; /* "grouped:repeats=20,test=0.3" with its defaults written out */
    char *kind; /* "grouped", "kfold", "loo", "logo", "extrapolate", "holdout", ... */
    jf_split *splits;
    size_t n_splits;
    size_t redrawn, infeasible;
} jf_plan;

/* Reads `text` (contract section 3, compare) and draws the splits over `rows` of the table. `groups` (of the
 * whole table) keep together what belongs together; NULL: every row is its own. `must_train`: label columns
 * (the union over all laws) whose test levels must occur in training. */
jf_status jf_plan_build(const char *text, const jf_table *table, const size_t *rows, size_t n_rows,
                        const jf_groups *groups, const char *const *must_train, size_t n_must_train,
                        uint64_t seed, jf_plan **out, jf_error *err);
void jf_plan_free(jf_plan *plan);

#endif
