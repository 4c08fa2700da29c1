/* Features that no formula can say: looked up in the hardware catalogue, or matched between runs. */
#ifndef JF_PROXIES_FUNCTIONS_H
#define JF_PROXIES_FUNCTIONS_H

#include "core/warnings.h"
#include "data/groups.h"
#include "data/ledger.h"
#include "proxies/hardware.h"

/* What a function gets besides the columns that its entry needs. */
typedef struct jf_proxy_call {
    const char *name; /* of the feature */
    const jf_column *const *needs;
    size_t n_rows;
    const jf_hardware *hardware;
    const jf_table *table;     /* as it was given, for families and lines */
    const char *const *family; /* columns of the table in which runs of one family agree */
    size_t n_family;
    bool is_lenient; /* what is not known in some rows becomes missing with a warning, not an error */
    jf_warnings *warnings;
    jf_ledger *ledger; /* runs that could not be matched; or NULL */
} jf_proxy_call;

/* Fills values[n_rows]; NaN where there is none. */
typedef jf_status jf_proxy_function(const jf_proxy_call *call, double *values, jf_error *err);
/* By the name of the feature, or NULL; *how: how it computes, for --explain. */
jf_proxy_function *jf_proxy_function_find(const char *name, size_t *n_needs, const char **how);

#endif
