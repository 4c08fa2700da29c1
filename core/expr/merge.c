/* What users write with powers: a product of them becomes one exponential, and a logarithm undoes it. Only
 * the text of a law comes through here; derivatives share the exponentials that are there. */
#include "core/expr/dag.h"

/* x = rest * exp(exponent); exponent is JF_NONE when x has no exponential with a parameter in it. */
typedef struct powers {
    jf_ref rest, exponent;
} powers;

static jf_ref sum(jf_dag *dag, jf_ref a, jf_ref b)
{
    if (a == JF_NONE) return b;
    return b == JF_NONE ? a : jf_dag_binary(dag, JF_OP_ADD, a, b);
}

static jf_ref product(jf_dag *dag, jf_ref a, jf_ref b)
{
    return jf_dag_binary(dag, JF_OP_MUL, a, b);
}

static powers split(jf_dag *dag, jf_ref x)
{
    const jf_node node = dag->nodes[x];
    powers left, right;

    if (!(node.by & JF_BY_PARAMETER)) return (powers){x, JF_NONE};
    if (node.op == JF_OP_EXP) return (powers){JF_ONE, node.args[0]};
    if (node.op == JF_OP_NEG) {
        left = split(dag, node.args[0]);
        if (left.exponent == JF_NONE) return (powers){x, JF_NONE};
        return (powers){jf_dag_unary(dag, JF_OP_NEG, left.rest), left.exponent};
    }
    if (node.op != JF_OP_MUL) return (powers){x, JF_NONE};
    left = split(dag, node.args[0]);
    right = split(dag, node.args[1]);
    if (left.exponent == JF_NONE && right.exponent == JF_NONE) return (powers){x, JF_NONE};
    return (powers){product(dag, left.rest, right.rest), sum(dag, left.exponent, right.exponent)};
}

static jf_ref join(jf_dag *dag, powers x)
{
    return product(dag, x.rest, jf_dag_unary(dag, JF_OP_EXP, x.exponent));
}

jf_ref jf_dag_product(jf_dag *dag, jf_ref a, jf_ref b)
{
    powers left, right;

    if (dag->failed) return JF_ZERO;
    left = split(dag, a);
    right = split(dag, b);
    if (left.exponent == JF_NONE && right.exponent == JF_NONE) return product(dag, a, b);
    return join(dag, (powers){product(dag, left.rest, right.rest), sum(dag, left.exponent, right.exponent)});
}

jf_ref jf_dag_quotient(jf_dag *dag, jf_ref a, jf_ref b)
{
    powers below;
    jf_ref inverse;

    if (dag->failed) return JF_ZERO;
    below = split(dag, b);
    if (below.exponent == JF_NONE) return jf_dag_binary(dag, JF_OP_DIV, a, b);
    inverse = jf_dag_unary(dag, JF_OP_EXP, jf_dag_unary(dag, JF_OP_NEG, below.exponent));
    return jf_dag_product(dag, jf_dag_binary(dag, JF_OP_DIV, a, below.rest), inverse);
}

/* The exponent with the plain logarithm of its bases: what is zero there has no logarithm, and is seen. */
static jf_ref bare(jf_dag *dag, jf_ref x)
{
    const jf_node node = dag->nodes[x];

    if (!(node.by & JF_BY_ROW) || dag->failed) return x;
    switch (node.op) {
    case JF_OP_LOGBASE: return jf_dag_unary(dag, JF_OP_LOG, node.args[0]);
    case JF_OP_NEG: return jf_dag_unary(dag, JF_OP_NEG, bare(dag, node.args[0]));
    case JF_OP_ADD:
    case JF_OP_SUB:
    case JF_OP_MUL: return jf_dag_binary(dag, node.op, bare(dag, node.args[0]), bare(dag, node.args[1]));
    default: return x;
    }
}

jf_ref jf_dag_logarithm(jf_dag *dag, jf_ref x)
{
    powers parts;
    jf_ref rest;

    if (dag->failed) return JF_ZERO;
    parts = split(dag, x);
    if (parts.exponent == JF_NONE) return jf_dag_unary(dag, JF_OP_LOG, x);
    rest = jf_dag_unary(dag, JF_OP_LOG, parts.rest);
    return jf_dag_binary(dag, JF_OP_ADD, rest, bare(dag, parts.exponent));
}
