/* Kernels for any machine; SSE2 on x86-64. */
#define JF_KERNELS jf_kernels_base
#ifdef __x86_64__
#define JF_KERNELS_NAME "sse2"
#else
#define JF_KERNELS_NAME "generic"
#endif
#define JF_WIDTH 2
#include "core/expr/kernels.inc"
