/* Figures in gnuplot's language: the only file that knows it. */
#include "plots/gnuplot.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "plots/layout.h"
#include "plots/lettering.h"

/* Lightness falls and rises from colour to colour, so that neighbours differ in grey; the pairs stay apart
 * under the three common colour blindnesses (after Paul Tol's "high contrast" and "muted" schemes). */
const unsigned jf_palette[JF_N_COLOURS] = {0x004488, 0xddaa33, 0xbb5566, 0x000000,
                                           0x44aa99, 0x88ccee, 0x997700, 0x9955dd};
static const unsigned grey = 0x777777, ink = 0x222222;
static const int point_types[JF_N_COLOURS] = {7, 9, 5, 13, 11, 6, 8, 4};
static const char *const dashes[JF_N_COLOURS] = {"(8,4)",  "(3,3)",         "(12,3,2,3)", "(1.5,2.5)",
                                                 "(16,4)", "(8,3,2,3,2,3)", "(5,5)",      "(2,6)"};

enum { MANY_POINTS = 20000, MOST_IN_A_CELL = 8 };
static const double cell_mm = 0.1; /* points closer than this lie on one another */

/* ---- the language ---- */

/* Every ASCII character that could mean something to any of gnuplot's passes over a line (backquotes, macros,
 * quotes, braces, comments, escapes) is written as an octal escape, which is read last. Single quotes would
 * not do: gnuplot 5.4 misreads a doubled quote at the beginning of a string. */
static void add_quoted(jf_text *script, const char *text, bool tic)
{
    static const char harmless[] = " ._-+*/=,:()[]";

    jf_text_add(script, "\"");
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        if (*at >= 0x80 || isalnum(*at) || strchr(harmless, *at))
            jf_text_add_bytes(script, (const char *)at, 1);
        else
            jf_text_addf(script, tic && *at == '%' ? "\\%03o\\%03o" : "\\%03o", *at, *at);
    }
    jf_text_add(script, "\"");
}

static void add_cleaned(jf_text *script, const char *text, bool tic)
{
    char *clean = jf_lettering_clean(text);

    if (clean)
        add_quoted(script, clean, tic);
    else
        script->failed = true;
    jf_free(clean);
}

void jf_gnuplot_quote(jf_text *script, const char *text)
{
    add_cleaned(script, text, false);
}

/* gnuplot's SVG escapes every & but that of "&#", which it takes for an entity: there it is written as one.
 */
static char *guard_entities(const char *text)
{
    jf_text guarded = {0};

    jf_text_add(&guarded, "");
    for (; *text; text++) {
        jf_text_add_bytes(&guarded, text, 1);
        if (text[0] == '&' && text[1] == '#') jf_text_add(&guarded, "#38;");
    }
    return jf_text_take(&guarded);
}

/* A file in the working folder: "./" keeps names like "|id.pdf" or "<ls.dat" from being taken for commands.
 */
static void add_file(jf_text *script, const char *stem, const char *suffix)
{
    jf_text name = {0};

    jf_text_addf(&name, "./%s%s", stem, suffix);
    if (name.failed)
        script->failed = true;
    else
        add_quoted(script, name.data, false);
    jf_text_free(&name);
}

/* `before`, number, `after`. */
static void add_number(jf_text *script, const char *before, double value, const char *after)
{
    char buffer[JF_NUMBER_TEXT];

    jf_text_add(script, before);
    jf_text_add(script, isfinite(value) ? jf_number_short(buffer, value, 8) : "NaN");
    jf_text_add(script, after);
}

static void add_datum(jf_text *data, double value, char end)
{
    char buffer[JF_NUMBER_TEXT];

    jf_text_add(data, isfinite(value) ? jf_number_exact(buffer, value) : "NaN");
    jf_text_add_bytes(data, &end, 1);
}

/* ---- terminals ---- */

/* Measures of a terminal. gnuplot takes a point for 1/72 inch in sizes but for 1/96 inch in its cairo fonts,
 * and draws lines of width 1 differently thick; the factors make all three print alike. */
