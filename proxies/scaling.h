/* Matched scaling: runs on several GPUs against the single-GPU runs of their family, and where strategies
 * cross. */
#ifndef JF_PROXIES_SCALING_H
#define JF_PROXIES_SCALING_H

#include <stdint.h>
#include "data/groups.h"

/* An estimate with its 95 % bootstrap interval; NaN where there is none. */
typedef struct jf_span {
    double value, low, high;
} jf_span;

/* The matched runs of one strategy on so many GPUs. Medians over runs; families are drawn anew for the
 * intervals. */
typedef struct jf_scaling_cell {
    int32_t strategy; /* code in the strategy column */
    double gpus;
    size_t n_runs, n_families;
    jf_span gain;       /* throughput over that of one GPU */
    jf_span efficiency; /* gain by GPU */
    jf_span energy;     /* energy per token over that on one GPU */
} jf_scaling_cell;

typedef enum jf_crossing {
    JF_CROSSING_INSIDE,  /* within what was measured */
    JF_CROSSING_OUTSIDE, /* the line crosses beyond it, by less than a factor of 2 */
    JF_CROSSING_FAR,     /* farther: one strategy is ahead wherever both were measured */
    JF_CROSSING_NONE     /* which of the two gains along the column cannot be told */
} jf_crossing;
extern const char *const jf_crossing_names[]; /* "inside", "outside", "far", "none" */

/* Where the throughputs of two strategies are equal: the zero of a line through log(throughput a / throughput
 * b) against the log of a column, over families and GPU counts that have both. */
typedef struct jf_crossover {
    int32_t a, b;
    size_t n_pairs, n_families;
    jf_span at;         /* of the column */
    double ahead_above; /* strategy ahead above the crossing (FAR: wherever both were measured): 1 for a, -1
                         * for b; 0 where it cannot be told */
    jf_crossing state;
} jf_crossover;

typedef struct jf_scaling {
    jf_scaling_cell *cells; /* by strategy, then GPUs */
    size_t n_cells;
    jf_crossover *crossovers;
    size_t n_crossovers;
    size_t n_multi, n_matched, n_singles; /* runs */
} jf_scaling;

typedef struct jf_scaling_input {
    const jf_table *table;
    const size_t *rows; /* NULL: all */
    size_t n_rows;
    const jf_groups *families;                               /* of the whole table */
    const double *gpus, *tokens, *duration, *energy, *along; /* of the whole table; energy NULL: none */
    const jf_column *strategy;                               /* labels */
    size_t draws;
    uint64_t seed;
} jf_scaling_input;

/* JF_EDATA: no run on several GPUs has a single-GPU run of its family. */
jf_status jf_scaling_run(const jf_scaling_input *input, jf_scaling *out, jf_error *err);
void jf_scaling_clear(jf_scaling *scaling);

#endif
