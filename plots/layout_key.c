/* What stands above the panels: the key, and the note of what could not be shown. */
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "plots/layout_parts.h"
#include "plots/lettering.h"

static const double between_entries_mm = 4;

static bool already_in_key(const jf_layout *layout, const jf_series *series)
{
    for (size_t i = 0; i < layout->n_keys; i++) {
        const jf_series *other = layout->keys[i].series;
        if (other->kind == series->kind && other->colour == series->colour &&
            strcmp(other->title, series->title) == 0)
            return true;
    }
    return false;
}

/* The nameless line that joins a series of points: it has their colour. Grey ones are guides. */
static const jf_series *find_line(const jf_panel *panel, const jf_series *points)
{
    if (points->kind != JF_SERIES_POINTS || points->colour < 0) return NULL;
    for (size_t s = 0; s < panel->n_series; s++) {
        const jf_series *line = &panel->series[s];
        bool is_line = line->kind == JF_SERIES_LINE || line->kind == JF_SERIES_DASHED;
        if (is_line && !line->title && line->colour == points->colour) return line;
    }
    return NULL;
}

static jf_status collect(const jf_figure *figure, jf_layout *layout, jf_error *err)
{
    double room = layout->width - 2 * JF_EDGE_MM - JF_KEY_SAMPLE_MM - 2;
    size_t capacity = 0;

    for (size_t p = 0; p < figure->n_panels; p++) {
        for (size_t s = 0; s < figure->panels[p].n_series; s++) {
            const jf_series *series = &figure->panels[p].series[s];
            jf_key_entry *entry;
            if (!series->title || !*series->title || already_in_key(layout, series)) continue;
            if (!jf_grow((void **)&layout->keys, &capacity, layout->n_keys + 1, sizeof *layout->keys))
                return jf_fail(err, JF_ENOMEM, "out of memory for the key of a figure");
            entry = &layout->keys[layout->n_keys++];
            *entry = (jf_key_entry){.series = series, .line = find_line(&figure->panels[p], series)};
            entry->text.text = jf_lettering_fit(series->title, JF_LETTER_PT, room);
            if (!entry->text.text) return jf_fail(err, JF_ENOMEM, "out of memory for the key of a figure");
        }
    }
    return JF_OK;
}

static double entry_width(const jf_key_entry *entry)
{
    return JF_KEY_SAMPLE_MM + 1 + jf_lettering_width(entry->text.text, JF_LETTER_PT);
}

/* The key begins above the first plot area, unless an entry is too long for that. */
static double find_left(const jf_layout *layout)
{
    for (size_t i = 0; i < layout->n_keys; i++)
        if (layout->panels[0].left + entry_width(&layout->keys[i]) > layout->width - JF_EDGE_MM)
            return JF_EDGE_MM;
    return layout->panels[0].left;
}

/* Entries from left to right, as many a row as the width holds. */
jf_status jf_layout_keys(const jf_figure *figure, jf_layout *layout, jf_error *err)
{
    jf_status status = collect(figure, layout, err);
    double left, x;
    size_t row = 0;

    if (status != JF_OK || layout->n_keys == 0) return status;
    x = left = find_left(layout);
    for (size_t i = 0; i < layout->n_keys; i++) {
        jf_lettering *text = &layout->keys[i].text;
        double width = entry_width(&layout->keys[i]);
        if (x > left && x + width > layout->width - JF_EDGE_MM) {
            x = left;
            row++;
        }
        text->x = x;
        text->y = (double)row;
        x += width + between_entries_mm;
    }
    layout->height += JF_KEY_ROW_MM * (double)(row + 1) + JF_GAP_MM;
    for (size_t i = 0; i < layout->n_keys; i++) {
        jf_lettering *text = &layout->keys[i].text;
        text->y = layout->height - JF_GAP_MM - JF_KEY_ROW_MM * (text->y + 0.5);
    }
    return JF_OK;
}

jf_status jf_layout_note(jf_layout *layout, jf_error *err)
{
    jf_hidden all = {0};
    jf_text note = {0};

    for (size_t i = 0; i < layout->n_panels; i++) {
        all.n_missing += layout->panels[i].hidden.n_missing;
        all.n_not_positive += layout->panels[i].hidden.n_not_positive;
    }
    if (all.n_missing + all.n_not_positive == 0) return JF_OK;
    jf_text_add(&note, "not shown: ");
    if (all.n_missing) jf_text_addf(&note, "%zu missing", all.n_missing);
    if (all.n_not_positive)
        jf_text_addf(&note, "%s%zu not positive, on a log axis", all.n_missing ? ", " : "",
                     all.n_not_positive);
    if (note.failed) return jf_fail(err, JF_ENOMEM, "out of memory for the note of a figure");
    layout->note.text = jf_lettering_fit(note.data, JF_LETTER_PT, layout->width - 2 * JF_EDGE_MM);
    jf_text_free(&note);
    if (!layout->note.text) return jf_fail(err, JF_ENOMEM, "out of memory for the note of a figure");
    layout->note.x = fmax(
        JF_EDGE_MM, fmin(layout->panels[0].left,
                         layout->width - JF_EDGE_MM - jf_lettering_width(layout->note.text, JF_LETTER_PT)));
    layout->note.y = layout->height + JF_KEY_ROW_MM / 2;
    layout->height += JF_KEY_ROW_MM;
    return JF_OK;
}
