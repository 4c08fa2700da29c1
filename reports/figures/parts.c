/* What the builders of figures share. */
#include "reports/figures/parts.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/memory.h"

enum { MOST_LEVELS = 6 };

/* ---- which fit ---- */

/* The candidate of that name (NULL: the best). */
static jf_status find_candidate(const json_t *comparison, const char *law, const json_t **out, jf_error *err)
{
    const char *wanted = law ? law : jf_result_text(comparison, "best.law");
    const json_t *candidates = jf_result_at(comparison, "candidates");
    const char **names;
    char hint[160];
    size_t n = json_array_size(candidates);

    for (size_t i = 0; i < n; i++) {
        *out = json_array_get(candidates, i);
        if (strcmp(jf_result_text(*out, "law.name"), wanted) == 0) return JF_OK;
    }
    *out = NULL;
    names = JF_NEW_ARRAY(const char *, n);
    if (!names) return jf_fail(err, JF_ENOMEM, "out of memory for the names of laws");
    for (size_t i = 0; i < n; i++) names[i] = jf_result_text(json_array_get(candidates, i), "law.name");
    jf_did_you_mean(hint, sizeof hint, wanted, names, n);
    jf_free(names);
    return jf_fail(err, JF_EUSAGE, "no law '%s' in this comparison%s", wanted, hint);
}

jf_status jf_figure_fit(const jf_figure_source *source, const json_t **out, jf_error *err)
{
    jf_status status = JF_OK;

    *out = source->result;
    if (!jf_result_at(source->result, "candidates")) return JF_OK;
    JF_TRY(find_candidate(source->result, source->law, out, err));
    *out = jf_result_at(*out, "fit");
    if (!*out)
        status = jf_fail(err, JF_EDATA, "this comparison holds no fit of '%s'",
                         source->law ? source->law : "the best law");
done:
    return status;
}

const char *jf_figure_law_name(const json_t *fit)
{
    const char *name = jf_result_text(fit, "law.name");
    return *name ? name : "law";
}

jf_status jf_figure_laws(const jf_ranked *all, const char ***out, jf_error *err)
{
    *out = JF_NEW_ZEROED(const char *, all->n);
    if (!*out) return jf_fail(err, JF_ENOMEM, "out of memory for the names of laws");
    for (size_t i = 0; i < all->n; i++) (*out)[i] = jf_result_text(all->candidates[i], "law.name");
    return JF_OK;
}

/* ---- rows ---- */

jf_status jf_figure_rows(const json_t *fit, const char *name, double **out, size_t *n, jf_error *err)
{
    char path[64];

    snprintf(path, sizeof path, "rows.%s", name);
    *out = jf_result_numbers(fit, path, n);
    if (*out) return JF_OK;
    if (*n) return jf_fail(err, JF_ENOMEM, "out of memory for %zu rows", *n);
    return jf_fail(err, JF_EDATA, "the result holds no row-wise values ('%s'): save it with its rows", path);
}

const json_t *jf_figure_inputs(const json_t *fit)
{
    const json_t *inputs = jf_result_at(fit, "inputs");
    return inputs ? inputs : jf_result_at(fit, "rows.inputs");
}

/* ---- titles ---- */

void jf_figure_response_title(const json_t *fit, const char *word, char *title, size_t size)
{
    const char *name = jf_result_text(fit, "law.raw_response");
    char whole[512];

    if (!*name) name = jf_result_text(fit, "law.response");
    snprintf(whole, sizeof whole, "%s %s", word, name);
    jf_with_unit(title, size, whole, jf_result_text(fit, "law.unit"));
}

void jf_figure_input_title(const json_t *fit, const char *column, char *title, size_t size)
{
    const json_t *input;
    size_t i;

    json_array_foreach((json_t *)jf_result_at(fit, "model.inputs"), i, input)
    {
        if (strcmp(jf_result_text(input, "name"), column) != 0) continue;
        jf_with_unit(title, size, column, jf_result_text(input, "unit"));
        return;
    }
    snprintf(title, size, "%s", column);
}

jf_status jf_figure_caption(jf_figure *figure, jf_error *err, const char *format, ...)
{
    va_list args;
    char caption[1024];

    va_start(args, format);
    vsnprintf(caption, sizeof caption, format, args);
    va_end(args);
    jf_free(figure->caption);
    figure->caption = jf_copy_text(caption);
    return figure->caption ? JF_OK : jf_fail(err, JF_ENOMEM, "out of memory for a caption");
}

const char *jf_figure_metric_title(const char *metric, char *title, size_t size)
{
    static const struct {
        const char *metric, *words;
    } rows[] = {{"rmse_log", "RMS error of the log"},
                {"rmse", "RMS error on the law's scale"},
                {"rmse_raw", "RMS error"},
                {"mdape", "median relative error"},
                {"mape", "mean relative error"},
                {"r2_log", "R2 of the log"},
                {"r2", "R2 on the law's scale"},
                {"r2_raw", "R2"},
                {"within2", "share within a factor of two"}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].metric, metric) == 0) {
            snprintf(title, size, "%s (%s)", rows[i].words, metric);
            return title;
        }
    snprintf(title, size, "%s", metric);
    return title;
}

