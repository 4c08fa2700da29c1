/* Ranges of a panel's axes from its data. */
#include "plots/extent.h"

#include <math.h>

/* Which arrays of a series lie along which axis. */
typedef struct geometry {
    bool uses_x, uses_y;
    char ends; /* axis along which low and high lie, 0: none */
    bool needs_ends;
    char foot; /* axis on whose zero it stands */
    bool is_line;
} geometry;

static const geometry geometries[JF_N_SERIES_KINDS] = {
    [JF_SERIES_POINTS] = {.uses_x = true, .uses_y = true},
    [JF_SERIES_DENSITY] = {.uses_x = true, .uses_y = true},
    [JF_SERIES_LINE] = {.uses_x = true, .uses_y = true, .is_line = true},
    [JF_SERIES_DASHED] = {.uses_x = true, .uses_y = true, .is_line = true},
    [JF_SERIES_BAND] = {.uses_x = true, .ends = 'y', .needs_ends = true, .is_line = true},
    [JF_SERIES_BARS] = {.uses_x = true, .foot = 'x'},
    [JF_SERIES_RANGES] = {.uses_x = true, .uses_y = true, .ends = 'y'},
    [JF_SERIES_BOXES] = {.uses_y = true, .ends = 'x', .needs_ends = true, .foot = 'y'},
    [JF_SERIES_RULES] = {.uses_x = true, .is_line = true},
    [JF_SERIES_CELLS] = {.uses_x = false},
};

static geometry geometry_of(const jf_panel *panel, const jf_series *series)
{
    geometry g = geometries[series->kind];

    if (panel->y.n_categories) { /* categories have places, not values */
        g.uses_y = false;
        if (g.ends == 'y') g.ends = 'x';
    }
    return g;
}

static bool usable(double value, bool log)
{
    return isfinite(value) && (!log || value > 0);
}

static bool has_place(geometry g, const jf_series *series, size_t i, bool x_log, bool y_log)
{
    bool ends_log = g.ends == 'x' ? x_log : y_log;

    if (g.uses_x && !usable(series->x[i], x_log)) return false;
    if (g.uses_y && !usable(series->y[i], y_log)) return false;
    return !g.needs_ends || (usable(series->low[i], ends_log) && usable(series->high[i], ends_log));
}

bool jf_series_visible(const jf_panel *panel, const jf_series *series, size_t i)
{
    return has_place(geometry_of(panel, series), series, i, panel->x.log, panel->y.log);
}

bool jf_series_is_line(const jf_series *series)
{
    return geometries[series->kind].is_line;
}

static void widen(jf_span *range, double value)
{
    if (!usable(value, range->log)) return;
    if (!(range->low <= value)) range->low = value;
    if (!(range->high >= value)) range->high = value;
    range->fractions |= value != round(value);
}

static void widen_by_point(geometry g, const jf_series *series, size_t i, jf_span *x, jf_span *y)
{
    jf_span *along = g.ends == 'x' ? x : y, *stands = g.foot == 'x' ? x : y;

    if (g.uses_x) widen(x, series->x[i]);
    if (g.uses_y) widen(y, series->y[i]);
    if (g.ends && series->low) widen(along, series->low[i]);
    if (g.ends && series->high) widen(along, series->high[i]);
    if (g.foot && !stands->log) widen(stands, 0);
}

static bool stands_on(const jf_panel *panel, char axis)
{
    for (size_t i = 0; i < panel->n_series; i++)
        if (geometries[panel->series[i].kind].foot == axis) return true;
    return false;
}

/* Ends that the data do not touch; one value alone gets a range around it. */
static void pad(jf_span *range, bool from_zero)
{
    if (range->log) {
        double factor = range->high > range->low ? pow(range->high / range->low, 0.05) : 2;
        range->low /= factor;
        range->high *= factor;
    } else {
        double size = range->high - range->low;
        double more = size > 1e-12 * fabs(range->high) ? 0.05 * size : fmax(fabs(range->high) * 0.5, 0.5);
        if (!(from_zero && range->low == 0)) range->low -= more;
        if (!(from_zero && range->high == 0)) range->high += more;
    }
}

/* What the axis says comes before what the data say. */
static void settle(jf_span *range, const jf_axis *axis, bool from_zero)
{
    if (axis->n_categories) {
        *range = (jf_span){.low = -0.6, .high = (double)axis->n_categories - 0.4};
        return;
    }
    pad(range, from_zero);
    if (usable(axis->low, axis->log)) range->low = axis->low;
    if (usable(axis->high, axis->log)) range->high = axis->high;
}

bool jf_panel_extent(const jf_panel *panel, jf_span *x, jf_span *y, jf_hidden *hidden)
{
    size_t n_visible = 0;

    *x = (jf_span){NAN, NAN, panel->x.log, false};
    *y = (jf_span){NAN, NAN, panel->y.log, false};
    *hidden = (jf_hidden){0};
    for (size_t s = 0; s < panel->n_series; s++) {
        const jf_series *series = &panel->series[s];
        geometry g = geometry_of(panel, series);
        for (size_t i = 0; i < series->n; i++) {
            bool visible = jf_series_visible(panel, series, i);
            if (visible) widen_by_point(g, series, i, x, y);
            n_visible += visible;
            if (visible || g.is_line) continue;
            if (has_place(g, series, i, false, false))
                hidden->n_not_positive++;
            else
                hidden->n_missing++;
        }
    }
    if (n_visible == 0) return false;
    if (panel->square) {
        widen(x, y->low), widen(x, y->high);
        widen(y, x->low), widen(y, x->high);
    }
    settle(x, &panel->x, stands_on(panel, 'x'));
    settle(y, &panel->y, stands_on(panel, 'y'));
    return x->low < x->high && y->low < y->high;
}
