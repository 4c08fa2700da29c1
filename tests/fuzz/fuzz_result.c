/* Any bytes as a saved result: an error with a message, or documents in every format, figures, and a model
 * whose predictions run; none of them may meet more than it can bear. */
#include <assert.h>
#include <stdint.h>
#include <string.h>
#include "core/memory.h"
#include "fit/model/model.h"
#include "fit/model/model_file.h"
#include "reports/compose/compose.h"
#include "reports/figures.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void render(const json_t *result, const char *kind)
{
    jf_doc *doc = NULL;
    jf_error err = {0};
    jf_status status = strcmp(kind, "fit") == 0 ? jf_compose_fit(result, NULL, &doc, &err)
                                                : jf_compose_comparison(result, NULL, &doc, &err);

    assert((status == JF_OK) == (doc != NULL) && (doc || err.message[0]));
    for (const jf_doc_format *format = jf_doc_formats; doc && format->name; format++) {
        jf_text text = {0};
        if (!format->draws)
            (void)format->render(doc, NULL, &text, &err); /* gnuplot for every input is too slow */
        jf_text_free(&text);
    }
    jf_doc_free(doc);
}

static void build_figures(const json_t *result)
{
    for (const jf_figure_kind *kind = jf_figure_kinds; kind->name; kind++) {
        jf_figure *figure = NULL;
        jf_error err = {0};
        jf_status status = jf_figure_build(kind, &(jf_figure_source){.result = result}, &figure, &err);
        assert(status == JF_OK || (!figure && err.message[0]));
        jf_figure_free(figure);
    }
}

/* A row of the model's inputs at their usual values. */
static jf_status usual_row(const jf_model *model, jf_table **out)
{
    jf_status status = jf_table_new(1, out, NULL);

    for (size_t i = 0; status == JF_OK && i < model->n_inputs; i++) {
        const jf_model_input *input = &model->inputs[i];
        jf_column column = {.name = jf_copy_text(input->name)};
        if (input->is_label) {
            column.kind = JF_LABEL;
            column.codes = JF_NEW_ZEROED(int32_t, 1);
            column.levels = JF_NEW_ZEROED(char *, 1);
            column.levels[0] = jf_copy_text(input->usual);
            column.n_levels = 1;
        } else {
            column.values = JF_NEW_ARRAY(double, 1);
            column.values[0] = input->median;
        }
        status = jf_table_add(*out, &column, false, NULL);
        jf_column_clear(&column);
    }
    return status;
}

static void predict(const json_t *result)
{
    jf_model *model = NULL;
    jf_table *table = NULL;
    jf_error err = {0};
    double raw, low, high;

    if (jf_model_of_json(result, &model, &err) != JF_OK) {
        assert(!model && err.message[0]);
        return;
    }
    if (usual_row(model, &table) == JF_OK) {
        const jf_model_prediction out = {.raw = &raw, .low = &low, .high = &high};
        jf_status status = jf_model_predict(model, table, NULL, 0, &out, &err);
        assert(status == JF_OK || err.message[0]);
    }
    jf_table_free(table);
    jf_model_free(model);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *kind = NULL;
    json_t *result = NULL;
    jf_error err = {0};

    if (jf_result_parse("result.json", (const char *)data, size, &result, &kind, &err) != JF_OK) {
        assert(!result && err.message[0]);
        return 0;
    }
    render(result, kind);
    build_figures(result);
    predict(result);
    json_decref(result);
    return 0;
}
