/* Measured runs joined with a table that describes them. */
#include "data/trackers/join.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "data/dictionary.h"
#include "data/trackers/formats.h"
#include "data/trackers/header.h"
#include "data/unit.h"

static const size_t none = SIZE_MAX;
/* Numbers under this are durations, not seconds since 1970. */
static const double least_epoch_s = 1e8;

/* What the join works on. */
typedef struct joining {
    const jf_table *runs;
    jf_import *import;
    const jf_join_options *options;
    jf_join_problems *problems;
    jf_error *err;
    size_t *run_of;               /* of each record: row of `runs` or `none` */
    size_t *n_records;            /* of each row */
    size_t *row_run, *row_record; /* of each row of the result, or `none` */
    size_t n_rows;
} joining;

void jf_join_problems_free(jf_join_problems *problems)
{
    for (size_t i = 0; i < problems->n; i++) jf_free(problems->items[i].what);
    jf_free(problems->items);
    *problems = (jf_join_problems){0};
}

/* Lists a problem, in the ledger too. */
static jf_status add_problem(joining *join, const char *file, size_t line, const char *why,
                             const char *format, ...) __attribute__((format(printf, 5, 6)));
static jf_status add_problem(joining *join, const char *file, size_t line, const char *why,
                             const char *format, ...)
{
    jf_join_problems *list = join->problems;
    va_list arguments;
    char what[400];

    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    if (!jf_grow((void **)&list->items, &list->capacity, list->n + 1, sizeof *list->items))
        return jf_fail(join->err, JF_ENOMEM, "out of memory for the join");
    list->items[list->n] = (jf_join_problem){file, line, jf_copy_text(what)};
    if (!list->items[list->n++].what) return jf_fail(join->err, JF_ENOMEM, "out of memory for the join");
    return jf_ledger_add(join->import->ledger, JF_FLAGGED, file, line, NULL, what, why, join->err);
}

/* ---- keys ---- */

static const char *record_key(const jf_measured *run, const char *column)
{
    if (strcmp(column, "run_id") == 0) return run->run_id;
    if (strcmp(column, "project") == 0 || strcmp(column, "project_name") == 0) return run->project;
    if (strcmp(column, "window") == 0) return run->window;
    for (size_t i = 0; i < run->n_extras; i++)
        if (strcmp(run->extras[i].name, column) == 0) return run->extras[i].value;
    return NULL;
}

/* Text of a cell of the key column; NULL when missing. */
static const char *run_key(const jf_column *column, size_t row, char *number)
{
    if (column->kind == JF_LABEL) return column->codes[row] < 0 ? NULL : column->levels[column->codes[row]];
    return isnan(column->values[row]) ? NULL : jf_number_exact(number, column->values[row]);
}

/* Rows of the descriptions by key: each run must be described once. */
static jf_status index_runs(joining *join, const jf_column *column, jf_dictionary *keys, size_t *rows)
{
    char number[JF_NUMBER_TEXT];

    for (size_t row = 0; row < join->runs->n_rows; row++) {
        const char *key = run_key(column, row, number);
        size_t before = keys->n;
        int32_t code;
        if (!key) continue;
        if (!jf_dictionary_code(keys, key, strlen(key), &code))
            return jf_fail(join->err, JF_ENOMEM, "out of memory for the keys of runs");
        if (keys->n == before)
            return jf_fail(
                join->err, JF_EDATA, "%s:%zu: %s '%s' stands in line %zu too: each run has one description",
                join->runs->file, join->runs->lines[row], column->name, key, join->runs->lines[rows[code]]);
        rows[code] = row;
    }
    return JF_OK;
}

static jf_status match_keys(joining *join)
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
        const char *key = record_key(&join->import->items[i], join->options->record_column);
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
                         runs->file, runs->lines[row], start_column, end_column);
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
static void match_times(joining *join)
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
        if (n_holding > 1) join->run_of[i] = none; /* runs side by side: whose it is cannot be told */
    }
}

/* ---- records of one run in several formats ---- */

static void take_number(double *to, double from)
{
    if (isnan(*to)) *to = from;
}

static void take_text(char **to, char **from)
{
    if (*to || !*from) return;
    *to = *from;
    *from = NULL;
}

static void swap_doubles(double *a, double *b)
{
    double kept = *a;

    *a = *b;
    *b = kept;
}

