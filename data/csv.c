/* CSV and TSV files into a table: types found in one pass, columns that turn out to be labels read again. */
#include "data/csv.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "data/guard.h"
#include "data/builder.h"
#include "data/rows.h"
#include "data/unit.h"

typedef struct reader {
    jf_rows *rows;
    const char *name;
    jf_csv_options options;
    jf_ledger *ledger;
    jf_warnings *warnings;
    jf_builder *columns;
    size_t n_columns;
    jf_lines lines;
    size_t n_rows, capacity;
    size_t n_rejected, first_rejected_line;
    char first_rejected[240];
} reader;

static const jf_csv_options no_limits = {
    .max_rows = 2000000000, .max_columns = 100000, .max_row = (size_t)64 << 20};

/* ---- header ---- */

static char *clean_name(const char *text)
{
    jf_text name = {0};
    size_t length;

    while (*text == ' ' || *text == '\t') text++;
    text = jf_guard_taken_off(text);
    length = strlen(text);
    while (length && strchr(" \t\r\n", text[length - 1])) length--;
    if (jf_text_is_utf8(text)) {
        jf_text_add_bytes(&name, text, length);
    } else {
        jf_text_add_latin1(&name, text, length);
    }
    return jf_text_take(&name);
}

static size_t place_of(const reader *read, const char *name)
{
    size_t i = 0;

    while (strcmp(read->columns[i].name, name) != 0) i++;
    return i + 1;
}

/* Two columns of one name are an error; unnamed ones get a name that is free. */
static jf_status settle_names(reader *read, size_t line, jf_error *err)
{
    jf_status status = JF_OK;
    jf_dictionary names = {0};
    char free_name[64];
    int32_t code;

    for (size_t i = 0; i < read->n_columns; i++) {
        const char *name = read->columns[i].name;
        size_t n_before = names.n;
        if (!*name) continue;
        JF_TRY_NEW(jf_dictionary_code(&names, name, strlen(name), &code), err, "column names");
        if (names.n > n_before) continue;
        status = jf_fail(err, JF_EDATA, "%s:%zu: two columns are called '%s' (columns %zu and %zu)",
                         read->name, line, name, place_of(read, name), i + 1);
        goto done;
    }
    for (size_t i = 0; i < read->n_columns; i++) {
        size_t n_before = names.n;
        if (*read->columns[i].name) continue;
        snprintf(free_name, sizeof free_name, "column_%zu", i + 1);
        for (;;) {
            JF_TRY_NEW(jf_dictionary_code(&names, free_name, strlen(free_name), &code), err, "column names");
            if (names.n > n_before || strlen(free_name) + 2 > sizeof free_name) break;
            snprintf(free_name + strlen(free_name), 2, "_");
        }
        jf_free(read->columns[i].name);
        read->columns[i].name = jf_copy_text(free_name);
        JF_TRY_NEW(read->columns[i].name, err, "column names");
    }
done:
    jf_dictionary_free(&names);
    return status;
}

static bool is_listed(const char *name, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i], name) == 0) return true;
    return false;
}

static bool all_numbers(const jf_row *row)
{
    double value;

    for (size_t i = 0; i < row->n_fields; i++)
        if (!jf_number_read(row->bytes + row->starts[i], row->starts[i + 1] - row->starts[i] - 1, &value))
            return false;
    return true;
}

static jf_status next_header(reader *read, jf_row *row, jf_error *err)
{
    jf_status status = JF_OK;
    bool more;

    JF_TRY(jf_rows_next(read->rows, row, &more, err));
    if (!more)
        status = jf_fail(err, JF_EDATA, "%s: the file holds only blank lines", read->name);
    else if (row->problem)
        status = jf_fail(err, JF_EDATA, "%s:%zu: unreadable header: %s", read->name, row->line, row->problem);
    else if (row->n_fields > read->options.max_columns)
        status = jf_fail(err, JF_ELIMIT, "%s: %zu columns, more than the limit of %zu", read->name,
                         row->n_fields, read->options.max_columns);
    else if (all_numbers(row))
        status = jf_fail(err, JF_EDATA, "%s:%zu: column names expected in the first line, found only numbers",
                         read->name, row->line);
done:
    return status;
}

