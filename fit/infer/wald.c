/* Covariance, states and intervals of the estimates; derived quantities and joint tests. */
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <lapacke.h>
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "fit/fit_parts.h"
#include "fit/infer/derive.h"
#include "fit/loss.h"

/* ---- the Jacobian at the solution ---- */

static jf_status choose_active(jf_fit_work *work)
{
    const jf_problem *problem = work->problem;

    work->active = JF_NEW_ARRAY(size_t, problem->k);
    if (!work->active) return jf_fail(work->err, JF_ENOMEM, "out of memory for parameters");
    for (size_t j = 0; j < problem->k; j++)
        if (!problem->fixed[j] && work->solution.bound[j] == 0) work->active[work->design.p++] = j;
    return JF_OK;
}

/* Null directions of the design among all parameters. */
static jf_status spread_null(jf_fit_work *work)
{
    jf_fit *fit = work->fit;
    const jf_design *design = &work->design;

    fit->n_null = design->p - design->rank;
    if (!fit->n_null) return JF_OK;
    fit->null = JF_NEW_ZEROED(double, fit->n_theta * fit->n_null);
    if (!fit->null) return jf_fail(work->err, JF_ENOMEM, "out of memory for directions");
    for (size_t m = 0; m < fit->n_null; m++)
        for (size_t j = 0; j < design->p; j++)
            fit->null[m * fit->n_theta + work->active[j]] = design->null[m * design->p + j];
    return JF_OK;
}

static void fill_leverage(jf_fit_work *work)
{
    jf_fit *fit = work->fit;

    memcpy(fit->leverage, work->design.leverage, fit->n * sizeof *fit->leverage);
    for (size_t i = 0; i < fit->n; i++) fit->largest_leverage = fmax(fit->largest_leverage, fit->leverage[i]);
    fit->condition = jf_design_condition(&work->design);
}

jf_status jf_fit_factor(jf_fit_work *work)
{
    jf_status status = JF_OK;
    const jf_problem *problem = work->problem;
    size_t n = problem->n, k = problem->k, p;
    double *jacobian = NULL, *values = NULL;
    jf_arena *arena = NULL;

    work->fit->condition = NAN;
    if (work->fit->outcome == JF_FAILED) return JF_OK;
    JF_TRY(choose_active(work));
    p = work->design.p;
    jacobian = JF_NEW_ARRAY(double, n *k);
    values = JF_NEW_ARRAY(double, n);
    JF_TRY_NEW(jacobian && values ? jacobian : NULL, work->err, "the Jacobian");
    JF_TRY(jf_arena_new(problem->formula, JF_GRADIENT, &arena, work->err));
    jf_formula_jacobian(problem->formula, problem->inputs, arena, work->fit->theta, values, jacobian, n);
    for (size_t j = 0; j < p; j++)
        memmove(jacobian + j * n, jacobian + work->active[j] * n, n * sizeof *jacobian);
    status = jf_design_build(jacobian, n, p, problem->weight, &work->design, work->err);
    if (status == JF_EFIT) { /* a result without errors is still a result */
        jf_warn(&work->fit->warnings, "W_FLAT", "there are no standard errors: %s", work->err->message);
        *work->err = (jf_error){0};
        status = JF_OK;
        goto done;
    }
    JF_TRY(status);
    fill_leverage(work);
    JF_TRY(spread_null(work));
done:
    jf_arena_free(arena);
    jf_free(jacobian);
    jf_free(values);
    return status;
}

/* ---- the middle of the sandwich ---- */

/* Density of the residuals at the kink of l1 and quantile losses, by the difference quotient of quantiles
 * with the bandwidth of Hall and Sheather (1988), as in Koenker (2005). */
static jf_status density_at_kink(const jf_fit_work *work, double tau, double *density)
{
    size_t n = work->fit->n;
    double z = gsl_cdf_ugaussian_Pinv(1 - (1 - work->fit->level) / 2), x = gsl_cdf_ugaussian_Pinv(tau);
    double peak = gsl_ran_ugaussian_pdf(x);
    double h = pow((double)n, -1.0 / 3) * pow(z, 2.0 / 3) * pow(1.5 * peak * peak / (2 * x * x + 1), 1.0 / 3);
    double *sorted = JF_NEW_ARRAY(double, n), low, high;

    if (!sorted) return jf_fail(work->err, JF_ENOMEM, "out of memory for residuals");
    memcpy(sorted, work->fit->residual, n * sizeof *sorted);
    gsl_sort(sorted, 1, n);
    low = fmax(tau - h, 0);
    high = fmin(tau + h, 1);
    *density = (high - low) / (gsl_stats_quantile_from_sorted_data(sorted, 1, n, high) -
                               gsl_stats_quantile_from_sorted_data(sorted, 1, n, low));
    jf_free(sorted);
    return JF_OK;
}

