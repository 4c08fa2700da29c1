/* Residuals against the fitted value and against each input. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "reports/figures/parts.h"

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
    double low, high, ends[2], zeros[2] = {0, 0};
    bool is_dense = jf_figure_is_dense(n);
    jf_status status = JF_OK;
    char title[600];

    if (strlen(response) <= LONGEST_RESPONSE) /* else the caption names it */
        snprintf(title, sizeof title, "residual of %s", response);
    else
        snprintf(title, sizeof title, "residual");
    JF_TRY(jf_axis_set(&panel->x, x_title, jf_figure_wants_log(x, n, 10), err));
    JF_TRY(jf_axis_set(&panel->y, title, false, err));
    jf_figure_range(x, n, &low, &high);
    ends[0] = low;
    ends[1] = high;
    if (!is_dense) JF_TRY(jf_figure_add_guide(panel, ends, zeros, false, err));
    JF_TRY(jf_figure_add_rows(panel, fit, x, residual, n, err));
    if (is_dense) JF_TRY(jf_figure_add_guide(panel, ends, zeros, true, err));
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

jf_status jf_figure_residuals(const jf_figure_source *source, jf_figure *figure, jf_error *err)
{
    const char *names[MOST_INPUTS];
    double *residual = NULL, *fitted = NULL;
    size_t n, m, n_inputs;
    jf_status status = JF_OK;
    const json_t *fit;
    char title[600];

    JF_TRY(jf_figure_fit(source, &fit, err));
    JF_TRY(jf_figure_rows(fit, "residual", &residual, &n, err));
    JF_TRY(jf_figure_rows(fit, "raw_fitted", &fitted, &m, err));
    if (n != m)
        JF_TRY(jf_fail(err, JF_EDATA, "the result's row-wise values differ in number: %zu and %zu", n, m));
    n_inputs = find_inputs(fit, n, names);
    JF_TRY(jf_figure_set_panels(figure, 1 + n_inputs, err));
    figure->n_columns = n_inputs == 3 ? 2 : n_inputs >= 2 ? 3 : 0; /* four panels make a square */
    jf_figure_response_title(fit, "fitted", title, sizeof title);
    JF_TRY(add_residual_panel(&figure->panels[0], fit, title, fitted, residual, n, err));
    for (size_t i = 0; i < n_inputs; i++)
        JF_TRY(add_input_panel(&figure->panels[1 + i], fit, names[i], residual, n, err));
    JF_TRY(jf_figure_caption(figure, err, "Residuals of %s for %s, against the fitted value and the inputs",
                             jf_figure_law_name(fit), jf_result_text(fit, "law.response")));
done:
    jf_free(residual);
    jf_free(fitted);
    return status;
}
