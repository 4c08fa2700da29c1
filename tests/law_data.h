/* Synthetic runs for a law of the catalogue: inputs drawn from the ranges that it names, the response from
 * planted parameters. Shared by property tests. */
#ifndef JF_TESTS_LAW_DATA_H
#define JF_TESTS_LAW_DATA_H

#include <math.h>
#include <string.h>
#include "core/expr/transform.h"
#include "core/memory.h"
#include "core/stream.h"
#include "data/table.h"
#include "fit/fit.h"
#include "fit/problem/problem_law.h"
#include "tests/check.h"

typedef struct law_data {
    jf_table *table;
    jf_law *prepared;    /* error kind worked in */
    jf_formula *formula; /* bound to the table */
    jf_inputs *inputs;
    double *planted; /* jf_formula_n_parameters */
    double *values;  /* the formula at the planted parameters */
} law_data;

static inline void name_of_response(void *context, const jf_ast *node, const char *name, bool is_level_column)
{
    (void)node, (void)is_level_column;
    *(const char **)context = name;
}

static inline void draw_numbers(const jf_law_input *input, jf_stream *stream, double *values, size_t n)
{
    bool wide = input->low > 0 && input->high / input->low >= 4;

    for (size_t i = 0; i < n; i++) {
        double u = jf_stream_uniform(stream);
        values[i] = isnan(input->low) ? 1
                    : wide            ? exp(log(input->low) + u * log(input->high / input->low))
                                      : input->low + u * (input->high - input->low);
    }
}

static inline void add_input(jf_table *table, const jf_law_input *input, jf_stream *stream, size_t n)
{
    jf_error err = {0};
    jf_column column = {.name = jf_copy_text(input->name)};

    if (input->n_levels) {
        column.kind = JF_LABEL;
        column.codes = JF_NEW_ARRAY(int32_t, n);
        column.levels = JF_NEW_ZEROED(char *, input->n_levels);
        column.n_levels = input->n_levels;
        for (size_t i = 0; i < input->n_levels; i++) column.levels[i] = jf_copy_text(input->levels[i]);
        for (size_t i = 0; i < n; i++) column.codes[i] = (int32_t)jf_stream_below(stream, input->n_levels);
    } else {
        column.values = JF_NEW_ARRAY(double, n);
        draw_numbers(input, stream, column.values, n);
    }
    check_ok(jf_table_add(table, &column, false, &err), &err);
}

/* Published constants where there are some, else a place inside the range; levels differ by a tenth. */
static inline double plant(const jf_law *law, const jf_parameter *parameter, size_t index)
{
    const jf_parameter_spec *spec = jf_law_find_spec(law, parameter->base);
    double share = 0.35 + 0.07 * (double)(index % 5);

    assert_non_null(spec);
    if (!isnan(spec->fixed)) return spec->fixed;
    if (!isnan(spec->published) && !parameter->level) return spec->published;
    if (spec->log_range) return exp(log(spec->range_low) + share * log(spec->range_high / spec->range_low));
    return spec->range_low + share * (spec->range_high - spec->range_low);
}

/* `noise` is the standard deviation on the scale that is fitted. */
static inline law_data draw_law_data(const jf_law *law, size_t n, double noise, uint64_t seed)
{
    law_data out = {0};
    jf_error err = {0};
    jf_stream stream = jf_stream_make(seed, JF_FOR_TESTS, 0);
    jf_columns columns;
    jf_transform *transform = NULL;
    jf_arena *arena = NULL;
    jf_column response = {0};
    const char *raw = NULL, *declared[64];
    jf_bind_options options = {.declared = declared, .allow_typos = true};

    jf_ast_names(law->response, name_of_response, &raw);
    for (size_t i = 0; i < law->n_specs; i++) declared[options.n_declared++] = law->specs[i].name;
    check_ok(jf_table_new(n, &out.table, &err), &err);
    for (size_t i = 0; i < law->n_inputs; i++) add_input(out.table, &law->inputs[i], &stream, n);
    columns = jf_table_columns(out.table);
    check_ok(jf_problem_law_prepare(law, NULL, &columns, &out.prepared, &err), &err);
    check_ok(jf_transform_new(out.prepared->response, raw, &columns, &transform, &err), &err);
    check_ok(
        jf_formula_bind("law", out.prepared->formula, &columns, NULL, n, &options, NULL, &out.formula, &err),
        &err);
    check_ok(jf_inputs_build(out.formula, &columns, NULL, n, NULL, &out.inputs, &err), &err);
    check_ok(jf_arena_new(out.formula, JF_GRADIENT, &arena, &err), &err);
    out.planted = JF_NEW_ARRAY(double, jf_formula_n_parameters(out.formula));
    out.values = JF_NEW_ARRAY(double, n);
    for (size_t j = 0; j < jf_formula_n_parameters(out.formula); j++)
        out.planted[j] = plant(law, jf_formula_parameter(out.formula, j), j);
    jf_formula_values(out.formula, out.inputs, arena, out.planted, out.values);
    response = (jf_column){.name = jf_copy_text(raw), .values = JF_NEW_ARRAY(double, n)};
    for (size_t i = 0; i < n; i++) out.values[i] += noise * jf_stream_normal(&stream);
    check_ok(jf_transform_inverse(transform, &columns, NULL, n, out.values, response.values, &err), &err);
    for (size_t i = 0; i < n; i++)
        if (!isfinite(response.values[i]))
            fail_msg("law '%s': row %zu of its own data is not finite", law->name, i);
    check_ok(jf_table_add(out.table, &response, true, &err), &err);
    jf_arena_free(arena);
    jf_transform_free(transform);
    return out;
}

static inline void free_law_data(law_data *data)
{
    jf_table_free(data->table);
    jf_law_free(data->prepared);
    jf_formula_free(data->formula);
    jf_inputs_free(data->inputs);
    jf_free(data->planted);
    jf_free(data->values);
}

static inline jf_fit_options test_fit_options(void)
{
    jf_fit_options options = {0};

    jf_fit_options_default(&options);
    options.seed = JF_DEFAULT_SEED;
    options.threads = 1;
    return options;
}

#endif
