/* What single rows of an objective come to: reduced to a triangle, or copied out. */
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "fit/problem/objective_parts.h"

typedef struct reduction {
    jf_triangle *triangle;
    const long *column;
    const double *scale;
    bool finite;
} reduction;

static void reduce(jf_objective *o, const jf_rows *rows, void *context)
{
    reduction *to = context;
    jf_triangle *t = to->triangle;
    double *place = jf_triangle_rows(t, rows->n);

    jf_penalty_block(&o->penalty, rows->n, rows->residual, rows->weight, o->psi, NULL, o->omega);
    for (size_t i = 0; i < rows->n; i++) {
        o->omega[i] = sqrt(o->omega[i]);
        place[i + t->k * t->capacity] = o->omega[i] * rows->residual[i];
    }
    for (size_t a = 0; a < o->n_slots; a++) {
        jf_touch touch;

        if (!o->used[a]) continue;
        touch = jf_rows_touch(o, rows, a);
        to->finite = to->finite && jf_all_finite(rows->slots[a], rows->n);
        for (size_t i = 0; i < rows->n; i++) {
            long j = jf_touched(&touch, i), column = j >= 0 && to->column ? to->column[j] : j;

            if (column < 0) continue;
            place[i + (size_t)column * t->capacity] =
                o->omega[i] * rows->slots[a][i] / (to->scale ? to->scale[j] : 1);
        }
    }
}

/* ---- many rows: a triangle for each chunk, over threads ---- */

/* Triangles of more columns cost more to join than their rows to reduce. */
enum { MOST_COLUMNS_JOINED = JF_CHUNK_ROWS / 16, ROWS_JOINED = 256 };

typedef struct chunks {
    const reduction *to;
    const double *theta;
    jf_triangle **parts;
} chunks;

static bool reduce_chunk(jf_objective *member, size_t begin, size_t end, size_t part, void *context)
{
    chunks *c = context;
    reduction to = *c->to;

    to.triangle = c->parts[part];
    jf_triangle_reset(to.triangle, c->to->triangle->k);
    if (!jf_objective_visit_some(member, c->theta, JF_GRADIENT, begin, end, reduce, &to)) return false;
    jf_triangle_close(to.triangle);
    return to.finite;
}

/* The rows of a chunk's triangle, that of its rest included, go under those of the whole. */
static bool join_chunk(size_t part, void *context)
{
    chunks *c = context;
    const jf_triangle *from = c->parts[part];
    size_t n = from->k + 1;

    for (size_t row = 0; row < n; row += ROWS_JOINED) {
        size_t rows = n - row < ROWS_JOINED ? n - row : ROWS_JOINED;
        double *place = jf_triangle_rows(c->to->triangle, rows);

        for (size_t j = 0; j < n; j++)
            memcpy(place + j * c->to->triangle->capacity, from->stack + row + j * from->capacity,
                   rows * sizeof *place);
    }
    return true;
}

static bool reduce_chunks(jf_objective *o, const double *theta, const reduction *to)
{
    size_t k = to->triangle->k, n = jf_team_parts(o, (k + 1) * to->triangle->capacity * sizeof(double));
    chunks c = {.to = to, .theta = theta, .parts = JF_NEW_ZEROED(jf_triangle *, n)};
    bool finite;

    o->starved = o->starved || !c.parts;
    for (size_t i = 0; !o->starved && i < n; i++)
        o->starved = jf_triangle_new(k, JF_CHUNK_ROWS, &c.parts[i], NULL) != JF_OK;
    finite = n && !o->starved && jf_team_run(o, &(jf_team_pass){n, reduce_chunk, join_chunk, &c});
    for (size_t i = 0; c.parts && i < n; i++) jf_triangle_free(c.parts[i]);
    jf_free(c.parts);
    return finite;
}

bool jf_objective_triangle(jf_objective *o, const double *theta, const long *column, const double *scale,
                           jf_triangle *triangle)
{
    reduction to = {triangle, column, scale, true};

    if (o->n <= JF_CHUNK_ROWS || triangle->k > MOST_COLUMNS_JOINED)
        return jf_objective_visit(o, theta, JF_GRADIENT, reduce, &to) && to.finite;
    o->evaluations++;
    return reduce_chunks(o, theta, &to);
}

typedef struct copying {
    double *residual, *jacobian;
} copying;

static void copy_rows(jf_objective *o, const jf_rows *rows, void *context)
{
    copying *to = context;

    memcpy(to->residual + rows->row, rows->residual, rows->n * sizeof(double));
    if (!to->jacobian) return;
    for (size_t a = 0; a < o->n_slots; a++) {
        jf_touch touch = jf_rows_touch(o, rows, a);

        for (size_t i = 0; i < rows->n; i++) {
            long j = jf_touched(&touch, i);

            if (j >= 0) to->jacobian[rows->row + i + (size_t)j * o->n] = rows->slots[a][i];
        }
    }
}

bool jf_objective_rows(jf_objective *o, const double *theta, double *residual, double *jacobian)
{
    copying to = {residual, jacobian};

    if (jacobian) memset(jacobian, 0, o->n * o->k * sizeof *jacobian);
    if (!jf_objective_visit(o, theta, jacobian ? JF_GRADIENT : JF_VALUE, copy_rows, &to)) return false;
    return !jacobian || jf_all_finite(jacobian, o->n * o->k);
}

static void find_largest(jf_objective *o, const jf_rows *rows, void *context)
{
    double *largest = context;

    for (size_t a = 0; a < o->n_slots; a++) {
        jf_touch touch = jf_rows_touch(o, rows, a);

        for (size_t i = 0; o->used[a] && i < rows->n; i++) {
            long j = jf_touched(&touch, i);
            double size = fabs(rows->slots[a][i]);

            if (j >= 0 && !(size <= largest[j])) largest[j] = isfinite(size) ? size : INFINITY;
        }
    }
}

void jf_objective_largest(jf_objective *o, const double *theta, double *largest)
{
    memset(largest, 0, o->k * sizeof *largest);
    jf_objective_visit(o, theta, JF_GRADIENT, find_largest, largest);
}
