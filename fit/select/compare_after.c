/* What a comparison says beside its ranking: warnings about scores and groups, and the list of predictions.
 */
#include "core/memory.h"
#include "fit/select/compare_parts.h"
#include "fit/select/rank.h"

size_t jf_make_count_groups(const jf_maker *m)
{
    return m->c->n_plans > 0 && m->groups && !m->c->plans[0]->by_rows ? m->c->plans[0]->n_units : 0;
}

void jf_make_warn_of_scores(jf_maker *m)
{
    for (size_t i = 0; i < m->c->n_candidates; i++) {
        const jf_candidate *candidate = &m->c->candidates[i];
        for (size_t p = 0; p < candidate->n_validations; p++) {
            const jf_validation *v = &candidate->validations[p];
            size_t failed = 0;
            for (size_t s = 0; s < v->n_splits; s++)
                failed += !v->splits[s].usable && !v->splits[s].infeasible;
            if (failed > 0 && candidate->fit->outcome != JF_FAILED)
                jf_warn(&m->c->warnings, "W_LAW_FAILED", "law '%s' failed on %zu of %zu splits of plan %s",
                        candidate->law->name, failed, v->n_splits, m->c->plans[p]->text);
            if (v->groups_missing > 0)
                jf_warn(&m->c->warnings, "W_CONFORMAL_FEW",
                        "plan %s: intervals at level %g need %zu more %s in training and are infinite",
                        m->c->plans[p]->text, m->options->fit.level, v->groups_missing,
                        m->c->plans[p]->by_rows ? "rows" : "groups");
        }
    }
}

void jf_make_warn_of_groups(jf_maker *m)
{
    const jf_plan *plan = m->c->plans[m->c->best_plan];

    if (m->c->n_tests > 0 && plan->n_units < JF_FEW_GROUPS)
        jf_warn(&m->c->warnings, "W_FEW_GROUPS",
                "only %zu %s: tests between laws find differences that are not there in more than 5 %% of "
                "studies: "
                "6 to 7 %% with 40 groups, 7 to 10 %% with 20, 10 to 14 %% with 10",
                plan->n_units, plan->by_rows ? "rows" : "groups");
}

jf_status jf_make_list_predictions(jf_maker *m, jf_error *err)
{
    size_t n = 0;

    for (size_t i = 0; i < m->c->n_candidates; i++)
        for (size_t p = 0; p < m->c->n_plans; p++) n += m->c->candidates[i].validations[p].pool.n;
    m->c->predictions = JF_NEW_ARRAY(jf_prediction, n + 1);
    if (!m->c->predictions) return jf_fail(err, JF_ENOMEM, "out of memory for predictions");
    for (size_t i = 0; i < m->c->n_candidates; i++)
        for (size_t p = 0; p < m->c->n_plans; p++) {
            const jf_validation *v = &m->c->candidates[i].validations[p];
            const jf_problem *problem = m->c->candidates[i].fit->problem;
            for (size_t s = 0; problem && s < v->n_splits; s++)
                for (size_t j = v->pool.first[s]; j < v->pool.first[s + 1]; j++)
                    m->c->predictions[m->c->n_predictions++] =
                        (jf_prediction){.row = m->c->rows[v->pool.place[j]],
                                        .law = i,
                                        .plan = p,
                                        .split = s,
                                        .observed = problem->raw[v->pool.place[j]],
                                        .predicted = v->pool.raw[j],
                                        .low = v->pool.low[j],
                                        .high = v->pool.high[j]};
        }
    return JF_OK;
}
