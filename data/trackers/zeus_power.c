/* Zeus: power samples, of the PowerMonitor (no header, watts) and of the old C++ monitor (milliwatts). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "data/trackers/devices.h"
#include "data/trackers/formats.h"
#include "data/trackers/header.h"
#include "data/trackers/lines.h"

enum { MOST_GPUS = 64 };
/* Seconds since 1970 of the years 2001 to 2100: what a first field must be to be taken for a time. */
static const double least_time_s = 978307200, most_time_s = 4102444800;

/* Numbers between commas; 0 when there is anything else. */
static size_t read_numbers(const char *text, double *values, size_t most)
{
    size_t n = 0;

    for (;;) {
        size_t length = strcspn(text, ",");
        if (n == most || !jf_number_read(text, length, &values[n])) return 0;
        n++;
        if (!text[length]) return n;
        text += length + 1;
    }
}

/* ---- PowerMonitor ---- */

static bool is_sample(const char *line, size_t *n_fields)
{
    double values[MOST_GPUS + 1];
    size_t n = read_numbers(line, values, MOST_GPUS + 1);

    if (n < 2 || values[0] < least_time_s || values[0] > most_time_s) return false;
    for (size_t i = 1; i < n; i++)
        if (values[i] < 0 || values[i] > 5000) return false;
    *n_fields = n;
    return true;
}

/* Without column names only the numbers can tell: two lines of a time and powers. */
static bool recognise_monitor(const char *head, const char *path)
{
    char line[1024];
    size_t first, second;

    (void)path;
    head = jf_line_copy(head, line, sizeof line);
    if (!is_sample(line, &first)) return false;
    jf_line_copy(head, line, sizeof line);
    return is_sample(line, &second) && first == second;
}

static jf_status reject(jf_import *into, const char *path, size_t line, const char *what, const char *why,
                        jf_error *err)
{
    into->ledger->rows_rejected++;
    return jf_ledger_add(into->ledger, JF_REJECTED, path, line, NULL, what, why, err);
}

static jf_status take_sample(jf_devices *devices, jf_import *into, const char *path, const jf_line *line,
                             size_t *n_fields, jf_error *err)
{
    double values[MOST_GPUS + 1];
    size_t n = read_numbers(line->text, values, MOST_GPUS + 1);

    into->ledger->rows_read++;
    if (*n_fields == 0) *n_fields = n;
    if (n < 2 || n != *n_fields)
        return reject(into, path, line->number, "no time and powers as in the lines before",
                      "the line is cut or broken", err);
    if (!devices->n_samples++) devices->first_line = line->number;
    for (size_t i = 1; i < n; i++) {
        char key[24];
        snprintf(key, sizeof key, "%zu", i - 1);
        jf_device *device = jf_devices_find(devices, key, NULL);
        if (!device) return jf_fail(err, JF_ENOMEM, "out of memory for %s", path);
        jf_status status = jf_device_add(device, into, path, line->number, values[0], values[i], err);
        if (status != JF_OK) return status;
    }
    return JF_OK;
}

static jf_status read_monitor(const char *path, jf_import *into, jf_error *err)
{
    jf_status status = JF_OK;
    jf_devices devices = {0};
    jf_lines *lines = NULL;
    jf_line line;
    bool more = false;
    size_t n_fields = 0;

    JF_TRY(jf_lines_open(path, &lines, err));
    for (;;) {
        JF_TRY(jf_lines_next(lines, &line, &more, err));
        if (!more) break;
        if (*line.text) JF_TRY(take_sample(&devices, into, path, &line, &n_fields, err));
    }
    JF_TRY(jf_devices_finish(&devices, into, path, err));
done:
    jf_devices_free(&devices);
    jf_lines_close(lines);
    return status;
}

/* ---- the old C++ monitor: one file a GPU ---- */

static bool recognise_log(const char *head, const char *path)
{
    char line[256];

    (void)path;
    head = jf_line_copy(head, line, sizeof line);
    if (strcmp(line, "Time,Power") != 0) return false;
    jf_line_copy(head, line, sizeof line);
    return !*line || !isnan(jf_time_read(line));
}

