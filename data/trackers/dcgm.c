/* DCGM: logs of `dcgmi dmon` with power and energy counter, and the same as Prometheus metrics. */
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

enum { MOST_WORDS = 64 };
static const double default_interval_s = 1; /* of dcgmi dmon, without -d */
static const double J_per_mJ = 1e-3;

typedef struct reader {
    const char *path;
    int power, counter; /* places of the values behind the entity; -1: absent */
    size_t n_values;    /* 0: no header was seen yet */
    jf_devices devices;
    jf_import *import;
    jf_error *err;
} reader;

static jf_status reject(reader *in, size_t line, const char *what, const char *why)
{
    in->import->ledger->rows_rejected++;
    return jf_ledger_add(in->import->ledger, JF_REJECTED, in->path, line, NULL, what, why, in->err);
}

static jf_status add_reading(reader *in, jf_device *device, size_t line, double time, double power,
                             double counter_J)
{
    jf_status status = JF_OK;

    if (!in->devices.n_samples++) in->devices.first_line = line;
    in->devices.n_failed += isnan(power) && isnan(counter_J);
    if (!isnan(counter_J)) JF_TRY(jf_device_count(device, time, counter_J, in->path, in->err));
    if (!isnan(time) && (!isnan(power) || isnan(counter_J)))
        JF_TRY(jf_device_add(device, in->import, in->path, line, time, power, in->err));
done:
    return status;
}

static double read_value(char **words, int place, double unit)
{
    double value;

    if (place < 0 || !jf_number_read(words[place], strlen(words[place]), &value)) return NAN; /* "N/A" */
    return value * unit;
}

/* ---- dcgmi dmon ---- */

static bool recognise_dmon(const char *head, const char *path)
{
    (void)path;
    return strstr(head, "#Entity") && (strstr(head, "POWER") || strstr(head, "TOTEC"));
}

/* A time that a wrapper put in front: a stamp, seconds since 1970, or `ts`'s "Aug 15 10:00:00" without a
 * year.
 */
static double read_prefix(reader *in, char **words, size_t n)
{
    static const char *const months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char text[128] = "", stamp[160];
    const char *found;
    double time;
    int when[4]; /* day, hours, minutes, seconds */

    for (size_t i = 0; i < n; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i ? " " : "", words[i]);
    found = text + strspn(text, "[");
    time = jf_time_read(found);
    if (!isnan(time)) return time;
    if (jf_number_read(found, strcspn(found, " ]:"), &time) && time > 1e8) return time;
    if (!jf_fields_read(found + strcspn(found, " "), " 2 2:2:2", when)) return NAN;
    for (size_t m = 0; m < 12; m++) {
        if (strncmp(found, months + 3 * m, 3) != 0) continue;
        in->devices.no_start = true;
        snprintf(stamp, sizeof stamp, "1972-%02zu-%02d %02d:%02d:%02d", m + 1, when[0], when[1], when[2],
                 when[3]);
        return jf_time_read(stamp); /* a leap year, so that every date is one */
    }
    return NAN;
}

static bool read_columns(reader *in, char **words, size_t n)
{
    size_t start = 0;

    while (start < n && strcmp(words[start], "#Entity") != 0) start++;
    if (start == n) return false;
    in->power = in->counter = -1;
    in->n_values = n - start - 1;
    for (size_t i = start + 1; i < n; i++) {
        if (strcmp(words[i], "POWER") == 0) in->power = (int)(i - start - 1);
        if (strcmp(words[i], "TOTEC") == 0) in->counter = (int)(i - start - 1);
    }
    return true;
}

static jf_status take(reader *in, size_t line, char **words, size_t n, size_t entity)
{
    char key[64], what[64];
    char **values = words + entity + 2; /* "GPU 0" is two words */
    double power, counter, time;
    jf_device *device;

    if (strcmp(words[entity], "GPU") != 0)
        return reject(in, line, words[entity], "a part of a GPU (MIG): its board's row has the energy");
    if (n < entity + 2 || n - entity - 2 != in->n_values) {
        snprintf(what, sizeof what, "%zu values, expected %zu", n < entity + 2 ? 0 : n - entity - 2,
                 in->n_values);
        return reject(in, line, what, "the line is cut or broken");
    }
    snprintf(key, sizeof key, "%s", words[entity + 1]);
    device = jf_devices_find(&in->devices, key, NULL);
    if (!device) return jf_fail(in->err, JF_ENOMEM, "out of memory for %s", in->path);
    power = read_value(values, in->power, 1);
    counter = read_value(values, in->counter, J_per_mJ);
    if (entity > 0)
        time = read_prefix(in, words, entity);
    else
        time = jf_devices_tick(&in->devices, device->n_ticks, in->import, default_interval_s, in->path);
    device->n_ticks++;
    if (isnan(time)) return reject(in, line, "no time in front of GPU", "the line is broken");
    return add_reading(in, device, line, time, power, counter);
}

