/* Lists of names as options give them: "a,b" and "c" are three. */
#ifndef JF_CLI_NAMES_H
#define JF_CLI_NAMES_H

#include <stdbool.h>
#include "core/options.h"

typedef struct jf_names {
    char **items;
    size_t n, capacity;
} jf_names;

/* Adds the parts of `text` between commas that stand outside brackets and quotes, trimmed; empty parts are
 * left out. */
jf_status jf_names_split(const char *text, jf_names *names, jf_error *err);
/* The parts of every value. */
jf_status jf_names_split_all(const jf_option_list *values, jf_names *names, jf_error *err);
jf_status jf_names_add(jf_names *names, const char *text, size_t length, jf_error *err);
void jf_names_free(jf_names *names);

#endif
