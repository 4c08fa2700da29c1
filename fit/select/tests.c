/* Computes the tests between laws and their p-values. */
#include "fit/select/tests.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

#include "core/memory.h"
#include "core/summary.h"

static const jf_test_result no_test = {NAN, NAN, NAN, NAN};

static double two_sided_t(double t, double df)
{
    return isinf(t) ? 0 : 2 * gsl_cdf_tdist_Q(fabs(t), df);
}

jf_test_result jf_test_nested_f(double rss_small, size_t k_small, double rss_large, size_t k_large, size_t n)
{
    jf_test_result result = no_test;

    if (k_small >= k_large || k_large >= n || !(rss_large > 0) || !isfinite(rss_small)) return result;
    result.df = (double)(k_large - k_small);
    result.df2 = (double)(n - k_large);
    /* a large law that ends above the small one by rounding, or at a poor minimum, explains nothing more */
    result.statistic = fmax(0, (rss_small - rss_large) / result.df / (rss_large / result.df2));
    result.p_value = gsl_cdf_fdist_Q(result.statistic, result.df, result.df2);
    return result;
}

jf_test_result jf_test_likelihood_ratio(double loglik_small, size_t k_small, double loglik_large,
                                        size_t k_large)
{
    jf_test_result result = no_test;

    if (k_small >= k_large || !isfinite(loglik_small) || !isfinite(loglik_large)) return result;
    result.df = (double)(k_large - k_small);
    result.statistic = fmax(0, 2 * (loglik_large - loglik_small));
    result.p_value = gsl_cdf_chisq_Q(result.statistic, result.df);
    return result;
}

/* Variance of the sum of n differences around their mean, row by row. */
static double sum_variance(const double *a, const double *b, size_t n, double mean)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++) sum += (a[i] - b[i] - mean) * (a[i] - b[i] - mean);
    return sum;
}

/* The same when rows of a group move together. */
static double sum_variance_cluster(const double *a, const double *b, size_t n, double mean,
                                   const size_t *group, size_t n_groups)
{
    double *total = JF_NEW_ZEROED(double, n_groups), sum = 0;

    if (!total) return NAN;
    for (size_t i = 0; i < n; i++) total[group[i]] += a[i] - b[i] - mean;
    for (size_t g = 0; g < n_groups; g++) sum += total[g] * total[g];
    jf_free(total);
    return sum * (double)n_groups / (double)(n_groups - 1);
}

jf_test_result jf_test_vuong(const double *a, const double *b, size_t n, size_t k_a, size_t k_b,
                             jf_vuong_penalty penalty, const size_t *group, size_t n_groups)
{
    jf_test_result result = no_test;
    double ratio = 0, size = 0, variance;

    if (n < 2 || (group && n_groups < 2)) return result;
    for (size_t i = 0; i < n; i++) {
        ratio += a[i] - b[i];
        size += fabs(a[i]) + fabs(b[i]);
    }
    if (!isfinite(ratio)) return result;
    variance = group ? sum_variance_cluster(a, b, n, ratio / (double)n, group, n_groups)
                     : sum_variance(a, b, n, ratio / (double)n);
    if (sqrt(variance) <= 1e-12 * size) { /* the same predictions */
        result.statistic = 0;
        result.p_value = 1;
        return result;
    }
    if (penalty == JF_VUONG_AIC) ratio -= (double)k_a - (double)k_b;
    if (penalty == JF_VUONG_BIC) ratio -= ((double)k_a - (double)k_b) * log((double)n) / 2;
    result.statistic = ratio / sqrt(variance);
    if (group) result.df = (double)(n_groups - 1);
    result.p_value =
        group ? two_sided_t(result.statistic, result.df) : 2 * gsl_cdf_ugaussian_Q(fabs(result.statistic));
    return result;
}

double jf_corrected_error(const double *difference, size_t n, double test_over_train)
{
    double mean = jf_mean(difference, n), sum = 0;

    if (n < 2) return NAN;
    for (size_t i = 0; i < n; i++) sum += (difference[i] - mean) * (difference[i] - mean);
    return sqrt((1 / (double)n + test_over_train) * sum / (double)(n - 1));
}

jf_test_result jf_test_corrected_t(const double *difference, size_t n, double test_over_train)
{
    jf_test_result result = no_test;
    double mean = jf_mean(difference, n), error = jf_corrected_error(difference, n, test_over_train);

    if (n < 2 || !isfinite(mean) || !isfinite(error)) return result;
    result.df = (double)(n - 1);
    if (error <= 1e-14 * fabs(mean) || error == 0) { /* the same difference everywhere */
        result.statistic = mean == 0 ? 0 : copysign(INFINITY, mean);
        result.p_value = mean == 0 ? 1 : 0;
        return result;
    }
    result.statistic = mean / error;
    result.p_value = two_sided_t(result.statistic, result.df);
    return result;
}

jf_status jf_holm(const double *p, size_t n, double *adjusted, jf_error *err)
{
    size_t *order = JF_NEW_ARRAY(size_t, n + 1), m = 0;
    double largest = 0;

    if (!order) return jf_fail(err, JF_ENOMEM, "out of memory for Holm's adjustment");
    for (size_t i = 0; i < n; i++) { /* insertion sort: few tests, and ties keep their order */
        size_t place = m;
        adjusted[i] = NAN;
        if (isnan(p[i])) continue;
        while (place > 0 && p[order[place - 1]] > p[i]) {
            order[place] = order[place - 1];
            place--;
        }
        order[place] = i;
        m++;
    }
    for (size_t j = 0; j < m; j++) {
        largest = fmax(largest, fmin(1, (double)(m - j) * p[order[j]]));
        adjusted[order[j]] = largest;
    }
    jf_free(order);
    return JF_OK;
}