/* The GPU energy and what belongs to it. */
static void swap_measurement(jf_measured *a, jf_measured *b)
{
    jf_method method = a->method;

    a->method = b->method;
    b->method = method;
    swap_doubles(&a->gpu_energy_J, &b->gpu_energy_J);
    swap_doubles(&a->duration_s, &b->duration_s);
    swap_doubles(&a->start_s, &b->start_s);
    swap_doubles(&a->samples, &b->samples);
    swap_doubles(&a->gap_share, &b->gap_share);
    swap_doubles(&a->gpus, &b->gpus);
}

static void fill_missing(jf_measured *to, jf_measured *from)
{
    take_text(&to->run_id, &from->run_id);
    take_text(&to->project, &from->project);
    take_text(&to->window, &from->window);
    take_text(&to->gpu, &from->gpu);
    take_text(&to->scope, &from->scope);
    take_number(&to->start_s, from->start_s);
    take_number(&to->duration_s, from->duration_s);
    take_number(&to->gpu_energy_J, from->gpu_energy_J);
    take_number(&to->cpu_energy_J, from->cpu_energy_J);
    take_number(&to->ram_energy_J, from->ram_energy_J);
    take_number(&to->total_energy_J, from->total_energy_J);
    take_number(&to->gpus, from->gpus);
    take_number(&to->samples, from->samples);
    take_number(&to->gap_share, from->gap_share);
    take_number(&to->mean_power_W, from->mean_power_W);
    take_number(&to->power_limit_W, from->power_limit_W);
    take_number(&to->flos, from->flos);
    take_number(&to->steps, from->steps);
    take_number(&to->epochs, from->epochs);
    take_number(&to->loss, from->loss);
}

static jf_status combine(joining *join, size_t to_at, size_t from_at)
{
    jf_status status = JF_OK;
    jf_import *import = join->import;
    jf_measured *to = &import->items[to_at], *from = &import->items[from_at];
    const char *kept = import->trackers[to_at], *other = import->trackers[from_at];
    bool both = !isnan(to->gpu_energy_J) && !isnan(from->gpu_energy_J);
    char what[160];

    if (both)
        JF_TRY(jf_import_compare(import, import->files[from_at], from->line, kept, to->gpu_energy_J, other,
                                 from->gpu_energy_J, join->err));
    snprintf(what, sizeof what, "%s joins %s", other, kept);
    if (!isnan(from->gpu_energy_J) && (isnan(to->gpu_energy_J) || from->method > to->method)) {
        swap_measurement(to, from);
        if (both) snprintf(what, sizeof what, "%s joins %s; its GPU energy is kept", other, kept);
    }
    fill_missing(to, from);
    for (size_t e = 0; e < from->n_extras; e++)
        if (!record_key(to, from->extras[e].name))
            JF_TRY(jf_measured_add(to, from->extras[e].name, from->extras[e].value, join->err));
    JF_TRY(jf_ledger_add(import->ledger, JF_MERGED, import->files[from_at], from->line, NULL, what,
                         "records of one run from several trackers", join->err));
done:
    return status;
}

/* ---- rows of the result ---- */

static size_t next_of_run(const joining *join, size_t run, size_t from)
{
    while (from < join->import->n && join->run_of[from] != run) from++;
    return from < join->import->n ? from : none;
}

/* Does one format have several records of the run? */
static bool has_many(const joining *join, size_t run)
{
    const jf_import *import = join->import;

    for (size_t i = next_of_run(join, run, 0); i != none; i = next_of_run(join, run, i + 1))
        for (size_t j = next_of_run(join, run, i + 1); j != none; j = next_of_run(join, run, j + 1))
            if (import->trackers[i] == import->trackers[j]) return true;
    return false;
}

static void add_row(joining *join, size_t run, size_t record)
{
    join->row_run[join->n_rows] = run;
    join->row_record[join->n_rows++] = record;
}

static jf_status add_run_without_record(joining *join, size_t run)
{
    join->problems->n_runs++;
    if (join->options->unmatched != JF_UNMATCHED_DROP) add_row(join, run, none);
    return add_problem(join, join->runs->file, join->runs->lines[run],
                       join->options->unmatched == JF_UNMATCHED_DROP ? "dropped" : "kept without energy",
                       "the run has no record");
}

