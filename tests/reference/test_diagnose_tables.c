/* Diagnostics of laws on measured rows against statsmodels (diagnose_statsmodels.py): eight digits. */
#include "tests/check.h"

#include <jansson.h>
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/stream.h"
#include "data/columns.h"
#include "data/csv.h"
#include "fit/infer/diagnose.h"
#include "tests/problem.h"

static jf_table *read_table(const char *file, const char *filter)
{
    const char *path = check_shared(file);
    jf_csv_options csv = {0};
    jf_ledger ledger = {0};
    jf_warnings warnings = {0};
    jf_error err = {0};
    jf_table *table = NULL;
    size_t *rows, n;

    if (!path) return NULL;
    check_ok(jf_csv_read(path, &csv, &ledger, &warnings, &table, &err), &err);
    if (filter) {
        check_ok(jf_table_filter(table, filter, &rows, &n, &err), &err);
        check_ok(jf_table_keep(table, rows, n, &err), &err);
        jf_free(rows);
    }
    jf_ledger_free(&ledger);
    jf_warnings_free(&warnings);
    return table;
}

static jf_fit *fit_law(const char *text, const jf_table *table)
{
    jf_fit_options options;
    jf_error err = {0};
    jf_law *law = NULL;
    jf_fit *fit = NULL;

    jf_fit_options_default(&options);
    options.seed = JF_DEFAULT_SEED;
    options.threads = 1;
    check_ok(jf_law_read(text, &law, &err), &err);
    check_ok(jf_fit_run(law, table, NULL, 0, NULL, &options, &fit, &err), &err);
    jf_law_free(law);
    return fit;
}

static double at(const json_t *object, const char *key, size_t i)
{
    const json_t *number = json_array_get(json_object_get(object, key), i);

    assert_true(json_is_number(number));
    return json_number_value(number);
}

static double of(const json_t *object, const char *key)
{
    assert_true(json_is_number(json_object_get(object, key)));
    return json_number_value(json_object_get(object, key));
}

static void compare_tests(const jf_diagnostics *found, const json_t *wanted)
{
    assert_null(found->refused);
    check_close(found->breusch_pagan.statistic, at(wanted, "breusch_pagan", 0), 1e-9, "Breusch-Pagan");
    check_close(found->breusch_pagan.p_value, at(wanted, "breusch_pagan", 1), 1e-8, "p of Breusch-Pagan");
    check_close(found->jarque_bera.statistic, at(wanted, "jarque_bera", 0), 1e-9, "Jarque-Bera");
    check_close(found->jarque_bera.p_value, at(wanted, "jarque_bera", 1), 1e-8, "p of Jarque-Bera");
    check_close(found->durbin_watson, of(wanted, "durbin_watson"), 1e-10, "Durbin-Watson");
    check_close(found->reset.statistic, at(wanted, "reset", 0), 1e-8, "RESET");
    check_close(found->reset.p_value, at(wanted, "reset", 1), 1e-7, "p of RESET");
    check_close(found->condition_number, of(wanted, "condition_number"), 1e-10, "condition number");
}

static void compare_rows(const jf_fit *fit, const json_t *wanted)
{
    const size_t rows[] = {0, 10, fit->n - 1};

    for (size_t i = 0; i < 3; i++) {
        check_close(fit->leverage[rows[i]], at(wanted, "leverage", i), 1e-9, "leverage of row %zu", rows[i]);
        check_close(jf_row_cook(fit, rows[i]), at(wanted, "cook", i), 1e-8, "Cook of row %zu", rows[i]);
        check_close(jf_row_studentised(fit, rows[i]), at(wanted, "studentised", i), 1e-8,
                    "studentised residual of row %zu", rows[i]);
    }
    for (size_t j = 1; j < fit->n_theta; j++)
        check_close(fit->estimates[j].inflation, at(wanted, "inflation", j - 1), 1e-9, "inflation of %s",
                    fit->estimates[j].name);
}

