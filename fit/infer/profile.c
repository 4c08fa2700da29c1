/* Walks one parameter outwards from the fit, refits the others at every step, and closes in on the ends. */
#include "fit/infer/profile.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"

enum { MOST_STEPS = 40, MOST_TRIES = 60 };
static const double CLOSE = 1e-9;     /* of the quantile: an end is found */
static const double SATURATED = 1e-4; /* of the quantile: growth that is none */
static const double FAR = 1e8;        /* first steps: no end that any data could tell */

/* A point of the profile: the parameter held, the others at their best. */
typedef struct place {
    double at, z; /* z: root of the growth of the loss, in units */
    double *theta;
} place;

typedef struct walk {
    const jf_profile_setup *setup;
    jf_held held;
    size_t j;
    place inside, other, next; /* `other`: the point before, or beyond the end */
    double *start;
} walk;

static void walk_clear(walk *w)
{
    void *const owned[] = {w->inside.theta, w->other.theta, w->next.theta, w->start};

    jf_held_clear(&w->held);
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) jf_free(owned[i]);
}

static jf_status walk_new(walk *w, double *better, jf_error *err)
{
    size_t k = w->setup->problem->k;
    jf_status status = jf_held_new(w->setup, &w->j, 1, better, &w->held, err);

    if (status != JF_OK) return status;
    w->inside.theta = JF_NEW_ARRAY(double, k);
    w->other.theta = JF_NEW_ARRAY(double, k);
    w->next.theta = JF_NEW_ARRAY(double, k);
    w->start = JF_NEW_ARRAY(double, k);
    if (w->inside.theta && w->other.theta && w->next.theta && w->start) return JF_OK;
    return jf_fail(err, JF_ENOMEM, "out of memory for a profile");
}

static bool found_better(const walk *w)
{
    return isfinite(w->held.better_loss);
}

static void swap(place *a, place *b)
{
    place c = *a;

    *a = *b;
    *b = c;
}

/* ---- refits ---- */

/* Points on the line through `inside` and `other` at `value`; scales go along their logarithm, so that they
 * keep their sign. */
static void guess_start(walk *w, double value)
{
    const jf_problem *problem = w->setup->problem;
    double share = w->other.at == w->inside.at ? 0 : (value - w->inside.at) / (w->other.at - w->inside.at);

    for (size_t i = 0; i < problem->k; i++) {
        double a = w->inside.theta[i], b = w->other.theta[i];
        double x = problem->log_range[i] && a > 0 && b > 0 ? a * pow(b / a, share) : a + share * (b - a);

        w->start[i] = isfinite(x) ? fmin(fmax(x, problem->lower[i]), problem->upper[i]) : a;
    }
    w->start[w->j] = value;
}

/* w->next at `value`: infinite z where no refit has a finite loss. A refit that says "beyond the end" is
 * tried again from the last point, for a bad start must not shorten an interval. */
static jf_status look_at(walk *w, double value, jf_error *err)
{
    jf_status status = JF_OK;

    jf_held_move(&w->held, &value);
    guess_start(w, value);
    JF_TRY(jf_held_refit(&w->held, w->start, err));
    if (w->held.z > w->setup->quantile) JF_TRY(jf_held_refit(&w->held, w->inside.theta, err));
    w->next.at = value;
    w->next.z = w->held.z;
    memcpy(w->next.theta, w->held.theta, w->setup->problem->k * sizeof(double));
done:
    return status;
}

/* ---- one end ---- */

double jf_profile_first_step(const jf_profile_setup *setup, size_t j)
{
    const jf_problem *problem = setup->problem;
    double step = setup->quantile * sqrt(setup->covariance[j * problem->k + j]);

    if (isfinite(step) && step > 0) return step;
    if (setup->theta[j] != 0) return 0.1 * fabs(setup->theta[j]);
    step = 0.1 * (problem->range_high[j] - problem->range_low[j]);
    return isfinite(step) && step > 0 ? step : 1;
}

