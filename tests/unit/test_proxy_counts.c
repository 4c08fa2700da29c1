/* Proxies against counts that are known from elsewhere: parameters, FLOPs, bytes, communication. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "proxies/proxy.h"
#include "tests/check.h"

static int load(void **state)
{
    jf_error err = {0};
    jf_catalogue *catalogue = NULL;

    check_ok(jf_catalogue_builtin(&catalogue, &err), &err);
    *state = catalogue;
    return 0;
}

static int unload(void **state)
{
    jf_catalogue_free(*state);
    return 0;
}

/* The value of a proxy for one run, described by maps "layers=12", "strategy='DDP'". */
static double value_of(void **state, const char *proxy, const char *arch, const char *const *maps,
                       size_t n_maps)
{
    jf_error err = {0};
    jf_table *table = NULL;
    jf_warnings warnings = {0};
    double value;

    check_ok(jf_table_new(1, &table, &err), &err);
    check_ok(jf_proxies_apply(*state, &(jf_proxy_request){&proxy, 1, arch, maps, n_maps, &warnings, NULL},
                              table, &err),
             &err);
    value = jf_table_find(table, proxy)->values[0];
    jf_table_free(table);
    jf_warnings_free(&warnings);
    return value;
}

enum { MOST_MAPS = 24 };

/* One expectation: the run as "layers=12 hidden=768 ...", blanks between. */
typedef struct expected {
    const char *proxy, *arch, *run;
    double value;
} expected;

static void check_all(void **state, const expected *cases, size_t n, double tolerance)
{
    for (size_t i = 0; i < n; i++) {
        char copy[500], *rest = NULL;
        const char *maps[MOST_MAPS];
        size_t n_maps = 0;

        snprintf(copy, sizeof copy, "%s", cases[i].run);
        for (char *map = strtok_r(copy, " ", &rest); map; map = strtok_r(NULL, " ", &rest)) {
            assert_true(n_maps < MOST_MAPS);
            maps[n_maps++] = map;
        }
        check_close(value_of(state, cases[i].proxy, cases[i].arch, maps, n_maps), cases[i].value, tolerance,
                    "%s of %s", cases[i].proxy, cases[i].run);
    }
}

#define CHECK_ALL(state, cases, tolerance) check_all(state, cases, sizeof cases / sizeof *cases, tolerance)

#define BASE  "layers=12 hidden=768 heads=12 vocab=30522 positions=512 "
#define LARGE "layers=24 hidden=1024 heads=16 vocab=30522 positions=512 "
#define WORK  BASE "batch_size=32 sequence=128 "
#define GPT2  "layers=12 hidden=768 heads=12 vocab=50257 positions=1024 "

/* Hugging Face's own counts of the published checkpoints. */
static void parameters_of_published_models(void **state)
{
    static const expected cases[] = {
        {"params_bert", "bert", BASE, 109482240},
        {"params", "bert", BASE "head='none'", 109482240},
        {"params_bert_no_pooler", "bert", BASE, 108891648},
        {"params", "bert", BASE "head='mlm'", 109514298},
        {"params", "bert", BASE "head='pretraining'", 110106428},
        {"params", "bert", BASE "head='classifier' labels=2", 109483778},
        {"params", "bert", BASE "head='qa'", 108893186},
        {"params", "bert", "layers=12 hidden=768 vocab=28996 head='none'", 108310272},
        {"params", "bert", LARGE "head='none'", 335141888},
        {"params", "bert", LARGE "head='mlm'", 335174458},
        {"params_bert_mlm_pooler", "bert", BASE, 110104890},
        {"params_bert", "bert", "layers=12 hidden=768 vocab=50265 positions=514 token_types=1", 124645632},
        {"params", "gpt2", GPT2, 124439808},
        {"params", "gpt2", "layers=24 hidden=1024 vocab=50257 positions=1024", 354823168},
        {"params", "gpt2", "layers=36 hidden=1280 vocab=50257 positions=1024", 774030080},
        {"params", "gpt2", "layers=48 hidden=1600 vocab=50257 positions=1024", 1557611200},
        {"params", "gpt2", "layers=48 hidden=1600", 1557611200},
        {"params", "llama", "layers=32 hidden=4096 ff=11008 vocab=32000", 6738415616},
        {"params", "llama", "layers=80 hidden=8192 heads=64 kv_heads=8 ff=28672 vocab=32000", 68976648192},
        {"params_kaplan", "gpt2", GPT2, 84934656},
        {"params_kaplan", "gpt2", "layers=48 hidden=1600", 1474560000},
    };

    CHECK_ALL(state, cases, 0);
}

