/* Chow's F and the likelihood ratio from squares; Wald's test from the levels' covariances. */
#include "fit/infer/by_tests.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "fit/infer/by_stack.h"
#include "fit/infer/infer_parts.h"

static const jf_wald_test none = {.statistic = NAN, .df1 = NAN, .df2 = NAN, .p_value = NAN};

/* ---- squares ---- */

static void test_squares(const jf_fit_work *work, const jf_fit *pooled, jf_by *by)
{
    double k = 0, n = 0, df, growth;
    bool known = work->problem->weight && work->problem->weights_kind == JF_WEIGHTS_ABSOLUTE;

    by->rss = pooled->rss;
    for (size_t i = 0; i < by->n_levels; i++) {
        const jf_fit *fit = by->levels[i].fit;
        if (!fit) continue;
        by->rss_levels += fit->rss;
        k += (double)fit->k;
        n += (double)(fit->df + fit->k);
    }
    df = k - (double)pooled->k;
    growth = fmax(by->rss - by->rss_levels, 0);
    if (work->loss.kind != JF_LOSS_LS || !(df > 0)) return;
    by->ratio.df1 = by->chow.df1 = df;
    by->ratio.df2 = INFINITY;
    by->ratio.statistic = known ? growth : n * log(by->rss / by->rss_levels);
    by->ratio.p_value = jf_f_p_value(by->ratio.statistic / df, df, INFINITY);
    by->chow.df2 = known ? INFINITY : n - k;
    if (!known && !(n > k)) return;
    by->chow.statistic = growth / df / (known ? 1 : by->rss_levels / (n - k));
    by->chow.p_value = jf_f_p_value(by->chow.statistic, df, by->chow.df2);
}

/* ---- parameters that all levels determine ---- */

/* Levels that were fitted, and m parameters that each of them has with an error: place[l * m + j] in fit l.
 */
typedef struct stack {
    const jf_fit **fits;
    size_t n_fits, m;
    size_t *place;       /* n_fits x m */
    double *covariance;  /* (n_fits m)^2 */
    jf_by_stack crossed; /* under cr2 */
} stack;

static void stack_clear(stack *s)
{
    jf_free((void *)s->fits);
    jf_free(s->place);
    jf_free(s->covariance);
    jf_by_stack_clear(&s->crossed);
}

/* The estimate of that name with an error, or n_theta. */
static size_t find_determined(const jf_fit *fit, const char *name)
{
    for (size_t j = 0; j < fit->n_theta; j++)
        if (strcmp(fit->estimates[j].name, name) == 0)
            return fit->estimates[j].std_error > 0 ? j : fit->n_theta;
    return fit->n_theta;
}

static jf_status choose_parameters(jf_fit_work *work, const jf_fit *pooled, jf_by *by, stack *s)
{
    jf_status status = JF_OK;
    size_t n = by->n_fitted, k = work->fit->n_theta;

    s->fits = JF_NEW_ARRAY(const jf_fit *, n);
    s->place = JF_NEW_ARRAY(size_t, n * k);
    by->equal = JF_NEW_ZEROED(jf_equality, k);
    JF_TRY_NEW(s->fits && s->place && by->equal ? s : NULL, work->err, "levels");
    for (size_t i = 0; i < by->n_levels; i++)
        if (by->levels[i].fit) s->fits[s->n_fits++] = by->levels[i].fit;
    for (size_t j = 0; j < k; j++) {
        bool everywhere = find_determined(pooled, work->fit->estimates[j].name) < pooled->n_theta;
        for (size_t l = 0; l < n; l++)
            everywhere =
                everywhere && find_determined(s->fits[l], work->fit->estimates[j].name) < s->fits[l]->n_theta;
        if (everywhere) by->equal[s->m++] = (jf_equality){.estimate = j, .test = none};
    }
    by->n_equal = s->m;
    for (size_t l = 0; l < n; l++)
        for (size_t j = 0; j < s->m; j++)
            s->place[l * s->m + j] =
                find_determined(s->fits[l], work->fit->estimates[by->equal[j].estimate].name);
done:
    return status;
}

/* ---- their covariance ---- */

