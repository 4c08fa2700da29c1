/* What simulated studies call for in warnings, and their JSON. */
#include "fit/select/simulation.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "fit/model/json_parts.h"
#include "fit/model/model_file.h"

void jf_simulation_clear(jf_simulation *simulation)
{
    jf_truth_free(simulation->truth);
    jf_recovery_clear(&simulation->recovery);
    jf_coverage_free(simulation->runs, simulation->n_runs);
    jf_free(simulation->power);
    for (size_t i = 0; simulation->advice && i < simulation->n_advice; i++) {
        jf_goal_clear(&simulation->advice[i].goal);
        jf_next_clear(&simulation->advice[i].next);
    }
    jf_free(simulation->advice);
    jf_free(simulation->data.file);
    jf_warnings_free(&simulation->warnings);
    *simulation = (jf_simulation){0};
}

/* ---- warnings ---- */

/* An interval fails where it covers less than its level by more than this and by more than chance (three
 * Monte-Carlo errors). */
static const double TOLERATED = 0.02;

static double promised(const jf_coverage *c)
{
    bool is_cv = strcmp(c->kind, "conformal:cv") == 0; /* guarantees 1 - 2 alpha */

    return is_cv ? 2 * c->level - 1 : c->level;
}

static bool fails(const jf_coverage *c)
{
    double short_by = promised(c) - c->share;

    return c->n_made > 0 && short_by > TOLERATED && short_by > 3 * c->share_error;
}

/* One warning a kind, for its worst parameter. */
static void judge_kind(jf_simulation *s, const jf_coverage *coverage, size_t n, const char *kind)
{
    const jf_coverage *worst = NULL;
    size_t failing = 0, of = 0;
    char share[JF_NUMBER_TEXT], level[JF_NUMBER_TEXT];

    for (size_t i = 0; i < n; i++) {
        if (strcmp(coverage[i].kind, kind) != 0) continue;
        of++;
        if (!fails(&coverage[i])) continue;
        failing++;
        if (!worst || coverage[i].share < worst->share) worst = &coverage[i];
    }
    if (!worst) return;
    jf_number_short(share, 100 * worst->share, 3);
    jf_number_short(level, 100 * promised(worst), 3);
    if (worst->parameter == SIZE_MAX)
        jf_warn(&s->warnings, "W_COVERAGE", "%s intervals hold %s %% of new values on this design, not %s %%",
                kind, share, level);
    else
        jf_warn(
            &s->warnings, "W_COVERAGE",
            "%s intervals of %zu of %zu parameters hold the truth too seldom on this design: that of '%s' in "
            "%s %% of studies, not %s %%",
            kind, failing, of, s->recovery.parameters[worst->parameter].name, share, level);
}

static void judge_kinds(jf_simulation *s, const jf_coverage *coverage, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (i == 0 || strcmp(coverage[i].kind, coverage[i - 1].kind) != 0)
            judge_kind(s, coverage, n, coverage[i].kind);
}

void jf_simulation_judge(jf_simulation *s)
{
    const jf_recovery *r = &s->recovery;

    judge_kinds(s, r->coverage, r->n_coverage);
    judge_kinds(s, s->runs, s->n_runs);
    if (s->has_recovery && r->n_usable < r->n_replicates)
        jf_warn(&s->warnings, "W_REPLICATES_LOST", "%zu of %zu simulated data sets led to no usable fit%s%s",
                r->n_replicates - r->n_usable, r->n_replicates, r->first_refusal ? ": " : "",
                r->first_refusal ? r->first_refusal : "");
}

/* ---- JSON ---- */

static json_t *truth_to_json(const jf_truth *truth)
{
    const jf_problem *problem = truth->problem;
    json_t *list = json_array();
    bool fine = list != NULL;

    for (size_t j = 0; fine && j < problem->k; j++)
        fine = jf_json_push(list, json_pack("{s:s, s:o, s:s, s:b}", "name",
                                            jf_formula_parameter(problem->formula, j)->name, "value",
                                            jf_json_number(truth->theta[j]), "from",
                                            jf_origin_names[truth->origin[j]], "fixed", problem->fixed[j]));
    return json_pack("{s:o, s:o, s:s, s:o, s:s}", "parameters", jf_json_whole(list, fine), "sigma",
                     jf_json_number(truth->sigma), "sigma_from", jf_origin_names[truth->sigma_origin],
                     "group_sd", jf_json_number(truth->group_sd), "error",
                     problem->error == JF_ERROR_AS_WRITTEN ? "additive"
                                                           : jf_error_kind_names[problem->error]);
}

