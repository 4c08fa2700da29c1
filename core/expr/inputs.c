/* The parts of a formula that depend on data only, evaluated once for a list of rows. */
#include "core/expr/bound.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/summary.h"

void jf_inputs_free(jf_inputs *inputs)
{
    if (!inputs) return;
    for (size_t i = 0; inputs->codes && i < inputs->n_codes; i++) jf_free(inputs->codes[i]);
    jf_free(inputs->codes);
    jf_free(inputs->bad);
    jf_free(inputs->learned);
    jf_matrix_free(&inputs->columns);
    jf_matrix_free(&inputs->sources);
    jf_free(inputs);
}

static jf_inputs *new_inputs(const jf_formula *f, size_t n_rows)
{
    jf_inputs *made = JF_NEW(jf_inputs);

    if (!made) return NULL;
    made->n_rows = n_rows;
    made->n_codes = f->n_levels;
    made->codes = JF_NEW_ZEROED(int32_t *, f->n_levels);
    made->learned = JF_NEW_ZEROED(double, f->n_learned);
    if (!made->codes || !made->learned || !jf_matrix_new(n_rows, f->inputs.n, &made->columns)) goto failed;
    for (size_t i = 0; i < f->n_levels; i++)
        if (!(made->codes[i] = JF_NEW_ZEROED(int32_t, n_rows + JF_LANES))) goto failed;
    return made;
failed:
    jf_inputs_free(made);
    return NULL;
}

static void pad_codes(int32_t *codes, size_t n)
{
    for (size_t i = n; n && i < n + JF_LANES; i++) codes[i] = codes[n - 1];
}

/* ---- the data program ---- */

/* Where the program's columns come from: a matrix that is there, or readers that fill one block at a time. */
typedef struct supply {
    const jf_formula *formula;
    const jf_inputs *inputs; /* for level codes */
    const jf_matrix *sources;
    const jf_readers *readers;
    jf_rows rows;
    jf_matrix block;
    jf_matrix registers;
    double *scalars;
} supply;

static void read_block(const supply *s, size_t row, size_t n, double *out, size_t stride)
{
    const jf_formula *f = s->formula;

    for (size_t i = 0; i < f->n_sources; i++)
        jf_readers_read(s->readers, i, &s->rows, row, n, out + i * stride);
    for (size_t k = 0; k < f->n_levels; k++) {
        double *to = out + (f->n_sources + k) * stride;
        for (size_t i = 0; i < n; i++) to[i] = s->inputs->codes[k][row + i] == -2;
        jf_pad(to, n);
    }
}

static size_t most_registers(const jf_formula *f)
{
    size_t most = f->data.n_registers;
    for (size_t i = 0; i < f->n_learned; i++)
        if (f->learned[i].program.n_registers > most) most = f->learned[i].program.n_registers;
    return most;
}

static size_t most_scalars(const jf_formula *f)
{
    size_t most = f->data.n_scalars;
    for (size_t i = 0; i < f->n_learned; i++)
        if (f->learned[i].program.n_scalars > most) most = f->learned[i].program.n_scalars;
    return most;
}

static jf_status open_supply(supply *s, jf_error *err)
{
    const jf_formula *f = s->formula;

    s->scalars = JF_NEW_ARRAY(double, most_scalars(f));
    if (!s->scalars || !jf_matrix_new(most_registers(f) * JF_REGISTER, 1, &s->registers) ||
        (!s->sources && !jf_matrix_new(JF_BLOCK, f->n_sources + f->n_levels, &s->block)))
        return jf_fail(err, JF_ENOMEM, "out of memory for a formula's columns");
    return JF_OK;
}

static void close_supply(supply *s)
{
    jf_matrix_free(&s->block);
    jf_matrix_free(&s->registers);
    jf_free(s->scalars);
}

/* Takes n values of a result, of rows [row, row + n). */
typedef void (*taker)(void *context, size_t result, size_t row, size_t n, const double *values);

static void run_program(supply *s, const jf_program *program, const double *learned, taker take,
                        void *context)
{
    jf_frame frame = {.registers = s->registers.values, .scalars = s->scalars};

    jf_program_scalars(program, learned, s->scalars);
    jf_program_fill(program, &frame);
    for (size_t row = 0; row < s->rows.n; row += JF_BLOCK) {
        size_t n = s->rows.n - row < JF_BLOCK ? s->rows.n - row : JF_BLOCK;
        if (!s->sources) read_block(s, row, n, s->block.values, s->block.stride);
        frame.columns = s->sources ? s->sources->values + row : s->block.values;
        frame.stride = s->sources ? s->sources->stride : s->block.stride;
        jf_program_run(program, &frame, n);
        for (size_t r = 0; r < program->n_results; r++)
            take(context, r, row, n, jf_program_result(program, &frame, r));
    }
}

/* What the data program fills. */
typedef struct filling {
    jf_inputs *inputs;
    const jf_formula *formula;
    bool starved;
} filling;

