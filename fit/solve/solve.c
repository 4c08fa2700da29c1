/* From a bound problem to the best parameters found: which solvers, in which order, and what is said of the
 * result. */
#include "fit/solve/solve.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "fit/solve/linear.h"
#include "fit/solve/local.h"
#include "fit/problem/loss.h"
#include "fit/solve/runaway.h"
#include "fit/solve/search.h"
#include "fit/solve/solve_parts.h"
#include "fit/solve/starts.h"

static const double MAD_TO_SIGMA = 1.4826022185056018; /* 1 / Phi^-1(3/4) */

void jf_solution_clear(jf_solution *solution)
{
    jf_free(solution->theta);
    jf_free(solution->bound);
    jf_free(solution->unidentified);
    jf_free(solution->basins);
    jf_free(solution->runaway);
    *solution = (jf_solution){0};
}

static size_t count_free(const jf_problem *problem)
{
    size_t n = 0;

    for (size_t j = 0; j < problem->k; j++) n += !problem->fixed[j];
    return n;
}

/* ---- laws that are linear in their parameters
 * --------------------------------------------------------------- */

static jf_status solve_squares(const jf_problem *problem, jf_minimum *minimum, jf_error *err)
{
    jf_status status = JF_OK;
    jf_penalty squares = {{JF_LOSS_LS, NAN}, 0};
    jf_objective *objective = NULL;

    JF_TRY(jf_objective_new(problem, &squares, &objective, err));
    JF_TRY(jf_linear_solve(objective, minimum, err));
done:
    jf_objective_free(objective);
    return status;
}

/* Another loss of a linear law: from the least-squares solution, and where there may be several minima from
 * that of least absolute residuals too. */
static jf_status solve_linear(const jf_problem *problem, const jf_solve_options *options, jf_minimum *best,
                              jf_error *err)
{
    jf_status status = JF_OK;
    jf_loss l1 = {JF_LOSS_L1, NAN};
    jf_local *local = NULL, *absolute = NULL;
    jf_minimum other = {0};

    JF_TRY(solve_squares(problem, best, err));
    if (options->loss.kind == JF_LOSS_LS) goto done;
    JF_TRY(jf_local_new(problem, &options->loss, options->max_iterations, options->tolerance, &local, err));
    if (!jf_loss_is_convex(&options->loss)) {
        JF_TRY(jf_minimum_new(problem->k, &other, err));
        JF_TRY(jf_local_new(problem, &l1, options->max_iterations, options->tolerance, &absolute, err));
        memcpy(other.theta, best->theta, problem->k * sizeof(double));
        JF_TRY(jf_local_fit(absolute, JF_FULL, &other, err));
        JF_TRY(jf_local_fit(local, JF_FULL, &other, err));
    }
    JF_TRY(jf_local_fit(local, JF_FULL, best, err));
    if (other.theta && other.loss < best->loss) jf_minimum_copy(best, &other, problem->k);
done:
    jf_local_free(local);
    jf_local_free(absolute);
    jf_minimum_clear(&other);
    return status;
}

/* ---- refits
 * ------------------------------------------------------------------------------------------------- */

static jf_status solve_locally(const jf_problem *problem, const jf_solve_options *options, jf_minimum *best,
                               jf_error *err)
{
    jf_status status = JF_OK;
    const double *from = options->from ? options->from : problem->start;
    jf_local *local = NULL;

    JF_TRY(jf_local_new(problem, &options->loss, options->max_iterations, options->tolerance, &local, err));
    for (size_t j = 0; j < problem->k; j++)
        best->theta[j] = problem->fixed[j]   ? problem->lower[j]
                         : isfinite(from[j]) ? from[j]
                                             : jf_draw_parameter(problem, j, 0.5, false);
    JF_TRY(jf_local_fit(local, JF_LEAN, best, err));
done:
    jf_local_free(local);
    return status;
}

/* A linear law by the local solver, which sums no row twice over; false where it did not come to the one
 * minimum: what the rows leave open must not keep the value it started with. */
static bool solve_lean(const jf_problem *problem, const jf_solve_options *options, jf_minimum *best)
{
    size_t open = 0;

    if (options->loss.kind != JF_LOSS_LS || solve_locally(problem, options, best, NULL) != JF_OK)
        return false;
    for (size_t j = 0; j < problem->k; j++) open += !problem->fixed[j] && !best->bound[j];
    return best->converged && best->rank == open;
}

/* ---- the scale of robust losses ---------------------------------------------------------------------------
 */

static jf_status solve_with(const jf_problem *problem, const jf_solve_options *options, jf_minimum *best,
                            jf_solution *out, jf_error *err)
{
    bool linear = jf_formula_is_linear(problem->formula);

    out->linear = linear;
    if (linear && !(options->local_only && options->loss.kind != JF_LOSS_LS && options->from))
        return options->local_only && options->lean && solve_lean(problem, options, best)
                   ? JF_OK
                   : solve_linear(problem, options, best, err);
    if (options->local_only) return solve_locally(problem, options, best, err);
    return jf_search(problem, options, best, out, err);
}

/* Gives a loss without its constant the usual one times the spread of the residuals about the least-absolute
 * fit; `from` (k) gets that fit, to start from. */
