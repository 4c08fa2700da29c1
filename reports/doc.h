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
    JF_BLOCK_FIELDS, /* names with their values, as "data: runs.csv, 863 rows" */
    JF_BLOCK_TABLE,
    JF_BLOCK_FIGURE
} jf_block_kind;
typedef enum jf_align { JF_LEFT, JF_RIGHT, JF_CENTRE } jf_align;

typedef struct jf_doc_column {
    char *title;
    jf_align align;
    int priority;  /* 0: always shown; higher: the first to go where the page is too narrow */
    bool interval; /* its cells have two ends: CSV gives it two columns */
} jf_doc_column;

typedef struct jf_doc_table {
    char *caption, *label;
    jf_doc_column *columns;
    size_t n_columns;
    char **cells; /* n_rows * n_columns, plain text */
    char **exact; /* n_rows * n_columns: all digits of a cell that is a number (of an interval's lower end),
                     else NULL */
    char **upper; /* n_rows * n_columns: all digits of an interval's upper end, else NULL */
    size_t n_rows;
    size_t cells_capacity, exact_capacity, upper_capacity, emphasis_capacity;
    bool *emphasis;    /* n_rows: the winner's row */
    size_t rule_above; /* a rule stands above this row; 0: above none but the first */
    bool failed;       /* an allocation failed; rendering reports it */
} jf_doc_table;

typedef struct jf_block {
    jf_block_kind kind;
    int level;    /* HEADING: 1..4 */
    char *text;   /* HEADING, PARAGRAPH, CODE */
    char **items; /* LIST; FIELDS: name, value, name, value, ... */
    size_t n_items, items_capacity;
    jf_doc_table *table;
    jf_figure *figure;
    char *path;         /* FIGURE: file beside the document, NULL until drawn */
    char *name, *label; /* FIGURE: stem of its file, and its label in LaTeX; NULL: none */
} jf_block;

typedef struct jf_doc {
    char *title;
    char *author, *abstract; /* below the title; NULL: none */
    jf_block *blocks;
    size_t n_blocks, capacity;
    bool failed; /* an allocation failed; rendering reports it */
} jf_doc;

/* A face of the document: one file, one row of jf_doc_formats. Text comes out escaped for its format. */
typedef struct jf_render_options {
    int width;     /* text: columns; 0: 80 */
    bool colour;   /* text */
    bool fragment; /* latex, html: what stands in the body only, for use in another document */
} jf_render_options;
typedef struct jf_doc_format {
    const char *name, *suffix;
    bool draws; /* its figures are inside it: none need be drawn beside it */
    /* `options` NULL: defaults. `out` is added to. */
    jf_status (*render)(const jf_doc *doc, const jf_render_options *options, jf_text *out, jf_error *err);
} jf_doc_format;
extern const jf_doc_format jf_doc_formats[]; /* text, markdown, csv, ...; ends with a NULL name. csv: the
                                                first table only, with every digit */
const jf_doc_format *jf_doc_format_find(const char *name);

jf_doc *jf_doc_new(const char *title);
/* What stands below the title; NULL or blank: nothing. Cleaned as all text is. */
void jf_doc_set_front(jf_doc *doc, const char *author, const char *abstract);
void jf_doc_free(jf_doc *doc);
/* Builders; a failed allocation is remembered in the doc and reported by rendering. Text is printf-style and
 * plain: control characters (newlines too, save in code) become blanks, broken UTF-8 the replacement
 * character, so that no face meets them. Each takes a NULL doc or table. */
void jf_doc_heading(jf_doc *doc, int level, const char *format, ...) __attribute__((format(printf, 3, 4)));
void jf_doc_paragraph(jf_doc *doc, const char *format, ...) __attribute__((format(printf, 2, 3)));
void jf_doc_code(jf_doc *doc, const char *text);
/* Items and fields that follow one another make one block. */
void jf_doc_list_item(jf_doc *doc, const char *format, ...) __attribute__((format(printf, 2, 3)));
void jf_doc_field(jf_doc *doc, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Takes the figure over, also on failure. */
void jf_doc_figure(jf_doc *doc, jf_figure *figure);
/* Moves the blocks of another document to the end of this one; that one keeps its title. */
void jf_doc_append(jf_doc *doc, jf_doc *other);
/* Takes the headings from block `first` on away: what stands under them goes into another section. */
void jf_doc_drop_headings(jf_doc *doc, size_t first);
/* Names the last figure and labels it (NULL: no label). */
void jf_doc_figure_name(jf_doc *doc, const char *name, const char *label);
jf_doc_table *jf_doc_add_table(jf_doc *doc, const char *caption);
/* Columns come before rows. */
void jf_doc_table_column(jf_doc_table *table, const char *title, jf_align align, int priority);
/* Adds a row of empty cells; then cells of the last row by place. */
void jf_doc_table_row(jf_doc_table *table);
void jf_doc_table_cell(jf_doc_table *table, size_t column, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A cell with a number: the rounded text for readers, the value for CSV and for sorting. NaN gives an empty
 * exact cell. */
void jf_doc_table_number(jf_doc_table *table, size_t column, double value, const char *shown);
/* A cell with an interval: "LOW .. HIGH" for readers, the two values for CSV. */
void jf_doc_table_interval(jf_doc_table *table, size_t column, double low, double high, const char *low_shown,
                           const char *high_shown);
/* A cell of words that readers see as `shown` while CSV and sorting go by the printf-style text. */
void jf_doc_table_words(jf_doc_table *table, size_t column, const char *shown, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Puts a rule above the next row. */
void jf_doc_table_rule(jf_doc_table *table);
/* Keeps these columns, in this order. */
void jf_doc_table_choose(jf_doc_table *table, const size_t *columns, size_t n);
/* Text as documents take it: control characters become blanks, broken UTF-8 the replacement character. NULL
 * when memory ran out; freed with jf_free. */
char *jf_doc_clean(const char *text);
/* Marks the last row. */
void jf_doc_table_emphasise(jf_doc_table *table);
/* JF_ENOMEM when an allocation failed while the doc was built. Every face begins with it. */
jf_status jf_doc_check(const jf_doc *doc, jf_error *err);

#endif
