/* The physical model of a step: its parts against hand counts, its limits, and what it refuses. */
#include <math.h>
#include <string.h>
#include "proxies/simulate_run.h"
#include "tests/check.h"

typedef struct world {
    jf_hardware hardware;
    jf_sim_machine machine;
    jf_sim_model model;
} world;

static int make_world(void **state)
{
    static world made;
    jf_error err = {0};

    memset(&made, 0, sizeof made);
    check_ok(jf_hardware_builtin(&made.hardware, &err), &err);
    made.machine = (jf_sim_machine){.peak = 312e12,
                                    .compute_fraction = 0.5,
                                    .bandwidth_fraction = 0.8,
                                    .link_fraction = 0.75,
                                    .step_s = 5e-3,
                                    .layer_s = 1e-3,
                                    .latency_s = 1e-5,
                                    .idle_w = 60,
                                    .clocks_w = 30,
                                    .flop_J = 1e-12,
                                    .byte_J = 5e-11,
                                    .link_byte_J = 1e-10};
    made.model = (jf_sim_model){.norm = 3,
                                .overlap = 0.6,
                                .launch_factor = {1, 1.2, 1.5},
                                .activation_traffic = 2,
                                .logits_traffic = 8,
                                .memory_share = 0.9};
    check_ok(jf_hardware_find(&made.hardware, "A100-SXM4-80GB", &made.machine.gpu, NULL, &err), &err);
    *state = &made;
    return 0;
}

static int drop_world(void **state)
{
    world *made = *state;

    jf_hardware_free(&made->hardware);
    return 0;
}

static jf_sim_run bert_base(jf_sim_strategy strategy, double gpus)
{
    return (jf_sim_run){.layers = 12,
                        .width = 768,
                        .heads = 12,
                        .batch = 32,
                        .sequence = 128,
                        .vocabulary = 30522,
                        .positions = 512,
                        .steps = 100,
                        .strategy = strategy,
                        .gpus = gpus};
}

static jf_sim_step cost(void **state, jf_sim_run run)
{
    const world *made = *state;
    jf_error err = {0};
    jf_sim_step step;

    check_ok(jf_simulate_step(&made->machine, &made->model, &run, &step, &err), &err);
    return step;
}

/* Published counts of BERT-base, 32 sequences of 128 tokens. */
static void parts_agree_with_known_counts(void **state)
{
    double head = 2.0 * 4096 * 768 * 768 + 2.0 * 4096 * 768 * 30522;
    jf_sim_step one = cost(state, bert_base(JF_SIM_BASELINE, 1));
    jf_sim_step tp = cost(state, bert_base(JF_SIM_TP, 4));
    jf_sim_step fsdp = cost(state, bert_base(JF_SIM_FSDP, 4));

    check_close(one.parameters, 109514298, 0, "parameters of BertForMaskedLM");
    check_close(one.flops, 3 * (715112054784.0 + head), 1e-15, "training FLOPs");
    check_close(tp.flops, one.flops / 4, 1e-15, "tensor parallel shares one replica");
    check_close(fsdp.flops, one.flops, 1e-15, "FSDP has a replica on each GPU");
    check_close(one.link_bytes, 0, 0, "nothing is sent by one GPU");
    check_close(tp.link_bytes, 452984832, 1e-15, "Megatron all-reduces");
    check_close(fsdp.link_bytes, 3 * 0.75 * 109514298 * 2, 1e-15, "FSDP gathers and scatters");
    check_close(one.memory_byte, 16 * 109514298.0 + 1660944384.0 + 8.0 * 4096 * 30522, 1e-15,
                "state, activations and logits");
    check_close(one.bytes, 34 * 109514298.0 + 2 * 1660944384.0 + 8.0 * 4096 * 30522, 1e-15, "traffic");
}

static void time_lies_between_the_roofs(void **state)
{
    const world *made = *state;
    jf_sim_step step = cost(state, bert_base(JF_SIM_BASELINE, 1));
    double compute_s = step.flops / (0.5 * 312e12), memory_s = step.bytes / (0.8 * 2039e9);

    assert_true(step.kernel_s >= fmax(compute_s, memory_s));
    assert_true(step.kernel_s <= compute_s + memory_s);
    check_close(pow(step.kernel_s, 3), pow(compute_s, 3) + pow(memory_s, 3), 1e-12, "p-norm");
    check_close(step.step_s, made->machine.step_s + 12 * made->machine.layer_s + step.kernel_s, 1e-14, "sum");
}

