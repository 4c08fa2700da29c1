/* The exact end of fits whose loss has a kink at zero. */
#include "fit/solve/kinked.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "fit/solve/bounded.h"

enum { MOST_STEPS = 20 };

/* Rows whose residual is to be zero, and the sums of one pass over all rows. Parameters that are free have
 * columns 0 .. m - 1. */
typedef struct kinked {
    jf_objective *o;
    size_t k, m, n_zero, room;
    double cut; /* rows below this are taken as zero while `choosing` */
    bool choosing;
    size_t *rows;     /* n_zero: row numbers, ascending */
    double *slopes;   /* room x k, row-major */
    double *residual; /* room */
    double *weight;   /* room */
    double *slope;    /* room: within the kink, as solved for last */
    size_t next;      /* index into rows during a pass */
    double *theta, *gradient, *length, *hessian;
    double loss, size;
    size_t *index; /* m: parameter of a column */
} kinked;

static void kinked_clear(kinked *q)
{
    jf_free(q->rows);
    jf_free(q->slopes);
    jf_free(q->theta);
    jf_free(q->index);
}

static bool kinked_new(jf_objective *o, double cut, const jf_minimum *minimum, kinked *q)
{
    size_t k = o->k, room = 4 * k + 32;

    *q = (kinked){.o = o, .k = k, .room = room, .cut = cut};
    q->rows = JF_NEW_ZEROED(size_t, room);
    q->slopes = JF_NEW_ZEROED(double, room *(k + 3));
    q->theta = JF_NEW_ZEROED(double, 3 * k + k * k);
    q->index = JF_NEW_ZEROED(size_t, k);
    if (!q->rows || !q->slopes || !q->theta || !q->index) return false;
    q->residual = q->slopes + room * k;
    q->weight = q->residual + room;
    q->slope = q->weight + room;
    q->gradient = q->theta + k;
    q->length = q->gradient + k;
    q->hessian = q->length + k;
    memcpy(q->theta, minimum->theta, k * sizeof(double));
    for (size_t j = 0; j < k; j++)
        if (!o->problem->fixed[j] && !minimum->bound[j] && !minimum->unidentified[j]) q->index[q->m++] = j;
    return true;
}

/* ---- one pass --------------------------------------------------------------------------------------------
 */

/* The index of a row among those at zero, or -1; chooses them where that is still to be done. */
static long place_of(kinked *q, size_t row, double r)
{
    if (q->choosing && fabs(r) <= q->cut) {
        if (q->n_zero == q->room) return -1;
        q->rows[q->n_zero++] = row;
    }
    if (q->next < q->n_zero && q->rows[q->next] == row) return (long)q->next++;
    return -1;
}

/* What one row adds; its loss' slope is that of its side, or for a row at zero the one solved for. */
static void add_row(kinked *q, const jf_rows *rows, size_t i, double slope, long place)
{
    jf_objective *o = q->o;
    double w = rows->weight ? rows->weight[i] : 1;

    for (size_t a = 0; a < o->n_slots; a++) {
        jf_touch touch = jf_rows_touch(o, rows, a);
        long p = o->used[a] ? jf_touched(&touch, i) : -1;

        if (p < 0) continue;
        if (place >= 0)
            q->slopes[(size_t)place * q->k + (size_t)p] = rows->slots[a][i];
        else
            q->gradient[p] -= w * slope * rows->slots[a][i];
        q->length[p] += w * rows->slots[a][i] * rows->slots[a][i];
        for (size_t b = 0; b <= a; b++) {
            const double *second = rows->pairs[a * (a + 1) / 2 + b];
            jf_touch other = jf_rows_touch(o, rows, b);
            long c = second && o->used[b] ? jf_touched(&other, i) : -1;

            if (c < 0) continue;
            q->hessian[(size_t)p + (size_t)c * q->k] -= w * slope * second[i];
            if (a != b) q->hessian[(size_t)c + (size_t)p * q->k] -= w * slope * second[i];
        }
    }
}

