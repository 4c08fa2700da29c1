/* Building blocks of the JSON of results. */
#ifndef JF_FIT_JSON_PARTS_H
#define JF_FIT_JSON_PARTS_H

#include <jansson.h>
#include <stdbool.h>
#include "fit/fit.h"

enum { JF_SCHEMA = 1 };

/* New references; NULL when memory ran out. */
json_t *jf_json_text(const char *text); /* NULL: null */
json_t *jf_json_count(size_t n);
/* Appends (taking `item`) and gives false when either is NULL or memory ran out. */
bool jf_json_push(json_t *list, json_t *item);
/* The list, or NULL (freed) when it is not whole. */
json_t *jf_json_whole(json_t *list, bool is_whole);

/* fit_json_estimates.c: estimates with their verdicts, intervals; `saved`: with what reports draw. */
json_t *jf_parameters_to_json(const jf_fit *fit);
json_t *jf_intervals_to_json(const jf_fit *fit, bool saved);
/* fit_json_rows.c: row-wise arrays of a fit, and its inputs by name. */
json_t *jf_rows_to_json(const jf_fit *fit);
json_t *jf_inputs_to_json(const jf_fit *fit);
/* fit_json_judged.c: what --at and --by found. */
json_t *jf_judged_to_json(const jf_fit *fit);
json_t *jf_by_to_json(const jf_fit *fit);

#endif
