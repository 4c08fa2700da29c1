/* Two tables side by side, by columns that both have. */
#include "data/table_join.h"

#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "data/dictionary.h"
#include "data/digest.h"
#include "data/trackers/tracker.h"

/* ---- problems ---- */

jf_status jf_join_problem_add(jf_join_problems *problems, jf_ledger *ledger, const char *file, size_t line,
                              const char *why, const char *what, jf_error *err)
{
    if (!jf_grow((void **)&problems->items, &problems->capacity, problems->n + 1, sizeof *problems->items))
        return jf_fail(err, JF_ENOMEM, "out of memory for the join");
    problems->items[problems->n] = (jf_join_problem){file, line, jf_copy_text(what)};
    if (!problems->items[problems->n++].what) return jf_fail(err, JF_ENOMEM, "out of memory for the join");
    return jf_ledger_add(ledger, JF_FLAGGED, file, line, NULL, what, why, err);
}

void jf_join_problems_free(jf_join_problems *problems)
{
    for (size_t i = 0; i < problems->n; i++) jf_free(problems->items[i].what);
    jf_free(problems->items);
    *problems = (jf_join_problems){0};
}

/* ---- keys ---- */

/* One side of the join: its key columns, and where the rows of a key are. */
typedef struct join_side {
    const jf_table *table;
    const char *const *names;
    const jf_column **columns;
    int32_t *code_of; /* of each row: its key's number, -1 where a part is missing */
    size_t *first, *next,
        *n; /* rows of a key, in order: the first, and behind each row the next one; their number */
} join_side;

typedef struct table_joining {
    join_side runs, other;
    const jf_table_join *options;
    jf_ledger *ledger;
    jf_join_problems *problems;
    jf_dictionary keys;
    size_t *runs_row, *other_row; /* of each row of the result, or JF_NO_ROW */
    size_t n_rows, capacity, other_capacity;
    jf_error *err;
} table_joining;

/* "4:A10014:4" for the parts "A100" and "4": no two keys have the same text. False where a part is missing.
 */
static bool key_text(const join_side *side, size_t n_columns, size_t row, jf_text *out)
{
    char number[JF_NUMBER_TEXT];

    jf_text_free(out);
    for (size_t c = 0; c < n_columns; c++) {
        const char *part = jf_column_text(side->columns[c], row, number);
        if (!part) return false;
        if (n_columns > 1) jf_text_addf(out, "%zu:", strlen(part));
        jf_text_add(out, part);
    }
    return true;
}

static jf_status code_rows(table_joining *join, join_side *side)
{
    const jf_table_join *options = join->options;
    jf_status status = JF_OK;
    jf_text key = {0};

    side->columns = (const jf_column **)jf_alloc_zero(options->n_columns + 1, sizeof *side->columns);
    side->code_of = JF_NEW_ARRAY(int32_t, side->table->n_rows + 1);
    JF_TRY_NEW(side->columns && side->code_of, join->err, "the join");
    for (size_t c = 0; c < options->n_columns; c++)
        JF_TRY(jf_table_get(side->table, side->names[c], &side->columns[c], join->err));
    for (size_t row = 0; row < side->table->n_rows; row++) {
        side->code_of[row] = -1;
        if (!key_text(side, options->n_columns, row, &key)) continue;
        JF_TRY_NEW(!key.failed && jf_dictionary_code(&join->keys, key.data ? key.data : "", key.length,
                                                     &side->code_of[row]),
                   join->err, "the join");
    }
done:
    jf_text_free(&key);
    return status;
}

/* Chains the rows of each key, once all keys have their numbers. */
static jf_status chain_rows(table_joining *join, join_side *side)
{
    size_t n_keys = join->keys.n;

    side->first = JF_NEW_ARRAY(size_t, n_keys + 1);
    side->next = JF_NEW_ARRAY(size_t, side->table->n_rows + 1);
    side->n = JF_NEW_ZEROED(size_t, n_keys + 1);
    if (!side->first || !side->next || !side->n)
        return jf_fail(join->err, JF_ENOMEM, "out of memory for the join");
    for (size_t k = 0; k < n_keys; k++) side->first[k] = JF_NO_ROW;
    for (size_t row = side->table->n_rows; row-- > 0;) {
        int32_t code = side->code_of[row];
        if (code < 0) continue;
        side->next[row] = side->first[code];
        side->first[code] = row;
        side->n[code]++;
    }
    return JF_OK;
}

