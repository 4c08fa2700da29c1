/* Sets each law without a term against the law with it, on the splits of the comparison. */
#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "fit/select/ablate.h"
#include "fit/select/rank.h"

static void candidate_clear(jf_candidate *candidate)
{
    for (size_t p = 0; p < candidate->n_validations; p++) jf_validation_clear(&candidate->validations[p]);
    jf_free(candidate->validations);
    jf_law_free(candidate->law);
    jf_fit_free(candidate->fit);
    memset(candidate, 0, sizeof *candidate);
}

void jf_ablations_free(jf_ablation *ablations, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        candidate_clear(&ablations[i].candidate);
        jf_free(ablations[i].term);
    }
    jf_free(ablations);
}

/* Fits the laws (moved into the candidates); how many could be used. */
static jf_status fit_without(const jf_validate_setup *setup, jf_ablated *ablated, size_t n, jf_ablation *out,
                             size_t *n_out, jf_error *err)
{
    jf_status status = JF_OK;

    for (size_t i = 0; i < n; i++) {
        jf_ablation *one = &out[*n_out];
        jf_error why = {0};
        status = jf_fit_run(ablated[i].law, setup->table, setup->rows, setup->n_rows, setup->groups,
                            setup->options, &one->candidate.fit, &why);
        if (status == JF_ENOMEM || status == JF_EINTERRUPTED) {
            if (err) *err = why;
            return status;
        }
        if (status != JF_OK || one->candidate.fit->n != setup->n_rows) {
            candidate_clear(&one->candidate);
            continue;
        }
        one->candidate.law = ablated[i].law;
        one->candidate.post_run = one->candidate.fit->post_run;
        one->term = ablated[i].term;
        ablated[i] = (jf_ablated){0};
        (*n_out)++;
    }
    return JF_OK;
}

static jf_status judge(const jf_comparison *c, size_t of, jf_metric criterion, jf_ablation *ablations,
                       size_t n, jf_error *err)
{
    double *p = JF_NEW_ARRAY(double, 2 * n + 2), *adjusted = p + n;
    jf_status status = JF_OK;

    JF_TRY_NEW(p, err, "ablations");
    for (size_t i = 0; i < n; i++) {
        jf_ablation *one = &ablations[i];
        jf_paired paired;
        JF_TRY(jf_rank_pair(c, criterion, &c->candidates[of], &one->candidate, &paired, err));
        one->of = of;
        one->candidate.score = paired.score;
        one->difference = paired.difference;
        one->statistic = paired.test.statistic;
        one->p_value = p[i] = paired.test.p_value;
        one->candidate.delta_aicc = one->candidate.fit->aicc - c->candidates[of].fit->aicc;
        one->candidate.delta_aic = one->candidate.fit->aic - c->candidates[of].fit->aic;
        one->candidate.delta_bic = one->candidate.fit->bic - c->candidates[of].fit->bic;
        one->candidate.akaike_weight = one->candidate.confidence_p = one->candidate.selected = NAN;
    }
    JF_TRY(jf_holm(p, n, adjusted, err));
    for (size_t i = 0; i < n; i++) ablations[i].p_adjusted = adjusted[i];
done:
    jf_free(p);
    return status;
}

static jf_status append(jf_comparison *c, jf_ablation *ablations, size_t n, jf_error *err)
{
    jf_ablation *all = jf_resize(c->ablations, c->n_ablations + n + 1, sizeof *all);

    if (!all) return jf_fail(err, JF_ENOMEM, "out of memory for ablations");
    memcpy(all + c->n_ablations, ablations, n * sizeof *ablations);
    c->ablations = all;
    c->n_ablations += n;
    return JF_OK;
}

jf_status jf_ablations_add(jf_comparison *c, size_t of, const jf_validate_setup *setup, jf_metric criterion,
                           jf_error *err)
{
    jf_columns columns = jf_table_columns(setup->table);
    jf_validate_setup quick = *setup;
    jf_ablated *ablated = NULL;
    jf_ablation *ablations = NULL;
    jf_candidate *candidates = NULL;
    size_t n_ablated = 0, n = 0;
    jf_status status = JF_OK;

    quick.checkpoint = NULL;           /* kept pieces are those of the laws themselves */
    quick.interval = JF_INTERVAL_NONE; /* nothing here reads intervals, and they cost most of the refits */
    JF_TRY(jf_ablate(c->candidates[of].law, &columns, &setup->options->declared, &ablated, &n_ablated, err));
    ablations = JF_NEW_ZEROED(jf_ablation, n_ablated + 1);
    candidates = JF_NEW_ZEROED(jf_candidate, n_ablated + 1);
    JF_TRY_NEW(ablations, err, "ablations");
    JF_TRY_NEW(candidates, err, "ablations");
    JF_TRY(fit_without(setup, ablated, n_ablated, ablations, &n, err));
    for (size_t i = 0; i < n; i++) candidates[i] = ablations[i].candidate; /* side by side for the refits */
    status = jf_validate(&quick, candidates, n, err);
    for (size_t i = 0; i < n; i++) ablations[i].candidate = candidates[i];
    if (status != JF_OK) goto done;
    JF_TRY(judge(c, of, criterion, ablations, n, err));
    JF_TRY(append(c, ablations, n, err));
    n = 0; /* the comparison owns them now */
done:
    jf_ablations_free(ablations, n);
    jf_ablated_free(ablated, n_ablated);
    jf_free(candidates);
    return status;
}
