/* Passes over the rows for the vertex method, and how far an edge goes. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/memory.h"
#include "core/stream.h"
#include "fit/problem/objective_parts.h"
#include "fit/solve/vertex_parts.h"

/* Parts of a row's derivatives by a direction that are smaller than this fraction of it are rounding. */
static const double LEAST_CHANGE = 1e-11;
/* A residual of nothing but rounding still has the side that its shift had. */
static const double LEAST_SHIFT = 1e-200;

double jf_vertex_shift(size_t row)
{
    jf_stream stream = jf_stream_make(JF_DEFAULT_SEED, JF_FOR_NOISE, row);
    double u = jf_stream_uniform(&stream) - 0.5;

    return u < 0 ? u - 0.5 : u + 0.5;
}

static double weight_of(const jf_vertex *v, size_t row)
{
    const double *weight = v->o->problem->weight;

    return weight ? weight[row] : 1;
}

/* ---- the first pass ---- */

typedef struct beginning {
    jf_vertex *v;
    double *square; /* m */
    bool finite;
} beginning;

static void begin_rows(jf_objective *o, const jf_rows *rows, void *context)
{
    beginning *b = context;
    jf_vertex *v = b->v;

    memcpy(v->first + rows->row, rows->residual, rows->n * sizeof(double));
    for (size_t a = 0; a < o->n_slots; a++) {
        jf_touch touch = jf_rows_touch(o, rows, a);

        if (!o->used[a]) continue;
        b->finite = b->finite && jf_all_finite(rows->slots[a], rows->n);
        for (size_t i = 0; i < rows->n; i++) {
            long p = jf_touched(&touch, i), j = p < 0 ? -1 : v->column[p];
            double slope = rows->slots[a][i], w = rows->weight ? rows->weight[i] : 1;

            if (j < 0) continue;
            b->square[j] += w * slope * slope;
            v->total[j] += w * fabs(slope);
        }
    }
}

bool jf_vertex_begin(jf_vertex *v)
{
    beginning b = {.v = v, .square = v->gradient, .finite = true};

    memset(b.square, 0, v->m * sizeof(double));
    memset(v->total, 0, v->m * sizeof(double));
    if (!jf_objective_visit(v->o, v->base, JF_GRADIENT, begin_rows, &b) || !b.finite) return false;
    for (size_t j = 0; j < v->m; j++) {
        v->unit[j] = b.square[j] > 0 ? 1 / sqrt(b.square[j]) : 1;
        v->total[j] *= v->unit[j];
    }
    return jf_all_finite(v->total, v->m) && jf_all_finite(v->unit, v->m);
}

/* ---- others ---- */

static void add_slopes(jf_objective *o, const jf_rows *rows, void *context)
{
    jf_vertex *v = context;

    for (size_t i = 0; i < rows->n; i++) {
        size_t row = rows->row + i;
        double slope = v->residual[row] < 0 ? v->left : v->right, w = rows->weight ? rows->weight[i] : 1;

        o->psi[i] = v->basic[row] ? 0 : w * slope;
        v->size += w * slope * slope;
    }
    for (size_t a = 0; a < o->n_slots; a++) {
        jf_touch touch = jf_rows_touch(o, rows, a);

        for (size_t i = 0; o->used[a] && i < rows->n; i++) {
            long p = jf_touched(&touch, i), j = p < 0 ? -1 : v->column[p];

            if (j >= 0) v->gradient[j] -= o->psi[i] * rows->slots[a][i] * v->unit[j];
        }
    }
}

void jf_vertex_slope(jf_vertex *v)
{
    memset(v->gradient, 0, v->m * sizeof(double));
    v->size = 0;
    jf_objective_visit(v->o, v->base, JF_GRADIENT, add_slopes, v);
}

static void add_along(jf_objective *o, const jf_rows *rows, void *context)
{
    jf_vertex *v = context;
    double *along = v->along + rows->row;

    memset(along, 0, rows->n * sizeof(double));
    memset(o->row, 0, rows->n * sizeof(double));
    for (size_t a = 0; a < o->n_slots; a++) {
        jf_touch touch = jf_rows_touch(o, rows, a);

        for (size_t i = 0; o->used[a] && i < rows->n; i++) {
            long p = jf_touched(&touch, i);
            double part = p < 0 ? 0 : rows->slots[a][i] * v->move[p];

            along[i] += part;
            o->row[i] += fabs(part);
        }
    }
    for (size_t i = 0; i < rows->n; i++)
        if (fabs(along[i]) <= LEAST_CHANGE * o->row[i]) along[i] = 0;
}