static void forward_flops_of_bert_base(void **state)
{
    static const expected cases[] = {
        {"flops_qkv", "bert", WORK, 14495514624},
        {"flops_scores", "bert", WORK, 805306368},
        {"flops_values", "bert", WORK, 805306368},
        {"flops_out", "bert", WORK, 4831838208},
        {"flops_ffn", "bert", WORK, 38654705664},
        {"flops_layer", "bert", WORK, 59592671232},
        {"flops_softmax", "bert", WORK, 18874368},
        {"C_qkv", "bert", WORK, 14495514624},
        {"flops_gelu", "bert", WORK, 8. * 4096 * 3072},
        {"flops_norms", "bert", WORK, 10. * 4096 * 768},
        {"flops_elementwise", "bert", WORK, 18874368 + 8. * 4096 * 3072 + 14. * 4096 * 768},
        {"flops_embedding", "bert", WORK, 2. * 4096 * 30522 * 768},
        {"flops_forward", "bert", WORK "head='qa'", 715112054784. + 4. * 4096 * 768},
        {"flops_head", "bert", WORK "head='mlm'", 2. * 4096 * 768 * 768 + 2. * 4096 * 768 * 30522},
        {"flops_head", "bert", WORK "head='none'", 2. * 32 * 768 * 768},
        {"flops_forward", "gpt2", GPT2 "batch_size=1 sequence=1024", 1024 * 284812800.},
    };

    CHECK_ALL(state, cases, 1e-15);
}

/* FLOPs of one token of GPT-2 at 1024 tokens, and of a model like GPT-3, by each convention. */
static void training_flops_by_convention(void **state)
{
#define TOKEN GPT2 "batch_size=1 sequence=1024 tokens=1"
#define BIG   "layers=96 hidden=12288 heads=96 vocab=51200 sequence=2048 batch_size=1 tokens=1"
    static const expected cases[] = {
        {"C", "gpt2", TOKEN, 854438400},
        {"flops_token", "gpt2", TOKEN, 854438400},
        {"flops_megatron", "gpt2", TOKEN, 854438400},
        {"flops_megatron_recompute", "gpt2", TOKEN, 1062056448},
        {"C_executed", "gpt2", TOKEN " recompute='full'", 1062056448},
        {"C_executed", "gpt2", TOKEN " recompute='selective'", 854438400 + 12. * 4 * 1024 * 768},
        {"C_executed", "gpt2", TOKEN " recompute='none'", 854438400},
        {"C_causal", "gpt2", TOKEN, 854438400 - 12. * 6 * 1024 * 768},
        {"C_causal", "bert", WORK "tokens=4096 head='qa'", 3 * (715112054784. + 4. * 4096 * 768)},
        {"C_lora", "gpt2", TOKEN, 2 * 284812800.},
        {"C_trained", "bert", WORK "tokens=4096 head='qa' frozen_layers=4",
         3 * (715112054784. + 4. * 4096 * 768) - 8 * 59592671232.},
        {"C_with_evaluation", "gpt2", TOKEN " eval_tokens=2", 854438400 + 2 * 284812800.},
        {"flops_6nd", "gpt2", TOKEN, 746638848},
        {"flops_6nd_no_embedding", "gpt2", TOKEN, 510336000},
        {"flops_hf", "gpt2", TOKEN, 510336000},
        {"flops_kaplan", "gpt2", TOKEN, 6 * 84934656.},
        {"flops_kaplan_context", "gpt2", TOKEN, 3 * (2 * 84934656. + 2 * 12 * 1024 * 768)},
        {"flops_palm", "gpt2", TOKEN, 859885056},
        {"flops_chinchilla", "gpt2", TOKEN,
         3 * (4. * 50257 * 768 + 12 * (8. * 768 * 768 + 4. * 1024 * 768 + 3. * 12 * 1024 + 16. * 768 * 768))},
        {"flops_mayaki", "bert", WORK "tokens=4096", 4096. * 12 * 768 * (4 * 768 + 128)},
        {"C_mayaki", "bert", WORK "tokens=4096", 4096. * 20 * 12 * 768 * 768},
        {"M_mayaki", "bert", WORK, 32. * 128 * 768 * 12},
        {"M2", "bert", WORK, 32. * 128 * 768 * 12 + 32. * 128 * 128 * 12},
        {"M4", "bert", WORK "gpus=1", 32. * 128 * 768 * 12},
        {"M4", "bert", WORK "gpus=2 strategy='TP'", 32. * 128 * 768 * 12 + 20. * 12 * 768 * 768},
    };
    static const expected rough[] = {
        {"flops_megatron", "gpt2", BIG, 1.076443e12},
        {"flops_megatron_recompute", "gpt2", BIG, 1.433999e12},
    };

    CHECK_ALL(state, cases, 1e-14);
    CHECK_ALL(state, rough, 5e-7);
}

