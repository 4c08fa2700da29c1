/* Error kinds, ties and names of a law about to be fitted. */
#include "fit/problem/problem_law.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"

static bool is_call(const jf_ast *ast, jf_function function)
{
    return ast->kind == JF_AST_CALL && ast->function == function;
}

/* *ast becomes its inner f(x) -> x where it is `undone`(x), else `function`(*ast). */
static jf_status wrap(jf_ast **ast, jf_function function, jf_function undone, jf_error *err)
{
    jf_ast *inner = is_call(*ast, undone) ? jf_ast_copy((*ast)->args[0]) : NULL;
    jf_ast *wrapped;

    if (inner) {
        jf_ast_free(*ast);
        *ast = inner;
        return JF_OK;
    }
    wrapped = jf_ast_copy(*ast);
    if (wrapped) wrapped = jf_ast_call1(function, wrapped);
    if (!wrapped) return jf_fail(err, JF_ENOMEM, "out of memory for a law");
    jf_ast_free(*ast);
    *ast = wrapped;
    return JF_OK;
}

/* Works the error kind into both sides. */
static jf_status apply_error(jf_law *law, jf_error *err)
{
    jf_status status = JF_OK;
    bool is_log = is_call(law->response, JF_FN_LOG);

    if (law->error == JF_ERROR_LOG && !is_log) {
        JF_TRY(wrap(&law->response, JF_FN_LOG, JF_FN_EXP, err));
        JF_TRY(wrap(&law->formula, JF_FN_LOG, JF_FN_EXP, err));
    } else if ((law->error == JF_ERROR_ADDITIVE || law->error == JF_ERROR_RELATIVE) && is_log) {
        JF_TRY(wrap(&law->response, JF_FN_EXP, JF_FN_LOG, err));
        JF_TRY(wrap(&law->formula, JF_FN_EXP, JF_FN_LOG, err));
    } else if (law->error == JF_ERROR_AS_WRITTEN && is_log) {
        law->error = JF_ERROR_LOG;
    }
done:
    return status;
}

/* ---- ties ---- */

static const jf_ast *find_levels(const jf_ast *ast, const char *name)
{
    const jf_ast *found = NULL;

    if (ast->kind == JF_AST_LEVELS && strcmp(ast->text, name) == 0) return ast;
    for (size_t i = 0; i < ast->n_args && !found; i++) found = find_levels(ast->args[i], name);
    return found;
}

static bool mentions(const jf_ast *ast, const char *name)
{
    if ((ast->kind == JF_AST_NAME || ast->kind == JF_AST_LEVELS) && strcmp(ast->text, name) == 0) return true;
    for (size_t i = 0; i < ast->n_args; i++)
        if (mentions(ast->args[i], name)) return true;
    return false;
}

/* In a tie a level parameter stands by its bare name: `h1 = 2*h0` holds at every level. Gives each such name
 * the brackets that it has in the formula. */
static jf_status spread_levels(jf_ast **tie, const jf_ast *formula, jf_error *err)
{
    jf_status status = JF_OK;
    jf_ast *node = *tie;

    if (node->kind == JF_AST_NAME) {
        const jf_ast *levels = find_levels(formula, node->text);
        jf_ast *copy = levels ? jf_ast_copy(levels) : NULL;
        if (!levels) return JF_OK;
        if (!copy) return jf_fail(err, JF_ENOMEM, "out of memory for a tie");
        jf_ast_free(node);
        *tie = copy;
        return JF_OK;
    }
    for (size_t i = 0; i < node->n_args; i++) JF_TRY(spread_levels(&node->args[i], formula, err));
done:
    return status;
}

/* Puts copies of `with` in the place of name and name[...]. */
static jf_status put_tie(jf_ast **ast, const char *name, const jf_ast *with, jf_error *err)
{
    jf_status status = JF_OK;

    if (((*ast)->kind == JF_AST_NAME || (*ast)->kind == JF_AST_LEVELS) && strcmp((*ast)->text, name) == 0) {
        jf_ast *copy = jf_ast_copy(with);
        if (!copy) return jf_fail(err, JF_ENOMEM, "out of memory for a tie");
        jf_ast_free(*ast);
        *ast = copy;
        return JF_OK;
    }
    for (size_t i = 0; i < (*ast)->n_args; i++) JF_TRY(put_tie(&(*ast)->args[i], name, with, err));
done:
    return status;
}

typedef struct tie_names {
    const jf_columns *columns;
    const char *column; /* first name of a tie that is a column */
} tie_names;

static void see_tie_name(void *context, const jf_ast *node, const char *name, bool is_level_column)
{
    tie_names *names = context;

    if (is_level_column || node->kind == JF_AST_LEVELS || names->column) return;
    if (names->columns->find(names->columns->table, name)) names->column = name;
}

static jf_status apply_tie(jf_law *law, const jf_parameter_spec *spec, const jf_columns *columns,
                           jf_error *err)
{
    jf_status status = JF_OK;
    jf_ast *with = jf_ast_copy(spec->tie);
    tie_names names = {.columns = columns};

    JF_TRY_NEW(with, err, "a tie");
    jf_ast_names(with, see_tie_name, &names);
    if (names.column && !jf_law_find_spec(law, names.column)) {
        status = jf_fail(err, JF_EUSAGE, "--tie: '%s' is tied to '%s', which is a column, not a parameter",
                         spec->name, names.column);
        goto done;
    }
    JF_TRY(spread_levels(&with, law->formula, err));
    JF_TRY(put_tie(&law->formula, spec->name, with, err));
done:
    jf_ast_free(with);
    return status;
}

