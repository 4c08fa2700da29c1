/* Laws that are hard to find, from no start and whatever the seed: Chinchilla under a tiny Huber delta
 * against the grid of 4,500 starts of Hoffmann et al. 2022, descended by another solver; and laws with
 * breaks, sums of exponentials and saturations. */
#include "tests/check.h"

#include <gsl/gsl_multimin.h>
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/stream.h"
#include "tests/problem.h"

enum { RUNS = 240, EVERY = 29 /* shares no factor with the sides of the grid */ };

/* ---- Chinchilla ---- */

static const double DELTA = 1e-3;
static const char CHINCHILLA[] = "log(L) ~ lse(a - alpha*log(N), b - beta*log(D), e)";

typedef struct runs {
    double n[RUNS], d[RUNS], loss[RUNS], log_n[RUNS], log_d[RUNS], log_loss[RUNS];
} runs;

/* L = E + A/N^alpha + B/D^beta with 1 % noise; constants of arXiv 2404.10102. */
static void draw_runs(runs *r)
{
    jf_stream stream = jf_stream_make(4500, JF_FOR_TESTS, 0);

    for (size_t i = 0; i < RUNS; i++) {
        r->n[i] = 4e7 * pow(400, jf_stream_uniform(&stream));
        r->d[i] = 1e9 * pow(500, jf_stream_uniform(&stream));
        r->loss[i] = (1.8172 + 482.01 / pow(r->n[i], 0.3478) + 2085.43 / pow(r->d[i], 0.3658)) *
                     exp(0.01 * jf_stream_normal(&stream));
        r->log_n[i] = log(r->n[i]), r->log_d[i] = log(r->d[i]), r->log_loss[i] = log(r->loss[i]);
    }
}

/* Huber's loss over delta, and its gradient by a, b, e, alpha, beta. */
static void huber(const gsl_vector *at, void *context, double *value, gsl_vector *gradient)
{
    const runs *r = context;
    double g[5] = {0}, sum = 0;

    for (size_t i = 0; i < RUNS; i++) {
        double log_n = r->log_n[i], log_d = r->log_d[i];
        double x = exp(gsl_vector_get(at, 0) - gsl_vector_get(at, 3) * log_n);
        double y = exp(gsl_vector_get(at, 1) - gsl_vector_get(at, 4) * log_d), z = exp(gsl_vector_get(at, 2));
        double miss = log(x + y + z) - r->log_loss[i], size = fabs(miss);
        double slope = fmax(-1, fmin(1, miss / DELTA)) / (x + y + z);

        sum += size <= DELTA ? 0.5 * size * size / DELTA : size - 0.5 * DELTA;
        g[0] += slope * x, g[1] += slope * y, g[2] += slope * z;
        g[3] -= slope * x * log_n, g[4] -= slope * y * log_d;
    }
    if (value) *value = sum;
    for (size_t j = 0; j < 5 && gradient; j++) gsl_vector_set(gradient, j, g[j]);
}

static double huber_value(const gsl_vector *at, void *context)
{
    double value;

    huber(at, context, &value, NULL);
    return value;
}

static void huber_gradient(const gsl_vector *at, void *context, gsl_vector *gradient)
{
    huber(at, context, NULL, gradient);
}

/* Where BFGS comes to from start `index` of the grid. */
static double descend(gsl_multimin_fdfminimizer *bfgs, gsl_multimin_function_fdf *law, size_t index)
{
    double start[5] = {5.0 * (double)(index % 6), 5.0 * (double)(index / 6 % 6),
                       -1 + 0.5 * (double)(index / 36 % 5), 0.5 * (double)(index / 180 % 5),
                       0.5 * (double)(index / 900)};
    gsl_vector_view view = gsl_vector_view_array(start, 5);

    gsl_multimin_fdfminimizer_set(bfgs, law, &view.vector, 0.01, 0.1);
    for (int step = 0; step < 300 && gsl_multimin_fdfminimizer_iterate(bfgs) == GSL_SUCCESS; step++)
        if (step == 60 && bfgs->f > 2 * RUNS * 0.01) break; /* a plateau: such starts never came down */
    return bfgs->f;
}

static double best_of_the_grid(runs *r)
{
    gsl_multimin_function_fdf law = {huber_value, huber_gradient, huber, 5, r};
    gsl_multimin_fdfminimizer *bfgs =
        gsl_multimin_fdfminimizer_alloc(gsl_multimin_fdfminimizer_vector_bfgs2, 5);
    double best = INFINITY;

    for (size_t i = 0; i < 4500; i += EVERY) {
        double end = descend(bfgs, &law, i);

        if (end < best) best = end;
    }
    gsl_multimin_fdfminimizer_free(bfgs);
    return DELTA * best;
}

static jf_problem *bind(const char *text, const jf_table *table, jf_law **law)
{
    jf_fit_options settings = {.error = NULL};
    jf_problem *problem;
    jf_error err = {0};

    check_ok(jf_law_read(text, law, &err), &err);
    check_ok(jf_problem_build(*law, table, NULL, 0, &settings, NULL, &problem, &err), &err);
    return problem;
}

