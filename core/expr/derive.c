/* Derivatives in the same graph: adjoints by reverse accumulation, second derivatives by tangents over them.
 */
#include "core/expr/dag.h"

#include "core/memory.h"

static jf_ref unary(jf_dag *dag, jf_op op, jf_ref a)
{
    return jf_dag_unary(dag, op, a);
}

static jf_ref binary(jf_dag *dag, jf_op op, jf_ref a, jf_ref b)
{
    return jf_dag_binary(dag, op, a, b);
}

/* Derivatives are sums and products of partials, where zero is zero whatever it multiplies. */
static jf_ref times(jf_dag *dag, jf_ref a, jf_ref b, bool guarded)
{
    if (a == JF_ZERO || b == JF_ZERO) return JF_ZERO;
    return binary(dag, guarded ? JF_OP_MUL0 : JF_OP_MUL, a, b);
}

static jf_ref plus(jf_dag *dag, jf_ref a, jf_ref b)
{
    return binary(dag, JF_OP_ADD, a, b);
}

static jf_ref choose(jf_dag *dag, jf_ref condition, jf_ref yes, jf_ref no)
{
    return yes == JF_ZERO && no == JF_ZERO ? JF_ZERO : jf_dag_if(dag, condition, yes, no);
}

static jf_ref inverse(jf_dag *dag, jf_ref a)
{
    return binary(dag, JF_OP_DIV, JF_ONE, a);
}

static jf_ref scaled(jf_dag *dag, double factor, jf_ref a)
{
    return binary(dag, JF_OP_MUL, jf_dag_constant(dag, factor), a);
}

/* dy/dx of y = op(x). */
static jf_ref slope(jf_dag *dag, jf_op op, jf_ref x, jf_ref y)
{
    jf_ref inner;

    switch (op) {
    case JF_OP_NEG: return jf_dag_constant(dag, -1);
    case JF_OP_ABS: return unary(dag, JF_OP_SIGN, x);
    case JF_OP_SQRT: return binary(dag, JF_OP_DIV, jf_dag_constant(dag, 0.5), y);
    case JF_OP_EXP: return y;
    case JF_OP_EXPM1: return plus(dag, y, JF_ONE);
    case JF_OP_LOG: return inverse(dag, x);
    case JF_OP_LOG2: return inverse(dag, scaled(dag, M_LN2, x));
    case JF_OP_LOG10: return inverse(dag, scaled(dag, M_LN10, x));
    case JF_OP_LOG1P: return inverse(dag, plus(dag, JF_ONE, x));
    case JF_OP_LOGBASE: return unary(dag, JF_OP_INVERSE0, x);
    case JF_OP_INVERSE0: return unary(dag, JF_OP_NEG, binary(dag, JF_OP_MUL, y, y));
    case JF_OP_SIN: return unary(dag, JF_OP_COS, x);
    case JF_OP_COS: return unary(dag, JF_OP_NEG, unary(dag, JF_OP_SIN, x));
    case JF_OP_ATAN: return inverse(dag, plus(dag, JF_ONE, binary(dag, JF_OP_MUL, x, x)));
    case JF_OP_TANH: /* 1 - y^2 without the cancellation, by sigmoids of 2x and -2x */
        inner = scaled(dag, 2, x);
        return scaled(dag, 4, slope(dag, JF_OP_SIGMOID, inner, unary(dag, JF_OP_SIGMOID, inner)));
    case JF_OP_ERF:
        inner = unary(dag, JF_OP_NEG, binary(dag, JF_OP_MUL, x, x));
        return scaled(dag, M_2_SQRTPI, unary(dag, JF_OP_EXP, inner));
    case JF_OP_SIGMOID: /* y*(1 - y) without the cancellation */
        return binary(dag, JF_OP_MUL, y, unary(dag, JF_OP_SIGMOID, unary(dag, JF_OP_NEG, x)));
    case JF_OP_SOFTPLUS: return unary(dag, JF_OP_SIGMOID, x);
    default: return JF_ZERO; /* steps, and the shift of lse */
    }
}

/* d pow(x, y) by x, and by y. */
static void power_slopes(jf_dag *dag, jf_ref x, jf_ref y, jf_ref power, jf_ref by[2])
{
    jf_ref lower = binary(dag, JF_OP_POW, x, binary(dag, JF_OP_SUB, y, JF_ONE));

    by[0] = binary(dag, JF_OP_MUL, y, lower);
    by[1] = binary(dag, JF_OP_MUL, power, unary(dag, JF_OP_LOGBASE, x));
}

