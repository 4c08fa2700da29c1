/* The list of figures, and those of one fit: parity, residuals, normal quantiles. */
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/memory.h"
#include "reports/figure_parts.h"

const jf_figure_kind jf_figure_kinds[] = {
    {"parity", "measured against predicted, with a band of a factor of two", jf_figure_parity},
    {"residuals", "residuals against the fitted value and against each input", jf_figure_residuals},
    {"quantiles", "quantiles of the residuals against those of a normal distribution", jf_figure_quantiles},
    {"curve", "the law along its widest input, with the band of its mean and the interval of a new run",
     jf_figure_curve},
    {"scores", "validation scores of each law, split by split", jf_figure_scores},
    {"weights", "Akaike weights of the laws", jf_figure_weights},
    {"extrapolation", "errors of each law inside and outside the data it was trained on",
     jf_figure_extrapolation},
    {NULL, NULL, NULL}};

static const char *law_name(const json_t *fit)
{
    const char *name = jf_result_text(fit, "law.name");
    return *name ? name : "law";
}

/* ---- parity ---- */

enum { N_GUIDE = 101 };

/* The line of equality and, on log axes, the band of a factor of two, from edge to edge. */
static jf_status add_parity_guides(jf_panel *panel, double low, double high, jf_error *err)
{
    double ends[2] = {low, high}, x[N_GUIDE], half[N_GUIDE], twice[N_GUIDE];
    jf_status status = JF_OK;

    for (size_t i = 0; i < N_GUIDE; i++) {
        x[i] = low * pow(high / low, (double)i / (N_GUIDE - 1));
        half[i] = x[i] / 2;
        twice[i] = x[i] * 2;
    }
    if (panel->x.log)
        JF_TRY(jf_figure_add(panel,
                             (jf_series){.kind = JF_SERIES_BAND,
                                         .title = "factor of two",
                                         .n = N_GUIDE,
                                         .x = x,
                                         .low = half,
                                         .high = twice,
                                         .colour = -1},
                             err));
    JF_TRY(jf_figure_add(
        panel, (jf_series){.kind = JF_SERIES_LINE, .n = 2, .x = ends, .y = ends, .colour = -1}, err));
done:
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

jf_status jf_figure_parity(const json_t *result, const char *law, jf_figure **out, jf_error *err)
{
    double *measured = NULL, *predicted = NULL, low, high;
    jf_figure *figure = NULL;
    jf_status status = JF_OK;
    const json_t *fit;
    jf_panel *panel;
    char title[600];
    size_t n, m;
    bool log;

    *out = NULL;
    JF_TRY(jf_figure_fit(result, law, &fit, err));
    JF_TRY(jf_figure_rows(fit, "raw_observed", &measured, &n, err));
    JF_TRY(jf_figure_rows(fit, "raw_fitted", &predicted, &m, err));
    if (n != m)
        JF_TRY(jf_fail(err, JF_EDATA, "the result's row-wise values differ in number: %zu and %zu", n, m));
    figure = jf_figure_new("parity", 1);
    JF_TRY_NEW(figure, err, "a figure");
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
    JF_TRY(add_parity_guides(panel, low, high, err));
    JF_TRY(jf_figure_add_rows(panel, fit, predicted, measured, n, err));
    JF_TRY(jf_figure_caption(figure, err, "Measured against predicted by %s (%zu runs); line: equality%s",
                             law_name(fit), n, log ? "; band: a factor of two" : ""));
    *out = figure;
    figure = NULL;
done:
    jf_free(measured);
    jf_free(predicted);
    jf_figure_free(figure);
    return status;
}

/* ---- residuals ---- */

enum { MOST_INPUTS = 5, LONGEST_RESPONSE = 12 };

/* Numeric inputs that vary, with a value for each of n rows. */
static size_t find_inputs(const json_t *fit, size_t n, const char **names)
{
    const char *name;
    json_t *column;
    size_t found = 0;

    json_object_foreach((json_t *)jf_figure_inputs(fit), name,
                        column) if (found < MOST_INPUTS && json_array_size(column) == n &&
                                    json_is_number(json_array_get(column, 0))) names[found++] = name;
    return found;
}

static jf_status add_residual_panel(jf_panel *panel, const json_t *fit, const char *x_title, const double *x,
                                    const double *residual, size_t n, jf_error *err)
{
    const char *response = jf_result_text(fit, "law.response");
    double low, high, zeros[2] = {0, 0};
    jf_status status = JF_OK;
    char title[600];

    if (strlen(response) <= LONGEST_RESPONSE) /* else the caption names it */
        snprintf(title, sizeof title, "residual of %s", response);
    else
        snprintf(title, sizeof title, "residual");
    JF_TRY(jf_axis_set(&panel->x, x_title, jf_figure_wants_log(x, n, 10), err));
    JF_TRY(jf_axis_set(&panel->y, title, false, err));
    jf_figure_range(x, n, &low, &high);
    JF_TRY(jf_figure_add(
        panel,
        (jf_series){.kind = JF_SERIES_LINE, .n = 2, .x = (double[2]){low, high}, .y = zeros, .colour = -1},
        err));
    JF_TRY(jf_figure_add_rows(panel, fit, x, residual, n, err));
done:
    return status;
}

static jf_status add_input_panel(jf_panel *panel, const json_t *fit, const char *name, const double *residual,
                                 size_t n, jf_error *err)
{
    size_t m;
    double *x = jf_result_numbers(json_object_get(jf_figure_inputs(fit), name), "", &m);
    jf_status status = JF_OK;
    char title[600];

    JF_TRY_NEW(x, err, "an input's values");
    jf_figure_input_title(fit, name, title, sizeof title);
    JF_TRY(add_residual_panel(panel, fit, title, x, residual, n, err));
done:
    jf_free(x);
    return status;
}

jf_status jf_figure_residuals(const json_t *result, const char *law, jf_figure **out, jf_error *err)
{
    const char *names[MOST_INPUTS];
    double *residual = NULL, *fitted = NULL;
    size_t n, m, n_inputs;
    jf_figure *figure = NULL;
    jf_status status = JF_OK;
    const json_t *fit;
    char title[600];

    *out = NULL;
    JF_TRY(jf_figure_fit(result, law, &fit, err));
    JF_TRY(jf_figure_rows(fit, "residual", &residual, &n, err));
    JF_TRY(jf_figure_rows(fit, "raw_fitted", &fitted, &m, err));
    if (n != m)
        JF_TRY(jf_fail(err, JF_EDATA, "the result's row-wise values differ in number: %zu and %zu", n, m));
    n_inputs = find_inputs(fit, n, names);
    figure = jf_figure_new("residuals", 1 + n_inputs);
    JF_TRY_NEW(figure, err, "a figure");
    figure->n_columns = n_inputs >= 2 ? 3 : 0;
    jf_figure_response_title(fit, "fitted", title, sizeof title);
    JF_TRY(add_residual_panel(&figure->panels[0], fit, title, fitted, residual, n, err));
    for (size_t i = 0; i < n_inputs; i++)
        JF_TRY(add_input_panel(&figure->panels[1 + i], fit, names[i], residual, n, err));
    JF_TRY(jf_figure_caption(figure, err, "Residuals of %s for %s, against the fitted value and the inputs",
                             law_name(fit), jf_result_text(fit, "law.response")));
    *out = figure;
    figure = NULL;
done:
    jf_free(residual);
    jf_free(fitted);
    jf_figure_free(figure);
    return status;
}

/* ---- quantiles ---- */

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

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
    qsort(*out, kept, sizeof **out, by_size);
done:
    jf_free(leverage);
    jf_free(weight);
    return status;
}

