/* --by against R's crossed regression (infer/by_level.R): eight digits. */
#include "tests/check.h"

#include <jansson.h>
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/stream.h"
#include "data/csv.h"
#include "data/groups.h"
#include "fit/fit.h"
#include "tests/problem.h"

static const char LAW[] = "log(energy_kWh) ~ b0 + a*log(tokens) + c*log(hidden_size)";

static jf_table *read_sweep(void)
{
    jf_csv_options csv = {0};
    jf_ledger ledger = {0};
    jf_warnings warnings = {0};
    jf_error err = {0};
    jf_table *table = NULL;

    check_ok(jf_csv_read(check_source("data/sets/bert_sweep_simulated.csv"), &csv, &ledger, &warnings, &table,
                         &err),
             &err);
    jf_ledger_free(&ledger);
    jf_warnings_free(&warnings);
    return table;
}

static jf_status try_fit(const jf_table *table, const char *text, const char *by, const char *se,
                         jf_fit **fit, jf_error *err)
{
    const char *columns[] = {"num_layers", "hidden_size"};
    jf_fit_options options;
    jf_groups groups = {0};
    jf_law *law = NULL;
    jf_status status;

    jf_fit_options_default(&options);
    options.seed = JF_DEFAULT_SEED;
    options.threads = 1;
    options.by = by;
    options.se = se;
    check_ok(jf_groups_by(table, columns, 2, &groups, err), err);
    check_ok(jf_law_read(text, &law, err), err);
    status =
        jf_fit_run(law, table, NULL, 0, se && strcmp(se, "classical") ? &groups : NULL, &options, fit, err);
    jf_law_free(law);
    jf_groups_free(&groups);
    return status;
}

static jf_fit *fit_by(const jf_table *table, const char *se)
{
    jf_error err = {0};
    jf_fit *fit = NULL;

    check_ok(try_fit(table, LAW, "strategy", se, &fit, &err), &err);
    assert_non_null(fit->by);
    return fit;
}

static double at(const json_t *all, const char *key, size_t i)
{
    const json_t *number = json_array_get(json_object_get(all, key), i);

    assert_true(json_is_number(number));
    return json_number_value(number);
}

static void check_test(const jf_wald_test *test, const json_t *all, const char *key, double tolerance)
{
    check_close(test->statistic, at(all, key, 0), tolerance, "%s", key);
    check_close(test->df1, at(all, key, 1), 0, "df1 of %s", key);
    check_close(test->df2, at(all, key, 2), 0, "df2 of %s", key);
    check_close(log(test->p_value), log(at(all, key, 3)), tolerance, "log p of %s", key);
}

static json_t *reference(void)
{
    json_error_t where;
    json_t *all = json_load_file(check_source("tests/reference/infer/by_level.json"), 0, &where);

    assert_non_null(all);
    return all;
}

static void squares_and_classical_errors_test_as_the_crossed_law(void **state)
{
    json_t *all = reference();
    jf_table *table = read_sweep();
    jf_fit *fit = fit_by(table, NULL);

    (void)state;
    assert_int_equal(fit->by->n_fitted, 3);
    check_test(&fit->by->chow, all, "F", 1e-8);
    check_close(fit->by->ratio.statistic, at(all, "likelihood_ratio", 0), 1e-8, "likelihood ratio");
    check_close(log(fit->by->ratio.p_value), log(at(all, "likelihood_ratio", 2)), 1e-8, "its log p");
    check_test(&fit->by->wald, all, "classical", 1e-8);
    assert_false(fit->by->shared_groups);
    jf_fit_free(fit);
    jf_table_free(table);
    json_decref(all);
}

/* Its covariance has a condition of 1e6, which costs digits on either side. */
static void groups_at_several_levels_are_clustered_over_all_of_them(void **state)
{
    json_t *all = reference();
    jf_table *table = read_sweep();
    jf_fit *fit = fit_by(table, "cr1");

    (void)state;
    assert_true(fit->by->shared_groups);
    check_test(&fit->by->wald, all, "cluster", 1e-6);
    assert_string_equal(fit->estimates[fit->by->equal[1].estimate].name, "a");
    check_test(&fit->by->equal[1].test, all, "cluster_slope", 1e-8);
    jf_fit_free(fit);
    jf_table_free(table);
    json_decref(all);
}

