/* The neutral document: headings, paragraphs, tables, figures; faces render it (text, Markdown, LaTeX, HTML,
 * CSV). */
#ifndef JF_REPORTS_DOC_H
#define JF_REPORTS_DOC_H

#include "core/text.h"
#include "plots/figure.h"

typedef enum jf_block_kind {
    JF_BLOCK_HEADING,
    JF_BLOCK_PARAGRAPH,
    JF_BLOCK_CODE,
    JF_BLOCK_LIST,
    JF_BLOCK_TABLE,
    JF_BLOCK_FIGURE
} jf_block_kind;
typedef enum jf_align { JF_LEFT, JF_RIGHT, JF_CENTRE } jf_align;

typedef struct jf_doc_column {
    char *title;
    jf_align align;
    int priority; /* 0: always shown; higher: the first to go where the page is too narrow */
} jf_doc_column;

typedef struct jf_doc_table {
    char *caption, *label;
    jf_doc_column *columns;
    size_t n_columns;
    char **cells; /* n_rows * n_columns, plain text */
    size_t n_rows;
    bool *emphasis; /* n_rows: the winner's row */
} jf_doc_table;

typedef struct jf_block {
    jf_block_kind kind;
    int level;    /* HEADING: 1..4 */
    char *text;   /* HEADING, PARAGRAPH, CODE */
    char **items; /* LIST */
    size_t n_items;
    jf_doc_table *table;
    jf_figure *figure;
    char *path; /* FIGURE: file beside the document, NULL until drawn */
} jf_block;

typedef struct jf_doc {
    char *title;
    jf_block *blocks;
    size_t n_blocks, capacity;
} jf_doc;

/* A face of the document: one file, one row of jf_doc_formats. Text comes out escaped for its format. */
typedef struct jf_render_options {
    int width;   /* text: columns; 0: 80 */
    bool colour; /* text */
} jf_render_options;
typedef struct jf_doc_format {
    const char *name, *suffix;
    jf_status (*render)(const jf_doc *doc, const jf_render_options *options, jf_text *out, jf_error *err);
} jf_doc_format;
extern const jf_doc_format jf_doc_formats[]; /* text, markdown, csv, ...; ends with a NULL name */
const jf_doc_format *jf_doc_format_find(const char *name);

jf_doc *jf_doc_new(const char *title);
void jf_doc_free(jf_doc *doc);
/* Builders; a failed allocation is remembered in the doc and reported by rendering. Text is printf-style and
 * plain. */
void jf_doc_heading(jf_doc *doc, int level, const char *format, ...) __attribute__((format(printf, 3, 4)));
void jf_doc_paragraph(jf_doc *doc, const char *format, ...) __attribute__((format(printf, 2, 3)));
void jf_doc_code(jf_doc *doc, const char *text);
void jf_doc_list_item(jf_doc *doc, const char *format, ...) __attribute__((format(printf, 2, 3)));
void jf_doc_figure(jf_doc *doc, jf_figure *figure); /* takes it over */
jf_doc_table *jf_doc_add_table(jf_doc *doc, const char *caption);
void jf_doc_table_column(jf_doc_table *table, const char *title, jf_align align, int priority);
/* Adds a row of empty cells; then cells by place. */
void jf_doc_table_row(jf_doc_table *table);
void jf_doc_table_cell(jf_doc_table *table, size_t column, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
