/* Joint Wald tests with the chosen covariance. */
#include <gsl/gsl_cdf.h>
#include <lapacke.h>
#include <math.h>
#include "core/memory.h"
#include "fit/infer/cr2.h"
#include "fit/infer/infer_parts.h"

double jf_f_p_value(double statistic, double df1, double df2)
{
    if (isnan(statistic) || !(df2 > 0) || !(df1 > 0)) return NAN;
    if (isinf(df2)) return gsl_cdf_chisq_Q(statistic * df1, df1);
    return gsl_cdf_fdist_Q(statistic, df1, df2);
}

bool jf_wald_quadratic(double *covariance, const double *distance, size_t q, double *out)
{
    double *solved = JF_NEW_ARRAY(double, q);
    bool good = solved != NULL;

    *out = NAN;
    for (size_t a = 0; good && a < q; a++) {
        solved[a] = distance[a];
        for (size_t b = 0; b < q; b++)
            good = good && isfinite(covariance[a * q + b]) && isfinite(distance[b]);
    }
    if (good)
        good =
            LAPACKE_dposv(LAPACK_ROW_MAJOR, 'L', (lapack_int)q, 1, covariance, (lapack_int)q, solved, 1) == 0;
    if (good) *out = 0;
    for (size_t a = 0; good && a < q; a++) *out += distance[a] * solved[a];
    jf_free(solved);
    return good;
}

/* Under cr2: the test of Pustejovsky and Tipton, its F scaled for the degrees of freedom that the groups
 * leave. */
static jf_status reduce_test(jf_fit_work *work, const double *gradients, size_t q, jf_wald_test *test)
{
    jf_status status = JF_OK;
    jf_cr2 cr2 = {0};
    double *moves = JF_NEW_ARRAY(double, q * work->design.rank), eta;

    JF_TRY_NEW(moves, work->err, "a test");
    jf_fit_moves(work, gradients, q, moves);
    JF_TRY(jf_cr2_new(&work->design, work->group, work->n_groups, &cr2, work->err));
    JF_TRY(jf_cr2_eta(&cr2, moves, q, &eta, work->err));
    test->df2 = eta - (double)q + 1;
    test->statistic = test->df2 > 0 ? test->statistic * test->df2 / eta : NAN;
done:
    jf_cr2_clear(&cr2);
    jf_free(moves);
    return status;
}

jf_status jf_joint_test(jf_fit_work *work, size_t q, const double *distance, const double *gradients,
                        jf_wald_test *test, bool *dependent)
{
    jf_status status = JF_OK;
    const jf_fit *fit = work->fit;
    size_t k = fit->n_theta;
    double *middle = JF_NEW_ARRAY(double, q *q), square = NAN;
    bool known = true;

    *dependent = false;
    test->df1 = (double)q;
    test->df2 = fit->t_df;
    test->statistic = test->p_value = NAN;
    JF_TRY_NEW(middle, work->err, "a test");
    for (size_t a = 0; a < q; a++) {
        known = known && !isnan(distance[a]);
        for (size_t b = 0; b < q; b++)
            middle[a * q + b] = jf_bilinear(gradients + a * k, fit->working, gradients + b * k, k);
    }
    if (!known || q == 0) goto done;
    *dependent = !jf_wald_quadratic(middle, distance, q, &square);
    test->statistic = square / (double)q;
    if (fit->se == JF_SE_CR2 && !isnan(test->statistic)) JF_TRY(reduce_test(work, gradients, q, test));
    test->p_value = jf_f_p_value(test->statistic, test->df1, test->df2);
done:
    jf_free(middle);
    return status;
}
