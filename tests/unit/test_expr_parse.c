/* Reading expressions and laws: precedence, names, limits, and messages that point at the place. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/expr/ast.h"
#include "core/memory.h"
#include "tests/check.h"

static char *reprinted(const char *text)
{
    jf_error err = {0};
    jf_ast *ast = NULL;
    char *shown;

    check_ok(jf_ast_read("test", text, &ast, &err), &err);
    shown = jf_ast_print(ast);
    jf_ast_free(ast);
    assert_non_null(shown);
    return shown;
}

static void check_printed(const char *text, const char *wanted)
{
    char *shown = reprinted(text);
    if (strcmp(shown, wanted) != 0) fail_msg("'%s' was read as '%s', wanted '%s'", text, shown, wanted);
    jf_free(shown);
}

/* Both spellings must give the same tree. */
static void check_same(const char *text, const char *with_parentheses)
{
    jf_error err = {0};
    jf_ast *a = NULL, *b = NULL;

    check_ok(jf_ast_read("test", text, &a, &err), &err);
    check_ok(jf_ast_read("test", with_parentheses, &b, &err), &err);
    if (!jf_ast_equal(a, b)) fail_msg("'%s' is not '%s'", text, with_parentheses);
    jf_ast_free(a);
    jf_ast_free(b);
}

static void check_fails(const char *text, jf_status wanted_status, const char *wanted)
{
    jf_error err = {0};
    jf_ast *ast = (jf_ast *)&err;
    jf_status found = jf_ast_read("law", text, &ast, &err);

    assert_null(ast);
    if (found != wanted_status || strcmp(err.message, wanted) != 0)
        fail_msg("'%.60s': status %d, message '%s'; wanted %d, '%s'", text, (int)found, err.message,
                 (int)wanted_status, wanted);
}

static void operators_bind_as_the_language_says(void **state)
{
    (void)state;
    check_same("-x^2", "-(x^2)");
    check_same("2^3^2", "2^(3^2)");
    check_same("2^-3^2", "2^(-(3^2))");
    check_same("x**2", "x^2");
    check_same("pow(x, 2)", "x^2");
    check_same("-x*y", "(-x)*y");
    check_same("a - b - c", "(a - b) - c");
    check_same("a/b*c", "(a/b)*c");
    check_same("a + b*c^d", "a + (b*(c^d))");
    check_same("a < b && c", "(a < b) && c");
    check_same("a || b && c", "a || (b && c)");
    check_same("!a == b", "!(a == b)");
    check_same("!a && b", "(!a) && b");
    check_same("a + 1 in (2, 3)", "(a + 1) in (2, 3)");
    check_same("+a", "a");
    check_same("2*-x", "2*(-x)");
}

static void what_is_printed_needs_no_more_parentheses_than_the_grammar(void **state)
{
    (void)state;
    check_printed("((a)) + ((b*c))", "a + b*c");
    check_printed("(a+b)*c", "(a + b)*c");
    check_printed("a-(b-c)", "a - (b - c)");
    check_printed("(-2)^2", "(-2)^2");
    check_printed("-2^2", "-2^2");
    check_printed("(a^b)^c", "(a^b)^c");
    check_printed("x^-1", "x^-1");
    check_printed("-(2)", "-(2)");
    check_printed("! (a==b)", "!(a == b)");
    check_printed("strategy in('TP',\"FSDP\")", "strategy in (\"TP\", \"FSDP\")");
    check_printed("if(a<1,pi,.5e-3)", "if(a < 1, pi, 0.0005)");
    check_printed("r[strategy='Baseline',gpu]", "r[strategy = \"Baseline\", gpu]");
    check_printed("`GPU model` == \"say \\\"A\\\"\"", "`GPU model` == \"say \\\"A\\\"\"");
    check_printed("`pi` + pi", "`pi` + pi");
    check_printed("\"C:\\runs\"", "\"C:\\\\runs\"");
}

static void names_and_functions_do_not_meet(void **state)
{
    jf_error err = {0};
    jf_ast *ast = NULL;

    (void)state;
    check_ok(jf_ast_read("test", "log(exp) + C*exp(C) + log", &ast, &err), &err);
    assert_int_equal(ast->args[1]->kind, JF_AST_NAME);
    assert_string_equal(ast->args[1]->text, "log");
    assert_int_equal(ast->args[0]->args[0]->function, JF_FN_LOG);
    assert_int_equal(ast->args[0]->args[1]->args[1]->kind, JF_AST_CALL);
    jf_ast_free(ast);
}

