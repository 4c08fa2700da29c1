/* The left side of a law: its slope against central differences, its inverse against its value. */
#include <stdio.h>
#include "core/expr/transform.h"
#include "tests/expr_table.h"

enum { N_ROWS = 5 };

static small_table example(void)
{
    static const double energy[] = {0.5, 1, 3.25, 1e3, 2.5e7}, share[] = {0.1, 0.25, 0.5, 0.75, 0.9},
                        n[] = {1, 2, 4, 8, 1};
    static const int32_t kind[] = {0, 1, 0, 1, 0};
    static char *kinds[] = {"a", "b"};
    small_table t = {.n_rows = N_ROWS};

    add_numbers(&t, "E", energy);
    add_numbers(&t, "share", share);
    add_numbers(&t, "n", n);
    add_labels(&t, "kind", kind, kinds, 2);
    return t;
}

static jf_transform *make(const small_table *t, const char *text, const char *raw)
{
    jf_columns columns = columns_of(t);
    jf_ast *ast = read_ast(text);
    jf_transform *transform = NULL;
    jf_error err = {0};

    check_ok(jf_transform_new(ast, raw, &columns, &transform, &err), &err);
    jf_ast_free(ast);
    return transform;
}

/* The value at raw column times `factor`. */
static void forward_at(const jf_transform *transform, const small_table *table, double factor, double *z,
                       double *slope)
{
    small_table moved = *table;
    double values[N_ROWS];
    jf_columns columns = columns_of(&moved);
    jf_error err = {0};

    for (size_t c = 0; c < moved.n_columns; c++) {
        if (strcmp(moved.columns[c].name, jf_transform_raw(transform)) != 0) continue;
        for (int i = 0; i < N_ROWS; i++) values[i] = factor * table->columns[c].values[i];
        moved.columns[c].values = values;
    }
    check_ok(jf_transform_forward(transform, &columns, NULL, 0, z, slope, &err), &err);
}

static void check_transform(const char *text, const char *raw)
{
    small_table t = example();
    jf_columns columns = columns_of(&t);
    jf_transform *transform = make(&t, text, raw);
    const double *y = find_column(&t, jf_transform_raw(transform))->values;
    double z[N_ROWS], slope[N_ROWS], above[N_ROWS], below[N_ROWS], back[N_ROWS], step = 1e-5;
    jf_error err = {0};

    forward_at(transform, &t, 1, z, slope);
    forward_at(transform, &t, 1 + step, above, NULL);
    forward_at(transform, &t, 1 - step, below, NULL);
    check_ok(jf_transform_inverse(transform, &columns, NULL, 0, z, back, &err), &err);
    for (int i = 0; i < N_ROWS; i++) {
        double difference = fabs(above[i] - below[i]) / (2 * step * y[i]);
        check_close(back[i], y[i], 1e-9, "inverse of %s, row %d", text, i);
        check_close(exp(slope[i]), difference, 1e-6, "slope of %s, row %d", text, i);
    }
    jf_transform_free(transform);
}

