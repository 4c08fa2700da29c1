/* What the files of the layout share. */
#ifndef JF_PLOTS_LAYOUT_PARTS_H
#define JF_PLOTS_LAYOUT_PARTS_H

#include "plots/layout.h"

#define JF_MM_PER_PT  0.35277777777777775
#define JF_EDGE_MM    1.2
#define JF_TIC_MM     1.0
#define JF_GAP_MM     0.9
#define JF_KEY_ROW_MM 3.8

/* Margins of a panel around its plot area. */
typedef struct jf_margins {
    double left, right, bottom, top;
} jf_margins;

/* Ranges, tics, labels and the size of the plot area (out->right and out->top) of a panel in a cell of a
 * given width; `height_mm` of the plot area, 0: what suits it. */
jf_status jf_layout_measure(const jf_figure *figure, size_t index, double cell_mm, double height_mm,
                            jf_panel_layout *out, jf_margins *room, jf_error *err);
/* Moves a measured panel to its cell and sets its titles. `baseline` is the lower edge of the row; `shared`
 * the left and bottom margins that it shares with its column and its row, `own` those that it needs. */
jf_status jf_layout_settle(const jf_panel *panel, double cell_left, double baseline, const jf_margins *shared,
                           const jf_margins *own, jf_panel_layout *out, jf_error *err);
/* Names beside points and inside cells of a settled panel, where there is room. */
jf_status jf_layout_names(const jf_panel *panel, jf_panel_layout *out, jf_error *err);
/* The note and the key on top of the panels; they add to the height. */
jf_status jf_layout_note(jf_layout *layout, jf_error *err);
jf_status jf_layout_keys(const jf_figure *figure, jf_layout *layout, jf_error *err);

#endif
