/* A figure in gnuplot's language, for draw.c and for tests. */
#ifndef JF_PLOTS_GNUPLOT_H
#define JF_PLOTS_GNUPLOT_H

#include "core/text.h"
#include "plots/figure.h"
#include "plots/layout.h"

/* Adds `text` as a string of gnuplot's language that stands for nothing but its characters: cleaned, in
 * single quotes, where neither backquotes nor macros nor backslashes mean anything. */
void jf_gnuplot_quote(jf_text *script, const char *text);
/* ".pdf", ".svg" or ".png" when the name ends so, else NULL. */
const char *jf_gnuplot_suffix(const char *path);
/* Adds the script that draws into ./STEM.SUFFIX from ./STEM.dat, and what that file holds. */
jf_status jf_gnuplot_write(const jf_figure *figure, const jf_layout *layout, const char *stem,
                           const char *suffix, jf_text *script, jf_text *data, jf_error *err);

/* As jf_figure_draw; what gnuplot said although it succeeded is added to `words`. */
jf_status jf_figure_draw_heard(const jf_figure *figure, const char *path, bool keep, jf_text *words,
                               jf_error *err);

/* Colours of the palette as 0xRRGGBB, by series colour. */
enum { JF_N_COLOURS = 8 };
extern const unsigned jf_palette[JF_N_COLOURS];

#endif
