/* What must hold for every law of the catalogue, on data of its own kind. */
#include "tests/check.h"

#include <math.h>
#include <stdio.h>
#include "fit/problem/problem.h"
#include "tests/law_data.h"

static jf_laws catalogue;

static int read_catalogue(void **state)
{
    jf_error err = {0};

    (void)state;
    check_ok(jf_laws_builtin(&catalogue, &err), &err);
    return 0;
}

static int free_catalogue(void **state)
{
    (void)state;
    jf_laws_free(&catalogue);
    return 0;
}

static double largest_entry(const double *column, size_t n)
{
    double largest = 0;

    for (size_t i = 0; i < n; i++) largest = fmax(largest, fabs(column[i]));
    return largest;
}

/* Column j of the Jacobian by central differences with a step of 1e-5 of the parameter. */
static void difference(const law_data *data, jf_arena *arena, size_t j, double *out, size_t n)
{
    double *up = JF_NEW_ARRAY(double, n), keep = data->planted[j],
           step = 1e-5 * fmax(fabs(keep), 1e-3 * (keep == 0));

    data->planted[j] = keep + step;
    jf_formula_values(data->formula, data->inputs, arena, data->planted, up);
    data->planted[j] = keep - step;
    jf_formula_values(data->formula, data->inputs, arena, data->planted, out);
    data->planted[j] = keep;
    for (size_t i = 0; i < n; i++) out[i] = (up[i] - out[i]) / (2 * step);
    jf_free(up);
}

static void every_law_has_the_derivatives_that_differences_show(void **state)
{
    const size_t n = 60;

    (void)state;
    for (size_t l = 0; l < catalogue.n; l++) {
        const jf_law *law = catalogue.items[l];
        law_data data = draw_law_data(law, n, 0, 11);
        size_t k = jf_formula_n_parameters(data.formula);
        double *jacobian = JF_NEW_ARRAY(double, n *k), *rough = JF_NEW_ARRAY(double, n);
        double *values = JF_NEW_ARRAY(double, n);
        jf_arena *arena = NULL;
        jf_error err = {0};
        check_ok(jf_arena_new(data.formula, JF_GRADIENT, &arena, &err), &err);
        jf_formula_jacobian(data.formula, data.inputs, arena, data.planted, values, jacobian, n);
        for (size_t j = 0; j < k; j++) {
            double scale = largest_entry(jacobian + j * n, n);
            difference(&data, arena, j, rough, n);
            for (size_t i = 0; i < n; i++)
                if (!(fabs(rough[i] - jacobian[j * n + i]) <= 1e-5 * scale))
                    fail_msg("law '%s', parameter '%s', row %zu: %.12g, differences show %.12g", law->name,
                             jf_formula_parameter(data.formula, j)->name, i, jacobian[j * n + i], rough[i]);
        }
        jf_arena_free(arena);
        jf_free(jacobian);
        jf_free(rough);
        jf_free(values);
        free_law_data(&data);
    }
}

static void every_law_gives_a_range_to_every_parameter_of_its_data(void **state)
{
    (void)state;
    for (size_t l = 0; l < catalogue.n; l++) {
        jf_law *bare = NULL;
        law_data data = draw_law_data(catalogue.items[l], 80, 0, 12);
        jf_fit_options options = test_fit_options();
        jf_problem *problem = NULL;
        jf_warnings warnings = {0};
        jf_error err = {0};
        bare = jf_law_copy(catalogue.items[l]);
        for (size_t i = 0; i < bare->n_specs; i++) /* nothing said: the guesses alone */
            bare->specs[i].range_low = bare->specs[i].range_high = NAN;
        check_ok(jf_problem_build(bare, data.table, NULL, 0, &options, &warnings, &problem, &err), &err);
        for (size_t j = 0; j < problem->k; j++) {
            bool sound = isfinite(problem->range_low[j]) && isfinite(problem->range_high[j]) &&
                         (problem->fixed[j] || problem->range_low[j] < problem->range_high[j]) &&
                         problem->range_low[j] >= problem->lower[j] &&
                         problem->range_high[j] <= problem->upper[j] &&
                         (!problem->log_range[j] || problem->range_low[j] > 0);
            if (!sound)
                fail_msg("law '%s', parameter '%s': range %g to %g", bare->name,
                         jf_formula_parameter(problem->formula, j)->name, problem->range_low[j],
                         problem->range_high[j]);
        }
        jf_problem_free(problem);
        jf_law_free(bare);
        jf_warnings_free(&warnings);
        free_law_data(&data);
    }
}

