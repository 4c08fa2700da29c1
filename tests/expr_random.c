/* Random formulas over all functions, and a plain recursive walk over them. */
#include "tests/expr_random.h"

uint64_t next_choice(choices *from)
{
    if (from->bytes) {
        if (!from->n_bytes) return 0;
        from->n_bytes--;
        return *from->bytes++;
    }
    from->state = from->state * 6364136223846793005u + 1442695040888963407u;
    return from->state >> 33;
}

double uniform_choice(choices *from)
{
    return (double)next_choice(from) / (from->bytes ? 256 : 2147483648.0);
}

small_table random_table(void)
{
    static char *kinds[] = {"a", "b", "c"};
    static double x[RANDOM_ROWS], y[RANDOM_ROWS];
    static int32_t kind[RANDOM_ROWS];
    small_table t = {.n_rows = RANDOM_ROWS};
    choices from = {.state = 7};

    for (int i = 0; i < RANDOM_ROWS; i++) {
        x[i] = 0.3 + 2 * uniform_choice(&from);
        y[i] = uniform_choice(&from) - 0.5;
        kind[i] = (int32_t)(next_choice(&from) % 3);
    }
    add_numbers(&t, "x", x);
    add_numbers(&t, "y", y);
    add_labels(&t, "kind", kind, kinds, 3);
    return t;
}

/* ---- random formulas: arguments are kept where the function is defined ---- */

static jf_ast *named(choices *from)
{
    static const char *const names[] = {"p0", "p1", "p2", "x", "y", "r"};
    const char *name = names[next_choice(from) % 6];
    if (name[0] == 'r') return read_ast("r[kind = \"a\"]");
    return jf_ast_name(name);
}

/* Something between about 0.5 and 4. */
static jf_ast *positive(choices *from, int depth)
{
    jf_ast *inside = random_formula(from, depth);
    inside = jf_ast_call1(JF_FN_SIGMOID, inside);
    inside = jf_ast_call2(JF_FN_MUL, jf_ast_number(3.5), inside);
    return jf_ast_call2(JF_FN_ADD, jf_ast_number(0.5), inside);
}

/* Something between -1 and 1. */
static jf_ast *small(choices *from, int depth)
{
    return jf_ast_call1(next_choice(from) % 2 ? JF_FN_TANH : JF_FN_SIN, random_formula(from, depth));
}

static jf_ast *condition(choices *from)
{
    static const char *const texts[] = {
        "y > 0",     "kind == \"b\"",          "x < 1 || y < 0", "x > 0.5 && y > -0.3",
        "!(y <= 0)", "kind in (\"a\", \"c\")", "isna(y) != 1",   "startswith(kind, \"b\")"};
    return read_ast(texts[next_choice(from) % 8]);
}

static jf_ast *random_call(choices *from, int depth)
{
    static const jf_function of_positive[] = {JF_FN_LOG, JF_FN_LOG2, JF_FN_LOG10, JF_FN_LOG1P, JF_FN_SQRT},
                             of_small[] = {JF_FN_EXP, JF_FN_EXPM1, JF_FN_SIN, JF_FN_COS},
                             of_any[] = {JF_FN_NEG, JF_FN_ATAN,    JF_FN_TANH,
                                         JF_FN_ERF, JF_FN_SIGMOID, JF_FN_ABS},
                             of_two[] = {JF_FN_ADD, JF_FN_SUB,   JF_FN_MUL, JF_FN_MIN,
                                         JF_FN_MAX, JF_FN_HINGE, JF_FN_LSE};
    jf_ast *made;

    switch (next_choice(from) % 9) {
    case 0: return jf_ast_call1(of_positive[next_choice(from) % 5], positive(from, depth));
    case 1: return jf_ast_call1(of_small[next_choice(from) % 4], small(from, depth));
    case 2: return jf_ast_call1(of_any[next_choice(from) % 6], random_formula(from, depth));
    case 3: made = positive(from, depth); return jf_ast_call2(JF_FN_POW, made, small(from, depth));
    case 4: made = random_formula(from, depth); return jf_ast_call2(JF_FN_DIV, made, positive(from, depth));
    case 5:
        made = small(from, depth);
        return jf_ast_call2(JF_FN_POW, made, jf_ast_number((double)(next_choice(from) % 4 + 1)));
    case 6:
        made = random_formula(from, depth);
        return jf_ast_call2(JF_FN_LOGISTIC_ROOT, made, positive(from, depth));
    case 7: {
        jf_ast *test = condition(from), *yes = random_formula(from, depth), *no = random_formula(from, depth);
        jf_ast *call = read_ast("if(1, 2, 3)");
        jf_ast_free(call->args[0]);
        jf_ast_free(call->args[1]);
        jf_ast_free(call->args[2]);
        call->args[0] = test;
        call->args[1] = yes;
        call->args[2] = no;
        return call;
    }
    default:
        made = random_formula(from, depth);
        return jf_ast_call2(of_two[next_choice(from) % 7], made, random_formula(from, depth));
    }
}

