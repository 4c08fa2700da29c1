/* One column of a table: numbers, or labels coded into a list of levels. */
#ifndef JF_CORE_COLUMN_H
#define JF_CORE_COLUMN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/error.h"

typedef enum jf_column_kind { JF_NUMERIC, JF_LABEL } jf_column_kind;

/* When a value is known: before the run (configuration, hardware) or only after it (energy, time, loss). */
typedef enum jf_known { JF_PRE_RUN, JF_POST_RUN } jf_known;

typedef struct jf_column {
    char *name;
    jf_column_kind kind;
    double *values; /* NUMERIC: n_rows, NaN is missing; NULL for labels */
    int32_t *codes; /* LABEL: n_rows, index into levels, -1 is missing; NULL for numbers */
    char **levels;  /* LABEL: n_levels different texts, sorted bytewise (all-numeric texts by value) */
    size_t n_levels;
    char unit[24]; /* "kWh", "J", "s", "W", "FLOP", "" when unknown or none */
    jf_known known;
} jf_column;

/* Frees what the column owns and zeroes it. */
void jf_column_clear(jf_column *column);
/* Codes a numeric column's values as levels ("4", "0.5", ...) sorted by value; a label column is copied. */
jf_status jf_column_as_labels(const jf_column *column, size_t n_rows, jf_column *out, jf_error *err);
/* In a list of rows: none, where a column has a missing value. */
#define JF_NO_ROW SIZE_MAX
/* The column as it stands in these n rows (they may repeat, or be JF_NO_ROW; NULL: the first n). */
jf_status jf_column_gather(const jf_column *column, const size_t *rows, size_t n, jf_column *out,
                           jf_error *err);
/* Gives the column another name. */
jf_status jf_column_rename(jf_column *column, const char *name, jf_error *err);
/* The value of a row as text: a level, or the shortest number that reads back the same, written into `number`
 * of JF_NUMBER_TEXT bytes. NULL when missing. */
const char *jf_column_text(const jf_column *column, size_t row, char *number);
/* Index of a level, or -1. */
int32_t jf_column_level(const jf_column *column, const char *level);

/* How an expression finds its columns: `find` gives the column of that exact name or NULL. */
typedef struct jf_columns {
    const jf_column *(*find)(const void *table, const char *name);
    const jf_column *(*at)(const void *table, size_t index); /* for suggestions and listings */
    const void *table;
    size_t n_columns;
    size_t n_rows;
} jf_columns;

#endif
