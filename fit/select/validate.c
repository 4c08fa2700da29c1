/* Runs every law over every split of every plan, one piece of work for each, and gathers the scores. */
#include "fit/select/validate.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/parallel.h"
#include "fit/select/calibrate.h"
#include "fit/select/conformal.h"

/* What all pieces of work share; read-only while they run, but for each piece's own scores and pool rows. */
typedef struct runner {
    const jf_validate_setup *setup;
    jf_candidate *candidates;
    size_t n_candidates;
    jf_refit_law *laws; /* n_candidates; whole is NULL for a law that could not be fitted */
    size_t *place;      /* of each table row among setup->rows */
    size_t *unit;       /* n_rows: group of each row, renumbered */
    size_t n_groups;
    size_t *alone;   /* n_rows: 0, 1, 2, ...: units of plans by rows */
    size_t n_splits; /* of all plans together */
} runner;

/* One law on one split. */
typedef struct piece {
    const runner *run;
    jf_candidate *candidate;
    const jf_refit_law *law;
    const jf_plan *plan;
    size_t plan_index, split_index;
    const jf_split *split;
    jf_split_score *score;
    size_t *train, *test; /* indices into setup->rows */
    double *value, *raw, *low, *high;
} piece;

/* ---- one piece ---- */

static jf_status place_rows(piece *p, jf_error *err)
{
    jf_status status = JF_OK;

    p->train = JF_NEW_ARRAY(size_t, p->split->n_train + 1);
    p->test = JF_NEW_ARRAY(size_t, p->split->n_test + 1);
    JF_TRY_NEW(p->train, err, "a split");
    JF_TRY_NEW(p->test, err, "a split");
    for (size_t i = 0; i < p->split->n_train; i++) p->train[i] = p->run->place[p->split->train[i]];
    for (size_t i = 0; i < p->split->n_test; i++) p->test[i] = p->run->place[p->split->test[i]];
done:
    return status;
}

/* The raw value of an end of an interval; `infinite` for those that are. */
static double raw_end(double end, double inverse, bool log_law, bool upper)
{
    double infinite = upper ? INFINITY : log_law ? 0 : -INFINITY;
    return isinf(end) || isnan(inverse) ? infinite : inverse;
}

/* Turns the interval of the law's scale into one of the raw scale. */
static jf_status invert_interval(piece *p, const double *low, const double *high, jf_error *err)
{
    const jf_transform *transform = p->law->whole->transform;
    jf_columns columns = jf_table_columns(p->run->setup->table);
    size_t n = p->split->n_test;
    bool log_law = jf_transform_is_log(transform);
    jf_status status = JF_OK;

    JF_TRY(jf_transform_inverse(transform, &columns, p->split->test, n, low, p->low, err));
    JF_TRY(jf_transform_inverse(transform, &columns, p->split->test, n, high, p->high, err));
    for (size_t i = 0; i < n; i++) {
        if (p->low[i] > p->high[i]) { /* a falling transform, like 1/y */
            double other = p->low[i];
            p->low[i] = raw_end(high[i], p->high[i], log_law, false);
            p->high[i] = raw_end(low[i], other, log_law, true);
        } else {
            p->low[i] = raw_end(low[i], p->low[i], log_law, false);
            p->high[i] = raw_end(high[i], p->high[i], log_law, true);
        }
    }
done:
    return status;
}

static jf_status find_intervals(piece *p, const jf_refit *refit, jf_error *err)
{
    const runner *run = p->run;
    size_t n = p->split->n_test;
    double *low = JF_NEW_ARRAY(double, n + 1), *high = JF_NEW_ARRAY(double, n + 1);
    /* inner folds are keyed apart from the splits themselves, and alike for every law */
    uint64_t key = UINT64_C(0xCF) << 56 | (uint64_t)p->plan_index << 32 | (uint64_t)p->split_index;
    jf_calibrate_setup setup = {.kind = run->setup->interval,
                                .alpha = 1 - run->setup->options->level,
                                .unit = p->plan->by_rows ? run->alone : run->unit,
                                .n_units = p->plan->by_rows ? run->setup->n_rows : run->n_groups,
                                .stream = jf_stream_make(run->setup->options->seed, JF_FOR_SPLITS, key)};
    jf_status status = JF_OK;

    JF_TRY_NEW(low, err, "intervals");
    JF_TRY_NEW(high, err, "intervals");
    JF_TRY(jf_calibrate(&setup, refit, p->train, p->split->n_train, p->test, n, low, high, err));
    JF_TRY(invert_interval(p, low, high, err));
done:
    jf_free(low);
    jf_free(high);
    return status;
}

