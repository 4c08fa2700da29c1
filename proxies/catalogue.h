/* The catalogue's inside: entries with their parsed formulas, for the files that read and resolve them. */
#ifndef JF_PROXIES_CATALOGUE_H
#define JF_PROXIES_CATALOGUE_H

#include "core/expr/ast.h"
#include "core/yaml.h"
#include "proxies/functions.h"
#include "proxies/proxy.h"

/* One value of a label input and how tables write it (cleaned; a '*' at the end stands for anything). */
typedef struct jf_value {
    char *name;
    char **spellings;
    size_t n_spellings;
} jf_value;

typedef struct jf_input {
    jf_proxy_input shown;
    jf_ast **defaults; /* shown.n_defaults of them */
    jf_value *values;
    size_t n_values;
    bool is_label, is_lenient, warns;
    char *warn_unless; /* "" or the label that a default may give without a warning */
} jf_input;

typedef struct jf_feature {
    jf_proxy shown;
    jf_ast *formula;             /* NULL when in C */
    jf_proxy_function *function; /* NULL when a formula */
    bool is_given;               /* a column of the table of this name stands for it in other formulas */
    int mark;                    /* 0 unseen, 1 being looked at, 2 done: while the list is checked */
} jf_feature;

struct jf_catalogue {
    jf_input *inputs;
    size_t n_inputs, inputs_capacity;
    jf_feature *features;
    size_t n_features, features_capacity;
    jf_hardware hardware;
};

void jf_input_clear(jf_input *input);
void jf_feature_clear(jf_feature *feature);
/* Puts an entry in, in the place of one of its name: an input, a feature or an accelerator. */
jf_status jf_catalogue_read_entry(jf_catalogue *catalogue, const char *file, const jf_yaml *map,
                                  jf_error *err);

enum { JF_CLEAN_SIZE = 128 };
/* Lower-case letters and digits of `text` only (cut when longer), so that "Masked-LM" equals "masked lm". */
void jf_clean_text(const char *text, char cleaned[JF_CLEAN_SIZE]);
const jf_input *jf_input_find(const jf_catalogue *catalogue, const char *name);
const jf_feature *jf_feature_find(const jf_catalogue *catalogue, const char *name);
/* Index of the value that is written so, or -1. */
int jf_value_find(const jf_input *input, const char *text);
/* " (did you mean 'x'?)" among inputs and features, or "". */
const char *jf_catalogue_hint(const jf_catalogue *catalogue, const char *name, char *buffer, size_t size);

#endif
