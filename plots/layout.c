/* Panels in rows and columns, and what stands above them. */
#include "plots/layout.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "plots/layout_parts.h"

static const double lowest_plot_mm = 10, lowest_category_mm = 2.7, narrow_mm = 100;
enum { most_below = 3 };

typedef struct grid {
    size_t n_columns, n_rows;
    double cell_mm;
    double *heights;   /* of the plot areas of each row; NULL: what suits the panels */
    jf_margins *rooms; /* of each panel */
} grid;

/* One left margin a column and one bottom margin a row, so that plot areas line up. */
static double column_left(const grid *cells, size_t n_panels, size_t panel)
{
    double left = 0;
    for (size_t i = panel % cells->n_columns; i < n_panels; i += cells->n_columns)
        left = fmax(left, cells->rooms[i].left);
    return left;
}

static size_t row_end(const grid *cells, size_t n_panels, size_t row)
{
    size_t end = (row + 1) * cells->n_columns;
    return end < n_panels ? end : n_panels;
}

static double row_bottom(const grid *cells, size_t n_panels, size_t row)
{
    double bottom = 0;
    for (size_t i = row * cells->n_columns; i < row_end(cells, n_panels, row); i++)
        bottom = fmax(bottom, cells->rooms[i].bottom);
    return bottom;
}

static double row_height(const grid *cells, const jf_layout *layout, size_t row)
{
    double above = 0;
    for (size_t i = row * cells->n_columns; i < row_end(cells, layout->n_panels, row); i++)
        above = fmax(above, layout->panels[i].top + cells->rooms[i].top);
    return row_bottom(cells, layout->n_panels, row) + above;
}

/* Narrows a plot area to its column's left margin; a square one stays square unless its height is given. */
static void align_panel(const jf_panel *panel, const grid *cells, size_t i, double left, jf_panel_layout *out)
{
    double width = cells->cell_mm - left - cells->rooms[i].right;
    if (width >= out->right) return;
    if (panel->square && !cells->heights) out->top = width;
    out->right = width;
}

/* Plot areas whose height is free are as high as the highest of their row. */
static void level_row(const jf_figure *figure, const grid *cells, size_t row, jf_layout *layout)
{
    size_t from = row * cells->n_columns, to = row_end(cells, layout->n_panels, row);
    double highest = 0;

    for (size_t i = from; i < to; i++) highest = fmax(highest, layout->panels[i].top);
    for (size_t i = from; i < to; i++) {
        const jf_panel *panel = &figure->panels[i];
        if (!panel->square && panel->y.n_categories == 0) layout->panels[i].top = highest;
    }
}

static jf_status place_panels(const jf_figure *figure, const grid *cells, jf_layout *layout, jf_error *err)
{
    size_t n = layout->n_panels;
    jf_status status = JF_OK;

    for (size_t i = 0; i < n; i++)
        align_panel(&figure->panels[i], cells, i, column_left(cells, n, i), &layout->panels[i]);
    for (size_t row = 0; row < cells->n_rows; row++) level_row(figure, cells, row, layout);
    layout->height = 0;
    for (size_t row = cells->n_rows; row-- > 0;) {
        double height = row_height(cells, layout, row);
        for (size_t i = row * cells->n_columns; i < row_end(cells, n, row); i++) {
            jf_margins shared = {.left = column_left(cells, n, i), .bottom = row_bottom(cells, n, row)};
            JF_TRY(jf_layout_settle(&figure->panels[i], (double)(i % cells->n_columns) * cells->cell_mm,
                                    layout->height, &shared, &cells->rooms[i], &layout->panels[i], err));
            JF_TRY(jf_layout_names(&figure->panels[i], &layout->panels[i], err));
        }
        layout->height += height;
    }
done:
    return status;
}

static jf_status arrange(const jf_figure *figure, const grid *cells, jf_layout *out, jf_error *err)
{
    jf_status status = JF_OK;

    out->width = cells->cell_mm * (double)cells->n_columns;
    out->panels = JF_NEW_ZEROED(jf_panel_layout, figure->n_panels);
    JF_TRY_NEW(out->panels, err, "a figure");
    out->n_panels = figure->n_panels;
    for (size_t i = 0; i < out->n_panels; i++)
        JF_TRY(jf_layout_measure(figure, i, cells->cell_mm,
                                 cells->heights ? cells->heights[i / cells->n_columns] : 0, &out->panels[i],
                                 &cells->rooms[i], err));
    JF_TRY(place_panels(figure, cells, out, err));
    JF_TRY(jf_layout_note(out, err));
    JF_TRY(jf_layout_keys(figure, out, err));
done:
    if (status != JF_OK) jf_layout_free(out);
    return status;
}

