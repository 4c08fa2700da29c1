/* Judges every configuration at hand by what one run more of it would do for the best law. */
#include "fit/select/next.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/summary.h"
#include "core/text.h"
#include "fit/infer/design_next.h"

/* Runs that are looked at: of more than these every so-manieth. */
enum { MOST_CANDIDATES = 2000, MOST_GOALS = 40 };
/* Below this share of the standard error a run more is not worth naming. */
static const double least_gain = 0.01;

static size_t thin(const size_t *rows, size_t n, size_t most, size_t *out)
{
    size_t step = (n + most - 1) / most, n_out = 0;

    for (size_t i = 0; i < n; i += step ? step : 1) out[n_out++] = rows[i];
    return n_out;
}

/* The rows at the far end of the column, in the direction of the plan; the last twentieth. */
static jf_status far_rows(const jf_comparison *c, const jf_plan *plan, const jf_column *column, size_t *out,
                          size_t *n, jf_error *err)
{
    double *values = JF_NEW_ARRAY(double, c->n_rows + 1), end;
    size_t *all = JF_NEW_ARRAY(size_t, c->n_rows + 1), n_all = 0;
    jf_status status = JF_OK;

    JF_TRY_NEW(values && all, err, "the next run");
    for (size_t i = 0; i < c->n_rows; i++) values[i] = column->values[c->rows[i]];
    jf_sort(values, c->n_rows);
    end = jf_quantile(values, c->n_rows, plan->down ? 0.05 : 0.95);
    for (size_t i = 0; i < c->n_rows; i++) {
        double value = column->values[c->rows[i]];
        if (plan->down ? value <= end : value >= end) all[n_all++] = c->rows[i];
    }
    *n = thin(all, n_all, MOST_GOALS, out);
done:
    jf_free(values);
    jf_free(all);
    return status;
}

static void describe_run(const jf_table *table, const jf_fit *fit, size_t row, jf_text *out)
{
    size_t told = 0;

    for (size_t i = 0; i < fit->data.n_columns_read; i++) {
        const jf_column *column = jf_table_find(table, fit->data.columns_read[i]);
        char number[JF_NUMBER_TEXT];
        if (!column || strcmp(column->name, fit->raw_response) == 0) continue;
        if (column->kind == JF_LABEL && column->codes[row] < 0) continue;
        jf_text_addf(out, "%s%s = %s", told++ ? ", " : "", column->name,
                     column->kind == JF_LABEL ? column->levels[column->codes[row]]
                                              : jf_number_short(number, column->values[row], 3));
    }
}

/* "Next: measure once more at C = 1e18, gpus = 8; ..." */
static jf_status say(jf_comparison *c, const jf_table *table, const jf_plan *plan, const jf_next *next,
                     jf_error *err)
{
    const jf_candidate *best = &c->candidates[c->best];
    const jf_next_run *run = &next->candidates[0];
    double share = isfinite(run->gain) ? 1 - exp(-run->gain) : NAN;
    jf_text text = {0};
    char percent[JF_NUMBER_TEXT];

    if (!(share >= least_gain)) {
        jf_text_addf(
            &text, "Next: no single run more of a configuration at hand would sharpen %s by as much as 1 %%",
            best->law->name);
    } else {
        jf_text_add(&text, "Next: measure once more at ");
        describe_run(table, best->fit, run->row, &text);
        jf_text_addf(&text, "; of all configurations at hand it takes most off the standard error of %s",
                     best->law->name);
        if (plan) jf_text_addf(&text, " at the %s %s", plan->down ? "smallest" : "largest", plan->column);
        jf_text_addf(&text, ", about %s %%", jf_number_short(percent, 100 * share, 2));
    }
    if (plan) jf_text_addf(&text, "; a run %s it would test the law harder", plan->down ? "below" : "beyond");
    jf_text_add(&text, ".");
    c->next.row = run->row;
    c->next.gain = share;
    c->next.sentence = jf_text_take(&text);
    return c->next.sentence ? JF_OK : jf_fail(err, JF_ENOMEM, "out of memory for the next run");
}

static const jf_plan *numeric_extrapolation(const jf_comparison *c, const jf_table *table,
                                            const jf_column **column)
{
    const jf_plan *plan = c->extrapolation == SIZE_MAX ? NULL : c->plans[c->extrapolation];

    *column = plan && plan->column ? jf_table_find(table, plan->column) : NULL;
    return *column && (*column)->kind == JF_NUMERIC ? plan : NULL;
}

/* The design asks for too much of some fits (no scatter, no estimates): then there is nothing to say. */
static jf_status only_serious(jf_status status, const jf_error *why, jf_error *err)
{
    if (status != JF_ENOMEM && status != JF_EINTERRUPTED) return JF_OK;
    if (err) *err = *why;
    return status;
}

jf_status jf_compare_next(jf_comparison *c, const jf_table *table, jf_error *err)
{
    const jf_candidate *best = &c->candidates[c->best];
    const jf_column *column;
    const jf_plan *plan = numeric_extrapolation(c, table, &column);
    size_t *rows = JF_NEW_ARRAY(size_t, c->n_rows + 1), *far = JF_NEW_ARRAY(size_t, c->n_rows + 1), n = 0,
           n_far = 0;
    jf_next_options options = {.n_next = 1};
    jf_goal goal = {0};
    jf_next next = {0};
    jf_error why = {0};
    jf_status status = JF_OK;

    JF_TRY_NEW(rows && far, err, "the next run");
    if (best->fit->outcome == JF_FAILED || best->is_baseline) goto done;
    n = thin(c->rows, c->n_rows, MOST_CANDIDATES, rows);
    if (plan) JF_TRY(far_rows(c, plan, column, far, &n_far, err));
    status = plan ? jf_goal_predictions(best->fit, plan->column, table, far, n_far, &goal, &why)
                  : jf_goal_everything(&goal, &why);
    if (status == JF_OK) status = jf_design_next(best->fit, table, rows, n, &goal, &options, &next, &why);
    if (status != JF_OK) {
        status = only_serious(status, &why, err);
        goto done;
    }
    if (next.n_candidates > 0 && isfinite(next.before)) JF_TRY(say(c, table, plan, &next, err));
done:
    jf_next_clear(&next);
    jf_goal_clear(&goal);
    jf_free(rows);
    jf_free(far);
    return status;
}
