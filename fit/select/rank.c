/* Applies the ranking rule to validated candidates. */
#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"
#include "fit/select/outside.h"
#include "fit/select/rank_parts.h"

const double jf_test_level = 0.05;

/* The law in front with the lowest score; SIZE_MAX when none has one. */
static size_t lowest(const jf_ranking *r)
{
    size_t found = SIZE_MAX;

    for (size_t i = 0; i < r->c->n_candidates; i++) {
        if (!jf_ranking_in_front(r, i) || isnan(r->c->candidates[i].score)) continue;
        if (found == SIZE_MAX || jf_ranking_badness(r, i) < jf_ranking_badness(r, found)) found = i;
    }
    return found;
}

static void find_near(jf_ranking *r, size_t lead)
{
    for (size_t i = 0; i < r->c->n_candidates; i++) {
        double mean = 0;
        size_t n;
        r->near_lowest[i] = i == lead;
        if (i == lead || !jf_ranking_in_front(r, i) || !isfinite(r->c->candidates[i].score)) continue;
        n = jf_ranking_differences(r, i, lead);
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
static bool preferred(const jf_ranking *r, size_t a, size_t b, bool by_extrapolation)
{
    double error_a = extrapolation_error(r->c, a), error_b = extrapolation_error(r->c, b);
    size_t k_a = r->c->candidates[a].fit->k, k_b = r->c->candidates[b].fit->k;

    if (by_extrapolation && isnan(error_a) != isnan(error_b)) return isnan(error_b);
    if (by_extrapolation && !isnan(error_a) && error_a != error_b) return error_a < error_b;
    if (k_a != k_b) return k_a < k_b;
    return jf_ranking_badness(r, a) < jf_ranking_badness(r, b);
}

static bool has_extrapolation(const jf_ranking *r)
{
    for (size_t i = 0; i < r->c->n_candidates; i++)
        if (r->near_lowest[i] && isfinite(extrapolation_error(r->c, i))) return true;
    return false;
}

static jf_status choose_best(jf_ranking *r, jf_error *err)
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
static bool stands_before(const jf_ranking *r, size_t a, size_t b)
{
    double score_a = jf_ranking_badness(r, a), score_b = jf_ranking_badness(r, b);

    if (a == r->c->best || b == r->c->best) return a == r->c->best;
    if (jf_ranking_in_front(r, a) != jf_ranking_in_front(r, b)) return jf_ranking_in_front(r, a);
    if (r->in_race[a] != r->in_race[b]) return r->in_race[a];
    if (isnan(score_a) != isnan(score_b)) return isnan(score_b);
    if (!isnan(score_a) && score_a != score_b) return score_a < score_b;
    return a < b;
}

static void number_ranks(jf_ranking *r)
{
    for (size_t i = 0; i < r->c->n_candidates; i++) {
        r->c->candidates[i].rank = 1;
        for (size_t j = 0; j < r->c->n_candidates; j++)
            r->c->candidates[i].rank += j != i && stands_before(r, j, i);
    }
}

static void find_front(jf_ranking *r)
{
    for (size_t i = 0; i < r->c->n_candidates; i++) {
        jf_candidate *a = &r->c->candidates[i];
        a->on_front = jf_ranking_in_front(r, i) && isfinite(a->score);
        for (size_t j = 0; j < r->c->n_candidates && a->on_front; j++) {
            const jf_candidate *b = &r->c->candidates[j];
            if (j == i || !jf_ranking_in_front(r, j) || !isfinite(b->score) || b->fit->k > a->fit->k)
                continue;
            if (jf_ranking_badness(r, j) < jf_ranking_badness(r, i) ||
                (jf_ranking_badness(r, j) == jf_ranking_badness(r, i) && b->fit->k < a->fit->k))
                a->on_front = false;
        }
    }
}

/* ---- the whole ---- */

jf_status jf_rank(jf_comparison *c, jf_metric criterion, const jf_groups *groups, jf_error *err)
{
    jf_ranking r = {.c = c, .criterion = criterion, .plan = jf_ranking_plan(c)};
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
    c->best_plan = r.plan;
    c->extrapolation = jf_extrapolation_plan(c);
    jf_ranking_find_race(&r);
    JF_TRY(jf_ranking_score(&r, err));
    JF_TRY(choose_best(&r, err));
    number_ranks(&r);
    find_front(&r);
    c->best_value = c->candidates[c->best].score;
    JF_TRY(jf_judge_outside(c, groups, err));
    if (r.n_counts > 0) JF_TRY(jf_rank_test_scores(&r, err));
    JF_TRY(jf_rank_test_likelihoods(&r, groups, err));
    JF_TRY(jf_rank_test_nested(c, err));
    JF_TRY(jf_rank_resample(&r, groups, err));
    JF_TRY(jf_rank_adjust(c, err));
    JF_TRY(jf_rank_list_indistinguishable(c, err));
done:
    jf_free(r.counts);
    jf_free(r.in_race);
    jf_free(r.near_lowest);
    jf_free(r.difference);
    return status;
}
