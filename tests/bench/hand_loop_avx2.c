/* The hand-written loop with the flags of kernels_avx2.c. */
#define HAND_LOOP hand_loop_avx2
#include "tests/bench/hand_loop.inc"
