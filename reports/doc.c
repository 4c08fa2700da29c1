/* The neutral document: made block by block, checked, freed. */
#include "reports/doc.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "plots/lettering.h"
#include "reports/doc_parts.h"

char *jf_doc_clean_format(const char *format, va_list args)
{
    va_list again;
    char *whole, *clean;
    int length;

    va_copy(again, args);
    length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    whole = length < 0 ? NULL : jf_alloc((size_t)length + 1, 1);
    if (!whole) return NULL;
    vsnprintf(whole, (size_t)length + 1, format, args);
    clean = jf_lettering_clean(whole);
    jf_free(whole);
    return clean;
}

jf_doc *jf_doc_new(const char *title)
{
    jf_doc *doc = JF_NEW(jf_doc);

    if (!doc) return NULL;
    doc->title = jf_lettering_clean(title);
    doc->failed = !doc->title;
    return doc;
}

/* Without the blanks at its end, which a block of YAML has. */
static void set_text(jf_doc *doc, char **out, const char *text)
{
    size_t length;

    jf_free(*out);
    *out = NULL;
    if (!text) return;
    *out = jf_lettering_clean(text);
    doc->failed |= !*out;
    for (length = *out ? strlen(*out) : 0; length > 0 && (*out)[length - 1] == ' ';) (*out)[--length] = '\0';
    if (*out && length == 0) {
        jf_free(*out);
        *out = NULL;
    }
}

void jf_doc_set_front(jf_doc *doc, const char *author, const char *abstract)
{
    if (!doc) return;
    set_text(doc, &doc->author, author);
    set_text(doc, &doc->abstract, abstract);
}

static void block_clear(jf_block *block)
{
    jf_free(block->text);
    for (size_t i = 0; i < block->n_items; i++) jf_free(block->items[i]);
    jf_free(block->items);
    jf_doc_table_free(block->table);
    jf_figure_free(block->figure);
    jf_free(block->path);
    jf_free(block->name);
    jf_free(block->label);
}

void jf_doc_free(jf_doc *doc)
{
    if (!doc) return;
    for (size_t i = 0; i < doc->n_blocks; i++) block_clear(&doc->blocks[i]);
    jf_free(doc->blocks);
    jf_free(doc->title);
    jf_free(doc->author);
    jf_free(doc->abstract);
    jf_free(doc);
}

jf_status jf_doc_check(const jf_doc *doc, jf_error *err)
{
    bool failed = !doc || doc->failed;

    for (size_t i = 0; doc && i < doc->n_blocks; i++)
        failed |= doc->blocks[i].table && doc->blocks[i].table->failed;
    return failed ? jf_fail(err, JF_ENOMEM, "out of memory for a document") : JF_OK;
}

static jf_block *add_block(jf_doc *doc, jf_block_kind kind)
{
    if (!doc) return NULL;
    if (!jf_grow((void **)&doc->blocks, &doc->capacity, doc->n_blocks + 1, sizeof *doc->blocks)) {
        doc->failed = true;
        return NULL;
    }
    doc->blocks[doc->n_blocks] = (jf_block){.kind = kind};
    return &doc->blocks[doc->n_blocks++];
}

static void add_text_block(jf_doc *doc, jf_block_kind kind, int level, char *text)
{
    jf_block *block = add_block(doc, kind);

    if (!text && doc) doc->failed = true;
    if (!block) {
        jf_free(text);
        return;
    }
    block->text = text;
    block->level = level;
}

void jf_doc_heading(jf_doc *doc, int level, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add_text_block(doc, JF_BLOCK_HEADING, level, jf_doc_clean_format(format, args));
    va_end(args);
}

void jf_doc_paragraph(jf_doc *doc, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add_text_block(doc, JF_BLOCK_PARAGRAPH, 0, jf_doc_clean_format(format, args));
    va_end(args);
}

