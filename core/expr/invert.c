/* Solving z = g(y) for y in symbols: one rule for each function, applied from the outside in. */
#include "core/expr/invert.h"

#include <math.h>
#include <string.h>

size_t jf_ast_count(const jf_ast *ast, const char *name)
{
    size_t n = ast->kind == JF_AST_NAME && strcmp(ast->text, name) == 0;
    for (size_t i = 0; i < ast->n_args; i++) n += jf_ast_count(ast->args[i], name);
    return n;
}

/* A rule gives the inverse of function(args) by its argument `at`, put in for `z` (taken over). */
typedef jf_ast *(*rule)(const jf_ast *call, size_t at, jf_ast *z);

static jf_ast *other(const jf_ast *call, size_t at)
{
    return jf_ast_copy(call->args[1 - at]);
}

static jf_ast *number(double value)
{
    return jf_ast_number(value);
}

static jf_ast *of_neg(const jf_ast *call, size_t at, jf_ast *z)
{
    (void)call, (void)at;
    return jf_ast_call1(JF_FN_NEG, z);
}

static jf_ast *of_add(const jf_ast *call, size_t at, jf_ast *z)
{
    return jf_ast_call2(JF_FN_SUB, z, other(call, at));
}

static jf_ast *of_sub(const jf_ast *call, size_t at, jf_ast *z)
{
    return at == 0 ? jf_ast_call2(JF_FN_ADD, z, other(call, at))
                   : jf_ast_call2(JF_FN_SUB, other(call, at), z);
}

static jf_ast *of_mul(const jf_ast *call, size_t at, jf_ast *z)
{
    return jf_ast_call2(JF_FN_DIV, z, other(call, at));
}

static jf_ast *of_div(const jf_ast *call, size_t at, jf_ast *z)
{
    return at == 0 ? jf_ast_call2(JF_FN_MUL, z, other(call, at))
                   : jf_ast_call2(JF_FN_DIV, other(call, at), z);
}

/* y^p on y > 0; p^y. */
static jf_ast *of_pow(const jf_ast *call, size_t at, jf_ast *z)
{
    jf_ast *log_z;

    if (at == 0) return jf_ast_call2(JF_FN_POW, z, jf_ast_call2(JF_FN_DIV, number(1), other(call, at)));
    log_z = jf_ast_call1(JF_FN_LOG, z);
    return jf_ast_call2(JF_FN_DIV, log_z, jf_ast_call1(JF_FN_LOG, other(call, at)));
}

static jf_ast *of_log(const jf_ast *call, size_t at, jf_ast *z)
{
    (void)call, (void)at;
    return jf_ast_call1(JF_FN_EXP, z);
}

static jf_ast *of_log2(const jf_ast *call, size_t at, jf_ast *z)
{
    (void)call, (void)at;
    return jf_ast_call2(JF_FN_POW, number(2), z);
}

static jf_ast *of_log10(const jf_ast *call, size_t at, jf_ast *z)
{
    (void)call, (void)at;
    return jf_ast_call2(JF_FN_POW, number(10), z);
}

static jf_ast *of_log1p(const jf_ast *call, size_t at, jf_ast *z)
{
    (void)call, (void)at;
    return jf_ast_call1(JF_FN_EXPM1, z);
}

static jf_ast *of_exp(const jf_ast *call, size_t at, jf_ast *z)
{
    (void)call, (void)at;
    return jf_ast_call1(JF_FN_LOG, z);
}

static jf_ast *of_expm1(const jf_ast *call, size_t at, jf_ast *z)
{
    (void)call, (void)at;
    return jf_ast_call1(JF_FN_LOG1P, z);
}

/* No root is negative: sqrt(z)^4 is z^2 where z >= 0, and missing elsewhere. */
static jf_ast *of_sqrt(const jf_ast *call, size_t at, jf_ast *z)
{
    (void)call, (void)at;
    return jf_ast_call2(JF_FN_POW, jf_ast_call1(JF_FN_SQRT, z), number(4));
}

