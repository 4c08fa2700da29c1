/* Tables by kind: one row of a list each, from saved results. */
#ifndef JF_REPORTS_TABLES_H
#define JF_REPORTS_TABLES_H

#include <jansson.h>
#include "reports/doc.h"

/* What a table is made from and how it is shown; all borrowed. Zero it, and fill what there is. */
typedef struct jf_table_request {
    const json_t *const *results; /* saved fits and comparisons */
    size_t n_results;
    const char *const *laws; /* of comparisons, in this order; none: what suits the table */
    size_t n_laws;
    const char *const *columns; /* titles of the columns to show, in this order; none: all */
    size_t n_columns;
    int digits;                  /* of numbers without an error; 0: 4 */
    const char *caption, *label; /* NULL: the table's own, and none */
} jf_table_request;

typedef struct jf_table_kind {
    const char *name;  /* "ranking" */
    const char *title; /* what it shows, lower case, no full stop */
    const char *needs; /* "a comparison" */
    /* Adds one table and its notes; none at all where the results have nothing for it. */
    jf_status (*add)(jf_doc *doc, const jf_table_request *request, jf_error *err);
} jf_table_kind;

extern const jf_table_kind jf_table_kinds[]; /* ends with a NULL name */

/* JF_EUSAGE with a suggestion when there is none of that name. */
jf_status jf_table_kind_find(const char *name, const jf_table_kind **out, jf_error *err);
/* Adds the table, with the request's caption, label and columns. JF_EDATA where the results have nothing for
 * it. */
jf_status jf_report_table_add(jf_doc *doc, const jf_table_kind *kind, const jf_table_request *request,
                              jf_error *err);

/* Laws as columns, their parameters as rows with the errors beneath. */
jf_status jf_table_side_by_side(jf_doc *doc, const jf_table_request *request, jf_error *err);

#endif
