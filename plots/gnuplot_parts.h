/* What the files that write gnuplot's language share; nothing else knows it. */
#ifndef JF_PLOTS_GNUPLOT_PARTS_H
#define JF_PLOTS_GNUPLOT_PARTS_H

#include "plots/gnuplot.h"
#include "plots/layout.h"

#define JF_INK 0x222222u

/* ---- gnuplot_words.c ---- */

/* A quoted string, cleaned; `tic`: gnuplot takes it for a format, so that % is doubled. */
void jf_gnuplot_add_text(jf_text *script, const char *text, bool tic);
/* A file in the working folder: "./" keeps names like "|id.pdf" or "<ls.dat" from being taken for commands.
 */
void jf_gnuplot_add_file(jf_text *script, const char *stem, const char *suffix);
/* `before`, number, `after`. */
void jf_gnuplot_add_number(jf_text *script, const char *before, double value, const char *after);

/* ---- gnuplot_terminal.c ---- */

/* Measures of a terminal. gnuplot takes a point for 1/72 inch in sizes but for 1/96 inch in its cairo fonts,
 * and draws lines of width 1 differently thick; the factors make all three print alike. */
typedef struct jf_terminal {
    const char *suffix, *start, *unit;
    double per_mm;                           /* units of size */
    double font;                             /* factor on sizes in points, written into the font's name */
    double fontscale, linewidth, pointscale; /* NAN: not an option of this terminal */
    double dashlength;
    bool is_svg;
    double tic_lift; /* of labels below an axis, in lines: nearer to it */
} jf_terminal;

/* By the end of a name that has more to it, or by the suffix itself; NULL when there is none. */
const jf_terminal *jf_terminal_find(const char *path);
void jf_gnuplot_add_terminal(jf_text *script, const jf_terminal *kind, const jf_layout *layout);
void jf_gnuplot_add_font(jf_text *script, const jf_terminal *kind, double size_pt);

/* ---- what is being written ---- */

typedef struct jf_writer {
    jf_text *script, *data;
    const jf_figure *figure;
    const jf_layout *layout;
    const jf_terminal *kind;
    const char *stem;
    size_t n_blocks; /* of data so far */
} jf_writer;

/* ---- gnuplot_frame.c ---- */

/* " screen X,Y" of a place on the page. */
void jf_gnuplot_add_place(const jf_writer *to, double x_mm, double y_mm);
/* Axes, titles and names of a panel; the key and the note of the whole figure. */
void jf_gnuplot_add_axes(const jf_writer *to, const jf_panel_layout *panel);
void jf_gnuplot_add_keys(const jf_writer *to);

/* ---- gnuplot_density.c ---- */

/* The rows of a density: squares, as columns of cells are, with a comment on how many points there are. */
jf_status jf_gnuplot_add_density(const jf_writer *to, const jf_panel *panel, const jf_panel_layout *layout,
                                 const jf_series *series, jf_error *err);
/* From the lightest (0) to the darkest (1). */
unsigned jf_density_colour(double share);

/* ---- gnuplot_styles.c ---- */

enum { JF_BAND_TRANSPARENCY = 0xc0, JF_BAR_TRANSPARENCY = 0x30, JF_BOX_TRANSPARENCY = 0x60 };

unsigned jf_gnuplot_colour(const jf_series *series);
int jf_gnuplot_point_type(const jf_series *series);
/* gnuplot's #AARRGGBB, where AA is transparency. */
void jf_gnuplot_add_colour(jf_text *script, unsigned transparency, unsigned colour);
/* Points get smaller and more transparent as they get more. */
void jf_gnuplot_add_point_style(jf_text *script, const jf_series *series, size_t n);
void jf_gnuplot_add_line_style(jf_text *script, const jf_series *series);

/* ---- gnuplot_samples.c ---- */

/* The sample in the key: its left end and its middle height in millimetres. */
void jf_gnuplot_add_sample(const jf_writer *to, const jf_series *series, double left, double y);

/* ---- gnuplot_series.c ---- */

/* A row of data. */
void jf_gnuplot_add_data(jf_text *data, const double *values, size_t n);

/* The block of data of a series, and how it is drawn: "with points ...". */
jf_status jf_gnuplot_add_block(jf_writer *to, size_t panel, const jf_series *series, jf_error *err);
void jf_gnuplot_add_element(const jf_writer *to, const jf_series *series);

#endif
