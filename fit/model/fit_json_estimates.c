/* Estimates, verdicts and intervals as JSON. */
#include <math.h>
#include "fit/model/json_parts.h"
#include "fit/model/model_file.h"

/* "closed", "open below", ...; null where there is no profile. */
static json_t *profile_to_json(const jf_identity *identity)
{
    static const char *const states[] = {"closed", "open below", "open above", "open"};

    return jf_json_text(identity->profiled ? states[identity->open_below + 2 * identity->open_above] : NULL);
}

/* What the verdict on a parameter rests on. */
static json_t *identity_to_json(const jf_fit *fit, const jf_identity *identity)
{
    json_t *names = json_array();
    bool fine = names != NULL;

    for (size_t i = 0; fine && i < identity->n_partners; i++)
        fine = jf_json_push(names, json_string(fit->estimates[identity->partner[i]].name));
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "class", jf_told_names[identity->told],
                     "relative_error", jf_json_number(identity->relative_error), "condition_index",
                     jf_json_number(identity->condition_index), "variance_share",
                     jf_json_number(identity->share), "trades_off_with", jf_json_whole(names, fine),
                     "correlation", jf_json_number(identity->n_partners ? identity->correlation : NAN),
                     "profile", profile_to_json(identity));
}

json_t *jf_parameters_to_json(const jf_fit *fit)
{
    json_t *list = json_array();
    bool fine = list != NULL;

    for (size_t i = 0; fine && i < fit->n_estimates; i++) {
        const jf_estimate *e = &fit->estimates[i];
        fine = jf_json_push(
            list, json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o}",
                            "name", e->name, "estimate", jf_json_number(e->value), "std_error",
                            jf_json_number(e->std_error), "ci_low", jf_json_number(e->ci_low), "ci_high",
                            jf_json_number(e->ci_high), "statistic", jf_json_number(e->statistic), "p_value",
                            jf_json_number(e->p_value), "df", jf_json_number(e->df), "state",
                            jf_state_names[e->state], "verdict", jf_json_text(e->verdict), "lower",
                            jf_json_number(e->lower), "upper", jf_json_number(e->upper), "published",
                            jf_json_number(e->published), "inflation", jf_json_number(e->inflation),
                            "identifiability", identity_to_json(fit, &e->identity)));
    }
    return jf_json_whole(list, fine);
}

/* [[value, z], ...] */
static json_t *curve_to_json(const jf_profile_curve *curve)
{
    json_t *list = json_array();
    bool fine = list != NULL;

    for (size_t i = 0; fine && i < curve->n; i++)
        fine = jf_json_push(list, jf_json_numbers((const double[]){curve->at[i], curve->z[i]}, 2));
    return jf_json_whole(list, fine);
}

/* Where the interval of estimate i ends, and for a saved fit how its refits are distributed. */
static json_t *interval_to_json(const jf_fit *fit, const jf_interval_set *set, size_t i, bool saved)
{
    json_t *json = json_pack("{s:s, s:o, s:o}", "name", fit->estimates[i].name, "low",
                             jf_json_number(set->low[i]), "high", jf_json_number(set->high[i]));
    bool fine = json != NULL;

    if (fine && set->low_end)
        fine =
            json_object_update_new(json, json_pack("{s:s, s:s}", "low_state", jf_end_names[set->low_end[i]],
                                                   "high_state", jf_end_names[set->high_end[i]])) == 0;
    if (fine && set->error) fine = json_object_set_new(json, "std_error", jf_json_number(set->error[i])) == 0;
    if (fine && set->p_value)
        fine = json_object_set_new(json, "p_value", jf_json_number(set->p_value[i])) == 0;
    if (fine && saved && set->quantiles)
        fine = json_object_set_new(json, "quantiles",
                                   jf_json_numbers(set->quantiles + i * JF_N_QUANTILES, JF_N_QUANTILES)) == 0;
    if (fine && saved && set->curves && set->curves[i].n > 1)
        fine = json_object_set_new(json, "curve", curve_to_json(&set->curves[i])) == 0;
    if (fine) return json;
    json_decref(json);
    return NULL;
}

/* What a bootstrap says of derived quantities and of tests. */
static json_t *set_derived_to_json(const jf_fit *fit, const jf_interval_set *set)
{
    json_t *list = json_array();
    bool fine = list != NULL;

    for (size_t i = 0; fine && i < fit->n_derived; i++) {
        const jf_derived *d = &set->derived[i];
        fine = jf_json_push(list,
                            json_pack("{s:s, s:o, s:o, s:o, s:o}", "name", fit->derived[i].name, "estimate",
                                      jf_json_number(d->value), "std_error", jf_json_number(d->std_error),
                                      "low", jf_json_number(d->ci_low), "high", jf_json_number(d->ci_high)));
    }
    return jf_json_whole(list, fine);
}

static json_t *set_tests_to_json(const jf_fit *fit, const jf_interval_set *set)
{
    json_t *list = json_array();
    bool fine = list != NULL;

    for (size_t i = 0; fine && i < fit->n_tests; i++) {
        const char *why = set->test_why ? set->test_why[i] : fit->tests[i].why;
        if (!why && isnan(set->test_p[i])) why = "too few refits";
        fine =
            jf_json_push(list, json_pack("{s:s, s:o, s:s}", "hypothesis", fit->tests[i].hypothesis, "p_value",
                                         jf_json_number(set->test_p[i]), "state", why ? why : "ok"));
    }
    return jf_json_whole(list, fine);
}

static json_t *interval_set_to_json(const jf_fit *fit, const jf_interval_set *set, bool saved)
{
    json_t *list = json_array(), *json;
    bool fine = list != NULL;

    for (size_t i = 0; fine && i < fit->n_estimates; i++)
        fine = jf_json_push(list, interval_to_json(fit, set, i, saved));
    json = json_pack("{s:s, s:f, s:o}", "kind", set->kind, "level", set->level, "parameters",
                     jf_json_whole(list, fine));
    if (json && saved && set->curves) json_object_set_new(json, "quantile", jf_json_number(set->quantile));
    if (json && set->n_resamples)
        json_object_update_new(json, json_pack("{s:I, s:I}", "resamples", (json_int_t)set->n_resamples,
                                               "failed", (json_int_t)set->n_failed));
    if (json && set->derived) json_object_set_new(json, "derived", set_derived_to_json(fit, set));
    if (json && set->test_p) json_object_set_new(json, "tests", set_tests_to_json(fit, set));
    return json;
}

json_t *jf_intervals_to_json(const jf_fit *fit, bool saved)
{
    json_t *list = json_array();
    bool fine = list != NULL;

    for (size_t i = fit->n_intervals; fine && i-- > 0;)
        fine = jf_json_push(list, interval_set_to_json(fit, &fit->intervals[i], saved));
    return jf_json_whole(list, fine);
}