jf_status jf_figure_quantiles(const json_t *result, const char *law, jf_figure **out, jf_error *err)
{
    double *residual = NULL, *normal = NULL, ends[2];
    jf_figure *figure = NULL;
    jf_status status = JF_OK;
    const json_t *fit;
    jf_panel *panel;
    size_t n = 0;

    *out = NULL;
    JF_TRY(jf_figure_fit(result, law, &fit, err));
    JF_TRY(studentise(fit, &residual, &n, err));
    normal = JF_NEW_ARRAY(double, n);
    figure = jf_figure_new("quantiles", 1);
    JF_TRY_NEW(figure && normal, err, "a figure");
    for (size_t i = 0; i < n; i++) normal[i] = gsl_cdf_ugaussian_Pinv(((double)i + 0.5) / (double)n);
    panel = &figure->panels[0];
    panel->square = true;
    JF_TRY(jf_axis_set(&panel->x, "normal quantile", false, err));
    JF_TRY(jf_axis_set(&panel->y, "studentised residual", false, err));
    ends[0] = n ? fmin(normal[0], residual[0]) : 0;
    ends[1] = n ? fmax(normal[n - 1], residual[n - 1]) : 0;
    JF_TRY(jf_figure_add(
        panel, (jf_series){.kind = JF_SERIES_LINE, .n = 2, .x = ends, .y = ends, .colour = -1}, err));
    JF_TRY(
        jf_figure_add(panel, (jf_series){.kind = JF_SERIES_POINTS, .n = n, .x = normal, .y = residual}, err));
    JF_TRY(jf_figure_caption(figure, err, "Studentised residuals of %s against normal quantiles",
                             law_name(fit)));
    *out = figure;
    figure = NULL;
done:
    jf_free(residual);
    jf_free(normal);
    jf_figure_free(figure);
    return status;
}
