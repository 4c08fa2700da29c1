/* Random formulas over all functions: values against a plain recursive walk, first and second derivatives
 * against differences, and the same bytes however rows are cut. */
#include <stdio.h>
#include <stdlib.h>
#include "core/expr/evaluate.h"
#include "tests/expr_table.h"

enum { N_ROWS = 37, N_PARAMETERS = 3, N_FORMULAS = 600, MAX_STEPS = 64 };

/* A small generator of our own, so that the formulas are the same everywhere. */
static uint64_t next(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 33;
}

static double uniform(uint64_t *state)
{
    return (double)next(state) / 2147483648.0;
}

static char *kinds[] = {"a", "b", "c"};

static small_table example(void)
{
    static double x[N_ROWS], y[N_ROWS];
    static int32_t kind[N_ROWS];
    small_table t = {.n_rows = N_ROWS};
    uint64_t state = 7;

    for (int i = 0; i < N_ROWS; i++) {
        x[i] = 0.3 + 2 * uniform(&state);
        y[i] = uniform(&state) - 0.5;
        kind[i] = (int32_t)(next(&state) % 3);
    }
    add_numbers(&t, "x", x);
    add_numbers(&t, "y", y);
    add_labels(&t, "kind", kind, kinds, 3);
    return t;
}

/* ---- random formulas: arguments are kept where the function is defined ---- */

static jf_ast *random_tree(uint64_t *state, int depth);

static jf_ast *named(uint64_t *state)
{
    static const char *const names[] = {"p0", "p1", "p2", "x", "y", "r"};
    const char *name = names[next(state) % 6];
    if (name[0] == 'r') return read_ast("r[kind = \"a\"]");
    return jf_ast_name(name);
}

/* Something between about 0.5 and 4. */
static jf_ast *positive(uint64_t *state, int depth)
{
    jf_ast *inside = random_tree(state, depth);
    inside = jf_ast_call1(JF_FN_SIGMOID, inside);
    inside = jf_ast_call2(JF_FN_MUL, jf_ast_number(3.5), inside);
    return jf_ast_call2(JF_FN_ADD, jf_ast_number(0.5), inside);
}

/* Something between -1 and 1. */
static jf_ast *small(uint64_t *state, int depth)
{
    return jf_ast_call1(next(state) % 2 ? JF_FN_TANH : JF_FN_SIN, random_tree(state, depth));
}

static jf_ast *condition(uint64_t *state)
{
    static const char *const texts[] = {
        "y > 0",     "kind == \"b\"",          "x < 1 || y < 0", "x > 0.5 && y > -0.3",
        "!(y <= 0)", "kind in (\"a\", \"c\")", "isna(y) != 1",   "startswith(kind, \"b\")"};
    return read_ast(texts[next(state) % 8]);
}

