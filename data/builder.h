/* One column while its cells come in: numbers until a text shows that it holds labels, whatever the row
 * order.
 *
 * In the first pass a column stores numbers as long as all its cells are numbers or missing. When a text
 * comes after numbers, whose own texts are gone by then, the column stores nothing more and is read again in
 * a second pass. */
#ifndef JF_DATA_BUILDER_H
#define JF_DATA_BUILDER_H

#include "core/column.h"
#include "data/dictionary.h"

typedef enum jf_storing {
    JF_STORE_NUMBERS,
    JF_STORE_LABELS,  /* from the first cell on, or asked for */
    JF_STORE_TURNED,  /* numbers, then a text: waits for the second pass */
    JF_STORE_NOTHING, /* not wanted */
} jf_storing;

/* Zero-initialise, set name, storing, asked_label, decimal_commas. */
typedef struct jf_builder {
    char *name; /* owned */
    jf_storing storing;
    bool asked_label;
    bool decimal_commas; /* "1,5" may be a number */

    double *values;
    int32_t *codes;
    size_t capacity;
    jf_dictionary levels;
    int32_t last_code; /* + 1; runs of one label are common */

    size_t n_numbers, n_texts;
    size_t first_text_line;
    char first_text[40];
    size_t n_points, n_commas; /* numbers with a decimal point, with a decimal comma */
    size_t first_comma_line;
    bool latin1; /* a level was no UTF-8 and was taken as Latin-1 (after finishing) */
} jf_builder;

/* Makes room for `capacity` rows. These give false when out of memory. */
bool jf_builder_grow(jf_builder *column, size_t capacity);
/* First pass: the cell of `row` (rows come in order), zero-terminated, in `line` of the file. */
bool jf_builder_take(jf_builder *column, size_t row, const char *text, size_t length, size_t line);
/* After the first pass: must the column be read again? Also when decimal points and commas contradict. */
bool jf_builder_needs_again(jf_builder *column);
/* Second pass; nothing happens to columns that need none. */
bool jf_builder_begin_again(jf_builder *column, size_t n_rows);
bool jf_builder_take_again(jf_builder *column, size_t row, const char *text, size_t length);
/* Hands over the column (unit and class are left to the caller), with levels sorted as core/column.h says. */
jf_status jf_builder_finish(jf_builder *column, size_t n_rows, jf_column *out, jf_error *err);
void jf_builder_clear(jf_builder *column);

#endif
