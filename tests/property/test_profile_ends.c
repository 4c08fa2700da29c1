/* What ends of profile intervals must be, whatever the law. */
#include "tests/check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "core/stream.h"
#include "fit/infer/profile.h"
#include "tests/problem.h"

enum { N = 12 };
static const double X[N] = {0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20};
static const double LINE[N] = {1.1, 2.8, 5.3, 6.9, 9.2, 10.8, 13.1, 17.2, 20.9, 24.8, 31.3, 40.9};
/* One step, up at the first value: any fast rate will do. */
static const double STEP[N] = {0.02, 0.99, 0.96, 1.05, 0.95, 1.02, 0.97, 1.04, 0.99, 1.01, 0.96, 1.0};

typedef struct settings {
    const char *law, *tie, *fix, *bounds, *loss;
    int64_t threads;
} settings;

static jf_status try_fit(const double *y, const settings *s, jf_fit **fit, jf_error *err)
{
    const char *names[] = {"x", "y"};
    const double *values[] = {X, y};
    jf_table *table = test_table(2, names, values, N);
    jf_fit_options options;
    jf_law *law = NULL;
    jf_status status;

    jf_fit_options_default(&options);
    options.seed = JF_DEFAULT_SEED;
    options.ci = "profile";
    options.threads = s->threads ? s->threads : 1;
    if (s->loss) options.loss = s->loss;
    check_ok(jf_law_read(s->law, &law, err), err);
    if (s->tie) check_ok(jf_law_set_tie(law, s->tie, err), err);
    if (s->fix) check_ok(jf_law_set_fixed(law, s->fix, err), err);
    if (s->bounds) check_ok(jf_law_set_bounds(law, s->bounds, err), err);
    status = jf_fit_run(law, table, NULL, 0, NULL, &options, fit, err);
    jf_law_free(law);
    jf_table_free(table);
    return status;
}

static jf_fit *fit_of(const double *y, settings s)
{
    jf_error err = {0};
    jf_fit *fit = NULL;

    check_ok(try_fit(y, &s, &fit, &err), &err);
    return fit;
}

static const jf_interval_set *profile_of(const jf_fit *fit)
{
    for (size_t i = 0; i < fit->n_intervals; i++)
        if (strcmp(fit->intervals[i].kind, "profile") == 0) return &fit->intervals[i];
    fail_msg("there is no profile");
    return NULL;
}

static size_t index_of(const jf_fit *fit, const char *name)
{
    for (size_t i = 0; i < fit->n_estimates; i++)
        if (strcmp(fit->estimates[i].name, name) == 0) return i;
    fail_msg("there is no '%s'", name);
    return 0;
}

static bool warns(const jf_fit *fit, const char *code)
{
    for (size_t i = 0; i < fit->warnings.n; i++)
        if (strcmp(fit->warnings.items[i].code, code) == 0) return true;
    return false;
}

static void check_is_wald(const jf_fit *fit)
{
    const jf_interval_set *set = profile_of(fit);

    for (size_t i = 0; i < fit->n_estimates; i++) {
        check_close(set->low[i], fit->estimates[i].ci_low, 1e-8, "low end of %s", fit->estimates[i].name);
        check_close(set->high[i], fit->estimates[i].ci_high, 1e-8, "high end of %s", fit->estimates[i].name);
    }
    assert_false(warns(fit, "W_INTERVALS_DISAGREE"));
}

static void linear_laws_have_their_wald_intervals(void **state)
{
    jf_fit *two = fit_of(LINE, (settings){.law = "y ~ a + b*x"});
    jf_fit *one = fit_of(LINE, (settings){.law = "y ~ b*x"});

    (void)state;
    check_is_wald(two);
    check_is_wald(one);
    jf_fit_free(two);
    jf_fit_free(one);
}

static void an_end_that_goes_on_for_ever_is_called_unbounded(void **state)
{
    jf_fit *fit = fit_of(STEP, (settings){.law = "y ~ a*(1 - exp(-r*x))", .bounds = "r=0:"});
    const jf_interval_set *set = profile_of(fit);
    size_t r = index_of(fit, "r"), a = index_of(fit, "a");

    (void)state;
    assert_int_equal(set->low_end[r], JF_END_OK);
    assert_true(set->low[r] > 0 && set->low[r] < fit->theta[r]);
    assert_int_equal(set->high_end[r], JF_END_UNBOUNDED);
    assert_true(isnan(set->high[r]));
    assert_int_equal(set->low_end[a], JF_END_OK);
    assert_int_equal(set->high_end[a], JF_END_OK);
    assert_true(warns(fit, "W_INTERVALS_DISAGREE"));
    jf_fit_free(fit);
}

