/* Loops for any machine; SSE2 on x86-64. */
#define JF_LOOPS       jf_loops_base
#define JF_LOOPS_NAME  "base"
#define JF_LOOPS_WIDTH 2
#include "fit/problem/loops.inc"