/* The same for u = LOGIT_ROOT(x, p): u + (p - 1)*log(1 + exp(u)) = x, differentiated. */
static void root_slopes(jf_dag *dag, jf_ref p, jf_ref u, jf_ref by[2])
{
    jf_ref below = unary(dag, JF_OP_SIGMOID, unary(dag, JF_OP_NEG, u));
    jf_ref above = binary(dag, JF_OP_MUL, p, unary(dag, JF_OP_SIGMOID, u));

    by[0] = inverse(dag, plus(dag, below, above));
    by[1] = unary(dag, JF_OP_NEG, binary(dag, JF_OP_MUL, unary(dag, JF_OP_SOFTPLUS, u), by[0]));
}

/* Both slopes of node `i`, a POW or a LOGIT_ROOT. */
static void two_slopes(jf_dag *dag, jf_ref i, jf_ref by[2])
{
    const jf_node node = dag->nodes[i];

    if (node.op == JF_OP_POW)
        power_slopes(dag, node.args[0], node.args[1], i, by);
    else
        root_slopes(dag, node.args[1], i, by);
}

/* True where the first argument of MIN or MAX is the result: at a tie it is. */
static jf_ref first_wins(jf_dag *dag, const jf_node *node)
{
    bool smallest = node->op == JF_OP_MIN;
    return binary(dag, JF_OP_LE, node->args[!smallest], node->args[smallest]);
}

/* ---- reverse: what each argument gets of a node's adjoint ---- */

typedef struct reverse {
    jf_dag *dag;
    jf_ref *adjoint; /* JF_NONE until something has arrived */
    bool *guarded;   /* came through a branch, so may be an exact zero that has to win over NaN */
} reverse;

static void give(reverse *r, jf_ref to, jf_ref part, bool guarded)
{
    if (part == JF_ZERO || !(r->dag->nodes[to].by & JF_BY_PARAMETER)) return;
    r->adjoint[to] = r->adjoint[to] == JF_NONE ? part : plus(r->dag, r->adjoint[to], part);
    r->guarded[to] |= guarded;
}

static void give_unary(reverse *r, jf_ref i, jf_ref adjoint, bool guarded)
{
    const jf_node node = r->dag->nodes[i];
    jf_ref part;

    if (node.op == JF_OP_NEG)
        part = unary(r->dag, JF_OP_NEG, adjoint);
    else if (node.op == JF_OP_LOG && !guarded)
        part = binary(r->dag, JF_OP_DIV, adjoint, node.args[0]);
    else
        part = times(r->dag, adjoint, slope(r->dag, node.op, node.args[0], i), guarded);
    give(r, node.args[0], part, guarded);
}

static void give_quotient(reverse *r, jf_ref i, jf_ref adjoint, bool guarded)
{
    const jf_node node = r->dag->nodes[i];
    jf_ref part = guarded ? times(r->dag, adjoint, inverse(r->dag, node.args[1]), true)
                          : binary(r->dag, JF_OP_DIV, adjoint, node.args[1]);

    give(r, node.args[0], part, guarded);
    if (r->dag->nodes[node.args[1]].by & JF_BY_PARAMETER)
        give(r, node.args[1], unary(r->dag, JF_OP_NEG, times(r->dag, part, i, guarded)), guarded);
}

static void give_choice(reverse *r, jf_ref condition, jf_ref yes, jf_ref no, jf_ref adjoint)
{
    if (r->dag->nodes[yes].by & JF_BY_PARAMETER)
        give(r, yes, choose(r->dag, condition, adjoint, JF_ZERO), true);
    if (r->dag->nodes[no].by & JF_BY_PARAMETER)
        give(r, no, choose(r->dag, condition, JF_ZERO, adjoint), true);
}

static void give_binary(reverse *r, jf_ref i, jf_ref adjoint, bool guarded)
{
    jf_dag *dag = r->dag;
    const jf_node node = dag->nodes[i];
    jf_ref x = node.args[0], y = node.args[1], by[2];

    switch (node.op) {
    case JF_OP_ADD:
        give(r, x, adjoint, guarded);
        give(r, y, adjoint, guarded);
        break;
    case JF_OP_SUB:
        give(r, x, adjoint, guarded);
        give(r, y, unary(dag, JF_OP_NEG, adjoint), guarded);
        break;
    case JF_OP_MUL:
        if (dag->nodes[x].by & JF_BY_PARAMETER) give(r, x, times(dag, adjoint, y, guarded), guarded);
        if (dag->nodes[y].by & JF_BY_PARAMETER) give(r, y, times(dag, adjoint, x, guarded), guarded);
        break;
    case JF_OP_DIV: give_quotient(r, i, adjoint, guarded); break;
    case JF_OP_EXP_TERM: give(r, x, times(dag, adjoint, i, guarded), guarded); break;
    case JF_OP_POW:
    case JF_OP_LOGIT_ROOT:
        two_slopes(dag, i, by);
        give(r, x, times(dag, adjoint, by[0], guarded), guarded);
        give(r, y, times(dag, adjoint, by[1], guarded), guarded);
        break;
    case JF_OP_MIN:
    case JF_OP_MAX: give_choice(r, first_wins(dag, &node), x, y, adjoint); break;
    default: break; /* comparisons and logic are steps */
    }
}

