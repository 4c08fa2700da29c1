/* A whole simulated sweep: its constants read from YAML, its runs drawn as CSV. */
#include "proxies/simulate_sweep.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/yaml.h"

enum { MOST_FAMILIES = 100000, MOST_ITEMS = 1000, BOARD_STREAMS = 1 << 20 };

/* One number of the file and where it goes. */
typedef struct number_key {
    const char *key;
    double *value;
} number_key;

/* --- reading ------------------------------------------------------------------------------------------- */

static jf_status get(const char *file, const jf_yaml *map, const char *key, jf_yaml_kind kind,
                     const jf_yaml **out, jf_error *err)
{
    static const char *const kinds[] = {"text", "list", "map"};

    *out = jf_yaml_get(map, key);
    if (!*out) return jf_fail(err, JF_EDATA, "%s:%d: '%s' is missing", file, map->line, key);
    if ((*out)->kind != kind)
        return jf_fail(err, JF_EDATA, "%s:%d: %s: expected a %s", file, (*out)->line, key, kinds[kind]);
    return JF_OK;
}

static jf_status get_number(const char *file, const jf_yaml *map, const char *key, double *out, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_yaml *node;

    JF_TRY(get(file, map, key, JF_YAML_SCALAR, &node, err));
    JF_TRY(jf_yaml_number(file, node, out, err));
    if (!(*out >= 0) || isinf(*out))
        return jf_fail(err, JF_EDATA, "%s:%d: %s: expected a number of 0 or more", file, node->line, key);
done:
    return status;
}

static jf_status get_numbers(const char *file, const jf_yaml *map, const number_key *keys, size_t n_keys,
                             jf_error *err)
{
    jf_status status = JF_OK;

    for (size_t i = 0; i < n_keys; i++) JF_TRY(get_number(file, map, keys[i].key, keys[i].value, err));
done:
    return status;
}

static jf_status get_text(const char *file, const jf_yaml *map, const char *key, char **out, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_yaml *node;

    JF_TRY(get(file, map, key, JF_YAML_SCALAR, &node, err));
    *out = jf_copy_text(node->text);
    JF_TRY_NEW(*out, err, key);
done:
    return status;
}

static jf_status get_list(const char *file, const jf_yaml *map, const char *key, struct jf_sim_list *out,
                          jf_error *err)
{
    jf_status status = JF_OK;
    const jf_yaml *list;

    JF_TRY(get(file, map, key, JF_YAML_LIST, &list, err));
    if (!list->n || list->n > MOST_ITEMS)
        return jf_fail(err, JF_EDATA, "%s:%d: %s: expected 1 to %d numbers", file, list->line, key,
                       MOST_ITEMS);
    out->values = JF_NEW_ARRAY(double, list->n);
    JF_TRY_NEW(out->values, err, key);
    for (; out->n < list->n; out->n++) {
        JF_TRY(jf_yaml_number(file, list->items[out->n], &out->values[out->n], err));
        if (!(out->values[out->n] >= 1 && out->values[out->n] <= 1e9))
            return jf_fail(err, JF_EDATA, "%s:%d: %s: expected numbers from 1 to 1e9", file,
                           list->items[out->n]->line, key);
    }
done:
    return status;
}

static jf_status get_strategies(const char *file, const jf_yaml *map, jf_sim_sweep *out, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_yaml *list;

    JF_TRY(get(file, map, "strategies", JF_YAML_LIST, &list, err));
    out->strategies = JF_NEW_ARRAY(jf_sim_strategy, list->n);
    JF_TRY_NEW(out->strategies, err, file);
    for (; out->n_strategies < list->n; out->n_strategies++) {
        const jf_yaml *item = list->items[out->n_strategies];
        jf_sim_strategy strategy = JF_SIM_TP;

        while (strategy < JF_N_SIM_STRATEGIES &&
               (!item->text || strcmp(item->text, jf_sim_strategy_names[strategy]) != 0))
            strategy++;
        if (strategy == JF_N_SIM_STRATEGIES)
            return jf_fail(err, JF_EDATA, "%s:%d: expected TP or FSDP", file, item->line);
        out->strategies[out->n_strategies] = strategy;
    }
done:
    return status;
}

