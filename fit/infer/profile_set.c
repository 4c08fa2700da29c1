/* Profile likelihood intervals of all estimates of a fit (--ci profile), tied ones too. */
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/parallel.h"
#include "core/progress.h"
#include "fit/infer/infer_parts.h"
#include "fit/infer/intervals.h"
#include "fit/infer/profile.h"

/* Relative: how much lower another minimum is. Where the loss falls for ever, every walk comes lower. */
static const double LOWER = 1e-9, NEVER = 1;

typedef struct all_profiles {
    jf_profile_setup setup;
    const jf_fit *fit;
    jf_profile_end (*ends)[2];    /* n_theta */
    jf_profile_curve *curves;     /* n_theta */
    double *better, *better_loss; /* n_theta x n_theta and n_theta */
} all_profiles;

static jf_status run_one(void *context, size_t j, int thread, jf_error *err)
{
    all_profiles *all = context;
    (void)thread;

    return jf_profile_run(&all->setup, j, all->ends[j], all->better + j * all->fit->n_theta,
                          &all->better_loss[j], &all->curves[j], err);
}

jf_profile_setup jf_profile_setup_of(const jf_fit_work *work)
{
    const jf_fit *fit = work->fit;
    bool squares = work->loss.kind == JF_LOSS_LS;
    bool known = work->problem->weight && work->problem->weights_kind == JF_WEIGHTS_ABSOLUTE;
    double tail = (1 - fit->level) / 2;

    return (jf_profile_setup){.problem = work->problem,
                              .penalty = {work->loss.kind, work->solution.loss_constant},
                              .theta = fit->theta,
                              .covariance = fit->working,
                              .loss = fit->loss,
                              .lower = work->solution.runaway ? NEVER : LOWER,
                              .runaway = work->solution.runaway,
                              .unit = work->variance * work->slope / (squares ? 1 : 2),
                              .quantile = known         ? gsl_cdf_ugaussian_Qinv(tail)
                                          : fit->df > 0 ? gsl_cdf_tdist_Qinv(tail, (double)fit->df)
                                                        : NAN,
                              .max_iterations = (size_t)work->options->max_iterations,
                              .tolerance = work->options->tolerance};
}

jf_status jf_profile_keep_better(jf_fit_work *work, const double *theta, double loss, size_t parameter)
{
    size_t k = work->fit->n_theta;

    work->better = JF_NEW_ARRAY(double, k);
    if (!work->better) return jf_fail(work->err, JF_ENOMEM, "out of memory for a better minimum");
    memcpy(work->better, theta, k * sizeof(double));
    work->better_parameter = parameter;
    work->better_loss = loss;
    return JF_OK;
}

/* The parameter whose walk came on the lowest of better minima; n_theta where none did. */
static size_t find_better(const all_profiles *all)
{
    size_t best = all->fit->n_theta;

    for (size_t j = 0; j < all->fit->n_theta; j++)
        if (isfinite(all->better_loss[j]) &&
            (best == all->fit->n_theta || all->better_loss[j] < all->better_loss[best]))
            best = j;
    return best;
}

/* Ends of a tied estimate that follows one parameter, always the same way: those of the parameter, as the tie
 * turns them. Others have none. */
