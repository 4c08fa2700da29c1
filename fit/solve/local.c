/* The chain of solvers from one start. */
#include "fit/solve/local.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/memory.h"
#include "core/summary.h"
#include "fit/solve/approach.h"
#include "fit/solve/local_parts.h"
#include "fit/solve/refine.h"
#include "fit/solve/trust.h"

enum { MANY_ROWS = 50000, WALK_STEPS = 40 };
static const double SCREENED = 0.05; /* of the spread: width of a kink while starts are screened */
static const double ROUGH = 1e-5;    /* scaled gradient that ends a stage of a continuation */

void jf_local_free(jf_local *l)
{
    if (!l) return;
    jf_objective_free(l->objective);
    jf_small_free(l->small);
    jf_minimum_clear(&l->trial);
    jf_free(l->residual);
    jf_free(l->began);
    jf_free(l);
}

jf_status jf_local_new(const jf_problem *problem, const jf_loss *loss, size_t max_iterations,
                       double tolerance, jf_local **out, jf_error *err)
{
    jf_status status = JF_OK;
    jf_local *l = JF_NEW(jf_local);
    jf_penalty penalty = {*loss, 0};

    *out = NULL;
    JF_TRY_NEW(l, err, "a solver");
    l->loss = *loss;
    l->max_iterations = max_iterations;
    l->tolerance = tolerance;
    JF_TRY(jf_objective_new(problem, &penalty, &l->objective, err));
    JF_TRY(jf_small_new(problem, &l->small, err));
    JF_TRY(jf_minimum_new(problem->k, &l->trial, err));
    l->began = JF_NEW_ZEROED(double, problem->k);
    JF_TRY_NEW(l->began, err, "a solver");
    *out = l;
    l = NULL;
done:
    jf_local_free(l);
    return status;
}

double jf_local_spread(jf_local *l, const double *theta)
{
    size_t n = l->objective->n;

    if (!l->residual) l->residual = JF_NEW_ARRAY(double, n);
    l->objective->starved = l->objective->starved || !l->residual;
    if (!l->residual || !n || !jf_objective_rows(l->objective, theta, l->residual, NULL)) return 0;
    for (size_t i = 0; i < n; i++) l->residual[i] = fabs(l->residual[i]);
    return jf_median(l->residual, n);
}

static void cut_to_bounds(const jf_problem *p, double *theta)
{
    for (size_t j = 0; j < p->k; j++) theta[j] = fmin(fmax(theta[j], p->lower[j]), p->upper[j]);
}

bool jf_local_descend(jf_local *l, double tolerance, size_t steps, bool exact, jf_minimum *minimum)
{
    jf_small_options options = {
        .max_iterations = steps, .tolerance = tolerance, .exact = exact, .warm = l->warm};

    return jf_small_solve(l->small, l->objective, &options, minimum);
}

bool jf_local_screen(jf_local *l, size_t steps, const bool *logarithmic, jf_minimum *minimum)
{
    jf_small_options options = {.max_iterations = steps, .tolerance = 1e-6, .logarithmic = logarithmic};
    bool finite;

    l->objective->penalty = (jf_penalty){{JF_LOSS_LS, NAN}, 0};
    finite = jf_small_solve(l->small, l->objective, &options, minimum);
    l->objective->penalty.loss = l->loss;
    if (!finite || l->loss.kind == JF_LOSS_LS) return finite;
    if (jf_loss_has_kink(&l->loss))
        l->objective->penalty.smoothing = SCREENED * jf_local_spread(l, minimum->theta);
    options.logarithmic = NULL;
    jf_small_solve(l->small, l->objective, &options, minimum);
    l->objective->penalty.smoothing = 0;
    return jf_objective_loss(l->objective, minimum->theta, &minimum->loss);
}

bool jf_local_walk(jf_local *l, double smoothing, const bool *logarithmic, jf_minimum *minimum)
{
    jf_small_options options = {
        .max_iterations = WALK_STEPS, .tolerance = 1e-9, .logarithmic = logarithmic, .warm = true};
    bool finite;

    l->objective->penalty = (jf_penalty){l->loss, smoothing};
    finite = jf_small_solve(l->small, l->objective, &options, minimum);
    options.logarithmic = NULL;
    return finite && jf_small_solve(l->small, l->objective, &options, minimum);
}

/* What the solvers came to near the end of the range of doubles, without a proof. */
static jf_status stop_unproven(jf_minimum *m)
{
    m->converged = false;
    m->rank = 0;
    m->offset = NAN;
    return JF_OK;
}

/* Lean solver and Newton's last steps, twice over where a bound came in the way; the lean solver takes second
 * derivatives where it got stuck without them. */
static jf_status descend(jf_local *l, jf_effort effort, jf_minimum *m, jf_error *err)
{

    for (int round = 0; round < 4; round++) {
        double before = m->loss;
        jf_status status;

        if (!jf_local_descend(l, l->tolerance, l->max_iterations, round > 0, m))
            return (round || effort == JF_OF_RECORD) && jf_objective_loss(l->objective, m->theta, &m->loss)
                       ? stop_unproven(m)
                       : jf_fail(err, JF_EFIT, "the law or a derivative is not finite at the start");
        m->rank = 0;
        if (effort == JF_LEAN && m->converged && round == 0 &&
            jf_small_is_definite(l->small, l->objective, &m->rank))
            break;
        status = jf_refine(l->objective, l->tolerance, JF_REFINE_STEPS, m, NULL);
        if (status == JF_EFIT) return stop_unproven(m);
        if (status != JF_OK) return jf_fail(err, status, "out of memory for a solver");
        if (m->converged || (round && !(m->loss < before))) break;
    }
    return JF_OK;
}