static void chinchilla_under_huber_is_the_best_that_another_solver_finds(void **state)
{
    static const char *const names[] = {"N", "D", "L"};
    runs *r = JF_NEW(runs);
    const double *values[] = {r->n, r->d, r->loss};
    double best;
    jf_table *table;
    jf_law *law;
    jf_problem *p;

    (void)state;
    draw_runs(r);
    best = best_of_the_grid(r);
    table = test_table(3, names, values, RUNS);
    p = bind(CHINCHILLA, table, &law);
    for (uint64_t seed = 1; seed <= 3; seed++) {
        jf_solve_options options = test_solve_options();
        jf_solution found;
        jf_error err = {0};

        options.seed = seed;
        options.loss = (jf_loss){JF_LOSS_HUBER, DELTA};
        check_ok(jf_solve(p, &options, &found, &err), &err);
        assert_int_equal(found.outcome, JF_CONVERGED);
        assert_true(found.scaled_gradient < 1e-6);
        assert_true(found.loss <= best * (1 + 1e-9));
        check_close(found.loss, best, 1e-6, "seed %d: best of the grid", (int)seed);
        assert_true(found.starts_finished <= options.starts / 2); /* most starts agree: no search goes on */
        jf_solution_clear(&found);
    }
    jf_problem_free(p);
    jf_law_free(law);
    jf_table_free(table);
    jf_free(r);
}

/* ---- other hard laws ---- */

typedef struct hard {
    const char *law;
    double low, high; /* of x */
    const char *names[8];
    double values[8];
} hard;

static const hard laws[] = {
    {"y ~ b*x^-c0*(1 + (x/d)^(1/f))^(-c1*f)",
     1e2,
     1e8,
     {"b", "c0", "d", "f", "c1"},
     {8, 0.1, 3e4, 0.3, 0.25}},
    {"y ~ e + b*x^-c0*(1 + (x/d)^(1/f))^(-c1*f)",
     1e2,
     1e8,
     {"e", "b", "c0", "d", "f", "c1"},
     {0.5, 8, 0.1, 3e4, 0.3, 0.35}},
    {"y ~ a1*exp(-k1*x) + a2*exp(-k2*x)", 0.01, 10, {"a1", "k1", "a2", "k2"}, {3, 0.4, 2, 4}},
    {"y ~ c + a1*exp(-k1*x) + a2*exp(-k2*x)", 0.01, 20, {"c", "a1", "k1", "a2", "k2"}, {1, 3, 0.4, 2, 4}},
    {"y ~ lo + (hi - lo)/(1 + exp(-s*(log(x) - m)))", 1e3, 1e9, {"lo", "hi", "s", "m"}, {0.2, 0.9, 1.3, 13}},
};

/* The law at the planted values, with noise of one in a thousand of each; `noise`: the sum of its squares. */
static jf_table *plant(const hard *h, uint64_t index, double *noise)
{
    static const char *const names[] = {"x", "y"};
    jf_stream stream = jf_stream_make(77, JF_FOR_TESTS, index);
    double x[RUNS], y[RUNS], theta[8], squares = 0;
    const double *values[] = {x, y};
    jf_table *table;
    jf_problem *plain;
    jf_arena *arena;
    jf_error err = {0};

    for (size_t i = 0; i < RUNS; i++)
        x[i] = h->low * pow(h->high / h->low, jf_stream_uniform(&stream)), y[i] = 1;
    table = test_table(2, names, values, RUNS);
    plain = test_problem_new(h->law, table);
    for (size_t j = 0; j < plain->k; j++) theta[test_parameter(plain, h->names[j])] = h->values[j];
    check_ok(jf_arena_new(plain->formula, JF_VALUE, &arena, &err), &err);
    jf_formula_values(plain->formula, plain->inputs, arena, theta, y);
    for (size_t i = 0; i < RUNS; i++) {
        double e = 1e-3 * y[i] * jf_stream_normal(&stream);

        y[i] += e;
        squares += e * e;
    }
    *noise = squares;
    jf_arena_free(arena);
    test_problem_free(plain);
    jf_table_free(table);
    return test_table(2, names, values, RUNS);
}

static void hard_laws_are_found_from_every_seed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof laws / sizeof *laws; i++) {
        double noise, first = NAN;
        jf_table *table = plant(&laws[i], i, &noise);
        jf_law *law;
        jf_problem *p = bind(laws[i].law, table, &law);

        for (uint64_t seed = 1; seed <= 3; seed++) {
            jf_solve_options options = test_solve_options();
            jf_solution found;
            jf_error err = {0};

            options.seed = seed;
            check_ok(jf_solve(p, &options, &found, &err), &err);
            if (!(found.loss <= noise))
                fail_msg("%s, seed %d: squares of %g left, the noise has %g", laws[i].law, (int)seed,
                         found.loss, noise);
            if (seed == 1) first = found.loss;
            check_close(found.loss, first, 1e-7, "%s, seed %d", laws[i].law, (int)seed);
            jf_solution_clear(&found);
        }
        jf_problem_free(p);
        jf_law_free(law);
        jf_table_free(table);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chinchilla_under_huber_is_the_best_that_another_solver_finds),
        cmocka_unit_test(hard_laws_are_found_from_every_seed),
    };
    return cmocka_run_group_tests(tests, test_settle_libraries, NULL);
}
