/* The map of correlations between estimates. */
#include <math.h>
#include <stdio.h>
#include "core/memory.h"
#include "reports/figures/parts.h"

enum { SHOWN_TEXT = 16 };

/* Parameters that have a variance, by their place in the covariance. */
typedef struct estimates {
    size_t *places;
    const char **names;
    size_t n;
} estimates;

static double covariance_at(const json_t *fit, size_t i, size_t j)
{
    const json_t *row = json_array_get(jf_result_at(fit, "covariance.matrix"), i);
    const json_t *value = json_array_get(row, j);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static jf_status find_estimates(const json_t *fit, estimates *out, jf_error *err)
{
    const json_t *names = jf_result_at(fit, "covariance.names");
    size_t n = json_array_size(names);
    jf_status status = JF_OK;

    out->places = JF_NEW_ARRAY(size_t, n);
    out->names = JF_NEW_ARRAY(const char *, n);
    JF_TRY_NEW(out->places && out->names, err, "a figure");
    for (size_t i = 0; i < n; i++) {
        const char *name = json_string_value(json_array_get(names, i));
        if (!name || !(covariance_at(fit, i, i) > 0)) continue;
        out->places[out->n] = i;
        out->names[out->n++] = name;
    }
    if (out->n < 2) JF_TRY(jf_fail(err, JF_EDATA, "fewer than two estimates have an error"));
done:
    return status;
}

typedef struct cells {
    double *x, *y, *z;
    char (*texts)[SHOWN_TEXT];
    char **names; /* into texts */
    size_t n;
} cells;

static void cells_clear(cells *all)
{
    jf_free(all->x);
    jf_free(all->y);
    jf_free(all->z);
    jf_free(all->texts);
    jf_free(all->names);
}

/* "-.87", with a true minus, so that the sign survives grey printing; "1" on the diagonal. */
/* Two digits; three where two would round to 1, which only an estimate with itself has. */
static void write_correlation(char *text, size_t size, double value, bool itself)
{
    long hundredths = lround(fabs(value) * 100);
    const char *sign = value < 0 && hundredths ? "\xe2\x88\x92" : "";

    if (itself)
        snprintf(text, size, "1");
    else if (hundredths >= 100)
        snprintf(text, size, "%s.%03ld", sign, (long)fmin(floor(fabs(value) * 1000), 999));
    else
        snprintf(text, size, "%s.%02ld", sign, hundredths);
}

/* The lower triangle: the rest would say the same. */
static jf_status fill_cells(const json_t *fit, const estimates *of, cells *out, jf_error *err)
{
    size_t most = of->n * (of->n + 1) / 2;
    jf_status status = JF_OK;

    *out = (cells){.x = JF_NEW_ARRAY(double, most),
                   .y = JF_NEW_ARRAY(double, most),
                   .z = JF_NEW_ARRAY(double, most),
                   .texts = jf_alloc(most, sizeof *out->texts),
                   .names = JF_NEW_ARRAY(char *, most)};
    JF_TRY_NEW(out->x && out->y && out->z && out->texts && out->names, err, "a figure");
    for (size_t i = 0; i < of->n; i++) {
        for (size_t j = 0; j <= i; j++) {
            size_t a = of->places[i], b = of->places[j];
            double r = covariance_at(fit, a, b) / sqrt(covariance_at(fit, a, a) * covariance_at(fit, b, b));
            out->x[out->n] = (double)j;
            out->y[out->n] = (double)i;
            out->z[out->n] = isfinite(r) ? r : 0;
            write_correlation(out->texts[out->n], SHOWN_TEXT, out->z[out->n], i == j);
            out->names[out->n] = out->texts[out->n];
            out->n++;
        }
    }
done:
    return status;
}

jf_status jf_figure_correlations(const jf_figure_source *source, jf_figure *figure, jf_error *err)
{
    jf_status status = JF_OK;
    const json_t *fit;
    estimates of = {0};
    cells all = {0};
    jf_panel *panel;

    JF_TRY(jf_figure_fit(source, &fit, err));
    JF_TRY(find_estimates(fit, &of, err));
    JF_TRY(fill_cells(fit, &of, &all, err));
    JF_TRY(jf_figure_set_panels(figure, 1, err));
    panel = &figure->panels[0];
    JF_TRY(jf_axis_set_categories(&panel->x, of.names, of.n, err));
    JF_TRY(jf_axis_set_categories(&panel->y, of.names, of.n, err));
    if (of.n > 14) figure->width_mm = JF_TEXT_MM;
    JF_TRY(jf_panel_add(
        panel,
        (jf_series){
            .kind = JF_SERIES_CELLS, .x = all.x, .y = all.y, .z = all.z, .names = all.names, .n = all.n},
        err));
    JF_TRY(
        jf_figure_caption(figure, err,
                          "Correlations of the estimates of %s (%s covariance): blue: they rise together; "
                          "orange, with a minus: one "
                          "rises as the other falls; those near 1 in size cannot be told apart by these data",
                          jf_figure_law_name(fit), jf_result_text(fit, "covariance.kind")));
done:
    jf_free(of.places);
    jf_free(of.names);
    cells_clear(&all);
    return status;
}
