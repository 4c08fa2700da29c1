/* The verdict on every parameter: well determined, weakly, not by these rows, not by any, at a bound. */
#include "tests/check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "core/stream.h"
#include "fit/fit.h"
#include "tests/problem.h"

enum { N = 40 };

typedef struct settings {
    const char *law, *bounds, *fix, *ci;
    bool skip_profiles;
} settings;

static jf_fit *fit_of(const jf_table *table, settings s)
{
    jf_fit_options options;
    jf_error err = {0};
    jf_law *law = NULL;
    jf_fit *fit = NULL;

    jf_fit_options_default(&options);
    options.seed = JF_DEFAULT_SEED;
    options.threads = 1;
    options.ci = s.ci;
    options.skip_profiles = s.skip_profiles;
    check_ok(jf_law_read(s.law, &law, &err), &err);
    if (s.bounds) check_ok(jf_law_set_bounds(law, s.bounds, &err), &err);
    if (s.fix) check_ok(jf_law_set_fixed(law, s.fix, &err), &err);
    check_ok(jf_fit_run(law, table, NULL, 0, NULL, &options, &fit, &err), &err);
    jf_law_free(law);
    return fit;
}

/* x from 1 to 5; twice = 2 x; near = x but for a hundredth; own is unrelated; y = 1 + 2 x + noise. */
static jf_table *columns(void)
{
    static const char *const names[] = {"x", "twice", "near", "own", "y"};
    jf_stream stream = jf_stream_make(5, JF_FOR_TESTS, 0);
    double x[N], twice[N], near[N], own[N], y[N];
    const double *values[] = {x, twice, near, own, y};

    for (size_t i = 0; i < N; i++) {
        x[i] = 1 + 4 * jf_stream_uniform(&stream);
        twice[i] = 2 * x[i];
        near[i] = x[i] + 0.01 * jf_stream_normal(&stream);
        own[i] = jf_stream_uniform(&stream);
        y[i] = 1 + 2 * x[i] + 0.3 * jf_stream_normal(&stream);
    }
    return test_table(5, names, values, N);
}

static const jf_estimate *find(const jf_fit *fit, const char *name)
{
    for (size_t i = 0; i < fit->n_estimates; i++)
        if (strcmp(fit->estimates[i].name, name) == 0) return &fit->estimates[i];
    fail_msg("no parameter '%s'", name);
    return NULL;
}

static void check_verdict(const jf_fit *fit, const char *name, jf_told told, const char *words)
{
    const jf_estimate *e = find(fit, name);

    if (e->identity.told != told)
        fail_msg("%s: '%s' is told %s: %s", fit->formula, name, jf_told_names[e->identity.told], e->verdict);
    if (!strstr(e->verdict, words)) fail_msg("%s: '%s': %s", fit->formula, name, e->verdict);
}

static void what_the_rows_tell_is_well_determined(void **state)
{
    jf_table *table = columns();
    jf_fit *fit = fit_of(table, (settings){.law = "y ~ b + a*x + c*own", .fix = NULL});
    const jf_estimate *a = find(fit, "a");

    (void)state;
    check_close(a->identity.relative_error, a->std_error / a->value, 1e-14, "relative error");
    check_verdict(fit, "a", JF_TOLD_WELL, "well determined (relative error 2.5 %)");
    check_verdict(fit, "c", JF_TOLD_WELL, "and not told from zero");
    for (size_t i = 0; i < fit->n_estimates; i++) {
        assert_int_equal(fit->estimates[i].state, JF_STATE_OK);
        assert_int_equal(fit->estimates[i].identity.n_partners, 0);
    }
    jf_fit_free(fit);
    jf_table_free(table);
}

