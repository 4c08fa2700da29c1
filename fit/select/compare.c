/* Compares laws: common rows, fits, plans, refits, ranking, words. */
#include "fit/select/compare.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"
#include "fit/problem.h"
#include "fit/select/ablate.h"
#include "fit/select/baselines.h"
#include "fit/select/criteria.h"
#include "fit/select/rank.h"
#include "fit/select/validate.h"
#include "fit/select/verdict.h"

const char *const jf_interval_names[] = {"cv", "split", "none", NULL};

const char *const jf_ablate_names[] = {"best", "all", "none", NULL};

const jf_option jf_compare_options_table[] = {
    {"validate", 'V', JF_OPTION_LIST, offsetof(jf_compare_options, validate), NULL, 0, 0, NULL, "PLAN",
     "how runs are held out, e.g. grouped, kfold:10, extrapolate:COL:0.75; may be given again"},
    {"baselines", 0, JF_OPTION_FLAG, offsetof(jf_compare_options, baselines), "true", 0, 0, NULL, NULL,
     "add the mean, one-column powers and device-seconds to the laws"},
    {"criterion", 0, JF_OPTION_TEXT, offsetof(jf_compare_options, criterion), "rmse_log", 0, 0, NULL,
     "METRIC", "the metric that ranks the laws"},
    {"interval", 0, JF_OPTION_CHOICE, offsetof(jf_compare_options, interval), "cv", 0, 0, jf_interval_names,
     "KIND", "conformal intervals to measure coverage of: by inner folds, by a split-off part, or none"},
    {"ablate", 0, JF_OPTION_CHOICE, offsetof(jf_compare_options, ablate), "best", 0, 0, jf_ablate_names,
     "LAWS", "drop the terms of these laws in turn: of the best, of all, of none"},
    {0},
};

/* Says whose error it is, unless it says so itself. */
static void name_law(const jf_law *law, jf_error *err)
{
    if (err && strncmp(err->message, "law '", 5) != 0) jf_error_prefix(err, "law '%s'", law->name);
}

/* A comparison in the making. */
typedef struct maker {
    const jf_laws *given;
    const jf_table *table;
    const jf_groups *groups;
    const jf_compare_options *options;
    const size_t *rows; /* as asked for; NULL: all */
    size_t n_rows;
    jf_metric criterion;
    jf_problem **problems; /* of the laws given, on the rows asked for */
    jf_laws baselines;
    const int32_t **levels; /* codes of every level parameter of every law */
    size_t n_levels;
    jf_comparison *c;
} maker;

/* ---- rows and laws ---- */

static jf_status bind_given(maker *m, jf_error *err)
{
    jf_warnings of_binding = {0}; /* which rows fall out is told once, for all laws together */
    jf_status status = JF_OK;
    const char *raw;

    m->problems = JF_NEW_ZEROED(jf_problem *, m->given->n + 1);
    JF_TRY_NEW(m->problems, err, "laws");
    for (size_t i = 0; i < m->given->n; i++) {
        const jf_law *law = m->given->items[i];
        for (size_t j = 0; j < i; j++)
            if (strcmp(m->given->items[j]->name, law->name) == 0)
                JF_TRY(jf_fail(err, JF_EUSAGE, "two laws are called '%s'", law->name));
        status = jf_problem_build(law, m->table, m->rows, m->n_rows, &m->options->fit, &of_binding,
                                  &m->problems[i], err);
        if (status != JF_OK) {
            name_law(law, err);
            goto done;
        }
        raw = jf_transform_raw(m->problems[0]->transform);
        if (strcmp(jf_transform_raw(m->problems[i]->transform), raw) != 0)
            JF_TRY(jf_fail(
                err, JF_EUSAGE, "law '%s' predicts '%s' and law '%s' predicts '%s': expected one response",
                m->given->items[0]->name, raw, law->name, jf_transform_raw(m->problems[i]->transform)));
    }
done:
    for (size_t i = 0; i < of_binding.n; i++)
        if (strcmp(of_binding.items[i].code, "W_ROWS_DROPPED") != 0)
            jf_warn(&m->c->warnings, of_binding.items[i].code, "%s", of_binding.items[i].message);
    jf_warnings_free(&of_binding);
    return status;
}

