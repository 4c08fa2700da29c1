/* Groups, exact duplicates, repeats, filters and the SI columns, on small tables and on measured sweeps. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "core/text.h"
#include "data/columns.h"
#include "data/csv.h"
#include "data/groups.h"
#include "tests/check.h"
#include "tests/refuse.h"

static jf_table *read_text(const char *text, jf_ledger *ledger)
{
    char path[] = "/tmp/joulefit-groups-XXXXXX";
    int file = mkstemp(path);
    jf_table *table = NULL;
    jf_error err = {0};

    assert_int_equal(write(file, text, strlen(text)), (ssize_t)strlen(text));
    close(file);
    check_ok(jf_csv_read(path, NULL, ledger, NULL, &table, &err), &err);
    unlink(path);
    return table;
}

static jf_table *read_shared(const char *name)
{
    const char *path = check_shared(name);
    jf_table *table = NULL;
    jf_error err = {0};

    if (path) check_ok(jf_csv_read(path, NULL, NULL, NULL, &table, &err), &err);
    return table;
}

/* ---- groups ---- */

static void check_groups(jf_groups *groups, const uint32_t *wanted, size_t n_rows, size_t n_groups)
{
    assert_int_equal(groups->n_rows, n_rows);
    assert_int_equal(groups->n_groups, n_groups);
    for (size_t i = 0; i < n_rows; i++) assert_int_equal(groups->group[i], wanted[i]);
    jf_groups_free(groups);
}

static void groups_are_numbered_by_first_appearance(void **state)
{
    jf_table *table = read_text("a,\"b, c\",s\n1,0,x\n2,0,x\n1,-0,\n1,0,x\n,0,y\n,0,y\n1,1,x\n", NULL);
    const char *const by_a[] = {"a"}, *const by_list[] = {"s, a"}, *const by_two[] = {"s", "b, c"};
    const char *const wrong[] = {"a,ss"};
    jf_groups groups;
    jf_error err = {0};
    (void)state;

    check_ok(jf_groups_by(table, by_a, 1, &groups, &err), &err);
    check_groups(&groups, (uint32_t[]){0, 1, 0, 0, 2, 2, 0}, 7, 3); /* a missing value is a level */
    check_ok(jf_groups_by(table, by_list, 1, &groups, &err), &err);
    check_groups(&groups, (uint32_t[]){0, 1, 2, 0, 3, 3, 0}, 7, 4);
    check_ok(jf_groups_by(table, by_two, 2, &groups, &err), &err);
    check_groups(&groups, (uint32_t[]){0, 0, 1, 0, 2, 2, 3}, 7, 4);
    assert_int_equal(jf_groups_by(table, wrong, 1, &groups, &err), JF_EUSAGE);
    assert_memory_equal(err.message, "--group: no column 'ss' in ", 27);
    assert_null(groups.group);
    jf_table_free(table);
}

/* Against the definition: two rows share a group exactly when they agree in every column. */
static void two_rows_share_a_group_when_they_agree(void **state)
{
    jf_text text = {0};
    jf_table *table;
    const char *const names[] = {"a,b,c"};
    jf_groups groups;
    jf_error err = {0};
    (void)state;

    jf_text_add(&text, "a,b,c\n");
    for (unsigned i = 0, seed = 1; i < 700; i++) {
        seed = seed * 1103515245 + 12345;
        jf_text_addf(&text, "%u,%s,%u.5\n", seed >> 16 & 7, (seed >> 20 & 3) ? "x" : "y", seed >> 24 & 3);
    }
    table = read_text(text.data, NULL);
    check_ok(jf_groups_by(table, names, 1, &groups, &err), &err);
    for (size_t i = 0; i < 700; i++) {
        for (size_t j = 0; j < i; j++) {
            bool same = true;
            for (size_t c = 0; c < 3; c++) {
                const jf_column *column = &table->columns[c];
                same = same && (column->values ? column->values[i] == column->values[j]
                                               : column->codes[i] == column->codes[j]);
            }
            assert_int_equal(same, groups.group[i] == groups.group[j]);
        }
    }
    jf_groups_free(&groups);
    jf_table_free(table);
    jf_text_free(&text);
}

/* ---- duplicates ---- */

