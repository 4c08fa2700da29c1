/* One column of a table: freeing it, and reading numbers as labels. */
#include "core/column.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/memory.h"
#include "core/summary.h"
#include "core/text.h"

void jf_column_clear(jf_column *column)
{
    for (size_t i = 0; column->levels && i < column->n_levels; i++) jf_free(column->levels[i]);
    jf_free(column->levels);
    jf_free(column->codes);
    jf_free(column->values);
    jf_free(column->name);
    *column = (jf_column){0};
}

int32_t jf_column_level(const jf_column *column, const char *level)
{
    for (size_t i = 0; i < column->n_levels; i++)
        if (strcmp(column->levels[i], level) == 0) return (int32_t)i;
    return -1;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The different values of a column without the missing ones, sorted; *n of them, owned by the caller. */
static double *different_values(const double *values, size_t n_rows, size_t *n)
{
    double *sorted = JF_NEW_ARRAY(double, n_rows ? n_rows : 1);
    size_t n_present = 0;

    *n = 0;
    if (!sorted) return NULL;
    for (size_t i = 0; i < n_rows; i++)
        if (!isnan(values[i])) sorted[n_present++] = values[i] + 0.0; /* -0 becomes 0 */
    jf_sort(sorted, n_present);
    for (size_t i = 0; i < n_present; i++)
        if (*n == 0 || sorted[i] != sorted[*n - 1]) sorted[(*n)++] = sorted[i];
    return sorted;
}

static jf_status code_numbers(const jf_column *column, size_t n_rows, jf_column *out, jf_error *err)
{
    jf_status status = JF_OK;
    size_t n_levels = 0;
    char text[JF_NUMBER_TEXT];
    double *values = different_values(column->values, n_rows, &n_levels);

    JF_TRY_NEW(values, err, "levels");
    if (n_levels > INT32_MAX) {
        status = jf_fail(err, JF_ELIMIT, "column '%s' has %zu different values, too many for labels",
                         column->name, n_levels);
        goto done;
    }
    out->levels = JF_NEW_ZEROED(char *, n_levels ? n_levels : 1);
    JF_TRY_NEW(out->levels, err, "levels");
    out->n_levels = n_levels;
    for (size_t i = 0; i < n_levels; i++) {
        out->levels[i] = jf_copy_text(jf_number_exact(text, values[i]));
        JF_TRY_NEW(out->levels[i], err, "levels");
    }
    for (size_t i = 0; i < n_rows; i++) {
        const double *found = NULL;
        if (n_levels && !isnan(column->values[i]))
            found = bsearch(&column->values[i], values, n_levels, sizeof *values, by_value);
        out->codes[i] = found ? (int32_t)(found - values) : -1;
    }
done:
    jf_free(values);
    return status;
}

static jf_status copy_labels(const jf_column *column, size_t n_rows, jf_column *out, jf_error *err)
{
    jf_status status = JF_OK;

    out->levels = JF_NEW_ZEROED(char *, column->n_levels ? column->n_levels : 1);
    JF_TRY_NEW(out->levels, err, "levels");
    out->n_levels = column->n_levels;
    for (size_t i = 0; i < column->n_levels; i++) {
        out->levels[i] = jf_copy_text(column->levels[i]);
        JF_TRY_NEW(out->levels[i], err, "levels");
    }
    if (n_rows) memcpy(out->codes, column->codes, n_rows * sizeof *out->codes);
done:
    return status;
}

jf_status jf_column_as_labels(const jf_column *column, size_t n_rows, jf_column *out, jf_error *err)
{
    jf_status status = JF_OK;

    *out = (jf_column){.kind = JF_LABEL, .known = column->known};
    memcpy(out->unit, column->unit, sizeof out->unit);
    out->name = jf_copy_text(column->name);
    out->codes = JF_NEW_ARRAY(int32_t, n_rows ? n_rows : 1);
    JF_TRY_NEW(out->name || !column->name, err, "a column's name");
    JF_TRY_NEW(out->codes, err, "a label column");
    if (column->kind == JF_LABEL)
        JF_TRY(copy_labels(column, n_rows, out, err));
    else
        JF_TRY(code_numbers(column, n_rows, out, err));
done:
    if (status != JF_OK) jf_column_clear(out);
    return status;
}

static size_t row_at(const size_t *rows, size_t i)
{
    return rows ? rows[i] : i;
}

jf_status jf_column_gather(const jf_column *column, const size_t *rows, size_t n, jf_column *out,
                           jf_error *err)
{
    jf_status status = JF_OK;

    *out = (jf_column){.kind = column->kind, .known = column->known, .name = jf_copy_text(column->name)};
    memcpy(out->unit, column->unit, sizeof out->unit);
    JF_TRY_NEW(out->name, err, "a column");
    if (column->kind == JF_NUMERIC) {
        out->values = JF_NEW_ARRAY(double, n + 1);
        JF_TRY_NEW(out->values, err, "a column");
        for (size_t i = 0; i < n; i++) {
            size_t row = row_at(rows, i);
            out->values[i] = row == JF_NO_ROW ? NAN : column->values[row];
        }
        return JF_OK;
    }
    out->codes = JF_NEW_ARRAY(int32_t, n + 1);
    out->levels = JF_NEW_ZEROED(char *, column->n_levels + 1);
    JF_TRY_NEW(out->codes && out->levels, err, "a column");
    for (size_t i = 0; i < n; i++) {
        size_t row = row_at(rows, i);
        out->codes[i] = row == JF_NO_ROW ? -1 : column->codes[row];
    }
    for (; out->n_levels < column->n_levels; out->n_levels++) {
        out->levels[out->n_levels] = jf_copy_text(column->levels[out->n_levels]);
        JF_TRY_NEW(out->levels[out->n_levels], err, "a column");
    }
done:
    if (status != JF_OK) jf_column_clear(out);
    return status;
}

jf_status jf_column_rename(jf_column *column, const char *name, jf_error *err)
{
    char *copy = jf_copy_text(name);

    if (!copy) return jf_fail(err, JF_ENOMEM, "out of memory for a column");
    jf_free(column->name);
    column->name = copy;
    return JF_OK;
}

const char *jf_column_text(const jf_column *column, size_t row, char *number)
{
    if (column->kind == JF_LABEL) return column->codes[row] < 0 ? NULL : column->levels[column->codes[row]];
    return isnan(column->values[row]) ? NULL : jf_number_exact(number, column->values[row]);
}
