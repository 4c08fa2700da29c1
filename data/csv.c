/* CSV and TSV files into a table: types found in one pass, columns that turn out to be labels read again. */
#include "data/csv.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "core/memory.h"
#include "data/dictionary.h"
#include "data/rows.h"
#include "data/unit.h"

/* What a column's cells are stored as while rows come in. */
typedef enum storing {
    SKIP,    /* not wanted */
    NUMBERS, /* numbers so far */
    LABELS,  /* labels from the first cell on, or asked for */
    TURNED,  /* numbers, then a text: nothing is stored until the second pass */
} storing;

typedef struct builder {
    char *name;
    storing storing;
    bool asked_label;
    double *values;
    int32_t *codes;
    int32_t last_code; /* runs of one label are common */
    jf_dictionary levels;
    size_t n_numbers, n_texts;
    size_t first_text_line;
    char first_text[40];
    size_t n_points, n_commas; /* numbers with a decimal point, with a decimal comma */
    size_t first_comma_line;
} builder;

typedef struct reader {
    jf_rows *rows;
    const char *name;
    jf_csv_options options;
    jf_ledger *ledger;
    jf_warnings *warnings;
    builder *columns;
    size_t n_columns;
    size_t *lines;
    size_t n_rows, capacity;
    size_t n_rejected, first_rejected_line;
    char first_rejected[240];
} reader;

static const jf_csv_options no_limits = {
    .max_rows = 2000000000, .max_columns = 100000, .max_row = (size_t)64 << 20};

/* ---- cells ---- */

static bool is_missing(const char *text, size_t length)
{
    static const char *const tokens[] = {"NA", "NaN", "nan", "N/A", "null", "NULL", "None", "-"};

    if (length == 0) return true;
    if (length > 4) return false;
    for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++)
        if (strcmp(text, tokens[i]) == 0) return true;
    return false;
}

static bool read_infinity(const char *text, double *value)
{
    bool negative = *text == '-';

    if (*text == '-' || *text == '+') text++;
    if (*text != 'i' && *text != 'I') return false;
    if (strcasecmp(text, "inf") != 0 && strcasecmp(text, "infinity") != 0) return false;
    *value = negative ? -INFINITY : INFINITY;
    return true;
}

/* "1,5" in a file with semicolons. */
static bool read_decimal_comma(const char *text, size_t length, double *value)
{
    const char *comma = memchr(text, ',', length);
    char copy[64];

    if (!comma || length >= sizeof copy || memchr(text, '.', length)) return false;
    memcpy(copy, text, length);
    copy[comma - text] = '.';
    return jf_number_read(copy, length, value);
}

static bool read_cell(const reader *read, builder *column, const char *text, size_t length, size_t line,
                      double *value)
{
    bool semicolons = jf_rows_separator(read->rows) == ';';

    if (jf_number_read(text, length, value)) {
        if (semicolons && memchr(text, '.', length)) column->n_points++;
        return true;
    }
    if (semicolons && read_decimal_comma(text, length, value)) {
        if (column->n_commas++ == 0) column->first_comma_line = line;
        return true;
    }
    return read_infinity(text, value);
}

static void note_text(builder *column, const char *text, size_t line)
{
    if (column->n_texts++ > 0) return;
    column->first_text_line = line;
    snprintf(column->first_text, sizeof column->first_text, "%s", text);
    if (strlen(text) >= sizeof column->first_text)
        memcpy(column->first_text + sizeof column->first_text - 4, "...", 4);
}

static bool store_label(builder *column, size_t row, const char *text, size_t length)
{
    const char *last =
        column->last_code < 0 ? NULL : jf_dictionary_text(&column->levels, (size_t)column->last_code);

    if (!last || strcmp(last, text) != 0) {
        if (!jf_dictionary_code(&column->levels, text, length, &column->last_code)) return false;
    }
    column->codes[row] = column->last_code;
    return true;
}

/* A text among numbers: later rows of the column are not stored until the second pass. A text after missing
 * cells only: the column holds labels from here on. */
static bool turn(const reader *read, builder *column)
{
    column->storing = column->n_numbers ? TURNED : LABELS;
    jf_free(column->values);
    column->values = NULL;
    if (column->storing == TURNED) return true;
    column->codes = JF_NEW_ARRAY(int32_t, read->capacity);
    for (size_t i = 0; column->codes && i < read->n_rows; i++) column->codes[i] = -1;
    return column->codes != NULL;
}

/* First pass over one cell. False when out of memory. */
static bool take_cell(const reader *read, builder *column, const char *text, size_t length, size_t line)
{
    size_t row = read->n_rows;
    double value = NAN;

    if (column->storing == SKIP) return true;
    if (read_cell(read, column, text, length, line, &value)) {
        column->n_numbers++;
    } else if (is_missing(text, length)) {
        if (column->storing == LABELS) column->codes[row] = -1;
        if (column->storing == NUMBERS) column->values[row] = NAN;
        return true;
    } else {
        note_text(column, text, line);
        if (column->storing == NUMBERS && !turn(read, column)) return false;
    }
    if (column->storing == NUMBERS) column->values[row] = value;
    return column->storing != LABELS || store_label(column, row, text, length);
}

