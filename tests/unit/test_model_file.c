/* Fits as JSON: the contract's keys, numbers that round-trip, models that predict like the fit they come
 * from. */
#include "tests/check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "core/memory.h"
#include "core/stream.h"
#include "data/table.h"
#include "fit/model/model.h"
#include "fit/model/model_file.h"

enum { N = 30 };

static void add_labels(jf_table *table, const char *name, const char *const *levels, size_t n_levels,
                       size_t n)
{
    jf_error err = {0};
    jf_column column = {.name = jf_copy_text(name), .kind = JF_LABEL, .n_levels = n_levels};

    column.codes = JF_NEW_ARRAY(int32_t, n);
    column.levels = JF_NEW_ZEROED(char *, n_levels);
    for (size_t i = 0; i < n_levels; i++) column.levels[i] = jf_copy_text(levels[i]);
    for (size_t i = 0; i < n; i++) column.codes[i] = (int32_t)(i % n_levels);
    check_ok(jf_table_add(table, &column, false, &err), &err);
}

static void add_numbers(jf_table *table, const char *name, size_t n, double (*value)(size_t row))
{
    jf_error err = {0};
    jf_column column = {.name = jf_copy_text(name), .values = JF_NEW_ARRAY(double, n)};

    for (size_t i = 0; i < n; i++) column.values[i] = value(i);
    check_ok(jf_table_add(table, &column, false, &err), &err);
}

static double size_of(size_t row)
{
    return 2 + 1.7 * (double)row;
}

static double energy_of(size_t row)
{
    return exp(2 + 0.8 * log(size_of(row)) + 0.3 * (double)(row % 3) + 0.05 * cos(5.0 * (double)row));
}

static jf_table *sweep(size_t n)
{
    static const char *const levels[] = {"A, b", "TP", "\"quoted\""};
    jf_table *table = NULL;
    jf_error err = {0};

    check_ok(jf_table_new(n, &table, &err), &err);
    add_numbers(table, "C", n, size_of);
    add_numbers(table, "energy", n, energy_of);
    add_labels(table, "strategy", levels, 3, n);
    return table;
}

static jf_fit_options defaults(void)
{
    jf_fit_options options = {0};

    jf_fit_options_default(&options);
    options.seed = JF_DEFAULT_SEED;
    options.threads = 1;
    return options;
}

static jf_fit *fit_of(const jf_table *table, const char *text, const char *tie, const char *error)
{
    jf_fit_options options = defaults();
    jf_law *law = NULL;
    jf_fit *fit = NULL;
    jf_error err = {0};

    options.error = error;
    check_ok(jf_law_read(text, &law, &err), &err);
    if (tie) check_ok(jf_law_set_tie(law, tie, &err), &err);
    check_ok(jf_fit_run(law, table, NULL, 0, NULL, &options, &fit, &err), &err);
    jf_law_free(law);
    return fit;
}

static json_t *through_text(const jf_fit *fit)
{
    json_t *json = jf_fit_to_json(fit, true), *again;
    json_error_t where;
    char *text = jf_json_print(json);

    assert_non_null(text);
    again = json_loads(text, 0, &where);
    if (!again) fail_msg("line %d: %s", where.line, where.text);
    assert_true(json_equal(json, again)); /* every number reads back the same */
    json_decref(json);
    jf_free(text);
    return again;
}

static void a_fit_has_every_key_of_the_contract(void **state)
{
    static const char *const keys[] = {
        "joulefit", "schema",     "data",      "law",        "outcome", "n",           "k",       "df",
        "groups",   "parameters", "intervals", "covariance", "loss",    "rss",         "sigma",   "r2",
        "r2_raw",   "rmse",       "rmse_raw",  "criteria",   "starts",  "diagnostics", "derived", "tests",
        "warnings", "seed",       "model",     "rows",       "inputs",  NULL};
    static const char *const of_parameter[] = {"name",      "estimate", "std_error", "ci_low",  "ci_high",
                                               "statistic", "p_value",  "state",     "verdict", NULL};
    jf_table *table = sweep(N);
    jf_fit *fit = fit_of(table, "log(energy) ~ b0 + a*log(C) + r[strategy = \"TP\"]", NULL, NULL);
    json_t *json = through_text(fit);
    const json_t *parameter = json_array_get(json_object_get(json, "parameters"), 2);

    (void)state;
    for (size_t i = 0; keys[i]; i++)
        if (!json_object_get(json, keys[i])) fail_msg("no key '%s'", keys[i]);
    for (size_t i = 0; of_parameter[i]; i++)
        if (!json_object_get(parameter, of_parameter[i])) fail_msg("no key '%s'", of_parameter[i]);
    assert_string_equal(json_string_value(json_object_get(parameter, "name")), "r[\"A, b\"]");
    assert_string_equal(json_string_value(json_object_get(json_object_get(json, "law"), "formula")),
                        "log(energy) ~ b0 + a*log(C) + r[strategy = \"TP\"]");
    assert_int_equal(json_array_size(json_object_get(json_object_get(json, "rows"), "residual")), N);
    assert_int_equal(json_array_size(json_object_get(json_object_get(json, "inputs"), "strategy")), N);
    json_decref(json);
    jf_fit_free(fit);
    jf_table_free(table);
}

