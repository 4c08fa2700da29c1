/* Allocation within a limit, with a hook for fault tests. */
#include "core/memory.h"

#include <malloc.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The only mutable state of the library. The hook and the limit are set before any thread starts. */
static bool (*refuse_hook)(void *context);
static void *refuse_context;
static size_t most_bytes;
static atomic_size_t bytes_in_use, first_refused;
static atomic_bool ran_out;

void jf_memory_hook(bool (*refuse)(void *context), void *context)
{
    refuse_hook = refuse;
    refuse_context = context;
    if (refuse) atomic_store(&ran_out, false);
}

void jf_memory_limit(size_t bytes)
{
    most_bytes = bytes;
    atomic_store(&first_refused, 0);
}

jf_memory_state jf_memory_now(void)
{
    return (jf_memory_state){most_bytes, atomic_load(&bytes_in_use), atomic_load(&first_refused),
                             atomic_load(&ran_out)};
}

static bool past_limit(size_t bytes)
{
    size_t in_use = atomic_load_explicit(&bytes_in_use, memory_order_relaxed), none = 0;

    if (!most_bytes || (bytes <= most_bytes && in_use <= most_bytes - bytes)) return false;
    atomic_compare_exchange_strong(&first_refused, &none, bytes);
    return true;
}

bool jf_memory_would_fit(double bytes)
{
    return !past_limit(bytes < (double)(SIZE_MAX / 2) ? (size_t)bytes : SIZE_MAX / 2);
}

static bool overflows(size_t count, size_t size)
{
    return size && count > SIZE_MAX / 2 / size;
}

static void *none(void)
{
    atomic_store_explicit(&ran_out, true, memory_order_relaxed);
    return NULL;
}

static bool refused(size_t bytes)
{
    return (refuse_hook && refuse_hook(refuse_context)) || past_limit(bytes);
}

static void *taken(void *pointer)
{
    if (!pointer) return none();
    atomic_fetch_add_explicit(&bytes_in_use, malloc_usable_size(pointer), memory_order_relaxed);
    return pointer;
}

static void given_back(size_t bytes)
{
    atomic_fetch_sub_explicit(&bytes_in_use, bytes, memory_order_relaxed);
}

void *jf_alloc(size_t count, size_t size)
{
    size_t bytes = count * size;

    if (overflows(count, size) || refused(bytes)) return none();
    return taken(malloc(bytes ? bytes : 1));
}

void *jf_alloc_zero(size_t count, size_t size)
{
    size_t bytes = count * size;

    if (overflows(count, size) || refused(bytes)) return none();
    return taken(calloc(1, bytes ? bytes : 1));
}

void *jf_resize(void *old, size_t count, size_t size)
{
    size_t bytes = count * size, before = malloc_usable_size(old);
    void *moved;

    if (overflows(count, size) || refused(bytes > before ? bytes - before : 0)) return none();
    moved = realloc(old, bytes ? bytes : 1);
    if (!moved) return none();
    given_back(before);
    return taken(moved);
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
    given_back(malloc_usable_size(pointer));
    free(pointer);
}

/* The first number after `key` in a small file of the kernel; 0 when there is none. */
static size_t read_figure(const char *path, const char *key)
{
    char text[4096] = "";
    const char *at;
    FILE *file = fopen(path, "re");

    if (!file) return 0;
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    at = strstr(text, key);
    return at ? (size_t)strtoull(at + strlen(key), NULL, 10) : 0;
}

size_t jf_memory_available(void)
{
    size_t machine = read_figure("/proc/meminfo", "MemAvailable:") * 1024;
    size_t group = read_figure("/sys/fs/cgroup/memory.max", "");

    return group && (group < machine || !machine) ? group : machine;
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
