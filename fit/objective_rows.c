/* What single rows of an objective come to: reduced to a triangle, or copied out. */
#include <math.h>
#include <string.h>
#include "fit/objective_parts.h"

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

bool jf_objective_triangle(jf_objective *o, const double *theta, const long *column, const double *scale,
                           jf_triangle *triangle)
{
    reduction to = {triangle, column, scale, true};

    return jf_objective_visit(o, theta, JF_GRADIENT, reduce, &to) && to.finite;
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
