/* Delimited text, row by row, with line numbers: libcsv in strict mode, and on again after a broken row. */
#ifndef JF_DATA_ROWS_H
#define JF_DATA_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include "core/error.h"

typedef struct jf_rows jf_rows;

/* One row; the pointers hold until the next call. Field i is the zero-terminated text at bytes + starts[i] of
 * starts[i + 1] - starts[i] - 1 bytes. */
typedef struct jf_row {
    size_t line;    /* first line, 1-based */
    size_t n_lines; /* more than 1 when a quoted field holds line ends */
    size_t n_fields;
    const char *bytes;
    const size_t *starts; /* n_fields + 1 */
    const char *problem;  /* why the row cannot be read (then there are no fields), or NULL */
} jf_row;

/* Opens `path` ("-": stdin), unpacks gzip and zstd, skips a BOM and finds line ends (LF, CRLF, CR) and the
 * separator in the first line when `separator` is 0. A row longer than `max_row` bytes (0: 64 MiB) is
 * JF_ELIMIT. Files that are not text are JF_EDATA with what they look like. */
jf_status jf_rows_open(const char *path, char separator, size_t max_row, jf_rows **out, jf_error *err);
void jf_rows_close(jf_rows *rows); /* takes NULL */
/* The next row that is not blank; *more is false at the end. After a broken row it goes on in the line after
 * that row's first, so that a stray quote costs one row and not the file. */
jf_status jf_rows_next(jf_rows *rows, jf_row *row, bool *more, jf_error *err);
/* Starts again from the first row. */
jf_status jf_rows_rewind(jf_rows *rows, jf_error *err);
char jf_rows_separator(const jf_rows *rows);
const char *jf_rows_name(const jf_rows *rows);             /* for messages */
void jf_rows_digest(const jf_rows *rows, char digest[65]); /* SHA-256, once the end was reached */

#endif
