/* Conformal intervals that a saved model gives without the data. */
#include "tests/check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "core/stream.h"
#include "data/groups.h"
#include "fit/model/model.h"
#include "fit/model/model_file.h"
#include "tests/problem.h"

enum { MOST = 400, PER_GROUP = 2 };

/* y = 1 + 2 log x + noise that rows of a group share in part; x between 1 and 10. */
static void draw(uint64_t seed, size_t n, double *x, double *y, uint32_t *group)
{
    jf_stream stream = jf_stream_make(seed, JF_FOR_TESTS, 0);
    double shared = 0;

    for (size_t i = 0; i < n; i++) {
        if (i % PER_GROUP == 0) shared = 0.3 * jf_stream_normal(&stream);
        x[i] = 1 + 9 * jf_stream_uniform(&stream);
        y[i] = exp(1 + 2 * log(x[i]) + shared + 0.2 * jf_stream_normal(&stream));
        group[i] = (uint32_t)(i / PER_GROUP);
    }
}

static jf_fit *fit_to(const double *x, const double *y, uint32_t *group, size_t n, int kind, int64_t threads)
{
    const char *names[] = {"x", "y"};
    const double *values[] = {x, y};
    jf_table *table = test_table(2, names, values, n);
    jf_groups groups = {.n_rows = n, .group = group, .n_groups = (n + PER_GROUP - 1) / PER_GROUP};
    jf_fit_options options;
    jf_law *law = NULL;
    jf_fit *fit = NULL;
    jf_error err = {0};

    jf_fit_options_default(&options);
    options.seed = JF_DEFAULT_SEED;
    options.threads = threads;
    options.conformal = kind;
    check_ok(jf_law_read("log(y) ~ a + b*log(x)", &law, &err), &err);
    check_ok(jf_fit_run(law, table, NULL, 0, &groups, &options, &fit, &err), &err);
    jf_law_free(law);
    jf_table_free(table);
    return fit;
}

static jf_model *model_of(const jf_fit *fit)
{
    jf_model *model = NULL;
    jf_error err = {0};

    check_ok(jf_model_of_fit(fit, &model, &err), &err);
    return model;
}

static jf_table *new_runs(const double *x, size_t n)
{
    const char *names[] = {"x"};

    return test_table(1, names, &x, n);
}

static double share_covered(int kind, uint64_t seed, double level)
{
    double x[MOST], y[MOST], low[MOST], high[MOST], covered = 0;
    uint32_t group[MOST];
    jf_fit *fit;
    jf_model *model;
    jf_table *table;
    jf_error err = {0};

    draw(seed, MOST / 2, x, y, group);
    fit = fit_to(x, y, group, MOST / 2, kind, 1);
    model = model_of(fit);
    draw(seed + 1000, MOST, x, y, group);
    table = new_runs(x, MOST);
    check_ok(jf_model_conformal(model, table, NULL, MOST, level, low, high, &err), &err);
    for (size_t i = 0; i < MOST; i++) covered += y[i] >= low[i] && y[i] <= high[i];
    jf_table_free(table);
    jf_model_free(model);
    jf_fit_free(fit);
    return covered / MOST;
}

/* Means over 12 tables of 400 new runs: standard error about 0.008. */
static void intervals_cover_new_groups_as_often_as_they_say(void **state)
{
    (void)state;
    for (int kind = JF_CONFORMAL_CV; kind <= JF_CONFORMAL_SPLIT; kind++) {
        double sum = 0;
        for (uint64_t seed = 0; seed < 12; seed++) sum += share_covered(kind, 77 + seed, 0.9);
        if (!(sum / 12 > 0.87 && sum / 12 < 0.97)) fail_msg("kind %d covers %g", kind, sum / 12);
    }
}

