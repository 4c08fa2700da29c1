/* One law on one split: refit, out-of-fold predictions, intervals, scores. */
#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "fit/select/calibrate.h"
#include "fit/select/validate_parts.h"

/* One law on one split. */
typedef struct piece {
    const jf_runner *run;
    jf_candidate *candidate;
    const jf_refit_law *law;
    const jf_plan *plan;
    size_t plan_index, split_index;
    const jf_split *split;
    jf_split_score *score;
    size_t *train, *test; /* indices into setup->rows */
    size_t n_train;
    size_t staged_index; /* of the split among all plans' */
    double *value, *raw, *low, *high;
} piece;

static jf_status place_rows(piece *p, jf_error *err)
{
    jf_status status = JF_OK;

    p->train = JF_NEW_ARRAY(size_t, p->split->n_train + 1);
    p->test = JF_NEW_ARRAY(size_t, p->split->n_test + 1);
    JF_TRY_NEW(p->train, err, "a split");
    JF_TRY_NEW(p->test, err, "a split");
    p->n_train = p->split->n_train;
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
    const jf_runner *run = p->run;
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
    JF_TRY(jf_calibrate(&setup, refit, p->train, p->n_train, p->test, n, low, high, err));
    JF_TRY(invert_interval(p, low, high, err));
done:
    jf_free(low);
    jf_free(high);
    return status;
}

/* Mean squared error of log y, or of the law's scale where a measurement is not positive. */
static double mean_loss(const jf_scored *s)
{
    double of_log = 0, of_law = 0, total = 0;
    bool positive = true;

    for (size_t i = 0; i < s->n; i++) {
        double in_log = log(s->raw_predicted[i]) - log(s->raw_observed[i]);
        double in_law = s->predicted[i] - s->observed[i];
        positive &= s->raw_observed[i] > 0;
        of_log += s->weight[i] * (s->raw_predicted[i] > 0 ? in_log * in_log : INFINITY);
        of_law += s->weight[i] * in_law * in_law;
        total += s->weight[i];
    }
    return (positive ? of_log : of_law) / total;
}