static void equal_columns_are_not_told_by_these_rows(void **state)
{
    jf_table *table = columns();
    jf_fit *fit = fit_of(table, (settings){.law = "y ~ b0 + a*x + b*twice"});

    (void)state;
    check_verdict(fit, "a", JF_TOLD_NOT_BY_THESE,
                  "not identifiable by these rows: moving along a - 0.5*b changes no prediction");
    check_verdict(fit, "b", JF_TOLD_NOT_BY_THESE, "a - 0.5*b");
    check_verdict(fit, "b0", JF_TOLD_WELL, "well determined");
    jf_fit_free(fit);
    jf_table_free(table);
}

static void what_no_rows_can_tell_is_a_matter_of_the_law(void **state)
{
    static const settings laws[] = {
        {.law = "y ~ b0 + a*b*x"},
        {.law = "y ~ b0 + (a/b)*x"},
        {.law = "y ~ b0 + a + b + c*x"},
        {.law = "y ~ exp(a + b)*x^c"},
        {.law = "y ~ c + log(a*b)*x", .bounds = "a=0:,b=0:"},
    };
    jf_table *table = columns();

    (void)state;
    for (size_t i = 0; i < sizeof laws / sizeof *laws; i++) {
        jf_fit *fit = fit_of(table, laws[i]);
        check_verdict(fit, "a", JF_TOLD_NOT_BY_ANY, "not identifiable by any rows (structurally)");
        check_verdict(fit, "b", JF_TOLD_NOT_BY_ANY, "changes no prediction");
        jf_fit_free(fit);
    }
    jf_table_free(table);
}

static void a_product_goes_along_shares(void **state)
{
    jf_table *table = columns();
    jf_fit *fit = fit_of(table, (settings){.law = "y ~ b0 + a*b*x"});

    (void)state;
    check_verdict(fit, "a", JF_TOLD_NOT_BY_ANY, "moving along a - b (in shares of their values)");
    jf_fit_free(fit);
    jf_table_free(table);
}

/* Both columns say the same but for a hundredth: named with each other, and with the correlation of the
 * estimates' covariance. */
static void near_columns_trade_off_with_each_other(void **state)
{
    jf_table *table = columns();
    jf_fit *fit = fit_of(table, (settings){.law = "y ~ b0 + a*x + b*near + c*own"});
    const jf_estimate *a = find(fit, "a"), *b = find(fit, "b");
    size_t ia = (size_t)(a - fit->estimates), ib = (size_t)(b - fit->estimates), m = fit->n_estimates;

    (void)state;
    check_verdict(fit, "a", JF_TOLD_WEAKLY, "weakly determined: trades off with b (correlation -0.99");
    check_verdict(fit, "b", JF_TOLD_WEAKLY, "trades off with a");
    check_verdict(fit, "c", JF_TOLD_WELL, "");
    check_verdict(fit, "b0", JF_TOLD_WELL, "");
    assert_int_equal(a->state, JF_STATE_WEAK);
    assert_int_equal(a->identity.n_partners, 1);
    assert_int_equal(a->identity.partner[0], ib);
    check_close(a->identity.correlation, fit->covariance[ia * m + ib] / (a->std_error * b->std_error), 1e-12,
                "correlation");
    assert_true(a->identity.condition_index > 100 && a->identity.share > 0.99);
    jf_fit_free(fit);
    jf_table_free(table);
}

/* The design by hand: columns (1, u) and (1, -u) of two rows each have the singular values sqrt(1 +- c), c
 * their cosine. */
static void the_condition_index_is_that_of_the_scaled_columns(void **state)
{
    static const char *const names[] = {"u", "v", "y"};
    double u[] = {1, 1.02, 0.98, 1.01}, v[] = {1, 0.97, 1.03, 1}, y[] = {1, 2, 1.5, 1.7};
    const double *values[] = {u, v, y};
    jf_table *table = test_table(3, names, values, 4);
    jf_fit *fit = fit_of(table, (settings){.law = "y ~ a*u + b*v"});
    double uu = 0, vv = 0, uv = 0, cosine;

    (void)state;
    for (size_t i = 0; i < 4; i++) uu += u[i] * u[i], vv += v[i] * v[i], uv += u[i] * v[i];
    cosine = uv / sqrt(uu * vv);
    check_close(find(fit, "a")->identity.condition_index, sqrt((1 + cosine) / (1 - cosine)), 1e-9, "index");
    /* both columns share both directions alike: the variance is (1/(1+c) + 1/(1-c)) / 2 */
    check_close(find(fit, "a")->identity.share, (1 / (1 - cosine)) / (1 / (1 - cosine) + 1 / (1 + cosine)),
                1e-9, "share");
    jf_fit_free(fit);
    jf_table_free(table);
}

