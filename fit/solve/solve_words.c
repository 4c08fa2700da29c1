/* What is said of a solution that is none, or not the only one. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "fit/solve/local.h"
#include "fit/solve/solve_parts.h"

enum { MORE_ITERATIONS = 1000 };

/* The name of a level parameter that row `row` has at its reference, where it is zero and the law is not
 * linear in it; or NULL. */
static const char *name_at_reference(const jf_problem *problem, size_t row)
{
    for (size_t s = 0; s < jf_formula_n_slots(problem->formula); s++) {
        const jf_slot *slot = jf_formula_slot(problem->formula, s);

        if (slot->n && slot->is_levels && !slot->linear &&
            jf_inputs_codes(problem->inputs, slot->input)[row] == -1)
            return jf_formula_parameter(problem->formula, slot->first)->base;
    }
    return NULL;
}

void jf_name_bad_row(const jf_problem *problem, const double *theta, char *text, size_t size)
{
    jf_penalty squares = {{JF_LOSS_LS, NAN}, 0};
    jf_objective *objective = NULL;
    long row = -1;

    if (jf_objective_new(problem, &squares, &objective, NULL) == JF_OK)
        row = jf_objective_bad_row(objective, theta);
    if (row >= 0) {
        const char *zero = name_at_reference(problem, (size_t)row);

        snprintf(text, size,
                 "the law or a derivative is not finite at the start, first in row %zu of the table%s%s%s",
                 jf_problem_row(problem, (size_t)row) + 1, zero ? ", where '" : "", zero ? zero : "",
                 zero ? "' is zero, its reference: write exp() around it for a factor that is one there"
                      : "");
    }
    jf_objective_free(objective);
}

void jf_name_unidentified(const jf_problem *problem, const jf_minimum *best, char *text, size_t size)
{
    size_t n = 0, first = 0;

    for (size_t j = problem->k; j-- > 0;)
        if (best->unidentified[j]) n++, first = j;
    if (!n) return;
    snprintf(text, size,
             n > 1 ? "the data do not tell parameter '%s' and %zu more"
                   : "the data do not tell parameter '%s'",
             jf_formula_parameter(problem->formula, first)->name, n - 1);
}

jf_status jf_solve_is_cut_short(const jf_problem *problem, const jf_solve_options *options,
                                const jf_minimum *best, bool *cut_short, jf_error *err)
{
    jf_status status = JF_OK;
    jf_local *local = NULL;
    jf_minimum further = {0};
    size_t n_open = 0;

    *cut_short = false;
    if (best->converged || best->iterations < options->max_iterations || !isfinite(best->loss)) return JF_OK;
    JF_TRY(jf_minimum_new(problem->k, &further, err));
    jf_minimum_copy(&further, best, problem->k);
    JF_TRY(jf_local_new(problem, &options->loss, MORE_ITERATIONS, options->tolerance, &local, err));
    status = jf_local_fit(local, JF_FULL, &further, err);
    if (status == JF_EFIT) status = JF_OK;
    for (size_t j = 0; j < problem->k; j++) n_open += !problem->fixed[j] && !further.bound[j];
    *cut_short = further.converged && further.rank == n_open;
done:
    jf_local_free(local);
    jf_minimum_clear(&further);
    return status;
}
