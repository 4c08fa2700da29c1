/* Values and exact derivatives against mpmath at 60 digits (expr_derivatives.py). */
#include <stdio.h>
#include "tests/expr_table.h"

enum { N_ROWS = 5, MAX_SLOTS = 5, MAX_FOUND = 1 + MAX_SLOTS + MAX_SLOTS * (MAX_SLOTS + 1) / 2 };

static const struct known {
    const char *law;
    size_t n_parameters;
    double rows[N_ROWS][MAX_FOUND]; /* value, gradient, second derivatives */
} laws[] = {
#include "tests/reference/expr_derivatives.inc"
};

static const double x[] = {0.75, 1.5, 3.0, 7.25, 40.0}, y[] = {1.25, 0.375, 2.5, 0.0625, 12.0},
                    theta[] = {1.3125, 0.4375, 0.8125, 0.28125, -0.625};

/* The parameters of the table stand in the order of their names, those of a law in the order of appearance.
 */
static size_t place(const jf_formula *formula, size_t letter)
{
    char name[] = {(char)('a' + letter), '\0'};
    long found = jf_formula_find(formula, name);

    assert_true(found >= 0);
    return (size_t)found;
}

static void check_value(double found, double wanted, double scale, const char *law, const char *what,
                        size_t row)
{
    check_close(found - wanted, 0, 2e-13 * (fabs(wanted) + scale), "%s of %s, row %zu (%.17g)", what, law,
                row, wanted);
}

static void check_law(const struct known *known)
{
    small_table t = {.n_rows = N_ROWS};
    size_t k = known->n_parameters;
    double own[MAX_SLOTS];
    const double *value, *slots[MAX_SLOTS], *pairs[MAX_FOUND];
    jf_formula *f;
    jf_inputs *inputs;
    jf_arena *arena;

    add_numbers(&t, "x", x);
    add_numbers(&t, "y", y);
    f = bind_text(&t, known->law);
    assert_int_equal(jf_formula_n_parameters(f), k);
    inputs = build_inputs(f, &t);
    arena = new_arena(f, JF_HESSIAN);
    for (size_t i = 0; i < k; i++) own[place(f, i)] = theta[i];
    jf_eval_begin(f, inputs, arena, own, JF_HESSIAN);
    jf_eval_block(f, inputs, arena, 0, N_ROWS, &value, slots, pairs);
    for (size_t row = 0; row < N_ROWS; row++) {
        const double *wanted = known->rows[row];
        check_value(value[row], wanted[0], 0, known->law, "value", row);
        for (size_t a = 0; a < k; a++)
            check_value(slots[place(f, a)][row], wanted[1 + a], 1e-3, known->law, "gradient", row);
        for (size_t a = 0; a < k; a++)
            for (size_t b = 0; b <= a; b++) {
                size_t p = place(f, a), q = place(f, b);
                const double *pair = pairs[p > q ? p * (p + 1) / 2 + q : q * (q + 1) / 2 + p];
                check_value(pair ? pair[row] : 0, wanted[1 + k + a * (a + 1) / 2 + b], 1e-3, known->law,
                            "second derivative", row);
            }
    }
    jf_arena_free(arena);
    jf_inputs_free(inputs);
    jf_formula_free(f);
}

static void derivatives_are_exact_to_the_last_digits(void **state)
{
    static const char *const sets[] = {"sse2", "avx2", "avx512", "generic"};
    const char *chosen = jf_kernels_name();

    (void)state;
    for (size_t s = 0; s < sizeof sets / sizeof *sets; s++)
        if (jf_kernels_choose(sets[s]))
            for (size_t i = 0; i < sizeof laws / sizeof *laws; i++) check_law(&laws[i]);
    assert_true(jf_kernels_choose(chosen));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(derivatives_are_exact_to_the_last_digits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
