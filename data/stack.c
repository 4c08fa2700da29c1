/* Tables of several files put under one another. */
#include "data/stack.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "data/digest.h"
#include "data/trackers/tracker.h"
#include "data/unit.h"

/* What is put together: the tables, and where each one's rows begin in the whole. */
typedef struct stacking {
    jf_table **tables;
    size_t n;
    jf_warnings *warnings;
    jf_table *whole;
    jf_error *err;
} stacking;

/* ---- what may stand together ---- */

static jf_status refuse_twice(const stacking *s)
{
    for (size_t i = 0; i < s->n; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(s->tables[i]->file, s->tables[j]->file) == 0)
                return jf_fail(s->err, JF_EDATA, "%s is given twice: its rows would count twice",
                               s->tables[i]->file);
    return JF_OK;
}

/* Bytes before the unit's ending: 6 of "energy_kWh". */
static size_t stem_length(const char *name)
{
    const char *cut = strrchr(name, '_');

    return cut ? (size_t)(cut - name) : strlen(name);
}

static bool same_quantity(const jf_column *a, const jf_column *b)
{
    size_t length = stem_length(a->name);
    jf_unit unit_a, unit_b;

    if (!*a->unit || !*b->unit || strcmp(a->unit, b->unit) == 0) return false;
    if (length != stem_length(b->name) || strncmp(a->name, b->name, length) != 0) return false;
    return jf_unit_read(a->unit, &unit_a, NULL) == JF_OK && jf_unit_read(b->unit, &unit_b, NULL) == JF_OK &&
           jf_unit_same_kind(&unit_a, &unit_b);
}

/* energy_kWh in one file and energy_J in another would be two columns, each half empty. */
static jf_status refuse_two_units(const stacking *s, const jf_table *a, const jf_table *b)
{
    for (size_t i = 0; i < a->n_columns; i++)
        for (size_t j = 0; j < b->n_columns; j++) {
            const char *name = a->columns[i].name, *other = b->columns[j].name;
            if (!same_quantity(&a->columns[i], &b->columns[j])) continue;
            if (jf_table_find(b, name) || jf_table_find(a, other)) continue;
            return jf_fail(
                s->err, JF_EDATA,
                "%s has '%s' and %s has '%s': files that are read together need one unit (joulefit "
                "proxies %s --let '%s [%s] = ...' writes one)",
                a->file, name, b->file, other, b->file, name, a->columns[i].unit);
        }
    return JF_OK;
}

/* A unit that only one of two columns has is no contradiction. */
static jf_status settle_unit(const stacking *s, const jf_column *column, const jf_table *table,
                             jf_column *out, const char **unit_from)
{
    if (!*column->unit || strcmp(column->unit, out->unit) == 0) return JF_OK;
    if (*out->unit)
        return jf_fail(
            s->err, JF_EDATA,
            "column '%s' is in %s in %s and in %s in %s: files that are read together need one unit",
            column->name, out->unit, *unit_from, column->unit, table->file);
    snprintf(out->unit, sizeof out->unit, "%s", column->unit);
    *unit_from = table->file;
    return JF_OK;
}

/* Is nothing in it? Such a column may be either kind. */
static bool is_empty(const jf_column *column, size_t n_rows)
{
    for (size_t row = 0; row < n_rows; row++)
        if (column->kind == JF_NUMERIC ? !isnan(column->values[row]) : column->codes[row] >= 0) return false;
    return true;
}

/* Kind, unit and class of the column in the whole. */
static jf_status settle(const stacking *s, const char *name, jf_column *out)
{
    jf_status status = JF_OK;
    const char *unit_from = "", *numbers_in = NULL, *labels_in = NULL;

    *out = (jf_column){.kind = JF_NUMERIC};
    for (size_t i = 0; i < s->n; i++) {
        const jf_column *column = jf_table_find(s->tables[i], name);
        if (!column) {
            jf_warn(s->warnings, "W_MISSING_COLUMN", "%s has no column '%s': it is missing there",
                    s->tables[i]->file, name);
            continue;
        }
        JF_TRY(settle_unit(s, column, s->tables[i], out, &unit_from));
        if (column->known == JF_POST_RUN) out->known = JF_POST_RUN;
        if (is_empty(column, s->tables[i]->n_rows)) continue;
        *(column->kind == JF_NUMERIC ? &numbers_in : &labels_in) = s->tables[i]->file;
    }
    if (labels_in) out->kind = JF_LABEL;
    if (labels_in && numbers_in)
        jf_warn(s->warnings, "W_MIXED_COLUMN",
                "column '%s' holds numbers in %s and labels in %s: read as labels", name, numbers_in,
                labels_in);
done:
    return status;
}

/* ---- columns ---- */

static jf_status fill_numbers(const stacking *s, const char *name, jf_column *out)
{
    size_t at = 0;

    out->values = JF_NEW_ARRAY(double, s->whole->n_rows);
    if (!out->values) return jf_fail(s->err, JF_ENOMEM, "out of memory for column '%s'", name);
    for (size_t i = 0; i < s->n; i++) {
        const jf_column *column = jf_table_find(s->tables[i], name);
        bool has = column && column->kind == JF_NUMERIC; /* labels: none is there */
        for (size_t row = 0; row < s->tables[i]->n_rows; row++)
            out->values[at++] = has ? column->values[row] : NAN;
    }
    return JF_OK;
}

