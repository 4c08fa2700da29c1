/* Bounds, fixed parameters and levels: minima checked against what an enumeration of all active sets gives.
 */
#include "tests/check.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/stream.h"
#include "tests/problem.h"

enum { N = 40 };

/* x evenly from 0.1, y = f(x) + noise. */
static jf_table *decay(uint64_t index, double a, double b, double c, double noise)
{
    static const char *const names[] = {"x", "y"};
    jf_stream stream = jf_stream_make(3, JF_FOR_TESTS, index);
    double x[N], y[N];
    const double *values[] = {x, y};

    for (size_t i = 0; i < N; i++) {
        x[i] = 0.1 * (double)(i + 1);
        y[i] = a * exp(-b * x[i]) + c + noise * jf_stream_normal(&stream);
    }
    return test_table(2, names, values, N);
}

static void set_bounds(jf_problem *p, const char *name, double lower, double upper)
{
    size_t j = test_parameter(p, name);

    p->lower[j] = lower;
    p->upper[j] = upper;
    p->fixed[j] = lower == upper;
    p->range_low[j] = isfinite(lower) ? lower : -5;
    p->range_high[j] = isfinite(upper) ? upper : 5;
}

static double solved_loss(const jf_problem *p, jf_solution *solution)
{
    jf_solve_options options = test_solve_options();
    jf_error err = {0};

    check_ok(jf_solve(p, &options, solution, &err), &err);
    return solution->loss;
}

/* The lowest loss over all choices of parameters held at a bound whose free ones come out within theirs. */
static double best_of_all_active_sets(jf_problem *p)
{
    double lower[3], upper[3], best = INFINITY;

    memcpy(lower, p->lower, sizeof lower);
    memcpy(upper, p->upper, sizeof upper);
    for (int code = 0; code < 27; code++) {
        jf_solution solution;
        bool feasible = true;

        for (int j = 0, rest = code; j < 3; j++, rest /= 3) {
            p->lower[j] = rest % 3 == 1 ? lower[j] : rest % 3 == 2 ? upper[j] : -INFINITY;
            p->upper[j] = rest % 3 ? p->lower[j] : INFINITY;
            p->fixed[j] = rest % 3 != 0;
            feasible = feasible && (!p->fixed[j] || isfinite(p->lower[j]));
        }
        if (!feasible) continue;
        solved_loss(p, &solution);
        for (int j = 0; j < 3; j++)
            feasible =
                feasible && solution.theta[j] >= lower[j] - 1e-12 && solution.theta[j] <= upper[j] + 1e-12;
        if (feasible) best = fmin(best, solution.loss);
        jf_solution_clear(&solution);
    }
    memcpy(p->lower, lower, sizeof lower);
    memcpy(p->upper, upper, sizeof upper);
    memset(p->fixed, 0, 3 * sizeof *p->fixed);
    return best;
}

static void minima_within_bounds_are_the_best_of_all_active_sets(void **state)
{
    static const double boxes[][6] = {{0, INFINITY, 0, INFINITY, 0, INFINITY},
                                      {0, 1, 0.2, 0.5, -1, 1},
                                      {3, 5, 0.2, 2, 0, 1},
                                      {0, INFINITY, 0.5, 0.6, 1, 2},
                                      {-INFINITY, 1.5, 0.1, 3, -INFINITY, INFINITY}};

    (void)state;
    for (size_t i = 0; i < sizeof boxes / sizeof *boxes; i++)
        for (uint64_t draw = 0; draw < 3; draw++) {
            jf_table *table = decay(draw, 2, 0.8, -0.3, 0.05);
            jf_problem *p = test_problem_new("y ~ a*exp(-b*x) + c", table);
            jf_solution solution;
            double found;

            set_bounds(p, "a", boxes[i][0], boxes[i][1]);
            set_bounds(p, "b", boxes[i][2], boxes[i][3]);
            set_bounds(p, "c", boxes[i][4], boxes[i][5]);
            found = solved_loss(p, &solution);
            for (size_t j = 0; j < 3; j++) {
                assert_true(solution.theta[j] >= p->lower[j] && solution.theta[j] <= p->upper[j]);
                if (solution.bound[j])
                    assert_true(solution.theta[j] == (solution.bound[j] < 0 ? p->lower[j] : p->upper[j]));
            }
            if (solution.outcome == JF_FLAT) /* a decay of no height has no rate */
                assert_true(solution.bound[test_parameter(p, "a")] &&
                            solution.unidentified[test_parameter(p, "b")]);
            else
                assert_true(solution.outcome == JF_CONVERGED || solution.outcome == JF_AT_BOUND);
            check_close(found, best_of_all_active_sets(p), 1e-9, "box %zu, draw %d", i, (int)draw);
            jf_solution_clear(&solution);
            test_problem_free(p);
            jf_table_free(table);
        }
}