static void look_at_rows(jf_objective *o, const jf_rows *rows, void *context)
{
    kinked *q = context;
    jf_penalty exact = {o->penalty.loss, 0};

    q->loss += jf_penalty_block(&exact, rows->n, rows->residual, rows->weight, o->bend, NULL, NULL);
    jf_penalty_block(&exact, rows->n, rows->residual, NULL, o->psi, NULL, NULL);
    for (size_t i = 0; i < rows->n; i++) {
        long place = place_of(q, rows->row + i, rows->residual[i]);
        double w = rows->weight ? rows->weight[i] : 1, slope = place >= 0 ? q->slope[place] : o->psi[i];

        if (place >= 0) {
            memset(q->slopes + (size_t)place * q->k, 0, q->k * sizeof(double));
            q->residual[place] = rows->residual[i];
            q->weight[place] = w;
        }
        q->size += w * slope * slope;
        add_row(q, rows, i, slope, place);
    }
}

static bool look(kinked *q)
{
    q->next = 0;
    q->loss = q->size = 0;
    memset(q->gradient, 0, (2 * q->k + q->k * q->k) * sizeof(double));
    if (!jf_objective_visit(q->o, q->theta, JF_HESSIAN, look_at_rows, q)) return false;
    for (size_t j = 0; j < q->k; j++) q->length[j] = sqrt(q->length[j]);
    q->size = sqrt(q->size);
    return isfinite(q->loss);
}

/* ---- Newton's step on the conditions of optimality
 * --------------------------------------------------------- */

/* [H -J'] [step ]   [-gradient]
 * [J  0 ] [slope] = [residual ]   with parameters in units of 1 / length and rows times their weight. The
 * least-norm solution, where there are many. */
static bool solve_conditions(kinked *q, double *matrix, double *right)
{
    size_t m = q->m, z = q->n_zero, all = m + z;
    int *pivot = JF_NEW_ZEROED(int, all);
    lapack_int rank;
    bool done = false;

    q->o->starved = q->o->starved || !pivot;
    if (!pivot) return false;
    memset(matrix, 0, all * all * sizeof(double));
    for (size_t b = 0; b < m; b++) {
        size_t j = q->index[b];
        double unit = q->length[j] > 0 ? 1 / q->length[j] : 1;

        right[b] = -q->gradient[j] * unit;
        for (size_t a = 0; a < m; a++) {
            size_t i = q->index[a];

            matrix[a + b * all] = q->hessian[i + j * q->k] * unit / (q->length[i] > 0 ? q->length[i] : 1);
        }
        for (size_t i = 0; i < z; i++) {
            double slope = q->weight[i] * q->slopes[i * q->k + j] * unit;

            matrix[m + i + b * all] = slope;
            matrix[b + (m + i) * all] = -slope;
        }
    }
    for (size_t i = 0; i < z; i++) right[m + i] = q->weight[i] * q->residual[i];
    done = LAPACKE_dgelsy(LAPACK_COL_MAJOR, (int)all, (int)all, 1, matrix, (int)all, right, (int)all, pivot,
                          1e-12, &rank) == 0;
    jf_free(pivot);
    return done;
}

/* Takes the step; false when it leaves the bounds or nothing moves. */
static bool take(kinked *q, const double *solution)
{
    const jf_problem *p = q->o->problem;
    bool moved = false;

    for (size_t b = 0; b < q->m; b++) {
        size_t j = q->index[b];
        double now = q->theta[j] + solution[b] / (q->length[j] > 0 ? q->length[j] : 1);

        if (!(now >= p->lower[j] && now <= p->upper[j])) return false;
        moved = moved || now != q->theta[j];
        q->theta[j] = now;
    }
    for (size_t i = 0; i < q->n_zero; i++) q->slope[i] = solution[q->m + i];
    return moved;
}

/* ---- the check -------------------------------------------------------------------------------------------
 */