static jf_status read_header(reader *read, bool *unnamed_first, jf_error *err)
{
    const jf_csv_options *options = &read->options;
    jf_status status = JF_OK;
    jf_row row;

    JF_TRY(next_header(read, &row, err));
    read->columns = JF_NEW_ZEROED(jf_builder, row.n_fields);
    JF_TRY_NEW(read->columns, err, "columns");
    read->n_columns = row.n_fields;
    for (size_t i = 0; i < row.n_fields; i++) {
        read->columns[i].name = clean_name(row.bytes + row.starts[i]);
        JF_TRY_NEW(read->columns[i].name, err, "column names");
    }
    *unnamed_first = !*read->columns[0].name;
    JF_TRY(settle_names(read, row.line, err));
    for (size_t i = 0; i < row.n_fields; i++) {
        jf_builder *column = &read->columns[i];
        column->decimal_commas = jf_rows_separator(read->rows) == ';';
        column->asked_label = is_listed(column->name, options->labels, options->n_labels);
        column->storing = column->asked_label ? JF_STORE_LABELS : JF_STORE_NUMBERS;
        if (options->wanted && !is_listed(column->name, options->wanted, options->n_wanted))
            column->storing = JF_STORE_NOTHING;
    }
done:
    return status;
}

/* ---- rows ---- */

static bool grow_columns(reader *read)
{
    size_t capacity = read->capacity ? 2 * read->capacity : 256;

    for (size_t i = 0; i < read->n_columns; i++)
        if (!jf_builder_grow(&read->columns[i], capacity)) return false;
    read->capacity = capacity;
    return true;
}

static jf_status reject_row(reader *read, const jf_row *row, jf_error *err)
{
    char what[240];
    int length;

    if (row->problem)
        length = snprintf(what, sizeof what, "%s", row->problem);
    else
        length = snprintf(what, sizeof what, "%zu field%s, expected %zu", row->n_fields,
                          row->n_fields == 1 ? "" : "s", read->n_columns);
    if (!row->problem && row->n_lines > 1)
        snprintf(what + length, sizeof what - (size_t)length, " (lines %zu to %zu)", row->line,
                 row->line + row->n_lines - 1);
    if (read->n_rejected++ == 0) {
        read->first_rejected_line = row->line;
        snprintf(read->first_rejected, sizeof read->first_rejected, "%s", what);
    }
    if (!read->ledger) return JF_OK;
    return jf_ledger_add(read->ledger, JF_REJECTED, read->name, row->line, NULL, what,
                         row->problem ? "unreadable row" : "ragged row", err);
}

static jf_status take_row(reader *read, const jf_row *row, jf_error *err)
{
    if (read->n_rows >= read->options.max_rows)
        return jf_fail(err, JF_ELIMIT, "%s:%zu: more than the limit of %zu rows", read->name, row->line,
                       read->options.max_rows);
    if (read->n_rows == read->capacity && !grow_columns(read))
        return jf_fail(err, JF_ENOMEM, "out of memory for %zu rows of %s", read->n_rows + 1, read->name);
    for (size_t i = 0; i < read->n_columns; i++)
        if (!jf_builder_take(&read->columns[i], read->n_rows, row->bytes + row->starts[i],
                             row->starts[i + 1] - row->starts[i] - 1, row->line))
            return jf_fail(err, JF_ENOMEM, "out of memory for column '%s' of %s", read->columns[i].name,
                           read->name);
    if (!jf_lines_add(&read->lines, row->line))
        return jf_fail(err, JF_ENOMEM, "out of memory for the lines of %s", read->name);
    read->n_rows++;
    return JF_OK;
}

