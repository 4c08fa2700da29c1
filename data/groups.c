/* Rows that belong together: hashed column by column, then compared, so that equal hashes decide nothing. */
#include "data/groups.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "core/memory.h"
#include "core/parallel.h"
#include "data/unit.h"

/* ---- grouping ---- */

/* Equal cells have equal bits: missing values are one value, and -0 is 0. */
static uint64_t cell_bits(const jf_column *column, size_t row)
{
    double value;
    uint64_t bits;

    if (column->kind == JF_LABEL) return (uint64_t)(int64_t)column->codes[row];
    value = column->values[row] + 0.0;
    if (isnan(value)) return UINT64_MAX;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static uint64_t mix(uint64_t hash, uint64_t bits)
{
    hash = (hash ^ bits) * 0xbf58476d1ce4e5b9u;
    return hash ^ hash >> 31;
}

static bool same_row(const jf_table *table, const size_t *columns, size_t n_columns, size_t a, size_t b)
{
    for (size_t i = 0; i < n_columns; i++) {
        const jf_column *column = &table->columns[columns[i]];
        if (cell_bits(column, a) != cell_bits(column, b)) return false;
    }
    return true;
}

/* Hashes of all rows over these columns; owned by the caller. */
static uint64_t *hash_rows(const jf_table *table, const size_t *columns, size_t n_columns)
{
    uint64_t *hashes = JF_NEW_ARRAY(uint64_t, table->n_rows ? table->n_rows : 1);

    if (!hashes) return NULL;
    for (size_t row = 0; row < table->n_rows; row++) hashes[row] = 0x9e3779b97f4a7c15u;
    for (size_t i = 0; i < n_columns; i++)
        for (size_t row = 0; row < table->n_rows; row++)
            hashes[row] = mix(hashes[row], cell_bits(&table->columns[columns[i]], row));
    return hashes;
}

static jf_status group_rows(const jf_table *table, const size_t *columns, size_t n_columns, jf_groups *out,
                            jf_error *err)
{
    jf_status status = JF_OK;
    size_t n_slots = 16;
    uint64_t *hashes = hash_rows(table, columns, n_columns);
    uint32_t *slots = NULL; /* first row of a group + 1, by hash */

    *out = (jf_groups){.n_rows = table->n_rows};
    while (n_slots < 2 * table->n_rows) n_slots *= 2;
    slots = JF_NEW_ZEROED(uint32_t, n_slots);
    out->group = JF_NEW_ARRAY(uint32_t, table->n_rows ? table->n_rows : 1);
    JF_TRY_NEW(hashes && slots && out->group, err, "groups of rows");
    for (size_t row = 0; row < table->n_rows; row++) {
        size_t slot = hashes[row] & (n_slots - 1);
        if (row % JF_STOP_ROWS == 0) JF_TRY(jf_stop_check(err));
        for (; slots[slot]; slot = (slot + 1) & (n_slots - 1)) {
            size_t first = slots[slot] - 1;
            if (hashes[first] == hashes[row] && same_row(table, columns, n_columns, first, row)) break;
        }
        if (slots[slot]) {
            out->group[row] = out->group[slots[slot] - 1];
        } else {
            slots[slot] = (uint32_t)row + 1;
            out->group[row] = (uint32_t)out->n_groups++;
        }
    }
done:
    jf_free(hashes);
    jf_free(slots);
    if (status != JF_OK) jf_groups_free(out);
    return status;
}

void jf_groups_free(jf_groups *groups)
{
    jf_free(groups->group);
    *groups = (jf_groups){0};
}

/* ---- which columns ---- */

/* Groups by the columns that `wanted` says yes to, apart from the one called `but` (NULL: none). */
static jf_status group_where(const jf_table *table, bool (*wanted)(const jf_table *, const jf_column *),
                             const char *but, jf_groups *out, jf_error *err)
{
    jf_status status = JF_OK;
    size_t n = 0, *columns = JF_NEW_ARRAY(size_t, table->n_columns ? table->n_columns : 1);

    *out = (jf_groups){0};
    JF_TRY_NEW(columns, err, "groups of rows");
    for (size_t i = 0; i < table->n_columns; i++)
        if (wanted(table, &table->columns[i]) && (!but || strcmp(table->columns[i].name, but) != 0))
            columns[n++] = i;
    JF_TRY(group_rows(table, columns, n, out, err));
done:
    jf_free(columns);
    return status;
}

static jf_status add_column(const jf_table *table, const char *name, size_t length, size_t *columns,
                            size_t *n, jf_error *err)
{
    const jf_column *column;
    jf_status status;
    char *copy = jf_copy_bytes(name, length);

    if (!copy) return jf_fail(err, JF_ENOMEM, "out of memory for a column's name");
    status = jf_table_get(table, copy, &column, err);
    jf_free(copy);
    if (status == JF_OK) columns[(*n)++] = (size_t)(column - table->columns);
    return status;
}

static size_t count_names(const char *const *names, size_t n_names)
{
    size_t n = n_names;

    for (size_t i = 0; i < n_names; i++)
        for (const char *c = names[i]; *c; c++) n += *c == ',';
    return n;
}

jf_status jf_groups_by(const jf_table *table, const char *const *names, size_t n_names, jf_groups *out,
                       jf_error *err)
{
    jf_status status = JF_OK;
    size_t n = 0, *columns = JF_NEW_ARRAY(size_t, count_names(names, n_names) + 1);

    *out = (jf_groups){0};
    JF_TRY_NEW(columns, err, "groups of rows");
    for (size_t i = 0; i < n_names; i++) {
        if (jf_table_find(table, names[i])) { /* a comma may be part of a name */
            JF_TRY(add_column(table, names[i], strlen(names[i]), columns, &n, err));
            continue;
        }
        for (const char *at = names[i];; at++) {
            size_t length;
            while (*at == ' ') at++;
            length = strcspn(at, ",");
            JF_TRY(add_column(table, at, length, columns, &n, err));
            at += length;
            if (!*at) break;
        }
    }
    JF_TRY(group_rows(table, columns, n, out, err));
done:
    jf_free(columns);
    if (status != JF_OK && err && status != JF_ENOMEM) jf_error_prefix(err, "--group");
    return status;
}

/* A column that says where a row stood, not what was run. */
static bool is_index(const jf_table *table, const jf_column *column)
{
    return (table->index_column && strcmp(column->name, table->index_column) == 0) ||
           (table->file_column && strcmp(column->name, table->file_column) == 0);
}

static bool is_no_index(const jf_table *table, const jf_column *column)
{
    return !is_index(table, column);
}

jf_status jf_groups_exact(const jf_table *table, jf_groups *out, jf_error *err)
{
    return group_where(table, is_no_index, NULL, out, err);
}

/* Names that tell runs of one configuration apart. */
static bool is_identifier(const char *name)
{
    static const char *const words[] = {"id",       "uuid",    "guid",      "index", "idx",       "seed",
                                        "repeat",   "rep",     "replicate", "trial", "timestamp", "date",
                                        "datetime", "started", "finished",  "file",  "filename",  "path",
                                        "note",     "notes",   "comment",   "hash",  "commit"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (jf_name_has_word(name, words[i])) return true;
    return false;
}

static bool is_configuration(const jf_table *table, const jf_column *column)
{
    return column->known == JF_PRE_RUN && !is_index(table, column) && !is_identifier(column->name);
}

jf_status jf_groups_repeats(const jf_table *table, const char *response, jf_groups *out, jf_error *err)
{
    return group_where(table, is_configuration, response, out, err);
}
