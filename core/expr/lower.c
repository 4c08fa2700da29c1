/* From syntax tree to graph: names become columns or parameters, labels become numbers of a list of texts. */
#include "core/expr/bound.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "core/expr/node.h"
#include "core/memory.h"
#include "core/text.h"

static jf_status lower(jf_binding *b, const jf_ast *ast, jf_ref *out);

jf_status jf_binding_fail(const jf_binding *binding, jf_status status, const jf_ast *at, const char *format,
                          ...)
{
    char message[768];
    va_list args;

    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    if (at->position <= 0) return jf_fail(binding->err, status, "%s: %s", binding->what, message);
    return jf_fail(binding->err, status, "%s: column %d: %s", binding->what, at->position, message);
}

static jf_status no_memory(const jf_binding *b)
{
    return jf_fail(b->err, JF_ENOMEM, "%s: out of memory for the formula", b->what);
}

const jf_column *jf_binding_column(const jf_binding *binding, const char *name)
{
    for (size_t i = 0; binding->options && i < binding->options->n_declared; i++)
        if (strcmp(binding->options->declared[i], name) == 0) return NULL;
    return binding->columns->find(binding->columns->table, name);
}

/* ---- labels ---- */

static bool gives_labels(const jf_binding *b, const jf_ast *ast)
{
    const jf_column *column;

    if (ast->kind == JF_AST_STRING) return true;
    if (ast->kind == JF_AST_NAME)
        return (column = jf_binding_column(b, ast->text)) && column->kind == JF_LABEL;
    if (ast->kind != JF_AST_CALL || (ast->function != JF_FN_IF && ast->function != JF_FN_COALESCE))
        return false;
    for (size_t i = ast->function == JF_FN_IF; i < ast->n_args; i++)
        if (gives_labels(b, ast->args[i])) return true;
    return false;
}

/* What a number was wanted for cannot be had from `ast`. */
static jf_status not_a_number(const jf_binding *b, const jf_ast *ast)
{
    if (ast->kind == JF_AST_NAME)
        return jf_binding_fail(
            b, JF_EUSAGE, ast, "column '%s' holds labels, not numbers (compare it: %s == \"...\"%s)",
            ast->text, ast->text, b->data_only ? "" : ", or write a parameter for each level: r[...]");
    if (ast->kind == JF_AST_STRING)
        return jf_binding_fail(b, JF_EUSAGE, ast, "the text \"%s\" stands where a number is needed",
                               ast->text);
    return jf_binding_fail(b, JF_EUSAGE, ast, "this gives labels where a number is needed");
}

/* `ast` gives numbers and stands beside `label`, which gives labels. */
static jf_status not_labels(const jf_binding *b, const jf_ast *ast, const jf_ast *label)
{
    char text[96] = "labels", hint[128];
    bool is_column = ast->kind == JF_AST_NAME && jf_binding_column(b, ast->text);

    if (label && label->kind == JF_AST_NAME && (is_column || ast->kind != JF_AST_NAME))
        return jf_binding_fail(
            b, JF_EUSAGE, label,
            "column '%s' holds labels and cannot be compared with numbers (levels stand in "
            "quotes)",
            label->text);
    if (label && label->kind == JF_AST_STRING) snprintf(text, sizeof text, "the text \"%.60s\"", label->text);
    if (is_column)
        return jf_binding_fail(b, JF_EUSAGE, ast, "column '%s' holds numbers and cannot be compared with %s",
                               ast->text, text);
    if (ast->kind == JF_AST_NAME)
        return jf_binding_fail(b, JF_EUSAGE, ast, "no column '%s'%s", ast->text,
                               jf_binding_suggest(b, ast->text, hint, sizeof hint));
    return jf_binding_fail(b, JF_EUSAGE, ast, "this gives numbers and cannot be compared with %s", text);
}

static jf_status add_source(jf_binding *b, jf_source_kind kind, const char *column, const char *prefix,
                            jf_ref *out)
{
    jf_formula *f = b->formula;
    jf_source made = {.kind = kind};
    size_t i;

    if (jf_names_add(&f->columns, column) < 0) return no_memory(b);
    for (i = 0; i < f->n_sources; i++) {
        const jf_source *s = &f->sources[i];
        if (s->kind == kind && strcmp(s->column, column) == 0 && (!prefix || strcmp(s->prefix, prefix) == 0))
            break;
    }
    if (i == f->n_sources) {
        made.column = jf_copy_text(column);
        made.prefix = jf_copy_text(prefix);
        if (!made.column || (prefix && !made.prefix) ||
            !jf_grow((void **)&f->sources, &f->sources_capacity, f->n_sources + 1, sizeof made)) {
            jf_free(made.column);
            jf_free(made.prefix);
            return no_memory(b);
        }
        f->sources[f->n_sources++] = made;
    }
    *out = jf_dag_leaf(&f->dag, JF_OP_SOURCE, (int)i);
    return JF_OK;
}