/* Rajbhandari et al. 2020, figure 1: 7.5e9 parameters on 64 GPUs. */
static void state_of_the_zero_stages(void **state)
{
#define ZERO "params=7.5e9 gpus=64 precision='fp16' optimizer='adam' strategy="
    static const expected cases[] = {
        {"state_bytes", "gpt2", ZERO "'DDP'", 120e9},
        {"state_bytes", "gpt2", ZERO "'ZeRO-1'", 31.4e9},
        {"state_bytes", "gpt2", ZERO "'ZeRO-2'", 16.6e9},
        {"state_bytes", "gpt2", ZERO "'FSDP'", 1.875e9},
        {"state_bytes", "gpt2", ZERO "'FSDP-grad-op'", 16.6e9},
        {"state_bytes", "gpt2", "params=1e9 gpus=1 precision='bf16' gradient_precision='fp32'", 18e9},
        {"state_bytes", "gpt2", "params=1e9 gpus=1 precision='bf16' mixed_style='autocast'", 18e9},
        {"state_bytes", "gpt2", "params=1e9 gpus=1 precision='fp32' mixed_style='autocast'", 16e9},
        {"state_bytes", "gpt2", "params=1e9 gpus=1 precision='fp32' strategy='Baseline'", 16e9},
        {"state_bytes", "gpt2", "params=1e9 gpus=1 precision='fp32' strategy='Baseline' optimizer='sgd'",
         12e9},
        {"state_bytes", "gpt2", "params=1e9 gpus=1 precision='bf16' strategy='Baseline' optimizer='adam8bit'",
         10e9},
        {"state_bytes", "gpt2", "params=1e9 gpus=4 precision='bf16' strategy='TP'", 4e9},
    };

    CHECK_ALL(state, cases, 3e-3); /* the figure prints three digits */
}

/* Korthikanti et al. 2022, table 2, for BERT-base with 32 sequences of 128 tokens. */
static void activations_by_configuration(void **state)
{
#define HALF WORK "precision='fp16' "
    const double sbh = 128. * 32 * 768, scores = 5. * 12 * 128 / 768;
    const expected cases[] = {
        {"activation_bytes_layer", "bert", HALF "gpus=1", 138412032},
        {"activation_bytes", "bert", HALF "gpus=1", 1660944384},
        {"activation_bytes_layer", "bert", HALF "gpus=1 attention='flash'", 106954752},
        {"activation_bytes", "bert", HALF "gpus=1 recompute='full'", 75497472},
        {"activation_bytes_layer", "bert", HALF "gpus=1 recompute='selective'", 34 * sbh},
        {"activation_bytes_layer", "bert", HALF "gpus=4 strategy='TP'", sbh * (10 + 24 / 4. + scores / 4)},
        {"activation_bytes_layer", "bert", HALF "gpus=4 strategy='TP-SP'", sbh / 4 * (34 + scores)},
        {"activation_bytes_layer", "bert", HALF "gpus=4 strategy='TP' recompute='selective'",
         sbh * (10 + 24 / 4.)},
        {"activation_bytes_layer", "bert", HALF "gpus=4 strategy='TP-SP' attention='flash'", 34 * sbh / 4},
        {"activation_bytes_layer", "bert", WORK "precision='fp32' gpus=1", sbh * (66 + 9. * 12 * 128 / 768)},
        {"activation_bytes_layer", "bert", HALF "gpus=4 strategy='FSDP'", 138412032},
    };

    CHECK_ALL(state, cases, 1e-14);
}

