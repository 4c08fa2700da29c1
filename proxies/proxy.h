/* Features from a run's description: parameters, FLOPs, bytes, communication, roofline, efficiency. */
#ifndef JF_PROXIES_PROXY_H
#define JF_PROXIES_PROXY_H

#include "core/warnings.h"
#include "data/table.h"

/* One feature: an entry of proxies.yaml, or a C function where a formula cannot say it. */
typedef struct jf_proxy {
    char *name, *unit, *formula, *convention, *source, *meaning;
    jf_known known;
    bool in_c;
} jf_proxy;

/* The catalogue: built in, and a user's file added. */
typedef struct jf_catalogue jf_catalogue;
jf_status jf_catalogue_builtin(jf_catalogue **out, jf_error *err);
jf_status jf_catalogue_add_file(jf_catalogue *catalogue, const char *path, jf_error *err);
void jf_catalogue_free(jf_catalogue *catalogue);
size_t jf_catalogue_n(const jf_catalogue *catalogue);
const jf_proxy *jf_catalogue_at(const jf_catalogue *catalogue, size_t index);
const jf_proxy *jf_catalogue_find(const jf_catalogue *catalogue, const char *name);

/* Adds the named features and what they need to the table (canonical inputs are found by known spellings:
 * layers | num_layers | n_layer, ..., or by `maps` "layers=depth"). A feature of a missing input is an error
 * that names input and accepted spellings. `names` empty: every feature whose inputs are there (no error).
 * `architecture`: "bert", "gpt2", "llama" or NULL (from a column `arch` or `model`, else bert). */
jf_status jf_proxies_apply(const jf_catalogue *catalogue, const char *const *names, size_t n_names,
                           const char *architecture, const char *const *maps, size_t n_maps, jf_table *table,
                           jf_warnings *warnings, jf_error *err);

#endif
