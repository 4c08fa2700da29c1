/* One panel of a layout: its tics, labels, margins, plot area and titles. */
#include <math.h>
#include "core/memory.h"
#include "plots/lettering.h"
#include "plots/layout_parts.h"

static const double category_mm = 4.6, widest_cell_mm = 9, longest_turned_mm = 26, lowest_mm = 8,
                    lowest_free_mm = 24;

/* ---- categories ---- */

static jf_status shorten(char *const *categories, size_t n, double room_mm, char ***out, size_t *n_out,
                         jf_error *err)
{
    if (n == 0) return JF_OK;
    *out = JF_NEW_ZEROED(char *, n);
    if (!*out) return jf_fail(err, JF_ENOMEM, "out of memory for the labels of a figure");
    *n_out = n;
    for (size_t i = 0; i < n; i++) {
        (*out)[i] = jf_lettering_fit(categories[i], JF_LETTER_PT, room_mm);
        if (!(*out)[i]) return jf_fail(err, JF_ENOMEM, "out of memory for the labels of a figure");
    }
    return JF_OK;
}

static double widest(char *const *labels, size_t n)
{
    double width = 0;
    for (size_t i = 0; i < n; i++) width = fmax(width, jf_lettering_width(labels[i], JF_LETTER_PT));
    return width;
}

/* ---- margins ---- */

static double title_room(const jf_axis *axis)
{
    return axis->title && *axis->title ? JF_TITLE_PT * JF_MM_PER_PT + JF_GAP_MM : 0;
}

static jf_margins find_margins(const jf_panel *panel, const jf_panel_layout *layout)
{
    double beside = layout->n_y_labels ? widest(layout->y_labels, layout->n_y_labels)
                                       : jf_scale_label_width(&layout->y, JF_LETTER_PT);
    double below =
        layout->turned ? widest(layout->x_labels, layout->n_x_labels) : JF_LETTER_PT * JF_MM_PER_PT;
    jf_margins room;

    room.left = JF_EDGE_MM + title_room(&panel->y) + beside + JF_TIC_MM + JF_GAP_MM;
    room.right = JF_EDGE_MM + fmax(1.5, jf_scale_label_width(&layout->x, JF_LETTER_PT) / 2);
    room.bottom = JF_EDGE_MM + title_room(&panel->x) + below + JF_TIC_MM + JF_GAP_MM;
    room.top = panel->title ? JF_TITLE_PT * JF_MM_PER_PT + 2 * JF_GAP_MM : 2 * JF_GAP_MM;
    return room;
}

/* ---- the plot area ---- */

static double natural_height(const jf_panel *panel, double width_mm)
{
    double n_down = (double)panel->y.n_categories, n_across = (double)panel->x.n_categories;

    if (n_down > 0 && n_across > 0) return (n_down + 0.2) * fmin(width_mm / (n_across + 0.2), widest_cell_mm);
    if (n_down > 0) return fmax(12, category_mm * (n_down + 0.2));
    return panel->square ? width_mm : fmax(width_mm * 0.68, fmin(width_mm, lowest_free_mm));
}

static void build_scales(const jf_panel *panel, const jf_span *x, const jf_span *y, double width_mm,
                         double height_mm, jf_panel_layout *out)
{
    jf_scale_room across = {width_mm, JF_LETTER_PT, true, panel->x.doubling, !x->fractions};
    jf_scale_room up = {height_mm, JF_LETTER_PT, false, panel->y.doubling, !y->fractions};

    if (panel->x.n_categories)
        out->x = (jf_scale){.low = x->low, .high = x->high};
    else
        jf_scale_build(&out->x, panel->x.log, x->low, x->high, &across);
    if (panel->y.n_categories)
        out->y = (jf_scale){.low = y->low, .high = y->high};
    else
        jf_scale_build(&out->y, panel->y.log, y->low, y->high, &up);
}

/* Margins and tics depend on one another: three rounds settle them. */
jf_status jf_layout_measure(const jf_figure *figure, size_t index, double cell_mm, double height_mm,
                            jf_panel_layout *out, jf_margins *room, jf_error *err)
{
    const jf_panel *panel = &figure->panels[index];
    double width = cell_mm * 0.75, height = height_mm > 0 ? height_mm : cell_mm * 0.5;
    jf_status status = JF_OK;
    jf_span x, y;

    if (!jf_panel_extent(panel, &x, &y, &out->hidden))
        return jf_fail(err, JF_EDATA, "figure '%s': panel %zu has nothing that can be drawn", figure->name,
                       index + 1);
    JF_TRY(shorten(panel->y.categories, panel->y.n_categories, cell_mm * 0.42, &out->y_labels,
                   &out->n_y_labels, err));
    JF_TRY(shorten(panel->x.categories, panel->x.n_categories, longest_turned_mm, &out->x_labels,
                   &out->n_x_labels, err));
    out->turned = out->n_x_labels > 0;
    for (int round = 0; round < 3; round++) {
        build_scales(panel, &x, &y, width, height, out);
        *room = find_margins(panel, out);
        width = cell_mm - room->left - room->right;
        if (!(height_mm > 0)) height = natural_height(panel, width);
        if (width < lowest_mm || height < lowest_mm)
            JF_TRY(jf_fail(err, JF_EUSAGE, "figure '%s': the size leaves no room for panel %zu", figure->name,
                           index + 1));
    }
    out->right = width;
    out->top = height;
done:
    return status;
}

/* ---- titles ---- */

static jf_status place(jf_lettering *lettering, const char *text, double room_mm, double x, double y,
                       jf_error *err)
{
    if (!text || !*text) return JF_OK;
    lettering->text = jf_lettering_fit(text, JF_TITLE_PT, room_mm);
    lettering->x = x;
    lettering->y = y;
    return lettering->text ? JF_OK : jf_fail(err, JF_ENOMEM, "out of memory for a title of a figure");
}

/* A title wider than its axis must not leave the page. */
static void keep_between(double low, double high, const jf_lettering *lettering, double *middle)
{
    double half;

    if (!lettering->text) return;
    half = jf_lettering_width(lettering->text, JF_TITLE_PT) / 2;
    *middle = fmin(*middle, high - JF_EDGE_MM - half);
    *middle = fmax(*middle, low + JF_EDGE_MM + half);
}

jf_status jf_layout_settle(const jf_panel *panel, double cell_left, double baseline, const jf_margins *shared,
                           const jf_margins *own, jf_panel_layout *out, jf_error *err)
{
    double width = out->right, height = out->top, half_title = JF_TITLE_PT * JF_MM_PER_PT / 2;
    double room_across = width + shared->left - JF_EDGE_MM, room_up = height + shared->bottom - JF_EDGE_MM;
    jf_status status = JF_OK;

    out->left = cell_left + shared->left;
    out->right = out->left + width;
    out->bottom = baseline + shared->bottom;
    out->top = out->bottom + height;
    JF_TRY(place(&out->title, panel->title, room_across, out->left, out->top + JF_GAP_MM + half_title, err));
    JF_TRY(place(&out->x_title, panel->x.title, room_across, (out->left + out->right) / 2,
                 out->bottom - own->bottom + JF_EDGE_MM + half_title, err));
    JF_TRY(place(&out->y_title, panel->y.title, room_up, out->left - own->left + JF_EDGE_MM + half_title,
                 (out->bottom + out->top) / 2, err));
    keep_between(cell_left, out->right + own->right, &out->x_title, &out->x_title.x);
    keep_between(baseline, out->top + own->top, &out->y_title, &out->y_title.y);
done:
    return status;
}
