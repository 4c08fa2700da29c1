/* Expressions of parameters, evaluated as formulas without columns. */
#include "fit/infer/derive.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"

static const jf_column *no_column(const void *table, const char *name)
{
    (void)table, (void)name;
    return NULL;
}

static const jf_column *no_column_at(const void *table, size_t index)
{
    (void)table, (void)index;
    return NULL;
}

double jf_quadratic(const double *gradient, const double *covariance, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n && gradient[i] != 0; j++)
            if (gradient[j] != 0) sum += gradient[i] * covariance[i * n + j] * gradient[j];
    return sum;
}

static bool base_has_levels(const jf_formula *formula, const char *base)
{
    for (size_t j = 0; j < jf_formula_n_parameters(formula); j++) {
        const jf_parameter *parameter = jf_formula_parameter(formula, j);
        if (parameter->level && strcmp(parameter->base, base) == 0) return true;
    }
    return false;
}

/* h[TP] was read as a level parameter over a column TP: makes it the plain name "h[TP]". A bare h becomes
 * "h" and the brackets. */
static jf_status name_levels(jf_ast *ast, const jf_formula *formula, const char *brackets, jf_error *err)
{
    jf_status status = JF_OK;
    jf_text name = {0};

    if (ast->kind == JF_AST_LEVELS) {
        jf_text_addf(&name, "%s[", ast->text);
        for (size_t i = 0; i < ast->n_dimensions; i++)
            jf_text_addf(&name, "%s\"%s\"", i ? "," : "", ast->dimensions[i].column);
        jf_text_add(&name, "]");
        ast->kind = JF_AST_NAME;
    } else if (ast->kind == JF_AST_NAME && brackets && base_has_levels(formula, ast->text)) {
        jf_text_addf(&name, "%s%s", ast->text, brackets);
    }
    if (name.failed) {
        jf_text_free(&name);
        return jf_fail(err, JF_ENOMEM, "out of memory for a name");
    }
    if (name.data) {
        jf_free(ast->text);
        ast->text = jf_text_take(&name);
    }
    for (size_t i = 0; i < ast->n_args; i++) JF_TRY(name_levels(ast->args[i], formula, brackets, err));
done:
    return status;
}

/* Ties stand for what they are tied to. */
static jf_status put_ties(jf_ast **ast, const jf_law *law, jf_error *err)
{
    jf_status status = JF_OK;

    for (size_t pass = 0; law && pass <= law->n_specs; pass++)
        for (size_t i = 0; i < law->n_specs; i++)
            if (law->specs[i].tie) JF_TRY(jf_ast_substitute(ast, law->specs[i].name, law->specs[i].tie, err));
done:
    return status;
}

/* Index in `formula` of the parameter that a name means, or -1. */
static long find_parameter(const jf_formula *formula, const char *name)
{
    for (size_t j = 0; j < jf_formula_n_parameters(formula); j++)
        if (jf_parameter_name_same(jf_formula_parameter(formula, j)->name, name)) return (long)j;
    return -1;
}

static jf_status unknown_name(const char *what, const char *name, const jf_formula *formula, jf_error *err)
{
    size_t n = jf_formula_n_parameters(formula);
    const char **names = JF_NEW_ARRAY(const char *, n);
    char hint[128] = "";
    jf_status status;

    for (size_t j = 0; names && j < n; j++) names[j] = jf_formula_parameter(formula, j)->name;
    if (names) jf_did_you_mean(hint, sizeof hint, name, names, n);
    status = jf_fail(err, JF_EUSAGE, "%s: no parameter '%s'%s", what, name, hint);
    jf_free(names);
    return status;
}

/* Evaluates the bound expression: `own` has one row and no columns. */
static jf_status evaluate(const char *what, const jf_formula *own, const jf_formula *formula,
                          const double *theta, const jf_columns *columns, double *value, double *gradient,
                          jf_error *err)
{
    jf_status status = JF_OK;
    size_t m = jf_formula_n_parameters(own);
    double *point = JF_NEW_ARRAY(double, m), *slope = JF_NEW_ARRAY(double, m);
    jf_inputs *inputs = NULL;
    jf_arena *arena = NULL;

    JF_TRY_NEW(point && slope ? point : NULL, err, "a derived quantity");
    for (size_t i = 0; i < m; i++) {
        const char *name = jf_formula_parameter(own, i)->name;
        long j = find_parameter(formula, name);
        if (j < 0) {
            status = unknown_name(what, name, formula, err);
            goto done;
        }
        point[i] = theta[j];
    }
    JF_TRY(jf_inputs_build(own, columns, NULL, 1, NULL, &inputs, err));
    JF_TRY(jf_arena_new(own, JF_GRADIENT, &arena, err));
    jf_formula_jacobian(own, inputs, arena, point, value, slope, 1);
    memset(gradient, 0, jf_formula_n_parameters(formula) * sizeof *gradient);
    for (size_t i = 0; i < m; i++)
        gradient[find_parameter(formula, jf_formula_parameter(own, i)->name)] += slope[i];
done:
    jf_arena_free(arena);
    jf_inputs_free(inputs);
    jf_free(point);
    jf_free(slope);
    return status;
}

jf_status jf_derive(const char *what, const jf_ast *ast, const jf_law *law, const jf_formula *formula,
                    const double *theta, const char *brackets, double *value, double *gradient, jf_error *err)
{
    jf_status status = JF_OK;
    jf_ast *copy = jf_ast_copy(ast);
    jf_formula *own = NULL;
    jf_columns columns = {.find = no_column, .at = no_column_at, .n_rows = 1};
    jf_bind_options options = {.allow_typos = true};

    *value = NAN;
    JF_TRY_NEW(copy, err, "a derived quantity");
    JF_TRY(put_ties(&copy, law, err));
    JF_TRY(name_levels(copy, formula, brackets, err));
    JF_TRY(jf_formula_bind(what, copy, &columns, NULL, 1, &options, NULL, &own, err));
    JF_TRY(evaluate(what, own, formula, theta, &columns, value, gradient, err));
done:
    jf_formula_free(own);
    jf_ast_free(copy);
    return status;
}
