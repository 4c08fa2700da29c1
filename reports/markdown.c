/* A document as Markdown (GitHub's kind: tables with pipes). */
#include "reports/faces.h"

#include <ctype.h>
#include <string.h>

/* Underscores within words mean nothing to Markdown; column names are full of them. */
static bool is_inside_word(const char *text, const char *at)
{
    return at > text && isalnum((unsigned char)at[-1]) && isalnum((unsigned char)at[1]);
}

/* Text that stands for itself. A character that could begin a construct gets a backslash, markup becomes
 * entities. */
static void add_escaped(jf_text *out, const char *text)
{
    static const char special[] = "\\`*{}[]#|~$";

    for (const char *at = text; *at; at++) {
        bool ends = at[1] == ' ' || at[1] == '\0';
        bool opens_line = at == text && strchr("+-=", *at) && (ends || at[1] == *at);
        bool numbers_line =
            ends && strchr(".)", *at) && at > text && strspn(text, "0123456789") == (size_t)(at - text);
        if (*at == '<' || *at == '>' || *at == '&') {
            jf_text_add(out, *at == '<' ? "&lt;" : *at == '>' ? "&gt;" : "&amp;");
            continue;
        }
        if (strchr(special, *at) || opens_line || numbers_line || (*at == '_' && !is_inside_word(text, at)) ||
            (*at == '!' && at[1] == '['))
            jf_text_add(out, "\\");
        jf_text_add_bytes(out, at, 1);
    }
}

/* A path inside (...): whatever could end it or begin a scheme is percent-encoded. */
static void add_path(jf_text *out, const char *path)
{
    for (const unsigned char *at = (const unsigned char *)path; *at; at++) {
        if (isalnum(*at) || strchr("/._-", *at))
            jf_text_add_bytes(out, (const char *)at, 1);
        else
            jf_text_addf(out, "%%%02X", *at);
    }
}

/* A fence longer than any run of backticks inside. */
static void add_code(jf_text *out, const char *text)
{
    size_t longest = 2;

    for (const char *at = text; *at; at++) {
        size_t run = strspn(at, "`");
        if (run > longest) longest = run;
        if (run) at += run - 1;
    }
    jf_text_pad(out, '`', longest + 1);
    jf_text_addf(out, "\n%s\n", text);
    jf_text_pad(out, '`', longest + 1);
    jf_text_add(out, "\n");
}

static void add_cell(jf_text *out, const char *text, bool strong)
{
    jf_text_add(out, strong && *text ? " **" : " ");
    add_escaped(out, text);
    jf_text_add(out, strong && *text ? "** |" : " |");
}

static void add_table(jf_text *out, const jf_doc_table *table)
{
    static const char *const rules[] = {
        [JF_LEFT] = " --- |", [JF_RIGHT] = " ---: |", [JF_CENTRE] = " :---: |"};

    if (table->caption) {
        jf_text_add(out, "**");
        add_escaped(out, table->caption);
        jf_text_add(out, "**\n\n");
    }
    jf_text_add(out, "|");
    for (size_t c = 0; c < table->n_columns; c++) add_cell(out, table->columns[c].title, false);
    jf_text_add(out, "\n|");
    for (size_t c = 0; c < table->n_columns; c++) jf_text_add(out, rules[table->columns[c].align]);
    jf_text_add(out, "\n");
    for (size_t r = 0; r < table->n_rows; r++) {
        jf_text_add(out, "|");
        for (size_t c = 0; c < table->n_columns; c++)
            add_cell(out, jf_doc_cell(table, r, c), table->emphasis[r]);
        jf_text_add(out, "\n");
    }
}

static void add_figure(jf_text *out, const jf_block *block)
{
    const char *caption = block->figure && block->figure->caption ? block->figure->caption : "figure";

    if (!block->path) {
        jf_text_add(out, "*Figure:* ");
        add_escaped(out, caption);
        jf_text_add(out, "\n");
        return;
    }
    jf_text_add(out, "![");
    add_escaped(out, caption);
    jf_text_add(out, "](");
    add_path(out, block->path);
    jf_text_add(out, ")\n\n*");
    add_escaped(out, caption);
    jf_text_add(out, "*\n");
}

static void add_items(jf_text *out, const jf_block *block)
{
    bool fields = block->kind == JF_BLOCK_FIELDS;

    for (size_t i = 0; i < block->n_items; i += fields ? 2 : 1) {
        jf_text_add(out, fields ? "- **" : "- ");
        add_escaped(out, block->items[i]);
        if (fields && i + 1 < block->n_items) {
            jf_text_add(out, ":** ");
            add_escaped(out, block->items[i + 1]);
        }
        jf_text_add(out, "\n");
    }
}

static void add_heading(jf_text *out, const char *text, int level)
{
    jf_text_pad(out, '#', level < 1 ? 1 : level > 6 ? 6 : (size_t)level);
    jf_text_add(out, " ");
    add_escaped(out, text);
    jf_text_add(out, "\n");
}

static void add_block(jf_text *out, const jf_block *block)
{
    switch (block->kind) {
    case JF_BLOCK_HEADING: add_heading(out, block->text, block->level + 1); break;
    case JF_BLOCK_PARAGRAPH:
        add_escaped(out, block->text);
        jf_text_add(out, "\n");
        break;
    case JF_BLOCK_CODE: add_code(out, block->text); break;
    case JF_BLOCK_LIST:
    case JF_BLOCK_FIELDS: add_items(out, block); break;
    case JF_BLOCK_TABLE: add_table(out, block->table); break;
    case JF_BLOCK_FIGURE: add_figure(out, block); break;
    }
}

/* After a blank line, as everything below the title. */
static void add_front(jf_text *out, const char *text, const char *mark, bool first)
{
    if (!text) return;
    jf_text_addf(out, "%s%s", first ? "" : "\n", mark);
    add_escaped(out, text);
    jf_text_addf(out, "%s\n", mark);
}

jf_status jf_render_markdown(const jf_doc *doc, const jf_render_options *options, jf_text *out, jf_error *err)
{
    bool bare;
    jf_status status = JF_OK;

    (void)options;
    JF_TRY(jf_doc_check(doc, err));
    bare = !*doc->title && !doc->author && !doc->abstract;
    jf_text_add(out, "");
    if (*doc->title) add_heading(out, doc->title, 1);
    add_front(out, doc->author, "*", !*doc->title);
    add_front(out, doc->abstract, "", !*doc->title && !doc->author);
    for (size_t i = 0; i < doc->n_blocks; i++) {
        if (i > 0 || !bare) jf_text_add(out, "\n");
        add_block(out, &doc->blocks[i]);
    }
    if (out->failed) status = jf_fail(err, JF_ENOMEM, "out of memory for a document");
done:
    return status;
}
