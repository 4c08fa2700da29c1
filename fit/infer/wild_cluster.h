/* The wild cluster bootstrap-t with restricted residuals (WCR): for few groups.
 *
 * To test theta_j = value the law is fitted with theta_j held there, and so for several statements at once. A
 * draw gives every group one factor v_g, of mean 0 and variance 1, that its restricted residuals share;
 * theta_j is estimated anew from the restricted fit plus those residuals, and its t (by CR1 errors) set
 * against the t of the data. The p-value is the share of draws whose |t| is as large; an interval holds the
 * values with p above 1 - level. Factors are signs (Rademacher), and the six points of Webb below 12 groups.
 * Where all patterns of factors are no more than the draws asked for, each is taken once, and p is exact.
 * Nonlinear laws are estimated anew along the tangent at their restricted fit, which for linear laws is the
 * estimate itself.
 *
 * Cameron, Gelbach and Miller 2008, Review of Economics and Statistics 90; MacKinnon, Nielsen and Webb 2023,
 * Journal of Econometrics 232; Webb 2023, Canadian Journal of Economics 56. */
#ifndef JF_FIT_INFER_WILD_CLUSTER_H
#define JF_FIT_INFER_WILD_CLUSTER_H

#include "fit/fit_parts.h"
#include "fit/infer/profile.h"

typedef struct jf_wild_cluster jf_wild_cluster;

/* For squares, and two groups or more. `work` must outlive it. */
jf_status jf_wild_cluster_new(const jf_fit_work *work, size_t n_draws, jf_wild_cluster **out, jf_error *err);
void jf_wild_cluster_free(jf_wild_cluster *wild);
/* Draws that there are: as asked for, or all patterns. */
size_t jf_wild_cluster_draws(const jf_wild_cluster *wild);
/* p of theta_j = value, two-sided; NaN where the restricted law cannot be fitted or theta_j has no error. All
 * patterns: count / patterns; else (1 + count) / (1 + draws). */
jf_status jf_wild_cluster_p(jf_wild_cluster *wild, size_t j, double value, double *p, jf_error *err);
/* p of `q` statements together: what they are `distance` (q) from being true at the fit, and their gradients
 * (q x n_theta), by the Wald statistic with CR1 errors. Laws that are not linear hold the parameters which[i]
 * at values[i] instead (linear ones: not read). NaN as above, and where groups are too few for q statements.
 */
jf_status jf_wild_cluster_joint(jf_wild_cluster *wild, size_t q, const double *gradients, double *distance,
                                const size_t *which, const double *values, double *p, jf_error *err);
/* wild_tests.c: p of test `index` of the fit; NaN, and *why as a phrase, for statements that it cannot test.
 */
jf_status jf_wild_test(jf_fit_work *work, jf_wild_cluster *wild, size_t index, double *p, const char **why);
/* The values of theta_j whose p is above 1 - level. */
jf_status jf_wild_cluster_interval(jf_wild_cluster *wild, size_t j, double level, jf_profile_end ends[2],
                                   jf_error *err);

#endif