static jf_status lower_label_column(jf_binding *b, const jf_ast *ast, jf_ref *out)
{
    const jf_column *column = jf_binding_column(b, ast->text);

    for (size_t i = 0; i < column->n_levels; i++)
        if (jf_names_add(&b->formula->texts, column->levels[i]) < 0) return no_memory(b);
    return add_source(b, JF_SOURCE_LABELS, ast->text, NULL, out);
}

/* A label expression as numbers of the formula's list of texts; `beside` is what it goes together with, or
 * NULL. */
static jf_status lower_label(jf_binding *b, const jf_ast *ast, const jf_ast *beside, jf_ref *out)
{
    jf_dag *dag = &b->formula->dag;
    jf_status status = JF_OK;
    jf_ref condition, part;
    long text;

    if (!gives_labels(b, ast)) return not_labels(b, ast, beside);
    if (ast->kind == JF_AST_NAME) return lower_label_column(b, ast, out);
    if (ast->kind == JF_AST_STRING) {
        if ((text = jf_names_add(&b->formula->texts, ast->text)) < 0) return no_memory(b);
        *out = jf_dag_constant(dag, (double)text);
        return JF_OK;
    }
    if (ast->function == JF_FN_IF) {
        JF_TRY(lower(b, ast->args[0], &condition));
        JF_TRY(lower_label(b, ast->args[1], ast->args[2], out));
        JF_TRY(lower_label(b, ast->args[2], ast->args[1], &part));
        *out = jf_dag_if(dag, condition, *out, part);
        return JF_OK;
    }
    JF_TRY(lower_label(b, ast->args[ast->n_args - 1], NULL, out)); /* coalesce, from its end */
    for (size_t i = ast->n_args - 1; i-- > 0;) {
        JF_TRY(lower_label(b, ast->args[i], NULL, &part));
        *out = jf_dag_if(dag, jf_dag_unary(dag, JF_OP_ISNA, part), *out, part);
    }
done:
    return status;
}

/* ---- functions ---- */

static jf_status lower_unary(jf_binding *b, const jf_ast *call, jf_op op, jf_ref *out)
{
    jf_status status = lower(b, call->args[0], out);
    if (status == JF_OK) *out = jf_dag_unary(&b->formula->dag, op, *out);
    return status;
}

/* Two or more arguments, from the left. */
static jf_status lower_binary(jf_binding *b, const jf_ast *call, jf_op op, jf_ref *out)
{
    jf_status status = JF_OK;
    jf_ref right;

    JF_TRY(lower(b, call->args[0], out));
    for (size_t i = 1; i < call->n_args; i++) {
        JF_TRY(lower(b, call->args[i], &right));
        *out = jf_dag_binary(&b->formula->dag, op, *out, right);
    }
done:
    return status;
}

static jf_status lower_product(jf_binding *b, const jf_ast *call, jf_op op, jf_ref *out)
{
    jf_status status = JF_OK;
    jf_ref right;

    JF_TRY(lower(b, call->args[0], out));
    JF_TRY(lower(b, call->args[1], &right));
    *out = op == JF_OP_MUL ? jf_dag_product(&b->formula->dag, *out, right)
                           : jf_dag_quotient(&b->formula->dag, *out, right);
done:
    return status;
}

static jf_status lower_log(jf_binding *b, const jf_ast *call, jf_op op, jf_ref *out)
{
    jf_status status = lower(b, call->args[0], out);

    (void)op;
    if (status == JF_OK) *out = jf_dag_logarithm(&b->formula->dag, *out);
    return status;
}

/* a > b is b < a. */
static jf_status lower_swapped(jf_binding *b, const jf_ast *call, jf_op op, jf_ref *out)
{
    jf_status status = JF_OK;
    jf_ref left;

    JF_TRY(lower(b, call->args[0], &left));
    JF_TRY(lower(b, call->args[1], out));
    *out = jf_dag_binary(&b->formula->dag, op, *out, left);
done:
    return status;
}

/* Numbers with numbers, labels with labels. */
static jf_status lower_equal(jf_binding *b, const jf_ast *call, jf_op op, jf_ref *out)
{
    const jf_ast *left = call->args[0], *right = call->args[1];
    jf_status status = JF_OK;
    jf_ref other;

    if (!gives_labels(b, left) && !gives_labels(b, right)) return lower_binary(b, call, op, out);
    JF_TRY(lower_label(b, left, right, out));
    JF_TRY(lower_label(b, right, left, &other));
    *out = jf_dag_binary(&b->formula->dag, op, *out, other);
done:
    return status;
}

