/* Grows trees on all rows of a comparison and seats them among its candidates. */
#include "fit/select/compare_trees.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"
#include "fit/select/baselines.h"
#include "fit/select/compare_parts.h"
#include "fit/select/json_parts.h"

const char *const jf_tree_state_names[] = {"grown", "off", "no_library", "no_features"};

/* "boosted trees on log(energy), of C, gpus, strategy" */
static char *describe(const jf_tree_baselines *trees, jf_tree_kind kind, const char *response)
{
    jf_text text = {0};

    jf_text_addf(&text, "%s ~ %s of ", response, jf_tree_names[kind]);
    for (size_t i = 0; i < trees->features.n_names; i++)
        jf_text_addf(&text, "%s%s", i ? ", " : "", trees->features.names[i]);
    return jf_text_take(&text);
}

/* Trees have no parameters to list, no likelihood and no leverages. */
static void forget_inference(jf_fit *fit)
{
    for (size_t i = 0; i < fit->n_estimates; i++) {
        jf_free(fit->estimates[i].name);
        jf_free(fit->estimates[i].verdict);
    }
    fit->n_estimates = 0;
    fit->no_model = true;
    for (size_t i = 0; i < fit->n; i++) fit->leverage[i] = NAN;
    fit->largest_leverage = fit->condition = fit->sigma = NAN;
    fit->loglik = fit->aic = fit->aicc = fit->bic = NAN;
    fit->diagnostics.durbin_watson = fit->diagnostics.condition_number = NAN;
    fit->diagnostics.refused = "trees have no parameters";
    fit->diagnostics.breusch_pagan = fit->diagnostics.jarque_bera = fit->diagnostics.anderson_darling =
        fit->diagnostics.reset = fit->diagnostics.lack_of_fit = (jf_test){NAN, NAN, NAN, NAN};
    jf_warnings_free(&fit->warnings);
}

/* What trees say of the rows that they were grown on stands in the place of what the constant said. */
static jf_status put_predictions(jf_fit *fit, const jf_table *table, const double *value, jf_error *err)
{
    jf_columns columns = jf_table_columns(table);
    jf_metrics metrics;
    jf_scored scored;
    jf_status status = JF_OK;

    memcpy(fit->fitted, value, fit->n * sizeof *value);
    JF_TRY(jf_transform_inverse(fit->problem->transform, &columns, fit->rows, fit->n, value, fit->raw_fitted,
                                err));
    fit->rss = 0;
    for (size_t i = 0; i < fit->n; i++) {
        fit->residual[i] = fit->observed[i] - value[i];
        fit->rss += fit->weight[i] * fit->residual[i] * fit->residual[i];
    }
    fit->loss = fit->rss;
    scored = (jf_scored){.observed = fit->observed,
                         .predicted = fit->fitted,
                         .raw_observed = fit->raw_observed,
                         .raw_predicted = fit->raw_fitted,
                         .n = fit->n,
                         .weight = fit->weight};
    JF_TRY(jf_metrics_compute(&scored, &metrics, err));
    fit->r2 = metrics.r2;
    fit->rmse = metrics.rmse;
    scored.weight = NULL; /* as of any fit, the raw scale knows no weights */
    JF_TRY(jf_metrics_compute(&scored, &metrics, err));
    fit->r2_raw = metrics.r2_raw;
    fit->rmse_raw = metrics.rmse_raw;
done:
    return status;
}

/* Makes the candidate's fit, that of a constant, into one of trees. */
static jf_status grow(const jf_maker *m, jf_candidate *candidate, const jf_tree_learner *learner,
                      jf_error *err)
{
    jf_fit *fit = candidate->fit;
    jf_refit_law law = {.whole = fit->problem, .options = &m->options->fit, .trees = learner};
    size_t *index = JF_NEW_ARRAY(size_t, fit->n + 1);
    double *value = JF_NEW_ARRAY(double, fit->n + 1);
    jf_refit refit = {0};
    jf_status status = JF_OK;

    JF_TRY_NEW(index && value ? index : NULL, err, "trees");
    for (size_t i = 0; i < fit->n; i++) index[i] = i;
    JF_TRY(jf_refit_run(&law, index, fit->n, fit->theta, &refit, err));
    fit->outcome = refit.outcome;
    jf_free(fit->criteria_refused);
    fit->criteria_refused = jf_copy_text("trees have no likelihood with a number of parameters");
    JF_TRY_NEW(fit->criteria_refused, err, "trees");
    forget_inference(fit);
    if (refit.outcome == JF_FAILED) goto done;
    JF_TRY(jf_trees_count_leaves(refit.trees, &fit->k, err));
    fit->df = fit->n > fit->k ? fit->n - fit->k : 0;
    JF_TRY(jf_refit_predict(&refit, index, fit->n, value, err));
    JF_TRY(put_predictions(fit, m->table, value, err));
done:
    jf_refit_clear(&refit);
    jf_free(index);
    jf_free(value);
    return status;
}

