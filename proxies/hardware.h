/* The hardware catalogue: peaks, bandwidths, power and name patterns of accelerators (hardware.yaml). */
#ifndef JF_PROXIES_HARDWARE_H
#define JF_PROXIES_HARDWARE_H

#include <stdbool.h>
#include <stddef.h>
#include "core/error.h"
#include "core/yaml.h"

typedef struct jf_gpu {
    char *name, *source;
    char **patterns; /* what a cleaned name may equal: "a100sxm440gb" */
    size_t n_patterns;
    char **assumed; /* cleaned names that leave the variant open ("a100") and are taken as this one */
    size_t n_assumed;
    double fp32, tf32, fp16, bf16, fp8; /* dense FLOP/s; NaN where there is none */
    double memory_byte, bandwidth;      /* byte, byte/s */
    double tdp_w, idle_w;               /* NaN where unknown */
    double link;                        /* GPU to GPU, both directions together, byte/s; NaN where unknown */
    double bridge;                      /* the same for a pair with a bridge; NaN where there is none */
} jf_gpu;

typedef struct jf_hardware {
    jf_gpu *gpus;
    size_t n, capacity;
} jf_hardware;

jf_status jf_hardware_builtin(jf_hardware *out, jf_error *err);
/* Adds the entries of a file of the form of hardware.yaml; where a name is claimed twice, the later wins. */
jf_status jf_hardware_add_file(jf_hardware *hardware, const char *path, jf_error *err);
/* Adds one entry, a map; `file` stands in messages. */
jf_status jf_hardware_add(jf_hardware *hardware, const char *file, const jf_yaml *map, jf_error *err);
void jf_hardware_free(jf_hardware *hardware);
/* By name as tables write it ("Tesla V100-PCIE-16GB", "NVIDIA H100 80GB HBM3", "1 x NVIDIA A100-SXM4-40GB");
 * an unknown one is JF_EDATA with the nearest names. `assumed` (or NULL) is set when the name leaves the
 * variant open ("A100"), so that the caller can say which one was taken. */
jf_status jf_hardware_find(const jf_hardware *hardware, const char *name, const jf_gpu **out, bool *assumed,
                           jf_error *err);
/* Peak FLOP/s of "fp32", "tf32", "fp16", "bf16", "fp8"; NaN where the GPU has none or the name is not known.
 */
double jf_gpu_peak(const jf_gpu *gpu, const char *precision);

#endif
