/* Units and classes: from names, from the user, through formulas, and printed. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "data/columns.h"
#include "data/unit.h"
#include "tests/check.h"

static void add_number(jf_table *table, const char *name, const char *unit, double value)
{
    jf_error err = {0};
    jf_column column = {.name = jf_copy_text(name), .values = JF_NEW_ARRAY(double, 1)};

    column.values[0] = value;
    snprintf(column.unit, sizeof column.unit, "%s", unit);
    check_ok(jf_table_add(table, &column, false, &err), &err);
}

static void add_label(jf_table *table, const char *name)
{
    jf_error err = {0};
    jf_column column = {
        .name = jf_copy_text(name), .kind = JF_LABEL, .codes = JF_NEW_ZEROED(int32_t, 1), .n_levels = 1};

    column.levels = JF_NEW_ARRAY(char *, 1);
    column.levels[0] = jf_copy_text("TP");
    check_ok(jf_table_add(table, &column, false, &err), &err);
}

static jf_table *runs(void)
{
    jf_error err = {0};
    jf_table *table = NULL;

    check_ok(jf_table_new(1, &table, &err), &err);
    add_number(table, "time_s", "", 10);
    add_number(table, "power_W", "", 200);
    add_number(table, "power_kW", "", 0.2);
    add_number(table, "energy_kWh", "", 0.5);
    add_number(table, "tokens", "", 1000);
    add_number(table, "params", "", 5);
    add_number(table, "wall_hours", "", 2);
    add_number(table, "memory_GB", "", 4);
    add_number(table, "share_percent", "", 30);
    add_label(table, "strategy");
    jf_table_set_units(table);
    return table;
}

static void a_names_ending_gives_its_unit(void **state)
{
    static const char *const rows[][2] = {
        {"energy_kWh", "kWh"},
        {"energy_kwh", "kWh"},
        {"E_Wh", "Wh"},
        {"energy_J", "J"},
        {"energy_joules", "J"},
        {"total gpu energy kWh", "kWh"},
        {"Energy (kWh)", "kWh"},
        {"power.draw [W]", "W"},
        {"power_limit_W", "W"},
        {"power_mW", "mW"},
        {"power_mw", ""},
        {"duration_s", "s"},
        {"time_seconds", "s"},
        {"elapsed_time_sec", "s"},
        {"latency_ms", "ms"},
        {"wall_hours", "h"},
        {"t_h", "h"},
        {"memory_GB", "GB"},
        {"mem_used_MB", "MB"},
        {"vram_GiB", "GiB"},
        {"compute_FLOPs", "FLOP"},
        {"FLOPs", "FLOP"},
        {"flops", "FLOP"},
        {"flops_per_second", "FLOP/s"},
        {"peak_TFLOPS", "TFLOP/s"},
        {"tokens", "token"},
        {"train_tokens", "token"},
        {"tokens_per_s", "token/s"},
        {"tokens_per_second", "token/s"},
        {"J_per_token", "J/token"},
        {"steps_per_s", "1/s"},
        {"energy_per_token", ""},
        {"bandwidth_GB_s", "GB/s"},
        {"time_per_epoch_s", "s"},
        {"gpu_util_percent", "%"},
        {"clock_MHz", "MHz"},
        {"emissions_kg", "kg"},
        {"duration", "s"},
        {"energy_consumed", "kWh"},
        {"gpu_energy", "kWh"},
        {"cpu_energy", "kWh"},
        {"ram_energy", "kWh"},
        {"gpu_power", "W"},
        {"emissions", "kg"},
        {"train_runtime", "s"},
        {"total_flos", "FLOP"},
        /* none */
        {"energy", ""},
        {"h", ""},
        {"s", ""},
        {"W", ""},
        {"J", ""},
        {"C", ""},
        {"params", ""},
        {"num_layers", ""},
        {"time_sec_std", ""},
        {"energy_wh_std_codecarbon", ""},
        {"x_min", ""},
        {"model_S", ""},
        {"", ""},
        {"duration_QKV Projections", ""},
        {"energy [furlongs]", ""},
    };
    char unit[24];
    (void)state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        jf_unit_of_name(rows[i][0], unit, sizeof unit);
        if (strcmp(unit, rows[i][1]) != 0)
            fail_msg("'%s': '%s', expected '%s'", rows[i][0], unit, rows[i][1]);
    }
}

