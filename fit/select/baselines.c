/* Writes baseline laws as text and reads them like any other law. */
#include "fit/select/baselines.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/expr/ast.h"
#include "core/memory.h"
#include "core/text.h"

/* Columns that hold the number of GPUs, by names in use; the first that is there. */
static const char *const gpu_count_names[] = {"gpus",  "n_gpus",    "num_gpus",    "gpu_count",
                                              "ngpus", "n_devices", "num_devices", "world_size"};
static const char *const duration_names[] = {"duration", "duration_s", "duration_seconds", "time_s",
                                             "runtime_s"};

typedef struct maker {
    const jf_table *table;
    const size_t *rows;
    size_t n_rows;
    const char *raw;               /* the raw response */
    bool logs;                     /* it is positive everywhere */
    char intercept[16], power[16]; /* parameter names that are no columns */
    jf_problem *const *problems;
    size_t n_problems;
    jf_laws *out;
} maker;

static bool all_positive(const jf_column *column, const size_t *rows, size_t n_rows)
{
    if (!column || column->kind != JF_NUMERIC) return false;
    for (size_t i = 0; i < n_rows; i++)
        if (!(column->values[rows[i]] > 0) || isinf(column->values[rows[i]])) return false;
    return true;
}

bool jf_is_scale_column(const jf_column *column, const size_t *rows, size_t n_rows)
{
    if (n_rows == 0 || !all_positive(column, rows, n_rows) || column->known != JF_PRE_RUN) return false;
    for (size_t i = 1; i < n_rows; i++)
        if (column->values[rows[i]] != column->values[rows[0]]) return true;
    return false;
}

static void add_log(const maker *m, jf_text *text, const char *name)
{
    jf_text_add(text, m->logs ? "log(" : "");
    jf_name_print(text, name);
    jf_text_add(text, m->logs ? ")" : "");
}

static void choose_name(const jf_table *table, const char *wish, char *name, size_t size)
{
    snprintf(name, size, "%s", wish);
    for (size_t length = strlen(name); jf_table_find(table, name) && length + 1 < size; length++)
        snprintf(name + length, size - length, "_");
}

static bool is_given(const maker *m, const jf_law *law)
{
    for (size_t i = 0; i < m->n_problems; i++) {
        const jf_law *given = m->problems[i]->law;
        if (jf_ast_equal(given->response, law->response) && jf_ast_equal(given->formula, law->formula))
            return true;
    }
    return false;
}

/* Reads `text` (taken over) and appends it under `name`. */
static jf_status append(maker *m, const char *name, jf_text *text, jf_error *err)
{
    char *typed = jf_text_take(text), *copy = jf_copy_text(name);
    jf_law *law = NULL;
    jf_status status = JF_OK;

    JF_TRY_NEW(typed, err, "a baseline");
    JF_TRY_NEW(copy, err, "a baseline");
    JF_TRY(jf_law_read(typed, &law, err));
    if (is_given(m, law)) goto done;
    jf_free(law->name);
    law->name = copy;
    copy = NULL;
    if (!jf_grow((void **)&m->out->items, &m->out->capacity, m->out->n + 1, sizeof *m->out->items))
        JF_TRY_NEW(NULL, err, "a baseline");
    m->out->items[m->out->n++] = law;
    law = NULL;
done:
    jf_law_free(law);
    jf_free(copy);
    jf_free(typed);
    return status;
}

static void write_constant(const maker *m, jf_text *text)
{
    add_log(m, text, m->raw);
    jf_text_addf(text, " ~ %s", m->intercept);
}

static jf_status add_mean(maker *m, jf_error *err)
{
    jf_text text = {0};

    write_constant(m, &text);
    return append(m, "mean", &text, err);
}

