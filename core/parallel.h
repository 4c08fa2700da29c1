/* A loop over independent pieces of work on several threads. */
#ifndef JF_CORE_PARALLEL_H
#define JF_CORE_PARALLEL_H

#include <stddef.h>
#include "core/error.h"

/* Does piece `item` with the arena of thread `thread` (0 .. n_threads - 1). Must not depend on `thread` for
 * its result, so that any number of threads gives the same bytes. */
typedef jf_status (*jf_work)(void *context, size_t item, int thread, jf_error *err);

/* Runs work(context, 0 .. n_items - 1). `n_threads` 0 takes what the affinity mask allows. When pieces fail,
 * the error of the lowest-numbered one is returned. */
jf_status jf_parallel(size_t n_items, int n_threads, jf_work work, void *context, jf_error *err);
/* What `n_threads` 0 means here. */
int jf_threads_available(void);

#endif