void jf_vertex_look_along(jf_vertex *v, const double *direction)
{
    memset(v->move, 0, v->k * sizeof(double));
    for (size_t j = 0; j < v->m; j++) v->move[v->index[j]] = direction[j] * v->unit[j];
    jf_objective_visit(v->o, v->base, JF_GRADIENT, add_along, v);
}

void jf_vertex_residuals(jf_vertex *v)
{
    jf_vertex_look_along(v, v->x);
    for (size_t i = 0; i < v->n; i++) {
        double value = v->first[i] - v->along[i];
        double rounding = 64 * DBL_EPSILON * (fabs(v->o->problem->response[i]) + fabs(v->along[i]));

        if (v->shift == 0 && fabs(value) <= rounding) value = 0;
        v->residual[i] = v->basic[i] ? 0 : value + fmax(v->shift, LEAST_SHIFT) * jf_vertex_shift(i);
    }
}

void jf_vertex_row(jf_vertex *v, size_t row, double *out)
{
    jf_objective *o = v->o;
    const jf_problem *p = o->problem;
    const double *value;

    memset(out, 0, v->m * sizeof(double));
    jf_eval_begin(p->formula, p->inputs, o->arena, v->base, JF_GRADIENT);
    jf_eval_block(p->formula, p->inputs, o->arena, row, 1, &value, o->slots, NULL);
    for (size_t a = 0; a < o->n_slots; a++) {
        jf_touch touch = jf_rows_touch(o, &(jf_rows){.row = row, .n = 1}, a);
        long parameter = o->used[a] ? jf_touched(&touch, 0) : -1;
        long j = parameter < 0 ? -1 : v->column[parameter];

        if (j >= 0) out[j] += o->slots[a][0] * v->unit[j];
    }
}

/* ---- along an edge ---- */

/* A heap with the nearest stop on top. */
static void sink(jf_stop *heap, size_t n, size_t at)
{
    for (;;) {
        size_t child = 2 * at + 1;
        jf_stop kept = heap[at];

        if (child >= n) return;
        if (child + 1 < n && heap[child + 1].distance < heap[child].distance) child++;
        if (heap[at].distance <= heap[child].distance) return;
        heap[at] = heap[child];
        heap[child] = kept;
        at = child;
    }
}

static size_t list_stops(const jf_vertex *v, jf_stop *heap)
{
    size_t n = 0;

    for (size_t i = 0; i < v->n; i++) {
        if (v->basic[i] || v->along[i] == 0 || weight_of(v, i) == 0) continue;
        if (v->residual[i] / v->along[i] > 0) heap[n++] = (jf_stop){v->residual[i] / v->along[i], i};
    }
    for (size_t i = n / 2; i-- > 0;) sink(heap, n, i);
    return n;
}

/* The nearest bound along the edge; the item that moves is none until it meets its other side. */
static void find_bound(const jf_vertex *v, double *distance, jf_item *end)
{
    *distance = INFINITY;
    for (size_t j = 0; j < v->m; j++) {
        double d = v->edge[j], to = d < 0 ? v->low[j] : v->high[j], far;

        if (d == 0 || !isfinite(to)) continue;
        far = fmax((to - v->x[j]) / d, 0);
        if (!(far < *distance)) continue;
        *distance = far;
        *end = (jf_item){d < 0 ? JF_ITEM_LOW : JF_ITEM_HIGH, j};
    }
}

bool jf_vertex_travel(jf_vertex *v, double slope, double *distance, jf_item *end)
{
    jf_stop *heap = v->heap;
    size_t n = list_stops(v, heap);

    find_bound(v, distance, end);
    while (n && heap[0].distance < *distance) {
        size_t row = heap[0].row;

        slope += weight_of(v, row) * (v->right - v->left) * fabs(v->along[row]);
        if (slope >= 0) {
            *distance = heap[0].distance;
            *end = (jf_item){JF_ITEM_ROW, row};
            return true;
        }
        heap[0] = heap[--n];
        sink(heap, n, 0);
    }
    return isfinite(*distance);
}
