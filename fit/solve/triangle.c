/* Block-wise QR, rank-revealing solves and scaled Cholesky: the dense algebra under all solvers. */
#include "fit/solve/triangle.h"

#include <assert.h>
#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <string.h>
#include "core/memory.h"

enum { MOST_ROWS_ADDED = 256, ROWS_AT_ONCE = 2048, FEW_COLUMNS = 32 };

static jf_status too_many(size_t k, jf_error *err)
{
    return jf_fail(err, JF_ELIMIT, "%zu parameters are too many for a dense solver (at most 20000)", k);
}

jf_status jf_triangle_new(size_t most, size_t n_rows, jf_triangle **out, jf_error *err)
{
    jf_status status = JF_OK;
    jf_triangle *t = NULL;
    size_t batch = 4 * (most + 1) > ROWS_AT_ONCE ? 4 * (most + 1) : ROWS_AT_ONCE;
    double wanted = 0;

    *out = NULL;
    if (most > 20000) return too_many(most, err);
    if (n_rows < batch) batch = n_rows;
    if (batch < MOST_ROWS_ADDED && n_rows > MOST_ROWS_ADDED) batch = MOST_ROWS_ADDED;
    t = JF_NEW(jf_triangle);
    JF_TRY_NEW(t, err, "a triangle");
    t->most = most;
    t->capacity = most + 1 + (batch < 1 ? 1 : batch);
    t->stack = JF_NEW_ARRAY(double, t->capacity *(most + 1));
    t->tau = JF_NEW_ARRAY(double, most + 1);
    JF_TRY_NEW(t->stack, err, "a triangle");
    JF_TRY_NEW(t->tau, err, "a triangle");
    LAPACKE_dgeqrf_work(LAPACK_COL_MAJOR, (int)t->capacity, (int)(most + 1), t->stack, (int)t->capacity,
                        t->tau, &wanted, -1);
    t->lwork = wanted > (double)(most + 1) ? (int)wanted : (int)(most + 1);
    t->work = JF_NEW_ARRAY(double, (size_t)t->lwork);
    JF_TRY_NEW(t->work, err, "a triangle");
    jf_triangle_reset(t, most);
    *out = t;
    t = NULL;
done:
    jf_triangle_free(t);
    return status;
}

void jf_triangle_free(jf_triangle *t)
{
    if (!t) return;
    jf_free(t->stack);
    jf_free(t->tau);
    jf_free(t->work);
    jf_free(t);
}

void jf_triangle_reset(jf_triangle *t, size_t k)
{
    assert(k <= t->most);
    t->k = k;
    t->filled = 0;
    t->closed = false;
}

/* Makes a triangle of the rows in the stack. */
static void compress(jf_triangle *t)
{
    size_t columns = t->k + 1;

    if (!t->filled) return;
    LAPACKE_dgeqrf_work(LAPACK_COL_MAJOR, (int)t->filled, (int)columns, t->stack, (int)t->capacity, t->tau,
                        t->work, t->lwork);
    for (size_t j = 0; j < columns; j++)
        for (size_t i = j + 1; i < t->filled; i++) t->stack[i + j * t->capacity] = 0;
    if (t->filled > columns) t->filled = columns;
}

double *jf_triangle_rows(jf_triangle *t, size_t n)
{
    double *rows;

    if (t->filled + n > t->capacity) compress(t);
    rows = t->stack + t->filled;
    for (size_t j = 0; j <= t->k; j++) memset(rows + j * t->capacity, 0, n * sizeof *rows);
    t->filled += n;
    t->closed = false;
    return rows;
}

void jf_triangle_close(jf_triangle *t)
{
    if (t->closed) return;
    compress(t);
    for (size_t j = 0; j <= t->k; j++)
        for (size_t i = t->filled; i <= t->k; i++) t->stack[i + j * t->capacity] = 0;
    t->closed = true;
}

double jf_triangle_rest(const jf_triangle *t)
{
    return fabs(t->stack[t->k + t->k * t->capacity]);
}

/* Memory of one rank-revealing solve with m columns of k rows. */
typedef struct pivoted {
    double *a, *tau, *scale, *right, *work;
    int *pivot;
    size_t *column;
    int lwork;
} pivoted;

static void pivoted_clear(pivoted *p)
{
    jf_free(p->a);
    jf_free(p->tau);
    jf_free(p->scale);
    jf_free(p->right);
    jf_free(p->work);
    jf_free(p->pivot);
    jf_free(p->column);
}

static bool pivoted_new(size_t k, pivoted *p)
{
    *p = (pivoted){.lwork = (int)(2 * k + (k + 1) * 32)};
    p->a = JF_NEW_ARRAY(double, k *k);
    p->tau = JF_NEW_ARRAY(double, k);
    p->scale = JF_NEW_ARRAY(double, k);
    p->right = JF_NEW_ARRAY(double, k);
    p->work = JF_NEW_ARRAY(double, (size_t)p->lwork);
    p->pivot = JF_NEW_ZEROED(int, k);
    p->column = JF_NEW_ARRAY(size_t, k);
    return p->a && p->tau && p->scale && p->right && p->work && p->pivot && p->column;
}