/* psi, its mean slope, and the variance behind classical errors. */
static jf_status fill_scores(jf_fit_work *work, double *variance)
{
    jf_status status = JF_OK;
    jf_fit *fit = work->fit;
    jf_penalty penalty = {.loss = work->loss};
    double *bend = JF_NEW_ARRAY(double, fit->n), left, right, squares = 0, slopes = 0, total = 0;

    work->psi = JF_NEW_ARRAY(double, fit->n);
    JF_TRY_NEW(work->psi && bend ? bend : NULL, work->err, "scores");
    jf_penalty_block(&penalty, fit->n, fit->residual, NULL, work->psi, bend, NULL);
    for (size_t i = 0; i < fit->n; i++) {
        squares += fit->weight[i] * work->psi[i] * work->psi[i];
        slopes += fit->weight[i] * bend[i];
        total += fit->weight[i];
    }
    work->slope = slopes / total;
    *variance = fit->df ? squares / (work->n_effective - (double)fit->k) : NAN;
    if (jf_loss_has_kink(&work->loss)) {
        jf_loss_kink(&work->loss, &left, &right);
        JF_TRY(density_at_kink(work, right / (right - left), &work->slope));
        work->slope *= right - left;
        *variance = -left * right;
    }
    if (work->loss.kind == JF_LOSS_LS && work->problem->weight &&
        work->problem->weights_kind == JF_WEIGHTS_ABSOLUTE)
        *variance = 1;
    *variance /= work->slope * work->slope;
done:
    jf_free(bend);
    return status;
}

static double degrees_of(const jf_fit_work *work, jf_se_kind kind)
{
    if (kind == JF_SE_CLUSTER) return (double)work->n_groups - 1;
    if (work->problem->weight && work->problem->weights_kind == JF_WEIGHTS_ABSOLUTE) return INFINITY;
    return (double)work->fit->df;
}

/* Two-sided quantile of t (or the normal); NaN without degrees of freedom. */
static double quantile_of(double level, double df)
{
    if (isinf(df)) return gsl_cdf_ugaussian_Pinv(1 - (1 - level) / 2);
    return df > 0 ? gsl_cdf_tdist_Pinv(1 - (1 - level) / 2, df) : NAN;
}

static double p_value_of(double statistic, double df)
{
    if (isnan(statistic) || !(df > 0)) return NAN;
    return isinf(df) ? 2 * gsl_cdf_ugaussian_Q(fabs(statistic)) : 2 * gsl_cdf_tdist_Q(fabs(statistic), df);
}

/* Covariance of all parameters into `whole` (n_theta^2): zeros for what is fixed or at a bound. */
static jf_status covariance_of(jf_fit_work *work, jf_se_kind kind, double variance, double *whole)
{
    jf_status status = JF_OK;
    size_t p = work->design.p, k = work->fit->n_theta;
    double *small = JF_NEW_ARRAY(double, p *p);
    jf_scores scores = {.psi = work->psi,
                        .slope = work->slope,
                        .weight = work->problem->weight,
                        .kind = work->problem->weights_kind,
                        .group = work->group,
                        .n_groups = work->n_groups,
                        .n_effective = work->n_effective,
                        .variance = variance};

    JF_TRY_NEW(small, work->err, "a covariance");
    if (work->design.q)
        JF_TRY(jf_covariance_run(&work->design, kind, &scores, small, work->err));
    else
        for (size_t i = 0; i < p * p; i++) small[i] = NAN;
    memset(whole, 0, k * k * sizeof *whole);
    for (size_t i = 0; i < p; i++)
        for (size_t j = 0; j < p; j++) whole[work->active[i] * k + work->active[j]] = small[i * p + j];
done:
    jf_free(small);
    return status;
}

/* ---- estimates ---- */

/* One row of the list of estimates: a parameter of the formula, or a tied one with its gradient. */
static double *gradient_of(double *gradients, const jf_fit *fit, size_t i)
{
    return gradients + i * fit->n_theta;
}

static void clear_numbers(jf_estimate *estimate)
{
    estimate->std_error = estimate->ci_low = estimate->ci_high = NAN;
    estimate->statistic = estimate->p_value = estimate->published = estimate->inflation = NAN;
}