static void check_table(const char *key, jf_table *table, const char *law)
{
    json_error_t where;
    json_t *all = json_load_file(check_source("tests/reference/diagnose_statsmodels.json"), 0, &where);
    jf_fit *fit = fit_law(law, table);

    compare_tests(&fit->diagnostics, json_object_get(all, key));
    compare_rows(fit, json_object_get(all, key));
    jf_fit_free(fit);
    jf_table_free(table);
    json_decref(all);
}

static void energies_of_bert_are_judged_as_by_statsmodels(void **state)
{
    jf_table *table = read_table("data/ecai2025/transformer_energy.csv", "model == \"bert\"");

    (void)state;
    if (!table) skip();
    check_table("bert", table,
                "log(energy_joules) ~ b0 + l*log(num_layers) + w*log(d_model) + s*log(seq_length) + "
                "b*log(batch_size)");
}

static void powers_of_four_gpus_are_judged_as_by_statsmodels(void **state)
{
    jf_table *table = read_table("data/zeus2023/bert_power.csv", NULL);

    (void)state;
    if (!table) skip();
    check_table("zeus", table,
                "log(average_power_W) ~ b0 + p*log(power_limit_W) + b*log(batch_size) + g[gpu = \"a40\"]");
}

/* Of the table only GPU, batch size and power, so that runs under different limits repeat each other. */
static jf_table *with_repeats(const jf_table *whole)
{
    const char *names[] = {"batch_size", "average_power_W"};
    const double *values[] = {jf_table_find(whole, names[0])->values, jf_table_find(whole, names[1])->values};
    jf_table *table = test_table(2, names, values, whole->n_rows);
    const jf_column *gpu = jf_table_find(whole, "gpu");
    const char **cells = JF_NEW_ARRAY(const char *, whole->n_rows);

    for (size_t i = 0; i < whole->n_rows; i++) cells[i] = gpu->levels[gpu->codes[i]];
    test_add_labels(table, "gpu", cells);
    for (size_t i = 0; i < table->n_columns; i++)
        table->columns[i].known = strcmp(table->columns[i].name, names[1]) ? JF_PRE_RUN : JF_POST_RUN;
    jf_free(cells);
    return table;
}

static void lack_of_fit_is_the_f_test_against_one_mean_for_each_configuration(void **state)
{
    jf_table *whole = read_table("data/zeus2023/bert_power.csv", NULL), *table;
    json_error_t where;
    json_t *all = json_load_file(check_source("tests/reference/diagnose_statsmodels.json"), 0, &where);
    const json_t *wanted = json_object_get(all, "lack_of_fit");
    const jf_diagnostics *found;
    jf_fit *fit;

    (void)state;
    if (!whole) {
        json_decref(all);
        skip();
    }
    table = with_repeats(whole);
    fit = fit_law("log(average_power_W) ~ b0 + b*log(batch_size)", table);
    found = &fit->diagnostics;
    assert_int_equal(fit->data.duplicates, 0);
    assert_int_equal(found->repeat_groups, (int)of(wanted, "configurations"));
    check_close(found->lack_of_fit.df1, of(wanted, "df1"), 0, "first degrees of freedom");
    check_close(found->lack_of_fit.df2, of(wanted, "df2"), 0, "second degrees of freedom");
    check_close(found->lack_of_fit.statistic, of(wanted, "statistic"), 1e-9, "lack of fit");
    check_close(found->lack_of_fit.p_value, of(wanted, "p_value"), 1e-8, "p of lack of fit");
    check_close(found->r2_limit, of(wanted, "r2_limit"), 1e-10, "R2 that no law can beat");
    jf_fit_free(fit);
    jf_table_free(table);
    jf_table_free(whole);
    json_decref(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(energies_of_bert_are_judged_as_by_statsmodels),
        cmocka_unit_test(powers_of_four_gpus_are_judged_as_by_statsmodels),
        cmocka_unit_test(lack_of_fit_is_the_f_test_against_one_mean_for_each_configuration),
    };

    return cmocka_run_group_tests(tests, test_settle_libraries, NULL);
}
