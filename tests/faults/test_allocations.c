/* Allocations that fail, one at a time, on the way from a file to a fit, a comparison, a model and its
 * predictions: a clear error, nothing lost, nothing half made. */
#include "tests/check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "data/csv.h"
#include "fit/model/model.h"
#include "fit/model/model_file.h"
#include "fit/select/simulation.h"
#include "tests/refuse.h"

/* All of the first ones, where binding and building happen; then one in a stride, so that the number stays
 * fixed. */
enum { ALL_OF_THE_FIRST = 250, SAMPLES = 150 };

typedef struct data_at_hand {
    jf_table *table;
    const char *path;
} data_at_hand;

typedef jf_status (*job)(const data_at_hand *data, jf_error *err);

static jf_fit_options options_of_fit(void)
{
    jf_fit_options options;

    jf_fit_options_default(&options);
    options.starts = 2;
    options.threads = 1;
    return options;
}

static jf_status read_table(const data_at_hand *data, jf_error *err)
{
    jf_ledger ledger = {0};
    jf_warnings warnings = {0};
    jf_table *table = NULL;
    jf_status status = jf_csv_read(data->path, &(jf_csv_options){0}, &ledger, &warnings, &table, err);

    assert_true((status == JF_OK) == (table != NULL));
    jf_table_free(table);
    jf_ledger_free(&ledger);
    jf_warnings_free(&warnings);
    return status;
}

static jf_status fit_with(const data_at_hand *data, const char *text, jf_fit **fit, jf_error *err)
{
    jf_fit_options options = options_of_fit();
    jf_law *law = NULL;
    jf_status status;

    *fit = NULL;
    status = jf_law_read(text, &law, err);
    if (status == JF_OK) status = jf_fit_run(law, data->table, NULL, 0, NULL, &options, fit, err);
    jf_law_free(law);
    return status;
}

static jf_status fit_linear(const data_at_hand *data, jf_error *err)
{
    jf_fit *fit = NULL;
    jf_status status = fit_with(data, "log(energy) ~ b0 + a*log(tokens) + r[gpu = \"A\"]", &fit, err);

    jf_fit_free(fit);
    return status;
}

static jf_status fit_nonlinear(const data_at_hand *data, jf_error *err)
{
    jf_fit *fit = NULL;
    jf_status status = fit_with(data, "energy ~ b0 + k*tokens^p", &fit, err);

    jf_fit_free(fit);
    return status;
}

static jf_status predict(const data_at_hand *data, jf_error *err)
{
    jf_status status = JF_OK;
    jf_fit *fit = NULL;
    jf_model *model = NULL;
    double raw[64], low[64], high[64];
    const jf_model_prediction out = {.raw = raw, .low = low, .high = high};

    JF_TRY(fit_with(data, "log(energy) ~ b0 + a*log(tokens)", &fit, err));
    JF_TRY(jf_model_of_fit(fit, &model, err));
    JF_TRY(jf_model_predict(model, data->table, NULL, 0, &out, err));
done:
    jf_model_free(model);
    jf_fit_free(fit);
    return status;
}

static jf_status compare(const data_at_hand *data, jf_error *err)
{
    jf_status status = JF_OK;
    jf_compare_options options = {0};
    jf_comparison *comparison = NULL;
    jf_law *items[2] = {NULL};
    jf_laws laws = {.items = items, .n = 2};

    jf_options_default(jf_compare_options_table, &options);
    options.fit = options_of_fit();
    options.baselines = false;
    options.ablate = JF_ABLATE_NONE;
    if (!jf_option_list_add(&options.validate, "kfold:3"))
        JF_TRY(jf_fail(err, JF_ENOMEM, "out of memory for options"));
    JF_TRY(jf_law_read("one: log(energy) ~ b0 + a*log(tokens)", &items[0], err));
    JF_TRY(jf_law_read("two: log(energy) ~ b0 + a*log(tokens) + c*tokens", &items[1], err));
    JF_TRY(jf_compare_run(&laws, data->table, NULL, 0, NULL, &options, &comparison, err));
done:
    jf_comparison_free(comparison);
    jf_law_free(items[0]);
    jf_law_free(items[1]);
    jf_option_list_free(&options.validate);
    return status;
}

