/* Power to tell two laws apart: how often comparisons of simulated data name the law that made them. */
#ifndef JF_FIT_SELECT_POWER_H
#define JF_FIT_SELECT_POWER_H

#include "fit/infer/simulate.h"
#include "fit/select/compare.h"

/* One rival at one size of the design. Shares are of the studies that could be compared. */
typedef struct jf_power {
    size_t rival;  /* index into the laws, from 1 */
    size_t copies; /* of the design */
    size_t n_runs, n_groups;
    size_t n_studies; /* that could be compared */
    size_t n_refused;
    double aicc, bic; /* the true law has the smaller one */
    double score;     /* the true law has the better score in validation */
    /* At the 5 % level: the test prefers the true law; it prefers the rival, which is an error. */
    double test, test_wrong;   /* corrected resampled t on the splits' scores */
    double vuong, vuong_wrong; /* Vuong's test, by group where there are groups; NaN: not made */
    double margin;             /* median of the rival's score over the true law's: 1.2 is 20 % worse */
} jf_power;

typedef struct jf_power_options {
    const size_t *sizes; /* copies of the design, each at least 1 */
    size_t n_sizes;
    size_t n_replicates;
    jf_compare_options compare; /* plan and metric; baselines, intervals and ablations are left out */
} jf_power_options;

/* laws->items[0] is the truth's law, each other a rival by itself. Rivals have the truth's raw response.
 * `out`: for each rival the sizes in their order; freed with jf_free. Finished studies are kept in the
 * checkpoint of options->compare.fit. The same bytes for any number of threads. */
jf_status jf_power_run(const jf_truth *truth, const jf_laws *laws, const jf_power_options *options,
                       jf_power **out, size_t *n_out, jf_error *err);

#endif
