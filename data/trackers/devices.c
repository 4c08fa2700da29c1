/* Power logs of one or several devices in one file. */
#include "data/trackers/devices.h"
#include "data/trackers/formats.h"
#include "data/trackers/power_log.h"

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
        jf_trace_free(&devices->items[i].counter);
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

jf_status jf_device_count(jf_device *device, double time_s, double reading_J, const char *path, jf_error *err)
{
    if (!jf_trace_add(&device->counter, time_s, reading_J))
        return jf_fail(err, JF_ENOMEM, "out of memory for the energy counter of %s", path);
    return JF_OK;
}

double jf_devices_tick(jf_devices *devices, size_t tick, jf_import *import, double usual_s, const char *path)
{
    double interval = import->interval_s > 0 ? import->interval_s : usual_s;

    devices->no_start = true;
    if (import->interval_s <= 0)
        jf_warn(import->warnings, "W_ASSUMED_INTERVAL",
                "%s bears no times: samples are taken to be %g s apart", path, interval);
    return interval * (double)tick;
}

/* ---- one device over one window ---- */

/* What the devices of a log come to. */
typedef struct sums {
    double energy_J, trace_J,
        counter_J; /* the best of each device; of those that have a trace and a counter */
    double duration_s, samples, gap_share, start_s;
    size_t n, n_counters, n_both, n_falls;
} sums;

/* First and last time of a trace that stands in order. */
static bool ends_of(const jf_trace *trace, double *first, double *last)
{
    if (trace->n == 0) return false;
    *first = trace->time_s[0];
    *last = trace->time_s[trace->n - 1];
    return *first < *last;
}

/* Share of the window that lies between the ends; 1 when there is no window. */
static double covered_share(const jf_trace *trace, const jf_window *window)
{
    double first, last;

    if (!window) return 1;
    if (!ends_of(trace, &first, &last)) return 0;
    first = fmax(first, window->start_s);
    last = fmin(last, window->end_s);
    return last > first ? (last - first) / (window->end_s - window->start_s) : 0;
}

/* The counter over a window: between two readings it is taken to grow evenly, so that a window need not begin
 * and end on a reading. */
static void count_window(const jf_trace *counter, const jf_window *window, sums *all, double *energy_J)
{
    double from = INFINITY, to = -INFINITY, total = 0;

    for (size_t i = 1; i < counter->n; i++) {
        double t0 = counter->time_s[i - 1], t1 = counter->time_s[i];
        double low = fmax(t0, window->start_s), high = fmin(t1, window->end_s);
        double step = counter->power_W[i] - counter->power_W[i - 1];
        if (!(high > low)) continue;
        if (step < 0) {
            step = counter->power_W[i]; /* restarted from zero */
            all->n_falls++;
        }
        total += step * (high - low) / (t1 - t0);
        from = fmin(from, low);
        to = fmax(to, high);
        all->samples++;
    }
    *energy_J = total;
    all->duration_s = fmax(all->duration_s, to - from);
    all->start_s = fmin(all->start_s, from);
}

static jf_status count_all(const jf_trace *counter, sums *all, double *energy_J, jf_error *err)
{
    size_t n_falls;
    double length = counter->time_s[counter->n - 1] - counter->time_s[0];
    jf_status status = jf_counter_energy(counter->power_W, counter->n, 1, 0, energy_J, &n_falls, err);

    if (status != JF_OK) return status;
    all->n_falls += n_falls;
    all->samples += (double)counter->n;
    if (isnan(length)) return JF_OK; /* the log bears no times */
    all->duration_s = fmax(all->duration_s, length);
    all->start_s = fmin(all->start_s, counter->time_s[0]);
    return JF_OK;
}

/* Averages over a second lag by half of it; only where a window says when the run was does that matter. */
static double lag_of(const jf_devices *devices, const jf_device *device)
{
    const jf_sensor *sensor = jf_sensor_find(device->name);

    return devices->averaged && sensor && sensor->averaged ? 0.5 : 0;
}

/* The samples of the window and one neighbour at either side, borrowed from a trace that stands in order: a
 * log may span many runs. */
static jf_trace slice(const jf_trace *trace, double start, double end)
{
    size_t low = 0, high = trace->n;

    for (size_t step = trace->n; step > 0; step /= 2) {
        while (low + step < trace->n && trace->time_s[low + step] < start) low += step;
        while (high > step + low && trace->time_s[high - 1 - step] > end) high -= step;
    }
    return (jf_trace){.time_s = trace->time_s + low, .power_W = trace->power_W + low, .n = high - low};
}