/* The rows that are complete for every law given. */
static jf_status find_common_rows(maker *m, jf_error *err)
{
    size_t n_asked = m->rows ? m->n_rows : m->table->n_rows,
           *laws = JF_NEW_ZEROED(size_t, m->table->n_rows + 1);
    jf_status status = JF_OK;

    JF_TRY_NEW(laws, err, "rows");
    m->c->rows = JF_NEW_ARRAY(size_t, m->table->n_rows + 1);
    JF_TRY_NEW(m->c->rows, err, "rows");
    for (size_t i = 0; i < m->given->n; i++)
        for (size_t j = 0; j < m->problems[i]->n; j++) laws[m->problems[i]->rows[j]]++;
    for (size_t row = 0; row < m->table->n_rows; row++)
        if (laws[row] == m->given->n) m->c->rows[m->c->n_rows++] = row;
    m->c->n_dropped = n_asked - m->c->n_rows;
    if (m->c->n_rows == 0) JF_TRY(jf_fail(err, JF_EDATA, "no row has what all %zu laws need", m->given->n));
    if (m->c->n_dropped > 0)
        jf_warn(&m->c->warnings, "W_ROWS_DROPPED",
                "%zu of %zu rows lack a value that one of the laws needs, so no law sees them",
                m->c->n_dropped, n_asked);
done:
    jf_free(laws);
    return status;
}

/* What a fit says of the data, and not of its law, holds for the comparison. */
static void warn_of_data(maker *m, const jf_fit *fit)
{
    static const char *const codes[] = {"W_DUPLICATES", "W_SIMULATED"};

    for (size_t i = 0; i < fit->warnings.n; i++)
        for (size_t j = 0; j < sizeof codes / sizeof *codes; j++)
            if (strcmp(fit->warnings.items[i].code, codes[j]) == 0)
                jf_warn(&m->c->warnings, codes[j], "%s", fit->warnings.items[i].message);
}

static jf_status add_candidate(maker *m, const jf_law *law, bool is_baseline, jf_error *err)
{
    jf_candidate *candidate = &m->c->candidates[m->c->n_candidates];
    jf_status status = JF_OK;

    candidate->law = jf_law_copy(law);
    JF_TRY_NEW(candidate->law, err, "a law");
    m->c->n_candidates++;
    candidate->is_baseline = is_baseline;
    status = jf_fit_run(law, m->table, m->c->rows, m->c->n_rows, m->groups, &m->options->fit, &candidate->fit,
                        err);
    if (status == JF_OK && candidate->fit->n != m->c->n_rows)
        status = jf_fail(err, JF_EDATA, "%zu of the %zu common rows could be used", candidate->fit->n,
                         m->c->n_rows);
    if (status != JF_OK) {
        name_law(law, err);
        goto done;
    }
    candidate->post_run = candidate->fit->post_run;
    warn_of_data(m, candidate->fit);
    if (candidate->fit->outcome == JF_FAILED)
        jf_warn(&m->c->warnings, "W_LAW_FAILED", "law '%s' could not be fitted: %s", law->name,
                candidate->fit->failure ? candidate->fit->failure : "no reason given");
done:
    return status;
}

/* A baseline that says what a given law says in other words (log k for k) fits every row alike: it is left
 * out. */
static bool repeats_given(const jf_comparison *c, size_t n_given)
{
    const jf_fit *fit = c->candidates[c->n_candidates - 1].fit;

    for (size_t i = 0; i < n_given; i++) {
        const jf_fit *given = c->candidates[i].fit;
        bool same = given->k == fit->k && given->n == fit->n && given->outcome == fit->outcome &&
                    fit->outcome != JF_FAILED && fit->k < fit->n;
        for (size_t r = 0; same && r < fit->n; r++)
            same = fabs(given->raw_fitted[r] - fit->raw_fitted[r]) <= 1e-9 * fabs(fit->raw_fitted[r]);
        if (same) return true;
    }
    return false;
}

