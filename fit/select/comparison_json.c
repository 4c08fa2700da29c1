/* Writes a comparison as JSON (contract section 4, `compare`). */
#include <math.h>
#include <string.h>

#include "fit/model/model_file.h"
#include "fit/select/compare.h"
#include "fit/select/compare_trees.h"
#include "fit/select/json_parts.h"
#include "fit/select/outside.h"
#include "fit/select/search.h"
#include "fit/select/two_stage.h"

static json_t *metrics_json(const jf_metrics *metrics)
{
    json_t *object = json_object();
    bool ok = object;

    for (jf_metric m = 0; m < JF_N_METRICS; m++)
        ok = ok && put(object, jf_metric_names[m], number(jf_metric_get(metrics, m)));
    return whole(object, ok);
}

/* {"rmse_log": {"median", "q25", "q75", "mean", "sd"}, ...} */
static json_t *summary_json(const jf_metrics_summary *over)
{
    json_t *object = json_object();
    bool ok = object;

    for (jf_metric m = 0; ok && m < JF_N_METRICS; m++) {
        json_t *one = json_object();
        ok = put(one, "median", number(jf_metric_get(&over->median, m))) &&
             put(one, "q25", number(jf_metric_get(&over->q25, m))) &&
             put(one, "q75", number(jf_metric_get(&over->q75, m))) &&
             put(one, "mean", number(jf_metric_get(&over->mean, m))) &&
             put(one, "sd", number(jf_metric_get(&over->sd, m)));
        ok = put(object, jf_metric_names[m], whole(one, ok)) && ok;
    }
    return whole(object, ok);
}

static const char *split_state(const jf_split_score *score)
{
    if (score->usable) return score->n_test == 1 ? "single_row" : "ok";
    return score->infeasible ? "infeasible" : "failed";
}

static json_t *split_json(const jf_split *split, const jf_split_score *score)
{
    json_t *object = metrics_json(&score->metrics);
    bool ok = put(object, "split", json_string(split->name)) &&
              put(object, "n_train", count(split->n_train)) && put(object, "n_test", count(split->n_test)) &&
              put(object, "groups_train", count(split->n_train_units)) &&
              put(object, "groups_test", count(split->n_test_units)) &&
              put(object, "distance", number(split->distance)) &&
              put(object, "reach", number(split->reach)) &&
              put(object, "outcome", json_string(jf_outcome_names[score->outcome])) &&
              put(object, "state", json_string(split_state(score)));

    return whole(object, ok);
}

static json_t *validation_json(const jf_plan *plan, const jf_validation *v)
{
    json_t *object = json_object(), *splits = json_array();
    bool ok = object && splits;

    for (size_t i = 0; ok && i < v->n_splits; i++)
        ok = append(splits, split_json(&plan->splits[i], &v->splits[i]));
    ok = put(object, "splits", splits) && ok;
    ok = ok && put(object, "plan", json_string(plan->text)) && put(object, "usable", count(v->n_usable)) &&
         put(object, "metrics", summary_json(&v->over)) && put(object, "pooled", metrics_json(&v->pooled)) &&
         put(object, "factor90", number(v->factor90)) &&
         put(object, "groups_missing", count(v->groups_missing));
    return whole(object, ok);
}

static json_t *plan_json(const jf_plan *plan)
{
    json_t *object = json_object();
    bool ok = put(object, "plan", json_string(plan->text)) && put(object, "kind", json_string(plan->kind)) &&
              put(object, "column", plan->column ? json_string(plan->column) : json_null()) &&
              put(object, "splits", count(plan->n_splits)) && put(object, "groups", count(plan->n_units)) &&
              put(object, "by_rows", json_boolean(plan->by_rows)) &&
              put(object, "extrapolates", json_boolean(plan->extrapolates)) &&
              put(object, "down", json_boolean(plan->down)) && put(object, "redrawn", count(plan->redrawn)) &&
              put(object, "infeasible", count(plan->infeasible));

    return whole(object, ok);
}

static json_t *law_json(const jf_candidate *candidate)
{
    json_t *object = json_object();
    bool ok = put(object, "name", json_string(candidate->law->name)) &&
              put(object, "formula", json_string(candidate->law->text)) &&
              put(object, "parameters", count(candidate->fit->k));

    return whole(object, ok);
}

