/* From a law and a table to the numbers that solvers work on. */
#include "fit/problem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/expr/evaluate.h"
#include "core/memory.h"
#include "core/text.h"
#include "fit/problem_law.h"
#include "fit/ranges.h"

/* What the steps of building share. */
typedef struct builder {
    jf_problem *problem;
    const jf_table *table;
    jf_columns columns;
    const jf_fit_options *options;
    jf_warnings *warnings;
    const size_t *rows; /* candidates; NULL: all */
    size_t n_rows;
    const char **declared;
    size_t n_declared;
    double *all_weights; /* by row of the table, or NULL */
    jf_error *err;
} builder;

void jf_problem_free(jf_problem *problem)
{
    if (!problem) return;
    jf_inputs_free(problem->inputs);
    if (!problem->shares) {
        jf_formula_free(problem->formula);
        jf_transform_free(problem->transform);
        jf_law_free(problem->owned_law);
    }
    jf_free(problem->rows);
    jf_free(problem->response);
    jf_free(problem->log_slope);
    jf_free(problem->raw);
    jf_free(problem->weight);
    jf_free(problem->lower);
    jf_free(problem->upper);
    jf_free(problem->fixed);
    jf_free(problem->start);
    jf_free(problem->range_low);
    jf_free(problem->range_high);
    jf_free(problem->log_range);
    jf_free(problem);
}

size_t jf_problem_n_free(const jf_problem *problem)
{
    size_t n = 0;

    for (size_t j = 0; j < problem->k; j++) n += !problem->fixed[j];
    return n;
}

const char *jf_row_place(const jf_table *table, size_t row, char *buffer, size_t size)
{
    if (table->file && table->lines)
        snprintf(buffer, size, "%s:%zu", table->file, table->lines[row]);
    else
        snprintf(buffer, size, "row %zu", row + 1);
    return buffer;
}

static size_t row_at(const builder *b, size_t i)
{
    return b->rows ? b->rows[i] : i;
}

/* ---- binding ---- */

static jf_status declare(builder *b)
{
    const jf_law *law = b->problem->law;
    size_t most = law->n_specs + b->options->declared.n;

    b->declared = JF_NEW_ARRAY(const char *, most);
    if (!b->declared) return jf_fail(b->err, JF_ENOMEM, "out of memory for names");
    for (size_t i = 0; i < law->n_specs; i++)
        if (law->specs[i].declared && !strchr(law->specs[i].name, '['))
            b->declared[b->n_declared++] = law->specs[i].name;
    for (size_t i = 0; i < b->options->declared.n; i++)
        b->declared[b->n_declared++] = b->options->declared.items[i];
    return JF_OK;
}

static jf_status bind(builder *b, jf_warnings *warnings)
{
    jf_problem *problem = b->problem;
    jf_bind_options options = {
        .declared = b->declared, .n_declared = b->n_declared, .allow_typos = problem->law->from_catalogue};
    jf_status status = JF_OK;

    jf_inputs_free(problem->inputs);
    problem->inputs = NULL;
    jf_formula_free(problem->formula);
    problem->formula = NULL;
    JF_TRY(jf_formula_bind("law", problem->law->formula, &b->columns, b->rows, b->n_rows, &options, warnings,
                           &problem->formula, b->err));
    JF_TRY(
        jf_inputs_build(problem->formula, &b->columns, b->rows, b->n_rows, NULL, &problem->inputs, b->err));
done:
    return status;
}

/* ---- weights ---- */

static jf_status check_weight(const builder *b, size_t row, const char *what, double value)
{
    char place[512], number[JF_NUMBER_TEXT];

    if (isnan(value)) return JF_OK;
    if (value >= 0 && isfinite(value) && (value > 0 || !b->options->sigma)) return JF_OK;
    return jf_fail(b->err, JF_EDATA, "%s: %s: expected a finite number %s 0, found %s",
                   jf_row_place(b->table, row, place, sizeof place), what,
                   b->options->sigma ? "above" : "not below", jf_number_short(number, value, 6));
}