static void traffic_of_the_parameters(void **state)
{
#define ONE "params=109482240 gpus=1 strategy='Baseline' "
    static const expected cases[] = {
        {"traffic_params_step", "bert", ONE "precision='fp16'", 34 * 109482240.},
        {"traffic_params_step", "bert", ONE "precision='fp32'", 40 * 109482240.},
        {"traffic_params_step", "bert", ONE "precision='fp16' accumulation=3",
         (6 * 3 + 4 * 2 + 28) * 109482240.},
        {"traffic_params_step", "bert", "params=1e6 gpus=4 strategy='FSDP' precision='bf16'", 6e6 + 28e6 / 4},
    };

    CHECK_ALL(state, cases, 1e-14);
}

static void bytes_exchanged_by_strategy(void **state)
{
#define FOUR WORK "gpus=4 params=109482240 "
    static const expected cases[] = {
        {"comm_bytes_step", "bert", FOUR "strategy='DDP' precision='fp32'", 656893440},
        {"comm_bytes_step", "bert", FOUR "strategy='ZeRO-2' precision='fp32'", 656893440},
        {"comm_bytes_step", "bert", FOUR "strategy='FSDP' precision='bf16'", 492670080},
        {"comm_bytes_step", "bert", FOUR "strategy='FSDP' precision='bf16' accumulation=2", 2 * 492670080.},
        {"comm_bytes_step", "bert", FOUR "strategy='FSDP' precision='bf16' accumulation=2 no_sync=1",
         5 / 3. * 492670080.},
        {"comm_bytes_step", "bert", FOUR "strategy='FSDP-grad-op' precision='bf16'", 2 / 3. * 492670080.},
        {"comm_bytes_step", "bert", FOUR "strategy='FSDP-grad-op' precision='bf16' accumulation=3",
         2 * 492670080.},
        {"comm_bytes_step", "bert", FOUR "strategy='DDP' precision='fp32' accumulation=3", 656893440},
        {"comm_bytes_step", "bert", FOUR "strategy='DDP' precision='fp32' accumulation=3 no_sync=0",
         3 * 656893440.},
        {"comm_bytes_step", "bert", FOUR "strategy='DDP' precision='bf16' gradient_precision='fp32'",
         656893440},
        {"comm_bytes_step", "bert", FOUR "strategy='TP' precision='fp16'", 452984832},
        {"comm_bytes_step", "bert", FOUR "strategy='TP-SP' precision='fp16'", 452984832},
        {"comm_bytes_step", "bert", FOUR "strategy='TP-FFN' precision='fp16'", 226492416},
        {"comm_bytes_step", "bert", FOUR "strategy='TP' precision='fp16' recompute='full'", 1.5 * 452984832},
        {"comm_bytes_step_all", "bert", FOUR "strategy='TP' precision='fp16'", 4 * 452984832.},
        {"comm_bytes_step", "bert", WORK "gpus=1 strategy='Baseline'", 0},
        {"comm_bytes_step", "bert", FOUR "strategy='PP' precision='fp16' microbatches=8",
         2 * 3 / 4. * 8 * 4096 * 768 * 2},
        {"pipeline_bubble", "bert", "gpus=4 strategy='PP' microbatches=8", 3 / 11.},
        {"pipeline_overhead", "bert", "gpus=4 strategy='PP' microbatches=8", 3 / 8.},
        {"pipeline_overhead", "bert", "gpus=4 strategy='PP' microbatches=8 pipeline_chunks=2", 3 / 16.},
        {"pipeline_bubble", "bert", "gpus=4 strategy='PP' microbatches=8 pipeline_chunks=2", 3 / 19.},
        {"eta_bubble", "bert", "gpus=4 strategy='PP' microbatches=8", 8 / 11.},
        {"comm_bytes_step", "bert", FOUR "strategy='PP' precision='fp16' microbatches=8 pipeline_chunks=2",
         2 * 7 / 4. * 8 * 4096 * 768 * 2},
    };

    CHECK_ALL(state, cases, 1e-14);
}

