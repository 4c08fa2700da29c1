/* Down along edges to the vertex with the lowest loss. */
#include "fit/solve/vertex.h"

#include <cblas.h>
#include <float.h>
#include <lapacke.h>
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "fit/problem/objective_parts.h"
#include "fit/solve/vertex_parts.h"

/* Slopes along an edge that are smaller than this fraction of their terms are none. */
static const double LEVEL = 1e-11;
/* Shifts that tell ties apart, as a fraction of the largest residual or response. */
static const double SHIFT = 1e-9;
enum { EDGES_A_REFRESH = 30, MOST_EDGES = 500, EDGES_A_COORDINATE = 50 };

static void vertex_clear(jf_vertex *v)
{
    jf_free(v->column);
    jf_free(v->index);
    jf_free(v->unit);
    jf_free(v->items);
    jf_free(v->first);
    jf_free(v->basic);
    jf_free(v->heap);
}

static double *carve(double **memory, size_t n)
{
    double *part = *memory;

    *memory += n;
    return part;
}

/* vertex_clear takes what a failure leaves. */
static jf_status vertex_new(jf_objective *o, const double *base, jf_vertex *v, jf_error *err)
{
    size_t k = o->k, m;
    double *memory;

    *v = (jf_vertex){.o = o, .base = base, .k = k, .n = o->n, .m = jf_problem_n_free(o->problem)};
    m = v->m;
    jf_loss_kink(&o->penalty.loss, &v->left, &v->right);
    v->column = JF_NEW_ARRAY(long, k);
    v->index = JF_NEW_ARRAY(size_t, m);
    v->unit = JF_NEW_ZEROED(double, 8 * m + 2 * m * m + k);
    v->items = JF_NEW_ZEROED(jf_item, m);
    v->first = JF_NEW_ZEROED(double, 3 * v->n);
    v->basic = JF_NEW_ZEROED(bool, v->n);
    v->heap = JF_NEW_ARRAY(jf_stop, v->n);
    if (!v->column || !v->index || !v->unit || !v->items || !v->first || !v->basic || !v->heap)
        return jf_fail(err, JF_ENOMEM, "out of memory for a solver");
    memory = v->unit + m;
    v->total = carve(&memory, m);
    v->low = carve(&memory, m);
    v->high = carve(&memory, m);
    v->x = carve(&memory, m);
    v->gradient = carve(&memory, m);
    v->pull = carve(&memory, m);
    v->edge = carve(&memory, m);
    v->move = carve(&memory, k);
    v->rows = carve(&memory, m * m);
    v->inverse = carve(&memory, m * m);
    v->residual = v->first + v->n;
    v->along = v->residual + v->n;
    for (size_t j = 0, at = 0; j < k; j++) {
        v->column[j] = o->problem->fixed[j] ? -1 : (long)at;
        if (!o->problem->fixed[j]) v->index[at++] = j;
    }
    return JF_OK;
}

/* ---- items ----------------------------------------------------------------------------------------------
 */

/* The item's derivatives by x. */
static void write_item(jf_vertex *v, size_t p)
{
    double *row = v->rows + p * v->m;

    if (v->items[p].kind == JF_ITEM_ROW) {
        jf_vertex_row(v, v->items[p].index, row);
        return;
    }
    memset(row, 0, v->m * sizeof *row);
    row[v->items[p].index] = 1;
}

/* Nothing keeps x but the bounds that it is at. */
static void start(jf_vertex *v)
{
    memset(v->basic, 0, v->n * sizeof *v->basic);
    memset(v->inverse, 0, v->m * v->m * sizeof(double));
    for (size_t j = 0; j < v->m; j++) {
        jf_item_kind kind = v->x[j] <= v->low[j]    ? JF_ITEM_LOW
                            : v->x[j] >= v->high[j] ? JF_ITEM_HIGH
                                                    : JF_ITEM_OPEN;

        v->items[j] = (jf_item){kind, j};
        v->inverse[j + j * v->m] = 1;
        write_item(v, j);
    }
}

