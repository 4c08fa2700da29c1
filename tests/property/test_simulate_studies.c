/* Properties of simulated studies: draws have the moments that were asked for, and sums over replicates are
 * those of a count by hand. */
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/stream.h"
#include "fit/infer/simulate.h"
#include "tests/check.h"
#include "tests/law_data.h"
#include "tests/problem.h"

enum { N = 12, STUDIES = 60, DRAWS = 4000 };

/* x from 1 to N, pairs of runs in one group; the response is there, or is not. */
static jf_table *design(bool measured)
{
    double x[N], y[N], g[N];
    const char *names[] = {"x", "g", "y"};
    const double *values[] = {x, g, y};
    jf_stream stream = jf_stream_make(21, JF_FOR_TESTS, 0);

    for (size_t i = 0; i < N; i++) {
        x[i] = (double)i + 1;
        g[i] = (double)(i / 2);
        y[i] = 2 + 0.5 * x[i] + 0.3 * jf_stream_normal(&stream);
    }
    return test_table(measured ? 3 : 2, names, values, N);
}

static jf_truth_options given(const jf_option_list *values, double sigma, double group_sd)
{
    return (jf_truth_options){.values = values, .sigma = sigma, .group_sd = group_sd};
}

static jf_truth *build(const jf_table *table, const char *text, const jf_groups *groups,
                       const jf_truth_options *how, jf_law **law)
{
    jf_fit_options options = test_fit_options();
    jf_truth *truth = NULL;
    jf_warnings warnings = {0};
    jf_error err = {0};

    check_ok(jf_law_read(text, law, &err), &err);
    check_ok(jf_truth_build(*law, table, NULL, 0, groups, &options, how, &warnings, &truth, &err), &err);
    jf_warnings_free(&warnings);
    return truth;
}

static void values_come_from_the_user_then_from_a_fit(void **state)
{
    jf_table *table = design(true);
    jf_option_list list = {(const char *[]){"b=0.7"}, 1, 1};
    jf_truth_options how = given(&list, NAN, NAN);
    jf_fit_options options = test_fit_options();
    jf_law *law = NULL;
    jf_truth *truth = build(table, "y ~ a + b*x", NULL, &how, &law);
    jf_fit *fit = NULL;
    jf_error err = {0};

    (void)state;
    check_ok(jf_fit_run(law, table, NULL, 0, NULL, &options, &fit, &err), &err);
    assert_int_equal(truth->origin[0], JF_FROM_FIT);
    assert_int_equal(truth->origin[1], JF_FROM_USER);
    check_close(truth->theta[0], fit->theta[0], 1e-14, "a");
    check_close(truth->theta[1], 0.7, 1e-14, "b");
    check_close(truth->sigma, fit->sigma, 1e-14, "sigma");
    for (size_t i = 0; i < N; i++)
        check_close(truth->mean[i], fit->theta[0] + 0.7 * ((double)i + 1), 1e-12, "mean of run %zu", i);
    jf_fit_free(fit);
    jf_truth_free(truth);
    jf_law_free(law);
    jf_table_free(table);
}