static jf_status read_trace(const jf_devices *devices, const jf_device *device, const jf_window *window,
                            jf_import *import, sums *all, double *energy_J, jf_error *err)
{
    jf_trace_options options = import->trace;
    jf_trace trace = device->trace;
    jf_trace_energy energy;
    jf_status status;
    double lag = window ? lag_of(devices, device) : 0, first = trace.n ? trace.time_s[0] : NAN;

    if (window) {
        options.start_s = window->start_s + lag;
        options.end_s = window->end_s + lag;
        trace = slice(&device->trace, options.start_s, options.end_s);
    }
    status = jf_trace_integrate(&trace, &options, &energy, err);
    if (status != JF_OK) return status;
    *energy_J = energy.energy_J;
    all->duration_s = fmax(all->duration_s, energy.duration_s);
    all->samples += (double)energy.n_samples;
    all->gap_share = fmax(all->gap_share, energy.gap_share);
    all->start_s = fmin(all->start_s, window ? fmax(window->start_s, first - lag) : first);
    if (!devices->wall) jf_sensor_check(jf_sensor_find(device->name), energy.duration_s, import->warnings);
    return JF_OK;
}

static size_t n_powers(const jf_trace *trace)
{
    size_t n = 0;

    for (size_t i = 0; i < trace->n; i++) n += isfinite(trace->power_W[i]);
    return n;
}

static jf_status add_device(const jf_devices *devices, const jf_device *device, const jf_window *window,
                            jf_import *import, const char *path, sums *all, jf_error *err)
{
    jf_status status = JF_OK;
    bool has_counter = device->counter.n >= 2, has_trace = n_powers(&device->trace) > 0 || !has_counter;
    double counter_J = NAN, trace_J = NAN;

    if (has_counter && window) count_window(&device->counter, window, all, &counter_J);
    if (has_counter && !window) JF_TRY(count_all(&device->counter, all, &counter_J, err));
    if (has_trace) status = read_trace(devices, device, window, import, all, &trace_J, err);
    if (status == JF_EDATA && has_counter) { /* the counter needs no trace: there is nothing to compare */
        has_trace = false;
        status = JF_OK;
        if (err) *err = (jf_error){0};
    }
    if (status != JF_OK) goto done;
    if (has_counter && has_trace) {
        all->counter_J += counter_J;
        all->trace_J += trace_J;
        all->n_both++;
    }
    all->energy_J += has_counter ? counter_J : trace_J;
    all->n_counters += has_counter;
    all->n++;
done:
    if (status != JF_OK) jf_error_prefix(err, "%s: device %s", path, device->key);
    return status;
}

/* ---- the record ---- */

static jf_status tell_of_counter(const sums *all, jf_import *import, const char *path, jf_error *err)
{
    jf_status status = JF_OK;
    char what[120];

    if (all->n_falls) {
        snprintf(what, sizeof what, "the counter falls %zu times", all->n_falls);
        JF_TRY(jf_ledger_add(import->ledger, JF_REPAIRED, path, 0, "energy counter", what,
                             "taken as restarted from zero", err));
    }
    if (all->n_both)
        JF_TRY(jf_import_compare(import, path, 0, "counter", all->counter_J, "trace", all->trace_J, err));
done:
    return status;
}

/* A window by the log's own clock. */
static jf_window own_window(const jf_import *import, size_t at)
{
    return (jf_window){import->windows[at].start_s - import->shift_s,
                       import->windows[at].end_s - import->shift_s};
}

static jf_status add_record(const jf_devices *devices, jf_import *import, const char *path, size_t window_at,
                            jf_error *err)
{
    jf_status status = JF_OK;
    jf_window asked = window_at ? own_window(import, window_at - 1) : (jf_window){0};
    const jf_window *window = window_at ? &asked : NULL;
    sums all = {.start_s = INFINITY};
    const char *name = NULL;
    jf_measured *run = jf_import_add(import, devices->first_line);

    JF_TRY_NEW(run, err, path);
    for (size_t i = 0; i < devices->n; i++) {
        const jf_device *device = &devices->items[i];
        const jf_trace *trace = device->trace.n ? &device->trace : &device->counter;
        if (trace->n == 0 || (window && covered_share(trace, window) == 0)) continue; /* not in use then */
        if (!name) name = device->name;
        JF_TRY(add_device(devices, device, window, import, path, &all, err));
    }
    if (all.n == 0) JF_TRY(jf_fail(err, JF_EDATA, "%s: no power reading found", path));
    run->method = all.n_counters == all.n ? JF_BY_COUNTER : JF_BY_TRACE;
    run->window_at = window_at;
    if (devices->wall)
        run->total_energy_J = all.energy_J;
    else
        run->gpu_energy_J = all.energy_J;
    if (!devices->wall) run->gpus = (double)all.n;
    if (all.duration_s > 0) run->duration_s = all.duration_s;
    run->samples = all.samples;
    if (all.n_both || all.n_counters < all.n) run->gap_share = all.gap_share; /* a counter has no gaps */
    run->start_s = devices->no_start || isinf(all.start_s) ? NAN : all.start_s;
    run->run_id = jf_run_of_path(path);
    JF_TRY_NEW(run->run_id, err, path);
    JF_TRY(jf_measured_text(&run->scope, devices->wall ? "wall" : "gpu", err));
    JF_TRY(jf_measured_text(&run->gpu, name, err));
    JF_TRY(tell_of_counter(&all, import, path, err));
done:
    if (status != JF_OK && run) jf_import_drop_last(import);
    return status;
}

