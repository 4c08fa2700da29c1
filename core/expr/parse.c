/* Reading text into a syntax tree, by operator precedence. */
#include "core/expr/ast.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/expr/node.h"
#include "core/expr/tokens.h"
#include "core/memory.h"

typedef struct parser {
    jf_tokens in;
    int depth; /* operands inside operands */
    size_t n_nodes;
} parser;

static jf_status read_level(parser *p, int level, jf_ast **out);

int jf_operator_level(jf_function function)
{
    switch (function) {
    case JF_FN_OR: return JF_LEVEL_OR;
    case JF_FN_AND: return JF_LEVEL_AND;
    case JF_FN_LT:
    case JF_FN_LE:
    case JF_FN_GT:
    case JF_FN_GE:
    case JF_FN_EQ:
    case JF_FN_NE: return JF_LEVEL_COMPARE;
    case JF_FN_ADD:
    case JF_FN_SUB: return JF_LEVEL_SUM;
    case JF_FN_MUL:
    case JF_FN_DIV: return JF_LEVEL_PRODUCT;
    case JF_FN_POW: return JF_LEVEL_POWER;
    default: return 0;
    }
}

static jf_status no_memory(parser *p)
{
    return jf_fail(p->in.err, JF_ENOMEM, "out of memory for the expression in %s", p->in.what);
}

static jf_status too_large(parser *p, const char *thing, int limit)
{
    return jf_fail(p->in.err, JF_ELIMIT, "%s: column %d: the expression has more than %d %s", p->in.what,
                   p->in.token.position, limit, thing);
}

static bool at_mark(const parser *p, char mark)
{
    return p->in.token.kind == JF_TOKEN_PUNCTUATION && p->in.token.mark == mark;
}

static bool at_word(const parser *p, const char *word)
{
    const jf_token *token = &p->in.token;
    return token->kind == JF_TOKEN_NAME && token->length == strlen(word) &&
           memcmp(token->start, word, token->length) == 0;
}

/* "expected WANTED, found ..." with what other languages' users may have meant. */
static jf_status unexpected(parser *p, const char *wanted)
{
    static const char *const meant[][2] = {
        {"and", "&&"}, {"or", "||"}, {"not", "!"}, {"AND", "&&"}, {"OR", "||"}};
    char found[64];
    const char *hint = at_mark(p, '=') ? "==" : NULL;

    for (size_t i = 0; i < sizeof meant / sizeof *meant; i++)
        if (at_word(p, meant[i][0])) hint = meant[i][1];
    jf_token_shown(&p->in.token, found, sizeof found);
    if (!hint) return jf_tokens_fail(&p->in, p->in.token.position, "expected %s, found %s", wanted, found);
    return jf_tokens_fail(&p->in, p->in.token.position, "expected %s, found %s (did you mean '%s'?)", wanted,
                          found, hint);
}

static jf_status expect(parser *p, char mark, const char *wanted)
{
    return at_mark(p, mark) ? jf_tokens_advance(&p->in) : unexpected(p, wanted);
}

static jf_status make(parser *p, jf_ast_kind kind, int position, jf_ast **out)
{
    if (++p->n_nodes > JF_AST_MAX_NODES)
        return too_large(p, "names, numbers and operators", JF_AST_MAX_NODES);
    *out = jf_ast_new(kind, position);
    return *out ? JF_OK : no_memory(p);
}

/* Appends `arg`, which is taken over whatever happens. */
static jf_status push(parser *p, jf_ast *parent, jf_ast *arg)
{
    if (!jf_ast_push(parent, arg)) return no_memory(p);
    return parent->height > JF_AST_MAX_HEIGHT ? too_large(p, "operators in a chain", JF_AST_MAX_HEIGHT)
                                              : JF_OK;
}

static jf_status make_call(parser *p, jf_function function, int position, jf_ast **out)
{
    jf_status status = make(p, JF_AST_CALL, position, out);
    if (status == JF_OK) (*out)->function = function;
    return status;
}

/* expr, expr, ... ) - the opening parenthesis is behind us. */
static jf_status read_arguments(parser *p, jf_ast *call)
{
    jf_status status = JF_OK;
    jf_ast *arg = NULL;

    if (at_mark(p, ')')) return jf_tokens_advance(&p->in);
    for (;;) {
        JF_TRY(read_level(p, JF_LEVEL_OR, &arg));
        JF_TRY(push(p, call, arg));
        if (!at_mark(p, ',')) break;
        JF_TRY(jf_tokens_advance(&p->in));
    }
    JF_TRY(expect(p, ')', "',' or ')'"));
done:
    return status;
}

