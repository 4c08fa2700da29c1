/* Laws of the catalogue at their published constants: numbers worked out by hand from the papers. */
#include <stdio.h>
#include "fit/law/law.h"
#include "tests/expr_table.h"

enum { MOST_NAMES = 8 };

typedef struct given {
    const char *name;
    double value;
} given;

/* The law's value, with columns and the parameters that have no published constant given. */
static const struct known {
    const char *law;
    given inputs[MOST_NAMES], parameters[MOST_NAMES];
    double wanted, tolerance;
    bool logarithmic; /* the formula gives the logarithm of `wanted` */
} all[] = {
    {"chinchilla", {{"N", 70e9}, {"D", 1.4e12}}, {{0}}, 1.936645, 3e-7, true},
    {"loss_in_time",
     {{"N", 70e9}, {"tokens_step", 4e6}, {"budget", 7e5}, {"step_time", 2}},
     {{0}},
     1.936645,
     3e-7,
     true},
    {"data_constrained",
     {{"N", 1e9}, {"D", 20e9}, {"U_N", 1e9}, {"U_D", 20e9}},
     {{0}},
     2.560434,
     2e-7,
     false},
    {"kaplan_parameters", {{"N", 1e9}}, {{0}}, 2.375640, 3e-7, false},
    {"kaplan_data", {{"D", 1e10}}, {{0}}, 2.262442, 3e-7, false},
/* the factor of 4, 8 and 16 bits for weights, alone: others at 1000 bits, no data term, N = A = alpha = 1 */
#define BITS(bits, factor)                                                                                   \
    {                                                                                                        \
        "precision", {{"N", 1}, {"D", 1}, {"P_w", bits}, {"P_a", 1000}, {"P_kv", 1000}},                     \
            {{"A", 1}, {"alpha", -1}, {"B", 0}, {"beta", 1}, {"E", 0}}, factor, 7e-4, false                  \
    }
    BITS(4, 0.776),
    BITS(8, 0.950),
    BITS(16, 0.997),
#undef BITS
    /* eta = S/n; the last digit of S may be cut, not rounded */
    {"usl", {{"gpus", 2}}, {{"s", 0.05}, {"k", 0.002}}, 1.897533 / 2, 3e-7, false},
    {"usl", {{"gpus", 4}}, {{"s", 0.05}, {"k", 0.002}}, 3.407155 / 4, 3e-7, false},
    {"usl", {{"gpus", 8}}, {{"s", 0.05}, {"k", 0.002}}, 5.471956 / 8, 3e-7, false},
    {"usl", {{"gpus", 16}}, {{"s", 0.05}, {"k", 0.002}}, 7.174887 / 16, 3e-7, false},
    {"amdahl", {{"gpus", 2}}, {{"p", 0.95}}, 1.904762 / 2, 3e-7, false},
    {"amdahl", {{"gpus", 4}}, {{"p", 0.95}}, 3.478261 / 4, 3e-7, false},
    {"amdahl", {{"gpus", 8}}, {{"p", 0.95}}, 5.925926 / 8, 3e-7, false},
    /* both factors of a critical batch are 2 at the critical batch, and so is the trade-off */
    {"critical_batch_steps", {{"batch", 512}}, {{"S_min", 1000}, {"B_crit", 512}}, 2000, 1e-14, false},
    {"critical_batch_examples",
     {{"batch", 512}},
     {{"E_min", 512000}, {"B_crit", 512}},
     1024000,
     1e-14,
     false},
    {"critical_batch_tradeoff",
     {{"examples", 1024000}},
     {{"S_min", 1000}, {"E_min", 512000}},
     2000,
     1e-14,
     false},
    /* (1e20)^0.4516 is 1076465213.629835, and (1e20)^0.5484 is the rest of 1e20 */
    {"chinchilla_optimum", {{"C", 6e20}}, {{"G", 2}}, 2 * 1076465213.629835, 1e-14, false},
    {"chinchilla_optimum_tokens", {{"C", 6e20}}, {{"G", 2}}, 1e20 / (2 * 1076465213.629835), 1e-14, false},
};

static double constant_of(const struct known *known, const jf_law *law, const char *name)
{
    const jf_parameter_spec *spec = jf_law_find_spec(law, name);

    for (size_t i = 0; i < MOST_NAMES && known->parameters[i].name; i++)
        if (strcmp(known->parameters[i].name, name) == 0) return known->parameters[i].value;
    if (!spec || isnan(spec->published))
        fail_msg("law '%s': '%s' has no published constant", law->name, name);
    return spec->published;
}

static double value_of(const struct known *known, const jf_law *law)
{
    small_table table = {.n_rows = 1};
    jf_columns columns;
    jf_formula *formula = NULL;
    jf_inputs *inputs;
    jf_arena *arena;
    double theta[16], value;
    jf_bind_options options = {.allow_typos = true};
    jf_error err = {0};

    for (size_t i = 0; i < MOST_NAMES && known->inputs[i].name; i++)
        add_numbers(&table, known->inputs[i].name, &known->inputs[i].value);
    columns = columns_of(&table);
    check_ok(jf_formula_bind("law", law->formula, &columns, NULL, 0, &options, NULL, &formula, &err), &err);
    inputs = build_inputs(formula, &table);
    arena = new_arena(formula, JF_VALUE);
    for (size_t j = 0; j < jf_formula_n_parameters(formula); j++)
        theta[j] = constant_of(known, law, jf_formula_parameter(formula, j)->name);
    jf_formula_values(formula, inputs, arena, theta, &value);
    jf_arena_free(arena);
    jf_inputs_free(inputs);
    jf_formula_free(formula);
    return known->logarithmic ? exp(value) : value;
}

static void laws_give_the_numbers_of_their_papers(void **state)
{
    jf_laws laws;
    jf_error err = {0};

    (void)state;
    check_ok(jf_laws_builtin(&laws, &err), &err);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        const jf_law *law = NULL;
        check_ok(jf_laws_find(&laws, all[i].law, &law, &err), &err);
        check_close(value_of(&all[i], law), all[i].wanted, all[i].tolerance, "%s, case %zu", law->name, i);
    }
    jf_laws_free(&laws);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(laws_give_the_numbers_of_their_papers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
