/* A figure as a script of gnuplot's: panels in turn. */
#include "plots/gnuplot.h"

#include "core/memory.h"
#include "plots/gnuplot_parts.h"
#include "plots/lettering.h"

static jf_status add_panel(jf_writer *to, size_t index, jf_error *err)
{
    const jf_panel *panel = &to->figure->panels[index];
    jf_text *script = to->script;
    bool first = true;

    jf_text_addf(script, "\n# panel %zu\n", index + 1);
    if (index == 0) jf_gnuplot_add_keys(to);
    jf_gnuplot_add_axes(to, &to->layout->panels[index]);
    for (size_t s = 0; s < panel->n_series; s++) {
        size_t block = to->n_blocks;
        bool drawable = false;
        jf_status status;
        for (size_t i = 0; i < panel->series[s].n; i++)
            drawable |= jf_series_visible(panel, &panel->series[s], i);
        if (!drawable) continue;
        status = jf_gnuplot_add_block(to, index, &panel->series[s], err);
        if (status != JF_OK) return status;
        jf_text_add(script, first ? "plot " : ", \\\n     ");
        jf_gnuplot_add_file(script, to->stem, ".dat");
        jf_text_addf(script, " index %zu", block);
        jf_gnuplot_add_element(to, &panel->series[s]);
        first = false;
    }
    jf_text_add(script, "\nunset label; unset arrow; unset object\n");
    return JF_OK;
}

static jf_status write_script(jf_writer *to, jf_error *err)
{
    jf_text *script = to->script;
    char *name = jf_lettering_clean(to->figure->name);
    jf_status status = JF_OK;

    JF_TRY_NEW(name, err, "a figure's script");
    jf_text_addf(script, "# %s: run with gnuplot in this folder\n", name);
    jf_text_add(script, "reset\nset encoding utf8\n");
    jf_gnuplot_add_terminal(script, to->kind, to->layout);
    jf_text_add(script, "set output ");
    jf_gnuplot_add_file(script, to->stem, to->kind->suffix);
    jf_text_addf(script,
                 "\nset border 3 linewidth 0.6 linecolor rgb '#%06x'\n"
                 "set tics nomirror out scale 0.5,0.25 textcolor rgb '#%06x'\n"
                 "set grid xtics ytics nomxtics nomytics linetype 1 linewidth 0.35 linecolor rgb '#dddddd', "
                 "linetype 1 linewidth 0 linecolor rgb '#ffffff'\n"
                 "set grid back\nset clip two\nset errorbars small\nunset key\nset multiplot\n",
                 JF_INK, JF_INK);
    jf_gnuplot_add_number(script, "set xtics offset 0,", to->kind->tic_lift, "\n");
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
    const jf_terminal *kind = jf_terminal_find(path);
    return kind ? kind->suffix : NULL;
}

jf_status jf_gnuplot_write(const jf_figure *figure, const jf_layout *layout, const char *stem,
                           const char *suffix, jf_text *script, jf_text *data, jf_error *err)
{
    jf_writer to = {.script = script,
                    .data = data,
                    .figure = figure,
                    .layout = layout,
                    .kind = jf_terminal_find(suffix),
                    .stem = stem};
    return write_script(&to, err);
}
