/* Tests of the best law against the others, of laws within laws, and by resampling groups. */
#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "fit/select/confidence_set.h"
#include "fit/select/group_losses.h"
#include "fit/select/nested.h"
#include "fit/select/pairs.h"
#include "fit/select/rank_parts.h"

static jf_status append_test(jf_comparison *c, const char *kind, size_t plan, int metric, size_t a, size_t b,
                             jf_test_result result, jf_error *err)
{
    if (!jf_grow((void **)&c->tests, &c->tests_capacity, c->n_tests + 1, sizeof *c->tests))
        return jf_fail(err, JF_ENOMEM, "out of memory for tests");
    c->tests[c->n_tests++] = (jf_law_test){
        kind, plan, metric, a, b, result.statistic, result.df, result.df2, result.p_value, .p_adjusted = NAN};
    return JF_OK;
}

/* A test that could be made. */
static jf_status add_test(jf_comparison *c, const char *kind, size_t plan, int metric, size_t a, size_t b,
                          jf_test_result result, jf_error *err)
{
    return isnan(result.p_value) ? JF_OK : append_test(c, kind, plan, metric, a, b, result, err);
}

/* The best against every other law in front, on the splits that count. */
jf_status jf_rank_test_scores(jf_ranking *r, jf_error *err)
{
    jf_status status = JF_OK;
    size_t best = r->c->best;

    for (size_t i = 0; i < r->c->n_candidates; i++) {
        if (i == best || !jf_ranking_in_front(r, i) || !jf_ranking_in_front(r, best)) continue;
        size_t n = jf_ranking_differences(r, i, best);
        JF_TRY(add_test(r->c, "corrected_t", r->plan, (int)r->criterion, best, i,
                        jf_test_corrected_t(r->difference, n, r->ratio), err));
    }
done:
    return status;
}

/* Groups of the rows, numbered anew; NULL without groups or memory. */
static size_t *row_groups(const jf_comparison *c, const jf_groups *groups, size_t *n_groups)
{
    size_t *of_row, *number;

    *n_groups = 0;
    if (!groups) return NULL;
    of_row = JF_NEW_ARRAY(size_t, c->n_rows + 1);
    number = JF_NEW_ZEROED(size_t, groups->n_groups + 1);
    for (size_t i = 0; of_row && number && i < c->n_rows; i++) {
        uint32_t group = groups->group[c->rows[i]];
        if (number[group] == 0) number[group] = ++*n_groups;
        of_row[i] = number[group] - 1;
    }
    if (!number) {
        jf_free(of_row);
        of_row = NULL;
    }
    jf_free(number);
    return of_row;
}

/* Vuong's test of the best against every other law in front, by row and by group. */
jf_status jf_rank_test_likelihoods(jf_ranking *r, const jf_groups *groups, jf_error *err)
{
    jf_comparison *c = r->c;
    size_t n_groups, *group = row_groups(c, groups, &n_groups), best = c->best;
    double *a = JF_NEW_ARRAY(double, c->n_rows + 1), *b = JF_NEW_ARRAY(double, c->n_rows + 1);
    jf_status status = JF_OK;

    JF_TRY_NEW(a, err, "tests");
    JF_TRY_NEW(b, err, "tests");
    if (groups) JF_TRY_NEW(group, err, "tests");
    if (c->candidates[best].fit->n != c->n_rows) goto done;
    jf_fit_rowwise_loglik(c->candidates[best].fit, a);
    for (size_t i = 0; i < c->n_candidates; i++) {
        const jf_fit *fit = c->candidates[i].fit, *first = c->candidates[best].fit;
        if (i == best || !jf_ranking_in_front(r, i) || fit->n != c->n_rows) continue;
        jf_fit_rowwise_loglik(fit, b);
        JF_TRY(add_test(c, "vuong", SIZE_MAX, -1, best, i,
                        jf_test_vuong(a, b, c->n_rows, first->k, fit->k, JF_VUONG_AIC, NULL, 0), err));
        if (group)
            JF_TRY(add_test(c, "vuong_cluster", SIZE_MAX, -1, best, i,
                            jf_test_vuong(a, b, c->n_rows, first->k, fit->k, JF_VUONG_AIC, group, n_groups),
                            err));
    }
done:
    jf_free(group);
    jf_free(a);
    jf_free(b);
    return status;
}

/* Of a law within another: the tests that hold there; at an edge none does, and the list says so. */
static jf_status add_nested_tests(jf_comparison *c, size_t a, size_t b, jf_nesting nesting, jf_error *err)
{
    static const jf_test_result none = {NAN, NAN, NAN, NAN};
    const jf_fit *small = c->candidates[a].fit, *large = c->candidates[b].fit;
    bool usual = nesting != JF_NESTED_AT_EDGE;
    jf_test_result f = jf_test_nested_f(small->rss, small->k, large->rss, large->k, small->n);
    jf_test_result ratio = jf_test_likelihood_ratio(small->loglik, small->k, large->loglik, large->k);
    size_t first = c->n_tests;
    jf_status status = JF_OK;

    JF_TRY(append_test(c, "nested_f", SIZE_MAX, -1, a, b, usual ? f : none, err));
    JF_TRY(append_test(c, "likelihood_ratio", SIZE_MAX, -1, a, b, usual ? ratio : none, err));
    for (size_t i = first; i < c->n_tests; i++) c->tests[i].nested = jf_nesting_names[nesting];
done:
    return status;
}

