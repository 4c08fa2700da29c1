/* Solving within a fit: once, or over and over where the weights follow the predictions. */
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "fit/fit_parts.h"

static jf_solve_options solve_options(const jf_fit_work *work)
{
    const jf_fit_options *options = work->options;

    return (jf_solve_options){.loss = work->loss,
                              .from = work->from,
                              .starts = (size_t)options->starts,
                              .max_iterations = (size_t)options->max_iterations,
                              .tolerance = options->tolerance,
                              .seed = options->seed,
                              .threads = (int)options->threads};
}

/* Weights of a relative error: base / level^2. False where a level is zero or not finite. */
static bool set_relative_weights(jf_problem *problem, const double *base, const double *level)
{
    for (size_t i = 0; i < problem->n; i++) {
        problem->weight[i] = (base ? base[i] : 1) / (level[i] * level[i]);
        if (!isfinite(problem->weight[i])) return false;
    }
    return true;
}

static double largest_step(const double *a, const double *b, size_t k)
{
    double largest = 0;

    for (size_t j = 0; j < k; j++) largest = fmax(largest, fabs(a[j] - b[j]) / fmax(fabs(a[j]), 1e-300));
    return largest;
}

static jf_status values_at(const jf_problem *problem, const double *theta, double *values, jf_error *err)
{
    jf_arena *arena = NULL;
    jf_status status = jf_arena_new(problem->formula, JF_VALUE, &arena, err);

    if (status == JF_OK) jf_formula_values(problem->formula, problem->inputs, arena, theta, values);
    jf_arena_free(arena);
    return status;
}

/* Noise in proportion to the prediction: squares weighted by 1/prediction^2, the weights brought up to date
 * until nothing moves (generalised least squares; Carroll and Ruppert 1988). Starts from 1/observation^2. */
static jf_status solve_relative(jf_fit_work *work, jf_solve_options options)
{
    jf_status status = JF_OK;
    jf_problem *problem = work->problem;
    double *base = problem->weight, *level = JF_NEW_ARRAY(double, problem->n);
    double *last = JF_NEW_ARRAY(double, problem->k);
    bool settled = false;

    problem->weight = JF_NEW_ARRAY(double, problem->n);
    JF_TRY_NEW(problem->weight && level && last ? level : NULL, work->err, "weights");
    if (!set_relative_weights(problem, base, problem->response)) {
        status = jf_fail(work->err, JF_EDATA, "a relative error needs a response that is nowhere zero");
        goto done;
    }
    JF_TRY(jf_solve(problem, &options, &work->solution, work->err));
    for (int round = 0; round < 100 && !settled && work->solution.outcome != JF_FAILED; round++) {
        JF_TRY(values_at(problem, work->solution.theta, level, work->err));
        if (!set_relative_weights(problem, base, level)) {
            status = jf_fail(work->err, JF_EFIT, "a relative error met a prediction of zero");
            goto done;
        }
        jf_solution next = {0};
        memcpy(last, work->solution.theta, problem->k * sizeof *last);
        options.local_only = true;
        options.from = last;
        JF_TRY(jf_solve(problem, &options, &next, work->err));
        settled = largest_step(next.theta, last, problem->k) < 1e-11;
        next.starts_tried = work->solution.starts_tried;
        next.starts_finished = work->solution.starts_finished;
        next.starts_agreeing = work->solution.starts_agreeing;
        jf_solution_clear(&work->solution);
        work->solution = next;
    }
done:
    jf_free(base);
    jf_free(level);
    jf_free(last);
    return status;
}

static jf_status solve(jf_fit_work *work)
{
    jf_problem *problem = work->problem;
    jf_solve_options options = solve_options(work);
    jf_status status = JF_OK;

    if (problem->error == JF_ERROR_RELATIVE && work->loss.kind != JF_LOSS_LS)
        return jf_fail(work->err, JF_EUSAGE, "--error relative goes with the loss ls only");
    if (problem->error == JF_ERROR_RELATIVE && problem->weights_kind != JF_WEIGHTS_PRECISION)
        return jf_fail(work->err, JF_EUSAGE, "--error relative goes with precision weights only");
    if (problem->error == JF_ERROR_RELATIVE)
        JF_TRY(solve_relative(work, options));
    else
        JF_TRY(jf_solve(problem, &options, &work->solution, work->err));
done:
    return status;
}

/* Moves what the solver found into the result. */
static jf_status take_solution(jf_fit_work *work)
{
    jf_status status = JF_OK;
    jf_fit *fit = work->fit;
    jf_solution *solution = &work->solution;

    fit->outcome = solution->outcome;
    fit->linear = solution->linear;
    fit->loss = solution->loss;
    fit->scaled_gradient = solution->scaled_gradient;
    fit->iterations = solution->iterations;
    fit->starts_tried = solution->starts_tried;
    fit->starts_finished = solution->starts_finished;
    fit->starts_agreeing = solution->starts_agreeing;
    fit->basins = solution->basins;
    fit->n_basins = solution->n_basins;
    solution->basins = NULL;
    solution->n_basins = 0;
    fit->n_theta = work->problem->k;
    fit->theta = JF_NEW_ARRAY(double, fit->n_theta);
    JF_TRY_NEW(fit->theta, work->err, "a result");
    for (size_t j = 0; j < fit->n_theta; j++) fit->theta[j] = solution->theta ? solution->theta[j] : NAN;
    if (fit->outcome == JF_FAILED) {
        fit->failure =
            jf_copy_text(solution->failure[0] ? solution->failure : "no start led to a finite loss");
        JF_TRY_NEW(fit->failure, work->err, "a result");
    }
done:
    return status;
}

jf_status jf_fit_solve(jf_fit_work *work)
{
    jf_status status = solve(work);

    return status == JF_OK ? take_solution(work) : status;
}
