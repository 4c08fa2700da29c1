/* Expressions of parameters evaluated at every refit. */
#include "fit/infer/bootstrap_requests.h"

#include <lapacke.h>
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "fit/infer/derive.h"
#include "fit/infer/infer_parts.h"

/* What is asked about every refit. */
typedef struct questions {
    jf_ast **asts;
    const char **what; /* "--derive", "--test" */
    size_t n, capacity;
} questions;

static void questions_clear(questions *q)
{
    for (size_t i = 0; i < q->n; i++) jf_ast_free(q->asts[i]);
    jf_free(q->asts);
    jf_free((void *)q->what);
}

static size_t n_statements(const char *hypothesis)
{
    size_t n = 0;

    for (const char *p = hypothesis; *p; n++) {
        const char *end = jf_find_outside(p, ",");
        p = *end ? end + 1 : end;
    }
    return n;
}

static jf_status add_question(jf_fit_work *work, const char *what, const char *text, size_t length,
                              questions *q)
{
    q->what[q->n] = what;
    if (!strcmp(what, "--test")) return jf_statement_parse(work, text, length, &q->asts[q->n++]);
    return jf_ast_read(what, text, &q->asts[q->n++], work->err);
}

static jf_status read_questions(jf_fit_work *work, questions *q)
{
    jf_status status = JF_OK;
    const jf_fit *fit = work->fit;
    size_t most = fit->n_derived;

    for (size_t t = 0; t < fit->n_tests; t++) most += n_statements(fit->tests[t].hypothesis);
    q->asts = JF_NEW_ZEROED(jf_ast *, most);
    q->what = JF_NEW_ARRAY(const char *, most);
    JF_TRY_NEW(q->asts && q->what ? q : NULL, work->err, "refits");
    for (size_t i = 0; i < fit->n_derived; i++)
        JF_TRY(add_question(work, "--derive", fit->derived[i].expression, 0, q));
    for (size_t t = 0; t < fit->n_tests; t++)
        for (const char *p = fit->tests[t].hypothesis; *p;) {
            const char *end = jf_find_outside(p, ",");
            JF_TRY(add_question(work, "--test", p, (size_t)(end - p), q));
            p = *end ? end + 1 : end;
        }
done:
    return status;
}

/* One refit: theta (k) to its row of estimates and answers. */
static jf_status answer(jf_fit_work *work, const questions *q, const double *theta, size_t k,
                        double *gradient, double *row)
{
    jf_status status = JF_OK;
    size_t wide = work->fit->n_estimates;
    bool failed = isnan(theta[0]);

    memcpy(row, theta, k * sizeof *row);
    for (size_t i = k; i < wide + q->n; i++) row[i] = NAN;
    for (size_t i = k; i < wide && !failed; i++) JF_TRY(jf_estimate_value(work, i, theta, gradient, &row[i]));
    for (size_t i = 0; i < q->n && !failed; i++)
        JF_TRY(jf_derive(q->what[i], q->asts[i], work->law, work->problem->formula, theta, NULL,
                         &row[wide + i], gradient, work->err));
done:
    return status;
}

jf_status jf_bootstrap_widen(jf_fit_work *work, jf_bootstrap *b)
{
    jf_status status = JF_OK;
    size_t k = b->k, wide;
    double *values = NULL, *gradient = NULL;
    questions q = {0};

    if (!b->theta || !k) return JF_OK;
    JF_TRY(read_questions(work, &q));
    wide = work->fit->n_estimates + q.n;
    if (wide == k) goto done;
    values = JF_NEW_ARRAY(double, b->n_resamples *wide);
    gradient = JF_NEW_ARRAY(double, k);
    JF_TRY_NEW(values && gradient ? values : NULL, work->err, "refits");
    for (size_t r = 0; r < b->n_resamples; r++)
        JF_TRY(answer(work, &q, b->theta + r * k, k, gradient, values + r * wide));
    jf_free(b->theta);
    b->theta = values;
    b->k = wide;
    values = NULL;
done:
    questions_clear(&q);
    jf_free(values);
    jf_free(gradient);
    return status;
}

/* ---- tests ---- */

