/* The power traces of a raw log as they were read, for those who want to look at them. */
#ifndef JF_DATA_TRACKERS_POWER_LOG_H
#define JF_DATA_TRACKERS_POWER_LOG_H

#include "data/trackers/trace.h"

typedef struct jf_power_trace {
    char *name; /* "0", "0 (NVIDIA A100-SXM4-40GB)": what tells devices apart */
    jf_trace trace;
} jf_power_trace;

typedef struct jf_power_log {
    jf_power_trace *items;
    size_t n, capacity;
    jf_trace_options options; /* how they are integrated, and over which window */
} jf_power_log;

/* Adds a copy of a sorted trace. `model` may be NULL. */
jf_status jf_power_log_add(jf_power_log *log, const char *key, const char *model, const jf_trace *trace,
                           jf_error *err);
void jf_power_log_free(jf_power_log *log);

#endif
