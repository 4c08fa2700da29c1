/* Sets the best law's errors in extrapolation against those on held-out groups. */
#include "fit/select/outside.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

#include "core/memory.h"
#include "core/summary.h"
#include "fit/select/group_losses.h"

const double jf_outside_allowed = 2;
const double jf_outside_least_error = 0.01;
const double jf_outside_factor = 2;
const char *const jf_outside_names[] = {"untried", "held", "held_less_well", "unclear", "failed"};

/* Mean of the groups' mean squares, and the squared relative error of that mean. */
typedef struct part {
    double mean, variance; /* variance: of the logarithm of the mean; NaN with fewer than two groups */
    size_t n;
} part;

static jf_status measure(const jf_comparison *c, size_t plan, const jf_groups *groups, part *out,
                         jf_error *err)
{
    const jf_validation *v = &c->candidates[c->best].validations[plan];
    bool *counts = JF_NEW_ZEROED(bool, v->n_splits + 1);
    double *loss = NULL, squares = 0;
    jf_status status = JF_OK;

    *out = (part){NAN, NAN, 0};
    JF_TRY_NEW(counts, err, "an extrapolation");
    for (size_t s = 0; s < v->n_splits; s++) counts[s] = v->splits[s].usable;
    JF_TRY(jf_group_losses(c, plan, counts, &c->best, 1, groups, &loss, &out->n, err));
    out->mean = jf_mean(loss, out->n);
    for (size_t g = 0; g < out->n; g++) squares += (loss[g] - out->mean) * (loss[g] - out->mean);
    if (out->n > 1) out->variance = squares / (double)(out->n - 1) / (double)out->n / (out->mean * out->mean);
done:
    jf_free(counts);
    jf_free(loss);
    return status;
}

/* t of 95 % for the difference of two logarithms (Welch). */
static double welch_t(const part *a, const part *b)
{
    double sum = a->variance + b->variance;
    double df =
        sum * sum /
        (a->variance * a->variance / (double)(a->n - 1) + b->variance * b->variance / (double)(b->n - 1));

    return gsl_cdf_tdist_Pinv(0.975, df);
}

static void find_limits(part inside, const part *outside, jf_outside *out)
{
    const double least = jf_outside_least_error * jf_outside_least_error;
    double half;

    if (inside.mean < least) inside = (part){least, 0, inside.n};
    out->ratio = sqrt(outside->mean / inside.mean);
    if (outside->n < 2 || inside.n < 2) return;
    half = outside->variance + inside.variance > 0
               ? welch_t(outside, &inside) * sqrt(outside->variance + inside.variance) / 2
               : 0;
    out->low = out->ratio * exp(-half);
    out->high = out->ratio * exp(half);
}

static jf_outside_state state_of(const jf_outside *found, double factor90)
{
    if (!(factor90 <= jf_outside_factor) || found->ratio > jf_outside_allowed) return JF_OUTSIDE_FAILED;
    if (!(found->high <= jf_outside_allowed)) return JF_OUTSIDE_UNCLEAR;
    return found->low > 1 ? JF_OUTSIDE_HELD_LESS : JF_OUTSIDE_HELD;
}

jf_status jf_judge_outside(jf_comparison *c, const jf_groups *groups, jf_error *err)
{
    part inside, outside;
    jf_outside *found = &c->outside;
    const jf_validation *v;
    jf_status status = JF_OK;

    *found = (jf_outside){JF_OUTSIDE_UNTRIED, NAN, NAN, NAN, 0};
    if (c->extrapolation == SIZE_MAX) return JF_OK;
    v = &c->candidates[c->best].validations[c->extrapolation];
    if (v->n_usable == 0 || isnan(v->factor90)) return JF_OK;
    JF_TRY(measure(c, c->extrapolation, groups, &outside, err));
    JF_TRY(measure(c, c->best_plan, groups, &inside, err));
    found->n_groups = outside.n;
    if (c->best_plan != c->extrapolation && isfinite(outside.mean) && isfinite(inside.mean))
        find_limits(inside, &outside, found);
    found->state = state_of(found, v->factor90);
done:
    return status;
}
