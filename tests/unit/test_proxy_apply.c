/* Features on tables: inputs found by their many names, matched runs, refusals, a user's own entries. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "data/csv.h"
#include "data/unit.h"
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

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static jf_table *read_table(const char *text)
{
    jf_error err = {0};
    jf_table *table = NULL;
    jf_ledger ledger = {0};
    jf_csv_options options = {0};

    write_text("test_proxy_apply.csv", text);
    check_ok(jf_csv_read("test_proxy_apply.csv", &options, &ledger, NULL, &table, &err), &err);
    jf_table_set_units(table);
    jf_ledger_free(&ledger);
    remove("test_proxy_apply.csv");
    return table;
}

static const double *values(const jf_table *table, const char *name)
{
    const jf_column *column = jf_table_find(table, name);

    if (!column) fail_msg("no column %s", name);
    return column->values;
}

static bool has_warning(const jf_warnings *warnings, const char *code, const char *part)
{
    for (size_t i = 0; i < warnings->n; i++)
        if (!strcmp(warnings->items[i].code, code) && strstr(warnings->items[i].message, part)) return true;
    return false;
}

/* Runs of one family on 1, 2 and 4 GPUs, a repeat of the first, and one without a baseline. */
#define SWEEP                                                                                                \
    "id,model,GPU model,strategy,num_gpus,n_layer,d_model,per_device_batch_size,seq len,steps,duration_s\n"  \
    "a,bert,T4,Baseline,1,4,256,8,64,1000,100\n"                                                             \
    "b,bert,T4,Baseline,1,4,256,8,64,1000,110\n"                                                             \
    "c,bert,T4,FSDP,2,4,256,8,64,1000,120\n"                                                                 \
    "d,bert,T4,tensor parallel,4,4,256,8,64,1000,60\n"                                                       \
    "e,bert,T4,ddp,4,6,256,8,64,1000,60\n"

static void apply(void **state, jf_table *table, const char *name, jf_warnings *warnings)
{
    jf_error err = {0};

    check_ok(
        jf_proxies_apply(*state, &(jf_proxy_request){&name, 1, NULL, NULL, 0, warnings, NULL}, table, &err),
        &err);
}

static void inputs_are_found_under_their_many_names(void **state)
{
    static const char *const texts[] = {
        "layers,hidden,batch_size,sequence,tokens\n12,768,32,128,4096\n",
        "num_layers,d_model,batch,seq_length,tokens_seen\n12,768,32,128,4096\n",
        "n_layer;n_embd;per_device_train_batch_size;max_seq_length;total_tokens\n12;768;32;128;4096\n",
        "Num Hidden Layers,Hidden-Size,BS,Seq_Len,Training Tokens\n12,768,32,128,4096\n",
    };
    double first = 0;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        jf_table *table = read_table(texts[i]);
        jf_warnings warnings = {0};

        apply(state, table, "C", &warnings);
        if (!i) first = values(table, "C")[0];
        assert_true(first > 0);
        check_close(values(table, "C")[0], first, 0, "C of %s", texts[i]);
        jf_warnings_free(&warnings);
        jf_table_free(table);
    }
}

static void efficiency_compares_tokens_a_second_with_the_family(void **state)
{
    jf_table *table = read_table(SWEEP);
    jf_warnings warnings = {0};
    const double *eta;

    apply(state, table, "eta", &warnings);
    eta = values(table, "eta");
    check_close(eta[0], 1, 0, "a baseline is its own measure");
    check_close(eta[1], 1, 0, "its repeat too");
    /* tokens a second of the baseline: the median of 1/100 and 1/110, times 1000*8*64 */
    double base = (1 / 100. + 1 / 110.) / 2;
    check_close(eta[2], 2 / 120. / base / 2, 1e-14, "twice the tokens on two GPUs");
    check_close(eta[3], 1 / 60. / base / 4, 1e-14, "the same tokens on four");
    assert_true(isnan(eta[4]));
    assert_true(has_warning(&warnings, "W_UNMATCHED", "1 of 3 runs on several GPUs"));
    assert_true(has_warning(&warnings, "W_UNMATCHED", "(line 6)"));
    assert_int_equal(jf_table_find(table, "eta")->known, JF_POST_RUN);
    jf_warnings_free(&warnings);
    jf_table_free(table);
}

