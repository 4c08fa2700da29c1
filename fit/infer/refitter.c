/* Refits by the lean local solver on rows that are compacted in place; of linear laws directly, where that
 * serves. */
#include "fit/infer/refitter.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "fit/infer/refit_linear.h"
#include "fit/solve/local.h"
#include "fit/problem/loss.h"

struct jf_refitter {
    const jf_problem *whole;
    jf_problem *part; /* room for all rows; its first part->n are in use */
    jf_local *local;
    jf_refit_linear *linear; /* NULL: another law or loss */
    jf_minimum minimum;
    size_t *index; /* n: rows of `whole` that are in use */
    size_t n_free;
};

void jf_refitter_free(jf_refitter *r)
{
    if (!r) return;
    jf_local_free(r->local);
    jf_refit_linear_free(r->linear);
    jf_minimum_clear(&r->minimum);
    jf_problem_free(r->part);
    jf_free(r->index);
    jf_free(r);
}

jf_status jf_refitter_new(const jf_problem *whole, const jf_loss *loss, size_t max_iterations,
                          double tolerance, jf_refitter **out, jf_error *err)
{
    jf_status status = JF_OK;
    jf_refitter *r = JF_NEW(jf_refitter);

    *out = NULL;
    JF_TRY_NEW(r, err, "refits");
    r->whole = whole;
    r->n_free = jf_problem_n_free(whole);
    r->index = JF_NEW_ARRAY(size_t, whole->n);
    JF_TRY_NEW(r->index, err, "refits");
    for (size_t i = 0; i < whole->n; i++) r->index[i] = i;
    JF_TRY(jf_problem_subset(whole, r->index, whole->n, &r->part, err));
    if (!r->part->weight) r->part->weight = JF_NEW_ARRAY(double, whole->n);
    JF_TRY_NEW(r->part->weight, err, "refits");
    JF_TRY(jf_local_new(r->part, loss, max_iterations, tolerance, &r->local, err));
    r->local->warm = true;
    r->local->residual = JF_NEW_ARRAY(double, whole->n);
    JF_TRY_NEW(r->local->residual, err, "refits");
    JF_TRY(jf_minimum_new(whole->k, &r->minimum, err));
    if (jf_refit_linear_suits(whole, loss)) JF_TRY(jf_refit_linear_new(whole, tolerance, &r->linear, err));
    *out = r;
    r = NULL;
done:
    jf_refitter_free(r);
    return status;
}

/* Brings the rows with a count to the front. */
static void compact(jf_refitter *r, const double *counts, const double *response)
{
    const jf_problem *whole = r->whole;
    jf_problem *part = r->part;
    size_t n = 0;

    for (size_t i = 0; i < whole->n; i++) { /* without a branch: which rows are drawn cannot be foreseen */
        r->index[n] = i;
        n += !counts || counts[i] > 0;
    }
    for (size_t m = 0; m < n; m++) {
        size_t i = r->index[m];
        double count = counts ? counts[i] : 1;

        part->weight[m] = whole->weight ? count * whole->weight[i] : count;
        part->response[m] = response ? response[i] : whole->response[i];
    }
    part->n = n;
    jf_inputs_gather(whole->formula, whole->inputs, r->index, n, part->inputs);
    jf_objective_refresh(r->local->objective);
}

/* Do the rows tell all parameters that are not fixed or at a bound? */
static bool is_told(const jf_refitter *r)
{
    size_t open = r->n_free;

    for (size_t j = 0; j < r->whole->k; j++) open -= r->minimum.bound[j] != 0;
    return r->minimum.rank == open;
}

static bool run_locally(jf_refitter *r, const double *counts, const double *response, const double *from)
{
    compact(r, counts, response);
    memcpy(r->minimum.theta, from, r->whole->k * sizeof *from);
    r->minimum.loss = INFINITY;
    r->minimum.iterations = 0;
    return r->part->n >= r->n_free && jf_local_fit(r->local, JF_LEAN, &r->minimum, NULL) == JF_OK &&
           r->minimum.converged && is_told(r);
}

bool jf_refitter_run(jf_refitter *r, const double *counts, const double *response, const double *from,
                     double *theta)
{
    bool good;

    if (r->linear && jf_refit_linear_run(r->linear, counts, response, theta, &r->minimum.loss)) return true;
    good = run_locally(r, counts, response, from);
    for (size_t j = 0; j < r->whole->k; j++) theta[j] = good ? r->minimum.theta[j] : NAN;
    return good;
}

double jf_refitter_loss(const jf_refitter *r)
{
    return jf_loss_reported(&r->local->loss, r->minimum.loss);
}
