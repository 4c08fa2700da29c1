/* Tests of statements (--test) by the wild cluster bootstrap-t: which have a restricted fit, and why others
 * not. */
#include <math.h>
#include "core/memory.h"
#include "fit/infer/derive.h"
#include "fit/infer/infer_parts.h"
#include "fit/infer/wild_cluster.h"

static const char CURVED[] = "no restricted fit: a statement is not linear in the parameters";
static const char TANGLED[] =
    "no restricted fit: the law is not linear in its parameters, and a statement names several of them";
static const char SAME[] = "no restricted fit: two statements are about one parameter";
static const char NO_FIT[] =
    "the law cannot be fitted under the statement, or too few groups tell so many statements";

/* The statements of one test. */
typedef struct wild_test {
    size_t q, most;
    double *distance;  /* most: from true, at the fit */
    double *gradients; /* most x n_theta */
    double *values;    /* most: laws that are not linear: of parameter which[i] */
    size_t *which;
    double *elsewhere, *slope; /* n_theta: scratch */
} wild_test;

static void clear_test(wild_test *t)
{
    jf_free(t->distance);
    jf_free(t->gradients);
    jf_free(t->values);
    jf_free(t->which);
    jf_free(t->elsewhere);
    jf_free(t->slope);
}

static jf_status make_test(const jf_fit_work *work, const char *text, wild_test *t)
{
    size_t k = work->fit->n_theta;

    t->most = 1;
    for (const char *p = text; *p; p++) t->most += *p == ',';
    t->distance = JF_NEW_ZEROED(double, t->most);
    t->gradients = JF_NEW_ZEROED(double, t->most *k);
    t->values = JF_NEW_ZEROED(double, t->most);
    t->which = JF_NEW_ZEROED(size_t, t->most);
    t->elsewhere = JF_NEW_ZEROED(double, k);
    t->slope = JF_NEW_ZEROED(double, k);
    if (t->distance && t->gradients && t->values && t->which && t->elsewhere && t->slope) return JF_OK;
    return jf_fail(work->err, JF_ENOMEM, "out of memory for a test");
}

/* Has the statement the same gradient at a second place, and the value that the gradient foretells? */
static jf_status look_elsewhere(jf_fit_work *work, const jf_ast *ast, wild_test *t, bool *linear)
{
    jf_status status = JF_OK;
    const jf_fit *fit = work->fit;
    const double *gradient = t->gradients + t->q * fit->n_theta;
    double there, foretold = t->distance[t->q], size = fabs(foretold);

    for (size_t j = 0; j < fit->n_theta; j++) {
        double move = gradient[j] != 0 ? 0.3 * fabs(fit->theta[j]) + 0.1 / (double)(j + 1) : 0;
        t->elsewhere[j] = fit->theta[j] + move;
        foretold += gradient[j] * move;
        size += fabs(gradient[j]) * (fabs(fit->theta[j]) + move);
    }
    JF_TRY(jf_derive("--test", ast, work->law, work->problem->formula, t->elsewhere, NULL, &there, t->slope,
                     work->err));
    *linear = fabs(there - foretold) <= 1e-10 * size;
    for (size_t j = 0; j < fit->n_theta; j++)
        *linear = *linear && fabs(t->slope[j] - gradient[j]) <= 1e-10 * fabs(gradient[j]);
done:
    return status;
}

/* What holds one parameter of a law that is not linear; NULL, or why there is none. */
static const char *hold_one(const jf_fit *fit, wild_test *t)
{
    const double *gradient = t->gradients + t->q * fit->n_theta;
    size_t touched = 0, own = 0;

    for (size_t j = 0; j < fit->n_theta; j++)
        if (gradient[j] != 0) own = j, touched++;
    if (touched != 1) return TANGLED;
    for (size_t i = 0; i < t->q; i++)
        if (t->which[i] == own) return SAME;
    t->which[t->q] = own;
    t->values[t->q] = fit->theta[own] - t->distance[t->q] / gradient[own];
    return NULL;
}

static jf_status add_statement(jf_fit_work *work, const char *text, size_t length, wild_test *t,
                               const char **why)
{
    jf_status status = JF_OK;
    const jf_fit *fit = work->fit;
    double *gradient = t->gradients + t->q * fit->n_theta;
    jf_ast *ast = NULL;
    bool linear = true;

    JF_TRY(jf_statement_parse(work, text, length, &ast));
    JF_TRY(jf_derive("--test", ast, work->law, work->problem->formula, fit->theta, NULL, &t->distance[t->q],
                     gradient, work->err));
    JF_TRY(look_elsewhere(work, ast, t, &linear));
    if (!linear)
        *why = CURVED;
    else if (!fit->linear)
        *why = hold_one(fit, t);
    t->q++;
done:
    jf_ast_free(ast);
    return status;
}

jf_status jf_wild_test(jf_fit_work *work, jf_wild_cluster *wild, size_t index, double *p, const char **why)
{
    jf_status status = JF_OK;
    const jf_fit *fit = work->fit;
    const char *text = fit->tests[index].hypothesis;
    wild_test t = {0};

    *p = NAN;
    *why = NULL;
    JF_TRY(make_test(work, text, &t));
    for (const char *at = text; *at && !*why;) {
        const char *end = jf_find_outside(at, ",");
        JF_TRY(add_statement(work, at, (size_t)(end - at), &t, why));
        at = *end ? end + 1 : end;
    }
    for (size_t i = 0; i < t.q && !*why; i++) *why = jf_why_no_error(work, t.gradients + i * fit->n_theta);
    if (*why) goto done;
    JF_TRY(jf_wild_cluster_joint(wild, t.q, t.gradients, t.distance, t.which, t.values, p, work->err));
    if (isnan(*p)) *why = NO_FIT;
done:
    clear_test(&t);
    return status;
}
