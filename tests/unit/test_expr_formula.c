/* Formulas bound to columns: parameters, levels, typos, learned values, and what is known before any fit. */
#include <stdio.h>
#include "tests/expr_table.h"

#define NA NAN

enum { N_ROWS = 6 };
static char *strategies[] = {"A, b", "Baseline", "FSDP", "TP"};
static char *devices[] = {"A100", "H100"};

static small_table example(void)
{
    static const double x[] = {1, 2, 3, 4, 5, 6}, energy[] = {2, 3, 5, 7, 11, 13}, c[] = {1, 1, 2, 2, 3, 3},
                        gpus[] = {1, 2, 4, 1, 2, 4}, gaps[] = {1, NA, 3, 0, 5, INFINITY};
    static const int32_t strategy[] = {1, 3, 2, 1, 3, 0}, gpu[] = {0, 0, 1, 1, 1, 0};
    small_table t = {.n_rows = N_ROWS};

    add_numbers(&t, "x", x);
    add_numbers(&t, "energy", energy);
    add_numbers(&t, "C", c);
    add_numbers(&t, "gpus", gpus);
    add_numbers(&t, "gaps", gaps);
    add_labels(&t, "strategy", strategy, strategies, 4);
    add_labels(&t, "gpu", gpu, devices, 2);
    return t;
}

static void check_parameters(const char *text, const char *wanted)
{
    small_table t = example();
    jf_formula *f = bind_text(&t, text);
    char list[512] = "";

    for (size_t i = 0; i < jf_formula_n_parameters(f); i++)
        strcat(strcat(list, jf_formula_parameter(f, i)->name), " ");
    if (strcmp(list, wanted) != 0) fail_msg("%s has parameters '%s', wanted '%s'", text, list, wanted);
    jf_formula_free(f);
}

static void names_that_are_no_columns_are_parameters_in_order(void **state)
{
    (void)state;
    check_parameters("b0 + a*log(C) + b0*k", "b0 a k ");
    check_parameters("exp(exp) + log*C", "exp log ");
    check_parameters("a + r[strategy] + b", "a r[\"A, b\"] r[Baseline] r[FSDP] r[TP] b ");
    check_parameters("r[strategy = \"Baseline\"]", "r[\"A, b\"] r[FSDP] r[TP] ");
    check_parameters(
        "r[strategy, gpu]",
        "r[\"A, b\",A100] r[Baseline,A100] r[Baseline,H100] r[FSDP,H100] r[TP,A100] r[TP,H100] ");
    check_parameters("r[strategy = \"Baseline\", gpu = \"A100\"]", "r[FSDP,H100] r[TP,H100] ");
    check_parameters("g[gpus]", "g[1] g[2] g[4] ");
    check_parameters("g[gpus = 1]*x", "g[2] g[4] ");
}

static void check_values(const char *text, const double *theta, const double wanted[N_ROWS])
{
    small_table t = example();
    jf_formula *f = bind_text(&t, text);
    jf_inputs *inputs = build_inputs(f, &t);
    jf_arena *arena = new_arena(f, JF_GRADIENT);
    double values[N_ROWS];

    jf_formula_values(f, inputs, arena, theta, values);
    for (int i = 0; i < N_ROWS; i++) check_close(values[i], wanted[i], 1e-14, "%s, row %d", text, i);
    jf_arena_free(arena);
    jf_inputs_free(inputs);
    jf_formula_free(f);
}

static void levels_are_gathered_by_row(void **state)
{
    (void)state;
    check_values("a*x + r[strategy = \"Baseline\"]", (double[]){10, 1, 2, 3},
                 (double[]){10, 23, 32, 40, 53, 61});
    check_values("r[strategy = \"Baseline\", gpu = \"A100\"]*x", (double[]){1, 2},
                 (double[]){0, 0, 3, 0, 10, 0});
    check_values("log(h[gpus]^2)/2", (double[]){1, 2, 3}, (double[]){0, log(2), log(3), 0, log(2), log(3)});
}

