/* Tests between laws, quantiles and metrics against R's own (tests/reference/select/make_cases.R). */
#include "tests/check.h"

#include <jansson.h>
#include <math.h>
#include "core/memory.h"
#include "core/summary.h"
#include "fit/select/metrics.h"
#include "fit/select/tests.h"

static const double close = 1e-10;

static double number(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    assert_true(json_is_number(value));
    return json_number_value(value);
}

/* n numbers; the caller frees. */
static double *numbers(const json_t *object, const char *name, size_t *n)
{
    const json_t *array = json_object_get(object, name);
    double *values;

    assert_true(json_is_array(array));
    *n = json_array_size(array);
    values = JF_NEW_ARRAY(double, *n);
    assert_non_null(values);
    for (size_t i = 0; i < *n; i++) values[i] = json_number_value(json_array_get(array, i));
    return values;
}

static int load_cases(void **state)
{
    const char *path = check_source("tests/reference/select/cases.json");
    *state = path ? json_load_file(path, 0, NULL) : NULL;
    return *state ? 0 : -1;
}

static int drop_cases(void **state)
{
    json_decref(*state);
    return 0;
}

static void nested_laws_are_tested_as_anova_and_loglik_do(void **state)
{
    const json_t *c = json_object_get(*state, "nested");
    size_t k_small = (size_t)number(c, "k_small"), k_large = (size_t)number(c, "k_large");
    jf_test_result f = jf_test_nested_f(number(c, "rss_small"), k_small, number(c, "rss_large"), k_large,
                                        (size_t)number(c, "n"));
    jf_test_result lr =
        jf_test_likelihood_ratio(number(c, "loglik_small"), k_small, number(c, "loglik_large"), k_large);

    check_close(f.statistic, number(c, "f"), close, "F");
    check_close(f.df, number(c, "df"), 0, "its first degrees of freedom");
    check_close(f.df2, number(c, "df2"), 0, "its second degrees of freedom");
    check_close(f.p_value, number(c, "p"), close, "its p-value");
    check_close(lr.statistic, number(c, "lr"), close, "likelihood ratio");
    check_close(lr.p_value, number(c, "lr_p"), close, "its p-value");
}

static void laws_that_are_not_nested_or_not_fitted_have_no_nested_test(void **state)
{
    (void)state;
    assert_true(isnan(jf_test_nested_f(2, 3, 1, 3, 10).p_value));
    assert_true(isnan(jf_test_nested_f(2, 3, 1, 10, 10).p_value));
    assert_true(isnan(jf_test_nested_f(2, 3, 0, 4, 10).p_value));
    assert_true(isnan(jf_test_likelihood_ratio(NAN, 1, 2, 3).p_value));
    assert_true(jf_test_nested_f(1, 2, 1 + 1e-12, 3, 10).statistic == 0);
}

static void check_vuong(const json_t *c, const char *name, jf_vuong_penalty penalty, bool clusters)
{
    size_t n, n_b, n_g, group[256], n_groups = 0, two;
    double *a = numbers(c, "a", &n), *b = numbers(c, "b", &n_b), *g = numbers(c, "group", &n_g);
    double *wanted = numbers(c, name, &two);
    jf_test_result found;

    assert_true(n == n_b && n == n_g && n <= 256 && two == 2);
    for (size_t i = 0; i < n; i++) {
        group[i] = (size_t)g[i];
        if (group[i] >= n_groups) n_groups = group[i] + 1;
    }
    found = jf_test_vuong(a, b, n, 4, 3, penalty, clusters ? group : NULL, n_groups);
    check_close(found.statistic, wanted[0], close, "Vuong %s", name);
    check_close(found.p_value, wanted[1], close, "p-value of Vuong %s", name);
    found = jf_test_vuong(b, a, n, 3, 4, penalty, clusters ? group : NULL, n_groups);
    check_close(found.statistic, -wanted[0], close, "Vuong %s, laws exchanged", name);
    jf_free(a);
    jf_free(b);
    jf_free(g);
    jf_free(wanted);
}

static void vuong_agrees_with_the_long_hand_sums_in_all_its_forms(void **state)
{
    const json_t *c = json_object_get(*state, "vuong");

    check_vuong(c, "plain", JF_VUONG_PLAIN, false);
    check_vuong(c, "aic", JF_VUONG_AIC, false);
    check_vuong(c, "bic", JF_VUONG_BIC, false);
    check_vuong(c, "cluster", JF_VUONG_PLAIN, true);
}

static void laws_that_predict_alike_are_not_told_apart_by_vuong(void **state)
{
    double a[] = {-1.5, -2, -0.25, -3}, b[] = {-1.5, -2, -0.25 + 1e-15, -3};
    jf_test_result same = jf_test_vuong(a, b, 4, 2, 3, JF_VUONG_AIC, NULL, 0);
    (void)state;
    assert_true(same.statistic == 0 && same.p_value == 1);
}

