/* Properties of next-measurement advice: it agrees with fits that have the run, and with what theory says. */
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/stream.h"
#include "fit/infer/design_next.h"
#include "tests/check.h"
#include "tests/law_data.h"
#include "tests/problem.h"

enum { N = 25, CANDIDATES = 30 };

/* N runs of y = 3 exp(-0.7 x) + 1 with noise, and what could be measured: x from 0 to 5. */
static jf_table *draw_runs(size_t n)
{
    double x[N + 1], y[N + 1];
    const char *names[] = {"x", "y"};
    const double *values[] = {x, y};
    jf_stream stream = jf_stream_make(11, JF_FOR_TESTS, 0);

    for (size_t i = 0; i < N; i++) {
        x[i] = 0.2 + 3 * jf_stream_uniform(&stream);
        y[i] = 3 * exp(-0.7 * x[i]) + 1 + 0.05 * jf_stream_normal(&stream);
    }
    x[N] = 5;
    y[N] = 1;
    return test_table(2, names, values, n);
}

static jf_table *candidates(void)
{
    static double x[CANDIDATES], hours[CANDIDATES];
    const char *names[] = {"x", "hours"};
    const double *values[] = {x, hours};

    for (size_t i = 0; i < CANDIDATES; i++) {
        x[i] = 5.0 * (double)i / (CANDIDATES - 1);
        hours[i] = 1 + x[i];
    }
    return test_table(2, names, values, CANDIDATES);
}

static jf_fit *fit_to(const jf_table *table, const char *text, jf_law **law)
{
    jf_error err = {0};
    jf_fit *fit = NULL;
    jf_fit_options options = test_fit_options();

    check_ok(jf_law_read(text, law, &err), &err);
    check_ok(jf_fit_run(*law, table, NULL, 0, NULL, &options, &fit, &err), &err);
    return fit;
}

static const char CURVE[] = "y ~ a*exp(-b*x) + c";

/* (J'J)^-1 sigma^2 of the curve at theta on x[0..n), by Gauss and Jordan without pivoting or scaling. */
static void long_hand(const double *theta, const double *x, size_t n, double sigma, double c[3][3])
{
    double m[3][6] = {{0}};

    for (size_t i = 0; i < n; i++) {
        double e = exp(-theta[1] * x[i]), j[3] = {e, -theta[0] * x[i] * e, 1};
        for (int a = 0; a < 3; a++)
            for (int b = 0; b < 3; b++) m[a][b] += j[a] * j[b] / (sigma * sigma);
    }
    for (int a = 0; a < 3; a++) m[a][3 + a] = 1;
    for (int a = 0; a < 3; a++) {
        double pivot = m[a][a];
        for (int j = 0; j < 6; j++) m[a][j] /= pivot;
        for (int b = 0; b < 3; b++) {
            double factor = m[b][a];
            for (int j = 0; j < 6 && b != a; j++) m[b][j] -= factor * m[a][j];
        }
    }
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++) c[a][b] = m[a][3 + b];
}

static double determinant(double c[3][3])
{
    return c[0][0] * (c[1][1] * c[2][2] - c[1][2] * c[2][1]) -
           c[0][1] * (c[1][0] * c[2][2] - c[1][2] * c[2][0]) +
           c[0][2] * (c[1][0] * c[2][1] - c[1][1] * c[2][0]);
}

