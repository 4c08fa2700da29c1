/* Zeus: the monitor's log of windows in joules, and the tables of its published traces. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/memory.h"
#include "data/trackers/devices.h"
#include "data/trackers/scan.h"

/* Windows shorter than the energy counter's slowest update may read 0. */
static const double shortest_s = 0.1;
/* A start below this is no time of day but a clock that counts from the machine's start. */
static const double least_epoch_s = 1e8;

static bool recognise_monitor(const char *head, const char *path)
{
    (void)path;
    return jf_head_has(head, "start_time") && jf_head_has(head, "window_name") &&
           jf_head_has(head, "elapsed_time");
}

/* "gpu3_energy"; the numbers are those of the devices and may begin anywhere. */
static bool is_gpu_energy(const char *name)
{
    size_t digits = strncmp(name, "gpu", 3) == 0 ? strspn(name + 3, "0123456789") : 0;

    return digits && strcmp(name + 3 + digits, "_energy") == 0;
}

static void sum_gpus(const jf_scan *in, const jf_row *row, jf_measured *run, bool *bad)
{
    double sum = 0, gpus = 0;

    for (size_t i = 0; i < in->header.n; i++) {
        if (!is_gpu_energy(in->header.names[i])) continue;
        sum += jf_header_number(&in->header, row, in->header.names[i], bad);
        gpus++;
    }
    run->gpus = gpus > 0 ? gpus : NAN;
    run->gpu_energy_J = gpus > 0 ? sum : NAN;
}

/* Windows may lie inside others: their energies must not be added. */
static jf_status note_nested(jf_scan *in, const jf_measured *run)
{
    char what[160];
    double end = run->start_s + run->duration_s;

    for (size_t i = in->first; i + 1 < in->import->n; i++) {
        const jf_measured *other = &in->import->items[i];
        double other_end = other->start_s + other->duration_s;
        bool inside = run->start_s >= other->start_s && end <= other_end;
        bool around = other->start_s >= run->start_s && other_end <= end;
        if (!inside && !around) continue;
        snprintf(what, sizeof what, "window '%.60s' lies %s '%.60s' of line %zu", run->window,
                 inside ? "inside" : "around", other->window, other->line);
        return jf_scan_note(in, JF_FLAGGED, run->line, NULL, what,
                            "windows that lie in each other must not be added");
    }
    return JF_OK;
}

static jf_status read_window(jf_scan *in, const jf_row *row)
{
    jf_status status = JF_OK;
    jf_measured *run = jf_import_add(in->import, row->line);
    const char *window = jf_header_text(&in->header, row, "window_name");
    bool bad = false;

    JF_TRY_NEW(run, in->err, in->path);
    run->method = JF_BY_COUNTER;
    run->start_s = jf_header_number(&in->header, row, "start_time", &bad);
    run->duration_s = jf_header_number(&in->header, row, "elapsed_time", &bad);
    sum_gpus(in, row, run, &bad);
    if (bad) {
        jf_import_drop_last(in->import);
        return jf_scan_reject(in, row->line, "a text where a number should be", "the row is broken");
    }
    run->run_id = jf_run_of_path(in->path);
    JF_TRY_NEW(run->run_id, in->err, in->path);
    JF_TRY(jf_measured_text(&run->window, *window ? window : "(no name)", in->err));
    JF_TRY(jf_measured_text(&run->scope, "gpu", in->err));
    in->import->ledger->rows_kept++;
    if (run->gpu_energy_J == 0 && run->duration_s < shortest_s) {
        run->gpu_energy_J = NAN;
        JF_TRY(jf_scan_note(in, JF_REPAIRED, row->line, NULL, "0 J in a window of under 0.1 s",
                            "the energy counter was not updated in it: taken as missing"));
    }
    JF_TRY(note_nested(in, run));
done:
    return status;
}

