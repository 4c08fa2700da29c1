/* The curve of a law along one input: prediction, band of the mean, interval of a new run, and the runs. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "fit/model/model.h"
#include "reports/figures/parts.h"

enum { N_GRID = 121, MOST_LINES = 6 };

/* What is drawn: along input x, a line for each level of input `lines` (none: one line). */
typedef struct curve {
    const json_t *fit;
    jf_model *model;
    const jf_model_input *x, *lines;
    bool x_log, multiplicative;
} curve;

/* ---- choices ---- */

/* How far an input reaches: its ratio where it is positive, else little. */
static double reach(const jf_model_input *input)
{
    if (input->is_label || !(input->high > input->low)) return 0;
    return input->low > 0 ? input->high / input->low : 1.5;
}

/* The input that was asked for, by name. */
static jf_status find_input(const jf_model *model, const char *name, bool label, const jf_model_input **out,
                            jf_error *err)
{
    const char **names = JF_NEW_ARRAY(const char *, model->n_inputs);
    char hint[160];
    jf_status status = JF_OK;
    size_t n = 0;

    JF_TRY_NEW(names, err, "the names of inputs");
    for (size_t i = 0; i < model->n_inputs; i++) {
        if (model->inputs[i].is_label != label) continue;
        if (strcmp(model->inputs[i].name, name) == 0) *out = &model->inputs[i];
        names[n++] = model->inputs[i].name;
    }
    if (!*out)
        JF_TRY(jf_fail(err, JF_EUSAGE, "%s: this law has no input '%s' of %s%s", label ? "--by" : "--x", name,
                       label ? "labels" : "numbers", jf_did_you_mean(hint, sizeof hint, name, names, n)));
done:
    jf_free(names);
    return status;
}

static jf_status choose_inputs(curve *out, const jf_figure_source *source, jf_error *err)
{
    const jf_model *model = out->model;
    jf_status status = JF_OK;

    if (source->x) JF_TRY(find_input(model, source->x, false, &out->x, err));
    if (source->by) JF_TRY(find_input(model, source->by, true, &out->lines, err));
    for (size_t i = 0; i < model->n_inputs; i++) {
        const jf_model_input *input = &model->inputs[i];
        if (!source->x && reach(input) > (out->x ? reach(out->x) : 0)) out->x = input;
        if (!out->lines && input->is_label && input->n_levels >= 2 && input->n_levels <= MOST_LINES)
            out->lines = input;
    }
    if (!out->x || !(reach(out->x) > 0))
        JF_TRY(jf_fail(err, JF_EDATA, "no input of this law is a number that varies"));
    out->x_log = out->x->low > 0 && reach(out->x) >= 10;
    out->multiplicative =
        !strcmp(jf_result_text(out->fit, "law.error"), "log") || !strncmp(model->response, "log(", 4);
done:
    return status;
}

/* ---- tables for the model ---- */

/* A column of n rows that holds one value, or `values`. */
static jf_status add_numbers(jf_table *table, const jf_model_input *input, const double *values,
                             jf_error *err)
{
    jf_column column = {
        .name = jf_copy_text(input->name), .kind = JF_NUMERIC, .values = JF_NEW_ARRAY(double, table->n_rows)};
    jf_status status = JF_OK;

    JF_TRY_NEW(column.name && column.values, err, "a column");
    for (size_t i = 0; i < table->n_rows; i++) column.values[i] = values ? values[i] : input->median;
    JF_TRY(jf_table_add(table, &column, false, err));
done:
    jf_column_clear(&column);
    return status;
}

/* One level everywhere, or `labels` (an array of texts; an unknown one is missing). */
static jf_status add_labels(jf_table *table, const jf_model_input *input, const char *level,
                            const json_t *labels, jf_error *err)
{
    jf_column column = {.name = jf_copy_text(input->name),
                        .kind = JF_LABEL,
                        .codes = JF_NEW_ARRAY(int32_t, table->n_rows),
                        .levels = JF_NEW_ZEROED(char *, input->n_levels),
                        .n_levels = input->n_levels};
    jf_status status = JF_OK;

    JF_TRY_NEW(column.name && column.codes && column.levels, err, "a column");
    for (size_t k = 0; k < input->n_levels; k++) {
        column.levels[k] = jf_copy_text(input->levels[k]);
        JF_TRY_NEW(column.levels[k], err, "a column");
    }
    for (size_t i = 0; i < table->n_rows; i++) {
        const char *text = labels ? json_string_value(json_array_get(labels, i)) : level;
        column.codes[i] = text ? jf_column_level(&column, text) : -1;
    }
    JF_TRY(jf_table_add(table, &column, false, err));
done:
    jf_column_clear(&column);
    return status;
}

