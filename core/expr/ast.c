/* Syntax trees: building, copying, comparing, substituting, walking. */
#include "core/expr/ast.h"

#include <math.h>
#include <string.h>
#include "core/expr/node.h"
#include "core/memory.h"
#include "core/text.h"

jf_ast *jf_ast_new(jf_ast_kind kind, int position)
{
    jf_ast *ast = JF_NEW(jf_ast);
    if (!ast) return NULL;
    ast->kind = kind;
    ast->position = position;
    ast->height = 1;
    return ast;
}

bool jf_ast_push(jf_ast *parent, jf_ast *arg)
{
    jf_ast **args;

    if (!arg) return false;
    args = jf_resize(parent->args, parent->n_args + 1, sizeof *args);
    if (!args) {
        jf_ast_free(arg);
        return false;
    }
    parent->args = args;
    args[parent->n_args++] = arg;
    if (parent->height <= arg->height) parent->height = arg->height + 1;
    return true;
}

bool jf_ast_add_dimension(jf_ast *ast, const char *column, const char *reference)
{
    jf_ast_dimension *grown = jf_resize(ast->dimensions, ast->n_dimensions + 1, sizeof *grown);
    jf_ast_dimension *last;

    if (!grown) return false;
    ast->dimensions = grown;
    last = &grown[ast->n_dimensions++];
    last->column = jf_copy_text(column);
    last->reference = jf_copy_text(reference);
    return last->column && (last->reference || !reference);
}

void jf_ast_free(jf_ast *ast)
{
    if (!ast) return;
    for (size_t i = 0; i < ast->n_args; i++) jf_ast_free(ast->args[i]);
    for (size_t i = 0; i < ast->n_dimensions; i++) {
        jf_free(ast->dimensions[i].column);
        jf_free(ast->dimensions[i].reference);
    }
    jf_free(ast->args);
    jf_free(ast->dimensions);
    jf_free(ast->text);
    jf_free(ast);
}

void jf_ast_law_clear(jf_ast_law *law)
{
    if (!law) return;
    jf_free(law->name);
    jf_free(law->text);
    jf_ast_free(law->response);
    jf_ast_free(law->formula);
    *law = (jf_ast_law){0};
}

jf_ast *jf_ast_copy(const jf_ast *ast)
{
    jf_ast *copy = ast ? jf_ast_new(ast->kind, ast->position) : NULL;

    if (!copy) return NULL;
    copy->number = ast->number;
    copy->function = ast->function;
    if (ast->text && !(copy->text = jf_copy_text(ast->text))) goto failed;
    for (size_t i = 0; i < ast->n_args; i++)
        if (!jf_ast_push(copy, jf_ast_copy(ast->args[i]))) goto failed;
    for (size_t i = 0; i < ast->n_dimensions; i++)
        if (!jf_ast_add_dimension(copy, ast->dimensions[i].column, ast->dimensions[i].reference)) goto failed;
    return copy;
failed:
    jf_ast_free(copy);
    return NULL;
}

static bool replaces(const jf_ast *ast, const char *name, const jf_ast *with)
{
    bool named = ast->kind == JF_AST_NAME || (ast->kind == JF_AST_LEVELS && with->kind == JF_AST_NAME);
    return named && strcmp(ast->text, name) == 0;
}

static bool replace(jf_ast **place, const jf_ast *with)
{
    jf_ast *old = *place, *made;
    char *name;

    if (old->kind == JF_AST_LEVELS) { /* a level parameter keeps its brackets and gets the new name */
        if (!(name = jf_copy_text(with->text))) return false;
        jf_free(old->text);
        old->text = name;
        return true;
    }
    if (!(made = jf_ast_copy(with))) return false;
    jf_ast_free(old);
    *place = made;
    return true;
}

static bool substitute(jf_ast **place, const char *name, const jf_ast *with)
{
    jf_ast *ast = *place;
    int height = 1;

    if (replaces(ast, name, with)) return replace(place, with);
    for (size_t i = 0; i < ast->n_args; i++) {
        if (!substitute(&ast->args[i], name, with)) return false;
        if (ast->args[i]->height >= height) height = ast->args[i]->height + 1;
    }
    ast->height = height;
    return true;
}

static size_t count_nodes(const jf_ast *ast)
{
    size_t n = 1;
    for (size_t i = 0; i < ast->n_args; i++) n += count_nodes(ast->args[i]);
    return n;
}

