/* Rows merged: exact duplicates dropped, and repeats of one configuration made one row. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "core/summary.h"
#include "core/text.h"
#include "data/columns.h"
#include "data/groups.h"
#include "data/unit.h"

/* ---- duplicates ---- */

/* first[g]: the first row of group g; owned by the caller. */
static size_t *first_rows(const jf_groups *groups)
{
    size_t *first = JF_NEW_ARRAY(size_t, groups->n_groups ? groups->n_groups : 1);
    size_t n = 0;

    for (size_t row = 0; first && row < groups->n_rows; row++)
        if (groups->group[row] == n) first[n++] = row; /* numbered by first appearance */
    return first;
}

static jf_status note_merged(jf_ledger *ledger, const jf_table *table, size_t row, size_t into,
                             const char *verb, const char *why, jf_error *err)
{
    char what[64];

    if (!ledger) return JF_OK;
    snprintf(what, sizeof what, "%s line %zu", verb, jf_table_line(table, into));
    ledger->rows_merged++;
    ledger->rows_kept--;
    return jf_ledger_add(ledger, JF_MERGED, table->file, jf_table_line(table, row), NULL, what, why, err);
}

jf_status jf_table_drop_duplicates(jf_table *table, jf_ledger *ledger, jf_error *err)
{
    jf_status status = JF_OK;
    jf_groups groups = {0};
    size_t *first = NULL;

    JF_TRY(jf_groups_exact(table, &groups, err));
    first = first_rows(&groups);
    JF_TRY_NEW(first, err, "duplicates");
    for (size_t row = 0; row < table->n_rows; row++) {
        size_t kept = first[groups.group[row]];
        if (kept != row) JF_TRY(note_merged(ledger, table, row, kept, "copy of", "exact duplicate", err));
    }
    JF_TRY(jf_table_keep(table, first, groups.n_groups, err));
done:
    jf_free(first);
    jf_groups_free(&groups);
    return status;
}

/* ---- repeats ---- */

/* Rows sorted by group: those of group g are rows[start[g]] .. rows[start[g + 1] - 1], in file order. */
typedef struct members {
    size_t *rows, *start;
} members;

static bool list_members(const jf_groups *groups, members *out)
{
    size_t *at;

    out->rows = JF_NEW_ARRAY(size_t, groups->n_rows ? groups->n_rows : 1);
    out->start = JF_NEW_ZEROED(size_t, groups->n_groups + 2);
    if (!out->rows || !out->start) return false;
    at = out->start + 1; /* at[g] counts, then is where the next member of g goes, then the start of g + 1 */
    for (size_t row = 0; row < groups->n_rows; row++) at[groups->group[row] + 1]++;
    for (size_t g = 0; g < groups->n_groups; g++) at[g + 1] += at[g];
    for (size_t row = 0; row < groups->n_rows; row++) out->rows[at[groups->group[row]]++] = row;
    return true;
}

static void free_members(members *list)
{
    jf_free(list->rows);
    jf_free(list->start);
}

/* Unbiased, about the mean; NaN for fewer than two values. */
static double variance_of(const double *values, size_t n)
{
    double mean = jf_mean(values, n), sum = 0;

    for (size_t i = 0; i < n; i++) sum += (values[i] - mean) * (values[i] - mean);
    return n > 1 ? sum / (double)(n - 1) : NAN;
}

static bool is_energy_or_time(const jf_column *column)
{
    jf_unit unit, energy = {.to_si = 1, .known = true}, time = energy;

    energy.power[JF_ENERGY] = time.power[JF_TIME] = 1;
    if (!column->unit[0] || jf_unit_read(column->unit, &unit, NULL) != JF_OK) return false;
    return jf_unit_same_kind(&unit, &energy) || jf_unit_same_kind(&unit, &time);
}

/* A new numeric column of zeros, "NAME" or "NAME_var". */
static jf_status new_column(const char *name, const char *suffix, size_t n_rows, jf_column *out,
                            jf_error *err)
{
    jf_status status = JF_OK;
    jf_text whole = {0};

    *out = (jf_column){.kind = JF_NUMERIC, .values = JF_NEW_ZEROED(double, n_rows ? n_rows : 1)};
    jf_text_add(&whole, name);
    jf_text_add(&whole, suffix);
    out->name = jf_text_take(&whole);
    JF_TRY_NEW(out->values && out->name, err, "a merged column");
done:
    if (status != JF_OK) jf_column_clear(out);
    return status;
}

