/* Tracker files on the way in: recognised by content, and judged by what their boards can draw. */
#ifndef JF_CLI_TRACKED_H
#define JF_CLI_TRACKED_H

#include "data/trackers/tracker.h"
#include "proxies/hardware.h"

/* Limits of boards for an import's flags; zero it before use. */
typedef struct jf_boards {
    jf_hardware hardware;
} jf_boards;

/* Ties the hardware catalogue to the import, which borrows it. */
jf_status jf_boards_open(jf_boards *boards, jf_import *import, jf_error *err);
void jf_boards_close(jf_boards *boards);

/* Is `path` a tracker's raw file? Only regular files are looked into: what can be read once is left alone.
 * Tables of runs that trackers write are none: they are read as CSV like all tables. `from` (or NULL) forces
 * a format; JF_EUSAGE when there is none of that name. */
jf_status jf_is_tracked(const char *path, const char *from, bool *out, jf_error *err);
/* The same where records are joined with runs: a table that a tracker wrote holds records too. */
jf_status jf_holds_records(const char *path, const char *from, bool *out, jf_error *err);
/* The runs of one tracker file as a table, flagged. */
jf_status jf_tracked_read(const char *path, const char *from, jf_ledger *ledger, jf_warnings *warnings,
                          jf_table **out, jf_error *err);

#endif
