/* Allocations made to fail in turn: jf_memory_hook(refuse, &refusal). */
#ifndef JF_TESTS_REFUSE_H
#define JF_TESTS_REFUSE_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include "core/memory.h"

typedef struct refusal {
    long at;           /* this allocation fails, counted from 0; below 0: none */
    bool all_the_rest; /* those after it fail too */
    long asked;        /* allocations so far */
} refusal;

static long n_faults; /* of this program: tests/README.md has the sum over the suite */

static inline void tell_faults(void)
{
    printf("FAULTS: %ld allocations were made to fail\n", n_faults);
}

static inline bool refuse(void *context)
{
    refusal *r = context;
    long n = r->asked++;

    if (n == r->at && n_faults++ == 0) atexit(tell_faults);
    return n == r->at || (r->all_the_rest && r->at >= 0 && n > r->at);
}

/* Whether an allocation was made to fail. */
static inline bool was_refused(const refusal *r)
{
    return r->at >= 0 && r->asked > r->at;
}

#endif