/* Starts on a clock that counts from the machine's start are no times that could be compared. */
static jf_status forget_monotonic(jf_import *into, size_t first, const char *path, jf_error *err)
{
    bool any = false;

    for (size_t i = first; i < into->n; i++) {
        if (!(into->items[i].start_s < least_epoch_s)) continue;
        into->items[i].start_s = NAN;
        any = true;
    }
    if (!any) return JF_OK;
    return jf_ledger_add(into->ledger, JF_REPAIRED, path, 0, "start_time", "starts of under 1e8 s",
                         "the clock counts from the machine's start: taken as missing", err);
}

static jf_status read_monitor(const char *path, jf_import *into, jf_error *err)
{
    size_t first = into->n;
    jf_status status = jf_scan_file(path, into, read_window, err);

    return status == JF_OK ? forget_monotonic(into, first, path, err) : status;
}

/* ---- the published traces: one row a configuration ---- */

static bool recognise_traces(const char *head, const char *path)
{
    (void)path;
    return jf_head_has(head, "dataset") && jf_head_has(head, "network") && jf_head_has(head, "batch_size") &&
           jf_head_has(head, "optimizer") &&
           ((jf_head_has(head, "power_limit") && jf_head_has(head, "time_per_epoch") &&
             jf_head_has(head, "average_power")) ||
            (jf_head_has(head, "target_metric") && jf_head_has(head, "target_epoch")));
}

/* "summary_power_v100.csv" -> "v100". */
static jf_status gpu_of_path(const char *path, char **out, jf_error *err)
{
    const char *found = strstr(path, "summary_power_");
    char name[64];

    if (!found) return JF_OK;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(found + 14, "./"), found + 14);
    return jf_measured_text(out, name, err);
}

static jf_status read_configuration(jf_scan *in, const jf_row *row)
{
    static const char *const measured[] = {"power_limit", "time_per_epoch", "average_power", "target_epoch",
                                           NULL};
    jf_status status = JF_OK;
    jf_measured *run = jf_import_add(in->import, row->line);
    bool bad = false;

    JF_TRY_NEW(run, in->err, in->path);
    run->method = JF_BY_TRACE;
    run->power_limit_W = jf_header_number(&in->header, row, "power_limit", &bad);
    run->duration_s = jf_header_number(&in->header, row, "time_per_epoch", &bad);
    run->mean_power_W = jf_header_number(&in->header, row, "average_power", &bad);
    run->gpu_energy_J = run->mean_power_W * run->duration_s;
    run->epochs = isnan(run->duration_s) ? jf_header_number(&in->header, row, "target_epoch", &bad) : 1;
    if (bad) {
        jf_import_drop_last(in->import);
        return jf_scan_reject(in, row->line, "a text where a number should be", "the row is broken");
    }
    for (size_t i = 0; i < in->header.n; i++) {
        size_t m = 0;
        while (measured[m] && strcmp(measured[m], in->header.names[i]) != 0) m++;
        if (!measured[m])
            JF_TRY(jf_measured_add(run, in->header.names[i],
                                   jf_header_text(&in->header, row, in->header.names[i]), in->err));
    }
    JF_TRY(gpu_of_path(in->path, &run->gpu, in->err));
    if (!isnan(run->gpu_energy_J)) JF_TRY(jf_measured_text(&run->scope, "gpu", in->err));
    in->import->ledger->rows_kept++;
done:
    return status;
}

static jf_status read_traces(const char *path, jf_import *into, jf_error *err)
{
    return jf_scan_file(path, into, read_configuration, err);
}

const jf_tracker jf_tracker_zeus = {"zeus",
                                    "the log of windows of Zeus's monitor (ZeusMonitor(log_file=...))",
                                    recognise_monitor, read_monitor};
const jf_tracker jf_tracker_zeus_traces = {
    "zeus-traces", "the tables of Zeus's published traces (summary_power_*.csv, summary_train.csv)",
    recognise_traces, read_traces, .is_table = true};