static void every_unit_of_a_name_can_be_read(void **state)
{
    static const char *const names[] = {"a_J",    "a_kWh",  "a_TFLOPS",  "tokens_per_s",
                                        "a_GB_s", "a_days", "a_minutes", "a_pct"};
    char text[24];
    jf_unit unit;
    jf_error err = {0};
    (void)state;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        jf_unit_of_name(names[i], text, sizeof text);
        assert_true(text[0] != '\0');
        check_ok(jf_unit_read(text, &unit, &err), &err);
        assert_true(unit.known);
    }
}

static void units_and_products_convert_to_si(void **state)
{
    static const struct {
        const char *text;
        double to_si;
        const char *printed;
    } rows[] = {
        {"J", 1, "J"},
        {"kWh", 3.6e6, "kWh"},
        {"W*s", 1, "J"},
        {"kW*h", 3.6e6, "kWh"},
        {"J/s", 1, "W"},
        {"GB/s", 1e9, "GB/s"},
        {"J/token", 1, "J/token"},
        {"kg/kWh", 1 / 3.6e6, "g/Wh"},
        {"1/s", 1, "Hz"},
        {"s^2", 1, "s^2"},
        {"J^2", 1, "J^2"},
        {"W*h", 3600, "Wh"},
        {"percent", 0.01, "%"},
        {"1", 1, ""},
        {"s/s", 1, ""},
        {"TFLOPS", 1e12, "TFLOP/s"},
        {"B", 1, "byte"},
        {"J*s/byte^2", 1, "J*s/byte^2"},
        {"hours", 3600, "h"},
        {"joules", 1, "J"},
        {"KWH", 3.6e6, "kWh"},
        {"kWh^2", 1.296e13, ""},
    };
    jf_error err = {0};
    jf_unit unit;
    char text[24];
    (void)state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check_ok(jf_unit_read(rows[i].text, &unit, &err), &err);
        check_close(unit.to_si, rows[i].to_si, 1e-14, "%s", rows[i].text);
        jf_unit_print(&unit, text, sizeof text);
        if (strcmp(text, rows[i].printed) != 0) fail_msg("'%s' printed '%s'", rows[i].text, text);
    }
}

static void an_unknown_unit_is_refused_with_the_list(void **state)
{
    static const char *const wrong[] = {"",     "furlong", "J/", "/s", "J//s", "J^",
                                        "J^99", "J s",     "*",  "mw", "S"};
    jf_error err = {0};
    jf_unit unit;
    (void)state;

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        if (jf_unit_read(wrong[i], &unit, &err) != JF_EUSAGE) fail_msg("'%s' was read", wrong[i]);
    jf_unit_read("jouls", &unit, &err);
    assert_memory_equal(err.message, "unknown unit 'jouls' (did you mean 'joule'?): units are J, kJ, ", 63);
    assert_non_null(strstr(err.message, ", and products like J/s"));
}

static void classes_follow_names_and_units(void **state)
{
    static const char *const before[] = {"num_layers", "power_limit_W", "gpu_tdp_W",      "batch_size",
                                         "peak",       "peak_TFLOPS",   "flops_counts",   "memory_GB",
                                         "tokens",     "params",        "bandwidth_GB_s", "timeout_s"};
    static const char *const after[] = {"energy_joules",   "duration", "time_per_epoch_s",
                                        "average_power_W", "loss",     "train_loss",
                                        "gpu_util",        "speed_up", "speedup",
                                        "efficiency",      "eta",      "tokens_per_s",
                                        "mem_used_MB",     "HEF",      "flops_per_second",
                                        "E_kWh",           "avgPower", "wall_hours",
                                        "peak_power_W",    "accuracy", "total_gpu_energy_kWh"};
    char unit[24];
    (void)state;

    for (size_t i = 0; i < sizeof before / sizeof *before; i++)
        if (jf_known_of_name(before[i], jf_unit_of_name(before[i], unit, sizeof unit)) != JF_PRE_RUN)
            fail_msg("'%s' is post-run", before[i]);
    for (size_t i = 0; i < sizeof after / sizeof *after; i++)
        if (jf_known_of_name(after[i], jf_unit_of_name(after[i], unit, sizeof unit)) != JF_POST_RUN)
            fail_msg("'%s' is pre-run", after[i]);
}

