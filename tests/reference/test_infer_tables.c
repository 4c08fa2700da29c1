/* Errors, tests and diagnostics of linear laws on four tables against R (infer/tables.R): eight digits. */
#include "tests/check.h"

#include <jansson.h>
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/stream.h"
#include "data/columns.h"
#include "data/csv.h"
#include "data/groups.h"
#include "fit/infer/diagnose.h"
#include "tests/problem.h"

static const double DIGITS = 1e-8;

typedef struct a_table {
    const char *key, *file, *filter, *group;
    bool shared;
    const char *law;   /* its parameters in the order of R's coefficients */
    const char *joint; /* what the HTZ test says */
} a_table;

static const a_table tables[] = {
    {"bert", "data/ecai2025/transformer_energy.csv", "model == \"bert\"", "num_layers,d_model", true,
     "log(energy_joules) ~ b0 + l*log(num_layers) + w*log(d_model) + s*log(seq_length) + b*log(batch_size)",
     "l = 0, w = 0"},
    {"zeus", "data/zeus2023/bert_power.csv", NULL, "gpu", true,
     "log(average_power_W) ~ b0 + p*log(power_limit_W) + b*log(batch_size)", "p = 0, b = 0"},
    {"published", "data/sets/published_runs.csv", "C > 0 && !isna(params) && !isna(energy_kWh)", "source",
     false, "log(energy_kWh) ~ b0 + c*log(C) + p*log(params)", "c = 0, p = 0"},
    {"sweep", "data/sets/bert_sweep_simulated.csv", "startswith(gpu, \"NVIDIA A100\")",
     "num_layers,hidden_size", false,
     "log(energy_kWh) ~ b0 + l*log(num_layers) + w*log(hidden_size) + b*log(batch_size) + g*log(gpus)",
     "l = 0, w = 0, b = 0, g = 0"},
};

static jf_table *read_table(const a_table *t)
{
    const char *path = t->shared ? check_shared(t->file) : check_source(t->file);
    jf_csv_options csv = {0};
    jf_ledger ledger = {0};
    jf_warnings warnings = {0};
    jf_error err = {0};
    jf_table *table = NULL;
    size_t *rows, n;

    if (!path) return NULL;
    check_ok(jf_csv_read(path, &csv, &ledger, &warnings, &table, &err), &err);
    if (t->filter) {
        check_ok(jf_table_filter(table, t->filter, &rows, &n, &err), &err);
        check_ok(jf_table_keep(table, rows, n, &err), &err);
        jf_free(rows);
    }
    jf_ledger_free(&ledger);
    jf_warnings_free(&warnings);
    return table;
}

static jf_fit *fit_with(const a_table *t, const jf_table *table, const char *se)
{
    jf_fit_options options;
    jf_error err = {0};
    jf_law *law = NULL;
    jf_fit *fit = NULL;
    jf_groups groups = {0};

    jf_fit_options_default(&options);
    options.seed = JF_DEFAULT_SEED;
    options.threads = 1;
    options.se = se;
    assert_true(jf_option_list_add(&options.test, t->joint));
    check_ok(jf_groups_by(table, &t->group, 1, &groups, &err), &err);
    check_ok(jf_law_read(t->law, &law, &err), &err);
    check_ok(jf_fit_run(law, table, NULL, 0, &groups, &options, &fit, &err), &err);
    jf_law_free(law);
    jf_groups_free(&groups);
    jf_option_list_free(&options.test);
    return fit;
}

static double at(const json_t *object, const char *key, size_t i)
{
    const json_t *list = json_object_get(object, key);
    const json_t *number = json_is_array(list) ? json_array_get(list, i) : list;

    if (!json_is_number(number)) fail_msg("the reference has no %s[%zu]", key, i);
    return json_number_value(number);
}

static double cell(const json_t *object, const char *key, size_t row, size_t column)
{
    return json_number_value(json_array_get(json_array_get(json_object_get(object, key), row), column));
}

/* What R calls the errors of a kind: "cluster" is CR1 there, and here the kind that suits the groups. */
static const char *name_in_r(const jf_fit *fit, const char *kind)
{
    if (strcmp(kind, "cr1") == 0) return "cluster";
    return strcmp(kind, "cluster") == 0 && fit->n_groups < JF_CR2_GROUPS ? "cr2" : kind;
}

static void compare_errors(const a_table *t, const jf_table *table, const json_t *wanted)
{
    for (const char *const *kind = jf_se_names; *kind; kind++) {
        jf_fit *fit = fit_with(t, table, *kind);

        assert_int_equal(fit->n, (int)at(wanted, "n", 0));
        assert_int_equal(fit->n_groups, (int)at(wanted, "groups", 0));
        for (size_t j = 0; j < fit->n_theta; j++) {
            check_close(fit->estimates[j].value, at(wanted, "coefficients", j), DIGITS, "%s: estimate of %s",
                        t->key, fit->estimates[j].name);
            check_close(fit->estimates[j].std_error, at(wanted, name_in_r(fit, *kind), j), DIGITS,
                        "%s: %s error of %s", t->key, *kind, fit->estimates[j].name);
        }
        jf_fit_free(fit);
    }
}

static void compare_small_groups(const a_table *t, const jf_table *table, const json_t *wanted)
{
    jf_fit *fit = fit_with(t, table, "cr2");
    const jf_wald_test *test = &fit->tests[0];

    for (size_t j = 0; j < fit->n_theta; j++) {
        check_close(fit->estimates[j].df, at(wanted, "cr2_df", j), DIGITS, "%s: df of %s", t->key,
                    fit->estimates[j].name);
        check_close(fit->estimates[j].p_value, at(wanted, "cr2_p", j), 1e-7, "%s: p of %s", t->key,
                    fit->estimates[j].name);
    }
    check_close(test->statistic, at(wanted, "htz", 0), DIGITS, "%s: F of HTZ", t->key);
    check_close(test->df1, at(wanted, "htz", 1), 0, "%s: df1 of HTZ", t->key);
    check_close(test->df2, at(wanted, "htz", 2), DIGITS, "%s: df2 of HTZ", t->key);
    check_close(test->p_value, at(wanted, "htz", 3), 1e-7, "%s: p of HTZ", t->key);
    jf_fit_free(fit);
}