static jf_ast *random_call(uint64_t *state, int depth)
{
    static const jf_function of_positive[] = {JF_FN_LOG, JF_FN_LOG2, JF_FN_LOG10, JF_FN_LOG1P, JF_FN_SQRT},
                             of_small[] = {JF_FN_EXP, JF_FN_EXPM1, JF_FN_SIN, JF_FN_COS},
                             of_any[] = {JF_FN_NEG, JF_FN_ATAN,    JF_FN_TANH,
                                         JF_FN_ERF, JF_FN_SIGMOID, JF_FN_ABS},
                             of_two[] = {JF_FN_ADD, JF_FN_SUB,   JF_FN_MUL, JF_FN_MIN,
                                         JF_FN_MAX, JF_FN_HINGE, JF_FN_LSE};
    jf_ast *made;

    switch (next(state) % 9) {
    case 0: return jf_ast_call1(of_positive[next(state) % 5], positive(state, depth));
    case 1: return jf_ast_call1(of_small[next(state) % 4], small(state, depth));
    case 2: return jf_ast_call1(of_any[next(state) % 6], random_tree(state, depth));
    case 3: made = positive(state, depth); return jf_ast_call2(JF_FN_POW, made, small(state, depth));
    case 4: made = random_tree(state, depth); return jf_ast_call2(JF_FN_DIV, made, positive(state, depth));
    case 5:
        made = small(state, depth);
        return jf_ast_call2(JF_FN_POW, made, jf_ast_number((double)(next(state) % 4 + 1)));
    case 6:
        made = random_tree(state, depth);
        return jf_ast_call2(JF_FN_LOGISTIC_ROOT, made, positive(state, depth));
    case 7: {
        jf_ast *test = condition(state), *yes = random_tree(state, depth), *no = random_tree(state, depth);
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
        made = random_tree(state, depth);
        return jf_ast_call2(of_two[next(state) % 7], made, random_tree(state, depth));
    }
}

static jf_ast *random_tree(uint64_t *state, int depth)
{
    if (depth <= 0 || next(state) % 8 == 0)
        return next(state) % 4 ? named(state) : jf_ast_number(uniform(state) + 0.1);
    return random_call(state, depth - 1);
}

/* ---- a plain walk over the tree, one row at a time ---- */

typedef struct world {
    const small_table *table;
    size_t row;
    const double *theta; /* p0 p1 p2 r[b] r[c] */
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

static double walk(const world *w, const jf_ast *ast)
{
    if (ast->kind == JF_AST_NUMBER) return ast->number;
    if (ast->kind == JF_AST_NAME) return walk_name(w, ast->text);
    if (ast->kind == JF_AST_LEVELS) {
        int32_t code = find_column(w->table, "kind")->codes[w->row];
        return code == 0 ? 0 : w->theta[N_PARAMETERS + code - 1];
    }
    if (ast->kind == JF_AST_IN)
        return label_is(w, ast->args[0], ast->args[1]) || label_is(w, ast->args[0], ast->args[2]);
    if (ast->function == JF_FN_IF) return walk(w, ast->args[walk(w, ast->args[0]) != 0 ? 1 : 2]);
    return ast->n_args == 1 ? walk_one(ast->function, walk(w, ast->args[0])) : walk_two(w, ast);
}

/* ---- what is compared ---- */

typedef struct fixture {
    small_table table;
    jf_ast *ast;
    jf_formula *formula;
    jf_inputs *inputs;
    jf_arena *arena;
    size_t k;
    double theta[N_PARAMETERS + 2];   /* in the formula's order */
    double by_name[N_PARAMETERS + 2]; /* p0 p1 p2 r[b] r[c] */
    char *text;
} fixture;

static void name_theta(fixture *f)
{
    static const char *const names[] = {"p0", "p1", "p2", "r[b]", "r[c]"};
    for (int i = 0; i < N_PARAMETERS + 2; i++) {
        long at = jf_formula_find(f->formula, names[i]);
        if (at >= 0) f->by_name[i] = f->theta[at];
    }
}

static void setup(fixture *f, uint64_t seed)
{
    uint64_t state = seed * 0x9e3779b97f4a7c15u + 1;
    jf_columns columns;
    jf_error err = {0};

    memset(f, 0, sizeof *f);
    f->table = example();
    columns = columns_of(&f->table);
    f->ast = random_tree(&state, 5);
    assert_non_null(f->ast);
    f->text = jf_ast_print(f->ast);
    check_ok(jf_formula_bind("test", f->ast, &columns, NULL, 0, NULL, NULL, &f->formula, &err), &err);
    f->inputs = build_inputs(f->formula, &f->table);
    f->arena = new_arena(f->formula, JF_HESSIAN);
    f->k = jf_formula_n_parameters(f->formula);
    for (size_t i = 0; i < f->k; i++) f->theta[i] = 2 * uniform(&state) - 0.7;
    name_theta(f);
}

static void teardown(fixture *f)
{
    jf_arena_free(f->arena);
    jf_inputs_free(f->inputs);
    jf_formula_free(f->formula);
    jf_ast_free(f->ast);
    jf_free(f->text);
}

static double scale_of(const double *values, size_t n)
{
    double most = 1e-3;
    for (size_t i = 0; i < n; i++) most = fmax(most, fabs(values[i]));
    return most;
}

static void values_are_those_of_a_plain_walk_over_the_tree(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < N_FORMULAS; seed++) {
        fixture f;
        double values[N_ROWS];
        setup(&f, seed);
        jf_formula_values(f.formula, f.inputs, f.arena, f.theta, values);
        for (size_t row = 0; row < N_ROWS; row++) {
            world w = {&f.table, row, f.by_name};
            double wanted = walk(&w, f.ast);
            check_close(values[row] - wanted, 0, 1e-11 * fmax(1, fabs(wanted)), "%s, row %zu (%g)", f.text,
                        row, wanted);
        }
        teardown(&f);
    }
}

/* The text that is printed reads back to the same tree. */
static void printed_formulas_read_back_the_same(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < N_FORMULAS; seed++) {
        uint64_t generator = seed * 0x9e3779b97f4a7c15u + 1;
        jf_ast *ast = random_tree(&generator, 6), *again;
        char *text = jf_ast_print(ast);
        again = read_ast(text);
        if (!jf_ast_equal(ast, again)) fail_msg("'%s' reads back as another tree", text);
        jf_ast_free(again);
        jf_ast_free(ast);
        jf_free(text);
    }
}

