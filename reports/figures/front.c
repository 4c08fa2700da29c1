/* The front of complexity and error: the laws that no law with fewer parameters beats. */
#include <math.h>
#include "core/memory.h"
#include "reports/figures/parts.h"

typedef struct front {
    double *x, *y; /* n each: parameters and score */
    const char **names;
    size_t n;
} front;

static void front_clear(front *points)
{
    jf_free(points->x);
    jf_free(points->y);
    jf_free(points->names);
}

/* Which laws a series takes. */
typedef enum taken { TAKEN_FRONT, TAKEN_OTHERS, TAKEN_POST_RUN } taken;

static taken side_of(const json_t *candidate)
{
    if (jf_result_flag(candidate, "post_run")) return TAKEN_POST_RUN;
    return jf_result_flag(candidate, "on_front") ? TAKEN_FRONT : TAKEN_OTHERS;
}

static double parameters_of(const json_t *candidate)
{
    return jf_result_number(candidate, "law.parameters");
}

/* The laws of one side, by rising number of parameters. */
static jf_status collect(const jf_ranked *all, taken side, front *out, jf_error *err)
{
    jf_status status = JF_OK;

    *out = (front){.x = JF_NEW_ARRAY(double, all->n),
                   .y = JF_NEW_ARRAY(double, all->n),
                   .names = JF_NEW_ARRAY(const char *, all->n)};
    JF_TRY_NEW(out->x && out->y && out->names, err, "a figure");
    for (size_t i = 0; i < all->n; i++) {
        const json_t *candidate = all->candidates[i];
        double x = parameters_of(candidate);
        size_t at = out->n;
        if (side_of(candidate) != side) continue;
        for (; at > 0 && out->x[at - 1] > x; at--) {
            out->x[at] = out->x[at - 1];
            out->y[at] = out->y[at - 1];
            out->names[at] = out->names[at - 1];
        }
        out->x[at] = x;
        out->y[at] = jf_result_number(candidate, "score");
        out->names[at] = jf_result_text(candidate, "law.name");
        out->n++;
    }
done:
    return status;
}

static jf_status add_side(jf_panel *panel, const jf_ranked *all, taken side, jf_error *err)
{
    static const struct {
        const char *title;
        int colour;
    } looks[] = {[TAKEN_FRONT] = {"on the front", 0},
                 [TAKEN_OTHERS] = {"beaten by a law with no more parameters", -1},
                 [TAKEN_POST_RUN] = {"reads what is known only after a run", 2}};
    jf_status status = JF_OK;
    front points = {0};
    jf_series line = {.kind = JF_SERIES_LINE, .colour = looks[side].colour}, marks = line;

    JF_TRY(collect(all, side, &points, err));
    if (points.n == 0) goto done;
    line.n = marks.n = points.n;
    line.x = marks.x = points.x;
    line.y = marks.y = points.y;
    marks.kind = JF_SERIES_POINTS;
    marks.title = (char *)looks[side].title;
    marks.names = (char **)points.names;
    if (side == TAKEN_FRONT) JF_TRY(jf_panel_add(panel, line, err));
    JF_TRY(jf_panel_add(panel, marks, err));
done:
    front_clear(&points);
    return status;
}

static void range_of(const jf_ranked *all, double (*value)(const json_t *candidate), double *low,
                     double *high)
{
    *low = INFINITY;
    *high = 0;
    for (size_t i = 0; i < all->n; i++) {
        double at = value(all->candidates[i]);
        if (isnan(at)) continue;
        *low = fmin(*low, at);
        *high = fmax(*high, at);
    }
}

/* The axis of the parameters, with room for names on the right; by the logarithm where leaves of trees count
 * as parameters, which are hundreds. */
static jf_status set_axis(const jf_ranked *all, jf_axis *axis, jf_error *err)
{
    double low, high;
    jf_status status;

    range_of(all, parameters_of, &low, &high);
    status = jf_axis_set(axis, "free parameters", low > 0 && high >= 50 * low, err);
    if (status != JF_OK || !(low < high)) return status;
    if (axis->log) {
        axis->low = low / pow(high / low, 0.08);
        axis->high = high * pow(high / low, 0.25);
    } else {
        axis->low = low - 0.08 * (high - low);
        axis->high = high + 0.25 * (high - low);
    }
    return JF_OK;
}

static double score_of(const json_t *candidate)
{
    return jf_result_number(candidate, "score");
}

static bool wants_log(const jf_ranked *all)
{
    double low, high;

    range_of(all, score_of, &low, &high);
    return low > 0 && high >= 5 * low;
}

jf_status jf_figure_front(const jf_figure_source *source, jf_figure *figure, jf_error *err)
{
    jf_ranked all = {0};
    jf_status status = JF_OK;
    char title[160];
    jf_panel *panel;

    JF_TRY(jf_ranked_read(source->result, &all, err));
    JF_TRY(jf_figure_set_panels(figure, 1, err));
    panel = &figure->panels[0];
    JF_TRY(set_axis(&all, &panel->x, err));
    JF_TRY(jf_axis_set(&panel->y, jf_figure_metric_title(all.metric, title, sizeof title), wants_log(&all),
                       err));
    for (taken side = TAKEN_FRONT; side <= TAKEN_POST_RUN; side++) JF_TRY(add_side(panel, &all, side, err));
    JF_TRY(
        jf_figure_caption(figure, err,
                          "Validated error (%s, %s) against the number of parameters of %zu laws; the line "
                          "joins those that no law with as few parameters beats",
                          all.metric, jf_result_text(source->result, "best.plan"), all.n));
done:
    jf_ranked_free(&all);
    return status;
}
