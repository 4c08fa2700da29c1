/* Distributions of the estimates over bootstrap resamples. */
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "reports/figures/parts.h"

enum { N_BINS = 28, MOST_PANELS = 12 };

/* The first set of intervals that holds its distributions. */
static const json_t *find_set(const json_t *fit)
{
    const json_t *sets = jf_result_at(fit, "intervals");

    for (size_t i = 0; i < json_array_size(sets); i++) {
        const json_t *parameters = jf_result_at(json_array_get(sets, i), "parameters");
        for (size_t k = 0; k < json_array_size(parameters); k++)
            if (json_array_size(jf_result_at(json_array_get(parameters, k), "quantiles")) > 1)
                return json_array_get(sets, i);
    }
    return NULL;
}

bool jf_figure_serves_bootstrap(const jf_figure_source *source)
{
    const json_t *fit;
    return jf_figure_fit(source, &fit, NULL) == JF_OK && find_set(fit) != NULL;
}

/* Share of the resamples below x, straight between quantiles that stand at equal shares. */
static double share_below(const double *quantiles, size_t n, double x)
{
    size_t i = 0;

    if (x <= quantiles[0]) return 0;
    while (i + 1 < n && quantiles[i + 1] < x) i++;
    if (i + 1 >= n) return 1;
    return ((double)i + (x - quantiles[i]) / (quantiles[i + 1] - quantiles[i])) / (double)(n - 1);
}

static double as_it_is(double x)
{
    return x;
}

/* Bins of equal width on their axis, over all but far outliers. */
static void fill_bins(const double *quantiles, size_t n, bool by_log, double *low, double *high,
                      double *share)
{
    double (*on_axis)(double) = by_log ? log : as_it_is, (*back)(double) = by_log ? exp : as_it_is;
    double first = on_axis(quantiles[n / 50]), last = on_axis(quantiles[n - 1 - n / 50]);
    double more = 0.35 * (last - first);
    double from = fmax(on_axis(quantiles[0]), first - more);
    double to = fmin(on_axis(quantiles[n - 1]), last + more);

    for (size_t i = 0; i < N_BINS; i++) {
        low[i] = back(from + (to - from) * (double)i / N_BINS);
        high[i] = back(from + (to - from) * (double)(i + 1) / N_BINS);
        share[i] = share_below(quantiles, n, high[i]) - share_below(quantiles, n, low[i]);
    }
}

static double estimate_of(const json_t *fit, const char *name)
{
    const json_t *parameters = jf_result_at(fit, "parameters");

    for (size_t i = 0; i < json_array_size(parameters); i++)
        if (strcmp(jf_result_text(json_array_get(parameters, i), "name"), name) == 0)
            return jf_result_number(json_array_get(parameters, i), "estimate");
    return NAN;
}

/* True when a distribution can be drawn: it has a width. */
static bool has_width(const json_t *parameter)
{
    size_t n;
    double *quantiles = jf_result_numbers(parameter, "quantiles", &n);
    bool wide = quantiles && n > 1 && quantiles[n - 1 - n / 50] > quantiles[n / 50];

    jf_free(quantiles);
    return wide;
}

static jf_status add_parameter(jf_panel *panel, const json_t *fit, const json_t *parameter, jf_error *err)
{
    const char *name = jf_result_text(parameter, "name");
    double low[N_BINS], high[N_BINS], share[N_BINS], *quantiles;
    double estimate = estimate_of(fit, name);
    double ends[2] = {jf_result_number(parameter, "low"), jf_result_number(parameter, "high")};
    jf_series rules = {.kind = JF_SERIES_RULES, .title = "interval", .x = ends, .n = 2, .colour = 2};
    jf_series mark = {.kind = JF_SERIES_RULES, .title = "estimate", .x = &estimate, .n = 1, .colour = 3};
    jf_status status = JF_OK;
    bool by_log;
    size_t n;

    quantiles = jf_result_numbers(parameter, "quantiles", &n);
    JF_TRY_NEW(quantiles, err, "a distribution");
    by_log = jf_figure_is_factor(quantiles[0], quantiles[n / 2], quantiles[n - 1]);
    fill_bins(quantiles, n, by_log, low, high, share);
    JF_TRY(jf_axis_set(&panel->x, name, by_log, err));
    JF_TRY(jf_axis_set(&panel->y, "share of resamples", false, err));
    JF_TRY(jf_panel_add(
        panel,
        (jf_series){.kind = JF_SERIES_BOXES, .y = share, .low = low, .high = high, .n = N_BINS, .colour = 0},
        err));
    if (isfinite(ends[0]) && isfinite(ends[1])) JF_TRY(jf_panel_add(panel, rules, err));
    if (isfinite(estimate)) JF_TRY(jf_panel_add(panel, mark, err));
done:
    jf_free(quantiles);
    return status;
}

jf_status jf_figure_bootstrap(const jf_figure_source *source, jf_figure *figure, jf_error *err)
{
    const json_t *fit, *set, *parameters, *shown[MOST_PANELS];
    size_t n = 0, n_wide = 0;
    jf_status status = JF_OK;

    JF_TRY(jf_figure_fit(source, &fit, err));
    set = find_set(fit);
    parameters = jf_result_at(set, "parameters");
    for (size_t i = 0; i < json_array_size(parameters); i++) {
        if (!has_width(json_array_get(parameters, i))) continue;
        n_wide++;
        if (n < MOST_PANELS) shown[n++] = json_array_get(parameters, i);
    }
    if (n == 0) JF_TRY(jf_fail(err, JF_EDATA, "no estimate varies over the resamples"));
    JF_TRY(jf_figure_set_panels(figure, n, err));
    figure->n_columns = n > 4 ? 3 : 0;
    for (size_t i = 0; i < n; i++) JF_TRY(add_parameter(&figure->panels[i], fit, shown[i], err));
    JF_TRY(jf_figure_caption(
        figure, err, "Estimates of %s over %zu resamples (%s), for %zu of %zu parameters that vary",
        jf_figure_law_name(fit), jf_result_count(set, "resamples"), jf_result_text(set, "kind"), n, n_wide));
done:
    return status;
}