/* Whether the function is smooth around theta in one direction: differences with two steps agree. Kinks (abs,
 * min, hinge at random places) are rare, and must not be the rule. */
static bool smooth(double coarse, double fine, double scale)
{
    return fabs(coarse - fine) <= 1e-5 * scale;
}

static void difference(fixture *f, size_t p, double step, double *out)
{
    double keep = f->theta[p], low[N_ROWS];

    f->theta[p] = keep + step;
    jf_formula_values(f->formula, f->inputs, f->arena, f->theta, out);
    f->theta[p] = keep - step;
    jf_formula_values(f->formula, f->inputs, f->arena, f->theta, low);
    f->theta[p] = keep;
    for (size_t i = 0; i < N_ROWS; i++) out[i] = (out[i] - low[i]) / (2 * step);
}

static void first_derivatives_are_those_that_differences_show(void **state)
{
    size_t compared = 0, kinks = 0;

    (void)state;
    for (uint64_t seed = 0; seed < N_FORMULAS; seed++) {
        fixture f;
        double values[N_ROWS], jacobian[(N_PARAMETERS + 2) * N_ROWS], fine[N_ROWS], coarse[N_ROWS];
        setup(&f, seed);
        jf_formula_jacobian(f.formula, f.inputs, f.arena, f.theta, values, jacobian, N_ROWS);
        for (size_t p = 0; p < f.k; p++) {
            difference(&f, p, 1e-4, coarse);
            difference(&f, p, 5e-5, fine);
            double scale = scale_of(fine, N_ROWS);
            for (size_t i = 0; i < N_ROWS; i++) {
                if (!smooth(coarse[i], fine[i], scale)) {
                    kinks++;
                    continue;
                }
                compared++;
                check_close(jacobian[p * N_ROWS + i] - fine[i], 0, 2e-5 * scale, "d(%s)/d%s, row %zu: %g",
                            f.text, jf_formula_parameter(f.formula, p)->name, i, fine[i]);
            }
        }
        teardown(&f);
    }
    assert_true(compared > 20000);
    assert_true(kinks * 50 < compared);
}

/* The curvature with weight 1 in one row is that row's matrix of second derivatives. */
static void check_row_curvature(fixture *f, size_t row, double (*jacobians)[2][(N_PARAMETERS + 2) * N_ROWS],
                                double step, size_t *compared, size_t *kinks)
{
    double weight[N_ROWS] = {0}, curvature[(N_PARAMETERS + 2) * (N_PARAMETERS + 2)] = {0};

    weight[row] = 1;
    jf_formula_curvature(f->formula, f->inputs, f->arena, f->theta, weight, curvature);
    for (size_t p = 0; p < f->k; p++)
        for (size_t q = 0; q < f->k; q++) {
            double above = jacobians[p][0][q * N_ROWS + row], below = jacobians[p][1][q * N_ROWS + row];
            double wanted = (above - below) / (2 * step), found = curvature[p * f->k + q];
            double other = curvature[q * f->k + p];
            assert_true(found == other);
            (*compared)++;
            if (fabs(found - wanted) <= 1e-4 * fmax(1, fabs(wanted))) continue;
            (*kinks)++; /* a kink within the step: counted, and bounded below */
        }
}

