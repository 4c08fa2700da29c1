/* Diagnostics of a fit: which there are, those of single rows, and the condition of the Jacobian. */
#include "fit/infer/diagnose.h"

#include <gsl/gsl_cdf.h>
#include <lapacke.h>
#include <math.h>
#include "core/memory.h"
#include "fit/infer/diagnose_parts.h"

static const double FULL_LEVERAGE = 1e-12; /* of 1 - leverage: the row decides its own fitted value */

double jf_p_of_f(double statistic, double df1, double df2)
{
    return isnan(statistic) ? NAN : gsl_cdf_fdist_Q(statistic, df1, df2);
}

/* ---- single rows ---- */

double jf_row_cook(const jf_fit *fit, size_t i)
{
    double left = 1 - fit->leverage[i];

    if (!(left > FULL_LEVERAGE)) return NAN;
    return fit->weight[i] * fit->residual[i] * fit->residual[i] * fit->leverage[i] /
           ((double)fit->k * fit->sigma * fit->sigma * left * left);
}

double jf_row_studentised(const jf_fit *fit, size_t i)
{
    double left = 1 - fit->leverage[i], square = fit->weight[i] * fit->residual[i] * fit->residual[i];
    double others;

    if (!(left > FULL_LEVERAGE) || fit->df < 2) return NAN;
    others = (fit->rss - square / left) / ((double)fit->df - 1);
    return sqrt(fit->weight[i]) * fit->residual[i] / sqrt(others * left);
}

/* ---- condition ---- */

/* Belsley, Kuh and Welsch 1980: largest over smallest singular value of the Jacobian with columns of length
 * one, from its (pseudo-)inverse P R^-1. */
static jf_status find_condition(jf_fit_work *work)
{
    jf_status status = JF_OK;
    const jf_design *design = &work->design;
    size_t p = design->p, rank = design->rank;
    double *matrix = NULL, *values = NULL, *rest = NULL;

    if (!rank || rank < p) return JF_OK;
    matrix = JF_NEW_ARRAY(double, p *p);
    values = JF_NEW_ARRAY(double, p);
    rest = JF_NEW_ARRAY(double, p);
    JF_TRY_NEW(matrix && values && rest ? matrix : NULL, work->err, "singular values");
    for (size_t j = 0; j < p; j++)
        for (size_t i = 0; i < p; i++) matrix[j * p + i] = design->length[j] * design->inverse[j * p + i];
    if (LAPACKE_dgesvd(LAPACK_ROW_MAJOR, 'N', 'N', (lapack_int)p, (lapack_int)p, matrix, (lapack_int)p,
                       values, NULL, (lapack_int)p, NULL, (lapack_int)p, rest) == 0)
        work->fit->diagnostics.condition_number = values[0] / values[p - 1];
done:
    jf_free(matrix);
    jf_free(values);
    jf_free(rest);
    return status;
}

/* ---- all ---- */

static const char *refusal(const jf_fit_work *work)
{
    if (work->fit->outcome == JF_FAILED) return "the fit failed";
    if (work->loss.kind != JF_LOSS_LS) return "these tests are of squares, and the loss is another";
    if (work->problem->weight && work->problem->weights_kind == JF_WEIGHTS_FREQUENCY)
        return "with frequency weights a row is no single observation";
    if (!work->design.inverse) return "the derivatives at the solution are not finite";
    return NULL;
}

jf_status jf_fit_diagnose(jf_fit_work *work)
{
    static const jf_test none = {NAN, NAN, NAN, NAN};
    jf_status status = JF_OK;
    jf_diagnostics *out = &work->fit->diagnostics;

    *out = (jf_diagnostics){.refused = refusal(work),
                            .breusch_pagan = none,
                            .jarque_bera = none,
                            .anderson_darling = none,
                            .reset = none,
                            .lack_of_fit = none,
                            .durbin_watson = NAN,
                            .condition_number = NAN,
                            .pure_error = NAN,
                            .r2_limit = NAN};
    JF_TRY(jf_compare_regressors(work));
    if (work->design.inverse) JF_TRY(find_condition(work));
    if (out->refused) goto done;
    JF_TRY(jf_test_residuals(work));
    JF_TRY(jf_judge_repeats(work));
done:
    return status;
}
