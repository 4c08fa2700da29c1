/* Is a parameter undetermined by these rows only, or by the law? */
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/stream.h"
#include "fit/infer/identify.h"

enum { DRAWS = 8, ROWS_A_PARAMETER = 6, LEAST_ROWS = 60 };
static const double STRETCH = 0.7; /* of a value's logarithm, either way */

/* Rows as they might be, and the law bound to them as it is. */
typedef struct generic {
    const jf_fit_work *work;
    jf_table *table;
    jf_inputs *inputs;
    jf_arena *arena;
    size_t n; /* rows that the law takes */
    double *theta, *values, *jacobian;
    size_t stride;
} generic;

static void generic_clear(generic *g)
{
    jf_table_free(g->table);
    jf_inputs_free(g->inputs);
    jf_arena_free(g->arena);
    jf_free(g->theta);
    jf_free(g->values);
    jf_free(g->jacobian);
}

/* ---- rows ---- */

static double centred_draw(jf_stream *stream)
{
    return 2 * jf_stream_uniform(stream) - 1;
}

/* Values keep their sign; zeros take some other row's size. */
static void stretch(double *values, size_t n, jf_stream *stream)
{
    double size = 0;

    for (size_t i = 0; i < n; i++) size = fmax(size, fabs(values[i]));
    for (size_t i = 0; i < n; i++) {
        if (values[i] == 0) values[i] = (size > 0 ? size : 1) * jf_stream_uniform(stream);
        values[i] *= exp(STRETCH * centred_draw(stream));
    }
}

/* Every column dealt anew, by itself; levels stay levels. */
static void scramble(generic *g, jf_stream *stream)
{
    for (size_t c = 0; c < g->table->n_columns; c++) {
        jf_column *column = &g->table->columns[c];
        for (size_t i = g->n - 1; i > 0; i--) {
            size_t other = jf_stream_below(stream, i + 1);
            if (column->kind == JF_LABEL) {
                int32_t code = column->codes[i];
                column->codes[i] = column->codes[other];
                column->codes[other] = code;
            } else {
                double value = column->values[i];
                column->values[i] = column->values[other];
                column->values[other] = value;
            }
        }
        if (column->kind == JF_NUMERIC && !jf_ast_has_levels_of(g->work->problem->law->formula, column->name))
            stretch(column->values, g->n, stream);
    }
}

static jf_status take_rows(generic *g, jf_stream *stream)
{
    jf_status status = JF_OK;
    const jf_problem *problem = g->work->problem;
    size_t n_columns = jf_formula_n_columns(problem->formula);
    const char **names = JF_NEW_ARRAY(const char *, n_columns);
    size_t *rows = NULL;

    g->n = ROWS_A_PARAMETER * problem->k;
    if (g->n < LEAST_ROWS) g->n = LEAST_ROWS;
    rows = JF_NEW_ARRAY(size_t, g->n);
    JF_TRY_NEW(names && rows ? rows : NULL, g->work->err, "rows");
    for (size_t c = 0; c < n_columns; c++) names[c] = jf_formula_column(problem->formula, c);
    for (size_t i = 0; i < g->n; i++)
        rows[i] = jf_problem_row(problem, i < problem->n ? i : jf_stream_below(stream, problem->n));
    JF_TRY(jf_table_extract(g->work->table, names, n_columns, rows, g->n, &g->table, g->work->err));
    scramble(g, stream);
done:
    jf_free((void *)names);
    jf_free(rows);
    return status;
}

/* Rows that the law takes come to the front. */
static jf_status bind_rows(generic *g)
{
    jf_status status = JF_OK;
    const jf_problem *problem = g->work->problem;
    jf_columns columns = jf_table_columns(g->table);
    jf_inputs *all = NULL;
    size_t *index = JF_NEW_ARRAY(size_t, g->n), n = 0;

    JF_TRY_NEW(index, g->work->err, "rows");
    JF_TRY(jf_inputs_build(problem->formula, &columns, NULL, 0, jf_inputs_learned(problem->inputs), &all,
                           g->work->err));
    for (size_t i = 0; i < g->n; i++)
        if (!jf_inputs_row_missing(all, i)) index[n++] = i;
    JF_TRY(jf_inputs_subset(problem->formula, all, index, n, jf_inputs_learned(problem->inputs), &g->inputs,
                            g->work->err));
    g->n = n;
done:
    jf_inputs_free(all);
    jf_free(index);
    return status;
}

