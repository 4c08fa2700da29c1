/* GSL's nonlinear least squares with exact derivatives. */
#include "fit/solve/trust.h"

#include <gsl/gsl_blas.h>
#include <gsl/gsl_multifit_nlinear.h>
#include <math.h>
#include "core/memory.h"

/* What a row of a forbidden trial point costs: finite, so that GSL rejects the step (it accepts infinities
 * and repeats a step whose evaluation fails). */
static const double FORBIDDEN = 1e100;
static const double MOST_BYTES = 256.0 * 1024 * 1024;

const char *const jf_trust_names[JF_N_TRUST_METHODS] = {"lm", "dogleg", "lmaccel"};

/* One problem as GSL sees it: the free parameters only, and rows padded with zeros up to their number. */
typedef struct view {
    jf_objective *o;
    size_t *index; /* n_free: parameter of each column */
    long *column;  /* k: the other way */
    size_t n_free;
    double *theta;    /* k */
    double *velocity; /* k: direction of a second directional derivative */
    gsl_vector *values;
    gsl_matrix *slopes;
} view;

bool jf_trust_fits(const jf_problem *problem)
{
    return (double)problem->n * (double)problem->k * sizeof(double) * 3 < MOST_BYTES;
}

/* Parameters from GSL's vector; false outside the bounds. */
static bool unpack(const view *v, const gsl_vector *x)
{
    const jf_problem *p = v->o->problem;
    bool inside = true;

    for (size_t a = 0; a < v->n_free; a++) {
        size_t j = v->index[a];
        double value = gsl_vector_get(x, a);

        v->theta[j] = value;
        inside = inside && value >= p->lower[j] && value <= p->upper[j];
    }
    return inside;
}

static double root_weight(const jf_rows *rows, size_t i)
{
    return rows->weight ? sqrt(rows->weight[i]) : 1;
}

static void copy_values(jf_objective *o, const jf_rows *rows, void *context)
{
    view *v = context;

    (void)o;
    for (size_t i = 0; i < rows->n; i++)
        gsl_vector_set(v->values, rows->row + i, -root_weight(rows, i) * rows->residual[i]);
}

static int values(const gsl_vector *x, void *context, gsl_vector *f)
{
    view *v = context;

    gsl_vector_set_zero(f);
    v->values = f;
    if (!unpack(v, x) || !jf_objective_visit(v->o, v->theta, JF_VALUE, copy_values, v))
        gsl_vector_set_all(f, FORBIDDEN);
    return GSL_SUCCESS;
}

static void copy_slopes(jf_objective *o, const jf_rows *rows, void *context)
{
    view *v = context;

    for (size_t a = 0; a < o->n_slots; a++) {
        jf_touch touch = jf_rows_touch(o, rows, a);

        if (!o->used[a]) continue;
        for (size_t i = 0; i < rows->n; i++) {
            long j = jf_touched(&touch, i);

            if (j < 0 || v->column[j] < 0) continue;
            gsl_matrix_set(v->slopes, rows->row + i, (size_t)v->column[j],
                           root_weight(rows, i) * rows->slots[a][i]);
        }
    }
}

/* A slope that is not finite counts as none: the columns that are left find the way. */
static int slopes(const gsl_vector *x, void *context, gsl_matrix *j)
{
    view *v = context;

    gsl_matrix_set_zero(j);
    v->slopes = j;
    unpack(v, x);
    jf_objective_visit(v->o, v->theta, JF_GRADIENT, copy_slopes, v);
    for (size_t a = 0; a < j->size1; a++)
        for (size_t b = 0; b < j->size2; b++)
            if (!isfinite(gsl_matrix_get(j, a, b))) gsl_matrix_set(j, a, b, 0);
    return GSL_SUCCESS;
}

static void add_second(view *v, const jf_rows *rows, const double *second, const jf_touch *a,
                       const jf_touch *b, double times)
{
    for (size_t i = 0; i < rows->n; i++) {
        long p = jf_touched(a, i), q = jf_touched(b, i);
        double *f;

        if (p < 0 || q < 0) continue;
        f = gsl_vector_ptr(v->values, rows->row + i);
        *f += times * root_weight(rows, i) * second[i] * v->velocity[p] * v->velocity[q];
    }
}

static void copy_second(jf_objective *o, const jf_rows *rows, void *context)
{
    for (size_t a = 0; a < o->n_slots; a++)
        for (size_t b = 0; b <= a; b++) {
            const double *second = rows->pairs[a * (a + 1) / 2 + b];
            jf_touch touch_a = jf_rows_touch(o, rows, a), touch_b = jf_rows_touch(o, rows, b);

            if (second) add_second(context, rows, second, &touch_a, &touch_b, a == b ? 1 : 2);
        }
}

