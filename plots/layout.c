/* Where everything in a figure stands. */
#include "plots/layout.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "plots/lettering.h"

static const double mm_per_pt = 25.4 / 72;
static const double column_mm = 84, text_mm = 174; /* the widths journals print at */
static const double edge_mm = 1.2, tic_mm = 1.0, gap_mm = 0.9, key_row_mm = 3.8, category_mm = 4.6;

/* ---- ranges ---- */

typedef struct span {
    double low, high;
    bool log;
    bool fractions; /* some point is no whole number */
} span;

static bool usable(double value, bool log)
{
    return isfinite(value) && (!log || value > 0);
}

static void widen(span *range, double value)
{
    if (!usable(value, range->log)) return;
    if (!(range->low <= value)) range->low = value;
    if (!(range->high >= value)) range->high = value;
}

static bool has_categories(const jf_panel *panel)
{
    for (size_t i = 0; i < panel->n_series; i++)
        if (panel->series[i].labels) return true;
    return false;
}

bool jf_series_visible(const jf_panel *panel, const jf_series *series, size_t i)
{
    bool x_log = panel->x.log, y_log = panel->y.log;

    switch (series->kind) {
    case JF_SERIES_BAND:
        return usable(series->x[i], x_log) && usable(series->low[i], y_log) && usable(series->high[i], y_log);
    case JF_SERIES_BARS: return usable(series->x[i], x_log);
    case JF_SERIES_RANGES:
        if (series->labels) return usable(series->x[i], x_log);
        return usable(series->x[i], x_log) && usable(series->y[i], y_log);
    default: return usable(series->x[i], x_log) && usable(series->y[i], y_log);
    }
}

static bool is_whole(double value)
{
    return value == round(value);
}

static void widen_by_point(const jf_series *series, size_t i, span *x, span *y)
{
    widen(x, series->x[i]);
    x->fractions |= !is_whole(series->x[i]);
    y->fractions |= !series->y || !is_whole(series->y[i]);
    switch (series->kind) {
    case JF_SERIES_BAND:
        widen(y, series->low[i]);
        widen(y, series->high[i]);
        break;
    case JF_SERIES_BARS:
        if (!x->log) widen(x, 0);
        break;
    case JF_SERIES_RANGES:
        if (series->low) widen(series->labels ? x : y, series->low[i]);
        if (series->high) widen(series->labels ? x : y, series->high[i]);
        if (!series->labels) widen(y, series->y[i]);
        break;
    default: widen(y, series->y[i]);
    }
}

/* Ends that the data do not touch; one value alone gets a range around it. */
static void pad(span *range, bool from_zero)
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

static void apply_axis(span *range, const jf_axis *axis)
{
    if (usable(axis->low, axis->log)) range->low = axis->low;
    if (usable(axis->high, axis->log)) range->high = axis->high;
}

static bool has_kind(const jf_panel *panel, jf_series_kind kind)
{
    for (size_t i = 0; i < panel->n_series; i++)
        if (panel->series[i].kind == kind) return true;
    return false;
}

/* Ranges of both axes, and how many points have no place on them. False when nothing has. */
static bool find_ranges(const jf_panel *panel, span *x, span *y, size_t *n_hidden)
{
    size_t n_visible = 0;

    *x = (span){NAN, NAN, panel->x.log, false};
    *y = (span){NAN, NAN, panel->y.log, false};
    *n_hidden = 0;
    for (size_t s = 0; s < panel->n_series; s++) {
        const jf_series *series = &panel->series[s];
        for (size_t i = 0; i < series->n; i++) {
            bool visible = jf_series_visible(panel, series, i);
            if (visible) widen_by_point(series, i, x, y);
            n_visible += visible;
            *n_hidden += !visible && series->kind != JF_SERIES_LINE && series->kind != JF_SERIES_DASHED &&
                         series->kind != JF_SERIES_BAND;
        }
    }
    if (n_visible == 0) return false;
    if (panel->square) {
        widen(x, y->low), widen(x, y->high);
        widen(y, x->low), widen(y, x->high);
    }
    pad(x, has_kind(panel, JF_SERIES_BARS));
    pad(y, false);
    apply_axis(x, &panel->x);
    apply_axis(y, &panel->y);
    return x->low < x->high && y->low < y->high;
}

/* ---- panels ---- */

static const jf_series *first_labelled(const jf_panel *panel)
{
    for (size_t i = 0; i < panel->n_series; i++)
        if (panel->series[i].labels) return &panel->series[i];
    return NULL;
}

