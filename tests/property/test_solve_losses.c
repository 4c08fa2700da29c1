/* Losses other than squares: minima checked by enumeration, by conditions of optimality computed here, and
 * against many starts. */
#include "tests/check.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/stream.h"
#include "tests/problem.h"

static double rho(const jf_loss *loss, double r)
{
    double d = loss->constant, size = fabs(r);

    switch (loss->kind) {
    case JF_LOSS_HUBER: return size <= d ? 0.5 * r * r : d * (size - 0.5 * d);
    case JF_LOSS_L1: return size;
    case JF_LOSS_QUANTILE: return r > 0 ? d * r : (d - 1) * r;
    default: return r * r;
    }
}

static void solve(const jf_problem *p, jf_loss loss, jf_solution *solution)
{
    jf_solve_options options = test_solve_options();
    jf_error err = {0};

    options.loss = loss;
    check_ok(jf_solve(p, &options, solution, &err), &err);
}

/* ---- least absolute deviations and quantiles of straight lines
 * --------------------------------------------- */

enum { LINE = 25 };

static jf_table *line(uint64_t index, double *x, double *y)
{
    static const char *const names[] = {"x", "y"};
    jf_stream stream = jf_stream_make(5, JF_FOR_TESTS, index);
    const double *values[] = {x, y};

    for (size_t i = 0; i < LINE; i++) {
        double noise = jf_stream_normal(&stream);

        x[i] = 10 * jf_stream_uniform(&stream);
        y[i] = 1 + 0.5 * x[i] + noise * noise * noise;
    }
    return test_table(2, names, values, LINE);
}

/* The optimum of a line lies on two of its points. */
static double best_line_through_two_points(const jf_loss *loss, const double *x, const double *y,
                                           const double *w)
{
    double best = INFINITY;

    for (size_t i = 0; i < LINE; i++)
        for (size_t j = 0; j < i; j++) {
            double slope = (y[i] - y[j]) / (x[i] - x[j]), sum = 0;

            for (size_t row = 0; row < LINE; row++)
                sum += (w ? w[row] : 1) * rho(loss, y[row] - y[i] - slope * (x[row] - x[i]));
            best = fmin(best, sum);
        }
    return best;
}

static void lines_of_kinked_losses_go_through_the_best_two_points(void **state)
{
    static const jf_loss losses[] = {
        {JF_LOSS_L1, NAN}, {JF_LOSS_QUANTILE, 0.5}, {JF_LOSS_QUANTILE, 0.9}, {JF_LOSS_QUANTILE, 0.1}};

    (void)state;
    for (size_t l = 0; l < sizeof losses / sizeof *losses; l++)
        for (uint64_t draw = 0; draw < 6; draw++) {
            double x[LINE], y[LINE];
            jf_table *table = line(draw, x, y);
            jf_problem *p = test_problem_new("y ~ a + b*x", table);
            jf_solution s;

            if (draw % 2) {
                p->weight = JF_NEW_ARRAY(double, LINE);
                for (size_t i = 0; i < LINE; i++) p->weight[i] = 0.5 + x[i];
            }
            solve(p, losses[l], &s);
            check_close(s.loss, best_line_through_two_points(&losses[l], x, y, p->weight), 1e-11,
                        "loss %zu, draw %d", l, (int)draw);
            assert_int_equal(s.outcome, JF_CONVERGED);
            assert_true(s.scaled_gradient < 1e-9);
            jf_solution_clear(&s);
            test_problem_free(p);
            jf_table_free(table);
        }
}

static void least_absolute_curves_are_better_than_all_their_neighbours(void **state)
{
    jf_loss l1 = {JF_LOSS_L1, NAN};

    (void)state;
    for (uint64_t draw = 0; draw < 4; draw++) {
        jf_stream stream = jf_stream_make(6, JF_FOR_TESTS, draw);
        double x[LINE], y[LINE];
        jf_table *table = line(draw, x, y);
        jf_problem *p = test_problem_new("y ~ a + exp(b*x)", table);
        jf_solution s;

        solve(p, l1, &s);
        assert_int_equal(s.outcome, JF_CONVERGED);
        for (int trial = 0; trial < 2000; trial++) {
            double size = pow(10, -9 + 8 * jf_stream_uniform(&stream)), sum = 0;
            double a = s.theta[test_parameter(p, "a")] + size * jf_stream_normal(&stream);
            double b = s.theta[test_parameter(p, "b")] + size * jf_stream_normal(&stream);

            for (size_t i = 0; i < LINE; i++) sum += fabs(y[i] - a - exp(b * x[i]));
            assert_true(sum >= s.loss * (1 - 1e-14));
        }
        jf_solution_clear(&s);
        test_problem_free(p);
        jf_table_free(table);
    }
}