/* Mean squared error of log y, or of the law's scale where a measurement is not positive. */
static double mean_loss(const double *observed, const double *predicted, const double *raw_observed,
                        const double *raw_predicted, size_t n)
{
    double of_log = 0, of_law = 0;
    bool positive = true;

    for (size_t i = 0; i < n; i++) {
        double in_log = log(raw_predicted[i]) - log(raw_observed[i]), in_law = predicted[i] - observed[i];
        positive &= raw_observed[i] > 0;
        of_log += raw_predicted[i] > 0 ? in_log * in_log : INFINITY;
        of_law += in_law * in_law;
    }
    return (positive ? of_log : of_law) / (double)n;
}

/* Scores predictions of the rows `place` (NULL members of p->low: no intervals). */
static jf_status score(const jf_problem *whole, const size_t *place, const double *value, const double *raw,
                       const double *low, const double *high, size_t n, jf_metrics *metrics, double *loss,
                       jf_error *err)
{
    jf_status status = JF_OK;
    double *observed = JF_NEW_ARRAY(double, 2 * n + 1), *raw_observed = observed + n;

    JF_TRY_NEW(observed, err, "scores");
    for (size_t i = 0; i < n; i++) {
        observed[i] = whole->response[place[i]];
        raw_observed[i] = whole->raw[place[i]];
    }
    if (loss) *loss = mean_loss(observed, value, raw_observed, raw, n);
    JF_TRY(jf_metrics_compute(&(jf_scored){observed, value, raw_observed, raw, low, high, n}, metrics, err));
done:
    jf_free(observed);
    return status;
}

static bool all_known(const double *a, const double *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (isnan(a[i]) || isnan(b[i])) return false;
    return true;
}

static void no_metrics(jf_metrics *metrics)
{
    for (jf_metric m = 0; m < JF_N_METRICS; m++) jf_metric_set(metrics, m, NAN);
}

static jf_status run_piece(piece *p, jf_error *err)
{
    const jf_problem *whole = p->law->whole;
    jf_columns columns = jf_table_columns(p->run->setup->table);
    bool intervals = p->run->setup->interval != JF_INTERVAL_NONE;
    size_t n = p->split->n_test;
    jf_refit refit = {0};
    jf_status status = JF_OK;

    JF_TRY(place_rows(p, err));
    JF_TRY(jf_refit_run(p->law, p->train, p->split->n_train, p->law->theta, &refit, err));
    p->score->outcome = refit.outcome;
    p->score->infeasible = jf_refit_lacks_level(&refit, p->test, n);
    if (p->score->infeasible || refit.outcome == JF_FAILED) goto done;
    JF_TRY(jf_refit_predict(&refit, p->test, n, p->value, err));
    JF_TRY(jf_transform_inverse(whole->transform, &columns, p->split->test, n, p->value, p->raw, err));
    if (intervals) JF_TRY(find_intervals(p, &refit, err));
    p->score->usable = all_known(p->value, p->raw, n);
    if (p->score->usable)
        JF_TRY(score(whole, p->test, p->value, p->raw, intervals ? p->low : NULL, intervals ? p->high : NULL,
                     n, &p->score->metrics, &p->score->loss, err));
    if (n == 1) no_metrics(&p->score->metrics); /* of single rows only pooled values mean something */
done:
    jf_refit_clear(&refit);
    return status;
}

static void forget(double *values, size_t n)
{
    for (size_t i = 0; i < n; i++) values[i] = NAN;
}

static jf_status run_item(void *context, size_t item, int thread, jf_error *err)
{
    const runner *run = context;
    size_t law = item / run->n_splits, split = item % run->n_splits, plan = 0, first;
    jf_validation *v;
    jf_status status = JF_OK;

    (void)thread;
    while (split >= run->setup->plans[plan]->n_splits) split -= run->setup->plans[plan++]->n_splits;
    v = &run->candidates[law].validations[plan];
    first = v->pool.first[split];
    piece p = {.run = run,
               .candidate = &run->candidates[law],
               .law = &run->laws[law],
               .plan = run->setup->plans[plan],
               .plan_index = plan,
               .split_index = split,
               .split = &run->setup->plans[plan]->splits[split],
               .score = &v->splits[split],
               .value = v->pool.value + first,
               .raw = v->pool.raw + first,
               .low = v->pool.low + first,
               .high = v->pool.high + first};
    no_metrics(&p.score->metrics);
    p.score->n_train = p.split->n_train;
    p.score->n_test = p.split->n_test;
    p.score->loss = NAN;
    p.score->outcome = JF_FAILED;
    p.score->infeasible = p.split->n_train == 0 || p.split->n_test == 0;
    if (!p.score->infeasible && p.law->whole) status = run_piece(&p, err);
    if (!p.score->usable)
        for (size_t i = 0; i < 4; i++)
            forget(((double *[]){p.value, p.raw, p.low, p.high})[i], p.split->n_test);
    jf_free(p.train);
    jf_free(p.test);
    return status;
}