typedef struct terminal {
    const char *suffix, *start, *unit;
    double per_mm;                           /* units of size */
    double font;                             /* factor on sizes in points, written into the font's name */
    double fontscale, linewidth, pointscale; /* NAN: not an option of this terminal */
    bool is_svg;
    double tic_lift; /* of labels below an axis, in lines: nearer to it */
} terminal;

static const terminal terminals[] = {
    {".pdf", "set terminal pdfcairo noenhanced color", "cm", 0.1, 1, 0.75, 1.2, 1, .tic_lift = 0.2},
    {".svg", "set terminal svg noenhanced background '#ffffff'", "", 96 / 25.4, 96.0 / 72, NAN, 0.75, NAN,
     .is_svg = true, .tic_lift = 0.7},
    {".png", "set terminal pngcairo noenhanced color background '#ffffff'", "", 300 / 25.4, 1, 300.0 / 96,
     2.4, 4.2, .tic_lift = 0.2},
};

/* By the end of a name that has more to it, or by the suffix itself. */
static const terminal *find_terminal(const char *path)
{
    size_t length = strlen(path);

    for (size_t i = 0; i < sizeof terminals / sizeof *terminals; i++) {
        size_t suffix = strlen(terminals[i].suffix);
        if (length >= suffix && strcmp(path + length - suffix, terminals[i].suffix) == 0)
            return &terminals[i];
    }
    return NULL;
}

static void add_font(jf_text *script, const terminal *kind, double size_pt)
{
    add_number(script, " font 'Arial,", size_pt * kind->font, "'");
}

static void add_terminal(jf_text *script, const terminal *kind, const jf_layout *layout)
{
    bool whole = strcmp(kind->unit, "") == 0;
    double width = layout->width * kind->per_mm, height = layout->height * kind->per_mm;

    jf_text_add(script, kind->start);
    add_font(script, kind, JF_LETTER_PT);
    if (isfinite(kind->fontscale)) add_number(script, " fontscale ", kind->fontscale, "");
    if (isfinite(kind->pointscale)) add_number(script, " pointscale ", kind->pointscale, "");
    add_number(script, " linewidth ", kind->linewidth, "");
    add_number(script, " size ", whole ? round(width) : width, kind->unit);
    add_number(script, ",", whole ? round(height) : height, kind->unit);
    jf_text_add(script, "\n");
}

/* ---- letters, key ---- */

typedef struct writer {
    jf_text *script, *data;
    const jf_figure *figure;
    const jf_layout *layout;
    const terminal *kind;
    const char *stem;
    size_t n_blocks; /* of data so far */
} writer;

static void add_words(const writer *to, const char *text, bool tic)
{
    char *guarded = to->kind->is_svg ? guard_entities(text) : NULL;

    if (to->kind->is_svg && !guarded) to->script->failed = true;
    add_cleaned(to->script, guarded ? guarded : text, tic);
    jf_free(guarded);
}

static void add_place(const writer *to, double x_mm, double y_mm)
{
    add_number(to->script, " screen ", x_mm / to->layout->width, ",");
    add_number(to->script, "", y_mm / to->layout->height, "");
}

static void add_lettering(const writer *to, const jf_lettering *lettering, double size_pt, const char *how)
{
    if (!lettering->text) return;
    jf_text_add(to->script, "set label ");
    add_words(to, lettering->text, false);
    jf_text_add(to->script, " at");
    add_place(to, lettering->x, lettering->y);
    jf_text_addf(to->script, " %s noenhanced front textcolor rgb '#%06x'", how, ink);
    add_font(to->script, to->kind, size_pt);
    jf_text_add(to->script, "\n");
}

static unsigned colour_of(const jf_series *series)
{
    return series->colour < 0 ? grey : jf_palette[series->colour % JF_N_COLOURS];
}

static size_t style_of(const jf_series *series)
{
    return series->colour < 0 ? 0 : (size_t)series->colour % JF_N_COLOURS;
}

/* gnuplot's #AARRGGBB, where AA is transparency. */
static void add_colour(jf_text *script, unsigned transparency, unsigned colour)
{
    jf_text_addf(script, " linecolor rgb '#%02x%06x'", transparency, colour);
}

