/* Runs that could be made: from a file, a grid, or the design itself. */
#ifndef JF_CLI_CANDIDATES_H
#define JF_CLI_CANDIDATES_H

#include "cli/runs.h"

typedef struct jf_candidates {
    jf_runs runs;
    jf_words shown; /* columns that tell one candidate from another */
} jf_candidates;

/* From FILE (all of its rows) or, when that is NULL, from a grid, whose other columns are held at their usual
 * value in `design` (of those that were read, not those that options make). Derived columns and features are
 * made by `options`; filters, groups and merging are left out. `title` opens notes. */
jf_status jf_candidates_read(const jf_session *session, const jf_runs_options *options, const jf_words *maps,
                             const char *file, const char *grid, const char *title, const jf_runs *design,
                             jf_candidates *out, jf_error *err);
/* The names of the columns that tell these runs apart. */
jf_status jf_candidates_name(const jf_runs *runs, jf_words *shown, jf_error *err);
void jf_candidates_free(jf_candidates *candidates);

#endif
