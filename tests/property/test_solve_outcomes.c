/* What is said of a fit: exact data, data that tell too little, starts without a value, threads, rescaling,
 * failing memory. */
#include "tests/check.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/stream.h"
#include "tests/problem.h"

enum { N = 60 };

typedef struct columns {
    double x[N], z[N], y[N];
} columns;

static jf_table *table_of(const columns *c, size_t n)
{
    static const char *const names[] = {"x", "z", "y"};
    const double *values[] = {c->x, c->z, c->y};

    return test_table(3, names, values, n);
}

/* y = 2 exp(-0.7 x) + 0.3 z, plus noise. */
static columns decay(double noise)
{
    jf_stream stream = jf_stream_make(21, JF_FOR_TESTS, 0);
    columns c;

    for (size_t i = 0; i < N; i++) {
        c.x[i] = 4 * jf_stream_uniform(&stream);
        c.z[i] = jf_stream_normal(&stream);
        c.y[i] = 2 * exp(-0.7 * c.x[i]) + 0.3 * c.z[i] + noise * jf_stream_normal(&stream);
    }
    return c;
}

static const char DECAY[] = "y ~ a*exp(-b*x) + c*z";

static jf_solution solve(const jf_problem *p, const jf_solve_options *options)
{
    jf_solution solution;
    jf_error err = {0};

    check_ok(jf_solve(p, options, &solution, &err), &err);
    return solution;
}

static void set_ranges(jf_problem *p, double low, double high)
{
    for (size_t j = 0; j < p->k; j++) p->range_low[j] = low, p->range_high[j] = high;
}

static void exact_data_are_fitted_to_the_last_digits(void **state)
{
    static const char *const losses[] = {"ls", "huber:0.1", "cauchy", "l1", "quantile:0.3"};
    columns c = decay(0);
    jf_table *table = table_of(&c, N);
    jf_problem *p = test_problem_new(DECAY, table);

    (void)state;
    set_ranges(p, -3, 3);
    for (size_t l = 0; l < sizeof losses / sizeof *losses; l++) {
        jf_solve_options options = test_solve_options();
        jf_error err = {0};
        jf_solution s;

        check_ok(jf_loss_read(losses[l], &options.loss, &err), &err);
        s = solve(p, &options);
        assert_int_equal(s.outcome, JF_CONVERGED);
        check_close(s.theta[test_parameter(p, "a")], 2, 1e-12, "%s: a", losses[l]);
        check_close(s.theta[test_parameter(p, "b")], 0.7, 1e-12, "%s: b", losses[l]);
        check_close(s.theta[test_parameter(p, "c")], 0.3, 1e-12, "%s: c", losses[l]);
        jf_solution_clear(&s);
    }
    test_problem_free(p);
    jf_table_free(table);
}

static void parameters_that_the_data_do_not_tell_are_named(void **state)
{
    static const struct {
        const char *law;
        size_t rows, rank;
    } cases[] = {{"y ~ a + b*x + c*(2*x + 1)", N, 2},     {"y ~ a + b*x + c*x^2 + d*x^3", 2, 2},
                 {"y ~ a + (b + c)*x + d*exp(-x)", N, 3}, {"y ~ c - exp(a + b)*x", N, 2},
                 {"y ~ a*exp(-b*x)*exp(c) + d*z", N, 3},  {"y ~ a*exp(b*x) + c*exp(d*z)", 3, 3}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        columns c = decay(0.1);
        jf_table *table = table_of(&c, cases[i].rows);
        jf_problem *p = test_problem_new(cases[i].law, table);
        jf_solve_options options = test_solve_options();
        jf_solution s = solve(p, &options);
        size_t lost = 0;

        for (size_t j = 0; j < p->k; j++) lost += s.unidentified[j];
        if (s.outcome != JF_FLAT || s.rank != cases[i].rank)
            fail_msg("%s: outcome %d, rank %zu, gradient %g", cases[i].law, (int)s.outcome, s.rank,
                     s.scaled_gradient);
        assert_true(lost >= p->k - s.rank);
        assert_non_null(strstr(s.failure, "parameter '"));
        for (size_t j = 0; j < p->k; j++) assert_true(isfinite(s.theta[j]));
        jf_solution_clear(&s);
        test_problem_free(p);
        jf_table_free(table);
    }
}

static void a_start_on_a_plateau_is_left_or_told(void **state)
{
    columns c = decay(0.02);
    jf_table *table = table_of(&c, N);
    jf_problem *p = test_problem_new(DECAY, table);
    jf_solve_options options = test_solve_options();
    double from[3];
    jf_solution s;

    (void)state;
    set_ranges(p, -3, 3);
    from[test_parameter(p, "a")] = 1;
    from[test_parameter(p, "b")] = 1e4; /* exp(-b x) is zero in every row */
    from[test_parameter(p, "c")] = 1;
    options.from = from;
    options.local_only = true;
    s = solve(p, &options);
    assert_true(s.outcome == JF_FLAT || fabs(s.theta[test_parameter(p, "b")] - 0.7) < 0.1);
    jf_solution_clear(&s);
    options.local_only = false;
    s = solve(p, &options);
    assert_int_equal(s.outcome, JF_CONVERGED);
    check_close(s.theta[test_parameter(p, "b")], 0.7, 0.05, "b");
    jf_solution_clear(&s);
    test_problem_free(p);
    jf_table_free(table);
}