static jf_ast *of_sigmoid(const jf_ast *call, size_t at, jf_ast *z)
{
    jf_ast *rest = jf_ast_call2(JF_FN_SUB, number(1), jf_ast_copy(z));
    (void)call, (void)at;
    return jf_ast_call1(JF_FN_LOG, jf_ast_call2(JF_FN_DIV, z, rest));
}

static jf_ast *of_tanh(const jf_ast *call, size_t at, jf_ast *z)
{
    jf_ast *above = jf_ast_call1(JF_FN_LOG1P, jf_ast_copy(z));
    jf_ast *below = jf_ast_call1(JF_FN_LOG1P, jf_ast_call1(JF_FN_NEG, z));
    (void)call, (void)at;
    return jf_ast_call2(JF_FN_MUL, number(0.5), jf_ast_call2(JF_FN_SUB, above, below));
}

static jf_ast *of_logistic_root(const jf_ast *call, size_t at, jf_ast *z)
{
    jf_ast *above = jf_ast_call1(JF_FN_LOG, jf_ast_copy(z));
    jf_ast *below = jf_ast_call1(JF_FN_LOG1P, jf_ast_call1(JF_FN_NEG, z));

    if (at == 1) return jf_ast_call2(JF_FN_DIV, jf_ast_call2(JF_FN_SUB, above, other(call, at)), below);
    return jf_ast_call2(JF_FN_SUB, above, jf_ast_call2(JF_FN_MUL, other(call, at), below));
}

/* Monotone functions; those without a rule are solved by bracketing. */
static const struct monotone {
    bool is;
    rule inverse;
} monotone[JF_N_FUNCTIONS] = {
    [JF_FN_NEG] = {true, of_neg},
    [JF_FN_ADD] = {true, of_add},
    [JF_FN_SUB] = {true, of_sub},
    [JF_FN_MUL] = {true, of_mul},
    [JF_FN_DIV] = {true, of_div},
    [JF_FN_POW] = {true, of_pow},
    [JF_FN_LOG] = {true, of_log},
    [JF_FN_LOG2] = {true, of_log2},
    [JF_FN_LOG10] = {true, of_log10},
    [JF_FN_LOG1P] = {true, of_log1p},
    [JF_FN_EXP] = {true, of_exp},
    [JF_FN_EXPM1] = {true, of_expm1},
    [JF_FN_SQRT] = {true, of_sqrt},
    [JF_FN_SIGMOID] = {true, of_sigmoid},
    [JF_FN_TANH] = {true, of_tanh},
    [JF_FN_ATAN] = {true, NULL},
    [JF_FN_ERF] = {true, NULL},
    [JF_FN_LSE] = {true, NULL},
    [JF_FN_LOGISTIC_ROOT] = {true, of_logistic_root},
};

const jf_ast *jf_ast_not_monotone(const jf_ast *ast, const char *name)
{
    const jf_ast *found = NULL;

    if (ast->kind == JF_AST_NAME || jf_ast_count(ast, name) == 0) return NULL;
    if (ast->kind != JF_AST_CALL || !monotone[ast->function].is) return ast;
    for (size_t i = 0; !found && i < ast->n_args; i++) found = jf_ast_not_monotone(ast->args[i], name);
    return found;
}

jf_ast *jf_ast_invert(const jf_ast *ast, const char *name, bool *no_memory)
{
    jf_ast *z = jf_ast_name(name);

    *no_memory = false;
    while (z && ast->kind == JF_AST_CALL) {
        size_t at = 0;
        if (!monotone[ast->function].inverse) {
            jf_ast_free(z);
            return NULL;
        }
        while (jf_ast_count(ast->args[at], name) == 0) at++;
        z = monotone[ast->function].inverse(ast, at, z);
        ast = ast->args[at];
    }
    *no_memory = !z;
    return z;
}