static jf_status fit_category_labels(const jf_panel *panel, double room_mm, jf_panel_layout *out,
                                     jf_error *err)
{
    const jf_series *series = first_labelled(panel);

    out->labels = JF_NEW_ZEROED(char *, series->n);
    if (!out->labels) return jf_fail(err, JF_ENOMEM, "out of memory for the labels of a figure");
    out->n_labels = series->n;
    for (size_t i = 0; i < series->n; i++) {
        out->labels[i] = jf_lettering_fit(series->labels[i], JF_LETTER_PT, room_mm);
        if (!out->labels[i]) return jf_fail(err, JF_ENOMEM, "out of memory for the labels of a figure");
    }
    return JF_OK;
}

static double letter_mm(void)
{
    return JF_LETTER_PT * mm_per_pt;
}

static double widest_label(const jf_panel_layout *panel)
{
    double widest = 0;
    for (size_t i = 0; i < panel->n_labels; i++)
        widest = fmax(widest, jf_lettering_width(panel->labels[i], JF_LETTER_PT));
    return widest;
}

static double title_room(const jf_axis *axis)
{
    return axis->title && *axis->title ? JF_TITLE_PT * mm_per_pt + gap_mm : 0;
}

/* Margins of a panel once its tics are known. */
typedef struct margins {
    double left, right, bottom, top;
} margins;

static margins find_margins(const jf_panel *panel, const jf_panel_layout *layout)
{
    double labels = layout->labels ? widest_label(layout) : jf_scale_label_width(&layout->y, JF_LETTER_PT);
    margins room;

    room.left = edge_mm + title_room(&panel->y) + labels + tic_mm + gap_mm;
    room.right = edge_mm + fmax(1.5, jf_scale_label_width(&layout->x, JF_LETTER_PT) / 2);
    room.bottom = edge_mm + title_room(&panel->x) + letter_mm() + tic_mm + gap_mm;
    room.top = panel->title ? JF_TITLE_PT * mm_per_pt + 2 * gap_mm : 2 * gap_mm;
    return room;
}

static double plot_height(const jf_panel *panel, const jf_panel_layout *layout, double plot_width)
{
    if (layout->labels) return fmax(12, category_mm * ((double)layout->n_labels + 0.2));
    return panel->square ? plot_width : plot_width * 0.68;
}

static void build_scales(const jf_panel *panel, const span *x, const span *y, double width_mm,
                         double height_mm, jf_panel_layout *out)
{
    jf_scale_room across = {width_mm, JF_LETTER_PT, true, !x->fractions};
    jf_scale_room up = {height_mm, JF_LETTER_PT, false, !y->fractions};

    jf_scale_build(&out->x, panel->x.log, x->low, x->high, &across);
    if (out->labels)
        out->y = (jf_scale){.low = -0.6, .high = (double)out->n_labels - 0.4};
    else
        jf_scale_build(&out->y, panel->y.log, y->low, y->high, &up);
}

/* Ranges, tics and the size of the plot area of one panel in a cell of a given width; left and bottom are not
 * yet known. Margins and tics depend on one another: two rounds settle them. */
static jf_status measure_panel(const jf_figure *figure, size_t index, double cell_mm, jf_panel_layout *out,
                               margins *room, jf_error *err)
{
    const jf_panel *panel = &figure->panels[index];
    jf_status status = JF_OK;
    span x, y;
    double width = cell_mm * 0.75, height = cell_mm * 0.5;

    if (!find_ranges(panel, &x, &y, &out->n_hidden) && !has_categories(panel))
        return jf_fail(err, JF_EDATA, "figure '%s': panel %zu has no point that can be drawn", figure->name,
                       index + 1);
    if (has_categories(panel)) JF_TRY(fit_category_labels(panel, cell_mm * 0.42, out, err));
    if (!(x.low < x.high))
        return jf_fail(err, JF_EDATA, "figure '%s': panel %zu has no value that can be drawn", figure->name,
                       index + 1);
    for (int round = 0; round < 3; round++) {
        build_scales(panel, &x, &y, width, height, out);
        *room = find_margins(panel, out);
        width = cell_mm - room->left - room->right;
        height = plot_height(panel, out, width);
    }
    out->right = width;
    out->top = height;
done:
    return status;
}

static jf_status place(jf_lettering *lettering, const char *text, double room_mm, double x, double y,
                       jf_error *err)
{
    if (!text || !*text) return JF_OK;
    lettering->text = jf_lettering_fit(text, JF_TITLE_PT, room_mm);
    lettering->x = x;
    lettering->y = y;
    return lettering->text ? JF_OK : jf_fail(err, JF_ENOMEM, "out of memory for a title of a figure");
}

