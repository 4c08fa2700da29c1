/* A schedule: the part of a graph that changes with rows as instructions over registers, and the part that
 * does not as scalar steps. */
#ifndef JF_CORE_EXPR_PROGRAM_H
#define JF_CORE_EXPR_PROGRAM_H

#include "core/expr/dag.h"
#include "core/expr/kernels.h"

typedef enum jf_space { JF_IN_REGISTER, JF_IN_SCALAR, JF_IN_COLUMN, JF_N_SPACES } jf_space;

/* Where a value is: register, scalar or input column `index`. */
typedef struct jf_operand {
    jf_space space;
    uint32_t index;
} jf_operand;

typedef struct jf_instruction {
    jf_op op;        /* LEVELS is a gather through slot a.index */
    uint32_t scalar; /* which arguments are scalars, JF_ALL_ROWS ... */
    uint32_t out;    /* register */
    jf_operand args[3];
} jf_instruction;

/* One scalar, in order: a constant, a parameter or learned value, or an operation on earlier ones. */
typedef struct jf_scalar_step {
    jf_op op;
    double number;
    int index;
    int args[3]; /* other scalars; -1 for none */
} jf_scalar_step;

typedef struct jf_fill {
    uint32_t out, scalar;
} jf_fill;

typedef struct jf_program {
    jf_instruction *code;
    size_t n_code, code_capacity;
    jf_scalar_step *scalars;
    size_t n_scalars, scalars_capacity;
    jf_fill *fills; /* results that do not change with rows: filled once for each theta */
    size_t n_fills, fills_capacity;
    jf_operand *results; /* where each root is found: a register or a column */
    size_t n_results;
    size_t n_registers;
    uint32_t *columns; /* the input columns that are read */
    size_t n_columns, columns_capacity;
} jf_program;

/* Which nodes are columns that lie ready: filled in as programs are made. */
typedef struct jf_columns_used {
    int *of_node; /* column of a node, -1 for none; dag->n entries */
    jf_ref *nodes;
    size_t n, capacity;
} jf_columns_used;

/* Schedules `roots` of a formula: parts that depend on rows only become columns (added to `used`), parts that
 * depend on parameters only become scalars. A root of JF_NONE has no result. False when memory ran out. */
bool jf_program_of_formula(const jf_dag *dag, const jf_ref *roots, size_t n_roots, jf_columns_used *used,
                           jf_program *out);
/* Schedules what depends on rows only; its columns are the sources, and then LEVELS_BAD of each level input.
 */
bool jf_program_of_data(const jf_dag *dag, const jf_ref *roots, size_t n_roots, size_t n_sources,
                        jf_program *out);
void jf_program_free(jf_program *program);

/* What a program reads and writes, for one block. */
typedef struct jf_frame {
    double *registers; /* n_registers x JF_REGISTER doubles */
    const double *scalars;
    const double *columns; /* at the block's first row */
    size_t stride;         /* from one column to the next */
    const double *const *levels;
    const int32_t *const *codes; /* by slot, at the block's first row */
} jf_frame;

enum { JF_REGISTER = 256 + 8 }; /* doubles from one register to the next: not a power of two */

/* values[i] for each scalar step; `leaves` holds the parameters by slot, or the learned values. */
void jf_program_scalars(const jf_program *program, const double *leaves, double *values);
void jf_program_fill(const jf_program *program, const jf_frame *frame);
/* Asks for the columns' n rows from `ahead` rows on, while this block is worked on. */
void jf_program_prefetch(const jf_program *program, const jf_frame *frame, size_t ahead, size_t n);
/* Runs n rows (at most JF_BLOCK); columns and codes must be readable up to the next multiple of JF_LANES. */
void jf_program_run(const jf_program *program, const jf_frame *frame, size_t n);
const double *jf_program_result(const jf_program *program, const jf_frame *frame, size_t result);

#endif