/* ---- squares ---------------------------------------------------------------------------------------------
 */

static bool stopped_short(const jf_local *l, const jf_minimum *m)
{
    size_t n_free = 0;

    for (size_t j = 0; j < l->objective->k; j++) n_free += !l->objective->problem->fixed[j] && !m->bound[j];
    return !m->converged || m->rank < n_free;
}

/* One of GSL's methods from where the fit began, finished; taken when it ends lower. */
static jf_status consult(jf_local *l, jf_trust_method method, jf_minimum *m, jf_error *err)
{
    jf_minimum *t = &l->trial;
    jf_status status = JF_OK;
    bool settled;

    memcpy(t->theta, l->began, l->objective->k * sizeof(double));
    t->loss = INFINITY;
    t->iterations = 0;
    status = jf_trust_solve(l->objective, method, l->max_iterations, t, &settled, err);
    if (status == JF_OK) status = descend(l, JF_FULL, t, err);
    m->iterations += t->iterations;
    if (status == JF_EFIT) return JF_OK; /* no opinion */
    if (status == JF_OK && (t->loss < m->loss || (t->loss == m->loss && t->converged && !m->converged))) {
        size_t iterations = m->iterations;

        jf_minimum_copy(m, t, l->objective->k);
        m->iterations = iterations;
    }
    return status;
}

static jf_status fit_squares(jf_local *l, jf_effort effort, jf_minimum *m, jf_error *err)
{
    jf_status status = JF_OK;
    bool gsl = jf_trust_fits(l->objective->problem);

    memcpy(l->began, m->theta, l->objective->k * sizeof(double));
    if (effort == JF_OF_RECORD && gsl &&
        l->objective->n <= MANY_ROWS) { /* its QR of all rows takes seconds */
        bool settled;

        JF_TRY(jf_trust_solve(l->objective, JF_TRUST_LM, l->max_iterations, m, &settled, err));
    }
    JF_TRY(descend(l, effort, m, err));
    if (!gsl || !stopped_short(l, m)) goto done;
    if (effort == JF_OF_RECORD) {
        jf_minimum *t = &l->trial;

        memcpy(t->theta, l->began, l->objective->k * sizeof(double));
        t->loss = INFINITY;
        t->iterations = 0;
        status = descend(l, JF_FULL, t, err);
        if (status == JF_OK && t->loss < m->loss) jf_minimum_copy(m, t, l->objective->k);
        if (status == JF_EFIT) status = JF_OK; /* no opinion */
        JF_TRY(status);
    } else if (effort == JF_LEAN) {
        JF_TRY(consult(l, JF_TRUST_LM, m, err));
    }
    for (jf_trust_method method = JF_TRUST_DOGLEG; effort == JF_OF_RECORD && method < JF_N_TRUST_METHODS;
         method++)
        if (stopped_short(l, m)) JF_TRY(consult(l, method, m, err));
done:
    return status;
}

/* ---- other losses
 * ------------------------------------------------------------------------------------------ */

/* Smooth losses: with a constant far below the spread of the residuals the loss is nearly one of corners, so
 * it is reached through larger constants. */
static jf_status fit_robust(jf_local *l, jf_effort effort, jf_minimum *m, jf_error *err)
{
    jf_status status = JF_OK;
    double spread;

    if (effort == JF_LEAN) {
        JF_TRY(descend(l, JF_LEAN, m, err));
        if (m->converged) goto done;
    }
    spread = jf_local_spread(l, m->theta);
    for (double constant = spread; constant > 2 * l->loss.constant; constant *= 0.25) {
        l->objective->penalty.loss.constant = constant;
        if (!jf_local_descend(l, ROUGH, l->max_iterations, false, m)) break;
    }
    l->objective->penalty.loss = l->loss;
    JF_TRY(descend(l, effort, m, err));
done:
    l->objective->penalty.loss = l->loss;
    return status;
}

jf_status jf_local_fit(jf_local *l, jf_effort effort, jf_minimum *m, jf_error *err)
{
    jf_status status;

    l->objective->penalty = (jf_penalty){l->loss, 0};
    cut_to_bounds(l->objective->problem, m->theta);
    if (l->objective->n > MANY_ROWS && !l->warm)
        jf_approach(l->objective->problem, &l->loss, l->max_iterations, m->theta);
    m->offset = 0;
    memset(m->unidentified, 0, l->objective->k * sizeof *m->unidentified);
    if (l->loss.kind == JF_LOSS_LS)
        status = fit_squares(l, effort, m, err);
    else if (jf_loss_has_kink(&l->loss))
        status = jf_local_fit_kinked(l, m, err);
    else
        status = fit_robust(l, effort, m, err);
    if (l->objective->starved) status = jf_fail(err, JF_ENOMEM, "out of memory for a solver");
    if (status != JF_OK) m->loss = INFINITY, m->converged = false;
    return status;
}