/* Moves a measured panel to its cell and sets its titles. `baseline` is the lower edge of the row. */
static jf_status settle_panel(const jf_panel *panel, double cell_left, double baseline, double left,
                              double bottom, jf_panel_layout *out, jf_error *err)
{
    double width = out->right, height = out->top, title = JF_TITLE_PT * mm_per_pt;
    jf_status status = JF_OK;

    out->left = cell_left + left;
    out->right = out->left + width;
    out->bottom = baseline + bottom;
    out->top = out->bottom + height;
    JF_TRY(place(&out->title, panel->title, width + left - edge_mm, out->left, out->top + gap_mm + title / 2,
                 err));
    JF_TRY(place(&out->x_title, panel->x.title, width + left - edge_mm, (out->left + out->right) / 2,
                 baseline + edge_mm + title / 2, err));
    JF_TRY(place(&out->y_title, panel->y.title, height + bottom - edge_mm, cell_left + edge_mm + title / 2,
                 (out->bottom + out->top) / 2, err));
    if (out->x_title.text) { /* a title wider than its axis must not leave the page */
        double half = jf_lettering_width(out->x_title.text, JF_TITLE_PT) / 2;
        out->x_title.x = fmax(out->x_title.x, cell_left + edge_mm + half);
    }
    if (out->y_title.text) {
        double half = jf_lettering_width(out->y_title.text, JF_TITLE_PT) / 2;
        out->y_title.y = fmax(out->y_title.y, baseline + edge_mm + half);
    }
done:
    return status;
}

/* ---- rows of panels ---- */

typedef struct grid {
    size_t n_columns, n_rows;
    double cell_mm;
    margins *rooms; /* of each panel */
} grid;

/* One left margin a column and one bottom margin a row, so that plot areas line up. */
static double column_left(const grid *cells, size_t n_panels, size_t panel)
{
    double left = 0;
    for (size_t i = panel % cells->n_columns; i < n_panels; i += cells->n_columns)
        left = fmax(left, cells->rooms[i].left);
    return left;
}

static double row_bottom(const grid *cells, size_t n_panels, size_t row)
{
    double bottom = 0;
    for (size_t i = row * cells->n_columns; i < n_panels && i < (row + 1) * cells->n_columns; i++)
        bottom = fmax(bottom, cells->rooms[i].bottom);
    return bottom;
}

static double row_height(const grid *cells, const jf_layout *layout, size_t row)
{
    double above = 0;
    for (size_t i = row * cells->n_columns; i < layout->n_panels && i < (row + 1) * cells->n_columns; i++)
        above = fmax(above, layout->panels[i].top + cells->rooms[i].top);
    return row_bottom(cells, layout->n_panels, row) + above;
}

/* Narrows a plot area to its column's left margin; a square one stays square. */
static void align_panel(const jf_figure *figure, const grid *cells, size_t i, double left,
                        jf_panel_layout *panel)
{
    double width = cells->cell_mm - left - cells->rooms[i].right;
    if (width >= panel->right) return;
    if (figure->panels[i].square) panel->top = width;
    panel->right = width;
}

static jf_status place_panels(const jf_figure *figure, const grid *cells, jf_layout *layout, jf_error *err)
{
    double baseline = 0;

    for (size_t i = 0; i < layout->n_panels; i++)
        align_panel(figure, cells, i, column_left(cells, layout->n_panels, i), &layout->panels[i]);
    for (size_t row = cells->n_rows; row-- > 0;) {
        double bottom = row_bottom(cells, layout->n_panels, row), height = row_height(cells, layout, row);
        for (size_t c = 0; c < cells->n_columns && row * cells->n_columns + c < layout->n_panels; c++) {
            size_t i = row * cells->n_columns + c;
            jf_status status =
                settle_panel(&figure->panels[i], (double)c * cells->cell_mm, baseline,
                             column_left(cells, layout->n_panels, i), bottom, &layout->panels[i], err);
            if (status != JF_OK) return status;
        }
        baseline += height;
    }
    layout->height = baseline;
    return JF_OK;
}

/* ---- key and note ---- */

static bool already_in_key(const jf_layout *layout, const jf_series *series)
{
    for (size_t i = 0; i < layout->n_keys; i++) {
        const jf_series *other = layout->keys[i].series;
        if (other->kind == series->kind && other->colour == series->colour &&
            !strcmp(other->title, series->title))
            return true;
    }
    return false;
}

static jf_status collect_keys(const jf_figure *figure, jf_layout *layout, jf_error *err)
{
    size_t capacity = 0;

    for (size_t p = 0; p < figure->n_panels; p++) {
        for (size_t s = 0; s < figure->panels[p].n_series; s++) {
            const jf_series *series = &figure->panels[p].series[s];
            if (!series->title || !*series->title || already_in_key(layout, series)) continue;
            if (!jf_grow((void **)&layout->keys, &capacity, layout->n_keys + 1, sizeof *layout->keys))
                return jf_fail(err, JF_ENOMEM, "out of memory for the key of a figure");
            layout->keys[layout->n_keys] = (jf_key_entry){.series = series};
            layout->keys[layout->n_keys].text.text = jf_lettering_fit(
                series->title, JF_LETTER_PT, layout->width - 2 * edge_mm - JF_KEY_SAMPLE_MM - 2);
            if (!layout->keys[layout->n_keys++].text.text)
                return jf_fail(err, JF_ENOMEM, "out of memory for the key of a figure");
        }
    }
    return JF_OK;
}

