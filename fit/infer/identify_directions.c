/* Where the error of each parameter comes from: variance decomposition along singular vectors. */
#include <lapacke.h>
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "fit/infer/identify_parts.h"

static const double NEAR_DEPENDENCE = 30; /* condition index */
static const double MOST_OF_IT = 0.5;     /* share of a variance */

void jf_directions_clear(jf_directions *d)
{
    jf_free(d->vector);
    jf_free(d->width);
}

jf_status jf_directions_find(const jf_fit_work *work, jf_directions *out)
{
    jf_status status = JF_OK;
    const jf_design *design = &work->design;
    size_t p = design->p, rank = design->rank;
    double *right = JF_NEW_ARRAY(double, rank *rank), *left_over = JF_NEW_ARRAY(double, rank);

    *out = (jf_directions){.p = p, .rank = rank};
    out->vector = JF_NEW_ARRAY(double, p *rank);
    out->width = JF_NEW_ARRAY(double, rank);
    JF_TRY_NEW(right && left_over && out->vector && out->width ? out : NULL, work->err, "directions");
    for (size_t a = 0; a < p; a++)
        for (size_t m = 0; m < rank; m++)
            out->vector[m * p + a] = design->inverse[a * rank + m] * design->length[a];
    if (rank && LAPACKE_dgesvd(LAPACK_COL_MAJOR, 'O', 'N', (lapack_int)p, (lapack_int)rank, out->vector,
                               (lapack_int)p, out->width, NULL, 1, right, (lapack_int)rank, left_over) != 0)
        out->rank = 0; /* no verdict on directions */
done:
    jf_free(right);
    jf_free(left_over);
    return status;
}

/* How much of the scaled variance of active parameter a comes from direction m. */
static double part_of(const jf_directions *d, size_t a, size_t m)
{
    return pow(d->vector[m * d->p + a] * d->width[m], 2);
}

double jf_directions_variance(const jf_directions *d, size_t a)
{
    double sum = 0;

    for (size_t m = 0; m < d->rank; m++) sum += part_of(d, a, m);
    return sum;
}

static double share_of(const jf_directions *d, size_t a, size_t m)
{
    double sum = jf_directions_variance(d, a);

    return sum > 0 ? part_of(d, a, m) / sum : 0;
}

double jf_estimates_correlation(const jf_fit *fit, size_t i, size_t j)
{
    double r = fit->covariance[i * fit->n_estimates + j] /
               (fit->estimates[i].std_error * fit->estimates[j].std_error);

    return isfinite(r) ? r : 0;
}

/* Puts parameter `j` among the partners by how closely its estimate goes with that of i. */
void jf_identity_add_partner(const jf_fit *fit, size_t i, size_t j)
{
    jf_identity *identity = &fit->estimates[i].identity;
    size_t at = identity->n_partners;

    while (at > 0 && fabs(jf_estimates_correlation(fit, i, identity->partner[at - 1])) <
                         fabs(jf_estimates_correlation(fit, i, j)))
        at--;
    if (at >= JF_MOST_PARTNERS) return;
    if (identity->n_partners < JF_MOST_PARTNERS) identity->n_partners++;
    memmove(identity->partner + at + 1, identity->partner + at,
            (identity->n_partners - at - 1) * sizeof *identity->partner);
    identity->partner[at] = j;
}

/* The direction that active parameter a's error comes from most, and who moves along it too. */
void jf_directions_trace(const jf_fit_work *work, const jf_directions *d, size_t a)
{
    const jf_fit *fit = work->fit;
    size_t j = work->active[a], worst = 0;
    jf_identity *identity = &fit->estimates[j].identity;

    if (!d->rank) return;
    for (size_t m = 1; m < d->rank; m++)
        if (share_of(d, a, m) > share_of(d, a, worst)) worst = m;
    identity->condition_index = d->width[worst] / d->width[d->rank - 1];
    identity->share = share_of(d, a, worst);
    if (identity->condition_index >= NEAR_DEPENDENCE && identity->share >= MOST_OF_IT)
        for (size_t b = 0; b < d->p; b++)
            if (b != a && isfinite(fit->estimates[work->active[b]].std_error) &&
                share_of(d, b, worst) >= MOST_OF_IT)
                jf_identity_add_partner(fit, j, work->active[b]);
    if (identity->n_partners) identity->correlation = jf_estimates_correlation(fit, j, identity->partner[0]);
}