static void a_jacobian_entry_stands_at_the_level_of_its_row(void **state)
{
    small_table t = example();
    jf_formula *f = bind_text(&t, "a + r[strategy = \"Baseline\"]*x");
    jf_inputs *inputs = build_inputs(f, &t);
    jf_arena *arena = new_arena(f, JF_GRADIENT);
    double values[N_ROWS], jacobian[4][N_ROWS];
    const double theta[] = {1, 2, 3, 4},
                 wanted[4][N_ROWS] = {
                     {1, 1, 1, 1, 1, 1}, {0, 0, 0, 0, 0, 6}, {0, 0, 3, 0, 0, 0}, {0, 2, 0, 0, 5, 0}};

    (void)state;
    jf_formula_jacobian(f, inputs, arena, theta, values, jacobian[0], N_ROWS);
    for (int p = 0; p < 4; p++)
        for (int i = 0; i < N_ROWS; i++)
            check_close(jacobian[p][i], wanted[p][i], 0, "parameter %d, row %d", p, i);
    jf_arena_free(arena);
    jf_inputs_free(inputs);
    jf_formula_free(f);
}

static void check_fails_with(const char *text, const jf_bind_options *options, const char *wanted)
{
    small_table t = example();
    jf_columns columns = columns_of(&t);
    jf_ast *ast = read_ast(text);
    jf_formula *f = NULL;
    jf_error err = {0};

    assert_int_not_equal(jf_formula_bind("law", ast, &columns, NULL, 0, options, NULL, &f, &err), JF_OK);
    if (strcmp(err.message, wanted) != 0) fail_msg("%s: '%s', wanted '%s'", text, err.message, wanted);
    assert_null(f);
    jf_ast_free(ast);
}

static void check_binds(const char *text, const jf_bind_options *options)
{
    small_table t = example();
    jf_columns columns = columns_of(&t);
    jf_ast *ast = read_ast(text);
    jf_formula *f = NULL;
    jf_error err = {0};

    check_ok(jf_formula_bind("law", ast, &columns, NULL, 0, options, NULL, &f, &err), &err);
    jf_formula_free(f);
    jf_ast_free(ast);
}

static void a_typo_does_not_become_a_parameter(void **state)
{
    const char *names[] = {"enrgy", "strategi", "Gpus"};
    const jf_bind_options declared = {.declared = names, .n_declared = 3}, typos = {.allow_typos = true};

    (void)state;
    check_fails_with(
        "a*log(enrgy)", NULL,
        "law: column 7: 'enrgy' is no column, and too near to 'energy' to be taken for a parameter (did "
        "you mean 'energy'? if not, declare it: --param enrgy)");
    check_fails_with(
        "Energy*2", NULL,
        "law: column 1: 'Energy' is no column, and too near to 'energy' to be taken for a parameter "
        "(did you mean 'energy'? if not, declare it: --param Energy)");
    check_fails_with(
        "Gpus + a", NULL,
        "law: column 1: 'Gpus' is no column, and too near to 'gpus' to be taken for a parameter (did "
        "you mean 'gpus'? if not, declare it: --param Gpus)");
    check_binds("enrgy + strategi[gpu] + Gpus", &declared);
    check_binds("enrgy*2", &typos);
    check_binds("gpx*c + X*x", NULL); /* fewer than four letters */
    check_binds("enXXgy*2", NULL);    /* more than one edit */
}

static void declared_parameters_win_over_columns(void **state)
{
    const char *names[] = {"C"};
    const jf_bind_options options = {.declared = names, .n_declared = 1};
    small_table t = example();
    jf_columns columns = columns_of(&t);
    jf_ast *ast = read_ast("C*x");
    jf_formula *f = NULL;
    jf_error err = {0};

    (void)state;
    check_ok(jf_formula_bind("law", ast, &columns, NULL, 0, &options, NULL, &f, &err), &err);
    assert_int_equal(jf_formula_find(f, "C"), 0);
    assert_int_equal(jf_formula_n_columns(f), 1);
    assert_string_equal(jf_formula_column(f, 0), "x");
    jf_formula_free(f);
    jf_ast_free(ast);
}