static jf_status add_power(maker *m, const char *column, jf_error *err)
{
    jf_text text = {0}, name = {0};
    char *whole;
    jf_status status;

    add_log(m, &text, m->raw);
    jf_text_addf(&text, " ~ %s + %s*log(", m->intercept, m->power);
    jf_name_print(&text, column);
    jf_text_add(&text, ")");
    jf_text_addf(&name, "power(%s)", column);
    whole = jf_text_take(&name);
    status = whole ? append(m, whole, &text, err) : jf_fail(err, JF_ENOMEM, "out of memory for a baseline");
    jf_text_free(&text);
    jf_free(whole);
    return status;
}

static const jf_column *first_positive(const maker *m, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const jf_column *column = jf_table_find(m->table, names[i]);
        if (all_positive(column, m->rows, m->n_rows)) return column;
    }
    return NULL;
}

static jf_status add_device_seconds(maker *m, jf_error *err)
{
    const jf_column *gpus, *duration;
    jf_text text = {0};

    gpus = first_positive(m, gpu_count_names, sizeof gpu_count_names / sizeof *gpu_count_names);
    duration = first_positive(m, duration_names, sizeof duration_names / sizeof *duration_names);
    if (!duration || strcmp(duration->name, m->raw) == 0) return JF_OK;
    add_log(m, &text, m->raw);
    jf_text_addf(&text, m->logs ? " ~ %s + " : " ~ %s*", m->intercept);
    if (gpus) {
        add_log(m, &text, gpus->name);
        jf_text_add(&text, m->logs ? " + " : "*");
    }
    add_log(m, &text, duration->name);
    return append(m, "device-seconds", &text, err);
}

/* Every column that a law reads, once. */
static jf_status add_powers(maker *m, jf_error *err)
{
    size_t first = m->out->n;
    jf_status status = JF_OK;

    for (size_t p = 0; p < m->n_problems; p++)
        for (size_t c = 0; c < jf_formula_n_columns(m->problems[p]->formula); c++) {
            const char *name = jf_formula_column(m->problems[p]->formula, c);
            char law[256];
            bool met = false;

            if (!jf_is_scale_column(jf_table_find(m->table, name), m->rows, m->n_rows)) continue;
            snprintf(law, sizeof law, "power(%s)", name);
            for (size_t i = first; i < m->out->n; i++) met |= strcmp(m->out->items[i]->name, law) == 0;
            if (!met) JF_TRY(add_power(m, name, err));
        }
done:
    return status;
}

static maker maker_of(const jf_problem *problem, const jf_table *table, const size_t *rows, size_t n_rows)
{
    maker m = {.table = table, .rows = rows, .n_rows = n_rows, .raw = jf_transform_raw(problem->transform)};

    m.logs = all_positive(jf_table_find(table, m.raw), rows, n_rows);
    choose_name(table, "b0", m.intercept, sizeof m.intercept);
    choose_name(table, "a", m.power, sizeof m.power);
    return m;
}

jf_status jf_baseline_constant(const jf_problem *problem, const jf_table *table, const size_t *rows,
                               size_t n_rows, jf_law **out, jf_error *err)
{
    maker m = maker_of(problem, table, rows, n_rows);
    jf_text text = {0};
    jf_status status = JF_OK;

    *out = NULL;
    write_constant(&m, &text);
    JF_TRY_NEW(text.data && !text.failed, err, "a baseline");
    JF_TRY(jf_law_read(text.data, out, err));
done:
    jf_text_free(&text);
    return status;
}

jf_status jf_baselines_make(jf_problem *const *problems, size_t n_problems, const jf_table *table,
                            const size_t *rows, size_t n_rows, jf_laws *out, jf_error *err)
{
    maker m = maker_of(problems[0], table, rows, n_rows);
    jf_status status = JF_OK;

    m.problems = problems;
    m.n_problems = n_problems;
    m.out = out;
    JF_TRY(add_mean(&m, err));
    if (m.logs) JF_TRY(add_powers(&m, err));
    JF_TRY(add_device_seconds(&m, err));
done:
    return status;
}
