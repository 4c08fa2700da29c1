/* Scores laws on the splits of plans: refits, out-of-fold predictions, intervals, metrics. */
#ifndef JF_FIT_SELECT_VALIDATE_H
#define JF_FIT_SELECT_VALIDATE_H

#include "fit/select/compare.h"

typedef struct jf_validate_setup {
    const jf_table *table;
    const size_t *rows; /* of the table: every candidate's fit saw exactly these */
    size_t n_rows;
    const jf_groups *groups; /* of the whole table, or NULL */
    jf_plan *const *plans;
    size_t n_plans;
    const jf_fit_options *options;
    jf_interval_kind interval;
    jf_checkpoint *checkpoint;      /* where finished refits are kept and looked for; NULL: nowhere */
    const struct jf_stages *stages; /* NULL: none */
} jf_validate_setup;

/* Fills the validations of all candidates, pools included. Refits run over options->threads threads; any
 * number gives the same bytes. */
jf_status jf_validate(const jf_validate_setup *setup, jf_candidate *candidates, size_t n, jf_error *err);
void jf_validation_clear(jf_validation *validation);
void jf_pool_clear(jf_pool *pool);

#endif
