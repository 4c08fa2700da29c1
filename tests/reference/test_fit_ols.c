/* A linear law on 863 measured rows against statsmodels (fit_ols_bert.py): ten digits. */
#include "tests/check.h"

#include <jansson.h>
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "data/columns.h"
#include "data/csv.h"
#include "fit/fit.h"

static const char *const LAW =
    "log(energy_joules) ~ b0 + l*log(num_layers) + w*log(d_model) + s*log(seq_length) + b*log(batch_size)";

typedef struct world {
    jf_table *table;
    json_t *wanted;
    jf_groups groups;
    jf_law *law;
} world;

static int set_up(void **state)
{
    static world w;
    jf_error err = {0};
    jf_ledger ledger = {0};
    jf_warnings warnings = {0};
    json_error_t where;
    const char *keys[] = {"num_layers", "d_model"};
    const char *path = check_shared("data/ecai2025/transformer_energy.csv");
    jf_csv_options options = {0};
    size_t *rows, n;

    *state = NULL;
    if (!path) return 0;
    check_ok(jf_csv_read(path, &options, &ledger, &warnings, &w.table, &err), &err);
    check_ok(jf_table_filter(w.table, "model == \"bert\"", &rows, &n, &err), &err);
    check_ok(jf_table_keep(w.table, rows, n, &err), &err);
    check_ok(jf_groups_by(w.table, keys, 2, &w.groups, &err), &err);
    check_ok(jf_law_read(LAW, &w.law, &err), &err);
    w.wanted = json_load_file(check_source("tests/reference/fit_ols_bert.json"), 0, &where);
    assert_non_null(w.wanted);
    jf_free(rows);
    jf_ledger_free(&ledger);
    jf_warnings_free(&warnings);
    *state = &w;
    return 0;
}

static int tear_down(void **state)
{
    world *w = *state;

    if (!w) return 0;
    jf_table_free(w->table);
    jf_groups_free(&w->groups);
    jf_law_free(w->law);
    json_decref(w->wanted);
    return 0;
}

static jf_fit *fit_with(const world *w, jf_fit_options options, bool grouped)
{
    jf_error err = {0};
    jf_fit *fit = NULL;

    check_ok(jf_fit_run(w->law, w->table, NULL, 0, grouped ? &w->groups : NULL, &options, &fit, &err), &err);
    return fit;
}

static jf_fit_options defaults(void)
{
    jf_fit_options options;

    jf_fit_options_default(&options);
    options.seed = 1;
    options.threads = 1;
    options.weights_kind = JF_WEIGHTS_PRECISION;
    options.declared = options.derive = options.test = (jf_option_list){0};
    return options;
}

static double number_at(const json_t *list, size_t i)
{
    return json_number_value(json_array_get(list, i));
}

static double number_of(const json_t *object, const char *key)
{
    assert_non_null(json_object_get(object, key));
    return json_number_value(json_object_get(object, key));
}

static void compare(const jf_fit *fit, const json_t *wanted, const char *what, double tolerance)
{
    assert_int_equal(fit->n_estimates, 5);
    for (size_t i = 0; i < 5; i++) {
        check_close(fit->estimates[i].value, number_at(json_object_get(wanted, "estimate"), i), 1e-10,
                    "%s: estimate of %s", what, fit->estimates[i].name);
        check_close(fit->estimates[i].std_error, number_at(json_object_get(wanted, "std_error"), i),
                    tolerance, "%s: error of %s", what, fit->estimates[i].name);
        check_close(fit->estimates[i].p_value, number_at(json_object_get(wanted, "p_value"), i), 1e-7,
                    "%s: p of %s", what, fit->estimates[i].name);
    }
}

static bool has_warning(const jf_fit *fit, const char *code, const char *part)
{
    for (size_t i = 0; i < fit->warnings.n; i++)
        if (strcmp(fit->warnings.items[i].code, code) == 0 && strstr(fit->warnings.items[i].message, part))
            return true;
    return false;
}

static void estimates_errors_and_likelihood_are_those_of_statsmodels(void **state)
{
    const world *w = *state;
    jf_fit *fit;

    if (!w) skip();
    fit = fit_with(w, defaults(), false);
    assert_int_equal(fit->n, 863);
    assert_int_equal(fit->k, 5);
    assert_int_equal(fit->outcome, JF_CONVERGED);
    assert_true(fit->linear);
    compare(fit, json_object_get(w->wanted, "classical"), "classical", 1e-10);
    check_close(fit->loglik, number_of(w->wanted, "loglik_raw"), 1e-10, "log-likelihood of the raw response");
    check_close(fit->aic, number_of(w->wanted, "aic_raw"), 1e-10, "AIC");
    check_close(fit->rss, number_of(w->wanted, "rss"), 1e-10, "RSS");
    check_close(fit->sigma, number_of(w->wanted, "sigma"), 1e-10, "sigma");
    check_close(fit->r2, number_of(w->wanted, "r2"), 1e-10, "R2");
    check_close(fit->largest_leverage, number_of(w->wanted, "leverage_largest"), 1e-8, "largest leverage");
    for (size_t i = 0; i < 5; i++) {
        const json_t *ends = json_array_get(json_object_get(w->wanted, "interval_classical"), i);
        check_close(fit->estimates[i].ci_low, number_at(ends, 0), 1e-9, "low end of %s",
                    fit->estimates[i].name);
        check_close(fit->estimates[i].ci_high, number_at(ends, 1), 1e-9, "high end of %s",
                    fit->estimates[i].name);
    }
    jf_fit_free(fit);
}

