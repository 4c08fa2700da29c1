/* Factors a linear law's columns once and takes rows out of the factorisation. */
#include "fit/select/left_out.h"

#include <lapacke.h>
#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "fit/solve/triangle.h"

/* Below this share of a column's squared length in the rows that are left, rounding would show. */
static const double least_share = 1e-5;
static const double least_pivot = 1e-7;
enum { MOST_NUMBERS = 1 << 24 }; /* of Q: 128 MiB */

struct jf_left_out {
    const jf_problem *whole;
    size_t n, k; /* rows, free parameters */
    double *q;   /* n x (k + 1), row-major: Q, then the weighted response less what fixed parameters give */
    double *r;   /* k x k, column-major: R, of columns scaled to length one */
    double *length; /* k: of the columns before */
    double *total;  /* k: Q'z */
    double *fixed;  /* whole->k: values of fixed parameters, else 0 */
};

void jf_left_out_free(jf_left_out *all)
{
    if (!all) return;
    jf_free(all->q);
    jf_free(all->r);
    jf_free(all->length);
    jf_free(all->total);
    jf_free(all->fixed);
    jf_free(all);
}

static bool applies(const jf_problem *p, jf_loss loss, size_t n_free)
{
    if (loss.kind != JF_LOSS_LS || p->error == JF_ERROR_RELATIVE || !jf_formula_is_linear(p->formula) ||
        jf_formula_n_learned(p->formula) > 0 || n_free == 0 || n_free >= p->n || p->n > MOST_NUMBERS / n_free)
        return false;
    for (size_t j = 0; j < p->k; j++)
        if (!p->fixed[j] && (isfinite(p->lower[j]) || isfinite(p->upper[j]))) return false;
    return true;
}

/* The columns of free parameters, n x k column-major, and the response less what fixed ones give, weighted.
 */
static jf_status fill_columns(jf_left_out *all, double *columns, double *z, jf_error *err)
{
    const jf_problem *p = all->whole;
    size_t n = all->n, to = 0;
    double *jacobian = JF_NEW_ARRAY(double, n * p->k + 1);
    jf_arena *arena = NULL;
    jf_status status = JF_OK;

    JF_TRY_NEW(jacobian, err, "a refit");
    for (size_t j = 0; j < p->k; j++) all->fixed[j] = p->fixed[j] ? p->lower[j] : 0;
    JF_TRY(jf_arena_new(p->formula, JF_GRADIENT, &arena, err));
    jf_formula_jacobian(p->formula, p->inputs, arena, all->fixed, z, jacobian, n);
    for (size_t i = 0; i < n; i++) z[i] = sqrt(p->weight ? p->weight[i] : 1) * (p->response[i] - z[i]);
    for (size_t j = 0; j < p->k; j++) {
        double squares = 0;
        if (p->fixed[j]) continue;
        for (size_t i = 0; i < n; i++) {
            double x = sqrt(p->weight ? p->weight[i] : 1) * jacobian[j * n + i];
            columns[to * n + i] = x;
            squares += x * x;
        }
        all->length[to] = squares > 0 ? sqrt(squares) : 1;
        for (size_t i = 0; i < n; i++) columns[to * n + i] /= all->length[to];
        to++;
    }
done:
    jf_arena_free(arena);
    jf_free(jacobian);
    return status;
}

/* Q in place of the columns, R beside; false where columns repeat others. */
static bool factor(jf_left_out *all, double *columns, double *tau)
{
    lapack_int n = (lapack_int)all->n, k = (lapack_int)all->k;

    if (LAPACKE_dgeqrf(LAPACK_COL_MAJOR, n, k, columns, n, tau) != 0) return false;
    for (size_t j = 0; j < all->k; j++) {
        for (size_t i = 0; i < all->k; i++) all->r[i + j * all->k] = i <= j ? columns[i + j * all->n] : 0;
        if (!(fabs(all->r[j + j * all->k]) > least_pivot)) return false;
    }
    return LAPACKE_dorgqr(LAPACK_COL_MAJOR, n, k, k, columns, n, tau) == 0;
}

static void store(jf_left_out *all, const double *columns, const double *z)
{
    size_t width = all->k + 1;

    for (size_t i = 0; i < all->n; i++) {
        for (size_t j = 0; j < all->k; j++) {
            all->q[i * width + j] = columns[j * all->n + i];
            all->total[j] += columns[j * all->n + i] * z[i];
        }
        all->q[i * width + all->k] = z[i];
    }
}

