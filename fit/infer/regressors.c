/* Which inputs go together: correlations of the numeric columns that a law reads. */
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include "core/memory.h"
#include "fit/infer/diagnose_parts.h"

static const jf_column *numeric_input(const jf_fit *fit, size_t index)
{
    for (size_t i = 0; i < fit->n_inputs; i++)
        if (fit->inputs[i].kind != JF_LABEL && index-- == 0) return &fit->inputs[i];
    return NULL;
}

/* Not defined for a column that never changes. */
static bool is_constant(const double *x, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (x[i] != x[0]) return false;
    return true;
}

typedef struct place {
    double value;
    size_t row;
} place;

static int by_value(const void *a, const void *b)
{
    double x = ((const place *)a)->value, y = ((const place *)b)->value;

    return (x > y) - (x < y);
}

/* Ranks from 1, equal values sharing the mean of theirs. `order`: n of scratch. */
static void find_ranks(const double *x, size_t n, place *order, double *ranks)
{
    for (size_t i = 0; i < n; i++) order[i] = (place){x[i], i};
    qsort(order, n, sizeof *order, by_value);
    for (size_t first = 0, next; first < n; first = next) {
        for (next = first + 1; next < n && order[next].value == order[first].value;) next++;
        for (size_t i = first; i < next; i++) ranks[order[i].row] = 0.5 * ((double)first + 1 + (double)next);
    }
}

static double correlation(const double *x, const double *y, size_t n)
{
    if (is_constant(x, n) || is_constant(y, n)) return NAN;
    return gsl_stats_correlation(x, 1, y, 1, n);
}

jf_status jf_compare_regressors(jf_fit_work *work)
{
    jf_status status = JF_OK;
    const jf_fit *fit = work->fit;
    jf_diagnostics *out = &work->fit->diagnostics;
    size_t m = 0, n = fit->n;
    double *ranks = NULL;
    place *order = NULL;

    while (numeric_input(fit, m)) m++;
    out->n_regressors = m;
    out->regressors = JF_NEW_ARRAY(const char *, m);
    out->pearson = JF_NEW_ARRAY(double, m *m);
    out->spearman = JF_NEW_ARRAY(double, m *m);
    ranks = JF_NEW_ARRAY(double, m *n);
    order = JF_NEW_ARRAY(place, n);
    JF_TRY_NEW(ranks && order && out->regressors && out->pearson && out->spearman ? out : NULL, work->err,
               "correlations");
    for (size_t a = 0; a < m; a++) {
        const double *x = numeric_input(fit, a)->values;

        out->regressors[a] = numeric_input(fit, a)->name;
        find_ranks(x, n, order, ranks + a * n);
        for (size_t b = 0; b < a; b++) {
            const double *y = numeric_input(fit, b)->values;

            out->pearson[a * m + b] = out->pearson[b * m + a] = correlation(x, y, n);
            out->spearman[a * m + b] = out->spearman[b * m + a] =
                correlation(ranks + a * n, ranks + b * n, n);
        }
        out->pearson[a * m + a] = out->spearman[a * m + a] = 1;
    }
done:
    jf_free(ranks);
    jf_free(order);
    return status;
}
