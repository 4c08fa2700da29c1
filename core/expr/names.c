/* A list of different texts, numbered in order of arrival. */
#include "core/expr/names.h"

#include <stdint.h>
#include <string.h>
#include "core/memory.h"

static size_t hash_of(const char *text)
{
    uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */
    for (; *text; text++) hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
    return (size_t)(hash ^ (hash >> 32));
}

/* The place of `name` in the table, or the free place where it belongs. */
static size_t place_of(const jf_names *names, const char *name)
{
    size_t at = hash_of(name) & (names->table_size - 1);
    while (names->table[at] >= 0 && strcmp(names->items[names->table[at]], name) != 0)
        at = (at + 1) & (names->table_size - 1);
    return at;
}

long jf_names_find(const jf_names *names, const char *name)
{
    return names->table_size ? names->table[place_of(names, name)] : -1;
}

static int grow_table(jf_names *names)
{
    size_t size = names->table_size ? 2 * names->table_size : 32;
    long *table = JF_NEW_ARRAY(long, size);

    if (!table) return 0;
    for (size_t i = 0; i < size; i++) table[i] = -1;
    jf_free(names->table);
    names->table = table;
    names->table_size = size;
    for (size_t i = 0; i < names->n; i++) table[place_of(names, names->items[i])] = (long)i;
    return 1;
}

long jf_names_add(jf_names *names, const char *name)
{
    long found = jf_names_find(names, name);
    char *copy;

    if (found >= 0) return found;
    if (2 * (names->n + 1) > names->table_size && !grow_table(names)) return -1;
    if (!jf_grow((void **)&names->items, &names->capacity, names->n + 1, sizeof *names->items)) return -1;
    if (!(copy = jf_copy_text(name))) return -1;
    names->table[place_of(names, name)] = (long)names->n;
    names->items[names->n] = copy;
    return (long)names->n++;
}

void jf_names_free(jf_names *names)
{
    for (size_t i = 0; i < names->n; i++) jf_free(names->items[i]);
    jf_free(names->items);
    jf_free(names->table);
    *names = (jf_names){0};
}
