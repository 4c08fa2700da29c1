/* Whose a record is: by a key that runs and records share, by time, or by both. */
#include "data/trackers/join_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "data/dictionary.h"
#include "data/trackers/header.h"

/* ---- keys ---- */

const char *jf_record_key(const jf_measured *run, const char *column)
{
    if (strcmp(column, "run_id") == 0) return run->run_id;
    if (strcmp(column, "project") == 0 || strcmp(column, "project_name") == 0) return run->project;
    if (strcmp(column, "window") == 0) return run->window;
    for (size_t i = 0; i < run->n_extras; i++)
        if (strcmp(run->extras[i].name, column) == 0) return run->extras[i].value;
    return NULL;
}

/* Rows of the descriptions by key: each run must be described once. */
static jf_status index_runs(jf_joining *join, const jf_column *column, jf_dictionary *keys, size_t *rows)
{
    char number[JF_NUMBER_TEXT];

    for (size_t row = 0; row < join->runs->n_rows; row++) {
        const char *key = jf_column_text(column, row, number);
        size_t before = keys->n;
        int32_t code;
        if (!key) continue;
        if (!jf_dictionary_code(keys, key, strlen(key), &code))
            return jf_fail(join->err, JF_ENOMEM, "out of memory for the keys of runs");
        if (keys->n == before)
            return jf_fail(join->err, JF_EDATA,
                           "%s:%zu: %s '%s' stands in line %zu too: each run has one description",
                           join->runs->file, jf_table_line(join->runs, row), column->name, key,
                           jf_table_line(join->runs, rows[code]));
        rows[code] = row;
    }
    return JF_OK;
}

static jf_status match_keys(jf_joining *join)
{
    jf_status status = JF_OK;
    jf_dictionary keys = {0};
    const jf_column *column;
    size_t *rows = JF_NEW_ARRAY(size_t, join->runs->n_rows + 1), n_keys;
    int32_t code;

    JF_TRY_NEW(rows, join->err, "the keys of runs");
    JF_TRY(jf_table_get(join->runs, join->options->runs_column, &column, join->err));
    JF_TRY(index_runs(join, column, &keys, rows));
    n_keys = keys.n;
    for (size_t i = 0; i < join->import->n; i++) {
        const char *key = jf_record_key(&join->import->items[i], join->options->record_column);
        if (!key) continue;
        if (!jf_dictionary_code(&keys, key, strlen(key), &code))
            JF_TRY(jf_fail(join->err, JF_ENOMEM, "out of memory for the keys of runs"));
        if ((size_t)code < n_keys) join->run_of[i] = rows[code];
    }
done:
    jf_dictionary_free(&keys);
    jf_free(rows);
    return status;
}

/* ---- times ---- */

/* Numbers under this are durations, not seconds since 1970. */
static const double least_epoch_s = 1e8;

static double time_of(const jf_column *column, size_t row)
{
    double value;
    const char *text;

    if (column->kind == JF_NUMERIC) return column->values[row];
    text = column->codes[row] < 0 ? "" : column->levels[column->codes[row]];
    return jf_number_read(text, strlen(text), &value) ? value : jf_time_read(text);
}

jf_status jf_join_windows(const jf_table *runs, const char *start_column, const char *end_column,
                          jf_window **out, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_column *start, *end;

    *out = NULL;
    JF_TRY(jf_table_get(runs, start_column, &start, err));
    JF_TRY(jf_table_get(runs, end_column, &end, err));
    *out = JF_NEW_ARRAY(jf_window, runs->n_rows + 1);
    JF_TRY_NEW(*out, err, "the windows of runs");
    for (size_t row = 0; row < runs->n_rows; row++) {
        jf_window *window = &(*out)[row];
        *window = (jf_window){time_of(start, row), time_of(end, row)};
        if (window->end_s < least_epoch_s && window->start_s >= least_epoch_s)
            window->end_s += window->start_s;
        if (window->end_s > window->start_s) continue;
        status = jf_fail(err, JF_EDATA,
                         "%s:%zu: columns '%s' and '%s' give no window: expected a start and a later "
                         "end (or a duration), as 2026-08-15T10:00:00 or seconds since 1970",
                         runs->file, jf_table_line(runs, row), start_column, end_column);
        break;
    }
done:
    if (status != JF_OK) {
        jf_free(*out);
        *out = NULL;
    }
    return status;
}

/* The one run whose window holds the record's middle. */
static void match_times(jf_joining *join)
{
    const jf_import *import = join->import;

    for (size_t i = 0; i < import->n; i++) {
        const jf_measured *run = &import->items[i];
        double middle = run->start_s + 0.5 * run->duration_s;
        size_t n_holding = 0;
        if (run->window_at) {
            join->run_of[i] = run->window_at - 1;
            continue;
        }
        for (size_t w = 0; w < import->n_windows; w++) {
            if (!(middle >= import->windows[w].start_s && middle <= import->windows[w].end_s)) continue;
            join->run_of[i] = w;
            n_holding++;
        }
        if (n_holding > 1) join->run_of[i] = JF_NO_ROW; /* runs side by side: whose it is cannot be told */
    }
}

/* ---- by key, by time, or both ---- */

/* With both, a record that has a key is told by it; its time must not speak against it. */
static jf_status check_time(jf_joining *join, size_t record, size_t by_key)
{
    const jf_import *import = join->import;
    const jf_measured *run = &import->items[record];
    const jf_window *window = &import->windows[by_key];
    double middle = run->start_s + 0.5 * run->duration_s;
    char what[120];

    if (isnan(middle) || (middle >= window->start_s && middle <= window->end_s)) return JF_OK;
    snprintf(what, sizeof what, "the record's middle lies outside the window of line %zu",
             jf_table_line(join->runs, by_key));
    jf_warn(import->warnings, "W_SUSPECT_ENERGY", "%s:%zu: %s", import->files[record], run->line, what);
    return jf_ledger_add(import->ledger, JF_FLAGGED, import->files[record], run->line, NULL, what,
                         "joined by its key, but its time says otherwise", join->err);
}

static jf_status match_both(jf_joining *join)
{
    jf_status status = JF_OK;
    size_t *by_key = JF_NEW_ARRAY(size_t, join->import->n + 1);

    JF_TRY_NEW(by_key, join->err, "the join");
    JF_TRY(match_keys(join));
    memcpy(by_key, join->run_of, join->import->n * sizeof *by_key);
    match_times(join);
    for (size_t i = 0; i < join->import->n; i++) {
        bool has_key = jf_record_key(&join->import->items[i], join->options->record_column) != NULL;
        if (join->import->items[i].window_at || (!has_key && by_key[i] == JF_NO_ROW)) continue;
        join->run_of[i] = by_key[i];
        if (by_key[i] != JF_NO_ROW) JF_TRY(check_time(join, i, by_key[i]));
    }
done:
    jf_free(by_key);
    return status;
}

jf_status jf_join_match(jf_joining *join)
{
    if (join->options->runs_column && join->import->n_windows) return match_both(join);
    if (join->options->runs_column) return match_keys(join);
    match_times(join);
    return JF_OK;
}
