/* Measured runs joined with a table that describes them: by a key or by time. Nothing is matched in silence.
 */
#ifndef JF_DATA_TRACKERS_JOIN_H
#define JF_DATA_TRACKERS_JOIN_H

#include "data/table_join.h"
#include "data/trackers/tracker.h"

typedef struct jf_join_options {
    /* Column of the descriptions and of the records that must agree, as texts; NULL, NULL: by time. With
     * windows too, power logs and records without a key are matched by time, the others by key. The record's
     * is "run_id", "project" (or "project_name"), "window", or a configuration value of the file. */
    const char *runs_column, *record_column;
    jf_unmatched unmatched;
    bool many;      /* several records of one format for one run: each becomes a row */
    bool sum_nodes; /* records of one format and one run from several files are its nodes: energies are added
                     */
} jf_join_options;

/* Windows of the runs from two columns: start and end, or start and duration (a second column of numbers
 * under 1e8 is one). Times are texts like 2026-08-15T10:00:00 or seconds since 1970. *out is owned by the
 * caller. */
jf_status jf_join_windows(const jf_table *runs, const char *start_column, const char *end_column,
                          jf_window **out, jf_error *err);
/* One row a run: its description, then what was measured. Records of different formats for one run become
 * one: what one lacks the other gives; of two GPU energies that of the better method is kept, and the two are
 * compared. A measured column whose name the descriptions have is called "tracker_NAME". The import's ledger
 * is brought up to date: what is kept is the rows of the table. By time: a record belongs to the run
 * whose window (import->windows, in the rows' order) holds its middle. JF_EDATA when there are problems that
 * the options do not allow; they are listed in either case. */
jf_status jf_join_runs(const jf_table *runs, jf_import *import, const jf_join_options *options,
                       jf_join_problems *problems, jf_table **out, jf_error *err);

#endif