/* A model wants a column of its response's name, whose values it does not read. */
static jf_status add_response(jf_table *table, const jf_model *model, jf_error *err)
{
    const jf_model_input response = {.name = model->raw_response, .median = NAN};

    if (jf_table_find(table, model->raw_response)) return JF_OK;
    return add_numbers(table, &response, NULL, err);
}

/* Rows at `x`; the other numbers at their medians, the other labels at their usual level. `level` or `labels`
 * say which line. */
static jf_status build_table(const curve *of, const double *x, size_t n, const char *level,
                             const json_t *labels, jf_table **out, jf_error *err)
{
    jf_status status = JF_OK;

    JF_TRY(jf_table_new(n, out, err));
    for (size_t i = 0; i < of->model->n_inputs; i++) {
        const jf_model_input *input = &of->model->inputs[i];
        if (!input->is_label)
            JF_TRY(add_numbers(*out, input, input == of->x ? x : NULL, err));
        else if (input == of->lines)
            JF_TRY(add_labels(*out, input, level, labels, err));
        else
            JF_TRY(add_labels(*out, input, input->usual, NULL, err));
    }
    JF_TRY(add_response(*out, of->model, err));
done:
    return status;
}

/* ---- lines and bands ---- */

typedef struct band {
    double x[N_GRID], raw[N_GRID], mean_low[N_GRID], mean_high[N_GRID], low[N_GRID], high[N_GRID];
} band;

/* How far the runs of a level reach along x; of all, where the result holds no runs or one line is drawn. */
static jf_status find_reach(const curve *of, const char *level, double *low, double *high, jf_error *err)
{
    const json_t *inputs = jf_figure_inputs(of->fit);
    const json_t *labels = of->lines ? json_object_get(inputs, of->lines->name) : NULL;
    size_t n, n_found = 0;
    double *x = jf_result_numbers(json_object_get(inputs, of->x->name), "", &n);

    *low = of->x->low;
    *high = of->x->high;
    if (!x && n) return jf_fail(err, JF_ENOMEM, "out of memory for a curve");
    for (size_t i = 0; level && x && json_array_size(labels) == n && i < n; i++) {
        const char *text = json_string_value(json_array_get(labels, i));
        if (!text || strcmp(text, level) != 0 || !isfinite(x[i])) continue;
        *low = n_found ? fmin(*low, x[i]) : x[i];
        *high = n_found++ ? fmax(*high, x[i]) : x[i];
    }
    jf_free(x);
    if (!(*low < *high)) { /* one place is no line */
        *low = of->x->low;
        *high = of->x->high;
    }
    return JF_OK;
}

static jf_status predict_line(const curve *of, const char *level, band *out, jf_error *err)
{
    jf_model_prediction wanted = {.raw = out->raw,
                                  .mean_low = out->mean_low,
                                  .mean_high = out->mean_high,
                                  .low = out->low,
                                  .high = out->high};
    jf_table *table = NULL;
    jf_status status = JF_OK;
    double low, high;

    JF_TRY(find_reach(of, level, &low, &high, err));
    for (size_t i = 0; i < N_GRID; i++) {
        double share = (double)i / (N_GRID - 1);
        out->x[i] = of->x_log ? low * pow(high / low, share) : low + (high - low) * share;
    }
    JF_TRY(build_table(of, out->x, N_GRID, level, NULL, &table, err));
    JF_TRY(jf_model_predict(of->model, table, NULL, N_GRID, &wanted, err));
done:
    jf_table_free(table);
    return status;
}

