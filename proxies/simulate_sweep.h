/* A whole sweep drawn by the model of simulate_run.h, from a file with every constant. */
#ifndef JF_PROXIES_SIMULATE_SWEEP_H
#define JF_PROXIES_SIMULATE_SWEEP_H

#include "core/text.h"
#include "proxies/simulate_run.h"

enum { JF_SIM_BOARDS = 64 }; /* most GPUs of one machine */

/* The file (data/sets/bert_sweep_truth.yaml is one, with comments). Lists are owned. */
typedef struct jf_sim_sweep {
    uint64_t seed;
    char *model_name, *task, *precision; /* labels as the table writes them */
    double vocabulary, positions, sequences_per_run, families, repeat_every, repeats;
    struct jf_sim_list {
        double *values;
        size_t n;
    } layers, widths, head_widths, batches, sequences, gpus;
    jf_sim_strategy *strategies;
    size_t n_strategies;
    jf_hardware hardware;
    struct jf_sim_place {
        char *gpu_name; /* as the table writes it */
        jf_sim_machine machine;
    } * machines;
    size_t n_machines;
    jf_sim_model model;
    jf_sim_noise noise;
} jf_sim_sweep;

jf_status jf_sim_sweep_read(const char *path, jf_sim_sweep *out, jf_error *err);
void jf_sim_sweep_free(jf_sim_sweep *sweep);
/* Draws the runs as CSV with a header: what a tracker joined with a table of runs would hold. `n_left_out`
 * (or NULL): runs that do not fit in memory. */
jf_status jf_sim_sweep_draw(const jf_sim_sweep *sweep, jf_text *csv, size_t *n_left_out, jf_error *err);

#endif
