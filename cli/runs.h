/* The shared way in: a data file and the options about runs become a table, its rows and its groups. */
#ifndef JF_CLI_RUNS_H
#define JF_CLI_RUNS_H

#include "cli/joins.h"
#include "cli/session.h"
#include "cli/words.h"
#include "data/groups.h"
#include "data/table.h"
#include "fit/fit.h"

typedef struct jf_runs_options {
    jf_join_settings join;
    jf_option_list where, let, units, classes, labels, proxies, maps, groups, catalogues;
    int scope, arch, duplicates, aggregate; /* indices into their choices */
    const char *ledger, *from;
    bool pre_run, post_run; /* may laws read what is known only after a run? */
    const char *setup;      /* read before the command begins (cli/setup.h) */
    bool all_proxies;       /* no option: every feature that the columns allow, where --proxy names none */
} jf_runs_options;
extern const jf_option jf_runs_options_table[];
/* The two parts of them, for help: the runs under `title` (NULL: "The runs"), and the joins. */
size_t jf_runs_sets(jf_runs_options *options, const char *title, jf_option_set *sets);

/* Zero it before use; freed with jf_runs_free after success and failure alike. */
typedef struct jf_runs {
    jf_table *table;
    size_t *rows; /* rows of the table that --where keeps; NULL: all */
    size_t n_rows;
    jf_groups groups; /* of the whole table, when `grouped` */
    bool grouped;
    size_t n_rejected, n_unmatched, n_filtered, n_merged, n_copies_dropped;
    jf_ledger ledger;
    jf_warnings warnings;
    jf_warnings si_warnings; /* about the columns `energy` and `duration` that joulefit makes */
    bool si_used;            /* a filter, a derived column or a feature may read them */
} jf_runs;

/* `maps`: entries of --map that no law reads, so that features do (NULL: none). In this order: read, joins,
 * units and classes, duplicates, SI columns, --let, --proxy, --label, --where,
 * --aggregate,
 * --group. Rejected rows are listed on stderr, the first few in full. */
jf_status jf_runs_read(const jf_session *session, const jf_runs_options *options, const jf_words *maps,
                       const char *path, jf_runs *out, jf_error *err);
/* The same of one file, or of several that are put under one another (data/stack.h). */
jf_status jf_runs_read_files(const jf_session *session, const jf_runs_options *options, const jf_words *maps,
                             const jf_option_list *paths, jf_runs *out, jf_error *err);
/* The same steps after reading, on a table made otherwise (out->table). */
jf_status jf_runs_prepare(const jf_runs_options *options, const jf_words *maps, jf_runs *out, jf_error *err);
/* Under --pre-run without --post-run: laws that read post-run columns are refused. */
bool jf_runs_pre_run_only(const jf_runs_options *options);
void jf_runs_free(jf_runs *runs);
const jf_groups *jf_runs_groups(const jf_runs *runs); /* NULL when there are none */
/* The fit reads a column that joulefit made: what there is to warn of about those is joined to `warnings`. */
void jf_runs_note_read(jf_runs *runs, const jf_fit *fit);
/* Adds what the way in left out to the summary of a result. */
void jf_runs_describe(const jf_runs *runs, jf_data_summary *data);

#endif