/* Bands are those of one line, which the key names where there are several. */
static jf_status add_band(jf_panel *panel, const curve *of, const char *what, const double *x,
                          const double *low, const double *high, int colour, jf_error *err)
{
    char title[200];

    for (size_t i = 0; i < N_GRID; i++) /* a band with no finite end is not drawn, and a bare line says so */
        if (!isfinite(low[i]) || !isfinite(high[i])) return JF_OK;
    snprintf(title, sizeof title, "%s, %g %%%s%s%s", what, 100 * of->model->level, of->lines ? " (" : "",
             of->lines ? of->lines->usual : "", of->lines ? ")" : "");
    return jf_panel_add(panel,
                        (jf_series){.kind = JF_SERIES_BAND,
                                    .title = title,
                                    .n = N_GRID,
                                    .x = (double *)x,
                                    .low = (double *)low,
                                    .high = (double *)high,
                                    .colour = colour},
                        err);
}

/* Bands of one line go beneath all lines. */
static jf_status add_bands(jf_panel *panel, const curve *of, const char *level, int colour, band *line,
                           jf_error *err)
{
    jf_status status = JF_OK;

    JF_TRY(predict_line(of, level, line, err));
    JF_TRY(add_band(panel, of, "new run", line->x, line->low, line->high, -1, err));
    JF_TRY(add_band(panel, of, "mean", line->x, line->mean_low, line->mean_high, colour, err));
done:
    return status;
}

static size_t n_lines(const curve *of)
{
    return of->lines ? of->lines->n_levels : 1;
}

static const char *line_level(const curve *of, size_t i)
{
    return of->lines ? of->lines->levels[i] : NULL;
}

static bool is_usual(const curve *of, size_t i)
{
    return !of->lines || !strcmp(of->lines->levels[i], of->lines->usual);
}

/* ---- runs ---- */

/* Where a run would lie if its other inputs were those of the curve: the curve, moved by the run's residual.
 */
static void move_runs(const curve *of, double *y, const double *observed, const double *fitted, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = of->multiplicative ? y[i] * observed[i] / fitted[i] : y[i] + observed[i] - fitted[i];
}

static jf_status add_line_runs(jf_panel *panel, const curve *of, size_t line, const json_t *labels,
                               const double *x, const double *y, size_t n, jf_error *err)
{
    double *px = JF_NEW_ARRAY(double, n), *py = JF_NEW_ARRAY(double, n);
    const char *level = line_level(of, line);
    jf_series series = {.kind = JF_SERIES_POINTS,
                        .title = (char *)(level ? level : "runs"),
                        .x = px,
                        .y = py,
                        .colour = (int)line};
    jf_status status = JF_OK;

    JF_TRY_NEW(px && py, err, "the points of a figure");
    for (size_t i = 0; i < n; i++) {
        const char *text = labels ? json_string_value(json_array_get(labels, i)) : NULL;
        if (level && (!text || strcmp(text, level) != 0)) continue;
        px[series.n] = x[i];
        py[series.n++] = y[i];
    }
    JF_TRY(jf_panel_add(panel, series, err));
done:
    jf_free(px);
    jf_free(py);
    return status;
}

/* The runs, where the result was saved with its rows. */
static jf_status add_runs(jf_panel *panel, const curve *of, jf_error *err)
{
    const json_t *inputs = jf_figure_inputs(of->fit);
    const json_t *labels = of->lines ? json_object_get(inputs, of->lines->name) : NULL;
    size_t n, m, k;
    double *x = jf_result_numbers(json_object_get(inputs, of->x->name), "", &n);
    double *observed = jf_result_numbers(of->fit, "rows.raw_observed", &m);
    double *fitted = jf_result_numbers(of->fit, "rows.raw_fitted", &k);
    double *y = JF_NEW_ARRAY(double, n);
    jf_table *table = NULL;
    jf_status status = JF_OK;

    JF_TRY_NEW((x || !n) && (observed || !m) && (fitted || !k), err, "the points of a figure");
    if (!x || n != m || n != k || (of->lines && json_array_size(labels) != n)) goto done;
    JF_TRY_NEW(y, err, "the points of a figure");
    JF_TRY(build_table(of, x, n, NULL, labels, &table, err));
    JF_TRY(jf_model_predict(of->model, table, NULL, n, &(jf_model_prediction){.raw = y}, err));
    move_runs(of, y, observed, fitted, n);
    if (jf_figure_is_dense(n)) JF_TRY(jf_figure_add_density(panel, x, y, n, err));
    for (size_t i = 0; i < n_lines(of) && !jf_figure_is_dense(n); i++)
        JF_TRY(add_line_runs(panel, of, i, labels, x, y, n, err));
done:
    jf_table_free(table);
    jf_free(x);
    jf_free(y);
    jf_free(observed);
    jf_free(fitted);
    return status;
}

