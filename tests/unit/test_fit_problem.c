/* Binding a law to a table: what is refused, what is left out, what a result says of data that are not sound.
 */
#include "tests/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/memory.h"
#include "core/stream.h"
#include "data/table.h"
#include "fit/fit.h"
#include "fit/problem/problem.h"

enum { N = 24 };

/* x: 1..24, y: positive, s: three levels in turn, g: a label that equals s. */
static jf_table *sound_table(void)
{
    static const char *const levels[] = {"a", "b", "c, d"};
    jf_table *table = NULL;
    jf_error err = {0};
    jf_column columns[4] = {{.name = jf_copy_text("x")},
                            {.name = jf_copy_text("energy")},
                            {.name = jf_copy_text("s")},
                            {.name = jf_copy_text("weight")}};

    check_ok(jf_table_new(N, &table, &err), &err);
    for (size_t c = 0; c < 4; c++) {
        if (c == 2) {
            columns[c].kind = JF_LABEL;
            columns[c].codes = JF_NEW_ARRAY(int32_t, N);
            columns[c].levels = JF_NEW_ZEROED(char *, 3);
            for (size_t i = 0; i < 3; i++) columns[c].levels[i] = jf_copy_text(levels[i]);
            columns[c].n_levels = 3;
        } else {
            columns[c].values = JF_NEW_ARRAY(double, N);
        }
        for (size_t i = 0; i < N; i++) {
            double x = (double)i + 1;
            if (c == 0) columns[c].values[i] = x;
            if (c == 1)
                columns[c].values[i] = exp(1 + 0.5 * log(x) + 0.01 * sin(7 * x) + 0.2 * (double)(i % 3));
            if (c == 2) columns[c].codes[i] = (int32_t)(i % 3);
            if (c == 3) columns[c].values[i] = 1 + (double)(i % 2);
        }
        check_ok(jf_table_add(table, &columns[c], false, &err), &err);
    }
    return table;
}

static double *values_of(jf_table *table, const char *name)
{
    return jf_table_find(table, name)->values;
}

static jf_fit_options defaults(void)
{
    jf_fit_options options = {0};

    jf_fit_options_default(&options);
    options.seed = JF_DEFAULT_SEED;
    options.threads = 1;
    return options;
}

typedef struct setting {
    const char *start, *fix, *bounds, *tie;
} setting;

static jf_status run(jf_table *table, const char *text, setting set, const jf_fit_options *options,
                     jf_fit **out, jf_error *err)
{
    jf_law *law = NULL;
    jf_status status;

    check_ok(jf_law_read(text, &law, err), err);
    if (set.start) check_ok(jf_law_set_starts(law, set.start, err), err);
    if (set.fix) check_ok(jf_law_set_fixed(law, set.fix, err), err);
    if (set.bounds) check_ok(jf_law_set_bounds(law, set.bounds, err), err);
    if (set.tie) check_ok(jf_law_set_tie(law, set.tie, err), err);
    status = jf_fit_run(law, table, NULL, 0, NULL, options, out, err);
    jf_law_free(law);
    return status;
}

static jf_fit *fit_of(jf_table *table, const char *text, setting set, const jf_fit_options *options)
{
    jf_fit_options usual = defaults();
    jf_error err = {0};
    jf_fit *fit = NULL;

    check_ok(run(table, text, set, options ? options : &usual, &fit, &err), &err);
    return fit;
}

static bool has_warning(const jf_fit *fit, const char *code, const char *part)
{
    for (size_t i = 0; i < fit->warnings.n; i++)
        if (strcmp(fit->warnings.items[i].code, code) == 0 && strstr(fit->warnings.items[i].message, part))
            return true;
    return false;
}

static const jf_estimate *estimate_of(const jf_fit *fit, const char *name)
{
    for (size_t i = 0; i < fit->n_estimates; i++)
        if (jf_parameter_name_same(fit->estimates[i].name, name)) return &fit->estimates[i];
    fail_msg("no estimate '%s'", name);
    return NULL;
}

typedef struct refusal {
    const char *law;
    setting set;
    jf_status status;
    const char *message;
} refusal;

