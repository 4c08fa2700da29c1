/* JSON files of training tools: read whole, with the NaN and Infinity that Python writes taken as null. */
#ifndef JF_DATA_TRACKERS_JSON_TEXT_H
#define JF_DATA_TRACKERS_JSON_TEXT_H

#include <jansson.h>
#include <stddef.h>
#include "core/error.h"

/* *n_replaced: how many NaN, Infinity and -Infinity tokens became null. Files over 256 MiB are JF_ELIMIT,
 * what is no JSON object or array is JF_EDATA with line and column. Integers are read as reals; bytes that
 * are not UTF-8 are taken as Latin-1. */
jf_status jf_json_file(const char *path, json_t **out, size_t *n_replaced, jf_error *err);
/* A member that is a number; NaN when absent or none. */
double jf_json_member(const json_t *object, const char *key);

#endif
