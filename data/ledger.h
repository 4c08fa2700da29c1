/* The ledger: every repair, merge and reject on the way in, with file, line, what and why. Totals balance. */
#ifndef JF_DATA_LEDGER_H
#define JF_DATA_LEDGER_H

#include <stddef.h>
#include "core/error.h"

typedef enum jf_ledger_action { JF_REPAIRED, JF_MERGED, JF_REJECTED, JF_FLAGGED } jf_ledger_action;

typedef struct jf_ledger_entry {
    jf_ledger_action action;
    char *file;
    size_t line;  /* first line of the row in the file, 1-based; 0 when the whole file is meant */
    char *column; /* NULL when the whole row is meant */
    char *what;   /* "36 fields, expected 38" */
    char *why;    /* "ragged row" */
} jf_ledger_entry;

typedef struct jf_ledger {
    jf_ledger_entry *items;
    size_t n, capacity;
    size_t rows_read, rows_kept, rows_merged, rows_rejected; /* read = kept + merged + rejected */
} jf_ledger;

jf_status jf_ledger_add(jf_ledger *ledger, jf_ledger_action action, const char *file, size_t line,
                        const char *column, const char *what, const char *why, jf_error *err);
/* CSV: action,file,line,column,what,why. */
jf_status jf_ledger_write(const jf_ledger *ledger, const char *path, jf_error *err);
void jf_ledger_free(jf_ledger *ledger);

#endif
