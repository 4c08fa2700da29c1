/* The inner loops of solvers over a block of rows, compiled for each instruction set as the evaluator's
 * kernels are. Sums differ between sets in their last bits. */
#ifndef JF_FIT_LOOPS_H
#define JF_FIT_LOOPS_H

#include "fit/problem/loss.h"

enum { JF_N_LOSSES = JF_LOSS_QUANTILE + 1 };

typedef double (*jf_penalty_loop)(const jf_penalty *penalty, size_t n, const double *r, const double *weight,
                                  double *psi, double *bend, double *omega);

/* What a row weighs in the middle of a sandwich; `weight` and `copies` NULL: ones. */
typedef struct jf_score_rows {
    const double *psi, *weight, *copies, *leverage; /* by row */
    int power;                                      /* of 1 - leverage, that squares are divided by: 0 to 2 */
    double least;                                   /* rows with less left than this count for nothing */
    double factor;                                  /* on all of them */
} jf_score_rows;

typedef struct jf_loops {
    const char *name;
    jf_penalty_loop penalty[JF_N_LOSSES]; /* jf_penalty_block, by jf_loss_kind */
    /* out = a - b; true where all of them are finite. */
    bool (*subtract)(size_t n, const double *a, const double *b, double *out);
    /* out = a * b. */
    void (*multiply)(size_t n, const double *a, const double *b, double *out);
    /* out = x where codes is `level`, else 0. */
    void (*pick)(size_t n, const int32_t *codes, int32_t level, const double *x, double *out);
    /* The sum of psi^2 / weight over rows of weight above 0 (NULL: all one). */
    double (*pulls)(size_t n, const double *psi, const double *weight);
    /* The columns times the inverse of `upper` (p x p, column-major, upper triangular), in place. */
    void (*unmix)(size_t n, size_t p, double *const *columns, const double *upper);
    /* x -= sum of share[j] * column j. */
    void (*take_off)(size_t n, size_t p, const double *const *columns, const double *share, double *x);
    /* out = sum over the columns of their squares. */
    void (*lengths)(size_t n, size_t p, const double *const *columns, double *out);
    /* out = factor * psi^2 weight / copies / (1 - leverage / copies)^power. */
    void (*scores)(size_t n, const jf_score_rows *rows, double *out);
    /* sums = sums of weight * d^0, d^1 and d^2 with d = x - center; weight NULL: ones. */
    void (*spread)(size_t n, const double *x, const double *weight, double center, double sums[3]);
    /* out = x * factor * sqrt(weight); weight NULL: ones. */
    void (*scale)(size_t n, const double *x, const double *weight, double factor, double *out);
    /* Sums over rows, taken in whole steps of JF_LANES: what is summed must be readable up to there, and
     * `weight` zero between n and there. */
    /* out[j] = sum of weight * column j. */
    void (*products)(size_t n, size_t p, const double *const *columns, const double *weight, double *out);
    /* out[a (a + 1) / 2 + b] = sum of weight * column a * column b, b <= a. */
    void (*gram)(size_t n, size_t p, const double *const *columns, const double *weight, double *out);
    /* out[j] = sum of weight * (column j)^2. */
    void (*squares)(size_t n, size_t p, const double *const *columns, const double *weight, double *out);
} jf_loops;

/* The set that goes with the evaluator's kernels (jf_kernels_name). */
const jf_loops *jf_loops_active(void);

extern const jf_loops jf_loops_base;
#ifdef __x86_64__
extern const jf_loops jf_loops_avx2;
extern const jf_loops jf_loops_avx512;
#endif

#endif
