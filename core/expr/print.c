/* Writing a syntax tree as text that reads back to the same tree. */
#include "core/expr/ast.h"

#include <ctype.h>
#include <math.h>
#include <string.h>
#include "core/expr/node.h"
#include "core/memory.h"

static int level_of(const jf_ast *ast)
{
    if (ast->kind == JF_AST_IN) return JF_LEVEL_COMPARE;
    if (ast->kind == JF_AST_NUMBER && signbit(ast->number) && !isnan(ast->number)) return JF_LEVEL_MINUS;
    if (ast->kind != JF_AST_CALL) return JF_LEVEL_PRIMARY;
    if (ast->function == JF_FN_NEG) return JF_LEVEL_MINUS;
    if (ast->function == JF_FN_NOT) return JF_LEVEL_NOT;
    return jf_operator_level(ast->function) ? jf_operator_level(ast->function) : JF_LEVEL_PRIMARY;
}

static void print(jf_text *text, const jf_ast *ast);

/* Puts parentheses around what binds less tightly than `level`. */
static void print_at(jf_text *text, const jf_ast *ast, int level)
{
    bool wrapped = level_of(ast) < level;

    if (wrapped) jf_text_add(text, "(");
    print(text, ast);
    if (wrapped) jf_text_add(text, ")");
}

static bool is_plain_name(const char *name)
{
    if (!jf_name_starts(name[0])) return false;
    for (const char *c = name; *c; c++)
        if (!jf_name_goes_on(*c)) return false;
    return strcmp(name, "pi") != 0 && strcmp(name, "NA") != 0 && strcmp(name, "in") != 0;
}

void jf_name_print(jf_text *text, const char *name)
{
    bool plain = is_plain_name(name);

    if (plain) {
        jf_text_add(text, name);
        return;
    }
    jf_text_add(text, "`");
    for (const char *c = name; *c; c++) jf_text_add(text, *c == '`' ? "``" : (char[]){*c, 0});
    jf_text_add(text, "`");
}

static void print_string(jf_text *text, const char *string)
{
    jf_text_add(text, "\"");
    for (const char *c = string; *c; c++) {
        if (*c == '"' || *c == '\\') jf_text_add(text, "\\");
        jf_text_add_bytes(text, c, 1);
    }
    jf_text_add(text, "\"");
}

/* In brackets a name may also stand as a string: the only way to write an empty one, or one
 * that begins with a backquote. */
static void print_column(jf_text *text, const char *name)
{
    if (!*name || *name == '`')
        print_string(text, name);
    else
        jf_name_print(text, name);
}

static void print_number(jf_text *text, double number)
{
    char buffer[JF_NUMBER_TEXT];

    if (isnan(number))
        jf_text_add(text, "NA");
    else if (number == M_PI)
        jf_text_add(text, "pi");
    else
        jf_text_add(text, jf_number_exact(buffer, number));
}

static void print_levels(jf_text *text, const jf_ast *ast)
{
    jf_name_print(text, ast->text);
    jf_text_add(text, "[");
    for (size_t i = 0; i < ast->n_dimensions; i++) {
        if (i) jf_text_add(text, ", ");
        print_column(text, ast->dimensions[i].column);
        if (!ast->dimensions[i].reference) continue;
        jf_text_add(text, " = ");
        print_string(text, ast->dimensions[i].reference);
    }
    jf_text_add(text, "]");
}

static void print_list(jf_text *text, const jf_ast *ast, size_t first)
{
    jf_text_add(text, "(");
    for (size_t i = first; i < ast->n_args; i++) {
        if (i > first) jf_text_add(text, ", ");
        print(text, ast->args[i]);
    }
    jf_text_add(text, ")");
}

/* Sums, comparisons and logic have blanks around them; products and powers stand close. */
static void print_infix(jf_text *text, const jf_ast *ast, int level)
{
    bool spaced = level <= JF_LEVEL_SUM, power = level == JF_LEVEL_POWER, compare = level == JF_LEVEL_COMPARE;

    print_at(text, ast->args[0], power || compare ? level + 1 : level);
    if (spaced) jf_text_add(text, " ");
    jf_text_add(text, jf_functions[ast->function].name);
    if (spaced) jf_text_add(text, " ");
    print_at(text, ast->args[1], power ? JF_LEVEL_MINUS : level + 1);
}

static void print_call(jf_text *text, const jf_ast *ast)
{
    int level = jf_operator_level(ast->function);
    bool of_number = ast->n_args == 1 && ast->args[0]->kind == JF_AST_NUMBER && ast->args[0]->number != M_PI;

    if (level && ast->n_args == 2) {
        print_infix(text, ast, level);
    } else if (ast->function == JF_FN_NEG) { /* -(2) is not the number -2 */
        jf_text_add(text, "-");
        print_at(text, ast->args[0], of_number ? JF_LEVEL_PRIMARY + 1 : JF_LEVEL_MINUS);
    } else if (ast->function == JF_FN_NOT) {
        jf_text_add(text, "!");
        print_at(text, ast->args[0], JF_LEVEL_MINUS); /* !(a == b) needs none, but is read more surely */
    } else {
        jf_text_add(text, jf_functions[ast->function].name);
        print_list(text, ast, 0);
    }
}

static void print(jf_text *text, const jf_ast *ast)
{
    switch (ast->kind) {
    case JF_AST_NUMBER: print_number(text, ast->number); break;
    case JF_AST_STRING: print_string(text, ast->text); break;
    case JF_AST_NAME: jf_name_print(text, ast->text); break;
    case JF_AST_LEVELS: print_levels(text, ast); break;
    case JF_AST_CALL: print_call(text, ast); break;
    case JF_AST_IN:
        print_at(text, ast->args[0], JF_LEVEL_SUM);
        jf_text_add(text, " in ");
        print_list(text, ast, 1);
        break;
    }
}

char *jf_ast_print(const jf_ast *ast)
{
    jf_text text = {0};
    print(&text, ast);
    return jf_text_take(&text);
}

static bool is_plain_level(const char *level)
{
    for (const char *c = level; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr("_.-", *c)) return false;
    return level[0] != '\0';
}

char *jf_parameter_name(const char *base, const char *const *levels, size_t n_levels)
{
    jf_text text = {0};

    jf_text_add(&text, base);
    for (size_t i = 0; i < n_levels; i++) {
        jf_text_add(&text, i ? "," : "[");
        if (is_plain_level(levels[i]))
            jf_text_add(&text, levels[i]);
        else
            print_string(&text, levels[i]);
    }
    if (n_levels) jf_text_add(&text, "]");
    return jf_text_take(&text);
}

char *jf_ast_parameter_name(const jf_ast *ast)
{
    const char *levels[JF_AST_MAX_DIMENSIONS];

    for (size_t i = 0; i < ast->n_dimensions; i++) levels[i] = ast->dimensions[i].column;
    return jf_parameter_name(ast->text, levels, ast->n_dimensions);
}
