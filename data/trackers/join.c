/* Measured runs joined with a table that describes them. */
#include "data/trackers/join_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"

/* Lists a problem, in the ledger too. */
static jf_status add_problem(jf_joining *join, const char *file, size_t line, const char *why,
                             const char *format, ...) __attribute__((format(printf, 5, 6)));
static jf_status add_problem(jf_joining *join, const char *file, size_t line, const char *why,
                             const char *format, ...)
{
    va_list arguments;
    char what[400];

    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    return jf_join_problem_add(join->problems, join->import->ledger, file, line, why, what, join->err);
}

/* ---- rows of the result ---- */

static size_t next_of_run(const jf_joining *join, size_t run, size_t from)
{
    while (from < join->import->n && join->run_of[from] != run) from++;
    return from < join->import->n ? from : JF_NO_ROW;
}

/* Does one format have several records of the run? */
static bool has_many(const jf_joining *join, size_t run)
{
    const jf_import *import = join->import;

    for (size_t i = next_of_run(join, run, 0); i != JF_NO_ROW; i = next_of_run(join, run, i + 1))
        for (size_t j = next_of_run(join, run, i + 1); j != JF_NO_ROW; j = next_of_run(join, run, j + 1))
            if (import->trackers[i] == import->trackers[j] &&
                !(join->options->sum_nodes && strcmp(import->files[i], import->files[j]) != 0))
                return true;
    return false;
}

/* The first record of the run by the tracker of record `i`, from another file than its own: a node's energy
 * is added to it. JF_NO_ROW: there is none before. */
static size_t node_before(const jf_joining *join, size_t run, size_t i)
{
    const jf_import *import = join->import;

    for (size_t j = next_of_run(join, run, 0); j != JF_NO_ROW && j < i; j = next_of_run(join, run, j + 1))
        if (import->trackers[i] == import->trackers[j] && strcmp(import->files[i], import->files[j]) != 0)
            return j;
    return JF_NO_ROW;
}

/* Was its energy added to another record's? */
static bool is_node(const jf_joining *join, size_t run, size_t i)
{
    return join->options->sum_nodes && node_before(join, run, i) != JF_NO_ROW;
}

static jf_status sum_nodes(jf_joining *join, size_t run)
{
    jf_status status = JF_OK;

    if (has_many(join, run)) return JF_OK; /* two records of one file are no nodes: told as such */
    for (size_t i = next_of_run(join, run, 0); i != JF_NO_ROW; i = next_of_run(join, run, i + 1)) {
        size_t before = node_before(join, run, i);
        if (before != JF_NO_ROW) JF_TRY(jf_join_add_node(join, before, i));
    }
done:
    return status;
}

static void add_row(jf_joining *join, size_t run, size_t record)
{
    join->row_run[join->n_rows] = run;
    join->row_record[join->n_rows++] = record;
}

static jf_status add_run_without_record(jf_joining *join, size_t run)
{
    join->problems->n_runs++;
    if (join->options->unmatched != JF_UNMATCHED_DROP) add_row(join, run, JF_NO_ROW);
    return add_problem(join, join->runs->file, jf_table_line(join->runs, run),
                       join->options->unmatched == JF_UNMATCHED_DROP ? "dropped" : "kept without energy",
                       "the run has no record");
}

static jf_status add_many(jf_joining *join, size_t run, size_t first)
{
    size_t n = 0;

    for (size_t i = first; i != JF_NO_ROW; i = next_of_run(join, run, i + 1), n++) add_row(join, run, i);
    join->problems->n_many++;
    return add_problem(join, join->runs->file, jf_table_line(join->runs, run), "each becomes a row",
                       "the run has %zu records, the first %s:%zu", n, join->import->files[first],
                       join->import->items[first].line);
}