/* ---- the figure ---- */

/* All that is drawn is positive and spans a factor of five or more. */
static bool wants_log(const jf_panel *panel)
{
    double lowest = INFINITY, highest = 0;

    for (size_t s = 0; s < panel->n_series; s++) {
        const jf_series *series = &panel->series[s];
        const double *ends[2] = {series->y ? series->y : series->low, series->y ? series->y : series->high};
        for (size_t i = 0; i < series->n; i++) {
            if (isnan(ends[0][i]) || isnan(ends[1][i])) continue;
            lowest = fmin(lowest, ends[0][i]);
            highest = fmax(highest, ends[1][i]);
        }
    }
    return lowest > 0 && highest >= 5 * lowest;
}

static bool has_points(const jf_panel *panel)
{
    size_t s = 0;
    while (s < panel->n_series && panel->series[s].kind != JF_SERIES_POINTS) s++;
    return s < panel->n_series;
}

static jf_status add_lines(jf_panel *panel, curve *of, jf_error *err)
{
    band *line = JF_NEW(band);
    jf_status status = JF_OK;

    JF_TRY_NEW(line, err, "a curve");
    for (size_t i = 0; i < n_lines(of); i++)
        if (is_usual(of, i)) JF_TRY(add_bands(panel, of, line_level(of, i), (int)i, line, err));
    JF_TRY(add_runs(panel, of, err));
    for (size_t i = 0; i < n_lines(of); i++) {
        jf_series drawn = {
            .kind = jf_figure_line_kind((int)i), .n = N_GRID, .x = line->x, .y = line->raw, .colour = (int)i};
        if (!has_points(panel)) drawn.title = (char *)line_level(of, i); /* else the points have it */
        JF_TRY(predict_line(of, line_level(of, i), line, err));
        JF_TRY(jf_panel_add(panel, drawn, err));
    }
done:
    jf_free(line);
    return status;
}

static jf_status describe(jf_figure *figure, const curve *of, jf_error *err)
{
    jf_text words = {0};
    jf_status status;

    jf_text_addf(&words, "%s along %s", jf_result_text(of->fit, "law.name"), of->x->name);
    if (of->lines)
        jf_text_addf(&words, " for each %s, as far as its runs reach (bands: %s)", of->lines->name,
                     of->lines->usual);
    if (of->model->n_inputs > 1u + (of->lines != NULL))
        jf_text_addf(&words, "; other inputs at their medians or most frequent levels%s",
                     jf_result_at(of->fit, "rows") ? ", and runs moved there by their residuals" : "");
    status = words.failed ? jf_fail(err, JF_ENOMEM, "out of memory for a caption")
                          : jf_figure_caption(figure, err, "%s", words.data);
    jf_text_free(&words);
    return status;
}

jf_status jf_figure_curve(const jf_figure_source *source, jf_figure *figure, jf_error *err)
{
    curve of = {0};
    jf_status status = JF_OK;
    char title[600];

    JF_TRY(jf_figure_fit(source, &of.fit, err));
    JF_TRY(jf_model_of_json(of.fit, &of.model, err));
    JF_TRY(choose_inputs(&of, source, err));
    JF_TRY(jf_figure_set_panels(figure, 1, err));
    JF_TRY(add_lines(&figure->panels[0], &of, err));
    jf_with_unit(title, sizeof title, of.x->name, of.x->unit);
    JF_TRY(jf_axis_set(&figure->panels[0].x, title, of.x_log, err));
    jf_with_unit(title, sizeof title, of.model->raw_response, of.model->response_unit);
    JF_TRY(jf_axis_set(&figure->panels[0].y, title, wants_log(&figure->panels[0]), err));
    JF_TRY(describe(figure, &of, err));
done:
    jf_model_free(of.model);
    return status;
}