static void what_cannot_be_fitted_is_refused_with_its_place(void **state)
{
    static const refusal all[] = {
        {"log(energy) ~ a + b*log(x - 1)*0",
         {0},
         JF_EUSAGE,
         "the formula does not depend on its parameter 'b'"},
        {"energy ~ a + b*x",
         {.fix = "x=1"},
         JF_EUSAGE,
         "'x' is a column of the table, not a parameter of law 'law1'"},
        {"energy ~ a + r[s = \"a\"]", {.fix = "r[a]=1"}, JF_EUSAGE, "'r[a]' is the reference level"},
        {"energy ~ r[s]", {.start = "r[bb]=1"}, JF_EUSAGE, "column 's' has no level 'bb'"},
        {"energy ~ a + b*x",
         {.fix = "a=5", .bounds = "a=0:1"},
         JF_EUSAGE,
         "parameter 'a' is fixed at 5, outside"},
        {"energy ~ a + b*x", {.tie = "b = 2*x"}, JF_EUSAGE, "'b' is tied to 'x', which is a column"},
        {"log(energy - 3) ~ a + b*x",
         {0},
         JF_EDATA,
         "row 1: column 'energy': log(energy - 3) is not defined for 2.7"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        jf_table *table = sound_table();
        jf_fit_options options = defaults();
        jf_fit *fit = NULL;
        jf_error err = {0};
        jf_status status = run(table, all[i].law, all[i].set, &options, &fit, &err);
        if (status != all[i].status || !strstr(err.message, all[i].message))
            fail_msg("'%s' gave %d '%s', wanted '%s'", all[i].law, (int)status, err.message, all[i].message);
        assert_null(fit);
        jf_table_free(table);
    }
}

static void more_parameters_than_rows_are_refused(void **state)
{
    jf_table *table = sound_table();
    jf_fit_options options = defaults();
    size_t rows[] = {0, 1};
    jf_law *law = NULL;
    jf_fit *fit = NULL;
    jf_error err = {0};

    (void)state;
    check_ok(jf_law_read("energy ~ a + b*x + c*x^2", &law, &err), &err);
    assert_int_equal(jf_fit_run(law, table, rows, 2, NULL, &options, &fit, &err), JF_EDATA);
    assert_string_equal(err.message, "law 'law1' has 3 free parameters, but only 2 rows can be used");
    jf_law_free(law);
    jf_table_free(table);
}

static void rows_without_a_value_are_left_out_counted_and_told(void **state)
{
    jf_table *table = sound_table();
    jf_fit *fit;

    (void)state;
    values_of(table, "x")[3] = NAN;
    values_of(table, "x")[5] = 0;
    values_of(table, "energy")[7] = NAN;
    fit = fit_of(table, "log(energy) ~ a + b*log(x)", (setting){0}, NULL);
    assert_int_equal(fit->n, N - 3);
    assert_int_equal(fit->data.n_dropped, 2);
    assert_string_equal(fit->data.dropped[0].reason, "missing");
    assert_int_equal(fit->data.dropped[0].rows, 2);
    assert_string_equal(fit->data.dropped[1].reason, "not finite");
    assert_int_equal(fit->data.dropped[1].rows, 1);
    assert_true(has_warning(fit, "W_ROWS_DROPPED", "first 'x'"));
    assert_true(has_warning(fit, "W_ROWS_DROPPED", "first row 6"));
    for (size_t i = 0; i < fit->n; i++)
        assert_true(fit->rows[i] != 3 && fit->rows[i] != 5 && fit->rows[i] != 7);
    jf_fit_free(fit);
    jf_table_free(table);
}

static void a_log_of_a_negative_energy_names_the_row(void **state)
{
    jf_table *table = sound_table();
    jf_fit_options options = defaults();
    jf_fit *fit = NULL;
    jf_error err = {0};

    (void)state;
    values_of(table, "energy")[9] = -4;
    assert_int_equal(run(table, "log(energy) ~ a + b*log(x)", (setting){0}, &options, &fit, &err), JF_EDATA);
    assert_string_equal(err.message,
                        "row 10: column 'energy': log(energy) is not defined for -4 (leave such rows out "
                        "with --where)");
    jf_table_free(table);
}

static void bad_weights_are_refused_and_zero_ones_leave_their_row_out(void **state)
{
    jf_table *table = sound_table();
    jf_fit_options options = defaults();
    jf_fit *fit = NULL;
    jf_error err = {0};

    (void)state;
    options.weights = "weight";
    values_of(table, "weight")[4] = -1;
    assert_int_equal(run(table, "energy ~ a + b*x", (setting){0}, &options, &fit, &err), JF_EDATA);
    assert_string_equal(err.message, "row 5: --weights: expected a finite number not below 0, found -1");
    values_of(table, "weight")[4] = INFINITY;
    assert_int_equal(run(table, "energy ~ a + b*x", (setting){0}, &options, &fit, &err), JF_EDATA);
    values_of(table, "weight")[4] = 0;
    check_ok(run(table, "energy ~ a + b*x", (setting){0}, &options, &fit, &err), &err);
    assert_int_equal(fit->n, N - 1);
    assert_string_equal(fit->data.dropped[0].reason, "zero weight");
    jf_fit_free(fit);
    jf_table_free(table);
}

/* Frequency weights are copies: the same as the table with the rows written out. */
static void frequency_weights_are_copies_of_rows(void **state)
{
    static const char *const kinds[] = {"classical", "hc0", "hc1", "hc3"};
    jf_table *table = sound_table();
    size_t rows[2 * N], n = 0;
    jf_law *law = NULL;
    jf_error err = {0};

    (void)state;
    for (size_t i = 0; i < N; i++)
        for (size_t copy = 0; copy < 1 + i % 2; copy++) rows[n++] = i;
    check_ok(jf_law_read("log(energy) ~ a + b*log(x)", &law, &err), &err);
    for (size_t kind = 0; kind < 4; kind++) {
        jf_fit_options plain = defaults(), weighted = defaults();
        jf_fit *a = NULL, *b = NULL;
        plain.se = weighted.se = kinds[kind];
        weighted.weights = "weight";
        weighted.weights_kind = JF_WEIGHTS_FREQUENCY;
        check_ok(jf_fit_run(law, table, rows, n, NULL, &plain, &a, &err), &err);
        check_ok(jf_fit_run(law, table, NULL, 0, NULL, &weighted, &b, &err), &err);
        check_close(b->loglik, a->loglik, 1e-12, "log-likelihood");
        check_close(b->bic, a->bic, 1e-12, "BIC");
        for (size_t j = 0; j < 2; j++) {
            check_close(b->estimates[j].value, a->estimates[j].value, 1e-11, "estimate");
            check_close(b->estimates[j].std_error, a->estimates[j].std_error, 1e-10, "%s error", kinds[kind]);
        }
        jf_fit_free(a);
        jf_fit_free(b);
    }
    jf_law_free(law);
    jf_table_free(table);
}

static void known_sigma_is_not_scaled_by_the_scatter(void **state)
{
    jf_table *table = sound_table();
    jf_fit_options options = defaults();
    jf_fit *one, *two;

    (void)state;
    options.sigma = "0.1";
    one = fit_of(table, "log(energy) ~ a + b*log(x)", (setting){0}, &options);
    options.sigma = "0.2";
    two = fit_of(table, "log(energy) ~ a + b*log(x)", (setting){0}, &options);
    check_close(two->estimates[1].std_error, 2 * one->estimates[1].std_error, 1e-12, "error");
    assert_true(isinf(one->t_df));
    jf_fit_free(one);
    jf_fit_free(two);
    jf_table_free(table);
}

static void redundant_levels_are_told_with_the_cure_and_get_no_numbers(void **state)
{
    jf_table *table = sound_table();
    jf_fit *fit = fit_of(table, "log(energy) ~ b0 + h[s] + b*log(x)", (setting){0}, NULL), *sound;

    (void)state;
    assert_true(has_warning(fit, "W_REDUNDANT_LEVELS", "write h[s = \"a\"], or drop 'b0'"));
    assert_int_equal(fit->k, 4);
    for (size_t i = 0; i < fit->n_estimates; i++) {
        bool open = strcmp(fit->estimates[i].name, "b") != 0;
        assert_int_equal(fit->estimates[i].state == JF_STATE_UNIDENTIFIED, open);
        assert_int_equal(isnan(fit->estimates[i].value), open);
        assert_int_equal(isnan(fit->estimates[i].std_error), open);
        assert_int_equal(fit->estimates[i].identity.told == JF_TOLD_NOT_BY_ANY, open);
        assert_non_null(fit->estimates[i].verdict);
    }
    sound = fit_of(table, "log(energy) ~ b0 + h[s = \"a\"] + b*log(x)", (setting){0}, NULL);
    check_close(estimate_of(fit, "b")->value, estimate_of(sound, "b")->value, 1e-10, "b");
    check_close(estimate_of(fit, "b")->std_error, estimate_of(sound, "b")->std_error, 1e-10, "error of b");
    check_close(fit->loglik, sound->loglik, 1e-12, "log-likelihood");
    check_close(fit->aic, sound->aic, 1e-12, "AIC");
    jf_fit_free(fit);
    jf_fit_free(sound);
    jf_table_free(table);
}

/* A reference level is zero, which a product does not survive: that cure is for sums. */
static void levels_that_multiply_are_told_of_exp_and_not_of_a_bare_reference(void **state)
{
    jf_table *table = sound_table();
    jf_fit *product = fit_of(table, "energy ~ k*m[s]*x", (setting){0}, NULL), *zero;

    (void)state;
    assert_true(has_warning(product, "W_REDUNDANT_LEVELS", "(in shares of their values)"));
    assert_true(has_warning(product, "W_REDUNDANT_LEVELS", "write exp("));
    assert_false(has_warning(product, "W_REDUNDANT_LEVELS", "[s = "));
    zero = fit_of(table, "log(energy) ~ log(k*d[s = \"a\"]*x)", (setting){0}, NULL);
    assert_int_equal(zero->outcome, JF_FAILED);
    assert_non_null(strstr(zero->failure, "where 'd' is zero, its reference: write exp()"));
    jf_fit_free(product);
    jf_fit_free(zero);
    jf_table_free(table);
}

static void a_bound_that_holds_is_a_state_and_no_number(void **state)
{
    jf_table *table = sound_table();
    jf_fit *fit = fit_of(table, "log(energy) ~ a + b*log(x)", (setting){.bounds = "b=:0.4"}, NULL);

    (void)state;
    assert_int_equal(fit->outcome, JF_AT_BOUND);
    assert_int_equal(estimate_of(fit, "b")->state, JF_STATE_AT_BOUND);
    assert_true(estimate_of(fit, "b")->value == 0.4);
    assert_true(isnan(estimate_of(fit, "b")->std_error));
    assert_true(isfinite(estimate_of(fit, "a")->std_error));
    assert_true(has_warning(fit, "W_AT_BOUND", "'b'"));
    jf_fit_free(fit);
    jf_table_free(table);
}

static void fixed_and_tied_parameters_follow_their_settings(void **state)
{
    jf_table *table = sound_table();
    jf_fit *fixed = fit_of(table, "log(energy) ~ a + b*log(x)", (setting){.fix = "b=0.5"}, NULL);
    jf_fit *tied = fit_of(table, "log(energy) ~ a + b*log(x) + c", (setting){.tie = "c = 2*a"}, NULL);

    (void)state;
    assert_int_equal(fixed->k, 1);
    assert_int_equal(estimate_of(fixed, "b")->state, JF_STATE_FIXED);
    assert_true(estimate_of(fixed, "b")->value == 0.5 && isnan(estimate_of(fixed, "b")->std_error));
    assert_int_equal(tied->k, 2);
    assert_int_equal(estimate_of(tied, "c")->state, JF_STATE_TIED);
    check_close(estimate_of(tied, "c")->value, 2 * estimate_of(tied, "a")->value, 1e-14, "tied value");
    check_close(estimate_of(tied, "c")->std_error, 2 * estimate_of(tied, "a")->std_error, 1e-12,
                "tied error");
    jf_fit_free(fixed);
    jf_fit_free(tied);
    jf_table_free(table);
}

/* h1 = 2*h0 at each level: the same as one level parameter times (1 + 2 x). */
static void a_tie_of_level_parameters_holds_at_every_level(void **state)
{
    jf_table *table = sound_table();
    jf_fit *tied = fit_of(table, "energy ~ h0[s] + h1[s]*x", (setting){.tie = "h1 = 2*h0"}, NULL);
    jf_fit *plain = fit_of(table, "energy ~ h0[s]*(1 + 2*x)", (setting){0}, NULL);

    (void)state;
    assert_int_equal(tied->k, 3);
    assert_int_equal(tied->n_estimates, 6);
    check_close(tied->rss, plain->rss, 1e-12, "RSS");
    check_close(estimate_of(tied, "h1[\"c, d\"]")->value, 2 * estimate_of(plain, "h0[\"c, d\"]")->value,
                1e-12, "h1");
    check_close(estimate_of(tied, "h1[a]")->std_error, 2 * estimate_of(plain, "h0[a]")->std_error, 1e-12,
                "error");
    jf_fit_free(tied);
    jf_fit_free(plain);
    jf_table_free(table);
}

static void level_settings_reach_one_level(void **state)
{
    jf_table *table = sound_table();
    jf_fit *fit = fit_of(table, "log(energy) ~ r[s] + b*log(x)", (setting){.fix = "r[\"c, d\"]=1.4"}, NULL);

    (void)state;
    assert_true(estimate_of(fit, "r[\"c, d\"]")->value == 1.4);
    assert_int_equal(estimate_of(fit, "r[\"c, d\"]")->state, JF_STATE_FIXED);
    assert_int_equal(estimate_of(fit, "r[a]")->state, JF_STATE_OK);
    jf_fit_free(fit);
    jf_table_free(table);
}

/* Written once in its natural form, a law under log is the law in logarithms, and under additive it is
 * itself. */
static void the_error_kind_chooses_the_scale(void **state)
{
    jf_table *table = sound_table();
    jf_fit_options options = defaults();
    jf_fit *natural, *logs;

    (void)state;
    logs = fit_of(table, "log(energy) ~ c + a*log(x)", (setting){0}, NULL);
    options.error = "log";
    natural = fit_of(table, "energy ~ k*x^a", (setting){0}, &options);
    check_close(natural->rss, logs->rss, 1e-10, "RSS under log");
    check_close(natural->loglik, logs->loglik, 1e-10, "log-likelihood under log");
    assert_string_equal(natural->response, "log(energy)");
    assert_string_equal(natural->formula, "energy ~ k*x^a");
    jf_fit_free(natural);
    jf_fit_free(logs);
    options.error = "additive";
    logs = fit_of(table, "log(energy) ~ log(k) + a*log(x)", (setting){0}, &options);
    natural = fit_of(table, "energy ~ k*x^a", (setting){0}, &options);
    check_close(natural->rss, logs->rss, 1e-9, "RSS under additive");
    assert_string_equal(logs->response, "energy");
    jf_fit_free(natural);
    jf_fit_free(logs);
    jf_table_free(table);
}

/* At a relative error the estimating equation sum (y - f) f'/f^2 = 0 holds. */
static void a_relative_error_solves_its_estimating_equation(void **state)
{
    jf_table *table = sound_table();
    jf_fit_options options = defaults();
    jf_fit *fit;
    double by_k = 0, by_a = 0;

    (void)state;
    options.error = "relative";
    fit = fit_of(table, "energy ~ k*x^a", (setting){0}, &options);
    for (size_t i = 0; i < fit->n; i++) {
        by_k += fit->residual[i] / fit->fitted[i];
        by_a += fit->residual[i] / fit->fitted[i] * log(values_of(table, "x")[fit->rows[i]]);
    }
    assert_true(fabs(by_k) < 1e-8 && fabs(by_a) < 1e-8);
    jf_fit_free(fit);
    jf_table_free(table);
}

static void exact_data_are_fitted_with_errors_of_zero(void **state)
{
    jf_table *table = sound_table();
    jf_fit *fit;

    (void)state;
    for (size_t i = 0; i < N; i++) values_of(table, "energy")[i] = 3 + 2 * values_of(table, "x")[i];
    fit = fit_of(table, "energy ~ a + b*x", (setting){0}, NULL);
    check_close(fit->estimates[0].value, 3, 1e-12, "a");
    check_close(fit->estimates[1].value, 2, 1e-13, "b");
    assert_true(fit->rss < 1e-20 && fit->r2 > 1 - 1e-12);
    jf_fit_free(fit);
    jf_table_free(table);
}

static void a_level_with_one_row_is_named(void **state)
{
    jf_table *table = sound_table();
    size_t rows[N], n = 0;
    jf_fit_options options = defaults();
    jf_law *law = NULL;
    jf_fit *fit = NULL;
    jf_error err = {0};

    (void)state;
    for (size_t i = 0; i < N; i++)
        if (i % 3 != 2 || i == 2) rows[n++] = i;
    check_ok(jf_law_read("log(energy) ~ r[s] + b*log(x)", &law, &err), &err);
    check_ok(jf_fit_run(law, table, rows, n, NULL, &options, &fit, &err), &err);
    assert_true(has_warning(fit, "W_ONE_ROW_LEVEL", "row 3"));
    jf_fit_free(fit);
    jf_law_free(law);
    jf_table_free(table);
}

static void a_law_that_reads_a_post_run_column_is_labelled(void **state)
{
    jf_table *table = sound_table();
    jf_fit *before = fit_of(table, "log(energy) ~ a + b*log(x)", (setting){0}, NULL), *after;

    (void)state;
    ((jf_column *)jf_table_find(table, "energy"))->known = JF_POST_RUN; /* the response may be */
    ((jf_column *)jf_table_find(table, "x"))->known = JF_POST_RUN;
    after = fit_of(table, "log(energy) ~ a + b*log(x)", (setting){0}, NULL);
    assert_true(!before->post_run && !has_warning(before, "W_POST_RUN", ""));
    assert_true(after->post_run && has_warning(after, "W_POST_RUN", "'x'"));
    assert_false(has_warning(after, "W_POST_RUN", "'energy'"));
    jf_fit_free(before);
    jf_fit_free(after);
    jf_table_free(table);
}

static void simulated_runs_are_called_so(void **state)
{
    jf_table *table = sound_table();
    jf_fit *fit;

    (void)state;
    table->file = jf_copy_text("runs/sweep_simulated.csv");
    fit = fit_of(table, "log(energy) ~ a + b*log(x)", (setting){0}, NULL);
    assert_true(has_warning(fit, "W_SIMULATED", "not measured"));
    assert_non_null(fit->data.simulated);
    jf_fit_free(fit);
    jf_table_free(table);
}

/* Two columns that hardly differ are named as a pair; columns that have nothing to do with each other are
 * not. */
static void columns_that_say_the_same_are_named(void **state)
{
    jf_table *table = sound_table();
    jf_fit *alike, *apart;

    (void)state;
    alike = fit_of(table, "energy ~ a + b*x + c*(x + 0.01*sin(x))", (setting){0}, NULL);
    apart = fit_of(table, "energy ~ a + b*x + c*weight", (setting){0}, NULL);
    assert_true(has_warning(alike, "W_COLLINEAR", "'b'") && has_warning(alike, "W_COLLINEAR", "'c'"));
    assert_false(has_warning(apart, "W_COLLINEAR", ""));
    jf_fit_free(alike);
    jf_fit_free(apart);
    jf_table_free(table);
}

static size_t left;
static bool refuse_when_spent(void *context)
{
    (void)context;
    return left-- == 0;
}

static void every_failing_allocation_is_an_error(void **state)
{
    jf_table *table = sound_table();
    const char *derive[] = {"ratio = k/a"}, *test[] = {"a = 1"};
    jf_law *law = NULL;
    jf_error err = {0};

    (void)state;
    check_ok(jf_law_read("log(energy) ~ log(k*x^a) + r[s = \"a\"]", &law, &err), &err);
    check_ok(jf_law_set_starts(law, "k=2,a=0.5", &err), &err);
    for (size_t allowed = 0;; allowed += 1 + allowed / 32) {
        jf_fit_options options = defaults();
        jf_fit *fit = NULL;
        jf_status status;
        options.starts = 2;
        options.derive = (jf_option_list){.items = derive, .n = 1};
        options.test = (jf_option_list){.items = test, .n = 1};
        left = allowed;
        jf_memory_hook(refuse_when_spent, NULL);
        status = jf_fit_run(law, table, NULL, 0, NULL, &options, &fit, &err);
        jf_memory_hook(NULL, NULL);
        jf_fit_free(fit);
        if (status == JF_OK && left < (size_t)-1 / 2) break; /* nothing was refused */
        if (status != JF_OK && status != JF_ENOMEM)
            fail_msg("allocation %zu gave %d: %s", allowed, (int)status, err.message);
        assert_true(allowed < 1000000);
    }
    jf_law_free(law);
    jf_table_free(table);
}

static jf_problem *problem_of(const jf_table *table, const char *text, const size_t *rows, size_t n,
                              const jf_fit_options *options)
{
    jf_error err = {0};
    jf_law *law = NULL;
    jf_problem *problem = NULL;

    check_ok(jf_law_read(text, &law, &err), &err);
    check_ok(jf_problem_build(law, table, rows, n, options, NULL, &problem, &err), &err);
    jf_law_free(law);
    return problem;
}

/* Row i of the problem is row rows[i] of the table, with what the table holds there. */
static void check_rows(const jf_problem *problem, jf_table *table, const size_t *rows, size_t n,
                       bool weighted)
{
    assert_int_equal(problem->n, n);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(jf_problem_row(problem, i), rows[i]);
        check_close(problem->raw[i], values_of(table, "energy")[rows[i]], 0, "raw, row %zu", i);
        check_close(problem->response[i], log(problem->raw[i]), 1e-15, "response, row %zu", i);
        if (weighted)
            check_close(problem->weight[i], values_of(table, "weight")[rows[i]], 0, "weight, row %zu", i);
    }
}