static void copies_agree_in_everything_but_an_index(void **state)
{
    jf_ledger ledger = {0};
    jf_table *table = read_text(",x,s\n10,1,a\n11,1,a\n12,2,a\n13,1,a\n14,,\n15,,\n", &ledger);
    jf_groups groups;
    jf_error err = {0};
    (void)state;

    check_ok(jf_groups_exact(table, &groups, &err), &err);
    check_groups(&groups, (uint32_t[]){0, 0, 1, 0, 2, 2}, 6, 3);
    check_ok(jf_table_drop_duplicates(table, &ledger, &err), &err);
    assert_int_equal(table->n_rows, 3);
    check_close(jf_table_find(table, "index")->values[1], 12, 0, "the first of each set stays");
    assert_int_equal(jf_table_line(table, 1), 4);
    assert_int_equal(ledger.rows_read, 6);
    assert_int_equal(ledger.rows_kept, 3);
    assert_int_equal(ledger.rows_merged, 3);
    assert_int_equal(ledger.n, 3);
    assert_int_equal(ledger.items[1].line, 5);
    assert_string_equal(ledger.items[1].what, "copy of line 2");
    assert_string_equal(ledger.items[1].why, "exact duplicate");
    jf_ledger_free(&ledger);
    jf_table_free(table);
}

/* pandas: d[d.model == "bert"].iloc[:, 1:].drop_duplicates() has 348 of 863 rows; of the whole table 643 of
 * 1576. */
static void the_measured_bert_sweep_has_348_different_rows(void **state)
{
    jf_table *table = read_shared("data/ecai2025/transformer_energy.csv");
    jf_groups groups;
    size_t *rows, n_rows;
    jf_error err = {0};
    (void)state;

    if (!table) skip();
    assert_int_equal(table->n_rows, 1576);
    assert_string_equal(table->index_column, "index");
    check_ok(jf_groups_exact(table, &groups, &err), &err);
    assert_int_equal(groups.n_groups, 643);
    jf_groups_free(&groups);
    check_ok(jf_table_filter(table, "model == \"bert\"", &rows, &n_rows, &err), &err);
    assert_int_equal(n_rows, 863);
    check_ok(jf_table_keep(table, rows, n_rows, &err), &err);
    check_ok(jf_groups_exact(table, &groups, &err), &err);
    assert_int_equal(groups.n_groups, 348);
    jf_groups_free(&groups);
    jf_free(rows);
    jf_table_free(table);
}

/* ---- repeats ---- */

static const char sweep[] = "run_id,gpu,layers,seed,energy_J,duration_s,loss\n"
                            "r1,A,4,1,10,1,0.5\n"
                            "r2,A,8,1,20,2,0.4\n"
                            "r3,A,4,2,14,3,0.7\n"
                            "r4,B,4,1,9,1,\n"
                            "r5,A,4,3,30,2,\n"
                            "r2,A,8,1,20,2,0.4\n"; /* a copy, not a repeat */

static void repeats_share_their_configuration(void **state)
{
    jf_table *table = read_text(sweep, NULL);
    jf_groups groups;
    jf_error err = {0};
    (void)state;

    check_ok(jf_groups_repeats(table, NULL, &groups, &err), &err);
    check_groups(&groups, (uint32_t[]){0, 1, 0, 2, 0, 1}, 6, 3);
    jf_table_free(table);
}

static double cell(const jf_table *table, const char *name, size_t row)
{
    const jf_column *column = jf_table_find(table, name);

    assert_non_null(column);
    return column->values[row];
}

static void repeats_are_merged_and_their_spread_is_kept(void **state)
{
    jf_ledger ledger = {0};
    jf_table *table = read_text(sweep, &ledger);
    jf_error err = {0};
    (void)state;

    check_ok(jf_table_aggregate(table, JF_AGGREGATE_MEAN, &ledger, &err), &err);
    assert_int_equal(table->n_rows, 3);
    check_close(cell(table, "energy_J", 0), 18, 1e-15, "mean of 10, 14, 30");
    check_close(cell(table, "energy_J_var", 0), 112, 1e-15, "their variance");
    assert_string_equal(jf_table_find(table, "energy_J_var")->unit, "J^2");
    check_close(cell(table, "duration_s", 0), 2, 1e-15, "mean of 1, 3, 2");
    check_close(cell(table, "loss", 0), 0.6, 1e-15, "mean of the two that are there");
    assert_null(jf_table_find(table, "loss_var"));
    check_close(cell(table, "repeats", 0), 3, 0, "repeats");
    check_close(cell(table, "repeats", 1), 1, 0, "a copy is no repeat");
    assert_true(isnan(cell(table, "energy_J_var", 1)));
    check_close(cell(table, "seed", 0), 1, 0, "the first run's");
    assert_true(isnan(cell(table, "loss", 2)));
    assert_int_equal(ledger.rows_read, ledger.rows_kept + ledger.rows_merged + ledger.rows_rejected);
    assert_int_equal(ledger.rows_kept, 3);
    assert_int_equal(ledger.n, 3);
    assert_string_equal(ledger.items[0].why, "exact duplicate");
    assert_string_equal(ledger.items[1].what, "merged into line 2");
    assert_string_equal(ledger.items[1].why, "repeat of one configuration: mean");
    jf_ledger_free(&ledger);
    jf_table_free(table);

    table = read_text(sweep, NULL);
    check_ok(jf_table_aggregate(table, JF_AGGREGATE_MEDIAN, NULL, &err), &err);
    check_close(cell(table, "energy_J", 0), 14, 1e-15, "median of 10, 14, 30");
    check_close(cell(table, "loss", 0), 0.6, 1e-15, "median of two");
    jf_table_free(table);

    table = read_text(sweep, NULL);
    check_ok(jf_table_aggregate(table, JF_AGGREGATE_NONE, NULL, &err), &err);
    assert_int_equal(table->n_rows, 6);
    jf_table_free(table);
}

