/* Random formulas over all functions: values against a plain recursive walk, first and second derivatives
 * against differences, and the same bytes however rows are cut. */
#include <stdio.h>
#include <stdlib.h>
#include "core/expr/evaluate.h"
#include "tests/expr_random.h"

enum { N_ROWS = RANDOM_ROWS, N_PARAMETERS = 3, N_FORMULAS = 600, MAX_STEPS = 64 };

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
    choices from = {.state = seed * 0x9e3779b97f4a7c15u + 1};
    jf_columns columns;
    jf_error err = {0};

    memset(f, 0, sizeof *f);
    f->table = random_table();
    columns = columns_of(&f->table);
    f->ast = random_formula(&from, 5);
    assert_non_null(f->ast);
    f->text = jf_ast_print(f->ast);
    check_ok(jf_formula_bind("test", f->ast, &columns, NULL, 0, NULL, NULL, &f->formula, &err), &err);
    f->inputs = build_inputs(f->formula, &f->table);
    f->arena = new_arena(f->formula, JF_HESSIAN);
    f->k = jf_formula_n_parameters(f->formula);
    for (size_t i = 0; i < f->k; i++) f->theta[i] = 2 * uniform_choice(&from) - 0.7;
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
            double wanted = plain_value(&f.table, row, f.by_name, 0, f.ast);
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
        choices from = {.state = seed * 0x9e3779b97f4a7c15u + 1};
        jf_ast *ast = random_formula(&from, 6), *again;
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