/* ---- header ---- */

static char *clean_name(const char *text)
{
    jf_text name = {0};
    size_t length;

    while (*text == ' ' || *text == '\t') text++;
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
            strcat(free_name, "_");
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
    read->columns = JF_NEW_ZEROED(builder, row.n_fields);
    JF_TRY_NEW(read->columns, err, "columns");
    read->n_columns = row.n_fields;
    for (size_t i = 0; i < row.n_fields; i++) {
        read->columns[i].name = clean_name(row.bytes + row.starts[i]);
        JF_TRY_NEW(read->columns[i].name, err, "column names");
    }
    *unnamed_first = !*read->columns[0].name;
    JF_TRY(settle_names(read, row.line, err));
    for (size_t i = 0; i < row.n_fields; i++) {
        builder *column = &read->columns[i];
        column->last_code = -1;
        column->asked_label = is_listed(column->name, options->labels, options->n_labels);
        column->storing = column->asked_label ? LABELS : NUMBERS;
        if (options->wanted && !is_listed(column->name, options->wanted, options->n_wanted))
            column->storing = SKIP;
    }
done:
    return status;
}

/* ---- rows ---- */

static bool grow_columns(reader *read)
{
    size_t capacity = read->capacity ? 2 * read->capacity : 256;
    size_t *lines = jf_resize(read->lines, capacity, sizeof *lines);

    if (!lines) return false;
    read->lines = lines;
    for (size_t i = 0; i < read->n_columns; i++) {
        builder *column = &read->columns[i];
        if (column->storing == NUMBERS) {
            double *values = jf_resize(column->values, capacity, sizeof *values);
            if (!values) return false;
            column->values = values;
        } else if (column->storing == LABELS) {
            int32_t *codes = jf_resize(column->codes, capacity, sizeof *codes);
            if (!codes) return false;
            column->codes = codes;
        }
    }
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
        if (!take_cell(read, &read->columns[i], row->bytes + row->starts[i],
                       row->starts[i + 1] - row->starts[i] - 1, row->line))
            return jf_fail(err, JF_ENOMEM, "out of memory for column '%s' of %s", read->columns[i].name,
                           read->name);
    read->lines[read->n_rows++] = row->line;
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

    for (size_t i = 0; i < read->n_columns; i++) {
        builder *column = &read->columns[i];
        if (column->storing == NUMBERS && column->n_points && column->n_commas) column->storing = TURNED;
        any = any || column->storing == TURNED;
    }
    return any;
}

static jf_status store_labels(reader *read, const jf_row *row, size_t index, jf_error *err)
{
    for (size_t i = 0; i < read->n_columns; i++) {
        builder *column = &read->columns[i];
        const char *text = row->bytes + row->starts[i];
        size_t length = row->starts[i + 1] - row->starts[i] - 1;
        if (column->storing != TURNED) continue;
        if (is_missing(text, length))
            column->codes[index] = -1;
        else if (!store_label(column, index, text, length))
            return jf_fail(err, JF_ENOMEM, "out of memory for column '%s' of %s", column->name, read->name);
    }
    return JF_OK;
}

/* Reads the columns again whose numbers turned out to stand among texts. */
static jf_status read_again(reader *read, jf_error *err)
{
    jf_status status = JF_OK;
    size_t n_rows = 0;
    bool more;
    jf_row row;

    for (size_t i = 0; i < read->n_columns; i++) {
        builder *column = &read->columns[i];
        if (column->storing != TURNED) continue;
        jf_free(column->values);
        column->values = NULL;
        column->codes = JF_NEW_ARRAY(int32_t, read->n_rows);
        JF_TRY_NEW(column->codes, err, "labels");
    }
    JF_TRY(jf_rows_rewind(read->rows, err));
    JF_TRY(next_header(read, &row, err));
    for (;;) {
        JF_TRY(jf_rows_next(read->rows, &row, &more, err));
        if (!more) break;
        if (row.problem || row.n_fields != read->n_columns) continue;
        if (n_rows < read->n_rows) JF_TRY(store_labels(read, &row, n_rows, err));
        n_rows++;
    }
    if (n_rows != read->n_rows)
        status = jf_fail(err, JF_EDATA, "%s: the file changed while it was read", read->name);
done:
    return status;
}

/* ---- levels ---- */

typedef struct level {
    uint64_t start; /* the first eight bytes, the first one highest: settles most comparisons */
    char *text;
    double value;
    size_t code;
} level;

static uint64_t start_of_text(const char *text)
{
    uint64_t start = 0;

    for (int i = 0; i < 8; i++) start = start << 8 | (unsigned char)(*text ? *text++ : 0);
    return start;
}

static int by_text(const void *a, const void *b)
{
    const level *x = a, *y = b;

    if (x->start != y->start) return x->start < y->start ? -1 : 1;
    return strcmp(x->text, y->text);
}

static int by_value(const void *a, const void *b)
{
    double x = ((const level *)a)->value, y = ((const level *)b)->value;

    return x < y ? -1 : x > y ? 1 : by_text(a, b);
}