static void efficiency_from_durations_warns_where_work_differs(void **state)
{
    jf_table *table = read_table(SWEEP);
    jf_warnings warnings = {0};

    apply(state, table, "eta_duration", &warnings);
    check_close(values(table, "eta_duration")[3], 105 / 60. / 4, 1e-14, "T1/(n Tn)");
    check_close(values(table, "eta_duration")[0], 1, 0, "baseline");
    assert_true(has_warning(&warnings, "W_OTHER_WORK", "1 runs"));
    jf_warnings_free(&warnings);
    jf_table_free(table);
}

static void families_can_be_named(void **state)
{
    jf_table *table = read_table(SWEEP);
    jf_warnings warnings = {0};
    jf_error err = {0};
    const char *name = "eta", *map = "family=d_model,GPU model", *wrong = "family=d_modle";

    check_ok(
        jf_proxies_apply(*state, &(jf_proxy_request){&name, 1, NULL, &map, 1, &warnings, NULL}, table, &err),
        &err);
    assert_false(isnan(values(table, "eta")[4]));
    jf_table_free(table);
    table = read_table(SWEEP);
    assert_int_not_equal(jf_proxies_apply(*state,
                                          &(jf_proxy_request){&name, 1, NULL, &wrong, 1, &warnings, NULL},
                                          table, &err),
                         JF_OK);
    assert_non_null(strstr(err.message, "d_model"));
    jf_warnings_free(&warnings);
    jf_table_free(table);
}

static void refused(void **state, const char *text, const char *name, const char *map, jf_status wanted,
                    const char *message)
{
    jf_table *table = read_table(text);
    jf_warnings warnings = {0};
    jf_error err = {0};
    size_t before = table->n_columns;
    jf_status status = jf_proxies_apply(
        *state, &(jf_proxy_request){&name, 1, NULL, &map, map != NULL, &warnings, NULL}, table, &err);

    if (status != wanted || !strstr(err.message, message))
        fail_msg("%s: status %d, message '%s', wanted '%s'", name, status, err.message, message);
    assert_int_equal(table->n_columns, before);
    jf_warnings_free(&warnings);
    jf_table_free(table);
}

static void refusals_name_what_is_wrong(void **state)
{
    refused(state, "layers,batch,sequence\n1,2,3\n", "C", NULL, JF_EUSAGE,
            "proxy 'C': no column for 'hidden' (also known as d_model, hidden_size,");
    refused(state, "layers,batch,sequence\n1,2,3\n", "C", NULL, JF_EUSAGE, "--map hidden=COLUMN");
    refused(state, SWEEP, "flop_step", NULL, JF_EUSAGE,
            "unknown proxy 'flop_step' (did you mean 'flops_step'?)");
    refused(state, SWEEP, "C", "hiden=d_model", JF_EUSAGE,
            "no input or feature 'hiden' (did you mean 'hidden'?)");
    refused(state, SWEEP, "C", "hidden", JF_EUSAGE, "expected NAME=COLUMN");
    refused(state, SWEEP, "C", "hidden=d_modl", JF_EUSAGE, "d_modl");
    refused(state, "gpu,precision\nA1000,fp16\n", "peak", NULL, JF_EDATA, "unknown GPU 'A1000' (nearest: ");
    refused(state, "gpu,precision\nT4,int7\n", "peak", NULL, JF_EDATA,
            "column 'precision': 'int7' is none of fp32, tf32, fp16, bf16, fp8");
    refused(state, "gpus,duration_kWh\n1,2\n", "device_seconds", "duration=duration_kWh", JF_EDATA,
            "is in kWh, expected duration in s");
    refused(state, "layers,hidden\nmany,3\n", "params_kaplan", NULL, JF_EDATA,
            "column 'layers' holds labels, expected numbers for layers");
    refused(state, "gpus,tokens,duration\n1,2,3\n", "eta", NULL, JF_EDATA, "--map family=A,B");
}

static void units_of_columns_are_minded(void **state)
{
    jf_table *table = read_table("num_gpus,duration_h,energy_kWh\n4,0.5,2\n");
    jf_warnings warnings = {0};
    jf_error err = {0};
    const char *names[] = {"device_seconds", "mean_power"}, *map = "duration=duration_h";

    check_ok(
        jf_proxies_apply(*state, &(jf_proxy_request){names, 2, NULL, &map, 1, &warnings, NULL}, table, &err),
        &err);
    check_close(values(table, "device_seconds")[0], 7200, 1e-15, "hours are seconds");
    check_close(values(table, "mean_power")[0], 1000, 1e-15, "kWh are joules");
    assert_string_equal(jf_table_find(table, "device_seconds")->unit, "s");
    jf_warnings_free(&warnings);
    jf_table_free(table);
}

