/* Names inside a plot area: in cells, and beside points where nothing is in the way. */
#include <math.h>
#include "core/memory.h"
#include "plots/layout_parts.h"
#include "plots/lettering.h"

enum { SMALLEST_PT = 4 };
static const double off_mm = 1.1; /* from a point to its name */

/* Where point i of the series is on the page. */
static void find_point(const jf_panel *panel, const jf_panel_layout *layout, const jf_series *series,
                       size_t i, double *x, double *y)
{
    double height = layout->top - layout->bottom;
    double up = jf_scale_position(&layout->y, series->y[i], height);

    *x = layout->left + jf_scale_position(&layout->x, series->x[i], layout->right - layout->left);
    *y = layout->bottom + (panel->y.n_categories ? height - up : up); /* categories count from the top */
}

static jf_status reserve(jf_panel_layout *layout, size_t more, jf_error *err)
{
    jf_name *grown = jf_resize(layout->names, layout->n_names + more, sizeof *grown);

    if (!grown) return jf_fail(err, JF_ENOMEM, "out of memory for the names in a figure");
    layout->names = grown;
    return JF_OK;
}

static jf_status add_name(jf_panel_layout *layout, const char *text, double x, double y, jf_error *err)
{
    char *clean = jf_lettering_clean(text);

    if (!clean) return jf_fail(err, JF_ENOMEM, "out of memory for the names in a figure");
    layout->names[layout->n_names++] = (jf_name){.text = {clean, x, y}};
    return JF_OK;
}

/* ---- cells ---- */

/* The size at which every name fits its cell; 0: none that can be read. */
static double cell_size(const jf_panel_layout *layout, const jf_series *series)
{
    double across = (layout->right - layout->left) / (layout->x.high - layout->x.low);
    double up = (layout->top - layout->bottom) / (layout->y.high - layout->y.low);

    for (double size = JF_LETTER_PT; size >= SMALLEST_PT; size -= 0.5) {
        bool fits = size * JF_MM_PER_PT <= up;
        for (size_t i = 0; i < series->n && fits; i++)
            fits = jf_lettering_width(series->names[i], size) <= across - 0.3;
        if (fits) return size;
    }
    return 0;
}

static jf_status name_cells(const jf_panel *panel, const jf_series *series, jf_panel_layout *out,
                            jf_error *err)
{
    jf_status status = JF_OK;
    double x, y;

    out->name_pt = cell_size(out, series);
    if (!(out->name_pt > 0)) return JF_OK;
    JF_TRY(reserve(out, series->n, err));
    for (size_t i = 0; i < series->n; i++) {
        find_point(panel, out, series, i, &x, &y);
        JF_TRY(add_name(out, series->names[i], x, y, err));
        out->names[out->n_names - 1].centred = true;
        out->names[out->n_names - 1].light = fabs(series->z[i]) > 0.6;
    }
done:
    return status;
}

/* ---- points ---- */

typedef struct box {
    double left, right, bottom, top;
} box;

static box box_of_name(double left, double y, double width)
{
    double half = JF_NAME_PT * JF_MM_PER_PT * 0.55;
    return (box){.left = left, .right = left + width, .bottom = y - half, .top = y + half};
}

static bool overlap(box a, box b)
{
    return a.left < b.right && b.left < a.right && a.bottom < b.top && b.bottom < a.top;
}

static bool meets_name(const jf_panel_layout *layout, box wanted)
{
    for (size_t i = 0; i < layout->n_names; i++) {
        const jf_lettering *other = &layout->names[i].text;
        if (overlap(wanted, box_of_name(other->x, other->y, jf_lettering_width(other->text, JF_NAME_PT))))
            return true;
    }
    return false;
}

/* Does a piece of a line from one point to the next pass through the box? */
static bool crosses(box wanted, double x0, double y0, double x1, double y1)
{
    enum { N_STEPS = 200 };

    for (int k = 0; k <= N_STEPS; k++) {
        double share = (double)k / N_STEPS, x = x0 + share * (x1 - x0), y = y0 + share * (y1 - y0);
        if (x > wanted.left && x < wanted.right && y > wanted.bottom && y < wanted.top) return true;
    }
    return false;
}

