/* Models: their memory, and taking them from a fit. */
#include "fit/model/model.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/summary.h"
#include "fit/model/model_spread.h"
#include "fit/problem/problem.h"
#include "fit/select/calibrate_model.h"

void jf_model_free(jf_model *model)
{
    if (!model) return;
    for (size_t i = 0; model->names && i < model->k; i++) jf_free(model->names[i]);
    for (size_t i = 0; model->inputs && i < model->n_inputs; i++) {
        jf_model_input *input = &model->inputs[i];
        for (size_t j = 0; input->levels && j < input->n_levels; j++) jf_free(input->levels[j]);
        jf_free(input->levels);
        jf_free(input->name);
        jf_free(input->unit);
        jf_free(input->usual);
    }
    jf_spread_clear(&model->spread);
    jf_conformal_free(model->conformal);
    void *const owned[] = {model->law_text, model->formula,       model->response, model->raw_response,
                           model->names,    model->response_unit, model->values,   model->covariance,
                           model->null,     model->learned,       model->inputs};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) jf_free(owned[i]);
    jf_free(model);
}

/* ---- from a fit ---- */

/* Copies of arrays and texts; an empty array stays NULL. `failed` is set when memory ran out. */
static double *copy_numbers(const double *from, size_t n, bool *failed)
{
    double *to;

    if (!from || !n) return NULL;
    to = JF_NEW_ARRAY(double, n);
    if (to)
        memcpy(to, from, n * sizeof *to);
    else
        *failed = true;
    return to;
}

static char *copy_text(const char *from, bool *failed)
{
    char *to = jf_copy_text(from ? from : "");

    if (!to) *failed = true;
    return to;
}

static void describe_number(const jf_column *column, size_t n, jf_model_input *out, bool *failed)
{
    double *sorted = copy_numbers(column->values, n, failed);

    out->low = out->high = out->median = NAN;
    if (!sorted) return;
    jf_sort(sorted, n);
    out->low = sorted[0];
    out->high = sorted[n - 1];
    out->median = jf_quantile(sorted, n, 0.5);
    jf_free(sorted);
}

/* The levels that occur, and the one that most rows have (the first of equals). */
static void describe_label(const jf_column *column, size_t n, jf_model_input *out, bool *failed)
{
    size_t *count = JF_NEW_ZEROED(size_t, column->n_levels), best = 0;

    out->is_label = true;
    out->low = out->high = out->median = NAN;
    out->levels = JF_NEW_ZEROED(char *, column->n_levels);
    if (!count || !out->levels) {
        *failed = true;
        jf_free(count);
        return;
    }
    for (size_t i = 0; i < n; i++)
        if (column->codes[i] >= 0) count[column->codes[i]]++;
    for (size_t level = 0; level < column->n_levels; level++) {
        if (count[level] > count[best]) best = level;
        if (count[level]) out->levels[out->n_levels++] = copy_text(column->levels[level], failed);
    }
    out->usual = copy_text(column->n_levels ? column->levels[best] : "", failed);
    jf_free(count);
}

static bool copy_inputs(const jf_fit *fit, jf_model *model)
{
    bool failed = false;

    model->inputs = JF_NEW_ZEROED(jf_model_input, fit->n_inputs);
    if (!model->inputs) return false;
    model->n_inputs = fit->n_inputs;
    for (size_t i = 0; i < fit->n_inputs; i++) {
        const jf_column *column = &fit->inputs[i];
        model->inputs[i].name = copy_text(column->name, &failed);
        model->inputs[i].unit = copy_text(column->unit, &failed);
        if (column->kind == JF_LABEL)
            describe_label(column, fit->n, &model->inputs[i], &failed);
        else
            describe_number(column, fit->n, &model->inputs[i], &failed);
    }
    return !failed;
}

static bool copy_names(const jf_fit *fit, jf_model *model)
{
    bool failed = false;

    model->names = JF_NEW_ZEROED(char *, fit->n_theta);
    if (!model->names) return false;
    model->k = fit->n_theta;
    for (size_t j = 0; j < model->k; j++) model->names[j] = copy_text(fit->estimates[j].name, &failed);
    return !failed;
}

/* Mean of observed / predicted where the law is of the logarithm: then both differ by a factor. */
static double smearing_of(const jf_fit *fit)
{
    double sum = 0, total = 0;
    bool is_log = fit->error == JF_ERROR_LOG || !strncmp(fit->response, "log(", 4) ||
                  !strncmp(fit->response, "log2(", 5) || !strncmp(fit->response, "log10(", 6);

    for (size_t i = 0; is_log && i < fit->n; i++) {
        sum += fit->weight[i] * fit->raw_observed[i] / fit->raw_fitted[i];
        total += fit->weight[i];
    }
    return is_log ? sum / total : NAN;
}

static bool copy_conformal(const jf_conformal *from, jf_model *model)
{
    bool failed = false;

    if (!from) return true;
    model->conformal = JF_NEW(jf_conformal);
    if (!model->conformal) return false;
    *model->conformal = *from;
    for (size_t i = 0; i < from->n_parts; i++) {
        jf_conformal_part *part = &model->conformal->parts[i];
        part->theta = copy_numbers(from->parts[i].theta, from->k, &failed);
        part->learned = copy_numbers(from->parts[i].learned, from->n_learned, &failed);
        part->residual = copy_numbers(from->parts[i].residual, part->n, &failed);
        part->weight = copy_numbers(from->parts[i].weight, part->n, &failed);
    }
    return !failed;
}

jf_status jf_model_of_fit(const jf_fit *fit, jf_model **out, jf_error *err)
{
    jf_model *model = JF_NEW(jf_model);
    bool failed = !model;

    *out = NULL;
    if (model) {
        size_t k = fit->n_theta;
        model->law_text = copy_text(fit->formula, &failed);
        model->formula = jf_ast_print(fit->problem->law->formula);
        model->response = copy_text(fit->response, &failed);
        model->raw_response = copy_text(fit->raw_response, &failed);
        model->response_unit = copy_text(fit->response_unit, &failed);
        model->values = copy_numbers(fit->theta, k, &failed);
        model->covariance = copy_numbers(fit->working, k * k, &failed);
        model->null = copy_numbers(fit->null, k * fit->n_null, &failed);
        model->learned = copy_numbers(fit->learned, fit->n_learned, &failed);
        model->n_null = fit->n_null;
        model->n_learned = fit->n_learned;
        model->error = fit->error;
        model->sigma = fit->sigma;
        model->level = fit->level;
        model->t_df = fit->t_df;
        model->df = fit->df;
        model->smearing = smearing_of(fit);
        failed = failed || jf_spread_of_fit(fit, &model->spread, err) != JF_OK ||
                 !copy_conformal(fit->conformal, model);
        failed = failed || !model->formula || !copy_names(fit, model) || !copy_inputs(fit, model);
    }
    if (failed) {
        jf_model_free(model);
        return jf_fail(err, JF_ENOMEM, "out of memory for a model");
    }
    *out = model;
    return JF_OK;
}
