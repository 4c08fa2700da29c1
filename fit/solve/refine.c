/* Final Newton steps and the proof of the minimum. */
#include "fit/solve/refine.h"

#include <cblas.h>
#include <float.h>
#include <math.h>
#include <string.h>
#include "core/memory.h"

/* Columns whose pivot is smaller, in units of their own length, repeat others. */
static const double RANK_TOLERANCE = 1e-13;
/* Steps that move the values by less than this many roundings of the response are none. */
static const double ROUNDINGS = 256;

/* A point with the step that leaves it. */
typedef struct stage {
    jf_point point;
    bool *held, *dropped;
    signed char *bound;
    double *step;  /* k */
    double offset; /* length of the step in values */
    size_t rank, n_free;
    bool curved_up; /* the Hessian is positive definite over what is free */
} stage;

typedef struct refinement {
    jf_objective *o;
    size_t k;
    stage stages[2];
    jf_triangle *triangle;
    long *column;  /* k: of each parameter in the triangle */
    size_t *index; /* n_free: parameter of each column */
    bool *dropped;
    double *scale, *ones, *z, *middle, *factor;
} refinement;

static void refinement_clear(refinement *r)
{
    for (size_t i = 0; i < 2; i++) {
        jf_point_clear(&r->stages[i].point);
        jf_free(r->stages[i].held);
        jf_free(r->stages[i].bound);
        jf_free(r->stages[i].step);
    }
    jf_triangle_free(r->triangle);
    jf_free(r->column);
    jf_free(r->index);
    jf_free(r->dropped);
    jf_free(r->scale);
}

static jf_status stage_new(size_t k, stage *s, jf_error *err)
{
    s->held = JF_NEW_ZEROED(bool, 2 * k);
    s->bound = JF_NEW_ZEROED(signed char, k);
    s->step = JF_NEW_ZEROED(double, k);
    if (!s->held || !s->bound || !s->step) return jf_fail(err, JF_ENOMEM, "out of memory for a solver");
    s->dropped = s->held + k;
    return jf_point_new(k, &s->point, err);
}

static jf_status refinement_new(jf_objective *o, refinement *r, jf_error *err)
{
    jf_status status = JF_OK;
    size_t k = o->k;

    *r = (refinement){.o = o, .k = k};
    JF_TRY(stage_new(k, &r->stages[0], err));
    JF_TRY(stage_new(k, &r->stages[1], err));
    JF_TRY(jf_triangle_new(k, o->n, &r->triangle, err));
    r->column = JF_NEW_ZEROED(long, k);
    r->index = JF_NEW_ZEROED(size_t, k);
    r->dropped = JF_NEW_ZEROED(bool, k);
    r->scale = JF_NEW_ZEROED(double, 3 * k + 2 * k * k);
    if (!r->column || !r->index || !r->dropped || !r->scale)
        JF_TRY(jf_fail(err, JF_ENOMEM, "out of memory for a solver"));
    r->ones = r->scale + k;
    r->z = r->ones + k;
    r->middle = r->z + k;
    r->factor = r->middle + k * k;
done:
    if (status != JF_OK) refinement_clear(r);
    return status;
}

/* Lists the columns that take part: neither held nor faint. */
static void choose_columns(refinement *r, stage *s)
{
    jf_find_held(r->o->problem, &s->point, s->held, s->bound);
    s->n_free = 0;
    for (size_t j = 0; j < r->k; j++) {
        double length = s->point.length[j];

        s->dropped[j] = !s->held[j] && jf_column_is_faint(r->o, length, s->point.theta[j]);
        r->column[j] = s->held[j] || s->dropped[j] ? -1 : (long)s->n_free;
        r->scale[j] = length > 0 ? length : 1;
        if (r->column[j] >= 0) r->index[s->n_free++] = j;
    }
}

/* Newton's step through the triangle: with the Hessian = R'R + S and q the projected residuals it is R^-1 (I
 * + R^-T S R^-1)^-1 q. S is what Gauss-Newton leaves out; the matrix in the middle is near the identity at a
 * good minimum, so that no digits are lost by squaring R. False where it is not positive definite. */
static bool newton_step(refinement *r, stage *s)
{
    const jf_triangle *t = r->triangle;
    size_t m = t->k;
    int size = (int)m, stride = (int)t->capacity;

    for (size_t b = 0; b < m; b++)
        for (size_t a = 0; a < m; a++) {
            size_t i = r->index[a], j = r->index[b], at = i + j * r->k;

            r->middle[a + b * m] = (s->point.hessian[at] - s->point.normal[at]) / (r->scale[i] * r->scale[j]);
        }
    cblas_dtrsm(CblasColMajor, CblasLeft, CblasUpper, CblasTrans, CblasNonUnit, size, size, 1, t->stack,
                stride, r->middle, size);
    cblas_dtrsm(CblasColMajor, CblasRight, CblasUpper, CblasNoTrans, CblasNonUnit, size, size, 1, t->stack,
                stride, r->middle, size);
    for (size_t b = 0; b < m; b++) {
        r->middle[b + b * m] += 1;
        r->z[b] = jf_triangle_d(t, b);
    }
    if (jf_cholesky(m, r->middle, 0, NULL, r->factor, r->ones) <= 1e-12) return false;
    jf_cholesky_solve(m, r->factor, r->ones, r->z);
    s->offset = cblas_dnrm2(size, r->z, 1);
    cblas_dtrsv(CblasColMajor, CblasUpper, CblasNoTrans, CblasNonUnit, size, t->stack, stride, r->z, 1);
    return true;
}