static void drop_last(jf_comparison *c)
{
    jf_candidate *last = &c->candidates[--c->n_candidates];

    jf_law_free(last->law);
    jf_fit_free(last->fit);
    *last = (jf_candidate){0};
}

static jf_status fit_all(maker *m, jf_error *err)
{
    jf_status status = JF_OK;

    if (m->options->baselines)
        JF_TRY(jf_baselines_make(m->problems, m->given->n, m->table, m->c->rows, m->c->n_rows, &m->baselines,
                                 err));
    m->c->candidates = JF_NEW_ZEROED(jf_candidate, m->given->n + m->baselines.n + 1);
    JF_TRY_NEW(m->c->candidates, err, "laws");
    for (size_t i = 0; i < m->given->n; i++) JF_TRY(add_candidate(m, m->given->items[i], false, err));
    for (size_t i = 0; i < m->baselines.n; i++) {
        bool taken = false;
        for (size_t j = 0; j < m->given->n; j++)
            taken |= strcmp(m->given->items[j]->name, m->baselines.items[i]->name) == 0;
        if (taken) continue;
        JF_TRY(add_candidate(m, m->baselines.items[i], true, err));
        if (repeats_given(m->c, m->given->n)) drop_last(m->c);
    }
done:
    return status;
}

/* ---- plans ---- */

/* Codes of all level parameters, borrowed from the fits' inputs. */
static jf_status collect_levels(maker *m, jf_error *err)
{
    size_t capacity = 0;
    jf_status status = JF_OK;

    for (size_t i = 0; i < m->c->n_candidates; i++) {
        const jf_problem *problem = m->c->candidates[i].fit->problem;
        for (size_t s = 0; problem && s < jf_formula_n_slots(problem->formula); s++) {
            const jf_slot *slot = jf_formula_slot(problem->formula, s);
            if (!slot->is_levels) continue;
            if (!jf_grow((void **)&m->levels, &capacity, m->n_levels + 1, sizeof *m->levels))
                JF_TRY_NEW(NULL, err, "levels");
            m->levels[m->n_levels++] = jf_inputs_codes(problem->inputs, slot->input);
        }
    }
done:
    return status;
}

/* The pre-run input of the laws given with the largest ratio of its ends and room above its upper quartile.
 */
static const char *widest_input(const maker *m)
{
    const char *widest = NULL;
    double most = 1, *values = JF_NEW_ARRAY(double, m->c->n_rows + 1);

    for (size_t p = 0; values && p < m->given->n; p++)
        for (size_t i = 0; i < jf_formula_n_columns(m->problems[p]->formula); i++) {
            const char *name = jf_formula_column(m->problems[p]->formula, i);
            const jf_column *column = jf_table_find(m->table, name);
            if (!jf_is_scale_column(column, m->c->rows, m->c->n_rows)) continue;
            for (size_t r = 0; r < m->c->n_rows; r++) values[r] = column->values[m->c->rows[r]];
            jf_sort(values, m->c->n_rows);
            double ratio = values[m->c->n_rows - 1] / values[0];
            if (ratio <= most || jf_quantile(values, m->c->n_rows, 0.75) >= values[m->c->n_rows - 1])
                continue;
            most = ratio;
            widest = column->name;
        }
    jf_free(values);
    return widest;
}

static void warn_of_infeasible(maker *m, const jf_plan *plan)
{
    size_t empty = 0, lacking;

    for (size_t s = 0; s < plan->n_splits; s++)
        empty += plan->splits[s].n_train == 0 || plan->splits[s].n_test == 0;
    lacking = plan->infeasible - empty;
    if (empty > 0)
        jf_warn(&m->c->warnings, "W_INFEASIBLE_SPLITS", "plan %s: %zu of %zu splits have an empty part%s",
                plan->text, empty, plan->n_splits,
                plan->by_rows ? ""
                              : " (groups are never divided; \"rows:\" in front of the plan divides them)");
    if (lacking > 0)
        jf_warn(&m->c->warnings, "W_INFEASIBLE_SPLITS",
                "plan %s: %zu of %zu splits test levels that training lacks: laws with parameters for them "
                "cannot be "
                "used there",
                plan->text, lacking, plan->n_splits);
}

