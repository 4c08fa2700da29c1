/* A power log: the power of each GPU over time, and the window that was integrated. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "data/trackers/power_log.h"
#include "reports/figures/parts.h"

/* More samples than this are drawn as the least and the largest of each of as many steps. */
enum { MOST_STEPS = 1500, MOST_LINES = 6 };

/* When the figure begins and ends, and what is integrated; seconds of the log's clock. */
typedef struct times {
    double origin, start, end;
} times;

static times find_times(const jf_power_log *log)
{
    times of = {INFINITY, log->options.start_s, log->options.end_s};
    double last = -INFINITY;

    for (size_t i = 0; i < log->n; i++) {
        const jf_trace *trace = &log->items[i].trace;
        if (trace->n == 0) continue;
        of.origin = fmin(of.origin, trace->time_s[0]);
        last = fmax(last, trace->time_s[trace->n - 1]);
    }
    if (isnan(of.start)) of.start = of.origin;
    if (isnan(of.end)) of.end = last;
    return of;
}

static double usual_step(const jf_trace *trace)
{
    return trace->n > 1 ? (trace->time_s[trace->n - 1] - trace->time_s[0]) / (double)(trace->n - 1)
                        : INFINITY;
}

/* The trace as a line: a failed read, or a gap much longer than the usual step, breaks it. `x` and `y` hold
 * 2 * n values. */
static size_t trace_line(const jf_trace *trace, double origin, double gap_factor, double *x, double *y)
{
    double longest = (gap_factor > 0 ? gap_factor : 5) * usual_step(trace);
    size_t n = 0;

    for (size_t i = 0; i < trace->n; i++) {
        if (i > 0 && trace->time_s[i] - trace->time_s[i - 1] > longest) {
            x[n] = trace->time_s[i] - origin;
            y[n++] = NAN;
        }
        x[n] = trace->time_s[i] - origin;
        y[n++] = trace->power_W[i];
    }
    return n;
}

/* Keeps the least and the largest value of each step, in the order in which they come. */
static size_t thin_line(double *x, double *y, size_t n)
{
    size_t kept = 0, per_step = n / MOST_STEPS + 1;

    if (n <= (size_t)2 * MOST_STEPS) return n;
    for (size_t from = 0; from < n; from += per_step) {
        size_t to = from + per_step < n ? from + per_step : n, least = from, largest = from;
        for (size_t i = from; i < to; i++) {
            if (!(y[least] <= y[i])) least = i;
            if (!(y[largest] >= y[i])) largest = i;
        }
        size_t first = least < largest ? least : largest, second = least < largest ? largest : least;
        double pair[4] = {x[first], y[first], x[second], y[second]};
        x[kept] = pair[0], y[kept++] = pair[1];
        if (second != first) x[kept] = pair[2], y[kept++] = pair[3];
    }
    return kept;
}

static jf_status add_trace(jf_panel *panel, const jf_power_log *log, size_t index, double origin,
                           jf_error *err)
{
    const jf_trace *trace = &log->items[index].trace;
    double *x = JF_NEW_ARRAY(double, 2 * trace->n), *y = JF_NEW_ARRAY(double, 2 * trace->n);
    jf_series line = {.kind = JF_SERIES_LINE, .x = x, .y = y, .colour = (int)index};
    jf_status status = JF_OK;

    JF_TRY_NEW(x && y, err, "a power trace");
    line.title = log->n > 1 ? log->items[index].name : NULL;
    line.n = thin_line(x, y, trace_line(trace, origin, log->options.gap_factor, x, y));
    if (line.n) JF_TRY(jf_panel_add(panel, line, err));
done:
    jf_free(x);
    jf_free(y);
    return status;
}

/* "635 kJ". */
static const char *energy_words(double energy_J, char *words, size_t size)
{
    static const struct {
        double least;
        const char *unit;
    } units[] = {{1e9, "GJ"}, {1e6, "MJ"}, {1e3, "kJ"}, {0, "J"}};
    size_t i = 0;

    while (units[i].least > 0 && energy_J < units[i].least) i++;
    snprintf(words, size, "%.4g %s", energy_J / (units[i].least > 0 ? units[i].least : 1), units[i].unit);
    return words;
}

/* The window from zero to the highest power, behind the traces. */
static jf_status add_window(jf_panel *panel, const jf_power_log *log, times of, double energy_J,
                            jf_error *err)
{
    double x[2] = {of.start - of.origin, of.end - of.origin}, low[2] = {0, 0}, high[2] = {0, 0};
    char title[80], energy[40];

    for (size_t i = 0; i < log->n; i++)
        for (size_t k = 0; k < log->items[i].trace.n; k++)
            high[0] = high[1] = fmax(high[0], log->items[i].trace.power_W[k]);
    snprintf(title, sizeof title, "integrated: %s", energy_words(energy_J, energy, sizeof energy));
    return jf_panel_add(
        panel,
        (jf_series){
            .kind = JF_SERIES_BAND, .title = title, .x = x, .low = low, .high = high, .n = 2, .colour = -1},
        err);
}

/* Energies of all devices added up; the largest share that lies in gaps. */
static jf_status integrate(const jf_power_log *log, double *energy_J, double *gap_share, jf_error *err)
{
    jf_status status = JF_OK;

    *energy_J = *gap_share = 0;
    for (size_t i = 0; i < log->n; i++) {
        jf_trace_energy one;
        JF_TRY(jf_trace_integrate(&log->items[i].trace, &log->options, &one, err));
        *energy_J += one.energy_J;
        *gap_share = fmax(*gap_share, one.gap_share);
    }
done:
    return status;
}

jf_status jf_figure_trace(const jf_figure_source *source, jf_figure *figure, jf_error *err)
{
    const jf_power_log *log = source->log;
    times of = find_times(log);
    double energy_J, gap_share;
    jf_status status = JF_OK;
    jf_panel *panel;
    char energy[40];

    if (!isfinite(of.origin)) return jf_fail(err, JF_EDATA, "the log has no sample");
    JF_TRY(integrate(log, &energy_J, &gap_share, err));
    JF_TRY(jf_figure_set_panels(figure, 1, err));
    panel = &figure->panels[0];
    JF_TRY(jf_axis_set(&panel->x, "time since the first sample (s)", false, err));
    JF_TRY(jf_axis_set(&panel->y, "power (W)", false, err));
    JF_TRY(add_window(panel, log, of, energy_J, err));
    for (size_t i = 0; i < log->n && i < MOST_LINES; i++) JF_TRY(add_trace(panel, log, i, of.origin, err));
    JF_TRY(jf_figure_caption(figure, err,
                             "Power of %zu device%s and the window that was integrated: %s in %.4g s, "
                             "%.2g %% of it in gaps%s",
                             log->n, log->n == 1 ? "" : "s", energy_words(energy_J, energy, sizeof energy),
                             of.end - of.start, 100 * gap_share,
                             log->n > MOST_LINES ? "; the first six are drawn" : ""));
done:
    return status;
}
