/* Inside the trees: the functions of XGBoost's C API that are used. */
#ifndef JF_FIT_SELECT_TREES_PARTS_H
#define JF_FIT_SELECT_TREES_PARTS_H

#include <xgboost/c_api.h>
#include "fit/select/trees.h"

#define JF_XGBOOST_FUNCTIONS(X)                                                                              \
    X(XGBoostVersion)                                                                                        \
    X(XGBGetLastError)                                                                                       \
    X(XGDMatrixCreateFromMat_omp)                                                                            \
    X(XGDMatrixSetFloatInfo)                                                                                 \
    X(XGDMatrixFree)                                                                                         \
    X(XGBoosterCreate)                                                                                       \
    X(XGBoosterFree)                                                                                         \
    X(XGBoosterSetParam)                                                                                     \
    X(XGBoosterUpdateOneIter)                                                                                \
    X(XGBoosterPredictFromDMatrix)                                                                           \
    X(XGBoosterDumpModel)

struct jf_tree_library {
    void *handle;                         /* of the loader */
#define X(name) __typeof__(&(name)) name; /* NOLINT(bugprone-macro-parentheses): it names a member */
    JF_XGBOOST_FUNCTIONS(X)
#undef X
};

/* What XGBoost says of the call that just failed, without place, time and stack trace. */
jf_status jf_tree_library_failed(const jf_tree_library *library, jf_error *err);

/* Calls a function of XGBoost; when it fails, its words are in `err` and the code goes on at `done`. */
#define JF_TRY_XGBOOST(library, call)                                                                        \
    do {                                                                                                     \
        if ((library)->call != 0) {                                                                          \
            status = jf_tree_library_failed((library), err);                                                 \
            goto done;                                                                                       \
        }                                                                                                    \
    } while (0)

#endif
