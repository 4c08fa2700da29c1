/* Expressions over data only: derived columns and filters. */
#include "core/expr/evaluate.h"

#include <stdlib.h>
#include <string.h>
#include "core/expr/bound.h"
#include "core/memory.h"
#include "core/text.h"

typedef struct level {
    const char *text;
    double number; /* the text as a number, when all levels are numbers */
    int32_t old;   /* its number in the formula's list of texts */
} level;

static int by_text(const void *a, const void *b)
{
    return strcmp(((const level *)a)->text, ((const level *)b)->text);
}

static int by_number(const void *a, const void *b)
{
    double x = ((const level *)a)->number, y = ((const level *)b)->number;
    return x == y ? by_text(a, b) : (x > y) - (x < y);
}

/* The texts that occur, in the order of a column's levels. */
static size_t sort_levels(const jf_names *texts, const double *values, size_t n_rows, int32_t *new_code,
                          level *levels)
{
    size_t n = 0;
    bool numbers = true;

    for (size_t i = 0; i < texts->n; i++) new_code[i] = -1;
    for (size_t i = 0; i < n_rows; i++)
        if (values[i] == values[i]) new_code[(size_t)values[i]] = 0;
    for (size_t i = 0; i < texts->n; i++) {
        if (new_code[i] < 0) continue;
        levels[n] = (level){.text = texts->items[i], .old = (int32_t)i};
        numbers &= jf_number_read(levels[n].text, strlen(levels[n].text), &levels[n].number);
        n++;
    }
    if (n) qsort(levels, n, sizeof *levels, numbers ? by_number : by_text);
    for (size_t i = 0; i < n; i++) new_code[levels[i].old] = (int32_t)i;
    return n;
}

static jf_status take_labels(const jf_names *texts, const double *values, size_t n_rows, jf_column *out,
                             jf_error *err)
{
    jf_status status = JF_OK;
    int32_t *new_code = JF_NEW_ARRAY(int32_t, texts->n);
    level *levels = JF_NEW_ARRAY(level, texts->n);
    size_t n;

    JF_TRY_NEW(new_code, err, "levels");
    JF_TRY_NEW(levels, err, "levels");
    out->kind = JF_LABEL;
    n = sort_levels(texts, values, n_rows, new_code, levels);
    out->codes = JF_NEW_ARRAY(int32_t, n_rows);
    out->levels = JF_NEW_ZEROED(char *, n);
    JF_TRY_NEW(out->codes, err, "a column");
    JF_TRY_NEW(out->levels, err, "a column");
    out->n_levels = n;
    for (size_t i = 0; i < n; i++) {
        out->levels[i] = jf_copy_text(levels[i].text);
        JF_TRY_NEW(out->levels[i], err, "a column");
    }
    for (size_t i = 0; i < n_rows; i++)
        out->codes[i] = values[i] == values[i] ? new_code[(size_t)values[i]] : -1;
done:
    jf_free(new_code);
    jf_free(levels);
    return status;
}

static jf_status take_numbers(const double *values, size_t n_rows, jf_column *out, jf_error *err)
{
    out->kind = JF_NUMERIC;
    out->values = JF_NEW_ARRAY(double, n_rows);
    if (!out->values) return jf_fail(err, JF_ENOMEM, "out of memory for a column");
    if (n_rows) memcpy(out->values, values, n_rows * sizeof *values);
    return JF_OK;
}

jf_status jf_evaluate(const char *what, const jf_ast *ast, const jf_columns *columns, jf_column *out,
                      jf_error *err)
{
    jf_formula *formula = NULL;
    jf_inputs *inputs = NULL;
    jf_status status = JF_OK;
    const double *values;

    *out = (jf_column){0};
    JF_TRY(jf_formula_bind_data(what, ast, columns, NULL, &formula, err));
    JF_TRY(jf_inputs_build(formula, columns, NULL, 0, NULL, &inputs, err));
    values = jf_inputs_column(inputs, 0);
    if (formula->gives_labels)
        JF_TRY(take_labels(&formula->texts, values, columns->n_rows, out, err));
    else
        JF_TRY(take_numbers(values, columns->n_rows, out, err));
done:
    if (status != JF_OK) jf_column_clear(out);
    jf_inputs_free(inputs);
    jf_formula_free(formula);
    return status;
}