static void draws_have_the_moments_that_were_asked_for(void **state)
{
    jf_table *table = design(false);
    jf_option_list list = {(const char *[]){"a=2,b=0.5"}, 1, 1};
    jf_truth_options how = given(&list, 0.4, 0.3);
    const char *by[] = {"g"};
    jf_groups groups = {0};
    jf_law *law = NULL;
    jf_error err = {0};
    jf_truth *truth;
    jf_world world;
    double mean = 0, own = 0, pair = 0, stranger = 0, copy = 0;

    (void)state;
    how.scatter = "if(x > 6, 2, 1)";
    check_ok(jf_groups_by(table, by, 1, &groups, &err), &err);
    truth = build(table, "log(y) ~ a + b*x", &groups, &how, &law);
    check_ok(jf_world_new(truth, 2, &world, &err), &err);
    assert_int_equal(world.groups.n_groups, N);
    for (size_t d = 0; d < DRAWS; d++) {
        check_ok(jf_world_draw(&world, 5, d, &err), &err);
        for (size_t i = 0; i < 6; i += 2) {
            double first = log(world.raw[i]) - 2 - 0.5 * ((double)i + 1), weight = 1.0 / (3 * DRAWS);
            mean += first * weight;
            own += first * first * weight;
            pair += first * (log(world.raw[i + 1]) - 2 - 0.5 * ((double)i + 2)) * weight;
            stranger += first * (log(world.raw[i + 6]) - 2 - 0.5 * ((double)i + 7)) * weight;
            copy += first * (log(world.raw[i + N]) - 2 - 0.5 * ((double)i + 1)) * weight;
        }
    }
    /* 12,000 values: errors of means near 0.25/sqrt(12000) = 0.002 */
    assert_true(fabs(mean) < 0.02);
    check_close(own, 0.16 + 0.09, 0.05, "variance");
    check_close(pair, 0.09, 0.1, "covariance in a group");
    assert_true(fabs(stranger) < 0.015 && fabs(copy) < 0.015);
    for (size_t i = 0; i < N; i++)
        check_close(truth->scatter[i], i >= 6 ? 0.8 : 0.4, 1e-14, "scatter %zu", i);
    jf_world_clear(&world);
    jf_truth_free(truth);
    jf_law_free(law);
    jf_groups_free(&groups);
    jf_table_free(table);
}

/* The line through (x, y) with the standard error of its slope. */
static void long_hand_line(const double *x, const double *y, double *slope, double *error)
{
    double mx = 0, my = 0, xx = 0, xy = 0, rss = 0;

    for (size_t i = 0; i < N; i++) mx += x[i] / N, my += y[i] / N;
    for (size_t i = 0; i < N; i++) xx += (x[i] - mx) * (x[i] - mx), xy += (x[i] - mx) * (y[i] - my);
    *slope = xy / xx;
    for (size_t i = 0; i < N; i++) rss += pow(y[i] - my - *slope * (x[i] - mx), 2);
    *error = sqrt(rss / (N - 2) / xx);
}

static void sums_over_replicates_are_those_of_a_count_by_hand(void **state)
{
    jf_table *table = design(false);
    jf_option_list list = {(const char *[]){"a=2", "b=0.5"}, 2, 2};
    jf_truth_options how = given(&list, 0.4, NAN);
    jf_fit_options options = test_fit_options();
    jf_law *law = NULL;
    jf_truth *truth = build(table, "y ~ a + b*x", NULL, &how, &law);
    const double *x = jf_table_find(table, "x")->values;
    double t = gsl_cdf_tdist_Pinv(0.975, N - 2), mean = 0, squares = 0, held = 0, below = 0, reported = 0;
    jf_recovery found = {0};
    jf_world world;
    jf_error err = {0};

    (void)state;
    options.seed = 77;
    check_ok(jf_recovery_run(truth, law, STUDIES, &options, &found, &err), &err);
    check_ok(jf_world_new(truth, 1, &world, &err), &err);
    for (size_t r = 0; r < STUDIES; r++) {
        double slope, error;
        check_ok(jf_world_draw(&world, 77, jf_study_index(JF_STUDY_RECOVERY, 0, r), &err), &err);
        long_hand_line(x, world.raw, &slope, &error);
        mean += slope / STUDIES;
        squares += (slope - 0.5) * (slope - 0.5) / STUDIES;
        reported += error * error / STUDIES;
        held += fabs(slope - 0.5) <= t * error;
        below += slope + t * error < 0.5;
    }
    assert_int_equal(found.n_usable, STUDIES);
    assert_int_equal(found.outcomes[JF_CONVERGED], STUDIES);
    assert_string_equal(found.parameters[1].name, "b");
    check_close(found.parameters[1].mean, mean, 1e-10, "mean");
    check_close(found.parameters[1].bias, mean - 0.5, 1e-6, "bias");
    check_close(found.parameters[1].rmse, sqrt(squares), 1e-9, "rmse");
    check_close(found.parameters[1].mean_error, sqrt(reported), 1e-9, "reported errors");
    assert_string_equal(found.coverage[1].kind, "wald:classical");
    check_close(found.coverage[1].share, held / STUDIES, 1e-12, "coverage");
    check_close(found.coverage[1].share_error, sqrt(held / STUDIES * (1 - held / STUDIES) / STUDIES), 1e-12,
                "its Monte-Carlo error");
    check_close(found.coverage[1].missed_below + 1, below / STUDIES + 1, 1e-12, "missed below");
    jf_recovery_clear(&found);
    jf_world_clear(&world);
    jf_truth_free(truth);
    jf_law_free(law);
    jf_table_free(table);
}

