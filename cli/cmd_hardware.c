/* joulefit hardware: the catalogue of accelerators, listed or explained one by one. */
#include <math.h>
#include "cli/command.h"
#include "core/memory.h"
#include "proxies/hardware.h"

typedef struct hardware_settings {
    jf_option_list files;
} hardware_settings;

static const jf_option hardware_table[] = {
    {"catalogue", 0, JF_OPTION_LIST, offsetof(hardware_settings, files), .argument = "FILE",
     .help = "accelerators of your own, in YAML, added to the catalogue"},
    {NULL}};

static size_t hardware_sets(void *settings, jf_option_set *sets)
{
    sets[0] = (jf_option_set){"Which hardware", hardware_table, settings};
    return 1;
}

/* One number of a GPU: how it is called in tables and JSON, and its unit there. */
typedef struct quantity {
    const char *title, *key, *meaning;
    size_t offset;
    double unit;
    int priority; /* of its column in the list; -1: only in the explanation */
} quantity;

#define AT(field) offsetof(jf_gpu, field)
static const quantity quantities[] = {
    {"memory GB", "memory_byte", "memory, GB", AT(memory_byte), 1e9, 0},
    {"GB/s", "bandwidth", "memory bandwidth, GB/s", AT(bandwidth), 1e9, 0},
    {"fp32", "fp32", "fp32 vector peak, TFLOP/s", AT(fp32), 1e12, 2},
    {"tf32", "tf32", "tf32 dense peak, TFLOP/s", AT(tf32), 1e12, -1},
    {"fp16", "fp16", "fp16 dense peak, TFLOP/s", AT(fp16), 1e12, 0},
    {"bf16", "bf16", "bf16 dense peak, TFLOP/s", AT(bf16), 1e12, 1},
    {"fp8", "fp8", "fp8 dense peak, TFLOP/s", AT(fp8), 1e12, 3},
    {"TDP W", "tdp_w", "thermal design power, W", AT(tdp_w), 1, 0},
    {"idle W", "idle_w", "idle power, W (rough)", AT(idle_w), 1, 3},
    {"link GB/s", "link", "link to another GPU, both directions together, GB/s", AT(link), 1e9, 1},
    {"bridge GB/s", "bridge", "the same for a pair with a bridge, GB/s", AT(bridge), 1e9, -1},
};
#undef AT
enum { N_QUANTITIES = sizeof quantities / sizeof *quantities };

static double value_of(const jf_gpu *gpu, const quantity *q)
{
    return *(const double *)((const char *)gpu + q->offset);
}

static void add_number(jf_doc_table *table, size_t column, double value)
{
    char text[JF_NUMBER_TEXT];

    jf_doc_table_cell(table, column, "%s", isnan(value) ? "-" : jf_number_short(text, value, 5));
}

static void list_hardware(jf_doc *doc, const jf_hardware *hardware)
{
    jf_doc_table *table = jf_doc_add_table(doc, "Accelerators; peaks in dense TFLOP/s");

    jf_doc_table_column(table, "name", JF_LEFT, 0);
    for (size_t q = 0; q < N_QUANTITIES; q++)
        if (quantities[q].priority >= 0)
            jf_doc_table_column(table, quantities[q].title, JF_RIGHT, quantities[q].priority);
    for (size_t i = 0; i < hardware->n; i++) {
        size_t column = 1;
        jf_doc_table_row(table);
        jf_doc_table_cell(table, 0, "%s", hardware->gpus[i].name);
        for (size_t q = 0; q < N_QUANTITIES; q++)
            if (quantities[q].priority >= 0)
                add_number(table, column++,
                           value_of(&hardware->gpus[i], &quantities[q]) / quantities[q].unit);
    }
    jf_doc_paragraph(
        doc, "'joulefit hardware NAME' explains one; names as tables and drivers write them are known.");
}

