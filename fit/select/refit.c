/* Fits laws to part of their rows by the local solver and predicts the others. */
#include "fit/select/refit.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"

enum { SPARE_STARTS = 8 };

double jf_refit_law_weight(const jf_refit_law *law, size_t index)
{
    const jf_problem *whole = law->whole;
    double fitted = law->fitted ? law->fitted[index] : 1;

    if (!whole->weight) return 1;
    return whole->weight[index] * (whole->error == JF_ERROR_RELATIVE ? fitted * fitted : 1);
}

/* Marks what has no training rows. */
static jf_status find_untrained(jf_refit *refit, const size_t *index, size_t n, jf_error *err)
{
    const jf_problem *whole = refit->law->whole;
    jf_status status = JF_OK;
    size_t n_slots = jf_formula_n_slots(whole->formula);

    refit->untrained = JF_NEW_ZEROED(bool, whole->k + 1);
    refit->no_reference = JF_NEW_ZEROED(bool, n_slots + 1);
    JF_TRY_NEW(refit->untrained, err, "a refit");
    JF_TRY_NEW(refit->no_reference, err, "a refit");
    for (size_t s = 0; s < n_slots; s++) {
        const jf_slot *slot = jf_formula_slot(whole->formula, s);
        if (!slot->is_levels) continue;
        const int32_t *codes = jf_inputs_codes(whole->inputs, slot->input);
        refit->no_reference[s] = true;
        for (size_t j = 0; j < slot->n; j++) refit->untrained[slot->first + j] = true;
        for (size_t i = 0; i < n; i++)
            if (codes[index[i]] >= 0)
                refit->untrained[slot->first + (size_t)codes[index[i]]] = false;
            else
                refit->no_reference[s] = false;
    }
done:
    return status;
}

/* Takes the parameters without training rows out of the fit. */
static void fix_untrained(jf_refit *refit)
{
    jf_problem *part = refit->part;

    for (size_t j = 0; j < part->k; j++)
        if (refit->untrained[j] && !part->fixed[j]) {
            part->fixed[j] = true;
            part->lower[j] = part->upper[j] = refit->theta[j];
        }
}

/* The local solve from refit->theta; the result goes back there. */
static jf_status solve(jf_refit *refit, jf_error *err)
{
    const jf_fit_options *options = refit->law->options;
    jf_status status = JF_OK;
    jf_solution solution = {0};
    jf_solve_options how = {.loss = refit->law->loss,
                            .local_only = true,
                            .lean = true,
                            .from = refit->theta,
                            .max_iterations = (size_t)options->max_iterations,
                            .tolerance = options->tolerance,
                            .seed = options->seed,
                            .threads = 1};

    JF_TRY(jf_solve(refit->part, &how, &solution, err));
    if (solution.outcome == JF_FAILED || solution.outcome == JF_HIT_LIMIT) {
        how.local_only = false;
        how.starts = SPARE_STARTS;
        jf_solution_clear(&solution);
        memset(&solution, 0, sizeof solution);
        JF_TRY(jf_solve(refit->part, &how, &solution, err));
    }
    refit->outcome = solution.outcome;
    if (solution.outcome != JF_FAILED && solution.theta)
        memcpy(refit->theta, solution.theta, refit->part->k * sizeof *refit->theta);
done:
    jf_solution_clear(&solution);
    return status;
}

/* Values of the part's own rows at refit->theta. */
static jf_status own_values(const jf_refit *refit, double *value, jf_error *err)
{
    const jf_problem *part = refit->part;
    jf_arena *arena = NULL;
    jf_status status = jf_arena_new(part->formula, JF_VALUE, &arena, err);

    if (status == JF_OK) jf_formula_values(part->formula, part->inputs, arena, refit->theta, value);
    jf_arena_free(arena);
    return status;
}

/* Noise in proportion to the prediction: the weights that came along were made with all rows, so they are
 * made anew from these rows alone, starting at 1/observation^2 as the first fit does. */
static jf_status solve_relative(jf_refit *refit, const size_t *index, jf_error *err)
{
    enum { MAX_ROUNDS = 50 };
    jf_problem *part = refit->part;
    double *base = JF_NEW_ARRAY(double, part->n + 1), *level = JF_NEW_ARRAY(double, part->n + 1),
           moved = INFINITY;
    jf_status status = JF_OK;

    JF_TRY_NEW(base, err, "weights");
    JF_TRY_NEW(level, err, "weights");
    for (size_t i = 0; i < part->n; i++) {
        base[i] = jf_refit_law_weight(refit->law, index[i]);
        part->weight[i] = base[i] / (part->response[i] * part->response[i]);
    }
    JF_TRY(solve(refit, err));
    for (int round = 0; round < MAX_ROUNDS && moved > 1e-10 && refit->outcome != JF_FAILED; round++) {
        moved = 0;
        JF_TRY(own_values(refit, level, err));
        for (size_t i = 0; i < part->n; i++) {
            double weight = base[i] / (level[i] * level[i]);
            if (!isfinite(weight)) { /* a prediction of zero has no relative error */
                refit->outcome = JF_FAILED;
                goto done;
            }
            moved = fmax(moved, fabs(weight / part->weight[i] - 1));
            part->weight[i] = weight;
        }
        JF_TRY(solve(refit, err));
    }
done:
    jf_free(base);
    jf_free(level);
    return status;
}

