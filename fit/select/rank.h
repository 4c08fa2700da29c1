/* Which law: the ranking rule, the tests behind it, and who cannot be told apart. */
#ifndef JF_FIT_SELECT_RANK_H
#define JF_FIT_SELECT_RANK_H

#include "fit/select/compare.h"
#include "fit/select/tests.h"

/* The rule. The first plan that does not extrapolate ranks (of several, the one in which most of the laws
 * given can be used), on the splits that every law could be used on (laws that could be used on less than
 * half of them stand last). A law's score is the median of `criterion` over these splits (its pooled value
 * where test parts have single rows). Best is, among the laws whose mean paired difference from the lowest
 * score is within one corrected standard error, the one with the smallest pooled rmse_log in extrapolation;
 * where nothing extrapolates, the one with the fewest parameters. Laws that read something post-run stand
 * behind those that do not, unless every law given does.
 *
 * Fills score, rank, on_front, confidence_p and selected of the candidates; best, rule, metric, best_plan,
 * best_value, extrapolation, tests and indistinguishable of the comparison, which has its plans and
 * validations. */
jf_status jf_rank(jf_comparison *comparison, jf_metric criterion, const jf_groups *groups, jf_error *err);

/* One law against another on the splits of the plan that ranks, where both could be used. */
typedef struct jf_paired {
    double score;      /* of `other` there, as jf_candidate.score */
    double difference; /* mean of how much worse `other` is */
    jf_test_result test;
} jf_paired;
jf_status jf_rank_pair(const jf_comparison *comparison, jf_metric criterion, const jf_candidate *reference,
                       const jf_candidate *other, jf_paired *out, jf_error *err);

/* Below this Holm-adjusted p-value two laws are told apart. Of two equally good laws the corrected test
 * declares one better, at this level, in 5.2 % of 1000 simulated studies of 100 groups, 6.7 % at 40 and 10.3
 * % at 20; the plain t-test in 49 to 57 % (tests/reference/type_one_error.md). */
extern const double jf_test_level;
enum { JF_FEW_GROUPS = 50 }; /* fewer are warned of: tests/reference/type_one_error.md */

#endif
