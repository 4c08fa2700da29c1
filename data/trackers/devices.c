/* Power logs of one or several devices in one file. */
#include "data/trackers/devices.h"
#include "data/trackers/formats.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"

char *jf_run_of_path(const char *path)
{
    const char *name = strrchr(path, '/');

    name = name ? name + 1 : path;
    return jf_copy_bytes(name, strcspn(name, "."));
}

char *jf_run_of_folder(const char *path)
{
    const char *end = strrchr(path, '/');

    while (end) {
        const char *start = end;
        while (start > path && start[-1] != '/') start--;
        size_t length = (size_t)(end - start);
        if (length && strncmp(start, "checkpoint-", 11) != 0 && strncmp(start, "..", 2) != 0 &&
            !(length == 1 && *start == '.'))
            return jf_copy_bytes(start, length);
        end = start > path ? start - 1 : NULL;
    }
    return jf_run_of_path(path);
}

jf_device *jf_devices_find(jf_devices *devices, const char *key, const char *name)
{
    jf_device *device;

    for (size_t i = 0; i < devices->n; i++)
        if (strcmp(devices->items[i].key, key) == 0) return &devices->items[i];
    if (!jf_grow((void **)&devices->items, &devices->capacity, devices->n + 1, sizeof *devices->items))
        return NULL;
    device = &devices->items[devices->n];
    *device = (jf_device){.last_s = NAN, .step_s = NAN};
    device->key = jf_copy_text(key);
    if (name && *name) device->name = jf_copy_text(name);
    devices->n++;
    return device->key && (!name || !*name || device->name) ? device : NULL;
}

void jf_devices_free(jf_devices *devices)
{
    for (size_t i = 0; i < devices->n; i++) {
        jf_free(devices->items[i].key);
        jf_free(devices->items[i].name);
        jf_trace_free(&devices->items[i].trace);
    }
    jf_free(devices->items);
    *devices = (jf_devices){0};
}

jf_status jf_device_add(jf_device *device, jf_import *import, const char *path, size_t line, double time_s,
                        double power_W, jf_error *err)
{
    double step = time_s - device->last_s;
    double over = fabs(step) - 3600;

    if (!isnan(device->step_s) && fabs(over) <= 5 * device->step_s) {
        jf_status status;
        device->shift_s -= copysign(3600, step);
        status = jf_ledger_add(import->ledger, JF_REPAIRED, path, line, "timestamp",
                               step < 0 ? "the clock goes back by an hour" : "the clock goes on by an hour",
                               "summer time begins or ends: times are shifted from here", err);
        if (status != JF_OK) return status;
    } else if (step > 0) {
        device->step_s =
            isnan(device->step_s) ? step : fmin(device->step_s * 1.1, fmax(device->step_s * 0.9, step));
    }
    device->last_s = time_s;
    if (!jf_trace_add(&device->trace, time_s + device->shift_s, power_W))
        return jf_fail(err, JF_ENOMEM, "out of memory for the power trace of %s", path);
    return JF_OK;
}

static jf_status add_device(const jf_device *device, jf_import *import, const char *path, jf_measured *run,
                            jf_error *err)
{
    jf_trace_energy energy;
    jf_status status = jf_trace_integrate(&device->trace, &import->trace, &energy, err);

    if (status != JF_OK) {
        jf_error_prefix(err, "%s: device %s", path, device->key);
        return status;
    }
    run->gpu_energy_J = (isnan(run->gpu_energy_J) ? 0 : run->gpu_energy_J) + energy.energy_J;
    run->duration_s = fmax(isnan(run->duration_s) ? 0 : run->duration_s, energy.duration_s);
    run->samples = (isnan(run->samples) ? 0 : run->samples) + (double)energy.n_samples;
    run->gap_share = fmax(isnan(run->gap_share) ? 0 : run->gap_share, energy.gap_share);
    if (!(run->start_s <= device->trace.time_s[0])) run->start_s = device->trace.time_s[0];
    jf_sensor_check(jf_sensor_find(device->name), energy.duration_s, import->warnings);
    return JF_OK;
}

jf_status jf_devices_finish(const jf_devices *devices, jf_import *import, const char *path, jf_error *err)
{
    jf_status status = JF_OK;
    jf_measured *run;

    if (devices->n == 0) return jf_fail(err, JF_EDATA, "%s: no power reading found", path);
    run = jf_import_add(import, devices->first_line);
    JF_TRY_NEW(run, err, path);
    for (size_t i = 0; i < devices->n; i++) JF_TRY(add_device(&devices->items[i], import, path, run, err));
    run->gpus = (double)devices->n;
    run->run_id = jf_run_of_path(path);
    run->scope = jf_copy_text("gpu");
    run->gpu = jf_copy_text(devices->items[0].name);
    JF_TRY_NEW(run->run_id, err, path);
    JF_TRY_NEW(run->scope, err, path);
    if (devices->n_failed) {
        char what[80];
        snprintf(what, sizeof what, "%zu of %zu readings hold no number", devices->n_failed,
                 devices->n_samples);
        JF_TRY(jf_ledger_add(import->ledger, JF_FLAGGED, path, 0, "power", what,
                             "failed reads are missing, not zero", err));
    }
    /* the samples of a log become one run */
    import->ledger->rows_kept++;
    import->ledger->rows_merged += devices->n_samples - 1;
done:
    if (status != JF_OK && run) jf_import_drop_last(import);
    return status;
}
