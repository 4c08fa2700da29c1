/* Measured against predicted, with a band of a factor of two. */
#include <math.h>
#include "core/memory.h"
#include "reports/figures/parts.h"

enum { N_GUIDE = 101 };

/* On log axes, the band of a factor of two, from edge to edge. */
static jf_status add_band(jf_panel *panel, double low, double high, jf_error *err)
{
    double x[N_GUIDE], half[N_GUIDE], twice[N_GUIDE];

    for (size_t i = 0; i < N_GUIDE; i++) {
        x[i] = low * pow(high / low, (double)i / (N_GUIDE - 1));
        half[i] = x[i] / 2;
        twice[i] = x[i] * 2;
    }
    return jf_panel_add(panel,
                        (jf_series){.kind = JF_SERIES_BAND,
                                    .title = "factor of two",
                                    .n = N_GUIDE,
                                    .x = x,
                                    .low = half,
                                    .high = twice,
                                    .colour = -1},
                        err);
}

/* Over a density, which covers the band. */
static jf_status add_band_edges(jf_panel *panel, double low, double high, jf_error *err)
{
    static const double factors[] = {0.5, 2};
    double x[2] = {low, high};
    jf_status status = JF_OK;

    for (size_t i = 0; i < 2 && status == JF_OK; i++) {
        double y[2] = {low * factors[i], high * factors[i]};
        status = jf_panel_add(
            panel, (jf_series){.kind = JF_SERIES_DASHED, .n = 2, .x = x, .y = y, .colour = 3}, err);
    }
    return status;
}

static void find_parity_range(const double *x, const double *y, size_t n, bool log, double *low, double *high)
{
    double x_low, x_high, y_low, y_high;

    jf_figure_range(x, n, &x_low, &x_high);
    jf_figure_range(y, n, &y_low, &y_high);
    *low = fmin(x_low, y_low);
    *high = fmax(x_high, y_high);
    if (log) {
        double factor = fmax(pow(*high / *low, 0.06), 1.05);
        *low /= factor;
        *high *= factor;
    } else {
        double more = fmax(0.06 * (*high - *low), 1e-9 * fabs(*high));
        *low -= more;
        *high += more;
    }
}

jf_status jf_figure_parity(const jf_figure_source *source, jf_figure *figure, jf_error *err)
{
    double *measured = NULL, *predicted = NULL, low, high, ends[2];
    jf_status status = JF_OK;
    const json_t *fit;
    jf_panel *panel;
    char title[600];
    size_t n, m;
    bool log, is_dense;

    JF_TRY(jf_figure_fit(source, &fit, err));
    JF_TRY(jf_figure_rows(fit, "raw_observed", &measured, &n, err));
    JF_TRY(jf_figure_rows(fit, "raw_fitted", &predicted, &m, err));
    if (n != m)
        JF_TRY(jf_fail(err, JF_EDATA, "the result's row-wise values differ in number: %zu and %zu", n, m));
    JF_TRY(jf_figure_set_panels(figure, 1, err));
    panel = &figure->panels[0];
    panel->square = true;
    log = jf_figure_wants_log(measured, n, 1) && jf_figure_wants_log(predicted, n, 1);
    find_parity_range(predicted, measured, n, log, &low, &high);
    jf_figure_response_title(fit, "predicted", title, sizeof title);
    JF_TRY(jf_axis_set(&panel->x, title, log, err));
    jf_figure_response_title(fit, "measured", title, sizeof title);
    JF_TRY(jf_axis_set(&panel->y, title, log, err));
    panel->x.low = panel->y.low = low;
    panel->x.high = panel->y.high = high;
    ends[0] = low;
    ends[1] = high;
    is_dense = jf_figure_is_dense(n);
    if (log) JF_TRY(add_band(panel, low, high, err));
    if (!is_dense) JF_TRY(jf_figure_add_guide(panel, ends, ends, false, err));
    JF_TRY(jf_figure_add_rows(panel, fit, predicted, measured, n, err));
    if (is_dense && log) JF_TRY(add_band_edges(panel, low, high, err));
    if (is_dense) JF_TRY(jf_figure_add_guide(panel, ends, ends, true, err));
    JF_TRY(jf_figure_caption(figure, err, "Measured against predicted by %s (%zu runs); line: equality%s",
                             jf_figure_law_name(fit), n, log ? "; band: a factor of two" : ""));
done:
    jf_free(measured);
    jf_free(predicted);
    return status;
}