/* Split: the smallest half-width with at most the allowed weight of groups beyond it, from scratch. */
static void a_split_interval_is_the_weighted_quantile_of_its_residuals(void **state)
{
    double x[MOST], y[MOST], low, high, at = 5, best = INFINITY, centre;
    uint32_t group[MOST];
    jf_fit *fit;
    jf_model *model;
    jf_table *table = new_runs(&at, 1);
    const jf_conformal_part *part;
    jf_error err = {0};

    (void)state;
    draw(5, 200, x, y, group);
    fit = fit_to(x, y, group, 200, JF_CONFORMAL_SPLIT, 1);
    model = model_of(fit);
    part = &model->conformal->parts[0];
    assert_int_equal(model->conformal->n_groups, 20);
    assert_int_equal(part->n, 40);
    for (size_t i = 0; i < part->n; i++) {
        double above = 1; /* the new group itself */
        for (size_t j = 0; j < part->n; j++)
            above += part->residual[j] > part->residual[i] ? part->weight[j] : 0;
        if (above <= 0.1 * 21 + 1e-9) best = fmin(best, part->residual[i]);
    }
    centre = part->theta[0] + part->theta[1] * log(at);
    check_ok(jf_model_conformal(model, table, NULL, 1, 0.9, &low, &high, &err), &err);
    check_close(low, exp(centre - best), 1e-12, "low");
    check_close(high, exp(centre + best), 1e-12, "high");
    jf_model_free(model);
    jf_fit_free(fit);
    jf_table_free(table);
}

static void too_few_groups_give_infinite_intervals(void **state)
{
    double x[MOST], y[MOST], low, high, at = 5;
    uint32_t group[MOST];
    jf_fit *fit;
    jf_model *model;
    jf_table *table = new_runs(&at, 1);
    jf_error err = {0};

    (void)state;
    draw(5, 36, x, y, group); /* 18 groups: one fewer than 95 % wants */
    fit = fit_to(x, y, group, 36, JF_CONFORMAL_CV, 1);
    model = model_of(fit);
    check_ok(jf_model_conformal(model, table, NULL, 1, 0.95, &low, &high, &err), &err);
    assert_true(low == 0 && isinf(high));
    check_ok(jf_model_conformal(model, table, NULL, 1, 0.94, &low, &high, &err), &err);
    assert_true(low > 0 && isfinite(high));
    jf_model_free(model);
    jf_fit_free(fit);
    jf_table_free(table);
}

static jf_model *through_json(const jf_fit *fit)
{
    json_t *json = jf_fit_to_json(fit, false), *again;
    char *text = jf_json_print(json);
    jf_model *model = NULL;
    json_error_t where;
    jf_error err = {0};

    assert_non_null(text);
    again = json_loads(text, 0, &where);
    check_ok(jf_model_of_json(again, &model, &err), &err);
    json_decref(json);
    json_decref(again);
    jf_free(text);
    return model;
}

static void a_model_that_was_saved_gives_the_same_bytes_for_any_threads(void **state)
{
    double x[MOST], y[MOST], low[2][3], high[2][3], at[3] = {0.5, 5, 50};
    uint32_t group[MOST];
    jf_table *table = new_runs(at, 3);
    jf_error err = {0};

    (void)state;
    draw(9, 120, x, y, group);
    for (int kind = JF_CONFORMAL_CV; kind <= JF_CONFORMAL_SPLIT; kind++)
        for (int64_t threads = 1; threads <= 8; threads *= 2) {
            jf_fit *fit = fit_to(x, y, group, 120, kind, threads);
            jf_model *fresh = model_of(fit), *saved = through_json(fit);
            double distance[2] = {jf_model_mahalanobis(fresh, table, 2),
                                  jf_model_mahalanobis(saved, table, 2)};
            bool first = threads == 1;

            check_ok(jf_model_conformal(fresh, table, NULL, 3, 0.8, low[!first], high[!first], &err), &err);
            if (first) check_ok(jf_model_conformal(saved, table, NULL, 3, 0.8, low[1], high[1], &err), &err);
            assert_memory_equal(low[0], low[1], sizeof low[0]);
            assert_memory_equal(high[0], high[1], sizeof high[0]);
            assert_true(distance[0] == distance[1] && fresh->smearing == saved->smearing);
            jf_model_free(fresh);
            jf_model_free(saved);
            jf_fit_free(fit);
        }
    jf_table_free(table);
}

