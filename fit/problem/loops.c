/* Which set of loops goes with the evaluator's kernels. */
#include "fit/problem/loops.h"

#include <string.h>

static const jf_loops *const sets[] = {
#ifdef __x86_64__
    &jf_loops_avx512,
    &jf_loops_avx2,
#endif
};

const jf_loops *jf_loops_active(void)
{
    const char *name = jf_kernels_name();

    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        if (strcmp(sets[i]->name, name) == 0) return sets[i];
    return &jf_loops_base;
}
