/* One column while its cells come in: numbers until a text shows that it holds labels. */
#include "data/builder.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "core/memory.h"
#include "core/text.h"
#include "data/guard.h"

/* ---- cells ---- */

static bool is_missing(const char *text, size_t length)
{
    static const char *const tokens[] = {"NA", "NaN", "nan", "N/A", "null", "NULL", "None", "-"};

    if (length == 0) return true;
    if (length > 4 || (*text != 'N' && *text != 'n' && *text != '-')) return false; /* as all tokens begin */
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

static bool read_cell(jf_builder *column, const char *text, size_t length, size_t line, double *value)
{
    if (jf_number_read(text, length, value)) {
        if (column->decimal_commas && memchr(text, '.', length)) column->n_points++;
        return true;
    }
    if (column->decimal_commas && read_decimal_comma(text, length, value)) {
        if (column->n_commas++ == 0) column->first_comma_line = line;
        return true;
    }
    return read_infinity(text, value);
}

static void note_text(jf_builder *column, const char *text, size_t line)
{
    if (column->n_texts++ > 0) return;
    column->first_text_line = line;
    snprintf(column->first_text, sizeof column->first_text, "%s", text);
    if (strlen(text) >= sizeof column->first_text)
        memcpy(column->first_text + sizeof column->first_text - 4, "...", 4);
}

static bool store_label(jf_builder *column, size_t row, const char *text, size_t length)
{
    int32_t code = column->last_code - 1;

    if (code < 0 || strcmp(jf_dictionary_text(&column->levels, (size_t)code), text) != 0) {
        if (!jf_dictionary_code(&column->levels, text, length, &code)) return false;
        column->last_code = code + 1;
    }
    column->codes[row] = code;
    return true;
}

/* A text among numbers: later rows of the column are not stored until the second pass. A text after missing
 * cells only: the column holds labels from here on. */
static bool turn(jf_builder *column, size_t row)
{
    column->storing = column->n_numbers ? JF_STORE_TURNED : JF_STORE_LABELS;
    jf_free(column->values);
    column->values = NULL;
    if (column->storing == JF_STORE_TURNED) return true;
    column->codes = JF_NEW_ARRAY(int32_t, column->capacity);
    for (size_t i = 0; column->codes && i < row; i++) column->codes[i] = -1;
    return column->codes != NULL;
}

bool jf_builder_take(jf_builder *column, size_t row, const char *text, size_t length, size_t line)
{
    double value = NAN;

    if (column->storing == JF_STORE_NOTHING) return true;
    if (read_cell(column, text, length, line, &value)) {
        column->n_numbers++;
    } else if (is_missing(text, length)) {
        if (column->storing == JF_STORE_LABELS) column->codes[row] = -1;
        if (column->storing == JF_STORE_NUMBERS) column->values[row] = NAN;
        return true;
    } else {
        note_text(column, text, line);
        if (column->storing == JF_STORE_NUMBERS && !turn(column, row)) return false;
    }
    if (column->storing == JF_STORE_NUMBERS) column->values[row] = value;
    return column->storing != JF_STORE_LABELS || store_label(column, row, text, length);
}

bool jf_builder_grow(jf_builder *column, size_t capacity)
{
    if (column->storing == JF_STORE_NUMBERS) {
        double *values = jf_resize(column->values, capacity, sizeof *values);
        if (!values) return false;
        column->values = values;
    } else if (column->storing == JF_STORE_LABELS) {
        int32_t *codes = jf_resize(column->codes, capacity, sizeof *codes);
        if (!codes) return false;
        column->codes = codes;
    }
    column->capacity = capacity;
    return true;
}

/* ---- second pass ---- */

bool jf_builder_needs_again(jf_builder *column)
{
    if (column->storing == JF_STORE_NUMBERS && column->n_points && column->n_commas)
        column->storing = JF_STORE_TURNED;
    return column->storing == JF_STORE_TURNED;
}

bool jf_builder_begin_again(jf_builder *column, size_t n_rows)
{
    if (column->storing != JF_STORE_TURNED) return true;
    jf_free(column->values);
    column->values = NULL;
    column->codes = JF_NEW_ARRAY(int32_t, n_rows);
    return column->codes != NULL;
}

bool jf_builder_take_again(jf_builder *column, size_t row, const char *text, size_t length)
{
    if (column->storing != JF_STORE_TURNED) return true;
    if (!is_missing(text, length)) return store_label(column, row, text, length);
    column->codes[row] = -1;
    return true;
}

/* ---- levels ---- */

typedef struct level {
    uint64_t start; /* eight bytes behind what all levels begin with, the first highest: settles most
                       comparisons */
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

/* Sets `start` of levels that have their texts. */
static void find_starts(level *levels, size_t n)
{
    size_t common = n ? strlen(levels[0].text) : 0;

    for (size_t i = 1; i < n; i++) {
        size_t same = 0;

        while (same < common && levels[i].text[same] == levels[0].text[same]) same++;
        common = same;
    }
    for (size_t i = 0; i < n; i++) levels[i].start = start_of_text(levels[i].text + common);
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

    text = jf_guard_taken_off(text);
    if (jf_text_is_utf8(text)) return jf_copy_text(text);
    *latin1 = true;
    jf_text_add_latin1(&whole, text, strlen(text));
    return jf_text_take(&whole);
}

/* The levels of `column` sorted as core/column.h says; equal texts stay side by side. */
static level *sorted_levels(const jf_builder *column, bool *latin1)
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
        numeric = numeric && jf_number_read(levels[i].text, strlen(levels[i].text), &levels[i].value);
    }
    if (levels) find_starts(levels, n);
    if (levels && n) qsort(levels, n, sizeof *levels, numeric ? by_value : by_text);
    return levels;
}

/* Gives the column its sorted levels and rewrites the codes to them. */
static jf_status finish_labels(jf_builder *column, size_t n_rows, jf_column *out, jf_error *err)
{
    jf_status status = JF_OK;
    size_t n = column->levels.n, n_kept = 0;
    level *levels = sorted_levels(column, &column->latin1);
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
    for (size_t i = 0; i < n_rows; i++)
        if (column->codes[i] >= 0) column->codes[i] = new_code[column->codes[i]];
done:
    for (size_t i = 0; levels && i < n; i++) jf_free(levels[i].text);
    jf_free(levels);
    jf_free(new_code);
    return status;
}

/* The array cut to what is used; a NULL stays one. */
static void *shrunk(void *array, size_t count, size_t size)
{
    void *smaller = array ? jf_resize(array, count, size) : NULL;

    return smaller ? smaller : array;
}

jf_status jf_builder_finish(jf_builder *column, size_t n_rows, jf_column *out, jf_error *err)
{
    jf_status status = JF_OK;

    *out = (jf_column){.kind = column->storing == JF_STORE_NUMBERS ? JF_NUMERIC : JF_LABEL};
    if (out->kind == JF_LABEL) JF_TRY(finish_labels(column, n_rows, out, err));
    jf_dictionary_free(&column->levels);
    out->name = column->name;
    out->values = shrunk(column->values, n_rows, sizeof *out->values);
    out->codes = shrunk(column->codes, n_rows, sizeof *out->codes);
    column->name = NULL;
    column->values = NULL;
    column->codes = NULL;
done:
    if (status != JF_OK) jf_column_clear(out);
    return status;
}

void jf_builder_clear(jf_builder *column)
{
    jf_dictionary_free(&column->levels);
    jf_free(column->values);
    jf_free(column->codes);
    jf_free(column->name);
    *column = (jf_builder){0};
}