static void a_table_that_is_fitted_whole_is_neither_listed_nor_copied(void **state)
{
    jf_table *table = sound_table();
    jf_fit_options options = defaults();
    size_t all[N];
    jf_problem *plain, *logs;
    jf_error err = {0};

    (void)state;
    options.weights = "weight";
    for (size_t i = 0; i < N; i++) all[i] = i;
    plain = problem_of(table, "energy ~ a + b*x", NULL, 0, &options);
    logs = problem_of(table, "log(energy) ~ a + b*log(x)", NULL, 0, &options);
    assert_null(plain->rows);
    assert_ptr_equal(plain->response, values_of(table, "energy"));
    assert_ptr_equal(logs->raw, values_of(table, "energy"));
    check_rows(logs, table, all, N, true);
    check_ok(jf_problem_part_from_table(plain, &err), &err);
    check_ok(jf_problem_part_from_table(logs, &err), &err);
    check_rows(logs, table, all, N, true);
    jf_table_free(table); /* neither reads it any more */
    for (size_t i = 0; i < N; i++)
        check_close(plain->response[i], exp(logs->response[i]), 1e-13, "row %zu", i);
    jf_problem_free(plain);
    jf_problem_free(logs);
}

static void rows_that_are_left_out_or_chosen_keep_their_places(void **state)
{
    static const size_t asked[] = {20, 3, 4, 5, 6, 2, 8};
    jf_table *table = sound_table();
    jf_fit_options options = defaults();
    size_t kept[N], n = 0;
    jf_problem *problem;

    (void)state;
    options.weights = "weight";
    values_of(table, "x")[5] = NAN;
    values_of(table, "weight")[9] = 0;
    for (size_t i = 0; i < N; i++)
        if (i != 5 && i != 9) kept[n++] = i;
    problem = problem_of(table, "log(energy) ~ a + b*log(x)", NULL, 0, &options);
    check_rows(problem, table, kept, n, true);
    jf_problem_free(problem);
    problem = problem_of(table, "log(energy) ~ a + b*log(x)", asked, sizeof asked / sizeof *asked, &options);
    check_rows(problem, table, (const size_t[]){20, 3, 4, 6, 2, 8}, 6, true);
    jf_problem_free(problem);
    jf_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_fitted_is_refused_with_its_place),
        cmocka_unit_test(more_parameters_than_rows_are_refused),
        cmocka_unit_test(a_table_that_is_fitted_whole_is_neither_listed_nor_copied),
        cmocka_unit_test(rows_that_are_left_out_or_chosen_keep_their_places),
        cmocka_unit_test(rows_without_a_value_are_left_out_counted_and_told),
        cmocka_unit_test(a_log_of_a_negative_energy_names_the_row),
        cmocka_unit_test(bad_weights_are_refused_and_zero_ones_leave_their_row_out),
        cmocka_unit_test(frequency_weights_are_copies_of_rows),
        cmocka_unit_test(known_sigma_is_not_scaled_by_the_scatter),
        cmocka_unit_test(redundant_levels_are_told_with_the_cure_and_get_no_numbers),
        cmocka_unit_test(levels_that_multiply_are_told_of_exp_and_not_of_a_bare_reference),
        cmocka_unit_test(a_bound_that_holds_is_a_state_and_no_number),
        cmocka_unit_test(fixed_and_tied_parameters_follow_their_settings),
        cmocka_unit_test(a_tie_of_level_parameters_holds_at_every_level),
        cmocka_unit_test(level_settings_reach_one_level),
        cmocka_unit_test(the_error_kind_chooses_the_scale),
        cmocka_unit_test(a_relative_error_solves_its_estimating_equation),
        cmocka_unit_test(exact_data_are_fitted_with_errors_of_zero),
        cmocka_unit_test(a_level_with_one_row_is_named),
        cmocka_unit_test(a_law_that_reads_a_post_run_column_is_labelled),
        cmocka_unit_test(simulated_runs_are_called_so),
        cmocka_unit_test(columns_that_say_the_same_are_named),
        cmocka_unit_test(every_failing_allocation_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
