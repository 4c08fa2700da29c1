/* Rows that belong together: groups for splits and errors, exact duplicates, repeats of one configuration. */
#ifndef JF_DATA_GROUPS_H
#define JF_DATA_GROUPS_H

#include "data/table.h"

/* group[i] in 0 .. n_groups - 1, numbered by first appearance in row order; two rows share one when they
 * agree in every column. */
typedef struct jf_groups {
    size_t n_rows;
    uint32_t *group;
    size_t n_groups;
} jf_groups;

/* By comma-separated or listed column names; a missing value is a level of its own. */
jf_status jf_groups_by(const jf_table *table, const char *const *names, size_t n_names, jf_groups *out,
                       jf_error *err);
/* Exact duplicates: rows that agree in all columns but an index column. n_groups is the number of different
 * rows. */
jf_status jf_groups_exact(const jf_table *table, jf_groups *out, jf_error *err);
/* Repeats: rows that agree in all pre-run columns (configuration), apart from index, identifiers and time
 * stamps, and from `response` (NULL: none): what a law explains was measured, whatever its name. */
jf_status jf_groups_repeats(const jf_table *table, const char *response, jf_groups *out, jf_error *err);
void jf_groups_free(jf_groups *groups);

typedef enum jf_aggregate { JF_AGGREGATE_NONE, JF_AGGREGATE_MEAN, JF_AGGREGATE_MEDIAN } jf_aggregate;
/* Merges repeats to one row at the place of the first: numeric post-run columns to mean or median, with
 * `repeats` (count) and NAME_var (variance, n - 1, of each merged post-run column that is an energy or a
 * duration; missing for a single run) added. Exact duplicates are dropped first, for they are no repeats.
 * Merged rows are counted and listed in the ledger (which may be NULL). */
jf_status jf_table_aggregate(jf_table *table, jf_aggregate how, jf_ledger *ledger, jf_error *err);
/* --duplicates drop: keeps the first of each set. */
jf_status jf_table_drop_duplicates(jf_table *table, jf_ledger *ledger, jf_error *err);

#endif
