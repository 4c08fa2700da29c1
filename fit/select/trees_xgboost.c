/* Grows trees through XGBoost's C API (without it: trees_absent.c). */
#ifdef JF_HAVE_XGBOOST

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/stream.h"
#include "core/text.h"
#include "fit/select/trees_parts.h"

struct jf_trees {
    jf_tree_learner learner;
    BoosterHandle booster;
    double mean, scale; /* of the targets: trees are grown on (target - mean) / scale */
};

/* ---- growing ---- */

typedef struct setting {
    const char *name, *value;
} setting;

static const setting common_settings[] = {
    {"nthread", "1"},    {"verbosity", "0"},      {"objective", "reg:squarederror"},
    {"base_score", "0"}, {"tree_method", "hist"}, {"max_bin", "64"}};
static const setting boosted_settings[] = {{"max_depth", "4"}, {"learning_rate", "0.2"}};
static const setting forest_settings[] = {
    {"max_depth", "12"},    {"learning_rate", "1"},      {"num_parallel_tree", "100"},
    {"subsample", "0.632"}, {"colsample_bynode", "0.5"}, {"min_child_weight", "3"},
    {"reg_lambda", "1e-5"},
};
enum { BOOSTED_ROUNDS = 100, FOREST_ROUNDS = 1 };

static jf_status apply(const jf_tree_library *library, BoosterHandle booster, const setting *settings,
                       size_t n, jf_error *err)
{
    jf_status status = JF_OK;

    for (size_t i = 0; i < n; i++)
        JF_TRY_XGBOOST(library, XGBoosterSetParam(booster, settings[i].name, settings[i].value));
done:
    return status;
}

static jf_status make_booster(const jf_tree_learner *learner, DMatrixHandle matrix, BoosterHandle *out,
                              jf_error *err)
{
    const jf_tree_library *library = learner->library;
    char seed[JF_NUMBER_TEXT];
    const setting own = {"seed", jf_number_exact(seed, (double)(learner->seed % 1000000007))};
    bool forest = learner->kind == JF_TREES_FOREST;
    jf_status status = JF_OK;

    JF_TRY_XGBOOST(library, XGBoosterCreate(&matrix, 1, out));
    JF_TRY(apply(library, *out, common_settings, sizeof common_settings / sizeof *common_settings, err));
    JF_TRY(apply(library, *out, &own, 1, err));
    if (forest)
        JF_TRY(apply(library, *out, forest_settings, sizeof forest_settings / sizeof *forest_settings, err));
    else
        JF_TRY(
            apply(library, *out, boosted_settings, sizeof boosted_settings / sizeof *boosted_settings, err));
    for (int round = 0; round < (forest ? FOREST_ROUNDS : BOOSTED_ROUNDS); round++)
        JF_TRY_XGBOOST(library, XGBoosterUpdateOneIter(*out, round, matrix));
done:
    return status;
}

static jf_status make_matrix(const jf_tree_learner *learner, const size_t *index, size_t n,
                             DMatrixHandle *out, jf_error *err)
{
    const jf_tree_features *features = learner->features;
    size_t width = features->width;
    float *values = JF_NEW_ARRAY(float, n *width + 1);
    jf_status status = JF_OK;

    JF_TRY_NEW(values, err, "trees");
    for (size_t i = 0; i < n; i++)
        memcpy(values + i * width, features->values + index[i] * width, width * sizeof *values);
    JF_TRY_XGBOOST(learner->library, XGDMatrixCreateFromMat_omp(values, n, width, NAN, out, 1));
done:
    jf_free(values);
    return status;
}

/* Gives the matrix `values` (less mean, by scale) under a name that XGBoost knows. */
static jf_status set_info(const jf_tree_library *library, DMatrixHandle matrix, const char *name,
                          const double *values, size_t n, double mean, double scale, jf_error *err)
{
    float *info = JF_NEW_ARRAY(float, n + 1);
    jf_status status = JF_OK;

    JF_TRY_NEW(info, err, "trees");
    for (size_t i = 0; i < n; i++) info[i] = (float)((values[i] - mean) / scale);
    JF_TRY_XGBOOST(library, XGDMatrixSetFloatInfo(matrix, name, info, n));
done:
    jf_free(info);
    return status;
}

static jf_status grow_on(jf_trees *trees, const size_t *index, size_t n, const double *target,
                         const double *weight, jf_error *err)
{
    const jf_tree_library *library = trees->learner.library;
    DMatrixHandle matrix = NULL;
    double total = 0, farthest = 0;
    jf_status status = JF_OK;

    trees->mean = 0;
    for (size_t i = 0; i < n; i++) total += weight ? weight[i] : 1;
    for (size_t i = 0; i < n; i++) trees->mean += (weight ? weight[i] : 1) / total * target[i];
    for (size_t i = 0; i < n; i++) farthest = fmax(farthest, fabs(target[i] - trees->mean));
    trees->scale = farthest > 0 ? farthest : 1;
    JF_TRY(make_matrix(&trees->learner, index, n, &matrix, err));
    JF_TRY(set_info(library, matrix, "label", target, n, trees->mean, trees->scale, err));
    if (weight) JF_TRY(set_info(library, matrix, "weight", weight, n, 0, total / (double)n, err));
    JF_TRY(make_booster(&trees->learner, matrix, &trees->booster, err));
done:
    if (matrix) library->XGDMatrixFree(matrix);
    return status;
}