static void fill_blocks(stack *s)
{
    size_t m = s->m, wide = s->n_fits * m;

    for (size_t l = 0; l < s->n_fits; l++)
        for (size_t a = 0; a < m; a++)
            for (size_t b = 0; b < m; b++)
                s->covariance[(l * m + a) * wide + l * m + b] =
                    s->fits[l]->working[s->place[l * m + a] * s->fits[l]->n_theta + s->place[l * m + b]];
}

/* Does a group have rows at two levels? */
static jf_status find_shared(const jf_fit_work *work, const stack *s, bool *shared)
{
    size_t *level = JF_NEW_ZEROED(size_t, work->groups->n_groups);

    *shared = false;
    if (!level) return jf_fail(work->err, JF_ENOMEM, "out of memory for groups");
    for (size_t l = 0; l < s->n_fits; l++)
        for (size_t i = 0; i < s->fits[l]->n; i++) {
            uint32_t g = work->groups->group[s->fits[l]->rows[i]];
            *shared = *shared || (level[g] && level[g] != l + 1);
            level[g] = l + 1;
        }
    jf_free(level);
    return JF_OK;
}

/* CR1 over the groups of all levels: influences summed by group, with the factor of all rows and parameters.
 */
static jf_status fill_clustered(const jf_fit_work *work, stack *s, size_t *n_groups)
{
    size_t m = s->m, wide = s->n_fits * m, groups = work->groups->n_groups;
    double *sums = JF_NEW_ZEROED(double, groups *wide), n = 0, k = 0, factor;
    bool *seen = JF_NEW_ZEROED(bool, groups);

    *n_groups = 0;
    for (size_t l = 0; sums && seen && l < s->n_fits; l++) {
        const jf_fit *fit = s->fits[l];
        n += (double)fit->n;
        k += (double)fit->k;
        for (size_t i = 0; i < fit->n; i++) {
            uint32_t g = work->groups->group[fit->rows[i]];
            *n_groups += !seen[g];
            seen[g] = true;
            for (size_t j = 0; j < m; j++)
                sums[g * wide + l * m + j] += fit->influence[s->place[l * m + j] * fit->n + i];
        }
    }
    factor = (double)*n_groups / ((double)*n_groups - 1) * (n - 1) / (n - k);
    memset(s->covariance, 0, wide * wide * sizeof *s->covariance);
    for (size_t g = 0; sums && seen && g < groups; g++)
        for (size_t a = 0; a < wide; a++)
            for (size_t b = 0; b < wide; b++)
                s->covariance[a * wide + b] += factor * sums[g * wide + a] * sums[g * wide + b];
    jf_free(seen);
    if (!sums || !seen) {
        jf_free(sums);
        return jf_fail(work->err, JF_ENOMEM, "out of memory for groups");
    }
    jf_free(sums);
    return JF_OK;
}

/* CR2 over the groups of all levels. */
static jf_status fill_reduced(const jf_fit_work *work, stack *s)
{
    jf_status status = JF_OK;

    JF_TRY(jf_by_stack_build(work->groups, s->fits, s->n_fits, s->place, s->m, &s->crossed, work->err));
    JF_TRY(jf_by_stack_covariance(&s->crossed, s->covariance, work->err));
done:
    return status;
}

static jf_status fill_covariance(jf_fit_work *work, jf_by *by, stack *s, double *df)
{
    jf_status status = JF_OK;
    bool clustered = work->fit->se >= JF_SE_CLUSTER;
    size_t wide = s->n_fits * s->m, n_groups;

    s->covariance = JF_NEW_ZEROED(double, wide *wide);
    JF_TRY_NEW(s->covariance, work->err, "levels");
    *df = 0;
    for (size_t l = 0; l < s->n_fits; l++) *df += s->fits[l]->t_df;
    if (clustered) JF_TRY(find_shared(work, s, &by->shared_groups));
    if (work->fit->se == JF_SE_CR2) {
        JF_TRY(fill_reduced(work, s));
    } else if (!by->shared_groups) {
        fill_blocks(s);
    } else {
        JF_TRY(fill_clustered(work, s, &n_groups));
        *df = (double)n_groups - 1;
    }
done:
    return status;
}

/* ---- Wald's test ---- */