static jf_status add_many(joining *join, size_t run, size_t first)
{
    size_t n = 0;

    for (size_t i = first; i != none; i = next_of_run(join, run, i + 1), n++) add_row(join, run, i);
    join->problems->n_many++;
    return add_problem(join, join->runs->file, join->runs->lines[run], "each becomes a row",
                       "the run has %zu records, the first %s:%zu", n, join->import->files[first],
                       join->import->items[first].line);
}

static jf_status add_run(joining *join, size_t run)
{
    jf_status status = JF_OK;
    size_t first = join->n_records[run] ? next_of_run(join, run, 0) : none;

    if (first == none) return add_run_without_record(join, run);
    if (join->n_records[run] > 1 && has_many(join, run)) return add_many(join, run, first);
    for (size_t i = first; join->n_records[run] > 1 && (i = next_of_run(join, run, i + 1)) != none;)
        JF_TRY(combine(join, first, i));
    add_row(join, run, first);
done:
    return status;
}

static jf_status add_record_without_run(joining *join, size_t record)
{
    const jf_measured *run = &join->import->items[record];
    const char *column = join->options->record_column, *key = column ? record_key(run, column) : NULL;
    bool dropped = join->options->unmatched == JF_UNMATCHED_DROP;

    join->problems->n_records++;
    if (!dropped) add_row(join, none, record);
    return add_problem(join, join->import->files[record], run->line,
                       dropped ? "dropped" : "kept without description", "no run has the record's %s '%s'",
                       column ? column : "time",
                       key      ? key
                       : column ? "(none)"
                                : "");
}

static jf_status make_rows(joining *join)
{
    jf_status status = JF_OK;
    size_t n_all = join->runs->n_rows + join->import->n, n_dropped;
    jf_ledger *ledger = join->import->ledger;

    join->n_records = JF_NEW_ZEROED(size_t, join->runs->n_rows + 1);
    join->row_run = JF_NEW_ARRAY(size_t, n_all + 1);
    join->row_record = JF_NEW_ARRAY(size_t, n_all + 1);
    JF_TRY_NEW(join->n_records && join->row_run && join->row_record, join->err, "the join");
    for (size_t i = 0; i < join->import->n; i++)
        if (join->run_of[i] != none) join->n_records[join->run_of[i]]++;
    for (size_t run = 0; run < join->runs->n_rows; run++) JF_TRY(add_run(join, run));
    for (size_t i = 0; i < join->import->n; i++)
        if (join->run_of[i] == none) JF_TRY(add_record_without_run(join, i));
    n_dropped = join->options->unmatched == JF_UNMATCHED_DROP
                    ? join->problems->n_runs + join->problems->n_records
                    : 0;
    ledger->rows_rejected += n_dropped;
    ledger->rows_kept = join->n_rows;
    ledger->rows_merged = ledger->rows_read - ledger->rows_kept - ledger->rows_rejected;
done:
    return status;
}

static jf_status refuse(const joining *join)
{
    const jf_join_problems *found = join->problems;
    jf_text text = {0};
    jf_status status;

    if (join->options->unmatched == JF_UNMATCHED_REFUSE && found->n_runs + found->n_records)
        jf_text_addf(&text, "%zu runs without a record, %zu records without a run (--unmatched keep or drop)",
                     found->n_runs, found->n_records);
    if (!join->options->many && found->n_many)
        jf_text_addf(&text, "%s%zu runs with several records of one format (--join-many keeps each)",
                     text.length ? "; " : "", found->n_many);
    status = text.length ? jf_fail(join->err, JF_EDATA, "the join leaves %s", text.data) : JF_OK;
    jf_text_free(&text);
    return status;
}

/* ---- the table ---- */

