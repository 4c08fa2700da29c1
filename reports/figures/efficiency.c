/* Parallel efficiency and energy per token against the number of GPUs, strategy by strategy. */
#include <math.h>
#include "core/memory.h"
#include "reports/figures/parts.h"

static jf_status add_curve(jf_panel *panel, const char *title, jf_by_count *of, int colour, jf_error *err)
{
    jf_series line = {.kind = JF_SERIES_LINE, .x = of->x, .y = of->median, .n = of->n, .colour = colour};
    jf_series marks = line;
    jf_status status = JF_OK;

    if (of->n == 0) return JF_OK;
    marks.kind = JF_SERIES_RANGES;
    marks.low = of->low;
    marks.high = of->high;
    marks.title = (char *)title;
    if (of->n > 1) JF_TRY(jf_panel_add(panel, line, err));
    JF_TRY(jf_panel_add(panel, marks, err));
done:
    return status;
}

static jf_status add_panel(const jf_figure_source *source, const char *column, const char *title,
                           const jf_run_levels *levels, const double *gpus, jf_panel *panel, jf_error *err)
{
    size_t n = jf_figure_n_runs(source);
    double *y = NULL;
    jf_by_count *of = JF_NEW(jf_by_count);
    jf_status status = JF_OK;

    JF_TRY_NEW(of, err, "a figure");
    JF_TRY(jf_figure_run_numbers(source, column, &y, err));
    JF_TRY(jf_axis_set(&panel->x, "GPUs", true, err));
    panel->x.doubling = true;
    JF_TRY(jf_axis_set(&panel->y, title, jf_figure_wants_log(y, n, 5), err));
    for (size_t k = 0; k < levels->n; k++) {
        double shift = pow(1.05, (double)k - 0.5 * (double)(levels->n - 1));
        JF_TRY(jf_figure_by_count(gpus, y, levels->of_run, (int)k, n, shift, of, err));
        JF_TRY(add_curve(panel, levels->names[k] ? levels->names[k] : "runs", of, (int)k, err));
    }
done:
    jf_free(y);
    jf_free(of);
    return status;
}

jf_status jf_figure_efficiency(const jf_figure_source *source, jf_figure *figure, jf_error *err)
{
    jf_run_levels levels = {0};
    double *gpus = NULL;
    jf_status status = JF_OK;

    JF_TRY(jf_figure_run_numbers(source, "gpus", &gpus, err));
    JF_TRY(jf_figure_run_levels(source, "strategy", &levels, err));
    JF_TRY(jf_figure_set_panels(figure, 2, err));
    JF_TRY(add_panel(source, "eta", "parallel efficiency (eta)", &levels, gpus, &figure->panels[0], err));
    JF_TRY(add_panel(source, "energy_per_token", "energy per token (J/token)", &levels, gpus,
                     &figure->panels[1], err));
    JF_TRY(jf_figure_caption(figure, err,
                             "Parallel efficiency against the single-GPU runs of the same family (tokens a "
                             "second), and energy per token, by %s; medians and quartiles of %zu runs",
                             levels.column ? levels.column : "number of GPUs", jf_figure_n_runs(source)));
done:
    jf_run_levels_clear(&levels);
    jf_free(gpus);
    return status;
}
