/* A sweep whose truth is known, and comparisons on it: shared by tests of selection. */
#ifndef JF_TESTS_COMPARE_SWEEP_H
#define JF_TESTS_COMPARE_SWEEP_H

#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/stream.h"
#include "fit/select/compare.h"
#include "tests/check.h"

enum { N = 240, N_GROUPS = 60 };

/* Energy = time with a fixed part and a part by work, at three strategies; a group is one configuration. */
typedef struct sweep {
    jf_table *table;
    jf_groups groups;
    uint32_t group[N];
} sweep;

static inline double *column_values(jf_table *table, const char *name)
{
    const jf_column *column = jf_table_find(table, name);
    assert_true(column && column->values);
    return column->values;
}

static inline void add_numbers(jf_table *table, const char *name, const double *values, jf_known known)
{
    jf_column column = {.name = jf_copy_text(name), .kind = JF_NUMERIC, .known = known};
    jf_error err = {0};

    column.values = JF_NEW_ARRAY(double, table->n_rows);
    assert_non_null(column.values);
    memcpy(column.values, values, table->n_rows * sizeof *values);
    check_ok(jf_table_add(table, &column, false, &err), &err);
}

static inline void add_labels(jf_table *table, const char *name, const int32_t *codes,
                              const char *const *levels, size_t n_levels)
{
    jf_column column = {.name = jf_copy_text(name), .kind = JF_LABEL, .n_levels = n_levels};
    jf_error err = {0};

    column.codes = JF_NEW_ARRAY(int32_t, table->n_rows);
    column.levels = JF_NEW_ARRAY(char *, n_levels);
    assert_true(column.codes && column.levels);
    memcpy(column.codes, codes, table->n_rows * sizeof *codes);
    for (size_t i = 0; i < n_levels; i++) column.levels[i] = jf_copy_text(levels[i]);
    check_ok(jf_table_add(table, &column, false, &err), &err);
}

static inline void make_sweep(uint64_t seed, double noise, sweep *out)
{
    static const char *const strategies[] = {"Baseline", "FSDP", "TP"};
    jf_stream stream = jf_stream_make(seed, JF_FOR_TESTS, 3);
    double work[N], layers[N], energy[N], duration[N], gpus[N];
    int32_t strategy[N];
    jf_error err = {0};

    memset(out, 0, sizeof *out);
    for (size_t g = 0; g < N_GROUPS; g++) {
        double w = exp(5 * jf_stream_uniform(&stream)), l = (double)(2 + jf_stream_below(&stream, 23));
        double shared = noise / 2 * jf_stream_normal(&stream);
        for (size_t m = 0; m < N / N_GROUPS; m++) {
            size_t i = g + m * N_GROUPS;
            out->group[i] = (uint32_t)g;
            work[i] = w;
            layers[i] = l;
            strategy[i] = (int32_t)(m % 3);
            gpus[i] = strategy[i] == 0 ? 1 : 4;
            duration[i] = (3 + 0.4 * l + 0.5 * w) * (1 + 0.3 * strategy[i]);
            energy[i] = 200 * duration[i] * exp(shared + noise * jf_stream_normal(&stream));
        }
    }
    check_ok(jf_table_new(N, &out->table, &err), &err);
    add_numbers(out->table, "work", work, JF_PRE_RUN);
    add_numbers(out->table, "layers", layers, JF_PRE_RUN);
    add_numbers(out->table, "gpus", gpus, JF_PRE_RUN);
    add_numbers(out->table, "duration", duration, JF_POST_RUN);
    add_numbers(out->table, "energy", energy, JF_POST_RUN);
    add_labels(out->table, "strategy", strategy, strategies, 3);
    out->groups = (jf_groups){N, out->group, N_GROUPS};
}

static inline void free_sweep(sweep *s)
{
    jf_table_free(s->table);
}

static inline void read_laws(const char *const *texts, size_t n, jf_laws *out)
{
    jf_error err = {0};

    memset(out, 0, sizeof *out);
    out->items = JF_NEW_ZEROED(jf_law *, n);
    assert_non_null(out->items);
    out->capacity = n;
    for (size_t i = 0; i < n; i++) {
        check_ok(jf_law_read(texts[i], &out->items[i], &err), &err);
        out->n++;
    }
}

static inline void set_defaults(jf_compare_options *options)
{
    memset(options, 0xA5, sizeof *options); /* what a table does not set would show */
    memset(&options->validate, 0, sizeof options->validate);
    options->keep_predictions = true;
    options->pre_run = false;
    memset(&options->fit, 0, sizeof options->fit);
    jf_options_default(jf_compare_options_table, options);
    jf_fit_options_default(&options->fit);
    options->fit.seed = 5;
    options->fit.threads = 1;
    options->fit.starts = 8;
    options->trees = false; /* slow, and not everywhere: tests/unit/test_compare_trees.c */
}

static inline jf_comparison *compare(const sweep *s, const char *const *texts, size_t n,
                                     const char *const *plans, size_t n_plans,
                                     const jf_compare_options *given)
{
    jf_compare_options options = *given;
    jf_comparison *c = NULL;
    jf_laws laws;
    jf_error err = {0};

    options.validate = (jf_option_list){(const char **)plans, n_plans, n_plans};
    read_laws(texts, n, &laws);
    check_ok(jf_compare_run(&laws, s->table, NULL, 0, &s->groups, &options, &c, &err), &err);
    jf_laws_free(&laws);
    return c;
}

#endif
