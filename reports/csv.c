/* A document's first table as CSV, with every digit of its numbers. */
#include "reports/faces.h"

#include "data/csv.h"

static void add_field(jf_text *out, const char *text, bool last)
{
    jf_csv_add_cell(out, text);
    jf_text_add(out, last ? "\n" : ",");
}

/* "95 % interval low" of an interval's column. */
static void add_title(jf_text *out, const char *title, const char *end, bool last)
{
    jf_text whole = {0};

    jf_text_addf(&whole, "%s %s", title, end);
    add_field(out, whole.data ? whole.data : "", last);
    out->failed |= whole.failed;
    jf_text_free(&whole);
}

static void add_titles(jf_text *out, const jf_doc_table *table)
{
    for (size_t c = 0; c < table->n_columns; c++) {
        bool last = c + 1 == table->n_columns;
        if (!table->columns[c].interval) {
            add_field(out, table->columns[c].title, last);
            continue;
        }
        add_title(out, table->columns[c].title, "low", false);
        add_title(out, table->columns[c].title, "high", last);
    }
}

static void add_cell(jf_text *out, const jf_doc_table *table, size_t row, size_t column, bool last)
{
    const char *upper = table->upper[row * table->n_columns + column];

    if (!table->columns[column].interval) {
        add_field(out, jf_doc_cell_exact(table, row, column), last);
        return;
    }
    add_field(out, upper ? jf_doc_cell_exact(table, row, column) : "", false);
    add_field(out, upper ? upper : "", last);
}

static void add_table(jf_text *out, const jf_doc_table *table)
{
    add_titles(out, table);
    for (size_t r = 0; r < table->n_rows; r++)
        for (size_t c = 0; c < table->n_columns; c++) add_cell(out, table, r, c, c + 1 == table->n_columns);
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
