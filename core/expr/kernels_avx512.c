/* Kernels for x86-64-v4 (AVX-512). */
#define JF_KERNELS      jf_kernels_avx512
#define JF_KERNELS_NAME "avx512"
#define JF_WIDTH        4
#include "core/expr/kernels.inc"
