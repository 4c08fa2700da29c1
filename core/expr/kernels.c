/* Choosing the kernels that this machine can run. */
#include "core/expr/kernels.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include "core/expr/formula.h"

/* Best first. Chosen once, at the first use; every thread would choose the same. */
static const jf_kernels *const sets[] = {
#ifdef __x86_64__
    &jf_kernels_avx512, &jf_kernels_avx2,
#endif
    &jf_kernels_base};
static _Atomic(const jf_kernels *) active;

static bool runs_here(const jf_kernels *set)
{
#ifdef __x86_64__
    if (set == &jf_kernels_avx512)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512vl");
    if (set == &jf_kernels_avx2)
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
               __builtin_cpu_supports("bmi2");
#endif
    return set == &jf_kernels_base;
}

static const jf_kernels *find(const char *name)
{
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        if ((!name || strcmp(name, sets[i]->name) == 0) && runs_here(sets[i])) return sets[i];
    return NULL;
}

const jf_kernels *jf_kernels_active(void)
{
    const jf_kernels *set = atomic_load_explicit(&active, memory_order_relaxed);
    const char *wish;

    if (set) return set;
    wish = getenv("JOULEFIT_KERNELS");
    set = wish ? find(wish) : NULL;
    if (!set) set = find(NULL);
    atomic_store_explicit(&active, set, memory_order_relaxed);
    return set;
}

const char *jf_kernels_name(void)
{
    return jf_kernels_active()->name;
}

bool jf_kernels_choose(const char *name)
{
    const jf_kernels *set = find(name);
    if (set) atomic_store_explicit(&active, set, memory_order_relaxed);
    return set != NULL;
}
