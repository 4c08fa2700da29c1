/* Derived columns, filters, energy scope: from the raw table to the rows and columns that are fitted. */
#ifndef JF_DATA_COLUMNS_H
#define JF_DATA_COLUMNS_H

#include "data/table.h"

/* `NAME [UNIT] = EXPR` as in --let. The unit is that given, else the expression's. */
jf_status jf_table_let(jf_table *table, const char *assignment, jf_error *err);
/* Rows of the view where EXPR is true; counts what falls out. *rows is owned by the caller (jf_free). */
jf_status jf_table_filter(const jf_table *table, const char *expression, size_t **rows, size_t *n_rows,
                          jf_error *err);
/* Keeps these rows of the table, in order. */
jf_status jf_table_keep(jf_table *table, const size_t *rows, size_t n_rows, jf_error *err);
/* Reads a numeric column as labels (--label). */
jf_status jf_table_label(jf_table *table, const char *column, jf_error *err);
/* Adds the SI columns `energy` (J; of the scope "gpu", "cpu", "ram", "total" or NULL: total, else gpu, else
 * the only energy column) and `duration` (s) from columns with such units, unless the file has them (a
 * warning when not SI). */
jf_status jf_table_add_si(jf_table *table, const char *scope, jf_warnings *warnings, jf_error *err);

#endif