static void a_law_without_a_value_anywhere_fails_and_names_the_row(void **state)
{
    columns c = decay(0.1);
    jf_table *table;
    jf_problem *p;
    jf_solve_options options = test_solve_options();
    jf_solution s;

    (void)state;
    for (size_t i = 0; i < N; i++) c.x[i] = i == 17 ? -1 : 1 + c.x[i];
    table = table_of(&c, N);
    p = test_problem_new("y ~ a + b*log(x + 0*exp(c))", table);
    s = solve(p, &options);
    assert_int_equal(s.outcome, JF_FAILED);
    assert_non_null(strstr(s.failure, "row 18"));
    assert_true(isnan(s.loss));
    jf_solution_clear(&s);
    test_problem_free(p);
    jf_table_free(table);
}

static void any_number_of_threads_gives_the_same_bytes(void **state)
{
    columns c = decay(0.1);
    jf_table *table = table_of(&c, N);
    jf_problem *p = test_problem_new("y ~ a*exp(-b*x) + c*exp(-d*x) + e*z", table);
    jf_solve_options options = test_solve_options();
    jf_solution one, many;

    (void)state;
    set_ranges(p, -3, 3);
    one = solve(p, &options);
    for (int threads = 2; threads <= 8; threads *= 2) {
        options.threads = threads;
        many = solve(p, &options);
        assert_memory_equal(one.theta, many.theta, p->k * sizeof(double));
        assert_true(one.loss == many.loss && one.starts_agreeing == many.starts_agreeing);
        assert_int_equal(one.n_basins, many.n_basins);
        assert_memory_equal(one.basins, many.basins, one.n_basins * sizeof *one.basins);
        jf_solution_clear(&many);
    }
    jf_solution_clear(&one);
    test_problem_free(p);
    jf_table_free(table);
}

static void every_seed_finds_the_same_minimum(void **state)
{
    columns c = decay(0.1);
    jf_table *table = table_of(&c, N);
    jf_problem *p = test_problem_new("y ~ a*exp(-b*x) + c*sin(d*z) + e", table);
    jf_solve_options options = test_solve_options();
    jf_solution first = {0};

    (void)state;
    set_ranges(p, -3, 3);
    for (uint64_t seed = 0; seed < 12; seed++) {
        jf_solution s;

        options.seed = seed;
        s = solve(p, &options);
        if (!seed) first = s;
        check_close(s.loss, first.loss, 1e-10, "seed %d", (int)seed);
        if (seed) jf_solution_clear(&s);
    }
    jf_solution_clear(&first);
    test_problem_free(p);
    jf_table_free(table);
}

static void rescaled_columns_rescale_the_parameters(void **state)
{
    columns c = decay(0.1), scaled = c;
    jf_table *table = table_of(&c, N), *other;
    jf_problem *p = test_problem_new(DECAY, table), *q;
    jf_solve_options options = test_solve_options();
    jf_solution a, b;

    (void)state;
    for (size_t i = 0; i < N; i++) scaled.x[i] *= 1e12, scaled.z[i] *= 1e-9, scaled.y[i] *= 1e6;
    other = table_of(&scaled, N);
    q = test_problem_new(DECAY, other);
    set_ranges(p, -3, 3);
    for (size_t j = 0; j < 3; j++) {
        static const char *const names[] = {"a", "b", "c"};
        static const double sizes[] = {1e6, 1e-12, 1e15};
        size_t at = test_parameter(q, names[j]);

        q->range_low[at] = -3 * sizes[j];
        q->range_high[at] = 3 * sizes[j];
    }
    a = solve(p, &options);
    b = solve(q, &options);
    check_close(b.loss, 1e12 * a.loss, 1e-11, "loss");
    check_close(b.theta[test_parameter(q, "a")], 1e6 * a.theta[test_parameter(p, "a")], 1e-9, "a");
    check_close(b.theta[test_parameter(q, "b")], 1e-12 * a.theta[test_parameter(p, "b")], 1e-9, "b");
    check_close(b.theta[test_parameter(q, "c")], 1e15 * a.theta[test_parameter(p, "c")], 1e-9, "c");
    jf_solution_clear(&a);
    jf_solution_clear(&b);
    test_problem_free(p);
    test_problem_free(q);
    jf_table_free(table);
    jf_table_free(other);
}