/* ---- ranges ---- */

void jf_figure_range(const double *numbers, size_t n, double *low, double *high)
{
    *low = *high = NAN;
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(numbers[i])) continue;
        if (!(*low <= numbers[i])) *low = numbers[i];
        if (!(*high >= numbers[i])) *high = numbers[i];
    }
}

bool jf_figure_wants_log(const double *numbers, size_t n, double least_ratio)
{
    double low, high;

    jf_figure_range(numbers, n, &low, &high);
    return low > 0 && high >= least_ratio * low;
}

bool jf_figure_is_factor(double low, double estimate, double high)
{
    const double least_ratio = 10; /* below, both axes show the same */

    if (!(low > 0 && low < estimate && estimate < high && high >= least_ratio * low)) return false;
    return fabs(log(high / estimate) - log(estimate / low)) / log(high / low) <
           fabs((high - estimate) - (estimate - low)) / (high - low);
}

/* ---- series ---- */

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Levels in the order that columns keep them in; more than MOST_LEVELS: *n is MOST_LEVELS + 1. */
static void find_levels(const json_t *labels, const char **levels, size_t *n)
{
    const json_t *label;
    size_t i, k;

    *n = 0;
    json_array_foreach((json_t *)labels, i, label)
    {
        const char *text = json_string_value(label) ? json_string_value(label) : "(missing)";
        for (k = 0; k < *n && strcmp(levels[k], text) != 0; k++) continue;
        if (k < *n) continue;
        levels[(*n)++] = text;
        if (*n > MOST_LEVELS) return;
    }
    qsort(levels, *n, sizeof *levels, by_name);
}

/* Labels of n rows with two to MOST_LEVELS levels, or NULL. */
static const json_t *find_grouping(const json_t *fit, size_t n, const char **levels, size_t *n_levels)
{
    const char *name;
    json_t *column;

    json_object_foreach((json_t *)jf_figure_inputs(fit), name, column)
    {
        if (json_array_size(column) != n || !json_is_string(json_array_get(column, 0))) continue;
        find_levels(column, levels, n_levels);
        if (*n_levels >= 2 && *n_levels <= MOST_LEVELS) return column;
    }
    return NULL;
}

/* A key that names nothing but the runs would say nothing. */
static bool has_titles(const jf_panel *panel)
{
    for (size_t i = 0; i < panel->n_series; i++)
        if (panel->series[i].title) return true;
    return false;
}

bool jf_figure_is_dense(size_t n)
{
    return n > JF_DENSE_POINTS;
}

jf_status jf_figure_add_density(jf_panel *panel, const double *x, const double *y, size_t n, jf_error *err)
{
    return jf_panel_add(panel,
                        (jf_series){.kind = JF_SERIES_DENSITY,
                                    .title = "runs, darker where there are more",
                                    .x = (double *)x,
                                    .y = (double *)y,
                                    .n = n},
                        err);
}

jf_series_kind jf_figure_line_kind(int colour)
{
    return colour > 0 ? JF_SERIES_DASHED : JF_SERIES_LINE;
}

jf_status jf_figure_add_guide(jf_panel *panel, const double *x, const double *y, bool over, jf_error *err)
{
    return jf_panel_add(
        panel,
        (jf_series){
            .kind = JF_SERIES_LINE, .x = (double *)x, .y = (double *)y, .n = 2, .colour = over ? 3 : -1},
        err);
}

jf_status jf_figure_add_rows(jf_panel *panel, const json_t *fit, const double *x, const double *y, size_t n,
                             jf_error *err)
{
    const char *levels[MOST_LEVELS + 1];
    size_t n_levels = 0;
    const json_t *labels = find_grouping(fit, n, levels, &n_levels);
    double *px, *py;
    jf_status status = JF_OK;

    if (jf_figure_is_dense(n)) return jf_figure_add_density(panel, x, y, n, err);
    px = JF_NEW_ARRAY(double, n);
    py = JF_NEW_ARRAY(double, n);
    JF_TRY_NEW(px && py, err, "the points of a figure");
    for (size_t level = 0; level < (labels ? n_levels : 1); level++) {
        jf_series series = {.kind = JF_SERIES_POINTS,
                            .title = labels              ? (char *)levels[level]
                                     : has_titles(panel) ? "runs"
                                                         : NULL,
                            .x = px,
                            .y = py,
                            .colour = (int)level};
        for (size_t i = 0; i < n; i++) {
            const char *text = labels ? json_string_value(json_array_get(labels, i)) : NULL;
            if (labels && strcmp(text ? text : "(missing)", levels[level]) != 0) continue;
            px[series.n] = x[i];
            py[series.n++] = y[i];
        }
        JF_TRY(jf_panel_add(panel, series, err));
    }
done:
    jf_free(px);
    jf_free(py);
    return status;
}
