/* Bytes choose a formula and its parameters: the evaluator's values are those of a plain walk over the tree,
 * as far as rounding lets them be. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include "tests/expr_random.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { N_NAMES = 5, MOST_NODES = 400 };

static void check_values(const small_table *table, const jf_ast *ast, const double *by_name,
                         const double *values)
{
    for (size_t row = 0; row < RANDOM_ROWS; row++) {
        double wanted = plain_value(table, row, by_name, 0, ast),
               up = plain_value(table, row, by_name, 1e-13, ast),
               down = plain_value(table, row, by_name, -1e-13, ast),
               slack = fmax(fabs(up - wanted), fabs(down - wanted));
        if (!isfinite(wanted) || !isfinite(slack)) continue;
        assert(fabs(values[row] - wanted) <= 1e-11 * fmax(1, fabs(wanted)) + 1000 * slack);
    }
}

static size_t count(const jf_ast *ast)
{
    size_t n = 1;

    for (size_t i = 0; i < ast->n_args; i++) n += count(ast->args[i]);
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[N_NAMES] = {"p0", "p1", "p2", "r[b]", "r[c]"};
    static const uint8_t none = 0;
    choices from = {.bytes = size ? data : &none, .n_bytes = size};
    small_table table = random_table();
    double by_name[N_NAMES], theta[N_NAMES] = {0}, values[RANDOM_ROWS];
    jf_ast *ast;
    jf_formula *formula;
    jf_inputs *inputs;
    jf_arena *arena;

    for (size_t i = 0; i < N_NAMES; i++) by_name[i] = 2 * uniform_choice(&from) - 0.7;
    ast = random_formula(&from, 7);
    if (count(ast) <= MOST_NODES) {
        char *text = jf_ast_print(ast);
        formula = bind_text(&table, text);
        inputs = build_inputs(formula, &table);
        arena = new_arena(formula, JF_VALUE);
        for (size_t i = 0; i < N_NAMES; i++) {
            long at = jf_formula_find(formula, names[i]);
            if (at >= 0) theta[at] = by_name[i];
        }
        jf_formula_values(formula, inputs, arena, theta, values);
        check_values(&table, ast, by_name, values);
        jf_arena_free(arena);
        jf_inputs_free(inputs);
        jf_formula_free(formula);
        jf_free(text);
    }
    jf_ast_free(ast);
    return 0;
}
