/* Loss, gradient and second derivatives of an objective, summed in one pass. */
#include <math.h>
#include <string.h>
#include "core/expr/kernels.h"
#include "fit/problem/loops.h"
#include "fit/problem/objective_parts.h"

typedef struct gathering {
    jf_sums *sums;
    bool exact, squares;
} gathering;

/* out[parameter touched] += sign * sum of a_i b_i. */
static void add_vector(const jf_touch *touch, size_t n, const double *a, const double *b, double sign,
                       double *out)
{
    if (!touch->codes) {
        out[touch->first] += sign * cblas_ddot((int)n, a, 1, b, 1);
        return;
    }
    for (size_t i = 0; i < n; i++)
        if (touch->codes[i] >= 0) out[touch->first + (size_t)touch->codes[i]] += sign * a[i] * b[i];
}

static void add_entry(double *matrix, size_t k, size_t i, size_t j, double x)
{
    matrix[i < j ? i + j * k : j + i * k] += x; /* upper triangle */
}

/* matrix[touched by a, touched by b] += sign * sum of u_i v_i. */
static void add_matrix(const jf_touch *a, const jf_touch *b, size_t n, const double *u, const double *v,
                       double sign, double *matrix, size_t k)
{
    if (!a->codes && !b->codes) {
        add_entry(matrix, k, a->first, b->first, sign * cblas_ddot((int)n, u, 1, v, 1));
        return;
    }
    for (size_t i = 0; i < n; i++) {
        long row = jf_touched(a, i), column = jf_touched(b, i);

        if (row >= 0 && column >= 0) add_entry(matrix, k, (size_t)row, (size_t)column, sign * u[i] * v[i]);
    }
}

/* Adds the sum of weight * J_a J_b. */
static void add_pair(jf_objective *o, const jf_rows *rows, size_t b, const jf_touch *touch, double *matrix)
{
    jf_touch other = jf_rows_touch(o, rows, b);

    add_matrix(touch, &other, rows->n, o->row, rows->slots[b], 1, matrix, o->k);
}

/* sum of weight * J_a J_b over used slots b <= a that are not both dense, into `matrix`. */
static void add_products(jf_objective *o, const jf_rows *rows, size_t a, const jf_touch *touch,
                         const double *weight, double *matrix)
{
    bool begun = false;

    for (size_t b = 0; b <= a; b++) {
        if (!o->used[b] || (o->is_dense[a] && o->is_dense[b])) continue;
        if (!begun) o->loops->multiply(rows->n, weight, rows->slots[a], o->row);
        begun = true;
        add_pair(o, rows, b, touch, matrix);
    }
}

void jf_rows_normal(jf_objective *o, const jf_rows *rows, const bool *chosen, const double *weight,
                    const double *pull, double *normal, double *right)
{
    for (size_t a = 0; a < o->n_slots; a++) {
        jf_touch touch;

        if (!chosen[a]) continue;
        touch = jf_rows_touch(o, rows, a);
        o->loops->multiply(rows->n, weight, rows->slots[a], o->row);
        for (size_t b = 0; b <= a; b++)
            if (chosen[b]) add_pair(o, rows, b, &touch, normal);
        if (right) add_vector(&touch, rows->n, pull, rows->slots[a], 1, right);
    }
}

/* Two plain slots: gather_dense has added their second derivative. */
static bool is_curved_pair(const jf_objective *o, size_t a, size_t b)
{
    return o->is_dense[a] && o->is_dense[b] && !jf_formula_slot(o->problem->formula, a)->is_levels &&
           !jf_formula_slot(o->problem->formula, b)->is_levels;
}

/* minus the sum of psi * d2 value over slots b <= a that gather_dense leaves out. */
static void add_curvature(jf_objective *o, const jf_rows *rows, size_t a, const jf_touch *touch,
                          double *matrix)
{
    for (size_t b = 0; b <= a; b++) {
        const double *second = rows->pairs[a * (a + 1) / 2 + b];
        jf_touch other;

        if (!second || !o->used[b] || is_curved_pair(o, a, b)) continue;
        other = jf_rows_touch(o, rows, b);
        add_matrix(touch, &other, rows->n, o->psi, second, -1, matrix, o->k);
    }
}

/* Zeros in the rows up to the next whole step of the loops. */
static void pad(double *x, size_t n)
{
    for (size_t i = n; i % JF_LANES; i++) x[i] = 0;
}

/* As many weights of one as any block has rows, and zeros behind them. */
static const double ones[JF_BLOCK + JF_LANES] = {[0 ... JF_BLOCK - 1] = 1};

/* The weights of the block, with zeros behind them. */
static const double *find_weights(jf_objective *o, const jf_rows *rows)
{
    if (!rows->weight) return ones + JF_BLOCK - rows->n;
    memcpy(o->row, rows->weight, rows->n * sizeof *o->row);
    pad(o->row, rows->n);
    return o->row;
}

/* psi, bend, omega and the sums that depend on residuals only. */
static void gather_residuals(jf_objective *o, const jf_rows *rows, gathering *g)
{
    double loss =
        jf_penalty_block(&o->penalty, rows->n, rows->residual, rows->weight, o->psi, o->bend, o->omega);

    pad(o->psi, rows->n);
    pad(o->bend, rows->n);
    pad(o->omega, rows->n);
    jf_twofold_add(&g->sums->loss, loss);
    jf_twofold_add(&g->sums->size, g->squares ? 2 * loss : o->loops->pulls(rows->n, o->psi, rows->weight));
}

