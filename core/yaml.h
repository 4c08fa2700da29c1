/* YAML files read into a tree that remembers where everything stands (libyaml behind it). */
#ifndef JF_CORE_YAML_H
#define JF_CORE_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include "core/error.h"

typedef enum jf_yaml_kind { JF_YAML_SCALAR, JF_YAML_LIST, JF_YAML_MAP } jf_yaml_kind;

typedef struct jf_yaml {
    jf_yaml_kind kind;
    int line;               /* 1-based */
    char *text;             /* SCALAR */
    bool quoted;            /* SCALAR was in quotes: never a number or null */
    struct jf_yaml **items; /* LIST: n values; MAP: n values */
    struct jf_yaml **keys;  /* MAP: n scalars, in the order of the file, no two alike */
    size_t n;
} jf_yaml;

/* Reads one document. `name` stands in messages ("laws.yaml:12: ..."). Depth, aliases and size are limited;
 * aliases, anchors and tags are refused. Freed with jf_yaml_free, which takes NULL. */
jf_status jf_yaml_read(const char *name, const char *bytes, size_t length, jf_yaml **out, jf_error *err);
jf_status jf_yaml_read_file(const char *path, jf_yaml **out, jf_error *err);
void jf_yaml_free(jf_yaml *node);
/* The value of `key` in a map, or NULL. */
const jf_yaml *jf_yaml_get(const jf_yaml *map, const char *key);
/* A finite number, or inf / -inf. Errors name file and line. */
jf_status jf_yaml_number(const char *name, const jf_yaml *node, double *out, jf_error *err);
/* Refuses keys that are not in `allowed` (NULL-ended), with a suggestion. */
jf_status jf_yaml_check_keys(const char *name, const jf_yaml *map, const char *const *allowed, jf_error *err);

#endif