/* ---- before and after ---- */

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

static jf_status prepare_validations(runner *run, jf_candidate *candidate, jf_error *err)
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

static jf_status prepare_law(runner *run, size_t i, jf_error *err)
{
    const jf_fit *fit = run->candidates[i].fit;
    jf_status status = JF_OK;

    if (!fit->problem || fit->outcome == JF_FAILED) return JF_OK;
    run->laws[i] = (jf_refit_law){
        .whole = fit->problem, .theta = fit->theta, .fitted = fit->fitted, .options = run->setup->options};
    JF_TRY(
        jf_loss_read(run->setup->options->loss ? run->setup->options->loss : "ls", &run->laws[i].loss, err));
done:
    return status;
}

/* Numbers the groups of the rows anew. */
static jf_status number_units(runner *run, jf_error *err)
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

static jf_status prepare(runner *run, jf_error *err)
{
    const jf_validate_setup *setup = run->setup;
    jf_status status = JF_OK;

    run->laws = JF_NEW_ZEROED(jf_refit_law, run->n_candidates + 1);
    run->place = JF_NEW_ZEROED(size_t, setup->table->n_rows + 1);
    run->unit = JF_NEW_ARRAY(size_t, setup->n_rows + 1);
    run->alone = JF_NEW_ARRAY(size_t, setup->n_rows + 1);
    JF_TRY_NEW(run->laws, err, "refits");
    JF_TRY_NEW(run->place, err, "refits");
    JF_TRY_NEW(run->unit, err, "refits");
    JF_TRY_NEW(run->alone, err, "refits");
    for (size_t i = 0; i < setup->n_rows; i++) run->place[setup->rows[i]] = i;
    for (size_t i = 0; i < setup->n_plans; i++) run->n_splits += setup->plans[i]->n_splits;
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
static jf_status score_pool(const jf_problem *whole, jf_validation *v, bool intervals, jf_error *err)
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
    JF_TRY(score(whole, place, value, raw, intervals ? low : NULL, intervals ? high : NULL, n, &v->pooled,
                 NULL, err));
    v->factor90 = factor_of_nine_in_ten(whole, place, raw, n);
done:
    jf_free(place);
    jf_free(value);
    return status;
}

/* Statistics over the splits that could be used. */
static jf_status gather(const runner *run, size_t law, size_t plan, jf_error *err)
{
    const jf_validate_setup *setup = run->setup;
    jf_validation *v = &run->candidates[law].validations[plan];
    jf_metrics *usable = JF_NEW_ARRAY(jf_metrics, v->n_splits + 1);
    bool intervals = setup->interval != JF_INTERVAL_NONE;
    jf_status status = JF_OK;

    JF_TRY_NEW(usable, err, "scores");
    v->factor90 = NAN;
    no_metrics(&v->pooled);
    for (size_t s = 0; s < v->n_splits; s++) {
        size_t groups = jf_calibration_groups(setup->interval, setup->plans[plan]->splits[s].n_train_units);
        size_t missing = jf_conformal_groups_missing(groups, 1 - setup->options->level);
        if (v->splits[s].usable) usable[v->n_usable++] = v->splits[s].metrics;
        if (intervals && v->splits[s].usable && missing > v->groups_missing) v->groups_missing = missing;
    }
    JF_TRY(jf_metrics_summarise(usable, v->n_usable, &v->over, err));
    if (run->laws[law].whole) JF_TRY(score_pool(run->laws[law].whole, v, intervals, err));
done:
    jf_free(usable);
    return status;
}

jf_status jf_validate(const jf_validate_setup *setup, jf_candidate *candidates, size_t n, jf_error *err)
{
    runner run = {.setup = setup, .candidates = candidates, .n_candidates = n};
    jf_status status = JF_OK;

    JF_TRY(prepare(&run, err));
    JF_TRY(jf_parallel(n * run.n_splits, (int)setup->options->threads, run_item, &run, err));
    for (size_t law = 0; law < n; law++)
        for (size_t plan = 0; plan < setup->n_plans; plan++) JF_TRY(gather(&run, law, plan, err));
done:
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