static jf_status read_rows(reader *read, jf_error *err)
{
    jf_status status = JF_OK;
    bool more;
    jf_row row;

    for (;;) {
        JF_TRY(jf_rows_next(read->rows, &row, &more, err));
        if (!more) break;
        if (row.problem || row.n_fields != read->n_columns)
            JF_TRY(reject_row(read, &row, err));
        else
            JF_TRY(take_row(read, &row, err));
    }
    if (read->n_rows == 0 && read->n_rejected)
        status = jf_fail(err, JF_EDATA, "%s: no row could be read; the first is line %zu: %s", read->name,
                         read->first_rejected_line, read->first_rejected);
    else if (read->n_rows == 0)
        status = jf_fail(err, JF_EDATA, "%s: there are no rows under the header", read->name);
done:
    return status;
}

/* ---- second pass ---- */

static bool needs_second_pass(reader *read)
{
    bool any = false;

    for (size_t i = 0; i < read->n_columns; i++) any = jf_builder_needs_again(&read->columns[i]) || any;
    return any;
}

static jf_status take_row_again(reader *read, const jf_row *row, size_t index, jf_error *err)
{
    for (size_t i = 0; i < read->n_columns; i++)
        if (!jf_builder_take_again(&read->columns[i], index, row->bytes + row->starts[i],
                                   row->starts[i + 1] - row->starts[i] - 1))
            return jf_fail(err, JF_ENOMEM, "out of memory for column '%s' of %s", read->columns[i].name,
                           read->name);
    return JF_OK;
}

/* Reads the columns again whose numbers turned out to stand among texts. */
static jf_status read_again(reader *read, jf_error *err)
{
    jf_status status = JF_OK;
    size_t n_rows = 0;
    bool more;
    jf_row row;

    for (size_t i = 0; i < read->n_columns; i++)
        JF_TRY_NEW(jf_builder_begin_again(&read->columns[i], read->n_rows), err, "labels");
    JF_TRY(jf_rows_rewind(read->rows, err));
    JF_TRY(next_header(read, &row, err));
    for (;;) {
        JF_TRY(jf_rows_next(read->rows, &row, &more, err));
        if (!more) break;
        if (row.problem || row.n_fields != read->n_columns) continue;
        if (n_rows < read->n_rows) JF_TRY(take_row_again(read, &row, n_rows, err));
        n_rows++;
    }
    if (n_rows != read->n_rows)
        status = jf_fail(err, JF_EDATA, "%s: the file changed while it was read", read->name);
done:
    return status;
}

/* ---- the table ---- */

static void warn_of_mixture(reader *read, const jf_builder *column)
{
    size_t n = column->n_numbers + column->n_texts;

    if (column->asked_label || column->storing == JF_STORE_NOTHING || column->storing == JF_STORE_NUMBERS)
        return;
    if (column->n_texts == 0)
        jf_warn(read->warnings, "W_MIXED_COLUMN",
                "%s: column '%s' is read as labels; numbers with a decimal point: %zu, with a comma: %zu",
                read->name, column->name, column->n_points, column->n_commas);
    else if (column->n_numbers && 4 * column->n_texts <= n)
        jf_warn(read->warnings, "W_MIXED_COLUMN",
                "%s: column '%s' is read as labels; cells without a number: %zu of %zu, the first is '%s' in "
                "line %zu",
                read->name, column->name, column->n_texts, n, column->first_text, column->first_text_line);
}

static jf_status note_commas(reader *read, const jf_builder *column, jf_error *err)
{
    char what[64];

    if (!read->ledger || column->storing != JF_STORE_NUMBERS || !column->n_commas) return JF_OK;
    snprintf(what, sizeof what, "%zu numbers with a decimal comma", column->n_commas);
    return jf_ledger_add(read->ledger, JF_REPAIRED, read->name, column->first_comma_line, column->name, what,
                         "read as decimal point", err);
}

static bool is_index(const reader *read, bool unnamed)
{
    const jf_builder *first = &read->columns[0];

    if (!unnamed && strcmp(first->name, "index") != 0 && strcmp(first->name, "Unnamed: 0") != 0) return false;
    if (first->storing != JF_STORE_NUMBERS) return false;
    for (size_t i = 0; i < read->n_rows; i++)
        if (!(first->values[i] == floor(first->values[i])) || isinf(first->values[i])) return false;
    return true;
}

static bool has_column(const reader *read, const char *name)
{
    for (size_t i = 0; i < read->n_columns; i++)
        if (strcmp(read->columns[i].name, name) == 0) return true;
    return false;
}

