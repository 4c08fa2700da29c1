/* A table of runs: adding columns and finding them by name. */
#include "data/table.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"

#define HASH_NONFATAL_OOM            1
#define uthash_malloc(size)          jf_alloc(1, (size))
#define uthash_free(pointer, size)   jf_free(pointer)
#define uthash_nonfatal_oom(element) (element)->lost = true
#include <uthash.h>

/* One name and its place among the columns; the key is the column's own name. */
struct jf_name_index {
    size_t column;
    bool lost; /* the hash ran out of memory on it */
    UT_hash_handle hh;
};

jf_status jf_table_new(size_t n_rows, jf_table **out, jf_error *err)
{
    jf_status status = JF_OK;
    jf_table *table = JF_NEW(jf_table);

    *out = NULL;
    JF_TRY_NEW(table, err, "a table");
    table->n_rows = table->rows_read = n_rows;
    *out = table;
    table = NULL;
done:
    jf_table_free(table);
    return status;
}

void jf_table_free(jf_table *table)
{
    struct jf_name_index *entry, *next;

    if (!table) return;
    HASH_ITER(hh, table->index, entry, next)
    {
        HASH_DEL(table->index, entry);
        jf_free(entry);
    }
    for (size_t i = 0; i < table->n_columns; i++) jf_column_clear(&table->columns[i]);
    jf_free(table->columns);
    jf_lines_free(&table->lines);
    jf_free(table->file);
    jf_free(table);
}

static struct jf_name_index *find_name(const jf_table *table, const char *name)
{
    struct jf_name_index *entry = NULL;

    if (name) HASH_FIND_STR(table->index, name, entry);
    return entry;
}

const jf_column *jf_table_find(const jf_table *table, const char *name)
{
    const struct jf_name_index *entry = find_name(table, name);

    return entry ? &table->columns[entry->column] : NULL;
}

static jf_status replace_column(jf_table *table, struct jf_name_index *entry, jf_column *column)
{
    jf_column *old = &table->columns[entry->column];
    char *name = old->name; /* stays: the hash's key points at it */

    old->name = NULL;
    jf_column_clear(old);
    jf_free(column->name);
    *old = *column;
    old->name = name;
    *column = (jf_column){0};
    return JF_OK;
}

jf_status jf_table_add(jf_table *table, jf_column *column, bool replace, jf_error *err)
{
    jf_status status = JF_OK;
    struct jf_name_index *entry = find_name(table, column->name);

    if (entry && replace) return replace_column(table, entry, column);
    if (entry)
        return jf_fail(err, JF_EDATA, "%s: two columns are called '%s'", table->file ? table->file : "table",
                       column->name);
    if (!jf_grow((void **)&table->columns, &table->capacity, table->n_columns + 1, sizeof *table->columns))
        return jf_fail(err, JF_ENOMEM, "out of memory for a column");
    entry = JF_NEW(struct jf_name_index);
    JF_TRY_NEW(entry, err, "a column");
    entry->column = table->n_columns;
    HASH_ADD_KEYPTR(hh, table->index, column->name, strlen(column->name), entry);
    JF_TRY_NEW(!entry->lost, err, "a column");
    table->columns[table->n_columns++] = *column;
    *column = (jf_column){0};
    entry = NULL;
done:
    jf_free(entry);
    return status;
}

static jf_status copy_column(const jf_column *column, size_t n_rows, jf_column *out, jf_error *err)
{
    jf_status status = JF_OK;

    *out = (jf_column){0};
    if (column->kind == JF_LABEL) {
        JF_TRY(jf_column_as_labels(column, n_rows, out, err));
    } else {
        out->values = JF_NEW_ARRAY(double, n_rows + 1);
        JF_TRY_NEW(out->values, err, "a column");
        memcpy(out->values, column->values, n_rows * sizeof *out->values);
    }
    jf_free(out->name);
    out->name = jf_copy_text(column->name);
    JF_TRY_NEW(out->name, err, "a column");
    out->kind = column->kind;
    memcpy(out->unit, column->unit, sizeof out->unit);
    out->known = column->known;
done:
    if (status != JF_OK) jf_column_clear(out);
    return status;
}

