/* Loss functions: what a residual costs, with the derivatives that solvers need.
 *
 *   ls          r^2 / 2 inside the solvers; reported as r^2 (jf_loss_reported)
 *   huber:d     r^2 / 2 where |r| <= d, else d (|r| - d / 2)
 *   softl1:d    d^2 (sqrt(1 + (r/d)^2) - 1)
 *   cauchy:d    d^2 / 2 log(1 + (r/d)^2)
 *   tukey:c     c^2 / 6 (1 - (1 - (r/c)^2)^3) where |r| <= c, else c^2 / 6
 *   l1          |r|
 *   quantile:q  q r where r > 0, else (q - 1) r
 *
 * The first five are r^2 / 2 near zero, so that their gradients compare. Huber 1964; Holland and Welsch 1977;
 * Koenker and Bassett 1978. */
#ifndef JF_FIT_LOSS_H
#define JF_FIT_LOSS_H

#include "fit/solve/solve.h"

/* Loss with `smoothing`: the half-width over which the kink of l1 and quantile at zero is rounded (0: not at
 * all); other kinds ignore it. */
typedef struct jf_penalty {
    jf_loss loss;
    double smoothing;
} jf_penalty;

/* True for l1 and quantile, whose minimum lies where residuals are exactly zero. */
bool jf_loss_has_kink(const jf_loss *loss);
/* The slopes at zero from the left and from the right: -1 and 1 for l1, q - 1 and q for quantile. */
void jf_loss_kink(const jf_loss *loss, double *left, double *right);
/* True where the loss never grows less steep outwards: huber, l1, squares, but not tukey or cauchy. */
bool jf_loss_is_convex(const jf_loss *loss);
/* The number users see for a sum of losses: twice the sum for squares, the sum itself for others. */
double jf_loss_reported(const jf_loss *loss, double sum);
/* The constant that gives 95 % efficiency on normal errors of unit scale; NaN where the kind has none. */
double jf_loss_usual_constant(jf_loss_kind kind);

/* For n residuals r: returns sum of weight * rho; psi = weight * rho', bend = weight * rho'' and omega =
 * weight * rho'/r, the weight of iteratively reweighted least squares. `weight` NULL: all one. bend and omega
 * may be NULL. */
double jf_penalty_block(const jf_penalty *penalty, size_t n, const double *r, const double *weight,
                        double *psi, double *bend, double *omega);

#endif
