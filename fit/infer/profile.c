/* Walks one parameter outwards from the fit, refits the others at every step, and closes in on the ends. */
#include "fit/infer/profile.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/parallel.h"
#include "fit/infer/intervals.h"

enum { MOST_STEPS = 40, MOST_TRIES = 60 };
static const double CLOSE = 1e-9;     /* of the quantile: an end is found */
static const double LOWER = 1e-9;     /* relative: squares that are lower than this are another minimum */
static const double SATURATED = 1e-4; /* of the quantile: growth that is none */
static const double FAR = 1e8;        /* first steps: no end that any data could tell */

/* A point of the profile: the parameter held, the others at their best. */
typedef struct place {
    double at, z; /* z: root of the growth of squares in standard deviations */
    double *theta;
} place;

typedef struct walk {
    const jf_profile_setup *setup;
    jf_problem held; /* setup->problem with the parameter fixed: bounds are its own, all else is borrowed */
    size_t j;
    place inside, other, next; /* `other`: the point before, or beyond the end */
    double *start, *better;
    double better_loss;
} walk;

static void walk_clear(walk *w)
{
    void *const owned[] = {w->held.lower,  w->held.upper, w->held.fixed, w->inside.theta,
                           w->other.theta, w->next.theta, w->start};

    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) jf_free(owned[i]);
}

static jf_status walk_new(walk *w, jf_error *err)
{
    const jf_problem *problem = w->setup->problem;
    size_t k = problem->k;

    w->held = *problem;
    w->held.lower = JF_NEW_ARRAY(double, k);
    w->held.upper = JF_NEW_ARRAY(double, k);
    w->held.fixed = JF_NEW_ARRAY(bool, k);
    w->inside.theta = JF_NEW_ARRAY(double, k);
    w->other.theta = JF_NEW_ARRAY(double, k);
    w->next.theta = JF_NEW_ARRAY(double, k);
    w->start = JF_NEW_ARRAY(double, k);
    if (!w->held.lower || !w->held.upper || !w->held.fixed || !w->inside.theta || !w->other.theta ||
        !w->next.theta || !w->start)
        return jf_fail(err, JF_ENOMEM, "out of memory for a profile");
    memcpy(w->held.lower, problem->lower, k * sizeof(double));
    memcpy(w->held.upper, problem->upper, k * sizeof(double));
    memcpy(w->held.fixed, problem->fixed, k * sizeof(bool));
    w->held.fixed[w->j] = true;
    return JF_OK;
}

static void swap(place *a, place *b)
{
    place c = *a;

    *a = *b;
    *b = c;
}

/* ---- refits ---- */

static jf_solve_options local_options(const jf_profile_setup *setup, const double *from)
{
    return (jf_solve_options){.loss = {JF_LOSS_LS, NAN},
                              .local_only = true,
                              .from = from,
                              .max_iterations = setup->max_iterations,
                              .tolerance = setup->tolerance,
                              .threads = 1};
}

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

/* A minimum below that of the fit was met: lets the parameter go and keeps what it comes to. */
static jf_status keep_better(walk *w, const double *from, jf_error *err)
{
    jf_status status = JF_OK;
    jf_solve_options options = local_options(w->setup, from);
    jf_solution solution = {0};

    JF_TRY(jf_solve(w->setup->problem, &options, &solution, err));
    if (!(solution.loss < w->setup->loss * (1 - LOWER))) goto done;
    w->better_loss = solution.loss;
    memcpy(w->better, solution.theta, w->setup->problem->k * sizeof(double));
done:
    jf_solution_clear(&solution);
    return status;
}

/* One refit from `from`; lowers next.z and takes its parameters where it is better than what is there. */
static jf_status refit_from(walk *w, const double *from, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_profile_setup *setup = w->setup;
    jf_solve_options options = local_options(setup, from);
    jf_solution solution = {0};
    double growth;

    JF_TRY(jf_solve(&w->held, &options, &solution, err));
    if (!isfinite(solution.loss)) goto done;
    growth = (solution.loss - setup->loss) / setup->variance;
    if (sqrt(fmax(growth, 0)) >= w->next.z) goto done;
    w->next.z = sqrt(fmax(growth, 0));
    memcpy(w->next.theta, solution.theta, setup->problem->k * sizeof(double));
    if (solution.loss < setup->loss * (1 - LOWER)) JF_TRY(keep_better(w, solution.theta, err));
done:
    jf_solution_clear(&solution);
    return status;
}

