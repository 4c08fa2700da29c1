/* The hardware catalogue: peaks, bandwidths, power and name patterns of accelerators (hardware.yaml). */
#ifndef JF_PROXIES_HARDWARE_H
#define JF_PROXIES_HARDWARE_H

#include <stddef.h>
#include "core/error.h"

typedef struct jf_gpu {
    char *name, *source;
    char **patterns; /* lower-case texts that a cleaned name may equal */
    size_t n_patterns;
    double fp32, tf32, fp16, bf16, fp8; /* dense FLOP/s; NaN where there is none */
    double memory_byte, bandwidth;      /* byte, byte/s */
    double tdp_w, idle_w;
    double link; /* GPU to GPU, both directions together, byte/s */
} jf_gpu;

typedef struct jf_hardware {
    jf_gpu *gpus;
    size_t n, capacity;
} jf_hardware;

jf_status jf_hardware_builtin(jf_hardware *out, jf_error *err);
jf_status jf_hardware_add_file(jf_hardware *hardware, const char *path, jf_error *err);
void jf_hardware_free(jf_hardware *hardware);
/* By name as tables write it ("Tesla V100-PCIE-16GB", "NVIDIA H100 80GB HBM3"); an unknown one is JF_EDATA
 * with the nearest names. */
jf_status jf_hardware_find(const jf_hardware *hardware, const char *name, const jf_gpu **out, jf_error *err);

#endif
