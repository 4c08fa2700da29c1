/* Bootstrap intervals of a fit's estimates, tied ones too. */
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "fit/infer/bootstrap.h"
#include "fit/infer/bootstrap_requests.h"
#include "fit/infer/held.h"
#include "fit/infer/infer_parts.h"
#include "fit/infer/intervals.h"
#include "fit/infer/profile.h"

static jf_bootstrap_basis basis_of(const jf_fit_work *work, const jf_problem *problem)
{
    const jf_fit *fit = work->fit;

    return (jf_bootstrap_basis){.problem = problem,
                                .loss = {work->loss.kind, work->solution.loss_constant},
                                .theta = fit->theta,
                                .fitted = fit->fitted,
                                .residual = fit->residual,
                                .leverage = fit->leverage,
                                .sigma = fit->sigma,
                                .group = work->group,
                                .n_groups = work->n_groups,
                                .max_iterations = (size_t)work->options->max_iterations};
}

/* Where the rows leave directions open, holds one parameter of each where the fit has it: what they do
 * determine does not depend on it, and refits come to an end. `holds` tells whether there are any;
 * parameters that run away are not held. */
static jf_status hold_open_directions(const jf_fit_work *work, const jf_profile_setup *setup, jf_held *held,
                                      bool *holds)
{
    jf_status status = JF_OK;
    const jf_design *design = &work->design;
    size_t n = work->fit->n_null, *which = NULL;
    double *values = NULL;

    *holds = n > 0 && !work->solution.runaway;
    if (!*holds) return JF_OK;
    which = JF_NEW_ARRAY(size_t, n);
    values = JF_NEW_ARRAY(double, n);
    JF_TRY_NEW(which && values ? which : NULL, work->err, "refits");
    for (size_t i = 0; i < n; i++) {
        which[i] = work->active[design->order[design->rank + i]];
        values[i] = work->fit->theta[which[i]];
    }
    JF_TRY(jf_held_new(setup, which, n, NULL, held, work->err));
    jf_held_move(held, values);
done:
    jf_free(which);
    jf_free(values);
    return status;
}

/* Derived quantities: columns after the estimates. */
static jf_status fill_derived(jf_fit_work *work, const jf_bootstrap *b, const jf_bootstrap *jackknife,
                              jf_bootstrap_interval interval, jf_interval_set *set)
{
    jf_status status = JF_OK;
    const jf_fit *fit = work->fit;

    if (!fit->n_derived) return JF_OK;
    set->derived = JF_NEW_ZEROED(jf_derived, fit->n_derived);
    JF_TRY_NEW(set->derived, work->err, "intervals");
    for (size_t i = 0; i < fit->n_derived; i++) {
        jf_derived *d = &set->derived[i];
        size_t column = fit->n_estimates + i;

        d->value = fit->derived[i].value;
        d->std_error = d->ci_low = d->ci_high = NAN;
        if (isnan(d->value)) continue;
        d->std_error = jf_bootstrap_error(b, column);
        JF_TRY(jf_bootstrap_limits(b, jackknife, column, d->value, interval, fit->level, &d->ci_low,
                                   &d->ci_high, work->err));
    }
done:
    return status;
}

static jf_status fill_set(jf_fit_work *work, const jf_bootstrap *b, const jf_bootstrap *jackknife,
                          jf_bootstrap_interval interval, jf_interval_set *set)
{
    jf_status status = JF_OK;
    const jf_fit *fit = work->fit;

    set->n_resamples = b->n_resamples;
    set->n_failed = b->n_failed;
    set->error = JF_NEW_ARRAY(double, fit->n_estimates);
    set->quantiles = JF_NEW_ARRAY(double, fit->n_estimates *JF_N_QUANTILES);
    JF_TRY_NEW(set->error && set->quantiles, work->err, "intervals");
    for (size_t i = 0; i < fit->n_estimates; i++) {
        const jf_estimate *estimate = &fit->estimates[i];
        double *quantiles = set->quantiles + i * JF_N_QUANTILES;

        set->error[i] = NAN;
        for (size_t q = 0; q < JF_N_QUANTILES; q++) quantiles[q] = NAN;
        if (estimate->state == JF_STATE_FIXED || estimate->state == JF_STATE_UNIDENTIFIED) continue;
        set->error[i] = jf_bootstrap_error(b, i);
        JF_TRY(jf_bootstrap_quantiles(b, i, quantiles, JF_N_QUANTILES, work->err));
        JF_TRY(jf_bootstrap_limits(b, jackknife, i, estimate->value, interval, fit->level, &set->low[i],
                                   &set->high[i], work->err));
    }
    JF_TRY(fill_derived(work, b, jackknife, interval, set));
    JF_TRY(jf_bootstrap_test(work, b, set));
done:
    return status;
}

/* What was asked for. */
typedef struct wishes {
    bool resample[8]; /* by jf_resample_kind */
    bool interval[8]; /* by jf_bootstrap_interval */
    bool t_of_groups; /* the t of wild-cluster, in place of the others where they were not asked for */
} wishes;

