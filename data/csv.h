/* CSV and TSV files, plain, gzip or zstd, into a table. */
#ifndef JF_DATA_CSV_H
#define JF_DATA_CSV_H

#include "core/text.h"
#include "data/table.h"

typedef struct jf_csv_options {
    char separator;            /* 0: comma, semicolon or tab, found in the header line */
    const char *const *labels; /* columns to read as labels even when all numeric */
    size_t n_labels;
    const char *const *wanted; /* convert these columns only; NULL: all */
    size_t n_wanted;
    size_t max_rows, max_columns, max_row; /* 0: 2e9 rows, 100,000 columns, 64 MiB of text a row */
} jf_csv_options;

/* Reads `path` ("-": stdin). Types: a column whose every present cell is a number (inf too) is numeric, else
 * label; row order does not matter. A column with a few cells that are no numbers among many numbers stays
 * label and is named in W_MIXED_COLUMN. Missing: empty, NA, NaN, nan, N/A, null, NULL, None, -. In files with
 * semicolons a decimal comma is read when the whole column has it (noted in the ledger). Text that is not
 * UTF-8 is taken as Latin-1 (noted too). An unnamed column is called "column_3" (its place). The first column
 * is the file's index when it is unnamed or called "index" or "Unnamed: 0" and holds whole numbers only, as
 * data frames write their row labels: it is called "index" and is ignored by the search for duplicates.
 * An apostrophe in front of what would be a formula in a spreadsheet is taken off (data/guard.h).
 * Ragged or unreadable rows go to the ledger as rejected and are summed up in W_REJECTED_ROWS. Files that are
 * missing, empty or no text, a header without rows and two columns of one name are JF_EDATA. Columns have the
 * units and classes of their names (jf_table_set_units). `ledger` and `warnings` are added to; either may be
 * NULL. */
jf_status jf_csv_read(const char *path, const jf_csv_options *options, jf_ledger *ledger,
                      jf_warnings *warnings, jf_table **out, jf_error *err);
/* Writes the rows (NULL: all) as CSV that jf_csv_read reads back to the same numbers. */
jf_status jf_csv_write(const jf_table *table, const size_t *rows, size_t n_rows, const char *path,
                       jf_error *err);
/* Adds one cell, in quotes where CSV needs them and with an apostrophe in front of what a spreadsheet would
 * take for a formula (data/guard.h); NULL adds nothing. */
void jf_csv_add_cell(jf_text *text, const char *cell);
/* Adds a number with the digits that bring the same double back; NaN adds nothing. */
void jf_csv_add_number(jf_text *text, double value);
/* The lines that jf_csv_write writes. */
void jf_csv_add_header(jf_text *text, const jf_table *table);
void jf_csv_add_row(jf_text *text, const jf_table *table, size_t row);

#endif
