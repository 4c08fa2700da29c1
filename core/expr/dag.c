/* Nodes of the graph: hash-consing, folding of constants, and simplifications that leave NaN where it is. */
#include "core/expr/dag.h"

#include <string.h>
#include "core/memory.h"

int jf_op_n_args(jf_op op)
{
    if (op < JF_FIRST_UNARY) return 0;
    if (op < JF_FIRST_BINARY) return 1;
    return op < JF_OP_IF ? 2 : op < JF_OP_FILL ? 3 : 1;
}

double jf_op_apply(jf_op op, double x, double y, double z)
{
    switch (op) {
#define X(id, expression)                                                                                    \
    case JF_OP_##id: return expression;
        JF_UNARY_OPS(X)
        JF_BINARY_OPS(X)
#undef X
    case JF_OP_IF: return jf_if(x, y, z);
    default: return x;
    }
}

void jf_dag_free(jf_dag *dag)
{
    jf_free(dag->nodes);
    jf_free(dag->table);
    *dag = (jf_dag){0};
}

static size_t mix(size_t hash, uint64_t value)
{
    uint64_t mixed = (hash ^ value) * 0x9e3779b97f4a7c15u;
    return (size_t)(mixed ^ (mixed >> 29));
}

static size_t hash_of(const jf_node *node)
{
    uint64_t bits;
    size_t hash = (size_t)node->op + 1;

    memcpy(&bits, &node->number, sizeof bits);
    hash = mix(hash, bits);
    hash = mix(hash, (uint32_t)node->index);
    for (int i = 0; i < 3; i++) hash = mix(hash, (uint32_t)node->args[i]);
    return hash;
}

static bool same(const jf_node *a, const jf_node *b)
{
    return a->op == b->op && a->index == b->index && a->args[0] == b->args[0] && a->args[1] == b->args[1] &&
           a->args[2] == b->args[2] && memcmp(&a->number, &b->number, sizeof a->number) == 0;
}

static bool grow_table(jf_dag *dag)
{
    size_t size = dag->table_size ? 2 * dag->table_size : 256;
    jf_ref *table = JF_NEW_ARRAY(jf_ref, size);

    if (!table) return false;
    for (size_t i = 0; i < size; i++) table[i] = JF_NONE;
    for (size_t i = 0; i < dag->n; i++) {
        size_t at = hash_of(&dag->nodes[i]) & (size - 1);
        while (table[at] != JF_NONE) at = (at + 1) & (size - 1);
        table[at] = (jf_ref)i;
    }
    jf_free(dag->table);
    dag->table = table;
    dag->table_size = size;
    return true;
}

/* Where the node is in the table, or would be. */
static size_t place_of(const jf_dag *dag, const jf_node *node)
{
    size_t at = hash_of(node) & (dag->table_size - 1);

    while (dag->table[at] != JF_NONE && !same(&dag->nodes[dag->table[at]], node))
        at = (at + 1) & (dag->table_size - 1);
    return at;
}

static bool is_there(const jf_dag *dag, jf_op op, jf_ref a, jf_ref b)
{
    jf_node node = {.op = op, .args = {a, b, JF_NONE}};

    return dag->table[place_of(dag, &node)] != JF_NONE;
}

static jf_ref intern(jf_dag *dag, jf_node node)
{
    size_t at;

    if (dag->failed) return JF_ZERO;
    if (2 * (dag->n + 1) > dag->table_size && !grow_table(dag)) goto failed;
    at = place_of(dag, &node);
    if (dag->table[at] != JF_NONE) return dag->table[at];
    if (dag->n >= JF_DAG_MAX) goto failed;
    if (!jf_grow((void **)&dag->nodes, &dag->capacity, dag->n + 1, sizeof *dag->nodes)) goto failed;
    dag->nodes[dag->n] = node;
    dag->table[at] = (jf_ref)dag->n;
    return (jf_ref)dag->n++;
failed:
    dag->failed = true;
    return JF_ZERO;
}

jf_ref jf_dag_constant(jf_dag *dag, double value)
{
    jf_node node = {.op = JF_OP_CONSTANT, .args = {JF_NONE, JF_NONE, JF_NONE}, .number = value};
    if (value != value) node.number = NAN; /* one NaN is as good as another */
    if (value == 0) node.number = 0;
    return intern(dag, node);
}

void jf_dag_start(jf_dag *dag)
{
    jf_dag_constant(dag, 0);
    jf_dag_constant(dag, 1);
}

