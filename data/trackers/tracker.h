/* Tracker files into measured runs: a format is a descriptor, recognised by content; all give the same
 * record. */
#ifndef JF_DATA_TRACKERS_TRACKER_H
#define JF_DATA_TRACKERS_TRACKER_H

#include "core/warnings.h"
#include "data/ledger.h"
#include "data/table.h"
#include "data/trackers/trace.h"

/* A configuration value that the file bears beside its measurements: it becomes a column of that name. */
typedef struct jf_extra {
    char *name, *value;
} jf_extra;

/* How an energy came about; where a run was measured twice, the later one here is the better one. */
typedef enum jf_method { JF_BY_PREDICTION, JF_BY_TOOL, JF_BY_TRACE, JF_BY_COUNTER } jf_method;

/* What one run, epoch or window was measured to take. NaN and NULL: the file does not say. */
typedef struct jf_measured {
    char *run_id, *project, *window, *gpu;
    double start_s; /* seconds since 1970 by the file's own clock (local time where the file has no zone) */
    double duration_s;
    double gpu_energy_J, cpu_energy_J, ram_energy_J; /* a part that was not tracked is NaN, never 0 */
    double total_energy_J;                           /* of all parts the tool counts */
    double gpus;
    double samples, gap_share; /* of a power trace */
    double mean_power_W, power_limit_W;
    double flos, steps, epochs, loss; /* of a training log */
    char *scope;                      /* what total_energy_J covers: "gpu", "gpu+cpu+ram", "wall" */
    size_t line;                      /* first line of its row */
    jf_method method;
    size_t window_at; /* 1 + place of the asked window that a power log was cut to; 0: none */
    jf_extra *extras;
    size_t n_extras, extras_capacity;
} jf_measured;

/* From when to when a run ran, by the clock of the power logs. */
typedef struct jf_window {
    double start_s, end_s;
} jf_window;

/* Limits of a board, so that a power can be judged; false when its name is not known. NaN: not known. */
typedef bool (*jf_board_limits)(const void *context, const char *gpu, double *idle_W, double *most_W);

/* Runs of one or several files as they come in. */
typedef struct jf_import {
    jf_measured *items;
    const char **files;    /* which file each came from (borrowed paths) */
    const char **trackers; /* and by which format */
    size_t n, capacity, files_capacity, trackers_capacity;
    jf_ledger *ledger;
    jf_warnings *warnings;
    jf_trace_options trace;   /* how power traces are integrated */
    double interval_s;        /* of samples that bear no time; 0: what the tool does by default */
    double shift_s;           /* added to the times of tracker files */
    const jf_window *windows; /* borrowed; power logs give a record for each that they cover */
    size_t n_windows;
    struct jf_power_log *log; /* NULL, or where the traces of power logs are kept as well */
    jf_board_limits limits;   /* NULL: limits that hold for any board */
    const void *limits_context;
} jf_import;

typedef struct jf_tracker {
    const char *name, *meaning;
    /* Does the beginning of a file look like this format? `head` is zero-terminated text of at most 8 KiB. */
    bool (*recognise)(const char *head, const char *path);
    jf_status (*read)(const char *path, jf_import *into, jf_error *err);
    bool is_table; /* a table of runs already: commands that take runs read it as CSV unless told otherwise */
} jf_tracker;

/* Every format, in the order in which they are tried; ends with a NULL name. */
extern const jf_tracker *const jf_trackers[];
/* By name (--from), or by content when `from` is NULL. JF_EDATA lists the formats when none fits. */
jf_status jf_tracker_find(const char *path, const char *from, const jf_tracker **out, jf_error *err);

/* Reads one file into the import. */
jf_status jf_import_read(jf_import *import, const char *path, const char *from, jf_error *err);
/* The list of formats for messages: "codecarbon, nvidia-smi, ..."; freed with jf_free, NULL without memory.
 */
char *jf_tracker_names(void);
/* A new record with everything missing; NULL when out of memory. Its texts are freed with the import. */
jf_measured *jf_import_add(jf_import *import, size_t line);
void jf_import_free(jf_import *import);
/* Keeps these records; they rise. The others are rejected rows, `why` tells on whose wish. */
jf_status jf_import_keep(jf_import *import, const size_t *records, size_t n, const char *why, jf_error *err);
/* Flags records that cannot be right: power outside [idle, 1.6 TDP] a GPU (by import->limits, else 1 W and
 * 1.6 x 1000 W), no energy, no duration, the same window measured by several ranks, energies that fit only
 * when read in another unit, a counter and a trace of one run more than 5 % apart (W_COUNTER_TRACE). Entries
 * JF_FLAGGED and W_SUSPECT_ENERGY. */
jf_status jf_import_flag(jf_import *import, jf_error *err);
/* One row a record: source, tracker, run_id, project, gpu, gpus, start_s, duration_s, gpu_energy_J ... with
 * units and classes; columns that no record has are left out. */
jf_status jf_import_table(const jf_import *import, jf_table **out, jf_error *err);

#endif
