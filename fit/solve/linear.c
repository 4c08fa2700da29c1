/* Linear laws: QR, bounded least squares, iterative refinement. */
#include "fit/solve/linear.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "fit/solve/bounded.h"
#include "fit/problem/twofold.h"

static const double RANK_TOLERANCE = 1e-13;
enum { MOST_CORRECTIONS = 12 };

typedef struct linear {
    jf_objective *o;
    const jf_problem *problem;
    size_t k;
    jf_triangle *triangle;
    double *base;     /* theta that the derivatives are taken at: fixed values, zero elsewhere */
    double *x;        /* theta - base */
    double *previous; /* x with the correction that is being judged */
    double *correction, *lower, *upper;
    double *length; /* |sqrt(w) J_j| */
    bool *held, *dropped;
    signed char *side;
    /* sums of the last pass over the rows */
    jf_twofold loss;
    jf_twofold *gradient;
} linear;

static void linear_clear(linear *l)
{
    jf_triangle_free(l->triangle);
    jf_free(l->base);
    jf_free(l->held);
    jf_free(l->side);
    jf_free(l->gradient);
}

static jf_status linear_new(jf_objective *o, linear *l, jf_error *err)
{
    jf_status status = JF_OK;
    size_t k = o->k;

    *l = (linear){.o = o, .problem = o->problem, .k = k};
    l->base = JF_NEW_ZEROED(double, 7 * k);
    l->held = JF_NEW_ZEROED(bool, 2 * k);
    l->side = JF_NEW_ZEROED(signed char, k);
    l->gradient = JF_NEW_ZEROED(jf_twofold, k);
    if (!l->base || !l->held || !l->side || !l->gradient)
        JF_TRY(jf_fail(err, JF_ENOMEM, "out of memory for a linear fit"));
    l->x = l->base + k;
    l->previous = l->x + k;
    l->correction = l->previous + k;
    l->lower = l->correction + k;
    l->upper = l->lower + k;
    l->length = l->upper + k;
    l->dropped = l->held + k;
    JF_TRY(jf_triangle_new(k, o->n, &l->triangle, err));
    for (size_t j = 0; j < k; j++) {
        l->held[j] = o->problem->fixed[j];
        if (l->held[j]) l->base[j] = o->problem->lower[j];
        l->lower[j] = l->held[j] ? 0 : o->problem->lower[j];
        l->upper[j] = l->held[j] ? 0 : o->problem->upper[j];
    }
done:
    if (status != JF_OK) linear_clear(l);
    return status;
}

/* ---- one pass: rows [sqrt(w) J | sqrt(w) (r - J x)], loss and gradient ------------------------------------
 */

static void add_row(linear *l, const jf_rows *rows, size_t i, const jf_touch *touch, double *place)
{
    double weight = rows->weight ? rows->weight[i] : 1, root = sqrt(weight), residual;
    size_t stride = l->triangle->capacity;
    jf_twofold r = {rows->residual[i], 0};

    for (size_t a = 0; a < l->o->n_slots; a++) {
        long j = l->o->used[a] ? jf_touched(&touch[a], i) : -1;

        if (j < 0) continue;
        jf_twofold_add_product(&r, -rows->slots[a][i], l->x[j]);
        place[i + (size_t)j * stride] = root * rows->slots[a][i];
    }
    residual = jf_twofold_value(&r);
    place[i + l->k * stride] = root * residual;
    jf_twofold_add_product(&l->loss, 0.5 * weight * residual, residual);
    for (size_t a = 0; a < l->o->n_slots; a++) {
        long j = l->o->used[a] ? jf_touched(&touch[a], i) : -1;

        if (j >= 0) jf_twofold_add_product(&l->gradient[j], -weight * residual, rows->slots[a][i]);
        if (j >= 0) l->length[j] += weight * rows->slots[a][i] * rows->slots[a][i];
    }
}

typedef struct pass {
    linear *l;
    jf_touch *touch; /* n_slots */
} pass;

static void add_rows(jf_objective *o, const jf_rows *rows, void *context)
{
    pass *p = context;
    double *place = jf_triangle_rows(p->l->triangle, rows->n);

    for (size_t a = 0; a < o->n_slots; a++) p->touch[a] = jf_rows_touch(o, rows, a);
    for (size_t i = 0; i < rows->n; i++) add_row(p->l, rows, i, p->touch, place);
}

