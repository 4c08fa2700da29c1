/* The wild cluster bootstrap-t against its long-hand form over every pattern of factors (wild_cluster.py). */
#include "tests/check.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/stream.h"
#include "fit/fit.h"
#include "tests/problem.h"

enum { K = 3, MOST_ROWS = 100, MOST_VALUES = 8 };
static const char *const NAMES[K] = {"a", "b", "c"};
static const char LINEAR[] = "y ~ a + b*x + c*z";

static void read_column(const json_t *world, const char *key, double *out)
{
    const json_t *list = json_object_get(world, key);

    assert_true(json_array_size(list) <= MOST_ROWS);
    for (size_t i = 0; i < json_array_size(list); i++) out[i] = json_number_value(json_array_get(list, i));
}

static jf_table *table_of(const json_t *world)
{
    static const char *const names[] = {"x", "z", "y", "group"};
    double x[MOST_ROWS], z[MOST_ROWS], y[MOST_ROWS], group[MOST_ROWS];
    const double *values[] = {x, z, y, group};
    double *columns[] = {x, z, y, group};

    for (size_t i = 0; i < 4; i++) read_column(world, names[i], columns[i]);
    return test_table(4, names, values, json_array_size(json_object_get(world, "y")));
}

/* With a test for each value of the reference, of every parameter in turn. */
static jf_fit *fit_of(const json_t *world, const char *text, const char *fix, int64_t resamples,
                      int64_t threads)
{
    const char *column = "group";
    const json_t *values = json_object_get(world, "values"), *stated;
    size_t joint;
    char tests[K][MOST_VALUES][64];
    jf_table *table = table_of(world);
    jf_fit_options options;
    jf_groups groups = {0};
    jf_error err = {0};
    jf_law *law = NULL;
    jf_fit *fit = NULL;

    jf_fit_options_default(&options);
    options.seed = JF_DEFAULT_SEED;
    options.threads = threads;
    options.ci = "bootstrap";
    options.resample = "wild-cluster";
    options.bootstrap = resamples;
    for (size_t j = 0; j < K; j++)
        for (size_t v = 0; v < json_array_size(values); v++) {
            char *test = tests[j][v]; /* the list borrows it */
            snprintf(test, sizeof tests[j][v], "2*%s = %.17g", NAMES[j],
                     2 * json_number_value(json_array_get(values, v)));
            assert_true(jf_option_list_add(&options.test, test));
        }
    json_array_foreach(json_object_get(world, "joint"), joint, stated)
        assert_true(jf_option_list_add(&options.test, json_string_value(json_object_get(stated, "test"))));
    assert_true(jf_option_list_add(&options.test, "b*c=0.1, a=1"));
    check_ok(jf_groups_by(table, &column, 1, &groups, &err), &err);
    check_ok(jf_law_read(text, &law, &err), &err);
    if (fix) check_ok(jf_law_set_fixed(law, fix, &err), &err);
    check_ok(jf_fit_run(law, table, NULL, 0, &groups, &options, &fit, &err), &err);
    jf_option_list_free(&options.test);
    jf_law_free(law);
    jf_groups_free(&groups);
    jf_table_free(table);
    return fit;
}

static const jf_interval_set *wild_set(const jf_fit *fit)
{
    for (size_t i = 0; i < fit->n_intervals; i++)
        if (strcmp(fit->intervals[i].kind, "bootstrap:wild-cluster:t") == 0) return &fit->intervals[i];
    fail_msg("no interval of the wild cluster t");
    return NULL;
}

static size_t index_of(const jf_fit *fit, const char *name)
{
    size_t i = 0;

    while (i < fit->n_estimates && strcmp(fit->estimates[i].name, name) != 0) i++;
    assert_true(i < fit->n_estimates);
    return i;
}

static double number(const json_t *list, size_t i)
{
    assert_true(json_is_number(json_array_get(list, i)));
    return json_number_value(json_array_get(list, i));
}

static void compare(const json_t *world, const jf_fit *fit, double p_within, double end_within)
{
    const jf_interval_set *set = wild_set(fit);
    const json_t *p = json_object_get(world, "p");
    size_t n_values = json_array_size(json_object_get(world, "values"));

    for (size_t j = 0; j < K; j++) {
        size_t i = index_of(fit, NAMES[j]);
        double error = fit->estimates[i].std_error;
        double low = number(json_object_get(world, "low"), j),
               high = number(json_object_get(world, "high"), j);

        if (!(fabs(set->low[i] - low) <= end_within * error) ||
            !(fabs(set->high[i] - high) <= end_within * error))
            fail_msg("%s: found %.12g .. %.12g, wanted %.12g .. %.12g", NAMES[j], set->low[i], set->high[i],
                     low, high);
        for (size_t v = 0; v < n_values; v++) {
            double found = set->test_p[j * n_values + v], wanted = number(json_array_get(p, j), v);
            if (!(fabs(found - wanted) <= p_within))
                fail_msg("%s, value %zu: found p %.12g, wanted %.12g", NAMES[j], v, found, wanted);
        }
        if (!(fabs(set->p_value[i] - number(json_array_get(p, j), 0)) <= p_within))
            fail_msg("p of %s: found %.12g", NAMES[j], set->p_value[i]);
    }
}