static void errors_with_a_run_more_are_those_of_the_matrix_with_its_row(void **state)
{
    jf_table *runs = draw_runs(N), *wanted = candidates();
    jf_law *law = NULL;
    jf_fit *fit = fit_to(runs, CURVE, &law);
    const double *at = jf_table_find(wanted, "x")->values;
    double x[N + 1], before[3][3], after[3][3];
    jf_error err = {0};
    jf_goal goals[3] = {{0}};
    jf_next next = {0};

    (void)state;
    memcpy(x, jf_table_find(runs, "x")->values, N * sizeof *x);
    long_hand(fit->theta, x, N, fit->sigma, before);
    check_ok(jf_goal_quantity(fit, law, "b", &goals[0], &err), &err);
    check_ok(jf_goal_quantity(fit, law, "a - 2*c", &goals[1], &err), &err);
    check_ok(jf_goal_everything(&goals[2], &err), &err);
    for (int g = 0; g < 3; g++) {
        check_ok(jf_design_next(fit, wanted, NULL, 0, &goals[g], NULL, &next, &err), &err);
        assert_int_equal(next.n_candidates, CANDIDATES);
        if (g == 0) check_close(next.before, sqrt(before[1][1]), 1e-10, "error of b");
        for (size_t i = 0; i < next.n_candidates; i++) {
            double wants[3];
            x[N] = at[next.candidates[i].row];
            long_hand(fit->theta, x, N + 1, fit->sigma, after);
            wants[0] = sqrt(after[1][1]);
            wants[1] = sqrt(after[0][0] + 4 * after[2][2] - 4 * after[0][2]);
            wants[2] = pow(determinant(after) / determinant(before), 1.0 / 6);
            check_close(next.candidates[i].error, wants[g], 1e-9, "goal %d, x = %g", g, x[N]);
            check_close(next.candidates[i].gain, log(next.before / wants[g]), 1e-7, "gain of goal %d", g);
            if (i) assert_true(next.candidates[i].gain <= next.candidates[i - 1].gain);
        }
        jf_next_clear(&next);
        jf_goal_clear(&goals[g]);
    }
    jf_fit_free(fit);
    jf_law_free(law);
    jf_table_free(runs);
    jf_table_free(wanted);
}

static void several_runs_are_chosen_one_after_another(void **state)
{
    jf_table *runs = draw_runs(N), *wanted = candidates();
    jf_law *law = NULL;
    jf_fit *fit = fit_to(runs, CURVE, &law);
    const double *at = jf_table_find(wanted, "x")->values;
    double x[N + 4], c[3][3];
    jf_next_options options = {.n_next = 4};
    jf_error err = {0};
    jf_goal goal = {0};
    jf_next next = {0};

    (void)state;
    memcpy(x, jf_table_find(runs, "x")->values, N * sizeof *x);
    check_ok(jf_goal_quantity(fit, law, "b", &goal, &err), &err);
    check_ok(jf_design_next(fit, wanted, NULL, 0, &goal, &options, &next, &err), &err);
    assert_int_equal(next.n_chosen, 4);
    assert_int_equal(next.chosen[0].row, next.candidates[0].row);
    for (size_t s = 0; s < next.n_chosen; s++) {
        double best = INFINITY;
        for (size_t i = 0; i < CANDIDATES; i++) {
            x[N + s] = at[i];
            long_hand(fit->theta, x, N + s + 1, fit->sigma, c);
            best = fmin(best, sqrt(c[1][1]));
        }
        x[N + s] = at[next.chosen[s].row];
        check_close(next.chosen[s].error, best, 1e-9, "the best run of step %zu", s);
    }
    jf_next_clear(&next);
    jf_goal_clear(&goal);
    jf_fit_free(fit);
    jf_law_free(law);
    jf_table_free(runs);
    jf_table_free(wanted);
}

static void a_floor_is_best_measured_far_out_and_cost_moves_the_choice(void **state)
{
    jf_table *runs = draw_runs(N), *wanted = candidates();
    jf_law *law = NULL;
    jf_fit *fit = fit_to(runs, CURVE, &law);
    jf_next_options by_cost = {.cost = "hours"};
    jf_error err = {0};
    jf_goal goal = {0};
    jf_next plain = {0}, dear = {0};

    (void)state;
    check_ok(jf_goal_quantity(fit, law, "c", &goal, &err), &err);
    check_ok(jf_design_next(fit, wanted, NULL, 0, &goal, NULL, &plain, &err), &err);
    assert_int_equal(plain.candidates[0].row, CANDIDATES - 1);
    check_ok(jf_design_next(fit, wanted, NULL, 0, &goal, &by_cost, &dear, &err), &err);
    for (size_t i = 1; i < dear.n_candidates; i++)
        assert_true(dear.candidates[i - 1].gain / dear.candidates[i - 1].cost >=
                    dear.candidates[i].gain / dear.candidates[i].cost);
    assert_true(dear.candidates[0].cost < 6); /* hours of x = 5 */
    jf_next_clear(&plain);
    jf_next_clear(&dear);
    by_cost.cost = "hour";
    assert_int_equal(jf_design_next(fit, wanted, NULL, 0, &goal, &by_cost, &plain, &err), JF_EUSAGE);
    assert_non_null(strstr(err.message, "hours"));
    jf_goal_clear(&goal);
    jf_fit_free(fit);
    jf_law_free(law);
    jf_table_free(runs);
    jf_table_free(wanted);
}