/* ---- filters ---- */

static void a_filter_keeps_the_rows_where_it_is_true(void **state)
{
    jf_table *table = read_text("s,x\nTP,1\nFSDP,2\nTP,\nBaseline,4\n", NULL);
    jf_error err = {0};
    size_t *rows, n_rows;
    (void)state;

    check_ok(jf_table_filter(table, "s in (\"TP\", \"Baseline\") && x < 10", &rows, &n_rows, &err), &err);
    assert_int_equal(n_rows, 2); /* a missing comparison is not true */
    assert_int_equal(rows[1], 3);
    check_ok(jf_table_keep(table, rows, n_rows, &err), &err);
    assert_int_equal(table->n_rows, 2);
    assert_int_equal(jf_table_line(table, 1), 5);
    check_close(cell(table, "x", 1), 4, 0, "x");
    jf_free(rows);
    assert_int_equal(jf_table_filter(table, "s", &rows, &n_rows, &err), JF_EUSAGE);
    assert_string_equal(err.message, "--where: expected a condition, found a text: 's'");
    assert_null(rows);
    assert_int_equal(jf_table_filter(table, "x >", &rows, &n_rows, &err), JF_EUSAGE);
    assert_memory_equal(err.message, "--where: column ", 16);
    jf_table_free(table);
}

static void a_numeric_column_can_be_read_as_labels(void **state)
{
    jf_table *table = read_text("gpus,E_J\n8,1\n16,2\n8,3\n,4\n", NULL);
    jf_error err = {0};
    const jf_column *gpus;
    (void)state;

    check_ok(jf_table_label(table, "gpus", &err), &err);
    check_ok(jf_table_label(table, "gpus", &err), &err);
    gpus = jf_table_find(table, "gpus");
    assert_int_equal(gpus->kind, JF_LABEL);
    assert_string_equal(gpus->levels[1], "16");
    assert_int_equal(gpus->codes[3], -1);
    assert_int_equal(jf_table_label(table, "gpu", &err), JF_EUSAGE);
    assert_memory_equal(err.message, "--label: no column 'gpu' in ", 28);
    jf_table_free(table);
}

/* ---- SI columns ---- */

static void check_si(const char *header, const char *scope, double energy, const char *code)
{
    char text[256];
    jf_table *table;
    jf_warnings warnings = {0};
    jf_error err = {0};

    snprintf(text, sizeof text, "%s\n1,2,3,4\n", header);
    table = read_text(text, NULL);
    check_ok(jf_table_add_si(table, scope, &warnings, &err), &err);
    if (isnan(energy)) {
        assert_null(jf_table_find(table, "energy"));
    } else {
        check_close(cell(table, "energy", 0), energy, 1e-15, "%s", header);
    }
    if (code && warnings.n == 0) fail_msg("%s: no warning", header);
    if (code)
        assert_string_equal(warnings.items[0].code, code);
    else if (warnings.n)
        fail_msg("%s: %s", header, warnings.items[0].message);
    jf_warnings_free(&warnings);
    jf_table_free(table);
}

static void energy_is_the_si_twin_of_the_scopes_column(void **state)
{
    (void)state;
    check_si("energy_kWh,a,b,c", NULL, 3.6e6, NULL);
    check_si("a,energy_Wh,b,c", NULL, 7200, NULL);
    check_si("gpu_energy,cpu_energy,ram_energy,energy_consumed", NULL, 4 * 3.6e6, "W_SCOPE");
    check_si("gpu_energy,cpu_energy,ram_energy,energy_consumed", "gpu", 3.6e6, NULL);
    check_si("gpu_energy,cpu_energy,ram_energy,energy_consumed", "ram", 3 * 3.6e6, NULL);
    check_si("gpu_energy,cpu_energy,ram_energy,b", NULL, 3.6e6, "W_SCOPE");
    check_si("gpu0_energy_J,gpu_energy_J,gpu_joules,b", "gpu", 2, "W_SCOPE");
    check_si("prefill_J,decode_J,a,b", NULL, NAN, NULL);
    check_si("energy_J,energy_J_std,energy_J_var,b", NULL, 1, NULL);
    check_si("energy,energy_kWh,a,b", NULL, 1, "W_SI_NAME");
    check_si("energy,gpu_energy_J,a,b", "gpu", 1, "W_SCOPE");
    check_si("a,b,c,d", NULL, NAN, NULL);
}

