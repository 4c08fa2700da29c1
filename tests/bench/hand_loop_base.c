/* The hand-written loop with the flags of kernels_base.c. */
#define HAND_LOOP hand_loop_base
#include <string.h>
#include "tests/bench/hand_loop.inc"

hand_loop hand_loop_for(const char *kernels)
{
#ifdef __x86_64__
    if (strcmp(kernels, "avx512") == 0) return hand_loop_avx512;
    if (strcmp(kernels, "avx2") == 0) return hand_loop_avx2;
#endif
    (void)kernels;
    return hand_loop_base;
}