/* Marks rows as bad; memory for marks is there from the first bad one on. */
static void mark_bad(filling *to, size_t row, size_t n, const double *values)
{
    jf_inputs *inputs = to->inputs;
    bool any = inputs->bad;

    for (size_t i = 0; i < n && !any; i++) any = values[i] != 0;
    if (!any) return;
    if (!inputs->bad) inputs->bad = JF_NEW_ZEROED(bool, inputs->n_rows);
    to->starved = to->starved || !inputs->bad;
    for (size_t i = 0; i < n && !to->starved; i++) inputs->bad[row + i] = values[i] != 0;
}

static void take_input(void *context, size_t result, size_t row, size_t n, const double *values)
{
    filling *to = context;
    jf_matrix *columns = &to->inputs->columns;

    if (result < to->formula->inputs.n)
        memcpy(columns->values + result * columns->stride + row, values, n * sizeof *values);
    else
        mark_bad(to, row, n, values);
}

/* ---- learning ---- */

static void take_argument(void *context, size_t result, size_t row, size_t n, const double *values)
{
    (void)result;
    memcpy((double *)context + row, values, n * sizeof *values);
}

/* Missing and infinite values take no part: rows that have them are not fitted. */
static double summarize(jf_statistic statistic, double *values, size_t n_rows)
{
    size_t n = 0;
    double sum = 0, mean, squares = 0;

    for (size_t i = 0; i < n_rows; i++)
        if (isfinite(values[i])) values[n++] = values[i];
    if (n == 0) return NAN;
    if (statistic == JF_MEDIAN) return jf_median(values, n);
    for (size_t i = 0; i < n; i++) sum += values[i];
    mean = sum / (double)n;
    if (statistic == JF_MEAN) return mean;
    for (size_t i = 0; i < n; i++) squares += (values[i] - mean) * (values[i] - mean);
    return n > 1 ? sqrt(squares / (double)(n - 1)) : NAN;
}

/* Arguments may use values learned before: in order. */
static jf_status learn(supply *s, double *learned, jf_error *err)
{
    double *values = JF_NEW_ARRAY(double, s->rows.n);

    if (!values) return jf_fail(err, JF_ENOMEM, "out of memory for learned values");
    for (size_t i = 0; i < s->formula->n_learned; i++) {
        run_program(s, &s->formula->learned[i].program, learned, take_argument, values);
        learned[i] = summarize(s->formula->learned[i].statistic, values, s->rows.n);
    }
    jf_free(values);
    return JF_OK;
}

/* ---- building ---- */

/* Fills columns and bad from the sources that `s` supplies. */
static jf_status compute(supply *s, const double *learned, jf_inputs *inputs, jf_error *err)
{
    const jf_formula *f = s->formula;
    filling to = {inputs, f, false};
    jf_status status = JF_OK;

    JF_TRY(open_supply(s, err));
    if (learned && f->n_learned)
        memcpy(inputs->learned, learned, f->n_learned * sizeof *learned);
    else if (f->n_learned)
        JF_TRY(learn(s, inputs->learned, err));
    run_program(s, &f->data, inputs->learned, take_input, &to);
    if (to.starved) JF_TRY(jf_fail(err, JF_ENOMEM, "out of memory for a formula's rows"));
    for (size_t i = 0; i < f->inputs.n; i++)
        jf_pad(inputs->columns.values + i * inputs->columns.stride, inputs->n_rows);
done:
    close_supply(s);
    return status;
}

static jf_status read_sources(supply *s, jf_inputs *inputs, jf_error *err)
{
    size_t n = s->rows.n;

    if (!jf_matrix_new(n, s->formula->n_sources + s->formula->n_levels, &inputs->sources))
        return jf_fail(err, JF_ENOMEM, "out of memory for a formula's columns");
    for (size_t row = 0; row < n; row += JF_BLOCK)
        read_block(s, row, n - row < JF_BLOCK ? n - row : JF_BLOCK, inputs->sources.values + row,
                   inputs->sources.stride);
    s->sources = &inputs->sources;
    return JF_OK;
}

jf_status jf_inputs_build_with(const jf_formula *formula, const jf_columns *columns, jf_rows rows,
                               const double *learned, const char *replaced_name, const double *replaced,
                               jf_inputs **out, jf_error *err)
{
    jf_inputs *made = new_inputs(formula, rows.n);
    jf_readers readers = {0};
    supply s = {.formula = formula, .inputs = made, .readers = &readers, .rows = rows};
    jf_status status = JF_OK;

    *out = NULL;
    JF_TRY_NEW(made, err, "a formula's columns");
    JF_TRY(jf_readers_open(formula, columns, replaced_name, replaced, &readers, err));
    for (size_t i = 0; i < formula->n_levels; i++) {
        JF_TRY(jf_levels_code(&formula->levels[i], columns, rows, made->codes[i], err));
        pad_codes(made->codes[i], rows.n);
    }
    if (formula->n_learned) JF_TRY(read_sources(&s, made, err));
    JF_TRY(compute(&s, learned, made, err));
    *out = made;
    made = NULL;
done:
    jf_readers_close(&readers);
    jf_inputs_free(made);
    return status;
}

