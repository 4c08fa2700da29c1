/* Refits of linear laws from derivatives that are kept: the solution of record on the same rows, or none. */
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/stream.h"
#include "fit/infer/refit_linear.h"
#include "fit/problem/loss.h"
#include "tests/check.h"
#include "tests/problem.h"

enum { N = 301, RESAMPLES = 20 }; /* rows that do not go into whole steps of the loops */

static const char LAW[] = "y ~ a + b*x + c*sqrt(u) + r[s = \"s0\"]";
static const jf_loss SQUARES = {JF_LOSS_LS, NAN};

static jf_table *draw_table(void)
{
    static double x[N], u[N], y[N];
    static const char *const labels[] = {"s0", "s1", "s2"};
    const char *names[] = {"x", "u", "y"}, *cells[N];
    const double *values[] = {x, u, y};
    jf_stream stream = jf_stream_make(4, JF_FOR_TESTS, 0);
    jf_table *table;

    for (size_t i = 0; i < N; i++) {
        cells[i] = labels[i % 3];
        x[i] = 20 + jf_stream_uniform(&stream); /* far from zero: the sums lose digits, the refits must not */
        u[i] = 9 * jf_stream_uniform(&stream);
        y[i] = 1 + 2 * x[i] - 0.5 * sqrt(u[i]) + (double)(i % 3) + 0.1 * jf_stream_normal(&stream);
    }
    table = test_table(3, names, values, N);
    test_add_labels(table, "s", cells);
    return table;
}

typedef struct world {
    jf_table *table;
    jf_problem *problem;
    double counts[N], weight[N], response[N], all_ones[N];
} world;

static int set_up(void **state)
{
    static world w;

    test_settle_libraries(state);
    w.table = draw_table();
    w.problem = test_problem_new(LAW, w.table);
    *state = &w;
    return 0;
}

static int tear_down(void **state)
{
    world *w = *state;

    test_problem_free(w->problem);
    jf_table_free(w->table);
    return 0;
}

static jf_refit_linear *open(const jf_problem *problem)
{
    jf_refit_linear *linear = NULL;
    jf_error err = {0};

    check_ok(jf_refit_linear_new(problem, 1e-13, &linear, &err), &err);
    return linear;
}

static void draw(world *w, size_t resample)
{
    jf_stream stream = jf_stream_make(5, JF_FOR_TESTS, resample);

    memset(w->counts, 0, sizeof w->counts);
    for (size_t i = 0; i < N; i++) {
        w->counts[jf_stream_below(&stream, N)] += 1;
        w->response[i] = w->problem->response[i] + jf_stream_normal(&stream);
    }
}

/* The same rows through QR with residuals in twice the digits. A gradient of 1e-13 leaves the intercept,
 * which is known to 4 or so, open by 1e-11 of that. */
static void check_refit(const world *w, const double *theta, double loss, const char *what)
{
    jf_problem same = *w->problem;
    jf_solve_options options = test_solve_options();
    jf_solution wanted = {0};
    jf_error err = {0};
    double weight[N];

    for (size_t i = 0; i < N; i++) weight[i] = w->counts[i] * (same.weight ? same.weight[i] : 1);
    same.weight = weight;
    same.response = (double *)w->response;
    options.loss = SQUARES;
    check_ok(jf_solve(&same, &options, &wanted, &err), &err);
    for (size_t j = 0; j < same.k; j++)
        check_close(theta[j], wanted.theta[j], 1e-8, "%s: parameter %zu", what, j);
    check_close(2 * loss, wanted.loss, 1e-12, "%s: loss", what);
    jf_solution_clear(&wanted);
}

static void check_resamples(world *w, const char *what)
{
    jf_refit_linear *linear = open(w->problem);

    for (size_t r = 0; r < RESAMPLES; r++) {
        double theta[8], loss;

        draw(w, r);
        assert_true(jf_refit_linear_run(linear, w->counts, w->response, theta, &loss));
        check_refit(w, theta, loss, what);
    }
    jf_refit_linear_free(linear);
}

static void a_refit_is_the_solution_of_record(void **state)
{
    world *w = *state;
    size_t c = test_parameter(w->problem, "c");

    check_resamples(w, "all free");
    for (size_t i = 0; i < N; i++) w->weight[i] = 1 + (double)(i % 5);
    w->problem->weight = w->weight;
    check_resamples(w, "weighted");
    w->problem->fixed[c] = true;
    w->problem->lower[c] = w->problem->upper[c] = -0.3;
    check_resamples(w, "weighted, one fixed");
    w->problem->fixed[c] = false;
    w->problem->lower[c] = -INFINITY;
    w->problem->upper[c] = INFINITY;
    w->problem->weight = NULL;
}

static void without_counts_all_rows_count_once(void **state)
{
    world *w = *state;
    jf_refit_linear *linear = open(w->problem);
    double theta[8], loss;

    for (size_t i = 0; i < N; i++) w->counts[i] = 1;
    memcpy(w->response, w->problem->response, sizeof w->response);
    assert_true(jf_refit_linear_run(linear, NULL, NULL, theta, &loss));
    check_refit(w, theta, loss, "as it is");
    jf_refit_linear_free(linear);
}

static void what_the_rows_do_not_tell_is_refused(void **state)
{
    world *w = *state;
    jf_refit_linear *linear = open(w->problem);
    double theta[8], loss;

    for (size_t i = 0; i < N; i++) w->counts[i] = i % 3 != 2; /* a level without rows */
    assert_false(jf_refit_linear_run(linear, w->counts, NULL, theta, &loss));
    for (size_t i = 0; i < N; i++) w->counts[i] = i < 4; /* fewer rows than parameters */
    assert_false(jf_refit_linear_run(linear, w->counts, NULL, theta, &loss));
    jf_refit_linear_free(linear);
}

static void a_minimum_beyond_a_bound_is_refused(void **state)
{
    world *w = *state;
    jf_refit_linear *linear = open(w->problem);
    size_t b = test_parameter(w->problem, "b");
    double theta[8], loss;

    w->problem->upper[b] = 1;
    assert_false(jf_refit_linear_run(linear, NULL, NULL, theta, &loss));
    w->problem->upper[b] = 3;
    assert_true(jf_refit_linear_run(linear, NULL, NULL, theta, &loss));
    w->problem->upper[b] = INFINITY;
    jf_refit_linear_free(linear);
}

static void only_squares_of_linear_laws_suit(void **state)
{
    const world *w = *state;
    jf_problem *curved = test_problem_new("y ~ a + x^b", w->table);
    jf_loss huber = {JF_LOSS_HUBER, 1};

    assert_true(jf_refit_linear_suits(w->problem, &SQUARES));
    assert_false(jf_refit_linear_suits(w->problem, &huber));
    assert_false(jf_refit_linear_suits(curved, &SQUARES));
    test_problem_free(curved);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refit_is_the_solution_of_record),
        cmocka_unit_test(without_counts_all_rows_count_once),
        cmocka_unit_test(what_the_rows_do_not_tell_is_refused),
        cmocka_unit_test(a_minimum_beyond_a_bound_is_refused),
        cmocka_unit_test(only_squares_of_linear_laws_suit),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
