/* Tests between laws: nested ones by F and likelihood ratio, any two by Vuong, scores on splits by the
 * corrected resampled t; Holm's adjustment for many. */
#ifndef JF_FIT_SELECT_TESTS_H
#define JF_FIT_SELECT_TESTS_H

#include <stddef.h>
#include <stdint.h>
#include "core/error.h"

typedef struct jf_test_result {
    double statistic, df, df2, p_value; /* NaN where there is none */
} jf_test_result;

/* Least-squares laws on n rows, the small one a special case of the large one: F with (k_large - k_small,
 * n - k_large) degrees of freedom. NaN unless k_small < k_large < n. */
jf_test_result jf_test_nested_f(double rss_small, size_t k_small, double rss_large, size_t k_large, size_t n);
/* 2 (loglik_large - loglik_small) against chi-squared with k_large - k_small degrees of freedom. */
jf_test_result jf_test_likelihood_ratio(double loglik_small, size_t k_small, double loglik_large,
                                        size_t k_large);

typedef enum jf_vuong_penalty { JF_VUONG_PLAIN, JF_VUONG_AIC, JF_VUONG_BIC } jf_vuong_penalty;
/* Vuong's test of non-nested laws (Econometrica 57, 1989, eq. 5.6): rowwise log-likelihoods a and b of the
 * same n rows on one scale. Positive statistics favour a. `group` (n of them, 0 .. n_groups - 1; NULL: none)
 * takes the variance of sums over groups, G/(G-1) corrected, and t with G - 1 degrees of freedom in place of
 * the normal distribution. Laws that predict alike give statistic 0, p 1. */
jf_test_result jf_test_vuong(const double *a, const double *b, size_t n, size_t k_a, size_t k_b,
                             jf_vuong_penalty penalty, const size_t *group, size_t n_groups);

/* Corrected resampled t of Nadeau and Bengio (Machine Learning 52, 2003): n paired differences of scores on
 * splits whose training parts overlap; `test_over_train` is the ratio of the parts' sizes (0: the plain
 * paired t). Two-sided. */
jf_test_result jf_test_corrected_t(const double *difference, size_t n, double test_over_train);
/* The standard error that test divides by. */
double jf_corrected_error(const double *difference, size_t n, double test_over_train);

/* Holm's step-down adjustment of n p-values; NaN stays NaN and does not count. */
jf_status jf_holm(const double *p, size_t n, double *adjusted, jf_error *err);

#endif