static void usual_values_are_taken_with_a_warning(void **state)
{
    jf_table *table = read_table("layers,hidden,batch,seq_len,gpu,gpus,steps\n4,256,8,64,A100,1,10\n");
    jf_warnings warnings = {0};

    apply(state, table, "ridge", &warnings);
    assert_true(has_warning(&warnings, "W_PROXY_DEFAULT", "no column for precision"));
    assert_true(has_warning(&warnings, "W_GPU_ASSUMED", "A100-SXM4-40GB is taken"));
    check_close(values(table, "ridge")[0], 19.5e12 / 1555e9, 1e-15, "fp32 ridge");
    jf_warnings_free(&warnings);
    jf_table_free(table);
}

static void a_type_without_a_peak_is_missing_and_said(void **state)
{
    jf_table *table = read_table("gpu,dtype\nT4,bf16\nA40,bfloat16\n");
    jf_warnings warnings = {0};

    apply(state, table, "peak", &warnings);
    assert_true(isnan(values(table, "peak")[0]));
    check_close(values(table, "peak")[1], 149.7e12, 1e-15, "A40");
    assert_true(has_warning(&warnings, "W_NO_PEAK", "T4 has no bf16 peak"));
    jf_warnings_free(&warnings);
    jf_table_free(table);
}

static void models_that_are_not_known_are_missing_and_named(void **state)
{
    jf_table *table = read_table("model,layers,hidden,heads,vocab,positions,head\n"
                                 "bert-base-uncased,12,768,12,30522,512,none\nT5,12,768,12,30522,512,none\n"
                                 "gpt2,12,768,12,50257,1024,lm\n");
    jf_warnings warnings = {0};

    apply(state, table, "params", &warnings);
    check_close(values(table, "params")[0], 109482240, 0, "BERT");
    assert_true(isnan(values(table, "params")[1]));
    check_close(values(table, "params")[2], 124439808, 0, "GPT-2");
    assert_true(has_warning(&warnings, "W_UNKNOWN_LABEL", "'T5' is none of bert, gpt2, llama"));
    jf_warnings_free(&warnings);
    jf_table_free(table);
}

static void a_column_of_the_file_wins(void **state)
{
    jf_table *table = read_table("params,tokens,C,layers,hidden\n1000,10,7,1,2\n");
    jf_warnings warnings = {0};

    apply(state, table, "flops_6nd", &warnings);
    check_close(values(table, "flops_6nd")[0], 60000, 0, "the file's params are used");
    apply(state, table, "C", &warnings);
    check_close(values(table, "C")[0], 7, 0, "the file's C is kept");
    assert_true(has_warning(&warnings, "W_OWN_COLUMN", "'C'"));
    apply(state, table, "tokens", &warnings);
    assert_false(has_warning(&warnings, "W_OWN_COLUMN", "'tokens'"));
    jf_warnings_free(&warnings);
    jf_table_free(table);
}

static void without_names_every_feature_that_can_be_made_is(void **state)
{
    jf_table *table = read_table(SWEEP);
    jf_warnings warnings = {0};
    jf_error err = {0};

    check_ok(
        jf_proxies_apply(*state, &(jf_proxy_request){NULL, 0, NULL, NULL, 0, &warnings, NULL}, table, &err),
        &err);
    assert_non_null(jf_table_find(table, "C"));
    assert_non_null(jf_table_find(table, "eta"));
    assert_non_null(jf_table_find(table, "bandwidth"));
    assert_null(jf_table_find(table, "energy_per_token"));
    assert_null(jf_table_find(table, "value_bytes"));
    for (size_t i = 0; i < jf_catalogue_n(*state); i++) {
        const jf_proxy *proxy = jf_catalogue_at(*state, i);
        const jf_column *column = jf_table_find(table, proxy->name);
        if (column && column->known != proxy->known) fail_msg("%s: class differs", proxy->name);
        if (column && strcmp(column->unit, proxy->unit)) fail_msg("%s: unit %s", proxy->name, column->unit);
    }
    jf_warnings_free(&warnings);
    jf_table_free(table);
}

