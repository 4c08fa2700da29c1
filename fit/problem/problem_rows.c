/* Which rows of a table a law is fitted to, and their weights. */
#include <math.h>
#include <string.h>
#include "core/expr/evaluate.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "core/text.h"
#include "fit/problem/problem_parts.h"

/* ---- weights ---- */

static jf_status check_weight(const jf_builder *b, size_t row, const char *what, double value)
{
    char place[512], number[JF_NUMBER_TEXT];

    if (isnan(value)) return JF_OK;
    if (value >= 0 && isfinite(value) && (value > 0 || !b->options->sigma)) return JF_OK;
    return jf_fail(b->err, JF_EDATA, "%s: %s: expected a finite number %s 0, found %s",
                   jf_row_place(b->table, row, place, sizeof place), what,
                   b->options->sigma ? "above" : "not below", jf_number_short(number, value, 6));
}

/* --weights or --sigma on every row of the table; sigma becomes 1/sigma^2. */
jf_status jf_problem_read_weights(jf_builder *b)
{
    jf_status status = JF_OK;
    const char *what = b->options->sigma ? "--sigma" : "--weights";
    const char *text = b->options->sigma ? b->options->sigma : b->options->weights;
    jf_column column = {0};
    jf_ast *ast = NULL;

    b->problem->weights_kind =
        b->options->sigma ? JF_WEIGHTS_ABSOLUTE : (jf_weights_kind)b->options->weights_kind;
    b->problem->threads = (int)b->options->threads;
    if (!text) return JF_OK;
    if (b->options->sigma && b->options->weights)
        return jf_fail(b->err, JF_EUSAGE, "--sigma and --weights cannot both be given");
    JF_TRY(jf_ast_read(what, text, &ast, b->err));
    JF_TRY(jf_evaluate(what, ast, &b->columns, &column, b->err));
    if (column.kind != JF_NUMERIC) {
        status = jf_fail(b->err, JF_EUSAGE, "%s: expected numbers, found labels in '%s'", what, text);
        goto done;
    }
    b->all_weights = column.values;
    column.values = NULL;
    for (size_t i = 0; i < b->n_rows; i++) {
        size_t row = jf_builder_row(b, i);
        JF_TRY(check_weight(b, row, what, b->all_weights[row]));
    }
    for (size_t row = 0; row < b->table->n_rows && b->options->sigma; row++)
        b->all_weights[row] = 1 / (b->all_weights[row] * b->all_weights[row]);
done:
    jf_column_clear(&column);
    jf_ast_free(ast);
    return status;
}

/* ---- rows ---- */

/* The columns that a tree reads, in order of appearance. */
typedef struct column_list {
    const jf_builder *b;
    const jf_column **columns;
    size_t n, capacity;
    bool starved;
} column_list;

static void see_column(void *context, const jf_ast *node, const char *name, bool is_level_column)
{
    column_list *list = context;
    const jf_column *column = jf_table_find(list->b->table, name);

    (void)node;
    for (size_t i = 0; i < list->b->n_declared && !is_level_column; i++)
        if (strcmp(list->b->declared[i], name) == 0) return; /* a parameter of that name */
    if (!column) return;
    list->starved = list->starved || !jf_grow((void **)&list->columns, &list->capacity, list->n + 1,
                                              sizeof(const jf_column *));
    if (!list->starved) list->columns[list->n++] = column;
}

static jf_status list_columns(const jf_builder *b, const jf_ast *ast, column_list *list)
{
    *list = (column_list){.b = b};
    jf_ast_names(ast, see_column, list);
    return list->starved ? jf_fail(b->err, JF_ENOMEM, "out of memory for the columns of a law") : JF_OK;
}

static bool is_missing(const jf_column *column, size_t row)
{
    return column->kind == JF_LABEL ? column->codes[row] < 0 : isnan(column->values[row]);
}

/* The first of the columns that has no value in this row, or NULL. */
static const char *missing_column(const column_list *list, size_t row)
{
    for (size_t i = 0; i < list->n; i++)
        if (is_missing(list->columns[i], row)) return list->columns[i]->name;
    return NULL;
}

