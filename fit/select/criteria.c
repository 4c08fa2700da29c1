/* Computes differences of information criteria and Akaike weights over the candidates of a comparison. */
#include "fit/select/criteria.h"

#include <math.h>
#include <string.h>

static bool same_rows(const jf_fit *a, const jf_fit *b)
{
    return a->n == b->n && memcmp(a->rows, b->rows, a->n * sizeof *a->rows) == 0;
}

/* The fit that takes part, or NULL with a warning. */
static const jf_fit *comparable(const jf_candidate *candidates, size_t i, jf_warnings *warnings)
{
    const jf_fit *fit = candidates[i].fit;

    if (candidates[i].trees) return NULL; /* nobody expects one */
    if (!isfinite(fit->aic)) {
        jf_warn(warnings, "W_NO_CRITERIA", "law '%s' has no information criteria: %s",
                candidates[i].law->name,
                fit->criteria_refused ? fit->criteria_refused
                : fit->failure        ? fit->failure
                                      : "its fit failed");
        return NULL;
    }
    if (!same_rows(fit, candidates[0].fit)) {
        jf_warn(warnings, "W_NO_CRITERIA",
                "law '%s' saw %zu rows and law '%s' saw %zu: no criterion compares them",
                candidates[i].law->name, fit->n, candidates[0].law->name, candidates[0].fit->n);
        return NULL;
    }
    return fit;
}

static double smaller(double a, double b)
{
    return isnan(a) || b < a ? b : a;
}

void jf_criteria_compare(jf_candidate *candidates, size_t n, jf_warnings *warnings)
{
    double aic = NAN, aicc = NAN, bic = NAN, total = 0;
    bool all_post_run = true;

    for (size_t i = 0; i < n; i++) {
        jf_candidate *c = &candidates[i];
        c->delta_aic = c->delta_aicc = c->delta_bic = c->akaike_weight = NAN;
        all_post_run &= c->post_run;
    }
    for (size_t i = 0; i < n; i++) {
        const jf_fit *fit = comparable(candidates, i, warnings);
        if (!fit) continue;
        candidates[i].delta_aic = fit->aic; /* until the smallest is known */
        candidates[i].delta_aicc = fit->aicc;
        candidates[i].delta_bic = fit->bic;
        if (candidates[i].post_run && !all_post_run) continue;
        aic = smaller(aic, fit->aic);
        aicc = smaller(aicc, fit->aicc);
        bic = smaller(bic, fit->bic);
    }
    for (size_t i = 0; i < n; i++) {
        jf_candidate *c = &candidates[i];
        c->delta_aic -= aic;
        c->delta_aicc -= aicc;
        c->delta_bic -= bic;
        if (!c->post_run || all_post_run) c->akaike_weight = exp(-c->delta_aicc / 2);
        if (!isnan(c->akaike_weight)) total += c->akaike_weight;
    }
    for (size_t i = 0; i < n; i++) candidates[i].akaike_weight /= total;
}