static void a_parameter_at_its_bound_says_so(void **state)
{
    jf_table *table = columns();
    jf_fit *fit = fit_of(table, (settings){.law = "y ~ b0 + a*x", .bounds = "a=:1.5"});
    jf_fit *held = fit_of(table, (settings){.law = "y ~ b0 + a*x", .fix = "a=1.5"});

    (void)state;
    check_verdict(fit, "a", JF_TOLD_AT_BOUND, "at its upper bound 1.5");
    check_verdict(held, "a", JF_TOLD_HELD, "fixed");
    jf_fit_free(fit);
    jf_fit_free(held);
    jf_table_free(table);
}

/* Nine in ten of the way to the top are missing: no upper limit for the top. */
static jf_table *half_curve(void)
{
    static const char *const names[] = {"x", "y"};
    jf_stream stream = jf_stream_make(8, JF_FOR_TESTS, 0);
    double x[N], y[N];
    const double *values[] = {x, y};

    for (size_t i = 0; i < N; i++) {
        x[i] = 0.05 * (double)(i + 1);
        y[i] = 8 * (1 - exp(-0.12 * x[i])) + 0.15 * jf_stream_normal(&stream);
    }
    return test_table(2, names, values, N);
}

static void a_flat_profile_is_told_with_and_without_profiles(void **state)
{
    static const char *const kinds[] = {NULL, "profile"};
    jf_table *table = half_curve();

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        settings s = {.law = "y ~ top*(1 - exp(-rate*x))", .bounds = "top=0:,rate=0:", .ci = kinds[i]};
        jf_fit *fit = fit_of(table, s);
        check_verdict(fit, "top", JF_TOLD_WEAKLY, "trades off with rate");
        check_verdict(fit, "top", JF_TOLD_WEAKLY,
                      "its profile is open above: these rows set it no upper limit");
        assert_true(find(fit, "top")->identity.open_above && !find(fit, "top")->identity.open_below);
        jf_fit_free(fit);
    }
    jf_table_free(table);
}

/* A step between two rows: any steepness and any place between them do. */
static void a_step_between_two_rows_has_neither_place_nor_steepness(void **state)
{
    static const char *const names[] = {"x", "y"};
    double x[N], y[N];
    const double *values[] = {x, y};
    jf_table *table;
    jf_fit *fit;

    (void)state;
    for (size_t i = 0; i < N; i++) {
        x[i] = 0.5 * (double)i;
        y[i] = (x[i] < 9.7 ? 1 : 3) + (i % 2 ? -0.05 : 0.05);
    }
    table = test_table(2, names, values, N);
    fit = fit_of(table, (settings){.law = "y ~ lo + (hi - lo)*sigmoid(s*(x - x0))"});
    check_verdict(fit, "lo", JF_TOLD_WELL, "well determined");
    check_verdict(fit, "hi", JF_TOLD_WELL, "well determined");
    check_verdict(fit, "s", JF_TOLD_RUNAWAY, "no value is the best");
    check_verdict(fit, "x0", JF_TOLD_NOT_BY_THESE, "not identifiable by these rows");
    jf_fit_free(fit);
    jf_table_free(table);
}