static jf_status unknown_function(parser *p, const jf_token *at, const char *name)
{
    const char *candidates[JF_N_FUNCTIONS];
    char hint[96];
    size_t n = 0;

    for (int i = 0; i < JF_N_FUNCTIONS; i++)
        if (jf_function_find(jf_functions[i].name) == i) candidates[n++] = jf_functions[i].name;
    if (strcmp(name, "ln") == 0)
        snprintf(hint, sizeof hint, " (did you mean 'log'?)");
    else
        jf_did_you_mean(hint, sizeof hint, name, candidates, n);
    return jf_tokens_fail(&p->in, at->position, "unknown function '%s'%s", name, hint);
}

static jf_status check_arity(parser *p, const jf_token *at, const char *name, const jf_ast *call)
{
    const jf_function_row *row = &jf_functions[call->function];
    int n = (int)call->n_args;

    if (n >= row->fewest && (row->most < 0 || n <= row->most)) return JF_OK;
    return jf_tokens_fail(&p->in, at->position, "%s takes %s%d argument%s, found %d", name,
                          row->most < 0 ? "at least " : "", row->fewest, row->fewest == 1 ? "" : "s", n);
}

/* name(...) - at the opening parenthesis. */
static jf_status read_call(parser *p, const jf_token *at, const char *name, jf_ast **out)
{
    jf_status status = JF_OK;
    int function = jf_function_find(name);

    if (function < 0) return unknown_function(p, at, name);
    JF_TRY(make_call(p, (jf_function)function, at->position, out));
    JF_TRY(jf_tokens_advance(&p->in));
    JF_TRY(read_arguments(p, *out));
    JF_TRY(check_arity(p, at, name, *out));
done:
    return status;
}

/* A level's name: "Baseline", or a number as a label column shows it. */
static jf_status read_reference(parser *p, char **out)
{
    char number[JF_NUMBER_TEXT];

    if (p->in.token.kind == JF_TOKEN_STRING)
        *out = jf_token_text(&p->in.token);
    else if (p->in.token.kind == JF_TOKEN_NUMBER)
        *out = jf_copy_text(jf_number_exact(number, p->in.token.number));
    else
        return unexpected(p, "a reference level in quotes");
    return *out ? jf_tokens_advance(&p->in) : no_memory(p);
}

/* strategy, or strategy = "Baseline". A quoted or numeric name is allowed, so that r["A, b"] can be read
 * where a parameter is meant. */
static jf_status read_dimension(parser *p, jf_ast *levels)
{
    jf_status status = JF_OK;
    jf_token_kind kind = p->in.token.kind;
    char *column = NULL, *reference = NULL;

    if (kind == JF_TOKEN_NAME || kind == JF_TOKEN_QUOTED) {
        column = jf_token_text(&p->in.token);
        JF_TRY(column ? jf_tokens_advance(&p->in) : no_memory(p));
    } else if (kind == JF_TOKEN_STRING || kind == JF_TOKEN_NUMBER) {
        JF_TRY(read_reference(p, &column));
    } else {
        JF_TRY(unexpected(p, "a label column"));
    }
    if (at_mark(p, '=')) {
        JF_TRY(jf_tokens_advance(&p->in));
        JF_TRY(read_reference(p, &reference));
    }
    if (levels->n_dimensions == JF_AST_MAX_DIMENSIONS)
        JF_TRY(too_large(p, "label columns in brackets", JF_AST_MAX_DIMENSIONS));
    if (!jf_ast_add_dimension(levels, column, reference)) status = no_memory(p);
done:
    jf_free(column);
    jf_free(reference);
    return status;
}

/* name[...] - at the opening bracket; takes `name` over. */
static jf_status read_levels(parser *p, const jf_token *at, char *name, jf_ast **out)
{
    jf_status status = make(p, JF_AST_LEVELS, at->position, out);

    if (status != JF_OK) {
        jf_free(name);
        return status;
    }
    (*out)->text = name;
    do {
        JF_TRY(jf_tokens_advance(&p->in)); /* the bracket or the comma */
        JF_TRY(read_dimension(p, *out));
    } while (at_mark(p, ','));
    JF_TRY(expect(p, ']', "',' or ']'"));
done:
    return status;
}

static jf_status make_constant(parser *p, const jf_token *at, double number, jf_ast **out)
{
    jf_status status = make(p, JF_AST_NUMBER, at->position, out);
    if (status == JF_OK) (*out)->number = number;
    return status;
}

