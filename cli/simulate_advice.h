/* Goals, candidates and costs of a next run, as `simulate` takes them. */
#ifndef JF_CLI_SIMULATE_ADVICE_H
#define JF_CLI_SIMULATE_ADVICE_H

#include "cli/candidates.h"
#include "fit/select/simulation.h"

typedef struct jf_next_request {
    jf_option_list goals;
    const char *candidates, *grid, *cost;
    int64_t n_next;
} jf_next_request;

/* Fills advice, candidates, shown and cost of `out`, which has its truth; `candidates` is the caller's and
 * must live as long as `out`. Errors are those of the fit to the design's own response, or, where there is
 * none, of a fit at the true values. */
jf_status jf_advise(const jf_session *session, const jf_next_request *request,
                    const jf_runs_options *runs_options, const jf_fit_options *fit_options,
                    const jf_words *maps, const jf_runs *design, const jf_law *law, jf_candidates *candidates,
                    jf_simulation *out, jf_error *err);

#endif