static json_t *candidate_json(const jf_comparison *c, const jf_candidate *candidate, bool rows)
{
    bool beside = candidate->variant == JF_VARIANT_MEASURED || candidate->variant == JF_VARIANT_WITHOUT;
    const char *of = beside ? c->candidates[candidate->variant_of].law->name : NULL;
    json_t *object = json_object(), *validations = json_array();
    bool ok = object && validations;

    for (size_t i = 0; ok && i < candidate->n_validations; i++)
        ok = append(validations, validation_json(c->plans[i], &candidate->validations[i]));
    ok = put(object, "validation", validations) && ok;
    ok = ok && put(object, "law", law_json(candidate)) && put(object, "rank", count(candidate->rank)) &&
         put(object, "score", number(candidate->score)) &&
         put(object, "baseline", json_boolean(candidate->is_baseline)) &&
         put(object, "searched",
             json_boolean(c->search && &c->candidates[c->search->candidate] == candidate)) &&
         put(object, "variant", json_string(jf_variant_names[candidate->variant])) &&
         put(object, "variant_of", of ? json_string(of) : json_null()) &&
         put(object, "post_run", json_boolean(candidate->post_run)) &&
         put(object, "on_front", json_boolean(candidate->on_front)) &&
         put(object, "delta_aic", number(candidate->delta_aic)) &&
         put(object, "delta_aicc", number(candidate->delta_aicc)) &&
         put(object, "delta_bic", number(candidate->delta_bic)) &&
         put(object, "akaike_weight", number(candidate->akaike_weight)) &&
         put(object, "confidence_p", number(candidate->confidence_p)) &&
         put(object, "selected", number(candidate->selected)) &&
         put(object, "trees", json_boolean(candidate->trees != NULL)) &&
         put(object, "fit", jf_fit_to_json(candidate->fit, rows));
    return whole(object, ok);
}

static json_t *test_json(const jf_comparison *c, const jf_law_test *test)
{
    json_t *object = json_object();
    bool ok =
        put(object, "kind", json_string(test->kind)) &&
        put(object, "plan", test->plan == SIZE_MAX ? json_null() : json_string(c->plans[test->plan]->text)) &&
        put(object, "metric", json_string(test->metric < 0 ? "loglik" : jf_metric_names[test->metric])) &&
        put(object, "a", json_string(c->candidates[test->a].law->name)) &&
        put(object, "b", json_string(c->candidates[test->b].law->name)) &&
        put(object, "statistic", number(test->statistic)) && put(object, "df", number(test->df)) &&
        put(object, "df2", number(test->df2)) && put(object, "p_value", number(test->p_value)) &&
        put(object, "p_adjusted", number(test->p_adjusted)) &&
        put(object, "nested", test->nested ? json_string(test->nested) : json_null());

    return whole(object, ok);
}

static json_t *ablation_json(const jf_comparison *c, const jf_ablation *a)
{
    json_t *object = json_object();
    bool ok = put(object, "of", json_string(c->candidates[a->of].law->name)) &&
              put(object, "term", json_string(a->term)) &&
              put(object, "formula", json_string(a->candidate.law->text)) &&
              put(object, "parameters", count(a->candidate.fit->k)) &&
              put(object, "outcome", json_string(jf_outcome_names[a->candidate.fit->outcome])) &&
              put(object, "score", number(a->candidate.score)) &&
              put(object, "worse_by", number(a->difference)) &&
              put(object, "statistic", number(a->statistic)) && put(object, "p_value", number(a->p_value)) &&
              put(object, "p_adjusted", number(a->p_adjusted)) &&
              put(object, "delta_aicc", number(a->candidate.delta_aicc)) &&
              put(object, "extrapolation",
                  number(c->extrapolation == SIZE_MAX
                             ? NAN
                             : a->candidate.validations[c->extrapolation].pooled.rmse_log));

    return whole(object, ok);
}

static json_t *ablations_json(const jf_comparison *c)
{
    json_t *array = json_array();
    bool ok = array;

    for (size_t i = 0; ok && i < c->n_ablations; i++) ok = append(array, ablation_json(c, &c->ablations[i]));
    return whole(array, ok);
}

static json_t *stage_json(const jf_stage *stage)
{
    json_t *object = json_object();
    bool ok = put(object, "column", json_string(stage->column)) &&
              put(object, "measured", json_string(stage->measured)) &&
              put(object, "formula", json_string(stage->law->text)) &&
              put(object, "post_run", json_boolean(stage->post_run)) &&
              put(object, "rmse", number(stage->rmse)) && put(object, "r2", number(stage->r2)) &&
              put(object, "fit", jf_fit_to_json(stage->fit, false));

    return whole(object, ok);
}

static json_t *stages_json(const jf_comparison *c)
{
    json_t *array = json_array();
    bool ok = array;

    for (size_t i = 0; ok && c->stages && i < c->stages->n; i++)
        ok = append(array, stage_json(&c->stages->items[i]));
    return whole(array, ok);
}

