/* What stands around the data: axes, titles, names, the key. */
#include <math.h>
#include "core/memory.h"
#include "plots/gnuplot_parts.h"

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

static void add_words(const jf_writer *to, const char *text, bool tic)
{
    char *guarded = to->kind->is_svg ? guard_entities(text) : NULL;

    if (to->kind->is_svg && !guarded) to->script->failed = true;
    jf_gnuplot_add_text(to->script, guarded ? guarded : text, tic);
    jf_free(guarded);
}

void jf_gnuplot_add_place(const jf_writer *to, double x_mm, double y_mm)
{
    jf_gnuplot_add_number(to->script, " screen ", x_mm / to->layout->width, ",");
    jf_gnuplot_add_number(to->script, "", y_mm / to->layout->height, "");
}

static void add_coloured(const jf_writer *to, const jf_lettering *lettering, double size_pt, const char *how,
                         unsigned colour)
{
    if (!lettering->text) return;
    jf_text_add(to->script, "set label ");
    add_words(to, lettering->text, false);
    jf_text_add(to->script, " at");
    jf_gnuplot_add_place(to, lettering->x, lettering->y);
    jf_text_addf(to->script, " %s noenhanced front textcolor rgb '#%06x'", how, colour);
    jf_gnuplot_add_font(to->script, to->kind, size_pt);
    jf_text_add(to->script, "\n");
}

static void add_lettering(const jf_writer *to, const jf_lettering *lettering, double size_pt, const char *how)
{
    add_coloured(to, lettering, size_pt, how, JF_INK);
}

/* ---- key ---- */

void jf_gnuplot_add_keys(const jf_writer *to)
{
    for (size_t i = 0; i < to->layout->n_keys; i++) {
        const jf_key_entry *entry = &to->layout->keys[i];
        jf_lettering text = entry->text;
        if (entry->line) jf_gnuplot_add_sample(to, entry->line, text.x, text.y);
        jf_gnuplot_add_sample(to, entry->series, text.x, text.y);
        text.x += JF_KEY_SAMPLE_MM + 1;
        add_lettering(to, &text, JF_LETTER_PT, "left");
    }
    add_lettering(to, &to->layout->note, JF_LETTER_PT, "left");
}

/* ---- axes ---- */

static void add_tics(const jf_writer *to, const char *axis, const jf_scale *scale)
{
    jf_text *script = to->script;

    jf_text_addf(script, "set %stics noenhanced (", axis);
    for (size_t i = 0; i < scale->n_tics; i++) {
        const jf_tic *tic = &scale->tics[i];
        if (i > 0) jf_text_add(script, ", ");
        add_words(to, tic->label, true);
        jf_gnuplot_add_number(script, " ", tic->at, tic->label[0] ? " 0" : " 1");
    }
    jf_text_add(script, ")\n");
}

static void add_category_tics(const jf_writer *to, const char *axis, char *const *labels, size_t n)
{
    jf_text *script = to->script;

    jf_text_addf(script, "set %stics noenhanced (", axis);
    for (size_t i = 0; i < n; i++) {
        if (i > 0) jf_text_add(script, ", ");
        add_words(to, labels[i], true);
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

static void add_axis(const jf_writer *to, const char *axis, const jf_scale *scale, char *const *labels,
                     size_t n_labels)
{
    jf_text_addf(to->script, "%s logscale %s\n", scale->log ? "set" : "unset", axis);
    if (n_labels && *axis == 'y') /* counted from the top */
        add_range(to->script, axis, scale->high, scale->low);
    else
        add_range(to->script, axis, scale->low, scale->high);
    if (n_labels)
        add_category_tics(to, axis, labels, n_labels);
    else
        add_tics(to, axis, scale);
}

static void add_margin(const jf_writer *to, const char *name, double mm, double whole_mm)
{
    jf_text_addf(to->script, "set %smargin at screen", name);
    jf_gnuplot_add_number(to->script, " ", mm / whole_mm, "\n");
}

static void add_names(const jf_writer *to, const jf_panel_layout *panel)
{
    for (size_t i = 0; i < panel->n_names; i++) {
        const jf_name *name = &panel->names[i];
        add_coloured(to, &name->text, panel->name_pt, name->centred ? "center" : "left",
                     name->light ? 0xffffff : JF_INK);
    }
}

void jf_gnuplot_add_axes(const jf_writer *to, const jf_panel_layout *panel)
{
    add_margin(to, "l", panel->left, to->layout->width);
    add_margin(to, "r", panel->right, to->layout->width);
    add_margin(to, "b", panel->bottom, to->layout->height);
    add_margin(to, "t", panel->top, to->layout->height);
    jf_text_add(to->script, panel->turned ? "set xtics rotate by 90 right\n" : "set xtics norotate\n");
    add_axis(to, "x", &panel->x, panel->x_labels, panel->n_x_labels);
    add_axis(to, "y", &panel->y, panel->y_labels, panel->n_y_labels);
    add_lettering(to, &panel->title, JF_TITLE_PT, "left");
    add_lettering(to, &panel->x_title, JF_TITLE_PT, "center");
    add_lettering(to, &panel->y_title, JF_TITLE_PT, "center rotate by 90");
    add_names(to, panel);
}
