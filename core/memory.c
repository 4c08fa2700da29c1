/* Allocation with a hook for fault tests. */
#include "core/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The only mutable state of the library: set by test mains before any thread starts. */
static bool (*refuse_hook)(void *context);
static void *refuse_context;

void jf_memory_hook(bool (*refuse)(void *context), void *context)
{
    refuse_hook = refuse;
    refuse_context = context;
}

static bool refused(size_t count, size_t size)
{
    if (size && count > SIZE_MAX / 2 / size) return true;
    return refuse_hook && refuse_hook(refuse_context);
}

void *jf_alloc(size_t count, size_t size)
{
    size_t bytes = count * size;
    return refused(count, size) ? NULL : malloc(bytes ? bytes : 1);
}

void *jf_alloc_zero(size_t count, size_t size)
{
    size_t bytes = count * size;
    return refused(count, size) ? NULL : calloc(1, bytes ? bytes : 1);
}

void *jf_resize(void *old, size_t count, size_t size)
{
    size_t bytes = count * size;
    return refused(count, size) ? NULL : realloc(old, bytes ? bytes : 1);
}

char *jf_copy_text(const char *text)
{
    return text ? jf_copy_bytes(text, strlen(text)) : NULL;
}

char *jf_copy_bytes(const char *bytes, size_t length)
{
    char *copy = jf_alloc(length + 1, 1);
    if (!copy) return NULL;
    if (length) memcpy(copy, bytes, length);
    copy[length] = '\0';
    return copy;
}

void jf_free(void *pointer)
{
    free(pointer);
}

bool jf_grow(void **items, size_t *capacity, size_t wanted, size_t size)
{
    size_t larger = *capacity ? *capacity : 8;
    void *moved;

    if (wanted <= *capacity) return true;
    while (larger < wanted) larger *= 2;
    moved = jf_resize(*items, larger, size);
    if (!moved) return false;
    *items = moved;
    *capacity = larger;
    return true;
}
