/* Figures of saved results: they hold the numbers of the result, and every kind draws. */
#include "tests/check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "core/memory.h"
#include "plots/gnuplot.h"
#include "reports/figures.h"
#include "reports/result.h"

static json_t *load(const char *path)
{
    json_t *json = json_load_file(check_source(path), 0, NULL);
    assert_non_null(json);
    return json;
}

static jf_figure *build(const json_t *result, const char *kind)
{
    jf_figure *figure = NULL;
    jf_error err = {0};

    const jf_figure_kind *found;

    check_ok(jf_figure_find(kind, &found, &err), &err);
    check_ok(jf_figure_build(found, &(jf_figure_source){.result = result}, &figure, &err), &err);
    assert_non_null(figure);
    return figure;
}

static void parity_shows_every_run_once(void **state)
{
    json_t *fit = load("tests/golden/reports/fit.json");
    jf_figure *figure = build(fit, "parity");
    const jf_panel *panel = &figure->panels[0];
    double sum = 0, wanted = 0, *observed;
    size_t n, n_points = 0;

    (void)state;
    observed = jf_result_numbers(fit, "rows.raw_observed", &n);
    for (size_t i = 0; i < n; i++) wanted += observed[i];
    for (size_t s = 0; s < panel->n_series; s++) {
        const jf_series *series = &panel->series[s];
        for (size_t i = 0; series->kind == JF_SERIES_POINTS && i < series->n; i++) sum += series->y[i];
        n_points += series->kind == JF_SERIES_POINTS ? series->n : 0;
    }
    assert_int_equal(n_points, n);
    check_close(sum, wanted, 1e-12, "sum of what was measured");
    assert_true(panel->square && panel->x.log && panel->y.log);
    assert_string_equal(panel->y.title, "measured energy (J)");
    jf_free(observed);
    jf_figure_free(figure);
    json_decref(fit);
}

static double estimate(const json_t *fit, const char *name)
{
    json_t *parameter;
    size_t i;

    json_array_foreach(json_object_get(fit, "parameters"), i,
                       parameter) if (!strcmp(jf_result_text(parameter, "name"),
                                              name)) return jf_result_number(parameter, "estimate");
    return NAN;
}

/* log(energy) ~ b0 + a*log(C) + n*log(gpus) + r[strategy = "Baseline"], gpus at its median. */
static void the_curve_is_the_law(void **state)
{
    json_t *fit = load("tests/golden/reports/fit.json");
    jf_figure *figure = build(fit, "curve");
    const jf_panel *panel = &figure->panels[0];
    double gpus = jf_result_number(json_array_get(jf_result_at(fit, "model.inputs"), 1), "median");
    const double effect[] = {0, estimate(fit, "r[FSDP]"), estimate(fit, "r[TP]")};
    size_t n_lines = 0;

    (void)state;
    assert_string_equal(panel->x.title, "C (FLOP)");
    for (size_t s = 0; s < panel->n_series; s++) {
        const jf_series *series = &panel->series[s];
        if (series->kind == JF_SERIES_BAND)
            for (size_t i = 0; i < series->n; i++) assert_true(series->low[i] < series->high[i]);
        if (series->kind != JF_SERIES_LINE && series->kind != JF_SERIES_DASHED) continue;
        for (size_t i = 0; i < series->n; i++)
            check_close(series->y[i],
                        exp(estimate(fit, "b0") + estimate(fit, "a") * log(series->x[i]) +
                            estimate(fit, "n") * log(gpus) + effect[n_lines]),
                        1e-10, "line %zu", n_lines);
        n_lines++;
    }
    assert_int_equal(n_lines, 3);
    jf_figure_free(figure);
    json_decref(fit);
}

static void quantiles_rise(void **state)
{
    json_t *fit = load("tests/golden/reports/fit.json");
    jf_figure *figure = build(fit, "quantiles");
    const jf_series *points = &figure->panels[0].series[1];

    (void)state;
    for (size_t i = 1; i < points->n; i++)
        assert_true(points->x[i] > points->x[i - 1] && points->y[i] >= points->y[i - 1]);
    check_close(points->x[0], -points->x[points->n - 1], 1e-9, "first normal quantile");
    jf_figure_free(figure);
    json_decref(fit);
}

