/* A comparison's laws in order, with their scores. */
#include "reports/ranking.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"

/* Laws without a rank keep their order behind those that have one. */
static size_t rank_of(const json_t *candidate)
{
    size_t rank = jf_result_count(candidate, "rank");
    return rank ? rank : (size_t)-1;
}

jf_status jf_ranked_read(const json_t *comparison, jf_ranked *out, jf_error *err)
{
    const json_t *candidates = jf_result_at(comparison, "candidates");
    size_t n = json_array_size(candidates);

    *out =
        (jf_ranked){.comparison = comparison, .plans = jf_result_at(comparison, "plans"), .best_aicc = NAN};
    if (n == 0) return jf_fail(err, JF_EDATA, "expected the result of a comparison: it has no 'candidates'");
    out->metric = jf_result_text(comparison, "best.metric");
    if (!*out->metric) out->metric = "rmse_log";
    out->candidates = JF_NEW_ZEROED(const json_t *, n);
    if (!out->candidates) return jf_fail(err, JF_ENOMEM, "out of memory for a ranking");
    for (size_t i = 0; i < n; i++) {
        const json_t *candidate = json_array_get(candidates, i);
        size_t place = out->n++;
        double aicc = jf_result_number(candidate, "fit.criteria.aicc");
        for (; place > 0 && rank_of(candidate) < rank_of(out->candidates[place - 1]); place--)
            out->candidates[place] = out->candidates[place - 1];
        out->candidates[place] = candidate;
        if (aicc < out->best_aicc || isnan(out->best_aicc)) out->best_aicc = aicc;
    }
    return JF_OK;
}

void jf_ranked_free(jf_ranked *all)
{
    jf_free(all->candidates);
    memset(all, 0, sizeof *all);
}

const json_t *jf_ranked_validation(const jf_ranked *all, size_t i, size_t plan)
{
    const char *name = jf_result_text(json_array_get(all->plans, plan), "plan");
    const json_t *validation;
    size_t k;

    json_array_foreach((json_t *)jf_result_at(all->candidates[i], "validation"), k,
                       validation) if (!strcmp(jf_result_text(validation, "plan"), name)) return validation;
    return NULL;
}

double jf_ranked_score(const json_t *validation, const char *metric)
{
    char path[128];
    double median;

    snprintf(path, sizeof path, "metrics.%s.median", metric);
    median = jf_result_number(validation, path);
    if (isfinite(median)) return median;
    snprintf(path, sizeof path, "pooled.%s", metric);
    return jf_result_number(validation, path);
}

double jf_ranked_delta(const jf_ranked *all, size_t i)
{
    if (jf_result_at(all->candidates[i], "delta_aicc")) /* null where it was refused */
        return jf_result_number(all->candidates[i], "delta_aicc");
    return jf_result_number(all->candidates[i], "fit.criteria.aicc") - all->best_aicc;
}

double jf_ranked_weight(const jf_ranked *all, size_t i)
{
    double sum = 0;

    if (jf_result_at(all->candidates[i], "akaike_weight"))
        return jf_result_number(all->candidates[i], "akaike_weight");
    for (size_t k = 0; k < all->n; k++) {
        double delta = jf_ranked_delta(all, k);
        if (!isnan(delta)) sum += exp(-delta / 2);
    }
    return exp(-jf_ranked_delta(all, i) / 2) / sum;
}

double jf_ranked_spread(const jf_ranked *all)
{
    double low = INFINITY, high = 0;

    for (size_t p = 0; p < json_array_size(all->plans); p++) {
        for (size_t i = 0; i < all->n; i++) {
            double score = jf_ranked_score(jf_ranked_validation(all, i, p), all->metric);
            if (isnan(score)) continue;
            low = fmin(low, score);
            high = fmax(high, score);
        }
    }
    return low > 0 ? high / low : NAN;
}
