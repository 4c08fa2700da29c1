/* Expressions over data only: numbers, labels, missing values, and messages that name the column. */
#include <stdio.h>
#include "core/expr/evaluate.h"
#include "tests/expr_table.h"

#define NA NAN

static char *strategies[] = {"Baseline", "FSDP", "TP"};
static char *devices[] = {"A100", "TP"};

/* x y C exp strategy gpu `GPU model` */
static small_table example(void)
{
    static const double x[] = {1, 2, -3, NA, 0}, y[] = {2, 2, 5, 1, 0}, c[] = {10, 20, 30, 40, 50},
                        e[] = {1, 1, 2, 2, 3}, model[] = {7, 8, 9, 7, 8};
    static const int32_t strategy[] = {0, 2, 1, -1, 2}, gpu[] = {0, 1, 0, 0, 1};
    small_table t = {.n_rows = 5};

    add_numbers(&t, "x", x);
    add_numbers(&t, "y", y);
    add_numbers(&t, "C", c);
    add_numbers(&t, "exp", e);
    add_numbers(&t, "GPU model", model);
    add_labels(&t, "strategy", strategy, strategies, 3);
    add_labels(&t, "gpu", gpu, devices, 2);
    return t;
}

static void check_numbers(const char *text, const double wanted[5])
{
    small_table t = example();
    jf_columns columns = columns_of(&t);
    jf_ast *ast = read_ast(text);
    jf_column out = {0};
    jf_error err = {0};

    check_ok(jf_evaluate("test", ast, &columns, &out, &err), &err);
    assert_int_equal(out.kind, JF_NUMERIC);
    for (int i = 0; i < 5; i++) check_close(out.values[i], wanted[i], 1e-14, "%s, row %d", text, i);
    jf_column_clear(&out);
    jf_ast_free(ast);
}

#define check_numbers(text, ...) check_numbers(text, (const double[5]){__VA_ARGS__})

static void arithmetic_follows_the_rows(void **state)
{
    (void)state;
    check_numbers("x + y*2", 5, 6, 7, NA, 0);
    check_numbers("-x^2", -1, -4, -9, NA, 0);
    check_numbers("x^3", 1, 8, -27, NA, 0);
    check_numbers("2^-x", 0.5, 0.25, 8, NA, 1);
    check_numbers("x^y", 1, 4, -243, NA, 1);
    check_numbers("x/0", INFINITY, INFINITY, -INFINITY, NA, NA);
    check_numbers("exp(exp - 1) + C", 11, 21, 30 + exp(1), 40 + exp(1), 50 + exp(2));
    check_numbers("`GPU model` - 7", 0, 1, 2, 0, 1);
    check_numbers("max(x, y, 2)", 2, 2, 5, NA, 2);
    check_numbers("min(x, y)", 1, 2, -3, NA, 0);
    check_numbers("hinge(x, 1)", 0, 1, 0, NA, 0);
    check_numbers("log(x)", 0, log(2), NA, NA, -INFINITY);
    check_numbers("lse(1000*x, 1000*x)", 1000 + log(2), 2000 + log(2), -3000 + log(2), NA, log(2));
    check_numbers("lse(log(y), log(y) - 1e4)", log(2), log(2), log(5), 0, -INFINITY);
    check_numbers("pi + 0*C", M_PI, M_PI, M_PI, M_PI, M_PI);
    check_numbers("7", 7, 7, 7, 7, 7);
}

static void logic_knows_what_is_missing(void **state)
{
    (void)state;
    check_numbers("x > 0", 1, 1, 0, NA, 0);
    check_numbers("x >= 0 && y > 1", 1, 1, 0, 0, 0);
    check_numbers("x > 0 && C == 0", 0, 0, 0, 0, 0);
    check_numbers("x > 0 || C > 0", 1, 1, 1, 1, 1);
    check_numbers("x > 0 || C < 0", 1, 1, 0, NA, 0);
    check_numbers("!x == 1", 0, 1, 1, NA, 1);
    check_numbers("!(x > 0)", 0, 0, 1, NA, 1);
    check_numbers("x != y", 1, 0, 1, NA, 0);
    check_numbers("isna(x)", 0, 0, 0, 1, 0);
    check_numbers("coalesce(x, -y)", 1, 2, -3, -1, 0);
    check_numbers("if(x > 0, y, C)", 2, 2, 30, NA, 50);
    check_numbers("if(isna(x), 0, x)", 1, 2, -3, 0, 0);
    check_numbers("x in (1, -3)", 1, 0, 1, NA, 0);
    check_numbers("x == NA", NA, NA, NA, NA, NA);
}

