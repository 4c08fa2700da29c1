/* Reads candidate runs, and fills in what a grid does not say. */
#include "cli/candidates.h"

#include <math.h>
#include <string.h>
#include "cli/grid.h"
#include "core/memory.h"
#include "core/summary.h"

enum { MOST_SHOWN = 8 };

void jf_candidates_free(jf_candidates *candidates)
{
    jf_runs_free(&candidates->runs);
    jf_words_free(&candidates->shown);
}

static size_t row_of(const jf_runs *design, size_t i)
{
    return design->rows ? design->rows[i] : i;
}

/* The median of a number, the most frequent level of a label (code); NaN where the design has none. */
static jf_status usual_value(const jf_runs *design, const jf_column *column, double *out, jf_error *err)
{
    size_t n = 0, n_levels = column->kind == JF_LABEL ? column->n_levels : 0;
    double *values = JF_NEW_ARRAY(double, design->n_rows);
    size_t *count = JF_NEW_ZEROED(size_t, n_levels);
    jf_status status = JF_OK;

    *out = NAN;
    JF_TRY_NEW(values && count, err, "a grid");
    for (size_t i = 0; i < design->n_rows; i++) {
        size_t row = row_of(design, i);
        if (column->kind == JF_LABEL && column->codes[row] >= 0) count[column->codes[row]]++, n++;
        if (column->kind == JF_NUMERIC && !isnan(column->values[row])) values[n++] = column->values[row];
    }
    if (!n) goto done;
    if (column->kind == JF_NUMERIC) { /* a value that occurs, not a mean of two */
        jf_sort(values, n);
        *out = values[(n - 1) / 2];
        goto done;
    }
    *out = 0;
    for (size_t level = 1; level < n_levels; level++)
        if (count[level] > count[(size_t)*out]) *out = (double)level;
done:
    jf_free(values);
    jf_free(count);
    return status;
}

/* Is the column made by an option, and so made again for the grid? */
static bool is_made(const jf_runs_options *options, const jf_words *proxies, const char *name)
{
    size_t length = strlen(name);

    for (size_t i = 0; i < proxies->n; i++)
        if (strcmp(proxies->items[i], name) == 0) return true;
    for (size_t i = 0; i < options->let.n; i++) {
        const char *text = options->let.items[i] + strspn(options->let.items[i], " `");
        if (strncmp(text, name, length) == 0 && strchr(" `[=", text[length])) return true;
    }
    return strcmp(name, "energy") == 0 || strcmp(name, "duration") == 0;
}

/* The column with one row of the design repeated in all rows of the table. */
static jf_status add_constant(const jf_column *column, double value, jf_table *table, jf_error *err)
{
    jf_status status = JF_OK;
    size_t *rows = JF_NEW_ZEROED(size_t, table->n_rows);
    jf_column one = *column, added = {0};
    int32_t code = column->kind == JF_LABEL ? (int32_t)value : 0;

    JF_TRY_NEW(rows, err, "a grid");
    one.values = &value; /* a column of one row */
    one.codes = &code;
    JF_TRY(jf_column_gather(&one, rows, table->n_rows, &added, err));
    JF_TRY(jf_table_add(table, &added, false, err));
done:
    jf_column_clear(&added);
    jf_free(rows);
    return status;
}

static jf_status hold_others(const jf_session *session, const jf_runs_options *options, const char *title,
                             const jf_runs *design, jf_table *table, jf_error *err)
{
    jf_status status = JF_OK;
    jf_words proxies = {0};
    jf_text held = {0};
    char number[JF_NUMBER_TEXT];
    size_t n_held = 0;

    JF_TRY(jf_words_split_all(&options->proxies, &proxies, err));
    for (size_t c = 0; c < design->table->n_columns; c++) {
        const jf_column *column = &design->table->columns[c];
        double value;
        if (column->known == JF_POST_RUN || jf_table_find(table, column->name) ||
            is_made(options, &proxies, column->name))
            continue;
        JF_TRY(usual_value(design, column, &value, err));
        if (isnan(value)) continue;
        JF_TRY(add_constant(column, value, table, err));
        if (n_held++ >= MOST_SHOWN) continue;
        jf_text_addf(&held, "%s%s = %s", held.length ? ", " : "", column->name,
                     column->kind == JF_LABEL ? column->levels[(size_t)value]
                                              : jf_number_short(number, value, 6));
    }
    if (n_held > MOST_SHOWN) jf_text_addf(&held, " and %zu more", n_held - MOST_SHOWN);
    if (held.length) jf_session_note(session, "%s: held at their usual values: %s", title, held.data);
done:
    jf_words_free(&proxies);
    jf_text_free(&held);
    return status;
}

static bool varies(const jf_table *table, const jf_column *column)
{
    for (size_t i = 1; i < table->n_rows; i++)
        if (column->kind == JF_LABEL ? column->codes[i] != column->codes[0]
                                     : column->values[i] != column->values[0])
            return true;
    return false;
}

/* Columns as read that tell candidates apart; all of a grid's own. */
static jf_status name_shown(const jf_table *table, bool all, jf_words *shown, jf_error *err)
{
    jf_status status = JF_OK;

    for (size_t c = 0; c < table->n_columns && shown->n < MOST_SHOWN; c++) {
        const jf_column *column = &table->columns[c];
        bool counter = table->index_column && strcmp(table->index_column, column->name) == 0;
        if (!all && (counter || column->known == JF_POST_RUN || !varies(table, column))) continue;
        JF_TRY(jf_words_add(shown, column->name, strlen(column->name), err));
    }
done:
    return status;
}

jf_status jf_candidates_name(const jf_runs *runs, jf_words *shown, jf_error *err)
{
    return name_shown(runs->table, false, shown, err);
}

jf_status jf_candidates_read(const jf_session *session, const jf_runs_options *options, const jf_words *maps,
                             const char *file, const char *grid, const char *title, const jf_runs *design,
                             jf_candidates *out, jf_error *err)
{
    jf_status status = JF_OK;
    jf_runs_options own = *options;

    own.where = own.groups = (jf_option_list){0};
    own.aggregate = own.duplicates = 0;
    own.ledger = NULL;
    own.join = (jf_join_settings){0};
    if (file) {
        JF_TRY(jf_runs_read(session, &own, maps, file, &out->runs, err));
        JF_TRY(name_shown(out->runs.table, false, &out->shown, err));
        return JF_OK;
    }
    JF_TRY(jf_grid_read(grid, &out->runs.table, err));
    JF_TRY(name_shown(out->runs.table, true, &out->shown, err));
    JF_TRY(hold_others(session, options, title, design, out->runs.table, err));
    JF_TRY(jf_runs_prepare(&own, maps, &out->runs, err));
done:
    if (status != JF_OK) jf_error_prefix(err, "%s", title);
    return status;
}
