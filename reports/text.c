/* A document as plain text for a terminal: aligned tables within the width, colour only when asked. */
#include "reports/faces.h"

#include <string.h>
#include "core/memory.h"

enum { GUTTER = 2, COLUMN_GAP = 2, NARROWEST = 8, COMFORTABLE = 18, CODE_INDENT = 4 };

typedef struct page {
    jf_text *out;
    size_t width;
    bool colour;
} page;

/* ---- words ---- */

/* Bytes of the longest beginning of `text` that is at most `width` columns wide (at least one character). */
static size_t bytes_within(const char *text, size_t length, size_t width)
{
    size_t end = 0, used = 0;

    while (end < length) {
        size_t next = end + 1, columns;
        char one[8] = "";
        while (next < length && ((unsigned char)text[next] & 0xc0) == 0x80 && next - end < 4) next++;
        memcpy(one, text + end, next - end);
        columns = jf_text_width(one);
        if (end > 0 && used + columns > width) break;
        used += columns;
        end = next;
    }
    return end;
}

/* Bytes of the next line: broken at a blank where there is one, else in the middle of a word. */
static size_t next_line(const char *text, size_t width)
{
    size_t length = strlen(text), fits = bytes_within(text, length, width), blank = fits;

    if (fits == length) return length;
    while (blank > 0 && text[blank] != ' ') blank--;
    return blank > 0 ? blank : fits;
}

static size_t skip_blanks(const char *text)
{
    return strspn(text, " ");
}

/* Wraps `text`; the first line goes where the cursor is, in column `first`, the others are indented. */
static void add_wrapped_from(const page *to, const char *text, size_t first, size_t indent)
{
    size_t column = first;

    text += skip_blanks(text);
    do {
        size_t length = next_line(text, to->width > column + NARROWEST ? to->width - column : NARROWEST);
        jf_text_add_bytes(to->out, text, length);
        jf_text_add(to->out, "\n");
        text += length;
        text += skip_blanks(text);
        column = indent;
        if (*text) jf_text_pad(to->out, ' ', indent);
    } while (*text);
}

static void add_wrapped(const page *to, const char *text, size_t indent)
{
    add_wrapped_from(to, text, indent, indent);
}

static void add_bold(const page *to, const char *text)
{
    jf_text_add(to->out, to->colour ? "\x1b[1m" : "");
    jf_text_add(to->out, text);
    jf_text_add(to->out, to->colour ? "\x1b[0m" : "");
}

static void add_heading(const page *to, const char *text, int level)
{
    size_t width = jf_text_width(text);

    add_bold(to, text);
    jf_text_add(to->out, "\n");
    if (level > 2 || to->colour) return;
    jf_text_pad(to->out, level < 2 ? '=' : '-', width < to->width ? width : to->width);
    jf_text_add(to->out, "\n");
}

/* ---- tables ---- */

typedef struct grid {
    const jf_doc_table *table;
    size_t *widths; /* n_columns */
    bool *shown;    /* n_columns */
} grid;

static size_t total_width(const grid *cells)
{
    size_t total = GUTTER;
    for (size_t c = 0; c < cells->table->n_columns; c++)
        if (cells->shown[c]) total += cells->widths[c] + (total > GUTTER ? COLUMN_GAP : 0);
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
    narrow(cells, width, NARROWEST);
}

