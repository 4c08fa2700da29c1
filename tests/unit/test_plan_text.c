/* Plans as typed: defaults written out, and what is said of those that cannot be read or drawn. */
#include "tests/check.h"

#include <string.h>
#include "core/memory.h"
#include "fit/select/plan.h"

enum { N = 12 };

static jf_table *table;
static jf_plan_data data;
static size_t rows[N];

static int make_table(void **state)
{
    jf_column size = {.name = jf_copy_text("size"), .kind = JF_NUMERIC};
    jf_column odd = {.name = jf_copy_text("a:b"), .kind = JF_NUMERIC};
    jf_column gpu = {.name = jf_copy_text("gpu"), .kind = JF_LABEL, .n_levels = 2};
    jf_error err = {0};
    (void)state;
    check_ok(jf_table_new(N, &table, &err), &err);
    size.values = JF_NEW_ARRAY(double, N);
    odd.values = JF_NEW_ARRAY(double, N);
    gpu.codes = JF_NEW_ARRAY(int32_t, N);
    gpu.levels = JF_NEW_ARRAY(char *, 2);
    gpu.levels[0] = jf_copy_text("A100");
    gpu.levels[1] = jf_copy_text("V100");
    for (size_t i = 0; i < N; i++) {
        rows[i] = i;
        size.values[i] = (double)(i + 1);
        odd.values[i] = 7;
        gpu.codes[i] = (int32_t)(i % 2);
    }
    check_ok(jf_table_add(table, &size, false, &err), &err);
    check_ok(jf_table_add(table, &odd, false, &err), &err);
    check_ok(jf_table_add(table, &gpu, false, &err), &err);
    data = (jf_plan_data){table, rows, N, NULL, NULL, 0, 1};
    return 0;
}

static int drop_table(void **state)
{
    (void)state;
    jf_table_free(table);
    return 0;
}

static void plans_are_written_out_with_their_defaults(void **state)
{
    static const struct {
        const char *typed, *written;
        size_t n_splits;
    } cases[] = {
        {"grouped", "grouped:repeats=20,test=0.3", 20},
        {"grouped:test=0.25", "grouped:repeats=20,test=0.25", 20},
        {"kfold", "kfold:10", 10},
        {"kfold:4,repeats=5", "kfold:4,repeats=5", 20},
        {"loo", "loo", 12},
        {"rows:loo", "rows:loo", 12},
        {"logo:gpu", "logo:gpu", 2},
        {"extrapolate:size", "extrapolate:size:0.75", 1},
        {"extrapolate:size:down", "extrapolate:size:0.25:down", 1},
        {"extrapolate:size:0.4:up", "extrapolate:size:0.4", 1},
        {"ladder:size", "ladder:size:5", 15},
        {"ladder:size:2", "ladder:size:2", 3},
        {"transfer:gpu", "transfer:gpu:0,1,2,4,repeats=5", 40},
        {"transfer:gpu:0,3,repeats=2", "transfer:gpu:0,3,repeats=2", 8},
        {"holdout:size > 3 && gpu == \"A100\"", "holdout:size > 3 && gpu == \"A100\"", 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        jf_plan *plan = NULL;
        jf_error err = {0};
        check_ok(jf_plan_build(cases[i].typed, &data, &plan, &err), &err);
        assert_string_equal(plan->text, cases[i].written);
        assert_int_equal(plan->n_splits, cases[i].n_splits);
        jf_plan_free(plan);
    }
}

static void plans_that_make_no_sense_are_refused_with_the_reason(void **state)
{
    static const struct {
        const char *typed;
        jf_status status;
        const char *says;
    } cases[] = {
        {"kfodl:5", JF_EUSAGE, "unknown validation plan 'kfodl' (did you mean 'kfold'?)"},
        {"", JF_EUSAGE, "unknown validation plan ''"},
        {"kfold:1", JF_EUSAGE, "folds: expected a whole number from 2, found '1'"},
        {"kfold:5,repeat=2", JF_EUSAGE, "expected kfold[:10,repeats=1]"},
        {"kfold:13", JF_EDATA, "13 folds, but there are only 12 rows"},
        {"grouped:test=1.5", JF_EUSAGE, "test: expected a number between 0 and 1, found '1.5'"},
        {"grouped:test=0.95", JF_EDATA, "12 of 12 rows would be held out"},
        {"loo:3", JF_EUSAGE, "expected loo"},
        {"logo", JF_EUSAGE, "expected logo:COLUMN"},
        {"logo:gup", JF_EUSAGE, "did you mean 'gpu'?"},
        {"extrapolate:gpu", JF_EUSAGE, "column 'gpu' holds labels, expected numbers"},
        {"extrapolate:size:0.5:sideways", JF_EUSAGE, "expected extrapolate:COLUMN[:QUANTILE][:down]"},
        {"extrapolate:size:75", JF_EUSAGE, "quantile: expected a number between 0 and 1, found '75'"},
        {"ladder:`a:b`", JF_EDATA, "column 'a:b' has too few different values"},
        {"transfer:gpu:x", JF_EUSAGE, "groups given back: expected a whole number from 0, found 'x'"},
        {"holdout:", JF_EUSAGE, "expected holdout:EXPRESSION"},
        {"holdout:siez > 3", JF_EUSAGE, "did you mean 'size'?"},
        {"holdout:gpu", JF_EUSAGE, "expected a condition, found labels"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        jf_plan *plan = NULL;
        jf_error err = {0};
        jf_status status = jf_plan_build(cases[i].typed, &data, &plan, &err);
        if (status != cases[i].status || !strstr(err.message, cases[i].says))
            fail_msg("'%s': status %d, %s", cases[i].typed, status, err.message);
        assert_null(plan);
    }
}

static void without_groups_every_row_is_dealt_out_alone(void **state)
{
    jf_plan *plan = NULL;
    jf_error err = {0};
    (void)state;
    check_ok(jf_plan_build("grouped", &data, &plan, &err), &err);
    assert_true(plan->by_rows);
    assert_int_equal(plan->n_units, N);
    assert_int_equal(plan->splits[0].n_test, 4); /* ceil(0.3 * 12) */
    jf_plan_free(plan);
}

static void a_constant_column_leaves_nothing_to_extrapolate_to(void **state)
{
    jf_plan *plan = NULL;
    jf_error err = {0};
    (void)state;
    check_ok(jf_plan_build("extrapolate:`a:b`", &data, &plan, &err), &err);
    assert_int_equal(plan->infeasible, 1);
    assert_true(plan->splits[0].infeasible);
    jf_plan_free(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans_are_written_out_with_their_defaults),
        cmocka_unit_test(plans_that_make_no_sense_are_refused_with_the_reason),
        cmocka_unit_test(without_groups_every_row_is_dealt_out_alone),
        cmocka_unit_test(a_constant_column_leaves_nothing_to_extrapolate_to),
    };
    return cmocka_run_group_tests(tests, make_table, drop_table);
}
