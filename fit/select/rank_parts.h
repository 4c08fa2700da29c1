/* Inside the ranking: what the rule and the tests share while they work. */
#ifndef JF_FIT_SELECT_RANK_PARTS_H
#define JF_FIT_SELECT_RANK_PARTS_H

#include "fit/select/rank.h"

/* A ranking in progress; the plan that ranks, and its splits that count. */
typedef struct jf_ranking {
    jf_comparison *c;
    jf_metric criterion;
    size_t plan;
    bool *counts; /* n_splits: every law in the race could be used */
    size_t n_counts;
    bool *in_race;     /* n_candidates: used on at least half of the splits */
    bool *near_lowest; /* n_candidates: within one standard error */
    bool post_run_apart;
    double ratio;       /* groups that test by groups that train, over the splits that count */
    double *difference; /* n_splits: scratch */
} jf_ranking;

/* The first plan that does not extrapolate, but one that judges more of the laws goes before it. */
size_t jf_ranking_plan(const jf_comparison *c);
/* The plan that speaks for extrapolation, upward before downward; SIZE_MAX: none. */
size_t jf_extrapolation_plan(const jf_comparison *c);
/* Fills in_race, post_run_apart, counts, n_counts and ratio. */
void jf_ranking_find_race(jf_ranking *r);
/* Does a law stand with those that may be best? */
bool jf_ranking_in_front(const jf_ranking *r, size_t candidate);
/* Fills the candidates' scores. */
jf_status jf_ranking_score(jf_ranking *r, jf_error *err);
/* Larger is worse, whatever the metric. */
double jf_ranking_badness(const jf_ranking *r, size_t candidate);
/* Differences of badness, candidate less reference, on the splits that count, into r->difference; how many.
 */
size_t jf_ranking_differences(const jf_ranking *r, size_t candidate, size_t reference);

/* The best against every other law in front: scores on the splits that count; likelihoods by row and group.
 */
jf_status jf_rank_test_scores(jf_ranking *r, jf_error *err);
jf_status jf_rank_test_likelihoods(jf_ranking *r, const jf_groups *groups, jf_error *err);
/* Every law given that is a special case of another one given. */
jf_status jf_rank_test_nested(jf_comparison *c, jf_error *err);
/* Model confidence set and frequency of being chosen, among the laws in front. */
jf_status jf_rank_resample(jf_ranking *r, const jf_groups *groups, jf_error *err);
/* Holm's adjustment within each kind of test. */
jf_status jf_rank_adjust(jf_comparison *c, jf_error *err);
jf_status jf_rank_list_indistinguishable(jf_comparison *c, jf_error *err);

#endif