static void messages_point_at_the_place(void **state)
{
    (void)state;
    check_fails("b0 + a*lgo(C)", JF_EUSAGE, "law: column 8: unknown function 'lgo' (did you mean 'log'?)");
    check_fails("ln(x)", JF_EUSAGE, "law: column 1: unknown function 'ln' (did you mean 'log'?)");
    check_fails("", JF_EUSAGE, "law: the expression is empty");
    check_fails("a + ", JF_EUSAGE, "law: column 5: expected a value, found the end");
    check_fails("(a + b", JF_EUSAGE, "law: column 7: expected an operator or ')', found the end");
    check_fails("a b", JF_EUSAGE, "law: column 3: expected an operator or the end, found 'b'");
    check_fails("a = b", JF_EUSAGE,
                "law: column 3: expected an operator or the end, found '=' (did you mean '=='?)");
    check_fails("a and b", JF_EUSAGE,
                "law: column 3: expected an operator or the end, found 'and' (did you mean '&&'?)");
    check_fails("a & b", JF_EUSAGE, "law: column 3: unexpected '&' (did you mean '&&'?)");
    check_fails("a ; b", JF_EUSAGE, "law: column 3: unexpected ';'");
    check_fails("a < b < c", JF_EUSAGE, "law: column 7: comparisons do not chain (write a < b && b < c)");
    check_fails("log(a, b)", JF_EUSAGE, "law: column 1: log takes 1 argument, found 2");
    check_fails("max(a)", JF_EUSAGE, "law: column 1: max takes at least 2 arguments, found 1");
    check_fails("s == \"TP", JF_EUSAGE, "law: column 6: the \" that opens here is never closed");
    check_fails("1e999*x", JF_EUSAGE, "law: column 1: the number '1e999' is out of range");
    check_fails("r[strategy = Baseline]", JF_EUSAGE,
                "law: column 14: expected a reference level in quotes, found 'Baseline'");
    check_fails("r[]", JF_EUSAGE, "law: column 3: expected a label column, found ']'");
    check_fails("s in ()", JF_EUSAGE, "law: column 1: the list after 'in' is empty");
    check_fails("neg(x)", JF_EUSAGE, "law: column 1: unknown function 'neg'");
    check_fails("\xc3\xa9t\xc3\xa9 + lgo(x)", JF_EUSAGE,
                "law: column 7: unknown function 'lgo' (did you mean 'log'?)");
}

static char *repeated(const char *head, const char *piece, size_t n, const char *tail)
{
    size_t length = strlen(piece), start = strlen(head);
    char *text = malloc(start + n * length + strlen(tail) + 1);

    assert_non_null(text);
    memcpy(text, head, start);
    for (size_t i = 0; i < n; i++) memcpy(text + start + i * length, piece, length);
    memcpy(text + start + n * length, tail, strlen(tail) + 1);
    return text;
}

static void check_limit(const char *head, const char *piece, size_t n, const char *tail, jf_status wanted)
{
    char *text = repeated(head, piece, n, tail);
    jf_error err = {0};
    jf_ast *ast = NULL;
    jf_status found = jf_ast_read("law", text, &ast, &err);

    if (found != wanted)
        fail_msg("%zu times '%s': status %d (%s), wanted %d", n, piece, (int)found, err.message, (int)wanted);
    jf_ast_free(ast);
    free(text);
}

static void depth_length_and_nodes_are_limited(void **state)
{
    (void)state;
    check_limit("", "(", 60000, "x", JF_ELIMIT);
    check_limit("", "-", 60000, "x", JF_ELIMIT);
    check_limit("", "log(", 10000, "x", JF_ELIMIT);
    check_limit("x", "^x", 10000, "", JF_ELIMIT);
    check_limit("x", "+x", 1900, "", JF_OK);
    check_limit("x", "+x", 15000, "", JF_ELIMIT);
    check_limit("max(x", ",x", 19000, ")", JF_OK);
    check_limit("max(x", ",x", 20100, ")", JF_ELIMIT);
    check_limit("x", " ", 70000, "", JF_ELIMIT);
    check_limit("", "!", 150, "x", JF_OK);
}

static void two_hundred_parentheses_are_read_and_one_more_is_not(void **state)
{
    char text[512];

    (void)state;
    for (int n = JF_AST_MAX_DEPTH - 2; n <= JF_AST_MAX_DEPTH + 1; n++) {
        jf_error err = {0};
        jf_ast *ast = NULL;
        memset(text, '(', (size_t)n);
        text[n] = 'x';
        memset(text + n + 1, ')', (size_t)n);
        text[2 * n + 1] = '\0';
        assert_int_equal(jf_ast_read("law", text, &ast, &err), n < JF_AST_MAX_DEPTH ? JF_OK : JF_ELIMIT);
        jf_ast_free(ast);
    }
}

