/* Products of powers: one exponential for all of them, none where a logarithm undoes it. */
#include "core/expr/bound.h"
#include "tests/expr_table.h"

enum { N_ROWS = 4 };

static small_table example(void)
{
    static const double c[] = {2, 3, 5, 7}, m[] = {11, 13, 17, 19}, idle[] = {1, 0, 2, 3};
    static const int32_t device[] = {0, 1, 1, 0};
    static char *devices[] = {"A100", "H100"};
    small_table t = {.n_rows = N_ROWS};

    add_numbers(&t, "C", c);
    add_numbers(&t, "M", m);
    add_numbers(&t, "idle", idle);
    add_labels(&t, "device", device, devices, 2);
    return t;
}

/* How often the program of values and derivatives runs `op` over rows. */
static size_t count_of(const char *text, jf_op op)
{
    small_table t = example();
    jf_formula *f = bind_text(&t, text);
    size_t n = 0;

    for (size_t i = 0; i < f->programs[JF_GRADIENT].n_code; i++)
        n += f->programs[JF_GRADIENT].code[i].op == op;
    jf_formula_free(f);
    return n;
}

static void a_product_of_powers_is_one_exponential(void **state)
{
    (void)state;
    assert_int_equal(count_of("k*C^a*M^b", JF_OP_EXP), 1);
    assert_int_equal(count_of("k*C^a/M^b*exp(r[device = \"A100\"])", JF_OP_EXP), 1);
    assert_int_equal(count_of("k*idle*(C^a*(M*M^b))", JF_OP_EXP), 1);
    assert_int_equal(count_of("-(k*C^a)*M^b", JF_OP_EXP), 1);
    assert_int_equal(count_of("e + k*C^a + h*M^b", JF_OP_EXP), 2);
}

static void a_logarithm_of_a_product_of_powers_needs_none(void **state)
{
    (void)state;
    assert_int_equal(count_of("log(k*C^a/M^b)", JF_OP_EXP), 0);
    assert_int_equal(count_of("log(k*C^a/M^b)", JF_OP_LOG), 0);
    assert_int_equal(count_of("log(e + k*C^a)", JF_OP_LOG), 1);
}

static void check_same(const char *text, const char *plain, const double *theta)
{
    small_table t = example();
    jf_formula *f = bind_text(&t, text), *g = bind_text(&t, plain);
    jf_inputs *inputs[] = {build_inputs(f, &t), build_inputs(g, &t)};
    jf_arena *arenas[] = {new_arena(f, JF_GRADIENT), new_arena(g, JF_GRADIENT)};
    double values[2][N_ROWS], jacobian[2][3 * N_ROWS];

    jf_formula_jacobian(f, inputs[0], arenas[0], theta, values[0], jacobian[0], N_ROWS);
    jf_formula_jacobian(g, inputs[1], arenas[1], theta, values[1], jacobian[1], N_ROWS);
    for (int i = 0; i < N_ROWS; i++) check_close(values[0][i], values[1][i], 1e-13, "%s, row %d", text, i);
    for (int i = 0; i < 3 * N_ROWS; i++)
        check_close(jacobian[0][i], jacobian[1][i], 1e-13, "%s, derivative %d", text, i);
    for (int i = 0; i < 2; i++) {
        jf_arena_free(arenas[i]);
        jf_inputs_free(inputs[i]);
    }
    jf_formula_free(f);
    jf_formula_free(g);
}

static void merging_changes_no_value_or_derivative(void **state)
{
    (void)state;
    check_same("k*C^a*M^b", "k*pow(C, a + (b*log(M))/log(C))", (double[]){3, 0.5, -0.7});
    check_same("k*C^a/M^b", "k*pow(C, a - (b*log(M))/log(C))", (double[]){-3, 0.5, 0.7});
    check_same("log(k*C^a/M^b)", "log(k) + a*log(C) - b*log(M)", (double[]){3, 0.5, 0.7});
    check_same("k*exp(a*C)*exp(b*M)", "k*exp(a*C + b*M)", (double[]){3, -0.5, 0.07});
}

/* 0^a is 0, whose logarithm is infinite for any a: the row cannot be fitted on the log scale, but can on the
 * raw one. */
static void a_row_whose_base_is_zero_is_seen_on_the_log_scale(void **state)
{
    static const struct {
        const char *text;
        bool missing;
    } cases[] = {{"log(k*idle^a)", true}, {"k*idle^a*C^b", false}};
    small_table t = example();

    (void)state;
    for (size_t c = 0; c < 2; c++) {
        jf_formula *f = bind_text(&t, cases[c].text);
        jf_inputs *inputs = build_inputs(f, &t);

        for (size_t i = 0; i < N_ROWS; i++)
            if (jf_inputs_row_missing(inputs, i) != (cases[c].missing && i == 1))
                fail_msg("%s, row %zu", cases[c].text, i);
        jf_inputs_free(inputs);
        jf_formula_free(f);
    }
}

/* Terms of a log-sum-exp that vanish leave the sum as it is; where all of them are zero its log is minus
 * infinity. */
static void terms_that_vanish_take_nothing_from_lse(void **state)
{
    small_table t = example();
    jf_formula *f = bind_text(&t, "lse(a - 1000*C, b, a - 300*M)");
    jf_inputs *inputs = build_inputs(f, &t);
    jf_arena *arena = new_arena(f, JF_GRADIENT);
    double values[N_ROWS], jacobian[2 * N_ROWS];

    (void)state;
    jf_formula_jacobian(f, inputs, arena, (double[]){1, 2}, values, jacobian, N_ROWS);
    for (int i = 0; i < N_ROWS; i++) {
        check_close(values[i], 2, 0, "row %d", i);
        assert_true(fabs(jacobian[i]) < 1e-200);
        check_close(jacobian[i + N_ROWS], 1, 0, "row %d, b", i);
    }
    jf_formula_values(f, inputs, arena, (double[]){-INFINITY, -INFINITY}, values);
    assert_true(values[0] == -INFINITY);
    jf_arena_free(arena);
    jf_inputs_free(inputs);
    jf_formula_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_product_of_powers_is_one_exponential),
        cmocka_unit_test(a_logarithm_of_a_product_of_powers_needs_none),
        cmocka_unit_test(merging_changes_no_value_or_derivative),
        cmocka_unit_test(a_row_whose_base_is_zero_is_seen_on_the_log_scale),
        cmocka_unit_test(terms_that_vanish_take_nothing_from_lse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