/* Points o->columns at the derivatives of the block. */
static void find_columns(jf_objective *o, const jf_rows *rows)
{
    double *room = o->expanded;

    for (size_t d = 0; d < o->n_dense; d++) {
        const jf_dense *dense = &o->dense[d];

        o->columns[d] = rows->slots[dense->slot];
        if (dense->level < 0) continue;
        o->loops->pick(rows->n, jf_rows_touch(o, rows, dense->slot).codes, dense->level, o->columns[d], room);
        o->columns[d] = room;
        room += JF_BLOCK;
    }
}

/* matrix += the sum of weight J J' over dense columns. */
static void add_gram(jf_objective *o, const jf_rows *rows, const double *weight, double *matrix)
{
    const double *packed = o->packed;

    o->loops->gram(rows->n, o->n_dense, o->columns, weight, o->packed);
    for (size_t a = 0; a < o->n_dense; a++)
        for (size_t b = 0; b <= a; b++)
            add_entry(matrix, o->k, o->dense[a].parameter, o->dense[b].parameter, *packed++);
}

static void gather_dense(jf_objective *o, const jf_rows *rows, gathering *g)
{
    jf_point *point = &g->sums->point;
    size_t n = 0;

    find_columns(o, rows);
    o->loops->products(rows->n, o->n_dense, o->columns, o->psi, o->packed);
    for (size_t d = 0; d < o->n_dense; d++) point->gradient[o->dense[d].parameter] -= o->packed[d];
    add_gram(o, rows, o->omega, point->normal);
    if (!g->squares) {
        o->loops->squares(rows->n, o->n_dense, o->columns, find_weights(o, rows), o->packed);
        for (size_t d = 0; d < o->n_dense; d++) point->length[o->dense[d].parameter] += o->packed[d];
        if (g->exact) add_gram(o, rows, o->bend, point->hessian);
    }
    if (!g->exact) return;
    for (size_t c = 0; c < o->n_curved; c++) /* a hinge has a pair in its knot that is zero: NULL */
        if (rows->pairs[o->curved[c].pair]) o->second[n++] = rows->pairs[o->curved[c].pair];
    o->loops->products(rows->n, n, o->second, o->psi, o->packed);
    for (size_t c = 0, i = 0; c < o->n_curved; c++)
        if (rows->pairs[o->curved[c].pair])
            add_entry(point->hessian, o->k, o->curved[c].first, o->curved[c].second, -o->packed[i++]);
}

/* What is not dense: slots of many levels, and second derivatives by levels. */
static void gather_sparse(jf_objective *o, const jf_rows *rows, size_t a, gathering *g)
{
    jf_point *point = &g->sums->point;
    const double *slope = rows->slots[a];
    jf_touch touch = jf_rows_touch(o, rows, a);

    add_products(o, rows, a, &touch, o->omega, point->normal);
    if (!g->squares && g->exact) add_products(o, rows, a, &touch, o->bend, point->hessian);
    if (g->exact) add_curvature(o, rows, a, &touch, point->hessian);
    if (o->is_dense[a]) return;
    add_vector(&touch, rows->n, o->psi, slope, -1, point->gradient);
    if (g->squares) return;
    for (size_t i = 0; i < rows->n; i++) o->row[i] = (rows->weight ? rows->weight[i] : 1) * slope[i];
    add_vector(&touch, rows->n, o->row, slope, 1, point->length);
}

static void gather(jf_objective *o, const jf_rows *rows, void *context)
{
    gathering *g = context;

    gather_residuals(o, rows, g);
    gather_dense(o, rows, g);
    for (size_t a = 0; a < o->n_slots && !o->all_plain; a++)
        if (o->used[a]) gather_sparse(o, rows, a, g);
}

static void mirror(double *matrix, size_t k)
{
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i < j; i++) matrix[j + i * k] = matrix[i + j * k];
}

static void clear_sums(size_t k, bool exact, jf_sums *sums)
{
    memset(sums->point.gradient, 0, (2 * k + (exact ? 2 : 1) * k * k) * sizeof(double));
    sums->loss = sums->size = (jf_twofold){0, 0};
}

void jf_sums_rows(jf_objective *o, const double *theta, size_t begin, size_t end, bool exact, jf_sums *sums)
{
    gathering g = {.sums = sums, .exact = exact, .squares = o->penalty.loss.kind == JF_LOSS_LS};
    jf_order order = exact ? JF_HESSIAN : JF_GRADIENT;

    clear_sums(o->k, exact, sums);
    sums->finite = jf_objective_visit_some(o, theta, order, begin, end, gather, &g);
}

bool jf_objective_at(jf_objective *o, jf_point *point, bool exact)
{
    size_t k = o->k;
    bool squares = o->penalty.loss.kind == JF_LOSS_LS;
    jf_sums sums = {.point = *point};

    o->evaluations++;
    if (o->n > JF_CHUNK_ROWS) {
        clear_sums(k, exact, &sums);
        sums.finite = jf_team_sum(o, point->theta, exact, &sums);
    } else {
        jf_sums_rows(o, point->theta, 0, o->n, exact, &sums);
    }
    if (!sums.finite) return false;
    point->loss = jf_twofold_value(&sums.loss);
    point->size = sqrt(jf_twofold_value(&sums.size));
    for (size_t j = 0; j < k; j++)
        point->length[j] = sqrt(squares ? point->normal[j + j * k] : point->length[j]);
    if (exact && squares)
        for (size_t i = 0; i < k * k; i++) point->hessian[i] += point->normal[i];
    mirror(point->normal, k);
    if (exact) mirror(point->hessian, k);
    return isfinite(point->loss) && jf_all_finite(point->gradient, k) &&
           jf_all_finite(point->normal, k * k) && (!exact || jf_all_finite(point->hessian, k * k));
}
