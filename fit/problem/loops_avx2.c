/* Loops for x86-64-v3 (AVX2). */
#define JF_LOOPS       jf_loops_avx2
#define JF_LOOPS_NAME  "avx2"
#define JF_LOOPS_WIDTH 4
#include "fit/problem/loops.inc"
