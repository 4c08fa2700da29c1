/* A table as aligned plain text: columns are narrowed, then left out, until it fits the page. */
#include "reports/text_page.h"

#include <string.h>
#include "core/memory.h"
#include "reports/faces.h"

enum { COMFORTABLE = 18 };

typedef struct grid {
    const jf_doc_table *table;
    size_t *widths; /* n_columns */
    bool *shown;    /* n_columns */
} grid;

static size_t total_width(const grid *cells)
{
    size_t total = JF_PAGE_GUTTER;
    for (size_t c = 0; c < cells->table->n_columns; c++)
        if (cells->shown[c]) total += cells->widths[c] + (total > JF_PAGE_GUTTER ? JF_PAGE_COLUMN_GAP : 0);
    return total;
}

static void measure(grid *cells)
{
    const jf_doc_table *table = cells->table;

    for (size_t c = 0; c < table->n_columns; c++) {
        cells->shown[c] = true;
        cells->widths[c] = jf_text_width(table->columns[c].title);
        for (size_t r = 0; r < table->n_rows; r++) {
            size_t width = jf_text_width(jf_doc_cell(table, r, c));
            if (width > cells->widths[c]) cells->widths[c] = width;
        }
    }
}

/* The shown column that is the first to go, or n_columns when all that is left must stay. */
static size_t first_to_go(const grid *cells)
{
    size_t n = cells->table->n_columns, found = n;

    for (size_t c = 0; c < n; c++) {
        int priority = cells->table->columns[c].priority;
        if (!cells->shown[c] || priority == 0) continue;
        if (found == n || priority >= cells->table->columns[found].priority) found = c;
    }
    return found;
}

/* May this column's cells take several lines? Numbers are never cut. */
static bool is_words(const grid *cells, size_t column)
{
    return cells->shown[column] && cells->table->columns[column].align == JF_LEFT;
}

/* What the columns of words can give up when none becomes narrower than `least`. */
static size_t slack(const grid *cells, size_t least)
{
    size_t total = 0;
    for (size_t c = 0; c < cells->table->n_columns; c++)
        if (is_words(cells, c) && cells->widths[c] > least) total += cells->widths[c] - least;
    return total;
}

/* Narrows the widest columns of words, none below `least`, until the table fits or none is left. */
static void narrow(grid *cells, size_t width, size_t least)
{
    size_t n = cells->table->n_columns;

    while (total_width(cells) > width) {
        size_t widest = n;
        for (size_t c = 0; c < n; c++)
            if (is_words(cells, c) && cells->widths[c] > least &&
                (widest == n || cells->widths[c] > cells->widths[widest]))
                widest = c;
        if (widest == n) return;
        cells->widths[widest]--;
    }
}

/* Wraps long words a little before a column goes, and wraps them much when no more can go. */
static void fit_to_page(grid *cells, size_t width)
{
    size_t goes;

    while (total_width(cells) > width + slack(cells, COMFORTABLE) &&
           (goes = first_to_go(cells)) < cells->table->n_columns)
        cells->shown[goes] = false;
    narrow(cells, width, COMFORTABLE);
    narrow(cells, width, JF_PAGE_NARROWEST);
}

/* One printed line of a cell that may take several; `text` moves on. */
static void add_cell_line(const jf_page *to, const char **text, size_t width, jf_align align, bool last)
{
    size_t length = jf_page_next_line(*text, width), used, before, after;
    char *line = jf_copy_bytes(*text, length);

    if (!line) {
        to->out->failed = true;
        return;
    }
    used = jf_text_width(line);
    before = used >= width        ? 0
             : align == JF_RIGHT  ? width - used
             : align == JF_CENTRE ? (width - used) / 2
                                  : 0;
    after = used + before >= width || last ? 0 : width - used - before;
    jf_text_pad(to->out, ' ', before);
    jf_text_add(to->out, line);
    jf_text_pad(to->out, ' ', after);
    *text += length;
    *text += jf_page_skip_blanks(*text);
    jf_free(line);
}

static void trim_end(jf_text *out)
{
    while (out->length && out->data[out->length - 1] == ' ') out->data[--out->length] = '\0';
}