/* A tie may name tied parameters, so passes go on until none is left; ties were checked not to go round. */
static jf_status apply_ties(jf_law *law, const jf_columns *columns, jf_error *err)
{
    jf_status status = JF_OK;

    for (size_t pass = 0; pass <= law->n_specs; pass++) {
        for (size_t i = 0; i < law->n_specs; i++) {
            if (!law->specs[i].tie || !mentions(law->formula, law->specs[i].name)) continue;
            JF_TRY(apply_tie(law, &law->specs[i], columns, err));
        }
    }
done:
    return status;
}

jf_status jf_problem_law_prepare(const jf_law *law, const char *error, const jf_columns *columns,
                                 jf_law **out, jf_error *err)
{
    jf_status status = JF_OK;
    jf_law *copy = jf_law_copy(law);

    *out = NULL;
    JF_TRY_NEW(copy, err, "a law");
    if (error) JF_TRY(jf_error_kind_read(error, &copy->error, err));
    JF_TRY(apply_ties(copy, columns, err));
    JF_TRY(apply_error(copy, err));
    *out = copy;
    copy = NULL;
done:
    jf_law_free(copy);
    return status;
}

/* ---- names ---- */

jf_status jf_problem_law_inputs(const jf_law *law, const jf_table *table, jf_error *err)
{
    for (size_t i = 0; i < law->n_inputs; i++) {
        const jf_law_input *input = &law->inputs[i];
        if (jf_table_find(table, input->name)) continue;
        return jf_fail(
            err, JF_EUSAGE,
            "law '%s' needs the column '%s' (%s), which %s does not have: give it with --proxy %s or "
            "--map %s=EXPRESSION",
            law->name, input->name, input->meaning, table->file ? table->file : "the table", input->name,
            input->name);
    }
    return JF_OK;
}

static bool formula_has(const jf_formula *formula, const char *name, bool whole)
{
    for (size_t j = 0; j < jf_formula_n_parameters(formula); j++) {
        const jf_parameter *parameter = jf_formula_parameter(formula, j);
        if (whole ? jf_parameter_name_same(parameter->name, name) : strcmp(parameter->base, name) == 0)
            return true;
    }
    return false;
}

/* "TP" of "r[TP]" or r["TP"], for one dimension; NULL for pairs. Freed with jf_free. */
static char *single_level(const char *name)
{
    const char *open = strchr(name, '[');
    size_t length = open ? strlen(open) : 0;
    char *level;

    if (length < 3 || (open[1] != '"' && open[1] != '\'' && strchr(open, ','))) return NULL;
    level = jf_copy_bytes(open + 1, length - 2);
    if (level && strchr("\"'", level[0])) {
        memmove(level, level + 1, strlen(level));
        if (level[0]) level[strlen(level) - 1] = '\0';
    }
    return level;
}

/* A level setting that met no parameter: is the level a reference, or nowhere in the table? Levels that only
 * the fitted rows lack are let pass. */
static jf_status check_level(const jf_law *law, const jf_parameter_spec *spec, const char *base,
                             const jf_table *table, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_ast *levels = find_levels(law->formula, base);
    const jf_column *column = levels ? jf_table_find(table, levels->dimensions[0].column) : NULL;
    char *level = single_level(spec->name), hint[128];

    if (!levels || levels->n_dimensions != 1 || !level || !column) goto done;
    if (levels->dimensions[0].reference && strcmp(levels->dimensions[0].reference, level) == 0)
        status =
            jf_fail(err, JF_EUSAGE, "'%s' is the reference level: it is zero and no parameter", spec->name);
    else if (column->kind == JF_LABEL && jf_column_level(column, level) < 0)
        status = jf_fail(
            err, JF_EUSAGE, "no parameter '%s': column '%s' has no level '%s'%s", spec->name, column->name,
            level,
            jf_did_you_mean(hint, sizeof hint, level, (const char *const *)column->levels, column->n_levels));
done:
    jf_free(level);
    return status;
}

static jf_status check_setting(const jf_law *law, const jf_parameter_spec *spec, const jf_formula *formula,
                               const jf_table *table, jf_error *err)
{
    jf_status status = JF_OK;
    char *base = jf_parameter_base(spec->name);

    JF_TRY_NEW(base, err, "a name");
    if (spec->tie || formula_has(formula, spec->name, strchr(spec->name, '[') != NULL)) goto done;
    if (!formula_has(formula, base, false)) {
        if (jf_table_find(table, base))
            status = jf_fail(err, JF_EUSAGE, "'%s' is a column of %s, not a parameter of law '%s'", base,
                             table->file ? table->file : "the table", law->name);
    } else {
        JF_TRY(check_level(law, spec, base, table, err));
    }
done:
    jf_free(base);
    return status;
}

jf_status jf_problem_law_settings(const jf_law *law, const jf_formula *formula, const jf_table *table,
                                  jf_error *err)
{
    jf_status status = JF_OK;

    for (size_t i = 0; i < law->n_specs; i++) JF_TRY(check_setting(law, &law->specs[i], formula, table, err));
done:
    return status;
}