/* Under cr2: the test of Pustejovsky and Tipton (joint_test.c) on differences from the first level. */
static jf_status reduce_test(const jf_fit_work *work, const stack *s, size_t first, size_t n,
                             jf_wald_test *test)
{
    jf_status status = JF_OK;
    size_t q = (s->n_fits - 1) * n;
    size_t *own = JF_NEW_ARRAY(size_t, q), *other = JF_NEW_ARRAY(size_t, q);
    double eta;

    JF_TRY_NEW(own && other ? own : NULL, work->err, "a test");
    for (size_t a = 0; a < q; a++) {
        other[a] = first + a % n;
        own[a] = (1 + a / n) * s->m + other[a];
    }
    JF_TRY(jf_by_stack_eta(&s->crossed, own, other, q, &eta, work->err));
    test->df2 = eta - (double)q + 1;
    test->statistic = test->df2 > 0 ? test->statistic * test->df2 / eta : NAN;
done:
    jf_free(own);
    jf_free(other);
    return status;
}

/* Are `n` parameters of the stack, from `first` on, the same at all levels? */
static jf_status test_equal(const jf_fit_work *work, const stack *s, size_t first, size_t n, double df,
                            jf_wald_test *out)
{
    jf_status status = JF_OK;
    size_t q = (s->n_fits - 1) * n, wide = s->n_fits * s->m;
    double *distance = JF_NEW_ARRAY(double, q), *covariance = JF_NEW_ARRAY(double, q *q), square;
#define V(l, j, o, i) s->covariance[((l)*s->m + (j)) * wide + (o)*s->m + (i)]

    *out = (jf_wald_test){.statistic = NAN, .df1 = (double)q, .df2 = df, .p_value = NAN};
    JF_TRY_NEW(distance && covariance ? distance : NULL, work->err, "a test");
    for (size_t a = 0; a < q; a++) {
        size_t l = 1 + a / n, j = first + a % n;
        distance[a] = s->fits[l]->theta[s->place[l * s->m + j]] - s->fits[0]->theta[s->place[j]];
        for (size_t b = 0; b < q; b++) {
            size_t o = 1 + b / n, i = first + b % n;
            covariance[a * q + b] = V(l, j, o, i) - V(l, j, 0, i) - V(0, j, o, i) + V(0, j, 0, i);
        }
    }
#undef V
    if (jf_wald_quadratic(covariance, distance, q, &square)) out->statistic = square / (double)q;
    if (work->fit->se == JF_SE_CR2 && !isnan(out->statistic)) JF_TRY(reduce_test(work, s, first, n, out));
    out->p_value = jf_f_p_value(out->statistic, out->df1, out->df2);
done:
    jf_free(distance);
    jf_free(covariance);
    return status;
}

static jf_status test_parameters(jf_fit_work *work, const jf_fit *pooled, jf_by *by)
{
    jf_status status = JF_OK;
    stack s = {0};
    double df = NAN;

    JF_TRY(choose_parameters(work, pooled, by, &s));
    if (s.m == 0) {
        by->refused = jf_copy_text("no parameter is determined at every level");
        goto done;
    }
    JF_TRY(fill_covariance(work, by, &s, &df));
    JF_TRY(test_equal(work, &s, 0, s.m, df, &by->wald));
    for (size_t j = 0; j < s.m; j++) JF_TRY(test_equal(work, &s, j, 1, df, &by->equal[j].test));
    if (isnan(by->wald.statistic))
        by->refused = jf_format(
            "the covariance of %zu differences has no inverse, or no degrees of freedom: there are too "
            "few %s",
            (s.n_fits - 1) * s.m, work->fit->se >= JF_SE_CLUSTER ? "groups" : "rows");
done:
    stack_clear(&s);
    return status;
}

jf_status jf_by_test(jf_fit_work *work, const jf_fit *pooled)
{
    jf_by *by = work->fit->by;

    by->chow = by->ratio = by->wald = none;
    by->rss = by->rss_levels = 0;
    if (by->n_fitted < 2) {
        by->refused = jf_copy_text("fewer than two levels could be fitted");
        return by->refused ? JF_OK : jf_fail(work->err, JF_ENOMEM, "out of memory for levels");
    }
    test_squares(work, pooled, by);
    return test_parameters(work, pooled, by);
}