/* Points get smaller and more transparent as they get more. */
static void add_point_style(jf_text *script, const jf_series *series, size_t n)
{
    static const struct {
        size_t n;
        double size;
        unsigned transparency;
    } steps[] = {{60, 0.45, 0x20}, {400, 0.36, 0x50}, {3000, 0.27, 0x88}, {SIZE_MAX, 0.2, 0xb8}};
    size_t i = 0;

    while (n > steps[i].n) i++;
    jf_text_addf(script, " pointtype %d", point_types[style_of(series)]);
    add_number(script, " pointsize ", steps[i].size, " linewidth 0.7");
    add_colour(script, steps[i].transparency, colour_of(series));
}

static void add_line_style(jf_text *script, const jf_series *series)
{
    jf_text_addf(script, " linewidth %s", series->colour < 0 ? "0.8" : "1.3");
    jf_text_addf(script, " dashtype %s",
                 series->kind == JF_SERIES_DASHED ? dashes[style_of(series)] : "solid");
    add_colour(script, 0, colour_of(series));
}

enum { BAND_TRANSPARENCY = 0xc0, BAR_TRANSPARENCY = 0x30 };

static void add_key_box(const writer *to, const jf_key_entry *entry, unsigned transparency)
{
    double left = entry->text.x, y = entry->text.y;

    jf_text_add(to->script, "set object rectangle from");
    add_place(to, left, y - 1);
    jf_text_add(to->script, " to");
    add_place(to, left + JF_KEY_SAMPLE_MM, y + 1);
    jf_text_addf(to->script, " fillcolor rgb '#%02x%06x' fillstyle solid noborder\n", transparency,
                 colour_of(entry->series));
}

static void add_key_point(const writer *to, const jf_key_entry *entry)
{
    jf_text_add(to->script, "set label '' at");
    add_place(to, entry->text.x + JF_KEY_SAMPLE_MM / 2, entry->text.y);
    jf_text_add(to->script, " point");
    add_point_style(to->script, entry->series, 1);
    jf_text_add(to->script, "\n");
}

static void add_key_sample(const writer *to, const jf_key_entry *entry)
{
    double left = entry->text.x, y = entry->text.y;

    switch (entry->series->kind) {
    case JF_SERIES_BAND: add_key_box(to, entry, BAND_TRANSPARENCY); break;
    case JF_SERIES_BARS: add_key_box(to, entry, BAR_TRANSPARENCY); break;
    case JF_SERIES_LINE:
    case JF_SERIES_DASHED:
        jf_text_add(to->script, "set arrow from");
        add_place(to, left, y);
        jf_text_add(to->script, " to");
        add_place(to, left + JF_KEY_SAMPLE_MM, y);
        jf_text_add(to->script, " nohead");
        add_line_style(to->script, entry->series);
        jf_text_add(to->script, "\n");
        break;
    case JF_SERIES_RANGES:
        if (!entry->series->low) { /* bare points */
            add_key_point(to, entry);
            break;
        }
        jf_text_add(to->script, "set arrow from");
        add_place(to, left, y);
        jf_text_add(to->script, " to");
        add_place(to, left + JF_KEY_SAMPLE_MM, y);
        jf_text_add(to->script, " nohead linewidth 1");
        add_colour(to->script, 0, colour_of(entry->series));
        jf_text_add(to->script, "\n");
        add_key_point(to, entry);
        break;
    case JF_SERIES_POINTS: add_key_point(to, entry);
    }
}

static void add_keys(const writer *to)
{
    for (size_t i = 0; i < to->layout->n_keys; i++) {
        jf_key_entry entry = to->layout->keys[i];
        add_key_sample(to, &entry);
        entry.text.x += JF_KEY_SAMPLE_MM + 1;
        add_lettering(to, &entry.text, JF_LETTER_PT, "left");
    }
    add_lettering(to, &to->layout->note, JF_LETTER_PT, "left");
}

/* ---- axes ---- */