/* L = E + A/N^alpha + B/D^beta on a grid of N and `n_d` values of D. */
static jf_table *chinchilla(size_t n_d)
{
    static const char *const names[] = {"N", "D", "L"};
    static const double d[] = {1e9, 4e9, 2e10, 1e11, 5e11};
    jf_stream stream = jf_stream_make(3, JF_FOR_TESTS, 0);
    double n_column[60], d_column[60], loss[60];
    const double *values[] = {n_column, d_column, loss};
    size_t n = 0;

    for (size_t i = 0; i < 6; i++)
        for (size_t j = 0; j < n_d; j++, n++) {
            n_column[n] = 5e7 * pow(3, (double)i);
            d_column[n] = d[j];
            loss[n] = (1.69 + 406.4 * pow(n_column[n], -0.34) + 410.7 * pow(d_column[n], -0.28)) *
                      exp(0.002 * jf_stream_normal(&stream));
        }
    return test_table(3, names, values, n);
}

/* Two values of D cannot tell a floor, a scale and an exponent; five can, and scale and exponent go together.
 */
static void chinchilla_needs_three_amounts_of_data(void **state)
{
    static const settings s = {.law = "log(L) ~ log(E + A/N^alpha + B/D^beta)", .bounds = "A=0:,B=0:,E=0:"};
    static const char *const open[] = {"E", "B", "beta"}, *const all[] = {"E", "A", "alpha", "B", "beta"};
    jf_table *few = chinchilla(2), *enough = chinchilla(5);
    jf_fit *fit = fit_of(few, s);

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        const jf_identity *identity = &find(fit, open[i])->identity;
        assert_true(identity->told == JF_TOLD_NOT_BY_THESE || identity->told == JF_TOLD_RUNAWAY ||
                    identity->told == JF_TOLD_WEAKLY || identity->told == JF_TOLD_AT_BOUND);
        assert_true(identity->told != JF_TOLD_NOT_BY_ANY);
    }
    check_verdict(fit, "alpha", JF_TOLD_WELL, "its error going with that of A");
    jf_fit_free(fit);
    fit = fit_of(enough, s);
    for (size_t i = 0; i < 5; i++)
        check_verdict(fit, all[i], JF_TOLD_WELL, "well determined (relative error");
    check_verdict(fit, "beta", JF_TOLD_WELL, "its error going with that of B");
    jf_fit_free(fit);
    jf_table_free(few);
    jf_table_free(enough);
}

/* Far from one, the scale of a power follows its exponent; that is no weakness. */
static void a_scale_far_from_the_rows_follows_its_exponent(void **state)
{
    static const char *const names[] = {"C", "E"};
    jf_stream stream = jf_stream_make(4, JF_FOR_TESTS, 0);
    double c[N], e[N];
    const double *values[] = {c, e};
    jf_table *table;
    jf_fit *fit;

    (void)state;
    for (size_t i = 0; i < N; i++) {
        c[i] = 1e18 * exp(3 * jf_stream_uniform(&stream));
        e[i] = 1e-9 * pow(c[i], 0.8) * exp(0.2 * jf_stream_normal(&stream));
    }
    table = test_table(2, names, values, N);
    fit = fit_of(table, (settings){.law = "log(E) ~ log(k*C^a)", .bounds = "k=0:"});
    check_verdict(fit, "a", JF_TOLD_WELL, "well determined");
    check_verdict(fit, "k", JF_TOLD_ROUGHLY, "determined only together with a (correlation -0.99");
    assert_int_equal(find(fit, "k")->state, JF_STATE_OK);
    jf_fit_free(fit);
    jf_table_free(table);
}

/* Warnings and states say the same as verdicts. */
static void a_weak_parameter_is_warned_of(void **state)
{
    jf_table *table = columns();
    jf_fit *fit = fit_of(table, (settings){.law = "y ~ b0 + a*x + b*near"});
    size_t n = 0;

    (void)state;
    for (size_t i = 0; i < fit->warnings.n; i++)
        n += strcmp(fit->warnings.items[i].code, "W_WEAK") == 0 &&
             strstr(fit->warnings.items[i].message, "weakly determined: trades off with") != NULL;
    assert_int_equal(n, 2);
    jf_fit_free(fit);
    jf_table_free(table);
}

