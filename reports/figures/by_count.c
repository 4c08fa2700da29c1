/* Medians and quartiles of runs at each number of GPUs. */
#include <math.h>
#include "core/memory.h"
#include "core/summary.h"
#include "reports/figures/parts.h"

/* Different values, rising; at most JF_MOST_COUNTS. */
static size_t find_counts(const double *gpus, size_t n, double *counts)
{
    size_t found = 0;

    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        if (!isfinite(gpus[i])) continue;
        while (k < found && counts[k] != gpus[i]) k++;
        if (k == found && found < JF_MOST_COUNTS) counts[found++] = gpus[i];
    }
    jf_sort(counts, found);
    return found;
}

jf_status jf_figure_by_count(const double *gpus, const double *y, const int *levels, int level, size_t n,
                             double shift, jf_by_count *out, jf_error *err)
{
    double counts[JF_MOST_COUNTS], *values = JF_NEW_ARRAY(double, n);
    size_t n_counts = find_counts(gpus, n, counts);

    out->n = 0;
    if (!values) return jf_fail(err, JF_ENOMEM, "out of memory for a figure");
    for (size_t c = 0; c < n_counts; c++) {
        size_t m = 0;
        for (size_t i = 0; i < n; i++)
            if ((!levels || levels[i] == level) && gpus[i] == counts[c] && isfinite(y[i])) values[m++] = y[i];
        if (m == 0) continue;
        jf_sort(values, m);
        out->x[out->n] = counts[c] * shift;
        out->median[out->n] = jf_quantile(values, m, 0.5);
        out->low[out->n] = jf_quantile(values, m, 0.25);
        out->high[out->n++] = jf_quantile(values, m, 0.75);
    }
    jf_free(values);
    return JF_OK;
}
