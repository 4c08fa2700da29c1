/* Profile likelihoods: how much worse the law fits with one parameter held away from its estimate. */
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "reports/figures/parts.h"

enum { MOST_PANELS = 12 };

static const json_t *find_set(const json_t *fit)
{
    const json_t *sets = jf_result_at(fit, "intervals");

    for (size_t i = 0; i < json_array_size(sets); i++) {
        const json_t *parameters = jf_result_at(json_array_get(sets, i), "parameters");
        for (size_t k = 0; k < json_array_size(parameters); k++)
            if (json_array_size(jf_result_at(json_array_get(parameters, k), "curve")) > 2)
                return json_array_get(sets, i);
    }
    return NULL;
}

bool jf_figure_serves_profiles(const jf_figure_source *source)
{
    const json_t *fit;
    return jf_figure_fit(source, &fit, NULL) == JF_OK && find_set(fit) != NULL;
}

static double entry(const json_t *pair, size_t which)
{
    const json_t *value = json_array_get(pair, which);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

/* Where the law fits best. */
static double lowest_point(const double *x, const double *z, size_t n)
{
    size_t best = 0;

    for (size_t i = 1; i < n; i++)
        if (z[i] < z[best] || isnan(z[best])) best = i;
    return x[best];
}

/* The profile, the straight lines of the Wald interval, and the height at which intervals end. */
static jf_status add_parameter(jf_panel *panel, const json_t *set, const json_t *parameter, jf_error *err)
{
    const json_t *curve = jf_result_at(parameter, "curve");
    size_t n = json_array_size(curve);
    double *x = JF_NEW_ARRAY(double, n), *z = JF_NEW_ARRAY(double, n), low, high, cut[2], at[2];
    double ends[2] = {jf_result_number(parameter, "low"), jf_result_number(parameter, "high")};
    jf_series rules = {.kind = JF_SERIES_RULES, .title = "interval", .x = ends, .colour = 2};
    jf_status status = JF_OK;

    JF_TRY_NEW(x && z, err, "a profile");
    for (size_t i = 0; i < n; i++) {
        x[i] = entry(json_array_get(curve, i), 0);
        z[i] = fabs(entry(json_array_get(curve, i), 1));
    }
    jf_figure_range(x, n, &low, &high);
    at[0] = low;
    at[1] = high;
    cut[0] = cut[1] = jf_result_number(set, "quantile");
    JF_TRY(jf_axis_set(&panel->x, jf_result_text(parameter, "name"),
                       jf_figure_is_factor(low, lowest_point(x, z, n), high), err));
    JF_TRY(jf_axis_set(&panel->y, "|profile t|", false, err));
    if (isfinite(cut[0]))
        JF_TRY(jf_panel_add(panel,
                            (jf_series){.kind = JF_SERIES_DASHED,
                                        .title = "where the interval ends",
                                        .x = at,
                                        .y = cut,
                                        .n = 2,
                                        .colour = -1},
                            err));
    JF_TRY(jf_panel_add(
        panel, (jf_series){.kind = JF_SERIES_LINE, .title = "profile", .x = x, .y = z, .n = n}, err));
    if (isnan(ends[0])) ends[0] = ends[1];
    rules.n = isnan(ends[0]) ? 0 : isnan(ends[1]) ? 1 : 2;
    if (rules.n) JF_TRY(jf_panel_add(panel, rules, err));
done:
    jf_free(x);
    jf_free(z);
    return status;
}

jf_status jf_figure_profiles(const jf_figure_source *source, jf_figure *figure, jf_error *err)
{
    const json_t *fit, *set, *parameters, *shown[MOST_PANELS];
    size_t n = 0, n_all = 0;
    jf_status status = JF_OK;

    JF_TRY(jf_figure_fit(source, &fit, err));
    set = find_set(fit);
    parameters = jf_result_at(set, "parameters");
    for (size_t i = 0; i < json_array_size(parameters); i++) {
        const json_t *parameter = json_array_get(parameters, i);
        if (json_array_size(jf_result_at(parameter, "curve")) < 3) continue;
        n_all++;
        if (n < MOST_PANELS) shown[n++] = parameter;
    }
    JF_TRY(jf_figure_set_panels(figure, n, err));
    figure->n_columns = n > 4 ? 3 : 0;
    for (size_t i = 0; i < n; i++) JF_TRY(add_parameter(&figure->panels[i], set, shown[i], err));
    JF_TRY(jf_figure_caption(
        figure, err,
        "Profile likelihoods of %s for %zu of %zu parameters: profile t, the signed root of "
        "how much the loss grows, in size, with the parameter held and the others "
        "refitted; a V on a linear axis means that Wald intervals will do",
        jf_figure_law_name(fit), n, n_all));
done:
    return status;
}