/* The law with a parameter for each level, tested by --test: another way to the same numbers. */
static void reduced_errors_over_levels_are_those_of_the_crossed_law(void **state)
{
    static const char *const tests[] = {
        "b0[FSDP]=b0[Baseline], a[FSDP]=a[Baseline], b0[TP]=b0[Baseline], a[TP]=a[Baseline]",
        "a[FSDP]=a[Baseline], a[TP]=a[Baseline]"};
    const char *columns[] = {"gpu", "num_layers"};
    jf_table *table = read_sweep();
    jf_fit_options options;
    jf_groups groups = {0};
    jf_law *law = NULL;
    jf_error err = {0};
    jf_fit *levels = NULL, *crossed = NULL;
    const jf_wald_test *own[2];

    (void)state;
    jf_fit_options_default(&options);
    options.seed = JF_DEFAULT_SEED;
    options.se = "cr2";
    check_ok(jf_groups_by(table, columns, 2, &groups, &err), &err);
    check_ok(jf_law_read("log(energy_kWh) ~ b0 + a*log(tokens)", &law, &err), &err);
    options.by = "strategy";
    check_ok(jf_fit_run(law, table, NULL, 0, &groups, &options, &levels, &err), &err);
    jf_law_free(law);
    check_ok(jf_law_read("log(energy_kWh) ~ b0[strategy] + a[strategy]*log(tokens)", &law, &err), &err);
    options.by = NULL;
    for (size_t i = 0; i < 2; i++) assert_true(jf_option_list_add(&options.test, tests[i]));
    check_ok(jf_fit_run(law, table, NULL, 0, &groups, &options, &crossed, &err), &err);
    assert_true(levels->by->shared_groups);
    own[0] = &levels->by->wald;
    own[1] = &levels->by->equal[1].test;
    for (size_t i = 0; i < 2; i++) {
        check_close(own[i]->statistic, crossed->tests[i].statistic, 1e-8, "F");
        check_close(own[i]->df2, crossed->tests[i].df2, 1e-8, "degrees of freedom");
        check_close(log(own[i]->p_value), log(crossed->tests[i].p_value), 1e-8, "log p");
    }
    jf_option_list_free(&options.test);
    jf_law_free(law);
    jf_groups_free(&groups);
    jf_fit_free(levels);
    jf_fit_free(crossed);
    jf_table_free(table);
}

static void what_cannot_be_split_is_an_error_that_says_why(void **state)
{
    static const char *const by[] = {"stratgy", "strategy", "model"};
    static const char *const laws[] = {"log(energy_kWh) ~ b0 + a*log(tokens)",
                                       "log(energy_kWh) ~ h[strategy] + a*log(tokens)",
                                       "log(energy_kWh) ~ b0 + a*log(tokens)"};
    static const char *const messages[] = {"did you mean 'strategy'", "a parameter for each level",
                                           "two levels or more"};
    jf_table *table = read_sweep();

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        jf_error err = {0};
        jf_fit *fit = NULL;
        assert_int_not_equal(try_fit(table, laws[i], by[i], NULL, &fit, &err), JF_OK);
        if (!strstr(err.message, messages[i])) fail_msg("%s: %s", by[i], err.message);
    }
    jf_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(squares_and_classical_errors_test_as_the_crossed_law),
        cmocka_unit_test(groups_at_several_levels_are_clustered_over_all_of_them),
        cmocka_unit_test(reduced_errors_over_levels_are_those_of_the_crossed_law),
        cmocka_unit_test(what_cannot_be_split_is_an_error_that_says_why),
    };

    return cmocka_run_group_tests(tests, test_settle_libraries, NULL);
}
