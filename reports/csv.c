/* A document's first table as CSV, with every digit of its numbers. */
#include "reports/faces.h"

#include <string.h>

/* A spreadsheet takes a cell that begins so (in some countries also with the wide forms) for a formula,
 * unless it is a number; an apostrophe makes it text. */
static bool could_be_formula(const char *text)
{
    static const char *const wide[] = {"\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"};
    double value;

    text += strspn(text, " ");
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        if (strncmp(text, wide[i], 3) == 0) return true;
    return *text && strchr("=+-@", *text) && !jf_number_read(text, strlen(text), &value);
}

static void add_field(jf_text *out, const char *text, bool last)
{
    bool quoted = text[strcspn(text, ",;\"\r\n\t")] || *text == ' ' || could_be_formula(text);

    if (quoted) jf_text_add(out, "\"");
    if (could_be_formula(text)) jf_text_add(out, "'");
    for (const char *at = text; *at; at++) {
        if (*at == '"') jf_text_add(out, "\"");
        jf_text_add_bytes(out, at, 1);
    }
    if (quoted) jf_text_add(out, "\"");
    jf_text_add(out, last ? "\n" : ",");
}

static void add_table(jf_text *out, const jf_doc_table *table)
{
    for (size_t c = 0; c < table->n_columns; c++)
        add_field(out, table->columns[c].title, c + 1 == table->n_columns);
    for (size_t r = 0; r < table->n_rows; r++)
        for (size_t c = 0; c < table->n_columns; c++)
            add_field(out, jf_doc_cell_exact(table, r, c), c + 1 == table->n_columns);
}

jf_status jf_render_csv(const jf_doc *doc, const jf_render_options *options, jf_text *out, jf_error *err)
{
    jf_status status = JF_OK;

    (void)options;
    JF_TRY(jf_doc_check(doc, err));
    jf_text_add(out, "");
    for (size_t i = 0; i < doc->n_blocks; i++) {
        if (doc->blocks[i].kind != JF_BLOCK_TABLE) continue;
        add_table(out, doc->blocks[i].table);
        break;
    }
    if (out->failed) status = jf_fail(err, JF_ENOMEM, "out of memory for a document");
done:
    return status;
}
