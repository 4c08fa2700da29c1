/* Looks for one law within another: column space in column space, or curve in surface. */
#include "fit/select/nested.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "fit/problem/problem.h"
#include "fit/solve/solve.h"

const char *const jf_nesting_names[JF_N_NESTINGS] = {"none", "span", "curve", "edge"};

/* What is left of a column after projection may be this large against it and still be rounding. */
static const double span_tolerance = 1e-9;
/* The same where the point of projection was found by iteration. */
static const double curve_tolerance = 1e-6;
/* Distance of the curve from the large law, relative to its spread, that is rounding. What a law comes near
 * only as a parameter goes to infinity or cancels another (a straight line by an exponential) stays above it.
 */
static const double distance_tolerance = 1e-9;

/* ---- column spaces ---- */

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
static size_t orthonormal(double *columns, size_t n_columns, size_t n, double tolerance)
{
    size_t kept = 0;

    for (size_t j = 0; j < n_columns; j++) {
        double *v = columns + kept * n, length;
        if (kept != j) memmove(v, columns + j * n, n * sizeof *v);
        if (project(columns, kept, n, v) <= tolerance) continue;
        length = sqrt(dot(v, v, n));
        for (size_t i = 0; i < n; i++) v[i] /= length;
        kept++;
    }
    return kept;
}

/* Values and derivatives of a law at `theta`: the columns of its free parameters, n x n_free, then (from
 * column n_free on) the values. */
static jf_status law_columns(const jf_problem *p, const double *theta, double **out, size_t *n_free,
                             jf_error *err)
{
    size_t n = p->n, k = p->k;
    double *jacobian = JF_NEW_ARRAY(double, n *(k + 1) + 1), *values = JF_NEW_ARRAY(double, n + 1);
    jf_arena *arena = NULL;
    jf_status status = JF_OK;

    *out = NULL;
    JF_TRY_NEW(jacobian, err, "a nested test");
    JF_TRY_NEW(values, err, "a nested test");
    JF_TRY(jf_arena_new(p->formula, JF_GRADIENT, &arena, err));
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
    jf_free(values);
    return status;
}

/* Do the columns of `large` span those of `small`, offsets included where both are linear? *rank: of large.
 */
static jf_status spans(const jf_problem *large, const double *at_large, const jf_problem *small,
                       const double *at_small, bool with_offset, double tolerance, bool *out, size_t *rank,
                       jf_error *err)
{
    double *a = NULL, *b = NULL;
    size_t n_a = 0, n_b = 0, n = small->n;
    jf_status status = JF_OK;

    *out = true;
    JF_TRY(law_columns(small, at_small, &a, &n_a, err));
    JF_TRY(law_columns(large, at_large, &b, &n_b, err));
    for (size_t i = 0; i < n; i++) a[n_a * n + i] -= b[n_b * n + i];
    *rank = orthonormal(b, n_b, n, tolerance);
    for (size_t j = 0; j < n_a + with_offset && *out; j++)
        *out = project(b, *rank, n, a + j * n) <= tolerance;
done:
    jf_free(a);
    jf_free(b);
    return status;
}

/* ---- linear laws ---- */

static double *fixed_alone(const jf_problem *p)
{
    double *theta = JF_NEW_ZEROED(double, p->k + 1);

    for (size_t j = 0; theta && j < p->k; j++)
        if (p->fixed[j]) theta[j] = p->lower[j];
    return theta;
}

static jf_status look_in_span(const jf_fit *small, const jf_fit *large, jf_nesting *out, jf_error *err)
{
    double *a = fixed_alone(small->problem), *b = fixed_alone(large->problem);
    size_t rank;
    bool inside = false;
    jf_status status = JF_OK;

    JF_TRY_NEW(a && b ? a : NULL, err, "a nested test");
    JF_TRY(spans(large->problem, b, small->problem, a, true, span_tolerance, &inside, &rank, err));
    if (inside && rank > small->k) *out = JF_NESTED_SPAN;
done:
    jf_free(a);
    jf_free(b);
    return status;
}

/* ---- other laws ---- */

/* Does the large law read every column that the small one reads? */
static bool reads_all(const jf_fit *small, const jf_fit *large)
{
    const jf_formula *a = small->problem->formula, *b = large->problem->formula;

    for (size_t i = 0; i < jf_formula_n_columns(a); i++) {
        bool found = false;
        for (size_t j = 0; j < jf_formula_n_columns(b) && !found; j++)
            found = strcmp(jf_formula_column(a, i), jf_formula_column(b, j)) == 0;
        if (!found) return false;
    }
    return true;
}

static jf_status law_values(const jf_problem *p, const double *theta, double *values, jf_error *err)
{
    jf_arena *arena = NULL;
    jf_status status = jf_arena_new(p->formula, JF_VALUE, &arena, err);

    if (status == JF_OK) jf_formula_values(p->formula, p->inputs, arena, theta, values);
    jf_arena_free(arena);
    return status;
}

/* The part of the curve's spread that the large law cannot follow, with `target` (a copy of the large law's
 * problem) bent to the curve; INFINITY where no fit was found or the curve is not finite. */
