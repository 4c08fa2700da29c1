/* A table of a few columns on the stack, for tests of expressions. */
#ifndef JF_TESTS_EXPR_TABLE_H
#define JF_TESTS_EXPR_TABLE_H

#include <math.h>
#include <string.h>
#include "core/expr/ast.h"
#include "core/expr/formula.h"
#include "core/memory.h"
#include "tests/check.h"

enum { MAX_COLUMNS = 16 };

typedef struct small_table {
    jf_column columns[MAX_COLUMNS];
    size_t n_columns, n_rows;
} small_table;

static inline const jf_column *find_column(const void *table, const char *name)
{
    const small_table *t = table;
    for (size_t i = 0; i < t->n_columns; i++)
        if (strcmp(t->columns[i].name, name) == 0) return &t->columns[i];
    return NULL;
}

static inline const jf_column *column_at(const void *table, size_t index)
{
    return &((const small_table *)table)->columns[index];
}

static inline jf_columns columns_of(const small_table *table)
{
    return (jf_columns){find_column, column_at, table, table->n_columns, table->n_rows};
}

/* Names and values are borrowed. */
static inline void add_numbers(small_table *table, const char *name, const double *values)
{
    table->columns[table->n_columns++] = (jf_column){
        .name = (char *)(uintptr_t)name, .kind = JF_NUMERIC, .values = (double *)(uintptr_t)values};
}

static inline void add_labels(small_table *table, const char *name, const int32_t *codes, char **levels,
                              size_t n_levels)
{
    table->columns[table->n_columns++] = (jf_column){.name = (char *)(uintptr_t)name,
                                                     .kind = JF_LABEL,
                                                     .codes = (int32_t *)(uintptr_t)codes,
                                                     .levels = levels,
                                                     .n_levels = n_levels};
}

static inline jf_ast *read_ast(const char *text)
{
    jf_error err = {0};
    jf_ast *ast = NULL;
    check_ok(jf_ast_read("test", text, &ast, &err), &err);
    return ast;
}

/* Binds a formula to all rows, all parameters allowed. */
static inline jf_formula *bind_text(const small_table *table, const char *text)
{
    jf_columns columns = columns_of(table);
    jf_ast *ast = read_ast(text);
    jf_formula *formula = NULL;
    jf_error err = {0};

    check_ok(jf_formula_bind("test", ast, &columns, NULL, 0, NULL, NULL, &formula, &err), &err);
    jf_ast_free(ast);
    return formula;
}

static inline jf_inputs *build_inputs(const jf_formula *formula, const small_table *table)
{
    jf_columns columns = columns_of(table);
    jf_inputs *inputs = NULL;
    jf_error err = {0};

    check_ok(jf_inputs_build(formula, &columns, NULL, 0, NULL, &inputs, &err), &err);
    return inputs;
}

static inline jf_arena *new_arena(const jf_formula *formula, jf_order order)
{
    jf_arena *arena = NULL;
    jf_error err = {0};

    check_ok(jf_arena_new(formula, order, &arena, &err), &err);
    return arena;
}

#endif
