/* Any bytes as a formula over a small table: binding gives an error with a message or a formula whose
 * whole-table values agree with its blocks, and whose gradient agrees with differences of its own values
 * wherever they are smooth enough to tell. */
#include <assert.h>
#include <stdint.h>
#include "tests/expr_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { N_ROWS = 3, MOST_PARAMETERS = 12 };

static small_table example(void)
{
    static const double x[] = {1, 2.5, 7}, y[] = {0.25, 3, 11};
    static const int32_t kind[] = {0, 1, 1};
    static char *kinds[] = {"a", "b"};
    small_table t = {.n_rows = N_ROWS};

    add_numbers(&t, "x", x);
    add_numbers(&t, "y", y);
    add_labels(&t, "kind", kind, kinds, 2);
    return t;
}

/* The central difference with step h at theta[j] for every row, and how far its two sides are apart: at a
 * kink, as of max(a, b) where they are equal, far. */
static void difference(const jf_formula *formula, const jf_inputs *inputs, jf_arena *arena, double *theta,
                       size_t j, double h, double *out, double *apart)
{
    double high[N_ROWS], low[N_ROWS], middle[N_ROWS], at = theta[j];

    jf_formula_values(formula, inputs, arena, theta, middle);
    theta[j] = at + h;
    jf_formula_values(formula, inputs, arena, theta, high);
    theta[j] = at - h;
    jf_formula_values(formula, inputs, arena, theta, low);
    theta[j] = at;
    for (size_t i = 0; i < N_ROWS; i++) {
        out[i] = (high[i] - low[i]) / (2 * h);
        apart[i] = fabs(high[i] - 2 * middle[i] + low[i]) / h;
    }
}

/* Three steps that agree with one another show the derivative: then it is the one that is computed. */
static void check_derivatives(const jf_formula *formula, const jf_inputs *inputs, jf_arena *arena)
{
    size_t k = jf_formula_n_parameters(formula);
    double theta[MOST_PARAMETERS], values[N_ROWS], again[N_ROWS], jacobian[N_ROWS * MOST_PARAMETERS];
    double d[3][N_ROWS], apart[N_ROWS];

    for (size_t j = 0; j < k; j++) theta[j] = 0.7 + 0.31 * (double)j;
    jf_formula_jacobian(formula, inputs, arena, theta, values, jacobian, N_ROWS);
    jf_formula_values(formula, inputs, arena, theta, again);
    for (size_t i = 0; i < N_ROWS; i++)
        assert(values[i] == again[i] || (isnan(values[i]) && isnan(again[i])));
    for (size_t j = 0; j < k; j++) {
        for (int s = 0; s < 3; s++)
            difference(formula, inputs, arena, theta, j, 1e-4 / (1 << (2 * s)), d[s], apart);
        for (size_t i = 0; i < N_ROWS; i++) {
            double scale = fmax(fabs(d[0][i]), 1e-6 * (1 + fabs(values[i]))),
                   exact = jacobian[j * N_ROWS + i];
            bool told = isfinite(d[0][i]) && apart[i] < 1e-2 * scale &&
                        fabs(d[0][i] - d[1][i]) < 1e-6 * scale && fabs(d[1][i] - d[2][i]) < 1e-6 * scale &&
                        fabs(values[i]) < 1e9 * fabs(d[0][i]);
            if (told && isfinite(exact)) assert(fabs(exact - d[1][i]) <= 1e-3 * scale);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = jf_copy_bytes((const char *)data, size);
    small_table table = example();
    jf_columns columns = columns_of(&table);
    jf_bind_options options = {.allow_typos = true};
    jf_ast *ast = NULL;
    jf_formula *formula = NULL;
    jf_inputs *inputs = NULL;
    jf_arena *arena = NULL;
    jf_error err = {0};

    if (jf_ast_read("formula", text, &ast, &err) == JF_OK &&
        jf_formula_bind("formula", ast, &columns, NULL, 0, &options, NULL, &formula, &err) == JF_OK) {
        jf_status status = jf_inputs_build(formula, &columns, NULL, 0, NULL, &inputs, &err);
        if (status == JF_OK) status = jf_arena_new(formula, JF_HESSIAN, &arena, &err);
        assert(status == JF_OK || err.message[0]);
        if (status == JF_OK && jf_formula_n_parameters(formula) <= MOST_PARAMETERS)
            check_derivatives(formula, inputs, arena);
    } else {
        assert(!formula && err.message[0]);
    }
    jf_arena_free(arena);
    jf_inputs_free(inputs);
    jf_formula_free(formula);
    jf_ast_free(ast);
    jf_free(text);
    return 0;
}