static void slopes_and_inverses_agree_with_the_value(void **state)
{
    static const char *const texts[][2] = {
        {"E", NULL},
        {"log(E)", NULL},
        {"log10(E)", NULL},
        {"log2(E) + 1", NULL},
        {"sqrt(E)", NULL},
        {"E^0.7", NULL},
        {"-1/E", NULL},
        {"log1p(E)", NULL},
        {"expm1(share)", NULL},
        {"3 - exp(share)", NULL},
        {"log(E/n)", "E"},
        {"n/(2*E)", "E"},
        {"(n - E)*2", "E"},
        {"2^(share*n)", "share"},
        {"log(share/(1 - share))", NULL},
        {"sigmoid(4*share)", NULL},
        {"tanh(share)", NULL},
        {"logistic_root(share - 3, n/3)", "share"},
        {"logistic_root(-n, share)", "share"},
        {"atan(share)", NULL},
        {"erf(share)", NULL},
        {"E + log(E)", NULL},
        {"log(E + E^2)", NULL},
        {"log(E*if(kind == \"a\", 2, 3))", "E"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) check_transform(texts[i][0], texts[i][1]);
}

static void negative_responses_are_found_by_bracketing_too(void **state)
{
    static const double value[] = {-3, 2}, z[] = {-3 - 27, 2 + 8};
    small_table t = {.n_rows = 2};
    jf_columns columns;
    jf_transform *transform;
    jf_error err = {0};
    double y[2];

    (void)state;
    add_numbers(&t, "v", value);
    columns = columns_of(&t);
    transform = make(&t, "v + v^3", NULL);
    check_ok(jf_transform_inverse(transform, &columns, NULL, 0, z, y, &err), &err);
    check_close(y[0], -3, 1e-12, "negative");
    check_close(y[1], 2, 1e-12, "positive");
    jf_transform_free(transform);
}

static void there_is_no_inverse_outside_the_range(void **state)
{
    static const double z[N_ROWS] = {-1, 2, -0.5, 1, 0.5};
    small_table t = example();
    jf_columns columns = columns_of(&t);
    jf_transform *transform = make(&t, "sqrt(E)", NULL);
    jf_error err = {0};
    double y[N_ROWS];

    (void)state;
    check_ok(jf_transform_inverse(transform, &columns, NULL, 0, z, y, &err), &err);
    assert_true(isnan(y[0]));
    check_close(y[1], 4, 1e-14, "sqrt");
    jf_transform_free(transform);
    transform = make(&t, "atan(E)", NULL);
    check_ok(jf_transform_inverse(transform, &columns, NULL, 0, z, y, &err), &err);
    assert_true(isnan(y[1])); /* above pi/2 */
    check_close(y[3], tan(1), 1e-12, "atan");
    jf_transform_free(transform);
}

/* Prediction has no measured response. */
static void the_inverse_needs_no_raw_column(void **state)
{
    static const double n[] = {2, 4}, z[] = {0, 1};
    small_table t = example(), other = {.n_rows = 2};
    jf_transform *transform = make(&t, "log(E/n)", "E");
    jf_columns columns;
    jf_error err = {0};
    double y[2];

    (void)state;
    add_numbers(&other, "n", n);
    columns = columns_of(&other);
    check_ok(jf_transform_inverse(transform, &columns, NULL, 0, z, y, &err), &err);
    check_close(y[0], 2, 1e-15, "row 0");
    check_close(y[1], 4 * exp(1), 1e-15, "row 1");
    jf_transform_free(transform);
}

static void logs_and_plain_columns_are_recognised(void **state)
{
    static const struct {
        const char *text;
        bool is_log, is_identity;
    } cases[] = {
        {"log(E)", true, false}, {"E", false, true}, {"log10(E)", false, false}, {"-E", false, false}};
    small_table t = example();

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        jf_transform *transform = make(&t, cases[i].text, NULL);
        assert_string_equal(jf_transform_raw(transform), "E");
        assert_int_equal(jf_transform_is_log(transform), cases[i].is_log);
        assert_int_equal(jf_transform_is_identity(transform), cases[i].is_identity);
        jf_transform_free(transform);
    }
}

static void check_fails(const char *text, const char *raw, const char *wanted)
{
    small_table t = example();
    jf_columns columns = columns_of(&t);
    jf_ast *ast = read_ast(text);
    jf_transform *transform = NULL;
    jf_error err = {0};

    assert_int_equal(jf_transform_new(ast, raw, &columns, &transform, &err), JF_EUSAGE);
    if (strcmp(err.message, wanted) != 0) fail_msg("%s: '%s', wanted '%s'", text, err.message, wanted);
    assert_null(transform);
    jf_ast_free(ast);
}

static void wrong_left_sides_are_explained(void **state)
{
    (void)state;
    check_fails(
        "log(E/n)", NULL,
        "law: the left side has several columns ('E', 'n'): say which is the raw response with --response");
    check_fails("log(E)", "n", "law: the response 'n' does not stand on the left side");
    check_fails("3", NULL, "law: the left side has no column in it");
    check_fails("log(Q)", NULL, "law: column 5: no column 'Q'");
    check_fails("1 + sin(E)", NULL,
                "law: column 5: the left side must rise or fall steadily with 'E', 'sin' does not");
    check_fails("abs(E)", NULL,
                "law: column 1: the left side must rise or fall steadily with 'E', 'abs' does not");
    check_fails("center(E)", NULL, "law: center, scale, mean and median cannot stand on the left side");
    check_fails("log(kind)", NULL,
                "law: column 5: column 'kind' holds labels, not numbers (compare it: kind == \"...\")");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slopes_and_inverses_agree_with_the_value),
        cmocka_unit_test(negative_responses_are_found_by_bracketing_too),
        cmocka_unit_test(there_is_no_inverse_outside_the_range),
        cmocka_unit_test(the_inverse_needs_no_raw_column),
        cmocka_unit_test(logs_and_plain_columns_are_recognised),
        cmocka_unit_test(wrong_left_sides_are_explained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
