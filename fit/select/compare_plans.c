/* Draws the plans of a comparison: those asked for, or the defaults. */
#include "core/expr/ast.h"
#include "core/memory.h"
#include "core/summary.h"
#include "core/text.h"
#include "fit/select/baselines.h"
#include "fit/select/compare_parts.h"

/* Codes of a law's level parameters, borrowed from its inputs. */
static jf_status add_levels(jf_maker *m, const jf_problem *problem, size_t *capacity, jf_error *err)
{
    for (size_t s = 0; problem && s < jf_formula_n_slots(problem->formula); s++) {
        const jf_slot *slot = jf_formula_slot(problem->formula, s);
        if (!slot->is_levels) continue;
        if (!jf_grow((void **)&m->levels, capacity, m->n_levels + 1, sizeof *m->levels))
            return jf_fail(err, JF_ENOMEM, "out of memory for levels");
        m->levels[m->n_levels++] = jf_inputs_codes(problem->inputs, slot->input);
    }
    return JF_OK;
}

static jf_status collect_levels(jf_maker *m, jf_error *err)
{
    size_t capacity = 0;
    jf_status status = JF_OK;

    for (size_t i = 0; i < m->c->n_candidates; i++)
        JF_TRY(add_levels(m, m->c->candidates[i].fit->problem, &capacity, err));
    m->n_given_levels = m->n_levels;
    for (size_t i = m->given->n; i < m->n_problems; i++)
        JF_TRY(add_levels(m, m->problems[i], &capacity, err));
done:
    return status;
}

/* The pre-run input of the laws given with the largest ratio of its ends and room above its upper quartile.
 */
static const char *widest_input(const jf_maker *m)
{
    const char *widest = NULL;
    double most = 1, *values = JF_NEW_ARRAY(double, m->c->n_rows + 1);

    for (size_t p = 0; values && p < m->n_problems; p++)
        for (size_t i = 0; i < jf_formula_n_columns(m->problems[p]->formula); i++) {
            const char *name = jf_formula_column(m->problems[p]->formula, i);
            const jf_column *column = jf_table_find(m->table, name);
            if (!jf_is_scale_column(column, m->c->rows, m->c->n_rows)) continue;
            for (size_t r = 0; r < m->c->n_rows; r++) values[r] = column->values[m->c->rows[r]];
            jf_sort(values, m->c->n_rows);
            double ratio = values[m->c->n_rows - 1] / values[0];
            if (ratio <= most || jf_quantile(values, m->c->n_rows, 0.75) >= values[m->c->n_rows - 1])
                continue;
            most = ratio;
            widest = column->name;
        }
    jf_free(values);
    return widest;
}

static void warn_of_infeasible(jf_maker *m, const jf_plan *plan)
{
    size_t empty = 0, lacking;

    for (size_t s = 0; s < plan->n_splits; s++)
        empty += plan->splits[s].n_train == 0 || plan->splits[s].n_test == 0;
    lacking = plan->infeasible - empty;
    if (empty > 0)
        jf_warn(&m->c->warnings, "W_INFEASIBLE_SPLITS", "plan %s: %zu of %zu splits have an empty part%s",
                plan->text, empty, plan->n_splits,
                plan->by_rows ? ""
                              : " (groups are never divided; \"rows:\" in front of the plan divides them)");
    if (lacking > 0)
        jf_warn(&m->c->warnings, "W_INFEASIBLE_SPLITS",
                "plan %s: %zu of %zu splits test levels that training lacks: laws with parameters for them "
                "cannot be "
                "used there",
                plan->text, lacking, plan->n_splits);
}

static jf_status add_plan(jf_maker *m, const char *text, jf_error *err)
{
    jf_plan_data data = {.table = m->table,
                         .rows = m->c->rows,
                         .n_rows = m->c->n_rows,
                         .groups = m->groups,
                         .levels = m->levels,
                         .n_levels = m->n_levels,
                         .seed = m->options->fit.seed};
    jf_status status = jf_plan_build(text, &data, &m->c->plans[m->c->n_plans], err);

    if (status != JF_OK) return status;
    const jf_plan *plan = m->c->plans[m->c->n_plans++];
    if (plan->redrawn > 0)
        jf_warn(&m->c->warnings, "W_REDRAWN_SPLITS", "plan %s: %zu splits were drawn again", plan->text,
                plan->redrawn);
    warn_of_infeasible(m, plan);
    return JF_OK;
}

static jf_status default_plans(jf_maker *m, jf_error *err)
{
    jf_status status = JF_OK;
    jf_text text = {0};
    const char *widest = widest_input(m);
    char *plan = NULL;

    if (m->groups)
        jf_text_add(&text, "grouped");
    else
        jf_text_addf(&text, "kfold:%zu", m->c->n_rows < 10 ? m->c->n_rows : 10);
    plan = jf_text_take(&text);
    JF_TRY_NEW(plan, err, "a plan");
    JF_TRY(add_plan(m, plan, err));
    if (!widest) goto done;
    jf_free(plan);
    jf_text_add(&text, "extrapolate:");
    jf_name_print(&text, widest);
    jf_text_add(&text, ":0.75");
    plan = jf_text_take(&text);
    JF_TRY_NEW(plan, err, "a plan");
    JF_TRY(add_plan(m, plan, err));
done:
    jf_free(plan);
    return status;
}

jf_status jf_make_plans(jf_maker *m, jf_error *err)
{
    const jf_option_list *asked = &m->options->validate;
    jf_status status = JF_OK;

    JF_TRY(collect_levels(m, err));
    m->c->plans = JF_NEW_ZEROED(jf_plan *, asked->n + 3);
    JF_TRY_NEW(m->c->plans, err, "plans");
    if (asked->n == 0) JF_TRY(default_plans(m, err));
    for (size_t i = 0; i < asked->n; i++) JF_TRY(add_plan(m, asked->items[i], err));
done:
    return status;
}