static jf_status name_index(reader *read, jf_error *err)
{
    char *name;

    if (has_column(read, "index")) return JF_OK;
    name = jf_copy_text("index");
    if (!name) return jf_fail(err, JF_ENOMEM, "out of memory for a column's name");
    jf_free(read->columns[0].name);
    read->columns[0].name = name;
    return JF_OK;
}

static jf_status finish_column(reader *read, jf_builder *column, jf_table *table, jf_error *err)
{
    jf_status status = JF_OK;
    jf_column out = {0};

    if (column->storing == JF_STORE_NOTHING) return JF_OK;
    warn_of_mixture(read, column);
    JF_TRY(note_commas(read, column, err));
    JF_TRY(jf_builder_finish(column, read->n_rows, &out, err));
    if (column->latin1 && read->ledger)
        JF_TRY(jf_ledger_add(read->ledger, JF_REPAIRED, read->name, 0, out.name, "text that is not UTF-8",
                             "read as Latin-1", err));
    JF_TRY(jf_table_add(table, &out, false, err));
done:
    jf_column_clear(&out);
    return status;
}

static jf_status finish_table(reader *read, bool unnamed_first, jf_table **out, jf_error *err)
{
    jf_status status = JF_OK;
    jf_table *table = NULL;
    bool has_index = is_index(read, unnamed_first);

    JF_TRY(jf_table_new(read->n_rows, &table, err));
    table->file = jf_copy_text(read->name);
    JF_TRY_NEW(table->file, err, "a file's name");
    jf_rows_digest(read->rows, table->sha256);
    table->rows_read = read->n_rows + read->n_rejected;
    table->lines = read->lines;
    read->lines = (jf_lines){0};
    if (has_index && unnamed_first) JF_TRY(name_index(read, err));
    for (size_t i = 0; i < read->n_columns; i++) JF_TRY(finish_column(read, &read->columns[i], table, err));
    if (has_index) table->index_column = table->columns[0].name;
    jf_table_set_units(table);
    *out = table;
    table = NULL;
done:
    jf_table_free(table);
    return status;
}

static void report(const reader *read)
{
    if (read->n_rejected)
        jf_warn(read->warnings, "W_REJECTED_ROWS", "%s: %zu of %zu rows rejected, the first is line %zu: %s",
                read->name, read->n_rejected, read->n_rows + read->n_rejected, read->first_rejected_line,
                read->first_rejected);
    if (!read->ledger) return;
    read->ledger->rows_read += read->n_rows + read->n_rejected;
    read->ledger->rows_kept += read->n_rows;
    read->ledger->rows_rejected += read->n_rejected;
}

static void reader_clear(reader *read)
{
    for (size_t i = 0; i < read->n_columns; i++) jf_builder_clear(&read->columns[i]);
    jf_free(read->columns);
    jf_lines_free(&read->lines);
    jf_rows_close(read->rows);
}

jf_status jf_csv_read(const char *path, const jf_csv_options *options, jf_ledger *ledger,
                      jf_warnings *warnings, jf_table **out, jf_error *err)
{
    jf_status status = JF_OK;
    reader read = {.ledger = ledger, .warnings = warnings, .options = options ? *options : no_limits};
    bool unnamed_first = false;

    *out = NULL;
    if (!read.options.max_rows) read.options.max_rows = no_limits.max_rows;
    if (!read.options.max_columns) read.options.max_columns = no_limits.max_columns;
    JF_TRY(jf_rows_open(path, read.options.separator, read.options.max_row, &read.rows, err));
    read.name = jf_rows_name(read.rows);
    JF_TRY(read_header(&read, &unnamed_first, err));
    if (!grow_columns(&read)) {
        status = jf_fail(err, JF_ENOMEM, "out of memory for the rows of %s", read.name);
        goto done;
    }
    JF_TRY(read_rows(&read, err));
    if (needs_second_pass(&read)) JF_TRY(read_again(&read, err));
    JF_TRY(finish_table(&read, unnamed_first, out, err));
    report(&read);
done:
    reader_clear(&read);
    return status;
}
