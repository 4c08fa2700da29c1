/* The table of a join: what the runs are described by, then what was measured. */
#include "data/trackers/join_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "data/unit.h"

/* The key of every row, from whichever side has it. */
static jf_status add_key(jf_joining *join, const jf_column *column, jf_table *out)
{
    jf_status status = JF_OK;
    char number[JF_NUMBER_TEXT];
    const char **texts = (const char **)jf_alloc_zero(join->n_rows + 1, sizeof *texts);
    char **made = JF_NEW_ZEROED(char *, join->n_rows + 1);

    JF_TRY_NEW(texts && made, join->err, column->name);
    for (size_t i = 0; i < join->n_rows; i++) {
        const char *key;
        if (join->row_run[i] != JF_NO_ROW)
            key = jf_column_text(column, join->row_run[i], number);
        else
            key = jf_record_key(&join->import->items[join->row_record[i]], join->options->record_column);
        made[i] = jf_copy_text(key);
        JF_TRY_NEW(made[i] || !key, join->err, column->name);
        texts[i] = made[i];
    }
    JF_TRY(jf_table_add_texts(out, column->name, texts, join->err));
done:
    for (size_t i = 0; made && i < join->n_rows; i++) jf_free(made[i]);
    jf_free(made);
    jf_free((void *)texts);
    return status;
}

static jf_status add_description(jf_joining *join, jf_table *out)
{
    jf_status status = JF_OK;
    jf_column copy = {0};

    for (size_t c = 0; c < join->runs->n_columns; c++) {
        const jf_column *column = &join->runs->columns[c];
        bool is_key = join->options->runs_column && strcmp(column->name, join->options->runs_column) == 0;
        if (is_key) {
            JF_TRY(add_key(join, column, out));
            continue;
        }
        JF_TRY(jf_column_gather(column, join->row_run, join->n_rows, &copy, join->err));
        JF_TRY(jf_table_add(out, &copy, false, join->err));
    }
done:
    jf_column_clear(&copy);
    return status;
}

/* Is this measured column the key once more? */
static bool is_record_key(const jf_joining *join, const char *name)
{
    const char *key = join->options->record_column;

    if (!key) return false;
    return strcmp(name, key) == 0 || (strcmp(key, "project_name") == 0 && strcmp(name, "project") == 0);
}

static jf_status add_measured(jf_joining *join, const jf_table *measured, jf_table *out)
{
    jf_status status = JF_OK;
    jf_column copy = {0};
    char name[300];

    for (size_t c = 0; c < measured->n_columns; c++) {
        const jf_column *column = &measured->columns[c];
        bool taken = jf_table_find(out, column->name) != NULL;
        if (is_record_key(join, column->name)) continue;
        snprintf(name, sizeof name, "%s%s", taken ? "tracker_" : "", column->name);
        if (taken)
            JF_TRY(jf_ledger_add(join->import->ledger, JF_REPAIRED, join->runs->file, 0, column->name,
                                 "the runs and the trackers have this column", name, join->err));
        JF_TRY(jf_column_gather(column, join->row_record, join->n_rows, &copy, join->err));
        if (taken) JF_TRY(jf_column_rename(&copy, name, join->err));
        JF_TRY(jf_table_add(out, &copy, false, join->err));
    }
done:
    jf_column_clear(&copy);
    return status;
}

/* A tracker that saw other devices than the run used measured other things besides. */
static jf_status check_gpus(const jf_joining *join, const jf_table *out)
{
    static const char *const names[] = {"gpus", "n_gpus", "num_gpus", "gpu_count"};
    const jf_column *used = NULL;

    for (size_t i = 0; !used && i < sizeof names / sizeof *names; i++)
        used = jf_table_find(join->runs, names[i]);
    if (!used || used->kind != JF_NUMERIC) return JF_OK;
    for (size_t i = 0; i < out->n_rows; i++) {
        size_t run = join->row_run[i], record = join->row_record[i];
        const jf_measured *measured;
        char what[80];
        if (run == JF_NO_ROW || record == JF_NO_ROW) continue;
        measured = &join->import->items[record];
        if (!(fabs(measured->gpus - used->values[run]) > 0)) continue;
        snprintf(what, sizeof what, "%g GPUs were measured, the run used %g", measured->gpus,
                 used->values[run]);
        jf_warn(join->import->warnings, "W_SUSPECT_ENERGY", "%s:%zu: %s", join->import->files[record],
                measured->line, what);
        jf_status status =
            jf_ledger_add(join->import->ledger, JF_FLAGGED, join->import->files[record], measured->line,
                          "gpus", what, "the energy may hold idle neighbours, or miss devices", join->err);
        if (status != JF_OK) return status;
    }
    return JF_OK;
}

jf_status jf_join_table(jf_joining *join, jf_table **out)
{
    jf_status status = JF_OK;
    jf_table *measured = NULL;

    JF_TRY(jf_import_table(join->import, &measured, join->err));
    JF_TRY(jf_table_new(join->n_rows, out, join->err));
    (*out)->file = jf_copy_text(join->runs->file);
    JF_TRY_NEW(jf_lines_gather(&(*out)->lines, &join->runs->lines, join->row_run, join->n_rows) ? *out : NULL,
               join->err, "the join");
    JF_TRY(add_description(join, *out));
    JF_TRY(add_measured(join, measured, *out));
    JF_TRY(check_gpus(join, *out));
    jf_table_set_units(*out);
done:
    jf_table_free(measured);
    return status;
}
