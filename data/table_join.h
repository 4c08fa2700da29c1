/* Two tables side by side, by columns that both have. Nothing is matched in silence. */
#ifndef JF_DATA_TABLE_JOIN_H
#define JF_DATA_TABLE_JOIN_H

#include "data/table.h"

/* What becomes of a row that has no partner: an error, a row with missing values, or none at all. */
typedef enum jf_unmatched { JF_UNMATCHED_REFUSE, JF_UNMATCHED_KEEP, JF_UNMATCHED_DROP } jf_unmatched;

/* What stands in the way of a join, or would without an option. */
typedef struct jf_join_problem {
    const char *file; /* borrowed */
    size_t line;
    char *what;
} jf_join_problem;

typedef struct jf_join_problems {
    jf_join_problem *items;
    size_t n, capacity;
    size_t n_runs, n_records, n_many; /* runs without a record, records without a run, runs with several */
} jf_join_problems;

/* Lists a problem, in the ledger too, with `why` as what becomes of it. */
jf_status jf_join_problem_add(jf_join_problems *problems, jf_ledger *ledger, const char *file, size_t line,
                              const char *why, const char *what, jf_error *err);
void jf_join_problems_free(jf_join_problems *problems);

typedef struct jf_table_join {
    const char *const *runs_columns,
        *const *other_columns; /* n_columns that must agree, pair by pair, as texts */
    size_t n_columns;
    jf_unmatched unmatched; /* of both tables */
    bool many; /* several runs may share a row of the other table, whose rows that no run names are then left
                  out; and a run with several rows there becomes as many */
} jf_table_join;

/* The runs in their order, each with the other table's columns behind its own: those that must agree stand
 * once, a name that the runs have is called "joined_NAME" (said in the ledger). A missing value agrees with
 * nothing. Lines are those of the runs (0: a row of the other table alone), the digest is that of both
 * digests. JF_EDATA: there is no such column, a key stands several times in both, or there are problems that
 * the options do not allow; those are listed in either case. */
jf_status jf_tables_join(const jf_table *runs, const jf_table *other, const jf_table_join *options,
                         jf_ledger *ledger, jf_join_problems *problems, jf_table **out, jf_error *err);

#endif
