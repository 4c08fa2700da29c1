/* The simulated sweep that is committed: it can be drawn again, and its runs are possible ones. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/memory.h"
#include "proxies/simulate_sweep.h"
#include "tests/check.h"

/* The bytes of a file of the project; freed with jf_free. */
static char *read_source(const char *path, size_t *length)
{
    FILE *file = fopen(check_source(path), "rb");
    char *bytes = jf_alloc(1 << 20, 1);

    assert_non_null(file);
    assert_non_null(bytes);
    *length = fread(bytes, 1, (1 << 20) - 1, file);
    bytes[*length] = '\0';
    fclose(file);
    return bytes;
}

static void draw(jf_sim_sweep *sweep, jf_text *csv)
{
    jf_error err = {0};

    check_ok(jf_sim_sweep_read(check_source("data/sets/bert_sweep_truth.yaml"), sweep, &err), &err);
    check_ok(jf_sim_sweep_draw(sweep, csv, NULL, &err), &err);
}

static void the_truth_draws_the_committed_bytes(void **state)
{
    size_t length;
    char *committed = read_source("data/sets/bert_sweep_simulated.csv", &length);
    jf_sim_sweep sweep;
    jf_text csv = {0};

    (void)state;
    draw(&sweep, &csv);
    assert_int_equal(csv.length, length);
    assert_memory_equal(csv.data, committed, length);
    jf_text_free(&csv);
    jf_sim_sweep_free(&sweep);
    jf_free(committed);
}

static void another_seed_draws_another_table(void **state)
{
    jf_sim_sweep sweep;
    jf_text first = {0}, second = {0};
    jf_error err = {0};

    (void)state;
    draw(&sweep, &first);
    sweep.seed++;
    check_ok(jf_sim_sweep_draw(&sweep, &second, NULL, &err), &err);
    assert_string_not_equal(first.data, second.data);
    jf_text_free(&first);
    jf_text_free(&second);
    jf_sim_sweep_free(&sweep);
}

static void every_gpu_draws_between_idle_and_its_limit(void **state)
{
    jf_sim_sweep sweep;
    jf_text csv = {0};
    size_t n_rows = 0;

    (void)state;
    draw(&sweep, &csv);
    for (char *line = strchr(csv.data, '\n') + 1; *line; line = strchr(line, '\n') + 1, n_rows++) {
        double gpus, power;
        char text[400];
        const jf_sim_machine *machine;

        snprintf(text, sizeof text, "%.*s", (int)strcspn(line, "\n"), line);
        machine = &sweep.machines[strstr(text, "A100") ? 0 : 1].machine;
        power = atof(strrchr(text, ',') + 1);
        assert_int_equal(sscanf(text, "%*[^,],%*[^,],%*[^,],%*[^,],%*[^,],%*[^,],%lf", &gpus), 1);
        if (!(power / gpus > machine->idle_w && power / gpus < machine->gpu->tdp_w))
            fail_msg("%.60s...: %g W a GPU", line, power / gpus);
    }
    assert_true(n_rows > 500);
    jf_text_free(&csv);
    jf_sim_sweep_free(&sweep);
}

static void a_truth_that_lacks_a_constant_is_refused(void **state)
{
    jf_sim_sweep sweep;
    jf_error err = {0};
    size_t length;
    char *truth = read_source("data/sets/bert_sweep_truth.yaml", &length);
    char *key = strstr(truth, "layer_s:");
    FILE *file = fopen("test_sets_truth.yaml", "wb");

    (void)state;
    assert_non_null(key);
    assert_non_null(file);
    memcpy(key, "lager_s:", 8);
    fwrite(truth, 1, length, file);
    fclose(file);
    assert_int_equal(jf_sim_sweep_read("test_sets_truth.yaml", &sweep, &err), JF_EDATA);
    assert_non_null(strstr(err.message, "'layer_s' is missing"));
    remove("test_sets_truth.yaml");
    jf_free(truth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_truth_draws_the_committed_bytes),
        cmocka_unit_test(another_seed_draws_another_table),
        cmocka_unit_test(every_gpu_draws_between_idle_and_its_limit),
        cmocka_unit_test(a_truth_that_lacks_a_constant_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