/* Copies make as many rows zero as there are copies, and quantiles of few rows have level stretches. */
static void refits_of_quantile_curves_from_near_by_end_on_the_same_vertex(void **state)
{
    static const char *const names[] = {"x", "y"};

    (void)state;
    for (uint64_t draw = 0; draw < 12; draw++) {
        jf_loss loss = {JF_LOSS_QUANTILE, 0.1 + 0.2 * (double)(draw % 5)};
        jf_stream stream = jf_stream_make(7, JF_FOR_TESTS, draw);
        double x[LINE], y[LINE], often_x[3 * LINE], often_y[3 * LINE], near[3];
        const double *values[] = {often_x, often_y};
        jf_solve_options options = test_solve_options();
        jf_error err = {0};
        jf_solution s, again;
        jf_table *table;
        jf_problem *p;

        jf_table_free(line(draw, x, y));
        for (size_t i = 0; i < 3 * LINE; i++)
            often_x[i] = x[i / 3], often_y[i] = y[i / 3] + exp(0.3 * x[i / 3]);
        table = test_table(2, names, values, 3 * LINE);
        p = test_problem_new("y ~ a + c*exp(b*x)", table);
        solve(p, loss, &s);
        assert_true(s.scaled_gradient < 1e-10);
        for (size_t j = 0; j < 3; j++) near[j] = s.theta[j] * (1 + 1e-3 * jf_stream_normal(&stream));
        options.loss = loss;
        options.local_only = true;
        options.from = near;
        check_ok(jf_solve(p, &options, &again, &err), &err);
        check_close(again.loss, s.loss, 1e-12, "draw %d", (int)draw);
        jf_solution_clear(&s);
        jf_solution_clear(&again);
        test_problem_free(p);
        jf_table_free(table);
    }
}

/* ---- a Chinchilla law under Huber's loss with a tiny delta
 * ---------------------------------------------------- */

enum { RUNS = 240 };

typedef struct runs {
    double log_n[RUNS], log_d[RUNS], loss[RUNS];
} runs;

/* L = E + A/N^alpha + B/D^beta with 1 % noise; constants of arXiv 2404.10102. */
static jf_table *chinchilla(runs *r)
{
    static const char *const names[] = {"N", "D", "L"};
    jf_stream stream = jf_stream_make(20260101, JF_FOR_TESTS, 0);
    double n[RUNS], d[RUNS];
    const double *values[] = {n, d, r->loss};

    for (size_t i = 0; i < RUNS; i++) {
        n[i] = exp(log(4e7) + jf_stream_uniform(&stream) * log(1.6e10 / 4e7));
        d[i] = exp(log(1e9) + jf_stream_uniform(&stream) * log(5e11 / 1e9));
        r->log_n[i] = log(n[i]);
        r->log_d[i] = log(d[i]);
        r->loss[i] = (1.8172 + 482.01 / pow(n[i], 0.3478) + 2085.43 / pow(d[i], 0.3658)) *
                     exp(0.01 * jf_stream_normal(&stream));
    }
    return test_table(3, names, values, RUNS);
}

static const char CHINCHILLA[] = "log(L) ~ lse(a - alpha*log(N), b - beta*log(D), e)";

static void set_range(jf_problem *p, const char *name, double low, double high)
{
    size_t j = test_parameter(p, name);

    p->range_low[j] = low;
    p->range_high[j] = high;
}

static jf_problem *chinchilla_problem(const jf_table *table)
{
    jf_problem *p = test_problem_new(CHINCHILLA, table);

    set_range(p, "a", 0, 25);
    set_range(p, "b", 0, 25);
    set_range(p, "e", -1, 1);
    set_range(p, "alpha", 0, 2);
    set_range(p, "beta", 0, 2);
    return p;
}

/* Largest cosine between a column of the Jacobian and the slopes of the loss, by formulas of our own. */
static double cosine(const runs *r, const double *theta, const jf_problem *p, double delta)
{
    double a = theta[test_parameter(p, "a")], alpha = theta[test_parameter(p, "alpha")];
    double b = theta[test_parameter(p, "b")], beta = theta[test_parameter(p, "beta")],
           e = theta[test_parameter(p, "e")];
    double g[5] = {0}, column[5] = {0}, size = 0, worst = 0;

    for (size_t i = 0; i < RUNS; i++) {
        double x = exp(a - alpha * r->log_n[i]), y = exp(b - beta * r->log_d[i]), z = exp(e), sum = x + y + z;
        double j[5] = {x / sum, -x / sum * r->log_n[i], y / sum, -y / sum * r->log_d[i], z / sum};
        double psi = fmax(-delta, fmin(delta, log(r->loss[i]) - log(sum)));

        size += psi * psi;
        for (int c = 0; c < 5; c++) g[c] += psi * j[c], column[c] += j[c] * j[c];
    }
    for (int c = 0; c < 5; c++) worst = fmax(worst, fabs(g[c]) / sqrt(column[c] * size));
    return worst;
}

