/* Runs every law over every split of every plan, one piece of work for each, and gathers the scores. */
#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/parallel.h"
#include "core/progress.h"
#include "core/summary.h"
#include "fit/select/calibrate.h"
#include "fit/select/conformal.h"
#include "fit/select/validate_parts.h"

static jf_status pool_new(const jf_plan *plan, const size_t *place, jf_pool *pool, jf_error *err)
{
    jf_status status = JF_OK;

    for (size_t s = 0; s < plan->n_splits; s++) pool->n += plan->splits[s].n_test;
    pool->first = JF_NEW_ZEROED(size_t, plan->n_splits + 1);
    pool->place = JF_NEW_ARRAY(size_t, pool->n + 1);
    pool->value = JF_NEW_ARRAY(double, pool->n + 1);
    pool->raw = JF_NEW_ARRAY(double, pool->n + 1);
    pool->low = JF_NEW_ARRAY(double, pool->n + 1);
    pool->high = JF_NEW_ARRAY(double, pool->n + 1);
    JF_TRY_NEW(pool->first, err, "predictions");
    JF_TRY_NEW(pool->place, err, "predictions");
    JF_TRY_NEW(pool->value, err, "predictions");
    JF_TRY_NEW(pool->raw, err, "predictions");
    JF_TRY_NEW(pool->low, err, "predictions");
    JF_TRY_NEW(pool->high, err, "predictions");
    for (size_t s = 0; s < plan->n_splits; s++) {
        const jf_split *split = &plan->splits[s];
        pool->first[s + 1] = pool->first[s] + split->n_test;
        for (size_t i = 0; i < split->n_test; i++) pool->place[pool->first[s] + i] = place[split->test[i]];
    }
done:
    return status;
}

static jf_status prepare_validations(jf_runner *run, jf_candidate *candidate, jf_error *err)
{
    const jf_validate_setup *setup = run->setup;
    jf_status status = JF_OK;

    candidate->validations = JF_NEW_ZEROED(jf_validation, setup->n_plans + 1);
    JF_TRY_NEW(candidate->validations, err, "scores");
    candidate->n_validations = setup->n_plans;
    for (size_t i = 0; i < setup->n_plans; i++) {
        jf_validation *v = &candidate->validations[i];
        v->plan = i;
        v->n_splits = setup->plans[i]->n_splits;
        v->splits = JF_NEW_ZEROED(jf_split_score, v->n_splits + 1);
        JF_TRY_NEW(v->splits, err, "scores");
        JF_TRY(pool_new(setup->plans[i], run->place, &v->pool, err));
    }
done:
    return status;
}

static jf_status prepare_law(jf_runner *run, size_t i, jf_error *err)
{
    const jf_fit *fit = run->candidates[i].fit;
    jf_status status = JF_OK;

    if (!fit->problem || fit->outcome == JF_FAILED) return JF_OK;
    run->laws[i] = (jf_refit_law){.whole = fit->problem,
                                  .theta = fit->theta,
                                  .fitted = fit->fitted,
                                  .options = run->setup->options,
                                  .trees = run->candidates[i].trees};
    JF_TRY(
        jf_loss_read(run->setup->options->loss ? run->setup->options->loss : "ls", &run->laws[i].loss, err));
    if (!run->candidates[i].trees)
        JF_TRY(jf_left_out_new(fit->problem, run->laws[i].loss, &run->left_out[i], err));
    run->laws[i].left_out = run->left_out[i];
done:
    return status;
}

/* Numbers the groups of the rows anew. */
static jf_status number_units(jf_runner *run, jf_error *err)
{
    const jf_validate_setup *setup = run->setup;
    size_t n_all = setup->groups ? setup->groups->n_groups : 0, *number = JF_NEW_ZEROED(size_t, n_all + 1);
    jf_status status = JF_OK;

    JF_TRY_NEW(number, err, "groups");
    for (size_t i = 0; i < setup->n_rows; i++) {
        run->alone[i] = run->unit[i] = i;
        if (!setup->groups) continue;
        uint32_t group = setup->groups->group[setup->rows[i]];
        if (number[group] == 0) number[group] = ++run->n_groups;
        run->unit[i] = number[group] - 1;
    }
    if (!setup->groups) run->n_groups = setup->n_rows;
done:
    jf_free(number);
    return status;
}

static jf_status prepare(jf_runner *run, jf_error *err)
{
    const jf_validate_setup *setup = run->setup;
    jf_status status = JF_OK;

    run->laws = JF_NEW_ZEROED(jf_refit_law, run->n_candidates + 1);
    run->left_out = JF_NEW_ZEROED(jf_left_out *, run->n_candidates + 1);
    JF_TRY_NEW(run->left_out, err, "refits");
    run->place = JF_NEW_ZEROED(size_t, setup->table->n_rows + 1);
    run->unit = JF_NEW_ARRAY(size_t, setup->n_rows + 1);
    run->alone = JF_NEW_ARRAY(size_t, setup->n_rows + 1);
    JF_TRY_NEW(run->laws, err, "refits");
    JF_TRY_NEW(run->place, err, "refits");
    JF_TRY_NEW(run->unit, err, "refits");
    JF_TRY_NEW(run->alone, err, "refits");
    for (size_t i = 0; i < setup->n_rows; i++) run->place[setup->rows[i]] = i;
    for (size_t i = 0; i < setup->n_plans; i++) run->n_splits += setup->plans[i]->n_splits;
    run->staged = JF_NEW_ZEROED(double *, run->n_splits + 1);
    JF_TRY_NEW(run->staged, err, "refits");
    JF_TRY(number_units(run, err));
    for (size_t i = 0; i < run->n_candidates; i++) {
        JF_TRY(prepare_law(run, i, err));
        JF_TRY(prepare_validations(run, &run->candidates[i], err));
    }
done:
    return status;
}