static jf_status add_parameters(jf_fit_work *work, double *gradients)
{
    jf_fit *fit = work->fit;
    const jf_problem *problem = work->problem;

    for (size_t j = 0; j < problem->k; j++) {
        const jf_parameter *parameter = jf_formula_parameter(problem->formula, j);
        const jf_parameter_spec *spec = jf_law_find_spec(work->law, parameter->name);
        jf_estimate *estimate = &fit->estimates[fit->n_estimates];
        clear_numbers(estimate);
        estimate->name = jf_copy_text(parameter->name);
        if (!estimate->name) return jf_fail(work->err, JF_ENOMEM, "out of memory for estimates");
        fit->n_estimates++;
        estimate->value = fit->theta[j];
        estimate->lower = problem->lower[j];
        estimate->upper = problem->upper[j];
        if (!spec) spec = jf_law_find_spec(work->law, parameter->base);
        if (spec) estimate->published = spec->published;
        if (problem->fixed[j])
            estimate->state = JF_STATE_FIXED;
        else if (fit->outcome != JF_FAILED && work->solution.bound[j])
            estimate->state = JF_STATE_AT_BOUND;
        gradient_of(gradients, fit, j)[j] = 1;
    }
    for (size_t a = 0; a < work->design.p; a++) {
        jf_estimate *estimate = &fit->estimates[work->active[a]];
        if (!work->design.q) continue;
        estimate->inflation = jf_design_inflation(&work->design, a);
        if (work->design.determined[a]) continue;
        estimate->state = JF_STATE_UNIDENTIFIED;
        estimate->value = NAN;
    }
    return JF_OK;
}

static const jf_ast *find_levels(const jf_ast *ast, const char *name)
{
    const jf_ast *found = NULL;

    if (ast->kind == JF_AST_LEVELS && strcmp(ast->text, name) == 0) return ast;
    for (size_t i = 0; i < ast->n_args && !found; i++) found = find_levels(ast->args[i], name);
    return found;
}

static bool same_dimensions(const jf_ast *a, const jf_ast *b)
{
    if (a->n_dimensions != b->n_dimensions) return false;
    for (size_t i = 0; i < a->n_dimensions; i++)
        if (strcmp(a->dimensions[i].column, b->dimensions[i].column) != 0) return false;
    return true;
}

/* A level parameter of the fitted formula over the same columns as `levels`. */
static const jf_ast *find_alike(const jf_ast *ast, const jf_ast *levels)
{
    const jf_ast *found = NULL;

    if (ast->kind == JF_AST_LEVELS && same_dimensions(ast, levels)) return ast;
    for (size_t i = 0; i < ast->n_args && !found; i++) found = find_alike(ast->args[i], levels);
    return found;
}

static jf_status add_tied(jf_fit_work *work, const jf_parameter_spec *spec, const char *brackets,
                          double *gradients)
{
    jf_status status = JF_OK;
    jf_fit *fit = work->fit;
    jf_estimate *estimate = &fit->estimates[fit->n_estimates];

    clear_numbers(estimate);
    estimate->name = jf_format("%s%s", spec->name, brackets ? brackets : "");
    JF_TRY_NEW(estimate->name, work->err, "estimates");
    estimate->state = JF_STATE_TIED;
    estimate->lower = -INFINITY;
    estimate->upper = INFINITY;
    estimate->published = spec->published;
    JF_TRY(jf_derive("--tie", spec->tie, work->law, work->problem->formula, fit->theta, brackets,
                     &estimate->value, gradient_of(gradients, fit, fit->n_estimates), work->err));
    fit->n_estimates++;
    return JF_OK;
done:
    jf_free(estimate->name);
    estimate->name = NULL;
    return status;
}

/* Tied parameters: one, or one for each level of those it is tied to. */
static jf_status add_ties(jf_fit_work *work, double *gradients)
{
    jf_status status = JF_OK;
    const jf_formula *formula = work->problem->formula;

    for (size_t i = 0; i < work->law->n_specs; i++) {
        const jf_parameter_spec *spec = &work->law->specs[i];
        const jf_ast *own, *alike;
        if (!spec->tie) continue;
        own = find_levels(work->law->formula, spec->name);
        alike = own ? find_alike(work->problem->law->formula, own) : NULL;
        if (!alike) JF_TRY(add_tied(work, spec, NULL, gradients));
        for (size_t j = 0; alike && j < jf_formula_n_parameters(formula); j++) {
            const jf_parameter *parameter = jf_formula_parameter(formula, j);
            if (parameter->level && strcmp(parameter->base, alike->text) == 0)
                JF_TRY(add_tied(work, spec, strchr(parameter->name, '['), gradients));
        }
    }
done:
    return status;
}

