/* A physical model of one training run: how long it takes and what it draws, from its description.
 *
 * One optimizer step on each of n GPUs (symbols as in the parameter structs below; b sequences of s tokens a
 * replica, L layers of width d, a heads, feed-forward width 4d, vocabulary V, N parameters):
 *
 *   work       W = 3 [L (24 b s d^2 + 4 b s^2 d) + 2 b s d^2 + 2 b s d V] matmul FLOPs a replica;
 *              a GPU does W/n under TP (n GPUs share one replica) and W under FSDP and Baseline
 *   traffic    M = 6 N_held + 28 N/n + activation_traffic A + logits_traffic b s V/t byte, t = n under TP
 * else 1, A = L s b d (10 + 24/t + 5 a s/(d t)) stored activations, N_held = N/t weights passed through
 *   exchanged  TP: 4 L ring all-reduces of 2 b s d byte; FSDP: 3 ring gathers or scatters of each layer's
 * weights (2 byte each) and of the rest of the model as one piece; V byte sent by a GPU time       T = f
 * (step_s + layer_s L) + (tc^p + tm^p)^(1/p) + exposed, tc = W_gpu/(compute_fraction peak), tm =
 * M/(bandwidth_fraction bandwidth), f the strategy's launch factor; a collective takes hops latency_s +
 * byte/(link_fraction link/2); exposed: all of it under TP, under FSDP what is longer than overlap (tc^p +
 * tm^p)^(1/p) energy     E = n [(idle_w + clocks_w) T + flop_J W_gpu + byte_J M + link_byte_J V]
 *
 * So energy is a sum of an overhead, a part for each layer, compute, traffic and communication, and no
 * product of powers; nor is it law 17a, for traffic, the p-norm and the overlap are not in that law. Sources
 * of the parts: roofline with p-norm and alpha-beta collectives, Williams et al. 2009 and Thakur et al. 2005;
 * energy roofline, Choi et al. 2013; stored activations, Korthikanti et al. 2022. */
#ifndef JF_PROXIES_SIMULATE_RUN_H
#define JF_PROXIES_SIMULATE_RUN_H

#include "core/stream.h"
#include "proxies/hardware.h"

typedef enum jf_sim_strategy { JF_SIM_BASELINE, JF_SIM_TP, JF_SIM_FSDP, JF_N_SIM_STRATEGIES } jf_sim_strategy;
extern const char *const jf_sim_strategy_names[JF_N_SIM_STRATEGIES]; /* "Baseline", "TP", "FSDP" */

/* A machine: what the catalogue says of its GPU, and what a run makes of it. Units in the names; SI. */
typedef struct jf_sim_machine {
    const jf_gpu *gpu; /* borrowed */
    double peak;       /* dense FLOP/s at the run's precision */
    double compute_fraction, bandwidth_fraction, link_fraction;
    double step_s, layer_s, latency_s;
    double idle_w, clocks_w;
    double flop_J, byte_J, link_byte_J;
} jf_sim_machine;

typedef struct jf_sim_model {
    double norm, overlap;
    double launch_factor[JF_N_SIM_STRATEGIES];
    double activation_traffic, logits_traffic, memory_share;
} jf_sim_model;

typedef struct jf_sim_noise {
    double duration_sd, dynamic_sd; /* of logs */
    double board_sd;                /* of a board's gain around 1 */
    double sample_sd, samples_per_s;
} jf_sim_noise;

/* A run. `batch`: sequences a replica. */
typedef struct jf_sim_run {
    double layers, width, heads, batch, sequence, vocabulary, positions, gpus, steps;
    jf_sim_strategy strategy;
} jf_sim_run;

/* What one step costs. Per GPU unless it says otherwise. */
typedef struct jf_sim_step {
    double parameters;                 /* of the whole model, masked-language-model head included */
    double flops, bytes, link_bytes;   /* W_gpu, M, V */
    double kernel_s, launch_s, comm_s; /* comm_s: before any hiding */
    double step_s;
    double static_w;    /* idle_w + clocks_w */
    double dynamic_J;   /* flop_J W + byte_J M + link_byte_J V */
    double memory_byte; /* held: state and activations */
    bool fits;          /* memory_byte within memory_share of the GPU's */
} jf_sim_step;

/* The noiseless cost of a step. Baseline with gpus != 1, and sizes that are not positive, are JF_EUSAGE. */
jf_status jf_simulate_step(const jf_sim_machine *machine, const jf_sim_model *model, const jf_sim_run *run,
                           jf_sim_step *out, jf_error *err);
/* What a tracker would have written for `run`: seconds and joules of all its GPUs. `gains`: of the first
 * `gpus` boards' sensors. */
void jf_simulate_measure(const jf_sim_step *step, const jf_sim_noise *noise, const jf_sim_run *run,
                         const double *gains, jf_stream stream, double *duration_s, double *energy_J);

#endif
