/* What counts as having held beyond the data: the ratio of errors by group, its limits, and the words for it.
 */
#include "tests/check.h"
#include "tests/compare_sweep.h"

#include <stdio.h>
#include "fit/select/outside.h"

static const char *const additive[] = {
    "additive: log(energy) ~ log(k + b*layers + c*work) + h[strategy = \"Baseline\"]"};
static const char *const product[] = {
    "product: log(energy) ~ b0 + b*log(layers) + c*log(work) + d*log(work)^2 + h[strategy = \"Baseline\"]"};
static const char *const plans[] = {"grouped:repeats=10,test=0.3", "extrapolate:work:0.6"};

static jf_comparison *compare_one(const sweep *s, const char *const *law, const char *const *with)
{
    jf_compare_options options;

    set_defaults(&options);
    options.baselines = false;
    options.interval = JF_INTERVAL_NONE;
    options.ablate = JF_ABLATE_NONE;
    return compare(s, law, 1, with, 2, &options);
}

/* Mean squares of log errors by group, over all splits of a plan. */
static size_t group_squares(const sweep *s, const jf_comparison *c, size_t plan, double *squares)
{
    double sum[N_GROUPS] = {0}, n[N_GROUPS] = {0};
    size_t groups = 0;

    for (size_t i = 0; i < c->n_predictions; i++) {
        const jf_prediction *p = &c->predictions[i];
        double error = log(p->predicted) - log(p->observed);
        if (p->plan != plan) continue;
        sum[s->group[p->row]] += error * error;
        n[s->group[p->row]]++;
    }
    for (size_t g = 0; g < N_GROUPS; g++)
        if (n[g] > 0) squares[groups++] = sum[g] / n[g];
    return groups;
}

static void the_ratio_is_that_of_root_mean_squares_over_groups(void **state)
{
    double squares[2][N_GROUPS], mean[2] = {0}, variance[2] = {0}, df, half;
    jf_comparison *c;
    size_t n[2];
    sweep s;

    (void)state;
    make_sweep(5, 0.1, &s);
    c = compare_one(&s, additive, plans);
    for (size_t plan = 0; plan < 2; plan++) {
        n[plan] = group_squares(&s, c, plan, squares[plan]);
        for (size_t g = 0; g < n[plan]; g++) mean[plan] += squares[plan][g] / (double)n[plan];
        for (size_t g = 0; g < n[plan]; g++)
            variance[plan] += pow(squares[plan][g] - mean[plan], 2) / (double)(n[plan] - 1);
        variance[plan] /= (double)n[plan] * mean[plan] * mean[plan];
    }
    assert_int_equal(c->outside.n_groups, n[1]);
    check_close(c->outside.ratio, sqrt(mean[1] / mean[0]), 1e-12, "ratio");
    check_close(c->outside.low * c->outside.high, mean[1] / mean[0], 1e-12, "limits about it");
    df = pow(variance[0] + variance[1], 2) /
         (pow(variance[0], 2) / (double)(n[0] - 1) + pow(variance[1], 2) / (double)(n[1] - 1));
    half = log(c->outside.high / c->outside.ratio) / (sqrt(variance[0] + variance[1]) / 2);
    assert_true(df > 20 && half > 1.96 &&
                half < 2.09); /* t of 97.5 % with df: between these for df over 20 */
    jf_comparison_free(c);
    jf_table_free(s.table);
}

static void the_true_law_holds_and_the_verdict_says_by_what_criterion(void **state)
{
    jf_comparison *c;
    sweep s;

    (void)state;
    make_sweep(1, 0.05, &s);
    c = compare_one(&s, additive, plans);
    assert_int_equal(c->outside.state, JF_OUTSIDE_HELD);
    assert_true(c->outside.high <= jf_outside_allowed);
    assert_true(strncmp(c->verdict, "Outside the data additive held: errors there are ", 49) == 0);
    assert_non_null(strstr(c->verdict, "95 % limits"));
    assert_non_null(strstr(c->verdict, "up to 2 counts as held"));
    jf_comparison_free(c);
    jf_table_free(s.table);
}