/* Does the gradient have a part along a direction that the data leave open? */
static bool is_open(const jf_fit *fit, const double *gradient)
{
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

static double bilinear(const double *a, const double *covariance, const double *b, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n && a[i] != 0; j++)
            if (b[j] != 0) sum += a[i] * covariance[i * n + j] * b[j];
    return sum;
}

/* Has this quantity a Wald error at all? */
static bool has_error(const jf_fit_work *work, const double *gradient, jf_state state)
{
    if (state == JF_STATE_FIXED || state == JF_STATE_AT_BOUND || state == JF_STATE_UNIDENTIFIED) return false;
    return !is_open(work->fit, gradient) && !touches_bound(work, gradient);
}

static void fill_covariance(jf_fit_work *work, double *gradients)
{
    jf_fit *fit = work->fit;
    size_t m = fit->n_estimates;

    for (size_t i = 0; i < m; i++) {
        bool mine = has_error(work, gradient_of(gradients, fit, i), fit->estimates[i].state);
        for (size_t j = 0; j <= i; j++) {
            bool both = mine && has_error(work, gradient_of(gradients, fit, j), fit->estimates[j].state);
            double value = both ? bilinear(gradient_of(gradients, fit, i), fit->working,
                                           gradient_of(gradients, fit, j), fit->n_theta)
                                : NAN;
            fit->covariance[i * m + j] = fit->covariance[j * m + i] = value;
        }
    }
}

static void fill_wald(jf_fit *fit)
{
    double wide = quantile_of(fit->level, fit->t_df);

    for (size_t i = 0; i < fit->n_estimates; i++) {
        jf_estimate *estimate = &fit->estimates[i];
        estimate->std_error = sqrt(fit->covariance[i * fit->n_estimates + i]);
        estimate->ci_low = estimate->value - wide * estimate->std_error;
        estimate->ci_high = estimate->value + wide * estimate->std_error;
        estimate->statistic = estimate->value / estimate->std_error;
        estimate->p_value = p_value_of(estimate->statistic, fit->t_df);
    }
}

