/* Looks at two fits of one data set: row by row, and column space in column space. */
#include "fit/select/pairs.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "fit/problem.h"

/* What is left of a column after projection may be this large against it and still be rounding. */
static const double span_tolerance = 1e-9;

void jf_fit_rowwise_loglik(const jf_fit *fit, double *loglik)
{
    const jf_problem *problem = fit->problem;
    double variance = fit->rss / (double)fit->n;

    for (size_t i = 0; i < fit->n; i++) {
        double weight = problem && problem->weight ? problem->weight[i] : 1;
        double z2 = weight * fit->residual[i] * fit->residual[i] / variance;
        loglik[i] = isfinite(fit->loglik)
                        ? jf_problem_log_slope(problem, i) - 0.5 * (log(2 * M_PI * variance / weight) + z2)
                        : NAN;
    }
}

/* The law's columns (free parameters) and its offset (what fixed ones give), n x (k_free + 1), offset last.
 */
static jf_status law_columns(const jf_fit *fit, double **out, size_t *n_free, jf_error *err)
{
    const jf_problem *p = fit->problem;
    size_t n = p->n, k = p->k;
    double *jacobian = JF_NEW_ARRAY(double, n *(k + 1) + 1), *theta = JF_NEW_ZEROED(double, k + 1);
    double *values = JF_NEW_ARRAY(double, n + 1);
    jf_arena *arena = NULL;
    jf_status status = JF_OK;

    *out = NULL;
    JF_TRY_NEW(jacobian, err, "a nested test");
    JF_TRY_NEW(theta, err, "a nested test");
    JF_TRY_NEW(values, err, "a nested test");
    JF_TRY(jf_arena_new(p->formula, JF_GRADIENT, &arena, err));
    for (size_t j = 0; j < k; j++) theta[j] = p->fixed[j] ? p->lower[j] : 0;
    jf_formula_jacobian(p->formula, p->inputs, arena, theta, values, jacobian, n);
    *n_free = 0;
    for (size_t j = 0; j < k; j++)
        if (!p->fixed[j]) memmove(jacobian + (*n_free)++ * n, jacobian + j * n, n * sizeof *jacobian);
    memcpy(jacobian + *n_free * n, values, n * sizeof *values);
    *out = jacobian;
    jacobian = NULL;
done:
    jf_arena_free(arena);
    jf_free(jacobian);
    jf_free(theta);
    jf_free(values);
    return status;
}

static double dot(const double *a, const double *b, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

/* Takes out of `v` what the n_basis orthonormal columns span; twice, so that rounding does not pile up. The
 * length that is left, relative to what it was. */
static double project(const double *basis, size_t n_basis, size_t n, double *v)
{
    double before = sqrt(dot(v, v, n));

    for (int pass = 0; pass < 2; pass++)
        for (size_t j = 0; j < n_basis; j++) {
            double along = dot(basis + j * n, v, n);
            for (size_t i = 0; i < n; i++) v[i] -= along * basis[j * n + i];
        }
    return before > 0 ? sqrt(dot(v, v, n)) / before : 0;
}

/* Gram-Schmidt in place; columns that others span are dropped. How many are left. */
static size_t orthonormal(double *columns, size_t n_columns, size_t n)
{
    size_t kept = 0;

    for (size_t j = 0; j < n_columns; j++) {
        double *v = columns + kept * n, length;
        if (kept != j) memmove(v, columns + j * n, n * sizeof *v);
        if (project(columns, kept, n, v) <= span_tolerance) continue;
        length = sqrt(dot(v, v, n));
        for (size_t i = 0; i < n; i++) v[i] /= length;
        kept++;
    }
    return kept;
}

static bool could_be_nested(const jf_fit *small, const jf_fit *large)
{
    return small->outcome == JF_CONVERGED && large->outcome == JF_CONVERGED && small->linear &&
           large->linear && small->k < large->k && small->n == large->n &&
           strcmp(small->response, large->response) == 0 &&
           memcmp(small->rows, large->rows, small->n * sizeof *small->rows) == 0 && isfinite(small->loglik) &&
           isfinite(large->loglik);
}

jf_status jf_fit_is_nested(const jf_fit *small, const jf_fit *large, bool *out, jf_error *err)
{
    double *a = NULL, *b = NULL;
    size_t n_a = 0, n_b = 0, n = small->n, rank;
    jf_status status = JF_OK;
    bool inside = true;

    *out = false;
    if (!could_be_nested(small, large)) return JF_OK;
    JF_TRY(law_columns(small, &a, &n_a, err));
    JF_TRY(law_columns(large, &b, &n_b, err));
    for (size_t i = 0; i < n; i++) a[n_a * n + i] -= b[n_b * n + i];
    rank = orthonormal(b, n_b, n);
    for (size_t j = 0; j <= n_a && inside; j++) inside = project(b, rank, n, a + j * n) <= span_tolerance;
    *out = inside && rank > n_a;
done:
    jf_free(a);
    jf_free(b);
    return status;
}
