/* Derived quantities (--derive) and joint Wald tests (--test). */
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "fit/infer/derive.h"
#include "fit/infer/infer_parts.h"

static jf_status add_derived(jf_fit_work *work, const char *text, double *gradient)
{
    jf_status status = JF_OK;
    jf_fit *fit = work->fit;
    jf_derived *derived = &fit->derived[fit->n_derived];
    const char *equals = jf_find_outside(text, "=");
    jf_ast *ast = NULL;
    size_t length = (size_t)(equals - text);
    double df;

    if (!*equals)
        return jf_fail(work->err, JF_EUSAGE, "--derive: expected 'NAME = EXPRESSION', found '%s'", text);
    while (length && text[length - 1] == ' ') length--;
    derived->name = jf_copy_bytes(text, length);
    derived->expression = jf_copy_text(equals + 1 + strspn(equals + 1, " "));
    fit->n_derived++;
    JF_TRY_NEW(derived->name && derived->expression ? derived : NULL, work->err, "a derived quantity");
    derived->std_error = derived->ci_low = derived->ci_high = NAN;
    JF_TRY(jf_ast_read("--derive", equals + 1, &ast, work->err));
    JF_TRY(jf_derive("--derive", ast, work->law, work->problem->formula, fit->theta, NULL, &derived->value,
                     gradient, work->err));
    if (jf_is_open(fit, gradient)) derived->value = NAN;
    derived->why = jf_why_no_error(work, gradient);
    if (!derived->why && !isfinite(derived->value)) derived->why = "it has no finite value at the estimates";
    if (derived->why) goto done;
    derived->std_error = sqrt(jf_quadratic(gradient, fit->working, fit->n_theta));
    JF_TRY(jf_fit_degrees(work, fit->se, gradient, 1, &df));
    derived->ci_low = derived->value - jf_t_quantile(fit->level, df) * derived->std_error;
    derived->ci_high = derived->value + jf_t_quantile(fit->level, df) * derived->std_error;
done:
    jf_ast_free(ast);
    return status;
}

jf_status jf_statement_parse(jf_fit_work *work, const char *text, size_t length, jf_ast **out)
{
    jf_status status = JF_OK;
    char *copy = jf_copy_bytes(text, length), *whole = NULL;
    const char *equals;

    *out = NULL;
    JF_TRY_NEW(copy, work->err, "a test");
    equals = jf_find_outside(copy, "=");
    if (!*equals) {
        status = jf_fail(work->err, JF_EUSAGE, "--test: expected 'a = 1, b = 2', found '%s'", copy);
        goto done;
    }
    whole = jf_format("(%.*s) - (%s)", (int)(equals - copy), copy, equals + 1);
    JF_TRY_NEW(whole, work->err, "a test");
    JF_TRY(jf_ast_read("--test", whole, out, work->err));
done:
    jf_free(copy);
    jf_free(whole);
    return status;
}

/* One statement of a test: its distance from true and the gradient of that. */
static jf_status read_statement(jf_fit_work *work, const char *text, size_t length, double *distance,
                                double *gradient, const char **why)
{
    jf_status status = JF_OK;
    const char *none = NULL;
    jf_ast *ast = NULL;
    bool free = false;

    JF_TRY(jf_statement_parse(work, text, length, &ast));
    JF_TRY(jf_derive("--test", ast, work->law, work->problem->formula, work->fit->theta, NULL, distance,
                     gradient, work->err));
    for (size_t j = 0; j < work->fit->n_theta; j++)
        free = free || (gradient[j] != 0 && work->fit->estimates[j].state != JF_STATE_FIXED);
    if (!free) {
        status = jf_fail(work->err, JF_EUSAGE, "--test: no parameter in '%.*s' is free to be tested",
                         (int)length, text);
        goto done;
    }
    none = jf_why_no_error(work, gradient);
    if (!none && !isfinite(*distance)) none = "it has no finite value at the estimates";
    if (!none) goto done;
    *distance = NAN;
    *why = none;
done:
    jf_ast_free(ast);
    return status;
}

static jf_status add_test(jf_fit_work *work, const char *text)
{
    jf_status status = JF_OK;
    jf_fit *fit = work->fit;
    jf_wald_test *test = &fit->tests[fit->n_tests];
    size_t q = 0, most = 1;
    double *gradients, *distance;
    bool dependent;

    for (const char *p = text; *p; p++) most += *p == ',';
    gradients = JF_NEW_ZEROED(double, most * fit->n_theta);
    distance = JF_NEW_ZEROED(double, most);
    test->hypothesis = jf_copy_text(text);
    fit->n_tests++;
    JF_TRY_NEW(gradients && distance && test->hypothesis ? test : NULL, work->err, "a test");
    for (const char *p = text; *p;) {
        const char *end = jf_find_outside(p, ",");
        JF_TRY(read_statement(work, p, (size_t)(end - p), &distance[q], gradients + q * fit->n_theta,
                              &test->why));
        q++;
        p = *end ? end + 1 : end;
    }
    JF_TRY(jf_joint_test(work, q, distance, gradients, test, &dependent));
    if (!dependent && !test->why && isnan(test->statistic))
        test->why = "there are too few degrees of freedom for it";
    if (dependent)
        status =
            jf_fail(work->err, JF_EUSAGE, "--test: one statement follows from the others, or has no error");
done:
    jf_free(gradients);
    jf_free(distance);
    return status;
}

jf_status jf_fit_add_requests(jf_fit_work *work)
{
    jf_status status = JF_OK;
    jf_fit *fit = work->fit;
    const jf_fit_options *options = work->options;
    double *gradient = JF_NEW_ZEROED(double, fit->n_theta);

    fit->derived = JF_NEW_ZEROED(jf_derived, options->derive.n);
    fit->tests = JF_NEW_ZEROED(jf_wald_test, options->test.n);
    JF_TRY_NEW(gradient && fit->derived && fit->tests ? gradient : NULL, work->err, "derived quantities");
    for (size_t i = 0; i < options->derive.n; i++)
        JF_TRY(add_derived(work, options->derive.items[i], gradient));
    for (size_t i = 0; i < options->test.n; i++) JF_TRY(add_test(work, options->test.items[i]));
done:
    jf_free(gradient);
    return status;
}
