/* The factored Jacobian, block by block: rows times the inverse of a first triangle, made orthogonal a second
 * time where that is not good enough. The first triangle is Cholesky's of the normal equations, which is as
 * good as Householder's while the condition squared times the rounding stays small (Yamamoto et al. 2015), or
 * QR's with pivoting. */
#include "fit/infer/design_factor.h"

#include <lapacke.h>
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "fit/infer/design_rows.h"
#include "fit/problem/loops.h"
#include "fit/solve/triangle.h"

/* Below this pivot the first Q is too far from orthogonal for the second. */
static const double SMALLEST_PIVOT = 1e-8;
/* Above this one it is orthogonal to 1e-13 or so. */
static const double GOOD_PIVOT = 1e-2;
/* A pivot below this share of the largest means that the column depends on the others: far above the rounding
 * of the Jacobian (1e-15), far below what badly conditioned but sound polynomials show (1e-10). */
static const double RANK_TOLERANCE = 1e-12;

/* ---- lengths and spreads ---- */

typedef struct sizes {
    const jf_design *design;
    double *mean, *sums; /* p; p x 3: sums of weight * d^0, d^1, d^2 with d = x - mean */
} sizes;

static void add_sizes(void *context, size_t row, size_t n, const double *const *columns)
{
    const sizes *s = context;
    const double *weight = s->design->weight ? s->design->weight + row : NULL;

    for (size_t j = 0; j < s->design->p; j++) {
        double sums[3];

        jf_loops_active()->spread(n, columns[j], weight, s->mean[j], sums);
        for (size_t i = 0; i < 3; i++) s->sums[3 * j + i] += sums[i];
    }
}

jf_status jf_design_measure(jf_design *design, jf_error *err)
{
    jf_status status = JF_OK;
    size_t p = design->p;
    sizes s = {design, JF_NEW_ZEROED(double, 4 * p + 1), NULL};

    JF_TRY_NEW(s.mean, err, "the factored Jacobian");
    s.sums = s.mean + p;
    JF_TRY(jf_design_pass(design, JF_ROWS_RAW, add_sizes, &s, err));
    for (size_t j = 0; j < p; j++) {
        const double *sums = s.sums + 3 * j;

        if (!isfinite(sums[1]) || !isfinite(sums[2]))
            JF_TRY(jf_fail(err, JF_EFIT, "the derivatives at the solution are not finite"));
        design->length[j] = sqrt(sums[2]);
        s.mean[j] = sums[1] / sums[0];
    }
    memset(s.sums, 0, 3 * p * sizeof *s.sums);
    JF_TRY(jf_design_pass(design, JF_ROWS_RAW, add_sizes, &s, err));
    for (size_t j = 0; j < p; j++) design->spread[j] = sqrt(s.sums[3 * j + 2]);
done:
    jf_free(s.mean);
    return status;
}

/* ---- normal equations ---- */

typedef struct gram_sum {
    size_t p;
    double *gram, *packed, *scale; /* p x p; p (p + 1) / 2; p */
    double ones[JF_DESIGN_ROWS];
} gram_sum;

static void add_gram(void *context, size_t row, size_t n, const double *const *columns)
{
    gram_sum *g = context;
    const double *packed = g->packed;

    (void)row;
    jf_loops_active()->gram(n, g->p, columns, g->ones, g->packed);
    for (size_t a = 0; a < g->p; a++)
        for (size_t b = 0; b <= a; b++) g->gram[b + a * g->p] += *packed++;
}

/* Cholesky's factor of the products of the rows at a stage; `*pivot` is that of the matrix with a unit
 * diagonal. */
static jf_status factor_gram(const jf_design *design, jf_row_stage stage, double *factor, double *pivot,
                             jf_error *err)
{
    jf_status status = JF_OK;
    size_t p = design->p;
    gram_sum g = {.p = p, .gram = JF_NEW_ZEROED(double, p *p + p * (p + 1) / 2 + p)};

    JF_TRY_NEW(g.gram, err, "the factored Jacobian");
    g.packed = g.gram + p * p;
    g.scale = g.packed + p * (p + 1) / 2;
    for (size_t i = 0; i < JF_DESIGN_ROWS; i++) g.ones[i] = 1;
    JF_TRY(jf_design_pass(design, stage, add_gram, &g, err));
    *pivot = jf_cholesky(p, g.gram, 0, NULL, factor, g.scale);
    for (size_t j = 0; j < p; j++)
        for (size_t i = 0; i <= j; i++) factor[i + j * p] /= g.scale[j];
done:
    jf_free(g.gram);
    return status;
}

static void set_identity(size_t n, double *matrix)
{
    memset(matrix, 0, n * n * sizeof *matrix);
    for (size_t i = 0; i < n; i++) matrix[i + i * n] = 1;
}

