/* Where numbers end: branches that are not taken, zero to a power, infinities, hinges at their knots, huge
 * laws. */
#include <stdio.h>
#include <stdlib.h>
#include "tests/expr_table.h"

enum { N_ROWS = 6, MAX_SLOTS = 4 };

static small_table example(void)
{
    static const double x[] = {-1, 0, 0.5, 1, 2, 1e4}, n[] = {1, 1, 2, 4, 8, 8};
    small_table t = {.n_rows = N_ROWS};

    add_numbers(&t, "x", x);
    add_numbers(&t, "n", n);
    return t;
}

typedef struct result {
    double value[N_ROWS], slots[MAX_SLOTS][N_ROWS], pairs[MAX_SLOTS * (MAX_SLOTS + 1) / 2][N_ROWS];
} result;

static result evaluate(const char *text, const double *theta)
{
    small_table t = example();
    jf_formula *f = bind_text(&t, text);
    jf_inputs *inputs = build_inputs(f, &t);
    jf_arena *arena = new_arena(f, JF_HESSIAN);
    const double *value, *slots[MAX_SLOTS], *pairs[MAX_SLOTS * (MAX_SLOTS + 1) / 2];
    size_t n = jf_formula_n_slots(f);
    result out = {0};

    assert_true(n <= MAX_SLOTS);
    jf_eval_begin(f, inputs, arena, theta, JF_HESSIAN);
    jf_eval_block(f, inputs, arena, 0, N_ROWS, &value, slots, pairs);
    memcpy(out.value, value, sizeof out.value);
    for (size_t s = 0; s < n; s++) memcpy(out.slots[s], slots[s], sizeof out.value);
    for (size_t p = 0; p < n * (n + 1) / 2; p++)
        if (pairs[p]) memcpy(out.pairs[p], pairs[p], sizeof out.value);
    jf_arena_free(arena);
    jf_inputs_free(inputs);
    jf_formula_free(f);
    return out;
}

static void check_rows(const double *found, const double *wanted, const char *what)
{
    for (int i = 0; i < N_ROWS; i++) check_close(found[i], wanted[i], 1e-13, "%s, row %d", what, i);
}

/* log(x) is NaN or -inf in the first two rows, where it is not taken. */
static void a_branch_not_taken_does_not_poison_derivatives(void **state)
{
    const double l = log(0.5), m = log(2), h = log(1e4), a = 0.3;
    result r = evaluate("if(x > 0, a*log(x), b)", (double[]){a, 7});

    (void)state;
    check_rows(r.value, (double[]){7, 7, a * l, 0, a * m, a * h}, "value");
    check_rows(r.slots[0], (double[]){0, 0, l, 0, m, h}, "by a");
    check_rows(r.slots[1], (double[]){1, 1, 0, 0, 0, 0}, "by b");

    r = evaluate("if(x > 0, exp(a*log(x)), b)", (double[]){a, 7});
    check_rows(r.slots[0], (double[]){0, 0, l * exp(a * l), 0, m * exp(a * m), h * exp(a * h)}, "exp by a");
    check_rows(r.pairs[0], (double[]){0, 0, l * l * exp(a * l), 0, m * m * exp(a * m), h * h * exp(a * h)},
               "exp by a twice");

    r = evaluate("log(if(x > 0, a*x, b))", (double[]){2, 7});
    check_rows(r.slots[0], (double[]){0, 0, 0.5, 0.5, 0.5, 0.5}, "log by a");
    check_rows(r.pairs[0], (double[]){0, 0, -0.25, -0.25, -0.25, -0.25}, "log by a twice");
    check_rows(r.slots[1], (double[]){1. / 7, 1. / 7, 0, 0, 0, 0}, "log by b");

    r = evaluate("if(x > 0, c/(a*x), b)*d", (double[]){3, 2, 7, 5}); /* slots: c a b d */
    check_rows(r.slots[1], (double[]){0, 0, -3 / (4 * 0.5) * 5, -3. / 4 * 5, -3. / 8 * 5, -3 / 4e4 * 5},
               "1/x by a");
    check_rows(r.pairs[2],
               (double[]){0, 0, 2 * 3 / (8 * 0.5) * 5, 2 * 3. / 8 * 5, 2 * 3. / 16 * 5, 2 * 3 / 8e4 * 5},
               "1/x by a twice");
}

