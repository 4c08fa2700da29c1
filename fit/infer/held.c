/* Local refits of a copy of the problem in which bounds hold parameters where they are wanted. */
#include "fit/infer/held.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"

void jf_held_clear(jf_held *held)
{
    jf_free(held->problem.lower);
    jf_free(held->problem.upper);
    jf_free(held->problem.fixed);
    jf_free(held->theta);
    jf_free(held->which);
    *held = (jf_held){0};
}

jf_status jf_held_new(const jf_profile_setup *setup, const size_t *which, size_t n, double *better,
                      jf_held *out, jf_error *err)
{
    const jf_problem *problem = setup->problem;
    size_t k = problem->k;

    *out = (jf_held){
        .setup = setup, .problem = *problem, .n_which = n, .better = better, .better_loss = INFINITY};
    out->problem.lower = JF_NEW_ARRAY(double, k);
    out->problem.upper = JF_NEW_ARRAY(double, k);
    out->problem.fixed = JF_NEW_ARRAY(bool, k);
    out->theta = JF_NEW_ARRAY(double, k);
    out->which = JF_NEW_ARRAY(size_t, n);
    if (!out->problem.lower || !out->problem.upper || !out->problem.fixed || !out->theta || !out->which) {
        jf_held_clear(out);
        return jf_fail(err, JF_ENOMEM, "out of memory for refits");
    }
    memcpy(out->problem.lower, problem->lower, k * sizeof(double));
    memcpy(out->problem.upper, problem->upper, k * sizeof(double));
    memcpy(out->problem.fixed, problem->fixed, k * sizeof(bool));
    for (size_t i = 0; i < n; i++) {
        out->which[i] = which[i];
        out->problem.fixed[which[i]] = true;
    }
    return JF_OK;
}

void jf_held_move(jf_held *held, const double *values)
{
    held->z = INFINITY;
    for (size_t i = 0; i < held->n_which; i++)
        held->problem.lower[held->which[i]] = held->problem.upper[held->which[i]] = values[i];
}

static jf_solve_options local_options(const jf_profile_setup *setup, const double *from)
{
    return (jf_solve_options){.loss = setup->penalty,
                              .local_only = true,
                              .from = from,
                              .max_iterations = setup->max_iterations,
                              .tolerance = setup->tolerance,
                              .threads = 1};
}

/* Where a law loses its digits (1 - exp(-rate*x) at a rate of 1e-15) the loss jumps, lower too, and solvers
 * come to no end: that is no minimum. */
static bool is_minimum(const jf_solution *solution)
{
    return solution->outcome == JF_CONVERGED || solution->outcome == JF_AT_BOUND;
}

/* A minimum below that of the fit was met: lets the parameters go and keeps what it comes to. */
static jf_status keep_better(jf_held *held, const double *from, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_profile_setup *setup = held->setup;
    jf_solve_options options = local_options(setup, from);
    jf_solution solution = {0};

    JF_TRY(jf_solve(setup->problem, &options, &solution, err));
    if (!is_minimum(&solution) || !(solution.loss < setup->loss * (1 - setup->lower)) ||
        solution.loss >= held->better_loss)
        goto done;
    held->better_loss = solution.loss;
    memcpy(held->better, solution.theta, setup->problem->k * sizeof(double));
done:
    jf_solution_clear(&solution);
    return status;
}

jf_status jf_held_refit(jf_held *held, const double *from, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_profile_setup *setup = held->setup;
    jf_solve_options options = local_options(setup, from);
    jf_solution solution = {0};
    double z;

    JF_TRY(jf_solve(&held->problem, &options, &solution, err));
    if (!isfinite(solution.loss)) goto done;
    z = sqrt(fmax((solution.loss - setup->loss) / setup->unit, 0));
    if (z >= held->z) goto done;
    held->z = z;
    memcpy(held->theta, solution.theta, setup->problem->k * sizeof(double));
    if (solution.loss < setup->loss * (1 - setup->lower)) JF_TRY(keep_better(held, solution.theta, err));
done:
    jf_solution_clear(&solution);
    return status;
}
