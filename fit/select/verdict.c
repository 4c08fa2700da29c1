/* Writes the sentence that says which law the data support. */
#include "fit/select/verdict.h"

#include <math.h>
#include <string.h>

#include "core/text.h"
#include "fit/select/outside.h"
#include "fit/select/rank.h"

/* Errors up to this factor are told in percent. */
static const double factor_in_percent = 2;
/* Factors closer than this read alike. */
static const double visible_difference = 0.05;

static const char *name_of(const jf_comparison *c, size_t candidate)
{
    return c->candidates[candidate].law->name;
}

/* A factor or a number in three digits. */
static void add_number(jf_text *text, double value)
{
    char buffer[JF_NUMBER_TEXT];

    jf_text_add(text, jf_number_short(buffer, value, 3));
}

/* "the held-out groups", by what the plan holds out. */
static void add_held_out(jf_text *text, const jf_plan *plan)
{
    if (strcmp(plan->kind, "logo") == 0)
        jf_text_addf(text, "held-out levels of %s", plan->column);
    else
        jf_text_add(text, plan->by_rows || strcmp(plan->kind, "holdout") == 0 ? "held-out runs"
                                                                              : "held-out groups");
}

/* A score as people say it: "6.1 %" for errors of the logarithm up to a factor, else metric and number. */
static void add_score(jf_text *text, const char *metric, double score)
{
    bool log_error = strcmp(metric, "rmse_log") == 0;

    if (isinf(score)) {
        jf_text_add(text, "without limit (it predicts values below zero)");
        return;
    }
    if (log_error && score > log(factor_in_percent)) {
        jf_text_add(text, "a factor of ");
        add_number(text, exp(score));
    } else if (log_error || strcmp(metric, "mdape") == 0 || strcmp(metric, "mape") == 0) {
        add_number(text, 100 * (log_error ? expm1(score) : score));
        jf_text_add(text, " %");
    } else {
        add_number(text, score);
    }
}

static const jf_validation *extrapolated(const jf_comparison *c, size_t candidate)
{
    const jf_validation *v;

    if (c->extrapolation == SIZE_MAX) return NULL;
    v = &c->candidates[candidate].validations[c->extrapolation];
    return v->n_usable > 0 && !isnan(v->factor90) ? v : NULL;
}

/* How far the farthest test row of the usable splits lies past training, as a factor; NaN where unknown. */
static double reach_of(const jf_plan *plan, const jf_validation *v)
{
    double reach = NAN;

    for (size_t s = 0; s < v->n_splits; s++)
        if (v->splits[s].usable && !(plan->splits[s].reach <= reach)) reach = plan->splits[s].reach;
    return exp(reach);
}

/* Another law in front that extrapolates clearly better than the best; SIZE_MAX: none. */
static size_t better_outside(const jf_comparison *c)
{
    size_t found = SIZE_MAX;
    const jf_validation *best = extrapolated(c, c->best);
    double least; /* clearly better: two thirds of the error in logs */

    if (!best) return SIZE_MAX;
    least = log(best->factor90) / 1.5;
    for (size_t i = 0; i < c->n_candidates; i++) {
        const jf_validation *v = i == c->best ? NULL : extrapolated(c, i);
        if (!v || c->candidates[i].post_run > c->candidates[c->best].post_run) continue;
        if (v->n_usable < best->n_usable) continue;
        if (log(v->factor90) >= least || best->factor90 - v->factor90 < visible_difference) continue;
        least = log(v->factor90);
        found = i;
    }
    return found;
}

/* "up to 2.3 times the largest C in training" */
static void add_reach(jf_text *text, const jf_plan *plan, double reach)
{
    if (isnan(reach)) return;
    if (plan->down) {
        jf_text_add(text, ", down to 1/");
        add_number(text, reach);
        jf_text_addf(text, " of the smallest %s in training", plan->column);
    } else {
        jf_text_add(text, ", up to ");
        add_number(text, reach);
        jf_text_addf(text, " times the largest %s in training", plan->column);
    }
}

/* "errors there are 1.3 times those inside (95 % limits 1.1 and 1.6; up to 2 count as held)" */
static void add_ratio(jf_text *text, const jf_outside *found)
{
    if (isnan(found->ratio)) return;
    jf_text_add(text, ": errors there are ");
    add_number(text, found->ratio);
    jf_text_add(text, " times those inside (");
    if (isnan(found->high)) {
        jf_text_add(text, "too few groups for limits");
    } else {
        jf_text_add(text, "95 % limits ");
        add_number(text, found->low);
        jf_text_add(text, " and ");
        add_number(text, found->high);
    }
    /* where it did not hold for another reason, this would read as if it had */
    if (found->state != JF_OUTSIDE_FAILED || found->ratio > jf_outside_allowed)
        jf_text_addf(text, "; up to %g counts as held", jf_outside_allowed);
    jf_text_add(text, ")");
}

static void add_nine_in_ten(jf_text *text, double factor90)
{
    if (isinf(factor90)) {
        jf_text_add(text, ", and more than one run in ten was predicted below zero");
    } else if (factor90 > jf_outside_factor) {
        jf_text_add(text, ", and one run in ten was off by more than a factor of ");
        add_number(text, factor90);
        jf_text_addf(text, " (held means nine in ten within %g)", jf_outside_factor);
    } else {
        jf_text_add(text, ", nine runs in ten within a factor of ");
        add_number(text, factor90);
    }
}

