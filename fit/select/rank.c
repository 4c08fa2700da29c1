/* Applies the ranking rule to validated candidates and tests the best against the others. */
#include "fit/select/rank.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"
#include "fit/select/confidence_set.h"
#include "fit/select/group_losses.h"
#include "fit/select/pairs.h"

const double jf_test_level = 0.05;

/* A ranking in progress; the plan that ranks, and its splits that count. */
typedef struct ranking {
    jf_comparison *c;
    jf_metric criterion;
    size_t plan;
    bool *counts; /* n_splits: every law in the race could be used */
    size_t n_counts;
    bool *in_race;     /* n_candidates: used on at least half of the splits */
    bool *near_lowest; /* n_candidates: within one standard error */
    bool post_run_apart;
    double ratio;       /* groups that test by groups that train, over the splits that count */
    double *difference; /* n_splits: scratch */
} ranking;

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
static size_t ranking_plan(const jf_comparison *c)
{
    size_t found = SIZE_MAX;

    for (size_t i = 0; i < c->n_plans; i++) {
        if (!can_rank(c->plans[i])) continue;
        if (found == SIZE_MAX || laws_judged(c, i) > laws_judged(c, found)) found = i;
    }
    return found == SIZE_MAX ? 0 : found;
}

static size_t extrapolation_plan(const jf_comparison *c)
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

static const jf_validation *validation(const ranking *r, size_t candidate)
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

static double split_badness(const ranking *r, size_t candidate, size_t split)
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

