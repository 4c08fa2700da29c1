/* The hand-written loop with the flags of kernels_avx512.c. */
#define HAND_LOOP hand_loop_avx512
#include "tests/bench/hand_loop.inc"