static json_t *best_json(const jf_comparison *c)
{
    json_t *object = json_object();
    bool ok = put(object, "law", json_string(c->candidates[c->best].law->name)) &&
              put(object, "rule", json_string(c->rule)) &&
              put(object, "plan", json_string(c->plans[c->best_plan]->text)) &&
              put(object, "metric", json_string(c->metric)) && put(object, "value", number(c->best_value)) &&
              put(object, "extrapolation",
                  c->extrapolation == SIZE_MAX ? json_null() : json_string(c->plans[c->extrapolation]->text));

    return whole(object, ok);
}

static json_t *outside_json(const jf_comparison *c)
{
    json_t *object = json_object();
    bool ok =
        put(object, "law", json_string(c->candidates[c->best].law->name)) &&
        put(object, "plan",
            c->extrapolation == SIZE_MAX ? json_null() : json_string(c->plans[c->extrapolation]->text)) &&
        put(object, "state", json_string(jf_outside_names[c->outside.state])) &&
        put(object, "ratio", number(c->outside.ratio)) && put(object, "low", number(c->outside.low)) &&
        put(object, "high", number(c->outside.high)) && put(object, "allowed", number(jf_outside_allowed)) &&
        put(object, "groups", count(c->outside.n_groups));

    return whole(object, ok);
}

static json_t *warnings_json(const jf_warnings *warnings)
{
    json_t *array = json_array();
    bool ok = array;

    for (size_t i = 0; ok && i < warnings->n; i++) {
        json_t *one = json_object();
        ok = put(one, "code", json_string(warnings->items[i].code)) &&
             put(one, "message", json_string(warnings->items[i].message));
        ok = append(array, whole(one, ok)) && ok;
    }
    return whole(array, ok);
}

/* What was read, as the fits saw it; the rows all laws lack stand beside. */
static json_t *data_json(const jf_comparison *c, const json_t *candidates)
{
    const json_t *fit = json_object_get(json_array_get(candidates, 0), "fit");
    json_t *data = json_deep_copy(json_object_get(fit, "data"));
    bool ok = put(data, "rows_used", count(c->n_rows)) && put(data, "rows_incomplete", count(c->n_dropped)) &&
              put(data, "groups", count(c->n_groups));

    return whole(data, ok);
}

static json_t *next_json(const jf_comparison *c)
{
    json_t *object;
    bool ok;

    if (!c->next.sentence) return json_null();
    object = json_object();
    ok = put(object, "row", count(c->next.row + 1)) && put(object, "gain", number(c->next.gain)) &&
         put(object, "sentence", json_string(c->next.sentence));
    return whole(object, ok);
}

json_t *jf_comparison_to_json(const jf_comparison *c, bool rows)
{
    json_t *object = json_object(), *plans = json_array(), *candidates = json_array(), *tests = json_array();
    json_t *same = json_array();
    bool ok = object && plans && candidates && tests && same;

    for (size_t i = 0; ok && i < c->n_plans; i++) ok = append(plans, plan_json(c->plans[i]));
    for (size_t i = 0; ok && i < c->n_candidates; i++)
        ok = append(candidates, candidate_json(c, &c->candidates[i], rows));
    for (size_t i = 0; ok && i < c->n_tests; i++) ok = append(tests, test_json(c, &c->tests[i]));
    for (size_t i = 0; ok && i < c->n_indistinguishable; i++)
        ok = append(same, json_string(c->candidates[c->indistinguishable[i]].law->name));
    ok = ok && put(object, "joulefit", json_string(JF_VERSION)) && put(object, "schema", json_integer(1)) &&
         put(object, "data", data_json(c, candidates));
    ok = put(object, "plans", plans) && ok;
    ok = put(object, "candidates", candidates) && ok;
    ok = put(object, "tests", tests) && ok;
    ok = ok && put(object, "search", c->search ? jf_search_to_json(c) : json_null()) &&
         put(object, "trees", jf_tree_baselines_to_json(c->trees)) && put(object, "stages", stages_json(c)) &&
         put(object, "ablations", ablations_json(c)) && put(object, "best", best_json(c)) &&
         put(object, "outside", outside_json(c));
    ok = put(object, "indistinguishable", same) && ok;
    ok = ok && put(object, "weighted", json_boolean(c->weighted)) &&
         put(object, "verdict", json_string(c->verdict)) && put(object, "next", next_json(c)) &&
         put(object, "warnings", warnings_json(&c->warnings)) &&
         put(object, "seed", json_integer((json_int_t)c->seed));
    return whole(object, ok);
}
