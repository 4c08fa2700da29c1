/* Errors of each law inside and outside the data it was trained on. */
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "reports/figures/parts.h"
#include "reports/plan_words.h"

static bool is_extrapolation(const jf_ranked *all, size_t plan)
{
    return strncmp(jf_result_text(json_array_get(all->plans, plan), "plan"), "extrapolate:", 12) == 0;
}

static jf_status add_plan_points(jf_panel *panel, const jf_ranked *all, size_t plan, jf_error *err)
{
    jf_text title = {0};
    double *x = JF_NEW_ARRAY(double, all->n), *y = JF_NEW_ARRAY(double, all->n);
    double n_plans = (double)json_array_size(all->plans);
    jf_status status = JF_OK;

    jf_plan_key(&title, json_array_get(all->plans, plan));
    JF_TRY_NEW(x && y && !title.failed, err, "a figure");
    for (size_t i = 0; i < all->n; i++) {
        x[i] = jf_ranked_score(jf_ranked_validation(all, i, plan), all->metric);
        y[i] = (double)i + 0.6 * (((double)plan + 0.5) / n_plans - 0.5); /* equal scores beside one another */
    }
    JF_TRY(jf_panel_add(panel,
                        (jf_series){.kind = JF_SERIES_RANGES,
                                    .title = title.data,
                                    .n = all->n,
                                    .x = x,
                                    .y = y,
                                    .colour = (int)panel->n_series},
                        err));
done:
    jf_text_free(&title);
    jf_free(x);
    jf_free(y);
    return status;
}

jf_status jf_figure_extrapolation(const jf_figure_source *source, jf_figure *figure, jf_error *err)
{
    jf_ranked all = {0};
    const char **names = NULL;
    jf_status status = JF_OK;
    size_t n_outside = 0;
    char title[160];

    JF_TRY(jf_ranked_read(source->result, &all, err));
    JF_TRY(jf_figure_laws(&all, &names, err));
    for (size_t p = 0; p < json_array_size(all.plans); p++) n_outside += is_extrapolation(&all, p);
    if (n_outside == 0) JF_TRY(jf_fail(err, JF_EDATA, "no plan of this comparison extrapolates"));
    JF_TRY(jf_figure_set_panels(figure, 1, err));
    JF_TRY(jf_axis_set(&figure->panels[0].x, jf_figure_metric_title(all.metric, title, sizeof title), false,
                       err));
    JF_TRY(jf_axis_set_categories(&figure->panels[0].y, names, all.n, err));
    for (size_t p = 0; p < json_array_size(all.plans); p++)
        JF_TRY(add_plan_points(&figure->panels[0], &all, p, err));
    figure->panels[0].x.log = jf_ranked_spread(&all) >= 5;
    JF_TRY(jf_figure_caption(figure, err,
                             "Errors (%s) of %zu laws inside and outside the data they were trained on",
                             all.metric, all.n));
done:
    jf_free(names);
    jf_ranked_free(&all);
    return status;
}