static jf_status lower_in(jf_binding *b, const jf_ast *ast, jf_ref *out)
{
    bool labels = gives_labels(b, ast->args[0]);
    jf_dag *dag = &b->formula->dag;
    jf_status status = JF_OK;
    jf_ref item, found, listed;

    for (size_t i = 1; i < ast->n_args; i++) labels |= gives_labels(b, ast->args[i]);
    JF_TRY(labels ? lower_label(b, ast->args[0], ast->args[1], &item) : lower(b, ast->args[0], &item));
    for (size_t i = 1; i < ast->n_args; i++) {
        JF_TRY(labels ? lower_label(b, ast->args[i], ast->args[0], &listed)
                      : lower(b, ast->args[i], &listed));
        found = jf_dag_binary(dag, JF_OP_EQ, item, listed);
        *out = i == 1 ? found : jf_dag_binary(dag, JF_OP_OR, *out, found);
    }
done:
    return status;
}

static jf_status lower_power(jf_binding *b, const jf_ast *call, jf_op op, jf_ref *out)
{
    jf_status status = JF_OK;
    jf_ref exponent;

    (void)op;
    JF_TRY(lower(b, call->args[0], out));
    JF_TRY(lower(b, call->args[1], &exponent));
    *out = jf_dag_power(&b->formula->dag, *out, exponent);
done:
    return status;
}

static jf_status lower_if(jf_binding *b, const jf_ast *call, jf_op op, jf_ref *out)
{
    jf_status status = JF_OK;
    jf_ref condition, yes, no;

    (void)op;
    JF_TRY(lower(b, call->args[0], &condition));
    JF_TRY(lower(b, call->args[1], &yes));
    JF_TRY(lower(b, call->args[2], &no));
    *out = jf_dag_if(&b->formula->dag, condition, yes, no);
done:
    return status;
}

static jf_status lower_isna(jf_binding *b, const jf_ast *call, jf_op op, jf_ref *out)
{
    jf_status status;

    if (!gives_labels(b, call->args[0])) return lower_unary(b, call, op, out);
    status = lower_label(b, call->args[0], NULL, out);
    if (status == JF_OK) *out = jf_dag_unary(&b->formula->dag, op, *out);
    return status;
}

static jf_status lower_coalesce(jf_binding *b, const jf_ast *call, jf_op op, jf_ref *out)
{
    jf_dag *dag = &b->formula->dag;
    jf_status status = JF_OK;
    jf_ref part;

    JF_TRY(lower(b, call->args[call->n_args - 1], out));
    for (size_t i = call->n_args - 1; i-- > 0;) {
        JF_TRY(lower(b, call->args[i], &part));
        *out = jf_dag_if(dag, jf_dag_unary(dag, op, part), *out, part);
    }
done:
    return status;
}

/* startswith of an if(...) or coalesce(...) is taken inside it, to the columns and texts. */
static jf_status lower_prefix(jf_binding *b, const jf_ast *label, const char *prefix, jf_ref *out)
{
    jf_dag *dag = &b->formula->dag;
    jf_status status = JF_OK;
    jf_ref condition, part;

    if (!gives_labels(b, label)) return not_labels(b, label, NULL);
    if (label->kind == JF_AST_NAME) return add_source(b, JF_SOURCE_PREFIX, label->text, prefix, out);
    if (label->kind == JF_AST_STRING) {
        *out = strncmp(label->text, prefix, strlen(prefix)) == 0 ? JF_ONE : JF_ZERO;
        return JF_OK;
    }
    if (label->function == JF_FN_IF) {
        JF_TRY(lower(b, label->args[0], &condition));
        JF_TRY(lower_prefix(b, label->args[1], prefix, out));
        JF_TRY(lower_prefix(b, label->args[2], prefix, &part));
        *out = jf_dag_if(dag, condition, *out, part);
        return JF_OK;
    }
    JF_TRY(lower_prefix(b, label->args[label->n_args - 1], prefix, out));
    for (size_t i = label->n_args - 1; i-- > 0;) {
        JF_TRY(lower_prefix(b, label->args[i], prefix, &part));
        *out = jf_dag_if(dag, jf_dag_unary(dag, JF_OP_ISNA, part), *out, part);
    }
done:
    return status;
}