static double factor_of_nine_in_ten(const jf_problem *whole, const size_t *place, const double *raw, size_t n)
{
    double *errors = JF_NEW_ARRAY(double, n + 1), result = NAN;
    size_t at = (size_t)ceil(0.9 * (double)n - 1e-9);

    if (!errors || n == 0) goto done;
    for (size_t i = 0; i < n; i++) {
        if (!(whole->raw[place[i]] > 0)) goto done;
        errors[i] = raw[i] > 0 ? fabs(log(raw[i] / whole->raw[place[i]])) : INFINITY;
    }
    jf_sort(errors, n);
    result = exp(errors[at - 1]);
done:
    jf_free(errors);
    return result;
}

/* Metrics over all usable predictions of a validation. */
static jf_status score_pool(const jf_refit_law *law, jf_validation *v, bool intervals, jf_error *err)
{
    const jf_pool *pool = &v->pool;
    size_t n = 0, *place = JF_NEW_ARRAY(size_t, pool->n + 1);
    double *value = JF_NEW_ARRAY(double, 4 * pool->n + 4), *raw, *low, *high;
    jf_status status = JF_OK;

    JF_TRY_NEW(place, err, "scores");
    JF_TRY_NEW(value, err, "scores");
    raw = value + pool->n;
    low = raw + pool->n;
    high = low + pool->n;
    for (size_t i = 0; i < pool->n; i++) {
        if (isnan(pool->raw[i])) continue;
        place[n] = pool->place[i];
        value[n] = pool->value[i];
        raw[n] = pool->raw[i];
        low[n] = pool->low[i];
        high[n++] = pool->high[i];
    }
    JF_TRY(jf_score_rows(law, place, value, raw, intervals ? low : NULL, intervals ? high : NULL, n,
                         &v->pooled, NULL, err));
    v->factor90 = factor_of_nine_in_ten(law->whole, place, raw, n);
done:
    jf_free(place);
    jf_free(value);
    return status;
}

/* Statistics over the splits that could be used. */
static jf_status gather(const jf_runner *run, size_t law, size_t plan, jf_error *err)
{
    const jf_validate_setup *setup = run->setup;
    jf_validation *v = &run->candidates[law].validations[plan];
    jf_metrics *usable = JF_NEW_ARRAY(jf_metrics, v->n_splits + 1);
    bool intervals = setup->interval != JF_INTERVAL_NONE && !run->laws[law].trees;
    jf_status status = JF_OK;

    JF_TRY_NEW(usable, err, "scores");
    v->factor90 = NAN;
    jf_no_metrics(&v->pooled);
    for (size_t s = 0; s < v->n_splits; s++) {
        size_t groups = jf_calibration_groups(setup->interval, setup->plans[plan]->splits[s].n_train_units);
        size_t missing = jf_conformal_groups_missing(groups, 1 - setup->options->level);
        if (v->splits[s].usable) usable[v->n_usable++] = v->splits[s].metrics;
        if (intervals && v->splits[s].usable && missing > v->groups_missing) v->groups_missing = missing;
    }
    JF_TRY(jf_metrics_summarise(usable, v->n_usable, &v->over, err));
    if (run->laws[law].whole) JF_TRY(score_pool(&run->laws[law], v, intervals, err));
done:
    jf_free(usable);
    return status;
}

jf_status jf_validate(const jf_validate_setup *setup, jf_candidate *candidates, size_t n, jf_error *err)
{
    jf_runner run = {.setup = setup, .candidates = candidates, .n_candidates = n};
    jf_status status = JF_OK;

    JF_TRY(prepare(&run, err));
    jf_progress_stage("stages of the laws");
    if (setup->stages)
        JF_TRY(jf_parallel(run.n_splits, (int)setup->options->threads, jf_run_stages, &run, err));
    jf_progress_stage("validation");
    JF_TRY(jf_parallel(n * run.n_splits, (int)setup->options->threads, jf_run_piece, &run, err));
    for (size_t law = 0; law < n; law++)
        for (size_t plan = 0; plan < setup->n_plans; plan++) JF_TRY(gather(&run, law, plan, err));
done:
    for (size_t i = 0; run.staged && i < run.n_splits; i++) jf_free(run.staged[i]);
    jf_free(run.staged);
    for (size_t i = 0; run.left_out && i < n; i++) jf_left_out_free(run.left_out[i]);
    jf_free(run.left_out);
    jf_free(run.laws);
    jf_free(run.place);
    jf_free(run.unit);
    jf_free(run.alone);
    return status;
}

void jf_pool_clear(jf_pool *pool)
{
    jf_free(pool->first);
    jf_free(pool->place);
    jf_free(pool->value);
    jf_free(pool->raw);
    jf_free(pool->low);
    jf_free(pool->high);
    memset(pool, 0, sizeof *pool);
}

void jf_validation_clear(jf_validation *validation)
{
    jf_pool_clear(&validation->pool);
    jf_free(validation->splits);
    memset(validation, 0, sizeof *validation);
}
