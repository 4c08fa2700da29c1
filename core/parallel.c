/* A parallel loop on OpenMP whose error does not depend on the number of threads. */
#include "core/parallel.h"

#include <omp.h>
#include <signal.h>
#include <stdint.h>
#include "core/progress.h"

/* A signal handler has nothing else to reach a running loop by. */
static volatile sig_atomic_t stop_requested;

void jf_stop_request(void)
{
    stop_requested = 1;
}

void jf_stop_clear(void)
{
    stop_requested = 0;
}

bool jf_stop_requested(void)
{
    return stop_requested != 0;
}

jf_status jf_stop_check(jf_error *err)
{
    return jf_stop_requested() ? jf_fail(err, JF_EINTERRUPTED, "interrupted") : JF_OK;
}

int jf_threads_available(void)
{
    return omp_get_num_procs(); /* those of the affinity mask */
}

/* The lowest item that failed so far. Items above it need not run; all below it do, so the lowest of all is
 * found whatever the order. */
typedef struct failure {
    size_t item; /* SIZE_MAX: none */
    jf_status status;
    jf_error error;
} failure;

static size_t lowest_failed(const failure *first)
{
    size_t item;
#pragma omp atomic read
    item = first->item;
    return item;
}

static void note_failure(failure *first, size_t item, jf_status status, const jf_error *error)
{
#pragma omp critical(jf_parallel_failure)
    if (item < first->item) {
        first->status = status;
        first->error = *error;
#pragma omp atomic write
        first->item = item;
    }
}

/* Loops and stages inside a piece tell no progress of their own. */
static jf_status work_inside(jf_work work, void *context, size_t item, jf_error *error)
{
    jf_status status;

    jf_progress_enter();
    status = work(context, item, omp_get_thread_num(), error);
    jf_progress_leave();
    return status;
}

/* The thread that began the loop tells for all. */
static void count_done(size_t *n_done, size_t n_items)
{
    size_t done;
#pragma omp atomic capture
    done = ++*n_done;
    if (omp_get_thread_num() == 0 && done < n_items) jf_progress_tell((double)done / (double)n_items);
}

static void do_item(failure *first, jf_work work, void *context, size_t item)
{
    jf_error error = {0};
    jf_status status;

    if (item > lowest_failed(first)) return;
    status = jf_stop_check(&error);
    if (status == JF_OK) status = work_inside(work, context, item, &error);
    if (status == JF_OK) status = jf_stop_check(&error); /* it may have been cut short */
    if (status != JF_OK) note_failure(first, item, status, &error);
}

static int threads_for(size_t n_items, int n_threads)
{
    int threads = n_threads > 0 ? n_threads : jf_threads_available();

    if (omp_in_parallel() || n_items == 0) return 1; /* inside another loop, that one has the cores */
    return (size_t)threads > n_items ? (int)n_items : threads;
}

jf_status jf_parallel(size_t n_items, int n_threads, jf_work work, void *context, jf_error *err)
{
    failure first = {.item = SIZE_MAX};
    bool inside = jf_progress_is_inside();
    size_t n_done = 0;

#pragma omp parallel for schedule(dynamic, 1) num_threads(threads_for(n_items, n_threads))
    for (size_t item = 0; item < n_items; item++) {
        do_item(&first, work, context, item);
        if (!inside) count_done(&n_done, n_items);
    }
    if (!inside) jf_progress_tell(1);
    if (first.status != JF_OK && err) *err = first.error;
    return first.status;
}
