/* Validation scores of each law, split by split. */
#include <math.h>
#include <stdio.h>
#include "core/memory.h"
#include "reports/figures/parts.h"
#include "reports/plan_words.h"

typedef struct scores {
    double *median, *low, *high; /* n laws */
    double *x, *y;               /* n_points: each split of each law */
    size_t n, n_points;
} scores;

static void scores_free(scores *all)
{
    jf_free(all->median);
    jf_free(all->low);
    jf_free(all->high);
    jf_free(all->x);
    jf_free(all->y);
}

/* A split's metric, whether it stands in the split or under its "metrics". */
static double split_metric(const json_t *split, const char *metric)
{
    char path[64];
    double value = jf_result_number(split, metric);

    snprintf(path, sizeof path, "metrics.%s", metric);
    return isnan(value) ? jf_result_number(split, path) : value;
}

/* Points of one law, spread over a strip so that equal ones are seen; the spread has nothing random. */
static void add_split_points(scores *all, const json_t *splits, size_t law, const char *metric)
{
    const json_t *split;
    size_t i;

    json_array_foreach((json_t *)splits, i, split)
    {
        double value = split_metric(split, metric);
        if (!isfinite(value)) continue;
        all->x[all->n_points] = value;
        all->y[all->n_points++] = (double)law + 0.5 * (fmod((double)i * 0.6180339887, 1) - 0.5);
    }
}

static double quartile(const json_t *validation, const char *metric, const char *which)
{
    char path[64];
    snprintf(path, sizeof path, "metrics.%s.%s", metric, which);
    return jf_result_number(validation, path);
}

static jf_status collect_scores(const jf_ranked *all, size_t plan, scores *out, jf_error *err)
{
    size_t n_splits = 0;
    jf_status status = JF_OK;

    for (size_t i = 0; i < all->n; i++)
        n_splits += json_array_size(jf_result_at(jf_ranked_validation(all, i, plan), "splits"));
    *out = (scores){.n = all->n,
                    .median = JF_NEW_ARRAY(double, all->n),
                    .low = JF_NEW_ARRAY(double, all->n),
                    .high = JF_NEW_ARRAY(double, all->n),
                    .x = JF_NEW_ARRAY(double, n_splits),
                    .y = JF_NEW_ARRAY(double, n_splits)};
    JF_TRY_NEW(out->median && out->low && out->high && out->x && out->y, err, "scores");
    for (size_t i = 0; i < all->n; i++) {
        const json_t *validation = jf_ranked_validation(all, i, plan);
        out->median[i] = jf_ranked_score(validation, all->metric);
        out->low[i] = quartile(validation, all->metric, "q25");
        out->high[i] = quartile(validation, all->metric, "q75");
        add_split_points(out, jf_result_at(validation, "splits"), i, all->metric);
    }
done:
    return status;
}

static jf_status add_score_panel(jf_panel *panel, const jf_ranked *all, size_t plan, const char **names,
                                 jf_error *err)
{
    jf_text title = {0};
    scores points = {0};
    jf_status status = JF_OK;
    bool log;
    char words[160];

    JF_TRY(collect_scores(all, plan, &points, err));
    jf_plan_title(&title, jf_result_text(json_array_get(all->plans, plan), "plan"));
    JF_TRY_NEW(!title.failed, err, "a title");
    panel->title = jf_text_take(&title);
    log =
        jf_figure_wants_log(points.median, points.n, 5) && jf_figure_wants_log(points.x, points.n_points, 1);
    JF_TRY(jf_axis_set(&panel->x, jf_figure_metric_title(all->metric, words, sizeof words), log, err));
    JF_TRY(jf_axis_set_categories(&panel->y, names, all->n, err));
    if (points.n_points > points.n)
        JF_TRY(jf_panel_add(panel,
                            (jf_series){.kind = JF_SERIES_POINTS,
                                        .title = "single splits",
                                        .n = points.n_points,
                                        .x = points.x,
                                        .y = points.y,
                                        .colour = -1},
                            err));
    JF_TRY(jf_panel_add(panel,
                        (jf_series){.kind = JF_SERIES_RANGES,
                                    .title = "median and quartiles",
                                    .n = points.n,
                                    .x = points.median,
                                    .low = points.low,
                                    .high = points.high},
                        err));
done:
    jf_text_free(&title);
    scores_free(&points);
    return status;
}

static bool any_missing(const jf_ranked *all)
{
    for (size_t plan = 0; plan < json_array_size(all->plans); plan++)
        for (size_t i = 0; i < all->n; i++)
            if (isnan(jf_ranked_score(jf_ranked_validation(all, i, plan), all->metric))) return true;
    return false;
}

jf_status jf_figure_scores(const jf_figure_source *source, jf_figure *figure, jf_error *err)
{
    jf_ranked all = {0};
    const char **names = NULL;
    jf_status status = JF_OK;

    JF_TRY(jf_ranked_read(source->result, &all, err));
    JF_TRY(jf_figure_laws(&all, &names, err));
    JF_TRY(jf_figure_set_panels(figure, json_array_size(all.plans), err));
    for (size_t p = 0; p < figure->n_panels; p++)
        JF_TRY(add_score_panel(&figure->panels[p], &all, p, names, err));
    JF_TRY(jf_figure_caption(
        figure, err, "Validation scores (%s) of %zu laws, the best first%s", all.metric, all.n,
        any_missing(&all) ? "; a law without a score in a plan could be tested on none of its splits" : ""));
done:
    jf_free(names);
    jf_ranked_free(&all);
    return status;
}