/* texts[row] of one table's column; `labels` owns them where the column holds numbers. */
static jf_status list_texts(const stacking *s, const jf_column *column, size_t n_rows, jf_column *labels,
                            const char **texts)
{
    jf_status status = JF_OK;

    if (column && column->kind == JF_NUMERIC) {
        JF_TRY(jf_column_as_labels(column, n_rows, labels, s->err));
        column = labels;
    }
    for (size_t row = 0; row < n_rows; row++)
        texts[row] = column && column->codes[row] >= 0 ? column->levels[column->codes[row]] : NULL;
done:
    return status;
}

static jf_status add_labels(const stacking *s, const char *name, const jf_column *about)
{
    jf_status status = JF_OK;
    size_t at = 0;
    const char **texts = (const char **)jf_alloc(s->whole->n_rows + 1, sizeof *texts);
    jf_column *labels = JF_NEW_ZEROED(jf_column, s->n + 1), *added;

    JF_TRY_NEW(texts && labels, s->err, name);
    for (size_t i = 0; i < s->n; i++) {
        const jf_table *table = s->tables[i];
        JF_TRY(list_texts(s, jf_table_find(table, name), table->n_rows, &labels[i], texts + at));
        at += table->n_rows;
    }
    JF_TRY(jf_table_add_texts(s->whole, name, texts, s->err));
    added = &s->whole->columns[s->whole->n_columns - 1];
    memcpy(added->unit, about->unit, sizeof added->unit);
    added->known = about->known;
done:
    for (size_t i = 0; labels && i < s->n; i++) jf_column_clear(&labels[i]);
    jf_free(labels);
    jf_free((void *)texts);
    return status;
}

static jf_status add_column(const stacking *s, const char *name)
{
    jf_status status = JF_OK;
    jf_column column;

    JF_TRY(settle(s, name, &column));
    if (column.kind == JF_LABEL) return add_labels(s, name, &column);
    JF_TRY(fill_numbers(s, name, &column));
    column.name = jf_copy_text(name);
    JF_TRY_NEW(column.name, s->err, name);
    JF_TRY(jf_table_add(s->whole, &column, false, s->err));
done:
    jf_column_clear(&column);
    return status;
}

static jf_status add_columns(const stacking *s)
{
    jf_status status = JF_OK;

    for (size_t i = 0; i < s->n; i++)
        for (size_t c = 0; c < s->tables[i]->n_columns; c++) {
            const char *name = s->tables[i]->columns[c].name;
            if (!jf_table_find(s->whole, name)) JF_TRY(add_column(s, name));
        }
done:
    return status;
}

static jf_status add_files(const stacking *s)
{
    jf_status status = JF_OK;
    size_t at = 0;
    const char **texts = NULL;

    if (jf_table_find(s->whole, "file")) {
        jf_warn(s->warnings, "W_OWN_COLUMN", "the files have a column 'file' of their own, which is kept");
        return JF_OK;
    }
    texts = (const char **)jf_alloc(s->whole->n_rows + 1, sizeof *texts);
    JF_TRY_NEW(texts, s->err, "the names of files");
    for (size_t i = 0; i < s->n; i++)
        for (size_t row = 0; row < s->tables[i]->n_rows; row++) texts[at++] = s->tables[i]->file;
    JF_TRY(jf_table_add_texts(s->whole, "file", texts, s->err));
    s->whole->file_column = s->whole->columns[s->whole->n_columns - 1].name;
done:
    jf_free((void *)texts);
    return status;
}

/* ---- the whole ---- */

static jf_status begin(stacking *s)
{
    jf_status status = JF_OK;
    size_t n_rows = 0;
    jf_digest digest;
    jf_text name = {0};

    for (size_t i = 0; i < s->n; i++) n_rows += s->tables[i]->n_rows;
    JF_TRY(jf_table_new(n_rows, &s->whole, s->err));
    s->whole->rows_read = 0;
    jf_digest_begin(&digest);
    for (size_t i = 0; i < s->n; i++) {
        const jf_table *table = s->tables[i];
        JF_TRY_NEW(jf_lines_gather(&s->whole->lines, &table->lines, NULL, table->n_rows) ? table : NULL,
                   s->err, "a table");
        s->whole->rows_read += table->rows_read;
        jf_digest_add_text(&digest, table->sha256);
        jf_text_addf(&name, "%s%s", i ? ", " : "", table->file);
    }
    jf_digest_end(&digest, s->whole->sha256);
    s->whole->file = jf_text_take(&name);
    JF_TRY_NEW(s->whole->file, s->err, "the names of files");
done:
    return status;
}

/* Row labels that each file counts anew tell nothing in the whole. */
static void keep_index(const stacking *s)
{
    const char *name = s->tables[0]->index_column;
    const jf_column *column;

    for (size_t i = 1; i < s->n && name; i++)
        if (!s->tables[i]->index_column || strcmp(s->tables[i]->index_column, name) != 0) name = NULL;
    column = name ? jf_table_find(s->whole, name) : NULL;
    s->whole->index_column = column ? column->name : NULL;
}

jf_status jf_tables_stack(jf_table **tables, size_t n, jf_warnings *warnings, jf_table **out, jf_error *err)
{
    jf_status status = JF_OK;
    stacking s = {tables, n, warnings, NULL, err};

    *out = NULL;
    JF_TRY(refuse_twice(&s));
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++) JF_TRY(refuse_two_units(&s, tables[j], tables[i]));
    JF_TRY(begin(&s));
    JF_TRY(add_columns(&s));
    JF_TRY(add_files(&s));
    keep_index(&s);
    *out = s.whole;
    s.whole = NULL;
done:
    jf_table_free(s.whole);
    return status;
}
