/* Formulas with parameters, bound to columns: values, exact first and second derivatives, in blocks of rows.
 *
 * A formula is parsed (ast.h), bound here to the columns of a table and so split into names that are data and
 * names that are parameters, built into a hash-consed DAG with its adjoints, and scheduled into kernels over
 * blocks of rows.
 *
 *   jf_formula   what was typed, bound: parameters, DAG; read-only after binding, shared by threads
 *   jf_inputs    the data-only parts evaluated for a list of rows, contiguous; read-only, shared by threads
 *   jf_arena     registers of one thread
 *
 * Derivatives come by slots: a slot is one parameter, or one level parameter as a whole (each row then
 * touches one entry: first + code of the row). Row i's gradient has at most n_slots entries that are not
 * zero. */
#ifndef JF_CORE_EXPR_FORMULA_H
#define JF_CORE_EXPR_FORMULA_H

#include <stdbool.h>
#include <stdint.h>
#include "core/column.h"
#include "core/expr/ast.h"
#include "core/warnings.h"

enum { JF_BLOCK = 256 }; /* rows evaluated at a time */

typedef struct jf_formula jf_formula;
typedef struct jf_inputs jf_inputs;
typedef struct jf_arena jf_arena;

/* One parameter of a bound formula; level parameters are written out, one entry a level that has a value. */
typedef struct jf_parameter {
    char *name;  /* "a", "r[FSDP]", "r[FSDP,A100]", "r[\"A, b\"]" */
    char *base;  /* "a", "r" */
    char *level; /* "FSDP", "FSDP,A100"; NULL for a plain parameter */
    size_t slot;
} jf_parameter;

typedef struct jf_slot {
    size_t first; /* index of its (first) parameter */
    size_t n;     /* 1, or the number of levels that have a parameter */
    bool is_levels;
    size_t input; /* is_levels: which code input (jf_inputs_codes); a code of -1 is the reference, no
                     parameter */
    bool linear;  /* the formula is linear in it when all other parameters are held */
} jf_slot;

typedef struct jf_bind_options {
    const char *const *declared; /* names that are parameters whatever columns there are (--param) */
    size_t n_declared;
    bool any_reference; /* a reference that does not occur is no error (prediction on other rows) */
    bool allow_typos;   /* skip the near-miss check (catalogue laws) */
} jf_bind_options;

/* Binds `ast` to columns. Levels are those that occur in `rows` (n_rows of them; NULL: all rows), pairs
 * likewise. Names that are no columns are parameters, in order of first appearance; a near miss of a column's
 * name is an error (contract section 1), as is a reference that does not occur. `warnings` may get
 * W_LEVELS_TWICE (r[s] and r[s]*x share one parameter). `what` opens messages. */
jf_status jf_formula_bind(const char *what, const jf_ast *ast, const jf_columns *columns, const size_t *rows,
                          size_t n_rows, const jf_bind_options *options, jf_warnings *warnings,
                          jf_formula **out, jf_error *err);
void jf_formula_free(jf_formula *formula);

size_t jf_formula_n_parameters(const jf_formula *formula);
const jf_parameter *jf_formula_parameter(const jf_formula *formula, size_t index);
size_t jf_formula_n_slots(const jf_formula *formula);
const jf_slot *jf_formula_slot(const jf_formula *formula, size_t slot);
/* Index of a parameter by full name or, for one without levels, base; -1 when there is none. */
long jf_formula_find(const jf_formula *formula, const char *name);
/* Is d2f/d(slot a)d(slot b) zero whatever the data, and the derivative by one free of steps in the other (a
 * hinge is not linear in its knot)? All pairs zero: the formula is linear in its parameters. */
bool jf_formula_pair_is_zero(const jf_formula *formula, size_t slot_a, size_t slot_b);
bool jf_formula_is_linear(const jf_formula *formula);
/* Columns that are read (numeric and level columns), in order of appearance. */
size_t jf_formula_n_columns(const jf_formula *formula);
const char *jf_formula_column(const jf_formula *formula, size_t index);
/* A parameter that the formula's value does not depend on (b*0): its index, or -1. */
long jf_formula_unused(const jf_formula *formula);

