/* The formats, one a file, and what they share with the importer. */
#ifndef JF_DATA_TRACKERS_FORMATS_H
#define JF_DATA_TRACKERS_FORMATS_H

#include "data/trackers/tracker.h"

extern const jf_tracker jf_tracker_codecarbon;
extern const jf_tracker jf_tracker_nvidia_smi;

extern const jf_tracker jf_tracker_zeus;
extern const jf_tracker jf_tracker_zeus_power;
extern const jf_tracker jf_tracker_zeus_log;
extern const jf_tracker jf_tracker_zeus_json;
extern const jf_tracker jf_tracker_zeus_traces;
extern const jf_tracker jf_tracker_hugging_face;
extern const jf_tracker jf_tracker_dmon;
extern const jf_tracker jf_tracker_dcgm;
extern const jf_tracker jf_tracker_dcgm_metrics;
extern const jf_tracker jf_tracker_carbontracker;
extern const jf_tracker jf_tracker_eco2ai;
extern const jf_tracker jf_tracker_mlperf;
extern const jf_tracker jf_tracker_sampler;

/* Adds a configuration value to a record; an empty value adds nothing. */
jf_status jf_measured_add(jf_measured *run, const char *name, const char *value, jf_error *err);
/* Gives a record a text of its own: jf_measured_text(&run->scope, "gpu", err). NULL or "" leaves it NULL. */
jf_status jf_measured_text(char **member, const char *text, jf_error *err);
/* Flags two energies of one run that are more than 5 % apart; they are called `first` and `second`. */
jf_status jf_import_compare(jf_import *import, const char *path, size_t line, const char *first,
                            double first_J, const char *second, double second_J, jf_error *err);
/* The run that a file of a fixed name belongs to: its folder ("run7/checkpoint-500/trainer_state.json" ->
 * "run7"), or the file's stem where the path has none. Freed with jf_free. */
char *jf_run_of_folder(const char *path);
/* Takes back the record that was added last. */
void jf_import_drop_last(jf_import *import);

#endif