jf_ast *random_formula(choices *from, int depth)
{
    if (depth <= 0 || next_choice(from) % 8 == 0)
        return next_choice(from) % 4 ? named(from) : jf_ast_number(uniform_choice(from) + 0.1);
    return random_call(from, depth - 1);
}

/* ---- a plain walk over the tree, one row at a time ---- */

typedef struct world {
    const small_table *table;
    size_t row;
    const double *theta; /* p0 p1 p2 r[b] r[c] */
    double wobble;
} world;

static double walk(const world *w, const jf_ast *ast);

static bool label_is(const world *w, const jf_ast *column, const jf_ast *text)
{
    const jf_column *c = find_column(w->table, column->text);
    return strcmp(c->levels[c->codes[w->row]], text->text) == 0;
}

static double walk_name(const world *w, const char *name)
{
    const jf_column *column = find_column(w->table, name);
    return column ? column->values[w->row] : w->theta[name[1] - '0'];
}

/* By bisection in the log-odds u: log(t) - p*log(1 - t) of t = sigmoid(u). */
static double walk_logistic_root(double x, double p)
{
    double low = -1e6, high = 1e6;

    for (int i = 0; i < 200; i++) {
        double u = (low + high) / 2, soft = fmax(u, 0) + log1p(exp(-fabs(u)));
        if (u - soft + p * soft < x)
            low = u;
        else
            high = u;
    }
    return 1 / (1 + exp(-low));
}

static double walk_two(const world *w, const jf_ast *ast)
{
    double a, b;

    if (ast->function == JF_FN_EQ && ast->args[1]->kind == JF_AST_STRING)
        return label_is(w, ast->args[0], ast->args[1]);
    if (ast->function == JF_FN_STARTSWITH) return label_is(w, ast->args[0], ast->args[1]);
    a = walk(w, ast->args[0]);
    b = walk(w, ast->args[1]);
    switch (ast->function) {
    case JF_FN_ADD: return a + b;
    case JF_FN_SUB: return a - b;
    case JF_FN_MUL: return a * b;
    case JF_FN_DIV: return a / b;
    case JF_FN_POW: return pow(a, b);
    case JF_FN_LT: return a < b;
    case JF_FN_LE: return a <= b;
    case JF_FN_GT: return a > b;
    case JF_FN_NE: return a != b;
    case JF_FN_AND: return a != 0 && b != 0;
    case JF_FN_OR: return a != 0 || b != 0;
    case JF_FN_MIN: return fmin(a, b);
    case JF_FN_MAX: return fmax(a, b);
    case JF_FN_HINGE: return fmax(a - b, 0);
    case JF_FN_LOGISTIC_ROOT: return walk_logistic_root(a, b);
    case JF_FN_LSE: return fmax(a, b) + log1p(exp(-fabs(a - b)));
    default: fail_msg("function %s is not walked", jf_functions[ast->function].name); return NAN;
    }
}

static double walk_one(jf_function function, double a)
{
    switch (function) {
    case JF_FN_NEG: return -a;
    case JF_FN_NOT: return a == 0;
    case JF_FN_ISNA: return isnan(a);
    case JF_FN_LOG: return log(a);
    case JF_FN_LOG2: return log2(a);
    case JF_FN_LOG10: return log10(a);
    case JF_FN_LOG1P: return log1p(a);
    case JF_FN_EXP: return exp(a);
    case JF_FN_EXPM1: return expm1(a);
    case JF_FN_SQRT: return sqrt(a);
    case JF_FN_ABS: return fabs(a);
    case JF_FN_SIN: return sin(a);
    case JF_FN_COS: return cos(a);
    case JF_FN_ATAN: return atan(a);
    case JF_FN_TANH: return tanh(a);
    case JF_FN_ERF: return erf(a);
    case JF_FN_SIGMOID: return 1 / (1 + exp(-a));
    default: fail_msg("function %s is not walked", jf_functions[function].name); return NAN;
    }
}

static double walk_node(const world *w, const jf_ast *ast)
{
    if (ast->kind == JF_AST_NUMBER) return ast->number;
    if (ast->kind == JF_AST_NAME) return walk_name(w, ast->text);
    if (ast->kind == JF_AST_LEVELS) {
        int32_t code = find_column(w->table, "kind")->codes[w->row];
        return code == 0 ? 0 : w->theta[3 + code - 1];
    }
    if (ast->kind == JF_AST_IN)
        return label_is(w, ast->args[0], ast->args[1]) || label_is(w, ast->args[0], ast->args[2]);
    if (ast->function == JF_FN_IF) return walk(w, ast->args[walk(w, ast->args[0]) != 0 ? 1 : 2]);
    return ast->n_args == 1 ? walk_one(ast->function, walk(w, ast->args[0])) : walk_two(w, ast);
}

/* Each node is off by the wobble, up and down in turn. */
static double walk(const world *w, const jf_ast *ast)
{
    return walk_node(w, ast) * (1 + (ast->height % 2 ? w->wobble : -w->wobble));
}

double plain_value(const small_table *table, size_t row, const double *theta, double wobble,
                   const jf_ast *ast)
{
    return walk(&(world){table, row, theta, wobble}, ast);
}
