/* A figure as data: panels, axes, series. gnuplot.c turns it into PDF, SVG or PNG. */
#ifndef JF_PLOTS_FIGURE_H
#define JF_PLOTS_FIGURE_H

#include <stdbool.h>
#include <stddef.h>
#include "core/error.h"
#include "core/text.h"

/* A panel with labels has categories down its vertical axis: label i stands at y = i, counted from the top.
 */
typedef enum jf_series_kind {
    JF_SERIES_POINTS,
    JF_SERIES_LINE,
    JF_SERIES_DASHED,
    JF_SERIES_BAND,   /* between low and high */
    JF_SERIES_BARS,   /* horizontal from 0 to x, one a label */
    JF_SERIES_RANGES, /* with labels: point at x with low..high along x, one a label; without: at (x, y) with
                         low..high along y */
} jf_series_kind;

typedef struct jf_series {
    jf_series_kind kind;
    char *title;                /* in the key; NULL: not shown */
    double *x, *y, *low, *high; /* n each; low and high for BAND and RANGES */
    char **labels;              /* BARS and RANGES: n */
    size_t n;
    int colour; /* index into the palette, -1: grey; points and dashes change shape with it */
} jf_series;

typedef struct jf_axis {
    char *title;      /* "measured energy (J)" */
    bool log;         /* points that are not positive cannot be shown: the figure then says how many */
    double low, high; /* NaN: from the data */
} jf_axis;

typedef struct jf_panel {
    char *title;
    jf_axis x, y;
    jf_series *series;
    size_t n_series;
    bool square; /* both axes alike (parity) */
} jf_panel;

typedef struct jf_figure {
    char *name; /* "parity": file stem */
    char *caption;
    jf_panel *panels;
    size_t n_panels;  /* side by side, then in rows */
    size_t n_columns; /* panels a row; 0: up to two */
    double width_mm;  /* 84 column, 174 text; 0: column for one panel, else text */
} jf_figure;

jf_figure *jf_figure_new(const char *name, size_t n_panels);
void jf_figure_free(jf_figure *figure);
/* Gives a figure that has no panels yet n of them. */
jf_status jf_figure_set_panels(jf_figure *figure, size_t n, jf_error *err);
/* Adds a series of n points (arrays copied; NULL allowed for those a kind does not use). NULL when memory ran
 * out. */
jf_series *jf_panel_add(jf_panel *panel, jf_series_kind kind, const char *title, size_t n, const double *x,
                        const double *y, const double *low, const double *high, const char *const *labels);
jf_status jf_axis_set(jf_axis *axis, const char *title, bool log, jf_error *err);

/* Draws into `path`; the ending says how (.pdf .svg .png). `keep` leaves path's stem + .gp and .dat beside it
 * (the .gp runs by itself). gnuplot is run without a shell and with a time limit; its words come back in the
 * error. */
jf_status jf_figure_draw(const jf_figure *figure, const char *path, bool keep, jf_error *err);
/* Adds the figure to `out` as an <svg> element for an HTML page. Its ids begin with `prefix` (letters and
 * digits), so that several figures may stand in one page. */
jf_status jf_figure_svg(const jf_figure *figure, const char *prefix, jf_text *out, jf_error *err);

#endif