static json_t *coverage_to_json(const jf_coverage *coverage, size_t n, const jf_recovered *parameters)
{
    json_t *list = json_array();
    bool fine = list != NULL;

    for (size_t i = 0; fine && i < n; i++) {
        const jf_coverage *c = &coverage[i];
        json_t *one =
            json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "kind", c->kind, "level",
                      jf_json_number(c->level), "coverage", jf_json_number(c->share), "monte_carlo_error",
                      jf_json_number(c->share_error), "missed_below", jf_json_number(c->missed_below),
                      "missed_above", jf_json_number(c->missed_above), "length", jf_json_number(c->length),
                      "made", jf_json_count(c->n_made), "none", jf_json_count(c->n_none), "open",
                      jf_json_count(c->n_open), "groups_missing", jf_json_count(c->groups_missing));
        fine =
            one && (c->parameter == SIZE_MAX ||
                    json_object_set_new(one, "parameter", json_string(parameters[c->parameter].name)) == 0);
        fine = jf_json_push(list, one) && fine;
    }
    return jf_json_whole(list, fine);
}

static json_t *recovered_to_json(const jf_recovery *recovery)
{
    json_t *list = json_array();
    bool fine = list != NULL;

    for (size_t i = 0; fine && i < recovery->n_parameters; i++) {
        const jf_recovered *p = &recovery->parameters[i];
        fine = jf_json_push(
            list,
            json_pack("{s:s, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "name",
                      p->name, "truth", jf_json_number(p->truth), "from", jf_origin_names[p->origin],
                      "estimates", jf_json_count(p->n), "mean", jf_json_number(p->mean), "median",
                      jf_json_number(p->median), "bias", jf_json_number(p->bias), "bias_monte_carlo_error",
                      jf_json_number(p->bias_error), "std_deviation", jf_json_number(p->spread), "rmse",
                      jf_json_number(p->rmse), "relative_bias", jf_json_number(p->relative_bias),
                      "relative_rmse", jf_json_number(p->relative_rmse), "mean_std_error",
                      jf_json_number(p->mean_error), "at_bound", jf_json_count(p->n_at_bound)));
    }
    return jf_json_whole(list, fine);
}

static json_t *recovery_to_json(const jf_recovery *recovery)
{
    json_t *outcomes = json_object();
    bool fine = outcomes != NULL;

    for (int i = 0; fine && jf_outcome_names[i]; i++)
        fine = json_object_set_new(outcomes, jf_outcome_names[i], jf_json_count(recovery->outcomes[i])) == 0;
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "replicates",
                     jf_json_count(recovery->n_replicates), "usable", jf_json_count(recovery->n_usable),
                     "outcomes", jf_json_whole(outcomes, fine), "refused", jf_json_count(recovery->n_refused),
                     "first_refusal", jf_json_text(recovery->first_refusal), "parameters",
                     recovered_to_json(recovery), "warnings", jf_json_warnings(&recovery->warnings));
}

static json_t *power_to_json(const jf_simulation *s)
{
    json_t *list = json_array();
    bool fine = list != NULL;

    for (size_t i = 0; fine && i < s->n_power; i++) {
        const jf_power *p = &s->power[i];
        fine = jf_json_push(
            list, json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
                            "rival", s->laws->items[p->rival]->name, "formula",
                            s->laws->items[p->rival]->text, "copies", jf_json_count(p->copies), "runs",
                            jf_json_count(p->n_runs), "groups", jf_json_count(p->n_groups), "studies",
                            jf_json_count(p->n_studies), "refused", jf_json_count(p->n_refused), "aicc",
                            jf_json_number(p->aicc), "bic", jf_json_number(p->bic), "validation",
                            jf_json_number(p->score), "test", jf_json_number(p->test), "test_wrong",
                            jf_json_number(p->test_wrong), "vuong", jf_json_number(p->vuong), "vuong_wrong",
                            jf_json_number(p->vuong_wrong), "margin", jf_json_number(p->margin)));
    }
    return json_pack("{s:o, s:s, s:s, s:o}", "studies", jf_json_count(s->n_studies), "plan", s->plan,
                     "criterion", s->criterion, "rivals", jf_json_whole(list, fine));
}

