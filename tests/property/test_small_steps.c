/* The lean solver: its steps of reweighted squares against those of exact second derivatives. */
#include <math.h>
#include <string.h>
#include "core/stream.h"
#include "fit/problem/loss.h"
#include "fit/solve/small.h"
#include "tests/check.h"
#include "tests/problem.h"

enum { N = 120, STEPS = 2000 };

static const char LAW[] = "y ~ lse(p - q*x, e)";
static const double START[] = {3, 1, 0}; /* p, q, e */

static jf_table *draw_table(void)
{
    static double x[N], y[N];
    const char *names[] = {"x", "y"};
    const double *values[] = {x, y};
    jf_stream stream = jf_stream_make(6, JF_FOR_TESTS, 0);

    for (size_t i = 0; i < N; i++) {
        x[i] = 4 * jf_stream_uniform(&stream);
        y[i] = 0.4 + log1p(exp(1.5 - x[i])) + 0.03 * jf_stream_normal(&stream);
    }
    return test_table(2, names, values, N);
}

/* Where the loss is convex in the residuals, some hundred steps of reweighted squares end where Newton's do.
 */
static const char *const losses[] = {"huber:0.02", "softl1:0.02", "huber:1e-3"};

static void solve(const jf_problem *problem, const char *loss, bool reweighted, jf_minimum *m)
{
    jf_penalty penalty = {0};
    jf_objective *objective = NULL;
    jf_small *small = NULL;
    jf_error err = {0};
    jf_small_options options = {.max_iterations = STEPS, .tolerance = 1e-6, .reweighted = reweighted};

    check_ok(jf_loss_read(loss, &penalty.loss, &err), &err);
    check_ok(jf_objective_new(problem, &penalty, &objective, &err), &err);
    check_ok(jf_small_new(problem, &small, &err), &err);
    check_ok(jf_minimum_new(problem->k, m, &err), &err);
    for (size_t j = 0; j < problem->k; j++) {
        const char *name = jf_formula_parameter(problem->formula, j)->name;

        m->theta[j] = START[name[0] == 'p' ? 0 : name[0] == 'q' ? 1 : 2];
    }
    assert_true(jf_small_solve(small, objective, &options, m));
    jf_small_free(small);
    jf_objective_free(objective);
}

static void reweighted_squares_come_to_the_minimum_of_the_loss(void **state)
{
    jf_table *table = draw_table();
    jf_problem *problem = test_problem_new(LAW, table);

    (void)state;
    for (size_t l = 0; l < sizeof losses / sizeof *losses; l++) {
        jf_minimum exact = {0}, reweighted = {0};

        solve(problem, losses[l], false, &exact);
        solve(problem, losses[l], true, &reweighted);
        assert_true(exact.converged);
        check_close(reweighted.loss, exact.loss, 1e-5, "%s: loss", losses[l]);
        jf_minimum_clear(&exact);
        jf_minimum_clear(&reweighted);
    }
    test_problem_free(problem);
    jf_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reweighted_squares_come_to_the_minimum_of_the_loss),
    };
    return cmocka_run_group_tests(tests, test_settle_libraries, NULL);
}
