/* Contours of the profile likelihood: joint regions of two parameters. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "reports/figures/parts.h"

enum { MOST_PAIRS = 6 };

static const json_t *contours_of(const jf_figure_source *source)
{
    const json_t *fit;
    return jf_figure_fit(source, &fit, NULL) == JF_OK ? jf_result_at(fit, "contours") : NULL;
}

bool jf_figure_serves_contours(const jf_figure_source *source)
{
    return json_array_size(contours_of(source)) > 0;
}

static const char *name_of(const json_t *contour, size_t which)
{
    const char *name = json_string_value(json_array_get(jf_result_at(contour, "parameters"), which));
    return name ? name : "";
}

static bool same_pair(const json_t *a, const json_t *b)
{
    return strcmp(name_of(a, 0), name_of(b, 0)) == 0 && strcmp(name_of(a, 1), name_of(b, 1)) == 0;
}

/* The first contour of each pair of parameters. */
static size_t find_pairs(const json_t *contours, const json_t **pairs)
{
    size_t n = 0;

    for (size_t i = 0; i < json_array_size(contours) && n < MOST_PAIRS; i++) {
        const json_t *contour = json_array_get(contours, i);
        size_t k = 0;
        while (k < n && !same_pair(pairs[k], contour)) k++;
        if (k == n) pairs[n++] = contour;
    }
    return n;
}

static double coordinate(const json_t *point, size_t which)
{
    const json_t *value = json_array_get(point, which);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

/* Do the edges of all regions of a pair stay above zero, and reach so far that a log axis shows them better?
 */
static bool wants_log(const json_t *contours, const json_t *pair, size_t which)
{
    double low = INFINITY, high = -INFINITY;

    for (size_t i = 0; i < json_array_size(contours); i++) {
        const json_t *contour = json_array_get(contours, i), *points = jf_result_at(contour, "points");
        for (size_t k = 0; same_pair(contour, pair) && k < json_array_size(points); k++) {
            low = fmin(low, coordinate(json_array_get(points, k), which));
            high = fmax(high, coordinate(json_array_get(points, k), which));
        }
    }
    return jf_figure_is_factor(low, coordinate(jf_result_at(pair, "estimate"), which), high);
}

static jf_status add_edge(jf_panel *panel, const json_t *contour, int colour, jf_error *err)
{
    const json_t *points = jf_result_at(contour, "points");
    const char *state = jf_result_text(contour, "state");
    bool closed = strcmp(state, "closed") == 0;
    size_t n = json_array_size(points);
    double *x = JF_NEW_ARRAY(double, n + 1), *y = JF_NEW_ARRAY(double, n + 1);
    jf_series edge = {.kind = closed ? JF_SERIES_LINE : JF_SERIES_DASHED, .x = x, .y = y, .colour = colour};
    jf_status status = JF_OK;
    char title[80];

    JF_TRY_NEW(x && y, err, "a contour");
    for (size_t i = 0; i < n; i++) {
        x[i] = coordinate(json_array_get(points, i), 0);
        y[i] = coordinate(json_array_get(points, i), 1);
    }
    if (n && closed) {
        x[n] = x[0];
        y[n] = y[0];
    }
    edge.n = n ? n + closed : 0;
    snprintf(title, sizeof title, closed ? "%g %%" : "%g %%, open (%s)",
             100 * jf_result_number(contour, "level"), state);
    edge.title = title;
    if (edge.n > 1) JF_TRY(jf_panel_add(panel, edge, err));
done:
    jf_free(x);
    jf_free(y);
    return status;
}

static jf_status add_pair(jf_panel *panel, const json_t *contours, const json_t *pair, jf_error *err)
{
    const json_t *estimate = jf_result_at(pair, "estimate");
    double x = coordinate(estimate, 0), y = coordinate(estimate, 1);
    jf_status status = JF_OK;
    int colour = 0;

    JF_TRY(jf_axis_set(&panel->x, name_of(pair, 0), wants_log(contours, pair, 0), err));
    JF_TRY(jf_axis_set(&panel->y, name_of(pair, 1), wants_log(contours, pair, 1), err));
    for (size_t i = 0; i < json_array_size(contours); i++)
        if (same_pair(json_array_get(contours, i), pair))
            JF_TRY(add_edge(panel, json_array_get(contours, i), colour++, err));
    JF_TRY(jf_panel_add(
        panel,
        (jf_series){.kind = JF_SERIES_POINTS, .title = "estimate", .x = &x, .y = &y, .n = 1, .colour = 3},
        err));
done:
    return status;
}

jf_status jf_figure_contours(const jf_figure_source *source, jf_figure *figure, jf_error *err)
{
    const json_t *fit, *contours = contours_of(source), *pairs[MOST_PAIRS];
    size_t n = find_pairs(contours, pairs);
    jf_status status = JF_OK;

    JF_TRY(jf_figure_fit(source, &fit, err));
    JF_TRY(jf_figure_set_panels(figure, n, err));
    figure->n_columns = n > 4 ? 3 : 0;
    for (size_t i = 0; i < n; i++) JF_TRY(add_pair(&figure->panels[i], contours, pairs[i], err));
    JF_TRY(jf_figure_caption(figure, err, "Joint regions of parameters of %s by profile likelihood",
                             jf_figure_law_name(fit)));
done:
    return status;
}
