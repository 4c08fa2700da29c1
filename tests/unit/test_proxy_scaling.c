/* Matched scaling: gains, efficiencies and crossings that were planted are found, whatever the units. */
#include "tests/check.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/stream.h"
#include "proxies/scaling.h"

enum { FAMILIES = 30, RUNS = FAMILIES * 5 };

typedef struct sweep {
    jf_table table;
    jf_groups families;
    uint32_t group[RUNS];
    double gpus[RUNS], tokens[RUNS], duration[RUNS], energy[RUNS], size[RUNS];
    int32_t codes[RUNS];
    jf_column strategy;
} sweep;

/* In each family one GPU, then A and B on 2 and 4. A: efficiency 0.8; B: 0.8 sqrt(size / 10), so that they
 * cross at size 10. Energy per token rises by 1.5 from one GPU. */
static void make(double unit, double noise, sweep *s)
{
    static char *levels[] = {"A", "B", "one"};
    jf_stream stream = jf_stream_make(3, JF_FOR_TESTS, 1);

    memset(s, 0, sizeof *s);
    s->table.n_rows = RUNS;
    for (size_t i = 0; i < RUNS; i++) {
        size_t family = i / 5, place = i % 5;
        double size = exp(log(2) + log(50.0 / 2) * (double)family / (FAMILIES - 1)), efficiency;
        s->group[i] = (uint32_t)family;
        s->size[i] = size;
        s->gpus[i] = place == 0 ? 1 : place < 3 ? 2 : 4;
        s->codes[i] = place == 0 ? 2 : (int32_t)(place % 2);
        efficiency = place == 0 ? 1 : s->codes[i] == 0 ? 0.8 : 0.8 * sqrt(size / 10);
        s->tokens[i] = unit * 1e6 * (double)(1 + place);
        s->duration[i] =
            s->tokens[i] / unit / (size * s->gpus[i] * efficiency) * exp(noise * jf_stream_normal(&stream));
        s->energy[i] = s->tokens[i] * (place == 0 ? 2 : 3);
    }
    s->families = (jf_groups){RUNS, s->group, FAMILIES};
    s->strategy =
        (jf_column){.name = "strategy", .kind = JF_LABEL, .codes = s->codes, .levels = levels, .n_levels = 3};
}

static jf_scaling run(const sweep *s)
{
    jf_scaling_input in = {.table = &s->table,
                           .n_rows = RUNS,
                           .families = &s->families,
                           .gpus = s->gpus,
                           .tokens = s->tokens,
                           .duration = s->duration,
                           .energy = s->energy,
                           .along = s->size,
                           .strategy = &s->strategy,
                           .draws = 400,
                           .seed = 1};
    jf_scaling out;
    jf_error err = {0};

    check_ok(jf_scaling_run(&in, &out, &err), &err);
    return out;
}

static void planted_gains_and_crossings_are_found(void **state)
{
    sweep s;
    jf_scaling found;

    (void)state;
    make(1, 0, &s);
    found = run(&s);
    assert_int_equal(found.n_cells, 4);
    assert_int_equal(found.n_matched, 4 * FAMILIES);
    for (size_t i = 0; i < found.n_cells; i++) {
        const jf_scaling_cell *cell = &found.cells[i];
        check_close(cell->energy.value, 1.5, 1e-12, "energy of cell %zu", i);
        check_close(cell->efficiency.value, cell->gain.value / cell->gpus, 1e-12, "efficiency of cell %zu",
                    i);
        if (cell->strategy == 0)
            check_close(cell->gain.value, 0.8 * cell->gpus, 1e-12, "gain of cell %zu", i);
        assert_true(cell->gain.low <= cell->gain.value && cell->gain.value <= cell->gain.high);
        assert_int_equal(cell->n_families, FAMILIES);
    }
    assert_int_equal(found.n_crossovers, 1);
    check_close(found.crossovers[0].at.value, 10, 1e-9, "crossing");
    assert_int_equal(found.crossovers[0].state, JF_CROSSING_INSIDE);
    assert_true(found.crossovers[0].ahead_above == -1);
    jf_scaling_clear(&found);
}

static void an_interval_holds_the_truth_and_units_do_not_matter(void **state)
{
    sweep s;
    jf_scaling one, thousand;

    (void)state;
    make(1, 0.1, &s);
    one = run(&s);
    make(1000, 0.1, &s);
    thousand = run(&s);
    assert_true(one.crossovers[0].at.low < 10 && 10 < one.crossovers[0].at.high);
    assert_true(one.crossovers[0].at.high / one.crossovers[0].at.low < 2);
    for (size_t i = 0; i < one.n_cells; i++)
        check_close(thousand.cells[i].gain.high, one.cells[i].gain.high, 1e-9, "gain of cell %zu", i);
    check_close(thousand.crossovers[0].at.low, one.crossovers[0].at.low, 1e-9, "crossing");
    jf_scaling_clear(&one);
    jf_scaling_clear(&thousand);
}

static void strategies_that_never_meet_do_not_cross(void **state)
{
    sweep s;
    jf_scaling found;

    (void)state;
    make(1, 0.05, &s);
    for (size_t i = 0; i < RUNS; i++) /* B is half of A everywhere: no slope, so no crossing */
        if (s.codes[i] == 1) s.duration[i] *= 2 * sqrt(s.size[i] / 10);
    found = run(&s);
    assert_true(found.crossovers[0].state == JF_CROSSING_NONE ||
                found.crossovers[0].state == JF_CROSSING_FAR);
    assert_true(isnan(found.crossovers[0].at.value));
    jf_scaling_clear(&found);
    for (size_t i = 0; i < RUNS; i++)
        if (s.gpus[i] == 1) s.gpus[i] = 8; /* no baselines are left */
    {
        jf_scaling_input in = {.table = &s.table,
                               .n_rows = RUNS,
                               .families = &s.families,
                               .gpus = s.gpus,
                               .tokens = s.tokens,
                               .duration = s.duration,
                               .along = s.size,
                               .strategy = &s.strategy,
                               .draws = 10};
        jf_error err = {0};
        assert_int_equal(jf_scaling_run(&in, &found, &err), JF_EDATA);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planted_gains_and_crossings_are_found),
        cmocka_unit_test(an_interval_holds_the_truth_and_units_do_not_matter),
        cmocka_unit_test(strategies_that_never_meet_do_not_cross),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
