/* Akaike weights of the laws. */
#include <math.h>
#include "core/memory.h"
#include "reports/figures/parts.h"

jf_status jf_figure_weights(const jf_figure_source *source, jf_figure *figure, jf_error *err)
{
    jf_ranked all = {0};
    const char **names = NULL;
    double *weights = NULL;
    size_t n = 0;
    jf_status status = JF_OK;

    JF_TRY(jf_ranked_read(source->result, &all, err));
    JF_TRY(jf_figure_laws(&all, &names, err));
    weights = JF_NEW_ARRAY(double, all.n);
    JF_TRY(jf_figure_set_panels(figure, 1, err));
    JF_TRY_NEW(weights, err, "a figure");
    for (size_t i = 0; i < all.n; i++) { /* post-run laws, and those without a likelihood, have none */
        double weight = jf_ranked_weight(&all, i);
        if (!isfinite(weight)) continue;
        names[n] = names[i];
        weights[n++] = weight;
    }
    if (n == 0) JF_TRY(jf_fail(err, JF_EDATA, "no law of this comparison has an Akaike weight"));
    JF_TRY(jf_axis_set(&figure->panels[0].x, "Akaike weight", false, err));
    JF_TRY(jf_axis_set_categories(&figure->panels[0].y, names, n, err));
    JF_TRY(jf_panel_add(&figure->panels[0], (jf_series){.kind = JF_SERIES_BARS, .n = n, .x = weights}, err));
    JF_TRY(jf_figure_caption(
        figure, err, "Akaike weights from AICc on the scale of the response, for %zu of %zu laws", n, all.n));
done:
    jf_free(names);
    jf_free(weights);
    jf_ranked_free(&all);
    return status;
}