/* Without kernels and exchange, layers cost the same each: the energy is a sum, not a product of powers. */
static void overhead_grows_by_the_layer(void **state)
{
    world *made = *state;
    double seconds[3];
    jf_sim_run run = bert_base(JF_SIM_BASELINE, 1);

    run.width = 64;
    run.heads = run.batch = run.sequence = 1;
    made->machine.compute_fraction = made->machine.bandwidth_fraction = 1e9;
    for (int i = 0; i < 3; i++) {
        run.layers = 4 + 4 * i;
        seconds[i] = cost(state, run).step_s;
    }
    check_close(seconds[2] - seconds[1], seconds[1] - seconds[0], 1e-9, "equal steps");
    check_close(seconds[0], 5e-3 + 4e-3, 1e-9, "four layers");
    made->machine.compute_fraction = 0.5, made->machine.bandwidth_fraction = 0.8;
}

static void fsdp_hides_what_kernels_cover(void **state)
{
    world *made = *state;
    jf_sim_step some = cost(state, bert_base(JF_SIM_FSDP, 8));
    double shown = some.step_s - some.launch_s - some.kernel_s;

    check_close(shown, fmax(0, some.comm_s - 0.6 * some.kernel_s), 1e-9, "exposed");
    made->model.overlap = 0;
    some = cost(state, bert_base(JF_SIM_FSDP, 8));
    check_close(some.step_s, some.launch_s + some.kernel_s + some.comm_s, 1e-14, "nothing hidden");
    made->model.overlap = 0.6;
}

static void a_run_that_is_too_large_does_not_fit(void **state)
{
    jf_sim_run run = bert_base(JF_SIM_BASELINE, 1);

    assert_true(cost(state, run).fits);
    run.batch = 4096;
    assert_false(cost(state, run).fits);
}

static void impossible_runs_are_refused(void **state)
{
    const world *made = *state;
    jf_sim_run two = bert_base(JF_SIM_BASELINE, 2), none = bert_base(JF_SIM_TP, 2);
    jf_error err = {0};
    jf_sim_step step;

    none.batch = 0;
    assert_int_equal(jf_simulate_step(&made->machine, &made->model, &two, &step, &err), JF_EUSAGE);
    assert_int_equal(jf_simulate_step(&made->machine, &made->model, &none, &step, &err), JF_EUSAGE);
    none.batch = NAN;
    assert_int_equal(jf_simulate_step(&made->machine, &made->model, &none, &step, &err), JF_EUSAGE);
}

static void measuring_without_noise_gives_the_model(void **state)
{
    jf_sim_run run = bert_base(JF_SIM_TP, 4);
    jf_sim_step step = cost(state, run);
    jf_sim_noise none = {.samples_per_s = 10};
    double gains[4] = {1, 1, 1, 1}, duration_s, energy_J;

    jf_simulate_measure(&step, &none, &run, gains, jf_stream_make(1, JF_FOR_TESTS, 1), &duration_s,
                        &energy_J);
    check_close(duration_s, 100 * step.step_s, 1e-14, "duration");
    check_close(energy_J, 400 * (90 * step.step_s + step.dynamic_J), 1e-14, "energy of four GPUs");
    gains[0] = 1.04;
    double with_gain;
    jf_simulate_measure(&step, &none, &run, gains, jf_stream_make(1, JF_FOR_TESTS, 1), &duration_s,
                        &with_gain);
    check_close(with_gain / energy_J, 1.01, 1e-12, "one board of four reads 4 %% high");
}

/* 4000 runs: the spread of log durations is the one that was asked for (its standard error is 1.1 %). */
static void noise_has_the_spread_that_was_asked_for(void **state)
{
    enum { N = 4000 };
    jf_sim_run run = bert_base(JF_SIM_BASELINE, 1);
    jf_sim_step step = cost(state, run);
    jf_sim_noise noise = {.duration_sd = 0.02, .samples_per_s = 10};
    double gains[1] = {1}, sum = 0, squares = 0;

    for (uint64_t i = 0; i < N; i++) {
        double duration_s, energy_J, z;
        jf_simulate_measure(&step, &noise, &run, gains, jf_stream_make(7, JF_FOR_TESTS, i), &duration_s,
                            &energy_J);
        z = log(duration_s / (100 * step.step_s));
        sum += z, squares += z * z;
    }
    check_close(sqrt(squares / N), 0.02, 0.06, "spread");
    assert_true(fabs(sum / N) < 5 * 0.02 / sqrt(N));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_agree_with_known_counts),
        cmocka_unit_test(time_lies_between_the_roofs),
        cmocka_unit_test(overhead_grows_by_the_layer),
        cmocka_unit_test(fsdp_hides_what_kernels_cover),
        cmocka_unit_test(a_run_that_is_too_large_does_not_fit),
        cmocka_unit_test(impossible_runs_are_refused),
        cmocka_unit_test(measuring_without_noise_gives_the_model),
        cmocka_unit_test(noise_has_the_spread_that_was_asked_for),
    };

    return cmocka_run_group_tests(tests, make_world, drop_world);
}