static jf_status find_constant(const jf_problem *problem, jf_solve_options *options, double *from,
                               jf_error *err)
{
    jf_status status = JF_OK;
    jf_solve_options absolute = *options;
    jf_solution unused = {0};
    jf_local *local = NULL;
    jf_minimum fit = {0};
    double scale;

    absolute.loss = (jf_loss){JF_LOSS_L1, NAN};
    JF_TRY(jf_minimum_new(problem->k, &fit, err));
    JF_TRY(solve_with(problem, &absolute, &fit, &unused, err));
    JF_TRY(jf_local_new(problem, &absolute.loss, 1, 1, &local, err));
    scale = MAD_TO_SIGMA * jf_local_spread(local, fit.theta);
    scale = fmax(scale, 1e3 * local->objective->rounding); /* exact data */
    options->loss.constant = jf_loss_usual_constant(options->loss.kind) * (scale > 0 ? scale : 1);
    memcpy(from, fit.theta, problem->k * sizeof(double));
    options->from = from;
done:
    jf_local_free(local);
    jf_minimum_clear(&fit);
    jf_solution_clear(&unused);
    return status;
}

/* ---- what is said of the result
 * ----------------------------------------------------------------------------- */

static jf_outcome outcome_of(const jf_problem *problem, bool cut_short, const jf_minimum *best)
{
    size_t n_free = count_free(problem);
    bool at_bound = false;

    for (size_t j = 0; j < problem->k; j++) {
        at_bound = at_bound || best->bound[j];
        n_free -= best->bound[j] != 0;
    }
    if (!isfinite(best->loss)) return JF_FAILED;
    if (cut_short) return JF_HIT_LIMIT;
    if (best->rank < n_free) return JF_FLAT;
    if (!best->converged) return JF_HIT_LIMIT;
    return at_bound ? JF_AT_BOUND : JF_CONVERGED;
}

/* Hands the minimum over to the solution. */
static void conclude(const jf_problem *problem, const jf_solve_options *options, bool cut_short,
                     jf_minimum *best, jf_solution *out)
{
    out->outcome = outcome_of(problem, cut_short, best);
    out->loss = isfinite(best->loss) ? jf_loss_reported(&options->loss, best->loss) : NAN;
    out->loss_constant = options->loss.constant;
    out->scaled_gradient = best->scaled_gradient;
    out->iterations = best->iterations;
    out->rank = best->rank;
    if (out->outcome == JF_FLAT) jf_name_unidentified(problem, best, out->failure, sizeof out->failure);
    out->theta = best->theta;
    out->bound = best->bound;
    out->unidentified = best->unidentified;
    *best = (jf_minimum){0};
}

static void tell_failure(const jf_problem *problem, const char *why, jf_minimum *best, jf_solution *out)
{
    best->loss = INFINITY;
    best->scaled_gradient = NAN;
    snprintf(out->failure, sizeof out->failure, "%.200s", why);
    jf_name_bad_row(problem, best->theta, out->failure, sizeof out->failure);
}

/* Finds parameters that have no best value; a search that ended where nothing is finite (`overflown`: `err`
 * says why) has either run off or failed. Refits are taken as they are. */
static jf_status judge_end(const jf_problem *problem, const jf_solve_options *options, bool overflown,
                           jf_minimum *best, jf_solution *out, jf_error *err)
{
    jf_status status = JF_OK;
    size_t n_open = 0;

    if (!options->local_only && (!out->linear || overflown)) {
        out->runaway = JF_NEW_ZEROED(jf_runaway, problem->k);
        JF_TRY_NEW(out->runaway, err, "parameters");
        JF_TRY(jf_runaway_find(problem, options, overflown, best, out->runaway, &n_open, err));
    }
    if (overflown && !n_open && !best->converged) tell_failure(problem, err->message, best, out);
done:
    if (!n_open) {
        jf_free(out->runaway);
        out->runaway = NULL;
    }
    return status;
}

jf_status jf_solve(const jf_problem *problem, const jf_solve_options *options, jf_solution *out,
                   jf_error *err)
{
    jf_status status = JF_OK;
    jf_solve_options chosen = *options;
    double *from = NULL;
    jf_minimum best = {0};
    jf_error why = {0};
    bool cut_short = false;

    *out = (jf_solution){0};
    JF_TRY(jf_minimum_new(problem->k, &best, err));
    if (isfinite(jf_loss_usual_constant(chosen.loss.kind)) && isnan(chosen.loss.constant)) {
        from = JF_NEW_ARRAY(double, problem->k);
        JF_TRY_NEW(from, err, "a scale");
        status = find_constant(problem, &chosen, from, &why);
    }
    if (status == JF_OK) status = solve_with(problem, &chosen, &best, out, &why);
    if (status == JF_OK && !chosen.local_only)
        status = jf_solve_is_cut_short(problem, &chosen, &best, &cut_short, &why);
    if ((status == JF_OK && !cut_short) || status == JF_EFIT)
        status = judge_end(problem, &chosen, status == JF_EFIT, &best, out, &why);
    if (status != JF_OK) {
        jf_solution_clear(out);
        JF_TRY(jf_fail(err, status, "%s", why.message));
    }
    conclude(problem, &chosen, cut_short, &best, out);
done:
    jf_free(from);
    jf_minimum_clear(&best);
    return status;
}
