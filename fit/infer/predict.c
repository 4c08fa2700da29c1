/* The delta method for rows of data. */
#include "fit/infer/predict.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"

typedef struct predictor {
    const jf_formula *formula;
    const jf_inputs *inputs;
    const jf_known_parameters *known;
    size_t *index;    /* n_slots: parameter that the row at hand touches, or k for none */
    double *gradient; /* n_slots */
} predictor;

/* Gathers the row's gradient: at most one entry a slot. False where a level has no parameter. */
static bool gather(predictor *p, const double *const *slots, size_t row, size_t in_block)
{
    for (size_t s = 0; s < jf_formula_n_slots(p->formula); s++) {
        const jf_slot *slot = jf_formula_slot(p->formula, s);
        int32_t code = slot->is_levels ? jf_inputs_codes(p->inputs, slot->input)[row] : 0;
        if (code < -1) return false;
        p->index[s] = code < 0 ? p->known->k : slot->first + (size_t)code;
        p->gradient[s] = code < 0 ? 0 : slots[s][in_block];
    }
    return true;
}

/* Does the row's gradient have a part along an undetermined direction? */
static bool is_undetermined(const predictor *p)
{
    size_t n = jf_formula_n_slots(p->formula), k = p->known->k;

    for (size_t m = 0; m < p->known->n_null; m++) {
        double sum = 0, size = 0;
        for (size_t s = 0; s < n; s++) {
            double part;
            if (p->index[s] == k) continue;
            part = p->gradient[s] * p->known->null[m * k + p->index[s]];
            sum += part;
            size += fabs(part);
        }
        if (fabs(sum) > 1e-6 * size && size > 0) return true;
    }
    return false;
}

static double row_error(const predictor *p)
{
    size_t n = jf_formula_n_slots(p->formula), k = p->known->k;
    double sum = 0;

    if (is_undetermined(p)) return NAN;
    for (size_t a = 0; a < n; a++) {
        if (p->index[a] == k) continue;
        for (size_t b = 0; b < n; b++)
            if (p->index[b] != k)
                sum += p->gradient[a] * p->gradient[b] * p->known->covariance[p->index[a] * k + p->index[b]];
    }
    return sqrt(fmax(sum, 0)) + 0 * sum; /* rounding may leave a hair below zero; NaN stays NaN */
}

jf_status jf_predict_rows(const jf_formula *formula, const jf_inputs *inputs,
                          const jf_known_parameters *known, double *value, double *error, jf_error *err)
{
    jf_status status = JF_OK;
    jf_order order = error ? JF_GRADIENT : JF_VALUE;
    size_t n = jf_inputs_n_rows(inputs), n_slots = jf_formula_n_slots(formula);
    jf_arena *arena = NULL;
    predictor p = {.formula = formula, .inputs = inputs, .known = known};
    const double **slots = JF_NEW_ZEROED(const double *, n_slots);

    p.index = JF_NEW_ARRAY(size_t, n_slots);
    p.gradient = JF_NEW_ARRAY(double, n_slots);
    JF_TRY_NEW(slots && p.index && p.gradient ? slots : NULL, err, "predictions");
    JF_TRY(jf_arena_new(formula, order, &arena, err));
    jf_eval_begin(formula, inputs, arena, known->theta, order);
    for (size_t row = 0; row < n; row += JF_BLOCK) {
        size_t m = n - row < JF_BLOCK ? n - row : JF_BLOCK;
        const double *block;
        jf_eval_block(formula, inputs, arena, row, m, &block, slots, NULL);
        for (size_t i = 0; i < m; i++) {
            bool missing = jf_inputs_row_missing(inputs, row + i);
            value[row + i] = missing ? NAN : block[i];
            if (error) error[row + i] = !missing && gather(&p, slots, row + i, i) ? row_error(&p) : NAN;
        }
    }
done:
    jf_arena_free(arena);
    jf_free(slots);
    jf_free(p.index);
    jf_free(p.gradient);
    return status;
}