/* Trees have no starts and no levels to miss: they grow or they fail. */
static jf_status grow_trees(const jf_refit_law *law, const size_t *index, size_t n, jf_refit *out,
                            jf_error *err)
{
    double *target = JF_NEW_ARRAY(double, 2 * n + 1), *weight = target + n;
    const jf_problem *whole = law->whole;
    jf_status status = JF_OK;

    *out = (jf_refit){.law = law, .outcome = JF_CONVERGED};
    JF_TRY_NEW(target, err, "trees");
    for (size_t i = 0; i < n; i++) {
        target[i] = whole->response[index[i]];
        weight[i] = whole->weight ? whole->weight[index[i]] : 1;
    }
    status = jf_trees_grow(law->trees, index, n, target, whole->weight ? weight : NULL, &out->trees, err);
    if (status == JF_EDATA || status == JF_EFIT) {
        out->outcome = JF_FAILED;
        status = JF_OK;
    }
done:
    jf_free(target);
    return status;
}

/* By a solver, from the rows themselves. */
static jf_status solve_part(jf_refit *refit, const size_t *index, size_t n, jf_error *err)
{
    jf_status status = JF_OK;

    JF_TRY(jf_problem_subset(refit->law->whole, index, n, &refit->part, err));
    fix_untrained(refit);
    if (refit->part->n < jf_problem_n_free(refit->part)) return JF_OK;
    if (refit->part->error == JF_ERROR_RELATIVE)
        JF_TRY(solve_relative(refit, index, err));
    else
        JF_TRY(solve(refit, err));
done:
    return status;
}

jf_status jf_refit_run(const jf_refit_law *law, const size_t *index, size_t n, const double *from,
                       jf_refit *out, jf_error *err)
{
    jf_refit refit = {.law = law, .outcome = JF_FAILED};
    jf_status status = JF_OK;

    if (law->trees) return grow_trees(law, index, n, out, err);
    memset(out, 0, sizeof *out);
    refit.theta = JF_NEW_ARRAY(double, law->whole->k + 1);
    JF_TRY_NEW(refit.theta, err, "a refit");
    memcpy(refit.theta, from, law->whole->k * sizeof *from);
    JF_TRY(find_untrained(&refit, index, n, err));
    if (law->left_out && jf_left_out_fit(law->left_out, index, n, refit.theta))
        refit.outcome = JF_CONVERGED;
    else
        JF_TRY(solve_part(&refit, index, n, err));
    *out = refit;
    memset(&refit, 0, sizeof refit);
done:
    jf_refit_clear(&refit);
    return status;
}

/* Marks the rows among `index` whose levels were not trained. */
static bool level_is_untrained(const jf_refit *refit, const jf_inputs *inputs, size_t row)
{
    const jf_formula *formula = refit->law->whole->formula;
    size_t n_slots = jf_formula_n_slots(formula);

    for (size_t s = 0; s < n_slots; s++) {
        const jf_slot *slot = jf_formula_slot(formula, s);
        if (!slot->is_levels) continue;
        int32_t code = jf_inputs_codes(inputs, slot->input)[row];
        if (code >= 0 ? refit->untrained[slot->first + (size_t)code] : refit->no_reference[s]) return true;
    }
    return false;
}

bool jf_refit_lacks_level(const jf_refit *refit, const size_t *index, size_t n)
{
    for (size_t i = 0; i < n && !refit->law->trees; i++)
        if (level_is_untrained(refit, refit->law->whole->inputs, index[i])) return true;
    return false;
}

jf_status jf_refit_predict(const jf_refit *refit, const size_t *index, size_t n, double *value, jf_error *err)
{
    const jf_problem *whole = refit->law->whole, *trained = refit->part ? refit->part : whole;
    jf_inputs *inputs = NULL;
    jf_arena *arena = NULL;
    jf_status status = JF_OK;

    if (refit->trees) return jf_trees_predict(refit->trees, index, n, value, err);
    if (refit->outcome == JF_FAILED) {
        for (size_t i = 0; i < n; i++) value[i] = NAN;
        return JF_OK;
    }
    JF_TRY(jf_inputs_subset(whole->formula, whole->inputs, index, n, jf_inputs_learned(trained->inputs),
                            &inputs, err));
    JF_TRY(jf_arena_new(whole->formula, JF_VALUE, &arena, err));
    jf_formula_values(whole->formula, inputs, arena, refit->theta, value);
    for (size_t i = 0; i < n; i++)
        if (level_is_untrained(refit, inputs, i)) value[i] = NAN;
done:
    jf_arena_free(arena);
    jf_inputs_free(inputs);
    return status;
}

void jf_refit_clear(jf_refit *refit)
{
    jf_problem_free(refit->part);
    jf_trees_free(refit->trees);
    jf_free(refit->theta);
    jf_free(refit->untrained);
    jf_free(refit->no_reference);
    memset(refit, 0, sizeof *refit);
}