static jf_status response_fails(const jf_builder *b, size_t row, double raw)
{
    char place[512], number[JF_NUMBER_TEXT], *text = jf_ast_print(b->problem->law->response);
    jf_status status;

    status =
        jf_fail(b->err, JF_EDATA, "%s: column '%s': %s is not defined for %s%s",
                jf_row_place(b->table, row, place, sizeof place), jf_transform_raw(b->problem->transform),
                text ? text : "the response", jf_number_short(number, raw, 6),
                jf_transform_is_log(b->problem->transform) ? " (leave such rows out with --where)" : "");
    jf_free(text);
    return status;
}

/* What rows are judged by, and why they were left out, for one warning. */
typedef struct judgement {
    column_list of_response, of_formula;
    const char *column; /* first missing one */
    size_t first_row;   /* first row where the formula is not finite */
} judgement;

/* Is candidate i usable? Counts it where not. `z` and `raw` are by candidate. */
static jf_status judge_row(jf_builder *b, size_t i, double z, double raw, judgement *notes, bool *keep)
{
    jf_problem *problem = b->problem;
    size_t row = jf_builder_row(b, i);
    const char *missing = missing_column(&notes->of_response, row);
    bool incomplete = jf_inputs_row_missing(problem->inputs, i);

    *keep = false;
    if (!missing && incomplete) missing = missing_column(&notes->of_formula, row);
    if (missing || (b->all_weights && isnan(b->all_weights[row]))) {
        if (!problem->n_missing++) notes->column = missing ? missing : "weight";
    } else if (incomplete || isinf(raw)) {
        if (!problem->n_not_finite++) notes->first_row = row;
    } else if (b->all_weights && b->all_weights[row] == 0) {
        problem->n_weightless++;
    } else if (!isfinite(z)) {
        return response_fails(b, row, raw);
    } else {
        *keep = true;
    }
    return JF_OK;
}

static void tell_drops(const jf_builder *b, const judgement *notes)
{
    char place[512];

    if (b->problem->n_missing)
        jf_warn(b->warnings, "W_ROWS_DROPPED",
                "%zu of %zu rows were left out because a value is missing (first '%s')",
                b->problem->n_missing, b->n_rows, notes->column);
    if (b->problem->n_not_finite)
        jf_warn(b->warnings, "W_ROWS_DROPPED",
                "%zu of %zu rows were left out because the formula is not finite there (first %s)",
                b->problem->n_not_finite, b->n_rows,
                jf_row_place(b->table, notes->first_row, place, sizeof place));
    if (b->problem->n_weightless)
        jf_warn(b->warnings, "W_ROWS_DROPPED", "%zu of %zu rows were left out because their weight is zero",
                b->problem->n_weightless, b->n_rows);
}

/* The candidates as they are: nothing is left out so far. What follows from the response is not stored, and
 * the raw response not copied while all rows of the table are fitted. */
static jf_status take_all(jf_builder *b, const jf_column *raw)
{
    jf_problem *problem = b->problem;
    size_t n = b->n_rows;
    bool plain = jf_transform_is_identity(problem->transform);
    bool derived = plain || jf_transform_is_log(problem->transform);

    problem->raw = raw->values;
    problem->borrows_raw = true;
    if (plain) {
        problem->response = problem->raw;
        return JF_OK;
    }
    problem->response = JF_NEW_ARRAY(double, n);
    problem->log_slope = derived ? NULL : JF_NEW_ARRAY(double, n);
    if (!problem->response || (!problem->log_slope && !derived))
        return jf_fail(b->err, JF_ENOMEM, "out of memory for the response");
    return jf_transform_forward(problem->transform, &b->columns, b->rows, n, problem->response,
                                problem->log_slope, b->err);
}