/* One printed line of a cell that may take several; `text` moves on. */
static void add_cell_line(const page *to, const char **text, size_t width, jf_align align, bool last)
{
    size_t length = next_line(*text, width), used, before, after;
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
    *text += skip_blanks(*text);
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
static void add_row(const page *to, const grid *cells, const char **rest, const char *gutter)
{
    const jf_doc_table *table = cells->table;
    size_t last = last_shown(cells);
    bool more = true;

    while (more) {
        size_t before = GUTTER;
        jf_text_add(to->out, gutter);
        more = false;
        for (size_t c = 0; c < table->n_columns; c++) {
            if (!cells->shown[c]) continue;
            if (before != GUTTER) jf_text_pad(to->out, ' ', COLUMN_GAP);
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

static void add_rule(const page *to, const grid *cells)
{
    size_t before = GUTTER;

    jf_text_pad(to->out, ' ', GUTTER);
    for (size_t c = 0; c < cells->table->n_columns; c++) {
        if (!cells->shown[c]) continue;
        if (before != GUTTER) jf_text_pad(to->out, ' ', COLUMN_GAP);
        before = 0;
        jf_text_pad(to->out, '-', cells->widths[c]);
    }
    jf_text_add(to->out, "\n");
}

static void add_dropped(const page *to, const grid *cells)
{
    jf_text note = {0};

    for (size_t c = 0; c < cells->table->n_columns; c++) {
        if (cells->shown[c]) continue;
        jf_text_add(&note, note.length ? ", " : "(no room for: ");
        jf_text_add(&note, cells->table->columns[c].title);
    }
    if (note.length) {
        jf_text_add(&note, ")");
        jf_text_pad(to->out, ' ', GUTTER);
        if (note.data) add_wrapped(to, note.data, GUTTER);
    }
    to->out->failed |= note.failed;
    jf_text_free(&note);
}

static void add_rows(const page *to, const grid *cells, const char **rest)
{
    const jf_doc_table *table = cells->table;

    for (size_t c = 0; c < table->n_columns; c++) rest[c] = table->columns[c].title;
    add_row(to, cells, rest, "  ");
    add_rule(to, cells);
    for (size_t r = 0; r < table->n_rows && !to->out->failed; r++) {
        bool marked = table->emphasis[r];
        for (size_t c = 0; c < table->n_columns; c++) {
            rest[c] = jf_doc_cell(table, r, c);
            rest[c] += skip_blanks(rest[c]);
        }
        if (marked && to->colour) jf_text_add(to->out, "\x1b[1m");
        add_row(to, cells, rest, marked ? "* " : "  ");
        if (marked && to->colour) jf_text_add(to->out, "\x1b[0m");
    }
}

static jf_status add_table(const page *to, const jf_doc_table *table, jf_error *err)
{
    grid cells = {.table = table,
                  .widths = JF_NEW_ZEROED(size_t, table->n_columns),
                  .shown = JF_NEW_ZEROED(bool, table->n_columns)};
    const char **rest = JF_NEW_ZEROED(const char *, table->n_columns);
    jf_status status = JF_OK;

    JF_TRY_NEW(cells.widths && cells.shown && rest, err, "a table");
    if (table->caption) {
        add_bold(to, table->caption);
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

/* ---- other blocks ---- */

static void add_list(const page *to, const jf_block *block)
{
    for (size_t i = 0; i < block->n_items; i++) {
        jf_text_add(to->out, "- ");
        add_wrapped(to, block->items[i], 2);
    }
}

/* Names in one column, values wrapped in the other. */
static void add_fields(const page *to, const jf_block *block)
{
    size_t widest = 0;

    for (size_t i = 0; i + 1 < block->n_items; i += 2) {
        size_t width = jf_text_width(block->items[i]);
        if (width > widest) widest = width;
    }
    for (size_t i = 0; i + 1 < block->n_items; i += 2) {
        jf_text_pad(to->out, ' ', GUTTER);
        jf_text_add(to->out, block->items[i]);
        jf_text_pad(to->out, ' ', widest - jf_text_width(block->items[i]) + COLUMN_GAP);
        add_wrapped(to, block->items[i + 1], GUTTER + widest + COLUMN_GAP);
    }
}

/* Long lines go on with a deeper indent; a law that is copied from there still reads. */
static jf_status add_code(const page *to, const char *text, jf_error *err)
{
    while (*text) {
        size_t length = strcspn(text, "\n");
        char *line = jf_copy_bytes(text, length);
        if (!line) return jf_fail(err, JF_ENOMEM, "out of memory for a document");
        jf_text_pad(to->out, ' ', CODE_INDENT);
        add_wrapped_from(to, line, CODE_INDENT, CODE_INDENT + 4);
        jf_free(line);
        text += length + (text[length] == '\n');
    }
    return JF_OK;
}

static void add_figure(const page *to, const jf_block *block)
{
    const char *caption = block->figure && block->figure->caption ? block->figure->caption : "";
    jf_text line = {0};

    jf_text_addf(&line, "[figure%s%s%s%s]", *caption ? ": " : "", caption, block->path ? ", in " : "",
                 block->path ? block->path : "");
    if (line.data) add_wrapped(to, line.data, 1);
    to->out->failed |= line.failed;
    jf_text_free(&line);
}

static jf_status add_block(const page *to, const jf_block *block, jf_error *err)
{
    switch (block->kind) {
    case JF_BLOCK_HEADING: add_heading(to, block->text, block->level); break;
    case JF_BLOCK_PARAGRAPH: add_wrapped(to, block->text, 0); break;
    case JF_BLOCK_CODE: return add_code(to, block->text, err);
    case JF_BLOCK_LIST: add_list(to, block); break;
    case JF_BLOCK_FIELDS: add_fields(to, block); break;
    case JF_BLOCK_TABLE: return add_table(to, block->table, err);
    case JF_BLOCK_FIGURE: add_figure(to, block); break;
    }
    return JF_OK;
}

jf_status jf_render_text(const jf_doc *doc, const jf_render_options *options, jf_text *out, jf_error *err)
{
    page to = {.out = out,
               .width = options && options->width > 0 ? (size_t)options->width : 80,
               .colour = options && options->colour};
    jf_status status = JF_OK;

    JF_TRY(jf_doc_check(doc, err));
    jf_text_add(out, "");
    if (*doc->title) {
        add_heading(&to, doc->title, 1);
        if (doc->n_blocks) jf_text_add(out, "\n");
    }
    for (size_t i = 0; i < doc->n_blocks; i++) {
        if (i > 0) jf_text_add(out, "\n");
        JF_TRY(add_block(&to, &doc->blocks[i], err));
    }
    if (out->failed) status = jf_fail(err, JF_ENOMEM, "out of memory for a document");
done:
    return status;
}