/* The product stays within a factor of two out there, and that is no excuse: inside it is much better. */
static void a_law_much_worse_outside_does_not_hold_within_a_factor_of_two_either(void **state)
{
    jf_comparison *c;
    sweep s;

    (void)state;
    make_sweep(1, 0.02, &s);
    c = compare_one(&s, product, (const char *[]){plans[0], "extrapolate:work:0.45"});
    assert_true(c->candidates[0].validations[1].factor90 < 2);
    assert_true(c->outside.ratio > jf_outside_allowed);
    assert_int_equal(c->outside.state, JF_OUTSIDE_FAILED);
    assert_true(strncmp(c->verdict, "Outside the data product did not hold: errors there are ", 56) == 0);
    jf_comparison_free(c);
    jf_table_free(s.table);
}

static void a_law_that_is_as_bad_inside_does_not_hold(void **state)
{
    static const char *const flat[] = {"flat: log(energy) ~ b0 + c*log(layers)"};
    jf_comparison *c;
    sweep s;

    (void)state;
    make_sweep(1, 0.05, &s);
    c = compare_one(&s, flat, plans);
    assert_true(c->candidates[0].validations[1].factor90 > 2);
    assert_int_equal(c->outside.state, JF_OUTSIDE_FAILED);
    assert_true(c->outside.ratio <= jf_outside_allowed);
    assert_null(strstr(c->verdict, "counts as held")); /* it would contradict what stands before it */
    assert_non_null(strstr(c->verdict, "(held means nine in ten within 2)"));
    jf_comparison_free(c);
    jf_table_free(s.table);
}

static void few_groups_outside_make_it_as_far_as_they_tell_and_one_gives_no_limits(void **state)
{
    char text[2][64];
    const char *few[] = {plans[0], text[0]}, *one[] = {plans[0], text[1]};
    jf_comparison *c;
    sweep s;

    (void)state;
    make_sweep(8, 0.05, &s);
    snprintf(text[0], sizeof text[0], "extrapolate:work:%.6f", 1 - 2.5 / N_GROUPS);
    snprintf(text[1], sizeof text[1], "extrapolate:work:%.6f", 1 - 0.5 / N_GROUPS);
    c = compare_one(&s, additive, few);
    assert_true(c->outside.n_groups >= 2 && c->outside.n_groups <= 3);
    assert_true(c->outside.state == JF_OUTSIDE_UNCLEAR && c->outside.high > jf_outside_allowed);
    assert_non_null(strstr(c->verdict, "held as far as "));
    jf_comparison_free(c);
    c = compare_one(&s, additive, one);
    assert_int_equal(c->outside.n_groups, 1);
    assert_true(isnan(c->outside.high) && c->outside.state == JF_OUTSIDE_UNCLEAR);
    assert_non_null(strstr(c->verdict, "as far as 1 group tells"));
    assert_non_null(strstr(c->verdict, "too few groups for limits"));
    jf_comparison_free(c);
    jf_table_free(s.table);
}

static void errors_below_one_percent_inside_count_as_one_percent(void **state)
{
    jf_comparison *c;
    sweep s;

    (void)state;
    make_sweep(5, 0, &s); /* no noise at all: errors are rounding */
    c = compare_one(&s, additive, plans);
    assert_true(c->outside.ratio < 1e-3);
    assert_int_equal(c->outside.state, JF_OUTSIDE_HELD);
    jf_comparison_free(c);
    jf_table_free(s.table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_ratio_is_that_of_root_mean_squares_over_groups),
        cmocka_unit_test(the_true_law_holds_and_the_verdict_says_by_what_criterion),
        cmocka_unit_test(a_law_much_worse_outside_does_not_hold_within_a_factor_of_two_either),
        cmocka_unit_test(a_law_that_is_as_bad_inside_does_not_hold),
        cmocka_unit_test(few_groups_outside_make_it_as_far_as_they_tell_and_one_gives_no_limits),
        cmocka_unit_test(errors_below_one_percent_inside_count_as_one_percent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