/* Who takes part, and on which splits. */
static void find_race(ranking *r)
{
    const jf_plan *plan = r->c->plans[r->plan];
    size_t feasible = plan->n_splits - plan->infeasible;
    double units = 0;

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
static bool in_front_class(const ranking *r, size_t candidate)
{
    return r->in_race[candidate] && !(r->post_run_apart && r->c->candidates[candidate].post_run);
}

static bool is_post_run_apart(const jf_comparison *c)
{
    for (size_t i = 0; i < c->n_candidates; i++)
        if (!c->candidates[i].is_baseline && !c->candidates[i].post_run) return true;
    return false;
}

static jf_status score_all(ranking *r, jf_error *err)
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
static size_t differences(const ranking *r, size_t candidate, size_t reference)
{
    size_t n = 0;

    for (size_t s = 0; s < validation(r, candidate)->n_splits; s++)
        if (r->counts[s])
            r->difference[n++] = split_badness(r, candidate, s) - split_badness(r, reference, s);
    return n;
}

static double score_badness(const ranking *r, size_t candidate)
{
    return badness(r->criterion, r->c->candidates[candidate].score);
}

/* The law in front with the lowest score; SIZE_MAX when none has one. */
static size_t lowest(const ranking *r)
{
    size_t found = SIZE_MAX;

    for (size_t i = 0; i < r->c->n_candidates; i++) {
        if (!in_front_class(r, i) || isnan(r->c->candidates[i].score)) continue;
        if (found == SIZE_MAX || score_badness(r, i) < score_badness(r, found)) found = i;
    }
    return found;
}

static void find_near(ranking *r, size_t lead)
{
    for (size_t i = 0; i < r->c->n_candidates; i++) {
        double mean = 0;
        size_t n;
        r->near_lowest[i] = i == lead;
        if (i == lead || !in_front_class(r, i) || !isfinite(r->c->candidates[i].score)) continue;
        n = differences(r, i, lead);
        for (size_t s = 0; s < n; s++) mean += r->difference[s] / (double)n;
        r->near_lowest[i] = mean <= jf_corrected_error(r->difference, n, r->ratio);
    }
}

/* The pooled error in extrapolation, NaN where there is none. */
static double extrapolation_error(const jf_comparison *c, size_t candidate)
{
    const jf_validation *v;

    if (c->extrapolation == SIZE_MAX) return NAN;
    v = &c->candidates[candidate].validations[c->extrapolation];
    if (!isnan(v->pooled.rmse_log)) return v->pooled.rmse_log;
    return v->pooled.rmse_raw;
}

/* Is `a` to be preferred to `b` among laws near the lowest score? */
static bool preferred(const ranking *r, size_t a, size_t b, bool by_extrapolation)
{
    double error_a = extrapolation_error(r->c, a), error_b = extrapolation_error(r->c, b);
    size_t k_a = r->c->candidates[a].fit->k, k_b = r->c->candidates[b].fit->k;

    if (by_extrapolation && isnan(error_a) != isnan(error_b)) return isnan(error_b);
    if (by_extrapolation && !isnan(error_a) && error_a != error_b) return error_a < error_b;
    if (k_a != k_b) return k_a < k_b;
    return score_badness(r, a) < score_badness(r, b);
}

static bool has_extrapolation(const ranking *r)
{
    for (size_t i = 0; i < r->c->n_candidates; i++)
        if (r->near_lowest[i] && isfinite(extrapolation_error(r->c, i))) return true;
    return false;
}

static jf_status choose_best(ranking *r, jf_error *err)
{
    jf_comparison *c = r->c;
    size_t lead = lowest(r);
    bool by_extrapolation;
    jf_text rule = {0};

    c->best = 0;
    if (lead == SIZE_MAX) { /* no split could be used: the likelihood is all there is */
        for (size_t i = 0; i < c->n_candidates; i++)
            if (c->candidates[i].delta_aicc == 0) c->best = i;
        c->rule = jf_copy_text("no split could be used: the smallest AICc");
        return c->rule ? JF_OK : jf_fail(err, JF_ENOMEM, "out of memory for a ranking");
    }
    find_near(r, lead);
    by_extrapolation = has_extrapolation(r);
    c->best = lead;
    for (size_t i = 0; i < c->n_candidates; i++)
        if (r->near_lowest[i] && preferred(r, i, c->best, by_extrapolation)) c->best = i;
    jf_text_addf(
        &rule, "among the laws within one corrected standard error of the %s %s in %s, the one with ",
        jf_metric_smaller_is_better(r->criterion) ? "lowest" : "highest", c->metric, c->plans[r->plan]->text);
    if (by_extrapolation)
        jf_text_addf(&rule, "the smallest error in %s", c->plans[c->extrapolation]->text);
    else
        jf_text_add(&rule, "the fewest parameters");
    c->rule = jf_text_take(&rule);
    return c->rule ? JF_OK : jf_fail(err, JF_ENOMEM, "out of memory for a ranking");
}

/* Does `a` stand before `b` in the table? */
static bool stands_before(const ranking *r, size_t a, size_t b)
{
    double score_a = score_badness(r, a), score_b = score_badness(r, b);

    if (a == r->c->best || b == r->c->best) return a == r->c->best;
    if (in_front_class(r, a) != in_front_class(r, b)) return in_front_class(r, a);
    if (r->in_race[a] != r->in_race[b]) return r->in_race[a];
    if (isnan(score_a) != isnan(score_b)) return isnan(score_b);
    if (!isnan(score_a) && score_a != score_b) return score_a < score_b;
    return a < b;
}

static void number_ranks(ranking *r)
{
    for (size_t i = 0; i < r->c->n_candidates; i++) {
        r->c->candidates[i].rank = 1;
        for (size_t j = 0; j < r->c->n_candidates; j++)
            r->c->candidates[i].rank += j != i && stands_before(r, j, i);
    }
}

static void find_front(ranking *r)
{
    for (size_t i = 0; i < r->c->n_candidates; i++) {
        jf_candidate *a = &r->c->candidates[i];
        a->on_front = in_front_class(r, i) && isfinite(a->score);
        for (size_t j = 0; j < r->c->n_candidates && a->on_front; j++) {
            const jf_candidate *b = &r->c->candidates[j];
            if (j == i || !in_front_class(r, j) || !isfinite(b->score) || b->fit->k > a->fit->k) continue;
            if (score_badness(r, j) < score_badness(r, i) ||
                (score_badness(r, j) == score_badness(r, i) && b->fit->k < a->fit->k))
                a->on_front = false;
        }
    }
}

/* ---- tests ---- */

static jf_status add_test(jf_comparison *c, const char *kind, size_t plan, int metric, size_t a, size_t b,
                          jf_test_result result, jf_error *err)
{
    if (isnan(result.p_value)) return JF_OK;
    if (!jf_grow((void **)&c->tests, &c->tests_capacity, c->n_tests + 1, sizeof *c->tests))
        return jf_fail(err, JF_ENOMEM, "out of memory for tests");
    c->tests[c->n_tests++] =
        (jf_law_test){kind, plan, metric, a, b, result.statistic, result.df, result.df2, result.p_value, NAN};
    return JF_OK;
}

/* The best against every other law in front, on the splits that count. */
static jf_status test_scores(ranking *r, jf_error *err)
{
    jf_status status = JF_OK;
    size_t best = r->c->best;

    for (size_t i = 0; i < r->c->n_candidates; i++) {
        if (i == best || !in_front_class(r, i) || !in_front_class(r, best)) continue;
        size_t n = differences(r, i, best);
        JF_TRY(add_test(r->c, "corrected_t", r->plan, (int)r->criterion, best, i,
                        jf_test_corrected_t(r->difference, n, r->ratio), err));
    }
done:
    return status;
}

/* Groups of the rows, numbered anew; NULL without groups or memory. */
static size_t *row_groups(const jf_comparison *c, const jf_groups *groups, size_t *n_groups)
{
    size_t *of_row, *number;

    *n_groups = 0;
    if (!groups) return NULL;
    of_row = JF_NEW_ARRAY(size_t, c->n_rows + 1);
    number = JF_NEW_ZEROED(size_t, groups->n_groups + 1);
    for (size_t i = 0; of_row && number && i < c->n_rows; i++) {
        uint32_t group = groups->group[c->rows[i]];
        if (number[group] == 0) number[group] = ++*n_groups;
        of_row[i] = number[group] - 1;
    }
    if (!number) {
        jf_free(of_row);
        of_row = NULL;
    }
    jf_free(number);
    return of_row;
}

/* Vuong's test of the best against every other law in front, by row and by group. */
static jf_status test_likelihoods(ranking *r, const jf_groups *groups, jf_error *err)
{
    jf_comparison *c = r->c;
    size_t n_groups, *group = row_groups(c, groups, &n_groups), best = c->best;
    double *a = JF_NEW_ARRAY(double, c->n_rows + 1), *b = JF_NEW_ARRAY(double, c->n_rows + 1);
    jf_status status = JF_OK;

    JF_TRY_NEW(a, err, "tests");
    JF_TRY_NEW(b, err, "tests");
    if (groups) JF_TRY_NEW(group, err, "tests");
    if (c->candidates[best].fit->n != c->n_rows) goto done;
    jf_fit_rowwise_loglik(c->candidates[best].fit, a);
    for (size_t i = 0; i < c->n_candidates; i++) {
        const jf_fit *fit = c->candidates[i].fit, *first = c->candidates[best].fit;
        if (i == best || !in_front_class(r, i) || fit->n != c->n_rows) continue;
        jf_fit_rowwise_loglik(fit, b);
        JF_TRY(add_test(c, "vuong", SIZE_MAX, -1, best, i,
                        jf_test_vuong(a, b, c->n_rows, first->k, fit->k, JF_VUONG_AIC, NULL, 0), err));
        if (group)
            JF_TRY(add_test(c, "vuong_cluster", SIZE_MAX, -1, best, i,
                            jf_test_vuong(a, b, c->n_rows, first->k, fit->k, JF_VUONG_AIC, group, n_groups),
                            err));
    }
done:
    jf_free(group);
    jf_free(a);
    jf_free(b);
    return status;
}

/* Every law given that is a special case of another one given. */
static jf_status test_nested(jf_comparison *c, jf_error *err)
{
    jf_status status = JF_OK;

    for (size_t a = 0; a < c->n_candidates; a++)
        for (size_t b = 0; b < c->n_candidates; b++) {
            const jf_fit *small = c->candidates[a].fit, *large = c->candidates[b].fit;
            bool nested = false;
            if (a == b || c->candidates[a].is_baseline || c->candidates[b].is_baseline) continue;
            JF_TRY(jf_fit_is_nested(small, large, &nested, err));
            if (!nested) continue;
            JF_TRY(add_test(c, "nested_f", SIZE_MAX, -1, a, b,
                            jf_test_nested_f(small->rss, small->k, large->rss, large->k, small->n), err));
            JF_TRY(add_test(c, "likelihood_ratio", SIZE_MAX, -1, a, b,
                            jf_test_likelihood_ratio(small->loglik, small->k, large->loglik, large->k), err));
        }
done:
    return status;
}

/* Resamples of groups, fewer where there are very many groups. */
static size_t n_draws(size_t n_groups, size_t n_laws)
{
    enum { DRAWS = 1000, FEWEST = 200, MOST_WORK = 100000000 };
    size_t affordable = MOST_WORK / (n_groups * n_laws + 1);

    return affordable >= DRAWS ? DRAWS : affordable > FEWEST ? affordable : FEWEST;
}

/* Strikes out the columns and laws with losses that are not finite; how many laws are left. */
static size_t keep_finite(double *loss, size_t n_groups, size_t *laws, size_t n_laws)
{
    for (size_t i = n_laws; i-- > 0;) {
        bool finite = true;
        for (size_t g = 0; g < n_groups; g++) finite &= (bool)isfinite(loss[g * n_laws + i]);
        if (finite) continue;
        for (size_t g = 0, to = 0; g < n_groups; g++)
            for (size_t j = 0; j < n_laws; j++)
                if (j != i) loss[to++] = loss[g * n_laws + j];
        memmove(laws + i, laws + i + 1, (n_laws - i - 1) * sizeof *laws);
        n_laws--;
    }
    return n_laws;
}

/* Model confidence set and frequency of being chosen, among the laws in front. */
static jf_status resample_groups(ranking *r, const jf_groups *groups, jf_error *err)
{
    jf_comparison *c = r->c;
    size_t n_laws = 0, n_groups = 0, *laws = JF_NEW_ARRAY(size_t, c->n_candidates + 1);
    double *loss = NULL, *p = JF_NEW_ARRAY(double, 2 * c->n_candidates + 2), *share = p + c->n_candidates;
    jf_status status = JF_OK;

    JF_TRY_NEW(laws, err, "a confidence set");
    JF_TRY_NEW(p, err, "a confidence set");
    for (size_t i = 0; i < c->n_candidates; i++) {
        c->candidates[i].confidence_p = c->candidates[i].selected = NAN;
        if (in_front_class(r, i)) laws[n_laws++] = i;
    }
    if (r->n_counts == 0 || n_laws == 0) goto done;
    JF_TRY(jf_group_losses(c, r->plan, r->counts, laws, n_laws, groups, &loss, &n_groups, err));
    for (size_t i = 0; i < n_laws; i++)
        c->candidates[laws[i]].confidence_p = c->candidates[laws[i]].selected = 0;
    n_laws = keep_finite(loss, n_groups, laws, n_laws);
    if (n_laws == 0 || n_groups < 2) goto done;
    JF_TRY(jf_confidence_set(loss, n_groups, n_laws, n_draws(n_groups, n_laws), c->seed, p, share, err));
    for (size_t i = 0; i < n_laws; i++) {
        c->candidates[laws[i]].confidence_p = p[i];
        c->candidates[laws[i]].selected = share[i];
    }
done:
    jf_free(laws);
    jf_free(loss);
    jf_free(p);
    return status;
}

/* Holm's adjustment within each kind of test. */
static jf_status adjust(jf_comparison *c, jf_error *err)
{
    double *p = JF_NEW_ARRAY(double, c->n_tests + 1), *adjusted = JF_NEW_ARRAY(double, c->n_tests + 1);
    jf_status status = JF_OK;

    JF_TRY_NEW(p, err, "tests");
    JF_TRY_NEW(adjusted, err, "tests");
    for (size_t first = 0; first < c->n_tests; first++) {
        const char *kind = c->tests[first].kind;
        if (!isnan(c->tests[first].p_adjusted)) continue;
        for (size_t i = 0; i < c->n_tests; i++) p[i] = c->tests[i].kind == kind ? c->tests[i].p_value : NAN;
        JF_TRY(jf_holm(p, c->n_tests, adjusted, err));
        for (size_t i = first; i < c->n_tests; i++)
            if (c->tests[i].kind == kind) c->tests[i].p_adjusted = adjusted[i];
    }
done:
    jf_free(p);
    jf_free(adjusted);
    return status;
}

static jf_status list_indistinguishable(jf_comparison *c, jf_error *err)
{
    c->indistinguishable = JF_NEW_ARRAY(size_t, c->n_candidates + 1);
    if (!c->indistinguishable) return jf_fail(err, JF_ENOMEM, "out of memory for a ranking");
    for (size_t i = 0; i < c->n_tests; i++)
        if (strcmp(c->tests[i].kind, "corrected_t") == 0 && c->tests[i].p_adjusted >= jf_test_level)
            c->indistinguishable[c->n_indistinguishable++] = c->tests[i].b;
    return JF_OK;
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

/* ---- the whole ---- */

jf_status jf_rank(jf_comparison *c, jf_metric criterion, const jf_groups *groups, jf_error *err)
{
    ranking r = {.c = c, .criterion = criterion, .plan = ranking_plan(c)};
    size_t n_splits = c->plans[r.plan]->n_splits;
    jf_status status = JF_OK;

    r.counts = JF_NEW_ZEROED(bool, n_splits + 1);
    r.in_race = JF_NEW_ZEROED(bool, c->n_candidates + 1);
    r.near_lowest = JF_NEW_ZEROED(bool, c->n_candidates + 1);
    r.difference = JF_NEW_ARRAY(double, n_splits + 1);
    c->metric = jf_copy_text(jf_metric_names[criterion]);
    JF_TRY_NEW(r.counts, err, "a ranking");
    JF_TRY_NEW(r.in_race, err, "a ranking");
    JF_TRY_NEW(r.near_lowest, err, "a ranking");
    JF_TRY_NEW(r.difference, err, "a ranking");
    JF_TRY_NEW(c->metric, err, "a ranking");
    r.post_run_apart = is_post_run_apart(c);
    c->best_plan = r.plan;
    c->extrapolation = extrapolation_plan(c);
    find_race(&r);
    JF_TRY(score_all(&r, err));
    JF_TRY(choose_best(&r, err));
    number_ranks(&r);
    find_front(&r);
    c->best_value = c->candidates[c->best].score;
    if (r.n_counts > 0) JF_TRY(test_scores(&r, err));
    JF_TRY(test_likelihoods(&r, groups, err));
    JF_TRY(test_nested(c, err));
    JF_TRY(resample_groups(&r, groups, err));
    JF_TRY(adjust(c, err));
    JF_TRY(list_indistinguishable(c, err));
done:
    jf_free(r.counts);
    jf_free(r.in_race);
    jf_free(r.near_lowest);
    jf_free(r.difference);
    return status;
}