static jf_fit *fit_law(const jf_law *law, const jf_table *table, const size_t *rows, size_t n, uint64_t seed)
{
    jf_fit_options options = test_fit_options();
    jf_fit *fit = NULL;
    jf_error err = {0};
    jf_status status;

    options.seed = seed;
    status = jf_fit_run(law, table, rows, n, NULL, &options, &fit, &err);
    if (status != JF_OK) fail_msg("law '%s': %s", law->name, err.message);
    return fit;
}

/* Noise of a given share of what the law is fitted on. */
static law_data draw_noisy(const jf_law *law, size_t n, double share, uint64_t seed, double *noise)
{
    law_data plain = draw_law_data(law, n, 0, seed);

    *noise = share * (plain.prepared->error == JF_ERROR_LOG ? 1 : largest_entry(plain.values, n));
    free_law_data(&plain);
    return draw_law_data(law, n, *noise, seed);
}

/* Nothing at a bound, nothing weak: then standard errors mean what they say. */
static bool is_regular(const jf_fit *fit)
{
    for (size_t j = 0; j < fit->n_estimates; j++)
        if (fit->estimates[j].state != JF_STATE_OK && fit->estimates[j].state != JF_STATE_FIXED) return false;
    return true;
}

/* At one in a thousand noise, from no start: the residuals are no larger than the noise explains and, where
 * the fit is regular, each planted value is within five of its standard errors. True where it is. */
static bool recovers(const jf_law *law, uint64_t data_seed, uint64_t seed)
{
    double noise;
    law_data data = draw_noisy(law, 300, 1e-3, data_seed, &noise);
    jf_fit *fit = fit_law(law, data.table, NULL, 0, seed);
    bool regular = is_regular(fit);

    if (!(fit->rmse <= 1.15 * noise))
        fail_msg("law '%s', data %d: residuals of %g, noise of %g", law->name, (int)data_seed, fit->rmse,
                 noise);
    for (size_t j = 0; j < fit->n_estimates && regular; j++) {
        const jf_estimate *e = &fit->estimates[j];
        if (e->state == JF_STATE_OK && !(fabs(e->value - data.planted[j]) <= 5 * e->std_error))
            fail_msg("law '%s', data %d: '%s' is %.8g +- %.3g, planted %.8g", law->name, (int)data_seed,
                     e->name, e->value, e->std_error, data.planted[j]);
    }
    jf_fit_free(fit);
    free_law_data(&data);
    return regular;
}

static void every_law_recovers_planted_parameters_from_no_start(void **state)
{
    (void)state;
    for (uint64_t draw = 0; draw < 3; draw++) {
        size_t n_regular = 0;
        for (size_t l = 0; l < catalogue.n; l++)
            n_regular += recovers(catalogue.items[l], 13 + draw, JF_DEFAULT_SEED + draw);
        assert_true(n_regular >= catalogue.n - 5);
    }
}

static void no_law_cares_about_the_order_of_rows(void **state)
{
    enum { N = 200 };
    size_t order[N];
    jf_stream stream = jf_stream_make(5, JF_FOR_TESTS, 0);

    (void)state;
    for (size_t i = 0; i < N; i++) order[i] = i;
    jf_stream_shuffle(&stream, order, N);
    for (size_t l = 0; l < catalogue.n; l++) {
        const jf_law *law = catalogue.items[l];
        double noise;
        law_data data = draw_noisy(law, N, 1e-3, 14, &noise);
        jf_fit *a = fit_law(law, data.table, NULL, 0, JF_DEFAULT_SEED),
               *b = fit_law(law, data.table, order, N, JF_DEFAULT_SEED);
        check_close(b->rss, a->rss, 1e-7, "law '%s': RSS", law->name);
        for (size_t j = 0; j < a->n_estimates; j++) {
            const jf_estimate *e = &a->estimates[j];
            if (e->state == JF_STATE_OK && !(fabs(b->estimates[j].value - e->value) <= 1e-4 * e->std_error))
                fail_msg("law '%s': '%s' is %.10g in one order and %.10g in another", law->name, e->name,
                         e->value, b->estimates[j].value);
        }
        jf_fit_free(a);
        jf_fit_free(b);
        free_law_data(&data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_law_has_the_derivatives_that_differences_show),
        cmocka_unit_test(every_law_gives_a_range_to_every_parameter_of_its_data),
        cmocka_unit_test(every_law_recovers_planted_parameters_from_no_start),
        cmocka_unit_test(no_law_cares_about_the_order_of_rows),
    };
    return cmocka_run_group_tests(tests, read_catalogue, free_catalogue);
}
