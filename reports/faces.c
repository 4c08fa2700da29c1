/* The list of formats that a document can be rendered in. */
#include "reports/faces.h"

#include <string.h>

const jf_doc_format jf_doc_formats[] = {
    {"latex", ".tex", false, jf_render_latex}, {"html", ".html", true, jf_render_html},
    {"text", ".txt", false, jf_render_text},   {"markdown", ".md", false, jf_render_markdown},
    {"csv", ".csv", true, jf_render_csv},      {NULL, NULL, false, NULL}};

const jf_doc_format *jf_doc_format_find(const char *name)
{
    for (const jf_doc_format *format = jf_doc_formats; format->name; format++)
        if (!strcmp(format->name, name)) return format;
    return NULL;
}

const char *jf_doc_cell(const jf_doc_table *table, size_t row, size_t column)
{
    const char *cell = table->cells[row * table->n_columns + column];
    return cell ? cell : "";
}

const char *jf_doc_cell_exact(const jf_doc_table *table, size_t row, size_t column)
{
    const char *exact = table->exact[row * table->n_columns + column];
    return exact ? exact : jf_doc_cell(table, row, column);
}
