/* Bootstrap errors and limits against R for the same resamples (bootstrap_boot.R): six digits and more of
 * what R computes by hand, and package boot's own limits as nearly as its other order statistics allow. */
#include "tests/check.h"

#include <jansson.h>
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "fit/infer/bootstrap.h"
#include "fit/infer/refitter.h"
#include "tests/law_data.h"
#include "tests/problem.h"

enum { N = 50, R = 499 };
static const double LEVEL = 0.9;

static void take(const json_t *list, double *values)
{
    assert_int_equal(json_array_size(list), N);
    for (size_t i = 0; i < N; i++) values[i] = json_number_value(json_array_get(list, i));
}

/* How often each row is drawn: the generator of the R script (Park and Miller 1988). */
static void draw(uint64_t *state, double *counts)
{
    memset(counts, 0, N * sizeof *counts);
    for (size_t i = 0; i < N; i++) {
        *state = 16807 * *state % 2147483647;
        counts[(size_t)((double)*state / 2147483647 * N)]++;
    }
}

static double member(const json_t *object, const char *key, size_t i)
{
    return json_number_value(json_array_get(json_object_get(object, key), i));
}

static void compare(const jf_bootstrap *refits, const jf_bootstrap *jackknife, size_t j, double value,
                    const json_t *wanted)
{
    double error = json_number_value(json_object_get(wanted, "error"));

    check_close(value, json_number_value(json_object_get(wanted, "estimate")), 1e-9, "estimate %zu", j);
    check_close(jf_bootstrap_error(refits, j), error, 1e-7, "error of %zu", j);
    for (int kind = 0; kind < JF_INTERVAL_T; kind++) {
        const char *name = jf_bootstrap_interval_names[kind];
        char theirs[32];
        double ends[2];
        jf_error err = {0};

        check_ok(jf_bootstrap_limits(refits, jackknife, j, value, (jf_bootstrap_interval)kind, LEVEL,
                                     &ends[0], &ends[1], &err),
                 &err);
        snprintf(theirs, sizeof theirs, "boot_%s", name);
        for (size_t side = 0; side < 2; side++) {
            if (fabs(ends[side] - member(wanted, name, side)) >
                1e-5 * error) /* what a jackknife's refits allow */
                fail_msg("%s of %zu: %.10g, by R %.10g", name, j, ends[side], member(wanted, name, side));
            if (fabs(ends[side] - member(wanted, theirs, side)) > 0.1 * error)
                fail_msg("%s of %zu: %g, by boot %g", name, j, ends[side], member(wanted, theirs, side));
        }
    }
}

static void check_law(const char *key, const char *text)
{
    static double speed[N], dist[N], theta[R * 2];
    const char *names[] = {"speed", "dist"};
    const double *values[] = {speed, dist};
    json_error_t where;
    json_t *all = json_load_file(check_source("tests/reference/bootstrap_boot.json"), 0, &where);
    jf_bootstrap refits = {.k = 2, .n_resamples = R, .theta = theta}, jackknife = {0};
    jf_loss loss = {JF_LOSS_LS, NAN};
    jf_refitter *refitter = NULL;
    double counts[N];
    uint64_t state = 20260623;
    jf_error err = {0};
    jf_law *law = NULL;
    jf_fit *fit = NULL;
    jf_fit_options options = test_fit_options();

    assert_non_null(all);
    take(json_object_get(all, "speed"), speed);
    take(json_object_get(all, "dist"), dist);
    jf_table *table = test_table(2, names, values, N);
    check_ok(jf_law_read(text, &law, &err), &err);
    check_ok(jf_fit_run(law, table, NULL, 0, NULL, &options, &fit, &err), &err);
    check_ok(jf_refitter_new(fit->problem, &loss, 500, 1e-10, &refitter, &err), &err);
    for (size_t r = 0; r < R; r++) {
        draw(&state, counts);
        assert_true(jf_refitter_run(refitter, counts, NULL, fit->theta, theta + 2 * r));
    }
    jf_bootstrap_basis basis = {.problem = fit->problem,
                                .loss = loss,
                                .theta = fit->theta,
                                .fitted = fit->fitted,
                                .residual = fit->residual,
                                .leverage = fit->leverage,
                                .sigma = fit->sigma,
                                .max_iterations = 500};
    check_ok(jf_jackknife_run(&basis, 1, &jackknife, &err), &err);
    for (size_t j = 0; j < 2; j++)
        compare(&refits, &jackknife, j, fit->theta[j], json_array_get(json_object_get(all, key), j));
    jf_bootstrap_clear(&jackknife);
    jf_refitter_free(refitter);
    jf_fit_free(fit);
    jf_law_free(law);
    jf_table_free(table);
    json_decref(all);
}

static void limits_of_a_line_are_those_of_r(void **state)
{
    (void)state;
    check_law("line", "dist ~ a + b*speed");
}

static void limits_of_a_power_are_those_of_r(void **state)
{
    (void)state;
    check_law("power", "dist ~ k*speed^a");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_of_a_line_are_those_of_r),
        cmocka_unit_test(limits_of_a_power_are_those_of_r),
    };
    return cmocka_run_group_tests(tests, test_settle_libraries, NULL);
}