static void wrong_levels_are_errors_that_say_what_is_there(void **state)
{
    (void)state;
    check_fails_with("a + r[strategi]", NULL,
                     "law: column 5: no column 'strategi' for the levels of 'r' (did you mean 'strategy'?)");
    check_fails_with(
        "r[strategy = \"baseline\"]", NULL,
        "law: column 1: the reference \"baseline\" does not occur in column 'strategy' (did you mean "
        "'Baseline'?)");
    check_fails_with("r + r[strategy]", NULL,
                     "law: column 5: parameter 'r' stands with and without brackets");
    check_fails_with("r[gpu] + r[strategy]", NULL,
                     "law: column 10: parameter 'r' stands with two different brackets");
    check_fails_with(
        "a*strategy", NULL,
        "law: column 3: column 'strategy' holds labels, not numbers (compare it: strategy == \"...\", "
        "or write a parameter for each level: r[...])");
    check_fails_with("center(a*x)", NULL,
                     "law: column 8: center needs columns only, found a parameter in it");
    check_fails_with("a*\"TP\"", NULL, "law: column 3: the text \"TP\" stands where a number is needed");
}

static void a_level_parameter_used_twice_is_one_and_is_warned_about(void **state)
{
    small_table t = example();
    jf_columns columns = columns_of(&t);
    jf_ast *ast = read_ast("r[gpu] + r[gpu]*x");
    jf_formula *f = NULL;
    jf_warnings warnings = {0};
    jf_error err = {0};

    (void)state;
    check_ok(jf_formula_bind("law", ast, &columns, NULL, 0, NULL, &warnings, &f, &err), &err);
    assert_int_equal(jf_formula_n_parameters(f), 2);
    assert_int_equal(jf_formula_n_slots(f), 1);
    assert_int_equal(warnings.n, 1);
    assert_string_equal(warnings.items[0].code, "W_LEVELS_TWICE");
    assert_non_null(jf_warning_explain("W_LEVELS_TWICE"));
    jf_warnings_free(&warnings);
    jf_formula_free(f);
    jf_ast_free(ast);
}

static void check_linear(const char *text, const char *wanted)
{
    small_table t = example();
    jf_formula *f = bind_text(&t, text);
    char found[64] = "";

    for (size_t s = 0; s < jf_formula_n_slots(f); s++)
        strcat(found, jf_formula_slot(f, s)->linear ? "L" : "n");
    if (jf_formula_is_linear(f)) strcat(found, " linear");
    if (strcmp(found, wanted) != 0) fail_msg("%s: %s, wanted %s", text, found, wanted);
    jf_formula_free(f);
}

static void linear_parameters_are_known_from_the_graph(void **state)
{
    small_table t = example();
    jf_formula *f = bind_text(&t, "a*x^p + b*C^q + e");

    (void)state;
    check_linear("a + b*log(C) + r[strategy]*x", "LLL linear");
    check_linear("a*x^p + e", "LnL");
    check_linear("log(a*x + b)", "nn");
    check_linear("a*b + c", "LLL");
    check_linear("(a + b*x)/C - if(x > 2, c, d)", "LLLL linear");
    check_linear("a*log(exp(b*x))", "LL");
    check_linear("hinge(x, k)*a", "nL");
    check_linear("abs(a + b*x) + c", "nnL");
    check_linear("2*(a + x*(b - c*x))", "LLL linear");
    check_linear("a^2 + b", "nL");
    /* a p b q e */
    assert_true(jf_formula_pair_is_zero(f, 0, 0));
    assert_false(jf_formula_pair_is_zero(f, 0, 1));
    assert_false(jf_formula_pair_is_zero(f, 1, 1));
    assert_true(jf_formula_pair_is_zero(f, 0, 2));
    assert_true(jf_formula_pair_is_zero(f, 3, 1));
    assert_true(jf_formula_pair_is_zero(f, 4, 3));
    jf_formula_free(f);
}

static void a_parameter_without_effect_is_found(void **state)
{
    small_table t = example();
    jf_formula *f = bind_text(&t, "a + b*0*x");

    (void)state;
    assert_int_equal(jf_formula_unused(f), 1);
    jf_formula_free(f);
    f = bind_text(&t, "a + b*x");
    assert_int_equal(jf_formula_unused(f), -1);
    jf_formula_free(f);
}

