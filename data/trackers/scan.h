/* Delimited tracker files with a header line, row by row: what is broken goes to the ledger, and totals
 * balance. */
#ifndef JF_DATA_TRACKERS_SCAN_H
#define JF_DATA_TRACKERS_SCAN_H

#include "data/trackers/formats.h"
#include "data/trackers/header.h"

typedef struct jf_scan {
    const char *path;
    jf_header header;
    jf_import *import;
    size_t first; /* records of this file begin here */
    jf_error *err;
} jf_scan;

/* Hands every whole row to `take`, which keeps, merges or rejects it and counts it so. A header inside the
 * file (joined files, restarts) is told in the ledger and holds from there; rows with another number of
 * fields than the header are rejected. */
jf_status jf_scan_file(const char *path, jf_import *into, jf_status (*take)(jf_scan *scan, const jf_row *row),
                       jf_error *err);
jf_status jf_scan_note(const jf_scan *scan, jf_ledger_action action, size_t line, const char *column,
                       const char *what, const char *why);
jf_status jf_scan_reject(const jf_scan *scan, size_t line, const char *what, const char *why);
/* The record added last may be a later snapshot of an earlier one of the same run: then the longer of the two
 * is kept and the other is merged, else it counts as kept. */
jf_status jf_scan_merge_snapshot(jf_scan *scan);

#endif
