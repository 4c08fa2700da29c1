/* A fit as JSON (contract section 4). */
#include "fit/model/json_parts.h"
#include "fit/model/model.h"
#include "fit/model/model_file.h"
#include "fit/problem/problem.h"

/* ---- parts ---- */

json_t *jf_json_warnings(const jf_warnings *warnings)
{
    json_t *list = json_array();
    bool fine = list != NULL;

    for (size_t i = 0; fine && i < warnings->n; i++)
        fine = jf_json_push(list, json_pack("{s:s, s:s}", "code", warnings->items[i].code, "message",
                                            warnings->items[i].message));
    return jf_json_whole(list, fine);
}

json_t *jf_json_data(const jf_data_summary *data)
{
    json_t *dropped = json_array(), *columns = json_array();
    bool fine = dropped && columns;

    for (size_t i = 0; fine && i < data->n_dropped; i++)
        fine = jf_json_push(dropped, json_pack("{s:s, s:o}", "reason", data->dropped[i].reason, "rows",
                                               jf_json_count(data->dropped[i].rows)));
    for (size_t i = 0; fine && i < data->n_columns_read; i++)
        fine = jf_json_push(columns, json_string(data->columns_read[i]));
    dropped = jf_json_whole(dropped, fine);
    columns = jf_json_whole(columns, fine);
    return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "file", data->file ? data->file : "",
                     "sha256", data->sha256, "rows_read", jf_json_count(data->rows_read), "rows_used",
                     jf_json_count(data->rows_used), "dropped", dropped, "duplicates",
                     jf_json_count(data->duplicates), "columns_read", columns, "simulated",
                     jf_json_text(data->simulated));
}

/* What the reader is told of the error kind: a law as written has additive errors on its left side. */
static const char *error_name(const jf_fit *fit)
{
    return fit->error == JF_ERROR_AS_WRITTEN ? jf_error_kind_names[JF_ERROR_ADDITIVE]
                                             : jf_error_kind_names[fit->error];
}

static json_t *law_to_json(const jf_fit *fit)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:b, s:s, s:s, s:b}", "name", fit->law_name, "formula",
                     fit->formula, "response", fit->response, "error", error_name(fit), "post_run",
                     fit->post_run, "raw_response", fit->raw_response, "unit", fit->response_unit, "linear",
                     fit->linear);
}

/* Correlations of the estimates, row i. */
static json_t *correlations_of(const jf_fit *fit, size_t i)
{
    size_t m = fit->n_estimates;
    json_t *row = json_array();
    bool fine = row != NULL;

    for (size_t j = 0; fine && j < m; j++)
        fine = jf_json_push(row, jf_json_number(fit->covariance[i * m + j] /
                                                (fit->estimates[i].std_error * fit->estimates[j].std_error)));
    return jf_json_whole(row, fine);
}

static json_t *covariance_to_json(const jf_fit *fit)
{
    size_t m = fit->n_estimates;
    json_t *names = json_array(), *matrix = json_array(), *correlation = json_array();
    bool fine = names && matrix && correlation;

    for (size_t i = 0; fine && i < m; i++)
        fine = jf_json_push(names, json_string(fit->estimates[i].name)) &&
               jf_json_push(matrix, jf_json_numbers(fit->covariance + i * m, m)) &&
               jf_json_push(correlation, correlations_of(fit, i));
    return json_pack("{s:s, s:o, s:o, s:o}", "kind", jf_se_names[fit->se], "names",
                     jf_json_whole(names, fine), "matrix", jf_json_whole(matrix, fine), "correlation",
                     jf_json_whole(correlation, fine));
}

static json_t *starts_to_json(const jf_fit *fit)
{
    json_t *basins = json_array();
    bool fine = basins != NULL;

    for (size_t i = 0; fine && i < fit->n_basins; i++)
        fine = jf_json_push(basins, json_pack("{s:o, s:o}", "loss", jf_json_number(fit->basins[i].loss),
                                              "count", jf_json_count(fit->basins[i].count)));
    return json_pack("{s:o, s:o, s:o, s:o}", "tried", jf_json_count(fit->starts_tried), "finished",
                     jf_json_count(fit->starts_finished), "agreeing", jf_json_count(fit->starts_agreeing),
                     "basins", jf_json_whole(basins, fine));
}