/* Adds the intervals of one kind, from fit->covariance as it stands. */
static jf_status add_interval_set(jf_fit_work *work, jf_se_kind kind)
{
    jf_fit *fit = work->fit;
    jf_interval_set *set = &fit->intervals[fit->n_intervals];
    double wide = quantile_of(fit->level, degrees_of(work, kind));

    set->level = fit->level;
    set->kind = jf_format("wald:%s", jf_se_names[kind]);
    set->low = JF_NEW_ARRAY(double, fit->n_estimates);
    set->high = JF_NEW_ARRAY(double, fit->n_estimates);
    fit->n_intervals++;
    if (!set->kind || !set->low || !set->high)
        return jf_fail(work->err, JF_ENOMEM, "out of memory for intervals");
    for (size_t i = 0; i < fit->n_estimates; i++) {
        double half = wide * sqrt(fit->covariance[i * fit->n_estimates + i]);
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

/* ---- derived quantities and tests ---- */

static jf_status add_derived(jf_fit_work *work, const char *text, double *gradient)
{
    jf_status status = JF_OK;
    jf_fit *fit = work->fit;
    jf_derived *derived = &fit->derived[fit->n_derived];
    const char *equals = jf_find_outside(text, "=");
    jf_ast *ast = NULL;
    size_t length = (size_t)(equals - text);

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
    if (is_open(fit, gradient)) derived->value = NAN;
    if (!has_error(work, gradient, JF_STATE_OK)) goto done;
    derived->std_error = sqrt(jf_quadratic(gradient, fit->working, fit->n_theta));
    derived->ci_low = derived->value - quantile_of(fit->level, fit->t_df) * derived->std_error;
    derived->ci_high = derived->value + quantile_of(fit->level, fit->t_df) * derived->std_error;
done:
    jf_ast_free(ast);
    return status;
}

/* One statement "lhs = rhs" of a test: its distance from true and the gradient of that. */
static jf_status read_statement(jf_fit_work *work, const char *text, size_t length, double *distance,
                                double *gradient)
{
    jf_status status = JF_OK;
    char *copy = jf_copy_bytes(text, length), *whole = NULL;
    const char *equals;
    jf_ast *ast = NULL;

    JF_TRY_NEW(copy, work->err, "a test");
    equals = jf_find_outside(copy, "=");
    if (!*equals) {
        status = jf_fail(work->err, JF_EUSAGE, "--test: expected 'a = 1, b = 2', found '%s'", copy);
        goto done;
    }
    whole = jf_format("(%.*s) - (%s)", (int)(equals - copy), copy, equals + 1);
    JF_TRY_NEW(whole, work->err, "a test");
    JF_TRY(jf_ast_read("--test", whole, &ast, work->err));
    JF_TRY(jf_derive("--test", ast, work->law, work->problem->formula, work->fit->theta, NULL, distance,
                     gradient, work->err));
    if (!has_error(work, gradient, JF_STATE_OK)) *distance = NAN;
done:
    jf_ast_free(ast);
    jf_free(copy);
    jf_free(whole);
    return status;
}

/* F of q statements with these distances and gradients (q x n_theta); NaN where one has no error, and an
 * error where one follows from the others. */
static jf_status wald_statistic(jf_fit_work *work, size_t q, const double *distance, const double *gradients,
                                double *statistic)
{
    jf_status status = JF_OK;
    size_t k = work->fit->n_theta;
    double *middle = JF_NEW_ARRAY(double, q *q), *solved = JF_NEW_ARRAY(double, q);

    *statistic = 0;
    JF_TRY_NEW(middle && solved ? middle : NULL, work->err, "a test");
    for (size_t a = 0; a < q; a++) {
        solved[a] = distance[a];
        if (isnan(distance[a])) *statistic = NAN;
        for (size_t b = 0; b < q; b++)
            middle[a * q + b] = bilinear(gradients + a * k, work->fit->working, gradients + b * k, k);
    }
    if (isnan(*statistic)) goto done;
    if (LAPACKE_dposv(LAPACK_ROW_MAJOR, 'L', (lapack_int)q, 1, middle, (lapack_int)q, solved, 1) != 0) {
        status =
            jf_fail(work->err, JF_EUSAGE, "--test: one statement follows from the others, or has no error");
        goto done;
    }
    for (size_t a = 0; a < q; a++) *statistic += distance[a] * solved[a] / (double)q;
done:
    jf_free(middle);
    jf_free(solved);
    return status;
}

static jf_status add_test(jf_fit_work *work, const char *text)
{
    jf_status status = JF_OK;
    jf_fit *fit = work->fit;
    jf_wald_test *test = &fit->tests[fit->n_tests];
    size_t q = 0, most = 1;
    double *gradients, *distance;

    for (const char *p = text; *p; p++) most += *p == ',';
    gradients = JF_NEW_ZEROED(double, most * fit->n_theta);
    distance = JF_NEW_ZEROED(double, most);
    test->hypothesis = jf_copy_text(text);
    fit->n_tests++;
    JF_TRY_NEW(gradients && distance && test->hypothesis ? test : NULL, work->err, "a test");
    for (const char *p = text; *p;) {
        const char *end = jf_find_outside(p, ",");
        JF_TRY(read_statement(work, p, (size_t)(end - p), &distance[q], gradients + q * fit->n_theta));
        q++;
        p = *end ? end + 1 : end;
    }
    test->df1 = (double)q;
    test->df2 = fit->t_df;
    JF_TRY(wald_statistic(work, q, distance, gradients, &test->statistic));
    if (isnan(test->statistic) || !(test->df2 > 0))
        test->p_value = NAN;
    else if (isinf(test->df2))
        test->p_value = gsl_cdf_chisq_Q(test->statistic * test->df1, test->df1);
    else
        test->p_value = gsl_cdf_fdist_Q(test->statistic, test->df1, test->df2);
done:
    jf_free(gradients);
    jf_free(distance);
    return status;
}

static jf_status add_requests(jf_fit_work *work)
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

jf_status jf_fit_infer(jf_fit_work *work)
{
    jf_status status = JF_OK;
    jf_fit *fit = work->fit;
    double *gradients = NULL, variance = NAN;

    JF_TRY(make_room(work, &gradients));
    JF_TRY(add_parameters(work, gradients));
    if (fit->outcome != JF_FAILED) {
        JF_TRY(add_ties(work, gradients));
        JF_TRY(fill_scores(work, &variance));
    }
    fit->covariance = JF_NEW_ARRAY(double, fit->n_estimates * fit->n_estimates);
    JF_TRY_NEW(fit->covariance, work->err, "a covariance");
    for (size_t i = 0; i < fit->n_estimates * fit->n_estimates; i++) fit->covariance[i] = NAN;
    fit->t_df = degrees_of(work, work->se[0]);
    if (fit->outcome == JF_FAILED) goto done;
    for (size_t s = work->n_se; s-- > 0;) { /* the first kind comes last and stays */
        JF_TRY(covariance_of(work, work->se[s], variance, fit->working));
        fill_covariance(work, gradients);
        JF_TRY(add_interval_set(work, work->se[s]));
    }
    fill_wald(fit);
    JF_TRY(add_requests(work));
done:
    jf_free(gradients);
    return status;
}
