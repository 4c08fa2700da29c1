/* Validation plans: which rows train and which test, the same for every law. */
#ifndef JF_FIT_SELECT_PLAN_H
#define JF_FIT_SELECT_PLAN_H

#include <stdint.h>
#include "data/groups.h"

typedef struct jf_split {
    char *name;           /* "fold 3", "A100", "A100 +2": what is special about it */
    size_t *train, *test; /* rows of the table, ascending */
    size_t n_train, n_test;
    size_t n_train_units, n_test_units; /* groups on each side (rows where there are no groups) */
    bool infeasible; /* an empty side, or a test row with a level that no training row has */
    /* Extrapolation, else NaN: how far the median and the farthest test row lie past the last training row
     * along the plan's column, in natural log units (log 2: twice as far). Below zero where groups overlap.
     */
    double distance, reach;
} jf_split;

typedef struct jf_plan {
    char *text;              /* "grouped:repeats=20,test=0.3" with its defaults written out */
    char *kind;              /* "grouped", "kfold", "loo", "logo", "extrapolate", "holdout", ... */
    char *column;            /* "extrapolate", "ladder", "logo", "transfer": the column; else NULL */
    bool extrapolates, down; /* tests beyond the training rows, and in which direction */
    bool by_rows;            /* groups were not kept together: none were given, or "rows:" */
    jf_split *splits;
    size_t n_splits, capacity;
    size_t n_units; /* groups (or rows) that were dealt out */
    size_t redrawn; /* random splits drawn again because training lacked a level of the test part */
    size_t infeasible;
} jf_plan;

/* What a plan is drawn over. */
typedef struct jf_plan_data {
    const jf_table *table;
    const size_t *rows; /* of the table, ascending */
    size_t n_rows;
    const jf_groups *groups; /* of the whole table: kept on one side of every split; NULL: every row alone */
    /* Level codes of the rows, n_levels lists of n_rows: every code of a test part must occur in training
     * (one list for each level parameter of each law). */
    const int32_t *const *levels;
    size_t n_levels;
    uint64_t seed;
} jf_plan_data;

/* Reads `text` (contract section 3, compare) and draws its splits. "rows:" in front ignores the groups. A
 * split whose training part lacks a level of its test part is drawn again (grouped; at most 100 times) or
 * marked infeasible (all others). Training rows of a group that has rows in the test part are left out of
 * both. Rows with no value in the plan's column are in neither part. JF_EUSAGE: no such plan, a bad number or
 * column; JF_EDATA: fewer groups than folds. */
jf_status jf_plan_build(const char *text, const jf_plan_data *data, jf_plan **out, jf_error *err);
void jf_plan_free(jf_plan *plan);

/* The kinds of plan, for help and for tests that go over all; ends with a NULL name. */
struct jf_plan_request;
struct jf_drawing;
typedef struct jf_plan_kind {
    const char *name, *usage, *help;
    jf_status (*read)(struct jf_plan_request *request, char *rest, jf_error *err);
    jf_status (*draw)(struct jf_drawing *drawing, jf_error *err);
} jf_plan_kind;
extern const jf_plan_kind jf_plan_kinds[];

#endif
