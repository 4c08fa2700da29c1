/* The implicit function behind logistic_root, solved by Newton's method. */
#include "core/expr/ops.h"

/* With log(sigmoid(u)) - p*log(sigmoid(-u)) = f(u): f(u) = u + (p - 1)*log(1 + exp(u)), which is p*u +
 * (p - 1)*log(1 + exp(-u)) too; the form of the sign of u is the one that does not cancel.
 *
 * f rises with a slope between 1 and p. For p > 1 it is convex and lies above its asymptotes u and p*u, so
 * the root lies left of both x and x/p, and Newton's method from the smaller of them comes down to it without
 * ever passing it; for p < 1 all is mirrored. No bracketing is needed. The curvature is at most the slope, so
 * that a step of s leaves an error of s^2. */
double jf_logit_root(double x, double p)
{
    enum { MOST_STEPS = 2000 }; /* p = 1e300 takes 700 */
    double u, step = INFINITY;

    if (x != x || !(p > 0) || p > DBL_MAX) return NAN;
    u = p > 1 ? fmin(x, x / p) : fmax(x, x / p);
    for (int i = 0; i < MOST_STEPS && fabs(u) <= DBL_MAX && fabs(step) > 1e-9 * (1 + fabs(u)); i++) {
        double small = exp(-fabs(u)), above = u > 0 ? 1 : small; /* sigmoid(u) is above/(1 + small) */
        double f = (u > 0 ? p * u : u) + (p - 1) * log1p(small);
        step = (f - x) * (1 + small) / ((u > 0 ? small : 1) + p * above);
        u -= step;
    }
    return u;
}