jf_ref jf_dag_leaf(jf_dag *dag, jf_op op, int index)
{
    int by = op == JF_OP_PARAMETER ? JF_BY_PARAMETER : op == JF_OP_LEVELS ? JF_BY_BOTH : JF_BY_ROW;
    return intern(dag, (jf_node){.op = op, .by = by, .args = {JF_NONE, JF_NONE, JF_NONE}, .index = index});
}

static bool is_constant(const jf_dag *dag, jf_ref a)
{
    return dag->nodes[a].op == JF_OP_CONSTANT;
}

bool jf_dag_is_constant(const jf_dag *dag, jf_ref a, double value)
{
    return is_constant(dag, a) && dag->nodes[a].number == value;
}

static bool is(const jf_dag *dag, jf_ref a, jf_op op)
{
    return dag->nodes[a].op == op;
}

static double number(const jf_dag *dag, jf_ref a)
{
    return dag->nodes[a].number;
}

static jf_ref make(jf_dag *dag, jf_op op, jf_ref a, jf_ref b, jf_ref c)
{
    jf_node node = {.op = op, .args = {a, b, c}};

    if (dag->failed) return JF_ZERO;
    node.by = dag->nodes[a].by | (b >= 0 ? dag->nodes[b].by : 0) | (c >= 0 ? dag->nodes[c].by : 0);
    return intern(dag, node);
}

jf_ref jf_dag_unary(jf_dag *dag, jf_op op, jf_ref a)
{
    if (dag->failed) return JF_ZERO;
    if (is_constant(dag, a)) return jf_dag_constant(dag, jf_op_apply(op, number(dag, a), 0, 0));
    if (op == JF_OP_NEG && is(dag, a, JF_OP_NEG)) return dag->nodes[a].args[0];
    if (op == JF_OP_LOG && is(dag, a, JF_OP_EXP)) return dag->nodes[a].args[0];
    return make(dag, op, a, JF_NONE, JF_NONE);
}

static jf_ref negative(jf_dag *dag, jf_ref a)
{
    return jf_dag_unary(dag, JF_OP_NEG, a);
}

static bool has_parameter(const jf_dag *dag, jf_ref a)
{
    return dag->nodes[a].by & JF_BY_PARAMETER;
}

/* Which argument of the product `a` is of data only, beside one that is not; -1 for none. */
static int data_factor(const jf_dag *dag, jf_ref a)
{
    const jf_node *node = &dag->nodes[a];

    if (node->op != JF_OP_MUL || !has_parameter(dag, a)) return -1;
    if (dag->nodes[node->args[0]].by == JF_BY_ROW) return 0;
    return dag->nodes[node->args[1]].by == JF_BY_ROW ? 1 : -1;
}

/* d*x op d*y as d*(x op y), JF_NONE where a and b have no such factor d of data in common. */
static jf_ref share_factor(jf_dag *dag, jf_op op, jf_ref a, jf_ref b)
{
    int of_a = data_factor(dag, a), of_b = data_factor(dag, b);
    jf_ref factor;

    if (of_a < 0 || of_b < 0) return JF_NONE;
    factor = dag->nodes[a].args[of_a];
    if (dag->nodes[b].args[of_b] != factor) return JF_NONE;
    return jf_dag_binary(dag, JF_OP_MUL, factor,
                         jf_dag_binary(dag, op, dag->nodes[a].args[1 - of_a], dag->nodes[b].args[1 - of_b]));
}

static jf_ref add(jf_dag *dag, jf_ref a, jf_ref b)
{
    jf_ref shared;

    if (a == JF_ZERO) return b;
    if (b == JF_ZERO) return a;
    if (a == b) return jf_dag_binary(dag, JF_OP_MUL, jf_dag_constant(dag, 2), a);
    if (is(dag, b, JF_OP_NEG)) return jf_dag_binary(dag, JF_OP_SUB, a, dag->nodes[b].args[0]);
    if (is(dag, a, JF_OP_NEG)) return jf_dag_binary(dag, JF_OP_SUB, b, dag->nodes[a].args[0]);
    if ((shared = share_factor(dag, JF_OP_ADD, a, b)) != JF_NONE) return shared;
    return a < b ? make(dag, JF_OP_ADD, a, b, JF_NONE) : make(dag, JF_OP_ADD, b, a, JF_NONE);
}

