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

typedef struct reader {
    const char *path;
    jf_devices devices;
    size_t n_fields; /* of the first line: a time and powers; 0: none yet */
    jf_import *import;
    jf_error *err;
} reader;

static jf_status reject(reader *in, const jf_line *line, const char *what, const char *why)
{
    in->import->ledger->rows_rejected++;
    return jf_ledger_add(in->import->ledger, JF_REJECTED, in->path, line->number, NULL, what, why, in->err);
}

static jf_status take_power(reader *in, const jf_line *line, const char *key, double time, double power_W)
{
    jf_device *device = jf_devices_find(&in->devices, key, NULL);

    if (!device) return jf_fail(in->err, JF_ENOMEM, "out of memory for %s", in->path);
    return jf_device_add(device, in->import, in->path, line->number, time, power_W, in->err);
}

static jf_status take_sample(void *context, const jf_line *line)
{
    reader *in = context;
    jf_status status = JF_OK;
    double values[MOST_GPUS + 1];
    size_t n = read_numbers(line->text, values, MOST_GPUS + 1);

    in->import->ledger->rows_read++;
    if (in->n_fields == 0) in->n_fields = n;
    if (n < 2 || n != in->n_fields)
        return reject(in, line, "no time and powers as in the lines before", "the line is cut or broken");
    if (!in->devices.n_samples++) in->devices.first_line = line->number;
    for (size_t i = 1; i < n; i++) {
        char key[24];
        snprintf(key, sizeof key, "%zu", i - 1);
        JF_TRY(take_power(in, line, key, values[0], values[i]));
    }
done:
    return status;
}

static jf_status read_samples(const char *path, jf_line_taker *take, jf_import *into, jf_error *err)
{
    jf_status status = JF_OK;
    reader in = {.path = path, .import = into, .err = err};

    JF_TRY(jf_lines_each(path, false, take, &in, err));
    JF_TRY(jf_devices_finish(&in.devices, into, path, err));
done:
    jf_devices_free(&in.devices);
    return status;
}

static jf_status read_monitor(const char *path, jf_import *into, jf_error *err)
{
    return read_samples(path, take_sample, into, err);
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

static jf_status take_milliwatts(void *context, const jf_line *line)
{
    reader *in = context;
    double time = jf_time_read(line->text), milliwatts = NAN;
    char *comma = strchr(line->text, ',');

    if (strcmp(line->text, "Time,Power") == 0) return JF_OK;
    in->import->ledger->rows_read++;
    if (!line->ended)
        return reject(in, line, "the last line has no line end",
                      "the monitor was stopped while it wrote: the number may be cut");
    if (isnan(time) || !comma || !jf_number_read(comma + 1, strlen(comma + 1), &milliwatts))
        return reject(in, line, "no time and power in mW", "the line is cut or broken");
    if (!in->devices.n_samples++) in->devices.first_line = line->number;
    return take_power(in, line, "0", time, 1e-3 * milliwatts);
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
    size_t first = into->n;
    jf_status status = read_samples(path, take_milliwatts, into, err);

    return status == JF_OK ? join_gpus(into, first, path, err) : status;
}

const jf_tracker jf_tracker_zeus_power = {"zeus-power",
                                          "power samples of Zeus's PowerMonitor, without header, in W",
                                          recognise_monitor, read_monitor};
const jf_tracker jf_tracker_zeus_log = {"zeus-log", "power logs of Zeus's old C++ monitor (Time,Power in mW)",
                                        recognise_log, read_log};