static jf_status add_plan(maker *m, const char *text, jf_error *err)
{
    jf_plan_data data = {.table = m->table,
                         .rows = m->c->rows,
                         .n_rows = m->c->n_rows,
                         .groups = m->groups,
                         .levels = m->levels,
                         .n_levels = m->n_levels,
                         .seed = m->options->fit.seed};
    jf_status status = jf_plan_build(text, &data, &m->c->plans[m->c->n_plans], err);

    if (status != JF_OK) return status;
    const jf_plan *plan = m->c->plans[m->c->n_plans++];
    if (plan->redrawn > 0)
        jf_warn(&m->c->warnings, "W_REDRAWN_SPLITS", "plan %s: %zu splits were drawn again", plan->text,
                plan->redrawn);
    warn_of_infeasible(m, plan);
    return JF_OK;
}

static jf_status default_plans(maker *m, jf_error *err)
{
    jf_status status = JF_OK;
    jf_text text = {0};
    const char *widest = widest_input(m);
    char *plan = NULL;

    if (m->groups)
        jf_text_add(&text, "grouped");
    else
        jf_text_addf(&text, "kfold:%zu", m->c->n_rows < 10 ? m->c->n_rows : 10);
    plan = jf_text_take(&text);
    JF_TRY_NEW(plan, err, "a plan");
    JF_TRY(add_plan(m, plan, err));
    if (!widest) goto done;
    jf_free(plan);
    jf_text_addf(&text, "extrapolate:`%s`:0.75", widest);
    plan = jf_text_take(&text);
    JF_TRY_NEW(plan, err, "a plan");
    JF_TRY(add_plan(m, plan, err));
done:
    jf_free(plan);
    return status;
}

static jf_status make_plans(maker *m, jf_error *err)
{
    const jf_option_list *asked = &m->options->validate;
    jf_status status = JF_OK;

    JF_TRY(collect_levels(m, err));
    m->c->plans = JF_NEW_ZEROED(jf_plan *, asked->n + 3);
    JF_TRY_NEW(m->c->plans, err, "plans");
    if (asked->n == 0) JF_TRY(default_plans(m, err));
    for (size_t i = 0; i < asked->n; i++) JF_TRY(add_plan(m, asked->items[i], err));
done:
    return status;
}

/* ---- after the refits ---- */

static size_t count_groups(const maker *m)
{
    return m->c->n_plans > 0 && m->groups && !m->c->plans[0]->by_rows ? m->c->plans[0]->n_units : 0;
}

static void warn_of_scores(maker *m)
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

static void warn_of_groups(maker *m)
{
    const jf_plan *plan = m->c->plans[m->c->best_plan];

    if (m->c->n_tests > 0 && plan->n_units < JF_FEW_GROUPS)
        jf_warn(&m->c->warnings, "W_FEW_GROUPS",
                "only %zu %s: tests between laws find differences that are not there about twice as often as "
                "5 %%",
                plan->n_units, plan->by_rows ? "rows" : "groups");
}

static jf_status list_predictions(maker *m, jf_error *err)
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

static jf_status ablate(maker *m, const jf_validate_setup *setup, jf_error *err)
{
    jf_status status = JF_OK;

    if (m->options->ablate == JF_ABLATE_NONE) return JF_OK;
    for (size_t i = 0; i < m->c->n_candidates; i++) {
        const jf_candidate *candidate = &m->c->candidates[i];
        if (candidate->is_baseline || candidate->fit->outcome == JF_FAILED) continue;
        if (m->options->ablate == JF_ABLATE_BEST && i != m->c->best) continue;
        JF_TRY(jf_ablations_add(m->c, i, setup, m->criterion, err));
    }
done:
    return status;
}

static void drop_pools(jf_candidate *candidate)
{
    for (size_t p = 0; p < candidate->n_validations; p++) jf_pool_clear(&candidate->validations[p].pool);
}

