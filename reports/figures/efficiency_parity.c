/* Measured against predicted efficiency, and both against the number of GPUs. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "reports/figures/parts.h"

/* Efficiencies by a law of something else, or a law of an efficiency, by the name of what it predicts. */
bool jf_figure_serves_efficiency(const jf_figure_source *source)
{
    const json_t *fit;
    const char *response;

    if (source->efficiency) return true;
    if (jf_figure_fit(source, &fit, NULL) != JF_OK) return false;
    response = jf_result_text(fit, "law.raw_response");
    return strncmp(response, "eta", 3) == 0 || strncmp(response, "eff", 3) == 0 ||
           strstr(response, "efficiency") != NULL;
}

/* What the law says of each run that it was fitted on; gpus are NaN where the law does not read them. */
static jf_status read_rows(const json_t *fit, jf_efficiency *out, jf_error *err)
{
    size_t n_predicted, n_gpus;
    double *gpus;
    jf_status status = JF_OK;

    out->what = jf_result_text(fit, "law.raw_response");
    JF_TRY(jf_figure_rows(fit, "raw_observed", &out->measured, &out->n, err));
    JF_TRY(jf_figure_rows(fit, "raw_fitted", &out->predicted, &n_predicted, err));
    if (n_predicted != out->n)
        JF_TRY(jf_fail(err, JF_EDATA, "the result's row-wise values differ in number: %zu and %zu", out->n,
                       n_predicted));
    gpus = jf_result_numbers(jf_figure_inputs(fit), "gpus", &n_gpus);
    out->gpus = JF_NEW_ARRAY(double, out->n + 1);
    for (size_t i = 0; out->gpus && i < out->n; i++) out->gpus[i] = gpus && n_gpus == out->n ? gpus[i] : NAN;
    jf_free(gpus);
    JF_TRY_NEW(out->gpus, err, "a figure");
done:
    return status;
}

/* Runs on one GPU are their own measure: they say nothing of a law of durations. What is left out becomes
 * NaN; *n counts the rest. */
static jf_status keep_pairs(const jf_efficiency *from, bool several_only, jf_efficiency *out, size_t *n,
                            jf_error *err)
{
    *n = 0;
    *out = (jf_efficiency){.what = from->what,
                           .n = from->n,
                           .measured = JF_NEW_ARRAY(double, from->n + 1),
                           .predicted = JF_NEW_ARRAY(double, from->n + 1),
                           .gpus = JF_NEW_ARRAY(double, from->n + 1)};
    if (!out->measured || !out->predicted || !out->gpus)
        return jf_fail(err, JF_ENOMEM, "out of memory for a figure");
    for (size_t i = 0; i < from->n; i++) {
        bool is_pair = isfinite(from->measured[i]) && isfinite(from->predicted[i]) &&
                       !(several_only && from->gpus[i] == 1);
        out->measured[i] = is_pair ? from->measured[i] : NAN;
        out->predicted[i] = is_pair ? from->predicted[i] : NAN;
        out->gpus[i] = is_pair ? from->gpus[i] : NAN;
        *n += is_pair;
    }
    if (*n) return JF_OK;
    return jf_fail(err, JF_EDATA, "no run on several GPUs has both a measured and a predicted efficiency");
}

static void pairs_clear(jf_efficiency *all)
{
    jf_free(all->measured);
    jf_free(all->predicted);
    jf_free(all->gpus);
}

static jf_status add_points(jf_panel *panel, const jf_figure_source *source, const json_t *fit,
                            const jf_efficiency *all, jf_error *err)
{
    jf_run_levels levels = {0};
    jf_status status = JF_OK;

    if (!source->efficiency)
        return jf_figure_add_rows(panel, fit, all->predicted, all->measured, all->n, err);
    JF_TRY(jf_figure_run_levels(source, "strategy", &levels, err));
    JF_TRY(jf_figure_add_levels(panel, &levels, all->predicted, all->measured, all->n, err));
done:
    jf_run_levels_clear(&levels);
    return status;
}

static jf_status add_parity(jf_panel *panel, const jf_figure_source *source, const json_t *fit,
                            const jf_efficiency *all, jf_error *err)
{
    double low, high, lowest, highest, ends[2];
    jf_status status = JF_OK;
    char title[128];

    jf_figure_range(all->measured, all->n, &low, &high);
    jf_figure_range(all->predicted, all->n, &lowest, &highest);
    ends[0] = fmin(low, lowest);
    ends[1] = fmax(high, highest);
    panel->square = true;
    snprintf(title, sizeof title, "predicted %.100s", all->what);
    JF_TRY(jf_axis_set(&panel->x, title, false, err));
    snprintf(title, sizeof title, "measured %.100s", all->what);
    JF_TRY(jf_axis_set(&panel->y, title, false, err));
    JF_TRY(jf_figure_add_guide(panel, ends, ends, false, err));
    JF_TRY(add_points(panel, source, fit, all, err));
done:
    return status;
}

static jf_status add_counts(jf_panel *panel, const jf_efficiency *all, const double *y, const char *title,
                            double shift, int colour, jf_error *err)
{
    jf_by_count *of = JF_NEW(jf_by_count);
    jf_status status = JF_OK;
    jf_series series;

    JF_TRY_NEW(of, err, "a figure");
    JF_TRY(jf_figure_by_count(all->gpus, y, NULL, 0, all->n, shift, of, err));
    series = (jf_series){.kind = JF_SERIES_RANGES,
                         .title = (char *)title,
                         .x = of->x,
                         .y = of->median,
                         .low = of->low,
                         .high = of->high,
                         .n = of->n,
                         .colour = colour};
    JF_TRY(jf_panel_add(panel, series, err));
done:
    jf_free(of);
    return status;
}

static bool has_gpus(const jf_efficiency *all)
{
    size_t i = 0;
    while (i < all->n && isnan(all->gpus[i])) i++;
    return i < all->n;
}

static jf_status add_by_count(jf_panel *panel, const jf_efficiency *all, jf_error *err)
{
    jf_status status = JF_OK;

    JF_TRY(jf_axis_set(&panel->x, "GPUs", true, err));
    panel->x.doubling = true;
    JF_TRY(jf_axis_set(&panel->y, all->what, false, err));
    JF_TRY(add_counts(panel, all, all->measured, "measured, median and quartiles", 0.97, 3, err));
    JF_TRY(add_counts(panel, all, all->predicted, "predicted, median and quartiles", 1.03, 4, err));
done:
    return status;
}

jf_status jf_figure_efficiency_parity(const jf_figure_source *source, jf_figure *figure, jf_error *err)
{
    const json_t *fit;
    jf_efficiency of_rows = {0}, all = {0};
    bool is_foretold = source->efficiency != NULL;
    jf_status status = JF_OK;
    size_t n;

    JF_TRY(jf_figure_fit(source, &fit, err));
    if (!is_foretold) JF_TRY(read_rows(fit, &of_rows, err));
    JF_TRY(keep_pairs(is_foretold ? source->efficiency : &of_rows, is_foretold, &all, &n, err));
    JF_TRY(jf_figure_set_panels(figure, has_gpus(&all) ? 2 : 1, err));
    JF_TRY(add_parity(&figure->panels[0], source, fit, &all, err));
    if (figure->n_panels > 1) JF_TRY(add_by_count(&figure->panels[1], &all, err));
    JF_TRY(jf_figure_caption(figure, err, "Measured against predicted %s by %s (%zu runs); line: equality",
                             all.what, jf_figure_law_name(fit), n));
done:
    pairs_clear(&of_rows);
    pairs_clear(&all);
    return status;
}
