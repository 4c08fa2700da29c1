/* --join and its companions: which tables are joined with what is read, and how. */
#ifndef JF_CLI_JOINS_H
#define JF_CLI_JOINS_H

#include "cli/session.h"
#include "cli/tracked.h"
#include "data/trackers/join.h"

typedef struct jf_join_settings {
    jf_option_list files, on; /* FILE, and COL[=COL],... of each */
    const char *window;
    int unmatched; /* as jf_unmatched */
    bool many, sum_nodes;
} jf_join_settings;
extern const jf_option jf_join_options_table[];

/* Is anything joined, or cut to a window? */
bool jf_joins_wanted(const jf_join_settings *settings);
/* The options against one another: JF_EUSAGE. */
jf_status jf_joins_check(const jf_join_settings *settings, jf_error *err);

/* Tracker files on their way to a table of runs. Fill the first part and the import's ledger, warnings and
 * settings; freed with jf_tracker_join_free after success and failure alike. */
typedef struct jf_tracker_join {
    const jf_session *session; /* problems are listed there */
    const jf_join_settings *settings;
    const jf_option_list *files;
    const char *from;            /* NULL: by content */
    const jf_option_list *where; /* what records are taken; NULL: all */
    jf_import import;
    jf_join_problems problems;
    size_t n_unmatched; /* rows that were dropped for want of a partner */

    jf_boards boards;
    jf_table *runs;
    jf_window *windows;
    char *runs_column, *record_column;
} jf_tracker_join;

/* The runs of the files, joined with the first table of --join, where there is one, by its key, by --window,
 * or both. */
jf_status jf_tracker_join_read(jf_tracker_join *join, jf_table **out, jf_error *err);
/* The names of all files that went into the table, and the digest of their digests, as results bear them. */
jf_status jf_tracker_join_sign(const jf_tracker_join *join, jf_table *table, jf_error *err);
void jf_tracker_join_free(jf_tracker_join *join);

/* Joins the tables of --join, from place `first` on, with `*table`, which is replaced. Adds to *n_unmatched.
 */
jf_status jf_joins_add(const jf_session *session, const jf_join_settings *settings, size_t first,
                       jf_ledger *ledger, jf_warnings *warnings, jf_table **table, size_t *n_unmatched,
                       jf_error *err);
/* What is listed of a join that was refused. */
void jf_joins_show(const jf_session *session, const jf_join_problems *problems);

#endif