/* A column whose row i is row rows[i] of another one; `none` is missing. */
static jf_status gather(const jf_column *from, const size_t *rows, size_t n, const char *name, jf_column *out,
                        jf_error *err)
{
    jf_status status = JF_OK;

    *out = (jf_column){.kind = from->kind, .known = from->known, .name = jf_copy_text(name)};
    JF_TRY_NEW(out->name, err, name);
    memcpy(out->unit, from->unit, sizeof out->unit);
    if (from->kind == JF_NUMERIC) {
        out->values = JF_NEW_ARRAY(double, n + 1);
        JF_TRY_NEW(out->values, err, name);
        for (size_t i = 0; i < n; i++) out->values[i] = rows[i] == none ? NAN : from->values[rows[i]];
        goto done;
    }
    out->codes = JF_NEW_ARRAY(int32_t, n + 1);
    out->levels = JF_NEW_ZEROED(char *, from->n_levels + 1);
    JF_TRY_NEW(out->codes && out->levels, err, name);
    out->n_levels = from->n_levels;
    for (size_t l = 0; l < from->n_levels; l++) {
        out->levels[l] = jf_copy_text(from->levels[l]);
        JF_TRY_NEW(out->levels[l], err, name);
    }
    for (size_t i = 0; i < n; i++) out->codes[i] = rows[i] == none ? -1 : from->codes[rows[i]];
done:
    if (status != JF_OK) jf_column_clear(out);
    return status;
}

/* The key of every row, from whichever side has it. */
static jf_status add_key(joining *join, const jf_column *column, jf_table *out)
{
    jf_status status = JF_OK;
    char number[JF_NUMBER_TEXT];
    const char **texts = (const char **)jf_alloc_zero(join->n_rows + 1, sizeof *texts);
    char **made = JF_NEW_ZEROED(char *, join->n_rows + 1);

    JF_TRY_NEW(texts && made, join->err, column->name);
    for (size_t i = 0; i < join->n_rows; i++) {
        const char *key;
        if (join->row_run[i] != none)
            key = run_key(column, join->row_run[i], number);
        else
            key = record_key(&join->import->items[join->row_record[i]], join->options->record_column);
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

static jf_status add_description(joining *join, jf_table *out)
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
        JF_TRY(gather(column, join->row_run, join->n_rows, column->name, &copy, join->err));
        JF_TRY(jf_table_add(out, &copy, false, join->err));
    }
done:
    jf_column_clear(&copy);
    return status;
}

/* Is this measured column the key once more? */
static bool is_record_key(const joining *join, const char *name)
{
    const char *key = join->options->record_column;

    if (!key) return false;
    return strcmp(name, key) == 0 || (strcmp(key, "project_name") == 0 && strcmp(name, "project") == 0);
}

static jf_status add_measured(joining *join, const jf_table *measured, jf_table *out)
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
        JF_TRY(gather(column, join->row_record, join->n_rows, name, &copy, join->err));
        JF_TRY(jf_table_add(out, &copy, false, join->err));
    }
done:
    jf_column_clear(&copy);
    return status;
}

/* A tracker that saw other devices than the run used measured other things besides. */
static jf_status check_gpus(const joining *join, const jf_table *out)
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
        if (run == none || record == none) continue;
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

static jf_status make_table(joining *join, jf_table **out)
{
    jf_status status = JF_OK;
    jf_table *measured = NULL;

    JF_TRY(jf_import_table(join->import, &measured, join->err));
    JF_TRY(jf_table_new(join->n_rows, out, join->err));
    (*out)->file = jf_copy_text(join->runs->file);
    for (size_t i = 0; i < join->n_rows; i++)
        (*out)->lines[i] = join->row_run[i] == none ? 0 : join->runs->lines[join->row_run[i]];
    JF_TRY(add_description(join, *out));
    JF_TRY(add_measured(join, measured, *out));
    JF_TRY(check_gpus(join, *out));
    jf_table_set_units(*out);
done:
    jf_table_free(measured);
    return status;
}

jf_status jf_join_runs(const jf_table *runs, jf_import *import, const jf_join_options *options,
                       jf_join_problems *problems, jf_table **out, jf_error *err)
{
    jf_status status = JF_OK;
    joining join = {.runs = runs, .import = import, .options = options, .problems = problems, .err = err};

    *out = NULL;
    join.run_of = JF_NEW_ARRAY(size_t, import->n + 1);
    JF_TRY_NEW(join.run_of, err, "the join");
    for (size_t i = 0; i < import->n; i++) join.run_of[i] = none;
    if (options->runs_column)
        JF_TRY(match_keys(&join));
    else
        match_times(&join);
    JF_TRY(make_rows(&join));
    JF_TRY(refuse(&join));
    JF_TRY(make_table(&join, out));
done:
    if (status != JF_OK) {
        jf_table_free(*out);
        *out = NULL;
    }
    jf_free(join.run_of);
    jf_free(join.n_records);
    jf_free(join.row_run);
    jf_free(join.row_record);
    return status;
}