static json_t *derived_to_json(const jf_fit *fit)
{
    json_t *list = json_array();
    bool fine = list != NULL;

    for (size_t i = 0; fine && i < fit->n_derived; i++) {
        const jf_derived *d = &fit->derived[i];
        fine = jf_json_push(list, json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:s}", "name", d->name,
                                            "expression", d->expression, "estimate", jf_json_number(d->value),
                                            "std_error", jf_json_number(d->std_error), "ci_low",
                                            jf_json_number(d->ci_low), "ci_high", jf_json_number(d->ci_high),
                                            "state", d->why ? d->why : "ok"));
    }
    return jf_json_whole(list, fine);
}

static json_t *tests_to_json(const jf_fit *fit)
{
    json_t *list = json_array();
    bool fine = list != NULL;

    for (size_t i = 0; fine && i < fit->n_tests; i++) {
        const jf_wald_test *t = &fit->tests[i];
        fine = jf_json_push(list, json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:s}", "kind", "wald",
                                            "hypothesis", t->hypothesis, "covariance", jf_se_names[fit->se],
                                            "statistic", jf_json_number(t->statistic), "df1",
                                            jf_json_number(t->df1), "df2", jf_json_number(t->df2), "p_value",
                                            jf_json_number(t->p_value), "state", t->why ? t->why : "ok"));
    }
    return jf_json_whole(list, fine);
}

static json_t *points_to_json(const jf_contour *contour)
{
    json_t *list = json_array();
    bool fine = list != NULL;

    for (size_t i = 0; fine && i < contour->n_points; i++)
        fine = jf_json_push(list, jf_json_numbers(contour->points + 2 * i, 2));
    return jf_json_whole(list, fine);
}

static json_t *contours_to_json(const jf_fit *fit)
{
    json_t *list = json_array();
    bool fine = list != NULL;

    for (size_t i = 0; fine && i < fit->n_contours; i++) {
        const jf_contour *c = &fit->contours[i];
        const jf_estimate *x = &fit->estimates[c->first], *y = &fit->estimates[c->second];
        fine = jf_json_push(list, json_pack("{s:[s,s], s:[o,o], s:f, s:s, s:s, s:o, s:o}", "parameters",
                                            x->name, y->name, "estimate", jf_json_number(x->value),
                                            jf_json_number(y->value), "level", c->level, "kind", "profile",
                                            "state", jf_contour_state_names[c->state], "reason",
                                            jf_json_text(c->reason), "points", points_to_json(c)));
    }
    return jf_json_whole(list, fine);
}

static json_t *criteria_to_json(const jf_fit *fit)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "loglik", jf_json_number(fit->loglik), "aic",
                     jf_json_number(fit->aic), "aicc", jf_json_number(fit->aicc), "bic",
                     jf_json_number(fit->bic), "refused", jf_json_text(fit->criteria_refused));
}

static json_t *test_to_json(const jf_test *test)
{
    return json_pack("{s:o, s:o, s:o, s:o}", "statistic", jf_json_number(test->statistic), "df1",
                     jf_json_number(test->df1), "df2", jf_json_number(test->df2), "p_value",
                     jf_json_number(test->p_value));
}

static json_t *repeats_to_json(const jf_diagnostics *found)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "rows", jf_json_count(found->repeat_rows), "configurations",
                     jf_json_count(found->repeat_groups), "pure_error", jf_json_number(found->pure_error),
                     "r2_limit", jf_json_number(found->r2_limit), "lack_of_fit",
                     test_to_json(&found->lack_of_fit));
}

/* Rows of an m x m matrix. */
static json_t *matrix_to_json(const double *matrix, size_t m)
{
    json_t *rows = json_array();
    bool fine = rows != NULL;

    for (size_t i = 0; fine && i < m; i++) fine = jf_json_push(rows, jf_json_numbers(matrix + i * m, m));
    return jf_json_whole(rows, fine);
}

