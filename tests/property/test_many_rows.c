/* More rows than one chunk: what threads bring together in parts is what one sum over all rows says. */
#include <math.h>
#include "core/memory.h"
#include "core/stream.h"
#include "fit/problem/objective.h"
#include "tests/check.h"
#include "tests/problem.h"

enum { N = 30001, MOST = 8 };

static const char LAW[] = "y ~ a*exp(-b*x) + r[s]";

static jf_table *draw_table(void)
{
    const char *names[] = {"x", "y"}, **cells = JF_NEW_ARRAY(const char *, N);
    double *x = JF_NEW_ARRAY(double, N), *y = JF_NEW_ARRAY(double, N);
    const double *values[] = {x, y};
    jf_stream stream = jf_stream_make(8, JF_FOR_TESTS, 0);
    jf_table *table;

    assert_true(x && y && cells);
    for (size_t i = 0; i < N; i++) {
        x[i] = 3 * jf_stream_uniform(&stream);
        y[i] = 2 * exp(-0.7 * x[i]) + (double)(i % 2) + 0.1 * jf_stream_normal(&stream);
        cells[i] = i % 2 ? "odd" : "even";
    }
    table = test_table(2, names, values, N);
    test_add_labels(table, "s", cells);
    jf_free(x);
    jf_free(y);
    jf_free((void *)cells);
    return table;
}

typedef struct world {
    jf_table *table;
    jf_problem *problem;
    jf_objective *objective;
    jf_point point;
} world;

static int set_up(void **state)
{
    static world w;
    jf_penalty squares = {{JF_LOSS_LS, NAN}, 0};
    jf_error err = {0};

    test_settle_libraries(state);
    w.table = draw_table();
    w.problem = test_problem_new(LAW, w.table);
    w.problem->threads = 3;
    check_ok(jf_objective_new(w.problem, &squares, &w.objective, &err), &err);
    check_ok(jf_point_new(w.problem->k, &w.point, &err), &err);
    for (size_t j = 0; j < w.problem->k; j++) w.point.theta[j] = 0.5 + 0.25 * (double)j;
    *state = &w;
    return 0;
}

static int tear_down(void **state)
{
    world *w = *state;

    jf_point_clear(&w->point);
    jf_objective_free(w->objective);
    test_problem_free(w->problem);
    jf_table_free(w->table);
    return 0;
}

/* R'R is the sum of J J', R'd that of J r, and d with the rest is as long as r. */
static void the_joined_triangle_holds_the_normal_equations(void **state)
{
    world *w = *state;
    size_t k = w->problem->k;
    jf_triangle *t = NULL;
    jf_error err = {0};
    double length = 0;

    assert_true(jf_objective_at(w->objective, &w->point, false));
    check_ok(jf_triangle_new(k, N, &t, &err), &err);
    assert_true(jf_objective_triangle(w->objective, w->point.theta, NULL, NULL, t));
    jf_triangle_close(t);
    for (size_t i = 0; i < k; i++) {
        double pull = 0;

        for (size_t j = 0; j < k; j++) {
            double product = 0;

            for (size_t m = 0; m < k; m++) product += jf_triangle_r(t, m, i) * jf_triangle_r(t, m, j);
            check_close(1 + product / N, 1 + w->point.normal[i + j * k] / N, 1e-13,
                        "product of columns %zu and %zu", i, j);
        }
        for (size_t m = 0; m < k; m++) pull += jf_triangle_r(t, m, i) * jf_triangle_d(t, m);
        check_close(1 + pull / N, 1 - w->point.gradient[i] / N, 1e-13, "pull on parameter %zu", i);
        length += jf_triangle_d(t, i) * jf_triangle_d(t, i);
    }
    length += jf_triangle_rest(t) * jf_triangle_rest(t);
    check_close(length, 2 * w->point.loss, 1e-11, "squares");
    jf_triangle_free(t);
}

static void sums_of_twice_the_digits_are_those_of_doubles(void **state)
{
    world *w = *state;
    size_t k = w->problem->k;
    double gradient[MOST], length[MOST], loss;

    assert_true(jf_objective_at(w->objective, &w->point, false));
    loss = w->point.loss;
    for (size_t j = 0; j < k; j++) gradient[j] = w->point.gradient[j], length[j] = w->point.length[j];
    assert_true(jf_objective_precise(w->objective, &w->point));
    check_close(w->point.loss, loss, 1e-13, "loss");
    for (size_t j = 0; j < k; j++) {
        check_close(w->point.gradient[j], gradient[j], 1e-11, "gradient by parameter %zu", j);
        check_close(w->point.length[j], length[j], 1e-13, "length of column %zu", j);
    }
}

static void a_row_that_is_not_finite_is_seen_in_any_chunk(void **state)
{
    world *w = *state;
    double kept = w->problem->response[N - 1], theta[MOST];
    jf_triangle *t = NULL;
    jf_error err = {0};

    for (size_t j = 0; j < w->problem->k; j++) theta[j] = w->point.theta[j];
    check_ok(jf_triangle_new(w->problem->k, N, &t, &err), &err);
    w->problem->response[N - 1] = NAN;
    assert_false(jf_objective_at(w->objective, &w->point, false));
    assert_false(jf_objective_precise(w->objective, &w->point));
    assert_false(jf_objective_triangle(w->objective, theta, NULL, NULL, t));
    assert_false(w->objective->starved);
    w->problem->response[N - 1] = kept;
    jf_triangle_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_joined_triangle_holds_the_normal_equations),
        cmocka_unit_test(sums_of_twice_the_digits_are_those_of_doubles),
        cmocka_unit_test(a_row_that_is_not_finite_is_seen_in_any_chunk),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
