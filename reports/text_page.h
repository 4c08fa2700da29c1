/* A page of plain text: lines within a width, words wrapped; what the terminal's face and its tables share.
 */
#ifndef JF_REPORTS_TEXT_PAGE_H
#define JF_REPORTS_TEXT_PAGE_H

#include "reports/doc.h"

enum { JF_PAGE_GUTTER = 2, JF_PAGE_COLUMN_GAP = 2, JF_PAGE_NARROWEST = 8 };

typedef struct jf_page {
    jf_text *out;
    size_t width;
    bool colour;
} jf_page;

/* Bytes of the next line: broken at a blank where there is one, else behind a dot, comma or slash of a long
 * word, else in its middle. */
size_t jf_page_next_line(const char *text, size_t width);
/* Bytes of the blanks at the start. */
size_t jf_page_skip_blanks(const char *text);
/* Wraps `text`; the first line goes where the cursor is, in column `first`, the others are indented. */
void jf_page_add_wrapped_from(const jf_page *to, const char *text, size_t first, size_t indent);
void jf_page_add_wrapped(const jf_page *to, const char *text, size_t indent);
/* In bold where colour is allowed. */
void jf_page_add_bold(const jf_page *to, const char *text);
/* The table aligned within the page's width. */
jf_status jf_page_add_table(const jf_page *to, const jf_doc_table *table, jf_error *err);

#endif