/* Every member of the calibration, and of its first part, taken away or made true. */
static void damaged_calibrations_are_refused(void **state)
{
    double x[MOST], y[MOST];
    uint32_t group[MOST];
    jf_fit *fit;
    json_t *whole, *value;

    (void)state;
    draw(9, 60, x, y, group);
    fit = fit_to(x, y, group, 60, JF_CONFORMAL_CV, 1);
    whole = jf_fit_to_json(fit, false);
    for (int deep = 0; deep < 2; deep++) {
        json_t *from = json_object_get(json_object_get(whole, "model"), "conformal");
        const char *key;
        if (deep) from = json_array_get(json_object_get(from, "parts"), 0);
        json_object_foreach(from, key, value)
        {
            json_t *copy = json_deep_copy(whole);
            json_t *part = json_object_get(json_object_get(copy, "model"), "conformal");
            jf_model *model = NULL;
            jf_error err = {0};

            if (!strcmp(key, "grouped")) {
                json_decref(copy);
                continue;
            }
            if (deep) part = json_array_get(json_object_get(part, "parts"), 0);
            json_object_set_new(part, key, json_true());
            if (jf_model_of_json(copy, &model, &err) != JF_EDATA) fail_msg("'%s' was not missed", key);
            assert_null(model);
            json_decref(copy);
        }
    }
    json_decref(whole);
    jf_fit_free(fit);
}

/* For laws of the logarithm: mean of exp(residual). */
static void the_smearing_factor_is_the_mean_of_what_residuals_multiply_by(void **state)
{
    double x[MOST], y[MOST], sum = 0;
    uint32_t group[MOST];
    jf_fit *fit;
    jf_model *model;

    (void)state;
    draw(11, 100, x, y, group);
    fit = fit_to(x, y, group, 100, JF_CONFORMAL_NONE, 1);
    model = model_of(fit);
    for (size_t i = 0; i < fit->n; i++) sum += exp(fit->residual[i]) / (double)fit->n;
    check_close(model->smearing, sum, 1e-12, "smearing");
    assert_true(model->smearing > 1);
    assert_null(model->conformal);
    jf_model_free(model);
    jf_fit_free(fit);
}

/* Long-hand: one input, so the distance is |log x - mean| / sd. */
static void the_distance_of_one_input_is_its_score(void **state)
{
    double x[MOST], y[MOST], mean = 0, squares = 0, at[3] = {20, NAN, -1};
    uint32_t group[MOST];
    jf_fit *fit;
    jf_model *model;
    jf_table *table = new_runs(at, 3);

    (void)state;
    draw(13, 50, x, y, group);
    fit = fit_to(x, y, group, 50, JF_CONFORMAL_NONE, 1);
    model = model_of(fit);
    for (size_t i = 0; i < 50; i++) mean += log(x[i]) / 50;
    for (size_t i = 0; i < 50; i++) squares += pow(log(x[i]) - mean, 2);
    check_close(jf_model_mahalanobis(model, table, 0), (log(20.0) - mean) / sqrt(squares / 49), 1e-10,
                "distance");
    assert_true(isnan(jf_model_mahalanobis(model, table, 1)));
    assert_true(isinf(jf_model_mahalanobis(model, table, 2)));
    jf_model_free(model);
    jf_fit_free(fit);
    jf_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_cover_new_groups_as_often_as_they_say),
        cmocka_unit_test(a_split_interval_is_the_weighted_quantile_of_its_residuals),
        cmocka_unit_test(too_few_groups_give_infinite_intervals),
        cmocka_unit_test(a_model_that_was_saved_gives_the_same_bytes_for_any_threads),
        cmocka_unit_test(damaged_calibrations_are_refused),
        cmocka_unit_test(the_smearing_factor_is_the_mean_of_what_residuals_multiply_by),
        cmocka_unit_test(the_distance_of_one_input_is_its_score),
    };

    return cmocka_run_group_tests(tests, test_settle_libraries, NULL);
}