/* Statements that are tested together, of which a law that is not linear (`curved`) takes those about single
 * parameters; what is not tested says why. */
static void compare_joint(const json_t *world, const jf_fit *fit, double within, bool curved)
{
    const jf_interval_set *set = wild_set(fit);
    size_t first = K * json_array_size(json_object_get(world, "values")), i;
    const json_t *list = json_object_get(world, "joint"), *stated;

    assert_true(json_array_size(list) >= 5);
    json_array_foreach(list, i, stated)
    {
        const char *text = json_string_value(json_object_get(stated, "test"));
        double found = set->test_p[first + i], wanted = json_number_value(json_object_get(stated, "p"));

        if (curved && (strpbrk(text, "+-") || strcmp(text, "b=c") == 0)) wanted = NAN;
        assert_string_equal(fit->tests[first + i].hypothesis, text);
        if (isnan(wanted) ? !isnan(found) || !set->test_why[first + i]
                          : !(fabs(found - wanted) <= within) || set->test_why[first + i])
            fail_msg("%s: found p %.12g (%s), wanted %.12g", text, found,
                     set->test_why[first + i] ? set->test_why[first + i] : "no reason", wanted);
    }
    assert_true(isnan(set->test_p[first + i]));
    assert_non_null(strstr(set->test_why[first + i], "not linear in the parameters"));
}

static void every_pattern_gives_the_long_hand_numbers(void **state)
{
    const json_t *world;
    size_t i;

    json_array_foreach((json_t *)*state, i, world)
    {
        jf_fit *fit = fit_of(world, LINEAR, NULL, 10000, 1);

        assert_int_equal(wild_set(fit)->n_resamples, json_integer_value(json_object_get(world, "patterns")));
        compare(world, fit, 1e-12, 1e-8);
        compare_joint(world, fit, 1e-12, false);
        jf_fit_free(fit);
    }
}

/* A power fixed at one: linear in truth, but refitted with the parameter held at every value. */
static void the_way_of_curved_laws_comes_to_the_same(void **state)
{
    const json_t *world = json_array_get(*state, 0);
    jf_fit *fit = fit_of(world, "y ~ a + b*x^one + c*z", "one=1", 10000, 1);

    assert_false(fit->linear);
    compare(world, fit, 1e-12, 1e-4);
    compare_joint(world, fit, 1e-12, true);
    jf_fit_free(fit);
}

/* With fewer draws than patterns p is estimated: within four standard errors of a share. */
static void draws_come_near_what_all_patterns_give(void **state)
{
    const json_t *world = json_array_get(*state, 2);
    jf_fit *fit = fit_of(world, LINEAR, NULL, 3000, 1);

    assert_int_equal(wild_set(fit)->n_resamples, 3000);
    compare(world, fit, 4 * sqrt(0.25 / 3000), 0.5);
    compare_joint(world, fit, 4 * sqrt(0.25 / 3000), false);
    jf_fit_free(fit);
}

static void any_number_of_threads_gives_the_same_bytes(void **state)
{
    const json_t *world = json_array_get(*state, 2);
    jf_fit *one = fit_of(world, LINEAR, NULL, 500, 1), *eight = fit_of(world, LINEAR, NULL, 500, 8);

    assert_memory_equal(wild_set(one)->low, wild_set(eight)->low, K * sizeof(double));
    assert_memory_equal(wild_set(one)->high, wild_set(eight)->high, K * sizeof(double));
    jf_fit_free(one);
    jf_fit_free(eight);
}

static int read_worlds(void **state)
{
    json_error_t where;

    test_settle_libraries(state);
    *state = json_load_file(check_source("tests/reference/wild_cluster.json"), 0, &where);
    return *state ? 0 : -1;
}

static int free_worlds(void **state)
{
    json_decref(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pattern_gives_the_long_hand_numbers),
        cmocka_unit_test(the_way_of_curved_laws_comes_to_the_same),
        cmocka_unit_test(draws_come_near_what_all_patterns_give),
        cmocka_unit_test(any_number_of_threads_gives_the_same_bytes),
    };

    return cmocka_run_group_tests(tests, read_worlds, free_worlds);
}