static jf_status lower_startswith(jf_binding *b, const jf_ast *call, jf_op op, jf_ref *out)
{
    (void)op;
    if (call->args[1]->kind != JF_AST_STRING)
        return jf_binding_fail(b, JF_EUSAGE, call->args[1], "startswith needs a text in quotes");
    return lower_prefix(b, call->args[0], call->args[1]->text, out);
}

/* By way of the log-odds, whose derivatives do not cancel where the root is near 0 or 1. */
static jf_status lower_logistic_root(jf_binding *b, const jf_ast *call, jf_op op, jf_ref *out)
{
    jf_status status = lower_binary(b, call, op, out);

    if (status == JF_OK) *out = jf_dag_unary(&b->formula->dag, JF_OP_SIGMOID, *out);
    return status;
}

static jf_status lower_hinge(jf_binding *b, const jf_ast *call, jf_op op, jf_ref *out)
{
    jf_dag *dag = &b->formula->dag;
    jf_status status = lower_binary(b, call, op, out);

    if (status == JF_OK) *out = jf_dag_if(dag, jf_dag_binary(dag, JF_OP_LT, JF_ZERO, *out), *out, JF_ZERO);
    return status;
}

static jf_status lower_lse(jf_binding *b, const jf_ast *call, jf_op op, jf_ref *out)
{
    jf_ref *terms = JF_NEW_ARRAY(jf_ref, call->n_args);
    jf_status status = JF_OK;

    (void)op;
    if (!terms) return no_memory(b);
    for (size_t i = 0; i < call->n_args; i++) JF_TRY(lower(b, call->args[i], &terms[i]));
    *out = jf_dag_log_sum_exp(&b->formula->dag, terms, call->n_args);
done:
    jf_free(terms);
    return status;
}

static jf_status learn(jf_binding *b, jf_statistic statistic, jf_ref argument, jf_ref *out)
{
    jf_formula *f = b->formula;
    size_t i;

    for (i = 0; i < f->n_learned; i++)
        if (f->learned[i].statistic == statistic && f->learned[i].argument == argument) break;
    if (i == f->n_learned) {
        if (!jf_grow((void **)&f->learned, &f->learned_capacity, i + 1, sizeof *f->learned))
            return no_memory(b);
        f->learned[f->n_learned++] = (jf_learned){.statistic = statistic, .argument = argument};
    }
    *out = jf_dag_leaf(&f->dag, JF_OP_LEARNED, (int)i);
    return JF_OK;
}

static jf_status lower_learned(jf_binding *b, const jf_ast *call, jf_op op, jf_ref *out)
{
    jf_dag *dag = &b->formula->dag;
    jf_status status = JF_OK;
    jf_ref x, center, deviation;

    (void)op;
    JF_TRY(lower(b, call->args[0], &x));
    if (!dag->failed && (dag->nodes[x].by & JF_BY_PARAMETER))
        return jf_binding_fail(b, JF_EUSAGE, call->args[0], "%s needs columns only, found a parameter in it",
                               jf_functions[call->function].name);
    if (call->function == JF_FN_MEDIAN) return learn(b, JF_MEDIAN, x, out);
    JF_TRY(learn(b, JF_MEAN, x, &center));
    *out = center;
    if (call->function == JF_FN_MEAN) return JF_OK;
    *out = jf_dag_binary(dag, JF_OP_SUB, x, center);
    if (call->function == JF_FN_CENTER) return JF_OK;
    JF_TRY(learn(b, JF_DEVIATION, x, &deviation));
    *out = jf_dag_binary(dag, JF_OP_DIV, *out, deviation);
done:
    return status;
}

