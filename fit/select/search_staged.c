/* Predicts the columns of first stages inside a training part, and writes the design of a search anew. */
#include "fit/select/search_staged.h"

#include "core/memory.h"

static bool has_all(const jf_stages *stages, const double *values, size_t row)
{
    for (size_t i = 0; i < stages->n; i++)
        if (values[i * stages->table->n_rows + row] != values[i * stages->table->n_rows + row]) return false;
    return true;
}

/* The inputs of every term that reads a predicted column. */
static jf_status term_inputs(const jf_stages *stages, const jf_search_space *space, const double *values,
                             jf_inputs **inputs, jf_error *err)
{
    jf_status status = JF_OK;

    for (size_t t = 0; t < space->n_terms; t++)
        if (jf_stages_read_by(stages, space->problems[t]))
            JF_TRY(jf_stages_inputs(stages, space->problems[t], values, &inputs[t], err));
done:
    return status;
}

jf_status jf_search_staged_new(const jf_search_setup *setup, const jf_search_design *base,
                               const jf_plan *plan, const size_t *train, size_t n_train, const size_t *test,
                               size_t n_test, uint64_t key, jf_search_staged *out, jf_error *err)
{
    const jf_stages *stages = setup->stages;
    size_t n_terms = base->space->n_terms, n_units, *kept = JF_NEW_ARRAY(size_t, n_train + 1);
    size_t *unit =
        jf_stages_units(setup->rows, setup->n_rows, plan->by_rows ? NULL : setup->groups, &n_units);
    double *values = JF_NEW_ARRAY(double, stages->n * stages->table->n_rows + 1);
    jf_inputs **inputs = JF_NEW_ZEROED(jf_inputs *, n_terms + 1);
    jf_status status = JF_OK;

    *out = (jf_search_staged){0};
    out->rows = JF_NEW_ARRAY(size_t, n_train + 1);
    JF_TRY_NEW(kept && unit && values && inputs && out->rows ? kept : NULL, err, "a search");
    JF_TRY(jf_stages_split(stages, unit, n_units, train, n_train, test, n_test, setup->options->seed, key,
                           values, err));
    for (size_t i = 0; i < n_train; i++) {
        if (!has_all(stages, values, setup->rows[train[i]])) continue;
        kept[out->n_rows] = train[i];
        out->rows[out->n_rows++] = setup->rows[train[i]];
    }
    JF_TRY(term_inputs(stages, base->space, values, inputs, err));
    JF_TRY(jf_search_design_staged(base, inputs, kept, out->n_rows, &out->design, err));
done:
    for (size_t t = 0; inputs && t < n_terms; t++) jf_inputs_free(inputs[t]);
    jf_free(inputs);
    jf_free(values);
    jf_free(unit);
    jf_free(kept);
    if (status != JF_OK) jf_search_staged_clear(out);
    return status;
}

void jf_search_staged_clear(jf_search_staged *staged)
{
    jf_search_design_clear(&staged->design);
    jf_free(staged->rows);
    *staged = (jf_search_staged){0};
}
