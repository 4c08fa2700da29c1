/* Which plan ranks, which laws and splits count, what each law scores there, and how two laws differ. */
#include "fit/select/rank_parts.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"

/* ---- plans ---- */

static bool can_rank(const jf_plan *plan)
{
    return !plan->extrapolates && strcmp(plan->kind, "transfer") != 0;
}

/* Laws given that could be used on at least half of the plan's splits. */
static size_t laws_judged(const jf_comparison *c, size_t plan)
{
    size_t n = 0;

    for (size_t i = 0; i < c->n_candidates; i++) {
        const jf_validation *v = &c->candidates[i].validations[plan];
        n += !c->candidates[i].is_baseline && v->n_usable > 0 && 2 * v->n_usable >= v->n_splits;
    }
    return n;
}

/* The first plan that does not extrapolate, but one that judges more of the laws goes before it: levels of
 * one GPU type cannot be tried on another, and a plan that leaves such laws out must not crown what is left.
 */
size_t jf_ranking_plan(const jf_comparison *c)
{
    size_t found = SIZE_MAX;

    for (size_t i = 0; i < c->n_plans; i++) {
        if (!can_rank(c->plans[i])) continue;
        if (found == SIZE_MAX || laws_judged(c, i) > laws_judged(c, found)) found = i;
    }
    return found == SIZE_MAX ? 0 : found;
}

size_t jf_extrapolation_plan(const jf_comparison *c)
{
    size_t found = SIZE_MAX;

    for (size_t i = 0; i < c->n_plans; i++) {
        const jf_plan *plan = c->plans[i];
        if (!plan->extrapolates || plan->infeasible == plan->n_splits) continue;
        if (found == SIZE_MAX || (c->plans[found]->down && !plan->down)) found = i;
    }
    return found;
}

/* ---- scores ---- */

static const jf_validation *validation(const jf_ranking *r, size_t candidate)
{
    return &r->c->candidates[candidate].validations[r->plan];
}

/* Larger is worse, whatever the metric. */
static double badness(jf_metric metric, double value)
{
    return jf_metric_smaller_is_better(metric) ? value : -value;
}

/* How badly a law did on one split: the criterion, or for a single test row the size of its error. */
static double badness_of(const jf_split_score *score, jf_metric criterion)
{
    double value = jf_metric_get(&score->metrics, criterion);

    return isnan(value) ? sqrt(score->loss) : badness(criterion, value);
}

static double split_badness(const jf_ranking *r, size_t candidate, size_t split)
{
    return badness_of(&validation(r, candidate)->splits[split], r->criterion);
}

/* Median of the criterion over the splits with counts[split], or its pooled value where that says nothing. */
static jf_status score_over(const jf_validation *v, const bool *counts, jf_metric criterion, double *out,
                            jf_error *err)
{
    jf_metrics *parts = JF_NEW_ARRAY(jf_metrics, v->n_splits + 1);
    jf_metrics_summary over;
    size_t n = 0;
    jf_status status = JF_OK;

    *out = NAN;
    JF_TRY_NEW(parts, err, "a ranking");
    for (size_t s = 0; s < v->n_splits; s++)
        if (counts[s]) parts[n++] = v->splits[s].metrics;
    JF_TRY(jf_metrics_summarise(parts, n, &over, err));
    *out = jf_metric_get(&over.median, criterion);
    if (isnan(*out)) *out = jf_metric_get(&v->pooled, criterion);
done:
    jf_free(parts);
    return status;
}

static bool is_post_run_apart(const jf_comparison *c)
{
    for (size_t i = 0; i < c->n_candidates; i++)
        if (!c->candidates[i].is_baseline && !c->candidates[i].post_run) return true;
    return false;
}

/* Who takes part, and on which splits. */
void jf_ranking_find_race(jf_ranking *r)
{
    const jf_plan *plan = r->c->plans[r->plan];
    size_t feasible = plan->n_splits - plan->infeasible;
    double units = 0;

    r->post_run_apart = is_post_run_apart(r->c);
    for (size_t i = 0; i < r->c->n_candidates; i++) {
        size_t usable = validation(r, i)->n_usable;
        r->in_race[i] = usable > 0 && 2 * usable >= feasible;
    }
    for (size_t s = 0; s < plan->n_splits; s++) {
        r->counts[s] = true;
        for (size_t i = 0; i < r->c->n_candidates; i++)
            if (r->in_race[i] && !validation(r, i)->splits[s].usable) r->counts[s] = false;
        if (!r->counts[s]) continue;
        r->n_counts++;
        units += (double)plan->splits[s].n_test_units / (double)plan->splits[s].n_train_units;
    }
    r->ratio = r->n_counts > 0 ? units / (double)r->n_counts : NAN;
}

/* Does a law stand with those that may be best? */
bool jf_ranking_in_front(const jf_ranking *r, size_t candidate)
{
    return r->in_race[candidate] && !(r->post_run_apart && r->c->candidates[candidate].post_run);
}

jf_status jf_ranking_score(jf_ranking *r, jf_error *err)
{
    jf_status status = JF_OK;

    for (size_t i = 0; i < r->c->n_candidates; i++) {
        r->c->candidates[i].score = NAN;
        if (r->in_race[i] && r->n_counts > 0)
            JF_TRY(score_over(validation(r, i), r->counts, r->criterion, &r->c->candidates[i].score, err));
    }
done:
    return status;
}

/* ---- the best ---- */

/* Differences of badness, candidate less reference, on the splits that count; how many. */
size_t jf_ranking_differences(const jf_ranking *r, size_t candidate, size_t reference)
{
    size_t n = 0;

    for (size_t s = 0; s < validation(r, candidate)->n_splits; s++)
        if (r->counts[s])
            r->difference[n++] = split_badness(r, candidate, s) - split_badness(r, reference, s);
    return n;
}

double jf_ranking_badness(const jf_ranking *r, size_t candidate)
{
    return badness(r->criterion, r->c->candidates[candidate].score);
}

/* ---- pairs ---- */

jf_status jf_rank_pair(const jf_comparison *c, jf_metric criterion, const jf_candidate *reference,
                       const jf_candidate *other, jf_paired *out, jf_error *err)
{
    const jf_plan *plan = c->plans[c->best_plan];
    const jf_validation *a = &reference->validations[c->best_plan], *b = &other->validations[c->best_plan];
    double *difference = JF_NEW_ARRAY(double, plan->n_splits + 1), ratio = 0, sum = 0;
    bool *counts = JF_NEW_ZEROED(bool, plan->n_splits + 1);
    size_t n = 0;
    jf_status status = JF_OK;

    *out = (jf_paired){NAN, NAN, {NAN, NAN, NAN, NAN}};
    JF_TRY_NEW(difference, err, "a pair of laws");
    JF_TRY_NEW(counts, err, "a pair of laws");
    for (size_t s = 0; s < plan->n_splits; s++) {
        counts[s] = a->splits[s].usable && b->splits[s].usable;
        if (!counts[s]) continue;
        difference[n] = badness_of(&b->splits[s], criterion) - badness_of(&a->splits[s], criterion);
        ratio += (double)plan->splits[s].n_test_units / (double)plan->splits[s].n_train_units;
        sum += difference[n++];
    }
    if (n == 0) goto done;
    JF_TRY(score_over(b, counts, criterion, &out->score, err));
    out->difference = sum / (double)n;
    out->test = jf_test_corrected_t(difference, n, ratio / (double)n);
done:
    jf_free(difference);
    jf_free(counts);
    return status;
}