/* Puts `inside` on the fit and `other` on the tangent of the profile there. */
static void stand_at_fit(walk *w, double step)
{
    const jf_profile_setup *setup = w->setup;
    size_t k = setup->problem->k;
    double variance = setup->covariance[w->j * k + w->j];

    memcpy(w->inside.theta, setup->theta, k * sizeof(double));
    w->inside.at = setup->theta[w->j];
    w->inside.z = 0;
    w->other.at = w->inside.at - step;
    for (size_t i = 0; i < k; i++) {
        double slope = variance > 0 ? setup->covariance[i * k + w->j] / variance : 0;
        double x = setup->theta[i], moved = -step * (isfinite(slope) ? slope : 0);

        w->other.theta[i] = setup->problem->log_range[i] && x > 0 ? x * exp(moved / x) : x + moved;
    }
}

/* How much farther to go, by the line through the last two points. */
static double growth_of_step(const walk *w, double z_before, double ratio)
{
    double rise = w->inside.z - z_before, wanted;

    if (!(rise > 0)) return 8;
    wanted = 1 + 1.05 * (w->setup->quantile - w->inside.z) / rise * (1 - 1 / ratio);
    return fmin(fmax(wanted, 1.2), 8);
}

/* Goes outwards until the loss has grown too much. JF_END_OK: `inside` and `next` stand on either side of
 * the end; else there is none to close in on. */
static jf_status find_bracket(walk *w, double side, jf_end *state, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_profile_setup *setup = w->setup;
    double limit = side < 0 ? setup->problem->lower[w->j] : setup->problem->upper[w->j];
    double first = side * jf_profile_first_step(setup, w->j), distance = first, ratio = INFINITY;
    int still = 0;

    stand_at_fit(w, first);
    *state = JF_END_BOUND;
    if (setup->theta[w->j] == limit) return JF_OK;
    *state = JF_END_UNBOUNDED;
    for (int i = 0; i < MOST_STEPS && fabs(distance) <= FAR * fabs(first); i++) {
        double value = setup->theta[w->j] + distance, before = w->inside.z;
        bool at_limit = side * (value - limit) >= 0;

        JF_TRY(look_at(w, at_limit ? limit : value, err));
        if (found_better(w)) return JF_OK;
        *state = JF_END_OK;
        if (w->next.z >= setup->quantile) return JF_OK;
        *state = at_limit ? JF_END_BOUND : JF_END_UNBOUNDED;
        if (at_limit) return JF_OK;
        still = i && w->next.z - before < SATURATED * setup->quantile && ratio >= 4 ? still + 1 : 0;
        if (still == 3) return JF_OK;
        swap(&w->other, &w->inside);
        swap(&w->inside, &w->next);
        ratio = growth_of_step(w, before, ratio);
        distance *= ratio;
    }
done:
    return status;
}

/* The middle of the bracket; of brackets over many magnitudes the middle of those. */
static double middle(double a, double b)
{
    double small = fmin(fabs(a), fabs(b)), large = fmax(fabs(a), fabs(b));

    if (a * b < 0 || small > 0.1 * large) return a + 0.5 * (b - a);
    return copysign(sqrt(fmax(small, 1e-3 * large) * large), fabs(a) > fabs(b) ? a : b);
}

/* Where the line between the two points of the bracket crosses; the middle where that is no help. */
static double next_value(const place *in, const place *out, double quantile, bool halve)
{
    double share = (quantile - in->z) / (out->z - in->z);

    if (halve || !(share > 0.001 && share < 0.999)) return middle(in->at, out->at);
    return in->at + share * (out->at - in->at);
}

