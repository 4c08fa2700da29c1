/* Building problems for the tests of solvers. */
#include "tests/problem.h"

#include <cblas.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <string.h>
#include "core/expr/evaluate.h"
#include "core/memory.h"
#include "core/stream.h"
#include "tests/check.h"

static void fill_defaults(jf_problem *p)
{
    size_t k = p->k;

    p->lower = JF_NEW_ARRAY(double, k + 1);
    p->upper = JF_NEW_ARRAY(double, k + 1);
    p->start = JF_NEW_ARRAY(double, k + 1);
    p->range_low = JF_NEW_ARRAY(double, k + 1);
    p->range_high = JF_NEW_ARRAY(double, k + 1);
    p->fixed = JF_NEW_ZEROED(bool, k + 1);
    p->log_range = JF_NEW_ZEROED(bool, k + 1);
    for (size_t j = 0; j < k; j++) {
        p->lower[j] = -INFINITY;
        p->upper[j] = INFINITY;
        p->start[j] = NAN;
        p->range_low[j] = -1;
        p->range_high[j] = 1;
    }
}

jf_problem *test_problem_new(const char *law, const jf_table *table)
{
    jf_problem *p = JF_NEW(jf_problem);
    jf_columns columns = jf_table_columns(table);
    jf_column response = {0};
    jf_ast_law parsed;
    jf_error err = {0};

    assert_non_null(p);
    check_ok(jf_ast_read_law(law, &parsed, &err), &err);
    check_ok(jf_formula_bind("law", parsed.formula, &columns, NULL, 0,
                             &(jf_bind_options){.allow_typos = true}, NULL, &p->formula, &err),
             &err);
    check_ok(jf_inputs_build(p->formula, &columns, NULL, 0, NULL, &p->inputs, &err), &err);
    check_ok(jf_evaluate("response", parsed.response, &columns, &response, &err), &err);
    p->n = table->n_rows;
    p->k = jf_formula_n_parameters(p->formula);
    p->response = response.values;
    response.values = NULL;
    jf_column_clear(&response);
    jf_ast_law_clear(&parsed);
    fill_defaults(p);
    return p;
}

void test_problem_free(jf_problem *p)
{
    jf_formula_free(p->formula);
    jf_inputs_free(p->inputs);
    jf_free(p->response);
    jf_free(p->weight);
    jf_free(p->lower);
    jf_free(p->upper);
    jf_free(p->start);
    jf_free(p->range_low);
    jf_free(p->range_high);
    jf_free(p->fixed);
    jf_free(p->log_range);
    jf_free(p);
}

size_t test_parameter(const jf_problem *problem, const char *name)
{
    long j = jf_formula_find(problem->formula, name);

    if (j < 0) fail_msg("no parameter %s", name);
    return (size_t)j;
}

jf_table *test_table(size_t n_columns, const char *const *names, const double *const *values, size_t n_rows)
{
    jf_error err = {0};
    jf_table *table;

    check_ok(jf_table_new(n_rows, &table, &err), &err);
    for (size_t c = 0; c < n_columns; c++) {
        jf_column column = {.name = jf_copy_text(names[c]), .kind = JF_NUMERIC};

        column.values = JF_NEW_ARRAY(double, n_rows);
        memcpy(column.values, values[c], n_rows * sizeof(double));
        check_ok(jf_table_add(table, &column, false, &err), &err);
    }
    return table;
}

void test_add_labels(jf_table *table, const char *name, const char *const *cells)
{
    jf_error err = {0};
    jf_column column = {.name = jf_copy_text(name), .kind = JF_LABEL};

    column.codes = JF_NEW_ARRAY(int32_t, table->n_rows);
    column.levels = JF_NEW_ZEROED(char *, table->n_rows);
    for (size_t i = 0; i < table->n_rows; i++) { /* levels sorted by insertion */
        size_t at = 0;

        while (at < column.n_levels && strcmp(column.levels[at], cells[i]) < 0) at++;
        if (at < column.n_levels && strcmp(column.levels[at], cells[i]) == 0) continue;
        memmove(column.levels + at + 1, column.levels + at, (column.n_levels - at) * sizeof *column.levels);
        column.levels[at] = jf_copy_text(cells[i]);
        column.n_levels++;
    }
    for (size_t i = 0; i < table->n_rows; i++) column.codes[i] = jf_column_level(&column, cells[i]);
    check_ok(jf_table_add(table, &column, false, &err), &err);
}

int test_settle_libraries(void **state)
{
    (void)state;
    gsl_set_error_handler_off();
    openblas_set_num_threads(1);
    return 0;
}

jf_solve_options test_solve_options(void)
{
    return (jf_solve_options){.loss = {JF_LOSS_LS, NAN},
                              .starts = 64,
                              .max_iterations = 500,
                              .tolerance = 1e-10,
                              .seed = JF_DEFAULT_SEED,
                              .threads = 1};
}