/* The inverse anew from the items. False where they have become dependent. */
static bool factor(jf_vertex *v)
{
    lapack_int m = (lapack_int)v->m, *pivot = JF_NEW_ARRAY(lapack_int, v->m);
    bool done;

    v->o->starved = v->o->starved || !pivot;
    /* row-major rows are the columns of the transpose: its inverse, transposed, is what is wanted */
    memcpy(v->inverse, v->rows, v->m * v->m * sizeof(double));
    done = pivot && LAPACKE_dgetrf(LAPACK_ROW_MAJOR, m, m, v->inverse, m, pivot) == 0 &&
           LAPACKE_dgetri(LAPACK_ROW_MAJOR, m, v->inverse, m, pivot) == 0;
    jf_free(pivot);
    for (size_t i = 0; done && i < v->m; i++)
        for (size_t j = 0; j < i; j++) {
            double kept = v->inverse[i * v->m + j];

            v->inverse[i * v->m + j] = v->inverse[j * v->m + i];
            v->inverse[j * v->m + i] = kept;
        }
    return done && jf_all_finite(v->inverse, v->m * v->m);
}

/* Puts `end` in place of item p (Sherman and Morrison). */
static void exchange(jf_vertex *v, size_t p, jf_item end)
{
    size_t m = v->m;
    double *moved = v->inverse + p * m, pivot;

    if (v->items[p].kind == JF_ITEM_ROW) v->basic[v->items[p].index] = false;
    v->items[p] = end;
    if (end.kind == JF_ITEM_ROW) v->basic[end.index] = true;
    write_item(v, p);
    pivot = cblas_ddot((int)m, v->rows + p * m, 1, moved, 1);
    cblas_dscal((int)m, 1 / pivot, moved, 1);
    for (size_t q = 0; q < m; q++) {
        double part = q == p ? 0 : cblas_ddot((int)m, v->rows + p * m, 1, v->inverse + q * m, 1);

        if (part != 0) cblas_daxpy((int)m, -part, moved, 1, v->inverse + q * m, 1);
    }
}

/* What item p wants its derivatives' product with x to be. */
static double aim_of(const jf_vertex *v, size_t p)
{
    jf_item item = v->items[p];

    if (item.kind == JF_ITEM_ROW) return v->first[item.index] + v->shift * jf_vertex_shift(item.index);
    return item.kind == JF_ITEM_LOW    ? v->low[item.index]
           : item.kind == JF_ITEM_HIGH ? v->high[item.index]
                                       : v->x[item.index];
}

/* x onto the vertex of its items. */
static void place(jf_vertex *v)
{
    for (int again = 0; again < 3; again++)
        for (size_t p = 0; p < v->m; p++) {
            double left = aim_of(v, p) - cblas_ddot((int)v->m, v->rows + p * v->m, 1, v->x, 1);

            cblas_daxpy((int)v->m, left, v->inverse + p * v->m, 1, v->x, 1);
        }
}

static bool inside(const jf_vertex *v)
{
    for (size_t j = 0; j < v->m; j++) {
        double slack = 1e-12 * (fabs(v->x[j]) + DBL_MIN);

        if (v->x[j] < v->low[j] - slack || v->x[j] > v->high[j] + slack) return false;
    }
    return true;
}

/* Everything that errors have crept into, anew; where the vertex cannot be had, from where x is. */
static void refresh(jf_vertex *v)
{
    if (factor(v)) {
        memcpy(v->edge, v->x, v->m * sizeof(double));
        place(v);
        if (!inside(v) || !jf_all_finite(v->x, v->m)) {
            memcpy(v->x, v->edge, v->m * sizeof(double));
            start(v);
        }
    } else {
        start(v);
    }
    for (size_t j = 0; j < v->m; j++) v->x[j] = fmin(fmax(v->x[j], v->low[j]), v->high[j]);
    jf_vertex_residuals(v);
}

/* ---- edges -----------------------------------------------------------------------------------------------
 */

static double weight_of(const jf_vertex *v, size_t row)
{
    return v->o->problem->weight ? v->o->problem->weight[row] : 1;
}