static json_t *cell_to_json(const jf_column *column, size_t row)
{
    if (column->kind == JF_LABEL)
        return column->codes[row] < 0 ? json_null() : json_string(column->levels[column->codes[row]]);
    return jf_json_number(column->values[row]);
}

static json_t *run_to_json(const jf_simulation *s, const jf_next_run *run)
{
    json_t *values = json_object();
    bool fine = values != NULL;

    for (size_t i = 0; fine && i < s->n_shown; i++) {
        const jf_column *column = jf_table_find(s->candidates, s->shown[i]);
        fine = !column || json_object_set_new(values, s->shown[i], cell_to_json(column, run->row)) == 0;
    }
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "row", jf_json_count(run->row + 1), "values",
                     jf_json_whole(values, fine), "cost", jf_json_number(run->cost), "std_error",
                     jf_json_number(run->error), "gain", jf_json_number(run->gain));
}

static json_t *runs_to_json(const jf_simulation *s, const jf_next_run *runs, size_t n)
{
    json_t *list = json_array();
    bool fine = list != NULL;

    for (size_t i = 0; fine && i < n; i++) fine = jf_json_push(list, run_to_json(s, &runs[i]));
    return jf_json_whole(list, fine);
}

static json_t *advice_to_json(const jf_simulation *s)
{
    json_t *list = json_array();
    bool fine = list != NULL;

    for (size_t i = 0; fine && i < s->n_advice; i++) {
        const jf_next *next = &s->advice[i].next;
        fine = jf_json_push(list, json_pack("{s:s, s:b, s:o, s:o, s:o, s:o}", "goal", s->advice[i].goal.name,
                                            "everything", s->advice[i].goal.gradients == NULL, "std_error",
                                            jf_json_number(next->before), "unusable",
                                            jf_json_count(next->n_unusable), "candidates",
                                            runs_to_json(s, next->candidates, next->n_candidates), "chosen",
                                            runs_to_json(s, next->chosen, next->n_chosen)));
    }
    return json_pack("{s:o, s:o}", "cost", jf_json_text(s->cost), "goals", jf_json_whole(list, fine));
}

static bool set(json_t *json, const char *key, json_t *value)
{
    return json_object_set_new(json, key, value) == 0;
}

json_t *jf_simulation_to_json(const jf_simulation *s)
{
    const jf_problem *problem = s->truth->problem;
    json_t *json = json_pack(
        "{s:s, s:i, s:s, s:o, s:{s:s, s:s, s:s, s:s}, s:{s:o, s:o}, s:o}", "joulefit", JF_VERSION, "schema",
        1, "kind", "simulate", "data", jf_json_data(&s->data), "law", "name", s->law->name, "formula",
        s->formula, "raw_response", jf_transform_raw(problem->transform), "error",
        problem->error == JF_ERROR_AS_WRITTEN ? "additive" : jf_error_kind_names[problem->error], "design",
        "runs", jf_json_count(s->truth->n), "groups", jf_json_count(s->truth->groups.n_groups), "truth",
        truth_to_json(s->truth));
    bool fine = json != NULL;

    if (fine && s->has_recovery)
        fine = set(json, "recovery", recovery_to_json(&s->recovery)) &&
               set(json, "coverage",
                   coverage_to_json(s->recovery.coverage, s->recovery.n_coverage, s->recovery.parameters));
    if (fine && s->runs) fine = set(json, "new_runs", coverage_to_json(s->runs, s->n_runs, NULL));
    if (fine && s->power) fine = set(json, "power", power_to_json(s));
    if (fine && s->advice) fine = set(json, "next", advice_to_json(s));
    fine = fine && set(json, "warnings", jf_json_warnings(&s->warnings)) &&
           set(json, "seed", json_integer((json_int_t)s->seed));
    return jf_json_whole(json, fine);
}