bool jf_dag_gradient(jf_dag *dag, jf_ref root, size_t n_slots, jf_ref *gradient)
{
    size_t n = (size_t)root + 1;
    reverse r = {.dag = dag, .adjoint = JF_NEW_ARRAY(jf_ref, n), .guarded = JF_NEW_ZEROED(bool, n)};
    bool done = r.adjoint && r.guarded;

    for (size_t s = 0; s < n_slots; s++) gradient[s] = JF_ZERO;
    for (size_t i = 0; done && i < n; i++) r.adjoint[i] = JF_NONE;
    if (done) r.adjoint[root] = JF_ONE;
    for (size_t i = n; done && i-- > 0;) {
        const jf_node node = dag->nodes[i];
        jf_ref adjoint = r.adjoint[i];
        int n_args = jf_op_n_args(node.op);
        if (adjoint == JF_NONE || !(node.by & JF_BY_PARAMETER)) continue;
        if (n_args == 0) gradient[node.index] = adjoint;
        if (n_args == 1) give_unary(&r, (jf_ref)i, adjoint, r.guarded[i]);
        if (n_args == 2) give_binary(&r, (jf_ref)i, adjoint, r.guarded[i]);
        if (n_args == 3) give_choice(&r, node.args[0], node.args[1], node.args[2], adjoint);
    }
    jf_free(r.adjoint);
    jf_free(r.guarded);
    return done && !dag->failed;
}

/* ---- forward: tangents ---- */

/* Derivative of node i, given those of its arguments. In a guarded product the zero stays on the left. */
static jf_ref tangent(jf_dag *dag, jf_ref i, const jf_ref *d)
{
    const jf_node node = dag->nodes[i];
    jf_ref x = node.args[0], y = node.args[1], dx, dy, by[2];
    bool guarded = node.op == JF_OP_MUL0;

    if (jf_op_n_args(node.op) == 0) return JF_ZERO;
    dx = d[x];
    dy = y >= 0 ? d[y] : JF_ZERO;
    if (jf_op_n_args(node.op) == 1)
        return dx == JF_ZERO ? JF_ZERO : times(dag, dx, slope(dag, node.op, x, i), false);
    if (node.op == JF_OP_IF) return choose(dag, x, dy, d[node.args[2]]);
    if (dx == JF_ZERO && dy == JF_ZERO) return JF_ZERO;
    switch (node.op) {
    case JF_OP_ADD: return plus(dag, dx, dy);
    case JF_OP_SUB: return binary(dag, JF_OP_SUB, dx, dy);
    case JF_OP_MUL:
    case JF_OP_MUL0: return plus(dag, times(dag, dx, y, guarded), times(dag, x, dy, guarded));
    case JF_OP_EXP_TERM: return times(dag, dx, i, false);
    case JF_OP_DIV:
        if (x == JF_ONE) return unary(dag, JF_OP_NEG, times(dag, times(dag, i, dy, false), i, false));
        dx = binary(dag, JF_OP_SUB, dx, times(dag, i, dy, false));
        return binary(dag, JF_OP_DIV, dx, y);
    case JF_OP_POW:
    case JF_OP_LOGIT_ROOT:
        two_slopes(dag, i, by);
        return plus(dag, times(dag, dx, by[0], false), times(dag, dy, by[1], false));
    case JF_OP_MIN:
    case JF_OP_MAX: return choose(dag, first_wins(dag, &node), dx, dy);
    default: return JF_ZERO;
    }
}

bool jf_dag_tangents(jf_dag *dag, const jf_ref *roots, size_t n_roots, jf_ref leaf, jf_ref *out)
{
    size_t n = dag->n;
    bool *needed = JF_NEW_ARRAY(bool, n);
    jf_ref *d = JF_NEW_ARRAY(jf_ref, n);
    bool done = needed && d;

    if (done) jf_dag_mark(dag, roots, n_roots, needed);
    for (size_t i = 0; done && i < n; i++) {
        d[i] = JF_ZERO;
        if (needed[i]) d[i] = (jf_ref)i == leaf ? JF_ONE : tangent(dag, (jf_ref)i, d);
    }
    for (size_t i = 0; i < n_roots; i++) out[i] = done && roots[i] >= 0 ? d[roots[i]] : JF_ZERO;
    jf_free(needed);
    jf_free(d);
    return done && !dag->failed;
}
