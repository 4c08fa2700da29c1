/* Kernels for x86-64-v3 (AVX2). */
#define JF_KERNELS      jf_kernels_avx2
#define JF_KERNELS_NAME "avx2"
#define JF_WIDTH        4
#include "core/expr/kernels.inc"
