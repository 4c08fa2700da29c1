/* Puts the levels' Jacobians into one matrix, and asks cr2.h about it. */
#include "fit/infer/by_stack.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"

void jf_by_stack_clear(jf_by_stack *stack)
{
    jf_design_clear(&stack->design);
    jf_free(stack->jacobian);
    jf_free(stack->column);
    jf_free(stack->psi);
    jf_free(stack->weight);
    jf_free(stack->group);
    *stack = (jf_by_stack){0};
}

/* Is parameter j of a fit in its design: free, and at no bound? */
static bool is_active(const jf_fit *fit, size_t j)
{
    return !fit->problem->fixed[j] && fit->estimates[j].state != JF_STATE_AT_BOUND;
}

/* ---- one level ---- */

/* Where the rows and the columns of a level begin in the stack. */
typedef struct corner {
    size_t row, column, quantity;
} corner;

/* The Jacobian of a fit that is done, into its block; moves `at` beyond it. */
static jf_status put_jacobian(jf_by_stack *stack, corner *at, const jf_fit *fit, const size_t *place,
                              size_t m, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_problem *problem = fit->problem;
    size_t n = problem->n, rows = stack->design.n;
    double *jacobian = JF_NEW_ARRAY(double, n * problem->k), *values = JF_NEW_ARRAY(double, n);
    jf_arena *arena = NULL;

    JF_TRY_NEW(jacobian && values ? jacobian : NULL, err, "the Jacobian");
    JF_TRY(jf_arena_new(problem->formula, JF_GRADIENT, &arena, err));
    jf_formula_jacobian(problem->formula, problem->inputs, arena, fit->theta, values, jacobian, n);
    for (size_t j = 0; j < problem->k; j++) {
        if (!is_active(fit, j)) continue;
        memcpy(stack->jacobian + at->column * rows + at->row, jacobian + j * n, n * sizeof *jacobian);
        for (size_t i = 0; i < m; i++)
            if (place[i] == j) stack->column[at->quantity + i] = at->column;
        at->column++;
    }
    at->row += n;
    at->quantity += m;
done:
    jf_arena_free(arena);
    jf_free(jacobian);
    jf_free(values);
    return status;
}

static void put_rows(jf_by_stack *stack, size_t row, const jf_fit *fit, const jf_groups *groups,
                     uint32_t *number)
{
    for (size_t i = 0; i < fit->n; i++) {
        uint32_t group = groups->group[fit->rows[i]];

        if (!number[group]) number[group] = (uint32_t)++stack->n_groups;
        stack->group[row + i] = number[group] - 1;
        stack->psi[row + i] = fit->score[i];
        stack->weight[row + i] = fit->weight[i];
    }
}

/* ---- all levels ---- */

static jf_status make_room(jf_by_stack *stack, size_t n, size_t p, jf_error *err)
{
    stack->jacobian = JF_NEW_ZEROED(double, n *p);
    stack->column = JF_NEW_ZEROED(size_t, stack->wide);
    stack->psi = JF_NEW_ARRAY(double, n);
    stack->weight = JF_NEW_ARRAY(double, n);
    stack->group = JF_NEW_ARRAY(uint32_t, n);
    if (stack->jacobian && stack->column && stack->psi && stack->weight && stack->group) return JF_OK;
    return jf_fail(err, JF_ENOMEM, "out of memory for levels");
}

jf_status jf_by_stack_build(const jf_groups *groups, const jf_fit *const *fits, size_t n_fits,
                            const size_t *place, size_t m, jf_by_stack *out, jf_error *err)
{
    jf_status status = JF_OK;
    uint32_t *number = JF_NEW_ZEROED(uint32_t, groups->n_groups);
    size_t n = 0, p = 0;
    jf_row_source source;
    corner at = {0};

    *out = (jf_by_stack){.wide = n_fits * m};
    for (size_t l = 0; l < n_fits; l++) {
        n += fits[l]->n;
        for (size_t j = 0; j < fits[l]->problem->k; j++) p += is_active(fits[l], j);
    }
    JF_TRY_NEW(number, err, "levels");
    JF_TRY(make_room(out, n, p, err));
    out->design.n = n;
    for (size_t l = 0; l < n_fits; l++) {
        put_rows(out, at.row, fits[l], groups, number);
        JF_TRY(put_jacobian(out, &at, fits[l], place + l * m, m, err));
    }
    out->matrix = (jf_row_matrix){.values = out->jacobian, .n = n, .p = p};
    source = jf_rows_of_matrix(&out->matrix);
    JF_TRY(jf_design_build(&source, n, p, out->weight, &out->design, err));
done:
    jf_free(number);
    if (status != JF_OK) jf_by_stack_clear(out);
    return status;
}

jf_status jf_by_stack_covariance(const jf_by_stack *stack, double *covariance, jf_error *err)
{
    jf_status status = JF_OK;
    size_t rank = stack->design.rank, wide = stack->wide;
    jf_scores scores = {.psi = stack->psi, .slope = 1, .weight = stack->weight};
    double *sums = JF_NEW_ARRAY(double, stack->n_groups *rank), *moved = JF_NEW_ARRAY(double, wide);
    jf_cr2 cr2 = {0};

    JF_TRY_NEW(sums && moved ? sums : NULL, err, "clusters");
    JF_TRY(jf_cr2_new(&stack->design, stack->group, stack->n_groups, &cr2, err));
    JF_TRY(jf_cr2_sums(&cr2, &scores, sums, err));
    memset(covariance, 0, wide * wide * sizeof *covariance);
    for (size_t g = 0; g < stack->n_groups; g++) {
        for (size_t i = 0; i < wide; i++) {
            moved[i] = 0;
            for (size_t a = 0; a < rank; a++)
                moved[i] += stack->design.inverse[stack->column[i] * rank + a] * sums[g * rank + a];
        }
        for (size_t i = 0; i < wide; i++)
            for (size_t j = 0; j < wide; j++) covariance[i * wide + j] += moved[i] * moved[j];
    }
done:
    jf_cr2_clear(&cr2);
    jf_free(sums);
    jf_free(moved);
    return status;
}

jf_status jf_by_stack_eta(const jf_by_stack *stack, const size_t *first, const size_t *second, size_t q,
                          double *eta, jf_error *err)
{
    jf_status status = JF_OK;
    size_t rank = stack->design.rank;
    double *moves = JF_NEW_ARRAY(double, q *rank);
    jf_cr2 cr2 = {0};

    JF_TRY_NEW(moves, err, "degrees of freedom");
    for (size_t i = 0; i < q; i++)
        for (size_t a = 0; a < rank; a++)
            moves[i * rank + a] = stack->design.inverse[stack->column[first[i]] * rank + a] -
                                  stack->design.inverse[stack->column[second[i]] * rank + a];
    JF_TRY(jf_cr2_new(&stack->design, stack->group, stack->n_groups, &cr2, err));
    JF_TRY(jf_cr2_eta(&cr2, moves, q, eta, err));
done:
    jf_cr2_clear(&cr2);
    jf_free(moves);
    return status;
}
