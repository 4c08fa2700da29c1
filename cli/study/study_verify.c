/* Two results side by side, leaf by leaf. */
#include "cli/study/study_verify.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "reports/result.h"
#include "reports/walk.h"

/* How the solver went, what was typed and what the data file is called: told elsewhere, or free to differ. */
static const char *const left_out[] = {"command",         "joulefit",         "sha256",  "file", "failure",
                                       "scaled_gradient", "condition_number", "verdict", NULL};

static bool is_left_out(const char *key)
{
    for (const char *const *name = left_out; *name; name++)
        if (!strcmp(*name, key)) return true;
    return false;
}

/* The leaves of one result in the order of their visits. */
typedef struct leaf_list {
    jf_leaf *items;
    char **paths;
    size_t n, items_capacity, paths_capacity;
} leaf_list;

static jf_status collect(void *context, const jf_leaf *leaf, jf_error *err)
{
    leaf_list *list = context;
    char *path;

    if (is_left_out(leaf->key)) return JF_OK;
    path = jf_copy_text(leaf->path);
    if (!path || !jf_grow((void **)&list->items, &list->items_capacity, list->n + 1, sizeof *list->items) ||
        !jf_grow((void **)&list->paths, &list->paths_capacity, list->n + 1, sizeof *list->paths)) {
        jf_free(path);
        return jf_fail(err, JF_ENOMEM, "out of memory for a comparison of results");
    }
    list->paths[list->n] = path;
    list->items[list->n] = *leaf;
    list->items[list->n++].path = path;
    return JF_OK;
}

static void free_leaves(leaf_list *list)
{
    for (size_t i = 0; i < list->n; i++) jf_free(list->paths[i]);
    jf_free(list->paths);
    jf_free(list->items);
}

/* ---- one leaf ---- */

/* The standard error that a number has: its object's. NaN without one. */
static double error_of(const jf_leaf *leaf)
{
    static const char *const with_error[] = {"estimate", "ci_low", "ci_high"};

    for (size_t i = 0; i < sizeof with_error / sizeof *with_error; i++)
        if (!strcmp(leaf->key, with_error[i])) return jf_result_number(leaf->holder, "std_error");
    return NAN;
}

/* Probabilities may be as small as they like: they move by so much, not by so many times. */
static bool is_probability(const char *key)
{
    return !strcmp(key, "p_value") || !strcmp(key, "p_adjusted") || !strcmp(key, "confidence_p");
}

/* `by` is NaN where a distance has no meaning; `measure` says what it counts in. */
static jf_status add_moved(jf_differences *all, const char *path, const json_t *was, const json_t *is,
                           double by, const char *measure, jf_error *err)
{
    json_t *one = json_pack("{s:s, s:O, s:O?}", "number", path, "was", was, "is", is);
    bool is_whole = one != NULL;

    if (one && !is) is_whole = json_object_set_new(one, "gone", json_true()) == 0;
    if (one && !is) is_whole = is_whole && json_object_set_new(one, "is", json_null()) == 0;
    if (one && isfinite(by))
        is_whole = is_whole && json_object_set_new(one, "by", json_real(by)) == 0 &&
                   json_object_set_new(one, "measure", json_string(measure)) == 0;
    if (is_whole && json_array_append(all->moved, one) == 0) {
        json_decref(one);
        return JF_OK;
    }
    json_decref(one);
    return jf_fail(err, JF_ENOMEM, "out of memory for a comparison of results");
}

static jf_status compare_numbers(jf_differences *all, const jf_leaf *old, const jf_leaf *new_one,
                                 jf_error *err)
{
    double a = json_number_value(old->value), b = json_number_value(new_one->value), error = error_of(old);
    bool in_errors = error > 0, is_absolute = !in_errors && is_probability(old->key);
    double scale = in_errors ? error : is_absolute ? 1 : fmax(fabs(a), fabs(b));

    if (fabs(b - a) <= all->tolerance * scale) return JF_OK;
    return add_moved(all, old->path, old->value, new_one->value, fabs(b - a) / scale,
                     in_errors     ? "std_error"
                     : is_absolute ? "absolute"
                                   : "relative",
                     err);
}

static jf_status compare_leaves(jf_differences *all, const jf_leaf *old, const jf_leaf *new_one,
                                jf_error *err)
{
    all->n_compared++;
    if (json_is_number(old->value) && json_is_number(new_one->value))
        return compare_numbers(all, old, new_one, err);
    if (json_equal(old->value, new_one->value)) return JF_OK;
    return add_moved(all, old->path, old->value, new_one->value, NAN, NULL, err);
}

/* ---- the whole ---- */

/* Place of the leaf of that path, looked for from `from` on and round the end; n when there is none. */
static size_t find_leaf(const leaf_list *list, const char *path, size_t from)
{
    for (size_t i = 0; i < list->n; i++) {
        size_t place = (from + i) % list->n;
        if (!strcmp(list->paths[place], path)) return place;
    }
    return list->n;
}

/* What is told first: estimates, then what stands for the whole, then single splits and rows. */
static int weight_of(const jf_leaf *leaf)
{
    if (isfinite(error_of(leaf))) return 0;
    return strstr(leaf->path, ".splits.") || strstr(leaf->path, ".rows.") || strstr(leaf->path, ".inputs.")
               ? 2
               : 1;
}

/* The leaves of one weight; *n_found counts those that are there still. */
static jf_status compare_weight(jf_differences *all, const leaf_list *before, const leaf_list *after,
                                int weight, size_t *n_found, jf_error *err)
{
    jf_status status = JF_OK;
    size_t next = 0;

    for (size_t i = 0; i < before->n; i++) {
        size_t place;
        if (weight_of(&before->items[i]) != weight) continue;
        place = find_leaf(after, before->paths[i], next);
        if (place == after->n) {
            JF_TRY(add_moved(all, before->paths[i], before->items[i].value, NULL, NAN, NULL, err));
            continue;
        }
        JF_TRY(compare_leaves(all, &before->items[i], &after->items[place], err));
        next = place + 1;
        ++*n_found;
    }
done:
    return status;
}

jf_status jf_differences_add(jf_differences *all, const char *name, const json_t *old, const json_t *new_one,
                             jf_error *err)
{
    static const char *const skip[] = {"starts", "warnings", "basins", NULL};
    leaf_list before = {0}, after = {0};
    jf_status status = JF_OK;
    size_t n_found = 0;

    JF_TRY(jf_walk(old, name, skip, collect, &before, err));
    JF_TRY(jf_walk(new_one, name, skip, collect, &after, err));
    for (int weight = 0; weight < 3; weight++)
        JF_TRY(compare_weight(all, &before, &after, weight, &n_found, err));
    all->n_new += after.n - n_found; /* keys may be added between versions */
done:
    free_leaves(&before);
    free_leaves(&after);
    return status;
}
