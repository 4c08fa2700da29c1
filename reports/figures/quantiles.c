/* Quantiles of the residuals against those of a normal distribution. */
#include <gsl/gsl_cdf.h>
#include <math.h>
#include "core/memory.h"
#include "core/summary.h"
#include "reports/figures/parts.h"

/* Internally studentised and sorted; rows without a leverage or a weight are only scaled by sigma. */
static jf_status studentise(const json_t *fit, double **out, size_t *n, jf_error *err)
{
    size_t n_leverage, n_weight, kept = 0;
    double *leverage = jf_result_numbers(fit, "rows.leverage", &n_leverage);
    double *weight = jf_result_numbers(fit, "rows.weight", &n_weight);
    double sigma = jf_result_number(fit, "sigma");
    jf_status status = JF_OK;

    JF_TRY_NEW((leverage || !n_leverage) && (weight || !n_weight), err, "residuals");
    JF_TRY(jf_figure_rows(fit, "residual", out, n, err));
    if (!(sigma > 0))
        JF_TRY(jf_fail(err, JF_EDATA, "the law fits without error, so residuals have no quantiles"));
    for (size_t i = 0; i < *n; i++) {
        double h = n_leverage == *n && leverage[i] < 1 ? leverage[i] : 0;
        double w = n_weight == *n && weight[i] >= 0 ? weight[i] : 1;
        double value = (*out)[i] * sqrt(w) / (sigma * sqrt(1 - h));
        if (isfinite(value)) (*out)[kept++] = value;
    }
    *n = kept;
    jf_sort(*out, kept);
done:
    jf_free(leverage);
    jf_free(weight);
    return status;
}

jf_status jf_figure_quantiles(const jf_figure_source *source, jf_figure *figure, jf_error *err)
{
    double *residual = NULL, *normal = NULL, ends[2];
    jf_status status = JF_OK;
    const json_t *fit;
    jf_panel *panel;
    size_t n = 0;

    JF_TRY(jf_figure_fit(source, &fit, err));
    JF_TRY(studentise(fit, &residual, &n, err));
    normal = JF_NEW_ARRAY(double, n);
    JF_TRY(jf_figure_set_panels(figure, 1, err));
    JF_TRY_NEW(normal, err, "a figure");
    for (size_t i = 0; i < n; i++) normal[i] = gsl_cdf_ugaussian_Pinv(((double)i + 0.5) / (double)n);
    panel = &figure->panels[0];
    panel->square = true;
    JF_TRY(jf_axis_set(&panel->x, "normal quantile", false, err));
    JF_TRY(jf_axis_set(&panel->y, "studentised residual", false, err));
    ends[0] = n ? fmin(normal[0], residual[0]) : 0;
    ends[1] = n ? fmax(normal[n - 1], residual[n - 1]) : 0;
    JF_TRY(jf_figure_add_guide(panel, ends, ends, false, err));
    JF_TRY(
        jf_panel_add(panel, (jf_series){.kind = JF_SERIES_POINTS, .n = n, .x = normal, .y = residual}, err));
    JF_TRY(jf_figure_caption(figure, err, "Studentised residuals of %s against normal quantiles",
                             jf_figure_law_name(fit)));
done:
    jf_free(residual);
    jf_free(normal);
    return status;
}
