/* Option tables: one row a setting, read by defaults, parsing, range checks, help and reports alike. */
#ifndef JF_CORE_OPTIONS_H
#define JF_CORE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include "core/error.h"
#include "core/text.h"

typedef enum jf_option_kind {
    JF_OPTION_FLAG,    /* bool; one that is true by default is taken back with --no-NAME */
    JF_OPTION_INTEGER, /* int64_t or uint64_t; "1e4" is allowed */
    JF_OPTION_NUMBER,  /* double */
    JF_OPTION_TEXT,    /* const char *: borrowed from argv or the table */
    JF_OPTION_CHOICE,  /* int: index into `choices` */
    JF_OPTION_LIST,    /* jf_option_list: may be given again and again */
} jf_option_kind;

/* Values of a repeatable option in the order given; borrowed strings. */
typedef struct jf_option_list {
    const char **items;
    size_t n;
    size_t capacity;
} jf_option_list;

typedef struct jf_option {
    const char *name; /* long name without dashes; NULL ends a table */
    char letter;      /* short form or 0 */
    jf_option_kind kind;
    size_t offset;              /* of the field in the settings struct */
    const char *by_default;     /* as text; NULL: false, 0, NULL, empty */
    double low, high;           /* INTEGER and NUMBER: allowed range, both ends in */
    const char *const *choices; /* CHOICE: NULL-ended */
    const char *argument;       /* what help shows: "N", "FILE", "a=1,b=2" */
    const char *help;           /* one line, lower case, no full stop */
    bool aside;                 /* changes no number: where results go, and how they look */
    bool path;                  /* names a file that is read */
} jf_option;

/* One table and the struct it fills. */
typedef struct jf_option_set {
    const char *title; /* heading in help */
    const jf_option *table;
    void *settings;
} jf_option_set;

/* Sets every field of every row; the struct need not be zeroed. */
void jf_options_default(const jf_option *table, void *settings);
/* The row of that name, the one that parsing would take, and in *settings what it fills; NULL when there is
 * none. */
const jf_option *jf_options_find(const jf_option_set *sets, size_t n_sets, const char *name, void **settings);
/* Where the row keeps its value. */
void *jf_option_field(const jf_option *option, void *settings);
/* Sets one option from text with its checks: "--starts: expected an integer from 1 to 100000, found 'x'". */
jf_status jf_options_set(const jf_option *option, void *settings, const char *text, jf_error *err);
/* Parses argv[1..] over settings that hold their defaults; what is no option, and all after "--", goes to
 * `rest` (borrowed). Unknown options get a suggestion; a value that is itself an option is taken for a
 * forgotten value. An option that is no list may be given again: the last one counts. */
jf_status jf_options_parse(const jf_option_set *sets, size_t n_sets, int argc, char **argv,
                           jf_option_list *rest, jf_error *err);
/* Adds " --name value" for every option that has not its default, in the order of the tables, for a shell to
 * read; options that stand aside are left out. */
void jf_options_print(const jf_option_set *sets, size_t n_sets, jf_text *out);
/* Which of `names` (ended by NULL) a value like "pairs, wild" lists, whatever the case: one of chosen for
 * each name. `option` opens messages. JF_EUSAGE: an unknown name, with a suggestion, or none at all. */
jf_status jf_option_names(const char *option, const char *text, const char *const *names, bool *chosen,
                          jf_error *err);
/* A flag that is true by default is taken back with --no-NAME. */
bool jf_option_may_be_negated(const jf_option *option);
/* A name that a later set has too belongs to that one. */
bool jf_option_is_taken_over(const jf_option_set *sets, size_t n_sets, size_t set, const jf_option *option);
/* Adds "from 1 to 64", "at least 1", "at most 0.5", or nothing when any number will do. */
void jf_option_range(const jf_option *option, jf_text *out);
/* Adds " (from 1 to 64; default 8)": choices, range, default, whether it may be repeated; or nothing. */
void jf_option_remarks(const jf_option *option, jf_text *out);
/* Appends a value; false when out of memory. */
bool jf_option_list_add(jf_option_list *list, const char *item);
/* Help for the tables: a heading for each set, then a line for each row with its default and range, wrapped
 * to `width` columns. */
void jf_options_help(const jf_option_set *sets, size_t n_sets, size_t width, jf_text *out);
/* Frees lists; takes zeroed settings. */
void jf_options_free(const jf_option *table, void *settings);
void jf_option_list_free(jf_option_list *list);

#endif
