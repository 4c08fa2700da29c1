/* What stands between Jacobian and covariance: derivatives of the loss, residual variance, degrees of
 * freedom. */
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/summary.h"
#include "fit/infer/cr2.h"
#include "fit/infer/infer_parts.h"
#include "fit/problem/loss.h"

/* Density of the residuals at the kink of l1 and quantile losses, by the difference quotient of quantiles
 * with the bandwidth of Hall and Sheather (1988), as in Koenker (2005). */
static jf_status density_at_kink(const jf_fit_work *work, double tau, double *density)
{
    size_t n = work->fit->n;
    double z = gsl_cdf_ugaussian_Pinv(1 - (1 - work->fit->level) / 2), x = gsl_cdf_ugaussian_Pinv(tau);
    double peak = gsl_ran_ugaussian_pdf(x);
    double h = pow((double)n, -1.0 / 3) * pow(z, 2.0 / 3) * pow(1.5 * peak * peak / (2 * x * x + 1), 1.0 / 3);
    double *sorted = JF_NEW_ARRAY(double, n), low, high;

    if (!sorted) return jf_fail(work->err, JF_ENOMEM, "out of memory for residuals");
    memcpy(sorted, work->fit->residual, n * sizeof *sorted);
    jf_sort(sorted, n);
    low = fmax(tau - h, 0);
    high = fmin(tau + h, 1);
    *density = (high - low) / (jf_quantile(sorted, n, high) - jf_quantile(sorted, n, low));
    jf_free(sorted);
    return JF_OK;
}

jf_status jf_fit_score(jf_fit_work *work)
{
    jf_status status = JF_OK;
    jf_fit *fit = work->fit;
    jf_penalty penalty = {.loss = work->loss};
    double *bend = JF_NEW_ARRAY(double, fit->n), left, right, squares = 0, slopes = 0, total = 0;

    work->psi = JF_NEW_ARRAY(double, fit->n);
    JF_TRY_NEW(work->psi && bend ? bend : NULL, work->err, "scores");
    jf_penalty_block(&penalty, fit->n, fit->residual, NULL, work->psi, bend, NULL);
    for (size_t i = 0; i < fit->n; i++) {
        squares += fit->weight[i] * work->psi[i] * work->psi[i];
        slopes += fit->weight[i] * bend[i];
        total += fit->weight[i];
    }
    work->slope = slopes / total;
    work->variance = fit->df ? squares / (work->n_effective - (double)fit->k) : NAN;
    if (jf_loss_has_kink(&work->loss)) {
        jf_loss_kink(&work->loss, &left, &right);
        JF_TRY(density_at_kink(work, right / (right - left), &work->slope));
        work->slope *= right - left;
        work->variance = -left * right;
    }
    if (work->loss.kind == JF_LOSS_LS && work->problem->weight &&
        work->problem->weights_kind == JF_WEIGHTS_ABSOLUTE)
        work->variance = 1;
    work->variance /= work->slope * work->slope;
done:
    jf_free(bend);
    return status;
}

double jf_fit_common_degrees(const jf_fit_work *work, jf_se_kind kind)
{
    if (kind >= JF_SE_CLUSTER) return (double)work->n_groups - 1;
    if (work->problem->weight && work->problem->weights_kind == JF_WEIGHTS_ABSOLUTE) return INFINITY;
    return (double)work->fit->df;
}

void jf_fit_moves(const jf_fit_work *work, const double *gradients, size_t m, double *moves)
{
    const jf_design *design = &work->design;
    size_t rank = design->rank;

    memset(moves, 0, m * rank * sizeof *moves);
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < design->p; j++) {
            double slope = gradients[i * work->fit->n_theta + work->active[j]];
            for (size_t a = 0; a < rank && slope != 0; a++)
                moves[i * rank + a] += slope * design->inverse[j * rank + a];
        }
}

jf_status jf_fit_degrees(jf_fit_work *work, jf_se_kind kind, const double *gradients, size_t m, double *df)
{
    jf_status status = JF_OK;
    jf_cr2 cr2 = {0};
    double *moves = NULL;

    for (size_t i = 0; i < m; i++) df[i] = jf_fit_common_degrees(work, kind);
    if (kind != JF_SE_CR2 || !work->design.inverse) return JF_OK;
    moves = JF_NEW_ARRAY(double, m * work->design.rank);
    JF_TRY_NEW(moves, work->err, "degrees of freedom");
    jf_fit_moves(work, gradients, m, moves);
    JF_TRY(jf_cr2_new(&work->design, work->group, work->n_groups, &cr2, work->err));
    JF_TRY(jf_cr2_degrees(&cr2, moves, m, df, work->err));
done:
    jf_cr2_clear(&cr2);
    jf_free(moves);
    return status;
}

double jf_t_quantile(double level, double df)
{
    if (isinf(df)) return gsl_cdf_ugaussian_Pinv(1 - (1 - level) / 2);
    return df > 0 ? gsl_cdf_tdist_Pinv(1 - (1 - level) / 2, df) : NAN;
}

double jf_t_p_value(double statistic, double df)
{
    if (isnan(statistic) || !(df > 0)) return NAN;
    return isinf(df) ? 2 * gsl_cdf_ugaussian_Q(fabs(statistic)) : 2 * gsl_cdf_tdist_Q(fabs(statistic), df);
}

jf_status jf_fit_covariance(jf_fit_work *work, jf_se_kind kind, double *whole)
{
    jf_status status = JF_OK;
    size_t p = work->design.p, k = work->fit->n_theta;
    double *small = JF_NEW_ARRAY(double, p *p);
    jf_scores scores = {.psi = work->psi,
                        .slope = work->slope,
                        .weight = work->problem->weight,
                        .kind = work->problem->weights_kind,
                        .group = work->group,
                        .n_groups = work->n_groups,
                        .n_effective = work->n_effective,
                        .variance = work->variance};

    JF_TRY_NEW(small, work->err, "a covariance");
    if (work->design.inverse)
        JF_TRY(jf_covariance_run(&work->design, kind == JF_SE_CR1 ? JF_SE_CLUSTER : kind, &scores, small,
                                 work->err));
    else
        for (size_t i = 0; i < p * p; i++) small[i] = NAN;
    memset(whole, 0, k * k * sizeof *whole);
    for (size_t i = 0; i < p; i++)
        for (size_t j = 0; j < p; j++) whole[work->active[i] * k + work->active[j]] = small[i * p + j];
done:
    jf_free(small);
    return status;
}
