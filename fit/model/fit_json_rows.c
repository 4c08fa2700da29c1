/* The row-wise part of a fit as JSON: what figures are drawn from. */
#include "fit/model/json_parts.h"
#include "fit/model/model_file.h"

static json_t *row_numbers(const jf_fit *fit)
{
    json_t *list = json_array();
    bool fine = list != NULL;

    for (size_t i = 0; fine && i < fit->n; i++) fine = jf_json_push(list, jf_json_count(fit->rows[i] + 1));
    return jf_json_whole(list, fine);
}

json_t *jf_rows_to_json(const jf_fit *fit)
{
    size_t n = fit->n;

    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "row", row_numbers(fit), "observed",
                     jf_json_numbers(fit->observed, n), "fitted", jf_json_numbers(fit->fitted, n), "residual",
                     jf_json_numbers(fit->residual, n), "leverage", jf_json_numbers(fit->leverage, n),
                     "weight", jf_json_numbers(fit->weight, n), "raw_observed",
                     jf_json_numbers(fit->raw_observed, n), "raw_fitted",
                     jf_json_numbers(fit->raw_fitted, n));
}

static json_t *labels_to_json(const jf_column *column, size_t n)
{
    json_t *list = json_array();
    bool fine = list != NULL;

    for (size_t i = 0; fine && i < n; i++)
        fine =
            jf_json_push(list, jf_json_text(column->codes[i] < 0 ? NULL : column->levels[column->codes[i]]));
    return jf_json_whole(list, fine);
}

json_t *jf_inputs_to_json(const jf_fit *fit)
{
    json_t *object = json_object();
    bool fine = object != NULL;

    for (size_t i = 0; fine && i < fit->n_inputs; i++) {
        const jf_column *column = &fit->inputs[i];
        json_t *values = column->kind == JF_LABEL ? labels_to_json(column, fit->n)
                                                  : jf_json_numbers(column->values, fit->n);
        fine = json_object_set_new(object, column->name, values) == 0;
    }
    return jf_json_whole(object, fine);
}