static bool meets_series(const jf_panel *panel, const jf_panel_layout *layout, const jf_series *series,
                         box wanted)
{
    const double point_mm = 0.8;
    double x, y, last_x = NAN, last_y = NAN;

    for (size_t i = 0; i < series->n; i++) {
        bool visible = jf_series_visible(panel, series, i);
        if (visible) find_point(panel, layout, series, i, &x, &y);
        if (series->kind == JF_SERIES_LINE) {
            if (visible && !isnan(last_x) && crosses(wanted, last_x, last_y, x, y)) return true;
            last_x = visible ? x : NAN;
            last_y = visible ? y : NAN;
        } else if (visible &&
                   overlap(wanted, (box){x - point_mm, x + point_mm, y - point_mm, y + point_mm})) {
            return true;
        }
    }
    return false;
}

/* Is the box inside the plot area, and off every point, line and name that stands already? */
static bool is_free(const jf_panel *panel, const jf_panel_layout *layout, box wanted)
{
    if (wanted.left < layout->left + 0.3 || wanted.right > layout->right || wanted.bottom < layout->bottom ||
        wanted.top > layout->top || meets_name(layout, wanted))
        return false;
    for (size_t s = 0; s < panel->n_series; s++) {
        const jf_series *series = &panel->series[s];
        bool counts = series->kind == JF_SERIES_POINTS || series->kind == JF_SERIES_RANGES ||
                      series->kind == JF_SERIES_LINE;
        if (counts && meets_series(panel, layout, series, wanted)) return false;
    }
    return true;
}

/* The first free place of some around the point; a name without one is left out, since the key or a table
 * has it too. */
static jf_status name_point(const jf_panel *panel, jf_panel_layout *out, const char *name, double x, double y,
                            jf_error *err)
{
    static const double places[][2] = {{0, 1},   {0, 0.6},   {-1, 1},     {0, 0},       {-1, 0},  {0, -1},
                                       {-1, -1}, {-1, -0.7}, {-0.5, 1.3}, {-0.5, -1.3}, {0, -0.7}};
    double width = jf_lettering_width(name, JF_NAME_PT), lift = JF_NAME_PT * JF_MM_PER_PT * 0.8;

    for (size_t k = 0; k < sizeof places / sizeof *places; k++) {
        double side = places[k][0], left = x + side * width + (side < -0.9 ? -off_mm : side < 0 ? 0 : off_mm);
        double at = y + places[k][1] * lift;
        if (is_free(panel, out, box_of_name(left, at, width))) return add_name(out, name, left, at, err);
    }
    return JF_OK;
}

static jf_status name_points(const jf_panel *panel, const jf_series *series, jf_panel_layout *out,
                             jf_error *err)
{
    double room = 0.45 * (out->right - out->left), x, y;
    jf_status status = JF_OK;

    out->name_pt = JF_NAME_PT;
    JF_TRY(reserve(out, series->n, err));
    for (size_t i = 0; i < series->n; i++) {
        char *shown;
        if (!jf_series_visible(panel, series, i) || !*series->names[i]) continue;
        find_point(panel, out, series, i, &x, &y);
        shown = jf_lettering_fit(series->names[i], JF_NAME_PT, room);
        JF_TRY_NEW(shown, err, "the names in a figure");
        status = name_point(panel, out, shown, x, y, err);
        jf_free(shown);
        if (status != JF_OK) goto done;
    }
done:
    return status;
}

jf_status jf_layout_names(const jf_panel *panel, jf_panel_layout *out, jf_error *err)
{
    for (size_t s = 0; s < panel->n_series; s++) {
        const jf_series *series = &panel->series[s];
        jf_status status = JF_OK;
        if (!series->names || series->n == 0) continue;
        status = series->kind == JF_SERIES_CELLS ? name_cells(panel, series, out, err)
                                                 : name_points(panel, series, out, err);
        if (status != JF_OK) return status;
    }
    return JF_OK;
}
