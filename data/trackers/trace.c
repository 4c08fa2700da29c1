/* Power traces and energy counters into energies. */
#include "data/trackers/trace.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/memory.h"
#include "core/summary.h"

typedef struct sample {
    double time, power;
} sample;

bool jf_trace_add(jf_trace *trace, double time_s, double power_W)
{
    size_t capacity = trace->capacity;

    if (!jf_grow((void **)&trace->time_s, &capacity, trace->n + 1, sizeof(double))) return false;
    if (!jf_grow((void **)&trace->power_W, &trace->capacity, trace->n + 1, sizeof(double))) return false;
    trace->time_s[trace->n] = time_s;
    trace->power_W[trace->n] = power_W;
    trace->n++;
    return true;
}

void jf_trace_free(jf_trace *trace)
{
    jf_free(trace->time_s);
    jf_free(trace->power_W);
    *trace = (jf_trace){0};
}

static int by_time(const void *a, const void *b)
{
    const sample *first = a, *second = b;
    if (first->time != second->time) return first->time < second->time ? -1 : 1;
    return (first->power > second->power) - (first->power < second->power);
}

jf_status jf_trace_sort(jf_trace *trace, jf_error *err)
{
    size_t n_ordered = 1;
    sample *samples;

    while (n_ordered < trace->n && trace->time_s[n_ordered] >= trace->time_s[n_ordered - 1]) n_ordered++;
    if (n_ordered >= trace->n) return JF_OK;
    samples = JF_NEW_ARRAY(sample, trace->n);
    if (!samples) return jf_fail(err, JF_ENOMEM, "out of memory for a power trace");
    for (size_t i = 0; i < trace->n; i++) samples[i] = (sample){trace->time_s[i], trace->power_W[i]};
    qsort(samples, trace->n, sizeof *samples, by_time);
    for (size_t i = 0; i < trace->n; i++) {
        trace->time_s[i] = samples[i].time;
        trace->power_W[i] = samples[i].power;
    }
    jf_free(samples);
    return JF_OK;
}

/* Sorts, leaves out failed reads, and averages readings that bear the same time. */
static size_t clean(const jf_trace *trace, sample *samples)
{
    size_t n = 0, kept = 0;

    for (size_t i = 0; i < trace->n; i++) {
        if (!isfinite(trace->time_s[i]) || !isfinite(trace->power_W[i])) continue;
        samples[n++] = (sample){trace->time_s[i], trace->power_W[i]};
    }
    qsort(samples, n, sizeof *samples, by_time);
    for (size_t i = 0; i < n;) {
        size_t end = i;
        double sum = 0;
        while (end < n && samples[end].time == samples[i].time) sum += samples[end++].power;
        samples[kept++] = (sample){samples[i].time, sum / (double)(end - i)};
        i = end;
    }
    return kept;
}

/* Median distance of samples, and of changes of value: a poll faster than the sensor repeats the last
 * reading. */
static void periods(const sample *samples, size_t n, double *scratch, jf_trace_energy *out)
{
    size_t changes = 0, last = 0;

    for (size_t i = 1; i < n; i++) scratch[i - 1] = samples[i].time - samples[i - 1].time;
    out->period_s = jf_median(scratch, n - 1);
    for (size_t i = 1; i < n; i++) {
        if (samples[i].power == samples[last].power) continue;
        scratch[changes++] = samples[i].time - samples[last].time;
        last = i;
    }
    out->update_s = changes ? jf_median(scratch, changes) : NAN;
}

static double power_at(const sample *left, const sample *right, double time)
{
    double share = (time - left->time) / (right->time - left->time);
    return left->power + share * (right->power - left->power);
}

/* Adds the piece between two neighbouring samples, as far as it lies in the window. */
static void add_piece(const sample *left, const sample *right, double start, double end, double gap,
                      jf_gap_policy policy, jf_trace_energy *out)
{
    double from = fmax(left->time, start), to = fmin(right->time, end);

    if (to <= from) return;
    if (right->time - left->time > gap) {
        out->gap_share += to - from; /* seconds until the end, then a share */
        if (policy == JF_GAP_DROP) return;
        if (policy == JF_GAP_HOLD) {
            out->energy_J += left->power * (to - from);
            return;
        }
    }
    out->energy_J += 0.5 * (power_at(left, right, from) + power_at(left, right, to)) * (to - from);
}