static void add_tics(const writer *to, const char *axis, const jf_scale *scale)
{
    jf_text *script = to->script;

    jf_text_addf(script, "set %stics noenhanced (", axis);
    for (size_t i = 0; i < scale->n_tics; i++) {
        const jf_tic *tic = &scale->tics[i];
        if (i > 0) jf_text_add(script, ", ");
        add_words(to, tic->label, true);
        add_number(script, " ", tic->at, tic->label[0] ? " 0" : " 1");
    }
    jf_text_add(script, ")\n");
}

static void add_category_tics(const writer *to, const jf_panel_layout *panel)
{
    jf_text *script = to->script;

    jf_text_add(script, "set ytics noenhanced (");
    for (size_t i = 0; i < panel->n_labels; i++) {
        if (i > 0) jf_text_add(script, ", ");
        add_words(to, panel->labels[i], true);
        jf_text_addf(script, " %zu 0", i);
    }
    jf_text_add(script, ")\n");
}

/* To the last digit, so that what ends at an edge of the panel is not outside it. */
static void add_range(jf_text *script, const char *axis, double from, double to)
{
    char low[JF_NUMBER_TEXT], high[JF_NUMBER_TEXT];

    jf_text_addf(script, "set %srange [%s:%s]\n", axis, jf_number_exact(low, from),
                 jf_number_exact(high, to));
}

static void add_axis(jf_text *script, const char *axis, const jf_scale *scale)
{
    jf_text_addf(script, "%s logscale %s\n", scale->log ? "set" : "unset", axis);
    add_range(script, axis, scale->low, scale->high);
}

static void add_margin(const writer *to, const char *name, double mm, double whole_mm)
{
    jf_text_addf(to->script, "set %smargin at screen", name);
    add_number(to->script, " ", mm / whole_mm, "\n");
}

static void add_axes(const writer *to, const jf_panel_layout *panel)
{
    add_margin(to, "l", panel->left, to->layout->width);
    add_margin(to, "r", panel->right, to->layout->width);
    add_margin(to, "b", panel->bottom, to->layout->height);
    add_margin(to, "t", panel->top, to->layout->height);
    add_axis(to->script, "x", &panel->x);
    add_tics(to, "x", &panel->x);
    add_axis(to->script, "y", &panel->y);
    if (panel->labels) { /* counted from the top */
        add_range(to->script, "y", panel->y.high, panel->y.low);
        add_category_tics(to, panel);
    } else {
        add_tics(to, "y", &panel->y);
    }
    add_lettering(to, &panel->title, JF_TITLE_PT, "left");
    add_lettering(to, &panel->x_title, JF_TITLE_PT, "center");
    add_lettering(to, &panel->y_title, JF_TITLE_PT, "center rotate by 90");
}

/* ---- data ---- */

/* Where a point falls in the plot area, in cells. */
static size_t cell_of(const jf_scale *scale, double value, double length_mm, size_t n_cells)
{
    double share = scale->log ? log(value / scale->low) / log(scale->high / scale->low)
                              : (value - scale->low) / (scale->high - scale->low);
    double cell = share * length_mm / cell_mm;
    return cell <= 0 || isnan(cell) ? 0 : cell >= (double)n_cells ? n_cells - 1 : (size_t)cell;
}

/* Of very many points, those that can be told apart: `shown` (series->n) is false for points that fall where
 * MOST_IN_A_CELL others lie already, which no eye can see. */
static jf_status thin_points(const jf_panel_layout *panel, const jf_series *series, bool *shown,
                             jf_error *err)
{
    size_t n_across = (size_t)((panel->right - panel->left) / cell_mm) + 1;
    size_t n_up = (size_t)((panel->top - panel->bottom) / cell_mm) + 1;
    unsigned char *counts = JF_NEW_ZEROED(unsigned char, n_across *n_up);

    if (!counts) return jf_fail(err, JF_ENOMEM, "out of memory for a figure's points");
    for (size_t i = 0; i < series->n; i++) {
        size_t across = cell_of(&panel->x, series->x[i], panel->right - panel->left, n_across);
        size_t up = cell_of(&panel->y, series->y[i], panel->top - panel->bottom, n_up);
        unsigned char *count = &counts[up * n_across + across];
        shown[i] = *count < MOST_IN_A_CELL;
        *count += shown[i];
    }
    jf_free(counts);
    return JF_OK;
}

