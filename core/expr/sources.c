/* Reading columns of a table as a formula reads them: numbers, labels as numbers, prefixes as truth. */
#include "core/expr/bound.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"

bool jf_matrix_new(size_t n_rows, size_t n_columns, jf_matrix *out)
{
    size_t line = JF_LANES; /* doubles in a cache line */

    *out = (jf_matrix){.stride = (n_rows + line - 1) / line * line + line};
    out->memory = jf_alloc_zero(out->stride * n_columns + line, sizeof(double));
    if (!out->memory) return false;
    out->values = (double *)out->memory + (64 - (uintptr_t)out->memory % 64) % 64 / sizeof(double);
    return true;
}

void jf_matrix_free(jf_matrix *matrix)
{
    jf_free(matrix->memory);
    *matrix = (jf_matrix){0};
}

void jf_pad(double *column, size_t n)
{
    if (n == 0) return;
    for (size_t i = n; i % JF_LANES; i++) column[i] = column[n - 1];
}

void jf_readers_close(jf_readers *readers)
{
    for (size_t i = 0; readers->items && i < readers->n; i++) {
        jf_free(readers->items[i].of_level);
        jf_column_clear(&readers->items[i].own);
    }
    jf_free(readers->items);
    jf_names_free(&readers->more_texts);
    *readers = (jf_readers){0};
}

/* What a level reads as; NaN when memory ran out (the caller looks at `failed`). */
static double level_value(const jf_formula *f, const jf_source *source, const char *level, jf_names *more,
                          bool *failed)
{
    long known;

    if (source->kind == JF_SOURCE_PREFIX) return strncmp(level, source->prefix, strlen(source->prefix)) == 0;
    if ((known = jf_names_find(&f->texts, level)) >= 0) return (double)known;
    known = jf_names_add(more, level);
    *failed |= known < 0;
    return (double)f->texts.n + (double)known;
}

static jf_status open_labels(const jf_formula *f, const jf_source *source, const jf_columns *columns,
                             const jf_column *column, jf_names *more, jf_reader *out, jf_error *err)
{
    const jf_column *labels = column;
    bool failed = false;
    jf_status status = JF_OK;

    if (column->kind != JF_LABEL) {
        JF_TRY(jf_column_as_labels(column, columns->n_rows, &out->own, err));
        labels = &out->own;
    }
    out->codes = labels->codes;
    out->of_level = JF_NEW_ARRAY(double, labels->n_levels);
    JF_TRY_NEW(out->of_level, err, "levels");
    for (size_t i = 0; i < labels->n_levels; i++)
        out->of_level[i] = level_value(f, source, labels->levels[i], more, &failed);
    if (failed) status = jf_fail(err, JF_ENOMEM, "out of memory for levels");
done:
    return status;
}

static jf_status open_reader(const jf_formula *f, const jf_source *source, const jf_columns *columns,
                             jf_names *more, jf_reader *out, jf_error *err)
{
    const jf_column *column = columns->find(columns->table, source->column);

    if (!column) return jf_fail(err, JF_EDATA, "no column '%s', which the formula reads", source->column);
    if (source->kind != JF_SOURCE_NUMBERS) return open_labels(f, source, columns, column, more, out, err);
    if (column->kind != JF_NUMERIC)
        return jf_fail(err, JF_EDATA, "column '%s': expected numbers, found labels", source->column);
    out->values = column->values;
    return JF_OK;
}

jf_status jf_readers_open(const jf_formula *formula, const jf_columns *columns, const char *replaced_name,
                          const double *replaced, jf_readers *out, jf_error *err)
{
    jf_status status = JF_OK;

    *out = (jf_readers){.n = formula->n_sources};
    out->items = JF_NEW_ZEROED(jf_reader, formula->n_sources);
    JF_TRY_NEW(out->items, err, "columns");
    for (size_t i = 0; i < formula->n_sources; i++) {
        const jf_source *source = &formula->sources[i];
        if (replaced && strcmp(source->column, replaced_name) == 0)
            out->items[i].replaced = replaced;
        else
            JF_TRY(open_reader(formula, source, columns, &out->more_texts, &out->items[i], err));
    }
done:
    if (status != JF_OK) jf_readers_close(out);
    return status;
}

void jf_readers_read(const jf_readers *readers, size_t index, const jf_rows *rows, size_t row, size_t n,
                     double *out)
{
    const jf_reader *reader = &readers->items[index];

    if (reader->replaced) {
        memcpy(out, reader->replaced + row, n * sizeof *out);
    } else if (reader->values) {
        for (size_t i = 0; i < n; i++) out[i] = reader->values[jf_row_at(rows, row + i)];
    } else {
        for (size_t i = 0; i < n; i++) {
            int32_t code = reader->codes[jf_row_at(rows, row + i)];
            out[i] = code < 0 ? (double)NAN : reader->of_level[code];
        }
    }
    jf_pad(out, n);
}
