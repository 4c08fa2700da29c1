/* A document as plain text for a terminal: within the width, colour only when asked. */
#include "reports/faces.h"

#include <string.h>
#include "core/memory.h"
#include "reports/text_page.h"

enum { CODE_INDENT = 4 };

static void add_heading(const jf_page *to, const char *text, int level)
{
    size_t width = jf_text_width(text);

    jf_page_add_bold(to, text);
    jf_text_add(to->out, "\n");
    if (level > 2 || to->colour) return;
    jf_text_pad(to->out, level < 2 ? '=' : '-', width < to->width ? width : to->width);
    jf_text_add(to->out, "\n");
}

static void add_list(const jf_page *to, const jf_block *block)
{
    for (size_t i = 0; i < block->n_items; i++) {
        jf_text_add(to->out, "- ");
        jf_page_add_wrapped(to, block->items[i], 2);
    }
}

/* Names in one column, values wrapped in the other. */
static void add_fields(const jf_page *to, const jf_block *block)
{
    size_t widest = 0;

    for (size_t i = 0; i + 1 < block->n_items; i += 2) {
        size_t width = jf_text_width(block->items[i]);
        if (width > widest) widest = width;
    }
    for (size_t i = 0; i + 1 < block->n_items; i += 2) {
        jf_text_pad(to->out, ' ', JF_PAGE_GUTTER);
        jf_text_add(to->out, block->items[i]);
        jf_text_pad(to->out, ' ', widest - jf_text_width(block->items[i]) + JF_PAGE_COLUMN_GAP);
        jf_page_add_wrapped(to, block->items[i + 1], JF_PAGE_GUTTER + widest + JF_PAGE_COLUMN_GAP);
    }
}

/* Long lines go on with a deeper indent; a law that is copied from there still reads. */
static jf_status add_code(const jf_page *to, const char *text, jf_error *err)
{
    while (*text) {
        size_t length = strcspn(text, "\n");
        char *line = jf_copy_bytes(text, length);
        if (!line) return jf_fail(err, JF_ENOMEM, "out of memory for a document");
        jf_text_pad(to->out, ' ', CODE_INDENT);
        jf_page_add_wrapped_from(to, line, CODE_INDENT, CODE_INDENT + 4);
        jf_free(line);
        text += length + (text[length] == '\n');
    }
    return JF_OK;
}

static void add_figure(const jf_page *to, const jf_block *block)
{
    const char *caption = block->figure && block->figure->caption ? block->figure->caption : "";
    jf_text line = {0};

    jf_text_addf(&line, "[figure%s%s%s%s]", *caption ? ": " : "", caption, block->path ? ", in " : "",
                 block->path ? block->path : "");
    if (line.data) jf_page_add_wrapped(to, line.data, 1);
    to->out->failed |= line.failed;
    jf_text_free(&line);
}

static jf_status add_block(const jf_page *to, const jf_block *block, jf_error *err)
{
    switch (block->kind) {
    case JF_BLOCK_HEADING: add_heading(to, block->text, block->level); break;
    case JF_BLOCK_PARAGRAPH: jf_page_add_wrapped(to, block->text, 0); break;
    case JF_BLOCK_CODE: return add_code(to, block->text, err);
    case JF_BLOCK_LIST: add_list(to, block); break;
    case JF_BLOCK_FIELDS: add_fields(to, block); break;
    case JF_BLOCK_TABLE: return jf_page_add_table(to, block->table, err);
    case JF_BLOCK_FIGURE: add_figure(to, block); break;
    }
    return JF_OK;
}

static void add_front(const jf_page *to, const char *text)
{
    if (!text) return;
    jf_page_add_wrapped(to, text, 0);
    jf_text_add(to->out, "\n");
}

jf_status jf_render_text(const jf_doc *doc, const jf_render_options *options, jf_text *out, jf_error *err)
{
    jf_page to = {.out = out,
                  .width = options && options->width > 0 ? (size_t)options->width : 80,
                  .colour = options && options->colour};
    jf_status status = JF_OK;

    JF_TRY(jf_doc_check(doc, err));
    jf_text_add(out, "");
    if (*doc->title) {
        add_heading(&to, doc->title, 1);
        if (doc->n_blocks) jf_text_add(out, "\n");
    }
    add_front(&to, doc->author);
    add_front(&to, doc->abstract);
    for (size_t i = 0; i < doc->n_blocks; i++) {
        if (i > 0) jf_text_add(out, "\n");
        JF_TRY(add_block(&to, &doc->blocks[i], err));
    }
    if (out->failed) status = jf_fail(err, JF_ENOMEM, "out of memory for a document");
done:
    return status;
}