/* "J^2" for "J"; nothing for products and for what does not fit. */
static void square_unit(const char *text, char *out, size_t size)
{
    size_t length = strlen(text);

    out[0] = '\0';
    if (length == 0 || length + 3 > size || strpbrk(text, "*/^")) return;
    memcpy(out, text, length);
    memcpy(out + length, "^2", 3);
}

/* What merging one table needs. */
typedef struct merging {
    jf_table *table;
    jf_aggregate how;
    size_t n_groups;
    members members; /* of each configuration, each different row once */
    double *scratch; /* n_rows */
} merging;

/* The merged value goes to the group's first row; variances, where asked, to `variance` likewise. */
static void merge_column(const merging *merge, jf_column *column, double *variance)
{
    for (size_t g = 0; g < merge->n_groups; g++) {
        size_t n = 0, first = merge->members.rows[merge->members.start[g]];
        for (size_t i = merge->members.start[g]; i < merge->members.start[g + 1]; i++) {
            double value = column->values[merge->members.rows[i]];
            if (!isnan(value)) merge->scratch[n++] = value;
        }
        if (variance) variance[first] = variance_of(merge->scratch, n);
        column->values[first] =
            merge->how == JF_AGGREGATE_MEAN ? jf_mean(merge->scratch, n) : jf_median(merge->scratch, n);
    }
}

static jf_status merge_columns(merging *merge, jf_error *err)
{
    jf_status status = JF_OK;
    jf_table *table = merge->table;
    jf_column extra = {0};
    size_t n_columns = table->n_columns;

    for (size_t i = 0; i < n_columns; i++) {
        jf_column *column = &table->columns[i];
        if (column->kind != JF_NUMERIC || column->known != JF_POST_RUN) continue;
        if (is_energy_or_time(column)) {
            JF_TRY(new_column(column->name, "_var", table->n_rows, &extra, err));
            extra.known = JF_POST_RUN;
            square_unit(column->unit, extra.unit, sizeof extra.unit);
        }
        merge_column(merge, column, extra.values);
        if (extra.values) JF_TRY(jf_table_add(table, &extra, true, err)); /* moves the columns */
    }
    JF_TRY(new_column("repeats", "", table->n_rows, &extra, err));
    for (size_t g = 0; g < merge->n_groups; g++)
        extra.values[merge->members.rows[merge->members.start[g]]] =
            (double)(merge->members.start[g + 1] - merge->members.start[g]);
    JF_TRY(jf_table_add(table, &extra, true, err));
done:
    jf_column_clear(&extra);
    return status;
}

static jf_status note_repeats(const merging *merge, jf_ledger *ledger, jf_error *err)
{
    jf_status status = JF_OK;
    const members *list = &merge->members;
    const char *why = merge->how == JF_AGGREGATE_MEAN ? "repeat of one configuration: mean"
                                                      : "repeat of one configuration: median";

    for (size_t g = 0; g < merge->n_groups; g++)
        for (size_t i = list->start[g] + 1; i < list->start[g + 1]; i++)
            JF_TRY(note_merged(ledger, merge->table, list->rows[i], list->rows[list->start[g]], "merged into",
                               why, err));
done:
    return status;
}

jf_status jf_table_aggregate(jf_table *table, jf_aggregate how, jf_ledger *ledger, jf_error *err)
{
    jf_status status = JF_OK;
    jf_groups groups = {0};
    merging merge = {.table = table, .how = how};
    size_t *first = NULL;

    if (how == JF_AGGREGATE_NONE) return JF_OK;
    JF_TRY(jf_table_drop_duplicates(table, ledger, err)); /* copies carry no information */
    JF_TRY(jf_groups_repeats(table, NULL, &groups, err));
    merge.n_groups = groups.n_groups;
    merge.scratch = JF_NEW_ARRAY(double, table->n_rows ? table->n_rows : 1);
    first = first_rows(&groups);
    JF_TRY_NEW(merge.scratch && first && list_members(&groups, &merge.members), err, "repeats");
    JF_TRY(note_repeats(&merge, ledger, err));
    JF_TRY(merge_columns(&merge, err));
    JF_TRY(jf_table_keep(table, first, groups.n_groups, err));
done:
    jf_free(first);
    jf_free(merge.scratch);
    free_members(&merge.members);
    jf_groups_free(&groups);
    return status;
}