/* How each function is built, and with which operation. */
static const struct rule {
    jf_status (*lower)(jf_binding *b, const jf_ast *call, jf_op op, jf_ref *out);
    jf_op op;
} rules[JF_N_FUNCTIONS] = {
    [JF_FN_ADD] = {lower_binary, JF_OP_ADD},
    [JF_FN_SUB] = {lower_binary, JF_OP_SUB},
    [JF_FN_MUL] = {lower_product, JF_OP_MUL},
    [JF_FN_DIV] = {lower_product, JF_OP_DIV},
    [JF_FN_POW] = {lower_power, JF_OP_POW},
    [JF_FN_NEG] = {lower_unary, JF_OP_NEG},
    [JF_FN_LT] = {lower_binary, JF_OP_LT},
    [JF_FN_LE] = {lower_binary, JF_OP_LE},
    [JF_FN_GT] = {lower_swapped, JF_OP_LT},
    [JF_FN_GE] = {lower_swapped, JF_OP_LE},
    [JF_FN_EQ] = {lower_equal, JF_OP_EQ},
    [JF_FN_NE] = {lower_equal, JF_OP_NE},
    [JF_FN_AND] = {lower_binary, JF_OP_AND},
    [JF_FN_OR] = {lower_binary, JF_OP_OR},
    [JF_FN_NOT] = {lower_unary, JF_OP_NOT},
    [JF_FN_IF] = {lower_if, JF_OP_IF},
    [JF_FN_ISNA] = {lower_isna, JF_OP_ISNA},
    [JF_FN_COALESCE] = {lower_coalesce, JF_OP_ISNA},
    [JF_FN_STARTSWITH] = {lower_startswith, JF_OP_EQ},
    [JF_FN_LOG] = {lower_log, JF_OP_LOG},
    [JF_FN_LOG2] = {lower_unary, JF_OP_LOG2},
    [JF_FN_LOG10] = {lower_unary, JF_OP_LOG10},
    [JF_FN_LOG1P] = {lower_unary, JF_OP_LOG1P},
    [JF_FN_EXP] = {lower_unary, JF_OP_EXP},
    [JF_FN_EXPM1] = {lower_unary, JF_OP_EXPM1},
    [JF_FN_SQRT] = {lower_unary, JF_OP_SQRT},
    [JF_FN_ABS] = {lower_unary, JF_OP_ABS},
    [JF_FN_MIN] = {lower_binary, JF_OP_MIN},
    [JF_FN_MAX] = {lower_binary, JF_OP_MAX},
    [JF_FN_SIN] = {lower_unary, JF_OP_SIN},
    [JF_FN_COS] = {lower_unary, JF_OP_COS},
    [JF_FN_ATAN] = {lower_unary, JF_OP_ATAN},
    [JF_FN_TANH] = {lower_unary, JF_OP_TANH},
    [JF_FN_ERF] = {lower_unary, JF_OP_ERF},
    [JF_FN_SIGMOID] = {lower_unary, JF_OP_SIGMOID},
    [JF_FN_LOGISTIC_ROOT] = {lower_logistic_root, JF_OP_LOGIT_ROOT},
    [JF_FN_HINGE] = {lower_hinge, JF_OP_SUB},
    [JF_FN_LSE] = {lower_lse, JF_OP_EXP},
    [JF_FN_CENTER] = {lower_learned, JF_OP_LEARNED},
    [JF_FN_SCALE] = {lower_learned, JF_OP_LEARNED},
    [JF_FN_MEAN] = {lower_learned, JF_OP_LEARNED},
    [JF_FN_MEDIAN] = {lower_learned, JF_OP_LEARNED},
};

static jf_status lower_parameter(jf_binding *b, const jf_ast *ast, jf_ref *out)
{
    size_t slot = 0;
    jf_status status = jf_binding_slot(b, ast, &slot);

    if (status == JF_OK)
        *out = jf_dag_leaf(&b->formula->dag, ast->kind == JF_AST_LEVELS ? JF_OP_LEVELS : JF_OP_PARAMETER,
                           (int)slot);
    return status;
}

static jf_status lower_name(jf_binding *b, const jf_ast *ast, jf_ref *out)
{
    const jf_column *column = jf_binding_column(b, ast->text);

    if (!column) return lower_parameter(b, ast, out);
    if (column->kind == JF_LABEL) return not_a_number(b, ast);
    return add_source(b, JF_SOURCE_NUMBERS, ast->text, NULL, out);
}

/* A numeric expression. */
static jf_status lower(jf_binding *b, const jf_ast *ast, jf_ref *out)
{
    *out = JF_ZERO;
    switch (ast->kind) {
    case JF_AST_NUMBER: *out = jf_dag_constant(&b->formula->dag, ast->number); return JF_OK;
    case JF_AST_STRING: return not_a_number(b, ast);
    case JF_AST_NAME: return lower_name(b, ast, out);
    case JF_AST_LEVELS: return lower_parameter(b, ast, out);
    case JF_AST_IN: return lower_in(b, ast, out);
    case JF_AST_CALL: return rules[ast->function].lower(b, ast, rules[ast->function].op, out);
    }
    return JF_OK;
}

jf_status jf_lower(jf_binding *binding, const jf_ast *ast)
{
    jf_formula *f = binding->formula;
    jf_status status;

    jf_dag_start(&f->dag);
    f->gives_labels = binding->data_only && gives_labels(binding, ast);
    status = f->gives_labels ? lower_label(binding, ast, NULL, &f->root) : lower(binding, ast, &f->root);
    if (status == JF_OK && f->dag.failed)
        return f->dag.n >= JF_DAG_MAX
                   ? jf_fail(binding->err, JF_ELIMIT, "%s: the formula is too large", binding->what)
                   : no_memory(binding);
    return status;
}
