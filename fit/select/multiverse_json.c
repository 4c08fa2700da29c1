/* Writes the multiverse of counting conventions as JSON (keys: multiverse.h). */
#include <math.h>
#include "fit/model/model_file.h"
#include "fit/select/multiverse.h"

/* Takes over `value`; false when it or the array is missing. */
static bool append(json_t *array, json_t *value)
{
    if (array && value) return json_array_append_new(array, value) == 0;
    json_decref(value);
    return false;
}

static json_t *whole(json_t *array, bool ok)
{
    if (ok) return array;
    json_decref(array);
    return NULL;
}

static json_t *number(double value)
{
    return jf_json_number(value);
}

static json_t *role_json(const jf_role *role)
{
    json_t *choices = json_array();
    bool ok = choices;

    for (size_t c = 0; ok && c < role->n_choices; c++)
        ok = append(choices, json_pack("{s:s, s:s, s:s}", "name", role->choices[c].name, "column",
                                       role->choices[c].column, "convention", role->choices[c].convention));
    return json_pack("{s:s, s:o}", "role", role->name, "choices", whole(choices, ok));
}

static json_t *parameters_json(const jf_fit *fit)
{
    json_t *list = json_array();
    bool ok = list;

    for (size_t i = 0; ok && i < fit->n_estimates; i++) {
        const jf_estimate *e = &fit->estimates[i];
        ok = append(list,
                    json_pack("{s:s, s:o, s:o, s:o, s:o, s:s}", "name", e->name, "estimate", number(e->value),
                              "std_error", number(e->std_error), "ci_low", number(e->ci_low), "ci_high",
                              number(e->ci_high), "state", jf_state_names[e->state]));
    }
    return whole(list, ok);
}

/* The pooled error of log predictions outside the data, NaN without an extrapolation. */
static double outside(const jf_comparison *c, size_t universe)
{
    return c->extrapolation == SIZE_MAX
               ? NAN
               : c->candidates[universe].validations[c->extrapolation].pooled.rmse_log;
}

/* Above the smallest of all universes; post-run laws have no other delta to go by. */
static double delta_aicc(const jf_comparison *c, size_t universe)
{
    double least = INFINITY;

    for (size_t u = 0; u < c->n_candidates; u++)
        if (c->candidates[u].fit->aicc < least) least = c->candidates[u].fit->aicc;
    return c->candidates[universe].fit->aicc - least;
}

static json_t *universe_json(const jf_multiverse *m, const jf_law_multiverse *law, size_t u)
{
    const jf_candidate *candidate = &law->comparison->candidates[u];
    json_t *choices = json_array();
    bool ok = choices;

    for (size_t k = 0; ok && k < law->n_roles; k++)
        ok =
            append(choices,
                   json_string(m->roles.items[law->roles[k]].choices[jf_universe_choice(m, law, u, k)].name));
    return json_pack("{s:o, s:s, s:s, s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "choices", whole(choices, ok),
                     "formula", candidate->law->text, "outcome", jf_outcome_names[candidate->fit->outcome],
                     "k", (json_int_t)candidate->fit->k, "rmse_log", number(law->rmse_log[u]), "aicc",
                     number(candidate->fit->aicc), "delta_aicc", number(delta_aicc(law->comparison, u)),
                     "score", number(candidate->score), "outside", number(outside(law->comparison, u)),
                     "parameters", parameters_json(candidate->fit));
}

static json_t *move_json(const jf_multiverse *m, const jf_law_multiverse *law, const jf_move *move)
{
    json_t *shares = json_array();
    bool ok = shares;

    for (size_t k = 0; ok && k < law->n_roles; k++)
        ok = append(shares, json_pack("{s:s, s:o}", "role", m->roles.items[law->roles[k]].name, "share",
                                      number(move->shares[k])));
    return json_pack("{s:s, s:b, s:s?, s:o, s:I, s:o, s:I, s:o, s:o, s:o, s:o}", "parameter", move->parameter,
                     "exponent", move->of != NULL, "of", move->of, "low", number(move->low), "low_in",
                     (json_int_t)move->low_in, "high", number(move->high), "high_in",
                     (json_int_t)move->high_in, "median", number(move->median), "std_error",
                     number(move->std_error), "in_errors", number(move->in_errors), "shares",
                     whole(shares, ok));
}

typedef double (*universe_value)(const jf_law_multiverse *law, size_t universe);

static double rmse_log_at(const jf_law_multiverse *law, size_t u)
{
    return law->rmse_log[u];
}

static double aicc_at(const jf_law_multiverse *law, size_t u)
{
    return law->comparison->candidates[u].fit->aicc;
}

static double score_at(const jf_law_multiverse *law, size_t u)
{
    return law->comparison->candidates[u].score;
}

static double outside_at(const jf_law_multiverse *law, size_t u)
{
    return outside(law->comparison, u);
}

static json_t *range_json(const jf_law_multiverse *law, universe_value value)
{
    double low = NAN, high = NAN;
    size_t low_in = 0, high_in = 0;

    for (size_t u = 0; u < law->n_universes; u++) {
        double x = value(law, u);
        if (isnan(x)) continue;
        if (isnan(low) || x < low) low = x, low_in = u;
        if (isnan(high) || x > high) high = x, high_in = u;
    }
    return json_pack("{s:o, s:I, s:o, s:I}", "low", number(low), "low_in", (json_int_t)low_in, "high",
                     number(high), "high_in", (json_int_t)high_in);
}

static json_t *law_json(const jf_multiverse *m, const jf_law_multiverse *law)
{
    const jf_comparison *c = law->comparison;
    json_t *roles = json_array(), *universes = json_array(), *moves = json_array();
    bool ok = roles && universes && moves;

    for (size_t k = 0; ok && k < law->n_roles; k++)
        ok = append(roles, json_string(m->roles.items[law->roles[k]].name));
    for (size_t u = 0; ok && u < law->n_universes; u++) ok = append(universes, universe_json(m, law, u));
    for (size_t i = 0; ok && i < law->n_moves; i++) ok = append(moves, move_json(m, law, &law->moves[i]));
    return json_pack(
        "{s:{s:s, s:s}, s:o, s:I, s:I, s:s, s:s?, s:s, s:s, s:o, s:o, s:{s:o, s:o, s:o, s:o}}", "law", "name",
        law->law->name, "formula", law->law->text, "roles", whole(roles, ok), "rows", (json_int_t)c->n_rows,
        "groups", (json_int_t)c->n_groups, "plan", c->plans[c->best_plan]->text, "extrapolation",
        c->extrapolation == SIZE_MAX ? NULL : c->plans[c->extrapolation]->text, "metric", c->metric,
        "verdict", law->verdict, "universes", whole(universes, ok), "moves", whole(moves, ok), "fit_moves",
        "rmse_log", range_json(law, rmse_log_at), "aicc", range_json(law, aicc_at), "score",
        range_json(law, score_at), "outside", range_json(law, outside_at));
}

json_t *jf_multiverse_to_json(const jf_multiverse *multiverse)
{
    json_t *roles = json_array(), *laws = json_array();
    bool ok = roles && laws;

    for (size_t r = 0; ok && r < multiverse->roles.n; r++)
        ok = append(roles, role_json(&multiverse->roles.items[r]));
    for (size_t i = 0; ok && i < multiverse->n_laws; i++)
        ok = append(laws, law_json(multiverse, &multiverse->laws[i]));
    return json_pack("{s:o, s:o}", "roles", whole(roles, ok), "laws", whole(laws, ok));
}