/* Copies the wanted columns, scaled to unit length; returns their number. */
static size_t gather(const jf_triangle *t, const bool *skip, pivoted *p)
{
    size_t m = 0;

    for (size_t j = 0; j < t->k; j++) {
        double length;

        if (skip && skip[j]) continue;
        for (size_t i = 0; i < t->k; i++) p->a[i + m * t->k] = jf_triangle_r(t, i, j);
        length = cblas_dnrm2((int)t->k, p->a + m * t->k, 1);
        p->scale[m] = length > 0 ? 1 / length : 1;
        for (size_t i = 0; i < t->k; i++) p->a[i + m * t->k] *= p->scale[m];
        p->column[m++] = j;
    }
    return m;
}

long jf_triangle_solve(const jf_triangle *t, const bool *skip, double tolerance, double *x, bool *dropped)
{
    size_t k = t->k, m, rank = 0;
    pivoted p;

    if (!pivoted_new(k, &p)) {
        pivoted_clear(&p);
        return -1;
    }
    m = gather(t, skip, &p);
    if (m) {
        LAPACKE_dgeqp3_work(LAPACK_COL_MAJOR, (int)k, (int)m, p.a, (int)k, p.pivot, p.tau, p.work, p.lwork);
        while (rank < m && fabs(p.a[rank + rank * k]) > tolerance) rank++;
        for (size_t i = 0; i < k; i++) p.right[i] = jf_triangle_d(t, i);
        LAPACKE_dormqr_work(LAPACK_COL_MAJOR, 'L', 'T', (int)k, 1, (int)m, p.a, (int)k, p.tau, p.right,
                            (int)k, p.work, p.lwork);
        cblas_dtrsv(CblasColMajor, CblasUpper, CblasNoTrans, CblasNonUnit, (int)rank, p.a, (int)k, p.right,
                    1);
    }
    for (size_t i = 0; i < m; i++) {
        size_t from = (size_t)p.pivot[i] - 1;

        x[p.column[from]] = i < rank ? p.right[i] * p.scale[from] : 0;
        if (dropped) dropped[p.column[from]] = i >= rank;
    }
    pivoted_clear(&p);
    return (long)rank;
}

/* The upper factor of what stands in the upper triangle of `a`, column by column; false when the matrix is
 * not positive definite. For few columns, where a call of LAPACK costs more than the work. */
static bool factor_few(size_t k, double *a)
{
    for (size_t j = 0; j < k; j++) {
        double *column = a + j * k, rest = column[j];

        for (size_t i = 0; i < j; i++) {
            const double *other = a + i * k;
            double sum = column[i];

            for (size_t l = 0; l < i; l++) sum -= other[l] * column[l];
            column[i] = sum / other[i];
            rest -= column[i] * column[i];
        }
        if (!(rest > 0)) return false;
        column[j] = sqrt(rest);
    }
    return true;
}

static bool factor_upper(size_t k, double *a)
{
    if (k <= FEW_COLUMNS) return factor_few(k, a);
    return LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'U', (int)k, a, (int)k) == 0;
}

double jf_cholesky(size_t k, const double *a, double damping, const double *diagonal, double *factor,
                   double *scale)
{
    double smallest = INFINITY;

    for (size_t j = 0; j < k; j++) {
        double d = diagonal ? diagonal[j] : a[j + j * k];

        scale[j] = d > 0 ? 1 / sqrt(d) : 1;
    }
    for (size_t j = 0; j < k; j++) {
        for (size_t i = 0; i < j; i++) factor[i + j * k] = a[i + j * k] * scale[i] * scale[j];
        factor[j + j * k] = a[j + j * k] * scale[j] * scale[j] + damping;
    }
    if (!factor_upper(k, factor)) return 0;
    for (size_t j = 0; j < k; j++) smallest = fmin(smallest, factor[j + j * k] * factor[j + j * k]);
    return isfinite(smallest) || !k ? smallest : 0;
}

void jf_cholesky_solve(size_t k, const double *factor, const double *scale, double *x)
{
    for (size_t j = 0; j < k; j++) {
        const double *column = factor + j * k;

        x[j] *= scale[j];
        for (size_t i = 0; i < j; i++) x[j] -= column[i] * x[i];
        x[j] /= column[j];
    }
    for (size_t j = k; j-- > 0;) {
        const double *column = factor + j * k;

        x[j] /= column[j];
        for (size_t i = 0; i < j; i++) x[i] -= column[i] * x[j];
        x[j] *= scale[j];
    }
}
