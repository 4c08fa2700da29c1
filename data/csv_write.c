/* A table written as CSV that reads back to the same numbers. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "core/parallel.h"
#include "core/output.h"
#include "data/csv.h"
#include "data/guard.h"

void jf_csv_add_cell(jf_text *text, const char *cell)
{
    size_t length = cell ? strlen(cell) : 0;
    bool guarded = length && jf_guard_needed(cell);
    bool quoted = length && (strpbrk(cell, ",;\t\"\r\n") || cell[0] == ' ' || cell[length - 1] == ' ' ||
                             strncmp(cell, "\xef\xbb\xbf", 3) == 0); /* no BOM where none is meant */

    if (!quoted) {
        if (guarded) jf_text_add(text, "'");
        if (cell) jf_text_add(text, cell);
        return;
    }
    jf_text_add(text, guarded ? "\"'" : "\"");
    for (const char *c = cell; *c; c++) {
        if (*c == '"') jf_text_add(text, "\"");
        jf_text_add_bytes(text, c, 1);
    }
    jf_text_add(text, "\"");
}

void jf_csv_add_number(jf_text *text, double value)
{
    char number[JF_NUMBER_TEXT];

    if (!isnan(value)) jf_text_add(text, jf_number_exact(number, value));
}

static void add_value(jf_text *text, const jf_column *column, size_t row)
{
    if (column->kind == JF_LABEL) {
        int32_t code = column->codes[row];
        if (code >= 0) jf_csv_add_cell(text, column->levels[code]);
    } else {
        jf_csv_add_number(text, column->values[row]);
    }
}

void jf_csv_add_header(jf_text *text, const jf_table *table)
{
    for (size_t i = 0; i < table->n_columns; i++) {
        if (i) jf_text_add(text, ",");
        jf_csv_add_cell(text, table->columns[i].name);
    }
    jf_text_add(text, "\n");
}

void jf_csv_add_row(jf_text *text, const jf_table *table, size_t row)
{
    size_t start = text->length;

    for (size_t i = 0; i < table->n_columns; i++) {
        if (i) jf_text_add(text, ",");
        add_value(text, &table->columns[i], row);
    }
    if (text->length == start) jf_text_add(text, "\"\""); /* a blank line would vanish on reading */
    jf_text_add(text, "\n");
}

static jf_status write_rows(const jf_table *table, const size_t *rows, size_t n_rows, FILE *stream,
                            jf_error *err)
{
    jf_status status = JF_OK;
    jf_text text = {0};

    jf_csv_add_header(&text, table);
    for (size_t i = 0; i < n_rows; i++) {
        jf_csv_add_row(&text, table, rows ? rows[i] : i);
        if (text.length < 1 << 16 && i + 1 < n_rows) continue;
        JF_TRY_NEW(!text.failed, err, "a table's text");
        JF_TRY(jf_stop_check(err));
        fwrite(text.data, 1, text.length, stream); /* the commit looks at the stream's error flag */
        text.length = 0;
    }
    if (n_rows == 0 && !text.failed) fwrite(text.data, 1, text.length, stream);
    JF_TRY_NEW(!text.failed, err, "a table's text");
done:
    jf_text_free(&text);
    return status;
}

jf_status jf_csv_write(const jf_table *table, const size_t *rows, size_t n_rows, const char *path,
                       jf_error *err)
{
    jf_status status = JF_OK;
    jf_output *output = NULL;

    JF_TRY(jf_output_open(path, &output, err));
    JF_TRY(write_rows(table, rows, rows ? n_rows : table->n_rows, jf_output_stream(output), err));
    status = jf_output_commit(output, err);
    output = NULL;
done:
    jf_output_discard(output);
    return status;
}