static json_t *regressors_to_json(const jf_diagnostics *found)
{
    json_t *names = json_array();
    bool fine = names != NULL;

    for (size_t i = 0; fine && i < found->n_regressors; i++)
        fine = jf_json_push(names, json_string(found->regressors[i]));
    return json_pack("{s:o, s:o, s:o}", "names", jf_json_whole(names, fine), "pearson",
                     matrix_to_json(found->pearson, found->n_regressors), "spearman",
                     matrix_to_json(found->spearman, found->n_regressors));
}

static json_t *diagnostics_to_json(const jf_fit *fit)
{
    const jf_diagnostics *found = &fit->diagnostics;

    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "condition",
        jf_json_number(fit->condition), "condition_number", jf_json_number(found->condition_number),
        "largest_leverage", jf_json_number(fit->largest_leverage), "undetermined_directions",
        jf_json_count(fit->n_null), "iterations", jf_json_count(fit->iterations), "breusch_pagan",
        test_to_json(&found->breusch_pagan), "jarque_bera", test_to_json(&found->jarque_bera),
        "anderson_darling", test_to_json(&found->anderson_darling), "durbin_watson",
        jf_json_number(found->durbin_watson), "reset", test_to_json(&found->reset), "repeats",
        repeats_to_json(found), "regressors", regressors_to_json(found), "refused",
        jf_json_text(found->refused));
}

static json_t *model_part(const jf_fit *fit)
{
    jf_model *model = NULL;
    json_t *json;

    if (fit->no_model) return json_null();
    if (jf_model_of_fit(fit, &model, NULL) != JF_OK) return NULL;
    json = jf_model_to_json(model);
    jf_model_free(model);
    return json;
}

/* ---- the whole ---- */

static json_t *head_to_json(const jf_fit *fit)
{
    return json_pack("{s:s, s:i, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o}", "joulefit", JF_VERSION, "schema",
                     JF_SCHEMA, "data", jf_json_data(&fit->data), "law", law_to_json(fit), "outcome",
                     jf_outcome_names[fit->outcome], "failure", jf_json_text(fit->failure), "n",
                     jf_json_count(fit->n), "k", jf_json_count(fit->k), "df", jf_json_count(fit->df),
                     "groups", fit->n_groups ? jf_json_count(fit->n_groups) : json_null());
}

/* Adds `value` (taken over) unless something is missing already. */
static void add(json_t **object, const char *key, json_t *value)
{
    if (*object && json_object_set_new(*object, key, value) == 0) return;
    if (!*object) json_decref(value);
    json_decref(*object);
    *object = NULL;
}

json_t *jf_fit_to_json(const jf_fit *fit, bool rows)
{
    json_t *json = head_to_json(fit);

    add(&json, "parameters", jf_parameters_to_json(fit));
    add(&json, "intervals", jf_intervals_to_json(fit, rows));
    add(&json, "contours", contours_to_json(fit));
    add(&json, "covariance", covariance_to_json(fit));
    add(&json, "loss",
        json_pack("{s:s, s:o, s:o}", "name", fit->loss_name, "value", jf_json_number(fit->loss),
                  "scaled_gradient", jf_json_number(fit->scaled_gradient)));
    add(&json, "rss", jf_json_number(fit->rss));
    add(&json, "sigma", jf_json_number(fit->sigma));
    add(&json, "r2", jf_json_number(fit->r2));
    add(&json, "r2_raw", jf_json_number(fit->r2_raw));
    add(&json, "rmse", jf_json_number(fit->rmse));
    add(&json, "rmse_raw", jf_json_number(fit->rmse_raw));
    add(&json, "criteria", criteria_to_json(fit));
    add(&json, "starts", starts_to_json(fit));
    add(&json, "diagnostics", diagnostics_to_json(fit));
    add(&json, "derived", derived_to_json(fit));
    add(&json, "tests", tests_to_json(fit));
    if (fit->by) add(&json, "by", jf_by_to_json(fit));
    if (fit->judged) add(&json, "at", jf_judged_to_json(fit));
    add(&json, "warnings", jf_json_warnings(&fit->warnings));
    add(&json, "seed", json_integer((json_int_t)fit->seed));
    add(&json, "model", model_part(fit));
    if (rows) add(&json, "rows", jf_rows_to_json(fit));
    if (rows) add(&json, "inputs", jf_inputs_to_json(fit));
    return json;
}
