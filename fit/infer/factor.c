/* The Jacobian at the solution, factored: what the data determine and what they do not. */
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "fit/infer/infer_parts.h"

static jf_status choose_active(jf_fit_work *work)
{
    const jf_problem *problem = work->problem;

    work->active = JF_NEW_ARRAY(size_t, problem->k);
    if (!work->active) return jf_fail(work->err, JF_ENOMEM, "out of memory for parameters");
    for (size_t j = 0; j < problem->k; j++)
        if (!problem->fixed[j] && work->solution.bound[j] == 0) work->active[work->design.p++] = j;
    return JF_OK;
}

/* Null directions of the design among all parameters. */
static jf_status spread_null(jf_fit_work *work)
{
    jf_fit *fit = work->fit;
    const jf_design *design = &work->design;

    fit->n_null = design->p - design->rank;
    if (!fit->n_null) return JF_OK;
    fit->null = JF_NEW_ZEROED(double, fit->n_theta * fit->n_null);
    if (!fit->null) return jf_fail(work->err, JF_ENOMEM, "out of memory for directions");
    for (size_t m = 0; m < fit->n_null; m++)
        for (size_t j = 0; j < design->p; j++)
            fit->null[m * fit->n_theta + work->active[j]] = design->null[m * design->p + j];
    return JF_OK;
}

static void fill_leverage(jf_fit_work *work)
{
    jf_fit *fit = work->fit;

    memcpy(fit->leverage, work->design.leverage, fit->n * sizeof *fit->leverage);
    for (size_t i = 0; i < fit->n; i++) fit->largest_leverage = fmax(fit->largest_leverage, fit->leverage[i]);
    fit->condition = jf_design_condition(&work->design);
}

jf_status jf_fit_factor(jf_fit_work *work)
{
    jf_status status = JF_OK;
    const jf_problem *problem = work->problem;
    size_t n = problem->n, k = problem->k, p;
    double *jacobian = NULL, *values = NULL;
    jf_arena *arena = NULL;

    work->fit->condition = NAN;
    if (work->fit->outcome == JF_FAILED) return JF_OK;
    JF_TRY(choose_active(work));
    p = work->design.p;
    jacobian = JF_NEW_ARRAY(double, n *k);
    values = JF_NEW_ARRAY(double, n);
    JF_TRY_NEW(jacobian && values ? jacobian : NULL, work->err, "the Jacobian");
    JF_TRY(jf_arena_new(problem->formula, JF_GRADIENT, &arena, work->err));
    jf_formula_jacobian(problem->formula, problem->inputs, arena, work->fit->theta, values, jacobian, n);
    for (size_t j = 0; j < p; j++)
        memmove(jacobian + j * n, jacobian + work->active[j] * n, n * sizeof *jacobian);
    status = jf_design_build(jacobian, n, p, problem->weight, &work->design, work->err);
    if (status == JF_EFIT) { /* a result without errors is still a result */
        jf_warn(&work->fit->warnings, "W_FLAT", "there are no standard errors: %s", work->err->message);
        *work->err = (jf_error){0};
        status = JF_OK;
        goto done;
    }
    JF_TRY(status);
    fill_leverage(work);
    JF_TRY(spread_null(work));
done:
    jf_arena_free(arena);
    jf_free(jacobian);
    jf_free(values);
    return status;
}
