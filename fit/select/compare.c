/* Compares laws: common rows, fits, plans, refits, ranking, words. */
#include <stddef.h>

#include "core/memory.h"
#include "fit/select/ablate.h"
#include "fit/select/compare_parts.h"
#include "fit/select/compare_trees.h"
#include "fit/select/criteria.h"
#include "fit/select/next.h"
#include "fit/select/rank.h"
#include "fit/select/search.h"
#include "fit/select/validate.h"
#include "fit/select/verdict.h"

const char *const jf_interval_names[] = {"cv", "split", "none", NULL};

const char *const jf_ablate_names[] = {"best", "all", "none", NULL};

const jf_option jf_compare_options_table[] = {
    {"validate", 'V', JF_OPTION_LIST, offsetof(jf_compare_options, validate), NULL, 0, 0, NULL, "PLAN",
     "how runs are held out, e.g. grouped, kfold:10, extrapolate:COL:0.75; may be given again"},
    {"baselines", 0, JF_OPTION_FLAG, offsetof(jf_compare_options, baselines), "true", 0, 0, NULL, NULL,
     "add the mean, one-column powers, device-seconds and trees to the laws"},
    {"trees", 0, JF_OPTION_FLAG, offsetof(jf_compare_options, trees), "true", 0, 0, NULL, NULL,
     "boosted trees and a random forest among the baselines, where XGBoost is there"},
    {"criterion", 0, JF_OPTION_TEXT, offsetof(jf_compare_options, criterion), "rmse_log", 0, 0, NULL,
     "METRIC", "the metric that ranks the laws"},
    {"interval", 0, JF_OPTION_CHOICE, offsetof(jf_compare_options, interval), "cv", 0, 0, jf_interval_names,
     "KIND", "conformal intervals to measure coverage of: by inner folds, by a split-off part, or none"},
    {"stage", 0, JF_OPTION_LIST, offsetof(jf_compare_options, stage), NULL, 0, 0, NULL, "'COL ~ FORMULA'",
     "predict a column by this law, without the group that is predicted, before the laws read it"},
    {"search", 0, JF_OPTION_TEXT, offsetof(jf_compare_options, search), NULL, 0, 0, NULL,
     "'terms=A,B,...; interactions=2'",
     "look for a law among the subsets of these terms; also most=N, response=, plan="},
    {"ablate", 0, JF_OPTION_CHOICE, offsetof(jf_compare_options, ablate), "best", 0, 0, jf_ablate_names,
     "LAWS", "drop the terms of these laws in turn: of the best, of all, of none"},
    {0},
};

static jf_status ablate(jf_maker *m, const jf_validate_setup *setup, jf_error *err)
{
    jf_status status = JF_OK;

    if (m->options->ablate == JF_ABLATE_NONE) return JF_OK;
    for (size_t i = 0; i < m->c->n_candidates; i++) {
        const jf_candidate *candidate = &m->c->candidates[i];
        if (candidate->is_baseline || candidate->fit->outcome == JF_FAILED) continue;
        if (candidate->split_laws)
            continue; /* how often each of its terms was chosen says what they are worth */
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

static jf_status validate_and_rank(jf_maker *m, jf_error *err)
{
    jf_validate_setup setup = {.table = m->table,
                               .rows = m->c->rows,
                               .n_rows = m->c->n_rows,
                               .groups = m->groups,
                               .plans = m->c->plans,
                               .n_plans = m->c->n_plans,
                               .options = &m->options->fit,
                               .interval = (jf_interval_kind)m->options->interval,
                               .checkpoint = m->options->fit.checkpoint,
                               .stages = m->c->stages};
    jf_status status = JF_OK;

    JF_TRY(jf_validate(&setup, m->c->candidates, m->c->n_candidates, err));
    jf_criteria_compare(m->c->candidates, m->c->n_candidates, &m->c->warnings);
    JF_TRY(jf_rank(m->c, m->criterion, m->groups, err));
    jf_make_warn_of_scores(m);
    jf_make_warn_of_groups(m);
    m->c->n_groups = jf_make_count_groups(m);
    m->c->verdict = jf_verdict(m->c);
    JF_TRY_NEW(m->c->verdict, err, "the verdict");
    JF_TRY(jf_compare_next(m->c, m->table, err));
    if (m->options->keep_predictions) JF_TRY(jf_make_list_predictions(m, err));
    JF_TRY(ablate(m, &setup, err));
    for (size_t i = 0; i < m->c->n_candidates; i++) drop_pools(&m->c->candidates[i]);
    for (size_t i = 0; i < m->c->n_ablations; i++) drop_pools(&m->c->ablations[i].candidate);
done:
    return status;
}

static jf_status read_criterion(jf_maker *m, jf_error *err)
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
    jf_maker m = {
        .given = laws, .table = table, .groups = groups, .options = options, .rows = rows, .n_rows = n_rows};
    jf_status status = JF_OK;

    *out = NULL;
    m.c = JF_NEW(jf_comparison);
    JF_TRY_NEW(m.c, err, "a comparison");
    m.c->seed = options->fit.seed;
    m.c->weighted = options->fit.weights || options->fit.sigma;
    if (laws->n == 0 && !options->search) JF_TRY(jf_fail(err, JF_EUSAGE, "no law to compare"));
    JF_TRY(read_criterion(&m, err));
    JF_TRY(jf_make_bind_given(&m, err));
    JF_TRY(jf_make_read_search(&m, err));
    JF_TRY(jf_make_read_stages(&m, err));
    JF_TRY(jf_make_find_common_rows(&m, err));
    JF_TRY(jf_make_stages(&m, err));
    for (size_t i = 0; options->pre_run && i < m.n_problems; i++)
        JF_TRY(jf_problem_refuse_post_run(m.problems[i], m.table, err));
    JF_TRY(jf_make_given(&m, err));
    JF_TRY(jf_make_bind_search(&m, err));
    JF_TRY(jf_make_plans(&m, err));
    JF_TRY(jf_make_search(&m, err));
    JF_TRY(jf_make_baselines(&m, err));
    JF_TRY(jf_make_trees(&m, err));
    JF_TRY(validate_and_rank(&m, err));
done:
    jf_make_forget_search(&m);
    if (status == JF_OK) {
        *out = m.c;
        m.c = NULL;
    }
    for (size_t i = 0; m.problems && i < laws->n; i++) jf_problem_free(m.problems[i]);
    jf_free(m.problems);
    for (size_t i = 0; m.stage_problems && m.stage_problems[i]; i++) jf_problem_free(m.stage_problems[i]);
    jf_free(m.stage_problems);
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
    jf_search_free(c->search);
    jf_free(c->predictions);
    jf_free(c->rows);
    jf_free(c->tests);
    jf_free(c->rule);
    jf_free(c->metric);
    jf_free(c->indistinguishable);
    jf_free(c->verdict);
    jf_free(c->next.sentence);
    if (c->stages) jf_stages_clear(c->stages);
    jf_free(c->stages);
    jf_tree_baselines_free(c->trees);
    jf_warnings_free(&c->warnings);
    jf_free(c);
}