static void what_is_not_determined_becomes_so_by_the_runs_that_tell_it(void **state)
{
    const double x[] = {1, 1, 1, 1}, y[] = {2, 2.1, 1.9, 2.05}, more[] = {1, 2, 4};
    const char *names[] = {"x", "y"};
    const double *values[] = {x, y}, *other[] = {more};
    jf_table *runs = test_table(2, names, values, 4), *wanted = test_table(1, names, other, 3);
    jf_law *law = NULL;
    jf_fit *fit = fit_to(runs, "y ~ a + b*x", &law);
    jf_next_options options = {.n_next = 2};
    jf_goal goals[3] = {{0}};
    jf_next next = {0};
    jf_error err = {0};

    (void)state;
    assert_int_equal(fit->n_null, 1);
    check_ok(jf_goal_quantity(fit, law, "b", &goals[0], &err), &err);
    check_ok(jf_goal_everything(&goals[1], &err), &err);
    check_ok(jf_goal_quantity(fit, law, "a + b", &goals[2], &err), &err);
    for (int g = 0; g < 2; g++) {
        check_ok(jf_design_next(fit, wanted, NULL, 0, &goals[g], &options, &next, &err), &err);
        assert_true(isinf(next.before));
        assert_int_equal(next.candidates[0].row, 2); /* x = 4 tells b best */
        assert_true(isfinite(next.candidates[0].error) && isinf(next.candidates[2].error));
        assert_int_equal(next.candidates[2].row, 0); /* x = 1 again tells nothing of it */
        /* b = (y at 4 - mean at 1)/3 */
        if (g == 0)
            check_close(next.candidates[0].error, fit->sigma * sqrt(1 + 0.25) / 3, 1e-10, "error of b");
        assert_true(next.chosen[1].error < next.chosen[0].error);
        jf_next_clear(&next);
    }
    check_ok(jf_design_next(fit, wanted, NULL, 0, &goals[2], NULL, &next, &err), &err);
    check_close(next.before, fit->sigma / 2, 1e-10, "the mean at x = 1");
    assert_int_equal(next.candidates[0].row, 0); /* and only x = 1 again tells more of a + b */
    check_close(next.candidates[0].error, fit->sigma / sqrt(5), 1e-10, "one run more at x = 1");
    check_close(next.candidates[1].error, fit->sigma / 2, 1e-10, "a run elsewhere");
    jf_next_clear(&next);
    for (int g = 0; g < 3; g++) jf_goal_clear(&goals[g]);
    jf_fit_free(fit);
    jf_law_free(law);
    jf_table_free(runs);
    jf_table_free(wanted);
}

static void the_error_of_a_prediction_is_that_of_the_fit(void **state)
{
    jf_table *runs = draw_runs(N), *wanted = candidates();
    jf_law *law = NULL;
    jf_fit *fit = fit_to(runs, CURVE, &law);
    double error[CANDIDATES];
    size_t row = 7;
    jf_error err = {0};
    jf_goal goal = {0};
    jf_next next = {0};

    (void)state;
    check_ok(jf_fit_predict(fit, wanted, NULL, 0, NULL, error, NULL, &err), &err);
    check_ok(jf_goal_predictions(fit, "x = 1.2", wanted, &row, 1, &goal, &err), &err);
    check_ok(jf_design_next(fit, wanted, NULL, 0, &goal, NULL, &next, &err), &err);
    check_close(next.before, error[row], 1e-9, "error of the prediction");
    jf_next_clear(&next);
    jf_goal_clear(&goal);
    jf_fit_free(fit);
    jf_law_free(law);
    jf_table_free(runs);
    jf_table_free(wanted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_with_a_run_more_are_those_of_the_matrix_with_its_row),
        cmocka_unit_test(several_runs_are_chosen_one_after_another),
        cmocka_unit_test(a_floor_is_best_measured_far_out_and_cost_moves_the_choice),
        cmocka_unit_test(what_is_not_determined_becomes_so_by_the_runs_that_tell_it),
        cmocka_unit_test(the_error_of_a_prediction_is_that_of_the_fit),
    };
    return cmocka_run_group_tests(tests, test_settle_libraries, NULL);
}
