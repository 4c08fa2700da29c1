/* Two equally good laws are declared different about as often as the level of the test says. With the word
 * "measure" the program prints the table of tests/reference/type_one_error.md instead. */
#include "tests/check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/memory.h"
#include "core/stream.h"
#include "fit/select/compare.h"
#include "fit/select/tests.h"

enum { REPEATS_OF_A_GROUP = 3, MAX_GROUPS = 100 };

/* Neither law is better, by symmetry.
 *   HALVES   the truth has two inputs of equal weight, a law has one of them each
 *   PROXIES  the truth has one input, a law has a noisy copy of it each
 * Runs of a group share their inputs and part of their error. */
typedef enum symmetry { HALVES, PROXIES } symmetry;
static const char *const symmetry_names[] = {"each law has one of two inputs of equal weight",
                                             "each law has a noisy copy of the one input"};

static jf_table *make_study(symmetry kind, uint64_t study, size_t n_groups, uint32_t *group)
{
    jf_stream stream = jf_stream_make(study, JF_FOR_SIMULATION, n_groups);
    static const char *const names[] = {"x1", "x2", "y"};
    jf_table *table = NULL;
    jf_error err = {0};
    double *values[3];

    check_ok(jf_table_new(n_groups * REPEATS_OF_A_GROUP, &table, &err), &err);
    for (size_t c = 0; c < 3; c++) {
        jf_column column = {.name = jf_copy_text(names[c]), .kind = JF_NUMERIC};
        values[c] = column.values = JF_NEW_ARRAY(double, table->n_rows);
        assert_non_null(values[c]);
        check_ok(jf_table_add(table, &column, false, &err), &err);
    }
    for (size_t g = 0, i = 0; g < n_groups; g++) {
        double x1 = jf_stream_normal(&stream), x2 = jf_stream_normal(&stream),
               shared = jf_stream_normal(&stream);
        double truth = kind == HALVES ? x1 + x2 : 2 * jf_stream_normal(&stream);
        for (size_t m = 0; m < REPEATS_OF_A_GROUP; m++, i++) {
            group[i] = (uint32_t)g;
            values[0][i] = kind == HALVES ? x1 : truth + x1;
            values[1][i] = kind == HALVES ? x2 : truth + x2;
            values[2][i] = truth + 0.5 * shared + 0.5 * jf_stream_normal(&stream);
        }
    }
    return table;
}

static void read_laws(jf_laws *laws)
{
    jf_error err = {0};

    memset(laws, 0, sizeof *laws);
    laws->items = JF_NEW_ZEROED(jf_law *, 2);
    assert_non_null(laws->items);
    check_ok(jf_law_read("one: y ~ b0 + a*x1", &laws->items[0], &err), &err);
    check_ok(jf_law_read("two: y ~ b0 + a*x2", &laws->items[1], &err), &err);
    laws->n = laws->capacity = 2;
}

typedef struct rates {
    double corrected, plain, vuong, warned;
} rates;

static double share_below(const jf_comparison *c, const char *kind)
{
    for (size_t t = 0; t < c->n_tests; t++)
        if (strcmp(c->tests[t].kind, kind) == 0) return c->tests[t].p_value < 0.05;
    fail_msg("no test '%s'", kind);
    return NAN;
}

static bool is_warned(const jf_comparison *c)
{
    for (size_t w = 0; w < c->warnings.n; w++)
        if (strcmp(c->warnings.items[w].code, "W_FEW_GROUPS") == 0) return true;
    return false;
}

/* How often p < 0.05, by the corrected test, by the plain t-test on the same splits, and by Vuong's by group.
 */
static rates measure(symmetry kind, size_t n_studies, size_t n_groups)
{
    static uint32_t group[MAX_GROUPS * REPEATS_OF_A_GROUP];
    jf_compare_options options = {0};
    rates found = {0};
    jf_laws laws;

    jf_options_default(jf_compare_options_table, &options);
    jf_fit_options_default(&options.fit);
    options.validate = (jf_option_list){(const char *[]){"grouped"}, 1, 1};
    options.criterion = "rmse";
    options.interval = JF_INTERVAL_NONE;
    options.baselines = false;
    options.fit.threads = 1;
    read_laws(&laws);
    for (uint64_t study = 0; study < n_studies; study++) {
        jf_table *table = make_study(kind, study, n_groups, group);
        jf_groups groups = {table->n_rows, group, n_groups};
        jf_comparison *c = NULL;
        jf_error err = {0};
        double difference[64];
        const jf_validation *a, *b;
        options.fit.seed = study;
        check_ok(jf_compare_run(&laws, table, NULL, 0, &groups, &options, &c, &err), &err);
        a = &c->candidates[0].validations[0];
        b = &c->candidates[1].validations[0];
        for (size_t s = 0; s < a->n_splits; s++)
            difference[s] = a->splits[s].metrics.rmse - b->splits[s].metrics.rmse;
        found.corrected += share_below(c, "corrected_t") / (double)n_studies;
        found.vuong += share_below(c, "vuong_cluster") / (double)n_studies;
        found.warned += is_warned(c) / (double)n_studies;
        found.plain += (jf_test_corrected_t(difference, a->n_splits, 0).p_value < 0.05) / (double)n_studies;
        jf_comparison_free(c);
        jf_table_free(table);
    }
    jf_laws_free(&laws);
    return found;
}

static void at_100_groups_the_corrected_test_errs_in_3_to_7_percent_of_studies(void **state)
{
    (void)state;
    for (int kind = HALVES; kind <= PROXIES; kind++) {
        size_t n = kind == HALVES ? 1000 : 150; /* Monte-Carlo errors of 0.7 and 1.8 % */
        rates found = measure((symmetry)kind, n, 100);
        double slack = kind == HALVES ? 0 : 0.03;
        if (found.corrected < 0.03 - slack || found.corrected > 0.07 + slack)
            fail_msg("%s: %g", symmetry_names[kind], found.corrected);
        assert_true(found.plain > 0.3); /* why the correction is there */
        assert_true(found.warned == 0);
    }
}

/* What W_FEW_GROUPS warns of (type_one_error.md gives the figures of 1000 studies). */
static void with_fewer_groups_it_errs_more_often_within_known_limits_and_is_warned_of(void **state)
{
    rates few = measure(HALVES, 200, 20), some = measure(HALVES, 200, 49);
    (void)state;
    assert_true(few.corrected > 0.04 && few.corrected < 0.18);
    assert_true(some.corrected > 0.02 && some.corrected < 0.13);
    assert_true(few.plain > 0.3 && some.plain > 0.3);
    assert_true(few.warned > 0.999 && some.warned > 0.999);
}

static void print_table(void)
{
    static const size_t groups[] = {100, 40, 20, 10};

    printf(
        "| study | groups | corrected t | plain t | Vuong, by group | warned |\n|---|---|---|---|---|---|\n");
    for (int kind = HALVES; kind <= PROXIES; kind++)
        for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
            rates found = measure((symmetry)kind, 1000, groups[i]);
            printf("| %s | %zu | %.1f | %.1f | %.1f | %s |\n", symmetry_names[kind], groups[i],
                   100 * found.corrected, 100 * found.plain, 100 * found.vuong,
                   found.warned > 0 ? "yes" : "no");
            fflush(stdout);
        }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_100_groups_the_corrected_test_errs_in_3_to_7_percent_of_studies),
        cmocka_unit_test(with_fewer_groups_it_errs_more_often_within_known_limits_and_is_warned_of),
    };
    if (argc > 1 && strcmp(argv[1], "measure") == 0) {
        print_table();
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
