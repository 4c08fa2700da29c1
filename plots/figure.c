/* Figures as data: making them and letting them go. */
#include "plots/figure.h"

#include <assert.h>
#include <math.h>
#include <string.h>
#include "core/memory.h"

jf_figure *jf_figure_new(const char *name, size_t n_panels)
{
    jf_figure *figure = JF_NEW(jf_figure);

    if (!figure) return NULL;
    figure->name = jf_copy_text(name);
    if (figure->name && jf_figure_set_panels(figure, n_panels, NULL) == JF_OK) return figure;
    jf_figure_free(figure);
    return NULL;
}

jf_status jf_figure_set_panels(jf_figure *figure, size_t n, jf_error *err)
{
    assert(figure->n_panels == 0);
    jf_free(figure->panels);
    figure->panels = JF_NEW_ZEROED(jf_panel, n);
    if (!figure->panels) return jf_fail(err, JF_ENOMEM, "out of memory for a figure");
    figure->n_panels = n;
    for (size_t i = 0; i < n; i++) {
        jf_panel *panel = &figure->panels[i];
        panel->x.low = panel->x.high = panel->y.low = panel->y.high = NAN;
    }
    return JF_OK;
}

static void series_clear(jf_series *series)
{
    jf_free(series->title);
    jf_free(series->x);
    jf_free(series->y);
    jf_free(series->low);
    jf_free(series->high);
    for (size_t i = 0; series->labels && i < series->n; i++) jf_free(series->labels[i]);
    jf_free(series->labels);
    memset(series, 0, sizeof *series);
}

static void panel_clear(jf_panel *panel)
{
    jf_free(panel->title);
    jf_free(panel->x.title);
    jf_free(panel->y.title);
    for (size_t i = 0; i < panel->n_series; i++) series_clear(&panel->series[i]);
    jf_free(panel->series);
}

void jf_figure_free(jf_figure *figure)
{
    if (!figure) return;
    for (size_t i = 0; i < figure->n_panels; i++) panel_clear(&figure->panels[i]);
    jf_free(figure->panels);
    jf_free(figure->name);
    jf_free(figure->caption);
    jf_free(figure);
}

/* False when memory ran out; an array that is not given stays NULL. */
static bool copy_numbers(double **copy, const double *numbers, size_t n)
{
    if (!numbers) return true;
    *copy = JF_NEW_ARRAY(double, n);
    if (*copy && n) memcpy(*copy, numbers, n * sizeof *numbers);
    return *copy != NULL;
}

static bool copy_labels(char ***copy, const char *const *labels, size_t n)
{
    if (!labels) return true;
    *copy = JF_NEW_ZEROED(char *, n);
    if (!*copy) return false;
    for (size_t i = 0; i < n; i++) {
        (*copy)[i] = jf_copy_text(labels[i] ? labels[i] : "");
        if (!(*copy)[i]) return false;
    }
    return true;
}

jf_series *jf_panel_add(jf_panel *panel, jf_series_kind kind, const char *title, size_t n, const double *x,
                        const double *y, const double *low, const double *high, const char *const *labels)
{
    jf_series *grown = jf_resize(panel->series, panel->n_series + 1, sizeof *grown);
    jf_series *series;

    if (!grown) return NULL;
    panel->series = grown;
    series = &grown[panel->n_series];
    *series = (jf_series){.kind = kind, .n = n};
    series->title = jf_copy_text(title);
    if ((title && !series->title) || !copy_numbers(&series->x, x, n) || !copy_numbers(&series->y, y, n) ||
        !copy_numbers(&series->low, low, n) || !copy_numbers(&series->high, high, n) ||
        !copy_labels(&series->labels, labels, n)) {
        series_clear(series);
        return NULL;
    }
    panel->n_series++;
    return series;
}

jf_status jf_axis_set(jf_axis *axis, const char *title, bool log, jf_error *err)
{
    char *copy = jf_copy_text(title);

    if (title && !copy) return jf_fail(err, JF_ENOMEM, "out of memory for an axis title");
    jf_free(axis->title);
    axis->title = copy;
    axis->log = log;
    return JF_OK;
}