/* Entries from left to right, as many a row as the width holds; adds the rows to the height. */
static void place_keys(jf_layout *layout)
{
    double left = layout->panels[0].left, x = left;
    size_t row = 0;
    double room = layout->width - edge_mm;

    for (size_t i = 0; i < layout->n_keys; i++) { /* a long entry may begin at the edge */
        double width = JF_KEY_SAMPLE_MM + 1 + jf_lettering_width(layout->keys[i].text.text, JF_LETTER_PT);
        if (left + width > room) left = edge_mm;
    }
    x = left;
    for (size_t i = 0; i < layout->n_keys; i++) {
        jf_lettering *text = &layout->keys[i].text;
        double width = JF_KEY_SAMPLE_MM + 1 + jf_lettering_width(text->text, JF_LETTER_PT);
        if (x > left && x + width > room) {
            x = left;
            row++;
        }
        text->x = x;
        text->y = (double)row;
        x += width + 4;
    }
    if (layout->n_keys == 0) return;
    layout->height += key_row_mm * (double)(row + 1) + gap_mm;
    for (size_t i = 0; i < layout->n_keys; i++) {
        jf_lettering *text = &layout->keys[i].text;
        text->y = layout->height - gap_mm - key_row_mm * (text->y + 0.5);
    }
}

static jf_status place_note(jf_layout *layout, jf_error *err)
{
    size_t hidden = 0;
    jf_text note = {0};

    for (size_t i = 0; i < layout->n_panels; i++) hidden += layout->panels[i].n_hidden;
    if (hidden == 0) return JF_OK;
    jf_text_addf(&note, "%zu point%s missing or not positive: not shown", hidden, hidden == 1 ? "" : "s");
    layout->note.text = jf_text_take(&note);
    if (!layout->note.text) return jf_fail(err, JF_ENOMEM, "out of memory for the note of a figure");
    layout->note.x = layout->panels[0].left;
    layout->note.y = layout->height + key_row_mm / 2;
    layout->height += key_row_mm;
    return JF_OK;
}

/* ---- the whole ---- */

jf_status jf_layout_build(const jf_figure *figure, jf_layout *out, jf_error *err)
{
    jf_status status = JF_OK;
    size_t n = figure->n_panels;
    grid cells = {.n_columns = figure->n_columns ? figure->n_columns : n > 1 ? 2 : 1};

    memset(out, 0, sizeof *out);
    if (cells.n_columns > n) cells.n_columns = n ? n : 1;
    cells.n_rows = (n + cells.n_columns - 1) / cells.n_columns;
    out->width = figure->width_mm > 0 ? figure->width_mm : cells.n_columns == 1 ? column_mm : text_mm;
    cells.cell_mm = out->width / (double)cells.n_columns;
    cells.rooms = JF_NEW_ZEROED(margins, n);
    out->panels = JF_NEW_ZEROED(jf_panel_layout, n);
    JF_TRY_NEW(cells.rooms && out->panels, err, "a figure");
    out->n_panels = n;
    if (n == 0) JF_TRY(jf_fail(err, JF_EDATA, "figure '%s' has no panel", figure->name));
    for (size_t i = 0; i < n; i++)
        JF_TRY(measure_panel(figure, i, cells.cell_mm, &out->panels[i], &cells.rooms[i], err));
    JF_TRY(place_panels(figure, &cells, out, err));
    JF_TRY(place_note(out, err));
    JF_TRY(collect_keys(figure, out, err));
    place_keys(out);
done:
    jf_free(cells.rooms);
    if (status != JF_OK) jf_layout_free(out);
    return status;
}

void jf_layout_free(jf_layout *layout)
{
    for (size_t i = 0; layout->panels && i < layout->n_panels; i++) {
        jf_panel_layout *panel = &layout->panels[i];
        for (size_t k = 0; panel->labels && k < panel->n_labels; k++) jf_free(panel->labels[k]);
        jf_free(panel->labels);
        jf_free(panel->title.text);
        jf_free(panel->x_title.text);
        jf_free(panel->y_title.text);
    }
    for (size_t i = 0; i < layout->n_keys; i++) jf_free(layout->keys[i].text.text);
    jf_free(layout->panels);
    jf_free(layout->keys);
    jf_free(layout->note.text);
    memset(layout, 0, sizeof *layout);
}
