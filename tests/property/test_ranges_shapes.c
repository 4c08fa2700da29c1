/* Ranges guessed from a formula's shape: whatever the sign that was planted, it is among the starts, and the
 * planted law is found from none. */
#include "tests/check.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/stream.h"
#include "tests/problem.h"

enum { ROWS = 120, MOST_PLANTED = 4 };
static const double NOISE = 1e-3;

typedef struct planted {
    const char *name;
    double value;
} planted;

typedef struct shape {
    const char *law;
    double low, high; /* of x */
    planted parameters[MOST_PLANTED];
} shape;

static const shape shapes[] = {
    /* decay and growth, a minus sign wherever it may stand */
    {"y ~ exp(-k*x^a)", 0.1, 5, {{"k", 0.7}, {"a", 0.6}}},
    {"y ~ exp(-(k*x^a))", 0.1, 5, {{"k", 0.7}, {"a", 0.6}}},
    {"y ~ exp(x^a*-k)", 0.1, 5, {{"k", 0.7}, {"a", 0.6}}},
    {"y ~ exp(-k*x^a)", 0.1, 5, {{"k", -0.4}, {"a", 0.8}}},
    {"y ~ c*exp(-k*x^a)", 0.1, 5, {{"c", 3}, {"k", 0.5}, {"a", 1.4}}},
    {"y ~ c*exp(-k*x)", 1, 400, {{"c", 3}, {"k", 0.01}}},
    {"y ~ c*exp(k*x)", 1, 400, {{"c", 3}, {"k", 0.005}}},
    {"y ~ c*exp(k*x)", 1, 400, {{"c", -3}, {"k", -0.01}}},
    {"y ~ e + c*exp(-k*x^a)", 0.1, 50, {{"e", 2}, {"c", 3}, {"k", 0.3}, {"a", 0.7}}},
    {"log(y) ~ log(c) - k*x^a", 0.1, 5, {{"c", 3}, {"k", 0.5}, {"a", 0.7}}},
    {"log(y) ~ -k*x^a", 0.1, 5, {{"k", 0.5}, {"a", 0.7}}},
    /* saturation */
    {"y ~ m*(1 - exp(-k*x))", 0.01, 4, {{"m", 7}, {"k", 1.5}}},
    {"y ~ m*(1 - exp(-k*x^a))", 0.01, 30, {{"m", 0.6}, {"k", 0.4}, {"a", 0.7}}},
    {"y ~ m*(1 - exp(-k*(x/1e12)^a))", 1e9, 1e14, {{"m", 0.6}, {"k", 0.8}, {"a", 0.5}}},
    {"y ~ m*x/(h + x)", 1, 1000, {{"m", 40}, {"h", 60}}},
    {"y ~ m*x^a/(h + x^a)", 1, 1000, {{"m", 40}, {"h", 60}, {"a", 1.2}}},
    /* a power and a constant */
    {"y ~ e + c*x^-a", 1, 1e4, {{"e", 1.7}, {"c", 30}, {"a", 0.4}}},
    {"y ~ e + c*x^a", 1, 1e4, {{"e", 1.7}, {"c", -0.3}, {"a", 0.2}}},
    {"y ~ e - c*x^a", 1, 1e4, {{"e", 9}, {"c", 0.4}, {"a", 0.25}}},
    {"y ~ e + c/x^a", 1e6, 1e10, {{"e", 1.7}, {"c", 400}, {"a", 0.33}}},
};

static jf_problem *bind(const shape *s, uint64_t index, jf_table **table, jf_law **law)
{
    static const char *const names[] = {"x", "y"};
    jf_stream stream = jf_stream_make(17, JF_FOR_TESTS, index);
    double x[ROWS], y[ROWS], *theta, *values = JF_NEW_ARRAY(double, ROWS), largest = 0;
    const double *columns[] = {x, y};
    jf_fit_options settings = {.error = NULL};
    jf_problem *plain, *problem;
    jf_arena *arena;
    jf_error err = {0};

    for (size_t i = 0; i < ROWS; i++)
        x[i] = s->low * pow(s->high / s->low, jf_stream_uniform(&stream)), y[i] = 1;
    *table = test_table(2, names, columns, ROWS);
    plain = test_problem_new(s->law, *table);
    theta = JF_NEW_ZEROED(double, plain->k);
    for (size_t j = 0; j < MOST_PLANTED && s->parameters[j].name; j++)
        theta[test_parameter(plain, s->parameters[j].name)] = s->parameters[j].value;
    check_ok(jf_arena_new(plain->formula, JF_VALUE, &arena, &err), &err);
    jf_formula_values(plain->formula, plain->inputs, arena, theta, values);
    for (size_t i = 0; i < ROWS; i++) largest = fmax(largest, fabs(values[i]));
    for (size_t i = 0; i < ROWS; i++) {
        values[i] += NOISE * largest * jf_stream_normal(&stream);
        y[i] = strncmp(s->law, "log", 3) ? values[i] : exp(values[i]);
    }
    jf_arena_free(arena);
    test_problem_free(plain);
    jf_table_free(*table);
    *table = test_table(2, names, columns, ROWS);
    check_ok(jf_law_read(s->law, law, &err), &err);
    check_ok(jf_problem_build(*law, *table, NULL, 0, &settings, NULL, &problem, &err), &err);
    jf_free(theta);
    jf_free(values);
    return problem;
}

static void every_planted_sign_is_among_the_starts_and_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        const shape *s = &shapes[i];
        jf_solve_options options = test_solve_options();
        jf_solution solution;
        jf_table *table;
        jf_law *law;
        jf_problem *p = bind(s, i, &table, &law);
        jf_error err = {0};

        check_ok(jf_solve(p, &options, &solution, &err), &err);
        for (size_t m = 0; m < MOST_PLANTED && s->parameters[m].name; m++) {
            double value = s->parameters[m].value;
            size_t j = test_parameter(p, s->parameters[m].name);

            if (value > 0 ? !(p->range_high[j] > 0) : !(p->range_low[j] < 0))
                fail_msg("%s: '%s' is %g, starts go from %g to %g", s->law, s->parameters[m].name, value,
                         p->range_low[j], p->range_high[j]);
            check_close(solution.theta[j], value, 0.1, "%s: '%s'", s->law, s->parameters[m].name);
        }
        jf_solution_clear(&solution);
        jf_problem_free(p);
        jf_law_free(law);
        jf_table_free(table);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_planted_sign_is_among_the_starts_and_found),
    };
    return cmocka_run_group_tests(tests, test_settle_libraries, NULL);
}
