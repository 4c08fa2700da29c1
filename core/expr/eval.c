/* Evaluating a bound formula: values, gradients and second derivatives, a block of rows at a time. */
#include "core/expr/bound.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"

enum { FITS_CACHE = 8192 }; /* rows beyond which the next block is asked for ahead of time */

struct jf_arena {
    jf_order capacity; /* highest order there is room for */
    jf_order order;    /* of the last begin */
    jf_matrix registers;
    double *scalars;
    double *leaves;        /* parameters by slot */
    double *level_values;  /* one table after the other */
    const double **levels; /* by slot: where code 0 is; NULL for plain slots */
    const int32_t **codes; /* by slot, at the block's first row */
    const double **slots;  /* whole-table conveniences put their pointers here */
    const double **pairs;
};

void jf_arena_free(jf_arena *arena)
{
    if (!arena) return;
    jf_matrix_free(&arena->registers);
    jf_free(arena->scalars);
    jf_free(arena->leaves);
    jf_free(arena->level_values);
    jf_free((void *)arena->levels);
    jf_free((void *)arena->codes);
    jf_free((void *)arena->slots);
    jf_free((void *)arena->pairs);
    jf_free(arena);
}

static bool allocate(const jf_formula *f, jf_arena *arena)
{
    size_t n = f->n_slots, n_registers = 0, n_scalars = 0, n_levels = 0;

    for (int order = 0; order <= (int)arena->capacity; order++) {
        const jf_program *p = &f->programs[order];
        if (p->n_registers > n_registers) n_registers = p->n_registers;
        if (p->n_scalars > n_scalars) n_scalars = p->n_scalars;
    }
    for (size_t s = 0; s < n; s++)
        if (f->slots[s].is_levels) n_levels += f->slots[s].n + 2;
    arena->scalars = JF_NEW_ARRAY(double, n_scalars);
    arena->leaves = JF_NEW_ZEROED(double, n);
    arena->level_values = JF_NEW_ARRAY(double, n_levels);
    arena->levels = JF_NEW_ZEROED(const double *, n);
    arena->codes = JF_NEW_ZEROED(const int32_t *, n);
    arena->slots = JF_NEW_ZEROED(const double *, n);
    arena->pairs = JF_NEW_ZEROED(const double *, n *(n + 1) / 2);
    if (!jf_matrix_new(n_registers * JF_REGISTER, 1, &arena->registers)) return false;
    return arena->scalars && arena->leaves && arena->level_values && arena->levels && arena->codes &&
           arena->slots && arena->pairs;
}

jf_status jf_arena_new(const jf_formula *formula, jf_order order, jf_arena **out, jf_error *err)
{
    jf_arena *made = JF_NEW(jf_arena);
    double *levels;
    jf_status status = JF_OK;

    *out = NULL;
    JF_TRY_NEW(made, err, "an arena");
    made->capacity = order;
    if (order == JF_HESSIAN && !formula->pairs)
        JF_TRY(
            jf_fail(err, JF_ELIMIT, "second derivatives are not built for %zu parameters", formula->n_slots));
    if (!allocate(formula, made)) JF_TRY(jf_fail(err, JF_ENOMEM, "out of memory for an arena"));
    levels = made->level_values;
    for (size_t s = 0; s < formula->n_slots; s++) {
        if (!formula->slots[s].is_levels) continue;
        levels[0] = NAN; /* code -2: a level that was not bound */
        levels[1] = 0;   /* code -1: the reference */
        made->levels[s] = levels + 2;
        levels += formula->slots[s].n + 2;
    }
    *out = made;
    made = NULL;
done:
    jf_arena_free(made);
    return status;
}

void jf_eval_begin(const jf_formula *formula, const jf_inputs *inputs, jf_arena *arena, const double *theta,
                   jf_order order)
{
    const jf_program *program = &formula->programs[order];
    jf_frame frame = {.registers = arena->registers.values, .scalars = arena->scalars};

    (void)inputs;
    arena->order = order;
    for (size_t s = 0; s < formula->n_slots; s++) {
        const jf_slot *slot = &formula->slots[s];
        if (!slot->is_levels)
            arena->leaves[s] = theta[slot->first];
        else if (slot->n)
            memcpy((double *)arena->levels[s], theta + slot->first, slot->n * sizeof *theta);
    }
    jf_program_scalars(program, arena->leaves, arena->scalars);
    jf_program_fill(program, &frame);
}