static void an_unknown_gpu_is_missing_only_in_its_rows(void **state)
{
    jf_table *table =
        read_table("gpu,gpus,duration_s,energy_J,precision\nXYZ-9000,2,5,10,fp16\nT4,2,5,10,fp16\n");
    jf_warnings warnings = {0};
    jf_error err = {0};

    check_ok(
        jf_proxies_apply(*state, &(jf_proxy_request){NULL, 0, NULL, NULL, 0, &warnings, NULL}, table, &err),
        &err);
    check_close(values(table, "mean_power")[0], 1, 0, "power is there");
    assert_true(isnan(values(table, "peak")[0]));
    check_close(values(table, "peak")[1], 65e12, 1e-15, "the other row's peak");
    assert_true(has_warning(&warnings, "W_PROXY_SKIPPED", "XYZ-9000"));
    jf_warnings_free(&warnings);
    jf_table_free(table);
}

static void a_default_that_changes_nothing_is_not_warned_of(void **state)
{
    static const char *const texts[] = {"gpus,duration\n1,2\n1,3\n", "gpus,duration\n1,2\n4,3\n"};

    for (size_t i = 0; i < 2; i++) {
        jf_table *table = read_table(texts[i]);
        jf_warnings warnings = {0};

        apply(state, table, "replicas", &warnings);
        assert_int_equal(has_warning(&warnings, "W_PROXY_DEFAULT", "no column for strategy"), i);
        jf_warnings_free(&warnings);
        jf_table_free(table);
    }
}

static void every_entry_says_what_it_is(void **state)
{
    const jf_catalogue *catalogue = *state;
    size_t n_post = 0;

    assert_true(jf_catalogue_n(catalogue) > 100);
    for (size_t i = 0; i < jf_catalogue_n(catalogue); i++) {
        const jf_proxy *proxy = jf_catalogue_at(catalogue, i);

        if (!*proxy->meaning) fail_msg("%s has no meaning", proxy->name);
        if (proxy->in_c == (*proxy->formula != '\0')) fail_msg("%s: formula or C", proxy->name);
        assert_ptr_equal(jf_catalogue_find(catalogue, proxy->name), proxy);
        if (jf_catalogue_find_input(catalogue, proxy->name)) fail_msg("%s is an input too", proxy->name);
        n_post += proxy->known == JF_POST_RUN;
    }
    assert_int_equal(jf_catalogue_find(catalogue, "eta")->known, JF_POST_RUN);
    assert_int_equal(jf_catalogue_find(catalogue, "C")->known, JF_PRE_RUN);
    assert_int_equal(jf_catalogue_find(catalogue, "roofline_time")->known, JF_PRE_RUN);
    assert_true(n_post >= 14 && n_post < 30);
}

/* Everything can be made from a run that is described in full. */
static void a_full_description_gives_every_feature(void **state)
{
    jf_table *table =
        read_table("arch,layers,hidden,heads,kv_heads,vocab,head,batch_size,sequence,gpus,strategy,gpu,"
                   "precision,steps,duration,energy\n"
                   "llama,4,256,4,2,1000,lm,2,64,1,Baseline,A40,bf16,10,3,500\n"
                   "gpt2,4,256,4,4,1000,lm,2,64,1,Baseline,A40,bf16,10,3,500\n");
    jf_warnings warnings = {0};
    jf_error err = {0};

    check_ok(
        jf_proxies_apply(*state, &(jf_proxy_request){NULL, 0, NULL, NULL, 0, &warnings, NULL}, table, &err),
        &err);
    for (size_t i = 0; i < jf_catalogue_n(*state); i++) {
        const jf_proxy *proxy = jf_catalogue_at(*state, i);
        if (proxy->is_part) continue;
        if (!jf_table_find(table, proxy->name)) fail_msg("%s was not made", proxy->name);
        if (isnan(values(table, proxy->name)[0]) && strcmp(proxy->name, "karp_flatt"))
            fail_msg("%s is missing", proxy->name);
    }
    jf_warnings_free(&warnings);
    jf_table_free(table);
}

