/* The published runs that are committed: measured ones only, cited, and physically possible. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "data/csv.h"
#include "data/unit.h"
#include "proxies/hardware.h"
#include "tests/check.h"

static int load(void **state)
{
    jf_error err = {0};
    jf_table *table = NULL;
    jf_ledger ledger = {0};
    jf_warnings warnings = {0};
    jf_csv_options options = {0};

    check_ok(
        jf_csv_read(check_source("data/sets/published_runs.csv"), &options, &ledger, &warnings, &table, &err),
        &err);
    jf_table_set_units(table);
    assert_int_equal(ledger.rows_rejected, 0);
    assert_int_equal(warnings.n, 0);
    jf_ledger_free(&ledger);
    jf_warnings_free(&warnings);
    *state = table;
    return 0;
}

static int unload(void **state)
{
    jf_table_free(*state);
    return 0;
}

static const char *label(const jf_table *table, const char *name, size_t row)
{
    const jf_column *column = jf_table_find(table, name);

    assert_non_null(column);
    return column->codes[row] < 0 ? NULL : column->levels[column->codes[row]];
}

static double number(const jf_table *table, const char *name, size_t row)
{
    const jf_column *column = jf_table_find(table, name);

    assert_non_null(column);
    return column->values[row];
}

static void every_row_is_measured_and_cited(void **state)
{
    const jf_table *table = *state;

    assert_true(table->n_rows >= 30);
    for (size_t i = 0; i < table->n_rows; i++) {
        const char *evidence = label(table, "evidence", i), *source = label(table, "source", i);

        if (!evidence || strncmp(evidence, "measured", 8) || strstr(evidence, "suspect") ||
            strstr(evidence, "assumed"))
            fail_msg("line %zu: evidence %s", jf_table_line(table, i), evidence);
        if (!source || !label(table, "energy_scope", i))
            fail_msg("line %zu: no source or scope", jf_table_line(table, i));
        if (!(number(table, "energy_kWh", i) > 0)) fail_msg("line %zu: energy", jf_table_line(table, i));
    }
}

/* Boards draw between idle and their limit; whole nodes up to 1.6 times that. */
static void power_of_every_row_is_possible(void **state)
{
    const jf_table *table = *state;
    jf_hardware hardware;
    jf_error err = {0};
    size_t n_checked = 0;

    check_ok(jf_hardware_builtin(&hardware, &err), &err);
    for (size_t i = 0; i < table->n_rows; i++) {
        const char *name = label(table, "gpu", i);
        double power = number(table, "energy_kWh", i) * 3.6e6 / number(table, "device_seconds", i);
        const jf_gpu *gpu;

        if (isnan(power) || !name || jf_hardware_find(&hardware, name, &gpu, NULL, &err) != JF_OK) continue;
        if (isnan(gpu->tdp_w)) continue;
        n_checked++;
        if (!(power > (isnan(gpu->idle_w) ? 0 : gpu->idle_w) && power < 1.6 * gpu->tdp_w))
            fail_msg("line %zu: %g W on a %s", jf_table_line(table, i), power, gpu->name);
    }
    assert_true(n_checked >= 25);
    jf_hardware_free(&hardware);
}

static void counted_compute_is_six_flops_a_parameter_and_token(void **state)
{
    const jf_table *table = *state;

    for (size_t i = 0; i < table->n_rows; i++) {
        const char *kind = label(table, "C_kind", i);
        double nd = number(table, "active_params", i) * number(table, "tokens", i);

        if (!kind) assert_true(isnan(number(table, "C", i)));
        if (kind && !strcmp(kind, "6ND"))
            check_close(number(table, "C", i), 6 * nd, 1e-9, "line %zu", jf_table_line(table, i));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_measured_and_cited),
        cmocka_unit_test(power_of_every_row_is_possible),
        cmocka_unit_test(counted_compute_is_six_flops_a_parameter_and_token),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