static void formulas_carry_units_and_the_later_class(void **state)
{
    static const struct {
        const char *formula, *unit;
        bool known;
        jf_known class;
    } rows[] = {
        {"time_s*power_W", "J", true, JF_POST_RUN},
        {"power_W*time_s*2", "J", true, JF_POST_RUN},
        {"power_kW*wall_hours", "kWh", true, JF_POST_RUN},
        {"energy_kWh/time_s", "kWh/s", true, JF_POST_RUN},
        {"energy_kWh/tokens", "kWh/token", true, JF_POST_RUN},
        {"tokens/time_s", "token/s", true, JF_POST_RUN},
        {"time_s + 5", "s", true, JF_POST_RUN},
        {"-time_s", "s", true, JF_POST_RUN},
        {"max(time_s, 3)", "s", true, JF_POST_RUN},
        {"if(time_s > 3, time_s, 3)", "s", true, JF_POST_RUN},
        {"time_s^2", "s^2", true, JF_POST_RUN},
        {"sqrt(time_s^2)", "s", true, JF_POST_RUN},
        {"log(energy_kWh)", "", true, JF_POST_RUN},
        {"time_s/time_s", "", true, JF_POST_RUN},
        {"tokens", "token", true, JF_PRE_RUN},
        {"memory_GB", "GB", true, JF_PRE_RUN},
        {"params*2", "", false, JF_PRE_RUN},
        {"params + time_s", "", false, JF_POST_RUN},
        {"time_s + energy_kWh", "", false, JF_POST_RUN},
        {"time_s + wall_hours", "", false, JF_POST_RUN}, /* the numbers do not add */
        {"energy_kWh*3.6e6", "", false, JF_POST_RUN},    /* J, or 3.6e6 times as many kWh: nobody knows */
        {"energy_kWh*1000", "", false, JF_POST_RUN},
        {"time_s/60", "", false, JF_POST_RUN},
        {"sqrt(time_s)", "", false, JF_POST_RUN},
        {"time_s^tokens", "", false, JF_POST_RUN},
        {"strategy == \"TP\"", "", true, JF_PRE_RUN},
        {"isna(time_s)", "", true, JF_POST_RUN},
        {"7", "", true, JF_PRE_RUN},
    };
    jf_table *table = runs();
    jf_columns columns = jf_table_columns(table);
    (void)state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        jf_error err = {0};
        jf_ast *ast = NULL;
        jf_unit unit;
        jf_known known;
        char text[24];
        check_ok(jf_ast_read("test", rows[i].formula, &ast, &err), &err);
        jf_unit_of_expression(ast, &columns, &unit, &known);
        jf_unit_print(&unit, text, sizeof text);
        if (unit.known != rows[i].known || strcmp(text, rows[i].unit) != 0 || known != rows[i].class)
            fail_msg("%s: known %d, '%s', class %d", rows[i].formula, unit.known, text, known);
        jf_ast_free(ast);
    }
    jf_table_free(table);
}

static void a_deep_formula_takes_no_time(void **state)
{
    jf_table *table = runs();
    jf_columns columns = jf_table_columns(table);
    jf_text text = {0};
    jf_error err = {0};
    jf_ast *ast = NULL;
    jf_unit unit;
    jf_known known;
    (void)state;

    for (int i = 0; i < 60; i++) jf_text_add(&text, "max(time_s, ");
    jf_text_add(&text, "time_s");
    jf_text_pad(&text, ')', 60);
    check_ok(jf_ast_read("test", text.data, &ast, &err), &err);
    jf_unit_of_expression(ast, &columns, &unit, &known);
    assert_true(unit.known && unit.power[JF_TIME] == 1);
    jf_ast_free(ast);
    jf_text_free(&text);
    jf_table_free(table);
}

