/* A table of runs: typed columns with units, and where each row came from. */
#ifndef JF_DATA_TABLE_H
#define JF_DATA_TABLE_H

#include "core/column.h"
#include "core/warnings.h"
#include "data/ledger.h"
#include "data/lines.h"

typedef struct jf_table {
    char *file;      /* as given; "-" for stdin */
    char sha256[65]; /* of the bytes read, before decompression */
    size_t n_rows;
    size_t rows_read; /* data rows in the file, kept or not */
    jf_column *columns;
    size_t n_columns, capacity;
    jf_lines lines; /* of the rows in the file: jf_table_line */
    const char
        *index_column; /* name of the column that only numbers the rows of the file, or NULL; borrowed */
    const char
        *file_column; /* name of the column that joulefit made of the files' names, or NULL; borrowed */
    struct jf_name_index *index; /* hash from name to column */
} jf_table;

/* `lines` are empty: rows have none until they are added. */
jf_status jf_table_new(size_t n_rows, jf_table **out, jf_error *err);
void jf_table_free(jf_table *table);
/* The line of the file that a row came from, from 1; 0 where there is none. */
static inline size_t jf_table_line(const jf_table *table, size_t row)
{
    return jf_lines_at(&table->lines, row);
}
const jf_column *jf_table_find(const jf_table *table, const char *name);
/* Takes over `column` (moved, then zeroed). A column of that name is replaced when `replace`, else JF_EDATA.
 */
jf_status jf_table_add(jf_table *table, jf_column *column, bool replace, jf_error *err);
/* Adds a label column from one text a row (NULL: missing); levels are sorted bytewise. */
jf_status jf_table_add_texts(jf_table *table, const char *name, const char *const *texts, jf_error *err);
/* The same columns in a table of their own. */
jf_status jf_table_copy(const jf_table *table, jf_table **out, jf_error *err);
/* The table as the expression language sees it; borrowed. */
jf_columns jf_table_columns(const jf_table *table);
/* The column, or an error with a suggestion: "no column 'enrgy' in runs.csv (did you mean 'energy'?)". */
jf_status jf_table_get(const jf_table *table, const char *name, const jf_column **out, jf_error *err);
/* A table of these columns (those of the names that there are, each once) and rows, which may repeat. */
jf_status jf_table_extract(const jf_table *table, const char *const *names, size_t n_names,
                           const size_t *rows, size_t n_rows, jf_table **out, jf_error *err);
/* Keeps these rows of the table; they rise. */
jf_status jf_table_keep(jf_table *table, const size_t *rows, size_t n_rows, jf_error *err);

#endif
