/* What the files of the join share: the state of one join, and its steps. */
#ifndef JF_DATA_TRACKERS_JOIN_PARTS_H
#define JF_DATA_TRACKERS_JOIN_PARTS_H

#include "data/trackers/formats.h"
#include "data/trackers/join.h"

/* What the join works on. */
typedef struct jf_joining {
    const jf_table *runs;
    jf_import *import;
    const jf_join_options *options;
    jf_join_problems *problems;
    jf_error *err;
    size_t *run_of;               /* of each record: row of `runs` or JF_NO_ROW */
    size_t *n_records;            /* of each row */
    size_t *row_run, *row_record; /* of each row of the result, or JF_NO_ROW */
    size_t n_rows;
} jf_joining;

/* join_match.c: fills run_of, by key, by time, or by key and what has none by time. */
jf_status jf_join_match(jf_joining *join);
/* The record's value of a column; NULL: it has none. */
const char *jf_record_key(const jf_measured *run, const char *column);

/* join_records.c: adds what one record has to another of the same run, from another tracker ... */
jf_status jf_join_combine(jf_joining *join, size_t to, size_t from);
/* ... or from another node: energies and GPUs are added. */
jf_status jf_join_add_node(jf_joining *join, size_t to, size_t from);

/* join_table.c: descriptions and measurements side by side, of the rows that were made. */
jf_status jf_join_table(jf_joining *join, jf_table **out);

#endif
