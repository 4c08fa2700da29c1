/* A loop over independent pieces of work on several threads. */
#ifndef JF_CORE_PARALLEL_H
#define JF_CORE_PARALLEL_H

#include <stdbool.h>
#include <stddef.h>
#include "core/error.h"

/* Does piece `item` with the arena of thread `thread` (0 .. n_threads - 1). Must not depend on `thread` for
 * its result, so that any number of threads gives the same bytes. */
typedef jf_status (*jf_work)(void *context, size_t item, int thread, jf_error *err);

/* Runs work(context, 0 .. n_items - 1). `n_threads` 0 takes what the affinity mask allows. When pieces fail,
 * the error of the lowest-numbered one is returned; pieces after it may not have run. A loop inside a piece
 * runs on that piece's thread, as thread 0. After jf_stop_request no further piece begins, and those at work
 * may have been cut short: JF_EINTERRUPTED. */
jf_status jf_parallel(size_t n_items, int n_threads, jf_work work, void *context, jf_error *err);
/* What `n_threads` 0 means here. */
int jf_threads_available(void);

/* Asks every loop of the process to stop; may be called from a signal handler. */
void jf_stop_request(void);
void jf_stop_clear(void);
bool jf_stop_requested(void);
/* JF_EINTERRUPTED where a stop was requested: for loops that take long and have no pieces, once in
 * JF_STOP_ROWS rows. */
enum { JF_STOP_ROWS = 1 << 16 };
jf_status jf_stop_check(jf_error *err);

#endif