jf_status jf_score_rows(const jf_refit_law *law, const size_t *place, const double *value, const double *raw,
                        const double *low, const double *high, size_t n, jf_metrics *metrics, double *loss,
                        jf_error *err)
{
    jf_status status = JF_OK;
    double *observed = JF_NEW_ARRAY(double, 3 * n + 1), *raw_observed = observed + n;
    double *weight = raw_observed + n;
    jf_scored scored = {observed, value, raw_observed, raw, low, high, n, weight};

    JF_TRY_NEW(observed, err, "scores");
    for (size_t i = 0; i < n; i++) {
        observed[i] = law->whole->response[place[i]];
        raw_observed[i] = law->whole->raw[place[i]];
        weight[i] = jf_refit_law_weight(law, place[i]);
    }
    if (loss) *loss = mean_loss(&scored);
    if (!law->whole->weight) scored.weight = NULL;
    JF_TRY(jf_metrics_compute(&scored, metrics, err));
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

void jf_no_metrics(jf_metrics *metrics)
{
    for (jf_metric m = 0; m < JF_N_METRICS; m++) jf_metric_set(metrics, m, NAN);
}

/* The law that a search chose without this split's test part stands in for the one chosen on all rows. */
static jf_status take_split_law(piece *p, jf_refit_law *own, double **theta, jf_error *err)
{
    jf_problem **of_plan = p->candidate->split_laws ? p->candidate->split_laws[p->plan_index] : NULL;
    jf_status status = JF_OK;

    if (!of_plan) return JF_OK;
    *own = *p->law;
    own->whole = of_plan[p->split_index];
    own->left_out = NULL;
    p->law = own;
    if (!own->whole) return JF_OK;
    *theta = JF_NEW_ZEROED(double, own->whole->k + 1); /* linear laws need no better start */
    JF_TRY_NEW(*theta, err, "a split");
    own->theta = *theta;
done:
    return status;
}

/* A law that reads what a first stage predicts sees, in this split, what was predicted without its test part;
 * rows that could not be predicted do not train. */
static jf_status take_staged_inputs(piece *p, jf_refit_law *own, jf_problem *problem, jf_error *err)
{
    const jf_stages *stages = p->run->setup->stages;
    const double *values = p->run->staged[p->staged_index];
    size_t n = 0;
    jf_status status = JF_OK;

    if (!stages || !p->law->whole || !values || !jf_stages_read_by(stages, p->law->whole)) return JF_OK;
    *own = *p->law;
    *problem = *own->whole;
    problem->inputs = NULL;
    JF_TRY(jf_stages_inputs(stages, own->whole, values, &problem->inputs, err));
    own->whole = problem;
    own->left_out = NULL;
    p->law = own;
    for (size_t i = 0; i < p->n_train; i++)
        if (!jf_inputs_row_missing(problem->inputs, p->train[i])) p->train[n++] = p->train[i];
    p->n_train = n;
done:
    return status;
}

jf_status jf_run_stages(void *context, size_t item, int thread, jf_error *err)
{
    jf_runner *run = context;
    const jf_stages *stages = run->setup->stages;
    size_t split = item, plan = 0;
    jf_status status = JF_OK;

    (void)thread;
    while (split >= run->setup->plans[plan]->n_splits) split -= run->setup->plans[plan++]->n_splits;
    piece p = {.run = run, .split = &run->setup->plans[plan]->splits[split], .plan = run->setup->plans[plan]};
    if (p.split->n_train == 0 || p.split->n_test == 0) return JF_OK;
    run->staged[item] = JF_NEW_ARRAY(double, stages->n * stages->table->n_rows + 1);
    JF_TRY_NEW(run->staged[item], err, "stages");
    JF_TRY(place_rows(&p, err));
    JF_TRY(jf_stages_split(stages, p.plan->by_rows ? run->alone : run->unit,
                           p.plan->by_rows ? run->setup->n_rows : run->n_groups, p.train, p.n_train, p.test,
                           p.split->n_test, run->setup->options->seed, item + 1, run->staged[item], err));
done:
    jf_free(p.train);
    jf_free(p.test);
    return status;
}

static void forget(double *values, size_t n)
{
    for (size_t i = 0; i < n; i++) values[i] = NAN;
}

static jf_status run_piece(piece *p, jf_error *err)
{
    jf_refit_law split_law, staged_law;
    jf_problem staged = {0};
    double *theta = NULL;
    const jf_problem *whole;
    jf_columns columns = jf_table_columns(p->run->setup->table);
    /* for trees they would cost five times what the trees do */
    bool intervals = p->run->setup->interval != JF_INTERVAL_NONE && !p->law->trees;
    size_t n = p->split->n_test;
    jf_refit refit = {0};
    jf_status status = JF_OK;

    JF_TRY(take_split_law(p, &split_law, &theta, err));
    whole = p->law->whole;
    if (!whole) goto done;
    JF_TRY(place_rows(p, err));
    JF_TRY(take_staged_inputs(p, &staged_law, &staged, err));
    JF_TRY(jf_refit_run(p->law, p->train, p->n_train, p->law->theta, &refit, err));
    p->score->outcome = refit.outcome;
    p->score->infeasible = jf_refit_lacks_level(&refit, p->test, n);
    if (p->score->infeasible || refit.outcome == JF_FAILED) goto done;
    JF_TRY(jf_refit_predict(&refit, p->test, n, p->value, err));
    JF_TRY(jf_transform_inverse(whole->transform, &columns, p->split->test, n, p->value, p->raw, err));
    if (intervals)
        JF_TRY(find_intervals(p, &refit, err));
    else
        forget(p->low, n), forget(p->high, n);
    p->score->usable = all_known(p->value, p->raw, n);
    if (p->score->usable)
        JF_TRY(jf_score_rows(p->law, p->test, p->value, p->raw, intervals ? p->low : NULL,
                             intervals ? p->high : NULL, n, &p->score->metrics, &p->score->loss, err));
    if (n == 1) jf_no_metrics(&p->score->metrics); /* of single rows only pooled values mean something */
done:
    jf_refit_clear(&refit);
    jf_inputs_free(staged.inputs);
    jf_free(theta);
    return status;
}

/* ---- pieces that a stopped comparison had finished ---- */

static const char kept_part[] = "validation";

/* Copies a piece's results to one block of bytes, or back from it. */
static void pack(piece *p, unsigned char *bytes, bool back)
{
    double *columns[] = {p->value, p->raw, p->low, p->high};
    size_t size = p->split->n_test * sizeof(double);

    memcpy(back ? (void *)p->score : bytes, back ? bytes : (const void *)p->score, sizeof *p->score);
    bytes += sizeof *p->score;
    for (size_t i = 0; i < 4; i++, bytes += size)
        memcpy(back ? (void *)columns[i] : bytes, back ? bytes : (const void *)columns[i], size);
}

static size_t packed_size(const piece *p)
{
    return sizeof *p->score + 4 * p->split->n_test * sizeof(double);
}

static bool take_kept(piece *p, size_t item)
{
    jf_checkpoint *checkpoint = p->run->setup->checkpoint;
    unsigned char *bytes = checkpoint ? jf_alloc(packed_size(p), 1) : NULL;
    bool found = bytes && jf_checkpoint_get(checkpoint, kept_part, item, bytes, packed_size(p));

    if (found) pack(p, bytes, true);
    jf_free(bytes);
    return found;
}

/* Without memory for it a piece is not kept, and done again another time. */
static void keep(piece *p, size_t item)
{
    jf_checkpoint *checkpoint = p->run->setup->checkpoint;
    unsigned char *bytes = checkpoint ? jf_alloc(packed_size(p), 1) : NULL;

    if (!bytes) return;
    pack(p, bytes, false);
    jf_checkpoint_put(checkpoint, kept_part, item, bytes, packed_size(p));
    jf_free(bytes);
}

jf_status jf_run_piece(void *context, size_t item, int thread, jf_error *err)
{
    const jf_runner *run = context;
    size_t law = item / run->n_splits, split = item % run->n_splits, staged = split, plan = 0, first;
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
               .staged_index = staged,
               .split = &run->setup->plans[plan]->splits[split],
               .score = &v->splits[split],
               .value = v->pool.value + first,
               .raw = v->pool.raw + first,
               .low = v->pool.low + first,
               .high = v->pool.high + first};
    if (take_kept(&p, item)) return JF_OK;
    jf_no_metrics(&p.score->metrics);
    p.score->n_train = p.split->n_train;
    p.score->n_test = p.split->n_test;
    p.score->loss = NAN;
    p.score->outcome = JF_FAILED;
    p.score->infeasible = p.split->n_train == 0 || p.split->n_test == 0;
    if (!p.score->infeasible && p.law->whole) status = run_piece(&p, err);
    if (!p.score->usable)
        for (size_t i = 0; i < 4; i++)
            forget(((double *[]){p.value, p.raw, p.low, p.high})[i], p.split->n_test);
    if (status == JF_OK) keep(&p, item);
    jf_free(p.train);
    jf_free(p.test);
    return status;
}