/* --weights or --sigma on every row of the table; sigma becomes 1/sigma^2. */
static jf_status read_weights(builder *b)
{
    jf_status status = JF_OK;
    const char *what = b->options->sigma ? "--sigma" : "--weights";
    const char *text = b->options->sigma ? b->options->sigma : b->options->weights;
    jf_column column = {0};
    jf_ast *ast = NULL;

    b->problem->weights_kind =
        b->options->sigma ? JF_WEIGHTS_ABSOLUTE : (jf_weights_kind)b->options->weights_kind;
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
        size_t row = row_at(b, i);
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

typedef struct name_at_row {
    const builder *b;
    size_t row;
    const char *missing; /* first name read whose value is missing there */
} name_at_row;

static bool is_missing(const jf_column *column, size_t row)
{
    return column->kind == JF_LABEL ? column->codes[row] < 0 : isnan(column->values[row]);
}

static void see_missing(void *context, const jf_ast *node, const char *name, bool is_level_column)
{
    name_at_row *at = context;
    const jf_column *column = jf_table_find(at->b->table, name);

    (void)node, (void)is_level_column;
    if (at->missing || !column || !is_missing(column, at->row)) return;
    for (size_t i = 0; i < at->b->n_declared && !is_level_column; i++)
        if (strcmp(at->b->declared[i], name) == 0) return; /* a parameter of that name */
    at->missing = name;
}

/* The first column of the tree that has no value in this row, or NULL. */
static const char *missing_column(const builder *b, const jf_ast *ast, size_t row)
{
    name_at_row at = {.b = b, .row = row};

    jf_ast_names(ast, see_missing, &at);
    return at.missing;
}

static jf_status response_fails(const builder *b, size_t row, double raw)
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

/* Why rows were left out, for one warning. */
typedef struct drop_notes {
    const char *column; /* first missing one */
    size_t first_row;   /* first row where the formula is not finite */
} drop_notes;

/* Is candidate i usable? Counts it where not. `z` and `raw` are by candidate. */
static jf_status judge_row(builder *b, size_t i, double z, double raw, drop_notes *notes, bool *keep)
{
    jf_problem *problem = b->problem;
    size_t row = row_at(b, i);
    const char *missing = missing_column(b, problem->law->response, row);
    bool incomplete = jf_inputs_row_missing(problem->inputs, i);

    *keep = false;
    if (!missing && incomplete) missing = missing_column(b, problem->law->formula, row);
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

static void tell_drops(const builder *b, const drop_notes *notes)
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

/* Response of all candidates, and those of them that can be fitted into problem->rows, response, raw, ... */
static jf_status choose_rows(builder *b)
{
    jf_status status = JF_OK;
    jf_problem *problem = b->problem;
    const jf_column *raw = NULL;
    size_t n = b->n_rows;
    drop_notes notes = {0};

    problem->rows = JF_NEW_ARRAY(size_t, n);
    problem->response = JF_NEW_ARRAY(double, n);
    problem->log_slope = JF_NEW_ARRAY(double, n);
    problem->raw = JF_NEW_ARRAY(double, n);
    problem->weight = b->all_weights ? JF_NEW_ARRAY(double, n) : NULL;
    JF_TRY_NEW(problem->rows && problem->response && problem->log_slope && problem->raw &&
                       (problem->weight || !b->all_weights)
                   ? problem
                   : NULL,
               b->err, "the response");
    JF_TRY(jf_table_get(b->table, jf_transform_raw(problem->transform), &raw, b->err));
    JF_TRY(jf_transform_forward(problem->transform, &b->columns, b->rows, n, problem->response,
                                problem->log_slope, b->err));
    for (size_t i = 0; i < n; i++) {
        bool keep;
        size_t row = row_at(b, i), to = problem->n;
        JF_TRY(judge_row(b, i, problem->response[i], raw->values[row], &notes, &keep));
        if (!keep) continue;
        problem->rows[to] = row;
        problem->response[to] = problem->response[i];
        problem->log_slope[to] = problem->log_slope[i];
        problem->raw[to] = raw->values[row];
        if (problem->weight) problem->weight[to] = b->all_weights[row];
        problem->n++;
    }
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
    return status;
}

/* ---- parameters ---- */

/* What the law says of one parameter: the settings of its base, overlaid by those of its level. */
static jf_parameter_spec spec_of(const jf_law *law, const jf_parameter *parameter)
{
    jf_parameter_spec merged = {.range_low = NAN,
                                .range_high = NAN,
                                .lower = -INFINITY,
                                .upper = INFINITY,
                                .start = NAN,
                                .fixed = NAN,
                                .published = NAN};
    const jf_parameter_spec *base = jf_law_find_spec(law, parameter->base);
    const jf_parameter_spec *own = parameter->level ? jf_law_find_spec(law, parameter->name) : NULL;

    if (base) merged = *base;
    if (!own) return merged;
    if (!isnan(own->start)) merged.start = own->start;
    if (!isnan(own->fixed)) merged.fixed = own->fixed;
    if (!isnan(own->published)) merged.published = own->published;
    if (own->lower > -INFINITY) merged.lower = own->lower;
    if (own->upper < INFINITY) merged.upper = own->upper;
    if (!isnan(own->range_low)) {
        merged.range_low = own->range_low;
        merged.range_high = own->range_high;
        merged.log_range = own->log_range;
    }
    return merged;
}

/* Squeezes the range between the bounds; never leaves it empty, infinite or, where logarithmic, at zero. */
static void fit_range(jf_range *range, double lower, double upper)
{
    if (range->log && upper <= 0) range->log = false;
    if (range->log && range->low <= 0) range->low = range->high > 0 ? range->high * 1e-6 : 1e-6;
    range->low = fmax(range->low, lower);
    range->high = fmin(range->high, upper);
    if (range->low < range->high) return;
    range->log = false;
    if (isfinite(lower) && isfinite(upper))
        *range = (jf_range){lower, upper, false};
    else if (isfinite(lower))
        *range = (jf_range){lower, lower + fabs(lower) + 1, false};
    else if (isfinite(upper))
        *range = (jf_range){upper - fabs(upper) - 1, upper, false};
}

static jf_status set_parameter(builder *b, size_t j, const jf_parameter *parameter, jf_range range)
{
    jf_problem *problem = b->problem;
    jf_parameter_spec spec = spec_of(problem->law, parameter);
    char number[JF_NUMBER_TEXT];

    problem->lower[j] = spec.lower;
    problem->upper[j] = spec.upper;
    problem->start[j] = spec.start;
    if (!isnan(spec.fixed)) {
        if (spec.fixed < spec.lower || spec.fixed > spec.upper)
            return jf_fail(b->err, JF_EUSAGE, "parameter '%s' is fixed at %s, outside of its bounds",
                           parameter->name, jf_number_short(number, spec.fixed, 6));
        problem->lower[j] = problem->upper[j] = spec.fixed;
    }
    problem->fixed[j] = problem->lower[j] == problem->upper[j];
    if (!isnan(spec.start)) problem->start[j] = fmin(fmax(spec.start, problem->lower[j]), problem->upper[j]);
    if (problem->fixed[j]) {
        problem->start[j] = problem->lower[j];
        range = (jf_range){problem->lower[j], problem->lower[j], false};
    } else {
        if (spec.lower >= 0 && spec.positive && range.low > 0) range.log = true;
        fit_range(&range, problem->lower[j], problem->upper[j]);
    }
    problem->range_low[j] = range.low;
    problem->range_high[j] = range.high;
    problem->log_range[j] = range.log;
    return JF_OK;
}

static void response_ends(const jf_problem *problem, double *low, double *high)
{
    *low = INFINITY;
    *high = -INFINITY;
    for (size_t i = 0; i < problem->n; i++) {
        *low = fmin(*low, problem->response[i]);
        *high = fmax(*high, problem->response[i]);
    }
}

/* Ranges by slot: the law's own, and guesses where it says nothing. */
static void find_ranges(builder *b, jf_range *ranges)
{
    jf_problem *problem = b->problem;
    double low, high;

    for (size_t s = 0; s < jf_formula_n_slots(problem->formula); s++) {
        const jf_slot *slot = jf_formula_slot(problem->formula, s);
        jf_parameter_spec spec = {.range_low = NAN};
        if (slot->n) spec = spec_of(problem->law, jf_formula_parameter(problem->formula, slot->first));
        ranges[s] = (jf_range){spec.range_low, spec.range_high, spec.log_range};
        if (!isnan(spec.fixed)) ranges[s] = (jf_range){spec.fixed, spec.fixed, false};
    }
    response_ends(problem, &low, &high);
    jf_ranges_guess(problem->law->formula, problem->formula, &b->columns, problem->rows, problem->n, low,
                    high, ranges);
}

static jf_status set_parameters(builder *b)
{
    jf_status status = JF_OK;
    jf_problem *problem = b->problem;
    size_t k = jf_formula_n_parameters(problem->formula);
    jf_range *ranges = JF_NEW_ZEROED(jf_range, jf_formula_n_slots(problem->formula));

    problem->k = k;
    problem->lower = JF_NEW_ARRAY(double, k);
    problem->upper = JF_NEW_ARRAY(double, k);
    problem->fixed = JF_NEW_ZEROED(bool, k);
    problem->start = JF_NEW_ARRAY(double, k);
    problem->range_low = JF_NEW_ARRAY(double, k);
    problem->range_high = JF_NEW_ARRAY(double, k);
    problem->log_range = JF_NEW_ZEROED(bool, k);
    JF_TRY_NEW(ranges && problem->lower && problem->upper && problem->fixed && problem->start &&
                       problem->range_low && problem->range_high && problem->log_range
                   ? problem
                   : NULL,
               b->err, "parameters");
    find_ranges(b, ranges);
    for (size_t j = 0; j < k; j++) {
        const jf_parameter *parameter = jf_formula_parameter(problem->formula, j);
        JF_TRY(set_parameter(b, j, parameter, ranges[parameter->slot]));
    }
done:
    jf_free(ranges);
    return status;
}

static jf_status check_counts(const builder *b)
{
    const jf_problem *problem = b->problem;
    long unused = jf_formula_unused(problem->formula);
    size_t n_free = jf_problem_n_free(problem);

    if (unused >= 0)
        return jf_fail(b->err, JF_EUSAGE, "law '%s': the formula does not depend on its parameter '%s'",
                       problem->law->name, jf_formula_parameter(problem->formula, (size_t)unused)->name);
    if (n_free > problem->n)
        return jf_fail(b->err, JF_EDATA, "law '%s' has %zu free parameters, but only %zu row%s can be used",
                       problem->law->name, n_free, problem->n, problem->n == 1 ? "" : "s");
    return JF_OK;
}

static jf_status build(builder *b)
{
    jf_status status = JF_OK;
    jf_problem *problem = b->problem;

    JF_TRY(declare(b));
    JF_TRY(jf_problem_law_inputs(problem->law, b->table, b->err));
    JF_TRY(jf_transform_new(problem->law->response, b->options->response, &b->columns, &problem->transform,
                            b->err));
    JF_TRY(bind(b, b->warnings));
    JF_TRY(read_weights(b));
    JF_TRY(choose_rows(b));
    if (problem->n < b->n_rows) { /* levels and learned constants are those of the rows that are fitted */
        b->rows = problem->rows;
        b->n_rows = problem->n;
        JF_TRY(bind(b, NULL));
    }
    JF_TRY(jf_problem_law_settings(problem->law, problem->formula, b->table, b->err));
    JF_TRY(set_parameters(b));
    JF_TRY(check_counts(b));
done:
    return status;
}

jf_status jf_problem_build(const jf_law *law, const jf_table *table, const size_t *rows, size_t n_rows,
                           const jf_fit_options *options, jf_warnings *warnings, jf_problem **out,
                           jf_error *err)
{
    jf_status status = JF_OK;
    builder b = {
        .table = table, .columns = jf_table_columns(table), .options = options, .warnings = warnings};

    *out = NULL;
    b.rows = rows;
    b.n_rows = rows ? n_rows : table->n_rows;
    b.err = err;
    b.problem = JF_NEW(jf_problem);
    JF_TRY_NEW(b.problem, err, "a problem");
    JF_TRY(jf_problem_law_prepare(law, options->error, &b.columns, &b.problem->owned_law, err));
    b.problem->law = b.problem->owned_law;
    b.problem->error = b.problem->owned_law->error;
    JF_TRY(build(&b));
    *out = b.problem;
    b.problem = NULL;
done:
    jf_problem_free(b.problem);
    jf_free(b.declared);
    jf_free(b.all_weights);
    return status;
}

/* ---- subsets ---- */

static double *gather(const double *from, const size_t *index, size_t n)
{
    double *to = JF_NEW_ARRAY(double, n);

    for (size_t i = 0; to && i < n; i++) to[i] = from[index[i]];
    return to;
}

static void *copy_array(const void *from, size_t n, size_t size)
{
    void *to = jf_alloc(n, size);

    if (to && n) memcpy(to, from, n * size);
    return to;
}

static bool gather_rows(jf_problem *part, const jf_problem *whole, const size_t *index, size_t n)
{
    part->n = n;
    part->rows = JF_NEW_ARRAY(size_t, n);
    for (size_t i = 0; part->rows && i < n; i++) part->rows[i] = whole->rows[index[i]];
    part->response = gather(whole->response, index, n);
    part->log_slope = gather(whole->log_slope, index, n);
    part->raw = gather(whole->raw, index, n);
    part->weight = whole->weight ? gather(whole->weight, index, n) : NULL;
    return part->rows && part->response && part->log_slope && part->raw && (part->weight || !whole->weight);
}

static bool copy_parameters(jf_problem *part, const jf_problem *whole)
{
    size_t k = whole->k;

    part->k = k;
    part->lower = copy_array(whole->lower, k, sizeof(double));
    part->upper = copy_array(whole->upper, k, sizeof(double));
    part->fixed = copy_array(whole->fixed, k, sizeof(bool));
    part->start = copy_array(whole->start, k, sizeof(double));
    part->range_low = copy_array(whole->range_low, k, sizeof(double));
    part->range_high = copy_array(whole->range_high, k, sizeof(double));
    part->log_range = copy_array(whole->log_range, k, sizeof(bool));
    return part->lower && part->upper && part->fixed && part->start && part->range_low && part->range_high &&
           part->log_range;
}

jf_status jf_problem_subset(const jf_problem *whole, const size_t *index, size_t n, jf_problem **out,
                            jf_error *err)
{
    jf_status status = JF_OK;
    jf_problem *part = JF_NEW(jf_problem);

    *out = NULL;
    JF_TRY_NEW(part, err, "a part of the rows");
    part->shares = true;
    part->law = whole->law;
    part->formula = whole->formula;
    part->transform = whole->transform;
    part->error = whole->error;
    part->weights_kind = whole->weights_kind;
    JF_TRY_NEW(gather_rows(part, whole, index, n) && copy_parameters(part, whole) ? part : NULL, err,
               "a part of the rows");
    JF_TRY(jf_inputs_subset(whole->formula, whole->inputs, index, n, NULL, &part->inputs, err));
    *out = part;
    part = NULL;
done:
    jf_problem_free(part);
    return status;
}
