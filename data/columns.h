/* Derived columns, filters, energy scope: from the raw table to the rows and columns that are fitted. */
#ifndef JF_DATA_COLUMNS_H
#define JF_DATA_COLUMNS_H

#include "data/table.h"

/* `NAME [UNIT] = EXPR` as in --let; NAME may stand in backquotes, and a column of that name is replaced. The
 * unit is that given (JF_EUSAGE when the expression is known to give another), else the expression's, else
 * that of the name; the class is the later one of what the expression reads. */
jf_status jf_table_let(jf_table *table, const char *text, jf_error *err);
/* The same with a unit that stands elsewhere (--unit; NULL: none; JF_EUSAGE where the text states another).
 */
jf_status jf_table_let_in(jf_table *table, const char *text, const char *unit, jf_error *err);
/* Would this text make a column of that name (`length` bytes)? */
bool jf_let_makes(const char *text, const char *name, size_t length);
/* Rows of the view where EXPR is true; counts what falls out. *rows is owned by the caller (jf_free). */
jf_status jf_table_filter(const jf_table *table, const char *expression, size_t **rows, size_t *n_rows,
                          jf_error *err);
/* Reads a numeric column as labels (--label). */
jf_status jf_table_label(jf_table *table, const char *name, jf_error *err);
/* Adds the SI columns `energy` (J; of the scope "gpu", "cpu", "ram", "total" or NULL: total, else gpu, else
 * the only energy column) and `duration` (s) from columns with such units, unless the file has columns of
 * these names (W_SI_NAME when they are not known to be SI). W_SCOPE names the columns when there was a
 * choice; a scope that no column has is JF_EUSAGE. Where no column or no single one can be meant, nothing is
 * added. */
jf_status jf_table_add_si(jf_table *table, const char *scope, jf_warnings *warnings, jf_error *err);
/* Name of the column that holds the energy of "gpu", "cpu", "ram" or "total"; NULL when there is none. */
const char *jf_table_scope_column(const jf_table *table, const char *scope);

#endif
