/* A table of runs as a result: CSV, or JSON rows, or a table of a document. */
#ifndef JF_CLI_TABLE_OUT_H
#define JF_CLI_TABLE_OUT_H

#include "cli/session.h"
#include "data/table.h"

/* `rows` of the table (NULL: all). Text means CSV: a table of runs is for other programs. */
jf_status jf_table_out(const jf_session *session, const jf_table *table, const size_t *rows, size_t n_rows,
                       jf_error *err);

#endif