static void the_corrected_t_agrees_with_long_hand_and_the_plain_one_with_t_test(void **state)
{
    const json_t *c = json_object_get(*state, "corrected_t");
    size_t n, two;
    double *d = numbers(c, "difference", &n);
    double *corrected = numbers(c, "corrected", &two), *plain = numbers(c, "plain", &two);
    jf_test_result found = jf_test_corrected_t(d, n, number(c, "ratio"));

    check_close(found.statistic, corrected[0], close, "corrected t");
    check_close(found.p_value, corrected[1], close, "its p-value");
    found = jf_test_corrected_t(d, n, 0);
    check_close(found.statistic, plain[0], close, "plain t");
    check_close(found.p_value, plain[1], close, "its p-value");
    jf_free(d);
    jf_free(corrected);
    jf_free(plain);
}

static void differences_without_spread_have_a_sure_answer(void **state)
{
    double none[] = {0, 0, 0}, same[] = {0.5, 0.5, 0.5};
    (void)state;
    assert_true(jf_test_corrected_t(none, 3, 0.5).p_value == 1);
    assert_true(jf_test_corrected_t(same, 3, 0.5).p_value == 0);
    assert_true(isnan(jf_test_corrected_t(same, 1, 0.5).p_value));
}

static void holm_agrees_with_p_adjust_and_leaves_missing_values_out(void **state)
{
    const json_t *c = json_object_get(*state, "holm");
    size_t n;
    double *p = numbers(c, "p", &n), *wanted = numbers(c, "adjusted", &n);
    double with_gap[8], adjusted[8];
    jf_error err = {0};

    assert_true(n == 7);
    with_gap[0] = NAN;
    for (size_t i = 0; i < n; i++) with_gap[i + 1] = p[i];
    check_ok(jf_holm(with_gap, n + 1, adjusted, &err), &err);
    assert_true(isnan(adjusted[0]));
    for (size_t i = 0; i < n; i++) check_close(adjusted[i + 1], wanted[i], close, "p-value %zu", i);
    jf_free(p);
    jf_free(wanted);
}

static void quantiles_are_those_of_r_type_7(void **state)
{
    const json_t *c = json_object_get(*state, "quantiles");
    size_t n, n_p;
    double *y = numbers(*state, "y", &n), *p = numbers(c, "p", &n_p), *wanted = numbers(c, "of_y", &n_p);

    jf_sort(y, n);
    for (size_t i = 0; i < n_p; i++)
        check_close(jf_quantile(y, n, p[i]), wanted[i], close, "quantile %g", p[i]);
    assert_true(isnan(jf_quantile(y, 0, 0.5)));
    jf_free(y);
    jf_free(p);
    jf_free(wanted);
}

static void every_metric_agrees_with_its_definition_in_r(void **state)
{
    const json_t *c = json_object_get(*state, "metrics");
    size_t n;
    double *y = numbers(*state, "y", &n), *predicted = numbers(*state, "predicted", &n);
    double *low = numbers(*state, "low", &n), *high = numbers(*state, "high", &n);
    double log_y[256], log_predicted[256];
    jf_scored scored = {log_y, log_predicted, y, predicted, low, high, n};
    jf_metrics found;
    jf_error err = {0};

    assert_true(n <= 256);
    for (size_t i = 0; i < n; i++) {
        log_y[i] = log(y[i]);
        log_predicted[i] = log(predicted[i]);
    }
    check_ok(jf_metrics_compute(&scored, &found, &err), &err);
    for (jf_metric m = 0; m < JF_N_METRICS; m++)
        check_close(jf_metric_get(&found, m), number(c, jf_metric_names[m]), close, "%s", jf_metric_names[m]);
    jf_free(y);
    jf_free(predicted);
    jf_free(low);
    jf_free(high);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nested_laws_are_tested_as_anova_and_loglik_do),
        cmocka_unit_test(laws_that_are_not_nested_or_not_fitted_have_no_nested_test),
        cmocka_unit_test(vuong_agrees_with_the_long_hand_sums_in_all_its_forms),
        cmocka_unit_test(laws_that_predict_alike_are_not_told_apart_by_vuong),
        cmocka_unit_test(the_corrected_t_agrees_with_long_hand_and_the_plain_one_with_t_test),
        cmocka_unit_test(differences_without_spread_have_a_sure_answer),
        cmocka_unit_test(holm_agrees_with_p_adjust_and_leaves_missing_values_out),
        cmocka_unit_test(quantiles_are_those_of_r_type_7),
        cmocka_unit_test(every_metric_agrees_with_its_definition_in_r),
    };
    return cmocka_run_group_tests(tests, load_cases, drop_cases);
}
