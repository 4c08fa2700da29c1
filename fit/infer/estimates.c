/* The list of estimates: parameters of the formula, and after them the tied ones with their gradients. */
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "fit/infer/derive.h"
#include "fit/infer/infer_parts.h"

double *jf_gradient_row(double *gradients, const jf_fit *fit, size_t i)
{
    return gradients + i * fit->n_theta;
}

static void clear_numbers(jf_estimate *estimate)
{
    estimate->std_error = estimate->ci_low = estimate->ci_high = NAN;
    estimate->statistic = estimate->p_value = estimate->published = estimate->inflation = estimate->df = NAN;
}

/* A parameter without a value: its number says nothing. */
static void leave_open(jf_estimate *estimate)
{
    estimate->state = JF_STATE_UNIDENTIFIED;
    estimate->value = NAN;
}

jf_status jf_estimates_add_parameters(jf_fit_work *work, double *gradients)
{
    jf_fit *fit = work->fit;
    const jf_problem *problem = work->problem;

    for (size_t j = 0; j < problem->k; j++) {
        const jf_parameter *parameter = jf_formula_parameter(problem->formula, j);
        const jf_parameter_spec *spec = jf_law_find_spec(work->law, parameter->name);
        jf_estimate *estimate = &fit->estimates[fit->n_estimates];
        clear_numbers(estimate);
        estimate->name = jf_copy_text(parameter->name);
        if (!estimate->name) return jf_fail(work->err, JF_ENOMEM, "out of memory for estimates");
        fit->n_estimates++;
        estimate->value = fit->theta[j];
        estimate->lower = problem->lower[j];
        estimate->upper = problem->upper[j];
        if (!spec) spec = jf_law_find_spec(work->law, parameter->base);
        if (spec) estimate->published = spec->published;
        if (problem->fixed[j])
            estimate->state = JF_STATE_FIXED;
        else if (fit->outcome == JF_FAILED)
            leave_open(estimate);
        else if (work->solution.bound[j])
            estimate->state = JF_STATE_AT_BOUND;
        jf_gradient_row(gradients, fit, j)[j] = 1;
    }
    for (size_t a = 0; a < work->design.p; a++) {
        jf_estimate *estimate = &fit->estimates[work->active[a]];
        if (!work->design.inverse) continue;
        estimate->inflation = jf_design_inflation(&work->design, a);
        if (work->design.determined[a]) continue;
        leave_open(estimate);
    }
    for (size_t j = 0; j < problem->k && work->solution.runaway; j++)
        if (work->solution.runaway[j].open) leave_open(&fit->estimates[j]);
    return JF_OK;
}

static const jf_ast *find_levels(const jf_ast *ast, const char *name)
{
    const jf_ast *found = NULL;

    if (ast->kind == JF_AST_LEVELS && strcmp(ast->text, name) == 0) return ast;
    for (size_t i = 0; i < ast->n_args && !found; i++) found = find_levels(ast->args[i], name);
    return found;
}

static bool same_dimensions(const jf_ast *a, const jf_ast *b)
{
    if (a->n_dimensions != b->n_dimensions) return false;
    for (size_t i = 0; i < a->n_dimensions; i++)
        if (strcmp(a->dimensions[i].column, b->dimensions[i].column) != 0) return false;
    return true;
}

/* A level parameter of the fitted formula over the same columns as `levels`. */
static const jf_ast *find_alike(const jf_ast *ast, const jf_ast *levels)
{
    const jf_ast *found = NULL;

    if (ast->kind == JF_AST_LEVELS && same_dimensions(ast, levels)) return ast;
    for (size_t i = 0; i < ast->n_args && !found; i++) found = find_alike(ast->args[i], levels);
    return found;
}

static jf_status add_tied(jf_fit_work *work, const jf_parameter_spec *spec, const char *brackets,
                          double *gradients)
{
    jf_status status = JF_OK;
    jf_fit *fit = work->fit;
    jf_estimate *estimate = &fit->estimates[fit->n_estimates];

    clear_numbers(estimate);
    estimate->name = jf_format("%s%s", spec->name, brackets ? brackets : "");
    JF_TRY_NEW(estimate->name, work->err, "estimates");
    estimate->state = JF_STATE_TIED;
    estimate->lower = -INFINITY;
    estimate->upper = INFINITY;
    estimate->published = spec->published;
    JF_TRY(jf_derive("--tie", spec->tie, work->law, work->problem->formula, fit->theta, brackets,
                     &estimate->value, jf_gradient_row(gradients, fit, fit->n_estimates), work->err));
    fit->n_estimates++;
    return JF_OK;
done:
    jf_free(estimate->name);
    estimate->name = NULL;
    return status;
}

/* Tied parameters: one, or one for each level of those it is tied to. */
jf_status jf_estimates_add_ties(jf_fit_work *work, double *gradients)
{
    jf_status status = JF_OK;
    const jf_formula *formula = work->problem->formula;

    for (size_t i = 0; i < work->law->n_specs; i++) {
        const jf_parameter_spec *spec = &work->law->specs[i];
        const jf_ast *own, *alike;
        if (!spec->tie) continue;
        own = find_levels(work->law->formula, spec->name);
        alike = own ? find_alike(work->problem->law->formula, own) : NULL;
        if (!alike) JF_TRY(add_tied(work, spec, NULL, gradients));
        for (size_t j = 0; alike && j < jf_formula_n_parameters(formula); j++) {
            const jf_parameter *parameter = jf_formula_parameter(formula, j);
            if (parameter->level && strcmp(parameter->base, alike->text) == 0)
                JF_TRY(add_tied(work, spec, strchr(parameter->name, '['), gradients));
        }
    }
done:
    return status;
}

jf_status jf_estimate_value(jf_fit_work *work, size_t i, const double *theta, double *gradient, double *value)
{
    const jf_estimate *estimate = &work->fit->estimates[i];
    const char *brackets = strchr(estimate->name, '[');
    size_t length = brackets ? (size_t)(brackets - estimate->name) : strlen(estimate->name);

    *value = NAN;
    for (size_t s = 0; s < work->law->n_specs; s++) {
        const jf_parameter_spec *spec = &work->law->specs[s];

        if (!spec->tie || strncmp(spec->name, estimate->name, length) != 0 || spec->name[length]) continue;
        return jf_derive("--tie", spec->tie, work->law, work->problem->formula, theta, brackets, value,
                         gradient, work->err);
    }
    return JF_OK;
}