static jf_status tie_ends(jf_fit_work *work, const all_profiles *all, size_t i, jf_profile_end ends[2])
{
    jf_status status = JF_OK;
    size_t k = work->fit->n_theta, own = k, touched = 0;
    double *theta = JF_NEW_ARRAY(double, k), *gradient = JF_NEW_ARRAY(double, k), value, slope;
    jf_profile_end turned[2];

    ends[0] = ends[1] = (jf_profile_end){NAN, JF_END_TIED};
    JF_TRY_NEW(theta && gradient ? theta : NULL, work->err, "a profile");
    memcpy(theta, work->fit->theta, k * sizeof *theta);
    JF_TRY(jf_estimate_value(work, i, theta, gradient, &value));
    for (size_t j = 0; j < k; j++)
        if (gradient[j] != 0) own = j, touched++;
    if (touched != 1 || isfinite(all->better_loss[own])) goto done;
    slope = gradient[own];
    for (int s = 0; s < 2; s++) {
        turned[s] = all->ends[own][s];
        if (isnan(turned[s].value)) continue;
        theta[own] = turned[s].value;
        JF_TRY(jf_estimate_value(work, i, theta, gradient, &turned[s].value));
        if (!(gradient[own] * slope > 0)) goto done;
    }
    ends[0] = turned[slope < 0];
    ends[1] = turned[slope > 0];
done:
    jf_free(theta);
    jf_free(gradient);
    return status;
}

static jf_status add_set(jf_fit_work *work, const all_profiles *all)
{
    jf_status status = JF_OK;
    const jf_fit *fit = work->fit;
    jf_interval_set *set;

    JF_TRY(jf_intervals_new(work, &set, "profile"));
    set->low_end = JF_NEW_ARRAY(jf_end, fit->n_estimates);
    set->high_end = JF_NEW_ARRAY(jf_end, fit->n_estimates);
    set->curves = JF_NEW_ZEROED(jf_profile_curve, fit->n_estimates);
    set->quantile = all->setup.quantile;
    JF_TRY_NEW(set->low_end && set->high_end && set->curves ? set : NULL, work->err, "intervals");
    for (size_t i = 0; i < fit->n_estimates; i++) {
        bool own = i < fit->n_theta, lost = own && isfinite(all->better_loss[i]);
        jf_profile_end ends[2] = {{NAN, JF_END_FAILED}, {NAN, JF_END_FAILED}};

        if (own && !lost) memcpy(ends, all->ends[i], sizeof ends);
        if (!own) JF_TRY(tie_ends(work, all, i, ends));
        set->low[i] = ends[0].value;
        set->high[i] = ends[1].value;
        set->low_end[i] = ends[0].state;
        if (own && !lost) set->curves[i] = all->curves[i];
        set->high_end[i] = ends[1].state;
    }
done:
    return status;
}

void jf_profile_warn(jf_fit_work *work)
{
    if (work->groups)
        jf_warn(&work->fit->warnings, "W_PROFILE_ROWS",
                "profile intervals and contours take the %zu rows as independent, though they stand in %zu "
                "groups",
                work->fit->n, work->n_groups);
}

jf_status jf_intervals_profile(jf_fit_work *work)
{
    jf_status status = JF_OK;
    const jf_fit *fit = work->fit;
    size_t k = fit->n_theta, best;
    all_profiles all = {.setup = jf_profile_setup_of(work), .fit = fit};

    all.ends = jf_alloc_zero(k, sizeof *all.ends);
    all.curves = JF_NEW_ZEROED(jf_profile_curve, k);
    all.better = JF_NEW_ARRAY(double, k *k);
    all.better_loss = JF_NEW_ARRAY(double, k);
    JF_TRY_NEW(all.ends && all.curves && all.better && all.better_loss ? work : NULL, work->err, "profiles");
    for (size_t j = 0; j < k; j++) {
        all.better_loss[j] = INFINITY;
        for (int s = 0; s < 2; s++) all.ends[j][s] = (jf_profile_end){NAN, JF_END_NONE};
    }
    jf_progress_stage("profiles");
    if (all.setup.unit > 0 && all.setup.quantile > 0)
        JF_TRY(jf_parallel(k, (int)work->options->threads, run_one, &all, work->err));
    best = find_better(&all);
    if (best < k && !work->last)
        JF_TRY(jf_profile_keep_better(work, all.better + best * k, all.better_loss[best], best));
    else
        JF_TRY(add_set(work, &all));
    jf_profile_warn(work);
done:
    jf_free(all.ends);
    jf_free(all.curves);
    jf_free(all.better);
    jf_free(all.better_loss);
    return status;
}
