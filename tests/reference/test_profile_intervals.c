/* Profile likelihood intervals against sums of squares that R minimises by hand (profile_intervals.R): eight
 * digits. */
#include "tests/check.h"

#include <jansson.h>
#include <string.h>
#include "core/memory.h"
#include "core/stream.h"
#include "fit/fit.h"
#include "tests/problem.h"

static double *numbers(const json_t *object, const char *key, size_t *n)
{
    const json_t *list = json_object_get(object, key);
    double *values = JF_NEW_ARRAY(double, json_array_size(list));

    *n = json_array_size(list);
    assert_true(values && *n);
    for (size_t i = 0; i < *n; i++) values[i] = json_number_value(json_array_get(list, i));
    return values;
}

static void compare_ends(const jf_fit *fit, const json_t *wanted)
{
    const jf_interval_set *set = NULL;

    for (size_t i = 0; i < fit->n_intervals; i++)
        if (strcmp(fit->intervals[i].kind, "profile") == 0) set = &fit->intervals[i];
    assert_non_null(set);
    assert_int_equal(fit->n_estimates, 3);
    for (size_t i = 0; i < 3; i++) {
        const char *name = fit->estimates[i].name;
        const json_t *ends = json_object_get(wanted, name);
        assert_int_equal(set->low_end[i], JF_END_OK);
        assert_int_equal(set->high_end[i], JF_END_OK);
        check_close(set->low[i], json_number_value(json_array_get(ends, 0)), 1e-8, "low end of %s", name);
        check_close(set->high[i], json_number_value(json_array_get(ends, 1)), 1e-8, "high end of %s", name);
    }
}

static void check_law(const char *key, const char *text)
{
    const char *names[] = {"x", "y"};
    json_error_t where;
    json_t *all = json_load_file(check_source("tests/reference/profile_intervals.json"), 0, &where);
    const json_t *wanted = json_object_get(all, key);
    size_t n;
    double *x = numbers(wanted, "x", &n), *y = numbers(wanted, "y", &n);
    const double *values[] = {x, y};
    jf_table *table = test_table(2, names, values, n);
    jf_fit_options options;
    jf_error err = {0};
    jf_law *law = NULL;
    jf_fit *fit = NULL;

    jf_fit_options_default(&options);
    options.seed = JF_DEFAULT_SEED;
    options.threads = 1;
    options.ci = "wald,profile";
    check_ok(jf_law_read(text, &law, &err), &err);
    check_ok(jf_fit_run(law, table, NULL, 0, NULL, &options, &fit, &err), &err);
    compare_ends(fit, wanted);
    jf_fit_free(fit);
    jf_law_free(law);
    jf_table_free(table);
    jf_free(x);
    jf_free(y);
    json_decref(all);
}

static void a_power_law_with_an_offset_has_the_ends_that_r_finds(void **state)
{
    (void)state;
    check_law("power", "y ~ b + a*x^c");
}

static void a_saturating_law_has_the_ends_that_r_finds(void **state)
{
    (void)state;
    check_law("enzyme", "y ~ b + a*x/(c + x)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_power_law_with_an_offset_has_the_ends_that_r_finds),
                                       cmocka_unit_test(a_saturating_law_has_the_ends_that_r_finds)};

    return cmocka_run_group_tests(tests, test_settle_libraries, NULL);
}