static void whole_weights_are_repeated_rows(void **state)
{
    static const char *const laws[] = {DECAY, "y ~ a*x + b*z + c"};
    columns c = decay(0.1), repeated;
    size_t n = 0;

    (void)state;
    for (size_t i = 0; n < N; i++)
        for (size_t copy = 0; copy <= i % 3 && n < N; copy++, n++)
            repeated.x[n] = c.x[i], repeated.z[n] = c.z[i], repeated.y[n] = c.y[i];
    for (size_t law = 0; law < 2; law++) {
        jf_table *table = table_of(&repeated, N), *few = table_of(&c, N / 2);
        jf_problem *p = test_problem_new(laws[law], table), *q = test_problem_new(laws[law], few);
        jf_solve_options options = test_solve_options();
        jf_solution a, b;

        set_ranges(p, -3, 3);
        set_ranges(q, -3, 3);
        q->weight = JF_NEW_ARRAY(double, N / 2);
        for (size_t i = 0; i < N / 2; i++) q->weight[i] = (double)(i % 3 + 1);
        a = solve(p, &options);
        b = solve(q, &options);
        check_close(b.loss, a.loss, 1e-12, "loss of law %zu", law);
        for (size_t j = 0; j < 3; j++)
            check_close(b.theta[j], a.theta[j], 1e-10, "law %zu, parameter %zu", law, j);
        jf_solution_clear(&a);
        jf_solution_clear(&b);
        test_problem_free(p);
        test_problem_free(q);
        jf_table_free(table);
        jf_table_free(few);
    }
}

static void refits_from_near_by_come_to_the_same_minimum(void **state)
{
    columns c = decay(0.1);
    jf_table *table = table_of(&c, N);
    jf_problem *p = test_problem_new(DECAY, table);
    jf_solve_options options = test_solve_options();
    jf_solution whole, refit;
    double from[3];

    (void)state;
    set_ranges(p, -3, 3);
    whole = solve(p, &options);
    for (size_t j = 0; j < 3; j++) from[j] = whole.theta[j] * 1.2 + 0.01;
    options.local_only = true;
    options.from = from;
    refit = solve(p, &options);
    assert_int_equal(refit.outcome, JF_CONVERGED);
    for (size_t j = 0; j < 3; j++) check_close(refit.theta[j], whole.theta[j], 1e-8, "parameter %zu", j);
    assert_int_equal(refit.rank, 3);
    jf_solution_clear(&whole);
    jf_solution_clear(&refit);
    test_problem_free(p);
    jf_table_free(table);
}

typedef struct refusal {
    size_t left;
    bool refused;
} refusal;

static bool refuse(void *context)
{
    refusal *r = context;

    if (r->left--) return false;
    r->refused = true;
    r->left = SIZE_MAX;
    return true;
}

static void a_failing_allocation_is_an_error(void **state)
{
    static const struct {
        const char *law, *loss;
    } cases[] = {{"y ~ a*x + b*z + c", "ls"},
                 {DECAY, "ls"},
                 {DECAY, "huber:0.1"},
                 {DECAY, "l1"},
                 {"y ~ a*x + b*z", "l1"}};
    columns c = decay(0.1);
    jf_table *table = table_of(&c, N);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        jf_problem *p = test_problem_new(cases[i].law, table);
        jf_solve_options options = test_solve_options();
        bool refused = true;
        double loss = NAN;
        jf_error err = {0};

        set_ranges(p, -3, 3);
        check_ok(jf_loss_read(cases[i].loss, &options.loss, &err), &err);
        options.starts = 4;
        for (size_t count = 0; refused; count += 1 + count / 40) {
            refusal r = {.left = count};
            jf_solution s;
            jf_status status;

            jf_memory_hook(refuse, &r);
            status = jf_solve(p, &options, &s, &err);
            jf_memory_hook(NULL, NULL);
            refused = r.refused;
            if (status != (refused ? JF_ENOMEM : JF_OK))
                fail_msg("%s, %s: status %d, allocation %zu", cases[i].law, cases[i].loss, (int)status,
                         count);
            assert_true(status == JF_OK || !s.theta);
            if (status == JF_OK && !refused) loss = s.loss;
            jf_solution_clear(&s);
        }
        assert_true(isfinite(loss));
        test_problem_free(p);
    }
    jf_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_data_are_fitted_to_the_last_digits),
        cmocka_unit_test(parameters_that_the_data_do_not_tell_are_named),
        cmocka_unit_test(a_start_on_a_plateau_is_left_or_told),
        cmocka_unit_test(a_law_without_a_value_anywhere_fails_and_names_the_row),
        cmocka_unit_test(any_number_of_threads_gives_the_same_bytes),
        cmocka_unit_test(every_seed_finds_the_same_minimum),
        cmocka_unit_test(rescaled_columns_rescale_the_parameters),
        cmocka_unit_test(whole_weights_are_repeated_rows),
        cmocka_unit_test(refits_from_near_by_come_to_the_same_minimum),
        cmocka_unit_test(a_failing_allocation_is_an_error),
    };
    return cmocka_run_group_tests(tests, test_settle_libraries, NULL);
}
