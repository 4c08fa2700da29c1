/* MLPerf power: the analyzer's spl.txt, one line a second of keys and values, cut into phases by their Mark.
 */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "data/trackers/devices.h"
#include "data/trackers/formats.h"
#include "data/trackers/header.h"
#include "data/trackers/lines.h"

enum { MOST_FIELDS = 64 };

static bool recognise(const char *head, const char *path)
{
    char line[512];

    (void)path;
    jf_line_copy(head, line, sizeof line);
    return strncmp(line, "Time,", 5) == 0 && strstr(line, ",Watts,") != NULL;
}

/* "12-23-2020 10:21:51.496": month first. */
static double read_time(const char *text)
{
    char turned[64];
    int date[3];
    const char *time = jf_fields_read(text, "2-2-4 ", date);

    if (!time) return NAN;
    snprintf(turned, sizeof turned, "%04d-%02d-%02d %.30s", date[2], date[0], date[1], time);
    return jf_time_read(turned);
}

/* A stretch of lines with one Mark; each is a log of its own. */
typedef struct marked {
    char *mark;
    jf_devices devices;
} marked;

typedef struct reader {
    const char *path;
    jf_import *import;
    jf_error *err;
    marked *phases;
    size_t n, capacity;
    bool many_channels;
} reader;

typedef struct reading {
    double time_s, power_W;
    const char *mark;
} reading;

/* Keys and values alternate; further channels repeat the keys, and only the first is read. */
static reading read_fields(reader *in, char *line)
{
    reading found = {NAN, NAN, ""};
    size_t n_watts = 0;
    char *key = line;

    while (key && *key) {
        char *value = strchr(key, ','), *next;
        if (!value) break;
        *value++ = '\0';
        next = strchr(value, ',');
        if (next) *next++ = '\0';
        if (strcmp(key, "Time") == 0) found.time_s = read_time(value);
        if (strcmp(key, "Watts") == 0 && n_watts++ == 0 &&
            !jf_number_read(value, strlen(value), &found.power_W))
            found.power_W = NAN;
        if (strcmp(key, "Mark") == 0) found.mark = value;
        key = next;
    }
    in->many_channels |= n_watts > 1;
    return found;
}

static marked *phase_of(reader *in, const char *mark)
{
    marked *last = in->n ? &in->phases[in->n - 1] : NULL;

    if (last && strcmp(last->mark, mark) == 0) return last;
    if (!jf_grow((void **)&in->phases, &in->capacity, in->n + 1, sizeof *in->phases)) return NULL;
    last = &in->phases[in->n];
    *last = (marked){.mark = jf_copy_text(mark), .devices = {.wall = true}};
    in->n += last->mark != NULL;
    return last->mark ? last : NULL;
}

static jf_status read_line(void *context, const jf_line *line)
{
    reader *in = context;
    reading found = read_fields(in, line->text);
    marked *phase;
    jf_device *device;

    in->import->ledger->rows_read++;
    if (isnan(found.time_s)) {
        in->import->ledger->rows_rejected++;
        return jf_ledger_add(in->import->ledger, JF_REJECTED, in->path, line->number, NULL,
                             "no time like 12-23-2020 10:21:51.496", "the line is cut or broken", in->err);
    }
    phase = phase_of(in, found.mark);
    device = phase ? jf_devices_find(&phase->devices, "wall", NULL) : NULL;
    if (!device) return jf_fail(in->err, JF_ENOMEM, "out of memory for %s", in->path);
    if (!phase->devices.n_samples++) phase->devices.first_line = line->number;
    phase->devices.n_failed += isnan(found.power_W);
    return jf_device_add(device, in->import, in->path, line->number, found.time_s, found.power_W, in->err);
}

/* Lines outside measured phases: between them, and the ranging runs that only set up the analyzer. */
static jf_status leave_out(reader *in, const marked *phase, const char *why)
{
    char what[120];

    in->import->ledger->rows_rejected += phase->devices.n_samples;
    snprintf(what, sizeof what, "%zu lines of phase '%.60s'", phase->devices.n_samples, phase->mark);
    return jf_ledger_add(in->import->ledger, JF_REJECTED, in->path, phase->devices.first_line, NULL, what,
                         why, in->err);
}

static jf_status add_phases(reader *in)
{
    jf_status status = JF_OK;
    bool any_testing = false;

    for (size_t i = 0; i < in->n; i++) any_testing |= strstr(in->phases[i].mark, "testing") != NULL;
    for (size_t i = 0; i < in->n; i++) {
        marked *phase = &in->phases[i];
        size_t first = in->import->n;
        bool is_ranging = strstr(phase->mark, "ranging") != NULL;
        if (strcmp(phase->mark, "notset") == 0) {
            JF_TRY(leave_out(in, phase, "between the phases of the measurement"));
        } else if (any_testing && is_ranging) {
            JF_TRY(leave_out(in, phase, "the ranging run sets up the analyzer: the testing run is measured"));
        } else if (phase->devices.n_samples < 2) {
            JF_TRY(leave_out(in, phase, "a phase needs two lines at least"));
        } else {
            JF_TRY(jf_devices_finish(&phase->devices, in->import, in->path, in->err));
        }
        for (size_t r = first; r < in->import->n; r++)
            JF_TRY(jf_measured_text(&in->import->items[r].window, phase->mark, in->err));
    }
    if (in->many_channels)
        JF_TRY(jf_ledger_add(in->import->ledger, JF_FLAGGED, in->path, 0, "Watts",
                             "several channels in a line", "only the first channel is read", in->err));
done:
    return status;
}

static jf_status read(const char *path, jf_import *into, jf_error *err)
{
    jf_status status = JF_OK;
    reader in = {.path = path, .import = into, .err = err};

    JF_TRY(jf_lines_each(path, false, read_line, &in, err));
    JF_TRY(add_phases(&in));
done:
    for (size_t i = 0; i < in.n; i++) {
        jf_free(in.phases[i].mark);
        jf_devices_free(&in.phases[i].devices);
    }
    jf_free(in.phases);
    return status;
}

const jf_tracker jf_tracker_mlperf = {"mlperf", "the power analyzer's spl.txt of MLPerf", recognise, read};
