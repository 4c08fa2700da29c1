/* Traces each parameter's error to the directions that the rows tell least, and classes it. */
#include "fit/infer/identify_parts.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "fit/infer/infer_parts.h"
#include "fit/infer/profile.h"

const char *const jf_told_names[] = {
    "well", "roughly", "weakly", "not_by_these_rows", "not_by_any_rows", "runaway", "at_bound",
    "held", "failed",  NULL};

static const double WELL = 0.2;     /* relative error */
static const double FOLLOWS = 0.99; /* correlation of a scale with the exponent that it goes with */
static const double HARDLY_LENGTH =
    1e10;                             /* inflation without centring: five digits of the column are its own */
static const double CONSTANT = 1e-10; /* spread of a column over its length: an intercept's */

/* ---- classes ---- */

/* The parameter whose estimate goes with that of j most closely; j where there is none. */
static size_t closest(const jf_fit *fit, size_t j, double *correlation)
{
    size_t best = j;

    *correlation = 0;
    for (size_t i = 0; i < fit->n_theta; i++) {
        double r = i == j ? 0 : jf_estimates_correlation(fit, j, i);
        if (!(fabs(r) > fabs(*correlation))) continue;
        *correlation = r;
        best = i;
    }
    return best;
}

/* Is the estimate more than twice its error away from zero? */
static bool is_clear(const jf_estimate *estimate)
{
    return fabs(estimate->value) > 2 * estimate->std_error;
}

static bool is_scale(const jf_fit_work *work, size_t j)
{
    return work->problem->log_range[j] && work->fit->estimates[j].lower >= 0;
}

/* A scale that only follows a well determined exponent (k of k*C^a, far from the runs' C) and an intercept
 * are read off far from the rows; they are not weak for it. */
static bool is_follower(const jf_fit_work *work, size_t a)
{
    const jf_fit *fit = work->fit;
    size_t j = work->active[a], other;
    double correlation;

    if (work->solution.runaway) return false; /* its partners are not there to hold it */
    if (work->design.spread[a] <= CONSTANT * work->design.length[a]) return true;
    other = closest(fit, j, &correlation);
    return is_scale(work, j) && fabs(correlation) >= FOLLOWS && is_clear(&fit->estimates[other]);
}

/* A scale whose error is as large as itself, or a parameter with next to no direction of its own. */
static bool is_lost(const jf_fit_work *work, const jf_directions *d, size_t a)
{
    size_t j = work->active[a];

    if (!(work->fit->estimates[j].identity.relative_error > 1)) return false;
    if (work->solution.runaway) return true;
    if (is_scale(work, j)) return !is_follower(work, a);
    return jf_directions_variance(d, a) > HARDLY_LENGTH;
}

/* A follower is told with the parameter that it follows, be their direction ever so short. */
static void name_leader(const jf_fit_work *work, size_t a)
{
    const jf_fit *fit = work->fit;
    jf_identity *identity = &fit->estimates[work->active[a]].identity;
    double correlation;
    size_t other = closest(fit, work->active[a], &correlation);

    if (identity->n_partners || !(identity->relative_error > WELL) || fabs(correlation) < FOLLOWS) return;
    jf_identity_add_partner(fit, work->active[a], other);
    identity->correlation = correlation;
}

static bool is_weak(const jf_fit_work *work, const jf_directions *d, size_t a)
{
    const jf_identity *identity = &work->fit->estimates[work->active[a]].identity;

    if (is_lost(work, d, a)) return true;
    return identity->n_partners && identity->relative_error > JF_NOT_FROM_ZERO && !is_follower(work, a);
}

/* Roughly: relative to itself, for what has a size; an effect may well be zero. */
static jf_told told_of(const jf_fit_work *work, size_t a)
{
    size_t j = work->active[a];
    const jf_identity *identity = &work->fit->estimates[j].identity;
    bool effect = !is_scale(work, j) && !identity->n_partners && identity->relative_error > JF_NOT_FROM_ZERO;

    if (work->fit->estimates[j].state == JF_STATE_WEAK) return JF_TOLD_WEAKLY;
    return identity->relative_error <= WELL || effect ? JF_TOLD_WELL : JF_TOLD_ROUGHLY;
}

/* Is the parameter in a direction that moves no prediction? */
static bool is_in_null(const jf_fit *fit, size_t j)
{
    for (size_t m = 0; m < fit->n_null; m++)
        if (fit->null[m * fit->n_theta + j] != 0) return true;
    return false;
}

static bool runs_away(const jf_fit_work *work, size_t j)
{
    return j < work->fit->n_theta && work->solution.runaway && work->solution.runaway[j].open;
}

