/* The efficiency of parallel runs that a law of their energy or duration foretells, against the measured one.
 */
#ifndef JF_CLI_EFFICIENCY_H
#define JF_CLI_EFFICIENCY_H

#include <jansson.h>
#include "cli/runs.h"
#include "reports/figures.h"

/* `fit`: an object of a fit. A law of a duration: eta, the throughput of a run over that of the single-GPU
 * runs of its family and over its GPUs (feature `eta`), once with what was measured and once with what the
 * law predicts, for the baselines too. A law of an energy: the energy per token of those single-GPU runs over
 * that of the run. A law of anything else is taken for one of an efficiency: its response as it stands.
 * `maps`: as of --map. Freed with jf_efficiency_free. JF_EDATA: the runs lack what the law or the features
 * need. */
jf_status jf_efficiency_find(const json_t *fit, const jf_runs *runs, const jf_words *maps, jf_efficiency *out,
                             jf_error *err);
void jf_efficiency_free(jf_efficiency *efficiency);

#endif