static jf_status distance_to(jf_problem *target, const double *curve, const double *from, jf_solution *found,
                             double *out, jf_error *err)
{
    enum { STARTS = 16, MAX_ITERATIONS = 500 };
    jf_solve_options how = {.loss = {JF_LOSS_LS, NAN},
                            .from = from,
                            .local_only = true,
                            .max_iterations = MAX_ITERATIONS,
                            .tolerance = 1e-10,
                            .threads = 1};
    double mean = 0, spread = 0;
    jf_status status = JF_OK;

    *out = INFINITY;
    for (size_t i = 0; i < target->n; i++) mean += curve[i] / (double)target->n;
    for (size_t i = 0; i < target->n; i++) spread += (curve[i] - mean) * (curve[i] - mean);
    if (!(spread > 0) || !isfinite(spread)) return JF_OK;
    memcpy(target->response, curve, target->n * sizeof *curve);
    for (int attempt = 0; attempt < 2 && !(*out <= distance_tolerance); attempt++) {
        jf_solution_clear(found);
        memset(found, 0, sizeof *found);
        how.local_only = attempt == 0;
        how.starts = attempt == 0 ? 0 : STARTS;
        JF_TRY(jf_solve(target, &how, found, err));
        if (found->outcome != JF_FAILED && found->theta) *out = sqrt(found->loss / spread);
    }
done:
    return status;
}

/* The large law without weights, to be bent to curves. */
static jf_status copy_target(const jf_problem *large, jf_problem **out, jf_error *err)
{
    size_t *all = JF_NEW_ARRAY(size_t, large->n + 1);
    jf_status status = JF_OK;

    *out = NULL;
    JF_TRY_NEW(all, err, "a nested test");
    for (size_t i = 0; i < large->n; i++) all[i] = i;
    JF_TRY(jf_problem_subset(large, all, large->n, out, err));
    jf_free((*out)->weight);
    (*out)->weight = NULL;
done:
    jf_free(all);
    return status;
}

/* Is the point inside the bounds of every free parameter, and not at one? */
static bool is_inside(const jf_problem *p, const double *theta)
{
    for (size_t j = 0; j < p->k; j++) {
        double near = 1e-6 * fmax(fabs(theta[j]), 1e-6);
        if (!p->fixed[j] && (theta[j] - p->lower[j] <= near || p->upper[j] - theta[j] <= near)) return false;
    }
    return true;
}

/* Does the large law pass through the small one's predictions at `theta`, and how? */
static jf_status look_at_point(const jf_fit *small, const jf_fit *large, jf_problem *target,
                               const double *theta, double *curve, jf_nesting *out, jf_error *err)
{
    jf_solution found = {0};
    double distance;
    bool inside;
    size_t rank;
    jf_status status = JF_OK;

    *out = JF_NOT_NESTED;
    JF_TRY(law_values(small->problem, theta, curve, err));
    JF_TRY(distance_to(target, curve, large->theta, &found, &distance, err));
    if (!(distance <= distance_tolerance)) goto done;
    *out = JF_NESTED_AT_EDGE;
    if (!is_inside(target, found.theta)) goto done;
    JF_TRY(spans(target, found.theta, small->problem, theta, false, curve_tolerance, &inside, &rank, err));
    if (rank == large->k) *out = inside ? JF_NESTED_CURVE : JF_NOT_NESTED;
done:
    jf_solution_clear(&found);
    return status;
}

/* Points beside the small law's fit: every free parameter a tenth away, in turn up and down. */
static void step_aside(const jf_problem *p, const double *from, int turn, double *theta)
{
    for (size_t j = 0; j < p->k; j++) {
        double step = (from[j] != 0 ? fabs(from[j]) : 1) * ((j + (size_t)turn) % 2 ? 0.1 : -0.1);
        theta[j] = p->fixed[j] ? from[j] : fmin(fmax(from[j] + step, p->lower[j]), p->upper[j]);
    }
}

static jf_status look_along_curve(const jf_fit *small, const jf_fit *large, jf_nesting *out, jf_error *err)
{
    enum { POINTS = 3 };
    const jf_problem *p = small->problem;
    double *theta = JF_NEW_ARRAY(double, p->k + 1), *curve = JF_NEW_ARRAY(double, p->n + 1);
    jf_problem *target = NULL;
    jf_nesting at_point = JF_NESTED_CURVE;
    jf_status status = JF_OK;

    JF_TRY_NEW(theta && curve ? theta : NULL, err, "a nested test");
    JF_TRY(copy_target(large->problem, &target, err));
    memcpy(theta, small->theta, p->k * sizeof *theta);
    for (int point = 0; point < POINTS && at_point == JF_NESTED_CURVE; point++) {
        if (point > 0) step_aside(p, small->theta, point, theta);
        JF_TRY(look_at_point(small, large, target, theta, curve, &at_point, err));
    }
    *out = at_point;
done:
    jf_problem_free(target);
    jf_free(theta);
    jf_free(curve);
    return status;
}

/* ---- both ---- */

static bool could_be_nested(const jf_fit *small, const jf_fit *large)
{
    return small->outcome == JF_CONVERGED && large->outcome == JF_CONVERGED && small->k < large->k &&
           large->k < large->n && small->n == large->n && strcmp(small->response, large->response) == 0 &&
           memcmp(small->rows, large->rows, small->n * sizeof *small->rows) == 0 && isfinite(small->loglik) &&
           isfinite(large->loglik);
}

jf_status jf_fit_nesting(const jf_fit *small, const jf_fit *large, jf_nesting *out, jf_error *err)
{
    *out = JF_NOT_NESTED;
    if (!could_be_nested(small, large)) return JF_OK;
    if (small->linear && large->linear) return look_in_span(small, large, out, err);
    if (large->rss > small->rss * (1 + 1e-9) || small->n > JF_NESTED_MOST_ROWS || !reads_all(small, large) ||
        small->problem->error == JF_ERROR_RELATIVE || large->problem->error == JF_ERROR_RELATIVE)
        return JF_OK;
    return look_along_curve(small, large, out, err);
}