void jf_eval_block(const jf_formula *formula, const jf_inputs *inputs, jf_arena *arena, size_t row, size_t n,
                   const double **value, const double **slots, const double **pairs)
{
    const jf_program *program = &formula->programs[arena->order];
    size_t n_slots = formula->n_slots;
    jf_frame frame = {.registers = arena->registers.values,
                      .scalars = arena->scalars,
                      .columns = inputs->columns.values + row,
                      .stride = inputs->columns.stride,
                      .levels = arena->levels,
                      .codes = arena->codes};

    for (size_t s = 0; s < n_slots; s++)
        if (formula->slots[s].is_levels) arena->codes[s] = inputs->codes[formula->slots[s].input] + row;
    if (row + n < inputs->n_rows && inputs->n_rows > FITS_CACHE)
        jf_program_prefetch(program, &frame, n, inputs->n_rows - row - n < n ? inputs->n_rows - row - n : n);
    jf_program_run(program, &frame, n);
    *value = jf_program_result(program, &frame, 0);
    if (arena->order < JF_GRADIENT) return;
    for (size_t s = 0; s < n_slots; s++) slots[s] = jf_program_result(program, &frame, 1 + s);
    if (arena->order < JF_HESSIAN) return;
    for (size_t p = 0; p < n_slots * (n_slots + 1) / 2; p++)
        pairs[p] = formula->pairs[p] < 0 ? NULL : jf_program_result(program, &frame, 1 + n_slots + p);
}

static size_t block_size(const jf_inputs *inputs, size_t row)
{
    return inputs->n_rows - row < JF_BLOCK ? inputs->n_rows - row : JF_BLOCK;
}

void jf_formula_values(const jf_formula *formula, const jf_inputs *inputs, jf_arena *arena,
                       const double *theta, double *values)
{
    const double *value;

    jf_eval_begin(formula, inputs, arena, theta, JF_VALUE);
    for (size_t row = 0; row < inputs->n_rows; row += JF_BLOCK) {
        size_t n = block_size(inputs, row);
        jf_eval_block(formula, inputs, arena, row, n, &value, NULL, NULL);
        memcpy(values + row, value, n * sizeof *values);
    }
}

/* A row's derivative by a level slot belongs to the one parameter that the row uses. */
static void scatter(const jf_slot *slot, const int32_t *codes, const double *derivative, size_t n,
                    double *jacobian, size_t stride)
{
    for (size_t level = 0; level < slot->n; level++)
        memset(jacobian + level * stride, 0, n * sizeof *jacobian);
    for (size_t i = 0; i < n; i++)
        if (codes[i] >= 0) jacobian[(size_t)codes[i] * stride + i] = derivative[i];
}

void jf_formula_jacobian(const jf_formula *formula, const jf_inputs *inputs, jf_arena *arena,
                         const double *theta, double *values, double *jacobian, size_t stride)
{
    const double *value;

    jf_eval_begin(formula, inputs, arena, theta, JF_GRADIENT);
    for (size_t row = 0; row < inputs->n_rows; row += JF_BLOCK) {
        size_t n = block_size(inputs, row);
        jf_eval_block(formula, inputs, arena, row, n, &value, arena->slots, NULL);
        if (values) memcpy(values + row, value, n * sizeof *values);
        for (size_t s = 0; s < formula->n_slots; s++) {
            const jf_slot *slot = &formula->slots[s];
            double *to = jacobian + slot->first * stride + row;
            if (slot->is_levels)
                scatter(slot, inputs->codes[slot->input] + row, arena->slots[s], n, to, stride);
            else
                memcpy(to, arena->slots[s], n * sizeof *to);
        }
    }
}

/* Index of the parameter of a slot that row i uses, -1 for none. */
static long parameter_of(const jf_slot *slot, const jf_inputs *inputs, size_t i)
{
    int32_t code;

    if (!slot->is_levels) return (long)slot->first;
    code = inputs->codes[slot->input][i];
    return code < 0 ? -1 : (long)slot->first + code;
}

static void add_pair(const jf_formula *f, const jf_inputs *inputs, size_t a, size_t b, size_t row, size_t n,
                     const double *weight, const double *second, double *curvature)
{
    const jf_slot *first = &f->slots[a], *other = &f->slots[b];
    size_t k = f->n_parameters;
    double sum = 0;

    if (!first->is_levels && !other->is_levels) { /* one entry: sum first */
        for (size_t i = 0; i < n; i++) sum += weight[row + i] * second[i];
        curvature[first->first * k + other->first] += sum;
        if (a != b) curvature[other->first * k + first->first] += sum;
        return;
    }
    for (size_t i = 0; i < n; i++) {
        long p = parameter_of(first, inputs, row + i), q = parameter_of(other, inputs, row + i);
        if (p < 0 || q < 0) continue;
        curvature[(size_t)p * k + (size_t)q] += weight[row + i] * second[i];
        if (a != b) curvature[(size_t)q * k + (size_t)p] += weight[row + i] * second[i];
    }
}

void jf_formula_curvature(const jf_formula *formula, const jf_inputs *inputs, jf_arena *arena,
                          const double *theta, const double *weight, double *curvature)
{
    const double *value;

    jf_eval_begin(formula, inputs, arena, theta, JF_HESSIAN);
    for (size_t row = 0; row < inputs->n_rows; row += JF_BLOCK) {
        size_t n = block_size(inputs, row);
        jf_eval_block(formula, inputs, arena, row, n, &value, arena->slots, arena->pairs);
        for (size_t a = 0; a < formula->n_slots; a++)
            for (size_t b = 0; b <= a; b++)
                if (arena->pairs[jf_pair(a, b)])
                    add_pair(formula, inputs, a, b, row, n, weight, arena->pairs[jf_pair(a, b)], curvature);
    }
}
