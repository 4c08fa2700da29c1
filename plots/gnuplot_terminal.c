/* The three kinds of file that gnuplot draws. */
#include <math.h>
#include <string.h>
#include "plots/gnuplot_parts.h"

static const jf_terminal terminals[] = {
    {".pdf", "set terminal pdfcairo noenhanced color", "cm", 0.1, 1, 0.75, 1.2, 1, 2, .tic_lift = 0.2},
    {".svg", "set terminal svg noenhanced background '#ffffff'", "", 96 / 25.4, 96.0 / 72, NAN, 0.75, NAN,
     1.6, .is_svg = true, .tic_lift = 0.7},
    {".png", "set terminal pngcairo noenhanced color background '#ffffff'", "", 300 / 25.4, 1, 300.0 / 96,
     2.4, 4.2, 2.6, .tic_lift = 0.2},
};

const jf_terminal *jf_terminal_find(const char *path)
{
    size_t length = strlen(path);

    for (size_t i = 0; i < sizeof terminals / sizeof *terminals; i++) {
        size_t suffix = strlen(terminals[i].suffix);
        if (length >= suffix && strcmp(path + length - suffix, terminals[i].suffix) == 0)
            return &terminals[i];
    }
    return NULL;
}

void jf_gnuplot_add_font(jf_text *script, const jf_terminal *kind, double size_pt)
{
    jf_gnuplot_add_number(script, " font 'Arial,", size_pt * kind->font, "'");
}

void jf_gnuplot_add_terminal(jf_text *script, const jf_terminal *kind, const jf_layout *layout)
{
    bool whole = strcmp(kind->unit, "") == 0;
    double width = layout->width * kind->per_mm, height = layout->height * kind->per_mm;

    jf_text_add(script, kind->start);
    jf_gnuplot_add_font(script, kind, JF_LETTER_PT);
    if (isfinite(kind->fontscale)) jf_gnuplot_add_number(script, " fontscale ", kind->fontscale, "");
    if (isfinite(kind->pointscale)) jf_gnuplot_add_number(script, " pointscale ", kind->pointscale, "");
    jf_gnuplot_add_number(script, " linewidth ", kind->linewidth, "");
    jf_gnuplot_add_number(script, " dashlength ", kind->dashlength, "");
    jf_gnuplot_add_number(script, " size ", whole ? round(width) : width, kind->unit);
    jf_gnuplot_add_number(script, ",", whole ? round(height) : height, kind->unit);
    jf_text_add(script, "\n");
}