static void check_missing(const char *text, const char *wanted)
{
    small_table t = example();
    jf_formula *f = bind_text(&t, text);
    jf_inputs *inputs = build_inputs(f, &t);
    char found[N_ROWS + 1] = "";

    for (size_t i = 0; i < N_ROWS; i++) found[i] = jf_inputs_row_missing(inputs, i) ? 'x' : '.';
    if (strcmp(found, wanted) != 0) fail_msg("%s: rows %s, wanted %s", text, found, wanted);
    jf_inputs_free(inputs);
    jf_formula_free(f);
}

static void rows_that_cannot_be_fitted_are_known(void **state)
{
    (void)state;
    check_missing("a + b*gaps", ".x...x");
    check_missing("a + b*log(gaps)", ".x.x.x");
    check_missing("a + if(gaps > 0, b*log(gaps), 0)", ".x...x"); /* the log of 0 is not looked at */
    check_missing("a*gaps^p", ".x...x");                         /* 0^p is 0 */
    check_missing("a + if(isna(gaps), 0, b*gaps)", ".....x");
    check_missing("a", "......");
}

static void levels_that_were_not_bound_give_nan(void **state)
{
    static const size_t train[] = {0, 1, 3, 4};
    small_table t = example();
    jf_columns columns = columns_of(&t);
    jf_ast *ast = read_ast("a*x + r[strategy = \"Baseline\"] + 1");
    jf_formula *f = NULL;
    jf_inputs *inputs = NULL;
    jf_arena *arena;
    jf_error err = {0};
    double values[N_ROWS];
    const double theta[] = {0, 5};

    (void)state;
    check_ok(jf_formula_bind("law", ast, &columns, train, 4, NULL, NULL, &f, &err), &err);
    assert_int_equal(jf_formula_n_parameters(f), 2);
    inputs = build_inputs(f, &t);
    arena = new_arena(f, JF_VALUE);
    jf_formula_values(f, inputs, arena, theta, values);
    assert_int_equal(jf_inputs_codes(inputs, 0)[0], -1);
    assert_int_equal(jf_inputs_codes(inputs, 0)[2], -2);
    assert_true(jf_inputs_row_missing(inputs, 2));
    for (size_t i = 0; i < N_ROWS; i++) assert_int_equal(jf_inputs_row_missing(inputs, i), i == 2 || i == 5);
    check_close(values[0], 1, 0, "reference");
    check_close(values[1], 6, 0, "bound level");
    assert_true(isnan(values[2]));
    jf_arena_free(arena);
    jf_inputs_free(inputs);
    jf_formula_free(f);
    jf_ast_free(ast);
}

/* A numeric column as levels is matched by value in another table, whatever that table's levels. */
static void levels_are_matched_by_text_in_other_tables(void **state)
{
    static const double gpus[] = {4, 8, 1}, x[] = {1, 1, 1};
    small_table t = example(), other = {.n_rows = 3};
    jf_formula *f = bind_text(&t, "g[gpus]*x");
    jf_inputs *inputs;

    (void)state;
    add_numbers(&other, "gpus", gpus);
    add_numbers(&other, "x", x);
    inputs = build_inputs(f, &other);
    assert_int_equal(jf_inputs_codes(inputs, 0)[0], 2);
    assert_int_equal(jf_inputs_codes(inputs, 0)[1], -2);
    assert_int_equal(jf_inputs_codes(inputs, 0)[2], 0);
    jf_inputs_free(inputs);
    jf_formula_free(f);
}