/* Slope of the loss as item p moves up or down (side 1, -1) alone; none where it may not. */
static double slope_of(const jf_vertex *v, size_t p, int side)
{
    jf_item item = v->items[p];
    double slope = side * v->pull[p];

    if ((item.kind == JF_ITEM_LOW && side < 0) || (item.kind == JF_ITEM_HIGH && side > 0)) return 0;
    if (item.kind == JF_ITEM_ROW) slope += weight_of(v, item.index) * (side > 0 ? -v->left : v->right);
    return slope;
}

/* Size of the terms that make up the slope along item p's edge. */
static double terms_of(const jf_vertex *v, size_t p)
{
    double sum = 0;

    for (size_t j = 0; j < v->m; j++) sum += fabs(v->inverse[j + p * v->m]) * v->total[j];
    return sum;
}

static void find_pulls(jf_vertex *v)
{
    jf_vertex_slope(v);
    for (size_t p = 0; p < v->m; p++)
        v->pull[p] = cblas_ddot((int)v->m, v->inverse + p * v->m, 1, v->gradient, 1);
}

/* The edge that leads down most steeply for its terms; false where none does. */
static bool choose_edge(const jf_vertex *v, size_t *item, int *side)
{
    double steepest = -LEVEL;

    for (size_t p = 0; p < v->m; p++) {
        double terms = terms_of(v, p);

        for (int way = -1; way <= 1; way += 2) {
            double slope = terms > 0 ? slope_of(v, p, way) / terms : 0;

            if (!(slope < steepest)) continue;
            steepest = slope;
            *item = p;
            *side = way;
        }
    }
    return steepest < -LEVEL;
}

/* Along the edge of item p to where the loss no longer falls; false where nothing ends it. */
static bool travel(jf_vertex *v, size_t p, int side, double slope)
{
    double distance;
    jf_item end;

    for (size_t j = 0; j < v->m; j++) v->edge[j] = side * v->inverse[j + p * v->m];
    jf_vertex_look_along(v, v->edge);
    if (!jf_vertex_travel(v, slope, &distance, &end)) return false;
    cblas_daxpy((int)v->m, distance, v->edge, 1, v->x, 1);
    cblas_daxpy((int)v->n, -distance, v->along, 1, v->residual, 1);
    if (end.kind == JF_ITEM_ROW)
        v->residual[end.index] = 0;
    else
        v->x[end.index] = end.kind == JF_ITEM_LOW ? v->low[end.index] : v->high[end.index];
    for (size_t q = 0; q < v->m; q++)
        if (q != p && v->items[q].kind == JF_ITEM_ROW) v->residual[v->items[q].index] = 0;
    exchange(v, p, end);
    return true;
}

/* Down until no edge leads down; false where that takes too many. */
static bool descend(jf_vertex *v)
{
    size_t most = MOST_EDGES + EDGES_A_COORDINATE * v->m;

    for (size_t done = 1; done <= most; done++) {
        size_t p = 0;
        int side = 1;

        find_pulls(v);
        if (!choose_edge(v, &p, &side)) return true;
        if (!travel(v, p, side, slope_of(v, p, side))) return false;
        if (done % EDGES_A_REFRESH == 0) refresh(v);
    }
    return false;
}

/* Coordinates that are open though rows would tell them: the loss is level there, and any end of the level
 * stretch will do. True where one was closed. */
static bool close_open(jf_vertex *v)
{
    bool closed = false;

    for (size_t p = 0; p < v->m; p++)
        for (int side = -1; side <= 1 && v->items[p].kind == JF_ITEM_OPEN; side += 2)
            closed = travel(v, p, side, 0) || closed;
    return closed;
}

static bool settle(jf_vertex *v, double shift)
{
    v->shift = shift;
    refresh(v);
    do {
        if (!descend(v)) return false;
    } while (close_open(v));
    return true;
}

/* ---- the result ------------------------------------------------------------------------------------------
 */