static void a_file_adds_features_inputs_and_gpus(void **state)
{
    const char *path = "test_proxy_apply.yaml";
    jf_catalogue *catalogue = NULL;
    jf_error err = {0};
    jf_table *table = read_table("gpu,width,depth\nFancyGPU,10,2\n");
    jf_warnings warnings = {0};
    const char *names[] = {"area", "bandwidth"};

    (void)state;
    check_ok(jf_catalogue_builtin(&catalogue, &err), &err);
    write_text(path, "- name: area\n  formula: hidden*depth_m\n  meaning: own\n"
                     "- input: depth_m\n  columns: [depth]\n  meaning: own\n"
                     "- name: FancyGPU\n  peak_tflops: {fp16: 1}\n  memory_gb: 2\n  bandwidth_gb_s: 3\n");
    check_ok(jf_catalogue_add_file(catalogue, path, &err), &err);
    check_ok(jf_proxies_apply(catalogue, &(jf_proxy_request){names, 2, NULL, NULL, 0, &warnings, NULL}, table,
                              &err),
             &err);
    check_close(values(table, "area")[0], 20, 0, "own formula");
    check_close(values(table, "bandwidth")[0], 3e9, 0, "own GPU");
    write_text(path, "- name: up\n  formula: down + 1\n- name: down\n  formula: up - 1\n");
    assert_int_equal(jf_catalogue_add_file(catalogue, path, &err), JF_EDATA);
    assert_non_null(strstr(err.message, "leads back to itself"));
    jf_catalogue_free(catalogue);
    check_ok(jf_catalogue_builtin(&catalogue, &err), &err);
    write_text(path, "- name: up\n\n  formula: hidden +* 2\n");
    assert_int_not_equal(jf_catalogue_add_file(catalogue, path, &err), JF_OK);
    assert_non_null(strstr(err.message, "test_proxy_apply.yaml:1: up: column 9"));
    remove(path);
    jf_catalogue_free(catalogue);
    jf_warnings_free(&warnings);
    jf_table_free(table);
}

static bool count_down(void *context)
{
    int *left = context;

    return (*left)-- == 0;
}

static void every_allocation_may_fail(void **state)
{
    bool done = false;

    for (int n = 0; !done; n++) {
        jf_table *table = read_table(SWEEP);
        jf_warnings warnings = {0};
        jf_error err = {0};
        const char *name = "eta", *map = "sequence=`seq len`";
        int left = n;
        jf_status status;

        jf_memory_hook(count_down, &left);
        status = jf_proxies_apply(*state, &(jf_proxy_request){&name, 1, "bert", &map, 1, &warnings, NULL},
                                  table, &err);
        jf_memory_hook(NULL, NULL);
        done = left >= 0;
        if (done || status != JF_OK) assert_int_equal(status, done ? JF_OK : JF_ENOMEM);
        jf_warnings_free(&warnings);
        jf_table_free(table);
    }
}

static void the_catalogue_survives_every_failing_allocation(void **state)
{
    bool done = false;

    (void)state;
    for (int n = 0; !done; n += 1 + n / 50) { /* thinned out: it has some ten thousand */
        jf_catalogue *catalogue = NULL;
        jf_error err = {0};
        int left = n;
        jf_status status;

        jf_memory_hook(count_down, &left);
        status = jf_catalogue_builtin(&catalogue, &err);
        jf_memory_hook(NULL, NULL);
        done = left >= 0;
        assert_int_equal(status, done ? JF_OK : JF_ENOMEM);
        jf_catalogue_free(catalogue);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inputs_are_found_under_their_many_names),
        cmocka_unit_test(efficiency_compares_tokens_a_second_with_the_family),
        cmocka_unit_test(efficiency_from_durations_warns_where_work_differs),
        cmocka_unit_test(families_can_be_named),
        cmocka_unit_test(refusals_name_what_is_wrong),
        cmocka_unit_test(units_of_columns_are_minded),
        cmocka_unit_test(usual_values_are_taken_with_a_warning),
        cmocka_unit_test(a_type_without_a_peak_is_missing_and_said),
        cmocka_unit_test(models_that_are_not_known_are_missing_and_named),
        cmocka_unit_test(a_column_of_the_file_wins),
        cmocka_unit_test(without_names_every_feature_that_can_be_made_is),
        cmocka_unit_test(an_unknown_gpu_is_missing_only_in_its_rows),
        cmocka_unit_test(a_default_that_changes_nothing_is_not_warned_of),
        cmocka_unit_test(every_entry_says_what_it_is),
        cmocka_unit_test(a_full_description_gives_every_feature),
        cmocka_unit_test(a_file_adds_features_inputs_and_gpus),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(the_catalogue_survives_every_failing_allocation),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
