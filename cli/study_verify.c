/* Two results side by side, leaf by leaf. */
#include "cli/study_verify.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "reports/number.h"
#include "reports/result.h"
#include "reports/walk.h"

enum { MOST_SHOWN = 25 }; /* of one analysis */
enum { SHOWN_DIGITS = 8 };

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

static const char *show(const json_t *value, char *text)
{
    if (json_is_string(value)) return json_string_value(value);
    if (json_is_boolean(value)) return json_is_true(value) ? "true" : "false";
    return json_is_number(value) ? jf_show_plain(text, json_number_value(value), SHOWN_DIGITS) : "none";
}

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

static void begin_table(jf_differences *all)
{
    if (all->table) return;
    all->table = jf_doc_add_table(all->doc, "Numbers that moved");
    jf_doc_table_column(all->table, "number", JF_LEFT, 0);
    jf_doc_table_column(all->table, "was", JF_RIGHT, 0);
    jf_doc_table_column(all->table, "is", JF_RIGHT, 0);
    jf_doc_table_column(all->table, "by", JF_RIGHT, 1);
}

static void add_row(jf_differences *all, const char *path, const char *old, const char *new_one,
                    const char *far)
{
    all->n_moved++;
    if (all->n_room == 0) return;
    all->n_room--;
    all->n_shown++;
    begin_table(all);
    jf_doc_table_row(all->table);
    jf_doc_table_cell(all->table, 0, "%s", path);
    jf_doc_table_cell(all->table, 1, "%s", old);
    jf_doc_table_cell(all->table, 2, "%s", new_one);
    jf_doc_table_cell(all->table, 3, "%s", far);
}

static void compare_numbers(jf_differences *all, const jf_leaf *old, const jf_leaf *new_one)
{
    double a = json_number_value(old->value), b = json_number_value(new_one->value), error = error_of(old);
    double scale = error > 0 ? error : is_probability(old->key) ? 1 : fmax(fabs(a), fabs(b));
    char a_text[JF_NUMBER_TEXT], b_text[JF_NUMBER_TEXT], far_text[JF_NUMBER_TEXT];
    jf_text words = {0};

    if (fabs(b - a) <= all->tolerance * scale) return;
    jf_text_addf(&words,
                 error > 0                  ? "%s standard errors"
                 : is_probability(old->key) ? "%s"
                                            : "%s of its size",
                 jf_show_number(far_text, fabs(b - a) / scale, 2));
    add_row(all, old->path, show(old->value, a_text), show(new_one->value, b_text),
            words.data ? words.data : "");
    jf_text_free(&words);
}

static void compare_leaves(jf_differences *all, const jf_leaf *old, const jf_leaf *new_one)
{
    char a[JF_NUMBER_TEXT], b[JF_NUMBER_TEXT];

    all->n_compared++;
    if (json_is_number(old->value) && json_is_number(new_one->value))
        compare_numbers(all, old, new_one);
    else if (!json_equal(old->value, new_one->value))
        add_row(all, old->path, show(old->value, a), show(new_one->value, b), "");
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
static void compare_weight(jf_differences *all, const leaf_list *before, const leaf_list *after, int weight,
                           size_t *n_found)
{
    size_t next = 0;
    char text[JF_NUMBER_TEXT];

    for (size_t i = 0; i < before->n; i++) {
        size_t place;
        if (weight_of(&before->items[i]) != weight) continue;
        place = find_leaf(after, before->paths[i], next);
        if (place == after->n) {
            add_row(all, before->paths[i], show(before->items[i].value, text), "not there", "");
            continue;
        }
        compare_leaves(all, &before->items[i], &after->items[place]);
        next = place + 1;
        ++*n_found;
    }
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
    all->n_room = MOST_SHOWN;
    for (int weight = 0; weight < 3; weight++) compare_weight(all, &before, &after, weight, &n_found);
    all->n_new += after.n - n_found; /* keys may be added between versions */
done:
    free_leaves(&before);
    free_leaves(&after);
    return status;
}