static void the_user_sets_units_and_classes(void **state)
{
    static const char *const wrong[][2] = {
        {"params", "--unit: expected COLUMN=VALUE, found 'params'"},
        {"=J", "--unit: expected COLUMN=VALUE, found '=J'"},
        {"parms=J", "--unit: no column 'parms' in the table (did you mean 'params'?)"},
        {"strategy=J", "--unit: column 'strategy' holds labels, which have no unit"},
    };
    jf_table *table = runs();
    jf_error err = {0};
    (void)state;

    check_ok(jf_table_set_unit(table, "params=kJ", &err), &err);
    assert_string_equal(jf_table_find(table, "params")->unit, "kJ");
    assert_int_equal(jf_table_find(table, "params")->known, JF_POST_RUN);
    check_ok(jf_table_set_class(table, "params=pre", &err), &err);
    assert_int_equal(jf_table_find(table, "params")->known, JF_PRE_RUN);
    check_ok(jf_table_set_class(table, "tokens=post", &err), &err);
    assert_int_equal(jf_table_find(table, "tokens")->known, JF_POST_RUN);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(jf_table_set_unit(table, wrong[i][0], &err), JF_EUSAGE);
        assert_string_equal(err.message, wrong[i][1]);
    }
    assert_int_equal(jf_table_set_class(table, "tokens=later", &err), JF_EUSAGE);
    assert_string_equal(err.message, "--class: expected pre or post for 'tokens', found 'later'");
    jf_table_free(table);
}

static void let_makes_columns_with_unit_and_class(void **state)
{
    static const char *const wrong[][2] = {
        {"E", "--let: expected NAME [UNIT] = EXPRESSION, found 'E'"},
        {"1E = 3", "--let: expected NAME [UNIT] = EXPRESSION, found '1E = 3'"},
        {"E == 3", "--let: expected NAME [UNIT] = EXPRESSION, found 'E == 3'"},
        {"E [J = 3", "--let: expected NAME [UNIT] = EXPRESSION, found 'E [J = 3'"},
        {"E [W] = time_s*power_W", "--let E: stated to be in W, but the expression gives J"},
        {"E [J] = wall_hours*power_W",
         "--let E: stated to be in J, but the expression gives Wh; multiply it by 3600"},
    };
    jf_table *table = runs();
    jf_error err = {0};
    const jf_column *column;
    (void)state;

    check_ok(jf_table_let(table, "E = time_s*power_W", &err), &err);
    column = jf_table_find(table, "E");
    check_close(column->values[0], 2000, 0, "E");
    assert_string_equal(column->unit, "J");
    assert_int_equal(column->known, JF_POST_RUN);
    check_ok(jf_table_let(table, "`E in J` [J] = energy_kWh*3.6e6", &err), &err);
    check_close(jf_table_find(table, "E in J")->values[0], 1.8e6, 1e-15, "E in J");
    assert_string_equal(jf_table_find(table, "E in J")->unit, "J");
    check_ok(jf_table_let(table, "  E  [ kWh ]= E/3.6e6", &err), &err); /* replaces, from the old one */
    check_close(jf_table_find(table, "E")->values[0], 2000 / 3.6e6, 1e-15, "E");
    assert_string_equal(jf_table_find(table, "E")->unit, "kWh");
    check_ok(jf_table_let(table, "width = params*2", &err), &err);
    assert_int_equal(jf_table_find(table, "width")->known, JF_PRE_RUN);
    assert_string_equal(jf_table_find(table, "width")->unit, "");
    check_ok(jf_table_let(table, "cost_J = params*2", &err),
             &err); /* the name speaks where the formula does not */
    assert_string_equal(jf_table_find(table, "cost_J")->unit, "J");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(jf_table_let(table, wrong[i][0], &err), JF_EUSAGE);
        assert_string_equal(err.message, wrong[i][1]);
    }
    assert_int_equal(jf_table_let(table, "E [parsec] = 1", &err), JF_EUSAGE);
    assert_memory_equal(err.message, "--let E: unknown unit 'parsec'", 30);
    assert_int_equal(jf_table_let(table, "E = tme_s*2", &err), JF_EUSAGE);
    assert_non_null(strstr(err.message, "time_s"));
    jf_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_names_ending_gives_its_unit),
        cmocka_unit_test(every_unit_of_a_name_can_be_read),
        cmocka_unit_test(units_and_products_convert_to_si),
        cmocka_unit_test(an_unknown_unit_is_refused_with_the_list),
        cmocka_unit_test(classes_follow_names_and_units),
        cmocka_unit_test(formulas_carry_units_and_the_later_class),
        cmocka_unit_test(a_deep_formula_takes_no_time),
        cmocka_unit_test(the_user_sets_units_and_classes),
        cmocka_unit_test(let_makes_columns_with_unit_and_class),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