/* Means and covariance of `q` columns from `first` on; how many refits have them. */
static size_t describe(const jf_bootstrap *b, size_t first, size_t q, double *mean, double *covariance)
{
    size_t n = 0;

    memset(mean, 0, q * sizeof *mean);
    memset(covariance, 0, q * q * sizeof *covariance);
    for (size_t r = 0; r < b->n_resamples; r++) {
        const double *x = b->theta + r * b->k + first;
        if (isnan(x[0])) continue;
        n++;
        for (size_t i = 0; i < q; i++) mean[i] += x[i];
    }
    for (size_t i = 0; i < q; i++) mean[i] /= (double)n;
    for (size_t r = 0; r < b->n_resamples; r++) {
        const double *x = b->theta + r * b->k + first;
        for (size_t i = 0; i < q && !isnan(x[0]); i++)
            for (size_t j = 0; j < q; j++)
                covariance[i * q + j] += (x[i] - mean[i]) * (x[j] - mean[j]) / ((double)n - 1);
    }
    return n;
}

/* Half-solved distances: |L^-1 d|^2 with the Cholesky factor L of the covariance. */
static double square_of(const double *factor, size_t q, const double *d, double *scratch)
{
    double sum = 0;

    for (size_t i = 0; i < q; i++) {
        scratch[i] = d[i];
        for (size_t j = 0; j < i; j++) scratch[i] -= factor[i * q + j] * scratch[j];
        scratch[i] /= factor[i * q + i];
        sum += scratch[i] * scratch[i];
    }
    return sum;
}

/* The p of one test whose distances are `q` columns from `first` on; `at`: those of the fit. */
static jf_status p_of(jf_fit_work *work, const jf_bootstrap *b, size_t first, size_t q, const double *at,
                      double *p)
{
    jf_status status = JF_OK;
    double *room = JF_NEW_ARRAY(double, q *q + 3 * q), *factor = room, *mean, *moved, *scratch, own;
    size_t n, farther = 0;

    *p = NAN;
    JF_TRY_NEW(room, work->err, "a test");
    mean = room + q * q;
    moved = mean + q;
    scratch = moved + q;
    n = describe(b, first, q, mean, factor);
    if (n < 2 * q + 2 || LAPACKE_dpotrf(LAPACK_ROW_MAJOR, 'L', (lapack_int)q, factor, (lapack_int)q) != 0)
        goto done;
    own = square_of(factor, q, at, scratch);
    for (size_t r = 0; r < b->n_resamples; r++) {
        const double *x = b->theta + r * b->k + first;
        if (isnan(x[0])) continue;
        for (size_t i = 0; i < q; i++) moved[i] = x[i] - at[i];
        farther += square_of(factor, q, moved, scratch) >= own;
    }
    *p = (1 + (double)farther) / (1 + (double)n);
done:
    jf_free(room);
    return status;
}

jf_status jf_bootstrap_test(jf_fit_work *work, const jf_bootstrap *b, jf_interval_set *set)
{
    jf_status status = JF_OK;
    const jf_fit *fit = work->fit;
    size_t first = fit->n_estimates + fit->n_derived;
    double *gradient = NULL, *row = NULL;
    questions q = {0};

    if (!fit->n_tests || !b->k) return JF_OK;
    set->test_p = JF_NEW_ARRAY(double, fit->n_tests);
    gradient = JF_NEW_ARRAY(double, fit->n_theta);
    row = JF_NEW_ARRAY(double, b->k);
    JF_TRY_NEW(set->test_p && gradient && row ? set : NULL, work->err, "tests");
    JF_TRY(read_questions(work, &q));
    JF_TRY(answer(work, &q, fit->theta, fit->n_theta, gradient, row));
    for (size_t t = 0; t < fit->n_tests; t++) {
        size_t n = n_statements(fit->tests[t].hypothesis);
        set->test_p[t] = NAN;
        if (!isnan(fit->tests[t].statistic)) JF_TRY(p_of(work, b, first, n, row + first, &set->test_p[t]));
        first += n;
    }
done:
    questions_clear(&q);
    jf_free(gradient);
    jf_free(row);
    return status;
}