/* The window's ends: at most half a period is filled with the nearest reading, the rest is reported as
 * uncovered. */
static void add_ends(const sample *samples, size_t n, double start, double end, jf_trace_energy *out)
{
    double half = 0.5 * out->period_s;
    double before = fmax(0, samples[0].time - start), after = fmax(0, end - samples[n - 1].time);
    double filled_before = fmin(before, half), filled_after = fmin(after, half);

    out->energy_J += samples[0].power * filled_before + samples[n - 1].power * filled_after;
    out->uncovered_s = before - filled_before + after - filled_after;
    out->duration_s = end - start - out->uncovered_s;
}

jf_status jf_trace_integrate(const jf_trace *trace, const jf_trace_options *options, jf_trace_energy *out,
                             jf_error *err)
{
    jf_status status = JF_OK;
    sample *samples = NULL;
    double *scratch = NULL;
    double factor = options->gap_factor > 0 ? options->gap_factor : 5;
    double allowed = options->max_gap_share > 0 ? options->max_gap_share : 0.1;
    double start = options->start_s, end = options->end_s;
    size_t n, inside = 0;

    *out = (jf_trace_energy){0};
    samples = JF_NEW_ARRAY(sample, trace->n + 1);
    scratch = JF_NEW_ARRAY(double, trace->n + 1);
    JF_TRY_NEW(samples, err, "a power trace");
    JF_TRY_NEW(scratch, err, "a power trace");
    n = clean(trace, samples);
    if (n < 2) JF_TRY(jf_fail(err, JF_EDATA, "power trace: %zu usable samples, at least 2 are needed", n));
    if (isnan(start)) start = samples[0].time;
    if (isnan(end)) end = samples[n - 1].time;
    for (size_t i = 0; i < n; i++) inside += samples[i].time >= start && samples[i].time <= end;
    if (end <= start || inside < 2) {
        JF_TRY(jf_fail(err, JF_EDATA,
                       "power trace: %zu samples between %.3f s and %.3f s, at least 2 are needed", inside,
                       start, end));
    }
    periods(samples, n, scratch, out);
    for (size_t i = 1; i < n; i++) {
        add_piece(&samples[i - 1], &samples[i], start, end, factor * out->period_s, options->gaps, out);
    }
    add_ends(samples, n, start, end, out);
    out->gap_share /= end - start;
    out->mean_power_W = out->energy_J / out->duration_s;
    out->n_samples = inside;
    out->n_dropped = trace->n - n;
    if (out->gap_share > allowed) {
        JF_TRY(jf_fail(
            err, JF_EDATA,
            "power trace: %.1f %% of the window lies in gaps longer than %.3g s, at most %.0f %% is allowed",
            100 * out->gap_share, factor * out->period_s, 100 * allowed));
    }
done:
    jf_free(samples);
    jf_free(scratch);
    if (status != JF_OK) *out = (jf_trace_energy){.gap_share = out->gap_share};
    return status;
}

jf_status jf_counter_energy(const double *readings, size_t n, double unit_J, double wrap, double *energy_J,
                            size_t *n_falls, jf_error *err)
{
    double total = 0, last = NAN;
    size_t used = 0;

    *energy_J = NAN;
    *n_falls = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(readings[i])) continue;
        if (used++ && readings[i] >= last) total += readings[i] - last;
        if (used > 1 && readings[i] < last) {
            total += wrap > 0 ? readings[i] + wrap - last : readings[i];
            ++*n_falls;
        }
        last = readings[i];
    }
    if (used < 2) return jf_fail(err, JF_EDATA, "energy counter: %zu readings, at least 2 are needed", used);
    *energy_J = total * unit_J;
    return JF_OK;
}