/* The best share of the window that a device of the log covers. */
static double log_covers(const jf_devices *devices, const jf_window *window)
{
    double best = 0;

    for (size_t i = 0; i < devices->n; i++) {
        const jf_device *device = &devices->items[i];
        best = fmax(best, covered_share(device->trace.n ? &device->trace : &device->counter, window));
    }
    return best;
}

/* A run that the log measured badly (gaps) is left without a record; the others are not lost for it. */
static jf_status add_window(const jf_devices *devices, jf_import *import, const char *path, size_t window_at,
                            size_t *n, jf_error *err)
{
    jf_error why = {0};
    jf_status status = add_record(devices, import, path, window_at, &why);

    if (status == JF_EDATA) {
        jf_warn(import->warnings, "W_SUSPECT_ENERGY", "run %zu has no energy: %s", window_at, why.message);
        return jf_ledger_add(import->ledger, JF_FLAGGED, path, 0, NULL, why.message,
                             "the run's window cannot be integrated", err);
    }
    if (status != JF_OK) return jf_fail(err, status, "%s", why.message);
    ++*n;
    return JF_OK;
}

enum { COVER_PERCENT = 90 }; /* less of a run's window is no measurement of the run */

static jf_status add_windows(const jf_devices *devices, jf_import *import, const char *path, jf_error *err)
{
    jf_status status = JF_OK;
    size_t n = 0, n_samples = devices->n_samples;
    char what[120];

    for (size_t w = 0; w < import->n_windows; w++) {
        jf_window window = own_window(import, w);
        double share = devices->no_start ? 0 : log_covers(devices, &window);
        if (share == 0) continue;
        if (share < COVER_PERCENT / 100.0) {
            snprintf(what, sizeof what, "%.0f %% of the window of run %zu", 100 * share, w + 1);
            JF_TRY(jf_ledger_add(import->ledger, JF_FLAGGED, path, 0, NULL, what,
                                 "the log covers too little of the run", err));
            continue;
        }
        JF_TRY(add_window(devices, import, path, w + 1, &n, err));
    }
    if (n == 0) {
        import->ledger->rows_rejected += n_samples;
        jf_warn(import->warnings, "W_NO_WINDOW", "%s measures none of the runs' windows%s", path,
                devices->no_start ? ": it bears no times" : "");
        status = jf_ledger_add(import->ledger, JF_REJECTED, path, devices->first_line, NULL, "every sample",
                               "the log measures none of the runs' windows", err);
        goto done;
    }
    if (n > n_samples) n = n_samples; /* windows that overlap */
    import->ledger->rows_kept += n;
    import->ledger->rows_merged += n_samples - n;
done:
    return status;
}

jf_status jf_devices_finish(jf_devices *devices, jf_import *import, const char *path, jf_error *err)
{
    jf_status status = JF_OK;

    if (devices->n == 0) return jf_fail(err, JF_EDATA, "%s: no power reading found", path);
    for (size_t i = 0; i < devices->n; i++) {
        jf_device *device = &devices->items[i];
        JF_TRY(jf_trace_sort(&device->trace, err));
        if (import->log && device->trace.n)
            JF_TRY(jf_power_log_add(import->log, device->key, device->name, &device->trace, err));
    }
    if (import->n_windows) {
        JF_TRY(add_windows(devices, import, path, err));
    } else {
        JF_TRY(add_record(devices, import, path, 0, err));
        /* the samples of a log become one run */
        import->ledger->rows_kept++;
        import->ledger->rows_merged += devices->n_samples - 1;
    }
    if (devices->n_failed) {
        char what[80];
        snprintf(what, sizeof what, "%zu of %zu readings hold no number", devices->n_failed,
                 devices->n_samples);
        JF_TRY(jf_ledger_add(import->ledger, JF_FLAGGED, path, 0, "power", what,
                             "failed reads are missing, not zero", err));
    }
done:
    return status;
}