static size_t last_shown(const grid *cells)
{
    size_t last = 0;
    for (size_t c = 0; c < cells->table->n_columns; c++)
        if (cells->shown[c]) last = c;
    return last;
}

/* A row on as many lines as its longest cell takes. `rest`: n_columns texts, used up. */
static void add_row(const jf_page *to, const grid *cells, const char **rest, const char *gutter)
{
    const jf_doc_table *table = cells->table;
    size_t last = last_shown(cells);
    bool more = true;

    while (more) {
        size_t before = JF_PAGE_GUTTER;
        jf_text_add(to->out, gutter);
        more = false;
        for (size_t c = 0; c < table->n_columns; c++) {
            if (!cells->shown[c]) continue;
            if (before != JF_PAGE_GUTTER) jf_text_pad(to->out, ' ', JF_PAGE_COLUMN_GAP);
            before = 0;
            add_cell_line(to, &rest[c], cells->widths[c], table->columns[c].align, c == last);
            more |= *rest[c] != '\0';
        }
        trim_end(to->out);
        jf_text_add(to->out, "\n");
        gutter = "  ";
        if (to->out->failed) return;
    }
}

static void add_rule(const jf_page *to, const grid *cells)
{
    size_t before = JF_PAGE_GUTTER;

    jf_text_pad(to->out, ' ', JF_PAGE_GUTTER);
    for (size_t c = 0; c < cells->table->n_columns; c++) {
        if (!cells->shown[c]) continue;
        if (before != JF_PAGE_GUTTER) jf_text_pad(to->out, ' ', JF_PAGE_COLUMN_GAP);
        before = 0;
        jf_text_pad(to->out, '-', cells->widths[c]);
    }
    jf_text_add(to->out, "\n");
}

static void add_dropped(const jf_page *to, const grid *cells)
{
    jf_text note = {0};

    for (size_t c = 0; c < cells->table->n_columns; c++) {
        if (cells->shown[c]) continue;
        jf_text_add(&note, note.length ? ", " : "(no room for: ");
        jf_text_add(&note, cells->table->columns[c].title);
    }
    if (note.length) {
        jf_text_add(&note, ")");
        jf_text_pad(to->out, ' ', JF_PAGE_GUTTER);
        if (note.data) jf_page_add_wrapped(to, note.data, JF_PAGE_GUTTER);
    }
    to->out->failed |= note.failed;
    jf_text_free(&note);
}

static void add_rows(const jf_page *to, const grid *cells, const char **rest)
{
    const jf_doc_table *table = cells->table;

    for (size_t c = 0; c < table->n_columns; c++) rest[c] = table->columns[c].title;
    add_row(to, cells, rest, "  ");
    add_rule(to, cells);
    for (size_t r = 0; r < table->n_rows && !to->out->failed; r++) {
        bool marked = table->emphasis[r];
        if (r > 0 && r == table->rule_above) add_rule(to, cells);
        for (size_t c = 0; c < table->n_columns; c++) {
            rest[c] = jf_doc_cell(table, r, c);
            rest[c] += jf_page_skip_blanks(rest[c]);
        }
        if (marked && to->colour) jf_text_add(to->out, "\x1b[1m");
        add_row(to, cells, rest, marked ? "* " : "  ");
        if (marked && to->colour) jf_text_add(to->out, "\x1b[0m");
    }
}

jf_status jf_page_add_table(const jf_page *to, const jf_doc_table *table, jf_error *err)
{
    grid cells = {.table = table,
                  .widths = JF_NEW_ZEROED(size_t, table->n_columns),
                  .shown = JF_NEW_ZEROED(bool, table->n_columns)};
    const char **rest = JF_NEW_ZEROED(const char *, table->n_columns);
    jf_status status = JF_OK;

    JF_TRY_NEW(cells.widths && cells.shown && rest, err, "a table");
    if (table->caption) {
        jf_page_add_bold(to, table->caption);
        jf_text_add(to->out, "\n\n");
    }
    measure(&cells);
    fit_to_page(&cells, to->width);
    add_rows(to, &cells, rest);
    add_dropped(to, &cells);
done:
    jf_free(cells.widths);
    jf_free(cells.shown);
    jf_free(rest);
    return status;
}