static void an_end_that_meets_a_bound_lies_on_it(void **state)
{
    jf_fit *inside = fit_of(LINE, (settings){.law = "y ~ a + b*x", .bounds = "a=0.9:1.05"});
    jf_fit *on = fit_of(LINE, (settings){.law = "y ~ a + b*x", .bounds = "a=0:0.5"});
    const jf_interval_set *set = profile_of(inside);

    (void)state;
    assert_int_equal(set->low_end[0], JF_END_BOUND);
    assert_int_equal(set->high_end[0], JF_END_BOUND);
    check_close(set->low[0], 0.9, 0, "low end");
    check_close(set->high[0], 1.05, 0, "high end");
    set = profile_of(on);
    assert_int_equal(on->estimates[0].state, JF_STATE_AT_BOUND);
    assert_int_equal(set->high_end[0], JF_END_BOUND);
    assert_int_equal(set->low_end[0], JF_END_OK);
    assert_true(set->low[0] > 0 && set->low[0] < 0.5);
    jf_fit_free(inside);
    jf_fit_free(on);
}

static void a_fixed_parameter_has_states_for_ends(void **state)
{
    jf_fit *fit = fit_of(LINE, (settings){.law = "y ~ a + b*x", .fix = "a=1"});
    const jf_interval_set *set = profile_of(fit);
    size_t a = index_of(fit, "a"), b = index_of(fit, "b");

    (void)state;
    assert_int_equal(set->low_end[a], JF_END_FIXED);
    assert_true(isnan(set->low[a]) && isnan(set->high[a]));
    assert_int_equal(set->low_end[b], JF_END_OK);
    check_close(set->low[b], fit->estimates[b].ci_low, 1e-8, "low end of b");
    jf_fit_free(fit);
}

static void a_tied_parameter_ends_where_the_one_it_follows_does(void **state)
{
    jf_fit *fit = fit_of(LINE, (settings){.law = "y ~ a + b*x + c*x^2", .tie = "c = -b/1000"});
    const jf_interval_set *set = profile_of(fit);
    size_t b = index_of(fit, "b"), c = index_of(fit, "c");

    (void)state;
    assert_int_equal(set->low_end[c], JF_END_OK);
    check_close(set->low[c], -set->high[b] / 1000, 1e-12, "low end of c");
    check_close(set->high[c], -set->low[b] / 1000, 1e-12, "high end of c");
    jf_fit_free(fit);
}

static void a_parameter_tied_to_several_has_no_profile(void **state)
{
    jf_fit *fit = fit_of(LINE, (settings){.law = "y ~ a + b*x + c*x^2", .tie = "c = (a + b)/1000"});
    const jf_interval_set *set = profile_of(fit);
    size_t c = index_of(fit, "c");

    (void)state;
    assert_int_equal(set->low_end[c], JF_END_TIED);
    assert_true(isnan(set->low[c]) && isnan(set->high[c]));
    jf_fit_free(fit);
}

static void directions_that_nothing_determines_are_open_on_both_sides(void **state)
{
    jf_fit *fit = fit_of(LINE, (settings){.law = "y ~ a + a2 + b*x"});
    const jf_interval_set *set = profile_of(fit);
    size_t a = index_of(fit, "a"), b = index_of(fit, "b");

    (void)state;
    assert_int_equal(set->low_end[a], JF_END_UNBOUNDED);
    assert_int_equal(set->high_end[a], JF_END_UNBOUNDED);
    check_close(set->low[b], fit->estimates[b].ci_low, 1e-8, "low end of b");
    jf_fit_free(fit);
}

/* From a place that is no minimum, the walk comes on one. */
static void a_better_minimum_on_the_way_is_handed_back(void **state)
{
    jf_fit *fit = fit_of(LINE, (settings){.law = "y ~ a + b*x^c", .bounds = "c=0.1:3"});
    jf_profile_setup setup = {.problem = fit->problem,
                              .covariance = fit->working,
                              .unit = fit->sigma * fit->sigma,
                              .quantile = 2,
                              .max_iterations = 500,
                              .tolerance = 1e-10};
    double theta[3], better[3], loss;
    jf_profile_end ends[2];
    jf_error err = {0};

    (void)state;
    memcpy(theta, fit->theta, sizeof theta);
    theta[index_of(fit, "a")] += 0.3;
    setup.theta = theta;
    setup.loss = fit->rss + N * 0.3 * 0.3;
    check_ok(jf_profile_run(&setup, index_of(fit, "c"), ends, better, &loss, NULL, &err), &err);
    check_close(loss, fit->rss, 1e-10, "squares");
    for (size_t i = 0; i < 3; i++) check_close(better[i], fit->theta[i], 1e-6, "parameter %zu", i);
    setup.theta = fit->theta;
    setup.loss = fit->rss;
    check_ok(jf_profile_run(&setup, index_of(fit, "c"), ends, better, &loss, NULL, &err), &err);
    assert_true(isinf(loss));
    jf_fit_free(fit);
}