/* From here on rows are listed and the raw response is copied; the first n candidates were kept. */
static jf_status list_rows(jf_builder *b, size_t n)
{
    jf_problem *problem = b->problem;
    double *raw = JF_NEW_ARRAY(double, b->n_rows);
    const double *column = problem->raw;

    problem->rows = JF_NEW_ARRAY(size_t, b->n_rows);
    if (!raw || !problem->rows) {
        jf_free(raw);
        return jf_fail(b->err, JF_ENOMEM, "out of memory for the response");
    }
    for (size_t i = 0; i < n; i++) {
        problem->rows[i] = jf_builder_row(b, i);
        raw[i] = column[problem->rows[i]];
    }
    if (problem->response == problem->raw) problem->response = raw;
    problem->raw = raw;
    problem->borrows_raw = false;
    return JF_OK;
}

/* Keeps candidate i, of that raw response, as row `to` of the problem. */
static void keep_row(jf_builder *b, size_t i, double raw, size_t to)
{
    jf_problem *problem = b->problem;

    problem->rows[to] = jf_builder_row(b, i);
    if (problem->response != problem->raw) problem->response[to] = problem->response[i];
    problem->raw[to] = raw;
    if (problem->log_slope) problem->log_slope[to] = problem->log_slope[i];
}

/* The weights of the rows that are kept. */
static jf_status take_weights(jf_builder *b)
{
    jf_problem *problem = b->problem;

    if (!b->all_weights) return JF_OK;
    if (!problem->rows) {
        problem->weight = b->all_weights;
        b->all_weights = NULL;
        return JF_OK;
    }
    problem->weight = JF_NEW_ARRAY(double, problem->n);
    if (!problem->weight) return jf_fail(b->err, JF_ENOMEM, "out of memory for weights");
    for (size_t i = 0; i < problem->n; i++) problem->weight[i] = b->all_weights[problem->rows[i]];
    return JF_OK;
}

/* Judges all candidates and keeps those that can be fitted. */
static jf_status judge_rows(jf_builder *b, const double *raw, judgement *notes)
{
    jf_status status = JF_OK;
    jf_problem *problem = b->problem;
    bool plain = problem->response == problem->raw, keep;

    if (b->rows) JF_TRY(list_rows(b, 0));
    for (size_t i = 0; i < b->n_rows; i++) {
        double y = raw[jf_builder_row(b, i)];

        if (i % JF_STOP_ROWS == 0) JF_TRY(jf_stop_check(b->err));
        JF_TRY(judge_row(b, i, plain ? y : problem->response[i], y, notes, &keep));
        if (!keep && !problem->rows) JF_TRY(list_rows(b, i));
        if (!keep) continue;
        if (problem->rows) keep_row(b, i, y, problem->n);
        problem->n++;
    }
done:
    return status;
}

/* Response of all candidates, and those of them that can be fitted into problem->rows, response, raw, ... */
jf_status jf_problem_choose_rows(jf_builder *b)
{
    jf_status status = JF_OK;
    jf_problem *problem = b->problem;
    const jf_column *raw = NULL;
    size_t n = b->n_rows;
    judgement notes = {0};

    JF_TRY(list_columns(b, problem->law->response, &notes.of_response));
    JF_TRY(list_columns(b, problem->law->formula, &notes.of_formula));
    JF_TRY(jf_table_get(b->table, jf_transform_raw(problem->transform), &raw, b->err));
    JF_TRY(take_all(b, raw));
    JF_TRY(judge_rows(b, raw->values, &notes));
    JF_TRY(take_weights(b));
    tell_drops(b, &notes);
    if (problem->n == 0 && problem->n_weightless)
        status = jf_fail(b->err, JF_EDATA,
                         "law '%s': no row with a weight above zero has all the values that it needs",
                         problem->law->name);
    else if (problem->n == 0)
        status =
            jf_fail(b->err, JF_EDATA, "law '%s': none of %zu rows has all the values that it needs%s%s%s",
                    problem->law->name, n, notes.column ? " (first missing: '" : "",
                    notes.column ? notes.column : "", notes.column ? "')" : "");
done:
    jf_free((void *)notes.of_response.columns);
    jf_free((void *)notes.of_formula.columns);
    return status;
}