static void what_is_learned_on_training_rows_is_carried_to_test_rows(void **state)
{
    static const size_t train[] = {0, 1, 2}, test[] = {5, 3};
    small_table t = example();
    jf_columns columns = columns_of(&t);
    jf_formula *f = bind_text(&t, "a*center(x) + b*scale(energy) + c*median(x)");
    jf_inputs *whole = build_inputs(f, &t), *fitted = NULL, *held_out = NULL, *direct = NULL;
    jf_arena *arena = new_arena(f, JF_VALUE);
    jf_error err = {0};
    const double theta[] = {1, 10, 100}, deviation = sqrt(7.0 / 3);
    double values[2], again[2];

    (void)state;
    check_ok(jf_inputs_subset(f, whole, train, 3, NULL, &fitted, &err), &err);
    assert_int_equal(jf_formula_n_learned(f), 4);
    check_close(jf_inputs_learned(fitted)[0], 2, 1e-15, "mean of the training rows");
    check_ok(jf_inputs_subset(f, whole, test, 2, jf_inputs_learned(fitted), &held_out, &err), &err);
    check_ok(jf_inputs_build(f, &columns, test, 2, jf_inputs_learned(fitted), &direct, &err), &err);
    jf_formula_values(f, held_out, arena, theta, values);
    jf_formula_values(f, direct, arena, theta, again);
    check_close(values[0], 4 + 10 * (13 - 10.0 / 3) / deviation + 200, 1e-14, "row 5");
    check_close(values[1], 2 + 10 * (7 - 10.0 / 3) / deviation + 200, 1e-14, "row 3");
    assert_memory_equal(values, again, sizeof values);
    jf_inputs_free(whole);
    jf_inputs_free(fitted);
    jf_inputs_free(held_out);
    jf_inputs_free(direct);
    jf_arena_free(arena);
    jf_formula_free(f);
}

static void products_of_learned_values_stand_in_every_row(void **state)
{
    small_table t = example();
    jf_formula *f = bind_text(&t, "a*(x - mean(energy)*median(x)) + b*(x + mean(energy)*mean(x))");
    jf_inputs *inputs = build_inputs(f, &t);
    jf_arena *arena = new_arena(f, JF_VALUE);
    const double theta[] = {1, 1e-3};
    const double *x = find_column(&t, "x")->values;
    double values[8], mean, median, mean_x;

    (void)state;
    assert_true(t.n_rows <= 8);
    assert_int_equal(jf_formula_n_learned(f), 3);
    mean = jf_inputs_learned(inputs)[0];
    median = jf_inputs_learned(inputs)[1];
    mean_x = jf_inputs_learned(inputs)[2];
    jf_formula_values(f, inputs, arena, theta, values);
    for (size_t i = 1; i < t.n_rows; i++) /* x of the rows cancels in differences; the first holds the rest */
        check_close((values[i] - values[0]) / 1.001, x[i] - x[0], 1e-12, "a row");
    check_close(values[0], 1.001 * x[0] - mean * median + 1e-3 * mean * mean_x, 1e-12, "the first row");
    jf_inputs_free(inputs);
    jf_arena_free(arena);
    jf_formula_free(f);
}

static void columns_that_are_read_are_listed_once_in_order(void **state)
{
    small_table t = example();
    jf_formula *f = bind_text(&t, "a*log(energy) + r[gpu]*x + if(strategy == 'TP', b, 0)*x");

    (void)state;
    assert_int_equal(jf_formula_n_columns(f), 4);
    assert_string_equal(jf_formula_column(f, 0), "energy");
    assert_string_equal(jf_formula_column(f, 1), "gpu");
    assert_string_equal(jf_formula_column(f, 2), "x");
    assert_string_equal(jf_formula_column(f, 3), "strategy");
    jf_formula_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_that_are_no_columns_are_parameters_in_order),
        cmocka_unit_test(levels_are_gathered_by_row),
        cmocka_unit_test(a_jacobian_entry_stands_at_the_level_of_its_row),
        cmocka_unit_test(a_typo_does_not_become_a_parameter),
        cmocka_unit_test(declared_parameters_win_over_columns),
        cmocka_unit_test(wrong_levels_are_errors_that_say_what_is_there),
        cmocka_unit_test(a_level_parameter_used_twice_is_one_and_is_warned_about),
        cmocka_unit_test(linear_parameters_are_known_from_the_graph),
        cmocka_unit_test(a_parameter_without_effect_is_found),
        cmocka_unit_test(rows_that_cannot_be_fitted_are_known),
        cmocka_unit_test(levels_that_were_not_bound_give_nan),
        cmocka_unit_test(levels_are_matched_by_text_in_other_tables),
        cmocka_unit_test(what_is_learned_on_training_rows_is_carried_to_test_rows),
        cmocka_unit_test(products_of_learned_values_stand_in_every_row),
        cmocka_unit_test(columns_that_are_read_are_listed_once_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
