/* Boosted trees and random forests by XGBoost: baselines that know no formula. */
#ifndef JF_FIT_SELECT_TREES_H
#define JF_FIT_SELECT_TREES_H

#include <stdint.h>
#include "fit/problem/problem.h"

/* What trees are grown on: n rows x width, row-major, NaN where a value is missing, else finite. */
typedef struct jf_tree_features {
    float *values;
    size_t n, width;
    char **names; /* n_names: the columns they are made of */
    size_t n_names;
} jf_tree_features;

enum { JF_TREES_MOST_LEVELS = 100 }; /* labels with more levels say which run it is, not what kind of run */

/* Features of the rows (of `table`) from the columns that the bound laws read and that are known before a
 * run: log(x) of a column that is positive on all rows, asinh(x) of other numbers (trees see the same order,
 * and it fits a float), one column of zeros and ones for each level of a label. `skip` (n_skip): columns that
 * are left out, with constant ones, response `raw` and labels of more than JF_TREES_MOST_LEVELS levels. The
 * width may come out as 0. */
jf_status jf_tree_features_make(jf_problem *const *problems, size_t n_problems, const jf_table *table,
                                const size_t *rows, size_t n_rows, const char *raw, const char *const *skip,
                                size_t n_skip, jf_tree_features *out, jf_error *err);
void jf_tree_features_clear(jf_tree_features *features);

typedef enum jf_tree_kind { JF_TREES_BOOSTED, JF_TREES_FOREST, JF_N_TREE_KINDS } jf_tree_kind;
extern const char *const jf_tree_names[JF_N_TREE_KINDS]; /* "boosted trees", "random forest" */

/* XGBoost, loaded when first wanted, so that no other command waits for it. Shared by threads. */
typedef struct jf_tree_library jf_tree_library;

/* *out is NULL where there is no library: *why (freed with jf_free) says so, for the report; else it names
 * library and version. JF_ENOMEM is the only error. */
jf_status jf_tree_library_open(jf_tree_library **out, char **why, jf_error *err);
/* The same with names for the loader, ending with NULL, in place of the usual ones. */
jf_status jf_tree_library_open_as(const char *const *names, jf_tree_library **out, char **why, jf_error *err);
void jf_tree_library_close(jf_tree_library *library);

/* How trees are grown; what validation shares between refits. */
typedef struct jf_tree_learner {
    const jf_tree_library *library;
    const jf_tree_features *features;
    jf_tree_kind kind;
    uint64_t seed;
} jf_tree_learner;

typedef struct jf_trees jf_trees;

enum { JF_TREES_MOST_ROWS = 10000 }; /* that train: of more, so many are drawn at random */

/* Grows trees by least squares on the rows `index` (into the features), on one thread: the same rows and seed
 * give the same trees. `target`, `weight` (NULL: all one): n of each, in the order of `index`. Settings are
 * fixed, so that nothing is tuned on what is tested: 100 trees of depth 4 at rate 0.2, or 100 trees of depth
 * 12 on 63 % of the rows each and half of the features at each node. JF_EDATA: no rows, no features, a target
 * or weight that is not finite. */
jf_status jf_trees_grow(const jf_tree_learner *learner, const size_t *index, size_t n, const double *target,
                        const double *weight, jf_trees **out, jf_error *err);
/* value: n. */
jf_status jf_trees_predict(const jf_trees *trees, const size_t *index, size_t n, double *value,
                           jf_error *err);
/* Leaves of all trees: the numbers that were fitted. */
jf_status jf_trees_count_leaves(const jf_trees *trees, size_t *out, jf_error *err);
void jf_trees_free(jf_trees *trees);

#endif