static char *level_text(const char *text, bool *latin1)
{
    jf_text whole = {0};

    if (jf_text_is_utf8(text)) return jf_copy_text(text);
    *latin1 = true;
    jf_text_add_latin1(&whole, text, strlen(text));
    return jf_text_take(&whole);
}

/* The levels of `column` sorted as core/column.h says; equal texts stay side by side. */
static level *sorted_levels(const builder *column, bool *latin1)
{
    size_t n = column->levels.n;
    level *levels = JF_NEW_ZEROED(level, n ? n : 1);
    bool numeric = true;

    for (size_t i = 0; levels && i < n; i++) {
        levels[i].code = i;
        levels[i].text = level_text(jf_dictionary_text(&column->levels, i), latin1);
        if (!levels[i].text) {
            for (size_t j = 0; j < i; j++) jf_free(levels[j].text);
            jf_free(levels);
            return NULL;
        }
        levels[i].start = start_of_text(levels[i].text);
        numeric = numeric && jf_number_read(levels[i].text, strlen(levels[i].text), &levels[i].value);
    }
    if (levels && n) qsort(levels, n, sizeof *levels, numeric ? by_value : by_text);
    return levels;
}

/* Gives the column its sorted levels and rewrites the codes to them. */
static jf_status finish_labels(reader *read, builder *column, jf_column *out, jf_error *err)
{
    jf_status status = JF_OK;
    size_t n = column->levels.n, n_kept = 0;
    bool latin1 = false;
    level *levels = sorted_levels(column, &latin1);
    int32_t *new_code = JF_NEW_ARRAY(int32_t, n ? n : 1);

    out->levels = JF_NEW_ZEROED(char *, n ? n : 1);
    JF_TRY_NEW(levels && new_code && out->levels, err, "levels");
    for (size_t i = 0; i < n; i++) {
        bool again = n_kept && strcmp(out->levels[n_kept - 1], levels[i].text) == 0;
        if (!again) {
            out->levels[n_kept++] = levels[i].text;
            levels[i].text = NULL;
        }
        new_code[levels[i].code] = (int32_t)n_kept - 1;
    }
    out->n_levels = n_kept;
    for (size_t i = 0; i < read->n_rows; i++)
        if (column->codes[i] >= 0) column->codes[i] = new_code[column->codes[i]];
    if (latin1 && read->ledger)
        JF_TRY(jf_ledger_add(read->ledger, JF_REPAIRED, read->name, 0, column->name, "text that is not UTF-8",
                             "read as Latin-1", err));
done:
    for (size_t i = 0; levels && i < n; i++) jf_free(levels[i].text);
    jf_free(levels);
    jf_free(new_code);
    return status;
}

/* ---- the table ---- */

static void warn_of_mixture(reader *read, const builder *column)
{
    size_t n = column->n_numbers + column->n_texts;

    if (column->asked_label || column->storing == SKIP || column->storing == NUMBERS) return;
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

static jf_status note_commas(reader *read, const builder *column, jf_error *err)
{
    char what[64];

    if (!read->ledger || column->storing != NUMBERS || !column->n_commas) return JF_OK;
    snprintf(what, sizeof what, "%zu numbers with a decimal comma", column->n_commas);
    return jf_ledger_add(read->ledger, JF_REPAIRED, read->name, column->first_comma_line, column->name, what,
                         "read as decimal point", err);
}

static bool is_index(const reader *read, bool unnamed)
{
    const builder *first = &read->columns[0];

    if (!unnamed && strcmp(first->name, "index") != 0 && strcmp(first->name, "Unnamed: 0") != 0) return false;
    if (first->storing != NUMBERS) return false;
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

/* The array cut to what is used; a NULL stays one. */
static void *shrunk(void *array, size_t count, size_t size)
{
    void *smaller = array ? jf_resize(array, count, size) : NULL;

    return smaller ? smaller : array;
}

static jf_status finish_column(reader *read, builder *column, jf_table *table, jf_error *err)
{
    jf_status status = JF_OK;
    jf_column out = {.kind = column->storing == NUMBERS ? JF_NUMERIC : JF_LABEL};

    if (column->storing == SKIP) return JF_OK;
    warn_of_mixture(read, column);
    JF_TRY(note_commas(read, column, err));
    if (out.kind == JF_LABEL) JF_TRY(finish_labels(read, column, &out, err));
    jf_dictionary_free(&column->levels);
    out.name = column->name;
    out.values = shrunk(column->values, read->n_rows, sizeof *out.values);
    out.codes = shrunk(column->codes, read->n_rows, sizeof *out.codes);
    column->name = NULL;
    column->values = NULL;
    column->codes = NULL;
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
    memcpy(table->lines, read->lines, read->n_rows * sizeof *table->lines);
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
    for (size_t i = 0; i < read->n_columns; i++) {
        builder *column = &read->columns[i];
        jf_dictionary_free(&column->levels);
        jf_free(column->values);
        jf_free(column->codes);
        jf_free(column->name);
    }
    jf_free(read->columns);
    jf_free(read->lines);
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