static jf_status read_name(parser *p, jf_ast **out)
{
    jf_token at = p->in.token;
    bool pi = at_word(p, "pi"), missing = at_word(p, "NA");
    char *name = jf_token_text(&at);
    jf_status status = JF_OK;

    JF_TRY(name ? jf_tokens_advance(&p->in) : no_memory(p));
    if (at.kind == JF_TOKEN_NAME && at_mark(p, '(')) {
        JF_TRY(read_call(p, &at, name, out));
    } else if (at_mark(p, '[')) {
        status = read_levels(p, &at, name, out);
        name = NULL;
    } else if (pi || missing) {
        JF_TRY(make_constant(p, &at, pi ? M_PI : NAN, out));
    } else {
        JF_TRY(make(p, JF_AST_NAME, at.position, out));
        (*out)->text = name;
        name = NULL;
    }
done:
    jf_free(name);
    return status;
}

static jf_status read_prefix(parser *p, jf_ast **out)
{
    jf_status status = JF_OK;
    jf_token at = p->in.token;
    bool minus = at.function == JF_FN_SUB, literal;
    jf_ast *arg = NULL;

    JF_TRY(jf_tokens_advance(&p->in));
    literal = p->in.token.kind == JF_TOKEN_NUMBER;
    JF_TRY(read_level(p, at.function == JF_FN_NOT ? JF_LEVEL_COMPARE : JF_LEVEL_POWER, &arg));
    if (at.function == JF_FN_ADD || (minus && literal && arg->kind == JF_AST_NUMBER)) {
        if (minus) arg->number = -arg->number; /* -2 is a number, -2^2 is -(2^2) */
        arg->position = at.position;
        *out = arg;
        arg = NULL;
    } else {
        JF_TRY(make_call(p, minus ? JF_FN_NEG : JF_FN_NOT, at.position, out));
        JF_TRY(push(p, *out, arg));
        arg = NULL;
    }
done:
    if (status != JF_OK && *out == NULL) jf_ast_free(arg);
    return status;
}

static jf_status read_primary(parser *p, jf_ast **out)
{
    jf_status status = JF_OK;
    jf_token at = p->in.token;

    if (at.kind == JF_TOKEN_NUMBER) {
        JF_TRY(make_constant(p, &at, at.number, out));
        JF_TRY(jf_tokens_advance(&p->in));
    } else if (at.kind == JF_TOKEN_STRING) {
        JF_TRY(make(p, JF_AST_STRING, at.position, out));
        (*out)->text = jf_token_text(&at);
        JF_TRY((*out)->text ? jf_tokens_advance(&p->in) : no_memory(p));
    } else if (at.kind == JF_TOKEN_NAME || at.kind == JF_TOKEN_QUOTED) {
        JF_TRY(read_name(p, out));
    } else if (at_mark(p, '(')) {
        JF_TRY(jf_tokens_advance(&p->in));
        JF_TRY(read_level(p, JF_LEVEL_OR, out));
        JF_TRY(expect(p, ')', "an operator or ')'"));
    } else {
        JF_TRY(unexpected(p, "a value"));
    }
done:
    return status;
}

static jf_status read_operand(parser *p, jf_ast **out)
{
    jf_function function = p->in.token.function;
    bool is_operator = p->in.token.kind == JF_TOKEN_OPERATOR;
    jf_status status;

    if (p->depth >= JF_AST_MAX_DEPTH) return too_large(p, "levels of nesting", JF_AST_MAX_DEPTH);
    p->depth++;
    if (is_operator && (function == JF_FN_SUB || function == JF_FN_ADD || function == JF_FN_NOT))
        status = read_prefix(p, out);
    else
        status = read_primary(p, out);
    p->depth--;
    return status;
}

/* left in (...) - at `in`. */
static jf_status read_in(parser *p, jf_ast *call)
{
    jf_status status = JF_OK;

    JF_TRY(jf_tokens_advance(&p->in));
    JF_TRY(expect(p, '(', "'(' and a list after 'in'"));
    JF_TRY(read_arguments(p, call));
    if (call->n_args == 1) JF_TRY(jf_tokens_fail(&p->in, call->position, "the list after 'in' is empty"));
done:
    return status;
}

static jf_status read_right_side(parser *p, jf_function function, int level, jf_ast *call)
{
    jf_status status = JF_OK;
    jf_ast *right = NULL;

    JF_TRY(jf_tokens_advance(&p->in));
    if (function == JF_FN_POW) { /* groups to the right, and its exponent may have a sign */
        if (p->depth >= JF_AST_MAX_DEPTH) return too_large(p, "levels of nesting", JF_AST_MAX_DEPTH);
        p->depth++;
        status = read_level(p, JF_LEVEL_MINUS, &right);
        p->depth--;
    } else {
        status = read_level(p, level + 1, &right);
    }
    if (status == JF_OK) return push(p, call, right);
done:
    jf_ast_free(right);
    return status;
}