static void class_others(const jf_fit_work *work, const bool *structural)
{
    const jf_fit *fit = work->fit;

    for (size_t i = 0; i < fit->n_estimates; i++) {
        jf_estimate *e = &fit->estimates[i];
        jf_told *told = &e->identity.told;

        if (e->state == JF_STATE_FIXED || e->state == JF_STATE_TIED) *told = JF_TOLD_HELD;
        if (e->state == JF_STATE_AT_BOUND) *told = JF_TOLD_AT_BOUND;
        if (e->state != JF_STATE_UNIDENTIFIED) continue;
        if (fit->outcome == JF_FAILED)
            *told = JF_TOLD_FAILED;
        else if (runs_away(work, i) || !is_in_null(fit, i))
            *told = JF_TOLD_RUNAWAY;
        else
            *told = structural[i] ? JF_TOLD_NOT_BY_ANY : JF_TOLD_NOT_BY_THESE;
    }
}

/* ---- profiles ---- */

/* What the profiles that were asked for say. */
static bool read_profiles(const jf_fit *fit)
{
    for (size_t s = 0; s < fit->n_intervals; s++) {
        const jf_interval_set *set = &fit->intervals[s];

        if (strcmp(set->kind, "profile") != 0) continue;
        for (size_t i = 0; i < fit->n_theta; i++) {
            jf_identity *identity = &fit->estimates[i].identity;
            if (isnan(fit->estimates[i].std_error)) continue;
            identity->profiled = true;
            identity->open_below = set->low_end[i] == JF_END_UNBOUNDED;
            identity->open_above = set->high_end[i] == JF_END_UNBOUNDED;
        }
        return true;
    }
    return false;
}

/* Profiles parameter j to both sides. */
static jf_status profile_one(jf_fit_work *work, const jf_profile_setup *setup, size_t j)
{
    jf_status status = JF_OK;
    jf_identity *identity = &work->fit->estimates[j].identity;
    jf_profile_end ends[2];
    double *better = JF_NEW_ARRAY(double, work->fit->n_theta), better_loss;

    JF_TRY_NEW(better, work->err, "a profile");
    JF_TRY(jf_profile_run(setup, j, ends, better, &better_loss, NULL, work->err));
    if (isfinite(better_loss)) {
        if (!work->last) JF_TRY(jf_profile_keep_better(work, better, better_loss, j));
        goto done;
    }
    identity->profiled = true;
    identity->open_below = ends[0].state == JF_END_UNBOUNDED;
    identity->open_above = ends[1].state == JF_END_UNBOUNDED;
done:
    jf_free(better);
    return status;
}

static jf_status profile_weak(jf_fit_work *work)
{
    jf_status status = JF_OK;
    const jf_fit *fit = work->fit;
    jf_profile_setup setup = jf_profile_setup_of(work);

    if (fit->linear || work->options->skip_profiles || read_profiles(fit)) return JF_OK;
    if (!(setup.unit > 0 && setup.quantile > 0)) return JF_OK;
    for (size_t j = 0; j < fit->n_theta && !work->better; j++)
        if (fit->estimates[j].state == JF_STATE_WEAK) JF_TRY(profile_one(work, &setup, j));
done:
    return status;
}

/* ---- all together ---- */

static void begin(const jf_fit *fit)
{
    for (size_t i = 0; i < fit->n_estimates; i++) {
        jf_estimate *e = &fit->estimates[i];

        e->identity = (jf_identity){
            .told = JF_TOLD_FAILED, .relative_error = NAN, .condition_index = NAN, .share = NAN};
        if (!isfinite(e->std_error)) continue;
        e->identity.relative_error = e->std_error > 0 ? e->std_error / fabs(e->value) : 0;
    }
}

static jf_status class_active(jf_fit_work *work)
{
    jf_status status = JF_OK;
    jf_fit *fit = work->fit;
    jf_directions d = {0};

    JF_TRY(jf_directions_find(work, &d));
    for (size_t a = 0; a < d.p; a++) {
        jf_estimate *e = &fit->estimates[work->active[a]];

        if (e->state != JF_STATE_OK || !isfinite(e->std_error)) continue;
        jf_directions_trace(work, &d, a);
        if (is_weak(work, &d, a)) e->state = JF_STATE_WEAK;
        if (is_follower(work, a)) name_leader(work, a);
    }
    JF_TRY(profile_weak(work));
    for (size_t a = 0; a < d.p; a++) {
        jf_estimate *e = &fit->estimates[work->active[a]];

        if ((e->state != JF_STATE_OK && e->state != JF_STATE_WEAK) || !isfinite(e->std_error)) continue;
        if (e->identity.open_below || e->identity.open_above) e->state = JF_STATE_WEAK;
        e->identity.told = told_of(work, a);
    }
done:
    jf_directions_clear(&d);
    return status;
}

jf_status jf_identify_run(jf_fit_work *work)
{
    jf_status status = JF_OK;
    jf_fit *fit = work->fit;
    bool *structural = JF_NEW_ZEROED(bool, fit->n_theta);

    JF_TRY_NEW(structural, work->err, "verdicts");
    begin(fit);
    if (fit->outcome != JF_FAILED && work->design.inverse) JF_TRY(class_active(work));
    if (fit->n_null) JF_TRY(jf_identify_structure(work, structural));
    class_others(work, structural);
done:
    jf_free(structural);
    return status;
}
