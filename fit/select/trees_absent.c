/* Stands in for XGBoost where the program was built without it: there is no library, and the reason is told.
 */
#ifndef JF_HAVE_XGBOOST

#include "core/memory.h"
#include "fit/select/trees.h"

struct jf_tree_library {
    char unused;
};
struct jf_trees {
    char unused;
};

jf_status jf_tree_library_open_as(const char *const *names, jf_tree_library **out, char **why, jf_error *err)
{
    (void)names;
    *out = NULL;
    *why = jf_copy_text("this program was built without XGBoost (Debian: libxgboost-dev)");
    return *why ? JF_OK : jf_fail(err, JF_ENOMEM, "out of memory for trees");
}

jf_status jf_tree_library_open(jf_tree_library **out, char **why, jf_error *err)
{
    return jf_tree_library_open_as(NULL, out, why, err);
}

void jf_tree_library_close(jf_tree_library *library)
{
    jf_free(library);
}

jf_status jf_trees_grow(const jf_tree_learner *learner, const size_t *index, size_t n, const double *target,
                        const double *weight, jf_trees **out, jf_error *err)
{
    (void)learner, (void)index, (void)n, (void)target, (void)weight;
    *out = NULL;
    return jf_fail(err, JF_EUSAGE, "this program was built without XGBoost");
}

jf_status jf_trees_predict(const jf_trees *trees, const size_t *index, size_t n, double *value, jf_error *err)
{
    (void)trees, (void)index, (void)n, (void)value;
    return jf_fail(err, JF_EUSAGE, "this program was built without XGBoost");
}

jf_status jf_trees_count_leaves(const jf_trees *trees, size_t *out, jf_error *err)
{
    (void)trees;
    *out = 0;
    return jf_fail(err, JF_EUSAGE, "this program was built without XGBoost");
}

void jf_trees_free(jf_trees *trees)
{
    jf_free(trees);
}

#endif