static void a_step_is_shared_as_the_strategy_says(void **state)
{
#define STEP WORK "head='none' "
    const double forward = 715112054784. + 2. * 32 * 768 * 768, ffn = 12 * 38654705664.;
    const expected cases[] = {
        {"flops_step", "bert", STEP "gpus=1", 3 * forward},
        {"flops_step_all", "bert", STEP "gpus=4 strategy='TP'", 3 * forward},
        {"flops_step_all", "bert", STEP "gpus=4 strategy='FSDP'", 4 * 3 * forward},
        {"flops_step_all", "bert", STEP "gpus=4 strategy='PP'", 3 * forward},
        {"flops_step", "bert", STEP "gpus=4 strategy='TP-FFN'", 3 * (forward - ffn * 3 / 4)},
        {"flops_step", "bert", STEP "gpus=1 accumulation=5", 15 * forward},
        {"batch", "bert", STEP "gpus=8 strategy='FSDP' accumulation=2", 512},
        {"batch", "bert", STEP "gpus=8 strategy='TP'", 32},
        {"batch", "bert", STEP "gpus=8 strategy='TP' tensor_parallel=2", 128},
        {"batch_tokens", "bert", STEP "gpus=8 strategy='FSDP'", 256 * 128},
        {"tokens", "bert", STEP "gpus=8 strategy='FSDP' steps=10", 10 * 256 * 128},
        {"steps", "bert", STEP "gpus=8 strategy='FSDP' tokens=327680", 10},
    };

    CHECK_ALL(state, cases, 1e-14);
}

static void roofline_of_one_gpu(void **state)
{
#define RUN WORK "head='none' steps=100 gpus=1 precision='fp16' gpu='A100-SXM4-40GB' "
    const double flops = 3 * (715112054784. + 2. * 32 * 768 * 768);
    const double bytes = 34 * 109482240. + 2 * 1660944384.;
    const double tc = 100 * flops / 312e12, tm = 100 * bytes / 1555e9;
    const expected cases[] = {
        {"peak", "bert", RUN, 312e12},
        {"ridge", "bert", RUN, 312e12 / 1555e9},
        {"traffic_step", "bert", RUN, bytes},
        {"M", "bert", RUN, 100 * bytes},
        {"C", "bert", RUN, 100 * flops},
        {"intensity", "bert", RUN, flops / bytes},
        {"attainable", "bert", RUN, fmin(312e12, flops / bytes * 1555e9)},
        {"roofline_time", "bert", RUN, fmax(tc, tm)},
        {"roofline_time_smooth", "bert", RUN "roofline_norm=1", tc + tm},
        {"roofline_time_smooth", "bert", RUN "roofline_norm=200", fmax(tc, tm)},
        {"link_one_way", "bert", RUN, 300e9},
        {"comm_time_step", "bert",
         WORK "gpus=4 params=109482240 strategy='DDP' precision='fp32' gpu='A100-SXM4-40GB' latency=1e-5",
         2 * 3 * 1e-5 + 656893440 / 300e9},
    };

    CHECK_ALL(state, cases, 1e-12);
}

/* Alpha-beta times of rings and trees over an A100's 300 GB/s one way. */
static void collectives_as_rings_and_trees(void **state)
{
#define LINKED "gpu='A100-SXM4-40GB' latency=1e-5 "
#define EIGHT  WORK "gpus=8 params=109482240 precision='fp32' " LINKED
    const double z = 4 * 109482240., w = 1 / 300e9, x = 4096 * 768 * 4.;
    const expected cases[] = {
        {"allreduce_ring", "bert", EIGHT "strategy='DDP'", 14 * 1e-5 + 14 / 8. * z * w},
        {"allreduce_tree", "bert", EIGHT "strategy='DDP'", 6 * 1e-5 + 2 * z * w},
        {"comm_time_step", "bert", EIGHT "strategy='DDP'", 14 * 1e-5 + 14 / 8. * z * w},
        {"comm_time_step", "bert", EIGHT "strategy='DDP' collective='tree'", 6 * 1e-5 + 2 * z * w},
        {"comm_time_tree", "bert", EIGHT "strategy='TP'", 48 * (6 * 1e-5 + 2 * x * w)},
        {"comm_time_ring", "bert", EIGHT "strategy='TP'", 48 * (14 * 1e-5 + 14 / 8. * x * w)},
        {"comm_time_ring", "bert", EIGHT "strategy='FSDP'", 3 * 13 * 7 * 1e-5 + 21 / 8. * z * w},
        {"comm_time_tree", "bert", EIGHT "strategy='FSDP'", 3 * 13 * 7 * 1e-5 + 21 / 8. * z * w},
        {"comm_time_ring", "bert", EIGHT "strategy='FSDP-grad-op'", 2 * 13 * 7 * 1e-5 + 14 / 8. * z * w},
        {"comm_time_ring", "bert", EIGHT "strategy='ZeRO-2'", 2 * 7 * 1e-5 + 14 / 8. * z * w},
        {"comm_time_tree", "bert", WORK LINKED "gpus=1 strategy='Baseline'", 0},
        {"eta_comm", "bert", WORK LINKED "gpus=1 strategy='Baseline' precision='fp32' head='none'", 1},
    };

    CHECK_ALL(state, cases, 1e-12);
}

