/* Which inputs go together: correlations of the numeric columns that a law reads. */
#include <gsl/gsl_statistics_double.h>
#include <math.h>
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

static void fill_pair(jf_diagnostics *out, size_t a, size_t b, const double *x, const double *y, size_t n,
                      double *scratch)
{
    size_t m = out->n_regressors;
    bool none = is_constant(x, n) || is_constant(y, n);
    double pearson = none ? NAN : gsl_stats_correlation(x, 1, y, 1, n);
    double spearman = none ? NAN : gsl_stats_spearman(x, 1, y, 1, n, scratch);

    out->pearson[a * m + b] = out->pearson[b * m + a] = pearson;
    out->spearman[a * m + b] = out->spearman[b * m + a] = spearman;
}

jf_status jf_compare_regressors(jf_fit_work *work)
{
    jf_status status = JF_OK;
    const jf_fit *fit = work->fit;
    jf_diagnostics *out = &work->fit->diagnostics;
    size_t m = 0;
    double *scratch = JF_NEW_ARRAY(double, 2 * fit->n);

    while (numeric_input(fit, m)) m++;
    out->n_regressors = m;
    out->regressors = JF_NEW_ARRAY(const char *, m);
    out->pearson = JF_NEW_ARRAY(double, m *m);
    out->spearman = JF_NEW_ARRAY(double, m *m);
    JF_TRY_NEW(scratch && out->regressors && out->pearson && out->spearman ? out : NULL, work->err,
               "correlations");
    for (size_t a = 0; a < m; a++) {
        out->regressors[a] = numeric_input(fit, a)->name;
        for (size_t b = 0; b < a; b++)
            fill_pair(out, a, b, numeric_input(fit, a)->values, numeric_input(fit, b)->values, fit->n,
                      scratch);
        out->pearson[a * m + a] = out->spearman[a * m + a] = 1;
    }
done:
    jf_free(scratch);
    return status;
}