static void add_extrapolation(jf_text *text, const jf_comparison *c)
{
    static const char *const words[] = {[JF_OUTSIDE_HELD] = "held",
                                        [JF_OUTSIDE_HELD_LESS] = "held less well than inside",
                                        [JF_OUTSIDE_UNCLEAR] = "held",
                                        [JF_OUTSIDE_FAILED] = "did not hold"};
    const jf_validation *v = extrapolated(c, c->best);
    const jf_plan *plan = c->extrapolation == SIZE_MAX ? NULL : c->plans[c->extrapolation];
    size_t other = better_outside(c);

    if (!v) {
        jf_text_add(text, plan ? "No extrapolation could be made" : "Extrapolation was not tried");
        return;
    }
    jf_text_addf(text, "Outside the data %s %s", name_of(c, c->best), words[c->outside.state]);
    if (c->outside.state == JF_OUTSIDE_UNCLEAR)
        jf_text_addf(text, " as far as %zu %s %s", c->outside.n_groups,
                     plan->by_rows ? (c->outside.n_groups == 1 ? "run" : "runs")
                                   : (c->outside.n_groups == 1 ? "group" : "groups"),
                     c->outside.n_groups == 1 ? "tells" : "tell");
    add_ratio(text, &c->outside);
    add_nine_in_ten(text, v->factor90);
    add_reach(text, plan, reach_of(plan, v));
    if (other != SIZE_MAX) {
        jf_text_addf(text, " (%s came within ", name_of(c, other));
        add_number(text, extrapolated(c, other)->factor90);
        jf_text_add(text, ")");
    }
}

/* The law to set the best against: the lowest score of those tested against it; SIZE_MAX: none. */
static size_t runner_up(const jf_comparison *c)
{
    size_t found = SIZE_MAX;

    for (size_t i = 0; i < c->n_candidates; i++) {
        const jf_candidate *one = &c->candidates[i];
        if (i == c->best || isnan(one->score) || one->post_run > c->candidates[c->best].post_run) continue;
        if (found == SIZE_MAX || one->rank < c->candidates[found].rank) found = i;
    }
    return found;
}

static bool is_better(const jf_comparison *c, double a, double b)
{
    jf_metric metric;

    if (jf_metric_find(c->metric, &metric, NULL) != JF_OK) return false;
    return jf_metric_smaller_is_better(metric) ? a < b : a > b;
}

static void add_scores(jf_text *text, const jf_comparison *c)
{
    size_t next = runner_up(c);
    bool typical = strcmp(c->metric, "rmse_log") == 0;

    if (isnan(c->best_value)) {
        jf_text_add(text, "; no split could be used to compare the laws");
        return;
    }
    jf_text_add(text, "; on ");
    add_held_out(text, c->plans[c->best_plan]);
    if (extrapolated(c, c->best))
        jf_text_addf(text, " its %s is ", typical ? "typical error" : c->metric);
    else
        jf_text_addf(text, " the %s of %s is ", typical ? "typical error" : c->metric, name_of(c, c->best));
    add_score(text, c->metric, c->best_value);
    if (next == SIZE_MAX) return;
    jf_text_add(text, " against ");
    add_score(text, c->metric, c->candidates[next].score);
    if (is_better(c, c->candidates[next].score, c->best_value))
        jf_text_addf(text, " for %s, a difference within its standard error", name_of(c, next));
    else
        jf_text_addf(text, " for the next%s, %s", c->candidates[next].is_baseline ? "" : " law",
                     name_of(c, next));
}

static bool has_score_tests(const jf_comparison *c)
{
    for (size_t i = 0; i < c->n_tests; i++)
        if (strcmp(c->tests[i].kind, "corrected_t") == 0) return true;
    return false;
}

static void add_ties(jf_text *text, const jf_comparison *c)
{
    enum { SHOWN = 3 };
    size_t n = c->n_indistinguishable, shown = n <= SHOWN ? n : SHOWN - 1;

    if (!has_score_tests(c)) return;
    if (n == 0) {
        jf_text_add(text, ", and every other law is told apart from it");
        return;
    }
    jf_text_add(text, ", and ");
    for (size_t i = 0; i < shown; i++) {
        const char *before = i == 0 ? "" : i + 1 == n ? " and " : ", ";
        jf_text_addf(text, "%s%s", before, name_of(c, c->indistinguishable[i]));
    }
    if (shown < n) jf_text_addf(text, " and %zu others", n - shown);
    jf_text_add(text, " cannot be told apart from it");
}

static bool any_given_scored(const jf_comparison *c)
{
    for (size_t i = 0; i < c->n_candidates; i++)
        if (!c->candidates[i].is_baseline && !isnan(c->candidates[i].score)) return true;
    return false;
}

char *jf_verdict(const jf_comparison *c)
{
    jf_text text = {0};
    const jf_candidate *best = &c->candidates[c->best];

    if (best->fit->outcome == JF_FAILED) {
        jf_text_add(&text, "No law could be fitted to these runs.");
        return jf_text_take(&text);
    }
    add_extrapolation(&text, c);
    add_scores(&text, c);
    add_ties(&text, c);
    if (best->is_baseline && any_given_scored(c))
        jf_text_addf(&text, "; %s is a baseline, and no law given beats it", best->law->name);
    else if (best->is_baseline)
        jf_text_addf(&text, "; %s is a baseline, and none of the laws given could be tried so",
                     best->law->name);
    if (best->post_run)
        jf_text_addf(&text, "; %s reads values that are known only after a run", best->law->name);
    jf_text_add(&text, ".");
    return jf_text_take(&text);
}
