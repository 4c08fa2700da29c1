/* Lists of names as options give them: "a,b" and "c" are three. */
#ifndef JF_CLI_WORDS_H
#define JF_CLI_WORDS_H

#include <stdbool.h>
#include "core/options.h"

typedef struct jf_words {
    char **items;
    size_t n, capacity;
} jf_words;

/* Adds the parts of `text` between commas that stand outside brackets and quotes, trimmed; empty parts are
 * left out. */
jf_status jf_words_split(const char *text, jf_words *names, jf_error *err);
/* The parts of every value. */
jf_status jf_words_split_all(const jf_option_list *values, jf_words *names, jf_error *err);
jf_status jf_words_add(jf_words *names, const char *text, size_t length, jf_error *err);
void jf_words_free(jf_words *names);

#endif
