/* Level parameters: which levels or pairs occur, what their parameters are called, and each row's code. */
#include "core/expr/bound.h"

#include <string.h>
#include "core/memory.h"
#include "core/text.h"

enum { MAX_CELLS = 10000000 };

void jf_levels_clear(jf_level_input *levels)
{
    for (size_t d = 0; d < levels->n_dimensions; d++) {
        jf_free(levels->dimensions[d].column);
        jf_free(levels->dimensions[d].reference);
        jf_names_free(&levels->dimensions[d].levels);
    }
    jf_free(levels->dimensions);
    jf_free(levels->of_cell);
    *levels = (jf_level_input){0};
}

/* The column as labels: itself, or `own` filled from its numbers (to be cleared by the caller). */
static jf_status as_labels(const jf_column *column, size_t n_rows, jf_column *own, const jf_column **out,
                           jf_error *err)
{
    *out = column->kind == JF_LABEL ? column : own;
    return column->kind == JF_LABEL ? JF_OK : jf_column_as_labels(column, n_rows, own, err);
}

/* codes[i] for each row: the dimension's level, -1 where missing or not among its levels. `sizes` levels
 * each. */
static jf_status code_dimension(const jf_dimension *dimension, const jf_columns *columns, jf_rows rows,
                                int32_t *codes, jf_error *err)
{
    const jf_column *column = columns->find(columns->table, dimension->column), *labels = NULL;
    jf_column own = {0};
    jf_status status = JF_OK;
    int32_t *of_level = NULL;

    if (!column)
        return jf_fail(err, JF_EDATA, "no column '%s', which the law has in brackets", dimension->column);
    JF_TRY(as_labels(column, columns->n_rows, &own, &labels, err));
    of_level = JF_NEW_ARRAY(int32_t, labels->n_levels);
    JF_TRY_NEW(of_level, err, "level codes");
    for (size_t i = 0; i < labels->n_levels; i++)
        of_level[i] = (int32_t)jf_names_find(&dimension->levels, labels->levels[i]);
    for (size_t i = 0; i < rows.n; i++) {
        int32_t code = labels->codes[jf_row_at(&rows, i)];
        codes[i] = code < 0 ? -1 : of_level[code];
    }
done:
    jf_free(of_level);
    jf_column_clear(&own);
    return status;
}

enum { AT_REFERENCE = -1, UNKNOWN = -2 };

/* cells[i]: the row's cell, or AT_REFERENCE where any dimension is at its reference, or UNKNOWN. */
static jf_status find_cells(const jf_level_input *levels, const jf_columns *columns, jf_rows rows,
                            long *cells, jf_error *err)
{
    jf_status status = JF_OK;
    int32_t *codes = JF_NEW_ARRAY(int32_t, rows.n);

    JF_TRY_NEW(codes, err, "level codes");
    for (size_t i = 0; i < rows.n; i++) cells[i] = 0;
    for (size_t d = 0; d < levels->n_dimensions; d++) {
        const jf_dimension *dimension = &levels->dimensions[d];
        JF_TRY(code_dimension(dimension, columns, rows, codes, err));
        for (size_t i = 0; i < rows.n; i++) {
            if (cells[i] == AT_REFERENCE) continue;
            if (codes[i] >= 0 && codes[i] == dimension->reference_index)
                cells[i] = AT_REFERENCE;
            else if (codes[i] < 0 || cells[i] == UNKNOWN)
                cells[i] = UNKNOWN;
            else
                cells[i] = cells[i] * (long)dimension->levels.n + codes[i];
        }
    }
done:
    jf_free(codes);
    return status;
}

jf_status jf_levels_code(const jf_level_input *levels, const jf_columns *columns, jf_rows rows,
                         int32_t *codes, jf_error *err)
{
    jf_status status = JF_OK;
    long *cells = JF_NEW_ARRAY(long, rows.n);

    JF_TRY_NEW(cells, err, "level codes");
    JF_TRY(find_cells(levels, columns, rows, cells, err));
    for (size_t i = 0; i < rows.n; i++)
        codes[i] = cells[i] < 0 ? (int32_t)cells[i] : levels->of_cell[cells[i]];
done:
    jf_free(cells);
    return status;
}

static jf_status bind_dimension(jf_binding *b, const jf_ast *ast, const jf_ast_dimension *typed,
                                jf_dimension *out)
{
    const jf_column *column = b->columns->find(b->columns->table, typed->column), *labels = NULL;
    jf_column own = {0};
    char hint[128];
    jf_status status = JF_OK;

    if (!column)
        return jf_binding_fail(b, JF_EUSAGE, ast, "no column '%s' for the levels of '%s'%s", typed->column,
                               ast->text, jf_binding_suggest(b, typed->column, hint, sizeof hint));
    out->column = jf_copy_text(typed->column);
    out->reference = jf_copy_text(typed->reference);
    JF_TRY_NEW(out->column, b->err, "levels");
    if (typed->reference) JF_TRY_NEW(out->reference, b->err, "levels");
    JF_TRY(as_labels(column, b->columns->n_rows, &own, &labels, b->err));
    for (size_t i = 0; i < labels->n_levels; i++)
        if (jf_names_add(&out->levels, labels->levels[i]) < 0)
            JF_TRY(jf_fail(b->err, JF_ENOMEM, "out of memory for levels"));
    out->reference_index = typed->reference ? jf_names_find(&out->levels, typed->reference) : -1;
done:
    jf_column_clear(&own);
    return status;
}

