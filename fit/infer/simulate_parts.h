/* What the files of simulate.h share. */
#ifndef JF_FIT_INFER_SIMULATE_PARTS_H
#define JF_FIT_INFER_SIMULATE_PARTS_H

#include "fit/infer/simulate.h"

/* A truth in the making. */
typedef struct jf_truth_builder {
    const jf_law *law;
    const jf_table *table; /* as given */
    const size_t *rows;
    size_t n_rows;
    const jf_groups *groups;
    const jf_fit_options *fit;
    const jf_truth_options *options;
    jf_warnings *warnings;
    jf_truth *truth;
    const char **names; /* columns that are needed */
    size_t n_names, capacity;
    bool failed;            /* out of memory for names */
    char *raw;              /* name of the raw response */
    double *measured;       /* its values in the design, NaN where there is none */
    double between, within; /* variances of the fit's residuals: of groups, and within them */
} jf_truth_builder;

/* simulate_design.c, in this order. The columns and groups that are needed, for the rows that were chosen. */
jf_status jf_truth_take_columns(jf_truth_builder *b, jf_error *err);
/* What the design's own response holds. */
jf_status jf_truth_read_measured(jf_truth_builder *b, jf_error *err);
/* Binds the law to the design; rows that lack an input leave it. */
jf_status jf_truth_bind(jf_truth_builder *b, jf_error *err);
/* The first row with a measured response; the number of rows where there is none. */
size_t jf_truth_first_measured(const jf_truth_builder *b);
/* Makes the measured values the table's response, the others `filler`. */
jf_status jf_truth_set_response(jf_truth_builder *b, double filler, jf_error *err);
/* A value that every response of the design could have, so that all rows can be bound: one that was measured,
 * else 1/2, which logarithms, roots and logits all take. */
double jf_truth_any_response(const jf_truth_builder *b);

/* One world a thread; *n of them, each cleared by the caller, also after a failure. */
jf_status jf_worlds_new(const jf_truth *truth, size_t copies, int64_t threads, jf_world **out, int *n,
                        jf_error *err);
/* The seed of the inference in one replicate. */
uint64_t jf_replicate_seed(uint64_t seed, uint64_t index);

#endif