static void list_names(jf_doc *doc, const char *what, char *const *names, size_t n)
{
    jf_text text = {0};

    for (size_t i = 0; i < n; i++) jf_text_addf(&text, "%s%s", i ? ", " : "", names[i]);
    if (text.length) jf_doc_paragraph(doc, "%s: %s.", what, text.data);
    jf_text_free(&text);
}

static void explain_gpu(jf_doc *doc, const jf_gpu *gpu)
{
    jf_doc_table *table;

    jf_doc_heading(doc, 1, "%s", gpu->name);
    table = jf_doc_add_table(doc, NULL);
    jf_doc_table_column(table, "quantity", JF_LEFT, 0);
    jf_doc_table_column(table, "value", JF_RIGHT, 0);
    for (size_t q = 0; q < N_QUANTITIES; q++) {
        double value = value_of(gpu, &quantities[q]);
        if (isnan(value)) continue;
        jf_doc_table_row(table);
        jf_doc_table_cell(table, 0, "%s", quantities[q].meaning);
        add_number(table, 1, value / quantities[q].unit);
    }
    list_names(doc, "Known as (without vendor, case and blanks)", gpu->patterns, gpu->n_patterns);
    list_names(doc, "Taken for it, though they leave the variant open", gpu->assumed, gpu->n_assumed);
    if (gpu->source) jf_doc_paragraph(doc, "Source: %s.", gpu->source);
}

/* SI units, as everywhere in JSON. */
static json_t *gpu_json(const jf_gpu *gpu)
{
    json_t *json = json_pack("{s:s, s:s?}", "name", gpu->name, "source", gpu->source);

    for (size_t q = 0; q < N_QUANTITIES && json; q++) {
        double value = value_of(gpu, &quantities[q]);
        json_object_set_new(json, quantities[q].key, isnan(value) ? json_null() : json_real(value));
    }
    return json;
}

static json_t *hardware_json(const jf_hardware *hardware)
{
    json_t *all = json_array();

    for (size_t i = 0; i < hardware->n; i++) json_array_append_new(all, gpu_json(&hardware->gpus[i]));
    return json_pack("{s:s, s:i, s:o}", "joulefit", JF_VERSION, "schema", 1, "hardware", all);
}

static jf_status run_hardware(jf_session *session, void *settings, jf_error *err)
{
    const hardware_settings *s = settings;
    jf_status status = JF_OK;
    jf_hardware hardware = {0};
    const jf_gpu *gpu = NULL;
    const char *name = NULL;
    jf_doc *doc = NULL;
    json_t *json = NULL;
    bool assumed = false;

    if (session->arguments.n) JF_TRY(jf_session_argument(session, "NAME of an accelerator", &name, err));
    JF_TRY(jf_hardware_builtin(&hardware, err));
    for (size_t i = 0; i < s->files.n; i++) JF_TRY(jf_hardware_add_file(&hardware, s->files.items[i], err));
    if (name) JF_TRY(jf_hardware_find(&hardware, name, &gpu, &assumed, err));
    if (assumed)
        jf_session_note(session, "'%s' does not say which variant is meant: taken for %s", name, gpu->name);
    if (jf_session_wants(session, "json")) {
        json = gpu ? gpu_json(gpu) : hardware_json(&hardware);
        JF_TRY(jf_session_write_json(session, json, err));
    } else {
        doc = jf_doc_new(NULL);
        JF_TRY_NEW(doc, err, "the list of hardware");
        if (gpu)
            explain_gpu(doc, gpu);
        else
            list_hardware(doc, &hardware);
        JF_TRY(jf_session_write_doc(session, doc, err));
    }
done:
    json_decref(json);
    jf_doc_free(doc);
    jf_hardware_free(&hardware);
    return status;
}

const jf_command jf_command_hardware = {
    .name = "hardware",
    .summary = "list the catalogue of accelerators, or explain one",
    .usage = "hardware [NAME] [--catalogue FILE]",
    .examples = "  joulefit hardware\n"
                "  joulefit hardware 'NVIDIA H100 80GB HBM3'\n",
    .settings_size = sizeof(hardware_settings),
    .sets = hardware_sets,
    .run = run_hardware,
};
