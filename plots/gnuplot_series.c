/* Series in gnuplot's language: a row of a table for each kind. */
#include <math.h>
#include <stdint.h>
#include <string.h>
#include "core/memory.h"
#include "plots/gnuplot_parts.h"
#include "plots/lettering.h"

enum { MANY_POINTS = 20000, MOST_IN_A_CELL = 8 };
static const double cell_mm = 0.1; /* points closer than this lie on one another */

/* ---- rows of data ---- */

static void add_datum(jf_text *data, double value, char end)
{
    char buffer[JF_NUMBER_TEXT];

    jf_text_add(data, isfinite(value) ? jf_number_exact(buffer, value) : "NaN");
    jf_text_add_bytes(data, &end, 1);
}

void jf_gnuplot_add_data(jf_text *data, const double *values, size_t n)
{
    for (size_t i = 0; i < n; i++) add_datum(data, values[i], i + 1 < n ? ' ' : '\n');
}

static double end_or(const double *ends, size_t i, double otherwise)
{
    return ends && isfinite(ends[i]) ? ends[i] : otherwise;
}

static double place_of(const jf_series *series, size_t i)
{
    return series->y ? series->y[i] : (double)i;
}

static void add_point_row(jf_text *data, const jf_panel_layout *panel, const jf_series *series, size_t i)
{
    (void)panel;
    jf_gnuplot_add_data(data, (const double[]){series->x[i], series->y[i]}, 2);
}

/* gnuplot draws bands that leave the panel wrongly. */
static void add_band_row(jf_text *data, const jf_panel_layout *panel, const jf_series *series, size_t i)
{
    double low = fmax(fmin(series->low[i], panel->y.high), panel->y.low);
    double high = fmax(fmin(series->high[i], panel->y.high), panel->y.low);

    jf_gnuplot_add_data(data, (const double[]){series->x[i], low, high}, 3);
}

static void add_bar_row(jf_text *data, const jf_panel_layout *panel, const jf_series *series, size_t i)
{
    double foot = panel->x.log ? panel->x.low : 0, x = series->x[i], y = place_of(series, i);

    jf_gnuplot_add_data(data, (const double[]){x, y, fmin(foot, x), fmax(foot, x), y - 0.32, y + 0.32}, 6);
}

/* With both ends on both axes: gnuplot 5.4 leaves a hole around the points of yerrorbars. */
static void add_range_row(jf_text *data, const jf_panel_layout *panel, const jf_series *series, size_t i)
{
    double x = series->x[i], y = place_of(series, i), at = panel->n_y_labels ? x : y;
    double low = end_or(series->low, i, at), high = end_or(series->high, i, at);

    if (panel->n_y_labels)
        jf_gnuplot_add_data(data, (const double[]){x, y, low, high, y, y}, 6);
    else
        jf_gnuplot_add_data(data, (const double[]){x, y, x, x, low, high}, 6);
}

static void add_box_row(jf_text *data, const jf_panel_layout *panel, const jf_series *series, size_t i)
{
    double foot = panel->y.log ? panel->y.low : 0, low = series->low[i], high = series->high[i];

    jf_gnuplot_add_data(data,
                        (const double[]){(low + high) / 2, series->y[i], low, high, fmin(foot, series->y[i]),
                                         fmax(foot, series->y[i])},
                        6);
}

static void add_rule_row(jf_text *data, const jf_panel_layout *panel, const jf_series *series, size_t i)
{
    jf_gnuplot_add_data(data, (const double[]){series->x[i], panel->y.low, 0, panel->y.high - panel->y.low},
                        4);
}

/* From orange over white to blue, both ends equally dark: the sign is in the hue, and in the number. */
static unsigned cell_colour(double z)
{
    static const double ends[2][3] = {{0xb3, 0x58, 0x06}, {0x00, 0x44, 0x88}};
    double share = fmin(fabs(z), 1);
    unsigned colour = 0;

    for (size_t c = 0; c < 3; c++)
        colour = colour << 8 | (unsigned)lround(255 + share * (ends[z > 0][c] - 255));
    return colour;
}

