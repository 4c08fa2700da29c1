/* Intervals and p-values of the wild cluster bootstrap-t (--resample wild-cluster --bootstrap-interval t). */
#include <math.h>
#include "core/memory.h"
#include "core/progress.h"
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
    set->test_why = JF_NEW_ZEROED(const char *, work->fit->n_tests);
    if (set->low_end && set->high_end && set->p_value && set->test_p && set->test_why) return JF_OK;
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
    for (size_t t = 0; t < fit->n_tests; t++) {
        set->test_p[t] = NAN;
        set->test_why[t] = "no degrees of freedom";
    }
    if (!work->design.inverse || !fit->df) goto done;
    JF_TRY(jf_wild_cluster_new(work, (size_t)work->options->bootstrap, &wild, work->err));
    set->n_resamples = jf_wild_cluster_draws(wild);
    for (size_t i = 0; i < fit->n_estimates; i++) JF_TRY(fill_estimate(work, wild, i, set));
    for (size_t t = 0; t < fit->n_tests; t++)
        JF_TRY(jf_wild_test(work, wild, t, &set->test_p[t], &set->test_why[t]));
done:
    jf_wild_cluster_free(wild);
    return status;
}