jf_status jf_left_out_new(const jf_problem *whole, jf_loss loss, jf_left_out **out, jf_error *err)
{
    size_t k = jf_problem_n_free(whole), n = whole->n;
    double *columns = NULL, *z = NULL;
    jf_left_out *all = NULL;
    jf_status status = JF_OK;

    *out = NULL;
    if (!applies(whole, loss, k)) return JF_OK;
    all = JF_NEW(jf_left_out);
    JF_TRY_NEW(all, err, "a refit");
    *all = (jf_left_out){.whole = whole, .n = n, .k = k};
    all->q = JF_NEW_ARRAY(double, n *(k + 1));
    all->r = JF_NEW_ARRAY(double, k *k);
    all->length = JF_NEW_ARRAY(double, k);
    all->total = JF_NEW_ZEROED(double, k);
    all->fixed = JF_NEW_ARRAY(double, whole->k + 1);
    columns = JF_NEW_ARRAY(double, n *k + k);
    z = JF_NEW_ARRAY(double, n);
    JF_TRY_NEW(all->q && all->r && all->length && all->total && all->fixed && columns && z ? all : NULL, err,
               "a refit");
    JF_TRY(fill_columns(all, columns, z, err));
    if (!factor(all, columns, columns + n * k)) goto done;
    store(all, columns, z);
    *out = all;
    all = NULL;
done:
    jf_free(columns);
    jf_free(z);
    jf_left_out_free(all);
    return status;
}

/* sum += sign * Q'Q and right += sign * Q'z of one row; the upper triangle. */
static void add_row(const jf_left_out *all, size_t row, double sign, double *sum, double *right)
{
    const double *q = all->q + row * (all->k + 1);

    for (size_t j = 0; j < all->k; j++) {
        double x = sign * q[j];
        for (size_t i = 0; i <= j; i++) sum[i + j * all->k] += x * q[i];
        right[j] += x * q[all->k];
    }
}

/* Q'Q and Q'z of the rows `index`: from themselves, or from what is left out where that is less. */
static void gather(const jf_left_out *all, const size_t *index, size_t n, double *sum, double *right)
{
    bool downdate = n > all->n / 2;

    memset(sum, 0, all->k * all->k * sizeof *sum);
    memset(right, 0, all->k * sizeof *right);
    if (!downdate) {
        for (size_t i = 0; i < n; i++) add_row(all, index[i], 1, sum, right);
        return;
    }
    for (size_t j = 0; j < all->k; j++) {
        sum[j + j * all->k] = 1;
        right[j] = all->total[j];
    }
    for (size_t row = 0, at = 0; row < all->n; row++) {
        if (at < n && index[at] == row)
            at++;
        else
            add_row(all, row, -1, sum, right);
    }
}

/* theta from the solution in the basis Q. */
static void to_parameters(const jf_left_out *all, double *x, double *theta)
{
    size_t k = all->k;

    for (size_t j = k; j-- > 0;) {
        for (size_t i = j + 1; i < k; i++) x[j] -= all->r[j + i * k] * x[i];
        x[j] /= all->r[j + j * k];
    }
    for (size_t j = 0, from = 0; j < all->whole->k; j++) {
        theta[j] = all->fixed[j];
        if (!all->whole->fixed[j]) theta[j] = x[from] / all->length[from];
        from += !all->whole->fixed[j];
    }
}

bool jf_left_out_fit(const jf_left_out *all, const size_t *index, size_t n, double *theta)
{
    size_t k = all->k;
    double *sum = JF_NEW_ARRAY(double, 2 * k * k + 2 * k), *factored = sum + k * k, *scale = factored + k * k,
           *x = scale + k, least = 1;
    bool fine = sum && n > k;

    if (!fine) goto done;
    gather(all, index, n, sum, x);
    for (size_t j = 0; j < k; j++) least = fmin(least, sum[j + j * k]);
    fine = least > least_share && jf_cholesky(k, sum, 0, NULL, factored, scale) > least_pivot;
    if (!fine) goto done;
    jf_cholesky_solve(k, factored, scale, x);
    to_parameters(all, x, theta);
done:
    jf_free(sum);
    return fine;
}
