/* CSV and TSV files, plain, gzip or zstd, into a table. */
#ifndef JF_DATA_CSV_H
#define JF_DATA_CSV_H

#include "data/table.h"

typedef struct jf_csv_options {
    char separator;            /* 0: comma, semicolon or tab, found in the header line */
    const char *const *labels; /* columns to read as labels even when all numeric */
    size_t n_labels;
    const char *const *wanted; /* convert these columns only; NULL: all */
    size_t n_wanted;
    size_t max_rows, max_columns, max_field; /* 0: 2e9 rows, 100,000 columns, 64 MiB a field */
} jf_csv_options;

/* Reads `path` ("-": stdin). Types: a column whose every present cell is a number is numeric, else label; row
 * order does not matter. A column with a few cells that are no numbers among many numbers stays label and is
 * named in W_MIXED_COLUMN. Missing: empty, NA, NaN, nan, N/A, null, None, -. An unnamed column is called
 * "column_3" (its place), and a leading unnamed one whose cells are a running number is an index ("index";
 * ignored by the search for duplicates). Ragged or unreadable rows go to the ledger as rejected. Missing,
 * empty, binary files and two columns of one name are JF_EDATA. */
jf_status jf_csv_read(const char *path, const jf_csv_options *options, jf_ledger *ledger,
                      jf_warnings *warnings, jf_table **out, jf_error *err);
/* Writes columns (NULL: all) of the rows (NULL: all) as CSV that jf_csv_read reads back to the same numbers.
 */
jf_status jf_csv_write(const jf_table *table, const size_t *rows, size_t n_rows, const char *path,
                       jf_error *err);

#endif
