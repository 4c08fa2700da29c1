/* Coded warnings that travel with a result: W_DUPLICATES, W_FEW_GROUPS, ... */
#ifndef JF_CORE_WARNINGS_H
#define JF_CORE_WARNINGS_H

#include <stddef.h>

typedef struct jf_warning {
    const char *code; /* a string constant "W_..." */
    char *message;    /* one plain sentence without full stop */
} jf_warning;

typedef struct jf_warnings {
    jf_warning *items;
    size_t n;
    size_t capacity;
} jf_warnings;

/* Adds one, unless the same code and message is there. Out of memory loses the warning, nothing else. */
void jf_warn(jf_warnings *list, const char *code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void jf_warnings_append(jf_warnings *list, const jf_warnings *more);
void jf_warnings_free(jf_warnings *list);

/* What each code means and what to do: the list behind `joulefit help W_...`. NULL when there is no such
 * code. */
typedef struct jf_warning_help {
    const char *code, *meaning, *cure;
} jf_warning_help;
const jf_warning_help *jf_warning_explain(const char *code);
extern const jf_warning_help jf_warning_codes[]; /* ends with a NULL code */

#endif
