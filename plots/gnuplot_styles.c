/* Colours, shapes of points and dashes of lines. */
#include <stdint.h>
#include "plots/gnuplot_parts.h"

/* Lightness falls and rises from colour to colour, so that neighbours differ in grey; the pairs stay apart
 * under the three common colour blindnesses (after Paul Tol's "high contrast" and "muted" schemes). */
const unsigned jf_palette[JF_N_COLOURS] = {0x004488, 0xddaa33, 0xbb5566, 0x000000,
                                           0x44aa99, 0x88ccee, 0x997700, 0x9955dd};
static const unsigned grey = 0x777777;
static const int point_types[JF_N_COLOURS] = {7, 9, 5, 13, 11, 6, 8, 4};
static const char *const dashes[JF_N_COLOURS] = {"(8,4)",  "(3,3)",         "(12,3,2,3)", "(1.5,2.5)",
                                                 "(16,4)", "(8,3,2,3,2,3)", "(5,5)",      "(2,6)"};

unsigned jf_gnuplot_colour(const jf_series *series)
{
    return series->colour < 0 ? grey : jf_palette[series->colour % JF_N_COLOURS];
}

static size_t style_of(const jf_series *series)
{
    return series->colour < 0 ? 0 : (size_t)series->colour % JF_N_COLOURS;
}

void jf_gnuplot_add_colour(jf_text *script, unsigned transparency, unsigned colour)
{
    jf_text_addf(script, " linecolor rgb '#%02x%06x'", transparency, colour);
}

int jf_gnuplot_point_type(const jf_series *series)
{
    return point_types[style_of(series)];
}

void jf_gnuplot_add_point_style(jf_text *script, const jf_series *series, size_t n)
{
    static const struct {
        size_t n;
        double size;
        unsigned transparency;
    } steps[] = {{60, 0.45, 0x20}, {400, 0.36, 0x50}, {3000, 0.27, 0x88}, {SIZE_MAX, 0.2, 0xb8}};
    size_t i = 0;

    while (n > steps[i].n) i++;
    jf_text_addf(script, " pointtype %d", jf_gnuplot_point_type(series));
    jf_gnuplot_add_number(script, " pointsize ", steps[i].size, " linewidth 0.7");
    jf_gnuplot_add_colour(script, steps[i].transparency, jf_gnuplot_colour(series));
}

void jf_gnuplot_add_line_style(jf_text *script, const jf_series *series)
{
    jf_text_addf(script, " linewidth %s", series->colour < 0 ? "0.8" : "1.3");
    jf_text_addf(script, " dashtype %s",
                 series->kind == JF_SERIES_DASHED || series->kind == JF_SERIES_RULES
                     ? dashes[style_of(series)]
                     : "solid");
    jf_gnuplot_add_colour(script, 0, jf_gnuplot_colour(series));
}
