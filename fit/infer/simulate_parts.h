/* What the files of simulate.h share. */
#ifndef JF_FIT_INFER_SIMULATE_PARTS_H
#define JF_FIT_INFER_SIMULATE_PARTS_H

#include <stdatomic.h>
#include "fit/infer/simulate.h"

/* Counts pieces of work and tells of them, from the first thread only. */
typedef struct jf_tally {
    const jf_progress *progress; /* or NULL */
    const char *what;
    size_t total;
    atomic_size_t done;
} jf_tally;

void jf_tally_add(jf_tally *tally, int thread);
/* One world a thread; *n of them, each cleared by the caller, also after a failure. */
jf_status jf_worlds_new(const jf_truth *truth, size_t copies, int64_t threads, jf_world **out, int *n,
                        jf_error *err);
/* The seed of the inference in one replicate. */
uint64_t jf_replicate_seed(uint64_t seed, uint64_t index);

#endif
