/* The hardware catalogue: names as tables write them, peaks and ridge points, files that add. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "proxies/hardware.h"
#include "tests/check.h"

static int load(void **state)
{
    static jf_hardware hardware;
    jf_error err = {0};

    check_ok(jf_hardware_builtin(&hardware, &err), &err);
    *state = &hardware;
    return 0;
}

static int unload(void **state)
{
    jf_hardware_free(*state);
    return 0;
}

static const jf_gpu *find(void **state, const char *name, bool wants_assumed)
{
    jf_error err = {0};
    const jf_gpu *gpu = NULL;
    bool assumed = false;

    check_ok(jf_hardware_find(*state, name, &gpu, &assumed, &err), &err);
    if (assumed != wants_assumed) fail_msg("%s: assumed is %d", name, assumed);
    return gpu;
}

static void names_of_tables_find_their_gpu(void **state)
{
    static const struct {
        const char *name, *gpu;
    } cases[] = {
        {"Tesla V100-PCIE-16GB", "V100-PCIE-16GB"},
        {"Tesla V100-SXM2-32GB", "V100-SXM2-32GB"},
        {"NVIDIA A100-SXM4-40GB", "A100-SXM4-40GB"},
        {"NVIDIA A100 80GB PCIe", "A100-PCIE-80GB"},
        {"A100-80GB SXM", "A100-SXM4-80GB"},
        {"1 x NVIDIA A100-SXM4-40GB", "A100-SXM4-40GB"},
        {"8x NVIDIA A100-SXM4-80GB", "A100-SXM4-80GB"},
        {"NVIDIA H100 80GB HBM3", "H100-SXM5-80GB"},
        {"H100-80GB SXM", "H100-SXM5-80GB"},
        {"NVIDIA H100 PCIe", "H100-PCIE-80GB"},
        {"NVIDIA GeForce RTX 2080 Ti", "RTX 2080 Ti"},
        {"RTX 2080Ti", "RTX 2080 Ti"},
        {"2080 Ti", "RTX 2080 Ti"},
        {"Tesla T4", "T4"},
        {"nvidia_geforce_rtx_4090", "RTX 4090"},
        {"RTX6000-Turing", "Quadro RTX 6000"},
        {"AMD Instinct MI250X", "MI250X"},
        {"TPUv3", "TPU v3"},
        {"a40", "A40"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const jf_gpu *gpu = find(state, cases[i].name, false);
        if (strcmp(gpu->name, cases[i].gpu)) fail_msg("%s: found %s", cases[i].name, gpu->name);
    }
}

static void short_names_are_taken_with_a_mark(void **state)
{
    assert_string_equal(find(state, "A100", true)->name, "A100-SXM4-40GB");
    assert_string_equal(find(state, "v100", true)->name, "V100-SXM2-16GB");
    assert_string_equal(find(state, "NVIDIA H100", true)->name, "H100-SXM5-80GB");
}

static void every_entry_is_found_by_all_its_names(void **state)
{
    const jf_hardware *hardware = *state;

    for (size_t i = 0; i < hardware->n; i++) {
        const jf_gpu *gpu = &hardware->gpus[i];
        assert_ptr_equal(find(state, gpu->name, false), gpu);
        for (size_t j = 0; j < gpu->n_patterns; j++)
            if (find(state, gpu->patterns[j], false) != gpu)
                fail_msg("%s is claimed by another entry than %s", gpu->patterns[j], gpu->name);
        for (size_t j = 0; j < gpu->n_assumed; j++)
            if (find(state, gpu->assumed[j], true) != gpu)
                fail_msg("%s is claimed by another entry than %s", gpu->assumed[j], gpu->name);
    }
}

static void numbers_of_every_entry_are_plausible(void **state)
{
    const jf_hardware *hardware = *state;

    assert_true(hardware->n >= 27);
    for (size_t i = 0; i < hardware->n; i++) {
        const jf_gpu *gpu = &hardware->gpus[i];
        double half = isnan(gpu->fp16) ? gpu->bf16 : gpu->fp16;
        if (!(half > 1e13 && half < 3e15)) fail_msg("%s: 16-bit peak %g", gpu->name, half);
        if (!(gpu->bandwidth >= 3e11 && gpu->bandwidth <= 8e12)) fail_msg("%s: bandwidth", gpu->name);
        if (!(gpu->memory_byte >= 1.1e10 && gpu->memory_byte <= 2e11)) fail_msg("%s: memory", gpu->name);
        if (gpu->idle_w >= gpu->tdp_w / 3) fail_msg("%s: idle %g W", gpu->name, gpu->idle_w);
        if (!*gpu->source) fail_msg("%s has no source", gpu->name);
    }
}

/* Ridge points of dense 16-bit work, FLOP/byte, to the whole number that the roofline literature quotes. */
static void ridge_points_are_known(void **state)
{
    static const struct {
        const char *name;
        double ridge;
    } cases[] = {
        {"T4", 203},       {"V100-SXM2-16GB", 139}, {"RTX 2080 Ti", 87}, {"A100-SXM4-40GB", 201},
        {"L4", 403},       {"RTX 4090", 164},       {"H100 SXM", 295},   {"H200", 206},
        {"B200 SXM", 281}, {"MI300X", 246},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const jf_gpu *gpu = find(state, cases[i].name, false);
        if (fabs(jf_gpu_peak(gpu, "fp16") / gpu->bandwidth - cases[i].ridge) > 0.51)
            fail_msg("%s: ridge %g, wanted %g", cases[i].name, gpu->fp16 / gpu->bandwidth, cases[i].ridge);
    }
}

