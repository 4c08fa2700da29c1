/* fit --by-scope: the law refitted with the energy of every part of the machine that the runs tell. */
#ifndef JF_CLI_BY_SCOPE_H
#define JF_CLI_BY_SCOPE_H

#include <jansson.h>
#include "cli/runs.h"

/* What the refits are of: the fit that stands, and how it came about. */
typedef struct jf_scope_request {
    const jf_runs_options *runs;
    const jf_words *maps;
    const jf_law *law;
    const jf_fit_options *options;
    const jf_fit *fit;
    const jf_table *table;
} jf_scope_request;

/* *out: [{scope, column, n, outcome, sigma, r2, parameters: [{name, estimate, std_error}]}], a scope each, in
 * the order gpu, cpu, ram, total; numbers that do not exist are null. The runs are read again for each.
 * JF_EUSAGE: the law's response is not `energy`, the runs tell fewer than two scopes, or they come from
 * standard input. */
jf_status jf_by_scope(const jf_session *session, const jf_scope_request *request, json_t **out,
                      jf_error *err);

#endif
