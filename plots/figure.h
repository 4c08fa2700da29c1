/* A figure as data: panels, axes, series. gnuplot.c turns it into PDF, SVG or PNG. */
#ifndef JF_PLOTS_FIGURE_H
#define JF_PLOTS_FIGURE_H

#include <stdbool.h>
#include <stddef.h>
#include "core/error.h"
#include "core/text.h"

/* An axis may have categories instead of numbers: category i stands at i, on the vertical axis counted from
 * the top. */
typedef enum jf_series_kind {
    JF_SERIES_POINTS,
    JF_SERIES_LINE,    /* a NaN is a gap */
    JF_SERIES_DASHED,  /* likewise */
    JF_SERIES_BAND,    /* between low and high, above x */
    JF_SERIES_BARS,    /* horizontal, from 0 to x at category y */
    JF_SERIES_RANGES,  /* a point with low..high: along x where the vertical axis has categories, else along y
                        */
    JF_SERIES_BOXES,   /* standing on 0, y high, from low to high along x: a histogram */
    JF_SERIES_RULES,   /* vertical, dashed, over the whole panel, at x */
    JF_SERIES_DENSITY, /* points that are too many to tell apart: squares, the darker the more are in them */
    JF_SERIES_CELLS,   /* squares at (x, y) of two axes with categories, coloured by z from -1 to 1 */
    JF_N_SERIES_KINDS
} jf_series_kind;

typedef struct jf_series {
    jf_series_kind kind;
    char *title;                    /* in the key; NULL: not shown */
    double *x, *y, *low, *high, *z; /* n each; NULL for those a kind does not use */
    char **names;                   /* n, or NULL: beside POINTS where there is room, inside CELLS */
    size_t n;
    int colour; /* index into the palette, -1: grey; points and dashes change shape with it */
} jf_series;

typedef struct jf_axis {
    char *title;      /* "measured energy (J)" */
    bool log;         /* points that are not positive cannot be shown: the figure then says how many */
    double low, high; /* NaN: from the data */
    bool doubling;    /* a log axis whose tics double: 1, 2, 4, 8 */
    char **categories;
    size_t n_categories; /* 0: numbers */
} jf_axis;

typedef struct jf_panel {
    char *title;
    jf_axis x, y;
    jf_series *series;
    size_t n_series;
    bool square; /* both axes alike (parity) */
} jf_panel;

#define JF_COLUMN_MM 84.0
#define JF_TEXT_MM   174.0
#define JF_PAGE_MM   235.0 /* as high as a page has room for, and no figure that can be lower is higher */

typedef struct jf_figure {
    char *name; /* "parity": file stem */
    char *caption;
    jf_panel *panels;
    size_t n_panels;  /* side by side, then in rows */
    size_t n_columns; /* panels a row; 0: up to two. A column of a page has room for one, and for two where
                         more than three without categories would stand below one another */
    double width_mm;  /* 0: column for one panel a row, else text */
    double height_mm; /* 0: what the panels need, a page at most if they can do with it */
} jf_figure;

jf_figure *jf_figure_new(const char *name, size_t n_panels);
void jf_figure_free(jf_figure *figure);
/* Gives a figure that has no panels yet n of them. */
jf_status jf_figure_set_panels(jf_figure *figure, size_t n, jf_error *err);
/* Adds a copy of the series. */
jf_status jf_panel_add(jf_panel *panel, jf_series series, jf_error *err);
jf_status jf_axis_set(jf_axis *axis, const char *title, bool log, jf_error *err);
/* Gives an axis without categories n of them (copied). */
jf_status jf_axis_set_categories(jf_axis *axis, const char *const *names, size_t n, jf_error *err);
/* "column", "text", or "120x80" in millimetres. */
jf_status jf_figure_set_size(jf_figure *figure, const char *size, jf_error *err);

/* Draws into `path`; the ending says how (.pdf .svg .png). `keep` leaves path's stem + .gp and .dat beside it
 * (the .gp runs by itself). gnuplot is run without a shell and with a time limit; its words come back in the
 * error. */
jf_status jf_figure_draw(const jf_figure *figure, const char *path, bool keep, jf_error *err);
/* Adds the figure to `out` as an <svg> element for an HTML page. Its ids begin with `prefix` (letters and
 * digits), so that several figures may stand in one page. */
jf_status jf_figure_svg(const jf_figure *figure, const char *prefix, jf_text *out, jf_error *err);

#endif