static size_t count_uses(const jf_ast *ast, const char *name, const jf_ast *with)
{
    size_t n = 0;
    if (replaces(ast, name, with)) return 1;
    for (size_t i = 0; i < ast->n_args; i++) n += count_uses(ast->args[i], name, with);
    return n;
}

jf_status jf_ast_substitute(jf_ast **ast, const char *name, const jf_ast *with, jf_error *err)
{
    size_t nodes = count_nodes(*ast) + count_uses(*ast, name, with) * count_nodes(with);

    if (nodes > JF_AST_MAX_NODES || (*ast)->height + with->height > JF_AST_MAX_HEIGHT)
        return jf_fail(err, JF_ELIMIT, "putting an expression in for '%s' makes the formula too large", name);
    if (!substitute(ast, name, with))
        return jf_fail(err, JF_ENOMEM, "out of memory for the expression put in for '%s'", name);
    return JF_OK;
}

static bool same_text(const char *a, const char *b)
{
    return (!a && !b) || (a && b && strcmp(a, b) == 0);
}

static bool same_number(double a, double b)
{
    return a == b ? signbit(a) == signbit(b) : isnan(a) && isnan(b);
}

bool jf_ast_equal(const jf_ast *a, const jf_ast *b)
{
    if (!a || !b) return a == b;
    if (a->kind != b->kind || a->n_args != b->n_args || a->n_dimensions != b->n_dimensions) return false;
    if (a->kind == JF_AST_NUMBER && !same_number(a->number, b->number)) return false;
    if (a->kind == JF_AST_CALL && a->function != b->function) return false;
    if (!same_text(a->text, b->text)) return false;
    for (size_t i = 0; i < a->n_dimensions; i++)
        if (!same_text(a->dimensions[i].column, b->dimensions[i].column) ||
            !same_text(a->dimensions[i].reference, b->dimensions[i].reference))
            return false;
    for (size_t i = 0; i < a->n_args; i++)
        if (!jf_ast_equal(a->args[i], b->args[i])) return false;
    return true;
}

jf_ast *jf_ast_number(double value)
{
    jf_ast *ast = jf_ast_new(JF_AST_NUMBER, 0);
    if (ast) ast->number = value;
    return ast;
}

static jf_ast *with_text(jf_ast_kind kind, const char *text)
{
    jf_ast *ast = jf_ast_new(kind, 0);
    if (ast && !(ast->text = jf_copy_text(text))) {
        jf_ast_free(ast);
        return NULL;
    }
    return ast;
}

jf_ast *jf_ast_name(const char *name)
{
    return with_text(JF_AST_NAME, name);
}

jf_ast *jf_ast_string(const char *text)
{
    return with_text(JF_AST_STRING, text);
}

jf_ast *jf_ast_call1(jf_function function, jf_ast *a)
{
    jf_ast *call = a ? jf_ast_new(JF_AST_CALL, a->position) : NULL;

    if (!call) {
        jf_ast_free(a);
        return NULL;
    }
    call->function = function;
    if (jf_ast_push(call, a)) return call;
    jf_ast_free(call);
    return NULL;
}

jf_ast *jf_ast_call2(jf_function function, jf_ast *a, jf_ast *b)
{
    jf_ast *call = a && b ? jf_ast_call1(function, a) : NULL;

    if (!call) {
        if (!b) jf_ast_free(a); /* else call1 has freed it, or it is NULL */
        jf_ast_free(b);
        return NULL;
    }
    if (jf_ast_push(call, b)) return call;
    jf_ast_free(call);
    return NULL;
}

void jf_ast_names(const jf_ast *ast, jf_name_visit visit, void *context)
{
    if (ast->kind == JF_AST_NAME || ast->kind == JF_AST_LEVELS) visit(context, ast, ast->text, false);
    for (size_t i = 0; i < ast->n_dimensions; i++) visit(context, ast, ast->dimensions[i].column, true);
    for (size_t i = 0; i < ast->n_args; i++) jf_ast_names(ast->args[i], visit, context);
}

bool jf_ast_has_levels_of(const jf_ast *ast, const char *column)
{
    bool found = false;

    for (size_t i = 0; ast->kind == JF_AST_LEVELS && i < ast->n_dimensions; i++)
        found = found || strcmp(ast->dimensions[i].column, column) == 0;
    for (size_t i = 0; i < ast->n_args && !found; i++) found = jf_ast_has_levels_of(ast->args[i], column);
    return found;
}