static void tiny_huber_reaches_the_best_of_many_starts_with_a_vanishing_gradient(void **state)
{
    runs r;
    jf_table *table = chinchilla(&r);
    jf_problem *p = chinchilla_problem(table);
    jf_loss huber = {JF_LOSS_HUBER, 1e-3};
    jf_solve_options options = test_solve_options();
    jf_stream stream = jf_stream_make(8, JF_FOR_TESTS, 0);
    jf_solution found, other;
    double best = INFINITY;
    jf_error err = {0};

    (void)state;
    solve(p, huber, &found);
    assert_int_equal(found.outcome, JF_CONVERGED);
    assert_true(found.scaled_gradient < 1e-6);
    assert_true(cosine(&r, found.theta, p, 1e-3) < 1e-6);
    options.loss = huber;
    options.local_only = true;
    for (int start = 0; start < 300; start++) {
        double from[5];

        for (size_t j = 0; j < 5; j++)
            from[j] = p->range_low[j] + jf_stream_uniform(&stream) * (p->range_high[j] - p->range_low[j]);
        options.from = from;
        check_ok(jf_solve(p, &options, &other, &err), &err);
        if (other.outcome != JF_FAILED) best = fmin(best, other.loss);
        jf_solution_clear(&other);
    }
    assert_true(found.loss <= best * (1 + 1e-9));
    check_close(found.loss, best, 1e-9, "best of 300 starts");
    jf_solution_clear(&found);
    test_problem_free(p);
    jf_table_free(table);
}

/* ---- outliers ---------------------------------------------------------------------------------------------
 */

static void redescending_losses_ignore_gross_outliers(void **state)
{
    static const jf_loss losses[] = {
        {JF_LOSS_TUKEY, NAN}, {JF_LOSS_CAUCHY, NAN}, {JF_LOSS_TUKEY, 2}, {JF_LOSS_CAUCHY, 0.5}};
    static const char *const laws[] = {"y ~ a + b*x", "y ~ a + exp(c*x)"};
    static const char *const names[] = {"x", "y"};

    (void)state;
    for (size_t law = 0; law < 2; law++)
        for (size_t l = 0; l < sizeof losses / sizeof *losses; l++) {
            jf_stream stream = jf_stream_make(9, JF_FOR_TESTS, law);
            double x[60], y[60];
            const double *values[] = {x, y};
            jf_table *table;
            jf_problem *p;
            jf_solution s;

            for (size_t i = 0; i < 60; i++) {
                x[i] = 0.05 * (double)i;
                y[i] = 1 + (law ? exp(0.7 * x[i]) : 0.5 * x[i]) + 0.05 * jf_stream_normal(&stream);
                if (i % 6 == 5) y[i] += 40;
            }
            table = test_table(2, names, values, 60);
            p = test_problem_new(laws[law], table);
            solve(p, losses[l], &s);
            assert_int_equal(s.outcome, JF_CONVERGED);
            assert_true(isfinite(s.loss_constant));
            check_close(s.theta[test_parameter(p, "a")], 1, 0.06, "law %zu, loss %zu: a", law, l);
            if (law)
                check_close(s.theta[test_parameter(p, "c")], 0.7, 0.02, "loss %zu: c", l);
            else
                check_close(s.theta[test_parameter(p, "b")], 0.5, 0.06, "loss %zu: b", l);
            jf_solution_clear(&s);
            test_problem_free(p);
            jf_table_free(table);
        }
}

static void huber_with_a_large_delta_is_least_squares(void **state)
{
    double x[LINE], y[LINE];
    jf_table *table = line(3, x, y);
    jf_problem *p = test_problem_new("y ~ a + exp(b*x)", table);
    jf_solution squares, huber;

    (void)state;
    solve(p, (jf_loss){JF_LOSS_LS, NAN}, &squares);
    solve(p, (jf_loss){JF_LOSS_HUBER, 1e6}, &huber);
    check_close(2 * huber.loss, squares.loss, 1e-12, "loss");
    for (size_t j = 0; j < 2; j++) check_close(huber.theta[j], squares.theta[j], 1e-9, "parameter %zu", j);
    jf_solution_clear(&squares);
    jf_solution_clear(&huber);
    test_problem_free(p);
    jf_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_kinked_losses_go_through_the_best_two_points),
        cmocka_unit_test(refits_of_quantile_curves_from_near_by_end_on_the_same_vertex),
        cmocka_unit_test(least_absolute_curves_are_better_than_all_their_neighbours),
        cmocka_unit_test(tiny_huber_reaches_the_best_of_many_starts_with_a_vanishing_gradient),
        cmocka_unit_test(redescending_losses_ignore_gross_outliers),
        cmocka_unit_test(huber_with_a_large_delta_is_least_squares),
    };
    return cmocka_run_group_tests(tests, test_settle_libraries, NULL);
}
