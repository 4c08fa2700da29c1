/* A physical model of one training run: roofline time, collectives, energy, and a tracker's noise. */
#include "proxies/simulate_run.h"

#include <math.h>
#include <string.h>

const char *const jf_sim_strategy_names[JF_N_SIM_STRATEGIES] = {"Baseline", "TP", "FSDP"};

enum { BYTES_16_BIT = 2 };

/* GPUs that share one replica's tensors. */
static double tensor_parallel(const jf_sim_run *run)
{
    return run->strategy == JF_SIM_TP ? run->gpus : 1;
}

static double parameters_of_layer(const jf_sim_run *run)
{
    return 12 * run->width * run->width + 13 * run->width;
}

/* BertForMaskedLM: two token types, tied decoder. */
static double parameters_of(const jf_sim_run *run)
{
    double d = run->width;

    return (run->vocabulary + run->positions + 2) * d + 2 * d + run->layers * parameters_of_layer(run) +
           d * d + 3 * d + run->vocabulary;
}

static double flops_of(const jf_sim_run *run)
{
    double d = run->width, tokens = run->batch * run->sequence;
    double layer = 24 * tokens * d * d + 4 * tokens * run->sequence * d;
    double forward = run->layers * layer + 2 * tokens * d * d + 2 * tokens * d * run->vocabulary;

    return 3 * forward / tensor_parallel(run);
}

static double stored_activations(const jf_sim_run *run)
{
    double t = tensor_parallel(run), elements = run->layers * run->sequence * run->batch * run->width;

    return elements * (10 + 24 / t + 5 * run->heads * run->sequence / (run->width * t));
}

static double logits_of(const jf_sim_run *run)
{
    return run->batch * run->sequence * run->vocabulary / tensor_parallel(run);
}

static double bytes_of(const jf_sim_model *model, const jf_sim_run *run, double parameters)
{
    return 6 * parameters / tensor_parallel(run) + 28 * parameters / run->gpus +
           model->activation_traffic * stored_activations(run) + model->logits_traffic * logits_of(run);
}

/* 16 byte of state a parameter, divided over the ranks; FSDP holds one gathered layer besides. */
static double held_bytes(const jf_sim_run *run, double parameters)
{
    double gathered = run->strategy == JF_SIM_FSDP ? BYTES_16_BIT * parameters_of_layer(run) : 0;

    return 16 * parameters / run->gpus + gathered + stored_activations(run) + 8 * logits_of(run);
}

/* Adds `count` ring collectives over messages of `bytes`: `passes` 2 for an all-reduce, 1 for a gather or
 * scatter. */
static void add_rings(const jf_sim_machine *machine, double n, double count, double passes, double bytes,
                      jf_sim_step *out)
{
    double sent = passes * (n - 1) / n * bytes, one_way = machine->link_fraction * machine->gpu->link / 2;

    out->link_bytes += count * sent;
    out->comm_s += count * (passes * (n - 1) * machine->latency_s + sent / one_way);
}

static void add_communication(const jf_sim_machine *machine, const jf_sim_run *run, jf_sim_step *out)
{
    double layer = parameters_of_layer(run), rest = out->parameters - run->layers * layer;

    if (run->strategy == JF_SIM_TP)
        add_rings(machine, run->gpus, 4 * run->layers, 2,
                  BYTES_16_BIT * run->batch * run->sequence * run->width, out);
    if (run->strategy == JF_SIM_FSDP) {
        add_rings(machine, run->gpus, 3 * run->layers, 1, BYTES_16_BIT * layer, out);
        add_rings(machine, run->gpus, 3, 1, BYTES_16_BIT * rest, out);
    }
}

static double exposed(const jf_sim_model *model, const jf_sim_run *run, const jf_sim_step *step)
{
    double hidden = run->strategy == JF_SIM_FSDP ? model->overlap * step->kernel_s : 0;

    return fmax(0, step->comm_s - hidden);
}

static jf_status check_run(const jf_sim_run *run, jf_error *err)
{
    const double sizes[] = {run->layers,     run->width,     run->heads, run->batch, run->sequence,
                            run->vocabulary, run->positions, run->gpus,  run->steps};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (!(sizes[i] >= 1) || isinf(sizes[i]))
            return jf_fail(err, JF_EUSAGE, "simulated run: expected sizes of 1 or more, found %g", sizes[i]);
    if (run->strategy == JF_SIM_BASELINE && run->gpus != 1)
        return jf_fail(err, JF_EUSAGE, "simulated run: Baseline is one GPU, found %g", run->gpus);
    return JF_OK;
}

jf_status jf_simulate_step(const jf_sim_machine *machine, const jf_sim_model *model, const jf_sim_run *run,
                           jf_sim_step *out, jf_error *err)
{
    jf_status status = JF_OK;
    double compute_s, memory_s;

    memset(out, 0, sizeof *out);
    JF_TRY(check_run(run, err));
    out->parameters = parameters_of(run);
    out->flops = flops_of(run);
    out->bytes = bytes_of(model, run, out->parameters);
    add_communication(machine, run, out);
    compute_s = out->flops / (machine->compute_fraction * machine->peak);
    memory_s = out->bytes / (machine->bandwidth_fraction * machine->gpu->bandwidth);
    out->kernel_s = pow(pow(compute_s, model->norm) + pow(memory_s, model->norm), 1 / model->norm);
    out->launch_s = model->launch_factor[run->strategy] * (machine->step_s + machine->layer_s * run->layers);
    out->step_s = out->launch_s + out->kernel_s + exposed(model, run, out);
    out->static_w = machine->idle_w + machine->clocks_w;
    out->dynamic_J =
        machine->flop_J * out->flops + machine->byte_J * out->bytes + machine->link_byte_J * out->link_bytes;
    out->memory_byte = held_bytes(run, out->parameters);
    out->fits = out->memory_byte <= model->memory_share * machine->gpu->memory_byte;
done:
    return status;
}

void jf_simulate_measure(const jf_sim_step *step, const jf_sim_noise *noise, const jf_sim_run *run,
                         const double *gains, jf_stream stream, double *duration_s, double *energy_J)
{
    double dynamic_J, sample_sd;

    *duration_s = run->steps * step->step_s * exp(noise->duration_sd * jf_stream_normal(&stream));
    dynamic_J = run->steps * step->dynamic_J * exp(noise->dynamic_sd * jf_stream_normal(&stream));
    sample_sd = noise->sample_sd / sqrt(fmax(1, noise->samples_per_s * *duration_s));
    *energy_J = 0;
    for (size_t board = 0; board < (size_t)run->gpus; board++) {
        double drawn_J = step->static_w * *duration_s + dynamic_J;
        *energy_J += gains[board] * drawn_J * (1 + sample_sd * jf_stream_normal(&stream));
    }
}
