/* Standard errors and Wald intervals of all estimates, by every kind of covariance asked for. */
#include <math.h>
#include "core/memory.h"
#include "fit/infer/design_rows.h"
#include "fit/infer/infer_parts.h"

/* Is the parameter undetermined though in no direction that moves no prediction? Then it is a runaway. */
static bool runs_away(const jf_fit *fit, size_t j)
{
    if (fit->estimates[j].state != JF_STATE_UNIDENTIFIED) return false;
    for (size_t m = 0; m < fit->n_null; m++)
        if (fit->null[m * fit->n_theta + j] != 0) return false;
    return true;
}

bool jf_is_open(const jf_fit *fit, const double *gradient)
{
    for (size_t j = 0; j < fit->n_theta; j++)
        if (gradient[j] != 0 && runs_away(fit, j)) return true;
    for (size_t m = 0; m < fit->n_null; m++) {
        double sum = 0, size = 0;
        for (size_t j = 0; j < fit->n_theta; j++) {
            sum += gradient[j] * fit->null[m * fit->n_theta + j];
            size += fabs(gradient[j] * fit->null[m * fit->n_theta + j]);
        }
        if (size > 0 && fabs(sum) > 1e-6 * size) return true;
    }
    return false;
}

static bool touches_bound(const jf_fit_work *work, const double *gradient)
{
    for (size_t j = 0; j < work->fit->n_theta; j++)
        if (gradient[j] != 0 && work->fit->estimates[j].state == JF_STATE_AT_BOUND) return true;
    return false;
}

double jf_bilinear(const double *a, const double *covariance, const double *b, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n && a[i] != 0; j++)
            if (b[j] != 0) sum += a[i] * covariance[i * n + j] * b[j];
    return sum;
}

bool jf_has_error(const jf_fit_work *work, const double *gradient, jf_state state)
{
    if (state == JF_STATE_FIXED || state == JF_STATE_AT_BOUND || state == JF_STATE_UNIDENTIFIED) return false;
    return !jf_is_open(work->fit, gradient) && !touches_bound(work, gradient);
}

const char *jf_why_no_error(const jf_fit_work *work, const double *gradient)
{
    if (touches_bound(work, gradient)) return "a parameter is at its bound";
    return jf_is_open(work->fit, gradient) ? "these rows do not determine it" : NULL;
}

static void fill_covariance(jf_fit_work *work, double *gradients)
{
    jf_fit *fit = work->fit;
    size_t m = fit->n_estimates;

    for (size_t i = 0; i < m; i++) {
        bool mine = jf_has_error(work, jf_gradient_row(gradients, fit, i), fit->estimates[i].state);
        for (size_t j = 0; j <= i; j++) {
            bool both =
                mine && jf_has_error(work, jf_gradient_row(gradients, fit, j), fit->estimates[j].state);
            double value = both ? jf_bilinear(jf_gradient_row(gradients, fit, i), fit->working,
                                              jf_gradient_row(gradients, fit, j), fit->n_theta)
                                : NAN;
            fit->covariance[i * m + j] = fit->covariance[j * m + i] = value;
        }
    }
}

/* The numbers of the first kind, with these degrees of freedom. */
static void fill_wald(jf_fit *fit, const double *df)
{
    for (size_t i = 0; i < fit->n_estimates; i++) {
        jf_estimate *estimate = &fit->estimates[i];
        double wide = jf_t_quantile(fit->level, df[i]);

        estimate->std_error = sqrt(fit->covariance[i * fit->n_estimates + i]);
        estimate->df = isnan(estimate->std_error) ? NAN : df[i];
        estimate->ci_low = estimate->value - wide * estimate->std_error;
        estimate->ci_high = estimate->value + wide * estimate->std_error;
        estimate->statistic = estimate->value / estimate->std_error;
        estimate->p_value = jf_t_p_value(estimate->statistic, df[i]);
    }
}

/* Adds the intervals of one kind, from fit->covariance as it stands. */
static jf_status add_interval_set(jf_fit_work *work, jf_se_kind kind, const double *df)
{
    jf_fit *fit = work->fit;
    jf_interval_set *set = &fit->intervals[fit->n_intervals];

    set->level = fit->level;
    set->kind = jf_format("wald:%s", jf_se_names[kind]);
    set->low = JF_NEW_ARRAY(double, fit->n_estimates);
    set->high = JF_NEW_ARRAY(double, fit->n_estimates);
    fit->n_intervals++;
    if (!set->kind || !set->low || !set->high)
        return jf_fail(work->err, JF_ENOMEM, "out of memory for intervals");
    for (size_t i = 0; i < fit->n_estimates; i++) {
        double half = jf_t_quantile(fit->level, df[i]) * sqrt(fit->covariance[i * fit->n_estimates + i]);
        set->low[i] = fit->estimates[i].value - half;
        set->high[i] = fit->estimates[i].value + half;
    }
    return JF_OK;
}

