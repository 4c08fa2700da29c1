/* A comparison's laws in order, with their scores: read from the saved result, for tables and figures alike.
 */
#ifndef JF_REPORTS_RANKING_H
#define JF_REPORTS_RANKING_H

#include "reports/result.h"

typedef struct jf_ranked {
    const json_t *comparison, *plans; /* borrowed */
    const json_t **candidates;        /* n, the best first; the array is owned */
    size_t n;
    const char *metric; /* that the ranking went by */
    double best_aicc;
} jf_ranked;

/* JF_EDATA for what is no comparison. Zeroed on failure. */
jf_status jf_ranked_read(const json_t *comparison, jf_ranked *out, jf_error *err);
void jf_ranked_free(jf_ranked *all);

/* What a plan says of law i, or NULL. */
const json_t *jf_ranked_validation(const jf_ranked *all, size_t i, size_t plan);
/* Median over splits; pooled where single rows have no metric of their own. NaN without. */
double jf_ranked_score(const json_t *validation, const char *metric);
/* AICc above the smallest, and the Akaike weight; worked out here where the result does not hold them. */
double jf_ranked_delta(const jf_ranked *all, size_t i);
double jf_ranked_weight(const jf_ranked *all, size_t i);
/* Largest score over the smallest, over laws and plans; NaN when one is not positive. */
double jf_ranked_spread(const jf_ranked *all);

/* Which trees stand among the baselines, or why there are none; results of before say nothing. */
void jf_compose_tree_words(jf_doc *doc, const json_t *comparison);

/* A section on first stages, where the comparison had some. */
void jf_compose_stages(jf_doc *doc, const jf_ranked *all);

#endif
