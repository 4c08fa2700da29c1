/* Finds the terms of a formula and writes the laws without them. */
#include "fit/select/ablate.h"

#include <string.h>

#include "core/memory.h"
#include "core/text.h"

typedef struct scope {
    const jf_columns *columns;
    const jf_option_list *declared;
    const char *only; /* terms that read this column and no other; NULL: any term */
} scope;

static bool is_parameter(const scope *s, const char *name)
{
    for (size_t i = 0; i < s->declared->n; i++)
        if (strcmp(s->declared->items[i], name) == 0) return true;
    return s->columns->find(s->columns->table, name) == NULL;
}

/* What a subtree holds. */
typedef struct content {
    const scope *scope;
    bool parameter, data, other; /* other: data besides scope->only */
} content;

static void note_name(void *context, const jf_ast *node, const char *name, bool is_level_column)
{
    content *c = context;

    if (is_level_column || node->kind == JF_AST_LEVELS) c->data = c->other = true;
    if (is_level_column) return;
    if (is_parameter(c->scope, name)) {
        c->parameter = true;
        return;
    }
    c->data = true;
    if (c->scope->only && strcmp(name, c->scope->only) != 0) c->other = true;
}

static bool is_call(const jf_ast *ast, jf_function function)
{
    return ast->kind == JF_AST_CALL && ast->function == function;
}

static bool is_sum(const jf_ast *ast)
{
    return is_call(ast, JF_FN_ADD) || is_call(ast, JF_FN_SUB);
}

/* A side of a sum that is worth dropping: not a sum itself (its own sides are terms), and no intercept.
 * Arguments of lse() are sides of the sum that it is the logarithm of, and go whole. */
static bool is_term(const scope *s, const jf_ast *side, bool of_lse, bool on_logs)
{
    content c = {.scope = s};

    if (is_sum(side) && (!of_lse || s->only)) return false;
    jf_ast_names(side, note_name, &c);
    if (s->only) return c.data && !c.other;
    return c.parameter && (c.data || !on_logs);
}

static bool is_log(const jf_ast *ast)
{
    return is_call(ast, JF_FN_LOG) || is_call(ast, JF_FN_LOG2) || is_call(ast, JF_FN_LOG10);
}

/* Is a sum that is an argument of `node` one of logarithms, where a constant is a factor: an intercept, and
 * not a term as a floor is? */
static bool adds_logs(const jf_ast *node, bool on_logs)
{
    if (is_sum(node) || is_call(node, JF_FN_NEG)) return on_logs;
    return is_call(node, JF_FN_EXP) || is_call(node, JF_FN_LSE);
}

/* Takes argument `i` out of `*node` (a sum or an lse) and hands it over; NULL when memory ran out. */
static jf_ast *take_out(jf_ast **node, size_t i)
{
    jf_ast *whole = *node, *term = whole->args[i], *other;

    if (is_call(whole, JF_FN_LSE)) {
        memmove(whole->args + i, whole->args + i + 1, (whole->n_args - i - 1) * sizeof *whole->args);
        whole->n_args--;
        return term;
    }
    other = whole->args[1 - i];
    whole->n_args = 0; /* both sides live on */
    if (is_call(whole, JF_FN_SUB) && i == 0) {
        jf_ast *negative = jf_ast_call1(JF_FN_NEG, other);
        if (!negative) { /* `other` is gone with it */
            jf_ast_free(whole);
            *node = NULL;
            jf_ast_free(term);
            return NULL;
        }
        other = negative;
    }
    *node = other;
    jf_ast_free(whole);
    return term;
}

/* Takes the `left`-th term of the tree out; false while there are fewer. *term is NULL when memory ran out.
 * `on_logs`: the node is a sum of logarithms. */
static bool drop_term(const scope *s, jf_ast **node, bool on_logs, size_t *left, jf_ast **term)
{
    bool lse = is_call(*node, JF_FN_LSE);
    bool splits = is_sum(*node) ? (*node)->n_args == 2 : lse && (*node)->n_args > 1;

    for (size_t i = 0; i < (*node)->n_args; i++) {
        if (splits && is_term(s, (*node)->args[i], lse, on_logs && !lse) && (*left)-- == 0) {
            *term = take_out(node, i);
            return true;
        }
        if (splits && lse && !s->only) continue;
        if (drop_term(s, &(*node)->args[i], adds_logs(*node, on_logs), left, term)) return true;
    }
    return false;
}

typedef struct search {
    const char *base;
    bool found;
} search;

static void match_name(void *context, const jf_ast *node, const char *name, bool is_level_column)
{
    search *s = context;

    (void)node;
    if (!is_level_column && strcmp(name, s->base) == 0) s->found = true;
}

static bool holds(const jf_ast *ast, const char *base)
{
    search s = {.base = base};

    jf_ast_names(ast, match_name, &s);
    return s.found;
}

/* Does a tie name a parameter that is gone from the formula? */
typedef struct tie_check {
    const jf_law *law;
    const scope *scope;
    bool dangling;
} tie_check;

static void check_tied(void *context, const jf_ast *node, const char *name, bool is_level_column)
{
    tie_check *t = context;

    (void)node;
    if (!is_level_column && is_parameter(t->scope, name) && !holds(t->law->formula, name)) t->dangling = true;
}

