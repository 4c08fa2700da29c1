/* The loop that someone would write by hand for one law and one loss: sums of a Huber loss and its gradient.
 */
#ifndef JF_TESTS_BENCH_HAND_LOOP_H
#define JF_TESTS_BENCH_HAND_LOOP_H

#include <stddef.h>

/* Columns of n rows, each readable up to the next multiple of 8. */
typedef struct hand_rows {
    const double *log_n, *log_d, *log_l;
    size_t n;
} hand_rows;

/* log(L) ~ log(exp(a - alpha log N) + exp(b - beta log D) + exp(e)) under Huber loss of `delta`.
 * theta: a alpha b beta e; sums: the loss, then its derivatives in that order. */
typedef void (*hand_loop)(const hand_rows *rows, const double theta[5], double delta, double sums[6]);

/* The loop compiled with the flags of those kernels. */
hand_loop hand_loop_for(const char *kernels);

void hand_loop_base(const hand_rows *rows, const double theta[5], double delta, double sums[6]);
#ifdef __x86_64__
void hand_loop_avx2(const hand_rows *rows, const double theta[5], double delta, double sums[6]);
void hand_loop_avx512(const hand_rows *rows, const double theta[5], double delta, double sums[6]);
#endif

#endif
