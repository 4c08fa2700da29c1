/* The trees among the baselines of a comparison. */
#ifndef JF_FIT_SELECT_COMPARE_TREES_H
#define JF_FIT_SELECT_COMPARE_TREES_H

#include "fit/select/compare.h"
#include "fit/select/trees.h"

/* Why there are trees, or none. */
typedef enum jf_tree_state {
    JF_TREES_GROWN,
    JF_TREES_OFF,        /* not asked for */
    JF_TREES_NO_LIBRARY, /* built without XGBoost, or it cannot be loaded: `words` */
    JF_TREES_NO_FEATURES /* no law reads a column that is known before a run */
} jf_tree_state;
extern const char *const jf_tree_state_names[]; /* "grown", "off", "no_library", "no_features" */

typedef struct jf_tree_baselines {
    jf_tree_state state;
    char *words; /* "XGBoost 1.7.4", or what is missing; NULL when off */
    jf_tree_library *library;
    jf_tree_features features;
    jf_tree_learner learners[JF_N_TREE_KINDS];
} jf_tree_baselines;

void jf_tree_baselines_free(jf_tree_baselines *trees);
/* {"state", "library", "columns"}, the contract's `trees`. */
struct json_t *jf_tree_baselines_to_json(const jf_tree_baselines *trees);

#endif
