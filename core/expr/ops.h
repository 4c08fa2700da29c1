/* What the nodes of the graph can do: one row for each operation, from which the scalar code and the kernels
 * of every instruction set are made. */
#ifndef JF_CORE_EXPR_OPS_H
#define JF_CORE_EXPR_OPS_H

#include <float.h>
#include <math.h>

/* Missing is NaN; comparisons and logic are three-valued. Each expression reads its arguments whatever the
 * condition, so that compilers turn it into selects and vector calls. */

/* LOGBASE is the log of a base whose exponent is a parameter: 0^p must be 0 with a derivative of 0, not of
 * 0 * -inf. SHIFT is what lse subtracts before it exponentiates; it is held constant when derived, because
 * the result does not depend on it. BAD is true of what cannot be fitted. SOFTPLUS is
 * log(1 + exp(x)). */
#define JF_UNARY_OPS(X)                                                                                      \
    X(NEG, -x)                                                                                               \
    X(ABS, fabs(x))                                                                                          \
    X(SIGN, x >= 0 ? 1.0 : x < 0 ? -1.0 : x)                                                                 \
    X(SQRT, sqrt(x))                                                                                         \
    X(EXP, exp(x))                                                                                           \
    X(EXPM1, expm1(x))                                                                                       \
    X(LOG, log(x))                                                                                           \
    X(LOG2, log2(x))                                                                                         \
    X(LOG10, log10(x))                                                                                       \
    X(LOG1P, log1p(x))                                                                                       \
    X(LOGBASE, jf_at_least(log(x), -1e100))                                                                  \
    X(INVERSE0, jf_zero_unless_finite(1.0 / x))                                                              \
    X(SIN, sin(x))                                                                                           \
    X(COS, cos(x))                                                                                           \
    X(ATAN, atan(x))                                                                                         \
    X(TANH, tanh(x))                                                                                         \
    X(ERF, erf(x))                                                                                           \
    X(SIGMOID, 1.0 / (1.0 + exp(-x)))                                                                        \
    X(SOFTPLUS, jf_select(x > 0, x, 0.0) + log1p(exp(-fabs(x))))                                             \
    X(SHIFT, jf_zero_unless_finite(x))                                                                       \
    X(NOT, x != x ? x : x == 0 ? 1.0 : 0.0)                                                                  \
    X(ISNA, x != x ? 1.0 : 0.0)                                                                              \
    X(BAD, fabs(x) <= DBL_MAX ? 0.0 : 1.0)

/* MUL0 is a product in which an exact zero on the left wins over an infinity or NaN on the right: the adjoint
 * of a branch that was not taken stays zero. LOGIT_ROOT is solved row by row, in the same bytes by every
 * instruction set. EXP_TERM is a term of lse less its SHIFT y, whose derivative is zero: beside a term of 1,
 * less than exp(-600) is nothing, and vector functions would leave their fast path. (The limit is written so
 * that compilers do not take exp of it beforehand, and of all of x - y again.) */
#define JF_BINARY_OPS(X)                                                                                     \
    X(ADD, x + y)                                                                                            \
    X(SUB, x - y)                                                                                            \
    X(MUL, (x * y))                                                                                          \
    X(DIV, x / y)                                                                                            \
    X(MUL0, jf_select(x == 0, 0.0, (x * y)))                                                                 \
    X(NEGMUL, -(x * y)) /* in programs only */                                                               \
    X(EXP_TERM, exp(jf_near_enough(x - y, y * 0.0 - 600.0)))                                                 \
    X(POW, pow(x, y))                                                                                        \
    X(LOGIT_ROOT, jf_logit_root(x, y))                                                                       \
    X(MIN, x != x ? x : jf_select(x < y, x, y))                                                              \
    X(MAX, x != x ? x : jf_select(x > y, x, y))                                                              \
    X(LT, x < y ? 1.0 : jf_select(x >= y, 0.0, NAN))                                                         \
    X(LE, x <= y ? 1.0 : jf_select(x > y, 0.0, NAN))                                                         \
    X(EQ, x == y ? 1.0 : jf_select(jf_missing(x, y), NAN, 0.0))                                              \
    X(NE, x == y ? 0.0 : jf_select(jf_missing(x, y), NAN, 1.0))                                              \
    X(AND, jf_select((x == 0) | (y == 0), 0.0, jf_select(jf_missing(x, y), NAN, 1.0)))                       \
    X(OR, jf_select(jf_true(x) | jf_true(y), 1.0, jf_select(jf_missing(x, y), NAN, 0.0)))

/* In programs only: pairs of operations in one loop, rounded as two. */
#define JF_FUSED_OPS(X)                                                                                      \
    X(MULADD, (x * y) + z)                                                                                   \
    X(MULSUB, (x * y) - z)                                                                                   \
    X(SUBMUL, z - (x * y))

/* Leaves. CONSTANT: number. SOURCE: a column as the formula reads it. LEARNED: mean, deviation or median of
 * an expression over the training rows. LEVELS_BAD: 1 where a row's level was not bound. PARAMETER, LEVELS:
 * slots. */
typedef enum jf_op {
    JF_OP_CONSTANT,
    JF_OP_SOURCE,
    JF_OP_LEARNED,
    JF_OP_LEVELS_BAD,
    JF_OP_PARAMETER,
    JF_OP_LEVELS,
#define X(id, expression) JF_OP_##id,
    JF_UNARY_OPS(X) JF_BINARY_OPS(X)
#undef X
        JF_OP_IF,
#define X(id, expression) JF_OP_##id,
    JF_FUSED_OPS(X)
#undef X
        JF_OP_FILL, /* in programs only: a scalar spread over a register */
    JF_N_OPS,
    JF_FIRST_UNARY = JF_OP_NEG,
    JF_FIRST_BINARY = JF_OP_ADD
} jf_op;

/* The u where log(sigmoid(u)) - p*log(sigmoid(-u)) = x, to the last digits; some |log(p)| + 8 steps. x may
 * be infinite, which gives u = x; NaN where x is NaN, or p is not above 0 and finite. */
double jf_logit_root(double x, double p);

static inline double jf_select(int condition, double yes, double no)
{
    return condition ? yes : no;
}

static inline int jf_missing(double x, double y)
{
    return (x != x) | (y != y);
}

static inline int jf_true(double x)
{
    return (x < 0) | (x > 0);
}

static inline double jf_at_least(double x, double low)
{
    return x < low ? low : x;
}

/* x, but `low` where x is finite and below it. */
static inline double jf_near_enough(double x, double low)
{
    return jf_select((x < low) & (x >= -DBL_MAX), low, x);
}

static inline double jf_zero_unless_finite(double x)
{
    return fabs(x) <= DBL_MAX ? x : 0.0;
}

static inline double jf_if(double condition, double yes, double no)
{
    return condition != condition ? condition : condition != 0 ? yes : no;
}

#endif
