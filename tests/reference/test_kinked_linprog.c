/* Least absolute and quantile fits against linear programmes (kinked_linprog.py): the same loss to 1e-9, with
 * multipliers that prove it, where rows are weighted, bounded, copied, tied, or told apart by nothing. */
#include "tests/check.h"

#include <jansson.h>
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "data/columns.h"
#include "data/csv.h"
#include "tests/problem.h"

enum { COLUMNS = 5 };

static json_t *read_wanted(void)
{
    json_error_t where;
    json_t *all = json_load_file(check_source("tests/reference/kinked_linprog.json"), 0, &where);

    assert_non_null(all);
    return all;
}

static jf_table *table_of(const json_t *entry)
{
    static const char *const names[COLUMNS] = {"x0", "x1", "x2", "y", "w"};
    double *values[COLUMNS];
    size_t n = json_array_size(json_object_get(entry, "y"));
    jf_table *table;

    assert_true(n > 0);
    for (size_t c = 0; c < COLUMNS; c++) {
        const json_t *list = json_object_get(entry, names[c]);

        assert_int_equal(json_array_size(list), n);
        values[c] = JF_NEW_ARRAY(double, n);
        assert_non_null(values[c]);
        for (size_t i = 0; i < n; i++) values[c][i] = json_number_value(json_array_get(list, i));
    }
    table = test_table(COLUMNS, names, (const double *const *)values, n);
    for (size_t c = 0; c < COLUMNS; c++) jf_free(values[c]);
    return table;
}

static jf_problem *problem_of(const json_t *entry, const jf_table *table)
{
    jf_problem *p = test_problem_new("y ~ b0*x0 + b1*x1 + b2*x2", table);
    const json_t *bounds = json_object_get(entry, "bounds");
    const double *w = jf_table_find(table, "w")->values;

    p->weight = JF_NEW_ARRAY(double, p->n);
    assert_non_null(p->weight);
    memcpy(p->weight, w, p->n * sizeof *w);
    for (size_t j = 0; j < p->k && json_is_array(bounds); j++) {
        p->lower[j] = json_number_value(json_array_get(bounds, 0));
        p->upper[j] = json_number_value(json_array_get(bounds, 1));
    }
    return p;
}

static void compare(const jf_problem *p, const char *kind, const char *loss, double wanted)
{
    jf_solve_options options = test_solve_options();
    jf_solution s;
    jf_error err = {0};

    check_ok(jf_loss_read(loss, &options.loss, &err), &err);
    check_ok(jf_solve(p, &options, &s, &err), &err);
    check_close(s.loss, wanted, 1e-9, "%s, %s", kind, loss);
    assert_true(s.scaled_gradient < 1e-12);
    assert_true(s.outcome == (strcmp(kind, "two columns alike") ? JF_CONVERGED : JF_FLAT) ||
                (s.outcome == JF_AT_BOUND && strstr(kind, "bounded")));
    jf_solution_clear(&s);
}

static void linear_programmes_find_the_same_loss(void **state)
{
    json_t *all = read_wanted(), *entry, *wanted;
    const char *loss;
    size_t i;

    (void)state;
    assert_true(json_array_size(json_object_get(all, "cases")) >= 9);
    json_array_foreach(json_object_get(all, "cases"), i, entry)
    {
        const char *kind = json_string_value(json_object_get(entry, "kind"));
        jf_table *table = table_of(entry);
        jf_problem *p = problem_of(entry, table);

        json_object_foreach(json_object_get(entry, "loss"), loss, wanted)
            compare(p, kind, loss, json_number_value(wanted));
        test_problem_free(p);
        jf_table_free(table);
    }
    json_decref(all);
}

static void measured_rows_of_which_many_are_copies_are_no_harder(void **state)
{
    json_t *all = read_wanted(), *wanted;
    const char *path = check_shared("data/ecai2025/transformer_energy.csv"), *loss;
    jf_csv_options options = {0};
    jf_ledger ledger = {0};
    jf_warnings warnings = {0};
    jf_table *table;
    jf_problem *p;
    jf_error err = {0};
    size_t *rows, n;

    (void)state;
    if (!path) skip();
    check_ok(jf_csv_read(path, &options, &ledger, &warnings, &table, &err), &err);
    check_ok(jf_table_filter(table, "model == \"bert\"", &rows, &n, &err), &err);
    check_ok(jf_table_keep(table, rows, n, &err), &err);
    p = test_problem_new("log(energy_joules) ~ b0 + l*log(num_layers) + w*log(d_model) + s*log(seq_length) + "
                         "b*log(batch_size)",
                         table);
    json_object_foreach(json_object_get(all, "bert"), loss, wanted)
        compare(p, "measured", loss, json_number_value(wanted));
    test_problem_free(p);
    jf_table_free(table);
    jf_ledger_free(&ledger);
    jf_warnings_free(&warnings);
    jf_free(rows);
    json_decref(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(linear_programmes_find_the_same_loss),
        cmocka_unit_test(measured_rows_of_which_many_are_copies_are_no_harder),
    };
    return cmocka_run_group_tests(tests, test_settle_libraries, NULL);
}
