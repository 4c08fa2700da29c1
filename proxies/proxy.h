/* Features from a run's description: parameters, FLOPs, bytes, communication, roofline, efficiency. */
#ifndef JF_PROXIES_PROXY_H
#define JF_PROXIES_PROXY_H

#include "core/warnings.h"
#include "data/ledger.h"
#include "data/table.h"
#include "proxies/hardware.h"

/* One feature: an entry of proxies.yaml, or a C function where a formula cannot say it. Texts are never NULL.
 */
typedef struct jf_proxy {
    char *name, *unit, *formula, *convention, *source, *meaning;
    char *role, *choice; /* one of several ways to count the same: "compute" and "kaplan"; or both "" */
    jf_known known;      /* post-run when anything that it is made of is */
    const char *how;     /* where no formula can say it: how it is computed; else NULL */
    char **needs;        /* inputs and features that it is made of */
    size_t n_needs;
    bool in_c;
    bool is_part; /* a stepping stone or a variant: made where needed, and when asked for by name */
} jf_proxy;

/* One input: what features are made from, found in a table under any of its names. */
typedef struct jf_proxy_input {
    char *name, *unit, *meaning;
    char **columns; /* other names under which tables hold it */
    size_t n_columns;
    char **defaults; /* expressions, tried in turn when there is no column */
    size_t n_defaults;
    jf_known known;
    bool is_family; /* runs of one family agree in it */
} jf_proxy_input;

/* The catalogue: built in, and a user's file added (inputs, features and accelerators alike). */
typedef struct jf_catalogue jf_catalogue;
jf_status jf_catalogue_builtin(jf_catalogue **out, jf_error *err);
/* A name that is there is replaced. On failure the catalogue is unusable and only to be freed. */
jf_status jf_catalogue_add_file(jf_catalogue *catalogue, const char *path, jf_error *err);
void jf_catalogue_free(jf_catalogue *catalogue);
size_t jf_catalogue_n(const jf_catalogue *catalogue);
const jf_proxy *jf_catalogue_at(const jf_catalogue *catalogue, size_t index);
const jf_proxy *jf_catalogue_find(const jf_catalogue *catalogue, const char *name);
/* The feature that is one choice of a role ("compute", "kaplan"); choice NULL: the first of the role. NULL
 * when there is none. */
const jf_proxy *jf_catalogue_choice(const jf_catalogue *catalogue, const char *role, const char *choice);
size_t jf_catalogue_n_inputs(const jf_catalogue *catalogue);
const jf_proxy_input *jf_catalogue_input_at(const jf_catalogue *catalogue, size_t index);
const jf_proxy_input *jf_catalogue_find_input(const jf_catalogue *catalogue, const char *name);
/* The labels that an input takes ("fp32", "tf32", ...), by place; NULL past the last, and for numbers. */
const char *jf_catalogue_input_value(const jf_catalogue *catalogue, const char *name, size_t index);
const jf_hardware *jf_catalogue_hardware(const jf_catalogue *catalogue);

typedef struct jf_proxy_request {
    const char *const
        *names; /* features, or inputs under their canonical name; none: every feature that can be */
    size_t n_names;
    const char *architecture; /* "bert", "gpt2", "llama"; NULL: from a column `arch` or `model`, else bert */
    const char *const *maps;  /* "layers=depth" */
    size_t n_maps;
    jf_warnings *warnings;
    jf_ledger *ledger; /* runs without a single-GPU run to match are flagged there; NULL: nowhere */
} jf_proxy_request;

/* Adds the named features (or inputs, under their canonical name) to the table; what they need besides is
 * computed and let go again. Inputs are found by their known names or by `maps` "layers=depth",
 * "tokens=steps*512", the right side any expression over the table; "family=gpu,num_layers" names the columns
 * in which runs of one family agree. A column of the table that has a feature's name is taken for that
 * feature (W_OWN_COLUMN when it was asked for). A feature of a missing input is JF_EUSAGE that names input
 * and accepted names. `names` empty: every feature whose inputs are there, apart from parts (no error; what
 * is in the way otherwise becomes W_PROXY_SKIPPED). On a failure other than of memory the
 * table is as it was. Time and memory: one pass over the rows for each formula; columns no longer needed are
 * freed. */
jf_status jf_proxies_apply(const jf_catalogue *catalogue, const jf_proxy_request *request, jf_table *table,
                           jf_error *err);

#endif