static double end_or(const double *ends, size_t i, double otherwise)
{
    return ends && isfinite(ends[i]) ? ends[i] : otherwise;
}

static void add_row(jf_text *data, const jf_panel_layout *panel, const jf_series *series, size_t i)
{
    double x = series->x[i], y = series->y ? series->y[i] : (double)i;

    switch (series->kind) {
    case JF_SERIES_BAND:
        add_datum(data, x, ' ');
        /* gnuplot draws bands that leave the panel wrongly */
        add_datum(data, fmax(fmin(series->low[i], panel->y.high), panel->y.low), ' ');
        add_datum(data, fmax(fmin(series->high[i], panel->y.high), panel->y.low), '\n');
        break;
    case JF_SERIES_BARS: {
        double foot = panel->x.log ? panel->x.low : 0;
        add_datum(data, x, ' ');
        jf_text_addf(data, "%zu ", i);
        add_datum(data, fmin(foot, x), ' ');
        add_datum(data, fmax(foot, x), ' ');
        add_datum(data, (double)i - 0.32, ' ');
        add_datum(data, (double)i + 0.32, '\n');
        break;
    }
    case JF_SERIES_RANGES: {
        double at = series->labels ? x : y;
        add_datum(data, x, ' ');
        add_datum(data, series->labels ? (double)i : y, ' ');
        add_datum(data, end_or(series->low, i, at), ' ');
        add_datum(data, end_or(series->high, i, at), '\n');
        break;
    }
    default: add_datum(data, x, ' '); add_datum(data, y, '\n');
    }
}

static void add_block_comment(jf_text *data, const jf_series *series, size_t block)
{
    static const char *const columns[] = {[JF_SERIES_POINTS] = "x y",
                                          [JF_SERIES_LINE] = "x y",
                                          [JF_SERIES_DASHED] = "x y",
                                          [JF_SERIES_BAND] = "x low high",
                                          [JF_SERIES_BARS] = "x place left right lower upper",
                                          [JF_SERIES_RANGES] = "x y low high"};
    char *title = jf_lettering_clean(series->title);

    jf_text_addf(data, "# block %zu: %s\n# %s\n", block, title ? title : "", columns[series->kind]);
    jf_free(title);
}

/* One block of the data file; a line keeps its gaps, other kinds leave out what has no place. */
static jf_status add_block(writer *to, size_t panel_index, const jf_series *series, jf_error *err)
{
    const jf_panel *panel = &to->figure->panels[panel_index];
    const jf_panel_layout *layout = &to->layout->panels[panel_index];
    bool is_line =
        series->kind == JF_SERIES_LINE || series->kind == JF_SERIES_DASHED || series->kind == JF_SERIES_BAND;
    bool thinned = series->kind == JF_SERIES_POINTS && series->n > MANY_POINTS;
    bool *shown = thinned ? JF_NEW_ZEROED(bool, series->n) : NULL;
    bool begun = false, gap = false;
    jf_status status = JF_OK;

    if (thinned) {
        JF_TRY_NEW(shown, err, "a figure's points");
        JF_TRY(thin_points(layout, series, shown, err));
        jf_text_addf(to->data, "# of %zu points, those that cover others wholly are left out\n", series->n);
    }
    add_block_comment(to->data, series, to->n_blocks);
    for (size_t i = 0; i < series->n; i++) {
        bool visible = jf_series_visible(panel, series, i) && (!shown || shown[i]);
        if (visible && is_line && gap) jf_text_add(to->data, "\n"); /* a blank line breaks the curve */
        if (visible) add_row(to->data, layout, series, i);
        gap = !visible && begun;
        begun |= visible;
    }
    jf_text_add(to->data, "\n\n");
    to->n_blocks++;
done:
    jf_free(shown);
    return status;
}