static void second_derivatives_are_those_that_differences_show(void **state)
{
    size_t compared = 0, kinks = 0;
    const double step = 1e-6;

    (void)state;
    for (uint64_t seed = 0; seed < N_FORMULAS; seed++) {
        fixture f;
        static double jacobians[N_PARAMETERS + 2][2][(N_PARAMETERS + 2) * N_ROWS];
        setup(&f, seed);
        for (size_t p = 0; p < f.k; p++)
            for (int side = 0; side < 2; side++) {
                double keep = f.theta[p];
                f.theta[p] += side ? -step : step;
                jf_formula_jacobian(f.formula, f.inputs, f.arena, f.theta, NULL, jacobians[p][side], N_ROWS);
                f.theta[p] = keep;
            }
        for (size_t row = 0; row < N_ROWS; row += 6)
            check_row_curvature(&f, row, jacobians, step, &compared, &kinks);
        teardown(&f);
    }
    assert_true(compared > 20000);
    if (kinks * 500 > compared) fail_msg("%zu of %zu second derivatives disagree", kinks, compared);
}

/* Any cut into blocks, and any subset of rows, gives the same bytes. */
static void rows_give_the_same_bytes_however_they_are_cut(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < N_FORMULAS; seed += 5) {
        fixture f;
        double whole[N_ROWS];
        const double *value, *slots[8], *pairs[64];
        jf_inputs *odd = NULL;
        jf_error err = {0};
        size_t index[N_ROWS / 2];
        setup(&f, seed);
        jf_formula_values(f.formula, f.inputs, f.arena, f.theta, whole);
        for (size_t size = 1; size < N_ROWS; size += 3) {
            jf_eval_begin(f.formula, f.inputs, f.arena, f.theta, JF_HESSIAN);
            for (size_t row = 0; row < N_ROWS; row += size) {
                size_t n = N_ROWS - row < size ? N_ROWS - row : size;
                jf_eval_block(f.formula, f.inputs, f.arena, row, n, &value, slots, pairs);
                if (memcmp(value, whole + row, n * sizeof *value) != 0)
                    fail_msg("%s: blocks of %zu change row %zu", f.text, size, row);
            }
        }
        for (size_t i = 0; i < N_ROWS / 2; i++) index[i] = 2 * i + 1;
        check_ok(jf_inputs_subset(f.formula, f.inputs, index, N_ROWS / 2, NULL, &odd, &err), &err);
        jf_eval_begin(f.formula, odd, f.arena, f.theta, JF_VALUE);
        jf_eval_block(f.formula, odd, f.arena, 0, N_ROWS / 2, &value, slots, pairs);
        for (size_t i = 0; i < N_ROWS / 2; i++)
            if (memcmp(&value[i], &whole[index[i]], sizeof *value) != 0)
                fail_msg("%s: subset changes a row", f.text);
        jf_inputs_free(odd);
        teardown(&f);
    }
}

/* Instruction sets differ by what their vector functions round: a few units in the last place of the largest
 * part. */
static void instruction_sets_agree(void **state)
{
    static const char *const names[] = {"avx2", "avx512"};
    const char *chosen = jf_kernels_name();

    (void)state;
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        if (!jf_kernels_choose(names[k])) {
            printf("SKIPPED: this machine has no %s\n", names[k]);
            continue;
        }
        for (uint64_t seed = 0; seed < N_FORMULAS; seed += 3) {
            fixture f;
            double wide[N_ROWS], base[N_ROWS], j_wide[5 * N_ROWS], j_base[5 * N_ROWS];
            setup(&f, seed);
            assert_true(jf_kernels_choose(names[k]));
            jf_formula_jacobian(f.formula, f.inputs, f.arena, f.theta, wide, j_wide, N_ROWS);
            assert_true(jf_kernels_choose("sse2"));
            jf_formula_jacobian(f.formula, f.inputs, f.arena, f.theta, base, j_base, N_ROWS);
            for (size_t i = 0; i < N_ROWS; i++)
                check_close(wide[i] - base[i], 0, 1e-12 * fmax(1, fabs(base[i])), "%s by %s", f.text,
                            names[k]);
            for (size_t i = 0; i < f.k * N_ROWS; i++)
                check_close(j_wide[i] - j_base[i], 0, 1e-11 * fmax(1, fabs(j_base[i])),
                            "gradient of %s by %s", f.text, names[k]);
            teardown(&f);
        }
    }
    assert_true(jf_kernels_choose(chosen));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_those_of_a_plain_walk_over_the_tree),
        cmocka_unit_test(printed_formulas_read_back_the_same),
        cmocka_unit_test(first_derivatives_are_those_that_differences_show),
        cmocka_unit_test(second_derivatives_are_those_that_differences_show),
        cmocka_unit_test(rows_give_the_same_bytes_however_they_are_cut),
        cmocka_unit_test(instruction_sets_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