static void a_number_that_does_not_exist_is_null_with_a_state(void **state)
{
    jf_table *table = sweep(N);
    jf_fit *fit = fit_of(table, "log(energy) ~ b0 + h[strategy] + a*log(C)", NULL, NULL);
    json_t *json = through_text(fit);
    const json_t *parameter = json_array_get(json_object_get(json, "parameters"), 0);

    (void)state;
    assert_true(json_is_null(json_object_get(parameter, "estimate")));
    assert_string_equal(json_string_value(json_object_get(parameter, "state")), "unidentified");
    assert_non_null(json_string_value(json_object_get(parameter, "verdict")));
    json_decref(json);
    jf_fit_free(fit);
    jf_table_free(table);
}

typedef struct modelled {
    const char *law, *tie, *error;
} modelled;

static const modelled all_models[] = {
    {"log(energy) ~ b0 + a*log(C) + r[strategy = \"TP\"]", NULL, NULL},
    {"energy ~ k[strategy]*C^a + E0", NULL, "log"},
    {"log(energy) ~ b0 + a*center(log(C)) + r[strategy = \"TP\"]", NULL, NULL},
    {"sqrt(energy) ~ b0 + a*sqrt(C) + q*C", "q = a/100", NULL},
    {"1/energy ~ b0 + a/C", NULL, NULL},
    {"energy ~ k*C^a", NULL, "relative"},
    {"log(energy) ~ b0 + h[strategy] + a*log(C)", NULL, NULL},
};

/* The rows of the sweep and some more, as a table of its own without the response. */
static jf_table *new_runs(void)
{
    static const char *const levels[] = {"\"quoted\"", "A, b", "TP", "never seen"};
    jf_table *table = NULL;
    jf_error err = {0};

    check_ok(jf_table_new(8, &table, &err), &err);
    add_numbers(table, "C", 8, size_of);
    add_labels(table, "strategy", levels, 4, 8);
    return table;
}

static void a_model_read_back_predicts_like_its_fit(void **state)
{
    (void)state;
    for (size_t m = 0; m < sizeof all_models / sizeof *all_models; m++) {
        jf_table *table = sweep(N), *fresh = new_runs();
        jf_fit *fit = fit_of(table, all_models[m].law, all_models[m].tie, all_models[m].error);
        json_t *json = through_text(fit);
        jf_model *model = NULL;
        double value[8], error[8], raw[8], own_value[8], own_error[8], own_raw[8], mean_low[8], mean_high[8],
            low[8], high[8];
        jf_model_prediction out = {value, error, raw, mean_low, mean_high, low, high};
        bool levels = strchr(all_models[m].law, '[') != NULL;
        jf_error err = {0};
        check_ok(jf_model_of_json(json, &model, &err), &err);
        check_ok(jf_model_predict(model, fresh, NULL, 8, &out, &err), &err);
        check_ok(jf_fit_predict(fit, fresh, NULL, 8, own_value, own_error, own_raw, &err), &err);
        for (size_t i = 0; i < 8; i++) {
            bool unseen = levels && i % 4 == 3;
            assert_int_equal(isnan(value[i]), unseen);
            assert_int_equal(isnan(raw[i]), unseen);
            check_close(value[i], own_value[i], 1e-14, "model %zu row %zu: value", m, i);
            check_close(error[i], own_error[i], 1e-10, "model %zu row %zu: error", m, i);
            check_close(raw[i], own_raw[i], 1e-14, "model %zu row %zu: raw", m, i);
            if (unseen) continue;
            assert_true(low[i] < mean_low[i] && mean_low[i] < raw[i]);
            assert_true(raw[i] < mean_high[i] && mean_high[i] < high[i]);
        }
        jf_model_free(model);
        json_decref(json);
        jf_fit_free(fit);
        jf_table_free(table);
        jf_table_free(fresh);
    }
}