static void zero_to_a_positive_power_is_zero_with_its_derivatives(void **state)
{
    const double p = 0.7, two = pow(2, p), half = pow(0.5, p), big = pow(1e4, p);
    result r = evaluate("k*max(x, 0)^p", (double[]){3, p});

    (void)state;
    check_rows(r.value, (double[]){0, 0, 3 * half, 3, 3 * two, 3 * big}, "value");
    check_rows(r.slots[0], (double[]){0, 0, half, 1, two, big}, "by k");
    check_rows(r.slots[1], (double[]){0, 0, 3 * half * log(.5), 0, 3 * two * log(2), 3 * big * log(1e4)},
               "by p");
    check_rows(r.pairs[2],
               (double[]){0, 0, 3 * half * log(.5) * log(.5), 0, 3 * two * log(2) * log(2),
                          3 * big * log(1e4) * log(1e4)},
               "by p twice");
    r = evaluate("a*(x^2)^p", (double[]){1, 0});
    check_rows(r.value, (double[]){1, 1, 1, 1, 1, 1}, "to the power 0");
    assert_true(isnan(evaluate("x^p", (double[]){0.5}).value[0]));
}

static void constant_integer_powers_take_negative_bases(void **state)
{
    result r = evaluate("(x - a)^3", (double[]){1});

    (void)state;
    check_rows(r.value, (double[]){-8, -1, -0.125, 0, 1, 9999. * 9999 * 9999}, "cube");
    check_rows(r.slots[0], (double[]){-12, -3, -0.75, 0, -3, -3. * 9999 * 9999}, "by a");
    check_rows(r.pairs[0], (double[]){-12, -6, -3, 0, 6, 6. * 9999}, "by a twice");
    r = evaluate("a*x^-2", (double[]){1});
    check_rows(r.value, (double[]){1, INFINITY, 4, 1, 0.25, 1e-8}, "inverse square");
}

static void log_sum_exp_does_not_overflow(void **state)
{
    result r = evaluate("lse(a*x, b)", (double[]){1, -1e4});

    (void)state;
    check_rows(r.value, (double[]){-1, 0, 0.5, 1, 2, 1e4}, "large terms");
    check_rows(r.slots[0], (double[]){-1, 0, 0.5, 1, 2, 1e4}, "by a");
    check_rows(r.slots[1], (double[]){0, 0, 0, 0, 0, 0}, "by b");
    r = evaluate("lse(a*x, a*x, a*x)", (double[]){-1});
    check_rows(r.value, (double[]){log(3) + 1, log(3), log(3) - .5, log(3) - 1, log(3) - 2, log(3) - 1e4},
               "equal terms");
    r = evaluate("lse(a/(x - x), b)", (double[]){-1, 2}); /* -inf */
    check_rows(r.value, (double[]){2, 2, 2, 2, 2, 2}, "a term of nothing");
    assert_true(isinf(evaluate("lse(a/(x - x), b)", (double[]){1, 2}).value[0]));
}

/* x is -1, 0, 0.5, 1, 2, 1e4: at 700 times the root is 0 or 1 in doubles, and its derivatives are 0, not NaN.
 */
static void saturated_roots_have_derivatives_of_zero(void **state)
{
    result r = evaluate("logistic_root(a*x, p)", (double[]){700, 2});
    const double golden = (sqrt(5) - 1) / 2; /* t = (1 - t)^2 at 1 - golden */

    (void)state;
    check_close(r.value[0], exp(-700), 1e-12, "log(t) is a*x where t is small");
    check_close(r.value[1], 1 - golden, 1e-14, "t = (1 - t)^2");
    check_close(r.slots[1][1], log(golden) * (1 - golden) * golden / (golden + 2 * (1 - golden)), 1e-14,
                "by p");
    for (int i = 2; i < 6; i++) {
        check_close(r.value[i], 1, 1e-15, "row %d", i);
        check_close(r.slots[0][i], 0, 1e-15, "by a, row %d", i);
        check_close(r.slots[1][i], 0, 1e-15, "by p, row %d", i);
    }
    r = evaluate("logistic_root(a*x, p)", (double[]){1, -1});
    for (int i = 0; i < 6; i++) assert_true(isnan(r.value[i]));
}

static void kinks_have_one_sided_derivatives(void **state)
{
    result r = evaluate("a*hinge(x, k)", (double[]){2, 1});

    (void)state;
    check_rows(r.value, (double[]){0, 0, 0, 0, 2, 2 * 9999.}, "hinge");
    check_rows(r.slots[0], (double[]){0, 0, 0, 0, 1, 9999}, "hinge by a");
    check_rows(r.slots[1], (double[]){0, 0, 0, 0, -2, -2}, "hinge by its knot");
    r = evaluate("abs(x - a)", (double[]){1});
    check_rows(r.slots[0], (double[]){1, 1, 1, -1, -1, -1}, "abs");
    r = evaluate("max(a*x, b)", (double[]){1, 1});
    check_rows(r.slots[0], (double[]){0, 0, 0, 1, 2, 1e4}, "max by a");
    check_rows(r.slots[1], (double[]){1, 1, 1, 0, 0, 0}, "max by b");
    r = evaluate("min(a, x, b)", (double[]){1, 1.5});
    check_rows(r.slots[0], (double[]){0, 0, 0, 1, 1, 1}, "min by a");
}