/* The slopes within the kink that leave the smallest gradient, by bounded least squares; returns the scaled
 * gradient that is left, or NaN when memory ran out. */
static double check(kinked *q)
{
    size_t z = q->n_zero, m = q->m;
    double *low = JF_NEW_ZEROED(double, 3 * z + 1), left, right, worst = 0;
    signed char *side = JF_NEW_ZEROED(signed char, z + 1);
    jf_status status = JF_OK;
    jf_triangle *t = NULL;

    jf_loss_kink(&q->o->penalty.loss, &left, &right);
    q->o->starved = q->o->starved || !low || !side;
    if (low && side && jf_triangle_new(z, m, &t, NULL) == JF_OK) {
        double *high = low + z, *slope = high + z;

        for (size_t i = 0; i < z; i++) low[i] = left, high[i] = right;
        for (size_t b = 0; b < m; b++) {
            size_t j = q->index[b];
            double *row = jf_triangle_rows(t, 1), unit = q->length[j] > 0 ? 1 / q->length[j] : 1;

            for (size_t i = 0; i < z; i++)
                row[i * t->capacity] = q->weight[i] * q->slopes[i * q->k + j] * unit;
            row[z * t->capacity] = q->gradient[j] * unit;
        }
        jf_triangle_close(t);
        if (z) status = jf_bounded_solve(t, low, high, slope, side, NULL);
        q->o->starved = q->o->starved || status == JF_ENOMEM;
        if (status != JF_OK) worst = NAN;
        for (size_t b = 0; b < m; b++) {
            size_t j = q->index[b];
            double g = q->gradient[j];

            for (size_t i = 0; i < z; i++) g -= q->weight[i] * q->slopes[i * q->k + j] * slope[i];
            if (q->length[j] > 0 && q->size > 0) worst = fmax(worst, fabs(g) / (q->length[j] * q->size));
        }
    } else {
        worst = NAN;
        q->o->starved = true;
    }
    jf_triangle_free(t);
    jf_free(low);
    jf_free(side);
    return worst;
}

/* Steps until nothing moves, the residuals that should be zero being as small as they get. */
static bool settle(kinked *q)
{
    size_t all = q->m + q->n_zero;
    double *matrix = JF_NEW_ZEROED(double, all *all + all + 1), before = INFINITY;
    bool fine = matrix != NULL;

    q->o->starved = q->o->starved || !matrix;

    for (int i = 0; fine && i < MOST_STEPS; i++) {
        double move;

        if (!solve_conditions(q, matrix, matrix + all * all)) fine = false;
        move = fine ? cblas_dnrm2((int)q->m, matrix + all * all, 1) : 0;
        if (!(move < before)) break;
        before = 0.5 * move;
        if (!fine || !take(q, matrix + all * all)) break;
        fine = look(q);
    }
    jf_free(matrix);
    return fine;
}

jf_status jf_kinked_finish(jf_objective *o, double smoothing, double tolerance, jf_minimum *minimum,
                           jf_error *err)
{
    jf_status status = JF_OK;
    double before;
    kinked q;

    if (!kinked_new(o, smoothing, minimum, &q))
        status = jf_fail(err, JF_ENOMEM, "out of memory for a solver");
    q.choosing = true;
    if (status == JF_OK && !look(&q)) status = jf_fail(err, JF_EFIT, "the law is not finite");
    q.choosing = false;
    before = q.loss;
    if (status == JF_OK && (!settle(&q) || !(q.loss <= before * (1 + 1e-12) + o->rounding)))
        status = jf_fail(err, JF_EFIT, "no exact minimum near by");
    if (status == JF_OK) {
        memcpy(minimum->theta, q.theta, o->k * sizeof(double));
        minimum->loss = q.loss;
        minimum->scaled_gradient = check(&q);
        minimum->converged = minimum->scaled_gradient <= tolerance;
    }
    kinked_clear(&q);
    return status;
}