static void labels_are_compared_as_texts(void **state)
{
    (void)state;
    check_numbers("strategy == 'TP'", 0, 1, 0, NA, 1);
    check_numbers("'TP' != strategy", 1, 0, 1, NA, 0);
    check_numbers("strategy == 'no such level'", 0, 0, 0, NA, 0);
    check_numbers("strategy in ('TP', 'FSDP')", 0, 1, 1, NA, 1);
    check_numbers("strategy == gpu", 0, 1, 0, NA, 1);
    check_numbers("startswith(strategy, 'Ba')", 1, 0, 0, NA, 0);
    check_numbers("startswith(if(x > 0, strategy, 'TP'), 'T')", 0, 1, 1, NA, 1);
    check_numbers("isna(strategy)", 0, 0, 0, 1, 0);
    check_numbers("coalesce(strategy, gpu) == 'A100'", 0, 0, 0, 1, 0);
    check_numbers("if(strategy == 'TP', x, 0)", 0, 2, 0, NA, 0);
}

static void statistics_are_taken_over_the_rows_that_have_a_value(void **state)
{
    (void)state;
    check_numbers("mean(x)", 0, 0, 0, 0, 0);
    check_numbers("center(C)", -20, -10, 0, 10, 20);
    check_numbers("scale(C)*sqrt(250)", -20, -10, 0, 10, 20);
    check_numbers("median(x)", 0.5, 0.5, 0.5, 0.5, 0.5);
    check_numbers("mean(center(C) + 1)", 1, 1, 1, 1, 1);
}

static void check_labels(const char *text, const char *const wanted[5])
{
    small_table t = example();
    jf_columns columns = columns_of(&t);
    jf_ast *ast = read_ast(text);
    jf_column out = {0};
    jf_error err = {0};

    check_ok(jf_evaluate("test", ast, &columns, &out, &err), &err);
    assert_int_equal(out.kind, JF_LABEL);
    for (size_t i = 0; i < 5; i++) {
        const char *found = out.codes[i] < 0 ? "missing" : out.levels[out.codes[i]];
        if (strcmp(found, wanted[i]) != 0)
            fail_msg("%s, row %zu: '%s', wanted '%s'", text, i, found, wanted[i]);
    }
    for (size_t i = 1; i < out.n_levels; i++) assert_true(strcmp(out.levels[i - 1], out.levels[i]) < 0);
    jf_column_clear(&out);
    jf_ast_free(ast);
}

static void conditions_may_choose_labels(void **state)
{
    (void)state;
    check_labels("if(x > 0, 'up', 'down')", (const char *[]){"up", "up", "down", "missing", "down"});
    check_labels("if(C > 20, strategy, gpu)", (const char *[]){"A100", "TP", "FSDP", "missing", "TP"});
    check_labels("coalesce(strategy, 'none')", (const char *[]){"Baseline", "TP", "FSDP", "none", "TP"});
    check_labels("strategy", (const char *[]){"Baseline", "TP", "FSDP", "missing", "TP"});
}

static void check_fails(const char *text, const char *wanted)
{
    small_table t = example();
    jf_columns columns = columns_of(&t);
    jf_ast *ast = read_ast(text);
    jf_column out = {0};
    jf_error err = {0};

    assert_int_equal(jf_evaluate("--where", ast, &columns, &out, &err), JF_EUSAGE);
    if (strcmp(err.message, wanted) != 0) fail_msg("%s: '%s', wanted '%s'", text, err.message, wanted);
    assert_null(out.values);
    jf_ast_free(ast);
}

static void errors_name_the_column_and_the_place(void **state)
{
    (void)state;
    check_fails("x + strateg", "--where: column 5: no column 'strateg' (did you mean 'strategy'?)");
    check_fails("strateg == 'TP'", "--where: column 1: no column 'strateg' (did you mean 'strategy'?)");
    check_fails("2*strategy", "--where: column 3: column 'strategy' holds labels, not numbers (compare it: "
                              "strategy == \"...\")");
    check_fails("1 + (strategy == 4)",
                "--where: column 6: column 'strategy' holds labels and cannot be compared "
                "with numbers (levels stand in quotes)");
    check_fails("strategy == C",
                "--where: column 1: column 'strategy' holds labels and cannot be compared with "
                "numbers (levels stand in quotes)");
    check_fails("C == '10'",
                "--where: column 1: column 'C' holds numbers and cannot be compared with the text "
                "\"10\"");
    check_fails("1 + 'a'", "--where: column 5: the text \"a\" stands where a number is needed");
    check_fails("strategy < 'TP'",
                "--where: column 1: column 'strategy' holds labels, not numbers (compare it: "
                "strategy == \"...\")");
    check_fails("r[strategy]", "--where: column 1: level parameters (r[...]) stand only in laws");
    check_fails("startswith(strategy, gpu)", "--where: column 22: startswith needs a text in quotes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arithmetic_follows_the_rows),
        cmocka_unit_test(logic_knows_what_is_missing),
        cmocka_unit_test(labels_are_compared_as_texts),
        cmocka_unit_test(statistics_are_taken_over_the_rows_that_have_a_value),
        cmocka_unit_test(conditions_may_choose_labels),
        cmocka_unit_test(errors_name_the_column_and_the_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