/* Finds the step from s->point, whose matrices are known; false when the rows are not finite or memory ran
 * out. */
static bool find_step(refinement *r, stage *s)
{
    jf_triangle *t = r->triangle;
    double projected = 0;
    long rank;

    choose_columns(r, s);
    jf_triangle_reset(t, s->n_free);
    if (!jf_objective_triangle(r->o, s->point.theta, r->column, r->scale, t)) return false;
    jf_triangle_close(t);
    rank = jf_triangle_solve(t, NULL, RANK_TOLERANCE, r->z, r->dropped);
    if (rank < 0) {
        r->o->starved = true;
        return false;
    }
    s->rank = (size_t)rank;
    for (size_t b = 0; b < s->n_free; b++) projected += jf_triangle_d(t, b) * jf_triangle_d(t, b);
    s->offset = sqrt(projected);
    s->curved_up = s->n_free > 0 && s->rank == s->n_free && newton_step(r, s);
    memset(s->step, 0, r->k * sizeof(double));
    for (size_t b = 0; b < s->n_free; b++) {
        s->step[r->index[b]] = r->z[b] / r->scale[r->index[b]];
        if (r->dropped[b]) s->dropped[r->index[b]] = true;
    }
    return isfinite(s->offset);
}

/* Matrices, then loss and gradient with more digits. Where second derivatives overflow Gauss-Newton has to
 * do. */
static bool evaluate(refinement *r, stage *s)
{
    if (!jf_objective_at(r->o, &s->point, true)) {
        if (!jf_objective_at(r->o, &s->point, false)) return false;
        memcpy(s->point.hessian, s->point.normal, r->k * r->k * sizeof(double));
    }
    return jf_objective_precise(r->o, &s->point);
}

/* Puts `to` one step ahead of `from`; false when nothing moves or the step leaves the bounds. */
static bool step_ahead(refinement *r, const stage *from, stage *to)
{
    const jf_problem *p = r->o->problem;
    bool moved = false;

    for (size_t j = 0; j < r->k; j++) {
        double now = from->point.theta[j] + from->step[j];

        if (!isfinite(now) || (from->step[j] != 0 && (now < p->lower[j] || now > p->upper[j]))) return false;
        moved = moved || now != from->point.theta[j];
        to->point.theta[j] = now;
    }
    return moved;
}

/* Whether the step to `now` was an improvement, or as good within what rounding hides. */
static bool improved(const refinement *r, const stage *before, const stage *now)
{
    double blur = 1e-14 * before->point.loss + 4 * before->point.size * r->o->rounding +
                  r->o->rounding * r->o->rounding;

    return now->point.loss <= before->point.loss + blur && now->rank >= before->rank;
}

static void report(const refinement *r, const stage *s, double tolerance, jf_minimum *minimum)
{
    size_t k = r->k;

    memcpy(minimum->theta, s->point.theta, k * sizeof(double));
    memcpy(minimum->bound, s->bound, k);
    memcpy(minimum->unidentified, s->dropped, k * sizeof(bool));
    minimum->loss = s->point.loss;
    minimum->rank = s->rank;
    minimum->scaled_gradient = jf_scaled_gradient(r->o, &s->point, s->held);
    minimum->offset = s->offset > ROUNDINGS * r->o->rounding ? s->offset / s->point.size : 0;
    if (s->rank < s->n_free)
        minimum->offset = minimum->scaled_gradient; /* what repeats others points anywhere */
    minimum->converged = minimum->scaled_gradient <= tolerance || s->offset <= ROUNDINGS * r->o->rounding;
}

jf_status jf_refine(jf_objective *o, double tolerance, size_t max_steps, jf_minimum *minimum, jf_error *err)
{
    jf_status status = JF_OK;
    refinement r;
    stage *now = &r.stages[0], *next = &r.stages[1];

    JF_TRY(refinement_new(o, &r, err));
    memcpy(now->point.theta, minimum->theta, o->k * sizeof(double));
    if (!evaluate(&r, now) || !find_step(&r, now)) {
        refinement_clear(&r);
        return jf_fail(err, JF_EFIT, "the law or a derivative is not finite at the start of the refinement");
    }
    for (size_t i = 0; i < max_steps && step_ahead(&r, now, next); i++) {
        stage *kept = now;
        double before = now->offset;

        if (!evaluate(&r, next) || !find_step(&r, next) || !improved(&r, now, next)) break;
        if (!(next->offset < before)) break;
        now = next;
        next = kept;
        minimum->iterations++;
        if (now->offset > 0.9 * before) break;
    }
    report(&r, now, tolerance, minimum);
    refinement_clear(&r);
done:
    return status;
}
