/* The functions and operators of the language, one row each. */
#ifndef JF_CORE_EXPR_FUNCTIONS_H
#define JF_CORE_EXPR_FUNCTIONS_H

#include <stddef.h>

/* X(id, name, fewest arguments, most arguments (-1: any), one-line help) */
#define JF_FUNCTIONS(X)                                                                                      \
    X(ADD, "+", 2, 2, "sum")                                                                                 \
    X(SUB, "-", 2, 2, "difference")                                                                          \
    X(MUL, "*", 2, 2, "product")                                                                             \
    X(DIV, "/", 2, 2, "quotient")                                                                            \
    X(POW, "^", 2, 2, "power; also pow(x, p)")                                                               \
    X(NEG, "neg", 1, 1, "unary minus")                                                                       \
    X(LT, "<", 2, 2, "less")                                                                                 \
    X(LE, "<=", 2, 2, "less or equal")                                                                       \
    X(GT, ">", 2, 2, "greater")                                                                              \
    X(GE, ">=", 2, 2, "greater or equal")                                                                    \
    X(EQ, "==", 2, 2, "equal")                                                                               \
    X(NE, "!=", 2, 2, "not equal")                                                                           \
    X(AND, "&&", 2, 2, "both")                                                                               \
    X(OR, "||", 2, 2, "either")                                                                              \
    X(NOT, "!", 1, 1, "not")                                                                                 \
    X(IF, "if", 3, 3, "if(c, a, b)")                                                                         \
    X(ISNA, "isna", 1, 1, "1 where missing")                                                                 \
    X(COALESCE, "coalesce", 2, -1, "first that is not missing")                                              \
    X(STARTSWITH, "startswith", 2, 2, "startswith(label, \"x\")")                                            \
    X(LOG, "log", 1, 1, "natural logarithm")                                                                 \
    X(LOG2, "log2", 1, 1, "logarithm to base 2")                                                             \
    X(LOG10, "log10", 1, 1, "logarithm to base 10")                                                          \
    X(LOG1P, "log1p", 1, 1, "log(1 + x)")                                                                    \
    X(EXP, "exp", 1, 1, "exponential")                                                                       \
    X(EXPM1, "expm1", 1, 1, "exp(x) - 1")                                                                    \
    X(SQRT, "sqrt", 1, 1, "square root")                                                                     \
    X(ABS, "abs", 1, 1, "absolute value")                                                                    \
    X(MIN, "min", 2, -1, "smallest")                                                                         \
    X(MAX, "max", 2, -1, "largest")                                                                          \
    X(SIN, "sin", 1, 1, "sine")                                                                              \
    X(COS, "cos", 1, 1, "cosine")                                                                            \
    X(ATAN, "atan", 1, 1, "arc tangent")                                                                     \
    X(TANH, "tanh", 1, 1, "hyperbolic tangent")                                                              \
    X(ERF, "erf", 1, 1, "error function")                                                                    \
    X(SIGMOID, "sigmoid", 1, 1, "1/(1 + exp(-x))")                                                           \
    X(LOGISTIC_ROOT, "logistic_root", 2, 2,                                                                  \
      "t in (0, 1) where log(t) - p*log(1 - t) = x; logistic_root(x, p)")                                    \
    X(HINGE, "hinge", 2, 2, "max(x - knot, 0)")                                                              \
    X(LSE, "lse", 1, -1, "log(exp(a) + exp(b) + ...)")                                                       \
    X(CENTER, "center", 1, 1, "x - mean over the training rows")                                             \
    X(SCALE, "scale", 1, 1, "(x - mean)/standard deviation over the training rows")                          \
    X(MEAN, "mean", 1, 1, "mean over the training rows")                                                     \
    X(MEDIAN, "median", 1, 1, "median over the training rows")

typedef enum jf_function {
#define X(id, name, fewest, most, help) JF_FN_##id,
    JF_FUNCTIONS(X)
#undef X
        JF_N_FUNCTIONS
} jf_function;

typedef struct jf_function_row {
    const char *name;
    int fewest, most;
    const char *help;
} jf_function_row;

extern const jf_function_row jf_functions[JF_N_FUNCTIONS];

/* The function written `name(...)` ("pow" is `^`), or -1: operators and unary minus are not found by name. */
int jf_function_find(const char *name);

#endif