static void add_cell_row(jf_text *data, const jf_panel_layout *panel, const jf_series *series, size_t i)
{
    double x = series->x[i], y = series->y[i];

    (void)panel;
    jf_gnuplot_add_data(
        data, (const double[]){x, y, x - 0.5, x + 0.5, y - 0.5, y + 0.5, (double)cell_colour(series->z[i])},
        7);
}

/* ---- elements of the plot command ---- */

static void add_point_element(jf_text *script, const jf_series *series)
{
    jf_gnuplot_add_point_style(script, series, series->n);
}

static void add_line_element(jf_text *script, const jf_series *series)
{
    jf_gnuplot_add_line_style(script, series);
}

static void add_fill(jf_text *script, unsigned transparency, const jf_series *series)
{
    jf_text_addf(script, " fillstyle solid noborder fillcolor rgb '#%02x%06x'", transparency,
                 jf_gnuplot_colour(series));
}

static void add_band_element(jf_text *script, const jf_series *series)
{
    add_fill(script, JF_BAND_TRANSPARENCY, series);
}

static void add_bar_element(jf_text *script, const jf_series *series)
{
    add_fill(script, JF_BAR_TRANSPARENCY, series);
}

static void add_histogram_element(jf_text *script, const jf_series *series)
{
    add_fill(script, JF_BOX_TRANSPARENCY, series);
}

static void add_range_element(jf_text *script, const jf_series *series)
{
    jf_text_addf(script, " pointtype %d pointsize 0.5 linewidth 1", jf_gnuplot_point_type(series));
    jf_gnuplot_add_colour(script, 0, jf_gnuplot_colour(series));
}

static void add_cell_element(jf_text *script, const jf_series *series)
{
    (void)series;
    jf_text_add(script, " fillstyle solid noborder linecolor rgb variable");
}

/* ---- the table ---- */

typedef struct series_writer {
    const char *columns; /* of its block of data */
    void (*row)(jf_text *data, const jf_panel_layout *panel, const jf_series *series,
                size_t i); /* NULL: jf_gnuplot_add_density */
    const char *style;     /* which columns are drawn how */
    void (*element)(jf_text *script, const jf_series *series);
} series_writer;

static const series_writer writers[JF_N_SERIES_KINDS] = {
    [JF_SERIES_POINTS] = {"x y", add_point_row, "1:2 with points", add_point_element},
    [JF_SERIES_LINE] = {"x y", add_point_row, "1:2 with lines", add_line_element},
    [JF_SERIES_DASHED] = {"x y", add_point_row, "1:2 with lines", add_line_element},
    [JF_SERIES_BAND] = {"x low high", add_band_row, "1:2:3 with filledcurves", add_band_element},
    [JF_SERIES_BARS] = {"x place left right lower upper", add_bar_row, "1:2:3:4:5:6 with boxxyerror",
                        add_bar_element},
    [JF_SERIES_RANGES] = {"x y left right lower upper", add_range_row, "1:2:3:4:5:6 with xyerrorbars",
                          add_range_element},
    [JF_SERIES_BOXES] = {"middle height left right lower upper", add_box_row, "1:2:3:4:5:6 with boxxyerror",
                         add_histogram_element},
    [JF_SERIES_RULES] = {"x lower width height", add_rule_row, "1:2:3:4 with vectors nohead",
                         add_line_element},
    [JF_SERIES_DENSITY] = {"x y left right lower upper colour", NULL, "1:2:3:4:5:6:7 with boxxyerror",
                           add_cell_element},
    [JF_SERIES_CELLS] = {"x y left right lower upper colour", add_cell_row, "1:2:3:4:5:6:7 with boxxyerror",
                         add_cell_element},
};