/* Wraps what has been read, *out, as the first argument of the operator that stands here. */
static jf_status read_infix(parser *p, int level, bool in, jf_ast **out)
{
    jf_function function = p->in.token.function;
    jf_ast *left = *out, *call = NULL;
    jf_status status;

    *out = NULL;
    status = in ? make(p, JF_AST_IN, left->position, &call) : make_call(p, function, left->position, &call);
    if (status != JF_OK) {
        jf_ast_free(left);
        return status;
    }
    *out = call;
    JF_TRY(push(p, call, left));
    JF_TRY(in ? read_in(p, call) : read_right_side(p, function, level, call));
done:
    return status;
}

/* Reads operands joined by operators that bind at least as tightly as `level`. On failure *out is NULL. */
static jf_status read_level(parser *p, int level, jf_ast **out)
{
    jf_status status = JF_OK;
    bool compared = false;

    *out = NULL;
    JF_TRY(read_operand(p, out));
    for (;;) {
        bool in = at_word(p, "in");
        int here = in                                      ? JF_LEVEL_COMPARE
                   : p->in.token.kind == JF_TOKEN_OPERATOR ? jf_operator_level(p->in.token.function)
                                                           : 0;
        if (here == 0 || here < level) break;
        if (here == JF_LEVEL_COMPARE && compared)
            JF_TRY(jf_tokens_fail(&p->in, p->in.token.position,
                                  "comparisons do not chain (write a < b && b < c)"));
        compared = here == JF_LEVEL_COMPARE;
        JF_TRY(read_infix(p, here, in, out));
    }
done:
    if (status != JF_OK) {
        jf_ast_free(*out);
        *out = NULL;
    }
    return status;
}

static jf_status start(parser *p, const char *what, const char *text, int position, jf_error *err)
{
    *p = (parser){.in = {.what = what, .text = text, .next = text, .position = position, .err = err}};
    if (strlen(text) > JF_AST_MAX_LENGTH)
        return jf_fail(err, JF_ELIMIT, "%s: the expression is longer than %d bytes", what, JF_AST_MAX_LENGTH);
    return jf_tokens_advance(&p->in);
}

jf_status jf_ast_read(const char *what, const char *text, jf_ast **out, jf_error *err)
{
    jf_status status = JF_OK;
    parser p;

    *out = NULL;
    JF_TRY(start(&p, what, text, 1, err));
    if (p.in.token.kind == JF_TOKEN_END) JF_TRY(jf_fail(err, JF_EUSAGE, "%s: the expression is empty", what));
    JF_TRY(read_level(&p, JF_LEVEL_OR, out));
    if (p.in.token.kind != JF_TOKEN_END) JF_TRY(unexpected(&p, "an operator or the end"));
done:
    if (status != JF_OK) {
        jf_ast_free(*out);
        *out = NULL;
    }
    return status;
}

/* Bytes of "name" in "name: law" (a word of letters, digits and _ - . +), or 0. */
static size_t name_length(const char *text)
{
    size_t n = 0;
    while (isalnum((unsigned char)text[n]) || (text[n] && strchr("_-.+", text[n]))) n++;
    return text[n] == ':' ? n : 0;
}

jf_status jf_ast_read_law(const char *text, jf_ast_law *out, jf_error *err)
{
    jf_status status = JF_OK;
    size_t blanks = strspn(text, " \t\n"), named = name_length(text + blanks), from = 0;
    parser p;

    *out = (jf_ast_law){0};
    if (named) {
        out->name = jf_copy_bytes(text + blanks, named);
        JF_TRY_NEW(out->name, err, "a law's name");
        from = blanks + named + 1;
    }
    out->text = jf_copy_text(text + from + strspn(text + from, " \t\n"));
    JF_TRY_NEW(out->text, err, "a law's text");
    JF_TRY(start(&p, "law", text + from, (int)from + 1, err));
    if (p.in.token.kind == JF_TOKEN_END)
        JF_TRY(jf_fail(err, JF_EUSAGE, "law: expected 'response ~ formula', found nothing"));
    JF_TRY(read_level(&p, JF_LEVEL_OR, &out->response));
    if (p.in.token.kind == JF_TOKEN_END)
        JF_TRY(jf_fail(err, JF_EUSAGE, "law: expected 'response ~ formula', found no '~' in '%.200s'",
                       out->text));
    JF_TRY(expect(&p, '~', "an operator or '~'"));
    JF_TRY(read_level(&p, JF_LEVEL_OR, &out->formula));
    if (p.in.token.kind != JF_TOKEN_END) JF_TRY(unexpected(&p, "an operator or the end"));
done:
    if (status != JF_OK) jf_ast_law_clear(out);
    return status;
}
