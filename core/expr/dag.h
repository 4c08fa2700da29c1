/* The hash-consed graph of a formula: equal parts are one node, constants are folded, and each node knows
 * whether it depends on rows, on parameters or on both. */
#ifndef JF_CORE_EXPR_DAG_H
#define JF_CORE_EXPR_DAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/expr/ops.h"

typedef int32_t jf_ref; /* a node; arguments have smaller numbers than what uses them */
enum { JF_NONE = -1, JF_ZERO = 0, JF_ONE = 1 };

/* What a node's value changes with: a set of bits. */
enum { JF_BY_NOTHING = 0, JF_BY_ROW = 1, JF_BY_PARAMETER = 2, JF_BY_BOTH = 3 };

typedef struct jf_node {
    jf_op op;
    int by;
    jf_ref args[3]; /* JF_NONE where there is none */
    double number;  /* CONSTANT */
    int index;      /* SOURCE, LEARNED, LEVELS_BAD, PARAMETER, LEVELS */
} jf_node;

/* Zero-initialise, then jf_dag_start. After a failure (memory, or more than JF_DAG_MAX nodes) `failed` is set
 * and every call gives JF_ZERO: ask once, at the end. */
typedef struct jf_dag {
    jf_node *nodes;
    size_t n, capacity;
    jf_ref *table; /* open addressing, a power of two, JF_NONE is free */
    size_t table_size;
    bool failed;
} jf_dag;

enum { JF_DAG_MAX = 400000 };

void jf_dag_start(jf_dag *dag); /* makes the nodes JF_ZERO and JF_ONE */
void jf_dag_free(jf_dag *dag);

jf_ref jf_dag_constant(jf_dag *dag, double value);
jf_ref jf_dag_leaf(jf_dag *dag, jf_op op, int index);
jf_ref jf_dag_unary(jf_dag *dag, jf_op op, jf_ref a);
jf_ref jf_dag_binary(jf_dag *dag, jf_op op, jf_ref a, jf_ref b);
jf_ref jf_dag_if(jf_dag *dag, jf_ref condition, jf_ref yes, jf_ref no);
/* x^p: products for small constant integers, sqrt for a half, pow for data, exp(p*log x) where a parameter
 * has a part in it. */
jf_ref jf_dag_power(jf_dag *dag, jf_ref x, jf_ref p);
/* a * b, a / b and log(x) as users write them: exponentials and powers with a parameter in them become one,
 * k*C^a*M^b = k*exp(a*log(C) + b*log(M)), and the log of that is log(k) + a*log(C) + b*log(M). */
jf_ref jf_dag_product(jf_dag *dag, jf_ref a, jf_ref b);
jf_ref jf_dag_quotient(jf_dag *dag, jf_ref a, jf_ref b);
jf_ref jf_dag_logarithm(jf_dag *dag, jf_ref x);
jf_ref jf_dag_log_sum_exp(jf_dag *dag, const jf_ref *terms, size_t n);
/* 1 where a part that depends on rows only, and that the row's value needs, is missing or infinite, or a
 * level was not bound; level_input[slot] numbers the level inputs. */
jf_ref jf_dag_bad_rows(jf_dag *dag, jf_ref root, const int *level_input);

bool jf_dag_is_constant(const jf_dag *dag, jf_ref a, double value);
int jf_op_n_args(jf_op op);
/* The operation on plain numbers. */
double jf_op_apply(jf_op op, double x, double y, double z);

/* needed[i] becomes true for every node that `roots` (JF_NONE allowed) depend on; dag->n entries, set before.
 */
void jf_dag_mark(const jf_dag *dag, const jf_ref *roots, size_t n_roots, bool *needed);

/* gradient[s] = derivative of root by slot s (JF_ZERO where it does not depend on it), by reverse
 * accumulation. False when memory ran out. */
bool jf_dag_gradient(jf_dag *dag, jf_ref root, size_t n_slots, jf_ref *gradient);
/* out[i] = derivative of roots[i] by one leaf: forward over what is there, adjoints included. */
bool jf_dag_tangents(jf_dag *dag, const jf_ref *roots, size_t n_roots, jf_ref leaf, jf_ref *out);

#endif
