/* Efficiencies foretold by a law, against those measured. */
#include "cli/efficiency.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "data/unit.h"
#include "fit/model/model.h"
#include "proxies/proxy.h"

static const char spent[] = "joulefit_spent"; /* what a run took: its duration, or its energy */

static bool is_in(const char *unit, const char *other)
{
    jf_unit a, b;

    return unit && *unit && jf_unit_read(unit, &a, NULL) == JF_OK && jf_unit_read(other, &b, NULL) == JF_OK &&
           jf_unit_same_kind(&a, &b);
}

/* Columns without features that are known only after a run: they would hold the measured efficiency once
 * more. */
static jf_status copy_runs(const jf_runs *runs, const jf_catalogue *catalogue, const size_t *rows,
                           jf_table **out, jf_error *err)
{
    const jf_table *table = runs->table;
    const char **names = JF_NEW_ARRAY(const char *, table->n_columns + 1);
    jf_status status = JF_OK;
    size_t n = 0;

    JF_TRY_NEW(names, err, "efficiencies");
    for (size_t c = 0; c < table->n_columns; c++) {
        const jf_proxy *proxy = jf_catalogue_find(catalogue, table->columns[c].name);
        if (!proxy || proxy->known == JF_PRE_RUN) names[n++] = table->columns[c].name;
    }
    JF_TRY(jf_table_extract(table, names, n, rows, runs->n_rows, out, err));
done:
    jf_free(names);
    return status;
}

static jf_status add_spent(jf_table *table, const double *values, jf_error *err)
{
    jf_column column = {.kind = JF_NUMERIC, .known = JF_POST_RUN, .unit = "s", .name = jf_copy_text(spent)};
    jf_status status = JF_OK;

    column.values = JF_NEW_ARRAY(double, table->n_rows + 1);
    JF_TRY_NEW(column.name && column.values, err, "efficiencies");
    memcpy(column.values, values, table->n_rows * sizeof *values);
    JF_TRY(jf_table_add(table, &column, true, err));
done:
    jf_column_clear(&column);
    return status;
}

static jf_status numbers_of(const jf_table *table, const char *name, double *out, jf_error *err)
{
    const jf_column *column;
    jf_status status = jf_table_get(table, name, &column, err);

    if (status != JF_OK) return status;
    if (column->kind != JF_NUMERIC)
        return jf_fail(err, JF_EDATA, "%s: column '%s': expected numbers, found labels", table->file, name);
    memcpy(out, column->values, table->n_rows * sizeof *out);
    return JF_OK;
}

/* What `values` of each run come to as efficiencies, in their place: the feature eta, which matches the runs,
 * with them for the duration. Of energies, one over n GPUs is no share of n, so that n is taken back. */
static jf_status to_efficiency(const jf_runs *runs, const jf_words *maps, const size_t *rows, bool is_energy,
                               double *values, double *gpus, jf_error *err)
{
    static const char *const names[] = {"eta", "gpus"};
    jf_status status = JF_OK;
    jf_catalogue *catalogue = NULL;
    jf_table *table = NULL;
    jf_words all = {0};
    char duration[64];

    JF_TRY(jf_catalogue_builtin(&catalogue, err));
    JF_TRY(copy_runs(runs, catalogue, rows, &table, err));
    JF_TRY(add_spent(table, values, err));
    for (size_t i = 0; i < maps->n; i++)
        JF_TRY(jf_words_add(&all, maps->items[i], strlen(maps->items[i]), err));
    snprintf(duration, sizeof duration, "duration=%s", spent);
    JF_TRY(jf_words_add(&all, duration, strlen(duration), err));
    JF_TRY(jf_proxies_apply(
        catalogue,
        &(jf_proxy_request){
            .names = names, .n_names = 2, .maps = (const char *const *)all.items, .n_maps = all.n},
        table, err));
    JF_TRY(numbers_of(table, "eta", values, err));
    JF_TRY(numbers_of(table, "gpus", gpus, err));
    for (size_t i = 0; is_energy && i < table->n_rows; i++) values[i] *= gpus[i];
done:
    jf_words_free(&all);
    jf_table_free(table);
    jf_catalogue_free(catalogue);
    return status;
}

/* The rows that are drawn, as a list. */
static jf_status list_rows(const jf_runs *runs, size_t **out, jf_error *err)
{
    *out = JF_NEW_ARRAY(size_t, runs->n_rows + 1);
    if (!*out) return jf_fail(err, JF_ENOMEM, "out of memory for efficiencies");
    for (size_t i = 0; i < runs->n_rows; i++) (*out)[i] = runs->rows ? runs->rows[i] : i;
    return JF_OK;
}

static jf_status observe(const jf_model *model, const jf_table *table, const size_t *rows, size_t n,
                         double *measured, jf_error *err)
{
    const jf_column *column;
    jf_status status = jf_table_get(table, model->raw_response, &column, err);

    if (status != JF_OK) return status;
    if (column->kind != JF_NUMERIC)
        return jf_fail(err, JF_EDATA, "%s: column '%s': expected numbers, found labels", table->file,
                       column->name);
    for (size_t i = 0; i < n; i++) measured[i] = column->values[rows[i]];
    return JF_OK;
}

jf_status jf_efficiency_find(const json_t *fit, const jf_runs *runs, const jf_words *maps, jf_efficiency *out,
                             jf_error *err)
{
    jf_status status = JF_OK;
    jf_model *model = NULL;
    size_t *rows = NULL;
    bool is_energy, is_duration;

    *out = (jf_efficiency){.n = runs->n_rows,
                           .measured = JF_NEW_ARRAY(double, runs->n_rows + 1),
                           .predicted = JF_NEW_ARRAY(double, runs->n_rows + 1),
                           .gpus = JF_NEW_ARRAY(double, runs->n_rows + 1)};
    JF_TRY_NEW(out->measured && out->predicted && out->gpus, err, "efficiencies");
    JF_TRY(jf_model_of_json(fit, &model, err));
    JF_TRY(list_rows(runs, &rows, err));
    JF_TRY(observe(model, runs->table, rows, out->n, out->measured, err));
    JF_TRY(jf_model_predict(model, runs->table, rows, out->n, &(jf_model_prediction){.raw = out->predicted},
                            err));
    is_energy = is_in(model->response_unit, "J");
    is_duration = is_in(model->response_unit, "s");
    out->what = is_energy ? "energy efficiency" : "efficiency";
    if (is_energy || is_duration) {
        JF_TRY(to_efficiency(runs, maps, rows, is_energy, out->measured, out->gpus, err));
        JF_TRY(to_efficiency(runs, maps, rows, is_energy, out->predicted, out->gpus, err));
    } else {
        const jf_column *gpus = jf_table_find(runs->table, "gpus");
        for (size_t i = 0; i < out->n; i++)
            out->gpus[i] = gpus && gpus->kind == JF_NUMERIC ? gpus->values[rows[i]] : NAN;
    }
done:
    jf_free(rows);
    jf_model_free(model);
    return status;
}

void jf_efficiency_free(jf_efficiency *efficiency)
{
    jf_free(efficiency->measured);
    jf_free(efficiency->predicted);
    jf_free(efficiency->gpus);
    *efficiency = (jf_efficiency){0};
}
