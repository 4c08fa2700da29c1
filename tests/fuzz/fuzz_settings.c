/* Any bytes as the value of an option: bounds, starts, fixed values, ties, maps of a law, and validation
 * plans. An error with a message, or a law and a plan that hold what they promise. */
#include <assert.h>
#include <math.h>
#include <stdint.h>
#include "core/memory.h"
#include "fit/law/law.h"
#include "fit/select/plan.h"
#include "tests/expr_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { N_ROWS = 12 };

static void check_law(const jf_law *law)
{
    for (size_t i = 0; i < law->n_specs; i++) {
        const jf_parameter_spec *spec = &law->specs[i];
        assert(spec->name && !isnan(spec->lower) && !isnan(spec->upper) && spec->lower <= spec->upper);
    }
}

static void set_law(const char *text)
{
    static jf_status (*const setters[])(jf_law *, const char *, jf_error *) = {
        jf_law_set_bounds, jf_law_set_starts, jf_law_set_fixed, jf_law_set_tie, jf_law_map};

    for (size_t i = 0; i < sizeof setters / sizeof *setters; i++) {
        jf_law *law = NULL;
        jf_error err = {0};
        jf_status status = jf_law_read("law: log(y) ~ a + b*log(x) + h[kind]*n^c", &law, &err);
        assert(status == JF_OK);
        status = setters[i](law, text, &err);
        assert(status == JF_OK || err.message[0]);
        if (status == JF_OK) check_law(law);
        jf_law_free(law);
    }
}

static jf_column numbers(const char *name)
{
    jf_column column = {
        .name = jf_copy_text(name), .kind = JF_NUMERIC, .values = JF_NEW_ARRAY(double, N_ROWS)};
    for (size_t i = 0; i < N_ROWS; i++) column.values[i] = (double)((i * 7) % N_ROWS);
    return column;
}

static void build_plan(const char *text)
{
    jf_table *table = NULL;
    jf_plan *plan = NULL;
    jf_error err = {0};
    size_t rows[N_ROWS];
    jf_column x = numbers("x"), n = numbers("n");
    jf_status status = jf_table_new(N_ROWS, &table, &err);

    assert(status == JF_OK);
    status = jf_table_add(table, &x, false, &err);
    assert(status == JF_OK);
    status = jf_table_add(table, &n, false, &err);
    assert(status == JF_OK);
    for (size_t i = 0; i < N_ROWS; i++) rows[i] = i;
    status = jf_plan_build(text, &(jf_plan_data){.table = table, .rows = rows, .n_rows = N_ROWS, .seed = 1},
                           &plan, &err);
    assert((status == JF_OK) == (plan != NULL) && (plan || err.message[0]));
    for (size_t i = 0; plan && i < plan->n_splits; i++) {
        const jf_split *split = &plan->splits[i];
        bool in_test[N_ROWS] = {false};
        for (size_t j = 0; j < split->n_test; j++) in_test[split->test[j]] = true;
        for (size_t j = 0; j < split->n_train; j++) assert(!in_test[split->train[j]]);
    }
    jf_plan_free(plan);
    jf_table_free(table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = jf_copy_bytes((const char *)data, size);

    set_law(text);
    build_plan(text);
    jf_free(text);
    return 0;
}