/* Every law given that is a special case of another one given. */
jf_status jf_rank_test_nested(jf_comparison *c, jf_error *err)
{
    jf_status status = JF_OK;

    for (size_t a = 0; a < c->n_candidates; a++)
        for (size_t b = 0; b < c->n_candidates; b++) {
            jf_nesting nesting;
            if (a == b || c->candidates[a].is_baseline || c->candidates[b].is_baseline) continue;
            JF_TRY(jf_fit_nesting(c->candidates[a].fit, c->candidates[b].fit, &nesting, err));
            if (nesting != JF_NOT_NESTED) JF_TRY(add_nested_tests(c, a, b, nesting, err));
        }
done:
    return status;
}

/* Resamples of groups, fewer where there are very many groups. */
static size_t n_draws(size_t n_groups, size_t n_laws)
{
    enum { DRAWS = 1000, FEWEST = 200, MOST_WORK = 100000000 };
    size_t affordable = MOST_WORK / (n_groups * n_laws + 1);

    return affordable >= DRAWS ? DRAWS : affordable > FEWEST ? affordable : FEWEST;
}

/* Strikes out the columns and laws with losses that are not finite; how many laws are left. */
static size_t keep_finite(double *loss, size_t n_groups, size_t *laws, size_t n_laws)
{
    for (size_t i = n_laws; i-- > 0;) {
        bool finite = true;
        for (size_t g = 0; g < n_groups; g++) finite &= (bool)isfinite(loss[g * n_laws + i]);
        if (finite) continue;
        for (size_t g = 0, to = 0; g < n_groups; g++)
            for (size_t j = 0; j < n_laws; j++)
                if (j != i) loss[to++] = loss[g * n_laws + j];
        memmove(laws + i, laws + i + 1, (n_laws - i - 1) * sizeof *laws);
        n_laws--;
    }
    return n_laws;
}

/* Model confidence set and frequency of being chosen, among the laws in front. */
jf_status jf_rank_resample(jf_ranking *r, const jf_groups *groups, jf_error *err)
{
    jf_comparison *c = r->c;
    size_t n_laws = 0, n_groups = 0, *laws = JF_NEW_ARRAY(size_t, c->n_candidates + 1);
    double *loss = NULL, *p = JF_NEW_ARRAY(double, 2 * c->n_candidates + 2), *share = p + c->n_candidates;
    jf_status status = JF_OK;

    JF_TRY_NEW(laws, err, "a confidence set");
    JF_TRY_NEW(p, err, "a confidence set");
    for (size_t i = 0; i < c->n_candidates; i++) {
        c->candidates[i].confidence_p = c->candidates[i].selected = NAN;
        if (jf_ranking_in_front(r, i)) laws[n_laws++] = i;
    }
    if (r->n_counts == 0 || n_laws == 0) goto done;
    JF_TRY(jf_group_losses(c, r->plan, r->counts, laws, n_laws, groups, &loss, &n_groups, err));
    for (size_t i = 0; i < n_laws; i++)
        c->candidates[laws[i]].confidence_p = c->candidates[laws[i]].selected = 0;
    n_laws = keep_finite(loss, n_groups, laws, n_laws);
    if (n_laws == 0 || n_groups < 2) goto done;
    JF_TRY(jf_confidence_set(loss, n_groups, n_laws, n_draws(n_groups, n_laws), c->seed, p, share, err));
    for (size_t i = 0; i < n_laws; i++) {
        c->candidates[laws[i]].confidence_p = p[i];
        c->candidates[laws[i]].selected = share[i];
    }
done:
    jf_free(laws);
    jf_free(loss);
    jf_free(p);
    return status;
}

/* Holm's adjustment within each kind of test. */
jf_status jf_rank_adjust(jf_comparison *c, jf_error *err)
{
    double *p = JF_NEW_ARRAY(double, c->n_tests + 1), *adjusted = JF_NEW_ARRAY(double, c->n_tests + 1);
    jf_status status = JF_OK;

    JF_TRY_NEW(p, err, "tests");
    JF_TRY_NEW(adjusted, err, "tests");
    for (size_t first = 0; first < c->n_tests; first++) {
        const char *kind = c->tests[first].kind;
        if (!isnan(c->tests[first].p_adjusted)) continue;
        for (size_t i = 0; i < c->n_tests; i++) p[i] = c->tests[i].kind == kind ? c->tests[i].p_value : NAN;
        JF_TRY(jf_holm(p, c->n_tests, adjusted, err));
        for (size_t i = first; i < c->n_tests; i++)
            if (c->tests[i].kind == kind) c->tests[i].p_adjusted = adjusted[i];
    }
done:
    jf_free(p);
    jf_free(adjusted);
    return status;
}

jf_status jf_rank_list_indistinguishable(jf_comparison *c, jf_error *err)
{
    c->indistinguishable = JF_NEW_ARRAY(size_t, c->n_candidates + 1);
    if (!c->indistinguishable) return jf_fail(err, JF_ENOMEM, "out of memory for a ranking");
    for (size_t i = 0; i < c->n_tests; i++)
        if (strcmp(c->tests[i].kind, "corrected_t") == 0 && c->tests[i].p_adjusted >= jf_test_level)
            c->indistinguishable[c->n_indistinguishable++] = c->tests[i].b;
    return JF_OK;
}
