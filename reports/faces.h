/* The faces of a document, one file each, and what they share. */
#ifndef JF_REPORTS_FACES_H
#define JF_REPORTS_FACES_H

#include "reports/doc.h"

jf_status jf_render_text(const jf_doc *doc, const jf_render_options *options, jf_text *out, jf_error *err);
jf_status jf_render_markdown(const jf_doc *doc, const jf_render_options *options, jf_text *out,
                             jf_error *err);
jf_status jf_render_csv(const jf_doc *doc, const jf_render_options *options, jf_text *out, jf_error *err);
jf_status jf_render_latex(const jf_doc *doc, const jf_render_options *options, jf_text *out, jf_error *err);
jf_status jf_render_html(const jf_doc *doc, const jf_render_options *options, jf_text *out, jf_error *err);

/* Adds text as LaTeX reads it. */
void jf_latex_add_text(jf_text *out, const char *text);

/* A cell's text, never NULL; its exact form where there is one. */
const char *jf_doc_cell(const jf_doc_table *table, size_t row, size_t column);
const char *jf_doc_cell_exact(const jf_doc_table *table, size_t row, size_t column);

#endif
