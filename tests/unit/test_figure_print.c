/* Figures as they are printed: no higher than a page, told apart in grey, with axes on which a reader sees
 * what there is. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "plots/layout.h"
#include "reports/figures.h"
#include "tests/check.h"

static json_t *load(const char *name)
{
    char path[100];
    json_t *json;

    snprintf(path, sizeof path, "tests/golden/reports/%s.json", name);
    json = json_load_file(check_source(path), 0, NULL);
    assert_non_null(json);
    return json;
}

static jf_figure *build(const json_t *result, const char *kind)
{
    const jf_figure_kind *found;
    jf_figure *figure = NULL;
    jf_error err = {0};

    check_ok(jf_figure_find(kind, &found, &err), &err);
    check_ok(jf_figure_build(found, &(jf_figure_source){.result = result}, &figure, &err), &err);
    return figure;
}

static void lay_out(jf_figure *figure, const char *size, jf_layout *out)
{
    jf_error err = {0};

    check_ok(jf_figure_set_size(figure, size, &err), &err);
    check_ok(jf_layout_build(figure, out, &err), &err);
}

/* n panels that show the same: a line, or points beside ten names. */
static jf_figure *repeated(size_t n, bool named)
{
    static const char *const names[] = {"power(num_layers)", "b", "c", "d", "e", "f", "g", "h", "i", "j"};
    double x[10], y[10];
    jf_figure *figure = jf_figure_new("repeated", n);
    jf_error err = {0};

    assert_non_null(figure);
    for (size_t i = 0; i < 10; i++) x[i] = y[i] = (double)i;
    for (size_t p = 0; p < n; p++) {
        jf_panel *panel = &figure->panels[p];
        jf_series series = {
            .kind = named ? JF_SERIES_POINTS : JF_SERIES_LINE, .x = x, .y = y, .n = 10, .colour = 0};
        check_ok(jf_axis_set(&panel->x, "parameter", false, &err), &err);
        check_ok(jf_axis_set(&panel->y, named ? "" : "share of resamples", false, &err), &err);
        if (named) check_ok(jf_axis_set_categories(&panel->y, names, 10, &err), &err);
        check_ok(jf_panel_add(panel, series, &err), &err);
    }
    return figure;
}

static void no_figure_is_higher_than_a_page(void **state)
{
    static const char *const sizes[] = {"column", "text"};

    (void)state;
    for (int named = 0; named < 2; named++)
        for (size_t n = 1; n <= (named ? 5 : 12); n++)
            for (size_t i = 0; i < 2; i++) {
                jf_figure *figure = repeated(n, named);
                jf_layout layout;
                lay_out(figure, sizes[i], &layout);
                if (layout.height > JF_PAGE_MM + 0.01)
                    fail_msg("%zu panels%s at %s size: %.0f mm", n, named ? " with names" : "", sizes[i],
                             layout.height);
                jf_layout_free(&layout);
                jf_figure_free(figure);
            }
}

/* Names of seven points are 2.5 mm high. */
static void names_beside_a_panel_never_lie_on_one_another(void **state)
{
    int n_drawn = 0, n_refused = 0;

    (void)state;
    for (double height = 60; height <= 240; height += 10) {
        jf_figure *figure = repeated(3, true);
        jf_layout layout;
        jf_error err = {0};
        char size[32];

        snprintf(size, sizeof size, "84x%g", height);
        check_ok(jf_figure_set_size(figure, size, &err), &err);
        if (jf_layout_build(figure, &layout, &err) == JF_OK) {
            n_drawn++;
            for (size_t p = 0; p < 3; p++)
                assert_true((layout.panels[p].top - layout.panels[p].bottom) / 10 > 2.5);
            jf_layout_free(&layout);
        } else {
            n_refused++;
            assert_int_equal(err.status, JF_EUSAGE);
            assert_non_null(strstr(err.message, "is not enough for figure 'repeated'"));
        }
        jf_figure_free(figure);
    }
    assert_true(n_drawn > 3 && n_refused > 3);
}

static bool is_curve(const jf_series *series)
{
    return series->kind == JF_SERIES_LINE || series->kind == JF_SERIES_DASHED;
}

/* Colours are alike in grey: one line at most of a panel is solid, and each entry of the key that has a line
 * shows it. */
static void lines_of_laws_and_levels_differ_without_colour(void **state)
{
    static const char *const from[][2] = {{"figures_comparison", "ladder"}, {"fit", "curve"}};

    (void)state;
    for (size_t i = 0; i < sizeof from / sizeof *from; i++) {
        json_t *result = load(from[i][0]);
        jf_figure *figure = build(result, from[i][1]);
        const jf_panel *panel = &figure->panels[0];
        size_t n_lines = 0, n_solid = 0, n_shown = 0;
        jf_layout layout;

        lay_out(figure, "column", &layout);
        for (size_t s = 0; s < panel->n_series; s++) {
            n_lines += is_curve(&panel->series[s]);
            n_solid += panel->series[s].kind == JF_SERIES_LINE;
        }
        for (size_t k = 0; k < layout.n_keys; k++) {
            const jf_key_entry *entry = &layout.keys[k];
            if (!entry->line) continue;
            assert_true(is_curve(entry->line) && entry->line->colour == entry->series->colour);
            n_shown++;
        }
        assert_true(n_lines > 1);
        assert_int_equal(n_solid, 1);
        assert_int_equal(n_shown, n_lines);
        jf_layout_free(&layout);
        jf_figure_free(figure);
        json_decref(result);
    }
}

