/* Measured against predicted efficiency, and both against the number of GPUs. */
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "reports/figures/parts.h"

/* A law of an efficiency, by the name of what it predicts. */
bool jf_figure_serves_efficiency(const jf_figure_source *source)
{
    const json_t *fit;
    const char *response;

    if (jf_figure_fit(source, &fit, NULL) != JF_OK) return false;
    response = jf_result_text(fit, "law.raw_response");
    return strncmp(response, "eta", 3) == 0 || strncmp(response, "eff", 3) == 0 ||
           strstr(response, "efficiency") != NULL;
}

/* What the law says of each run. */
typedef struct runs {
    double *measured, *predicted, *gpus; /* gpus: NULL where the law does not read them */
    size_t n;
} runs;

static void runs_clear(runs *all)
{
    jf_free(all->measured);
    jf_free(all->predicted);
    jf_free(all->gpus);
}

static jf_status read_runs(const json_t *fit, runs *out, jf_error *err)
{
    size_t n_predicted, n_gpus;
    jf_status status = JF_OK;

    JF_TRY(jf_figure_rows(fit, "raw_observed", &out->measured, &out->n, err));
    JF_TRY(jf_figure_rows(fit, "raw_fitted", &out->predicted, &n_predicted, err));
    if (n_predicted != out->n)
        JF_TRY(jf_fail(err, JF_EDATA, "the result's row-wise values differ in number: %zu and %zu", out->n,
                       n_predicted));
    out->gpus = jf_result_numbers(jf_figure_inputs(fit), "gpus", &n_gpus);
    if (out->gpus && n_gpus != out->n) {
        jf_free(out->gpus);
        out->gpus = NULL;
    }
done:
    return status;
}

static jf_status add_parity(jf_panel *panel, const json_t *fit, const runs *all, jf_error *err)
{
    double low, high, lowest, highest, ends[2];
    jf_status status = JF_OK;

    jf_figure_range(all->measured, all->n, &low, &high);
    jf_figure_range(all->predicted, all->n, &lowest, &highest);
    ends[0] = fmin(low, lowest);
    ends[1] = fmax(high, highest);
    panel->square = true;
    JF_TRY(jf_axis_set(&panel->x, "predicted efficiency", false, err));
    JF_TRY(jf_axis_set(&panel->y, "measured efficiency", false, err));
    JF_TRY(jf_panel_add(
        panel, (jf_series){.kind = JF_SERIES_LINE, .x = ends, .y = ends, .n = 2, .colour = -1}, err));
    JF_TRY(jf_figure_add_rows(panel, fit, all->predicted, all->measured, all->n, err));
done:
    return status;
}

static jf_status add_counts(jf_panel *panel, const runs *all, const double *y, const char *title,
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

jf_status jf_figure_efficiency_parity(const jf_figure_source *source, jf_figure *figure, jf_error *err)
{
    const json_t *fit;
    runs all = {0};
    jf_status status = JF_OK;

    JF_TRY(jf_figure_fit(source, &fit, err));
    JF_TRY(read_runs(fit, &all, err));
    JF_TRY(jf_figure_set_panels(figure, all.gpus ? 2 : 1, err));
    JF_TRY(add_parity(&figure->panels[0], fit, &all, err));
    if (all.gpus) {
        jf_panel *panel = &figure->panels[1];
        JF_TRY(jf_axis_set(&panel->x, "GPUs", true, err));
        panel->x.doubling = true;
        JF_TRY(jf_axis_set(&panel->y, "efficiency", false, err));
        JF_TRY(add_counts(panel, &all, all.measured, "measured, median and quartiles", 0.97, 3, err));
        JF_TRY(add_counts(panel, &all, all.predicted, "predicted, median and quartiles", 1.03, 1, err));
    }
    JF_TRY(jf_figure_caption(figure, err, "Measured against predicted %s by %s (%zu runs); line: equality",
                             jf_result_text(fit, "law.raw_response"), jf_figure_law_name(fit), all.n));
done:
    runs_clear(&all);
    return status;
}
