/* Power logs of one or several devices in one file: a trace each, integrated and summed into one run. */
#ifndef JF_DATA_TRACKERS_DEVICES_H
#define JF_DATA_TRACKERS_DEVICES_H

#include "data/trackers/tracker.h"

typedef struct jf_device {
    char *key;  /* index, uuid or bus: what tells devices apart */
    char *name; /* "NVIDIA A100-SXM4-40GB"; NULL when the log does not say */
    jf_trace trace;
    jf_trace counter; /* readings of an energy counter in J, where powers stand in a trace */
    size_t n_ticks;   /* rows of it so far, for logs without times */
    double shift_s;   /* added to times since the clock was set back or forward by an hour */
    double last_s;    /* time of the last sample as the file has it */
    double step_s;    /* usual distance of its samples so far */
} jf_device;

typedef struct jf_devices {
    jf_device *items;
    size_t n, capacity;
    size_t n_samples, n_failed; /* readings, and readings without a number */
    size_t first_line;
    bool wall;     /* an analyzer at the wall: the energy is the machine's, not a GPU's */
    bool no_start; /* times are right among themselves only: no start can be told */
    bool averaged; /* powers are the driver's averages over a second where the board has such */
} jf_devices;

/* The device of that key, made when new. NULL when out of memory. `name` may be NULL or "". */
jf_device *jf_devices_find(jf_devices *devices, const char *key, const char *name);
/* Adds a reading; a step of an hour (give or take five samples) is a change to or from summer time: repaired
 * and told in the ledger. */
jf_status jf_device_add(jf_device *device, jf_import *import, const char *path, size_t line, double time_s,
                        double power_W, jf_error *err);
/* Adds a reading of the energy counter (J); a NaN time is one that the log does not give. */
jf_status jf_device_count(jf_device *device, double time_s, double reading_J, const char *path,
                          jf_error *err);
/* Time of a row in a log without times: `tick` intervals (import->interval_s, else `usual_s` with
 * W_ASSUMED_INTERVAL). */
double jf_devices_tick(jf_devices *devices, size_t tick, jf_import *import, double usual_s, const char *path);
/* Integrates every device and adds one record, or one for each of import->windows that the log covers:
 * energies and devices summed, run_id from the file's name. A counter is preferred to a trace, and where a
 * log has both they are compared (W_COUNTER_TRACE). Warns for runs too short for the sensor. */
jf_status jf_devices_finish(jf_devices *devices, jf_import *import, const char *path, jf_error *err);
void jf_devices_free(jf_devices *devices);

/* "logs/run7.power.csv" -> "run7"; freed with jf_free. */
char *jf_run_of_path(const char *path);

#endif
