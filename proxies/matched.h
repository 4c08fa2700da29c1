/* Runs on several GPUs matched with the single-GPU runs of their family. */
#ifndef JF_PROXIES_MATCHED_H
#define JF_PROXIES_MATCHED_H

#include "data/groups.h"

/* A family is the rows that share a number of `families` (jf_groups_by over the family's columns). */
typedef struct jf_matched {
    double
        *baseline; /* n_rows: median of the value over the single-GPU rows of the row's family; NaN if none */
    size_t *unmatched; /* rows on several GPUs without such a row, in order */
    size_t n_rows, n_unmatched, n_baselines /* single-GPU rows */, n_multi /* rows on several GPUs */;
} jf_matched;

/* `gpus`, `value`: n_rows each; rows where either is missing take no part (baseline NaN, not listed). */
jf_status jf_match_baseline(const jf_groups *families, const double *gpus, const double *value,
                            jf_matched *out, jf_error *err);
void jf_matched_free(jf_matched *matched);

#endif