/* Settings of parameters that the formula no longer has. */
static jf_status prune_settings(const scope *s, jf_law *law, jf_error *err)
{
    size_t kept = 0;

    for (size_t i = 0; i < law->n_specs; i++) {
        jf_parameter_spec *spec = &law->specs[i];
        char *base = jf_parameter_base(spec->name);
        tie_check tie = {law, s, false};

        if (!base) return jf_fail(err, JF_ENOMEM, "out of memory for an ablation");
        if (spec->tie) jf_ast_names(spec->tie, check_tied, &tie);
        if (holds(law->formula, base) && !tie.dangling) {
            jf_parameter_spec moved = law->specs[kept];
            law->specs[kept++] = *spec;
            law->specs[i] = moved; /* so that what is left behind is freed below */
        }
        jf_free(base);
    }
    for (size_t i = kept; i < law->n_specs; i++) {
        jf_free(law->specs[i].name);
        jf_ast_free(law->specs[i].tie);
    }
    law->n_specs = kept;
    return JF_OK;
}

static char *joined(const char *a, const char *between, const char *b)
{
    jf_text text = {0};

    jf_text_add(&text, a);
    jf_text_add(&text, between);
    jf_text_add(&text, b);
    return jf_text_take(&text);
}

static jf_status name_ablated(const jf_law *from, const jf_ast *term, jf_ablated *out, jf_error *err)
{
    char *response = jf_ast_print(out->law->response), *formula = jf_ast_print(out->law->formula);
    jf_status status = JF_OK;

    out->term = jf_ast_print(term);
    JF_TRY_NEW(response, err, "an ablation");
    JF_TRY_NEW(formula, err, "an ablation");
    JF_TRY_NEW(out->term, err, "an ablation");
    jf_free(out->law->text);
    jf_free(out->law->name);
    out->law->text = joined(response, " ~ ", formula);
    out->law->name = joined(from->name, " - ", out->term);
    JF_TRY_NEW(out->law->text, err, "an ablation");
    JF_TRY_NEW(out->law->name, err, "an ablation");
done:
    jf_free(response);
    jf_free(formula);
    return status;
}

/* The law without its `index`-th term; out->law is NULL when it has no more. */
static jf_status ablate_one(const scope *s, const jf_law *law, size_t index, jf_ablated *out, jf_error *err)
{
    jf_ast *term = NULL;
    jf_status status = JF_OK;

    memset(out, 0, sizeof *out);
    out->law = jf_law_copy(law);
    JF_TRY_NEW(out->law, err, "an ablation");
    if (!drop_term(s, &out->law->formula, is_log(law->response), &index, &term)) {
        jf_law_free(out->law);
        out->law = NULL;
        goto done;
    }
    JF_TRY_NEW(term, err, "an ablation");
    JF_TRY(prune_settings(s, out->law, err));
    JF_TRY(name_ablated(law, term, out, err));
done:
    jf_ast_free(term);
    if (status != JF_OK) {
        jf_law_free(out->law);
        jf_free(out->term);
        memset(out, 0, sizeof *out);
    }
    return status;
}

jf_status jf_ablate(const jf_law *law, const jf_columns *columns, const jf_option_list *declared,
                    jf_ablated **out, size_t *n, jf_error *err)
{
    scope s = {columns, declared, NULL};
    jf_ablated *all = NULL, next;
    size_t capacity = 0, found = 0;
    jf_status status = JF_OK;

    *out = NULL;
    *n = 0;
    for (;;) {
        JF_TRY(ablate_one(&s, law, found, &next, err));
        if (!next.law) break;
        if (!jf_grow((void **)&all, &capacity, found + 1, sizeof *all)) {
            jf_law_free(next.law);
            jf_free(next.term);
            JF_TRY_NEW(NULL, err, "an ablation");
        }
        all[found++] = next;
    }
    *out = all;
    *n = found;
    all = NULL;
    found = 0;
done:
    jf_ablated_free(all, found);
    return status;
}

jf_status jf_law_without(const jf_law *law, const char *column, const char *name, const jf_columns *columns,
                         const jf_option_list *declared, jf_law **out, jf_error *err)
{
    scope s = {columns, declared, column};
    jf_law *without = jf_law_copy(law);
    jf_ast *term = NULL, *one = jf_ast_number(1);
    char *response = NULL, *formula = NULL;
    size_t first = 0;
    jf_status status = JF_OK;

    *out = NULL;
    JF_TRY_NEW(without && one, err, "a law");
    while (first = 0, drop_term(&s, &without->formula, is_log(law->response), &first, &term)) {
        JF_TRY_NEW(term, err, "a law");
        jf_ast_free(term);
        term = NULL;
    }
    JF_TRY(jf_ast_substitute(&without->formula, column, one, err));
    JF_TRY(prune_settings(&s, without, err));
    response = jf_ast_print(without->response);
    formula = jf_ast_print(without->formula);
    JF_TRY_NEW(response && formula, err, "a law");
    jf_free(without->text);
    jf_free(without->name);
    without->text = joined(response, " ~ ", formula);
    without->name = jf_copy_text(name);
    JF_TRY_NEW(without->text && without->name, err, "a law");
    *out = without;
    without = NULL;
done:
    jf_ast_free(one);
    jf_ast_free(term);
    jf_free(response);
    jf_free(formula);
    jf_law_free(without);
    return status;
}

void jf_ablated_free(jf_ablated *ablated, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        jf_free(ablated[i].term);
        jf_law_free(ablated[i].law);
    }
    jf_free(ablated);
}