static jf_status read_design(const char *file, const jf_yaml *map, jf_sim_sweep *out, jf_error *err)
{
    jf_status status = JF_OK;
    const number_key keys[] = {{"vocabulary", &out->vocabulary},
                               {"positions", &out->positions},
                               {"sequences_per_run", &out->sequences_per_run},
                               {"families", &out->families},
                               {"repeat_every", &out->repeat_every},
                               {"repeats", &out->repeats}};

    JF_TRY(get_text(file, map, "model", &out->model_name, err));
    JF_TRY(get_text(file, map, "task", &out->task, err));
    JF_TRY(get_text(file, map, "precision", &out->precision, err));
    JF_TRY(get_numbers(file, map, keys, sizeof keys / sizeof *keys, err));
    JF_TRY(get_list(file, map, "layers", &out->layers, err));
    JF_TRY(get_list(file, map, "widths", &out->widths, err));
    JF_TRY(get_list(file, map, "head_widths", &out->head_widths, err));
    JF_TRY(get_list(file, map, "batches", &out->batches, err));
    JF_TRY(get_list(file, map, "sequences", &out->sequences, err));
    JF_TRY(get_list(file, map, "gpus", &out->gpus, err));
    for (size_t i = 0; i < out->gpus.n; i++)
        if (out->gpus.values[i] > JF_SIM_BOARDS)
            return jf_fail(err, JF_EDATA, "%s:%d: at most %d GPUs", file, map->line, JF_SIM_BOARDS);
    JF_TRY(get_strategies(file, map, out, err));
    if (out->families > MOST_FAMILIES || out->repeats > MOST_ITEMS || out->repeat_every < 1)
        return jf_fail(err, JF_EDATA, "%s:%d: families, repeats or repeat_every out of range", file,
                       map->line);
done:
    return status;
}

static jf_status read_machine(const char *file, const jf_yaml *map, const jf_sim_sweep *sweep,
                              struct jf_sim_place *out, jf_error *err)
{
    jf_status status = JF_OK;
    jf_sim_machine *machine = &out->machine;
    const number_key keys[] = {{"compute_fraction", &machine->compute_fraction},
                               {"bandwidth_fraction", &machine->bandwidth_fraction},
                               {"link_fraction", &machine->link_fraction},
                               {"step_s", &machine->step_s},
                               {"layer_s", &machine->layer_s},
                               {"latency_s", &machine->latency_s},
                               {"idle_w", &machine->idle_w},
                               {"clocks_w", &machine->clocks_w},
                               {"flop_J", &machine->flop_J},
                               {"byte_J", &machine->byte_J},
                               {"link_byte_J", &machine->link_byte_J}};

    JF_TRY(get_text(file, map, "gpu", &out->gpu_name, err));
    JF_TRY(get_numbers(file, map, keys, sizeof keys / sizeof *keys, err));
    JF_TRY(jf_hardware_find(&sweep->hardware, out->gpu_name, &machine->gpu, NULL, err));
    machine->peak = jf_gpu_peak(machine->gpu, sweep->precision);
    if (isnan(machine->peak) || isnan(machine->gpu->link))
        return jf_fail(err, JF_EDATA, "%s:%d: %s has no %s peak or no link in the hardware catalogue", file,
                       map->line, out->gpu_name, sweep->precision);
done:
    return status;
}

static jf_status read_machines(const char *file, const jf_yaml *root, jf_sim_sweep *out, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_yaml *list;

    JF_TRY(get(file, root, "machines", JF_YAML_LIST, &list, err));
    out->machines = JF_NEW_ZEROED(struct jf_sim_place, list->n);
    JF_TRY_NEW(out->machines, err, file);
    for (size_t i = 0; i < list->n; i++) {
        out->n_machines = i + 1;
        JF_TRY(read_machine(file, list->items[i], out, &out->machines[i], err));
    }
done:
    return status;
}

static jf_status read_model(const char *file, const jf_yaml *map, jf_sim_model *out, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_yaml *factors;
    const number_key keys[] = {{"norm", &out->norm},
                               {"overlap", &out->overlap},
                               {"activation_traffic", &out->activation_traffic},
                               {"logits_traffic", &out->logits_traffic},
                               {"memory_share", &out->memory_share}};

    JF_TRY(get_numbers(file, map, keys, sizeof keys / sizeof *keys, err));
    JF_TRY(get(file, map, "launch_factor", JF_YAML_MAP, &factors, err));
    for (size_t i = 0; i < JF_N_SIM_STRATEGIES; i++)
        JF_TRY(get_number(file, factors, jf_sim_strategy_names[i], &out->launch_factor[i], err));
done:
    return status;
}

static jf_status read_noise(const char *file, const jf_yaml *map, jf_sim_noise *out, jf_error *err)
{
    const number_key keys[] = {{"duration_sd", &out->duration_sd},
                               {"dynamic_sd", &out->dynamic_sd},
                               {"board_sd", &out->board_sd},
                               {"sample_sd", &out->sample_sd},
                               {"samples_per_s", &out->samples_per_s}};

    return get_numbers(file, map, keys, sizeof keys / sizeof *keys, err);
}