void jf_doc_code(jf_doc *doc, const char *text)
{
    jf_text clean = {0};

    while (*text) { /* line by line, so that newlines stay */
        size_t length = strcspn(text, "\n");
        char *line = jf_copy_bytes(text, length), *clean_line = line ? jf_lettering_clean(line) : NULL;
        if (clean.length) jf_text_add(&clean, "\n");
        if (clean_line)
            jf_text_add(&clean, clean_line);
        else
            clean.failed = true;
        jf_free(line);
        jf_free(clean_line);
        text += length + (text[length] == '\n');
    }
    add_text_block(doc, JF_BLOCK_CODE, 0, jf_text_take(&clean));
}

/* The block that the next item belongs to. */
static jf_block *open_items(jf_doc *doc, jf_block_kind kind)
{
    if (doc && doc->n_blocks && doc->blocks[doc->n_blocks - 1].kind == kind)
        return &doc->blocks[doc->n_blocks - 1];
    return add_block(doc, kind);
}

/* Takes `text` over. */
static void add_item(jf_doc *doc, jf_block *block, char *text)
{
    if (text && block &&
        jf_grow((void **)&block->items, &block->items_capacity, block->n_items + 1, sizeof *block->items)) {
        block->items[block->n_items++] = text;
        return;
    }
    jf_free(text);
    if (doc) doc->failed = true;
}

void jf_doc_list_item(jf_doc *doc, const char *format, ...)
{
    jf_block *block = open_items(doc, JF_BLOCK_LIST);
    va_list args;

    va_start(args, format);
    add_item(doc, block, jf_doc_clean_format(format, args));
    va_end(args);
}

void jf_doc_field(jf_doc *doc, const char *name, const char *format, ...)
{
    jf_block *block = open_items(doc, JF_BLOCK_FIELDS);
    va_list args;

    add_item(doc, block, jf_lettering_clean(name));
    va_start(args, format);
    add_item(doc, block, jf_doc_clean_format(format, args));
    va_end(args);
}

void jf_doc_figure(jf_doc *doc, jf_figure *figure)
{
    jf_block *block = add_block(doc, JF_BLOCK_FIGURE);

    if (!figure && doc) doc->failed = true;
    if (block)
        block->figure = figure;
    else
        jf_figure_free(figure);
}

void jf_doc_append(jf_doc *doc, jf_doc *other)
{
    for (size_t i = 0; i < other->n_blocks; i++) {
        jf_block *block = add_block(doc, other->blocks[i].kind);
        if (!block) return; /* remembered; what is left is freed with the other */
        *block = other->blocks[i];
        other->blocks[i] = (jf_block){.kind = block->kind};
    }
    doc->failed |= other->failed;
    other->n_blocks = 0;
}

void jf_doc_drop_headings(jf_doc *doc, size_t first)
{
    size_t n = first;

    for (size_t i = first; i < doc->n_blocks; i++) {
        if (doc->blocks[i].kind == JF_BLOCK_HEADING)
            block_clear(&doc->blocks[i]);
        else
            doc->blocks[n++] = doc->blocks[i];
    }
    if (n < doc->n_blocks) doc->n_blocks = n;
}

void jf_doc_figure_name(jf_doc *doc, const char *name, const char *label)
{
    jf_block *block = doc && doc->n_blocks ? &doc->blocks[doc->n_blocks - 1] : NULL;

    if (!block || block->kind != JF_BLOCK_FIGURE) return;
    jf_free(block->name);
    jf_free(block->label);
    block->name = jf_copy_text(name);
    block->label = label ? jf_lettering_clean(label) : NULL;
    if (!block->name || (label && !block->label)) doc->failed = true;
}

jf_doc_table *jf_doc_add_table(jf_doc *doc, const char *caption)
{
    jf_block *block = add_block(doc, JF_BLOCK_TABLE);
    jf_doc_table *table = block ? JF_NEW(jf_doc_table) : NULL;

    if (block) block->table = table;
    if (!table) {
        if (doc) doc->failed = true;
        return NULL;
    }
    table->caption = caption ? jf_lettering_clean(caption) : NULL;
    table->failed = caption && !table->caption;
    return table;
}

char *jf_doc_clean(const char *text)
{
    return jf_lettering_clean(text);
}
