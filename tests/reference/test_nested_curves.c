/* Laws within laws that are not linear: which are found, and their F and likelihood ratio against sums in 50
 * digits (tests/reference/select/nested_curves.py). */
#include "tests/check.h"

#include <jansson.h>
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "fit/select/compare.h"

static const double close = 1e-8;

/* full holds the next three; what else holds what stands in `pairs`. */
static const char *const laws_text[] = {
    "full: log(y) ~ log(e + k*x^a) + b*log(z)",
    "straight: log(y) ~ log(e + k*x) + b*log(z)",
    "power: log(y) ~ b0 + a*log(x) + b*log(z)",
    "tied: log(y) ~ log(e + k*x^a) + a*log(z)",
    "z_only: log(y) ~ b0 + b*log(z)",
    "exponential: log(y) ~ log(e + k*exp(a*x)) + b*log(z)",
    "raw: y ~ e + k*x^a",
};
enum { N_LAWS = sizeof laws_text / sizeof *laws_text };

static const struct {
    const char *small, *large, *how;
} pairs[] = {
    {"straight", "full", "curve"},
    {"power", "full", "curve"},
    {"tied", "full", "curve"},
    {"z_only", "straight", "curve"}, /* k = 0, and all else keeps its meaning */
    {"z_only", "tied", "curve"},
    {"z_only", "power", "span"},
    {"z_only", "full", "edge"}, /* k = 0: then a means nothing */
    {"z_only", "exponential", "edge"},
};
enum { N_PAIRS = sizeof pairs / sizeof *pairs };

typedef struct compared {
    json_t *cases;
    jf_table *table;
    jf_comparison *c;
} compared;

static void add_column(jf_table *table, const json_t *cases, const char *name)
{
    const json_t *array = json_object_get(cases, name);
    jf_column column = {.name = jf_copy_text(name), .kind = JF_NUMERIC};
    jf_error err = {0};

    column.values = JF_NEW_ARRAY(double, table->n_rows);
    assert_non_null(column.values);
    for (size_t i = 0; i < table->n_rows; i++) column.values[i] = json_number_value(json_array_get(array, i));
    check_ok(jf_table_add(table, &column, false, &err), &err);
}

static jf_comparison *compare(const jf_table *table, const char *const *texts, size_t n)
{
    jf_compare_options options = {0};
    jf_comparison *c = NULL;
    jf_laws laws = {0};
    jf_error err = {0};

    laws.items = JF_NEW_ZEROED(jf_law *, n);
    assert_non_null(laws.items);
    for (laws.n = 0; laws.n < n; laws.n++)
        check_ok(jf_law_read(texts[laws.n], &laws.items[laws.n], &err), &err);
    jf_options_default(jf_compare_options_table, &options);
    jf_fit_options_default(&options.fit);
    options.baselines = false;
    options.ablate = JF_ABLATE_NONE;
    options.interval = JF_INTERVAL_NONE;
    options.validate = (jf_option_list){(const char *[]){"kfold:4"}, 1, 1};
    check_ok(jf_compare_run(&laws, table, NULL, 0, NULL, &options, &c, &err), &err);
    jf_laws_free(&laws);
    return c;
}

static int run(void **state)
{
    static compared all;
    const char *path = check_source("tests/reference/select/nested_curves.json");
    jf_error err = {0};

    all.cases = path ? json_load_file(path, 0, NULL) : NULL;
    if (!all.cases) return -1;
    check_ok(jf_table_new(json_array_size(json_object_get(all.cases, "y")), &all.table, &err), &err);
    add_column(all.table, all.cases, "x");
    add_column(all.table, all.cases, "z");
    add_column(all.table, all.cases, "y");
    all.c = compare(all.table, laws_text, N_LAWS);
    *state = &all;
    return 0;
}

static int drop(void **state)
{
    compared *all = *state;

    json_decref(all->cases);
    jf_comparison_free(all->c);
    jf_table_free(all->table);
    return 0;
}

static const jf_law_test *find_test(const jf_comparison *c, const char *kind, const char *small,
                                    const char *large)
{
    for (size_t i = 0; i < c->n_tests; i++)
        if (strcmp(c->tests[i].kind, kind) == 0 &&
            strcmp(c->candidates[c->tests[i].a].law->name, small) == 0 &&
            strcmp(c->candidates[c->tests[i].b].law->name, large) == 0)
            return &c->tests[i];
    return NULL;
}