/* w->next at `value`: infinite z where no refit has finite squares. A refit that says "beyond the end" is
 * tried again from the last point, for a bad start must not shorten an interval. */
static jf_status look_at(walk *w, double value, jf_error *err)
{
    jf_status status = JF_OK;

    w->next.at = value;
    w->next.z = INFINITY;
    w->held.lower[w->j] = w->held.upper[w->j] = value;
    guess_start(w, value);
    JF_TRY(refit_from(w, w->start, err));
    if (w->next.z > w->setup->quantile) JF_TRY(refit_from(w, w->inside.theta, err));
done:
    return status;
}

/* ---- one end ---- */

static double first_step(const jf_profile_setup *setup, size_t j)
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

/* Goes outwards until the squares have grown too much. JF_END_OK: `inside` and `next` stand on either side of
 * the end; else there is none to close in on. */
static jf_status find_bracket(walk *w, double side, jf_end *state, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_profile_setup *setup = w->setup;
    double limit = side < 0 ? setup->problem->lower[w->j] : setup->problem->upper[w->j];
    double first = side * first_step(setup, w->j), distance = first, ratio = INFINITY;
    int still = 0;

    stand_at_fit(w, first);
    *state = JF_END_BOUND;
    if (setup->theta[w->j] == limit) return JF_OK;
    *state = JF_END_UNBOUNDED;
    for (int i = 0; i < MOST_STEPS && fabs(distance) <= FAR * fabs(first); i++) {
        double value = setup->theta[w->j] + distance, before = w->inside.z;
        bool at_limit = side * (value - limit) >= 0;

        JF_TRY(look_at(w, at_limit ? limit : value, err));
        if (isfinite(w->better_loss)) return JF_OK;
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
        if (isfinite(w->better_loss)) return JF_OK;
        beyond = w->next.z > quantile;
        swap(&w->next, beyond ? &w->other : &w->inside);
        if (fabs((beyond ? w->other.z : w->inside.z) - quantile) > CLOSE * quantile) continue;
        *end = (jf_profile_end){beyond ? w->other.at : w->inside.at, JF_END_OK};
        return JF_OK;
    }
    /* the squares jump: to infinity (the law ends here) or from one valley to another */
    *end = isfinite(w->other.z) && width <= CLOSE * fabs(w->inside.at)
               ? (jf_profile_end){w->inside.at, JF_END_OK}
               : (jf_profile_end){NAN, JF_END_FAILED};
done:
    return status;
}

jf_status jf_profile_run(const jf_profile_setup *setup, size_t j, jf_profile_end ends[2], double *better,
                         double *better_loss, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_problem *problem = setup->problem;
    walk w = {.setup = setup, .j = j, .better = better, .better_loss = INFINITY};

    for (int s = 0; s < 2; s++) ends[s] = (jf_profile_end){NAN, JF_END_FIXED};
    if (problem->fixed[j]) goto done;
    JF_TRY(walk_new(&w, err));
    for (int s = 0; s < 2 && !isfinite(w.better_loss); s++) {
        jf_end state;

        JF_TRY(find_bracket(&w, s ? 1 : -1, &state, err));
        ends[s] = (jf_profile_end){NAN, state};
        if (state == JF_END_BOUND) ends[s].value = s ? problem->upper[j] : problem->lower[j];
        if (state == JF_END_OK && !isfinite(w.better_loss)) JF_TRY(close_in(&w, &ends[s], err));
    }
done:
    *better_loss = w.better_loss;
    walk_clear(&w);
    return status;
}

/* ---- all parameters of a fit ---- */

typedef struct all_profiles {
    jf_profile_setup setup;
    const jf_fit *fit;
    jf_profile_end (*ends)[2];    /* n_theta */
    double *better, *better_loss; /* n_theta x n_theta and n_theta */
} all_profiles;

static jf_status run_one(void *context, size_t j, int thread, jf_error *err)
{
    all_profiles *all = context;
    (void)thread;

    return jf_profile_run(&all->setup, j, all->ends[j], all->better + j * all->fit->n_theta,
                          &all->better_loss[j], err);
}

