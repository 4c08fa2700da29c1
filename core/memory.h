/* The one way to allocate: a thin layer over malloc that tests can make fail. */
#ifndef JF_CORE_MEMORY_H
#define JF_CORE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* All return NULL on failure and never exit. `count * size` is checked for overflow. jf_free takes NULL. */
void *jf_alloc(size_t count, size_t size);
void *jf_alloc_zero(size_t count, size_t size);
void *jf_resize(void *old, size_t count, size_t size);
char *jf_copy_text(const char *text);                  /* NULL gives NULL */
char *jf_copy_bytes(const char *bytes, size_t length); /* adds the closing zero byte */
void jf_free(void *pointer);

#define JF_NEW(type)           ((type *)jf_alloc_zero(1, sizeof(type)))
#define JF_NEW_ARRAY(type, n)  ((type *)jf_alloc((n), sizeof(type)))
#define JF_NEW_ZEROED(type, n) ((type *)jf_alloc_zero((n), sizeof(type)))

/* The most bytes that may be held at once through these functions; 0, as at the start: no limit. What would
 * go past it fails like any allocation, and jf_memory_refusal says what was asked. Memory that libraries
 * take by themselves is not counted. */
void jf_memory_limit(size_t bytes);
/* Could so many bytes be had besides what is held? Where not, they count as the first request that went past
 * the limit. A double, as estimates go beyond any size_t. */
bool jf_memory_would_fit(double bytes);
typedef struct jf_memory_state {
    size_t limit, in_use;
    size_t wanted; /* by the first request that went past the limit; 0: none did */
    bool ran_out; /* an allocation has failed since the start, or since the hook was set: what goes on without
                     it is a  lesser result, so that no output is written any more */
} jf_memory_state;
jf_memory_state jf_memory_now(void);
/* Bytes that this process can have: what the machine has available, or what its control group leaves; 0 when
 * neither can be read. */
size_t jf_memory_available(void);

/* Tests only: `refuse(context)` is asked before every allocation; true makes it fail. NULL takes the hook
 * off. */
void jf_memory_hook(bool (*refuse)(void *context), void *context);

/* Grows `*items` (elements of `size` bytes) so that it holds at least `wanted`; doubles. False when out of
 * memory. */
bool jf_grow(void **items, size_t *capacity, size_t wanted, size_t size);

#endif