static jf_status rename_law(jf_candidate *candidate, const char *name, const char *text, jf_error *err)
{
    char **places[] = {&candidate->law->name, &candidate->law->text, &candidate->fit->law_name,
                       &candidate->fit->formula};
    jf_status status = JF_OK;

    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        char *copy = jf_copy_text(i % 2 ? text : name);
        JF_TRY_NEW(copy, err, "trees");
        jf_free(*places[i]);
        *places[i] = copy;
    }
done:
    return status;
}

static jf_status seat(jf_maker *m, jf_tree_kind kind, const jf_law *constant, jf_error *err)
{
    jf_tree_baselines *trees = m->c->trees;
    jf_tree_learner *learner = &trees->learners[kind];
    jf_candidate *candidate;
    char *text = NULL;
    jf_status status = JF_OK;

    *learner = (jf_tree_learner){trees->library, &trees->features, kind, m->options->fit.seed};
    JF_TRY(jf_make_candidate(m, constant, true, err));
    candidate = &m->c->candidates[m->c->n_candidates - 1];
    candidate->trees = learner;
    text = describe(trees, kind, candidate->fit->response);
    JF_TRY_NEW(text, err, "trees");
    JF_TRY(rename_law(candidate, jf_tree_names[kind], text, err));
    JF_TRY(grow(m, candidate, learner, err));
done:
    jf_free(text);
    return status;
}

/* Columns of first stages hold something else in every split, and trees are to see configurations only. */
static jf_status make_features(const jf_maker *m, jf_error *err)
{
    const jf_stages *stages = m->c->stages;
    size_t n = stages ? stages->n : 0;
    const char **skip = JF_NEW_ARRAY(const char *, n + 1);
    jf_status status = JF_OK;

    JF_TRY_NEW(skip, err, "trees");
    for (size_t i = 0; i < n; i++) skip[i] = stages->items[i].column;
    JF_TRY(jf_tree_features_make(m->problems, m->n_problems, m->table, m->c->rows, m->c->n_rows,
                                 jf_transform_raw(m->problems[0]->transform), skip, n, &m->c->trees->features,
                                 err));
done:
    jf_free((void *)skip);
    return status;
}

jf_status jf_make_trees(jf_maker *m, jf_error *err)
{
    jf_tree_baselines *trees = m->c->trees = JF_NEW(jf_tree_baselines);
    jf_law *constant = NULL;
    jf_status status = JF_OK;

    JF_TRY_NEW(trees, err, "trees");
    trees->state = JF_TREES_OFF;
    if (!m->options->baselines || !m->options->trees) goto done;
    JF_TRY(jf_tree_library_open(&trees->library, &trees->words, err));
    trees->state = JF_TREES_NO_LIBRARY;
    if (!trees->library) goto done;
    JF_TRY(make_features(m, err));
    trees->state = trees->features.width > 0 ? JF_TREES_GROWN : JF_TREES_NO_FEATURES;
    if (trees->state != JF_TREES_GROWN) goto done;
    JF_TRY(jf_baseline_constant(m->problems[0], m->table, m->c->rows, m->c->n_rows, &constant, err));
    for (jf_tree_kind kind = 0; kind < JF_N_TREE_KINDS; kind++) JF_TRY(seat(m, kind, constant, err));
done:
    jf_law_free(constant);
    return status;
}

void jf_tree_baselines_free(jf_tree_baselines *trees)
{
    if (!trees) return;
    jf_tree_features_clear(&trees->features);
    jf_tree_library_close(trees->library);
    jf_free(trees->words);
    jf_free(trees);
}

json_t *jf_tree_baselines_to_json(const jf_tree_baselines *trees)
{
    json_t *object = json_object(), *columns = json_array();
    bool ok = object && columns;

    for (size_t i = 0; ok && i < trees->features.n_names; i++)
        ok = append(columns, json_string(trees->features.names[i]));
    ok = put(object, "columns", columns) && ok;
    ok = ok && put(object, "state", json_string(jf_tree_state_names[trees->state])) &&
         put(object, "library", trees->words ? json_string(trees->words) : json_null());
    return whole(object, ok);
}