void jf_gnuplot_add_element(const jf_writer *to, const jf_series *series)
{
    jf_text_addf(to->script, " using %s", writers[series->kind].style);
    writers[series->kind].element(to->script, series);
    jf_text_add(to->script, " notitle");
}

/* ---- blocks of data ---- */

/* Where a point falls in the plot area, in cells. */
static size_t cell_of(const jf_scale *scale, double value, double length_mm, size_t n_cells)
{
    double cell = jf_scale_position(scale, value, length_mm) / cell_mm;
    return cell <= 0 || isnan(cell) ? 0 : cell >= (double)n_cells ? n_cells - 1 : (size_t)cell;
}

/* Of very many points, those that can be told apart: `shown` (series->n) is false for points that fall where
 * MOST_IN_A_CELL others lie already, which no eye can see. */
static jf_status thin_points(const jf_panel_layout *panel, const jf_series *series, bool *shown,
                             jf_error *err)
{
    size_t n_across = (size_t)((panel->right - panel->left) / cell_mm) + 1;
    size_t n_up = (size_t)((panel->top - panel->bottom) / cell_mm) + 1;
    unsigned char *counts = JF_NEW_ZEROED(unsigned char, n_across *n_up);

    if (!counts) return jf_fail(err, JF_ENOMEM, "out of memory for a figure's points");
    for (size_t i = 0; i < series->n; i++) {
        size_t across = cell_of(&panel->x, series->x[i], panel->right - panel->left, n_across);
        size_t up = cell_of(&panel->y, series->y[i], panel->top - panel->bottom, n_up);
        unsigned char *count = &counts[up * n_across + across];
        shown[i] = *count < MOST_IN_A_CELL;
        *count += shown[i];
    }
    jf_free(counts);
    return JF_OK;
}

static void add_block_comment(jf_text *data, const jf_series *series, size_t block)
{
    char *title = jf_lettering_clean(series->title);

    jf_text_addf(data, "# block %zu: %s\n# %s\n", block, title ? title : "", writers[series->kind].columns);
    jf_free(title);
}

/* What can be shown, row by row; a line keeps its gaps. */
static void add_rows(const jf_writer *to, const jf_panel *panel, const jf_panel_layout *layout,
                     const jf_series *series, const bool *shown)
{
    bool is_line = jf_series_is_line(series), begun = false, gap = false;

    for (size_t i = 0; i < series->n; i++) {
        bool visible = jf_series_visible(panel, series, i) && (!shown || shown[i]);
        if (visible && is_line && gap) jf_text_add(to->data, "\n"); /* a blank line breaks the curve */
        if (visible) writers[series->kind].row(to->data, layout, series, i);
        gap = !visible && begun;
        begun |= visible;
    }
}

/* One block of the data file; kinds other than lines leave out what has no place. */
jf_status jf_gnuplot_add_block(jf_writer *to, size_t panel_index, const jf_series *series, jf_error *err)
{
    const jf_panel *panel = &to->figure->panels[panel_index];
    const jf_panel_layout *layout = &to->layout->panels[panel_index];
    bool thinned = series->kind == JF_SERIES_POINTS && series->n > MANY_POINTS;
    bool *shown = thinned ? JF_NEW_ZEROED(bool, series->n) : NULL;
    jf_status status = JF_OK;

    if (thinned) {
        JF_TRY_NEW(shown, err, "a figure's points");
        JF_TRY(thin_points(layout, series, shown, err));
        jf_text_addf(to->data, "# of %zu points, those that cover others wholly are left out\n", series->n);
    }
    add_block_comment(to->data, series, to->n_blocks);
    if (writers[series->kind].row)
        add_rows(to, panel, layout, series, shown);
    else
        JF_TRY(jf_gnuplot_add_density(to, panel, layout, series, err));
    jf_text_add(to->data, "\n\n");
    to->n_blocks++;
done:
    jf_free(shown);
    return status;
}