static void robust_and_clustered_errors_are_those_of_statsmodels(void **state)
{
    static const char *const kinds[] = {"hc0", "hc1", "hc2", "hc3", "cr1"};
    const world *w = *state;

    if (!w) skip();
    for (size_t i = 0; i < 5; i++) {
        jf_fit_options options = defaults();
        jf_fit *fit;
        options.se = kinds[i];
        fit = fit_with(w, options, i == 4);
        compare(fit, json_object_get(w->wanted, i == 4 ? "cluster" : kinds[i]), kinds[i], 1e-8);
        jf_fit_free(fit);
    }
}

static void groups_make_clustered_errors_the_default_and_few_of_them_are_told(void **state)
{
    const world *w = *state;
    jf_fit *fit;

    if (!w) skip();
    fit = fit_with(w, defaults(), true);
    assert_int_equal(fit->se, JF_SE_CR2);
    assert_int_equal(fit->n_groups, 29);
    assert_true(has_warning(fit, "W_FEW_GROUPS", "29"));
    jf_fit_free(fit);
}

static void exact_copies_are_counted(void **state)
{
    const world *w = *state;
    jf_fit *fit;

    if (!w) skip();
    fit = fit_with(w, defaults(), false);
    assert_int_equal(fit->data.duplicates, 863 - 348);
    assert_true(has_warning(fit, "W_DUPLICATES", "348"));
    jf_fit_free(fit);
}

static void weights_are_those_of_weighted_least_squares(void **state)
{
    const world *w = *state;
    jf_fit_options options = defaults();
    const json_t *wanted;
    jf_fit *fit;

    if (!w) skip();
    wanted = json_object_get(w->wanted, "weighted");
    options.weights = "batch_size";
    fit = fit_with(w, options, false);
    compare(fit, wanted, "weighted", 1e-9);
    check_close(fit->sigma, number_of(wanted, "sigma"), 1e-9, "weighted sigma");
    jf_fit_free(fit);
    options.se = "hc3";
    fit = fit_with(w, options, false);
    for (size_t i = 0; i < 5; i++)
        check_close(fit->estimates[i].std_error, number_at(json_object_get(wanted, "hc3"), i), 1e-8,
                    "weighted HC3 %zu", i);
    jf_fit_free(fit);
}

static void tests_and_derived_quantities_are_those_of_statsmodels(void **state)
{
    const world *w = *state;
    const char *tests[] = {"l = 1, b=0.42"}, *derive[] = {"ratio = l/(l + w)"};
    jf_fit_options options = defaults();
    const json_t *wanted;
    jf_fit *fit;

    if (!w) skip();
    options.test = (jf_option_list){.items = tests, .n = 1};
    options.derive = (jf_option_list){.items = derive, .n = 1};
    fit = fit_with(w, options, false);
    wanted = json_object_get(w->wanted, "test");
    check_close(fit->tests[0].statistic, number_of(wanted, "statistic"), 1e-9, "F");
    check_close(fit->tests[0].p_value, number_of(wanted, "p_value"), 1e-7, "p");
    assert_true(fit->tests[0].df1 == 2 && fit->tests[0].df2 == 858);
    wanted = json_object_get(w->wanted, "derived");
    assert_string_equal(fit->derived[0].name, "ratio");
    check_close(fit->derived[0].value, number_of(wanted, "value"), 1e-10, "ratio");
    check_close(fit->derived[0].std_error, number_of(wanted, "std_error"), 1e-9, "error of the ratio");
    jf_fit_free(fit);
}

static void compare_robust(const world *w, const char *loss, const char *key, const char *se,
                           const char *errors, double tolerance)
{
    jf_fit_options options = defaults();
    const json_t *wanted = json_object_get(w->wanted, key);
    jf_fit *fit;

    options.loss = loss;
    options.se = se;
    fit = fit_with(w, options, false);
    for (size_t j = 0; j < 5; j++) {
        check_close(fit->estimates[j].value, number_at(json_object_get(wanted, "estimate"), j), tolerance,
                    "%s: %s", loss, fit->estimates[j].name);
        check_close(fit->estimates[j].std_error, number_at(json_object_get(wanted, errors), j), tolerance,
                    "%s: error of %s", loss, fit->estimates[j].name);
    }
    assert_true(isnan(fit->loglik) && isnan(fit->aic));
    assert_non_null(fit->criteria_refused);
    jf_fit_free(fit);
}

static void robust_losses_have_the_estimates_and_errors_of_their_formulas(void **state)
{
    const world *w = *state;

    if (!w) skip();
    compare_robust(w, "huber:0.1", "huber", "classical", "std_error", 1e-6);
    compare_robust(w, "huber:0.1", "huber", "hc0", "hc0", 1e-6);
    compare_robust(w, "l1", "l1", "classical", "std_error", 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(estimates_errors_and_likelihood_are_those_of_statsmodels),
        cmocka_unit_test(robust_and_clustered_errors_are_those_of_statsmodels),
        cmocka_unit_test(groups_make_clustered_errors_the_default_and_few_of_them_are_told),
        cmocka_unit_test(exact_copies_are_counted),
        cmocka_unit_test(weights_are_those_of_weighted_least_squares),
        cmocka_unit_test(tests_and_derived_quantities_are_those_of_statsmodels),
        cmocka_unit_test(robust_losses_have_the_estimates_and_errors_of_their_formulas),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
