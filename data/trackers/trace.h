/* Power traces and energy counters into energies. Rules: Yang et al. 2023, arXiv 2312.02741; NVML and RAPL
 * conventions. */
#ifndef JF_DATA_TRACKERS_TRACE_H
#define JF_DATA_TRACKERS_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include "core/error.h"
#include "core/warnings.h"

/* Samples of one device, in any order; NaN power is a failed read (missing, never 0). */
typedef struct jf_trace {
    double *time_s;
    double *power_W;
    size_t n, capacity;
} jf_trace;

bool jf_trace_add(jf_trace *trace, double time_s, double power_W);
void jf_trace_free(jf_trace *trace);
/* Puts the samples in order of time. */
jf_status jf_trace_sort(jf_trace *trace, jf_error *err);

/* What is put where samples are too far apart. */
typedef enum jf_gap_policy { JF_GAP_LINEAR, JF_GAP_HOLD, JF_GAP_DROP } jf_gap_policy;

typedef struct jf_trace_options {
    double start_s, end_s; /* window; NaN: first and last sample */
    double gap_factor;     /* a gap is longer than this many median periods; 0: 5 */
    double max_gap_share;  /* of the window; above it the trace is refused; 0: 0.1 */
    jf_gap_policy gaps;    /* default: a straight line across */
} jf_trace_options;

typedef struct jf_trace_energy {
    double energy_J;
    double duration_s; /* of the window that the trace covers */
    double mean_power_W;
    double period_s;    /* median distance of samples */
    double update_s;    /* median distance of changes of value: the sensor's own period as seen */
    double gap_share;   /* share of the window that lies in gaps */
    double uncovered_s; /* part of the window before the first or after the last sample, past half a period */
    size_t n_samples;   /* used: inside the window, repeats of one time dropped */
    size_t n_dropped;   /* repeats of one time, failed reads */
} jf_trace_energy;

/* Trapezoid over the sorted samples, clipped to the window with linear interpolation and extended by at most
 * half a period at either end. JF_EDATA: fewer than two samples in the window, or more gaps than allowed (the
 * message has the share). */
jf_status jf_trace_integrate(const jf_trace *trace, const jf_trace_options *options, jf_trace_energy *out,
                             jf_error *err);

/* Energy of a counter that only grows: the sum of its increments, `unit_J` each (1e-3: mJ, 1e-6: uJ). A fall
 * is a wrap when `wrap` (counts) is given, else a restart from zero; *n_falls tells how many. Readings are in
 * order of time; NaN ones are passed over. */
jf_status jf_counter_energy(const double *readings, size_t n, double unit_J, double wrap, double *energy_J,
                            size_t *n_falls, jf_error *err);

/* A GPU's on-board power sensor: how often it is updated and over how long it averages. */
typedef struct jf_sensor {
    const char *architecture; /* "Ampere GA100" */
    double update_s, window_s;
    bool averaged; /* `power.draw` is an average over one second: shift the trace by half of it */
} jf_sensor;

/* The sensor of a GPU by name ("NVIDIA A100-SXM4-40GB"), or NULL when the name says nothing known. */
const jf_sensor *jf_sensor_find(const char *gpu_name);
/* W_SHORT_RUN when `duration_s` is under ten times the slower of update and window; W_SENSOR_BLIND when the
 * window is shorter than the update. */
void jf_sensor_check(const jf_sensor *sensor, double duration_s, jf_warnings *warnings);

#endif
