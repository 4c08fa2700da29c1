/* Planted laws are recovered without a start: the additive step-energy law with levels inside its logarithm,
 * bounded at zero, its constants ten orders of magnitude apart. */
#include "tests/check.h"

#include <math.h>
#include <stdio.h>
#include "core/memory.h"
#include "core/stream.h"
#include "tests/problem.h"

enum { MOST_RUNS = 600, N_COLUMNS = 7 };

static const char *const strategies[] = {"Baseline", "FSDP", "TP"};
static const double power[] = {0, 0.7, 0.8}, fixed_energy[] = {3e-3, 5e-3, 8e-3},
                    layer_energy[] = {1e-3, 2e-3, 4e-3};
static const double link_energy[] = {0, 1e-10, 3e-10}, compute_energy = 2e-13;

typedef struct sweep {
    double gpus[MOST_RUNS], layers[MOST_RUNS], work[MOST_RUNS], bytes[MOST_RUNS], tokens[MOST_RUNS],
        batch[MOST_RUNS];
    double energy[MOST_RUNS];
    const char *strategy[MOST_RUNS];
} sweep;

static double pick(jf_stream *stream, const double *choices, size_t n)
{
    return choices[jf_stream_below(stream, n)];
}

/* Runs of a sweep with 1 % noise; `floor` multiplies the energy that does not depend on layers. */
static void simulate(uint64_t index, size_t n, double floor, sweep *s)
{
    static const double gpus[] = {2, 4, 8}, layers[] = {2, 4, 6, 8, 12, 16, 24},
                        widths[] = {256, 512, 768, 1024};
    static const double batches[] = {8, 16, 32, 64}, lengths[] = {128, 256, 512}, tokens[] = {1e6, 1e7, 1e8};
    jf_stream stream = jf_stream_make(31, JF_FOR_TESTS, index);

    for (size_t i = 0; i < n; i++) {
        size_t kind = jf_stream_below(&stream, 3);
        double width = pick(&stream, widths, 4), length = pick(&stream, lengths, 3), step;

        s->strategy[i] = strategies[kind];
        s->gpus[i] = kind ? pick(&stream, gpus, 3) : 1;
        s->layers[i] = pick(&stream, layers, 7);
        s->batch[i] = pick(&stream, batches, 4);
        s->tokens[i] = pick(&stream, tokens, 3);
        s->work[i] = 24 * s->layers[i] * width * width * s->batch[i] * length;
        s->bytes[i] = 8 * s->layers[i] * width * s->batch[i] * length * (s->gpus[i] - 1) / s->gpus[i];
        step = floor * fixed_energy[kind] + layer_energy[kind] * s->layers[i] + compute_energy * s->work[i] +
               link_energy[kind] * s->bytes[i];
        s->energy[i] = pow(s->gpus[i], power[kind]) * s->tokens[i] / s->batch[i] * step *
                       exp(0.01 * jf_stream_normal(&stream));
    }
}

static const char LAW[] =
    "log(E) ~ p[strategy = \"Baseline\"]*log(gpus) + q*log(tokens) + c*log(batch) + log(h0[strategy] + "
    "h1[strategy]*layers + ec*w + ev[strategy = \"Baseline\"]*v)";

static jf_problem *bind(const sweep *s, size_t n, jf_table **table, jf_law **law)
{
    static const char *const names[N_COLUMNS] = {"gpus", "layers", "w", "v", "tokens", "batch", "E"};
    const double *values[N_COLUMNS] = {s->gpus, s->layers, s->work, s->bytes, s->tokens, s->batch, s->energy};
    jf_fit_options settings = {.error = NULL};
    jf_problem *problem;
    jf_error err = {0};

    *table = test_table(N_COLUMNS, names, values, n);
    test_add_labels(*table, "strategy", s->strategy);
    check_ok(jf_law_read(LAW, law, &err), &err);
    check_ok(jf_law_set_bounds(*law, "h0=0:,h1=0:,ec=0:,ev=0:", &err), &err);
    check_ok(jf_problem_build(*law, *table, NULL, 0, &settings, NULL, &problem, &err), &err);
    return problem;
}

static void step_energies_are_recovered_and_every_seed_agrees(void **state)
{
    static const size_t sizes[] = {150, 600};
    sweep *s = JF_NEW(sweep);

    (void)state;
    for (size_t size = 0; size < 2; size++) {
        jf_table *table;
        jf_law *law;
        jf_problem *p;
        double first = NAN;

        simulate(size, sizes[size], 1, s);
        p = bind(s, sizes[size], &table, &law);
        for (uint64_t seed = 0; seed < 4; seed++) {
            jf_solve_options options = test_solve_options();
            jf_solution solution;
            jf_error err = {0};

            options.seed = seed;
            check_ok(jf_solve(p, &options, &solution, &err), &err);
            if (!seed) first = solution.loss;
            check_close(solution.loss, first, 1e-9, "%zu runs, seed %d", sizes[size], (int)seed);
            assert_int_equal(solution.outcome, JF_CONVERGED);
            check_close(solution.theta[test_parameter(p, "q")], 1, 2e-3, "tokens");
            check_close(solution.theta[test_parameter(p, "c")], -1, 4e-3, "batch");
            check_close(solution.theta[test_parameter(p, "p[TP]")], 0.8, 1e-2, "TP");
            check_close(solution.theta[test_parameter(p, "p[FSDP]")], 0.7, 1e-2, "FSDP");
            check_close(solution.theta[test_parameter(p, "ec")], compute_energy, 0.05, "compute");
            check_close(solution.theta[test_parameter(p, "ev[TP]")], 3e-10, 0.05, "links");
            jf_solution_clear(&solution);
        }
        jf_problem_free(p);
        jf_law_free(law);
        jf_table_free(table);
    }
    jf_free(s);
}

static void an_energy_that_is_not_there_comes_out_small_or_at_its_bound(void **state)
{
    sweep *s = JF_NEW(sweep);
    jf_solve_options options = test_solve_options();
    jf_solution solution;
    jf_table *table;
    jf_law *law;
    jf_problem *p;
    jf_error err = {0};
    size_t at_bound = 0;

    (void)state;
    simulate(9, 300, 0, s);
    p = bind(s, 300, &table, &law);
    check_ok(jf_solve(p, &options, &solution, &err), &err);
    for (size_t kind = 0; kind < 3; kind++) {
        char name[24];
        size_t j;

        snprintf(name, sizeof name, "h0[%s]", strategies[kind]);
        j = test_parameter(p, name);
        assert_true(solution.theta[j] >= 0 && solution.theta[j] < 0.2 * fixed_energy[kind]);
        at_bound += solution.bound[j] == -1;
    }
    assert_int_equal(solution.outcome, at_bound ? JF_AT_BOUND : JF_CONVERGED);
    assert_true(at_bound > 0);
    jf_solution_clear(&solution);
    jf_problem_free(p);
    jf_law_free(law);
    jf_table_free(table);
    jf_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(step_energies_are_recovered_and_every_seed_agrees),
        cmocka_unit_test(an_energy_that_is_not_there_comes_out_small_or_at_its_bound),
    };
    return cmocka_run_group_tests(tests, test_settle_libraries, NULL);
}
