/* Loops for x86-64-v4 (AVX-512). */
#define JF_LOOPS       jf_loops_avx512
#define JF_LOOPS_NAME  "avx512"
#define JF_LOOPS_WIDTH 8
#include "fit/problem/loops.inc"
