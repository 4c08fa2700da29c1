/* Everything that one `joulefit simulate` found, and how it is saved. */
#ifndef JF_FIT_SELECT_SIMULATION_H
#define JF_FIT_SELECT_SIMULATION_H

#include <jansson.h>
#include "fit/infer/design_next.h"
#include "fit/infer/simulate.h"
#include "fit/select/power.h"

/* Advice for one goal. */
typedef struct jf_advice {
    jf_goal goal;
    jf_next next;
} jf_advice;

typedef struct jf_simulation {
    const jf_law *law;   /* borrowed */
    const char *formula; /* as typed; borrowed */
    jf_truth *truth;
    jf_data_summary data; /* of the design */
    bool has_recovery;
    jf_recovery recovery;
    jf_coverage *runs; /* of intervals for new runs */
    size_t n_runs;
    const jf_laws *laws; /* borrowed: the law and its rivals */
    jf_power *power;
    size_t n_power, n_studies; /* studies drawn for each */
    const char *plan, *criterion;
    jf_advice *advice;
    size_t n_advice;
    const jf_table *candidates; /* borrowed */
    const char *const *shown;   /* columns that describe a candidate; borrowed */
    size_t n_shown;
    const char *cost; /* column, or NULL */
    jf_warnings warnings;
    uint64_t seed;
} jf_simulation;

/* Adds what the results call for: kinds of interval that cover too little, replicates without a fit. */
void jf_simulation_judge(jf_simulation *simulation);
/* NULL when memory ran out. */
json_t *jf_simulation_to_json(const jf_simulation *simulation);
void jf_simulation_clear(jf_simulation *simulation);

#endif
