/* Turns the columns that laws read into features of trees. */
#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "fit/select/trees.h"

const char *const jf_tree_names[JF_N_TREE_KINDS] = {"boosted trees", "random forest"};

/* What a column becomes. */
typedef enum encoding { SKIPPED, LOGS, ASINHS, LEVELS } encoding;

/* The rows that features are made of. */
typedef struct runs {
    const jf_table *table;
    const size_t *rows;
    size_t n;
} runs;

static encoding encode_numbers(const runs *c, const jf_column *column)
{
    bool positive = true, differs = false;
    const double first = column->values[c->rows[0]];

    for (size_t i = 0; i < c->n; i++) {
        double x = column->values[c->rows[i]];
        positive &= x > 0 || isnan(x);
        differs |= x != first;
    }
    return !differs ? SKIPPED : positive ? LOGS : ASINHS;
}

static encoding encode_labels(const runs *c, const jf_column *column)
{
    if (column->n_levels > JF_TREES_MOST_LEVELS) return SKIPPED;
    for (size_t i = 1; i < c->n; i++)
        if (column->codes[c->rows[i]] != column->codes[c->rows[0]]) return LEVELS;
    return SKIPPED;
}

static encoding encode(const runs *c, const char *name, const char *raw, const char *const *skip,
                       size_t n_skip)
{
    const jf_column *column = jf_table_find(c->table, name);

    if (c->n == 0 || !column || column->known != JF_PRE_RUN || strcmp(name, raw) == 0) return SKIPPED;
    for (size_t i = 0; i < n_skip; i++)
        if (strcmp(name, skip[i]) == 0) return SKIPPED;
    return column->kind == JF_NUMERIC ? encode_numbers(c, column) : encode_labels(c, column);
}

static size_t columns_of(const jf_column *column, encoding as)
{
    return as == SKIPPED ? 0 : as == LEVELS ? column->n_levels : 1;
}

/* Writes a column's features from place `at` of every row on. */
static void fill(const runs *c, const jf_column *column, encoding as, size_t at, jf_tree_features *out)
{
    for (size_t i = 0; i < c->n; i++) {
        float *to = out->values + i * out->width + at;
        size_t row = c->rows[i];
        if (as == LEVELS)
            for (size_t level = 0; level < column->n_levels; level++)
                to[level] = column->codes[row] == (int32_t)level;
        else {
            double x = as == LOGS ? log(column->values[row]) : asinh(column->values[row]);
            to[0] = isfinite(x) ? (float)x : NAN;
        }
    }
}

static bool is_met(const jf_tree_features *features, const char *name)
{
    for (size_t i = 0; i < features->n_names; i++)
        if (strcmp(features->names[i], name) == 0) return true;
    return false;
}

jf_status jf_tree_features_make(jf_problem *const *problems, size_t n_problems, const jf_table *table,
                                const size_t *rows, size_t n_rows, const char *raw, const char *const *skip,
                                size_t n_skip, jf_tree_features *out, jf_error *err)
{
    runs c = {.table = table, .rows = rows, .n = n_rows};
    jf_status status = JF_OK;
    size_t capacity = 0, at = 0;

    *out = (jf_tree_features){.n = n_rows};
    for (size_t p = 0; p < n_problems; p++)
        for (size_t i = 0; i < jf_formula_n_columns(problems[p]->formula); i++) {
            const char *name = jf_formula_column(problems[p]->formula, i);
            encoding as = encode(&c, name, raw, skip, n_skip);
            if (as == SKIPPED || is_met(out, name)) continue;
            if (!jf_grow((void **)&out->names, &capacity, out->n_names + 1, sizeof *out->names))
                JF_TRY_NEW(NULL, err, "features");
            out->names[out->n_names] = jf_copy_text(name);
            JF_TRY_NEW(out->names[out->n_names], err, "features");
            out->n_names++;
            out->width += columns_of(jf_table_find(table, name), as);
        }
    out->values = JF_NEW_ARRAY(float, n_rows * out->width + 1);
    JF_TRY_NEW(out->values, err, "features");
    for (size_t i = 0; i < out->n_names; i++) {
        const jf_column *column = jf_table_find(table, out->names[i]);
        encoding as = encode(&c, out->names[i], raw, skip, n_skip);
        fill(&c, column, as, at, out);
        at += columns_of(column, as);
    }
done:
    if (status != JF_OK) jf_tree_features_clear(out);
    return status;
}

void jf_tree_features_clear(jf_tree_features *features)
{
    for (size_t i = 0; i < features->n_names; i++) jf_free(features->names[i]);
    jf_free(features->names);
    jf_free(features->values);
    *features = (jf_tree_features){0};
}