/* Second derivative of the values along a direction, exact. */
static int second(const gsl_vector *x, const gsl_vector *direction, void *context, gsl_vector *fvv)
{
    view *v = context;

    gsl_vector_set_zero(fvv);
    v->values = fvv;
    unpack(v, x);
    for (size_t a = 0; a < v->n_free; a++) v->velocity[v->index[a]] = gsl_vector_get(direction, a);
    if (!jf_objective_visit(v->o, v->theta, JF_HESSIAN, copy_second, v)) gsl_vector_set_zero(fvv);
    for (size_t i = 0; i < fvv->size; i++)
        if (!isfinite(gsl_vector_get(fvv, i))) gsl_vector_set(fvv, i, 0);
    return GSL_SUCCESS;
}

static gsl_multifit_nlinear_parameters settings(jf_trust_method method)
{
    gsl_multifit_nlinear_parameters p = gsl_multifit_nlinear_default_parameters();

    if (method == JF_TRUST_DOGLEG) {
        p.trs = gsl_multifit_nlinear_trs_ddogleg;
        p.scale = gsl_multifit_nlinear_scale_levenberg;
    } else if (method == JF_TRUST_LMACCEL) {
        p.trs = gsl_multifit_nlinear_trs_lmaccel;
        p.scale = gsl_multifit_nlinear_scale_marquardt;
    }
    return p;
}

/* Iterates until GSL's tests are met, no step helps, or the count is used up. */
static bool iterate(gsl_multifit_nlinear_workspace *w, size_t max_iterations, size_t *iterations)
{
    for (size_t i = 0; i < max_iterations; i++) {
        int info = 0;

        if (gsl_multifit_nlinear_iterate(w)) return false;
        ++*iterations;
        if (gsl_multifit_nlinear_test(1e-14, 1e-15, 0, &info, w) == GSL_SUCCESS) return true;
    }
    return false;
}

static void view_clear(view *v)
{
    jf_free(v->index);
    jf_free(v->column);
    jf_free(v->theta);
}

static jf_status view_new(jf_objective *o, const jf_minimum *minimum, view *v, jf_error *err)
{
    size_t k = o->k;

    *v = (view){.o = o};
    v->index = JF_NEW_ZEROED(size_t, k);
    v->column = JF_NEW_ZEROED(long, k);
    v->theta = JF_NEW_ZEROED(double, 2 * k);
    if (!v->index || !v->column || !v->theta) {
        view_clear(v);
        return jf_fail(err, JF_ENOMEM, "out of memory for a solver");
    }
    v->velocity = v->theta + k;
    for (size_t j = 0; j < k; j++) {
        v->theta[j] = minimum->theta[j];
        v->column[j] = o->problem->fixed[j] ? -1 : (long)v->n_free;
        if (!o->problem->fixed[j]) v->index[v->n_free++] = j;
    }
    return JF_OK;
}

jf_status jf_trust_solve(jf_objective *o, jf_trust_method method, size_t max_iterations, jf_minimum *minimum,
                         bool *settled, jf_error *err)
{
    jf_status status = JF_OK;
    gsl_multifit_nlinear_parameters how = settings(method);
    gsl_multifit_nlinear_workspace *w = NULL;
    gsl_multifit_nlinear_fdf f = {.f = values, .df = slopes, .p = 0};
    gsl_vector *x = NULL;
    double loss;
    view v;

    *settled = false;
    JF_TRY(view_new(o, minimum, &v, err));
    if (!jf_objective_loss(o, v.theta, &loss))
        status = jf_fail(err, JF_EFIT, "the law is not finite at the start");
    if (status != JF_OK || !v.n_free) {
        view_clear(&v);
        return status;
    }
    f.fvv = method == JF_TRUST_LMACCEL ? second : NULL;
    f.n = o->n > v.n_free ? o->n : v.n_free;
    f.p = v.n_free;
    f.params = &v;
    x = gsl_vector_alloc(v.n_free);
    w = gsl_multifit_nlinear_alloc(gsl_multifit_nlinear_trust, &how, f.n, f.p);
    if (x && w) {
        for (size_t a = 0; a < v.n_free; a++) gsl_vector_set(x, a, minimum->theta[v.index[a]]);
        gsl_multifit_nlinear_init(x, &f, w);
        *settled = iterate(w, max_iterations, &minimum->iterations);
        if (unpack(&v, gsl_multifit_nlinear_position(w)) && jf_objective_loss(o, v.theta, &loss)) {
            for (size_t j = 0; j < o->k; j++) minimum->theta[j] = v.theta[j];
            minimum->loss = loss;
        }
    } else {
        status = jf_fail(err, JF_ENOMEM, "out of memory for GSL's solver");
    }
    gsl_multifit_nlinear_free(w);
    gsl_vector_free(x);
    view_clear(&v);
done:
    return status;
}
