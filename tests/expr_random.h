/* Random formulas over all functions of the language, for tests of the evaluator: the table that they read,
 * and their values by a plain walk over the tree. */
#ifndef JF_TESTS_EXPR_RANDOM_H
#define JF_TESTS_EXPR_RANDOM_H

#include "tests/expr_table.h"

enum { RANDOM_ROWS = 37 };

/* Where choices come from: a small generator of our own, so that formulas are the same everywhere, or bytes
 * (a fuzzer's), zeros behind their end. */
typedef struct choices {
    uint64_t state;
    const uint8_t *bytes; /* NULL: the generator */
    size_t n_bytes;
} choices;

uint64_t next_choice(choices *from);
double uniform_choice(choices *from); /* in [0, 1) */

/* Columns x in (0.3, 2.3), y in (-0.5, 0.5), and kind of a, b, c; static storage. */
small_table random_table(void);
/* A tree of p0, p1, p2, r[kind = "a"], x, y and numbers; arguments are kept where their function is defined.
 */
jf_ast *random_formula(choices *from, int depth);
/* The value in a row. `theta`: p0 p1 p2 r[b] r[c]. Every node's value is off by the relative `wobble`: two
 * walks tell how much rounding may be seen. */
double plain_value(const small_table *table, size_t row, const double *theta, double wobble,
                   const jf_ast *ast);

#endif