/* `*told` is false where the columns are too close to dependent. */
static jf_status factor_plain(jf_design *design, bool *told, jf_error *err)
{
    jf_status status = JF_OK;
    double pivot;

    *told = false;
    design->rank = design->p;
    JF_TRY(factor_gram(design, JF_ROWS_SCALED, design->first, &pivot, err));
    if (!(pivot > SMALLEST_PIVOT)) return JF_OK;
    *told = true;
    design->once = pivot > GOOD_PIVOT;
    if (design->once) {
        set_identity(design->p, design->second);
        return JF_OK;
    }
    JF_TRY(jf_design_advance(design, JF_ROWS_FIRST, err));
    JF_TRY(factor_gram(design, JF_ROWS_FIRST, design->second, &pivot, err));
    if (!(pivot > SMALLEST_PIVOT)) status = jf_fail(err, JF_EFIT, "the Jacobian could not be factored");
done:
    return status;
}

/* ---- QR with pivoting ---- */

static void add_rows(void *context, size_t row, size_t n, const double *const *columns)
{
    jf_triangle *t = context;
    double *place = jf_triangle_rows(t, n);

    (void)row;
    for (size_t j = 0; j < t->k; j++) memcpy(place + j * t->capacity, columns[j], n * sizeof *place);
}

/* The triangle (m x m, column-major) of the first m columns of the rows at a stage. */
static jf_status factor_rows(const jf_design *design, jf_row_stage stage, size_t m, double *factor,
                             jf_error *err)
{
    jf_status status = JF_OK;
    jf_triangle *t = NULL;

    JF_TRY(jf_triangle_new(m, design->n, &t, err));
    JF_TRY(jf_design_pass(design, stage, add_rows, t, err));
    jf_triangle_close(t);
    for (size_t j = 0; j < m; j++)
        for (size_t i = 0; i < m; i++) factor[i + j * m] = jf_triangle_r(t, i, j);
done:
    jf_triangle_free(t);
    return status;
}

static size_t find_rank(const double *triangle, size_t p, size_t most)
{
    size_t rank = 0;

    while (rank < most && fabs(triangle[rank + rank * p]) > RANK_TOLERANCE * fabs(triangle[0])) rank++;
    return rank;
}

/* Orders the columns of the triangle so that those that depend on others come last. */
static jf_status pivot_triangle(jf_design *design, double *triangle, jf_error *err)
{
    jf_status status = JF_OK;
    size_t p = design->p;
    int *pivot = JF_NEW_ZEROED(int, p);
    double *tau = JF_NEW_ARRAY(double, p);

    JF_TRY_NEW(pivot && tau ? tau : NULL, err, "the factored Jacobian");
    if (LAPACKE_dgeqp3(LAPACK_COL_MAJOR, (lapack_int)p, (lapack_int)p, triangle, (lapack_int)p, pivot, tau) !=
        0)
        JF_TRY(jf_fail(err, JF_EFIT, "the Jacobian could not be factored"));
    for (size_t a = 0; a < p; a++) design->order[a] = (size_t)pivot[a] - 1;
    design->rank = find_rank(triangle, p, design->n < p ? design->n : p);
    for (size_t j = 0; j < design->rank; j++)
        for (size_t i = 0; i < design->rank; i++)
            design->first[i + j * design->rank] = i <= j ? triangle[i + j * p] : 0;
done:
    jf_free(pivot);
    jf_free(tau);
    return status;
}

static jf_status factor_pivoted(jf_design *design, double *triangle, jf_error *err)
{
    jf_status status = JF_OK;

    JF_TRY(factor_rows(design, JF_ROWS_SCALED, design->p, triangle, err));
    JF_TRY(pivot_triangle(design, triangle, err));
    JF_TRY(jf_design_advance(design, JF_ROWS_FIRST, err));
    if (design->rank) JF_TRY(factor_rows(design, JF_ROWS_FIRST, design->rank, design->second, err));
done:
    return status;
}

jf_status jf_design_factor(jf_design *design, double **pivoted, jf_error *err)
{
    jf_status status = JF_OK;
    size_t p = design->p;
    double *triangle = NULL;
    bool told = false;

    *pivoted = NULL;
    JF_TRY(jf_design_advance(design, JF_ROWS_SCALED, err));
    if (design->n > p && p) JF_TRY(factor_plain(design, &told, err));
    if (!told && p) {
        triangle = JF_NEW_ZEROED(double, p *p);
        JF_TRY_NEW(triangle, err, "the factored Jacobian");
        JF_TRY(factor_pivoted(design, triangle, err));
    }
    JF_TRY(jf_design_advance(design, JF_ROWS_Q, err));
    *pivoted = triangle;
    triangle = NULL;
done:
    jf_free(triangle);
    return status;
}