static void laws_within_laws_are_found_and_no_others(void **state)
{
    const compared *all = *state;
    size_t found = 0;

    for (size_t i = 0; i < N_PAIRS; i++) {
        const jf_law_test *f = find_test(all->c, "nested_f", pairs[i].small, pairs[i].large);
        if (!f) fail_msg("%s within %s was not found", pairs[i].small, pairs[i].large);
        assert_string_equal(f->nested, pairs[i].how);
    }
    for (size_t i = 0; i < all->c->n_tests; i++) found += strcmp(all->c->tests[i].kind, "nested_f") == 0;
    assert_int_equal(found, N_PAIRS);
}

static double number(const json_t *object, const char *name)
{
    assert_true(json_is_number(json_object_get(object, name)));
    return json_number_value(json_object_get(object, name));
}

static void f_and_likelihood_ratio_of_curves_agree_with_long_hand(void **state)
{
    const compared *all = *state;
    const json_t *one;
    size_t i;

    json_array_foreach(json_object_get(all->cases, "tests"), i, one)
    {
        const char *small = json_string_value(json_object_get(one, "small"));
        const jf_law_test *f = find_test(all->c, "nested_f", small, "full");
        const jf_law_test *ratio = find_test(all->c, "likelihood_ratio", small, "full");
        assert_true(f && ratio);
        check_close(f->statistic, number(one, "f"), close, "F of %s", small);
        check_close(f->df2, number(one, "df2"), 0, "its degrees of freedom");
        check_close(f->p_value, number(one, "f_p"), close, "its p-value");
        check_close(ratio->statistic, number(one, "lr"), close, "likelihood ratio of %s", small);
        check_close(ratio->p_value, number(one, "lr_p"), close, "its p-value");
    }
    assert_int_equal(i, 3);
}

static void at_an_edge_nothing_is_tested(void **state)
{
    const compared *all = *state;
    const jf_law_test *f = find_test(all->c, "nested_f", "z_only", "full");
    const jf_law_test *ratio = find_test(all->c, "likelihood_ratio", "z_only", "full");

    assert_true(f && isnan(f->statistic) && isnan(f->p_value) && isnan(f->p_adjusted));
    assert_true(ratio && isnan(ratio->statistic) && isnan(ratio->p_value));
}

/* A floor that may not be below zero is zero only at its bound. */
static void a_bound_makes_an_edge_of_what_is_tested_without_it(void **state)
{
    static const char *const texts[] = {"full: log(y) ~ log(e + k*x^a) + b*log(z)",
                                        "power: log(y) ~ b0 + a*log(x) + b*log(z)"};
    const compared *all = *state;
    jf_compare_options options = {0};
    jf_comparison *c = NULL;
    const jf_law_test *f;
    jf_laws laws = {0};
    jf_error err = {0};

    laws.items = JF_NEW_ZEROED(jf_law *, 2);
    assert_non_null(laws.items);
    for (laws.n = 0; laws.n < 2; laws.n++)
        check_ok(jf_law_read(texts[laws.n], &laws.items[laws.n], &err), &err);
    check_ok(jf_law_set_bounds(laws.items[0], "e=0:", &err), &err);
    jf_options_default(jf_compare_options_table, &options);
    jf_fit_options_default(&options.fit);
    options.baselines = false;
    options.validate = (jf_option_list){(const char *[]){"kfold:4"}, 1, 1};
    check_ok(jf_compare_run(&laws, all->table, NULL, 0, NULL, &options, &c, &err), &err);
    f = find_test(c, "nested_f", "power", "full");
    assert_non_null(f);
    assert_string_equal(f->nested, "edge");
    assert_true(isnan(f->p_value));
    jf_comparison_free(c);
    jf_laws_free(&laws);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(laws_within_laws_are_found_and_no_others),
        cmocka_unit_test(f_and_likelihood_ratio_of_curves_agree_with_long_hand),
        cmocka_unit_test(at_an_edge_nothing_is_tested),
        cmocka_unit_test(a_bound_makes_an_edge_of_what_is_tested_without_it),
    };
    return cmocka_run_group_tests(tests, run, drop);
}
