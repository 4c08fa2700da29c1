/* What --at and --by found, as JSON. */
#include "fit/model/json_parts.h"
#include "fit/model/model_file.h"

static json_t *test_to_json(const jf_wald_test *t)
{
    return json_pack("{s:o, s:o, s:o, s:o}", "statistic", jf_json_number(t->statistic), "df1",
                     jf_json_number(t->df1), "df2", jf_json_number(t->df2), "p_value",
                     jf_json_number(t->p_value));
}

static json_t *judged_value_to_json(const jf_fit *fit, const jf_judged_value *v)
{
    const jf_estimate *e = &fit->estimates[v->estimate];

    return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "name", e->name, "role",
                     v->held ? "held" : "refitted", "given", jf_json_number(v->given), "value",
                     jf_json_number(v->value), "estimate", jf_json_number(e->value), "std_error",
                     jf_json_number(e->std_error), "difference", jf_json_number(e->value - v->given),
                     "statistic", jf_json_number(v->distance.statistic), "p_value",
                     jf_json_number(v->distance.p_value));
}

json_t *jf_judged_to_json(const jf_fit *fit)
{
    const jf_judged *j = fit->judged;
    json_t *values = json_array();
    bool fine = values != NULL;

    for (size_t i = 0; fine && i < j->n_values; i++)
        fine = jf_json_push(values, judged_value_to_json(fit, &j->values[i]));
    return json_pack("{s:s, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "source", j->source,
                     "values", jf_json_whole(values, fine), "covariance", jf_se_names[fit->se], "wald",
                     test_to_json(&j->wald), "ratio", test_to_json(&j->ratio), "loss",
                     jf_json_number(j->loss), "loss_best", jf_json_number(fit->loss), "rmse",
                     jf_json_number(j->rmse), "rmse_best", jf_json_number(fit->rmse), "rmse_raw",
                     jf_json_number(j->rmse_raw), "rmse_raw_best", jf_json_number(fit->rmse_raw), "bias",
                     jf_json_number(j->bias));
}

/* ---- by level ---- */

static json_t *level_parameters_to_json(const jf_fit *fit)
{
    json_t *list = json_array();
    bool fine = list != NULL;

    for (size_t i = 0; fine && i < fit->n_estimates; i++) {
        const jf_estimate *e = &fit->estimates[i];
        fine =
            jf_json_push(list, json_pack("{s:s, s:o, s:o, s:o, s:o, s:s}", "name", e->name, "estimate",
                                         jf_json_number(e->value), "std_error", jf_json_number(e->std_error),
                                         "ci_low", jf_json_number(e->ci_low), "ci_high",
                                         jf_json_number(e->ci_high), "state", jf_state_names[e->state]));
    }
    return jf_json_whole(list, fine);
}

static json_t *level_to_json(const jf_level_fit *level)
{
    json_t *json = json_pack("{s:s, s:o, s:o, s:o}", "level", level->level, "n", jf_json_count(level->n),
                             "groups", level->n_groups ? jf_json_count(level->n_groups) : json_null(),
                             "failure", jf_json_text(level->failure));
    const jf_fit *fit = level->fit;

    if (json && fit)
        json_object_update_new(
            json, json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "outcome", jf_outcome_names[fit->outcome],
                            "rss", jf_json_number(fit->rss), "rmse", jf_json_number(fit->rmse), "sigma",
                            jf_json_number(fit->sigma), "r2", jf_json_number(fit->r2), "parameters",
                            level_parameters_to_json(fit)));
    return json;
}

static json_t *named_test(const char *kind, const jf_wald_test *test, const char *covariance)
{
    json_t *json = test_to_json(test);

    if (json) json_object_update_new(json, json_pack("{s:s, s:s}", "kind", kind, "covariance", covariance));
    return json;
}

static json_t *equal_to_json(const jf_fit *fit, const jf_equality *equal)
{
    json_t *json = test_to_json(&equal->test);

    if (json) json_object_set_new(json, "name", json_string(fit->estimates[equal->estimate].name));
    return json;
}

json_t *jf_by_to_json(const jf_fit *fit)
{
    const jf_by *by = fit->by;
    const char *covariance = by->shared_groups && fit->se != JF_SE_CR2 ? "cr1" : jf_se_names[fit->se];
    json_t *levels = json_array(), *tests = json_array(), *equal = json_array();
    bool fine = levels && tests && equal;

    for (size_t i = 0; fine && i < by->n_levels; i++)
        fine = jf_json_push(levels, level_to_json(&by->levels[i]));
    fine = fine && jf_json_push(tests, named_test("F", &by->chow, "classical")) &&
           jf_json_push(tests, named_test("likelihood_ratio", &by->ratio, "classical")) &&
           jf_json_push(tests, named_test("wald", &by->wald, covariance));
    for (size_t i = 0; fine && i < by->n_equal; i++)
        fine = jf_json_push(equal, equal_to_json(fit, &by->equal[i]));
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:b, s:o, s:o}", "column", by->column, "levels",
                     jf_json_whole(levels, fine), "rss", jf_json_number(by->rss), "rss_levels",
                     jf_json_number(by->rss_levels), "tests", jf_json_whole(tests, fine), "shared_groups",
                     by->shared_groups, "equal", jf_json_whole(equal, fine), "refused",
                     jf_json_text(by->refused));
}