static jf_status add_run(jf_joining *join, size_t run)
{
    jf_status status = JF_OK;
    size_t first = join->n_records[run] ? next_of_run(join, run, 0) : JF_NO_ROW;

    if (first == JF_NO_ROW) return add_run_without_record(join, run);
    if (join->n_records[run] > 1 && join->options->sum_nodes) JF_TRY(sum_nodes(join, run));
    if (join->n_records[run] > 1 && has_many(join, run)) return add_many(join, run, first);
    for (size_t i = first; join->n_records[run] > 1 && (i = next_of_run(join, run, i + 1)) != JF_NO_ROW;)
        if (!is_node(join, run, i)) JF_TRY(jf_join_combine(join, first, i));
    add_row(join, run, first);
done:
    return status;
}

static jf_status add_record_without_run(jf_joining *join, size_t record)
{
    const jf_measured *run = &join->import->items[record];
    const char *column = join->options->record_column, *key = column ? jf_record_key(run, column) : NULL;
    bool dropped = join->options->unmatched == JF_UNMATCHED_DROP;

    join->problems->n_records++;
    if (!dropped) add_row(join, JF_NO_ROW, record);
    return add_problem(join, join->import->files[record], run->line,
                       dropped ? "dropped" : "kept without description", "no run has the record's %s '%s'",
                       column ? column : "time",
                       key      ? key
                       : column ? "(none)"
                                : "");
}

static jf_status make_rows(jf_joining *join)
{
    jf_status status = JF_OK;
    size_t n_all = join->runs->n_rows + join->import->n, n_dropped;
    jf_ledger *ledger = join->import->ledger;

    join->n_records = JF_NEW_ZEROED(size_t, join->runs->n_rows + 1);
    join->row_run = JF_NEW_ARRAY(size_t, n_all + 1);
    join->row_record = JF_NEW_ARRAY(size_t, n_all + 1);
    JF_TRY_NEW(join->n_records && join->row_run && join->row_record, join->err, "the join");
    for (size_t i = 0; i < join->import->n; i++)
        if (join->run_of[i] != JF_NO_ROW) join->n_records[join->run_of[i]]++;
    for (size_t run = 0; run < join->runs->n_rows; run++) JF_TRY(add_run(join, run));
    for (size_t i = 0; i < join->import->n; i++)
        if (join->run_of[i] == JF_NO_ROW) JF_TRY(add_record_without_run(join, i));
    n_dropped = join->options->unmatched == JF_UNMATCHED_DROP
                    ? join->problems->n_runs + join->problems->n_records
                    : 0;
    ledger->rows_rejected += n_dropped;
    ledger->rows_kept = join->n_rows;
    ledger->rows_merged = ledger->rows_read - ledger->rows_kept - ledger->rows_rejected;
done:
    return status;
}

static jf_status refuse(const jf_joining *join)
{
    const jf_join_problems *found = join->problems;
    jf_text text = {0};
    jf_status status;

    if (join->options->unmatched == JF_UNMATCHED_REFUSE && found->n_runs + found->n_records)
        jf_text_addf(&text, "%zu runs without a record, %zu records without a run (--unmatched keep or drop)",
                     found->n_runs, found->n_records);
    if (!join->options->many && found->n_many)
        jf_text_addf(&text,
                     "%s%zu runs with several records of one format (--join-many keeps each, --sum-nodes "
                     "adds those of several files)",
                     text.length ? "; " : "", found->n_many);
    status = text.length ? jf_fail(join->err, JF_EDATA, "the join leaves %s", text.data) : JF_OK;
    jf_text_free(&text);
    return status;
}

jf_status jf_join_runs(const jf_table *runs, jf_import *import, const jf_join_options *options,
                       jf_join_problems *problems, jf_table **out, jf_error *err)
{
    jf_status status = JF_OK;
    jf_joining join = {.runs = runs, .import = import, .options = options, .problems = problems, .err = err};

    *out = NULL;
    join.run_of = JF_NEW_ARRAY(size_t, import->n + 1);
    JF_TRY_NEW(join.run_of, err, "the join");
    for (size_t i = 0; i < import->n; i++) join.run_of[i] = JF_NO_ROW;
    JF_TRY(jf_join_match(&join));
    JF_TRY(make_rows(&join));
    JF_TRY(refuse(&join));
    JF_TRY(jf_join_table(&join, out));
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