/* A reference must occur in the rows, else what is relative to it means nothing. */
static jf_status check_references(jf_binding *b, const jf_ast *ast, const jf_level_input *levels)
{
    jf_status status = JF_OK;
    int32_t *codes = JF_NEW_ARRAY(int32_t, b->rows.n);

    JF_TRY_NEW(codes, b->err, "level codes");
    for (size_t d = 0; d < levels->n_dimensions; d++) {
        const jf_dimension *dimension = &levels->dimensions[d];
        bool occurs = false;
        char hint[128];
        if (!dimension->reference) continue;
        JF_TRY(code_dimension(dimension, b->columns, b->rows, codes, b->err));
        for (size_t i = 0; i < b->rows.n; i++)
            occurs |= codes[i] >= 0 && codes[i] == dimension->reference_index;
        if (occurs) continue;
        if (dimension->reference_index >= 0)
            JF_TRY(
                jf_binding_fail(b, JF_EUSAGE, ast,
                                "the reference \"%s\" of column '%s' is only in rows that are not fitted: a "
                                "filter or missing values leave them out",
                                dimension->reference, dimension->column));
        JF_TRY(jf_binding_fail(b, JF_EUSAGE, ast, "the reference \"%s\" does not occur in column '%s'%s",
                               dimension->reference, dimension->column,
                               jf_did_you_mean(hint, sizeof hint, dimension->reference,
                                               (const char *const *)dimension->levels.items,
                                               dimension->levels.n)));
    }
done:
    jf_free(codes);
    return status;
}

/* Numbers the cells that occur, in the order of their levels. */
static jf_status number_cells(jf_binding *b, const jf_ast *ast, jf_level_input *levels)
{
    jf_status status = JF_OK;
    size_t n_cells = 1;
    long *cells = NULL;

    for (size_t d = 0; d < levels->n_dimensions; d++) {
        n_cells *= levels->dimensions[d].levels.n;
        if (n_cells > MAX_CELLS)
            return jf_binding_fail(b, JF_ELIMIT, ast, "'%s' has more than %d combinations of levels",
                                   ast->text, MAX_CELLS);
    }
    levels->n_cells = n_cells;
    levels->of_cell = JF_NEW_ARRAY(int32_t, n_cells);
    cells = JF_NEW_ARRAY(long, b->rows.n);
    JF_TRY_NEW(levels->of_cell, b->err, "levels");
    JF_TRY_NEW(cells, b->err, "levels");
    JF_TRY(find_cells(levels, b->columns, b->rows, cells, b->err));
    for (size_t i = 0; i < n_cells; i++) levels->of_cell[i] = UNKNOWN;
    for (size_t i = 0; i < b->rows.n; i++)
        if (cells[i] >= 0) levels->of_cell[cells[i]] = 0;
    for (size_t i = 0; i < n_cells; i++)
        if (levels->of_cell[i] == 0) levels->of_cell[i] = (int32_t)levels->n_parameters++;
    if (levels->n_parameters == 0 && !(b->options && b->options->any_reference))
        JF_TRY(jf_binding_fail(b, JF_EDATA, ast, "'%s' has no level%s in these rows", ast->text,
                               levels->dimensions[0].reference ? " besides its reference" : ""));
done:
    jf_free(cells);
    return status;
}

jf_status jf_levels_bind(jf_binding *binding, const jf_ast *ast, jf_level_input *out)
{
    jf_status status = JF_OK;

    *out = (jf_level_input){0};
    out->dimensions = JF_NEW_ZEROED(jf_dimension, ast->n_dimensions);
    JF_TRY_NEW(out->dimensions, binding->err, "levels");
    for (size_t d = 0; d < ast->n_dimensions; d++) {
        out->n_dimensions++;
        JF_TRY(bind_dimension(binding, ast, &ast->dimensions[d], &out->dimensions[d]));
    }
    if (!binding->options || !binding->options->any_reference) JF_TRY(check_references(binding, ast, out));
    JF_TRY(number_cells(binding, ast, out));
done:
    if (status != JF_OK) jf_levels_clear(out);
    return status;
}

/* The levels that make up a cell. */
static void levels_of_cell(const jf_level_input *levels, size_t cell, const char **names)
{
    for (size_t d = levels->n_dimensions; d-- > 0;) {
        const jf_names *known = &levels->dimensions[d].levels;
        names[d] = known->items[cell % known->n];
        cell /= known->n;
    }
}

jf_status jf_levels_name(const jf_level_input *levels, const char *base, size_t slot,
                         jf_parameter *parameters, jf_error *err)
{
    const char *names[JF_AST_MAX_DIMENSIONS];

    for (size_t cell = 0; cell < levels->n_cells; cell++) {
        jf_parameter *made;
        jf_text joined = {0};
        if (levels->of_cell[cell] < 0) continue;
        made = &parameters[levels->of_cell[cell]];
        levels_of_cell(levels, cell, names);
        for (size_t d = 0; d < levels->n_dimensions; d++) {
            if (d) jf_text_add(&joined, ",");
            jf_text_add(&joined, names[d]);
        }
        made->slot = slot;
        made->level = jf_text_take(&joined);
        made->base = jf_copy_text(base);
        made->name = jf_parameter_name(base, names, levels->n_dimensions);
        if (!made->level || !made->base || !made->name)
            return jf_fail(err, JF_ENOMEM, "out of memory for parameter names");
    }
    return JF_OK;
}