/* A line of a level ends where its runs end: beyond, nothing was measured. */
static void curves_reach_as_far_as_the_runs_of_their_level(void **state)
{
    json_t *fit = load("fit"), *inputs = json_object_get(json_object_get(fit, "rows"), "inputs"), *x, *labels,
           *label;
    double highest = 0;
    jf_figure *figure;
    size_t i, n_short = 0;

    (void)state;
    if (!inputs) inputs = json_object_get(fit, "inputs");
    x = json_object_get(inputs, "C");
    labels = json_object_get(inputs, "strategy");
    assert_true(json_array_size(x) > 0 && json_array_size(x) == json_array_size(labels));
    json_array_foreach(labels, i, label)
    {
        double value = json_number_value(json_array_get(x, i)) / 1024; /* no run of TP is large */
        if (strcmp(json_string_value(label), "TP") != 0) continue;
        assert_int_equal(json_array_set_new(x, i, json_real(value)), 0);
        highest = fmax(highest, value);
    }
    figure = build(fit, "curve");
    for (size_t s = 0; s < figure->panels[0].n_series; s++) {
        const jf_series *line = &figure->panels[0].series[s];
        if (!is_curve(line)) continue;
        if (fabs(line->x[line->n - 1] / highest - 1) < 1e-9) n_short++;
    }
    assert_int_equal(n_short, 1);
    jf_figure_free(figure);
    json_decref(fit);
}

/* Puts exp(size*z) in the place of number z, and of those in lists within lists. */
static void make_wide(json_t *list, double size, double middle)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *item = json_array_get(list, i);
        json_t *number = json_is_array(item) ? json_array_get(item, 0) : item;
        json_real_set(number, exp(size * (json_number_value(number) - middle)));
    }
}

/* A factor in front of a power law is known within a factor: on a linear axis all of it lies in a corner. */
static void an_estimate_known_within_a_factor_has_a_log_axis(void **state)
{
    static const struct {
        const char *kind, *list;
    } figures[] = {{"profiles", "curve"}, {"bootstrap", "quantiles"}};

    (void)state;
    for (size_t f = 0; f < 2; f++) {
        json_t *fit = load("figures_fit"), *set, *list = NULL;
        jf_figure *figure;
        const jf_panel *panel;
        size_t i;

        json_array_foreach(json_object_get(fit, "intervals"), i, set)
        {
            json_t *first = json_array_get(json_object_get(set, "parameters"), 0);
            if (json_object_get(first, figures[f].list)) list = json_object_get(first, figures[f].list);
        }
        assert_true(json_array_size(list) > 2);
        figure = build(fit, figures[f].kind);
        assert_false(figure->panels[0].x.log);
        jf_figure_free(figure);

        {
            json_t *low = json_array_get(list, 0), *high = json_array_get(list, json_array_size(list) - 1);
            double a = json_number_value(json_is_array(low) ? json_array_get(low, 0) : low);
            double b = json_number_value(json_is_array(high) ? json_array_get(high, 0) : high);
            make_wide(list, 8 / (b - a), (a + b) / 2);
        }
        figure = build(fit, figures[f].kind);
        panel = &figure->panels[0];
        assert_true(panel->x.log);
        for (size_t s = 0; s < panel->n_series; s++) {
            const jf_series *boxes = &panel->series[s];
            if (boxes->kind != JF_SERIES_BOXES) continue;
            for (i = 1; i < boxes->n; i++)
                check_close(boxes->high[i] / boxes->low[i], boxes->high[0] / boxes->low[0], 1e-9, "bin %zu",
                            i);
        }
        jf_figure_free(figure);
        json_decref(fit);
    }
}

/* Only an estimate with itself has the correlation 1. */
static void no_two_estimates_are_said_to_be_one(void **state)
{
    json_t *fit = load("figures_fit"),
           *matrix = json_object_get(json_object_get(fit, "covariance"), "matrix");
    json_t *first = json_array_get(matrix, 0), *second = json_array_get(matrix, 1);
    double a = sqrt(json_number_value(json_array_get(first, 0)));
    double b = sqrt(json_number_value(json_array_get(second, 1)));
    size_t n_ones = 0, n_near = 0, n;
    jf_figure *figure;
    const jf_series *cells;

    (void)state;
    json_real_set(json_array_get(first, 1), -0.9965 * a * b);
    json_real_set(json_array_get(second, 0), -0.9965 * a * b);
    figure = build(fit, "correlations");
    cells = &figure->panels[0].series[0];
    n = figure->panels[0].x.n_categories;
    for (size_t i = 0; i < cells->n; i++) {
        n_ones += strcmp(cells->names[i], "1") == 0;
        n_near += strcmp(cells->names[i], "\xe2\x88\x92.996") == 0;
        assert_string_not_equal(cells->names[i], "\xe2\x88\x92"
                                                 "1");
    }
    assert_int_equal(n_ones, n);
    assert_int_equal(n_near, 1);
    jf_figure_free(figure);
    json_decref(fit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_figure_is_higher_than_a_page),
        cmocka_unit_test(names_beside_a_panel_never_lie_on_one_another),
        cmocka_unit_test(lines_of_laws_and_levels_differ_without_colour),
        cmocka_unit_test(curves_reach_as_far_as_the_runs_of_their_level),
        cmocka_unit_test(an_estimate_known_within_a_factor_has_a_log_axis),
        cmocka_unit_test(no_two_estimates_are_said_to_be_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
