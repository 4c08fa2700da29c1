/* What a search inside one outer split sees of columns that first stages predict. */
#ifndef JF_FIT_SELECT_SEARCH_STAGED_H
#define JF_FIT_SELECT_SEARCH_STAGED_H

#include "fit/select/search_subsets.h"
#include "fit/select/two_stage.h"

typedef struct jf_search_staged {
    jf_search_design design; /* over the rows below */
    size_t *rows;            /* of the table: the split's training rows whose columns could be predicted */
    size_t n_rows;
} jf_search_staged;

/* `train`, `test`: places in setup->rows of the split that stands at `key` (from 1) among those of all outer
 * plans, so that validation makes the same predictions. */
jf_status jf_search_staged_new(const jf_search_setup *setup, const jf_search_design *base,
                               const jf_plan *plan, const size_t *train, size_t n_train, const size_t *test,
                               size_t n_test, uint64_t key, jf_search_staged *out, jf_error *err);
void jf_search_staged_clear(jf_search_staged *staged);

#endif
