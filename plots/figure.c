/* Figures as data: making them and letting them go. */
#include "plots/figure.h"

#include <assert.h>
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"

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

static void free_texts(char **texts, size_t n)
{
    for (size_t i = 0; texts && i < n; i++) jf_free(texts[i]);
    jf_free(texts);
}

static void series_clear(jf_series *series)
{
    double *arrays[] = {series->x, series->y, series->low, series->high, series->z};

    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) jf_free(arrays[i]);
    jf_free(series->title);
    free_texts(series->names, series->n);
    memset(series, 0, sizeof *series);
}

static void axis_clear(jf_axis *axis)
{
    jf_free(axis->title);
    free_texts(axis->categories, axis->n_categories);
}

static void panel_clear(jf_panel *panel)
{
    jf_free(panel->title);
    axis_clear(&panel->x);
    axis_clear(&panel->y);
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
    *copy = NULL;
    if (!numbers) return true;
    *copy = JF_NEW_ARRAY(double, n);
    if (*copy && n) memcpy(*copy, numbers, n * sizeof *numbers);
    return *copy != NULL;
}

static bool copy_texts(char ***copy, const char *const *texts, size_t n)
{
    *copy = NULL;
    if (!texts) return true;
    *copy = JF_NEW_ZEROED(char *, n);
    if (!*copy) return false;
    for (size_t i = 0; i < n; i++) {
        (*copy)[i] = jf_copy_text(texts[i] ? texts[i] : "");
        if (!(*copy)[i]) return false;
    }
    return true;
}

jf_status jf_panel_add(jf_panel *panel, jf_series series, jf_error *err)
{
    jf_series *grown = jf_resize(panel->series, panel->n_series + 1, sizeof *grown);
    jf_series copy = {.kind = series.kind, .n = series.n, .colour = series.colour};
    bool fine;

    if (grown) panel->series = grown;
    copy.title = jf_copy_text(series.title);
    fine = grown && (!series.title || copy.title) && copy_numbers(&copy.x, series.x, series.n) &&
           copy_numbers(&copy.y, series.y, series.n) && copy_numbers(&copy.low, series.low, series.n) &&
           copy_numbers(&copy.high, series.high, series.n) && copy_numbers(&copy.z, series.z, series.n) &&
           copy_texts(&copy.names, (const char *const *)series.names, series.n);
    if (!fine) {
        series_clear(&copy);
        return jf_fail(err, JF_ENOMEM, "out of memory for a figure");
    }
    panel->series[panel->n_series++] = copy;
    return JF_OK;
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

jf_status jf_axis_set_categories(jf_axis *axis, const char *const *names, size_t n, jf_error *err)
{
    assert(axis->n_categories == 0 && n > 0);
    axis->n_categories = n;
    if (copy_texts(&axis->categories, names, n)) return JF_OK;
    return jf_fail(err, JF_ENOMEM, "out of memory for the categories of a figure");
}

/* "120x80" into two lengths that paper has. */
static bool read_lengths(const char *size, double *width, double *height)
{
    const char *cross = strchr(size, 'x');

    return cross && jf_number_read(size, (size_t)(cross - size), width) &&
           jf_number_read(cross + 1, strlen(cross + 1), height) && *width >= 20 && *width <= 1000 &&
           *height >= 15 && *height <= 1000;
}

jf_status jf_figure_set_size(jf_figure *figure, const char *size, jf_error *err)
{
    double width = 0, height = 0;

    if (strcmp(size, "column") == 0)
        width = JF_COLUMN_MM;
    else if (strcmp(size, "text") == 0)
        width = JF_TEXT_MM;
    else if (!read_lengths(size, &width, &height))
        return jf_fail(err, JF_EUSAGE,
                       "size: expected column, text, or WIDTHxHEIGHT in millimetres like 120x80, found '%s'",
                       size);
    figure->width_mm = width;
    figure->height_mm = height;
    return JF_OK;
}