/* How limits are made: percentile, and t for wild-cluster, unless the user says. */
static jf_status read_intervals(const jf_fit_work *work, wishes *out)
{
    jf_status status = JF_OK;
    const char *text = work->options->bootstrap_interval;
    bool squares = work->loss.kind == JF_LOSS_LS, wild = out->resample[JF_RESAMPLE_WILD_CLUSTER];

    if (!text || !strcmp(text, "auto")) {
        out->interval[JF_INTERVAL_PERCENTILE] = true;
        out->t_of_groups = wild && squares;
        return JF_OK;
    }
    JF_TRY(
        jf_option_names("--bootstrap-interval", text, jf_bootstrap_interval_names, out->interval, work->err));
    if (!out->interval[JF_INTERVAL_T]) return JF_OK;
    if (!wild)
        return jf_fail(work->err, JF_EUSAGE, "--bootstrap-interval t: expected --resample wild-cluster");
    if (!squares)
        return jf_fail(work->err, JF_EUSAGE, "--bootstrap-interval t: expected --loss ls, found '%s'",
                       work->options->loss);
done:
    return status;
}

/* Are refits of this kind asked for? */
static bool wants_refits(const wishes *wanted, int kind)
{
    bool any = false;

    if (!wanted->resample[kind] || (kind == JF_RESAMPLE_WILD_CLUSTER && wanted->t_of_groups)) return false;
    for (int i = 0; jf_bootstrap_interval_names[i]; i++)
        any = any || (wanted->interval[i] && i != JF_INTERVAL_T);
    return any;
}

static bool wants_t(const wishes *wanted, int kind)
{
    return kind == JF_RESAMPLE_WILD_CLUSTER && wanted->resample[kind] &&
           (wanted->t_of_groups || wanted->interval[JF_INTERVAL_T]);
}

static jf_status read_wishes(const jf_fit_work *work, wishes *out)
{
    jf_status status = JF_OK;
    const jf_fit_options *options = work->options;

    *out = (wishes){0};
    if (!options->resample || !strcmp(options->resample, "auto"))
        out->resample[work->group ? JF_RESAMPLE_CLUSTER : JF_RESAMPLE_PAIRS] = true;
    else
        JF_TRY(jf_option_names("--resample", options->resample, jf_resample_names, out->resample, work->err));
    JF_TRY(read_intervals(work, out));
done:
    return status;
}

static jf_status add_sets(jf_fit_work *work, const wishes *wanted, jf_resample_kind kind,
                          const jf_bootstrap *bootstrap, const jf_bootstrap *jackknife)
{
    jf_status status = JF_OK;
    jf_interval_set *set;

    for (int i = 0; jf_bootstrap_interval_names[i]; i++) {
        if (!wanted->interval[i] || i == JF_INTERVAL_T) continue;
        JF_TRY(jf_intervals_new(work, &set, "bootstrap:%s:%s", jf_resample_names[kind],
                                jf_bootstrap_interval_names[i]));
        JF_TRY(fill_set(work, bootstrap, jackknife, (jf_bootstrap_interval)i, set));
    }
    if (bootstrap->n_failed)
        jf_warn(&work->fit->warnings, "W_BOOTSTRAP_FAILED",
                "%zu of %zu resamples (%s) could not be fitted, for example because a level lost its rows; "
                "the bootstrap "
                "intervals are of the others",
                bootstrap->n_failed, bootstrap->n_resamples, jf_resample_names[kind]);
done:
    return status;
}

jf_status jf_intervals_bootstrap(jf_fit_work *work)
{
    jf_status status = JF_OK;
    const jf_fit_options *options = work->options;
    jf_bootstrap_basis basis;
    jf_profile_setup setup = jf_profile_setup_of(work);
    jf_held held = {0};
    bool holds;
    jf_bootstrap_options how = {.n_resamples = (size_t)options->bootstrap,
                                .seed = options->seed,
                                .threads = (int)options->threads,
                                .checkpoint = options->checkpoint};
    jf_bootstrap bootstrap = {0}, jackknife = {0};
    jf_text part = {0};
    wishes wanted;

    JF_TRY(read_wishes(work, &wanted));
    JF_TRY(hold_open_directions(work, &setup, &held, &holds));
    basis = basis_of(work, holds ? &held.problem : work->problem);
    if (wanted.interval[JF_INTERVAL_BCA]) {
        JF_TRY(jf_jackknife_run(&basis, how.threads, &jackknife, work->err));
        JF_TRY(jf_bootstrap_widen(work, &jackknife));
    }
    for (int kind = 0; jf_resample_names[kind]; kind++) {
        if (wants_t(&wanted, kind)) JF_TRY(jf_intervals_wild(work));
        if (!wants_refits(&wanted, kind)) continue;
        how.kind = (jf_resample_kind)kind;
        jf_text_free(&part);
        jf_text_addf(&part, "bootstrap %s of %s", jf_resample_names[kind], work->law->name);
        JF_TRY_NEW(part.data, work->err, "a name");
        how.part = part.data;
        jf_bootstrap_clear(&bootstrap);
        JF_TRY(jf_bootstrap_run(&basis, &how, &bootstrap, work->err));
        JF_TRY(jf_bootstrap_widen(work, &bootstrap));
        JF_TRY(add_sets(work, &wanted, how.kind, &bootstrap, &jackknife));
    }
done:
    jf_held_clear(&held);
    jf_text_free(&part);
    jf_bootstrap_clear(&bootstrap);
    jf_bootstrap_clear(&jackknife);
    return status;
}