/* Studies with every kind of result. */
static jf_status simulate(const data_at_hand *data, jf_error *err)
{
    jf_status status = JF_OK;
    jf_fit_options fit = options_of_fit();
    jf_truth_options how = {.sigma = NAN, .group_sd = NAN};
    jf_law *items[2] = {NULL};
    jf_laws laws = {.items = items, .n = 2};
    const char *plan = "kfold:3";
    jf_power_options power = {.sizes = (const size_t[]){1}, .n_sizes = 1, .n_replicates = 1};
    jf_simulation s = {.laws = &laws, .plan = "", .criterion = "", .candidates = data->table};
    jf_next next = {0};
    jf_goal goal = {0};

    jf_options_default(jf_compare_options_table, &power.compare);
    power.compare.fit = fit;
    power.compare.validate = (jf_option_list){&plan, 1, 1};
    JF_TRY(jf_law_read("one: log(energy) ~ b0 + a*log(tokens)", &items[0], err));
    JF_TRY(jf_law_read("two: log(energy) ~ b0 + c*tokens", &items[1], err));
    s.law = items[0];
    s.formula = items[0]->text;
    JF_TRY(jf_truth_build(items[0], data->table, NULL, 0, NULL, &fit, &how, &s.warnings, &s.truth, err));
    JF_TRY(jf_recovery_run(s.truth, items[0], 2, &fit, &s.recovery, err));
    s.has_recovery = true;
    JF_TRY(jf_new_runs_coverage(s.truth, items[0], 1, &fit, &s.runs, &s.n_runs, err));
    JF_TRY(jf_power_run(s.truth, &laws, &power, &s.power, &s.n_power, err));
    JF_TRY(jf_goal_quantity(s.truth->fit, items[0], "a", &goal, err));
    JF_TRY(jf_design_next(s.truth->fit, data->table, NULL, 0, &goal, NULL, &next, err));
    jf_simulation_judge(&s);
done:
    jf_goal_clear(&goal);
    jf_next_clear(&next);
    if (status == JF_OK) json_decref(jf_simulation_to_json(&s));
    jf_simulation_clear(&s);
    jf_law_free(items[0]);
    jf_law_free(items[1]);
    return status;
}

static jf_status run_refusing(job work, const data_at_hand *data, refusal *c, jf_error *err)
{
    jf_status status;

    *err = (jf_error){0};
    jf_memory_hook(refuse, c);
    status = work(data, err);
    jf_memory_hook(NULL, NULL);
    return status;
}

static void check_job(const char *name, job work, const data_at_hand *data)
{
    refusal none = {.at = -1};
    jf_error err;
    long total, stride, n_tried = 0, n_refused = 0;

    check_ok(run_refusing(work, data, &none, &err), &err);
    total = none.asked;
    stride = total > ALL_OF_THE_FIRST + SAMPLES ? (total - ALL_OF_THE_FIRST) / SAMPLES : 1;
    for (long at = 0; at < total; at += at < ALL_OF_THE_FIRST ? 1 : stride) {
        refusal c = {.at = at};
        jf_status status = run_refusing(work, data, &c, &err);
        n_tried++;
        if (status == JF_OK)
            continue; /* what was refused was not needed: a suggestion, a place in a message */
        n_refused++;
        if (status != JF_ENOMEM || !err.message[0])
            fail_msg("%s, allocation %ld of %ld: status %d, '%s'", name, at, total, (int)status, err.message);
    }
    assert_true(n_refused > n_tried / 2);
    print_message("%s: %ld of %ld allocations made to fail, %ld were reported\n", name, n_tried, total,
                  n_refused);
}

static void write_table(char *path)
{
    int fd = mkstemp(path);
    FILE *file = fdopen(fd, "w");

    assert_non_null(file);
    fputs("energy_J,tokens,gpu\n", file);
    for (int i = 1; i <= 12; i++) fprintf(file, "%g,%d,%c\n", 3 + 10.5 * i + i % 3, i, "AB"[i % 2]);
    assert_int_equal(fclose(file), 0);
}

static void an_allocation_that_fails_ends_a_job_with_an_error(void **state)
{
    static const struct {
        const char *name;
        job work;
    } jobs[] = {{"read", read_table}, {"fit", fit_linear},  {"nonlinear fit", fit_nonlinear},
                {"predict", predict}, {"compare", compare}, {"simulate", simulate}};
    char path[] = "/tmp/joulefit-faults-XXXXXX";
    data_at_hand data = {.path = path};
    jf_error err = {0};

    (void)state;
    write_table(path);
    check_ok(jf_csv_read(path, &(jf_csv_options){0}, NULL, NULL, &data.table, &err), &err);
    jf_column energy = {.name = jf_copy_text("energy"), .values = JF_NEW_ARRAY(double, 12)};
    memcpy(energy.values, jf_table_find(data.table, "energy_J")->values, 12 * sizeof(double));
    check_ok(jf_table_add(data.table, &energy, false, &err), &err);
    for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) check_job(jobs[i].name, jobs[i].work, &data);
    jf_table_free(data.table);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(an_allocation_that_fails_ends_a_job_with_an_error)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