static double linear_loss(const jf_vertex *v)
{
    const jf_problem *p = v->o->problem;
    jf_penalty exact = {v->o->penalty.loss, 0};
    double sum = 0;

    for (size_t row = 0; row < v->n; row += JF_BLOCK) {
        size_t n = v->n - row < JF_BLOCK ? v->n - row : JF_BLOCK;

        sum += jf_penalty_block(&exact, n, v->residual + row, p->weight ? p->weight + row : NULL, v->o->psi,
                                NULL, NULL);
    }
    return sum;
}

/* The pull of item p as far as it can be met: by a slope within the kink, or by a bound. */
static double met(const jf_vertex *v, size_t p)
{
    jf_item item = v->items[p];
    double w;

    if (item.kind == JF_ITEM_LOW) return fmax(v->pull[p], 0);
    if (item.kind == JF_ITEM_HIGH) return fmin(v->pull[p], 0);
    if (item.kind == JF_ITEM_OPEN) return 0;
    w = weight_of(v, item.index);
    return fmin(fmax(v->pull[p], w * v->left), w * v->right);
}

/* What the multipliers leave of the gradient, in units of columns of length one. */
static double unmet_gradient(jf_vertex *v)
{
    double worst = 0;

    for (size_t p = 0; p < v->m; p++)
        cblas_daxpy((int)v->m, -met(v, p), v->rows + p * v->m, 1, v->gradient, 1);
    for (size_t j = 0; j < v->m; j++) worst = fmax(worst, fabs(v->gradient[j]));
    return v->size > 0 ? worst / sqrt(v->size) : worst;
}

static void report(jf_vertex *v, bool settled, const double *lower, const double *upper, jf_minimum *minimum)
{
    memset(minimum->bound, 0, v->k * sizeof *minimum->bound);
    memset(minimum->unidentified, 0, v->k * sizeof *minimum->unidentified);
    minimum->rank = v->m;
    find_pulls(v);
    for (size_t j = 0; j < v->m; j++) minimum->theta[v->index[j]] += v->x[j] * v->unit[j];
    for (size_t p = 0; p < v->m; p++) {
        jf_item item = v->items[p];
        size_t parameter;
        bool presses = fabs(v->pull[p]) > LEVEL * terms_of(v, p);

        if (item.kind == JF_ITEM_ROW) continue;
        parameter = v->index[item.index];
        if (item.kind == JF_ITEM_OPEN) minimum->unidentified[parameter] = true;
        if (item.kind == JF_ITEM_OPEN || presses) minimum->rank--;
        if (item.kind == JF_ITEM_OPEN) continue;
        minimum->theta[parameter] = item.kind == JF_ITEM_LOW ? lower[parameter] : upper[parameter];
        if (presses) minimum->bound[parameter] = item.kind == JF_ITEM_LOW ? -1 : 1;
    }
    minimum->loss = linear_loss(v);
    minimum->scaled_gradient = unmet_gradient(v);
    minimum->converged = settled;
}

static double largest_residual(const jf_vertex *v)
{
    double largest = 0;

    for (size_t i = 0; i < v->n; i++)
        largest = fmax(largest, fmax(fabs(v->first[i]), fabs(v->o->problem->response[i])));
    return largest;
}

jf_status jf_vertex_find(jf_objective *o, const double *lower, const double *upper, jf_minimum *minimum,
                         jf_error *err)
{
    jf_status status = JF_OK;
    double *base = JF_NEW_ARRAY(double, o->k);
    jf_vertex v = {0};
    bool settled;

    JF_TRY_NEW(base, err, "a solver");
    memcpy(base, minimum->theta, o->k * sizeof *base);
    JF_TRY(vertex_new(o, base, &v, err));
    if (!jf_vertex_begin(&v)) JF_TRY(jf_fail(err, JF_EFIT, "the law or a derivative is not finite"));
    for (size_t j = 0; j < v.m; j++) {
        v.low[j] = (lower[v.index[j]] - base[v.index[j]]) / v.unit[j];
        v.high[j] = (upper[v.index[j]] - base[v.index[j]]) / v.unit[j];
    }
    start(&v);
    settled = settle(&v, SHIFT * largest_residual(&v));
    settled = settle(&v, 0) && settled;
    report(&v, settled, lower, upper, minimum);
done:
    vertex_clear(&v);
    jf_free(base);
    return status;
}