/* 2000 studies of a linear law with normal errors, where theory is exact. */
static void exact_intervals_hold_the_truth_as_often_as_they_say(void **state)
{
    jf_table *table = design(false);
    jf_option_list list = {(const char *[]){"a=2", "b=0.5"}, 2, 2};
    jf_truth_options how = given(&list, 0.4, NAN);
    jf_fit_options options = test_fit_options();
    jf_law *law = NULL;
    jf_truth *truth = build(table, "y ~ a + b*x", NULL, &how, &law);
    jf_recovery found = {0};
    jf_coverage *runs = NULL;
    size_t n_runs = 0;
    jf_error err = {0};

    (void)state;
    options.threads = 0;
    options.level = 0.9;
    check_ok(jf_recovery_run(truth, law, 2000, &options, &found, &err), &err);
    for (size_t i = 0; i < found.n_coverage; i++) /* 4 Monte-Carlo errors of 0.67 % */
        assert_true(fabs(found.coverage[i].share - 0.9) < 0.027);
    check_ok(jf_new_runs_coverage(truth, law, 1000, &options, &runs, &n_runs, &err), &err);
    assert_int_equal(n_runs, 4);
    for (size_t i = 0; i < 2; i++) {
        if (fabs(runs[i].share - 0.9) > 4 * runs[i].share_error)
            fail_msg("%s: %g +- %g", runs[i].kind, runs[i].share, runs[i].share_error);
    }
    assert_int_equal(runs[2].n_open, runs[2].n_made); /* 3 runs set apart cannot give a 90 % interval */
    assert_true(runs[3].share > 0.8);                 /* CV+: 1 - 2 alpha */
    jf_coverage_free(runs, n_runs);
    jf_recovery_clear(&found);
    jf_truth_free(truth);
    jf_law_free(law);
    jf_table_free(table);
}

static void scatter_is_parted_between_groups_and_runs(void **state)
{
    enum { GROUPS = 400, EACH = 3 };
    static double y[GROUPS * EACH], g[GROUPS * EACH];
    const char *names[] = {"y", "g"}, *by[] = {"g"};
    const double *values[] = {y, g};
    jf_stream stream = jf_stream_make(2, JF_FOR_TESTS, 0);
    jf_truth_options how = given(NULL, NAN, NAN);
    jf_groups groups = {0};
    jf_error err = {0};
    jf_law *law = NULL;
    jf_table *table;
    jf_truth *truth;

    (void)state;
    for (size_t i = 0; i < GROUPS; i++) {
        double shared = 0.5 * jf_stream_normal(&stream);
        for (size_t m = 0; m < EACH; m++) {
            g[i * EACH + m] = (double)i;
            y[i * EACH + m] = 1 + shared + 0.3 * jf_stream_normal(&stream);
        }
    }
    table = test_table(2, names, values, GROUPS * EACH);
    check_ok(jf_groups_by(table, by, 1, &groups, &err), &err);
    truth = build(table, "y ~ a", &groups, &how, &law);
    check_close(truth->group_sd, 0.5, 0.12, "between groups");
    check_close(truth->sigma, 0.3, 0.08, "within them");
    check_close(truth->group_sd * truth->group_sd + truth->sigma * truth->sigma, pow(truth->fit->sigma, 2),
                1e-12, "together they are the fit's");
    jf_truth_free(truth);
    jf_law_free(law);
    jf_groups_free(&groups);
    jf_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_come_from_the_user_then_from_a_fit),
        cmocka_unit_test(draws_have_the_moments_that_were_asked_for),
        cmocka_unit_test(sums_over_replicates_are_those_of_a_count_by_hand),
        cmocka_unit_test(exact_intervals_hold_the_truth_as_often_as_they_say),
        cmocka_unit_test(scatter_is_parted_between_groups_and_runs),
    };
    return cmocka_run_group_tests(tests, test_settle_libraries, NULL);
}