jf_status jf_table_copy(const jf_table *table, jf_table **out, jf_error *err)
{
    jf_status status = JF_OK;
    jf_table *copy = NULL;
    jf_column column = {0};

    *out = NULL;
    JF_TRY(jf_table_new(table->n_rows, &copy, err));
    copy->file = jf_copy_text(table->file);
    JF_TRY_NEW(copy->file || !table->file, err, "a table");
    memcpy(copy->sha256, table->sha256, sizeof copy->sha256);
    copy->rows_read = table->rows_read;
    JF_TRY_NEW(jf_lines_gather(&copy->lines, &table->lines, NULL, table->n_rows) ? copy : NULL, err,
               "a table");
    for (size_t i = 0; i < table->n_columns; i++) {
        JF_TRY(copy_column(&table->columns[i], table->n_rows, &column, err));
        JF_TRY(jf_table_add(copy, &column, false, err));
    }
    if (table->index_column && jf_table_find(copy, table->index_column))
        copy->index_column = jf_table_find(copy, table->index_column)->name;
    *out = copy;
    copy = NULL;
done:
    jf_column_clear(&column);
    jf_table_free(copy);
    return status;
}

static const jf_column *find_in_table(const void *table, const char *name)
{
    return jf_table_find(table, name);
}

static const jf_column *column_at(const void *table, size_t index)
{
    const jf_table *whole = table;

    return index < whole->n_columns ? &whole->columns[index] : NULL;
}

jf_columns jf_table_columns(const jf_table *table)
{
    return (jf_columns){.find = find_in_table,
                        .at = column_at,
                        .table = table,
                        .n_columns = table->n_columns,
                        .n_rows = table->n_rows};
}

jf_status jf_table_get(const jf_table *table, const char *name, const jf_column **out, jf_error *err)
{
    char hint[256];
    const char **names;

    *out = jf_table_find(table, name);
    if (*out) return JF_OK;
    names = JF_NEW_ARRAY(const char *, table->n_columns ? table->n_columns : 1);
    if (!names) return jf_fail(err, JF_ENOMEM, "out of memory for a suggestion");
    for (size_t i = 0; i < table->n_columns; i++) names[i] = table->columns[i].name;
    jf_did_you_mean(hint, sizeof hint, name, names, table->n_columns);
    jf_free(names);
    return jf_fail(err, JF_EUSAGE, "no column '%s' in %s%s", name, table->file ? table->file : "the table",
                   hint);
}

jf_status jf_table_keep(jf_table *table, const size_t *rows, size_t n_rows, jf_error *err)
{
    bool in_order = true;
    jf_lines lines = {0};

    for (size_t i = 0; i < n_rows; i++)
        in_order = in_order && rows[i] < table->n_rows && (i == 0 || rows[i] > rows[i - 1]);
    if (!in_order) return jf_fail(err, JF_EUSAGE, "rows to keep must exist and rise");
    if (!jf_lines_gather(&lines, &table->lines, rows, n_rows)) {
        jf_lines_free(&lines);
        return jf_fail(err, JF_ENOMEM, "out of memory for a table");
    }
    jf_lines_free(&table->lines);
    table->lines = lines;
    for (size_t c = 0; c < table->n_columns;
         c++) { /* rows[i] >= i, so moving forward overwrites nothing needed */
        jf_column *column = &table->columns[c];
        for (size_t i = 0; i < n_rows && column->values; i++) column->values[i] = column->values[rows[i]];
        for (size_t i = 0; i < n_rows && column->codes; i++) column->codes[i] = column->codes[rows[i]];
    }
    table->n_rows = n_rows;
    return JF_OK;
}
