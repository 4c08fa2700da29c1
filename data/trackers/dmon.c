/* Logs of `nvidia-smi dmon`: columns of words under headers that repeat, times only with -o D, T or DT. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "data/trackers/devices.h"
#include "data/trackers/formats.h"
#include "data/trackers/header.h"
#include "data/trackers/lines.h"

enum { MOST_COLUMNS = 64 };
static const double default_interval_s = 1; /* of the tool, without -d */
static const double day_s = 86400;

/* Where the columns that matter stand; -1: absent. */
typedef struct columns {
    size_t n;
    int gpu, power, date, time;
} columns;

/* "# gpu pwr gtemp" or "#Date Time gpu pwr": false for the line of units below it. */
static bool read_header(char *line, columns *out)
{
    char *words[MOST_COLUMNS];
    columns found = {0, -1, -1, -1, -1};

    found.n = jf_words_of_line(line + strspn(line, " \t#"), words, MOST_COLUMNS);
    for (size_t i = 0; i < found.n; i++) {
        if (strcmp(words[i], "gpu") == 0) found.gpu = (int)i;
        if (strcmp(words[i], "pwr") == 0) found.power = (int)i;
        if (strcmp(words[i], "Date") == 0) found.date = (int)i;
        if (strcmp(words[i], "Time") == 0) found.time = (int)i;
    }
    if (found.gpu < 0) return false;
    *out = found;
    return true;
}

static bool recognise(const char *head, const char *path)
{
    char line[512];
    columns found;

    (void)path;
    jf_line_copy(head + strspn(head, " \t\r\n"), line, sizeof line);
    return *line == '#' && read_header(line, &found) && found.power >= 0;
}

typedef struct reader {
    const char *path;
    columns columns;
    jf_devices devices;
    jf_import *import;
    jf_error *err;
    double last_s, midnights_s; /* of times without dates */
} reader;

/* "20260815" and "10:00:00"; a time alone counts on past midnight. NaN: neither, or broken. */
static double read_time(reader *in, char **words)
{
    int date[3], time[3];
    double seconds = NAN;
    char stamp[64];

    if (in->columns.time >= 0) {
        if (!jf_fields_read(words[in->columns.time], "2:2:2", time)) return NAN;
        seconds = time[0] * 3600.0 + time[1] * 60.0 + time[2];
    }
    if (in->columns.date < 0) {
        if (seconds + in->midnights_s < in->last_s - day_s / 2) in->midnights_s += day_s;
        seconds += in->midnights_s;
        in->last_s = seconds;
        return seconds;
    }
    if (!jf_fields_read(words[in->columns.date], "422", date)) return NAN;
    snprintf(stamp, sizeof stamp, "%04d-%02d-%02d 00:00:00", date[0], date[1], date[2]);
    return jf_time_read(stamp) + seconds;
}

static jf_status reject(reader *in, size_t line, const char *what, const char *why)
{
    in->import->ledger->rows_rejected++;
    return jf_ledger_add(in->import->ledger, JF_REJECTED, in->path, line, NULL, what, why, in->err);
}

static jf_status take(reader *in, size_t line, char **words)
{
    const char *power_text = words[in->columns.power];
    double power = NAN, time;
    jf_device *device = jf_devices_find(&in->devices, words[in->columns.gpu], NULL);

    if (!device) return jf_fail(in->err, JF_ENOMEM, "out of memory for %s", in->path);
    if (!jf_number_read(power_text, strlen(power_text), &power)) power = NAN; /* "-" */
    if (in->columns.time >= 0) {
        time = read_time(in, words);
        if (isnan(time)) return reject(in, line, "no time like 10:00:00", "the line is broken");
    } else {
        time = jf_devices_tick(&in->devices, device->trace.n, in->import, default_interval_s, in->path);
    }
    if (!in->devices.n_samples++) in->devices.first_line = line;
    in->devices.n_failed += isnan(power);
    return jf_device_add(device, in->import, in->path, line, time, power, in->err);
}

static jf_status read_line(void *context, const jf_line *line)
{
    reader *in = context;
    char *words[MOST_COLUMNS], what[64];
    size_t n;

    if (line->text[strspn(line->text, " \t")] == '#') {
        read_header(line->text, &in->columns);
        if (in->columns.n && in->columns.power < 0)
            return jf_fail(in->err, JF_EDATA, "%s:%zu: no column 'pwr': the log was made without -s p",
                           in->path, line->number);
        in->devices.no_start = in->columns.date < 0;
        return JF_OK;
    }
    n = jf_words_of_line(line->text, words, MOST_COLUMNS);
    if (n == 0) return JF_OK;
    in->import->ledger->rows_read++;
    if (in->columns.n && n == in->columns.n) return take(in, line->number, words);
    snprintf(what, sizeof what, "%zu fields, expected %zu", n, in->columns.n);
    return reject(in, line->number, what, "the line is cut or broken");
}

static jf_status read(const char *path, jf_import *into, jf_error *err)
{
    jf_status status = JF_OK;
    reader in = {.path = path, .import = into, .err = err, .last_s = -INFINITY};

    JF_TRY(jf_lines_each(path, true, read_line, &in, err));
    JF_TRY(jf_devices_finish(&in.devices, into, path, err));
done:
    jf_devices_free(&in.devices);
    return status;
}

const jf_tracker jf_tracker_dmon = {"nvidia-smi-dmon", "logs of nvidia-smi dmon -s p", recognise, read};
