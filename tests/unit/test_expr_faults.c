/* Every allocation is made to fail in turn: reading, binding, evaluating and inverting report it and free. */
#include <stdio.h>
#include "core/expr/evaluate.h"
#include "core/expr/transform.h"
#include "tests/expr_table.h"
#include "tests/refuse.h"

static small_table example(void)
{
    static const double x[] = {1, 2, 3}, y[] = {4, 5, 6};
    static const int32_t kind[] = {0, 1, 1};
    static char *kinds[] = {"a", "b"};
    small_table t = {.n_rows = 3};

    add_numbers(&t, "x", x);
    add_numbers(&t, "y", y);
    add_labels(&t, "kind", kind, kinds, 2);
    return t;
}

typedef jf_status (*work)(jf_error *err);

/* Runs `job` with its first, second, ... allocation failing, until none fails. */
static void check_faults(work job, const char *name)
{
    for (long n = 0;; n++) {
        refusal c = {.at = n, .all_the_rest = true};
        jf_error err = {0};
        jf_status status;

        jf_memory_hook(refuse, &c);
        status = job(&err);
        jf_memory_hook(NULL, NULL);
        if (!was_refused(&c)) {
            check_ok(status, &err);
            assert_true(n > 5);
            return;
        }
        if (status == JF_OK) continue; /* what was refused was not needed (a suggestion) */
        if (status != JF_ENOMEM)
            fail_msg("%s, allocation %ld: status %d, '%s'", name, n, (int)status, err.message);
        assert_true(err.message[0] != '\0');
    }
}

static jf_status read_law(jf_error *err)
{
    jf_ast_law law;
    jf_status status = jf_ast_read_law(
        "name: log(y) ~ a + r[kind = \"a\"]*x^p + if(kind in (\"a\", 'b'), 1, -x)", &law, err);
    jf_ast_law_clear(&law);
    return status;
}

static jf_status bind_and_evaluate(jf_error *err)
{
    small_table t = example();
    jf_columns columns = columns_of(&t);
    jf_formula *formula = NULL;
    jf_inputs *inputs = NULL, *subset = NULL;
    jf_arena *arena = NULL;
    jf_ast *ast = NULL;
    jf_warnings warnings = {0};
    const size_t index[] = {2, 0};
    double theta[] = {1, 2, 3, 4}, values[3], jacobian[12];
    jf_status status = JF_OK;

    JF_TRY(jf_ast_read("law", "a + r[kind = \"a\"]*x^p + b*center(log(y)) + if(kind == \"b\", lse(a, p), 0)",
                       &ast, err));
    JF_TRY(jf_formula_bind("law", ast, &columns, NULL, 0, NULL, &warnings, &formula, err));
    JF_TRY(jf_inputs_build(formula, &columns, NULL, 0, NULL, &inputs, err));
    JF_TRY(jf_inputs_subset(formula, inputs, index, 2, NULL, &subset, err));
    JF_TRY(jf_arena_new(formula, JF_HESSIAN, &arena, err));
    jf_formula_jacobian(formula, inputs, arena, theta, values, jacobian, 3);
    assert_false(isnan(values[1]));
done:
    jf_arena_free(arena);
    jf_inputs_free(subset);
    jf_inputs_free(inputs);
    jf_formula_free(formula);
    jf_ast_free(ast);
    jf_warnings_free(&warnings);
    return status;
}

static jf_status evaluate_labels(jf_error *err)
{
    small_table t = example();
    jf_columns columns = columns_of(&t);
    jf_column out = {0};
    jf_ast *ast = NULL;
    jf_status status = JF_OK;

    JF_TRY(jf_ast_read("let", "if(startswith(kind, \"a\") || x > mean(y), kind, \"other\")", &ast, err));
    JF_TRY(jf_evaluate("let", ast, &columns, &out, err));
done:
    if (status != JF_OK) assert_null(out.levels);
    jf_column_clear(&out);
    jf_ast_free(ast);
    return status;
}

static jf_status transform_and_back(jf_error *err)
{
    static const char *const sides[] = {"log(y/x)", "y + log(y)"};
    small_table t = example();
    jf_columns columns = columns_of(&t);
    jf_transform *transform = NULL;
    jf_ast *ast = NULL;
    double z[3], y[3];
    jf_status status = JF_OK;

    for (int i = 0; i < 2; i++) {
        JF_TRY(jf_ast_read("law", sides[i], &ast, err));
        JF_TRY(jf_transform_new(ast, "y", &columns, &transform, err));
        JF_TRY(jf_transform_forward(transform, &columns, NULL, 0, z, NULL, err));
        JF_TRY(jf_transform_inverse(transform, &columns, NULL, 0, z, y, err));
        check_close(y[2], 6, 1e-12, "%s", sides[i]);
        jf_transform_free(transform);
        jf_ast_free(ast);
        transform = NULL;
        ast = NULL;
    }
done:
    jf_transform_free(transform);
    jf_ast_free(ast);
    return status;
}

static jf_status copy_and_substitute(jf_error *err)
{
    jf_ast *ast = NULL, *with = NULL;
    char *text = NULL;
    jf_status status = JF_OK;

    JF_TRY(jf_ast_read("law", "a*log(N) + r[kind = \"x\"]*N", &ast, err));
    with = jf_ast_call2(JF_FN_ADD, jf_ast_name("x"), jf_ast_call1(JF_FN_LOG, jf_ast_number(2)));
    JF_TRY_NEW(with, err, "a tree");
    JF_TRY(jf_ast_substitute(&ast, "N", with, err));
    text = jf_ast_print(ast);
    JF_TRY_NEW(text, err, "text");
    assert_string_equal(text, "a*log(x + log(2)) + r[kind = \"x\"]*(x + log(2))");
done:
    jf_free(text);
    jf_ast_free(ast);
    jf_ast_free(with);
    return status;
}

static void an_allocation_that_fails_is_reported_and_nothing_is_lost(void **state)
{
    (void)state;
    check_faults(read_law, "read");
    check_faults(bind_and_evaluate, "bind");
    check_faults(evaluate_labels, "evaluate");
    check_faults(transform_and_back, "transform");
    check_faults(copy_and_substitute, "substitute");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_allocation_that_fails_is_reported_and_nothing_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
