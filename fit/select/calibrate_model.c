/* Deals the groups to folds and refits without each. */
#include "fit/select/calibrate_model.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/stream.h"
#include "fit/select/refit.h"

enum { FOLDS = 5, SPLIT_SHARE = 5 };

void jf_conformal_free(jf_conformal *conformal)
{
    if (!conformal) return;
    for (size_t i = 0; i < conformal->n_parts; i++) {
        jf_free(conformal->parts[i].theta);
        jf_free(conformal->parts[i].learned);
        jf_free(conformal->parts[i].residual);
        jf_free(conformal->parts[i].weight);
    }
    jf_free(conformal);
}

/* Fold of each group (FOLDS: trains always), dealt in random order; how many have one is n_groups. */
static jf_status deal(const jf_fit_work *work, size_t n_units, jf_conformal *out, size_t *fold)
{
    jf_stream stream = jf_stream_make(work->options->seed, JF_FOR_SPLITS, 0);
    size_t *order = JF_NEW_ARRAY(size_t, n_units);

    if (!order) return jf_fail(work->err, JF_ENOMEM, "out of memory for folds");
    for (size_t u = 0; u < n_units; u++) order[u] = u;
    jf_stream_shuffle(&stream, order, n_units);
    out->n_groups = out->split ? (n_units + SPLIT_SHARE - 1) / SPLIT_SHARE : n_units;
    for (size_t u = 0; u < n_units; u++) fold[order[u]] = u < out->n_groups ? u % out->n_parts : FOLDS;
    jf_free(order);
    return JF_OK;
}

static size_t unit_of(const jf_fit_work *work, size_t row)
{
    return work->group ? work->group[row] : row;
}

static jf_status room_of_part(const jf_fit_work *work, const jf_conformal *c, size_t n_outside,
                              jf_conformal_part *part)
{
    part->n = n_outside;
    part->theta = JF_NEW_ARRAY(double, c->k);
    part->learned = JF_NEW_ZEROED(double, c->n_learned);
    part->residual = JF_NEW_ARRAY(double, n_outside);
    part->weight = JF_NEW_ARRAY(double, n_outside);
    if (part->theta && part->learned && part->residual && part->weight) return JF_OK;
    return jf_fail(work->err, JF_ENOMEM, "out of memory for a calibration");
}

/* Do rows of the whole table stand at the reference level of this slot? */
static bool has_reference(const jf_refit *refit, size_t s)
{
    const jf_problem *whole = refit->law->whole;
    const jf_slot *slot = jf_formula_slot(whole->formula, s);
    const int32_t *codes = slot->is_levels ? jf_inputs_codes(whole->inputs, slot->input) : NULL;

    for (size_t i = 0; codes && i < whole->n; i++)
        if (codes[i] < 0) return true;
    return false;
}

/* Parameters of levels that the refit has not seen have no value; nor has any where a reference level was not
 * seen, for then the others mean nothing. */
static void keep_refit(const jf_refit *refit, const jf_conformal *c, jf_conformal_part *part)
{
    const jf_formula *formula = refit->law->whole->formula;
    bool lost = refit->outcome == JF_FAILED;

    for (size_t slot = 0; slot < jf_formula_n_slots(formula); slot++)
        lost = lost || (has_reference(refit, slot) && refit->no_reference[slot]);
    for (size_t j = 0; j < c->k; j++) part->theta[j] = lost || refit->untrained[j] ? NAN : refit->theta[j];
    if (c->n_learned)
        memcpy(part->learned, jf_inputs_learned(refit->part->inputs), c->n_learned * sizeof *part->learned);
}

static jf_status run_fold(const jf_fit_work *work, const jf_refit_law *law, const size_t *fold,
                          const size_t *rows_of_unit, size_t k, jf_conformal *c)
{
    jf_status status = JF_OK;
    const jf_problem *whole = law->whole;
    size_t n_inside = 0, n_outside = 0;
    size_t *inside = JF_NEW_ARRAY(size_t, whole->n), *outside = JF_NEW_ARRAY(size_t, whole->n);
    jf_conformal_part *part = &c->parts[k];
    jf_refit refit = {0};

    JF_TRY_NEW(inside && outside ? inside : NULL, work->err, "a calibration");
    for (size_t i = 0; i < whole->n; i++)
        if (fold[unit_of(work, i)] == k)
            outside[n_outside++] = i;
        else
            inside[n_inside++] = i;
    JF_TRY(room_of_part(work, c, n_outside, part));
    JF_TRY(jf_refit_run(law, inside, n_inside, law->theta, &refit, work->err));
    JF_TRY(jf_refit_predict(&refit, outside, n_outside, part->residual, work->err));
    for (size_t i = 0; i < n_outside; i++) {
        double residual = fabs(whole->response[outside[i]] - part->residual[i]);
        part->residual[i] = isnan(residual) ? INFINITY : residual;
        part->weight[i] = 1 / (double)rows_of_unit[unit_of(work, outside[i])];
    }
    keep_refit(&refit, c, part);
done:
    jf_refit_clear(&refit);
    jf_free(inside);
    jf_free(outside);
    return status;
}

static jf_status run_folds(const jf_fit_work *work, jf_conformal *c)
{
    jf_status status = JF_OK;
    const jf_fit *fit = work->fit;
    size_t n_units = work->group ? work->n_groups : fit->n;
    size_t *fold = JF_NEW_ARRAY(size_t, n_units), *rows_of_unit = JF_NEW_ZEROED(size_t, n_units);
    jf_refit_law law = {.whole = work->problem,
                        .theta = fit->theta,
                        .fitted = fit->fitted,
                        .loss = {work->loss.kind, work->solution.loss_constant},
                        .options = work->options};

    JF_TRY_NEW(fold && rows_of_unit ? fold : NULL, work->err, "folds");
    for (size_t i = 0; i < fit->n; i++) rows_of_unit[unit_of(work, i)]++;
    JF_TRY(deal(work, n_units, c, fold));
    for (size_t k = 0; k < c->n_parts; k++) JF_TRY(run_fold(work, &law, fold, rows_of_unit, k, c));
done:
    jf_free(fold);
    jf_free(rows_of_unit);
    return status;
}

jf_status jf_conformal_add(jf_fit_work *work)
{
    jf_status status = JF_OK;
    jf_fit *fit = work->fit;
    int kind = work->options->conformal;

    if ((kind != JF_CONFORMAL_CV && kind != JF_CONFORMAL_SPLIT) || fit->outcome == JF_FAILED) return JF_OK;
    fit->conformal = JF_NEW(jf_conformal);
    JF_TRY_NEW(fit->conformal, work->err, "a calibration");
    *fit->conformal = (jf_conformal){.split = kind == JF_CONFORMAL_SPLIT,
                                     .grouped = work->group != NULL,
                                     .k = fit->n_theta,
                                     .n_learned = fit->n_learned,
                                     .n_parts = kind == JF_CONFORMAL_SPLIT ? 1 : FOLDS};
    JF_TRY(run_folds(work, fit->conformal));
done:
    return status;
}