static void a_scope_that_no_column_has_is_an_error(void **state)
{
    jf_table *table = read_text("gpu_energy_kWh,energy_J\n1,2\n", NULL);
    jf_error err = {0};
    (void)state;

    assert_int_equal(jf_table_add_si(table, "cpu", NULL, &err), JF_EUSAGE);
    assert_string_equal(err.message, "--scope cpu: no column holds the energy of that scope; energies are "
                                     "gpu_energy_kWh, energy_J");
    assert_int_equal(jf_table_add_si(table, "gpus", NULL, &err), JF_EUSAGE);
    assert_string_equal(err.message,
                        "--scope: expected gpu, cpu, ram or total, found 'gpus' (did you mean 'gpu'?)");
    jf_table_free(table);
}

static void duration_is_the_si_twin_of_the_runs_time(void **state)
{
    static const struct {
        const char *header;
        double duration; /* NaN: none is added */
    } cases[] = {
        {"duration_ms,step_time_s,b", 0.001},
        {"a,elapsed_h,time_s", 7200},
        {"a,wall_hours,accel_hours", 7200},
        {"train_time_s,eval_time_s,b", NAN},
        {"duration,time_s,b", 1},
        {"a,b,time_per_epoch_s", NAN},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[128];
        jf_table *table;
        jf_error err = {0};
        snprintf(text, sizeof text, "%s\n1,2,3\n", cases[i].header);
        table = read_text(text, NULL);
        check_ok(jf_table_add_si(table, NULL, NULL, &err), &err);
        if (isnan(cases[i].duration))
            assert_null(jf_table_find(table, "duration"));
        else
            check_close(cell(table, "duration", 0), cases[i].duration, 1e-15, "%s", cases[i].header);
        jf_table_free(table);
    }
}

/* ---- memory ---- */

static jf_status prepare(jf_table *table, jf_ledger *ledger, jf_error *err)
{
    jf_status status = JF_OK;
    size_t *rows = NULL, n_rows;

    JF_TRY(jf_table_let(table, "P [W] = energy_J/duration_s", err));
    JF_TRY(jf_table_label(table, "layers", err));
    JF_TRY(jf_table_add_si(table, NULL, NULL, err));
    JF_TRY(jf_table_filter(table, "P > 0", &rows, &n_rows, err));
    JF_TRY(jf_table_keep(table, rows, n_rows, err));
    JF_TRY(jf_table_aggregate(table, JF_AGGREGATE_MEDIAN, ledger, err));
done:
    jf_free(rows);
    return status;
}

static void preparing_survives_every_failed_allocation(void **state)
{
    size_t n = 0;
    (void)state;

    for (bool failed = true; failed; n++) {
        refusal count = {.at = (long)n};
        jf_ledger ledger = {0};
        jf_table *table = read_text(sweep, &ledger);
        jf_error err = {0};
        jf_status status;
        jf_memory_hook(refuse, &count);
        status = prepare(table, &ledger, &err);
        jf_memory_hook(NULL, NULL);
        failed = was_refused(&count);
        if (!failed)
            check_ok(status, &err);
        else if (status != JF_ENOMEM)
            fail_msg("allocation %zu: status %d '%s'", n, status, err.message);
        jf_ledger_free(&ledger);
        jf_table_free(table);
    }
    assert_true(n > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_are_numbered_by_first_appearance),
        cmocka_unit_test(two_rows_share_a_group_when_they_agree),
        cmocka_unit_test(copies_agree_in_everything_but_an_index),
        cmocka_unit_test(the_measured_bert_sweep_has_348_different_rows),
        cmocka_unit_test(repeats_share_their_configuration),
        cmocka_unit_test(repeats_are_merged_and_their_spread_is_kept),
        cmocka_unit_test(a_filter_keeps_the_rows_where_it_is_true),
        cmocka_unit_test(a_numeric_column_can_be_read_as_labels),
        cmocka_unit_test(energy_is_the_si_twin_of_the_scopes_column),
        cmocka_unit_test(a_scope_that_no_column_has_is_an_error),
        cmocka_unit_test(duration_is_the_si_twin_of_the_runs_time),
        cmocka_unit_test(preparing_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