/* Evaluates what depends on data only, for `rows` (NULL: all). `learned`: the values of
 * center/scale/mean/median from other inputs (the training rows), or NULL to learn them here. Levels of these
 * rows that were not bound get the code -2 and a NaN value. */
jf_status jf_inputs_build(const jf_formula *formula, const jf_columns *columns, const size_t *rows,
                          size_t n_rows, const double *learned, jf_inputs **out, jf_error *err);
/* Inputs for some rows of other inputs (indices into them): a gather; nothing is evaluated unless the formula
 * learns. */
jf_status jf_inputs_subset(const jf_formula *formula, const jf_inputs *whole, const size_t *index, size_t n,
                           const double *learned, jf_inputs **out, jf_error *err);
/* The same into inputs that are there and have room for n rows (made by jf_inputs_subset): nothing is
 * allocated, and learned values stay those of `whole`. */
void jf_inputs_gather(const jf_formula *formula, const jf_inputs *whole, const size_t *index, size_t n,
                      jf_inputs *part);
void jf_inputs_free(jf_inputs *inputs);
size_t jf_inputs_n_rows(const jf_inputs *inputs);
size_t jf_formula_n_learned(const jf_formula *formula);
const double *jf_inputs_learned(const jf_inputs *inputs);
const int32_t *jf_inputs_codes(const jf_inputs *inputs, size_t input);
/* True where row i has a missing or infinite data-only part or an unbound level: such rows cannot be fitted.
 */
bool jf_inputs_row_missing(const jf_inputs *inputs, size_t i);

typedef enum jf_order { JF_VALUE = 0, JF_GRADIENT = 1, JF_HESSIAN = 2 } jf_order;

/* Registers for one thread, large enough for derivatives up to `order`. */
jf_status jf_arena_new(const jf_formula *formula, jf_order order, jf_arena **out, jf_error *err);
void jf_arena_free(jf_arena *arena);

/* Once for each new `theta` (n_parameters): evaluates the parts that depend on parameters only. */
void jf_eval_begin(const jf_formula *formula, const jf_inputs *inputs, jf_arena *arena, const double *theta,
                   jf_order order);
/* Then for each block: rows [row, row + n), n <= JF_BLOCK. *value: n values. slots[s]: n derivatives by slot
 * s, s < n_slots (order >= GRADIENT). pairs[p]: second derivatives for slot pairs in the order (0,0) (1,0)
 * (1,1) (2,0) ...; NULL where always zero (HESSIAN). The pointers are into the arena (or the inputs) and hold
 * until the next call. NaN and inf come out as they fall. */
void jf_eval_block(const jf_formula *formula, const jf_inputs *inputs, jf_arena *arena, size_t row, size_t n,
                   const double **value, const double **slots, const double **pairs);

/* Whole-table conveniences built on the above. */
/* values: n_rows. */
void jf_formula_values(const jf_formula *formula, const jf_inputs *inputs, jf_arena *arena,
                       const double *theta, double *values);
/* jacobian: n_rows x n_parameters, column-major with leading dimension `stride` >= n_rows. */
void jf_formula_jacobian(const jf_formula *formula, const jf_inputs *inputs, jf_arena *arena,
                         const double *theta, double *values, double *jacobian, size_t stride);
/* curvature += sum over rows of weight[i] * d2f_i/dtheta2; n_parameters x n_parameters, both triangles. */
void jf_formula_curvature(const jf_formula *formula, const jf_inputs *inputs, jf_arena *arena,
                          const double *theta, const double *weight, double *curvature);

/* Which kernels run: "avx512", "avx2", "sse2" or "generic". Setting is for tests (false when this machine has
 * none such); the environment variable JOULEFIT_KERNELS chooses at start. */
const char *jf_kernels_name(void);
bool jf_kernels_choose(const char *name);

#endif