static jf_ref subtract(jf_dag *dag, jf_ref a, jf_ref b)
{
    jf_ref shared;

    if (b == JF_ZERO) return a;
    if (a == JF_ZERO) return negative(dag, b);
    if (is(dag, b, JF_OP_NEG)) return jf_dag_binary(dag, JF_OP_ADD, a, dag->nodes[b].args[0]);
    if (is(dag, a, JF_OP_NEG)) return negative(dag, jf_dag_binary(dag, JF_OP_ADD, dag->nodes[a].args[0], b));
    if ((shared = share_factor(dag, JF_OP_SUB, a, b)) != JF_NONE) return shared;
    if (is_there(dag, JF_OP_SUB, b, a)) return negative(dag, make(dag, JF_OP_SUB, b, a, JF_NONE));
    return make(dag, JF_OP_SUB, a, b, JF_NONE);
}

static jf_ref multiply(jf_dag *dag, jf_ref a, jf_ref b)
{
    int data;

    if (is_constant(dag, b) || (a > b && !is_constant(dag, a))) { /* a constant stands on the left */
        jf_ref swap = a;
        a = b;
        b = swap;
    }
    if (a == JF_ONE) return b;
    if (jf_dag_is_constant(dag, a, -1)) return negative(dag, b);
    if (is(dag, a, JF_OP_NEG)) return negative(dag, multiply(dag, dag->nodes[a].args[0], b));
    if (is(dag, b, JF_OP_NEG)) return negative(dag, multiply(dag, a, dag->nodes[b].args[0]));
    if (has_parameter(dag, a) && data_factor(dag, b) >= 0) { /* a factor of data goes outside */
        jf_ref swap = a;
        a = b;
        b = swap;
    }
    if (has_parameter(dag, b) && (data = data_factor(dag, a)) >= 0) {
        const jf_node outer = dag->nodes[a];
        return multiply(dag, outer.args[data], multiply(dag, outer.args[1 - data], b));
    }
    return make(dag, JF_OP_MUL, a, b, JF_NONE);
}

static jf_ref divide(jf_dag *dag, jf_ref a, jf_ref b)
{
    if (b == JF_ONE) return a;
    if (is(dag, a, JF_OP_NEG)) return negative(dag, jf_dag_binary(dag, JF_OP_DIV, dag->nodes[a].args[0], b));
    if (is(dag, b, JF_OP_NEG)) return negative(dag, jf_dag_binary(dag, JF_OP_DIV, a, dag->nodes[b].args[0]));
    return make(dag, JF_OP_DIV, a, b, JF_NONE);
}

/* A mask times something is a select; without a mask there is nothing to guard. */
static jf_ref multiply_guarded(jf_dag *dag, jf_ref a, jf_ref b)
{
    const jf_node mask = dag->nodes[a];

    if (a == JF_ZERO || b == JF_ZERO) return JF_ZERO;
    if (is_constant(dag, a)) return multiply(dag, a, b);
    if (b == JF_ONE) return a;
    if (mask.op == JF_OP_IF && mask.args[1] == JF_ONE && mask.args[2] == JF_ZERO)
        return jf_dag_if(dag, mask.args[0], b, JF_ZERO);
    if (mask.op == JF_OP_IF && mask.args[1] == JF_ZERO && mask.args[2] == JF_ONE)
        return jf_dag_if(dag, mask.args[0], JF_ZERO, b);
    return make(dag, JF_OP_MUL0, a, b, JF_NONE);
}

jf_ref jf_dag_binary(jf_dag *dag, jf_op op, jf_ref a, jf_ref b)
{
    if (dag->failed) return JF_ZERO;
    if (is_constant(dag, a) && is_constant(dag, b))
        return jf_dag_constant(dag, jf_op_apply(op, number(dag, a), number(dag, b), 0));
    switch (op) {
    case JF_OP_ADD: return add(dag, a, b);
    case JF_OP_SUB: return subtract(dag, a, b);
    case JF_OP_MUL: return multiply(dag, a, b);
    case JF_OP_DIV: return divide(dag, a, b);
    case JF_OP_MUL0: return multiply_guarded(dag, a, b);
    default: return make(dag, op, a, b, JF_NONE);
    }
}

jf_ref jf_dag_if(jf_dag *dag, jf_ref condition, jf_ref yes, jf_ref no)
{
    if (dag->failed) return JF_ZERO;
    if (is_constant(dag, condition)) {
        double known = number(dag, condition);
        return known != known ? condition : known != 0 ? yes : no;
    }
    return make(dag, JF_OP_IF, condition, yes, no);
}

static jf_ref integer_power(jf_dag *dag, jf_ref x, int n)
{
    jf_ref product = JF_ONE, square = x;

    for (; n > 0; n /= 2) {
        if (n % 2) product = jf_dag_binary(dag, JF_OP_MUL, product, square);
        if (n > 1) square = jf_dag_binary(dag, JF_OP_MUL, square, square);
    }
    return product;
}

