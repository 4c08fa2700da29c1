/* Clustered errors for few groups: the bias-reduced covariance of Bell and McCaffrey and the degrees of
 * freedom that belong to it. */
#ifndef JF_FIT_INFER_CR2_H
#define JF_FIT_INFER_CR2_H

#include "fit/infer/covariance.h"

/* A design whose rows are dealt to groups. Of each group only its products Q_g'Q_g are needed; those of as
 * many groups as a megabyte holds are summed in one pass over the rows. */
typedef struct jf_cr2 {
    const jf_design *design; /* borrowed */
    const uint32_t *group;   /* n, borrowed */
    size_t n_groups;
    size_t at_once, first; /* groups first .. first + at_once - 1 are at hand; none are before a pass */
    double *products;      /* at_once x rank (rank + 1) / 2: their lower triangles, by rows */
    double *vectors, *share, *scratch; /* of one group: rank x rank, rank, rank */
} jf_cr2;

/* `group`: n of the design, 0 .. n_groups - 1; it and the design must outlive `out`. */
jf_status jf_cr2_new(const jf_design *design, const uint32_t *group, size_t n_groups, jf_cr2 *out,
                     jf_error *err);
void jf_cr2_clear(jf_cr2 *cr2);

/* Scores summed over each group, n_groups x rank (groups are those of `cr2`), after the residuals of the
 * group were multiplied by (I - H_gg)^(-1/2): unbiased where errors are alike and unrelated. Directions that
 * a group determines alone get zero. Bell and McCaffrey 2002; Pustejovsky and Tipton 2018, J. Business and
 * Economic Statistics 36. */
jf_status jf_cr2_sums(jf_cr2 *cr2, const jf_scores *scores, double *sums, jf_error *err);

/* Satterthwaite's degrees of freedom of `m` quantities; `moves` (m x rank) says how each follows Q'e. NaN for
 * one that nothing moves. Under a working model of equal, unrelated errors; see above, section 3.1. */
jf_status jf_cr2_degrees(jf_cr2 *cr2, const double *moves, size_t m, double *degrees, jf_error *err);

/* The one number that a joint test of `q` quantities needs: with Wald's statistic W,
 * (eta - q + 1) / (eta q) W is F with q and eta - q + 1 degrees of freedom (the HTZ test, section 3.2). For
 * q = 1 eta is what jf_cr2_degrees gives. NaN where the quantities depend on each other. */
jf_status jf_cr2_eta(jf_cr2 *cr2, const double *moves, size_t q, double *eta, jf_error *err);

#endif
