/* Sums out-of-fold losses of rows into losses of groups. */
#include "fit/select/group_losses.h"

#include <math.h>

#include "core/memory.h"
#include "fit/select/refit.h"

static double row_loss(double observed, double predicted, bool logs)
{
    double error = logs ? log(predicted) - log(observed) : predicted - observed;

    return logs && !(predicted > 0) ? INFINITY : error * error;
}

/* Unit of each row: its group numbered anew, or itself. */
static jf_status number_units(const jf_comparison *c, bool by_rows, const jf_groups *groups, size_t **out,
                              size_t *n_units, jf_error *err)
{
    size_t *unit = JF_NEW_ARRAY(size_t, c->n_rows + 1), *number = NULL;
    jf_status status = JF_OK;

    *out = NULL;
    *n_units = 0;
    JF_TRY_NEW(unit, err, "losses");
    number = JF_NEW_ZEROED(size_t, (groups ? groups->n_groups : 0) + 1);
    JF_TRY_NEW(number, err, "losses");
    for (size_t i = 0; i < c->n_rows; i++) {
        if (by_rows || !groups) {
            unit[i] = (*n_units)++;
            continue;
        }
        uint32_t group = groups->group[c->rows[i]];
        if (number[group] == 0) number[group] = ++*n_units;
        unit[i] = number[group] - 1;
    }
    *out = unit;
    unit = NULL;
done:
    jf_free(unit);
    jf_free(number);
    return status;
}

static bool all_positive(const jf_problem *problem)
{
    for (size_t i = 0; i < problem->n; i++)
        if (!(problem->raw[i] > 0)) return false;
    return true;
}

/* Weighted sums of one law, and the weights. */
static void add_law(const jf_validation *v, const jf_refit_law *law, const bool *counts, const size_t *unit,
                    bool logs, double *sum, size_t stride, double *n)
{
    const jf_problem *problem = law->whole;

    for (size_t s = 0; s < v->n_splits; s++) {
        if (!counts[s]) continue;
        for (size_t j = v->pool.first[s]; j < v->pool.first[s + 1]; j++) {
            size_t place = v->pool.place[j];
            double weight = jf_refit_law_weight(law, place);
            sum[unit[place] * stride] += weight * row_loss(problem->raw[place], v->pool.raw[j], logs);
            n[unit[place]] += weight;
        }
    }
}

jf_status jf_group_losses(const jf_comparison *c, size_t plan, const bool *counts, const size_t *laws,
                          size_t n_laws, const jf_groups *groups, double **loss, size_t *n_units,
                          jf_error *err)
{
    size_t n = 0, kept = 0, *unit = NULL;
    double *sum = NULL, *tested = NULL;
    jf_status status = JF_OK;

    *loss = NULL;
    *n_units = 0;
    JF_TRY(number_units(c, c->plans[plan]->by_rows, groups, &unit, &n, err));
    sum = JF_NEW_ZEROED(double, n *n_laws + 1);
    tested = JF_NEW_ARRAY(double, n + 1);
    JF_TRY_NEW(sum, err, "losses");
    JF_TRY_NEW(tested, err, "losses");
    for (size_t i = 0; i < n_laws; i++) {
        const jf_candidate *candidate = &c->candidates[laws[i]];
        for (size_t u = 0; u < n; u++) tested[u] = 0;
        const jf_refit_law law = {.whole = candidate->fit->problem, .fitted = candidate->fit->fitted};
        add_law(&candidate->validations[plan], &law, counts, unit, all_positive(candidate->fit->problem),
                sum + i, n_laws, tested);
    }
    for (size_t u = 0; u < n; u++) {
        if (tested[u] == 0) continue; /* the same for every law */
        for (size_t i = 0; i < n_laws; i++) sum[kept * n_laws + i] = sum[u * n_laws + i] / tested[u];
        kept++;
    }
    *loss = sum;
    *n_units = kept;
    sum = NULL;
done:
    jf_free(unit);
    jf_free(tested);
    jf_free(sum);
    return status;
}
