/* The formats, one a file, and what they share with the importer. */
#ifndef JF_DATA_TRACKERS_FORMATS_H
#define JF_DATA_TRACKERS_FORMATS_H

#include "data/trackers/tracker.h"

extern const jf_tracker jf_tracker_codecarbon;
extern const jf_tracker jf_tracker_nvidia_smi;

/* Takes back the record that was added last. */
void jf_import_drop_last(jf_import *import);

#endif