static void what_is_not_finite_comes_out_as_it_falls(void **state)
{
    result r = evaluate("log(a*x)", (double[]){1});

    (void)state;
    assert_true(isnan(r.value[0]));
    assert_true(r.value[1] == -INFINITY);
    r = evaluate("exp(a*x)", (double[]){1});
    assert_true(r.value[5] == INFINITY);
    assert_true(r.slots[0][5] == INFINITY);
    r = evaluate("a*x", (double[]){NAN});
    assert_true(isnan(r.value[1]));
}

static void formulas_without_parameters_or_rows_work(void **state)
{
    small_table t = example();
    jf_columns columns = columns_of(&t);
    jf_formula *f = bind_text(&t, "2*x");
    jf_inputs *inputs = build_inputs(f, &t), *none = NULL;
    jf_arena *arena = new_arena(f, JF_HESSIAN);
    jf_error err = {0};
    double values[N_ROWS];

    (void)state;
    jf_formula_values(f, inputs, arena, NULL, values);
    check_close(values[5], 2e4, 0, "2*x");
    assert_true(jf_formula_is_linear(f));
    check_ok(jf_inputs_build(f, &columns, (const size_t[]){0}, 0, NULL, &none, &err), &err);
    assert_int_equal(jf_inputs_n_rows(none), 0);
    jf_formula_values(f, none, arena, NULL, values);
    jf_inputs_free(none);
    jf_inputs_free(inputs);
    jf_arena_free(arena);
    jf_formula_free(f);
    check_rows(evaluate("a", (double[]){4}).value, (double[]){4, 4, 4, 4, 4, 4}, "a lone parameter");
    check_rows(evaluate("a", (double[]){4}).slots[0], (double[]){1, 1, 1, 1, 1, 1}, "its derivative");
    check_rows(evaluate("exp(a)*b", (double[]){0, 3}).slots[0], (double[]){3, 3, 3, 3, 3, 3},
               "parameters only");
    check_rows(evaluate("exp(a)*b", (double[]){0, 3}).pairs[1], (double[]){1, 1, 1, 1, 1, 1}, "and twice");
}

/* A sum of many terms is bound, derived and evaluated, or refused with a limit - never a crash. */
static void large_formulas_are_bound_or_refused(void **state)
{
    small_table t = example();
    jf_columns columns = columns_of(&t);
    char *text = malloc(1 << 16), *end = text;
    jf_error err = {0};
    jf_formula *f = NULL;
    jf_ast *ast;

    (void)state;
    assert_non_null(text);
    end += sprintf(end, "a0");
    for (int i = 1; i < 1900; i++) end += sprintf(end, " + a%d*x", i);
    ast = read_ast(text);
    check_ok(jf_formula_bind("law", ast, &columns, NULL, 0, NULL, NULL, &f, &err), &err);
    assert_int_equal(jf_formula_n_parameters(f), 1900);
    assert_true(jf_formula_is_linear(f));
    jf_formula_free(f);
    jf_ast_free(ast);

    end = text + sprintf(text, "max(0");
    for (int i = 0; i < 4001; i++) end += sprintf(end, ", a%d", i);
    sprintf(end, ")");
    ast = read_ast(text);
    assert_int_equal(jf_formula_bind("law", ast, &columns, NULL, 0, NULL, NULL, &f, &err), JF_ELIMIT);
    assert_string_equal(err.message, "law: column 26898: the law has more than 4000 parameters");
    jf_ast_free(ast);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_branch_not_taken_does_not_poison_derivatives),
        cmocka_unit_test(zero_to_a_positive_power_is_zero_with_its_derivatives),
        cmocka_unit_test(constant_integer_powers_take_negative_bases),
        cmocka_unit_test(log_sum_exp_does_not_overflow),
        cmocka_unit_test(saturated_roots_have_derivatives_of_zero),
        cmocka_unit_test(kinks_have_one_sided_derivatives),
        cmocka_unit_test(what_is_not_finite_comes_out_as_it_falls),
        cmocka_unit_test(formulas_without_parameters_or_rows_work),
        cmocka_unit_test(large_formulas_are_bound_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
