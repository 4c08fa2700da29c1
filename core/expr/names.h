/* A list of different texts, numbered in order of arrival. */
#ifndef JF_CORE_EXPR_NAMES_H
#define JF_CORE_EXPR_NAMES_H

#include <stddef.h>

typedef struct jf_names {
    char **items;
    size_t n, capacity;
    long *table; /* open addressing: index of an item, -1 is free */
    size_t table_size;
} jf_names;

/* Index of `name`, -1 when it is not there. */
long jf_names_find(const jf_names *names, const char *name);
/* Index of `name`, added when it is not there; -1 when memory ran out. */
long jf_names_add(jf_names *names, const char *name);
void jf_names_free(jf_names *names);

#endif