static void free_side(join_side *side)
{
    jf_free((void *)side->columns);
    jf_free(side->code_of);
    jf_free(side->first);
    jf_free(side->next);
    jf_free(side->n);
}

/* "gpu 'A100', gpus '4'" of a row. */
static void show_key(const join_side *side, size_t n_columns, size_t row, jf_text *out)
{
    char number[JF_NUMBER_TEXT];

    for (size_t c = 0; c < n_columns; c++) {
        const char *part = jf_column_text(side->columns[c], row, number);
        jf_text_addf(out, "%s%s %s%s%s", c ? ", " : "", side->names[c], part ? "'" : "",
                     part ? part : "(none)", part ? "'" : "");
    }
}

/* ---- rows of the result ---- */

static jf_status add_problem(table_joining *join, const join_side *side, size_t row, const char *before,
                             const char *behind, const char *why)
{
    jf_status status;
    jf_text what = {0};

    jf_text_add(&what, before);
    show_key(side, join->options->n_columns, row, &what);
    jf_text_add(&what, behind);
    status = what.failed ? jf_fail(join->err, JF_ENOMEM, "out of memory for the join")
                         : jf_join_problem_add(join->problems, join->ledger, side->table->file,
                                               jf_table_line(side->table, row), why, what.data, join->err);
    jf_text_free(&what);
    return status;
}

static jf_status add_row(table_joining *join, size_t runs_row, size_t other_row)
{
    if (!jf_grow((void **)&join->runs_row, &join->capacity, join->n_rows + 1, sizeof *join->runs_row) ||
        !jf_grow((void **)&join->other_row, &join->other_capacity, join->n_rows + 1, sizeof *join->other_row))
        return jf_fail(join->err, JF_ENOMEM, "out of memory for the join");
    join->runs_row[join->n_rows] = runs_row;
    join->other_row[join->n_rows++] = other_row;
    return JF_OK;
}

static const char *fate(const table_joining *join)
{
    return join->options->unmatched == JF_UNMATCHED_DROP ? "dropped" : "kept with missing values";
}

static jf_status add_without_partner(table_joining *join, const join_side *side, size_t row)
{
    bool is_run = side == &join->runs;
    jf_status status = JF_OK;

    *(is_run ? &join->problems->n_runs : &join->problems->n_records) += 1;
    JF_TRY(add_problem(join, side, row, is_run ? "no partner for " : "no run has ", "", fate(join)));
    if (join->options->unmatched != JF_UNMATCHED_DROP)
        status = add_row(join, is_run ? row : JF_NO_ROW, is_run ? JF_NO_ROW : row);
done:
    return status;
}

static jf_status refuse_many_to_many(const table_joining *join, size_t row, size_t other)
{
    jf_text key = {0};
    jf_status status;

    show_key(&join->runs, join->options->n_columns, row, &key);
    status = jf_fail(join->err, JF_EDATA,
                     "%s:%zu: %s stands several times here and in %s (line %zu): whose is whose?",
                     join->runs.table->file, jf_table_line(join->runs.table, row), key.data ? key.data : "",
                     join->other.table->file, jf_table_line(join->other.table, other));
    jf_text_free(&key);
    return status;
}

static jf_status add_run(table_joining *join, size_t row)
{
    int32_t code = join->runs.code_of[row];
    size_t first = code < 0 ? JF_NO_ROW : join->other.first[code];
    jf_status status = JF_OK;

    if (first == JF_NO_ROW) return add_without_partner(join, &join->runs, row);
    if (join->other.n[code] > 1 && join->runs.n[code] > 1) return refuse_many_to_many(join, row, first);
    if (join->other.n[code] > 1) {
        join->problems->n_many++;
        JF_TRY(add_problem(join, &join->runs, row, "several rows have ", "", "each becomes a row"));
    } else if (join->runs.n[code] > 1 && join->runs.first[code] == row) {
        join->problems->n_many++;
        JF_TRY(add_problem(join, &join->other, first, "several runs share ", "", "given to each of them"));
    }
    for (size_t i = first; i != JF_NO_ROW; i = join->other.next[i]) JF_TRY(add_row(join, row, i));
done:
    return status;
}

