/* One simulated table as a file. */
#ifndef JF_CLI_SIMULATED_ROWS_H
#define JF_CLI_SIMULATED_ROWS_H

#include "cli/runs.h"
#include "fit/infer/simulate.h"

/* The design's runs with a drawn response, and the column `simulated`, which marks them for good. Other
 * columns that are known only after a run would contradict the response: they are left out, with a note. */
jf_status jf_simulated_rows_write(const jf_session *session, const jf_truth *truth, const jf_runs *design,
                                  const char *path, jf_error *err);

#endif