static void add_plot_element(const writer *to, const jf_series *series)
{
    jf_text *script = to->script;

    switch (series->kind) {
    case JF_SERIES_POINTS:
        jf_text_add(script, " using 1:2 with points");
        add_point_style(script, series, series->n);
        break;
    case JF_SERIES_LINE:
    case JF_SERIES_DASHED:
        jf_text_add(script, " using 1:2 with lines");
        add_line_style(script, series);
        break;
    case JF_SERIES_BAND:
        jf_text_addf(script,
                     " using 1:2:3 with filledcurves fillstyle solid noborder fillcolor rgb '#%02x%06x'",
                     BAND_TRANSPARENCY, colour_of(series));
        break;
    case JF_SERIES_BARS:
        jf_text_addf(script,
                     " using 1:2:3:4:5:6 with boxxyerror fillstyle solid noborder fillcolor rgb '#%02x%06x'",
                     BAR_TRANSPARENCY, colour_of(series));
        break;
    case JF_SERIES_RANGES:
        jf_text_addf(script, " using 1:2:3:4 with %s pointtype %d pointsize 0.5 linewidth 1",
                     series->labels ? "xerrorbars" : "yerrorbars", point_types[style_of(series)]);
        add_colour(script, 0, colour_of(series));
    }
    jf_text_add(script, " notitle");
}

static jf_status add_panel(writer *to, size_t index, jf_error *err)
{
    const jf_panel *panel = &to->figure->panels[index];
    jf_text *script = to->script;
    bool first = true;

    jf_text_addf(script, "\n# panel %zu\n", index + 1);
    if (index == 0) add_keys(to);
    add_axes(to, &to->layout->panels[index]);
    for (size_t s = 0; s < panel->n_series; s++) {
        size_t block = to->n_blocks;
        bool drawable = false;
        jf_status status;
        for (size_t i = 0; i < panel->series[s].n; i++)
            drawable |= jf_series_visible(panel, &panel->series[s], i);
        if (!drawable) continue;
        status = add_block(to, index, &panel->series[s], err);
        if (status != JF_OK) return status;
        jf_text_add(script, first ? "plot " : ", \\\n     ");
        add_file(script, to->stem, ".dat");
        jf_text_addf(script, " index %zu", block);
        add_plot_element(to, &panel->series[s]);
        first = false;
    }
    jf_text_add(script, "\nunset label; unset arrow; unset object\n");
    return JF_OK;
}

static jf_status write_script(writer *to, jf_error *err)
{
    jf_text *script = to->script;
    char *name = jf_lettering_clean(to->figure->name);
    jf_status status = JF_OK;

    JF_TRY_NEW(name, err, "a figure's script");
    jf_text_addf(script, "# %s: run with gnuplot in this folder\n", name);
    jf_text_add(script, "reset\nset encoding utf8\n");
    add_terminal(script, to->kind, to->layout);
    jf_text_add(script, "set output ");
    add_file(script, to->stem, to->kind->suffix);
    jf_text_addf(script,
                 "\nset border 3 linewidth 0.6 linecolor rgb '#%06x'\n"
                 "set tics nomirror out scale 0.5,0.25 textcolor rgb '#%06x'\n"
                 "set grid xtics ytics nomxtics nomytics linetype 1 linewidth 0.35 linecolor rgb '#dddddd', "
                 "linetype 1 linewidth 0 linecolor rgb '#ffffff'\n"
                 "set grid back\nset clip two\nset errorbars small\nunset key\nset multiplot\n",
                 ink, ink);
    add_number(script, "set xtics offset 0,", to->kind->tic_lift, "\n");
    for (size_t i = 0; i < to->layout->n_panels; i++) JF_TRY(add_panel(to, i, err));
    jf_text_add(script, "unset multiplot\nset output\n");
    if (script->failed || to->data->failed)
        status = jf_fail(err, JF_ENOMEM, "out of memory for a figure's script");
done:
    jf_free(name);
    return status;
}

const char *jf_gnuplot_suffix(const char *path)
{
    const terminal *kind = find_terminal(path);
    return kind ? kind->suffix : NULL;
}

jf_status jf_gnuplot_write(const jf_figure *figure, const jf_layout *layout, const char *stem,
                           const char *suffix, jf_text *script, jf_text *data, jf_error *err)
{
    writer to = {.script = script,
                 .data = data,
                 .figure = figure,
                 .layout = layout,
                 .kind = find_terminal(suffix),
                 .stem = stem};
    return write_script(&to, err);
}