/* The law is linear, so the root of the growth is a straight line from the estimate to either end. */
static void the_profiles_of_a_linear_law_are_straight(void **state)
{
    json_t *fit = load("tests/golden/reports/figures_fit.json");
    jf_figure *figure = build(fit, "profiles");

    (void)state;
    for (size_t p = 0; p < figure->n_panels; p++) {
        const jf_series *curve = &figure->panels[p].series[1];
        double middle = estimate(fit, figure->panels[p].x.title);
        assert_int_equal(curve->n, 9);
        for (size_t i = 0; i < curve->n; i++)
            check_close(curve->y[i], curve->y[0] * fabs((curve->x[i] - middle) / (curve->x[0] - middle)),
                        1e-6, "point %zu of %s", i, figure->panels[p].x.title);
    }
    assert_true(figure->n_panels == 5);
    jf_figure_free(figure);
    json_decref(fit);
}

static void weights_are_shares_of_one(void **state)
{
    json_t *comparison = load("tests/golden/reports/comparison.json");
    jf_figure *figure = build(comparison, "weights");
    const jf_series *bars = &figure->panels[0].series[0];
    double sum = 0;

    (void)state;
    for (size_t i = 0; i < bars->n; i++) sum += bars->x[i];
    check_close(sum, 1, 1e-9, "sum of the weights");
    jf_figure_free(figure);
    json_decref(comparison);
}

static bool refuse_one(void *left)
{
    size_t *count = left;
    return (*count)-- == 0;
}

/* All numbers of a figure added up, NaN where one is missing. */
static double all_numbers(const jf_figure *figure)
{
    double sum = 0;

    for (size_t p = 0; p < figure->n_panels; p++)
        for (size_t k = 0; k < figure->panels[p].n_series; k++) {
            const jf_series *series = &figure->panels[p].series[k];
            const double *const arrays[] = {series->x, series->y, series->low, series->high};
            for (size_t a = 0; a < 4; a++)
                for (size_t i = 0; arrays[a] && i < series->n; i++) sum += arrays[a][i];
        }
    return sum;
}

/* Or changes nothing: names that are compared in vain need no memory to differ. */
static void running_out_of_memory_anywhere_is_an_error(void **state)
{
    json_t *fit = load("tests/golden/reports/fit.json"),
           *comparison = load("tests/golden/reports/comparison.json");

    (void)state;
    for (const jf_figure_kind *kind = jf_figure_kinds; kind->name; kind++) {
        for (int which = 0; which < 2; which++) {
            jf_figure_source source = {.result = which ? comparison : fit};
            jf_figure *undisturbed = NULL;
            jf_status wanted = jf_figure_build(kind, &source, &undisturbed, NULL);
            bool refused = true;
            for (size_t after = 0; refused; after++) {
                size_t left = after;
                jf_figure *figure = NULL;
                jf_status status;
                jf_memory_hook(refuse_one, &left);
                status = jf_figure_build(kind, &source, &figure, NULL);
                jf_memory_hook(NULL, NULL);
                refused = left > after;
                assert_true(status == wanted || (refused && status == JF_ENOMEM));
                assert_true((status == JF_OK) == (figure != NULL));
                if (figure) check_close(all_numbers(figure), all_numbers(undisturbed), 0, "%s", kind->name);
                jf_figure_free(figure);
            }
            jf_figure_free(undisturbed);
        }
    }
    json_decref(fit);
    json_decref(comparison);
}

static void a_misspelt_law_gets_a_suggestion(void **state)
{
    json_t *comparison = load("tests/golden/reports/comparison.json");
    jf_figure *figure = NULL;
    jf_error err = {0};

    (void)state;
    assert_int_equal(jf_figure_build(&jf_figure_kinds[0],
                                     &(jf_figure_source){.result = comparison, .law = "rofline"}, &figure,
                                     &err),
                     JF_EUSAGE);
    assert_non_null(strstr(err.message, "roofline"));
    json_decref(comparison);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parity_shows_every_run_once),
        cmocka_unit_test(the_curve_is_the_law),
        cmocka_unit_test(quantiles_rise),
        cmocka_unit_test(the_profiles_of_a_linear_law_are_straight),
        cmocka_unit_test(weights_are_shares_of_one),
        cmocka_unit_test(running_out_of_memory_anywhere_is_an_error),
        cmocka_unit_test(a_misspelt_law_gets_a_suggestion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