static void a_model_knows_its_inputs(void **state)
{
    jf_table *table = sweep(N);
    jf_fit *fit = fit_of(table, all_models[0].law, NULL, NULL);
    jf_model *model = NULL;
    jf_error err = {0};

    (void)state;
    check_ok(jf_model_of_fit(fit, &model, &err), &err);
    assert_int_equal(model->n_inputs, 2);
    assert_string_equal(model->inputs[0].name, "C");
    assert_true(model->inputs[0].low == size_of(0) && model->inputs[0].high == size_of(N - 1));
    check_close(model->inputs[0].median, (size_of(14) + size_of(15)) / 2, 1e-15, "median");
    assert_true(model->inputs[1].is_label);
    assert_int_equal(model->inputs[1].n_levels, 3);
    jf_model_free(model);
    jf_fit_free(fit);
    jf_table_free(table);
}

static void a_table_without_an_input_is_refused_by_name(void **state)
{
    jf_table *table = sweep(N), *bare = NULL;
    jf_fit *fit = fit_of(table, all_models[0].law, NULL, NULL);
    jf_model *model = NULL;
    double value[3];
    jf_model_prediction out = {.value = value};
    jf_error err = {0};

    (void)state;
    check_ok(jf_model_of_fit(fit, &model, &err), &err);
    check_ok(jf_table_new(3, &bare, &err), &err);
    add_numbers(bare, "C", 3, size_of);
    assert_int_equal(jf_model_predict(model, bare, NULL, 3, &out, &err), JF_EDATA);
    assert_string_equal(err.message, "the table has no column 'strategy', which the model reads");
    jf_model_free(model);
    jf_fit_free(fit);
    jf_table_free(table);
    jf_table_free(bare);
}

/* A damaged model is an error whatever part is missing or of another kind. */
static void damaged_models_are_refused(void **state)
{
    jf_table *table = sweep(N);
    jf_fit *fit = fit_of(table, all_models[2].law, NULL, NULL);
    const char *key;
    json_t *whole = through_text(fit), *value;

    (void)state;
    json_object_foreach(json_object_get(whole, "model"), key, value)
    {
        for (int how = 0; how < 2; how++) {
            json_t *copy = json_deep_copy(whole), *part = json_object_get(copy, "model");
            jf_model *model = NULL;
            jf_error err = {0};
            bool newer = !strcmp(key, "smearing") || !strcmp(key, "spread") || !strcmp(key, "conformal");
            if (!how && newer) { /* earlier models do without */
                json_decref(copy);
                continue;
            }
            if (how)
                json_object_set_new(part, key, json_true());
            else
                json_object_del(part, key);
            if (jf_model_of_json(copy, &model, &err) != JF_EDATA) fail_msg("'%s' was not missed", key);
            assert_null(model);
            json_decref(copy);
        }
    }
    json_decref(whole);
    jf_fit_free(fit);
    jf_table_free(table);
}

typedef struct foreign {
    const char *text, *message;
} foreign;

static void foreign_files_are_refused_with_what_they_are(void **state)
{
    static const foreign all[] = {
        {"", "the file is empty"},
        {"{\"joulefit\": \"0.1\", \"schema\": 1, \"parameters\": [", "not JSON"},
        {"{\"model\": 3}", "JSON, but no result of joulefit"},
        {"[1, 2]", "JSON, but no result of joulefit"},
        {"{\"joulefit\": \"9\", \"schema\": 7, \"parameters\": []}", "schema 7 is newer than the 1"},
        {"{\"joulefit\": \"0.1\", \"schema\": 1}", "none of fit, compare, simulate or verify"},
        {"{\"joulefit\": \"0.1\"}", "says no schema"},
    };
    char path[] = "/tmp/joulefit_result_XXXXXX";
    int file = mkstemp(path);

    (void)state;
    assert_true(file >= 0);
    close(file);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        json_t *json = NULL;
        const char *kind = NULL;
        jf_error err = {0};
        FILE *out = fopen(path, "w");
        fputs(all[i].text, out);
        fclose(out);
        assert_int_equal(jf_result_read(path, &json, &kind, &err), JF_EDATA);
        if (!strstr(err.message, all[i].message)) fail_msg("'%s' gave '%s'", all[i].text, err.message);
        assert_true(strncmp(err.message, path, strlen(path)) == 0);
        assert_null(json);
    }
    unlink(path);
    {
        json_t *json = NULL;
        const char *kind = NULL;
        jf_error err = {0};
        assert_int_equal(jf_result_read(path, &json, &kind, &err), JF_EDATA);
        assert_non_null(strstr(err.message, "No such file"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fit_has_every_key_of_the_contract),
        cmocka_unit_test(a_number_that_does_not_exist_is_null_with_a_state),
        cmocka_unit_test(a_model_read_back_predicts_like_its_fit),
        cmocka_unit_test(a_model_knows_its_inputs),
        cmocka_unit_test(a_table_without_an_input_is_refused_by_name),
        cmocka_unit_test(damaged_models_are_refused),
        cmocka_unit_test(foreign_files_are_refused_with_what_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