static jf_profile_setup setup_of(const jf_fit_work *work)
{
    const jf_fit *fit = work->fit;
    bool known = work->problem->weight && work->problem->weights_kind == JF_WEIGHTS_ABSOLUTE;
    double tail = (1 - fit->level) / 2;

    return (jf_profile_setup){.problem = work->problem,
                              .theta = fit->theta,
                              .covariance = fit->working,
                              .loss = fit->rss,
                              .variance = known ? 1 : fit->sigma * fit->sigma,
                              .quantile = known         ? gsl_cdf_ugaussian_Qinv(tail)
                                          : fit->df > 0 ? gsl_cdf_tdist_Qinv(tail, (double)fit->df)
                                                        : NAN,
                              .max_iterations = (size_t)work->options->max_iterations,
                              .tolerance = work->options->tolerance};
}

/* Hands the lowest of the better minima to the work; false where there is none. */
static bool take_better(jf_fit_work *work, const all_profiles *all)
{
    const jf_fit *fit = work->fit;
    size_t best = 0;

    for (size_t j = 1; j < fit->n_theta; j++)
        if (all->better_loss[j] < all->better_loss[best]) best = j;
    if (!fit->n_theta || !isfinite(all->better_loss[best])) return false;
    work->better = JF_NEW_ARRAY(double, fit->n_theta);
    if (!work->better) return false;
    memcpy(work->better, all->better + best * fit->n_theta, fit->n_theta * sizeof(double));
    work->better_parameter = best;
    work->better_loss = all->better_loss[best];
    return true;
}

static jf_status add_set(jf_fit_work *work, const all_profiles *all)
{
    jf_status status = JF_OK;
    const jf_fit *fit = work->fit;
    jf_interval_set *set;

    JF_TRY(jf_intervals_new(work, &set, "profile"));
    set->low_end = JF_NEW_ARRAY(jf_end, fit->n_estimates);
    set->high_end = JF_NEW_ARRAY(jf_end, fit->n_estimates);
    JF_TRY_NEW(set->low_end && set->high_end ? set : NULL, work->err, "intervals");
    for (size_t i = 0; i < fit->n_estimates; i++) {
        bool own = i < fit->n_theta, lost = own && isfinite(all->better_loss[i]);

        set->low[i] = own && !lost ? all->ends[i][0].value : NAN;
        set->high[i] = own && !lost ? all->ends[i][1].value : NAN;
        set->low_end[i] = lost ? JF_END_FAILED : own ? all->ends[i][0].state : JF_END_TIED;
        set->high_end[i] = lost ? JF_END_FAILED : own ? all->ends[i][1].state : JF_END_TIED;
    }
done:
    return status;
}

jf_status jf_intervals_profile(jf_fit_work *work)
{
    jf_status status = JF_OK;
    const jf_fit *fit = work->fit;
    size_t k = fit->n_theta;
    all_profiles all = {.setup = setup_of(work), .fit = fit};

    if (work->loss.kind != JF_LOSS_LS)
        return jf_fail(work->err, JF_EUSAGE,
                       "--ci profile: the loss is %s, and a profile likelihood belongs to squares",
                       fit->loss_name);
    all.ends = jf_alloc_zero(k, sizeof *all.ends);
    all.better = JF_NEW_ARRAY(double, k *k);
    all.better_loss = JF_NEW_ARRAY(double, k);
    JF_TRY_NEW(all.ends && all.better && all.better_loss ? work : NULL, work->err, "profiles");
    for (size_t j = 0; j < k; j++) {
        all.better_loss[j] = INFINITY;
        for (int s = 0; s < 2; s++) all.ends[j][s] = (jf_profile_end){NAN, JF_END_NONE};
    }
    if (all.setup.variance > 0 && all.setup.quantile > 0)
        JF_TRY(jf_parallel(k, (int)work->options->threads, run_one, &all, work->err));
    if (work->last || !take_better(work, &all)) JF_TRY(add_set(work, &all));
    if (work->groups)
        jf_warn(&work->fit->warnings, "W_PROFILE_ROWS",
                "profile intervals take the %zu rows as independent, though they stand in %zu groups", fit->n,
                work->n_groups);
done:
    jf_free(all.ends);
    jf_free(all.better);
    jf_free(all.better_loss);
    return status;
}
