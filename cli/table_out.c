/* Writing a table of runs in the format asked for. */
#include "cli/table_out.h"

#include <math.h>
#include <signal.h>
#include "data/csv.h"

static bool is_missing(const jf_column *column, size_t row)
{
    return column->kind == JF_NUMERIC ? isnan(column->values[row]) : column->codes[row] < 0;
}

static json_t *cell_json(const jf_column *column, size_t row)
{
    if (is_missing(column, row)) return json_null();
    if (column->kind == JF_LABEL) return json_string(column->levels[column->codes[row]]);
    return isfinite(column->values[row]) ? json_real(column->values[row]) : json_null();
}

static json_t *rows_json(const jf_table *table, const size_t *rows, size_t n_rows)
{
    json_t *all = json_array();

    for (size_t i = 0; i < n_rows; i++) {
        json_t *object = json_object();
        for (size_t c = 0; c < table->n_columns; c++)
            json_object_set_new(object, table->columns[c].name,
                                cell_json(&table->columns[c], rows ? rows[i] : i));
        json_array_append_new(all, object);
    }
    return all;
}

static jf_status write_json(const jf_session *session, const jf_table *table, const size_t *rows,
                            size_t n_rows, jf_error *err)
{
    json_t *units = json_object();
    jf_status status;

    for (size_t c = 0; c < table->n_columns; c++)
        if (table->columns[c].unit[0])
            json_object_set_new(units, table->columns[c].name, json_string(table->columns[c].unit));
    json_t *json = json_pack("{s:s, s:i, s:o, s:o}", "joulefit", JF_VERSION, "schema", 1, "units", units,
                             "rows", rows_json(table, rows, n_rows));
    status = jf_session_write_json(session, json, err);
    json_decref(json);
    return status;
}

static void add_cell(jf_doc_table *to, size_t c, const jf_column *column, size_t row)
{
    char number[JF_NUMBER_TEXT];

    if (is_missing(column, row)) return;
    if (column->kind == JF_LABEL)
        jf_doc_table_cell(to, c, "%s", column->levels[column->codes[row]]);
    else
        jf_doc_table_cell(to, c, "%s", jf_number_short(number, column->values[row], 6));
}

static jf_status write_doc(const jf_session *session, const jf_table *table, const size_t *rows,
                           size_t n_rows, jf_error *err)
{
    jf_status status = JF_OK;
    jf_doc *doc = jf_doc_new(NULL);
    jf_doc_table *to;

    JF_TRY_NEW(doc, err, "the table");
    to = jf_doc_add_table(doc, NULL);
    for (size_t c = 0; c < table->n_columns; c++) {
        const jf_column *column = &table->columns[c];
        jf_doc_table_column(to, column->name, column->kind == JF_NUMERIC ? JF_RIGHT : JF_LEFT, 0);
    }
    for (size_t i = 0; i < n_rows; i++) {
        jf_doc_table_row(to);
        for (size_t c = 0; c < table->n_columns; c++) add_cell(to, c, &table->columns[c], rows ? rows[i] : i);
    }
    JF_TRY(jf_session_write_doc(session, doc, err));
done:
    jf_doc_free(doc);
    return status;
}

jf_status jf_table_out(const jf_session *session, const jf_table *table, const size_t *rows, size_t n_rows,
                       jf_error *err)
{
    const char *path = session->common.output ? session->common.output : "-";

    if (!rows) n_rows = table->n_rows;
    if (jf_session_wants(session, "json")) return write_json(session, table, rows, n_rows, err);
    if (!jf_session_wants(session, "csv") && !jf_session_wants(session, "text"))
        return write_doc(session, table, rows, n_rows, err);
    jf_session_leave_on_broken_pipe(session);
    return jf_csv_write(table, rows, n_rows, path, err);
}
