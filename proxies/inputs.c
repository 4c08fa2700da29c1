/* Inputs found in a table: known names, labels into known values, numbers into the expected unit. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "data/unit.h"
#include "proxies/plan.h"

/* --- finding ------------------------------------------------------------------------------------------- */

static const jf_column *find_cleaned(const jf_table *table, const char *name)
{
    char wanted[JF_CLEAN_SIZE], found[JF_CLEAN_SIZE];

    jf_clean_text(name, wanted);
    for (size_t i = 0; i < table->n_columns; i++) {
        jf_clean_text(table->columns[i].name, found);
        if (!strcmp(wanted, found)) return &table->columns[i];
    }
    return NULL;
}

const jf_column *jf_input_column(const jf_input *input, const jf_table *table)
{
    const jf_column *column = jf_table_find(table, input->shown.name);

    if (!column) column = find_cleaned(table, input->shown.name);
    for (size_t i = 0; !column && i < input->shown.n_columns; i++)
        column = find_cleaned(table, input->shown.columns[i]);
    return column;
}

/* --- labels -------------------------------------------------------------------------------------------- */

static void list_values(const jf_input *input, jf_text *text)
{
    for (size_t v = 0; v < input->n_values; v++)
        jf_text_addf(text, "%s%s", v ? ", " : "", input->values[v].name);
}

static jf_status fail_value(const jf_input *input, const jf_column *column, const char *level, jf_error *err)
{
    jf_text values = {0};
    jf_status status;

    list_values(input, &values);
    status = jf_fail(err, JF_EDATA, "column '%s': '%s' is none of %s", column->name, level,
                     values.data ? values.data : "the known values");
    jf_text_free(&values);
    return status;
}

/* "column 'model': 'T5', 'Meena' are none of bert, gpt2, llama; features that need arch are missing there" */
static jf_status note_unknown(const jf_input *input, const jf_column *column, const int *value_of,
                              jf_slot *slot, jf_error *err)
{
    enum { N_LISTED = 3 };
    jf_text text = {0};
    size_t n = 0;

    for (size_t i = 0; i < column->n_levels; i++) {
        if (value_of[i] >= 0 || ++n > N_LISTED) continue;
        if (n == 1) jf_text_addf(&text, "column '%s': ", column->name);
        jf_text_addf(&text, "%s'%s'", n > 1 ? ", " : "", column->levels[i]);
    }
    if (!n) return JF_OK;
    if (n > N_LISTED) jf_text_addf(&text, " and %zu more", n - N_LISTED);
    jf_text_add(&text, n > 1 ? " are none of " : " is none of ");
    list_values(input, &text);
    jf_text_addf(&text, "; what needs %s is missing there", input->shown.name);
    slot->warning_code = "W_UNKNOWN_LABEL";
    slot->warning = jf_text_take(&text);
    return slot->warning ? JF_OK : jf_fail(err, JF_ENOMEM, "out of memory for a column");
}

/* One value of the input that occurs, for sorting. */
typedef struct used_value {
    const char *name;
    int value;
} used_value;

static int by_name(const void *a, const void *b)
{
    return strcmp(((const used_value *)a)->name, ((const used_value *)b)->name);
}

/* Levels of `out`: the values that occur, sorted; code_of[value] is the level's code. */
static jf_status make_levels(const jf_input *input, const int *value_of, size_t n_old, int32_t *code_of,
                             jf_column *out, jf_error *err)
{
    jf_status status = JF_OK;
    used_value *used = JF_NEW_ARRAY(used_value, input->n_values);
    size_t n = 0;

    out->levels = JF_NEW_ZEROED(char *, input->n_values);
    JF_TRY_NEW(used && out->levels, err, "levels");
    for (size_t v = 0; v < input->n_values; v++) {
        size_t i = 0;
        while (i < n_old && value_of[i] != (int)v) i++;
        if (i < n_old) used[n++] = (used_value){input->values[v].name, (int)v};
    }
    qsort(used, n, sizeof *used, by_name);
    for (; out->n_levels < n; out->n_levels++) {
        out->levels[out->n_levels] = jf_copy_text(used[out->n_levels].name);
        JF_TRY_NEW(out->levels[out->n_levels], err, "levels");
        code_of[used[out->n_levels].value] = (int32_t)out->n_levels;
    }
done:
    jf_free(used);
    return status;
}