static void a_type_that_the_gpu_lacks_has_no_peak(void **state)
{
    assert_true(isnan(jf_gpu_peak(find(state, "T4", false), "bf16")));
    assert_true(isnan(jf_gpu_peak(find(state, "Tesla V100-SXM2-16GB", false), "tf32")));
    assert_true(isnan(jf_gpu_peak(find(state, "T4", false), "int3")));
}

static void an_unknown_gpu_is_an_error_with_the_nearest_names(void **state)
{
    jf_error err = {0};
    const jf_gpu *gpu = *state;

    assert_int_equal(jf_hardware_find(*state, "NVIDIA A100-SXM5-40GB", &gpu, NULL, &err), JF_EDATA);
    assert_null(gpu);
    assert_non_null(strstr(err.message, "unknown GPU 'NVIDIA A100-SXM5-40GB' (nearest: A100-SXM4-40GB,"));
    assert_int_equal(jf_hardware_find(*state, "", &gpu, NULL, &err), JF_EDATA);
}

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void a_file_adds_and_replaces(void **state)
{
    const char *path = "test_hardware_names.yaml";
    jf_hardware hardware;
    jf_error err = {0};
    const jf_gpu *gpu = NULL;

    (void)state;
    check_ok(jf_hardware_builtin(&hardware, &err), &err);
    write_text(path,
               "- name: RTX 5000 Ada\n  peak_tflops: {fp16: 130}\n  memory_gb: 32\n  bandwidth_gb_s: 576\n"
               "- name: T4\n  peak_tflops: {fp16: 60}\n  memory_gb: 15\n  bandwidth_gb_s: 300\n");
    check_ok(jf_hardware_add_file(&hardware, path, &err), &err);
    check_ok(jf_hardware_find(&hardware, "NVIDIA RTX 5000 Ada", &gpu, NULL, &err), &err);
    check_close(gpu->fp16, 130e12, 1e-15, "peak");
    assert_true(isnan(gpu->tdp_w));
    check_ok(jf_hardware_find(&hardware, "Tesla T4", &gpu, NULL, &err), &err);
    check_close(gpu->fp16, 60e12, 1e-15, "replaced peak");
    size_t before = hardware.n;
    write_text(path, "- name: X1\n  peak_tflops: {fp16: 1}\n  memory_gb: 1\n  bandwidth_gb_s: 1\n"
                     "- name: X2\n  peak_tflops: {fp16: -1}\n  memory_gb: 1\n  bandwidth_gb_s: 1\n");
    assert_int_equal(jf_hardware_add_file(&hardware, path, &err), JF_EDATA);
    assert_string_equal(err.message,
                        "test_hardware_names.yaml:6: fp16: expected a number above zero, found '-1'");
    assert_int_equal(hardware.n, before);
    remove(path);
    jf_hardware_free(&hardware);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_tables_find_their_gpu),
        cmocka_unit_test(short_names_are_taken_with_a_mark),
        cmocka_unit_test(every_entry_is_found_by_all_its_names),
        cmocka_unit_test(numbers_of_every_entry_are_plausible),
        cmocka_unit_test(ridge_points_are_known),
        cmocka_unit_test(a_type_that_the_gpu_lacks_has_no_peak),
        cmocka_unit_test(an_unknown_gpu_is_an_error_with_the_nearest_names),
        cmocka_unit_test(a_file_adds_and_replaces),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
