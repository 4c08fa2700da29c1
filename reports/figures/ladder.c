/* The extrapolation ladder: how the error of each law grows with the distance from its training data. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/memory.h"
#include "core/summary.h"
#include "reports/figures/parts.h"

enum { MOST_LAWS = 6, MOST_STEPS = 64 };

/* One split: trained up to a rung, tested on a band beyond. */
typedef struct step {
    double factor, score; /* largest value tested over largest trained on; the error */
} step;

static const char *plan_of(const json_t *result)
{
    const json_t *plans = jf_result_at(result, "plans");

    for (size_t i = 0; i < json_array_size(plans); i++)
        if (strcmp(jf_result_text(json_array_get(plans, i), "kind"), "ladder") == 0)
            return jf_result_text(json_array_get(plans, i), "plan");
    return NULL;
}

bool jf_figure_serves_ladder(const jf_figure_source *source)
{
    return plan_of(source->result) != NULL;
}

static const json_t *splits_of(const json_t *candidate, const char *plan)
{
    const json_t *validations = jf_result_at(candidate, "validation");

    for (size_t i = 0; i < json_array_size(validations); i++)
        if (strcmp(jf_result_text(json_array_get(validations, i), "plan"), plan) == 0)
            return jf_result_at(json_array_get(validations, i), "splits");
    return NULL;
}

static int by_factor(const void *a, const void *b)
{
    const step *x = a, *y = b;
    return (x->factor > y->factor) - (x->factor < y->factor);
}

/* The splits of a law that have a score, nearest first. */
static size_t read_steps(const json_t *splits, const char *metric, step *steps)
{
    size_t n = 0;

    for (size_t i = 0; i < json_array_size(splits) && n < MOST_STEPS; i++) {
        const json_t *split = json_array_get(splits, i);
        double reach = jf_result_number(split, "reach"), score = jf_result_number(split, metric);
        if (isfinite(reach) && isfinite(score)) steps[n++] = (step){exp(reach), score};
    }
    if (n > 1) qsort(steps, n, sizeof *steps, by_factor);
    return n;
}

/* Medians over neighbouring splits, about sqrt(n) groups of equal size. */
static size_t find_medians(const step *steps, size_t n, double *x, double *y)
{
    size_t n_groups = (size_t)(sqrt((double)n) + 0.5);

    for (size_t g = 0; g < n_groups; g++) {
        size_t from = g * n / n_groups, to = (g + 1) * n / n_groups;
        double factors[MOST_STEPS], scores[MOST_STEPS];
        for (size_t i = from; i < to; i++) {
            factors[i - from] = steps[i].factor;
            scores[i - from] = steps[i].score;
        }
        x[g] = jf_median(factors, to - from);
        y[g] = jf_median(scores, to - from);
    }
    return n_groups;
}

static jf_status add_law(jf_panel *panel, const json_t *candidate, const char *plan, const char *metric,
                         int colour, jf_error *err)
{
    step steps[MOST_STEPS];
    size_t n = read_steps(splits_of(candidate, plan), metric, steps);
    double x[MOST_STEPS], y[MOST_STEPS];
    jf_series marks = {.kind = JF_SERIES_POINTS, .x = x, .y = y, .n = n, .colour = colour}, line = marks;
    jf_status status = JF_OK;

    if (n == 0) return JF_OK;
    for (size_t i = 0; i < n; i++) {
        x[i] = steps[i].factor;
        y[i] = steps[i].score;
    }
    marks.title = (char *)jf_result_text(candidate, "law.name");
    JF_TRY(jf_panel_add(panel, marks, err));
    line.kind = jf_figure_line_kind(colour);
    line.n = find_medians(steps, n, x, y);
    if (line.n > 1) JF_TRY(jf_panel_add(panel, line, err));
done:
    return status;
}

/* Baselines beyond the first would crowd out the laws that were asked about. */
static bool is_drawn(const json_t *candidate, size_t n_drawn)
{
    if (jf_result_flag(candidate, "post_run")) return false;
    return n_drawn < (jf_result_flag(candidate, "baseline") ? MOST_LAWS - 2 : MOST_LAWS);
}

jf_status jf_figure_ladder(const jf_figure_source *source, jf_figure *figure, jf_error *err)
{
    const char *plan = plan_of(source->result);
    jf_ranked all = {0};
    jf_status status = JF_OK;
    size_t n_drawn = 0;
    char title[160];
    jf_panel *panel;

    JF_TRY(jf_ranked_read(source->result, &all, err));
    JF_TRY(jf_figure_set_panels(figure, 1, err));
    panel = &figure->panels[0];
    JF_TRY(jf_axis_set(&panel->x, "largest value tested over largest trained on", true, err));
    JF_TRY(jf_axis_set(&panel->y, jf_figure_metric_title(all.metric, title, sizeof title),
                       jf_ranked_spread(&all) >= 5, err));
    for (size_t i = 0; i < all.n; i++)
        if (is_drawn(all.candidates[i], n_drawn))
            JF_TRY(add_law(panel, all.candidates[i], plan, all.metric, (int)n_drawn++, err));
    JF_TRY(jf_figure_caption(figure, err,
                             "Error (%s) on bands beyond the training data (%s), for %zu of %zu laws; lines "
                             "join medians over neighbouring splits",
                             all.metric, plan, n_drawn, all.n));
done:
    jf_ranked_free(&all);
    return status;
}