static void any_number_of_threads_finds_the_same_ends(void **state)
{
    settings s = {.law = "y ~ a + b*x^c", .bounds = "c=0.1:3"};
    jf_fit *one = fit_of(LINE, s), *four;

    (void)state;
    s.threads = 4;
    four = fit_of(LINE, s);
    for (size_t i = 0; i < 3; i++) {
        assert_true(profile_of(one)->low[i] == profile_of(four)->low[i]);
        assert_true(profile_of(one)->high[i] == profile_of(four)->high[i]);
    }
    jf_fit_free(one);
    jf_fit_free(four);
}

/* The unit in which the loss grows, from scratch: lambda / 2 with lambda = mean psi^2 / mean psi' (n - k
 * below). */
static double unit_of_huber(const jf_fit *fit, double delta)
{
    double squares = 0, inside = 0;

    for (size_t i = 0; i < fit->n; i++) {
        double r = fabs(fit->residual[i]);
        squares += fmin(r, delta) * fmin(r, delta);
        inside += r < delta;
    }
    return squares / (double)fit->df / (inside / (double)fit->n) / 2;
}

/* Refits with the parameter fixed at an end must show that growth. */
static void ends_under_other_losses_are_where_the_loss_has_grown_by_its_unit(void **state)
{
    double y[N];
    jf_fit *fit;
    const jf_interval_set *set;

    (void)state;
    memcpy(y, LINE, sizeof y);
    y[4] += 5;
    fit = fit_of(y, (settings){.law = "y ~ a + b*x", .loss = "huber:0.3"});
    set = profile_of(fit);
    for (size_t j = 0; j < 2; j++)
        for (int side = 0; side < 2; side++) {
            char fix[64];
            jf_fit *held;
            double t = 2.2281388519649385; /* 97.5 % of t with 10 degrees of freedom */

            snprintf(fix, sizeof fix, "%s=%.17g", fit->estimates[j].name, side ? set->high[j] : set->low[j]);
            held = fit_of(y, (settings){.law = "y ~ a + b*x", .loss = "huber:0.3", .fix = fix});
            check_close(held->loss - fit->loss, t * t * unit_of_huber(fit, 0.3), 1e-6, "growth at %s", fix);
            jf_fit_free(held);
        }
    jf_fit_free(fit);
}

static void least_absolute_fits_have_profiles_too(void **state)
{
    jf_fit *fit = fit_of(LINE, (settings){.law = "y ~ a + b*x", .loss = "l1"});
    const jf_interval_set *set = profile_of(fit);

    (void)state;
    for (size_t j = 0; j < 2; j++) {
        double wald = fit->estimates[j].ci_high - fit->estimates[j].ci_low, own = set->high[j] - set->low[j];
        assert_true(set->low[j] < fit->theta[j] && fit->theta[j] < set->high[j]);
        assert_true(own > wald / 3 && own < wald * 3);
    }
    jf_fit_free(fit);
}

/* On the way to a top of 1e14 the law has lost its digits, and its loss jumps, lower too: no minimum there.
 */
static void a_loss_that_is_lower_by_lost_digits_is_no_better_minimum(void **state)
{
    jf_stream stream = jf_stream_make(8, JF_FOR_TESTS, 0);
    double y[N];
    settings s = {.law = "y ~ top*(1 - exp(-rate*x))", .bounds = "top=0:,rate=0:"};

    (void)state;
    for (int draw = 0; draw < 10; draw++) {
        jf_fit *fit;

        for (size_t i = 0; i < N; i++) y[i] = 60 * (1 - exp(-0.006 * X[i])) + 0.3 * jf_stream_normal(&stream);
        fit = fit_of(y, s);
        assert_false(warns(fit, "W_BETTER_MINIMUM"));
        jf_fit_free(fit);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(linear_laws_have_their_wald_intervals),
        cmocka_unit_test(an_end_that_goes_on_for_ever_is_called_unbounded),
        cmocka_unit_test(an_end_that_meets_a_bound_lies_on_it),
        cmocka_unit_test(a_fixed_parameter_has_states_for_ends),
        cmocka_unit_test(a_tied_parameter_ends_where_the_one_it_follows_does),
        cmocka_unit_test(a_parameter_tied_to_several_has_no_profile),
        cmocka_unit_test(directions_that_nothing_determines_are_open_on_both_sides),
        cmocka_unit_test(a_better_minimum_on_the_way_is_handed_back),
        cmocka_unit_test(any_number_of_threads_finds_the_same_ends),
        cmocka_unit_test(ends_under_other_losses_are_where_the_loss_has_grown_by_its_unit),
        cmocka_unit_test(a_loss_that_is_lower_by_lost_digits_is_no_better_minimum),
        cmocka_unit_test(least_absolute_fits_have_profiles_too),
    };

    return cmocka_run_group_tests(tests, test_settle_libraries, NULL);
}
