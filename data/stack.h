/* Tables of several files put under one another: columns are matched by name. */
#ifndef JF_DATA_STACK_H
#define JF_DATA_STACK_H

#include "data/table.h"

/* One new table of all rows, in order; the tables are left as they are. Columns stand as in the
 * first table, then those that only later ones have; a file that lacks a column has it missing
 * (W_MISSING_COLUMN). A column that holds numbers in one file and labels in another becomes labels
 * (W_MIXED_COLUMN). A label column `file` says where each row came from, unless the files have one of their
 * own (W_OWN_COLUMN); it tells neither repeats nor duplicates apart. Its digest is that of the files'
 * digests. JF_EDATA: a column has two units, or the same file is given twice. */
jf_status jf_tables_stack(jf_table **tables, size_t n, jf_warnings *warnings, jf_table **out, jf_error *err);

#endif