/* Closes in on the end between `inside` and `next`. */
static jf_status close_in(walk *w, jf_profile_end *end, jf_error *err)
{
    jf_status status = JF_OK;
    double quantile = w->setup->quantile, width = INFINITY;

    swap(&w->other, &w->next);
    for (int i = 0; i < MOST_TRIES; i++) {
        bool beyond;

        width = fabs(w->other.at - w->inside.at);
        if (width <= 4e-16 * fabs(w->inside.at)) break;
        JF_TRY(look_at(w, next_value(&w->inside, &w->other, quantile, i % 4 == 3), err));
        if (found_better(w)) return JF_OK;
        beyond = w->next.z > quantile;
        swap(&w->next, beyond ? &w->other : &w->inside);
        if (fabs((beyond ? w->other.z : w->inside.z) - quantile) > CLOSE * quantile) continue;
        *end = (jf_profile_end){beyond ? w->other.at : w->inside.at, JF_END_OK};
        return JF_OK;
    }
    /* the loss jumps: to infinity (the law ends here) or from one valley to another */
    *end = isfinite(w->other.z) && width <= CLOSE * fabs(w->inside.at)
               ? (jf_profile_end){w->inside.at, JF_END_OK}
               : (jf_profile_end){NAN, JF_END_FAILED};
done:
    return status;
}

/* The profile from the fit to the end (or to where the walk came), `from` it and `to` it in the curve. */
static jf_status draw_side(walk *w, double end, double side, jf_profile_curve *curve, jf_error *err)
{
    static const double shares[] = {0.25, 0.5, 0.75, 1};
    double fit = w->setup->theta[w->j], far = isnan(end) ? w->inside.at : end;
    jf_status status = JF_OK;

    if (!(side * (far - fit) > 0)) return JF_OK;
    for (size_t i = 0; i < sizeof shares / sizeof *shares && !found_better(w); i++) {
        JF_TRY(look_at(w, fit + shares[i] * (far - fit), err));
        if (!isfinite(w->next.z)) continue;
        curve->at[curve->n] = w->next.at;
        curve->z[curve->n++] = side * w->next.z;
    }
done:
    return status;
}

/* Points of both sides and the fit between them, by rising value. */
static void sort_curve(jf_profile_curve *curve)
{
    for (size_t i = 1; i < curve->n; i++)
        for (size_t k = i; k > 0 && curve->at[k - 1] > curve->at[k]; k--) {
            double at = curve->at[k], z = curve->z[k];
            curve->at[k] = curve->at[k - 1], curve->z[k] = curve->z[k - 1];
            curve->at[k - 1] = at, curve->z[k - 1] = z;
        }
}

/* Does the loss fall for ever on this side? */
static bool runs_away(const jf_profile_setup *setup, size_t j, double side)
{
    const jf_runaway *runaway = setup->runaway ? &setup->runaway[j] : NULL;

    return runaway && runaway->open && side * (runaway->reached - runaway->from) > 0;
}

jf_status jf_profile_run(const jf_profile_setup *setup, size_t j, jf_profile_end ends[2], double *better,
                         double *better_loss, jf_profile_curve *curve, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_problem *problem = setup->problem;
    walk w = {.setup = setup, .j = j};

    *better_loss = INFINITY;
    if (curve) *curve = (jf_profile_curve){.at = {setup->theta[j]}, .n = 1};
    for (int s = 0; s < 2; s++) ends[s] = (jf_profile_end){NAN, JF_END_FIXED};
    if (problem->fixed[j]) goto done;
    JF_TRY(walk_new(&w, better, err));
    for (int s = 0; s < 2 && !found_better(&w); s++) {
        jf_end state = JF_END_UNBOUNDED;

        if (!runs_away(setup, j, s ? 1 : -1)) JF_TRY(find_bracket(&w, s ? 1 : -1, &state, err));
        ends[s] = (jf_profile_end){NAN, state};
        if (state == JF_END_BOUND) ends[s].value = s ? problem->upper[j] : problem->lower[j];
        if (state == JF_END_OK && !found_better(&w)) JF_TRY(close_in(&w, &ends[s], err));
        if (curve && !runs_away(setup, j, s ? 1 : -1))
            JF_TRY(draw_side(&w, ends[s].value, s ? 1 : -1, curve, err));
    }
    if (curve) sort_curve(curve);
    *better_loss = w.held.better_loss;
done:
    walk_clear(&w);
    return status;
}