jf_status jf_sim_sweep_read(const char *path, jf_sim_sweep *out, jf_error *err)
{
    static const char *const keys[] = {"seed", "sweep", "machines", "model", "noise", NULL};
    jf_status status = JF_OK;
    jf_yaml *root = NULL;
    const jf_yaml *part;
    double seed;

    memset(out, 0, sizeof *out);
    JF_TRY(jf_hardware_builtin(&out->hardware, err));
    JF_TRY(jf_yaml_read_file(path, &root, err));
    JF_TRY(jf_yaml_check_keys(path, root, keys, err));
    JF_TRY(get_number(path, root, "seed", &seed, err));
    out->seed = (uint64_t)fmin(seed, 0x1p53);
    JF_TRY(get(path, root, "sweep", JF_YAML_MAP, &part, err));
    JF_TRY(read_design(path, part, out, err));
    JF_TRY(read_machines(path, root, out, err));
    JF_TRY(get(path, root, "model", JF_YAML_MAP, &part, err));
    JF_TRY(read_model(path, part, &out->model, err));
    JF_TRY(get(path, root, "noise", JF_YAML_MAP, &part, err));
    JF_TRY(read_noise(path, part, &out->noise, err));
done:
    if (status != JF_OK) jf_sim_sweep_free(out);
    jf_yaml_free(root);
    return status;
}

void jf_sim_sweep_free(jf_sim_sweep *sweep)
{
    if (!sweep) return;
    jf_free(sweep->model_name);
    jf_free(sweep->task);
    jf_free(sweep->precision);
    jf_free(sweep->layers.values);
    jf_free(sweep->widths.values);
    jf_free(sweep->head_widths.values);
    jf_free(sweep->batches.values);
    jf_free(sweep->sequences.values);
    jf_free(sweep->gpus.values);
    jf_free(sweep->strategies);
    for (size_t i = 0; i < sweep->n_machines; i++) jf_free(sweep->machines[i].gpu_name);
    jf_free(sweep->machines);
    jf_hardware_free(&sweep->hardware);
    memset(sweep, 0, sizeof *sweep);
}

/* --- drawing ------------------------------------------------------------------------------------------- */

/* The drawing in progress. */
typedef struct sweep_drawing {
    const jf_sim_sweep *sweep;
    double (*gains)[JF_SIM_BOARDS]; /* one row a machine */
    jf_text *csv;
    uint64_t n_runs; /* tried, in the table or not: the index of a run's noise stream */
    size_t n_rows, n_left_out;
} sweep_drawing;

static double pick(const struct jf_sim_list *list, jf_stream *stream)
{
    return list->values[jf_stream_below(stream, list->n)];
}

static jf_sim_run draw_family(const jf_sim_sweep *sweep, jf_stream *stream)
{
    jf_sim_run run = {.vocabulary = sweep->vocabulary, .positions = sweep->positions, .gpus = 1};

    run.layers = pick(&sweep->layers, stream);
    run.width = pick(&sweep->widths, stream);
    run.heads = fmax(1, run.width / pick(&sweep->head_widths, stream));
    run.batch = pick(&sweep->batches, stream);
    run.sequence = pick(&sweep->sequences, stream);
    return run;
}

static bool same_family(const jf_sim_run *a, const jf_sim_run *b)
{
    return a->layers == b->layers && a->width == b->width && a->heads == b->heads && a->batch == b->batch &&
           a->sequence == b->sequence;
}

/* Draws until the family is a new one; `n` are there. The design must be larger than the number of families.
 */
static jf_status draw_new_family(const jf_sim_sweep *sweep, jf_stream *stream, jf_sim_run *families, size_t n,
                                 jf_error *err)
{
    for (int attempt = 0; attempt < 10000; attempt++) {
        size_t i = 0;

        families[n] = draw_family(sweep, stream);
        while (i < n && !same_family(&families[i], &families[n])) i++;
        if (i == n) return JF_OK;
    }
    return jf_fail(err, JF_EDATA, "the grid of the sweep has fewer than %g different families",
                   sweep->families);
}

static void add_number(jf_text *csv, double value, int digits)
{
    char buffer[JF_NUMBER_TEXT];

    jf_text_add(csv, jf_number_short(buffer, value, digits));
    jf_text_add(csv, ",");
}