/* Draws JF_TREES_MOST_ROWS of the rows, in order; their places among them. */
static size_t *draw_rows(size_t n, uint64_t seed)
{
    size_t *place = JF_NEW_ARRAY(size_t, JF_TREES_MOST_ROWS), left = JF_TREES_MOST_ROWS, kept = 0;
    jf_stream stream = jf_stream_make(seed, JF_FOR_SPLITS, UINT64_C(0x7E) << 56);

    for (size_t i = 0; place && i < n && left > 0; i++)
        if (jf_stream_below(&stream, n - i) < left) {
            place[kept++] = i;
            left--;
        }
    return place;
}

static jf_status grow_on_some(jf_trees *trees, const size_t *index, size_t n, const double *target,
                              const double *weight, jf_error *err)
{
    enum { MOST = JF_TREES_MOST_ROWS };
    size_t *place = draw_rows(n, trees->learner.seed), *some = JF_NEW_ARRAY(size_t, MOST);
    double *values = JF_NEW_ARRAY(double, (size_t)2 * MOST), *weights = values + MOST;
    jf_status status = JF_OK;

    JF_TRY_NEW(place && some && values ? place : NULL, err, "trees");
    for (size_t i = 0; i < MOST; i++) {
        some[i] = index[place[i]];
        values[i] = target[place[i]];
        weights[i] = weight ? weight[place[i]] : 1;
    }
    JF_TRY(grow_on(trees, some, MOST, values, weight ? weights : NULL, err));
done:
    jf_free(place);
    jf_free(some);
    jf_free(values);
    return status;
}

static jf_status refuse(const jf_tree_learner *learner, size_t n, const double *target, const double *weight,
                        jf_error *err)
{
    if (n == 0 || learner->features->width == 0)
        return jf_fail(err, JF_EDATA, "trees need rows and columns: found %zu rows of %zu columns", n,
                       learner->features->width);
    for (size_t i = 0; i < n; i++)
        if (!isfinite(target[i]) || (weight && !(weight[i] > 0 && isfinite(weight[i]))))
            return jf_fail(err, JF_EDATA, "trees: row %zu has no finite %s", i + 1,
                           isfinite(target[i]) ? "weight above zero" : "response");
    return JF_OK;
}

jf_status jf_trees_grow(const jf_tree_learner *learner, const size_t *index, size_t n, const double *target,
                        const double *weight, jf_trees **out, jf_error *err)
{
    jf_status status = JF_OK;
    jf_trees *trees = NULL;

    *out = NULL;
    JF_TRY(refuse(learner, n, target, weight, err));
    trees = JF_NEW(jf_trees);
    JF_TRY_NEW(trees, err, "trees");
    trees->learner = *learner;
    if (n > JF_TREES_MOST_ROWS)
        JF_TRY(grow_on_some(trees, index, n, target, weight, err));
    else
        JF_TRY(grow_on(trees, index, n, target, weight, err));
    *out = trees;
    trees = NULL;
done:
    jf_trees_free(trees);
    return status;
}

/* ---- reading ---- */

jf_status jf_trees_predict(const jf_trees *trees, const size_t *index, size_t n, double *value, jf_error *err)
{
    static const char how[] = "{\"type\": 0, \"training\": false, \"iteration_begin\": 0, "
                              "\"iteration_end\": 0, \"strict_shape\": false}";
    const jf_tree_library *library = trees->learner.library;
    DMatrixHandle matrix = NULL;
    const bst_ulong *shape;
    bst_ulong n_dimensions;
    const float *found;
    jf_status status = JF_OK;

    if (n == 0) return JF_OK;
    JF_TRY(make_matrix(&trees->learner, index, n, &matrix, err));
    JF_TRY_XGBOOST(library,
                   XGBoosterPredictFromDMatrix(trees->booster, matrix, how, &shape, &n_dimensions, &found));
    for (size_t i = 0; i < n; i++) value[i] = trees->mean + trees->scale * (double)found[i];
done:
    if (matrix) library->XGDMatrixFree(matrix);
    return status;
}

jf_status jf_trees_count_leaves(const jf_trees *trees, size_t *out, jf_error *err)
{
    const char **texts;
    bst_ulong n;
    jf_status status = JF_OK;

    *out = 0;
    JF_TRY_XGBOOST(trees->learner.library, XGBoosterDumpModel(trees->booster, "", 0, &n, &texts));
    for (bst_ulong i = 0; i < n; i++)
        for (const char *at = texts[i]; (at = strstr(at, "leaf=")); at++) ++*out;
done:
    return status;
}

void jf_trees_free(jf_trees *trees)
{
    if (trees && trees->booster) trees->learner.library->XGBoosterFree(trees->booster);
    jf_free(trees);
}

#endif