static void take_output(void *context, size_t result, size_t row, size_t n, const double *values)
{
    double *const *out = context;

    if (result < 2 && out[result]) memcpy(out[result] + row, values, n * sizeof *values);
}

jf_status jf_formula_write(const jf_formula *formula, const jf_columns *columns, jf_rows rows,
                           const char *replaced_name, const double *replaced, double *const out[2],
                           jf_error *err)
{
    jf_readers readers = {0};
    supply s = {.formula = formula, .readers = &readers, .rows = rows};
    jf_status status = JF_OK;

    JF_TRY(jf_readers_open(formula, columns, replaced_name, replaced, &readers, err));
    JF_TRY(open_supply(&s, err));
    run_program(&s, &formula->data, NULL, take_output, (void *)out);
done:
    close_supply(&s);
    jf_readers_close(&readers);
    return status;
}

jf_status jf_inputs_build(const jf_formula *formula, const jf_columns *columns, const size_t *rows,
                          size_t n_rows, const double *learned, jf_inputs **out, jf_error *err)
{
    jf_rows wanted = {rows, rows ? n_rows : columns->n_rows};
    return jf_inputs_build_with(formula, columns, wanted, learned, NULL, NULL, out, err);
}

static void gather(const jf_matrix *from, size_t n_columns, const size_t *index, size_t n, jf_matrix *to)
{
    for (size_t k = 0; k < n_columns; k++) {
        const double *source = from->values + k * from->stride;
        double *column = to->values + k * to->stride;
        for (size_t i = 0; i < n; i++) column[i] = source[index[i]];
        jf_pad(column, n);
    }
}

/* Learns anew, or evaluates with other learned values, from the sources that `whole` has kept. */
static jf_status recompute(const jf_formula *f, const jf_inputs *whole, const size_t *index,
                           const double *learned, jf_inputs *made, jf_error *err)
{
    supply s = {.formula = f, .inputs = made, .sources = &made->sources, .rows = {NULL, made->n_rows}};

    if (!jf_matrix_new(made->n_rows, f->n_sources + f->n_levels, &made->sources))
        return jf_fail(err, JF_ENOMEM, "out of memory for a formula's columns");
    gather(&whole->sources, f->n_sources + f->n_levels, index, made->n_rows, &made->sources);
    return compute(&s, learned, made, err);
}

static void gather_bad(const jf_inputs *whole, const size_t *index, size_t n, jf_inputs *part)
{
    for (size_t i = 0; part->bad && i < n; i++) part->bad[i] = whole->bad && whole->bad[index[i]];
}

jf_status jf_inputs_subset(const jf_formula *formula, const jf_inputs *whole, const size_t *index, size_t n,
                           const double *learned, jf_inputs **out, jf_error *err)
{
    jf_inputs *made = new_inputs(formula, n);
    jf_status status = JF_OK;

    *out = NULL;
    JF_TRY_NEW(made, err, "a formula's columns");
    for (size_t k = 0; k < formula->n_levels; k++) {
        for (size_t i = 0; i < n; i++) made->codes[k][i] = whole->codes[k][index[i]];
        pad_codes(made->codes[k], n);
    }
    if (formula->n_learned) {
        JF_TRY(recompute(formula, whole, index, learned, made, err));
    } else {
        gather(&whole->columns, formula->inputs.n, index, n, &made->columns);
        if (whole->bad) made->bad = JF_NEW_ARRAY(bool, n);
        if (whole->bad) JF_TRY_NEW(made->bad, err, "a formula's rows");
        gather_bad(whole, index, n, made);
    }
    *out = made;
    made = NULL;
done:
    jf_inputs_free(made);
    return status;
}

void jf_inputs_gather(const jf_formula *formula, const jf_inputs *whole, const size_t *index, size_t n,
                      jf_inputs *part)
{
    part->n_rows = n;
    for (size_t k = 0; k < formula->n_levels; k++) {
        for (size_t i = 0; i < n; i++) part->codes[k][i] = whole->codes[k][index[i]];
        pad_codes(part->codes[k], n);
    }
    gather(&whole->columns, formula->inputs.n, index, n, &part->columns);
    gather_bad(whole, index, n, part);
}

size_t jf_inputs_n_rows(const jf_inputs *inputs)
{
    return inputs->n_rows;
}

const double *jf_inputs_learned(const jf_inputs *inputs)
{
    return inputs->learned;
}

const int32_t *jf_inputs_codes(const jf_inputs *inputs, size_t input)
{
    return inputs->codes[input];
}

bool jf_inputs_row_missing(const jf_inputs *inputs, size_t i)
{
    return inputs->bad && inputs->bad[i];
}

const double *jf_inputs_column(const jf_inputs *inputs, size_t index)
{
    return inputs->columns.values + index * inputs->columns.stride;
}
