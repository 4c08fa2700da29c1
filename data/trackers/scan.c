/* Delimited tracker files with a header line, row by row. */
#include "data/trackers/scan.h"

#include <stdio.h>
#include <string.h>

jf_status jf_scan_note(const jf_scan *scan, jf_ledger_action action, size_t line, const char *column,
                       const char *what, const char *why)
{
    return jf_ledger_add(scan->import->ledger, action, scan->path, line, column, what, why, scan->err);
}

jf_status jf_scan_reject(const jf_scan *scan, size_t line, const char *what, const char *why)
{
    scan->import->ledger->rows_rejected++;
    return jf_scan_note(scan, JF_REJECTED, line, NULL, what, why);
}

/* The record of the same run before the last, or NULL. */
static jf_measured *same_run(const jf_scan *scan, const char *run_id)
{
    for (size_t i = scan->import->n - 1; run_id && *run_id && i > scan->first; i--) {
        jf_measured *run = &scan->import->items[i - 1];
        if (run->run_id && strcmp(run->run_id, run_id) == 0) return run;
    }
    return NULL;
}

/* Energies and duration of a run only grow, so the longest snapshot is the run. */
jf_status jf_scan_merge_snapshot(jf_scan *scan)
{
    jf_measured *fresh = &scan->import->items[scan->import->n - 1];
    jf_measured *old = same_run(scan, fresh->run_id);
    size_t dropped = fresh->line;

    if (!old) {
        scan->import->ledger->rows_kept++;
        return JF_OK;
    }
    if (fresh->duration_s >= old->duration_s) {
        jf_measured longer = *fresh;
        dropped = old->line;
        *fresh = *old;
        *old = longer;
    }
    scan->import->ledger->rows_merged++;
    jf_import_drop_last(scan->import);
    return jf_scan_note(scan, JF_MERGED, dropped, NULL, old->run_id,
                        "snapshots of one run grow: the longest is kept");
}

static jf_status take_any(jf_scan *scan, const jf_row *row, jf_status (*take)(jf_scan *, const jf_row *))
{
    char what[80];

    if (row->problem) {
        scan->import->ledger->rows_read++;
        return jf_scan_reject(scan, row->line, row->problem, "the row cannot be read");
    }
    if (jf_header_repeats(&scan->header, row) ||
        (*scan->header.names[0] && strcmp(row->bytes + row->starts[0], scan->header.names[0]) == 0)) {
        jf_status status = jf_header_read(&scan->header, row, scan->err);
        if (status != JF_OK) return status;
        return jf_scan_note(scan, JF_REPAIRED, row->line, NULL, "a header inside the file",
                            "files were joined: its columns hold from here");
    }
    scan->import->ledger->rows_read++;
    if (row->n_fields == scan->header.n) return take(scan, row);
    snprintf(what, sizeof what, "%zu fields, the header has %zu", row->n_fields, scan->header.n);
    return jf_scan_reject(scan, row->line, what,
                          "fields were dropped when the row was written: which ones cannot be told");
}

jf_status jf_scan_file(const char *path, jf_import *into, jf_status (*take)(jf_scan *scan, const jf_row *row),
                       jf_error *err)
{
    jf_status status = JF_OK;
    jf_scan scan = {.path = path, .import = into, .first = into->n, .err = err};
    jf_rows *rows = NULL;
    jf_row row;
    bool more = false;

    JF_TRY(jf_rows_open(path, ',', 0, &rows, err));
    JF_TRY(jf_rows_next(rows, &row, &more, err));
    if (!more || row.problem) JF_TRY(jf_fail(err, JF_EDATA, "%s:1: expected a line of column names", path));
    JF_TRY(jf_header_read(&scan.header, &row, err));
    for (;;) {
        JF_TRY(jf_rows_next(rows, &row, &more, err));
        if (!more) break;
        JF_TRY(take_any(&scan, &row, take));
    }
done:
    jf_header_free(&scan.header);
    jf_rows_close(rows);
    return status;
}