jf_ref jf_dag_power(jf_dag *dag, jf_ref x, jf_ref p)
{
    double exponent;

    if (dag->failed) return JF_ZERO;
    exponent = is_constant(dag, p) ? number(dag, p) : NAN;
    if (fabs(exponent) <= 16 && exponent == rint(exponent)) {
        jf_ref power = integer_power(dag, x, (int)fabs(exponent));
        return exponent < 0 ? jf_dag_binary(dag, JF_OP_DIV, JF_ONE, power) : power;
    }
    if (exponent == 0.5) return jf_dag_unary(dag, JF_OP_SQRT, x);
    if (exponent == -0.5) return jf_dag_binary(dag, JF_OP_DIV, JF_ONE, jf_dag_unary(dag, JF_OP_SQRT, x));
    if (!((dag->nodes[x].by | dag->nodes[p].by) & JF_BY_PARAMETER))
        return jf_dag_binary(dag, JF_OP_POW, x, p);
    x = jf_dag_unary(dag, JF_OP_LOGBASE, x);
    return jf_dag_unary(dag, JF_OP_EXP, jf_dag_binary(dag, JF_OP_MUL, p, x));
}

jf_ref jf_dag_log_sum_exp(jf_dag *dag, const jf_ref *terms, size_t n)
{
    jf_ref shift = terms[0], sum = JF_ZERO;

    if (n == 1) return terms[0];
    for (size_t i = 1; i < n; i++) shift = jf_dag_binary(dag, JF_OP_MAX, shift, terms[i]);
    shift = jf_dag_unary(dag, JF_OP_SHIFT, shift);
    for (size_t i = 0; i < n; i++) {
        jf_ref part = jf_dag_binary(dag, JF_OP_EXP_TERM, terms[i], shift);
        sum = jf_dag_binary(dag, JF_OP_ADD, sum, part);
    }
    return jf_dag_binary(dag, JF_OP_ADD, shift, jf_dag_unary(dag, JF_OP_LOG, sum));
}

void jf_dag_mark(const jf_dag *dag, const jf_ref *roots, size_t n_roots, bool *needed)
{
    memset(needed, 0, dag->n * sizeof *needed);
    for (size_t i = 0; i < n_roots; i++)
        if (roots[i] >= 0) needed[roots[i]] = true;
    for (size_t i = dag->n; i-- > 0;)
        for (int k = 0; needed[i] && k < 3; k++)
            if (dag->nodes[i].args[k] >= 0) needed[dag->nodes[i].args[k]] = true;
}

static jf_ref either(jf_dag *dag, jf_ref a, jf_ref b)
{
    if (a == b || b == JF_ZERO) return a;
    return a == JF_ZERO ? b : jf_dag_binary(dag, JF_OP_OR, a, b);
}

/* What makes node `i` bad, given what makes its arguments so. */
static jf_ref bad(jf_dag *dag, size_t i, const int *level_input, const jf_ref *found)
{
    const jf_node node = dag->nodes[i];
    jf_ref any = JF_ZERO;

    if (node.op == JF_OP_LEVELS) return jf_dag_leaf(dag, JF_OP_LEVELS_BAD, level_input[node.index]);
    if (!(node.by & JF_BY_PARAMETER)) return jf_dag_unary(dag, JF_OP_BAD, (jf_ref)i);
    if (node.op == JF_OP_IF && !(dag->nodes[node.args[0]].by & JF_BY_PARAMETER))
        return either(dag, found[node.args[0]],
                      jf_dag_if(dag, node.args[0], found[node.args[1]], found[node.args[2]]));
    for (int k = 0; k < 3; k++)
        if (node.args[k] >= 0) any = either(dag, any, found[node.args[k]]);
    return any;
}

jf_ref jf_dag_bad_rows(jf_dag *dag, jf_ref root, const int *level_input)
{
    size_t n = dag->n;
    bool *needed = JF_NEW_ARRAY(bool, n);
    jf_ref *found = JF_NEW_ARRAY(jf_ref, n), result = JF_ZERO;

    if (!needed || !found) {
        dag->failed = true;
    } else {
        jf_dag_mark(dag, &root, 1, needed);
        for (size_t i = 0; i < n; i++) found[i] = needed[i] ? bad(dag, i, level_input, found) : JF_ZERO;
        result = found[root];
    }
    jf_free(needed);
    jf_free(found);
    return result;
}