/* The least height of a row of plot areas: labels of categories must not lie on one another. */
static double least_height(const jf_figure *figure, const grid *cells, size_t row)
{
    double least = lowest_plot_mm;

    for (size_t i = row * cells->n_columns; i < row_end(cells, figure->n_panels, row); i++)
        least = fmax(least, (double)figure->panels[i].y.n_categories * lowest_category_mm);
    return least;
}

/* Stretches or shrinks the rows of plot areas so that the whole is as high as was asked for; without such a
 * wish, shrinks what is higher than a page as far as it can be. */
static jf_status fit_height(const jf_figure *figure, grid *cells, jf_layout *layout, jf_error *err)
{
    double plots = 0, stretch, least = 0;

    cells->heights = JF_NEW_ZEROED(double, cells->n_rows);
    if (!cells->heights) return jf_fail(err, JF_ENOMEM, "out of memory for a figure");
    for (size_t i = 0; i < layout->n_panels; i++) {
        double *height = &cells->heights[i / cells->n_columns];
        *height = fmax(*height, layout->panels[i].top - layout->panels[i].bottom);
    }
    for (size_t row = 0; row < cells->n_rows; row++) {
        plots += cells->heights[row];
        least = fmax(least, least_height(figure, cells, row) / cells->heights[row]);
    }
    stretch = (figure->height_mm > 0 ? figure->height_mm : JF_PAGE_MM) - (layout->height - plots);
    stretch /= plots;
    if (figure->height_mm > 0 && !(stretch >= least))
        return jf_fail(err, JF_EUSAGE, "size: a height of %g mm is not enough for figure '%s' (%.0f mm is)",
                       figure->height_mm, figure->name, ceil(layout->height));
    if (figure->height_mm <= 0) stretch = fmax(stretch, fmin(least, 1));
    for (size_t row = 0; row < cells->n_rows; row++) cells->heights[row] *= stretch;
    jf_layout_free(layout);
    return arrange(figure, cells, layout, err);
}

/* Panels a row: in a column of a page one, but two where one below another would not fit on the page. */
static size_t count_columns(const jf_figure *figure)
{
    size_t n = figure->n_panels, n_columns = figure->n_columns ? figure->n_columns : n > 1 ? 2 : 1;

    if (figure->width_mm > 0 && figure->width_mm <= narrow_mm) {
        n_columns = n > most_below ? 2 : 1;
        for (size_t i = 0; i < n; i++)
            if (figure->panels[i].y.n_categories) n_columns = 1; /* names beside it take half of the width */
    }
    return n_columns < n ? n_columns : n;
}

jf_status jf_layout_build(const jf_figure *figure, jf_layout *out, jf_error *err)
{
    jf_status status = JF_OK;
    size_t n = figure->n_panels;
    grid cells = {.n_columns = count_columns(figure)};

    memset(out, 0, sizeof *out);
    if (n == 0) return jf_fail(err, JF_EDATA, "figure '%s' has no panel", figure->name);
    cells.n_rows = (n + cells.n_columns - 1) / cells.n_columns;
    cells.cell_mm = (figure->width_mm > 0   ? figure->width_mm
                     : cells.n_columns == 1 ? JF_COLUMN_MM
                                            : JF_TEXT_MM) /
                    (double)cells.n_columns;
    cells.rooms = JF_NEW_ZEROED(jf_margins, n);
    JF_TRY_NEW(cells.rooms, err, "a figure");
    JF_TRY(arrange(figure, &cells, out, err));
    if (figure->height_mm > 0 || out->height > JF_PAGE_MM) JF_TRY(fit_height(figure, &cells, out, err));
done:
    jf_free(cells.rooms);
    jf_free(cells.heights);
    if (status != JF_OK) jf_layout_free(out);
    return status;
}

static void free_texts(char **texts, size_t n)
{
    for (size_t i = 0; texts && i < n; i++) jf_free(texts[i]);
    jf_free(texts);
}

static void free_panel(jf_panel_layout *panel)
{
    free_texts(panel->x_labels, panel->n_x_labels);
    free_texts(panel->y_labels, panel->n_y_labels);
    for (size_t i = 0; i < panel->n_names; i++) jf_free(panel->names[i].text.text);
    jf_free(panel->names);
    jf_free(panel->title.text);
    jf_free(panel->x_title.text);
    jf_free(panel->y_title.text);
}

void jf_layout_free(jf_layout *layout)
{
    for (size_t i = 0; layout->panels && i < layout->n_panels; i++) free_panel(&layout->panels[i]);
    for (size_t i = 0; i < layout->n_keys; i++) jf_free(layout->keys[i].text.text);
    jf_free(layout->panels);
    jf_free(layout->keys);
    jf_free(layout->note.text);
    memset(layout, 0, sizeof *layout);
}