/* `labels`: the column, as labels. */
static jf_status take_values(const jf_input *input, const jf_column *labels, size_t n_rows, jf_slot *slot,
                             jf_error *err)
{
    jf_status status = JF_OK;
    jf_column *out = &slot->column;
    int *value_of = JF_NEW_ARRAY(int, labels->n_levels);
    int32_t *code_of = JF_NEW_ARRAY(int32_t, input->n_values);

    out->kind = JF_LABEL;
    out->codes = JF_NEW_ARRAY(int32_t, n_rows);
    JF_TRY_NEW(value_of && code_of && out->codes, err, "a column");
    for (size_t i = 0; i < labels->n_levels; i++) {
        value_of[i] = jf_value_find(input, labels->levels[i]);
        if (value_of[i] < 0 && !input->is_lenient) JF_TRY(fail_value(input, labels, labels->levels[i], err));
    }
    JF_TRY(note_unknown(input, labels, value_of, slot, err));
    JF_TRY(make_levels(input, value_of, labels->n_levels, code_of, out, err));
    for (size_t i = 0; i < n_rows; i++) {
        int value = labels->codes[i] < 0 ? -1 : value_of[labels->codes[i]];
        out->codes[i] = value < 0 ? -1 : code_of[value];
    }
done:
    jf_free(value_of);
    jf_free(code_of);
    return status;
}

static jf_status take_label(const jf_input *input, const jf_column *column, size_t n_rows, jf_slot *slot,
                            jf_error *err)
{
    jf_status status = JF_OK;
    jf_column labels = {0};
    const jf_column *source = column;

    if (column->kind != JF_LABEL) {
        JF_TRY(jf_column_as_labels(column, n_rows, &labels, err));
        source = &labels;
    }
    if (input->n_values) {
        JF_TRY(take_values(input, source, n_rows, slot, err));
    } else if (column->kind == JF_LABEL) {
        slot->column = *column;
        slot->column.name = NULL;
        slot->is_borrowed = true;
    } else {
        slot->column = labels;
        slot->column.name = NULL;
        jf_free(labels.name);
        labels = (jf_column){0};
    }
done:
    jf_column_clear(&labels);
    return status;
}

/* --- numbers ------------------------------------------------------------------------------------------- */

/* What to multiply the column by so that it is in the input's unit; 1 when the column's unit is not known. */
static jf_status find_scale(const jf_input *input, const jf_column *column, double *scale, jf_error *err)
{
    jf_status status = JF_OK;
    jf_unit from, to;

    *scale = 1;
    if (!*input->shown.unit || !*column->unit) return JF_OK;
    JF_TRY(jf_unit_read(column->unit, &from, err));
    JF_TRY(jf_unit_read(input->shown.unit, &to, err));
    if (memcmp(from.power, to.power, sizeof from.power) != 0)
        return jf_fail(err, JF_EDATA, "column '%s' is in %s, expected %s in %s", column->name, column->unit,
                       input->shown.name, input->shown.unit);
    *scale = from.to_si / to.to_si;
done:
    return status;
}

static jf_status take_numbers(const jf_input *input, const jf_column *column, size_t n_rows, jf_slot *slot,
                              jf_error *err)
{
    jf_status status = JF_OK;
    double scale;

    if (column->kind != JF_NUMERIC)
        return jf_fail(err, JF_EDATA, "column '%s' holds labels, expected numbers for %s", column->name,
                       input->shown.name);
    JF_TRY(find_scale(input, column, &scale, err));
    if (scale == 1) {
        slot->column = *column;
        slot->column.name = NULL;
        slot->is_borrowed = true;
        return JF_OK;
    }
    slot->column.kind = JF_NUMERIC;
    slot->column.values = JF_NEW_ARRAY(double, n_rows);
    JF_TRY_NEW(slot->column.values, err, "a column");
    for (size_t i = 0; i < n_rows; i++) slot->column.values[i] = column->values[i] * scale;
done:
    return status;
}

jf_status jf_input_take(const jf_input *input, const jf_column *column, size_t n_rows, jf_slot *slot,
                        jf_error *err)
{
    jf_status status;

    if (input->is_label)
        status = take_label(input, column, n_rows, slot, err);
    else
        status = take_numbers(input, column, n_rows, slot, err);
    slot->column.known = column->known == JF_POST_RUN ? JF_POST_RUN : input->shown.known;
    return status;
}
