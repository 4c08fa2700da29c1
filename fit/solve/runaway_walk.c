/* One parameter held, the others following. */
#include "fit/solve/runaway_walk.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"

static const double FARTHEST = 1e200;   /* beyond this, or below its inverse, there are no digits left */
static const double ROUNDED = 1e-2;     /* of the spread: width of a kink during walks */
static const double EXTREME = 1e6;      /* a size that is a scale's */
static const double LEAST_WAY = 0.02;   /* of a logarithm: a walk that overflow ends sooner says nothing */
static const double MOST_STRIDE = 0.35; /* of a logarithm */

void jf_walk_clear(jf_walk *w)
{
    jf_local_free(w->local);
    jf_minimum_clear(&w->trial);
    jf_free(w->held.lower);
    jf_free(w->held.fixed);
    jf_free(w->theta);
}

/* walk_clear takes what a failure leaves. */
jf_status jf_walk_new(const jf_problem *problem, const jf_solve_options *options, const double *theta,
                      size_t j, jf_walk *w, jf_error *err)
{
    size_t k = problem->k;
    jf_status status = JF_OK;

    *w = (jf_walk){.held = *problem, .j = j, .k = k};
    w->held.lower = JF_NEW_ARRAY(double, 2 * k);
    w->held.fixed = JF_NEW_ZEROED(bool, 3 * k);
    w->theta = JF_NEW_ARRAY(double, 3 * k);
    JF_TRY_NEW(w->held.lower && w->held.fixed && w->theta ? w : NULL, err, "a solver");
    w->held.upper = w->held.lower + k;
    w->scale = w->held.fixed + k;
    w->logarithmic = w->scale + k;
    w->before = w->theta + k;
    w->lowest = w->before + k;
    memcpy(w->held.lower, problem->lower, k * sizeof(double));
    memcpy(w->held.upper, problem->upper, k * sizeof(double));
    memcpy(w->held.fixed, problem->fixed, k * sizeof(bool));
    w->held.fixed[j] = true;
    for (size_t i = 0; i < k; i++) {
        double size = fabs(theta[i]);

        w->scale[i] =
            (problem->log_range[i] && theta[i] > 0) || size > EXTREME || (size > 0 && size < 1 / EXTREME);
    }
    JF_TRY(jf_minimum_new(k, &w->trial, err));
    JF_TRY(jf_local_new(&w->held, &options->loss, 1, options->tolerance, &w->local, err));
    w->smoothing = ROUNDED * jf_local_spread(w->local, theta);
done:
    return status;
}

static double coordinate(const jf_walk *w, size_t i, double value)
{
    return w->scale[i] ? log(fabs(value)) : value;
}

/* Where the others should be when j is at `value`: on the line through the last two points. */
static void guess(jf_walk *w, double value)
{
    double from = coordinate(w, w->j, w->before[w->j]), to = coordinate(w, w->j, w->theta[w->j]);
    double share = from == to ? 0 : (coordinate(w, w->j, value) - to) / (to - from);

    for (size_t i = 0; i < w->k; i++) {
        double now = w->theta[i], a = coordinate(w, i, w->before[i]), b = coordinate(w, i, now);
        double x = b + share * (b - a);

        if (w->scale[i]) x = copysign(exp(x), now);
        w->trial.theta[i] = isfinite(x) ? fmin(fmax(x, w->held.lower[i]), w->held.upper[i]) : now;
        w->logarithmic[i] = w->scale[i] && w->trial.theta[i] > 0 && !w->held.fixed[i];
    }
    w->trial.theta[w->j] = w->held.lower[w->j] = w->held.upper[w->j] = value;
}

/* Fits the others with j at `value`, and goes there unless the loss would rise by more than the part `rise`
 * above the lowest met. */
jf_step jf_walk_go_to(jf_walk *w, double value, double rise)
{
    guess(w, value);
    if (!jf_local_walk(w->local, w->smoothing, w->logarithmic, &w->trial)) return JF_OVERFLEW;
    if (!(w->trial.loss <= w->lowest_loss * (1 + rise))) return JF_ROSE;
    memcpy(w->before, w->theta, w->k * sizeof(double));
    memcpy(w->theta, w->trial.theta, w->k * sizeof(double));
    if (w->trial.loss < w->lowest_loss) {
        w->lowest_loss = w->trial.loss;
        memcpy(w->lowest, w->theta, w->k * sizeof(double));
    }
    return JF_WENT;
}

void jf_walk_set_out(jf_walk *w, const double *theta)
{
    memcpy(w->theta, theta, w->k * sizeof(double));
    memcpy(w->before, theta, w->k * sizeof(double));
    w->lowest_loss = INFINITY;
}

/* Begins a walk: the others fitted where j is. */
static bool begin(jf_walk *w, const double *theta)
{
    jf_walk_set_out(w, theta);
    if (jf_walk_go_to(w, theta[w->j], 0) != JF_WENT) return false;
    w->first_loss = w->lowest_loss;
    return true;
}

static bool out_of_range(const jf_walk *w, const jf_problem *whole)
{
    for (size_t i = 0; i < w->k; i++) {
        double size = fabs(w->theta[i]);

        if (!whole->fixed[i] && size > 0 && (size > FARTHEST || size < 1 / FARTHEST)) return true;
    }
    return false;
}

/* Walks outwards (side 1) or towards zero (-1) from theta, as far as `end`. True where the loss never rose. A
 * step that seems to lead up is tried again shorter: the others may have been guessed badly. */
bool jf_walk_out(jf_walk *w, const jf_problem *whole, const double *theta, int side, double end)
{
    double stride = JF_WALK_FIRST, first = fabs(theta[w->j]);

    if (!begin(w, theta)) return false;
    while (!out_of_range(w, whole)) {
        double value = w->theta[w->j] * exp(side * stride);
        jf_step came;

        if (value < whole->lower[w->j] || value > whole->upper[w->j]) return false;
        came = jf_walk_go_to(w, value, JF_WALK_LEVEL);
        if (came == JF_WENT && (side > 0 ? fabs(value) > end : fabs(value) < end)) return true;
        stride = came == JF_WENT ? fmin(2 * stride, MOST_STRIDE) : 0.25 * stride;
        if (stride < JF_WALK_LEAST) return came == JF_OVERFLEW && fabs(log(fabs(value) / first)) > LEAST_WAY;
    }
    return true;
}