static size_t most_estimates(const jf_fit_work *work)
{
    size_t k = work->problem->k, ties = 0;

    for (size_t i = 0; i < work->law->n_specs; i++) ties += work->law->specs[i].tie != NULL;
    return k + ties * (k + 1);
}

static jf_status make_room(jf_fit_work *work, double **gradients)
{
    jf_fit *fit = work->fit;
    size_t most = most_estimates(work);

    fit->estimates = JF_NEW_ZEROED(jf_estimate, most);
    fit->working = JF_NEW_ZEROED(double, fit->n_theta * fit->n_theta);
    fit->intervals = JF_NEW_ZEROED(jf_interval_set, work->n_se);
    *gradients = JF_NEW_ZEROED(double, most * fit->n_theta);
    if (fit->estimates && fit->working && fit->intervals && *gradients) return JF_OK;
    return jf_fail(work->err, JF_ENOMEM, "out of memory for estimates");
}

/* Errors and intervals of every kind; the first of the list comes last and stays. */
static jf_status infer_kinds(jf_fit_work *work, double *gradients)
{
    jf_status status = JF_OK;
    jf_fit *fit = work->fit;
    double *df = JF_NEW_ARRAY(double, fit->n_estimates);

    JF_TRY_NEW(df, work->err, "degrees of freedom");
    for (size_t s = work->n_se; s-- > 0;) {
        JF_TRY(jf_fit_covariance(work, work->se[s], fit->working));
        JF_TRY(jf_fit_degrees(work, work->se[s], gradients, fit->n_estimates, df));
        fill_covariance(work, gradients);
        JF_TRY(add_interval_set(work, work->se[s], df));
    }
    fill_wald(fit, df);
done:
    jf_free(df);
    return status;
}

static void add_influence(void *context, size_t row, size_t n, const double *const *q)
{
    const jf_fit_work *work = context;
    const jf_design *design = &work->design;
    const jf_fit *fit = work->fit;

    for (size_t j = 0; j < design->p; j++) {
        double *column = fit->influence + work->active[j] * fit->n + row;

        for (size_t a = 0; a < design->rank; a++)
            for (size_t i = 0; i < n; i++) column[i] += design->inverse[j * design->rank + a] * q[a][i];
        for (size_t i = 0; i < n; i++)
            column[i] *= sqrt(fit->weight[row + i]) * work->psi[row + i] / work->slope;
    }
}

/* By how much each row moves each parameter: row i of inverse * q_i psi_i / slope. */
static jf_status keep_influence(jf_fit_work *work)
{
    jf_fit *fit = work->fit;

    fit->influence = JF_NEW_ZEROED(double, fit->n * fit->n_theta);
    fit->score = JF_NEW_ARRAY(double, fit->n);
    if (!fit->influence || !fit->score) return jf_fail(work->err, JF_ENOMEM, "out of memory for influences");
    for (size_t i = 0; i < fit->n; i++) fit->score[i] = work->psi[i] / work->slope;
    return work->design.inverse ? jf_design_visit(&work->design, add_influence, work, work->err) : JF_OK;
}

jf_status jf_fit_infer(jf_fit_work *work)
{
    jf_status status = JF_OK;
    jf_fit *fit = work->fit;
    double *gradients = NULL;

    JF_TRY(make_room(work, &gradients));
    JF_TRY(jf_estimates_add_parameters(work, gradients));
    if (fit->outcome != JF_FAILED) {
        JF_TRY(jf_estimates_add_ties(work, gradients));
        JF_TRY(jf_fit_score(work));
    }
    fit->covariance = JF_NEW_ARRAY(double, fit->n_estimates * fit->n_estimates);
    JF_TRY_NEW(fit->covariance, work->err, "a covariance");
    for (size_t i = 0; i < fit->n_estimates * fit->n_estimates; i++) fit->covariance[i] = NAN;
    fit->t_df = jf_fit_common_degrees(work, work->se[0]);
    if (fit->outcome == JF_FAILED) goto done;
    JF_TRY(infer_kinds(work, gradients));
    if (work->options->influence) JF_TRY(keep_influence(work));
    JF_TRY(jf_fit_add_requests(work));
done:
    jf_free(gradients);
    return status;
}