static void add_row(sweep_drawing *drawing, const struct jf_sim_place *place, const jf_sim_run *run,
                    double duration_s, double energy_J)
{
    const jf_sim_sweep *sweep = drawing->sweep;
    double replicas = run->strategy == JF_SIM_FSDP ? run->gpus : 1;
    const double sizes[] = {run->gpus,      run->layers,
                            run->width,     run->heads,
                            4 * run->width, run->batch,
                            run->sequence,  run->vocabulary,
                            run->steps,     run->steps * run->batch * run->sequence * replicas};
    jf_text *csv = drawing->csv;

    jf_text_addf(csv, "sim-%04zu,%s,%s,%s,%s,%s,", ++drawing->n_rows, sweep->model_name, sweep->task,
                 place->gpu_name, jf_sim_strategy_names[run->strategy], sweep->precision);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) add_number(csv, sizes[i], 15);
    add_number(csv, duration_s, 7);
    add_number(csv, energy_J / 3.6e6, 7);
    add_number(csv, energy_J / duration_s, 5);
    if (!csv->failed) csv->data[csv->length - 1] = '\n'; /* instead of the last comma */
}

static jf_status draw_run(sweep_drawing *drawing, size_t machine, jf_sim_run run, double repeats,
                          jf_error *err)
{
    const jf_sim_sweep *sweep = drawing->sweep;
    const struct jf_sim_place *place = &sweep->machines[machine];
    double replicas = run.strategy == JF_SIM_FSDP ? run.gpus : 1, duration_s, energy_J;
    jf_status status = JF_OK;
    jf_sim_step step;

    run.steps = fmax(1, floor(sweep->sequences_per_run / (run.batch * replicas)));
    JF_TRY(jf_simulate_step(&place->machine, &sweep->model, &run, &step, err));
    for (double i = 0; i < repeats; i++) {
        jf_stream stream = jf_stream_make(sweep->seed, JF_FOR_NOISE, BOARD_STREAMS + drawing->n_runs++);

        drawing->n_left_out += !step.fits;
        if (!step.fits) continue;
        jf_simulate_measure(&step, &sweep->noise, &run, drawing->gains[machine], stream, &duration_s,
                            &energy_J);
        add_row(drawing, place, &run, duration_s, energy_J);
        if (drawing->csv->failed) return jf_fail(err, JF_ENOMEM, "out of memory for the sweep");
    }
done:
    return status;
}

/* One family on one machine: Baseline, then every strategy on every number of GPUs. */
static jf_status draw_family_runs(sweep_drawing *drawing, size_t machine, jf_sim_run run, double repeats,
                                  jf_error *err)
{
    const jf_sim_sweep *sweep = drawing->sweep;
    jf_status status = JF_OK;

    JF_TRY(draw_run(drawing, machine, run, repeats, err));
    for (size_t s = 0; s < sweep->n_strategies; s++)
        for (size_t n = 0; n < sweep->gpus.n; n++) {
            run.strategy = sweep->strategies[s];
            run.gpus = sweep->gpus.values[n];
            JF_TRY(draw_run(drawing, machine, run, repeats, err));
        }
done:
    return status;
}

static void draw_gains(sweep_drawing *drawing)
{
    const jf_sim_sweep *sweep = drawing->sweep;

    for (size_t m = 0; m < sweep->n_machines; m++)
        for (size_t board = 0; board < JF_SIM_BOARDS; board++) {
            jf_stream stream = jf_stream_make(sweep->seed, JF_FOR_NOISE, m * JF_SIM_BOARDS + board);
            drawing->gains[m][board] = 1 + sweep->noise.board_sd * jf_stream_normal(&stream);
        }
}

jf_status jf_sim_sweep_draw(const jf_sim_sweep *sweep, jf_text *csv, size_t *n_left_out, jf_error *err)
{
    jf_status status = JF_OK;
    sweep_drawing drawing = {.sweep = sweep, .csv = csv};
    jf_stream stream = jf_stream_make(sweep->seed, JF_FOR_SIMULATION, 0);
    jf_sim_run *families = JF_NEW_ZEROED(jf_sim_run, (size_t)sweep->families);

    drawing.gains = jf_alloc(sweep->n_machines, sizeof *drawing.gains);
    JF_TRY_NEW(families, err, "the sweep");
    JF_TRY_NEW(drawing.gains, err, "the sweep");
    draw_gains(&drawing);
    jf_text_add(csv,
                "run_id,model,task,gpu,strategy,precision,gpus,num_layers,hidden_size,num_attention_heads,"
                "intermediate_size,batch_size,seq_length,vocab_size,steps,tokens,duration_s,energy_kWh,"
                "average_power_W\n");
    for (size_t f = 0; f < (size_t)sweep->families; f++) {
        double repeats = f % (size_t)sweep->repeat_every ? 1 : sweep->repeats;

        JF_TRY(draw_new_family(sweep, &stream, families, f, err));
        for (size_t m = 0; m < sweep->n_machines; m++)
            JF_TRY(draw_family_runs(&drawing, m, families[f], repeats, err));
    }
done:
    if (n_left_out) *n_left_out = drawing.n_left_out;
    jf_free(drawing.gains);
    jf_free(families);
    return status;
}