static jf_status generic_new(const jf_fit_work *work, jf_stream *stream, generic *out)
{
    jf_status status = JF_OK;
    size_t k = work->problem->k;

    *out = (generic){.work = work};
    JF_TRY(take_rows(out, stream));
    out->stride = out->n;
    JF_TRY(bind_rows(out));
    JF_TRY(jf_arena_new(work->problem->formula, JF_GRADIENT, &out->arena, work->err));
    out->theta = JF_NEW_ARRAY(double, k);
    out->values = JF_NEW_ARRAY(double, out->stride);
    out->jacobian = JF_NEW_ARRAY(double, out->stride *k);
    JF_TRY_NEW(out->theta && out->values && out->jacobian ? out : NULL, work->err, "rows");
done:
    return status;
}

/* ---- parameters ---- */

/* Somewhere where starts are drawn too. What is held stays. */
static void draw_theta(generic *g, jf_stream *stream)
{
    const jf_problem *problem = g->work->problem;

    memcpy(g->theta, g->work->fit->theta, problem->k * sizeof *g->theta);
    for (size_t a = 0; a < g->work->design.p; a++) {
        size_t j = g->work->active[a];
        double low = problem->range_low[j], high = problem->range_high[j], u = jf_stream_uniform(stream);

        if (problem->log_range[j] && low > 0)
            g->theta[j] = low * pow(high / low, u);
        else
            g->theta[j] = low + u * (high - low);
    }
}

/* Columns of active parameters, and only rows where all of them are finite: their number. */
static size_t gather(generic *g)
{
    size_t p = g->work->design.p, n = 0;

    for (size_t i = 0; i < g->n; i++) {
        bool finite = true;
        for (size_t a = 0; a < p && finite; a++)
            finite = fabs(g->jacobian[g->work->active[a] * g->stride + i]) < 1e100;
        if (!finite) continue;
        for (size_t a = 0; a < p; a++)
            g->jacobian[g->work->active[a] * g->stride + n] = g->jacobian[g->work->active[a] * g->stride + i];
        n++;
    }
    for (size_t a = 0; a < p; a++)
        memmove(g->jacobian + a * n, g->jacobian + g->work->active[a] * g->stride, n * sizeof *g->jacobian);
    return n;
}

/* One draw: takes out of `open` what it determines. `*told`: it had something to say. */
static jf_status try_draw(generic *g, jf_stream *stream, bool *open, bool *told)
{
    jf_status status = JF_OK;
    const jf_fit_work *work = g->work;
    jf_design design = {0};
    jf_error unfit = {0};
    jf_row_matrix matrix = {g->jacobian, 0, work->design.p};
    jf_row_source source = jf_rows_of_matrix(&matrix);
    size_t n;

    draw_theta(g, stream);
    jf_formula_jacobian(work->problem->formula, g->inputs, g->arena, g->theta, g->values, g->jacobian,
                        g->stride);
    n = gather(g);
    if (n < 2 * work->design.p) return JF_OK;
    matrix.n = n;
    status = jf_design_build(&source, n, work->design.p, NULL, &design, &unfit);
    if (status == JF_EFIT) return JF_OK;
    if (status != JF_OK) return jf_fail(work->err, status, "%s", unfit.message);
    *told = true;
    for (size_t a = 0; a < work->design.p; a++)
        if (design.determined[a]) open[work->active[a]] = false;
    jf_design_clear(&design);
    return JF_OK;
}

jf_status jf_identify_structure(const jf_fit_work *work, bool *out)
{
    jf_status status = JF_OK;
    const jf_fit *fit = work->fit;
    jf_stream stream = jf_stream_make(work->options->seed, JF_FOR_VERDICTS, 0);
    generic g = {0};
    bool told = false;

    for (size_t j = 0; j < fit->n_theta; j++) {
        out[j] = false;
        for (size_t m = 0; m < fit->n_null; m++) out[j] = out[j] || fit->null[m * fit->n_theta + j] != 0;
    }
    JF_TRY(generic_new(work, &stream, &g));
    for (int draw = 0; draw < DRAWS && g.n; draw++) JF_TRY(try_draw(&g, &stream, out, &told));
    if (!told) memset(out, 0, fit->n_theta * sizeof *out);
done:
    generic_clear(&g);
    return status;
}