static void a_law_has_a_response_a_formula_and_perhaps_a_name(void **state)
{
    jf_error err = {0};
    jf_ast_law law;
    char *shown;

    (void)state;
    check_ok(jf_ast_read_law("roofline: log(E) ~ b0 + a*log(C)", &law, &err), &err);
    assert_string_equal(law.name, "roofline");
    assert_string_equal(law.text, "log(E) ~ b0 + a*log(C)");
    shown = jf_ast_print(law.formula);
    assert_string_equal(shown, "b0 + a*log(C)");
    assert_int_equal(law.response->args[0]->position, 15);
    jf_free(shown);
    jf_ast_law_clear(&law);

    check_ok(jf_ast_read_law("E ~ a", &law, &err), &err);
    assert_null(law.name);
    jf_ast_law_clear(&law);

    assert_int_equal(jf_ast_read_law("log(E)", &law, &err), JF_EUSAGE);
    assert_string_equal(err.message, "law: expected 'response ~ formula', found no '~' in 'log(E)'");
    assert_int_equal(jf_ast_read_law("x: log(E) ~ lgo(C)", &law, &err), JF_EUSAGE);
    assert_string_equal(err.message, "law: column 13: unknown function 'lgo' (did you mean 'log'?)");
    assert_null(law.response);
    assert_int_equal(jf_ast_read_law("E ~ a ~ b", &law, &err), JF_EUSAGE);
    assert_string_equal(err.message, "law: column 7: expected an operator or the end, found '~'");
}

static void substitution_replaces_names_and_renames_levels(void **state)
{
    jf_error err = {0};
    jf_ast *ast = NULL, *with = NULL, *renamed = jf_ast_name("k");
    char *shown;

    (void)state;
    check_ok(jf_ast_read("test", "a*log(N)^2 + N", &ast, &err), &err);
    check_ok(jf_ast_read("test", "x + y", &with, &err), &err);
    check_ok(jf_ast_substitute(&ast, "N", with, &err), &err);
    shown = jf_ast_print(ast);
    assert_string_equal(shown, "a*log(x + y)^2 + (x + y)");
    jf_free(shown);
    jf_ast_free(ast);
    check_ok(jf_ast_read("test", "h[strategy] + h", &ast, &err), &err);
    check_ok(jf_ast_substitute(&ast, "h", renamed, &err), &err);
    shown = jf_ast_print(ast);
    assert_string_equal(shown, "k[strategy] + k");
    jf_free(shown);
    jf_ast_free(ast);
    jf_ast_free(with);
    jf_ast_free(renamed);
}

static void count_name(void *context, const jf_ast *node, const char *name, bool is_level_column)
{
    char *list = context;
    (void)node;
    strcat(strcat(list, is_level_column ? "#" : ""), name);
    strcat(list, " ");
}

static void names_are_visited_in_order(void **state)
{
    jf_error err = {0};
    jf_ast *ast = NULL;
    char list[128] = "";

    (void)state;
    check_ok(jf_ast_read("test", "b + r[s, t = \"x\"]*exp(a) + b", &ast, &err), &err);
    jf_ast_names(ast, count_name, list);
    assert_string_equal(list, "b r #s #t a b ");
    jf_ast_free(ast);
}

static void parameter_names_quote_what_is_no_plain_word(void **state)
{
    const char *odd[] = {"A, b", "x"};
    jf_error err = {0};
    jf_ast *ast = NULL;
    char *name = jf_parameter_name("r", odd, 2);

    (void)state;
    assert_string_equal(name, "r[\"A, b\",x]");
    check_ok(jf_ast_read("test", name, &ast, &err), &err);
    jf_free(name);
    name = jf_ast_parameter_name(ast);
    assert_string_equal(name, "r[\"A, b\",x]");
    jf_free(name);
    jf_ast_free(ast);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operators_bind_as_the_language_says),
        cmocka_unit_test(what_is_printed_needs_no_more_parentheses_than_the_grammar),
        cmocka_unit_test(names_and_functions_do_not_meet),
        cmocka_unit_test(messages_point_at_the_place),
        cmocka_unit_test(depth_length_and_nodes_are_limited),
        cmocka_unit_test(two_hundred_parentheses_are_read_and_one_more_is_not),
        cmocka_unit_test(a_law_has_a_response_a_formula_and_perhaps_a_name),
        cmocka_unit_test(substitution_replaces_names_and_renames_levels),
        cmocka_unit_test(names_are_visited_in_order),
        cmocka_unit_test(parameter_names_quote_what_is_no_plain_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