static void compare_test(const char *key, const char *name, const jf_test *found, const json_t *wanted)
{
    check_close(found->statistic, at(wanted, name, 0), DIGITS, "%s: %s", key, name);
    check_close(found->p_value, at(wanted, name, 1), 1e-7, "%s: p of %s", key, name);
}

static void compare_diagnostics(const a_table *t, const jf_table *table, const json_t *wanted)
{
    jf_fit *fit = fit_with(t, table, "classical");
    const jf_diagnostics *found = &fit->diagnostics;
    const size_t rows[] = {0, 7, fit->n - 1};

    compare_test(t->key, "breusch_pagan", &found->breusch_pagan, wanted);
    compare_test(t->key, "reset", &found->reset, wanted);
    compare_test(t->key, "jarque_bera", &found->jarque_bera, wanted);
    compare_test(t->key, "anderson_darling", &found->anderson_darling, wanted);
    check_close(found->durbin_watson, at(wanted, "durbin_watson", 0), DIGITS, "%s: Durbin-Watson", t->key);
    for (size_t i = 0; i < 3; i++) {
        check_close(fit->leverage[rows[i]], at(wanted, "leverage", i), DIGITS, "%s: leverage %zu", t->key, i);
        check_close(jf_row_cook(fit, rows[i]), at(wanted, "cook", i), DIGITS, "%s: Cook %zu", t->key, i);
        check_close(jf_row_studentised(fit, rows[i]), at(wanted, "studentised", i), DIGITS,
                    "%s: studentised %zu", t->key, i);
    }
    jf_fit_free(fit);
}

static size_t regressor(const jf_diagnostics *found, const char *name)
{
    for (size_t i = 0; i < found->n_regressors; i++)
        if (strcmp(found->regressors[i], name) == 0) return i;
    fail_msg("no regressor '%s'", name);
    return 0;
}

/* R's columns stand as in the law's text. */
static void compare_regressors(const a_table *t, const jf_diagnostics *found, const json_t *wanted)
{
    size_t m = found->n_regressors, order[8], n = 0;
    const char *p = strchr(t->law, '~');

    while ((p = strstr(p, "log("))) {
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(p + 4, ")"), p + 4);
        order[n++] = regressor(found, name);
        p += 4;
    }
    assert_int_equal(n, m);
    for (size_t a = 0; a < m; a++)
        for (size_t b = 0; b < m; b++) {
            size_t at_cell = order[a] * m + order[b];
            check_close(1 + found->pearson[at_cell], 1 + cell(wanted, "pearson", a, b), DIGITS,
                        "%s: Pearson %zu %zu", t->key, a, b);
            check_close(1 + found->spearman[at_cell], 1 + cell(wanted, "spearman", a, b), DIGITS,
                        "%s: Spearman %zu %zu", t->key, a, b);
        }
}

static void compare_collinearity(const a_table *t, const jf_table *table, const json_t *wanted)
{
    jf_fit *fit = fit_with(t, table, "classical");
    size_t k = fit->n_theta;

    for (size_t j = 1; j < k; j++)
        check_close(fit->estimates[j].inflation, at(wanted, "inflation", j - 1), DIGITS, "%s: VIF of %s",
                    t->key, fit->estimates[j].name);
    for (size_t a = 0; a < k; a++)
        for (size_t b = 0; b < k; b++)
            check_close(
                1 + fit->covariance[a * k + b] / fit->estimates[a].std_error / fit->estimates[b].std_error,
                1 + cell(wanted, "correlation", a, b), DIGITS, "%s: correlation %zu %zu", t->key, a, b);
    compare_regressors(t, &fit->diagnostics, wanted);
    jf_fit_free(fit);
}

typedef void (*comparison)(const a_table *t, const jf_table *table, const json_t *wanted);

/* True where a table is not here. */
static bool compare_all(comparison compare)
{
    json_error_t where;
    json_t *all = json_load_file(check_source("tests/reference/infer/tables.json"), 0, &where);
    bool missing = false;

    assert_non_null(all);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        jf_table *table = read_table(&tables[i]);
        if (table) compare(&tables[i], table, json_object_get(all, tables[i].key));
        missing = missing || !table;
        jf_table_free(table);
    }
    json_decref(all);
    return missing;
}

static void standard_errors_of_every_kind_are_those_of_r(void **state)
{
    (void)state;
    if (compare_all(compare_errors)) skip();
}

static void degrees_of_freedom_and_joint_tests_of_cr2_are_those_of_club_sandwich(void **state)
{
    (void)state;
    if (compare_all(compare_small_groups)) skip();
}

static void residuals_and_rows_are_judged_as_by_r(void **state)
{
    (void)state;
    if (compare_all(compare_diagnostics)) skip();
}

static void collinearity_is_judged_as_by_r(void **state)
{
    (void)state;
    if (compare_all(compare_collinearity)) skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(standard_errors_of_every_kind_are_those_of_r),
        cmocka_unit_test(degrees_of_freedom_and_joint_tests_of_cr2_are_those_of_club_sandwich),
        cmocka_unit_test(residuals_and_rows_are_judged_as_by_r),
        cmocka_unit_test(collinearity_is_judged_as_by_r),
    };

    return cmocka_run_group_tests(tests, test_settle_libraries, NULL);
}