static jf_status make_rows(table_joining *join)
{
    jf_status status = JF_OK;

    for (size_t row = 0; row < join->runs.table->n_rows; row++) JF_TRY(add_run(join, row));
    if (join->options->many) return JF_OK; /* a list to look up in */
    for (size_t row = 0; row < join->other.table->n_rows; row++) {
        int32_t code = join->other.code_of[row];
        if (code < 0 || join->runs.n[code] == 0) JF_TRY(add_without_partner(join, &join->other, row));
    }
done:
    return status;
}

static jf_status refuse(const table_joining *join)
{
    const jf_join_problems *found = join->problems;
    jf_text text = {0};
    jf_status status;

    if (join->options->unmatched == JF_UNMATCHED_REFUSE && found->n_runs + found->n_records)
        jf_text_addf(&text,
                     "%zu runs without a partner, %zu rows of %s without a run (--unmatched keep or drop)",
                     found->n_runs, found->n_records, join->other.table->file);
    if (!join->options->many && found->n_many)
        jf_text_addf(&text, "%s%zu keys that stand several times in one of the tables (--join-many)",
                     text.length ? "; " : "", found->n_many);
    status = text.length ? jf_fail(join->err, JF_EDATA, "the join of %s with %s leaves %s",
                                   join->runs.table->file, join->other.table->file, text.data)
                         : JF_OK;
    jf_text_free(&text);
    return status;
}

/* ---- columns of the result ---- */

static size_t place_of(const char *const *names, size_t n, const char *name)
{
    size_t i = 0;
    while (i < n && strcmp(names[i], name) != 0) i++;
    return i;
}

/* Numbers where both tables have numbers: those of the rows that only the other table has. */
static void fill_numbers(const table_joining *join, const jf_column *from, jf_column *to)
{
    for (size_t i = 0; i < join->n_rows; i++)
        if (join->runs_row[i] == JF_NO_ROW) to->values[i] = from->values[join->other_row[i]];
}

/* A key of which one side is labels: each row has the text of the table that it is from. */
static jf_status add_key_texts(const table_joining *join, const jf_column *mine, const jf_column *theirs,
                               jf_table *out)
{
    jf_status status = JF_OK;
    jf_column sides[2] = {{0}}; /* as labels */
    const char **texts = (const char **)jf_alloc_zero(join->n_rows + 1, sizeof *texts);

    JF_TRY_NEW(texts, join->err, mine->name);
    JF_TRY(jf_column_as_labels(mine, join->runs.table->n_rows, &sides[0], join->err));
    JF_TRY(jf_column_as_labels(theirs, join->other.table->n_rows, &sides[1], join->err));
    for (size_t i = 0; i < join->n_rows; i++) {
        bool is_run = join->runs_row[i] != JF_NO_ROW;
        texts[i] = jf_column_text(&sides[!is_run], is_run ? join->runs_row[i] : join->other_row[i], NULL);
    }
    JF_TRY(jf_table_add_texts(out, mine->name, texts, join->err));
done:
    jf_column_clear(&sides[0]);
    jf_column_clear(&sides[1]);
    jf_free((void *)texts);
    return status;
}

static bool all_have_runs(const table_joining *join)
{
    size_t i = 0;
    while (i < join->n_rows && join->runs_row[i] != JF_NO_ROW) i++;
    return i == join->n_rows;
}

/* The runs' column; a key's takes what only the other table has. */
static jf_status add_runs_column(const table_joining *join, const jf_column *column, jf_table *out)
{
    size_t n = join->options->n_columns, key = place_of(join->options->runs_columns, n, column->name);
    const jf_column *theirs = key < n ? join->other.columns[key] : NULL;
    jf_status status = JF_OK;
    jf_column copy = {0};

    if (theirs && !all_have_runs(join) && (column->kind == JF_LABEL || theirs->kind == JF_LABEL))
        return add_key_texts(join, column, theirs, out);
    JF_TRY(jf_column_gather(column, join->runs_row, join->n_rows, &copy, join->err));
    if (theirs && copy.kind == JF_NUMERIC && theirs->kind == JF_NUMERIC) fill_numbers(join, theirs, &copy);
    JF_TRY(jf_table_add(out, &copy, false, join->err));
done:
    jf_column_clear(&copy);
    return status;
}