static jf_status validate_and_rank(maker *m, jf_error *err)
{
    jf_validate_setup setup = {.table = m->table,
                               .rows = m->c->rows,
                               .n_rows = m->c->n_rows,
                               .groups = m->groups,
                               .plans = m->c->plans,
                               .n_plans = m->c->n_plans,
                               .options = &m->options->fit,
                               .interval = (jf_interval_kind)m->options->interval};
    jf_status status = JF_OK;

    JF_TRY(jf_validate(&setup, m->c->candidates, m->c->n_candidates, err));
    jf_criteria_compare(m->c->candidates, m->c->n_candidates, &m->c->warnings);
    JF_TRY(jf_rank(m->c, m->criterion, m->groups, err));
    warn_of_scores(m);
    warn_of_groups(m);
    m->c->n_groups = count_groups(m);
    m->c->verdict = jf_verdict(m->c);
    JF_TRY_NEW(m->c->verdict, err, "the verdict");
    if (m->options->keep_predictions) JF_TRY(list_predictions(m, err));
    JF_TRY(ablate(m, &setup, err));
    for (size_t i = 0; i < m->c->n_candidates; i++) drop_pools(&m->c->candidates[i]);
    for (size_t i = 0; i < m->c->n_ablations; i++) drop_pools(&m->c->ablations[i].candidate);
done:
    return status;
}

static jf_status read_criterion(maker *m, jf_error *err)
{
    const char *name = m->options->criterion ? m->options->criterion : "rmse_log";
    jf_status status = jf_metric_find(name, &m->criterion, err);

    if (status == JF_OK && !jf_metric_ranks(m->criterion))
        status = jf_fail(err, JF_EUSAGE, "'%s' cannot rank laws; take an error, an R2 or within2", name);
    if (status != JF_OK) jf_error_prefix(err, "--criterion");
    return status;
}

jf_status jf_compare_run(const jf_laws *laws, const jf_table *table, const size_t *rows, size_t n_rows,
                         const jf_groups *groups, const jf_compare_options *options, jf_comparison **out,
                         jf_error *err)
{
    maker m = {
        .given = laws, .table = table, .groups = groups, .options = options, .rows = rows, .n_rows = n_rows};
    jf_status status = JF_OK;

    *out = NULL;
    m.c = JF_NEW(jf_comparison);
    JF_TRY_NEW(m.c, err, "a comparison");
    m.c->seed = options->fit.seed;
    if (laws->n == 0) JF_TRY(jf_fail(err, JF_EUSAGE, "no law to compare"));
    JF_TRY(read_criterion(&m, err));
    JF_TRY(bind_given(&m, err));
    JF_TRY(find_common_rows(&m, err));
    JF_TRY(fit_all(&m, err));
    JF_TRY(make_plans(&m, err));
    JF_TRY(validate_and_rank(&m, err));
    *out = m.c;
    m.c = NULL;
done:
    for (size_t i = 0; m.problems && i < laws->n; i++) jf_problem_free(m.problems[i]);
    jf_free(m.problems);
    jf_free(m.levels);
    jf_laws_free(&m.baselines);
    jf_comparison_free(m.c);
    return status;
}

void jf_comparison_free(jf_comparison *c)
{
    if (!c) return;
    for (size_t i = 0; i < c->n_plans; i++) jf_plan_free(c->plans[i]);
    for (size_t i = 0; i < c->n_candidates; i++) {
        jf_candidate *candidate = &c->candidates[i];
        for (size_t p = 0; p < candidate->n_validations; p++) jf_validation_clear(&candidate->validations[p]);
        jf_free(candidate->validations);
        jf_law_free(candidate->law);
        jf_fit_free(candidate->fit);
    }
    jf_free(c->plans);
    jf_free(c->candidates);
    jf_ablations_free(c->ablations, c->n_ablations);
    jf_free(c->predictions);
    jf_free(c->rows);
    jf_free(c->tests);
    jf_free(c->rule);
    jf_free(c->metric);
    jf_free(c->indistinguishable);
    jf_free(c->verdict);
    jf_warnings_free(&c->warnings);
    jf_free(c);
}
