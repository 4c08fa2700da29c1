/* Inside the writers of results: JSON built so that a failed allocation anywhere gives NULL at the end. */
#ifndef JF_FIT_SELECT_JSON_PARTS_H
#define JF_FIT_SELECT_JSON_PARTS_H

#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>

/* Takes over `value`; false when it or the object is missing. */
static inline bool put(json_t *object, const char *key, json_t *value)
{
    if (object && value) return json_object_set_new(object, key, value) == 0;
    json_decref(value);
    return false;
}

static inline bool append(json_t *array, json_t *value)
{
    if (array && value) return json_array_append_new(array, value) == 0;
    json_decref(value);
    return false;
}

/* A number that does not exist is null. */
static inline json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static inline json_t *count(size_t n)
{
    return json_integer((json_int_t)n);
}

/* Gives `object` on, or drops it when a part of it is missing. */
static inline json_t *whole(json_t *object, bool ok)
{
    if (ok) return object;
    json_decref(object);
    return NULL;
}

#endif
