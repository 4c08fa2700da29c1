/* Writes the design with a response drawn from the true law. */
#include "cli/simulated_rows.h"

#include <string.h>
#include "core/memory.h"
#include "data/csv.h"

/* Columns that stay: what is known before a run, and what the law reads. */
static jf_status choose_columns(const jf_session *session, const jf_truth *truth, const jf_table *table,
                                jf_words *kept, jf_error *err)
{
    jf_status status = JF_OK;
    jf_text left_out = {0};

    for (size_t c = 0; c < table->n_columns; c++) {
        const jf_column *column = &table->columns[c];
        if (column->known != JF_POST_RUN || jf_table_find(truth->table, column->name))
            JF_TRY(jf_words_add(kept, column->name, strlen(column->name), err));
        else
            jf_text_addf(&left_out, "%s%s", left_out.length ? ", " : "", column->name);
    }
    if (left_out.length)
        jf_session_note(session, "--rows: left out, since they would contradict the drawn response: %s",
                        left_out.data);
done:
    jf_text_free(&left_out);
    return status;
}

static jf_status add_column(const char *name, const char *unit, const double *values, jf_table *table,
                            jf_error *err)
{
    jf_status status = JF_OK;
    jf_column column = {
        .name = jf_copy_text(name), .values = JF_NEW_ARRAY(double, table->n_rows), .known = JF_POST_RUN};

    JF_TRY_NEW(column.name && column.values, err, "a simulated table");
    memcpy(column.unit, unit, strlen(unit) + 1);
    for (size_t i = 0; i < table->n_rows; i++) column.values[i] = values ? values[i] : 1;
    JF_TRY(jf_table_add(table, &column, true, err));
done:
    jf_column_clear(&column);
    return status;
}

jf_status jf_simulated_rows_write(const jf_session *session, const jf_truth *truth, const jf_runs *design,
                                  const char *path, jf_error *err)
{
    jf_status status = JF_OK;
    const char *raw = jf_transform_raw(truth->problem->transform);
    const jf_column *old = jf_table_find(design->table, raw);
    jf_words kept = {0};
    jf_table *table = NULL;
    jf_world world = {0};
    jf_text text = {0};

    JF_TRY(choose_columns(session, truth, design->table, &kept, err));
    JF_TRY(jf_table_extract(design->table, (const char *const *)kept.items, kept.n, truth->rows, truth->n,
                            &table, err));
    JF_TRY(jf_world_new(truth, 1, &world, err));
    JF_TRY(jf_world_draw(&world, session->common.seed, jf_study_index(JF_STUDY_ROWS, 0, 0), err));
    if (!jf_world_is_finite(&world))
        JF_TRY(jf_fail(err, JF_EDATA, "the noise takes a run beyond what the left side can be"));
    JF_TRY(add_column(raw, old ? old->unit : "", world.raw, table, err));
    JF_TRY(add_column("simulated", "", NULL, table, err));
    JF_TRY(jf_csv_write(table, NULL, table->n_rows, path, err));
done:
    jf_text_free(&text);
    jf_world_clear(&world);
    jf_table_free(table);
    jf_words_free(&kept);
    return status;
}