/* A square 16-bit product of width 4096, and FLOPs in 32 bits beside those of tensor cores. */
static void intensities_by_data_type(void **state)
{
    const double flops = 3 * (715112054784. + 2. * 32 * 768 * 768);
    const double bytes = 34 * 109482240. + 2 * 1660944384.;
    const double elementwise = 3. * 12 * (18874368 + 8. * 4096 * 3072 + 14. * 4096 * 768);
    const expected cases[] = {
        {"intensity_ffn", "bert",
         "layers=1 hidden=4096 ff=4096 batch_size=32 sequence=128 gpus=1 precision='fp16'", 4096 / 3.},
        {"intensity_qkv", "bert", "layers=1 hidden=4096 batch_size=32 sequence=128 gpus=1 precision='fp16'",
         4096 / 3.},
        {"intensity_typed", "bert", RUN, (flops + elementwise * 312 / 19.5) / bytes},
        {"traffic_attention_step", "bert", RUN "attention='flash'", 14. * 12 * 2 * 4096 * 768},
        {"traffic_embedding_step", "bert", RUN, 2. * 768 * (4096 + 30522)},
    };

    CHECK_ALL(state, cases, 1e-12);
}

static void what_came_out_of_a_run(void **state)
{
#define DONE                                                                                                 \
    WORK "head='none' steps=100 gpus=4 strategy='FSDP' precision='fp16' gpu='A100-SXM4-40GB' "               \
         "duration=50 energy=7.2e6 "
    const double flops = 4 * 100 * 3 * (715112054784. + 2. * 32 * 768 * 768);
    const expected cases[] = {
        {"device_seconds", "bert", DONE, 200},
        {"throughput", "bert", DONE, 4 * 100 * 4096 / 50.},
        {"energy_per_token", "bert", DONE, 7.2e6 / (4 * 100 * 4096)},
        {"mean_power", "bert", DONE, 36000},
        {"mfu", "bert", DONE, flops / (200 * 312e12)},
        {"hfu", "bert", DONE "recompute='full'", (flops + 400 * 715112054784.) / (200 * 312e12)},
        {"co2", "bert", DONE "pue=1.2 carbon_intensity=0.057", 2 * 1.2 * 0.057},
        {"energy_above_idle", "bert", DONE "idle_power=50", 7.2e6 - 50 * 200},
        {"achieved_flops", "bert", DONE, flops / 200},
        {"mfu_6nd", "bert", DONE, 6. * 109482240 * 4 * 100 * 4096 / (200 * 312e12)},
        {"eta_weak", "bert", DONE "duration_1=40", 0.8},
        {"speed_up_scaled", "bert", DONE "duration_1=40", 3.2},
        {"karp_flatt", "bert", DONE "speed_up=3.2", (1 / 3.2 - 1 / 4.) / (1 - 1 / 4.)},
    };

    CHECK_ALL(state, cases, 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_of_published_models),
        cmocka_unit_test(forward_flops_of_bert_base),
        cmocka_unit_test(training_flops_by_convention),
        cmocka_unit_test(state_of_the_zero_stages),
        cmocka_unit_test(activations_by_configuration),
        cmocka_unit_test(traffic_of_the_parameters),
        cmocka_unit_test(bytes_exchanged_by_strategy),
        cmocka_unit_test(a_step_is_shared_as_the_strategy_says),
        cmocka_unit_test(roofline_of_one_gpu),
        cmocka_unit_test(collectives_as_rings_and_trees),
        cmocka_unit_test(intensities_by_data_type),
        cmocka_unit_test(what_came_out_of_a_run),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
