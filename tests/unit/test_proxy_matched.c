/* Matching with the single-GPU runs of a family, against a plain search; and proxies against the simulator.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/memory.h"
#include "core/stream.h"
#include "data/csv.h"
#include "data/unit.h"
#include "proxies/matched.h"
#include "proxies/proxy.h"
#include "proxies/simulate_sweep.h"
#include "tests/check.h"

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The median by collecting and sorting, for one row. */
static double plain_baseline(const jf_groups *families, const double *gpus, const double *value, size_t row)
{
    double found[500];
    size_t n = 0;

    for (size_t i = 0; i < families->n_rows; i++)
        if (families->group[i] == families->group[row] && gpus[i] == 1 && !isnan(value[i]))
            found[n++] = value[i];
    if (!n) return NAN;
    qsort(found, n, sizeof *found, by_value);
    return n % 2 ? found[n / 2] : (found[n / 2 - 1] + found[n / 2]) / 2;
}

static void baselines_are_medians_of_the_family(void **state)
{
    enum { N = 300, N_FAMILIES = 60 };
    uint32_t group[N];
    double gpus[N], value[N];
    jf_groups families = {.n_rows = N, .group = group, .n_groups = N_FAMILIES};
    jf_stream stream = jf_stream_make(5, JF_FOR_TESTS, 0);
    jf_matched matched;
    jf_error err = {0};
    size_t n_unmatched = 0;

    (void)state;
    for (size_t i = 0; i < N; i++) {
        group[i] = (uint32_t)jf_stream_below(&stream, N_FAMILIES);
        gpus[i] = (double)(1 << jf_stream_below(&stream, 4));
        value[i] = jf_stream_below(&stream, 10) ? jf_stream_uniform(&stream) : NAN;
    }
    check_ok(jf_match_baseline(&families, gpus, value, &matched, &err), &err);
    for (size_t i = 0; i < N; i++) {
        double wanted = isnan(value[i]) ? NAN : plain_baseline(&families, gpus, value, i);

        assert_true(isnan(matched.baseline[i]) == isnan(wanted));
        if (!isnan(wanted)) check_close(matched.baseline[i], wanted, 0, "row %zu", i);
        if (gpus[i] > 1 && !isnan(value[i]) && isnan(wanted)) {
            assert_int_equal(matched.unmatched[n_unmatched], i);
            n_unmatched++;
        }
    }
    assert_int_equal(matched.n_unmatched, n_unmatched);
    assert_true(n_unmatched > 0);
    jf_matched_free(&matched);
}

static const double *column(const jf_table *table, const char *name)
{
    const jf_column *found = jf_table_find(table, name);

    if (!found) fail_msg("no column %s", name);
    return found->values;
}

static jf_sim_run run_of_row(const jf_table *table, const jf_sim_sweep *sweep, size_t i)
{
    const jf_column *strategy = jf_table_find(table, "strategy");
    jf_sim_run run = {.layers = column(table, "num_layers")[i],
                      .width = column(table, "hidden_size")[i],
                      .heads = column(table, "num_attention_heads")[i],
                      .batch = column(table, "batch_size")[i],
                      .sequence = column(table, "seq_length")[i],
                      .vocabulary = column(table, "vocab_size")[i],
                      .positions = sweep->positions,
                      .gpus = column(table, "gpus")[i],
                      .steps = column(table, "steps")[i]};

    while (strcmp(jf_sim_strategy_names[run.strategy], strategy->levels[strategy->codes[i]])) run.strategy++;
    return run;
}

/* Two roads to one number: the catalogue's formulas and the simulator's C agree on every run of the sweep. */
static void proxies_agree_with_the_model_that_drew_the_sweep(void **state)
{
    static const char *const names[] = {"params", "flops_step", "comm_bytes_step", "C", "eta"};
    jf_error err = {0};
    jf_sim_sweep sweep;
    jf_table *table = NULL;
    jf_catalogue *catalogue = NULL;
    jf_ledger ledger = {0};
    jf_warnings warnings = {0};
    jf_csv_options options = {0};

    (void)state;
    check_ok(jf_sim_sweep_read(check_source("data/sets/bert_sweep_truth.yaml"), &sweep, &err), &err);
    check_ok(jf_csv_read(check_source("data/sets/bert_sweep_simulated.csv"), &options, &ledger, &warnings,
                         &table, &err),
             &err);
    jf_table_set_units(table);
    check_ok(jf_catalogue_builtin(&catalogue, &err), &err);
    check_ok(jf_proxies_apply(catalogue, &(jf_proxy_request){names, 5, NULL, NULL, 0, &warnings, NULL}, table,
                              &err),
             &err);
    for (size_t i = 0; i < table->n_rows; i++) {
        jf_sim_run run = run_of_row(table, &sweep, i);
        jf_sim_step step;

        check_ok(jf_simulate_step(&sweep.machines[0].machine, &sweep.model, &run, &step, &err), &err);
        check_close(column(table, "params")[i], step.parameters, 0, "parameters, line %zu",
                    jf_table_line(table, i));
        check_close(column(table, "flops_step")[i], step.flops, 1e-14, "FLOPs, line %zu",
                    jf_table_line(table, i));
        check_close(column(table, "comm_bytes_step")[i], step.link_bytes, 1e-14, "bytes sent, line %zu",
                    jf_table_line(table, i));
        check_close(column(table, "C")[i], step.flops * run.gpus * run.steps, 1e-14, "FLOPs of the run");
        if (run.gpus > 1 && column(table, "eta")[i] > 1.1)
            fail_msg("line %zu: efficiency %g", jf_table_line(table, i), column(table, "eta")[i]);
    }
    jf_catalogue_free(catalogue);
    jf_table_free(table);
    jf_sim_sweep_free(&sweep);
    jf_ledger_free(&ledger);
    jf_warnings_free(&warnings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(baselines_are_medians_of_the_family),
        cmocka_unit_test(proxies_agree_with_the_model_that_drew_the_sweep),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
