/* Logs of `nvidia-smi --query-gpu=... --format=csv`: several devices in one file, units in header or values,
 * missing readings. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "data/rows.h"
#include "data/trackers/devices.h"
#include "data/trackers/formats.h"
#include "data/trackers/header.h"

enum { MAX_FIELDS = 64 };

/* Where the columns that matter stand; -1: absent. */
typedef struct columns {
    int n; /* 0: no header was seen yet */
    int time, power, key, name;
    bool averaged; /* the power is not that of power.draw.instant */
} columns;

/* The tool parts fields by a comma and a blank, and some locales write a decimal comma without one. */
static int split(char *line, char **fields, bool blank_needed)
{
    int n = 0;

    for (char *next = line; next && n < MAX_FIELDS; n++) {
        char *end = strstr(next, blank_needed ? ", " : ",");
        while (isspace((unsigned char)*next)) next++;
        fields[n] = next;
        if (end) *end = '\0';
        next = end ? end + (blank_needed ? 2 : 1) : NULL;
    }
    return n;
}

static bool begins(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

/* Instantaneous power is taken where the log has both it and an average. */
static columns read_header(char **fields, int n)
{
    columns found = {n, -1, -1, -1, -1, false};

    for (int i = 0; i < n; i++) {
        if (begins(fields[i], "timestamp")) found.time = i;
        if (begins(fields[i], "power.draw.instant")) found.power = i;
        if (begins(fields[i], "power.draw [") || strcmp(fields[i], "power.draw") == 0)
            found.power =
                found.power < 0 || !begins(fields[found.power], "power.draw.instant") ? i : found.power;
        if (begins(fields[i], "power.draw.average") && found.power < 0) found.power = i;
        if (begins(fields[i], "uuid") || begins(fields[i], "gpu_uuid")) found.key = i;
        if (found.key < 0 && (begins(fields[i], "index") || begins(fields[i], "pci.bus_id") ||
                              begins(fields[i], "gpu_bus_id")))
            found.key = i;
        if (begins(fields[i], "name") || begins(fields[i], "gpu_name")) found.name = i;
    }
    found.averaged = found.power >= 0 && !begins(fields[found.power], "power.draw.instant");
    return found;
}

/* A log without a header: the stamp is told by its shape, the power by its unit, the index as a whole number
 * behind the stamp. */
static columns guess_columns(char **fields, int n)
{
    columns found = {n, -1, -1, -1, -1, false};

    for (int i = 0; i < n; i++) {
        size_t length = strlen(fields[i]);
        if (found.time < 0 && !isnan(jf_time_read(fields[i]))) found.time = i;
        if (found.power < 0 && length > 2 && strcmp(fields[i] + length - 2, " W") == 0) found.power = i;
        if (i == 1 && length <= 2 && strspn(fields[i], "0123456789") == length) found.key = i;
        if (begins(fields[i], "NVIDIA ") || begins(fields[i], "Tesla ")) found.name = i;
        if (begins(fields[i], "GPU-")) found.key = i;
    }
    return found;
}

/* "610.50 W", "610.50", "61,50 W"; what is no number ([N/A], ERR!, [Not Supported] ...) is a failed reading.
 */
static double read_power(char *text)
{
    double value;
    char *comma = strchr(text, ',');
    size_t length = strspn(text, "0123456789.,-+eE");

    if (comma) *comma = '.';
    return length && jf_number_read(text, length, &value) ? value : NAN;
}

static bool recognise(const char *head, const char *path)
{
    char line[1024], *fields[MAX_FIELDS];
    columns found;

    (void)path;
    snprintf(line, sizeof line, "%.*s", (int)strcspn(head, "\r\n"), head);
    if (strstr(line, "power.draw")) return strstr(line, "timestamp") != NULL;
    found = guess_columns(fields, split(line, fields, true));
    return found.time >= 0 && found.power >= 0;
}

typedef struct reader {
    const char *path;
    columns columns;
    jf_devices devices;
    jf_import *import;
    jf_error *err;
    double last_time; /* without a key: readings of one tick are told apart by their order */
    int in_tick;
} reader;

static jf_status reject(reader *in, size_t line, const char *what, const char *why)
{
    in->import->ledger->rows_rejected++;
    return jf_ledger_add(in->import->ledger, JF_REJECTED, in->path, line, NULL, what, why, in->err);
}

static const char *key_of(reader *in, char **fields, double time, char *text, size_t size)
{
    if (in->columns.key >= 0) return fields[in->columns.key];
    in->in_tick = time == in->last_time ? in->in_tick + 1 : 0;
    in->last_time = time;
    snprintf(text, size, "%d", in->in_tick);
    return text;
}

static jf_status read_sample(reader *in, size_t line, char **fields)
{
    double time = jf_time_read(fields[in->columns.time]), power = read_power(fields[in->columns.power]);
    char text[16];
    jf_device *device;

    if (isnan(time))
        return reject(in, line, "no time stamp like 2026/08/15 10:00:00.000", "the line is broken");
    device = jf_devices_find(&in->devices, key_of(in, fields, time, text, sizeof text),
                             in->columns.name >= 0 ? fields[in->columns.name] : NULL);
    if (!device) return jf_fail(in->err, JF_ENOMEM, "out of memory for %s", in->path);
    if (!in->devices.n_samples++) in->devices.first_line = line;
    in->devices.n_failed += isnan(power);
    return jf_device_add(device, in->import, in->path, line, time, power, in->err);
}

static jf_status read_line(reader *in, size_t number, char *line)
{
    char *fields[MAX_FIELDS], what[64];
    bool tight = !strstr(line, ", ");
    int n = split(line, fields, !tight);

    if (begins(fields[0], "timestamp") || (strstr(fields[0], "index") && !in->columns.n)) {
        bool again = in->columns.n > 0;
        in->columns = read_header(fields, n);
        in->devices.averaged = in->columns.averaged;
        if (in->columns.time < 0 || in->columns.power < 0)
            return jf_fail(in->err, JF_EDATA, "%s:%zu: expected columns timestamp and power.draw", in->path,
                           number);
        if (!again) return JF_OK;
        return jf_ledger_add(in->import->ledger, JF_REPAIRED, in->path, number, NULL, "the header again",
                             "the tool was started again", in->err);
    }
    if (!in->columns.n) in->columns = guess_columns(fields, n);
    in->import->ledger->rows_read++;
    if (n == in->columns.n && in->columns.time >= 0 && in->columns.power >= 0)
        return read_sample(in, number, fields);
    snprintf(what, sizeof what, "%d fields, expected %d", n, in->columns.n);
    return reject(in, number, what, "the line is cut or broken");
}

static jf_status read(const char *path, jf_import *into, jf_error *err)
{
    jf_status status = JF_OK;
    reader in = {.path = path, .import = into, .err = err, .last_time = NAN};
    jf_rows *rows = NULL;
    jf_row row;
    bool more = false;
    char line[4096];

    JF_TRY(jf_rows_open(path, '\x1f', 0, &rows, err)); /* a separator that never occurs: whole lines */
    for (;;) {
        JF_TRY(jf_rows_next(rows, &row, &more, err));
        if (!more) break;
        snprintf(line, sizeof line, "%s", row.problem ? "" : row.bytes);
        JF_TRY(read_line(&in, row.line, line));
    }
    JF_TRY(jf_devices_finish(&in.devices, into, path, err));
done:
    jf_devices_free(&in.devices);
    jf_rows_close(rows);
    return status;
}

const jf_tracker jf_tracker_nvidia_smi = {
    "nvidia-smi", "nvidia-smi --query-gpu=timestamp,power.draw,... --format=csv logs", recognise, read};
