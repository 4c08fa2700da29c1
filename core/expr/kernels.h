/* Loops over a block of rows, one for each operation, compiled for each instruction set. */
#ifndef JF_CORE_EXPR_KERNELS_H
#define JF_CORE_EXPR_KERNELS_H

#include <stddef.h>
#include <stdint.h>
#include "core/expr/ops.h"

/* out[i] = op(a[i], b[i], c[i]) for i < n, where n is a multiple of JF_LANES, so that no row is left to a
 * scalar tail with other last bits. `out` may be one of the arguments. A scalar argument is read at [0]. */
typedef void (*jf_kernel)(double *out, const double *a, const double *b, const double *c, size_t n);

enum { JF_LANES = 8 };

/* Which arguments are scalars. For IF it is the branches (its condition is a register), for fused operations
 * x and z. */
enum { JF_ALL_ROWS = 0, JF_FIRST_SCALAR = 1, JF_SECOND_SCALAR = 2, JF_BOTH_SCALAR = 3 };

typedef struct jf_kernels {
    const char *name;
    jf_kernel table[JF_N_OPS][4]; /* by operation and by which arguments are scalars */
    /* out[i] = levels[codes[i]]; codes of -1 and -2 are entries too. */
    void (*gather)(double *out, const double *levels, const int32_t *codes, size_t n);
} jf_kernels;

/* The set that runs: the best of this machine, or JOULEFIT_KERNELS, or what jf_kernels_choose said. */
const jf_kernels *jf_kernels_active(void);

extern const jf_kernels jf_kernels_base;
#ifdef __x86_64__
extern const jf_kernels jf_kernels_avx2;
extern const jf_kernels jf_kernels_avx512;
#endif

#endif
