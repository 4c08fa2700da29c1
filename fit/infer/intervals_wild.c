/* Intervals and p-values of the wild cluster bootstrap-t (--resample wild-cluster --bootstrap-interval t). */
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/progress.h"
#include "fit/infer/derive.h"
#include "fit/infer/infer_parts.h"
#include "fit/infer/intervals.h"
#include "fit/infer/wild_cluster.h"

static jf_status make_room(jf_fit_work *work, jf_interval_set *set)
{
    size_t n = work->fit->n_estimates;

    set->low_end = JF_NEW_ARRAY(jf_end, n);
    set->high_end = JF_NEW_ARRAY(jf_end, n);
    set->p_value = JF_NEW_ARRAY(double, n);
    set->test_p = JF_NEW_ARRAY(double, work->fit->n_tests);
    if (set->low_end && set->high_end && set->p_value && set->test_p) return JF_OK;
    return jf_fail(work->err, JF_ENOMEM, "out of memory for intervals");
}

static jf_status fill_estimate(jf_fit_work *work, jf_wild_cluster *wild, size_t i, jf_interval_set *set)
{
    jf_status status = JF_OK;
    const jf_estimate *e = &work->fit->estimates[i];
    jf_profile_end ends[2] = {{NAN, JF_END_NONE}, {NAN, JF_END_NONE}};

    set->p_value[i] = NAN;
    if (e->state == JF_STATE_TIED) ends[0].state = ends[1].state = JF_END_TIED;
    if (e->state == JF_STATE_FIXED) ends[0].state = ends[1].state = JF_END_FIXED;
    if (i < work->fit->n_theta && isfinite(e->std_error)) {
        JF_TRY(jf_wild_cluster_interval(wild, i, work->fit->level, ends, work->err));
        JF_TRY(jf_wild_cluster_p(wild, i, 0, &set->p_value[i], work->err));
    }
    set->low[i] = ends[0].value;
    set->high[i] = ends[1].value;
    set->low_end[i] = ends[0].state;
    set->high_end[i] = ends[1].state;
done:
    return status;
}

/* A test that says one parameter is a number; others have no restricted fit here, and NaN. */
static jf_status fill_test(jf_fit_work *work, jf_wild_cluster *wild, size_t t, double *p)
{
    jf_status status = JF_OK;
    const jf_fit *fit = work->fit;
    const char *text = fit->tests[t].hypothesis;
    double *gradient = JF_NEW_ZEROED(double, 2 * fit->n_theta), *there, distance, left;
    size_t own = fit->n_theta, touched = 0;
    jf_ast *ast = NULL;
    double *theta = NULL;

    *p = NAN;
    JF_TRY_NEW(gradient, work->err, "a test");
    there = gradient + fit->n_theta;
    if (*jf_find_outside(text, ",")) goto done;
    JF_TRY(jf_statement_parse(work, text, strlen(text), &ast));
    JF_TRY(jf_derive("--test", ast, work->law, work->problem->formula, fit->theta, NULL, &distance, gradient,
                     work->err));
    for (size_t j = 0; j < fit->n_theta; j++)
        if (gradient[j] != 0) own = j, touched++;
    if (touched != 1) goto done;
    theta = JF_NEW_ARRAY(double, fit->n_theta);
    JF_TRY_NEW(theta, work->err, "a test");
    memcpy(theta, fit->theta, fit->n_theta * sizeof *theta);
    theta[own] -= distance / gradient[own];
    JF_TRY(jf_derive("--test", ast, work->law, work->problem->formula, theta, NULL, &left, there, work->err));
    if (fabs(left) <= 1e-9 * fabs(gradient[own] * theta[own]) + 1e-12) /* the statement is linear */
        JF_TRY(jf_wild_cluster_p(wild, own, theta[own], p, work->err));
done:
    jf_ast_free(ast);
    jf_free(gradient);
    jf_free(theta);
    return status;
}

jf_status jf_intervals_wild(jf_fit_work *work)
{
    jf_status status = JF_OK;
    jf_fit *fit = work->fit;
    jf_wild_cluster *wild = NULL;
    jf_interval_set *set;

    if (!work->group) return jf_fail(work->err, JF_EUSAGE, "--resample wild-cluster needs --group");
    if (work->n_groups < 2)
        return jf_fail(work->err, JF_EDATA, "--resample wild-cluster: expected two groups or more, found %zu",
                       work->n_groups);
    JF_TRY(jf_intervals_new(work, &set, "bootstrap:wild-cluster:t"));
    JF_TRY(make_room(work, set));
    jf_progress_stage("wild cluster bootstrap");
    for (size_t i = 0; i < fit->n_estimates; i++)
        set->low_end[i] = set->high_end[i] = JF_END_NONE, set->p_value[i] = NAN;
    for (size_t t = 0; t < fit->n_tests; t++) set->test_p[t] = NAN;
    if (!work->design.inverse || !fit->df) goto done;
    JF_TRY(jf_wild_cluster_new(work, (size_t)work->options->bootstrap, &wild, work->err));
    set->n_resamples = jf_wild_cluster_draws(wild);
    for (size_t i = 0; i < fit->n_estimates; i++) JF_TRY(fill_estimate(work, wild, i, set));
    for (size_t t = 0; t < fit->n_tests; t++) JF_TRY(fill_test(work, wild, t, &set->test_p[t]));
done:
    jf_wild_cluster_free(wild);
    return status;
}