/* Sixty rows about a break that is sharp: how sharp, they hardly tell. */
static jf_table *broken(uint64_t seed)
{
    static const char *const names[] = {"x", "y"};
    jf_stream stream = jf_stream_make(seed, JF_FOR_TESTS, 8);
    double x[60], y[60];
    const double *values[] = {x, y};

    for (size_t i = 0; i < 60; i++) {
        x[i] = pow(10, 2 + 6 * jf_stream_uniform(&stream));
        y[i] = 8 * pow(x[i], -0.1) * (x[i] < 3e4 ? 1 : pow(x[i] / 3e4, -0.25)) *
               exp(0.01 * jf_stream_normal(&stream));
    }
    return test_table(2, names, values, 60);
}

/* The sharpness that runs to zero ends where it moves nothing but roundings: no number is given, and none
 * with an error of a billion times itself. */
static void a_sharpness_that_runs_to_zero_has_no_number(void **state)
{
    size_t n_open = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        jf_table *table = broken(seed);
        jf_fit *fit =
            fit_of(table, (settings){.law = "log(y) ~ log(b) - c0*log(x) - c1*f*lse(0, (log(x) - log(d))/f)",
                                     .bounds = "f=0:"});
        const jf_estimate *f = find(fit, "f"), *d = find(fit, "d");

        if (f->state == JF_STATE_UNIDENTIFIED) {
            n_open++;
            assert_true(isnan(f->value) && isnan(f->std_error));
            check_verdict(fit, "f", JF_TOLD_NOT_BY_THESE, "not identifiable by these rows");
            assert_int_equal(fit->k, 4);
        } else if (!(f->std_error < 100 * f->value)) {
            fail_msg("seed %d: f is %g +- %g", (int)seed, f->value, f->std_error);
        }
        if (!(fabs(d->value - 3e4) < 5 * d->std_error))
            fail_msg("seed %d: d is %g +- %g", (int)seed, d->value, d->std_error);
        jf_fit_free(fit);
        jf_table_free(table);
    }
    assert_in_range(n_open, 1, 11);
}

/* Zeros all over: the one that is told is zero without an error. */
static void a_zero_without_an_error_is_well_determined(void **state)
{
    static const char *const names[] = {"x", "y"};
    double x[N], y[N] = {0};
    const double *values[] = {x, y};
    jf_table *table;
    jf_fit *fit;

    (void)state;
    for (size_t i = 0; i < N; i++) x[i] = 1 + (double)i;
    table = test_table(2, names, values, N);
    fit = fit_of(table, (settings){.law = "y ~ a*(1 - exp(-k*x))"});
    check_verdict(fit, "a", JF_TOLD_WELL, "relative error 0");
    jf_fit_free(fit);
    jf_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_rows_tell_is_well_determined),
        cmocka_unit_test(equal_columns_are_not_told_by_these_rows),
        cmocka_unit_test(what_no_rows_can_tell_is_a_matter_of_the_law),
        cmocka_unit_test(a_product_goes_along_shares),
        cmocka_unit_test(near_columns_trade_off_with_each_other),
        cmocka_unit_test(the_condition_index_is_that_of_the_scaled_columns),
        cmocka_unit_test(a_parameter_at_its_bound_says_so),
        cmocka_unit_test(a_flat_profile_is_told_with_and_without_profiles),
        cmocka_unit_test(a_step_between_two_rows_has_neither_place_nor_steepness),
        cmocka_unit_test(chinchilla_needs_three_amounts_of_data),
        cmocka_unit_test(a_scale_far_from_the_rows_follows_its_exponent),
        cmocka_unit_test(a_weak_parameter_is_warned_of),
        cmocka_unit_test(a_sharpness_that_runs_to_zero_has_no_number),
        cmocka_unit_test(a_zero_without_an_error_is_well_determined),
    };

    return cmocka_run_group_tests(tests, test_settle_libraries, NULL);
}