static jf_status read_dmon_line(void *context, const jf_line *line)
{
    reader *in = context;
    char *words[MOST_WORDS];
    size_t n = jf_words_of_line(line->text, words, MOST_WORDS), entity = 0;

    if (n == 0) return JF_OK;
    if (read_columns(in, words, n)) {
        if (in->power < 0 && in->counter < 0)
            return jf_fail(in->err, JF_EDATA, "%s:%zu: expected columns POWER or TOTEC (-e 155,156)",
                           in->path, line->number);
        return JF_OK;
    }
    while (entity < n && strncmp(words[entity], "GPU", 3) != 0) entity++;
    for (size_t i = 0; entity == n && i < n; i++)
        if (strcmp(words[i], "ID") == 0) return JF_OK; /* the line of units */
    in->import->ledger->rows_read++;
    if (entity < n && in->n_values) return take(in, line->number, words, n, entity);
    return reject(in, line->number, "no GPU in the line", "the line is cut or broken");
}

/* ---- Prometheus ---- */

static const char power_metric[] = "DCGM_FI_DEV_POWER_USAGE";
static const char counter_metric[] = "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION";

static bool recognise_metrics(const char *head, const char *path)
{
    (void)path;
    return strstr(head, power_metric) || strstr(head, counter_metric);
}

/* The value of a label inside braces, or "". */
static void read_label(const char *labels, const char *name, char *out, size_t size)
{
    size_t length = strlen(name);

    *out = '\0';
    for (const char *at = labels; (at = strstr(at, name)); at++) {
        if ((at > labels && at[-1] != ',' && at[-1] != '{') || strncmp(at + length, "=\"", 2) != 0) continue;
        snprintf(out, size, "%.*s", (int)strcspn(at + length + 2, "\""), at + length + 2);
        return;
    }
}

/* `name{labels} value [milliseconds]`. */
static jf_status read_metric_line(void *context, const jf_line *line)
{
    reader *in = context;
    bool is_power = strncmp(line->text, power_metric, sizeof power_metric - 1) == 0;
    bool is_counter = strncmp(line->text, counter_metric, sizeof counter_metric - 1) == 0;
    char *end = strrchr(line->text, '}'), *words[4], key[128], name[128];
    double value = NAN, time = NAN;
    jf_device *device;
    size_t n;

    if (!is_power && !is_counter) return JF_OK;
    in->import->ledger->rows_read++;
    if (!end) return reject(in, line->number, "no labels in braces", "the line is cut or broken");
    n = jf_words_of_line(end + 1, words, 4);
    if (n == 0 || n > 2)
        return reject(in, line->number, "no value behind the labels", "the line is cut or broken");
    end[1] = '\0';
    read_label(line->text, "UUID", key, sizeof key);
    if (!*key) read_label(line->text, "gpu", key, sizeof key);
    read_label(line->text, "modelName", name, sizeof name);
    device = jf_devices_find(&in->devices, key, name);
    if (!device) return jf_fail(in->err, JF_ENOMEM, "out of memory for %s", in->path);
    if (!jf_number_read(words[0], strlen(words[0]), &value)) value = NAN;
    if (n == 2 && jf_number_read(words[1], strlen(words[1]), &time))
        time *= 1e-3;
    else if (in->import->interval_s > 0)
        time = jf_devices_tick(&in->devices, is_power ? device->trace.n : device->counter.n, in->import, 0,
                               in->path);
    else
        in->devices.no_start = true;
    return add_reading(in, device, line->number, time, is_power ? value : NAN,
                       is_counter ? J_per_mJ * value : NAN);
}

/* ---- both ---- */

static jf_status read_with(jf_line_taker *take_line, const char *path, jf_import *into, jf_error *err)
{
    jf_status status = JF_OK;
    reader in = {.path = path, .power = -1, .counter = -1, .import = into, .err = err};

    JF_TRY(jf_lines_each(path, true, take_line, &in, err));
    JF_TRY(jf_devices_finish(&in.devices, into, path, err));
done:
    jf_devices_free(&in.devices);
    return status;
}

static jf_status read_dmon(const char *path, jf_import *into, jf_error *err)
{
    return read_with(read_dmon_line, path, into, err);
}

static jf_status read_metrics(const char *path, jf_import *into, jf_error *err)
{
    return read_with(read_metric_line, path, into, err);
}

const jf_tracker jf_tracker_dcgm = {"dcgm", "logs of dcgmi dmon -e 155,156", recognise_dmon, read_dmon};
const jf_tracker jf_tracker_dcgm_metrics = {
    "dcgm-metrics", "DCGM's power and energy counter as Prometheus metrics", recognise_metrics, read_metrics};
