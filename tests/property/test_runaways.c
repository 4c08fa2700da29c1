/* Parameters that have no best value are never reported as numbers; those that have one always are. */
#include "tests/check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "core/stream.h"
#include "data/columns.h"
#include "data/csv.h"
#include "fit/fit.h"
#include "tests/problem.h"

enum { N = 60 };

/* y = shape(x) + noise at N places from 1 to 10. */
static jf_table *table_of(double (*shape)(double x), double noise)
{
    static const char *const names[] = {"x", "y"};
    jf_stream stream = jf_stream_make(11, JF_FOR_TESTS, 0);
    double x[N], y[N];
    const double *values[] = {x, y};

    for (size_t i = 0; i < N; i++) {
        x[i] = 1 + 9 * (double)i / (N - 1);
        y[i] = shape(x[i]) + noise * jf_stream_normal(&stream);
    }
    return test_table(2, names, values, N);
}

static double step(double x)
{
    return x > 5 ? 1 : 0;
}

static double level(double x)
{
    (void)x;
    return 3;
}

static double bend(double x)
{
    return 2 + 0.4 * x + 0.03 * x * x;
}

static double saturation(double x)
{
    return 5 * x / (3 + x);
}

static jf_fit *fit_of(const char *text, const jf_table *table, const char *loss)
{
    jf_fit_options options = {0};
    jf_error err = {0};
    jf_law *law = NULL;
    jf_fit *fit = NULL;

    jf_fit_options_default(&options);
    options.seed = JF_DEFAULT_SEED;
    options.threads = 1;
    options.loss = loss;
    check_ok(jf_law_read(text, &law, &err), &err);
    check_ok(jf_fit_run(law, table, NULL, 0, NULL, &options, &fit, &err), &err);
    jf_law_free(law);
    return fit;
}

static const jf_estimate *estimate_of(const jf_fit *fit, const char *name)
{
    for (size_t j = 0; j < fit->n_estimates; j++)
        if (strcmp(fit->estimates[j].name, name) == 0) return &fit->estimates[j];
    fail_msg("no parameter '%s'", name);
    return NULL;
}

/* `names`: those that must be open, with blanks between and around. */
static void check_open(const jf_fit *fit, const char *names)
{
    for (size_t j = 0; j < fit->n_estimates; j++) {
        const jf_estimate *e = &fit->estimates[j];
        char name[32];

        assert_true((size_t)snprintf(name, sizeof name, " %s ", e->name) < sizeof name);
        if (strstr(names, name) ? e->state != JF_STATE_UNIDENTIFIED : e->state == JF_STATE_UNIDENTIFIED)
            fail_msg("%s: '%s' has state %s", fit->formula, e->name, jf_state_names[e->state]);
        if (e->state != JF_STATE_UNIDENTIFIED) {
            assert_true(isfinite(e->value));
            continue;
        }
        assert_true(isnan(e->value) && isnan(e->std_error) && isnan(e->ci_low) && isnan(e->ci_high));
        assert_true(strstr(e->verdict, "runaway") || strstr(e->verdict, "changes no prediction"));
    }
}

static void check_predictions(const jf_fit *fit, const jf_table *table, double within)
{
    double value[N], error[N];
    const double *y = jf_table_find(table, "y")->values;
    jf_error err = {0};

    check_ok(jf_fit_predict(fit, table, NULL, 0, value, error, NULL, &err), &err);
    for (size_t i = 0; i < N; i++) assert_true(fabs(value[i] - y[i]) < within);
}

static void what_only_falls_for_ever_is_no_number(void **state)
{
    static const struct {
        const char *law;
        double (*shape)(double);
        const char *open;
    } cases[] = {
        {"y ~ c*x^h/(m^h + x^h)", step, " h "},
        {"y ~ c*(1 - exp(-k*x^4))", level, " k "},
    };
    static const char *const losses[] = {"ls", "huber:0.05"};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t l = 0; l < sizeof losses / sizeof *losses; l++) {
            jf_table *table = table_of(cases[i].shape, 0.02);
            jf_fit *fit = fit_of(cases[i].law, table, losses[l]);

            check_open(fit, cases[i].open);
            if (cases[i].open[0]) {
                assert_int_equal(fit->outcome, JF_FLAT);
                check_predictions(fit, table, 0.3);
            }
            jf_fit_free(fit);
            jf_table_free(table);
        }
}

static void weak_minima_keep_their_numbers(void **state)
{
    static const struct {
        const char *law;
        double (*shape)(double);
    } cases[] = {
        {"y ~ a + b*x^c", bend},
        {"y ~ a + b*exp(c*x)", bend},
        {"y ~ vmax*x/(km + x)", saturation},
        {"y ~ vmax*x^h/(km^h + x^h)", saturation},
        {"y ~ k*x^a", level},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        jf_table *table = table_of(cases[i].shape, 0.1);
        jf_fit *fit = fit_of(cases[i].law, table, "ls");

        check_open(fit, "");
        jf_fit_free(fit);
        jf_table_free(table);
    }
}

/* Measured efficiency of softmax on an RTX 2080 Ti: 0, 0.01, 0.01, 0.01, 0, 0 ... A falling step is all that
 * the law can make of it; only its height is told. */
static void efficiency_that_hardly_varies_tells_its_height_only(void **state)
{
    const char *path = check_shared("data/ecai2025/transformer_hef.csv");
    jf_csv_options options = {0};
    jf_ledger ledger = {0};
    jf_warnings warnings = {0};
    jf_table *table;
    jf_error err = {0};
    size_t *rows, n;
    jf_fit *fit;

    (void)state;
    if (!path) skip();
    check_ok(jf_csv_read(path, &options, &ledger, &warnings, &table, &err), &err);
    check_ok(jf_table_filter(table,
                             "source == \"NVIDIA GeForce RTX 2080 Ti\" && operation == \"attention_softmax\"",
                             &rows, &n, &err),
             &err);
    check_ok(jf_table_keep(table, rows, n, &err), &err);
    fit = fit_of("HEF ~ etamax*(1 - exp(-k*(FLOPs/1e12)^alpha))", table, "ls");
    assert_int_equal(n, 200);
    check_open(fit, " k alpha ");
    check_close(estimate_of(fit, "etamax")->value, 0.0075, 1e-2, "height of the step");
    check_close(fit->rss, 0.0015, 1e-2, "squares about the levels of a step");
    jf_fit_free(fit);
    jf_table_free(table);
    jf_ledger_free(&ledger);
    jf_warnings_free(&warnings);
    jf_free(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_only_falls_for_ever_is_no_number),
        cmocka_unit_test(weak_minima_keep_their_numbers),
        cmocka_unit_test(efficiency_that_hardly_varies_tells_its_height_only),
    };
    return cmocka_run_group_tests(tests, test_settle_libraries, NULL);
}
