/* Columns of a table of runs for figures: numbers, and labels with few levels. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/memory.h"
#include "reports/figures/parts.h"

size_t jf_figure_n_runs(const jf_figure_source *source)
{
    return source->rows ? source->n_rows : source->table->n_rows;
}

static size_t row_of(const jf_figure_source *source, size_t i)
{
    return source->rows ? source->rows[i] : i;
}

jf_status jf_figure_run_numbers(const jf_figure_source *source, const char *name, double **out, jf_error *err)
{
    size_t n = jf_figure_n_runs(source);
    const jf_column *column;
    jf_status status = JF_OK;

    *out = NULL;
    JF_TRY(jf_table_get(source->table, name, &column, err));
    if (column->kind != JF_NUMERIC)
        JF_TRY(jf_fail(err, JF_EDATA, "column '%s': expected numbers, found labels", name));
    *out = JF_NEW_ARRAY(double, n);
    JF_TRY_NEW(*out, err, "the runs of a figure");
    for (size_t i = 0; i < n; i++) (*out)[i] = column->values[row_of(source, i)];
done:
    return status;
}

/* ---- levels ---- */

/* The levels of the runs by how many have each. */
typedef struct tally {
    int32_t code;
    size_t n;
} tally;

static int by_count(const void *a, const void *b)
{
    const tally *x = a, *y = b;
    if (x->n != y->n) return x->n > y->n ? -1 : 1;
    return (x->code > y->code) - (x->code < y->code);
}

static int by_code(const void *a, const void *b)
{
    const tally *x = a, *y = b;
    return (x->code > y->code) - (x->code < y->code);
}

/* The most frequent levels, in the order of the column. */
static jf_status choose_levels(const jf_figure_source *source, const jf_column *labels, tally *chosen,
                               size_t *n_chosen, jf_error *err)
{
    tally *counts = JF_NEW_ZEROED(tally, labels->n_levels);
    size_t n = jf_figure_n_runs(source);

    if (!counts) return jf_fail(err, JF_ENOMEM, "out of memory for the levels of a figure");
    for (size_t k = 0; k < labels->n_levels; k++) counts[k].code = (int32_t)k;
    for (size_t i = 0; i < n; i++) {
        int32_t code = labels->codes[row_of(source, i)];
        if (code >= 0) counts[code].n++;
    }
    qsort(counts, labels->n_levels, sizeof *counts, by_count);
    for (*n_chosen = 0; *n_chosen < JF_MOST_LEVELS && *n_chosen < labels->n_levels; (*n_chosen)++) {
        if (counts[*n_chosen].n == 0) break;
        chosen[*n_chosen] = counts[*n_chosen];
    }
    qsort(chosen, *n_chosen, sizeof *chosen, by_code);
    jf_free(counts);
    return JF_OK;
}

static jf_status fill_levels(const jf_figure_source *source, const jf_column *labels, jf_run_levels *out,
                             jf_error *err)
{
    tally chosen[JF_MOST_LEVELS];
    size_t n = jf_figure_n_runs(source);
    jf_status status = JF_OK;

    JF_TRY(choose_levels(source, labels, chosen, &out->n, err));
    for (size_t k = 0; k < out->n; k++) {
        out->names[k] = jf_copy_text(labels->levels[chosen[k].code]);
        JF_TRY_NEW(out->names[k], err, "the levels of a figure");
    }
    for (size_t i = 0; i < n; i++) {
        out->of_run[i] = -1;
        for (size_t k = 0; k < out->n; k++)
            if (labels->codes[row_of(source, i)] == chosen[k].code) out->of_run[i] = (int)k;
        out->n_others += out->of_run[i] < 0;
    }
done:
    return status;
}

/* One level without a name, for runs that have no such column. */
static void fill_single(size_t n, jf_run_levels *out)
{
    out->n = 1;
    for (size_t i = 0; i < n; i++) out->of_run[i] = 0;
}

jf_status jf_figure_run_levels(const jf_figure_source *source, const char *usual, jf_run_levels *out,
                               jf_error *err)
{
    const jf_column *column = jf_table_find(source->table, usual);
    size_t n = jf_figure_n_runs(source);
    jf_column coded = {0};
    jf_status status = JF_OK;

    *out = (jf_run_levels){0};
    if (source->by) JF_TRY(jf_table_get(source->table, source->by, &column, err));
    out->of_run = JF_NEW_ARRAY(int, n);
    JF_TRY_NEW(out->of_run, err, "the levels of a figure");
    if (!column) {
        fill_single(n, out);
        goto done;
    }
    out->column = column->name;
    JF_TRY(jf_column_as_labels(column, source->table->n_rows, &coded, err));
    JF_TRY(fill_levels(source, &coded, out, err));
done:
    jf_column_clear(&coded);
    if (status != JF_OK) jf_run_levels_clear(out);
    return status;
}

void jf_run_levels_clear(jf_run_levels *levels)
{
    for (size_t k = 0; k < JF_MOST_LEVELS; k++) jf_free(levels->names[k]);
    jf_free(levels->of_run);
    *levels = (jf_run_levels){0};
}

jf_status jf_figure_add_levels(jf_panel *panel, const jf_run_levels *levels, const double *x, const double *y,
                               size_t n, jf_error *err)
{
    double *px, *py;
    jf_status status = JF_OK;

    if (jf_figure_is_dense(n)) return jf_figure_add_density(panel, x, y, n, err);
    px = JF_NEW_ARRAY(double, n);
    py = JF_NEW_ARRAY(double, n);
    JF_TRY_NEW(px && py, err, "the points of a figure");
    for (size_t level = 0; level < levels->n; level++) {
        jf_series series = {.title = levels->names[level] ? levels->names[level] : "runs",
                            .x = px,
                            .y = py,
                            .colour = (int)level};
        for (size_t i = 0; i < n; i++) {
            if (levels->of_run[i] != (int)level || !isfinite(x[i]) || !isfinite(y[i])) continue;
            px[series.n] = x[i];
            py[series.n++] = y[i];
        }
        if (series.n) JF_TRY(jf_panel_add(panel, series, err));
    }
done:
    jf_free(px);
    jf_free(py);
    return status;
}
