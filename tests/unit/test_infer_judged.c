/* Constants judged on new runs (--at), against fits with the same constants held. */
#include "tests/check.h"

#include <math.h>
#include <string.h>
#include "core/stream.h"
#include "fit/fit.h"
#include "tests/problem.h"

enum { N = 12 };
static const double X[N] = {1, 1.5, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20};
static const double Y[N] = {3.1, 3.8, 4.3, 5.6, 6.5, 7.2, 8.1, 9.4, 10.9, 11.9, 13.6, 16.3};

static jf_status try_fit(const char *at, const char *free, const char *fix, double published, jf_fit **fit,
                         jf_error *err)
{
    const char *names[] = {"x", "y"};
    const double *values[] = {X, Y};
    jf_table *table = test_table(2, names, values, N);
    jf_fit_options options;
    jf_law *law = NULL;
    jf_status status;

    jf_fit_options_default(&options);
    options.seed = JF_DEFAULT_SEED;
    options.threads = 1;
    options.at = at;
    options.free = free;
    check_ok(jf_law_read("y ~ a + b*x^c", &law, err), err);
    check_ok(jf_law_set_bounds(law, "c=0.1:2", err), err);
    if (fix) check_ok(jf_law_set_fixed(law, fix, err), err);
    if (!isnan(published)) jf_law_spec(law, "c")->published = published;
    status = jf_fit_run(law, table, NULL, 0, NULL, &options, fit, err);
    jf_law_free(law);
    jf_table_free(table);
    return status;
}

static jf_fit *fit_at(const char *at, const char *free, const char *fix, double published)
{
    jf_error err = {0};
    jf_fit *fit = NULL;

    check_ok(try_fit(at, free, fix, published, &fit, &err), &err);
    return fit;
}

static void the_loss_at_constants_is_that_of_a_fit_which_holds_them(void **state)
{
    jf_fit *judged = fit_at("c=0.7,a=1.2", NULL, NULL, NAN), *held = fit_at(NULL, NULL, "c=0.7,a=1.2", NAN);
    const jf_judged *j = judged->judged;
    double growth = (held->rss - judged->rss) / (judged->sigma * judged->sigma) / 2;

    (void)state;
    assert_int_equal(j->n_held, 2);
    assert_int_equal(j->n_values, 3);
    check_close(j->loss, held->rss, 1e-10, "loss");
    check_close(j->rmse, held->rmse, 1e-10, "RMSE");
    check_close(j->rmse_raw, held->rmse_raw, 1e-10, "raw RMSE");
    check_close(j->ratio.statistic, growth, 1e-8, "F of the growth");
    check_close(j->values[1].value, held->theta[1], 1e-8, "what b was refitted to");
    assert_false(j->values[1].held);
    jf_fit_free(judged);
    jf_fit_free(held);
}

static void each_constant_is_as_far_off_as_its_standard_error_says(void **state)
{
    jf_fit *fit = fit_at("c=0.7", NULL, NULL, NAN);
    const jf_judged_value *c = &fit->judged->values[2];
    double t = (fit->theta[2] - 0.7) / fit->estimates[2].std_error;

    (void)state;
    check_close(c->distance.statistic, t * t, 1e-10, "F of c");
    check_close(fit->judged->wald.statistic, t * t, 1e-10, "joint F");
    assert_true(isnan(fit->judged->values[0].distance.statistic));
    jf_fit_free(fit);
}

static void published_constants_are_those_of_the_law_and_free_takes_them_back(void **state)
{
    jf_fit *fit = fit_at("published", NULL, NULL, 0.65), *listed = fit_at("c=0.65,b=1", "b", NULL, NAN);

    (void)state;
    assert_int_equal(fit->judged->n_held, 1);
    check_close(fit->judged->values[2].given, 0.65, 0, "constant");
    check_close(fit->judged->loss, listed->judged->loss, 1e-10, "loss");
    check_close(listed->judged->values[1].given, 1, 0, "what was given for b");
    assert_false(listed->judged->values[1].held);
    jf_fit_free(fit);
    jf_fit_free(listed);
}

static void constants_that_make_no_sense_are_errors(void **state)
{
    static const char *const at[] = {"published", "d=1", "c", "c=x", "c=1", NULL};
    static const char *const free[] = {NULL, NULL, NULL, NULL, "c", "c"};
    static const char *const messages[] = {"no published constants", "no free parameter 'd'",
                                           "expected 'published'",   "expected 'published'",
                                           "leaves no constant",     "--free goes with --at"};

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        jf_error err = {0};
        jf_fit *fit = NULL;
        assert_int_equal(try_fit(at[i], free[i], NULL, NAN, &fit, &err), JF_EUSAGE);
        if (!strstr(err.message, messages[i])) fail_msg("%zu: %s", i, err.message);
        assert_null(fit);
    }
}

static void constants_that_a_law_holds_are_let_go_to_be_judged(void **state)
{
    jf_laws laws = {0};
    jf_error err = {0};
    size_t held = 0, released = 0;

    (void)state;
    check_ok(jf_laws_builtin(&laws, &err), &err);
    for (size_t i = 0; i < laws.n; i++)
        for (int pass = 0; pass < 2; pass++) {
            for (size_t j = 0; j < laws.items[i]->n_specs; j++) {
                const jf_parameter_spec *spec = &laws.items[i]->specs[j];
                if (isnan(spec->published) || isnan(spec->fixed)) continue;
                *(pass ? &released : &held) += 1;
            }
            jf_law_release_published(laws.items[i]);
        }
    assert_true(held > 0);
    assert_int_equal(released, 0);
    jf_laws_free(&laws);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_loss_at_constants_is_that_of_a_fit_which_holds_them),
        cmocka_unit_test(each_constant_is_as_far_off_as_its_standard_error_says),
        cmocka_unit_test(published_constants_are_those_of_the_law_and_free_takes_them_back),
        cmocka_unit_test(constants_that_make_no_sense_are_errors),
        cmocka_unit_test(constants_that_a_law_holds_are_let_go_to_be_judged),
    };

    return cmocka_run_group_tests(tests, test_settle_libraries, NULL);
}