static jf_status add_other_column(const table_joining *join, const jf_column *column, jf_table *out)
{
    jf_status status = JF_OK;
    jf_column copy = {0};
    jf_text name = {0};

    if (place_of(join->options->other_columns, join->options->n_columns, column->name) <
        join->options->n_columns)
        return JF_OK;
    JF_TRY(jf_column_gather(column, join->other_row, join->n_rows, &copy, join->err));
    if (jf_table_find(out, column->name)) {
        jf_text_addf(&name, "joined_%s", column->name);
        JF_TRY_NEW(!name.failed, join->err, column->name);
        JF_TRY(jf_ledger_add(join->ledger, JF_REPAIRED, join->other.table->file, 0, column->name,
                             "both tables have this column", name.data, join->err));
        JF_TRY(jf_column_rename(&copy, name.data, join->err));
    }
    JF_TRY(jf_table_add(out, &copy, false, join->err));
done:
    jf_column_clear(&copy);
    jf_text_free(&name);
    return status;
}

/* ---- the whole ---- */

static jf_status name_table(const table_joining *join, jf_table *out)
{
    const jf_table *runs = join->runs.table, *other = join->other.table;
    jf_text name = {0};
    jf_digest digest;

    jf_text_addf(&name, "%s, %s", runs->file, other->file);
    out->file = jf_text_take(&name);
    jf_digest_begin(&digest);
    jf_digest_add_text(&digest, runs->sha256);
    jf_digest_add_text(&digest, other->sha256);
    jf_digest_end(&digest, out->sha256);
    out->rows_read = runs->rows_read;
    return out->file ? JF_OK : jf_fail(join->err, JF_ENOMEM, "out of memory for the join");
}

static jf_status make_table(const table_joining *join, jf_table **out)
{
    const jf_table *runs = join->runs.table, *other = join->other.table;
    jf_status status = JF_OK;

    JF_TRY(jf_table_new(join->n_rows, out, join->err));
    JF_TRY(name_table(join, *out));
    JF_TRY_NEW(jf_lines_gather(&(*out)->lines, &runs->lines, join->runs_row, join->n_rows) ? runs : NULL,
               join->err, "the join");
    for (size_t c = 0; c < runs->n_columns; c++) JF_TRY(add_runs_column(join, &runs->columns[c], *out));
    for (size_t c = 0; c < other->n_columns; c++) JF_TRY(add_other_column(join, &other->columns[c], *out));
done:
    return status;
}

/* Of both tables: what is read is kept, dropped, or one row with its partner. */
static void count_rows(const table_joining *join, jf_table *out)
{
    const jf_join_problems *found = join->problems;
    jf_ledger *ledger = join->ledger;
    size_t n_dropped = join->options->unmatched == JF_UNMATCHED_DROP ? found->n_runs + found->n_records : 0;

    out->rows_read += join->n_rows + n_dropped - join->runs.table->n_rows;
    ledger->rows_kept = join->n_rows;
    ledger->rows_rejected += n_dropped;
    ledger->rows_merged = ledger->rows_read - ledger->rows_kept - ledger->rows_rejected;
}

jf_status jf_tables_join(const jf_table *runs, const jf_table *other, const jf_table_join *options,
                         jf_ledger *ledger, jf_join_problems *problems, jf_table **out, jf_error *err)
{
    table_joining join = {.runs = {.table = runs, .names = options->runs_columns},
                          .other = {.table = other, .names = options->other_columns},
                          .options = options,
                          .ledger = ledger,
                          .problems = problems,
                          .err = err};
    jf_status status = JF_OK;

    *out = NULL;
    JF_TRY(code_rows(&join, &join.runs));
    JF_TRY(code_rows(&join, &join.other));
    JF_TRY(chain_rows(&join, &join.runs));
    JF_TRY(chain_rows(&join, &join.other));
    JF_TRY(make_rows(&join));
    JF_TRY(refuse(&join));
    JF_TRY(make_table(&join, out));
    count_rows(&join, *out);
done:
    if (status != JF_OK) {
        jf_table_free(*out);
        *out = NULL;
    }
    free_side(&join.runs);
    free_side(&join.other);
    jf_dictionary_free(&join.keys);
    jf_free(join.runs_row);
    jf_free(join.other_row);
    return status;
}