static void a_start_on_the_wrong_bound_is_left(void **state)
{
    jf_table *table = decay(7, 2, 0.8, 0.5, 0.02);
    jf_problem *p = test_problem_new("y ~ a*exp(-b*x) + c", table);
    jf_solve_options options = test_solve_options();
    double from[3] = {0, 3, 0};
    jf_solution solution;
    jf_error err = {0};

    (void)state;
    set_bounds(p, "a", 0, INFINITY);
    set_bounds(p, "b", 0, 3);
    set_bounds(p, "c", 0, INFINITY);
    from[test_parameter(p, "a")] = 0;
    options.local_only = true;
    options.from = from;
    check_ok(jf_solve(p, &options, &solution, &err), &err);
    assert_int_equal(solution.outcome, JF_CONVERGED);
    check_close(solution.theta[test_parameter(p, "a")], 2, 0.05, "a");
    check_close(solution.theta[test_parameter(p, "b")], 0.8, 0.1, "b");
    jf_solution_clear(&solution);
    test_problem_free(p);
    jf_table_free(table);
}

static void fixed_parameters_keep_their_values_to_the_last_bit(void **state)
{
    jf_table *table = decay(9, 2, 0.8, 0.5, 0.02);
    jf_problem *p = test_problem_new("y ~ a*exp(-b*x) + c", table);
    jf_solution solution;

    (void)state;
    set_bounds(p, "a", -10, 10);
    set_bounds(p, "b", 0.1 + 0.2, 0.1 + 0.2);
    solved_loss(p, &solution);
    assert_true(solution.theta[test_parameter(p, "b")] == 0.1 + 0.2);
    assert_int_equal(solution.outcome, JF_CONVERGED);
    assert_int_equal(solution.rank, 2);
    jf_solution_clear(&solution);
    test_problem_free(p);
    jf_table_free(table);
}

/* A table of N rows with labels a, b, c in turn. */
static jf_table *labelled(void)
{
    static const char *const three[] = {"a", "b", "c"};
    jf_table *table = decay(11, 2, 0.8, 0.5, 0.3);
    const char *cells[N];

    for (size_t i = 0; i < N; i++) cells[i] = three[i * i % 3 == 1 ? i % 3 : (i / 5) % 3];
    test_add_labels(table, "s", cells);
    return table;
}

static void levels_are_the_dummy_columns_they_stand_for(void **state)
{
    static const char *const with_levels[] = {"y ~ h[s]*x + c", "y ~ h[s]*exp(-b*x) + c"};
    static const char *const with_dummies[] = {
        "y ~ (ha*if(s == \"a\", 1, 0) + hb*if(s == \"b\", 1, 0) + hc*if(s == \"c\", 1, 0))*x + c",
        "y ~ (ha*if(s == \"a\", 1, 0) + hb*if(s == \"b\", 1, 0) + hc*if(s == \"c\", 1, 0))*exp(-b*x) + c"};
    static const char *const names[][2] = {{"h[a]", "ha"}, {"h[b]", "hb"}, {"h[c]", "hc"}, {"c", "c"}};
    jf_table *table = labelled();

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        jf_problem *levels = test_problem_new(with_levels[i], table),
                   *dummies = test_problem_new(with_dummies[i], table);
        jf_solution a, b;

        check_close(solved_loss(levels, &a), solved_loss(dummies, &b), 1e-12, "law %zu", i);
        for (size_t j = 0; j < 4; j++)
            check_close(a.theta[test_parameter(levels, names[j][0])],
                        b.theta[test_parameter(dummies, names[j][1])], 1e-9, "law %zu, %s", i, names[j][0]);
        jf_solution_clear(&a);
        jf_solution_clear(&b);
        test_problem_free(levels);
        test_problem_free(dummies);
    }
    jf_table_free(table);
}

static void levels_within_bounds_press_only_those_that_need_it(void **state)
{
    jf_table *table = labelled();
    jf_problem *p = test_problem_new("y ~ h[s]*x + g[s]", table);
    jf_solution solution;

    (void)state;
    for (size_t j = 0; j < p->k; j++) p->lower[j] = 0;
    solved_loss(p, &solution);
    assert_int_equal(solution.outcome, JF_AT_BOUND);
    for (size_t j = 0; j < p->k; j++) assert_true(solution.theta[j] >= 0);
    assert_int_equal(solution.bound[test_parameter(p, "h[a]")], -1); /* y falls with x at every level */
    assert_int_equal(solution.bound[test_parameter(p, "g[a]")], 0);
    jf_solution_clear(&solution);
    test_problem_free(p);
    jf_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(minima_within_bounds_are_the_best_of_all_active_sets),
        cmocka_unit_test(a_start_on_the_wrong_bound_is_left),
        cmocka_unit_test(fixed_parameters_keep_their_values_to_the_last_bit),
        cmocka_unit_test(levels_are_the_dummy_columns_they_stand_for),
        cmocka_unit_test(levels_within_bounds_press_only_those_that_need_it),
    };
    return cmocka_run_group_tests(tests, test_settle_libraries, NULL);
}