static jf_status take_milliwatts(jf_devices *devices, jf_import *into, const char *path, const jf_line *line,
                                 jf_error *err)
{
    double time = jf_time_read(line->text), milliwatts = NAN;
    char *comma = strchr(line->text, ',');
    jf_device *device;

    into->ledger->rows_read++;
    if (!line->ended)
        return reject(into, path, line->number, "the last line has no line end",
                      "the monitor was stopped while it wrote: the number may be cut", err);
    if (isnan(time) || !comma || !jf_number_read(comma + 1, strlen(comma + 1), &milliwatts))
        return reject(into, path, line->number, "no time and power in mW", "the line is cut or broken", err);
    if (!devices->n_samples++) devices->first_line = line->number;
    device = jf_devices_find(devices, "0", NULL);
    if (!device) return jf_fail(err, JF_ENOMEM, "out of memory for %s", path);
    return jf_device_add(device, into, path, line->number, time, 1e-3 * milliwatts, err);
}

/* "bs32+e1+gpu0" and "bs32+e1+gpu1" are the GPUs of run "bs32+e1": cuts the name and gives the part's length.
 */
static bool cut_gpu(char *run_id)
{
    char *found = run_id ? strstr(run_id, "+gpu") : NULL;

    if (!found || !found[4] || found[4 + strspn(found + 4, "0123456789")]) return false;
    *found = '\0';
    return true;
}

static bool same_folder(const char *a, const char *b)
{
    const char *end_a = strrchr(a, '/'), *end_b = strrchr(b, '/');
    size_t n_a = end_a ? (size_t)(end_a - a) : 0, n_b = end_b ? (size_t)(end_b - b) : 0;

    return n_a == n_b && strncmp(a, b, n_a) == 0;
}

/* Adds the energy of a run's further GPU to the record of its first. */
static jf_status join_gpus(jf_import *into, size_t first, const char *path, jf_error *err)
{
    for (size_t i = first; i < into->n;) {
        jf_measured *fresh = &into->items[i], *old = NULL;
        if (!cut_gpu(fresh->run_id)) return JF_OK;
        for (size_t j = 0; j < first && !old; j++) {
            const jf_measured *other = &into->items[j];
            if (into->trackers[j] && strcmp(into->trackers[j], jf_tracker_zeus_log.name) == 0 &&
                other->run_id && strcmp(other->run_id, fresh->run_id) == 0 &&
                same_folder(into->files[j], path) && other->window_at == fresh->window_at)
                old = &into->items[j];
        }
        if (!old) {
            i++;
            continue;
        }
        old->gpu_energy_J += fresh->gpu_energy_J;
        old->gpus += fresh->gpus;
        old->samples += fresh->samples;
        old->gap_share = fmax(old->gap_share, fresh->gap_share);
        old->duration_s = fmax(old->duration_s, fresh->duration_s);
        into->ledger->rows_kept--;
        into->ledger->rows_merged++;
        jf_status status = jf_ledger_add(into->ledger, JF_MERGED, path, 0, NULL, old->run_id,
                                         "a further GPU of the run: energies are added", err);
        if (status != JF_OK) return status;
        jf_measured last = *fresh;
        *fresh = into->items[into->n - 1];
        into->items[into->n - 1] = last;
        jf_import_drop_last(into);
    }
    return JF_OK;
}

static jf_status read_log(const char *path, jf_import *into, jf_error *err)
{
    jf_status status = JF_OK;
    jf_devices devices = {0};
    jf_lines *lines = NULL;
    jf_line line;
    bool more = false;
    size_t first = into->n;

    JF_TRY(jf_lines_open(path, &lines, err));
    for (;;) {
        JF_TRY(jf_lines_next(lines, &line, &more, err));
        if (!more) break;
        if (*line.text && strcmp(line.text, "Time,Power") != 0)
            JF_TRY(take_milliwatts(&devices, into, path, &line, err));
    }
    JF_TRY(jf_devices_finish(&devices, into, path, err));
    JF_TRY(join_gpus(into, first, path, err));
done:
    jf_devices_free(&devices);
    jf_lines_close(lines);
    return status;
}

const jf_tracker jf_tracker_zeus_power = {"zeus-power",
                                          "power samples of Zeus's PowerMonitor, without header, in W",
                                          recognise_monitor, read_monitor};
const jf_tracker jf_tracker_zeus_log = {"zeus-log", "power logs of Zeus's old C++ monitor (Time,Power in mW)",
                                        recognise_log, read_log};
