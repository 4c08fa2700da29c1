/* Where everything in a figure stands: millimetres from the lower left corner, ranges, tics, key. Knows no
 * plotting program. */
#ifndef JF_PLOTS_LAYOUT_H
#define JF_PLOTS_LAYOUT_H

#include "plots/extent.h"
#include "plots/figure.h"
#include "plots/scale.h"

#define JF_TITLE_PT  8.0
#define JF_LETTER_PT 7.0
#define JF_NAME_PT   6.0

/* Text that stands somewhere. */
typedef struct jf_lettering {
    char *text; /* clean and short enough, or NULL */
    double x, y;
} jf_lettering;

/* Lettering beside a point or inside a cell; borrowed from nothing. */
typedef struct jf_name {
    jf_lettering text;   /* x: left end, or the middle when centred */
    bool centred, light; /* light: white, on a dark cell */
} jf_name;

typedef struct jf_panel_layout {
    double left, right, bottom, top; /* of the plot area */
    jf_scale x, y;
    jf_lettering title, x_title, y_title; /* left-aligned; centred; centred and turned */
    char **x_labels, **y_labels;          /* of the categories, shortened; NULL without */
    size_t n_x_labels, n_y_labels;
    bool turned; /* the labels below are written upwards */
    jf_name *names;
    size_t n_names;
    double name_pt;
    jf_hidden hidden; /* points that have no place on these axes */
} jf_panel_layout;

typedef struct jf_key_entry {
    const jf_series *series; /* what the sample looks like; borrowed from the figure */
    const jf_series *line;   /* that joins these points, or NULL; likewise */
    jf_lettering text;       /* x: where the sample begins */
} jf_key_entry;

typedef struct jf_layout {
    double width, height;
    jf_panel_layout *panels;
    size_t n_panels;
    jf_key_entry *keys; /* above the panels, each title once */
    size_t n_keys;
    jf_lettering note; /* what could not be shown */
} jf_layout;

#define JF_KEY_SAMPLE_MM 5.0

/* JF_EDATA when a panel has nothing that can be drawn; JF_EUSAGE when the size asked for has no room for it.
 * Zeroed on failure. */
jf_status jf_layout_build(const jf_figure *figure, jf_layout *out, jf_error *err);
void jf_layout_free(jf_layout *layout);

#endif
