/* Tables whose rows are JSON objects and whose columns are a list of titles, keys and forms. */
#ifndef JF_REPORTS_JSON_TABLE_H
#define JF_REPORTS_JSON_TABLE_H

#include <jansson.h>
#include "reports/doc.h"

typedef enum jf_form {
    JF_FORM_TEXT,
    JF_FORM_COUNT,    /* a whole number */
    JF_FORM_NUMBER,   /* to `digits` */
    JF_FORM_ESTIMATE, /* rounded to the object's "std_error" */
    JF_FORM_ERROR,    /* two digits */
    JF_FORM_INTERVAL, /* `key` and `upper`, rounded to the object's "std_error" */
    JF_FORM_T,        /* a statistic: two decimals */
    JF_FORM_P,        /* a p-value */
    JF_FORM_PAIR,     /* `key` and `upper` as "2, 31"; "2" where there is no second */
    JF_FORM_FLAG,     /* "yes" where true */
    JF_FORM_WORDS,    /* text that readers see in the words of `words`; CSV has it as it is */
} jf_form;

typedef struct jf_json_column {
    const char *title, *key; /* key: a path, parts parted by dots */
    jf_form form;
    int priority;                                  /* as in jf_doc_column */
    int digits;                                    /* NUMBER: significant digits; 0: those of the report */
    const char *upper;                             /* INTERVAL, PAIR: key of the second number */
    void (*words)(jf_text *out, const char *text); /* WORDS */
} jf_json_column;

/* Adds a column for each of `columns` (ends with a NULL title). */
void jf_json_table_columns(jf_doc_table *table, const jf_json_column *columns);
/* Adds a row with what `object` has at the keys. */
void jf_json_table_row(jf_doc_table *table, const jf_json_column *columns, const json_t *object, int digits);
/* Fills the last row from column `from` on, where others stand before it. */
void jf_json_table_cells(jf_doc_table *table, size_t from, const jf_json_column *columns,
                         const json_t *object, int digits);
/* A table of the list's objects; NULL and no table where the list is empty or missing. */
jf_doc_table *jf_json_table(jf_doc *doc, const char *caption, const jf_json_column *columns,
                            const json_t *list, int digits);

#endif