static jf_status look(linear *l, jf_error *err)
{
    pass p = {l, JF_NEW_ARRAY(jf_touch, l->o->n_slots)};
    bool finite;

    if (!p.touch) return jf_fail(err, JF_ENOMEM, "out of memory for a linear fit");
    l->loss = (jf_twofold){0, 0};
    memset(l->gradient, 0, l->k * sizeof *l->gradient);
    memset(l->length, 0, l->k * sizeof *l->length);
    jf_triangle_reset(l->triangle, l->k);
    finite = jf_objective_visit(l->o, l->base, JF_GRADIENT, add_rows, &p);
    jf_triangle_close(l->triangle);
    for (size_t j = 0; j < l->k; j++) l->length[j] = sqrt(l->length[j]);
    jf_free(p.touch);
    for (size_t j = 0; j < l->k; j++) finite = finite && isfinite(l->length[j]);
    return finite ? JF_OK : jf_fail(err, JF_EFIT, "the law or the response is not finite");
}

/* ---- solving ---------------------------------------------------------------------------------------------
 */

static bool inside(const linear *l, const double *x)
{
    for (size_t j = 0; j < l->k; j++)
        if (!l->held[j] && (x[j] < l->lower[j] || x[j] > l->upper[j])) return false;
    return true;
}

/* First solution from the triangle of the rows at x = 0; afterwards `held` are those that stay as they are.
 */
static jf_status first_solution(linear *l, size_t *rank, jf_error *err)
{
    jf_status status = JF_OK;
    bool bounded;
    long found;

    found = jf_triangle_solve(l->triangle, l->held, RANK_TOLERANCE, l->x, l->dropped);
    bounded = found >= 0 && !inside(l, l->x);
    if (bounded) {
        JF_TRY(jf_bounded_solve(l->triangle, l->lower, l->upper, l->x, l->side, err));
        for (size_t j = 0; j < l->k; j++) {
            if (l->problem->fixed[j]) l->side[j] = 0;
            l->held[j] = l->held[j] || l->side[j];
            l->dropped[j] = false;
        }
        found = jf_triangle_solve(l->triangle, l->held, RANK_TOLERANCE, l->correction, l->dropped);
    }
    if (found < 0) JF_TRY(jf_fail(err, JF_ENOMEM, "out of memory for a linear fit"));
    *rank = (size_t)found;
    for (size_t j = 0; j < l->k; j++) l->held[j] = l->held[j] || l->dropped[j];
done:
    return status;
}

/* Adds the least-squares solution for what is left of the residuals. Returns the length of the correction in
 * values, 0 when it is below the last bit of every parameter, -1 when it was not taken. */
static double correct(linear *l, double before)
{
    double longest = 0;
    bool matters = false;

    memset(l->correction, 0, l->k * sizeof(double));
    if (jf_triangle_solve(l->triangle, l->held, 0, l->correction, NULL) < 0) {
        l->o->starved = true;
        return -1;
    }
    for (size_t j = 0; j < l->k; j++) {
        l->previous[j] = l->x[j] + l->correction[j];
        matters = matters || l->previous[j] != l->x[j];
        longest = fmax(longest, fabs(l->correction[j]) * l->length[j]);
    }
    if (!matters) return 0;
    if (!(longest < 0.5 * before) || !inside(l, l->previous)) return -1;
    memcpy(l->x, l->previous, l->k * sizeof(double));
    return longest;
}

static void report(linear *l, size_t rank, jf_minimum *minimum)
{
    jf_point point = {.theta = minimum->theta, .length = l->length, .gradient = l->correction};

    for (size_t j = 0; j < l->k; j++) {
        minimum->theta[j] = l->base[j] + l->x[j];
        minimum->bound[j] = l->side[j];
        minimum->unidentified[j] = l->dropped[j];
        l->correction[j] = jf_twofold_value(&l->gradient[j]);
    }
    point.loss = jf_twofold_value(&l->loss);
    point.size = sqrt(2 * point.loss);
    minimum->loss = point.loss;
    minimum->scaled_gradient = jf_scaled_gradient(l->o, &point, l->held);
    minimum->rank = rank;
    minimum->converged = true;
}

jf_status jf_linear_solve(jf_objective *objective, jf_minimum *minimum, jf_error *err)
{
    jf_status status = JF_OK;
    double longest = INFINITY;
    size_t rank;
    linear l;

    JF_TRY(linear_new(objective, &l, err));
    status = look(&l, err);
    if (status == JF_OK) status = first_solution(&l, &rank, err);
    for (int i = 0; status == JF_OK && i < MOST_CORRECTIONS && longest > 0; i++) {
        status = look(&l, err);
        if (status == JF_OK) longest = correct(&l, longest);
        minimum->iterations++;
    }
    if (status == JF_OK && longest != 0 && longest != -1) status = look(&l, err);
    if (status == JF_OK && objective->starved)
        status = jf_fail(err, JF_ENOMEM, "out of memory for a linear fit");
    if (status == JF_OK) report(&l, rank, minimum);
    linear_clear(&l);
done:
    return status;
}
