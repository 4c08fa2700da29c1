/* The Jacobian at the solution, factored: what the data determine and what they do not. */
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "fit/infer/infer_parts.h"
#include "fit/problem/objective.h"

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

/* Derivatives by the parameters that are active, evaluated where they are needed. */
typedef struct active_rows {
    const jf_problem *problem;
    jf_arena *arena;
    const double **slots; /* n_slots: derivatives of the rows at hand */
    long *column;         /* k: place among the active, or -1 */
    size_t p;
} active_rows;

static void put_slot(const active_rows *from, size_t s, size_t row, size_t n, double *const *columns)
{
    const jf_slot *slot = jf_formula_slot(from->problem->formula, s);
    const int32_t *codes = slot->is_levels ? jf_inputs_codes(from->problem->inputs, slot->input) + row : NULL;

    for (size_t i = 0; i < n; i++) {
        long column;

        if (codes && codes[i] < 0) continue;
        column = from->column[slot->first + (codes ? (size_t)codes[i] : 0)];
        if (column >= 0) columns[column][i] = from->slots[s][i];
    }
}

static void fetch_active(void *context, size_t row, size_t n, double *const *columns)
{
    const active_rows *from = context;
    const jf_problem *problem = from->problem;
    const double *values;

    jf_eval_block(problem->formula, problem->inputs, from->arena, row, n, &values, from->slots, NULL);
    for (size_t j = 0; j < from->p; j++) memset(columns[j], 0, n * sizeof *columns[j]);
    for (size_t s = 0; s < jf_formula_n_slots(problem->formula); s++)
        if (jf_formula_slot(problem->formula, s)->n) put_slot(from, s, row, n, columns);
}

void jf_fit_rows_clear(jf_row_source *source)
{
    active_rows *from = source->context;

    if (!from) return;
    jf_arena_free(from->arena);
    jf_free(from->slots);
    jf_free(from->column);
    jf_free(from);
    *source = (jf_row_source){0};
}

/* What moves the values by less than their rounding has rounding for derivatives: they are taken as zeros, so
 * that no standard error is made of them. */
static jf_status drop_faint(const jf_fit_work *work, long *column)
{
    jf_status status = JF_OK;
    const jf_problem *problem = work->problem;
    const jf_runaway *runaway = work->solution.runaway;
    jf_penalty penalty = {work->loss, 0};
    jf_objective *objective = NULL;
    jf_point point = {0};
    bool any = false;

    for (size_t j = 0; j < problem->k; j++) any = any || work->solution.unidentified[j];
    if (!any || work->fit->linear) return JF_OK;
    JF_TRY(jf_objective_new(problem, &penalty, &objective, work->err));
    JF_TRY(jf_point_new(problem->k, &point, work->err));
    memcpy(point.theta, work->fit->theta, problem->k * sizeof *point.theta);
    if (!jf_objective_precise(objective, &point)) goto done;
    for (size_t j = 0; j < problem->k; j++)
        if (work->solution.unidentified[j] && !(runaway && runaway[j].open) &&
            jf_column_is_faint(objective, point.length[j], point.theta[j]))
            column[j] = -1;
done:
    jf_point_clear(&point);
    jf_objective_free(objective);
    return status;
}

static jf_status open_rows(jf_fit_work *work)
{
    jf_status status = JF_OK;
    const jf_problem *problem = work->problem;
    active_rows *from = JF_NEW(active_rows);

    JF_TRY_NEW(from, work->err, "the Jacobian");
    *from = (active_rows){.problem = problem, .p = work->design.p};
    work->rows = (jf_row_source){from, fetch_active};
    from->slots = JF_NEW_ZEROED(const double *, jf_formula_n_slots(problem->formula));
    from->column = JF_NEW_ARRAY(long, problem->k);
    JF_TRY_NEW(from->slots && from->column ? from : NULL, work->err, "the Jacobian");
    for (size_t j = 0; j < problem->k; j++) from->column[j] = -1;
    for (size_t a = 0; a < from->p; a++) from->column[work->active[a]] = (long)a;
    JF_TRY(drop_faint(work, from->column));
    JF_TRY(jf_arena_new(problem->formula, JF_GRADIENT, &from->arena, work->err));
    jf_eval_begin(problem->formula, problem->inputs, from->arena, work->fit->theta, JF_GRADIENT);
done:
    return status;
}

jf_status jf_fit_factor(jf_fit_work *work)
{
    jf_status status = JF_OK;
    const jf_problem *problem = work->problem;

    work->fit->condition = NAN;
    if (work->fit->outcome == JF_FAILED) return JF_OK;
    JF_TRY(choose_active(work));
    JF_TRY(open_rows(work));
    status =
        jf_design_build(&work->rows, problem->n, work->design.p, problem->weight, &work->design, work->err);
    if (status == JF_EFIT) { /* a result without errors is still a result */
        jf_warn(&work->fit->warnings, "W_FLAT", "there are no standard errors: %s", work->err->message);
        *work->err = (jf_error){0};
        return JF_OK;
    }
    JF_TRY(status);
    fill_leverage(work);
    JF_TRY(spread_null(work));
done:
    return status;
}
