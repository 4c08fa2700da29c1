/* Results as JSON (contract section 4), written and read back: one object per fit, one per comparison. */
#ifndef JF_FIT_MODEL_FILE_H
#define JF_FIT_MODEL_FILE_H

#include <jansson.h>
#include "fit/fit.h"
#include "fit/select/compare.h"

/* New references; NULL when memory ran out. `rows` adds the row-wise arrays under "rows", so that a figure
 * can be drawn from the file. */
json_t *jf_fit_to_json(const jf_fit *fit, bool rows);
/* A real, or null where the value does not exist; a list of them. */
json_t *jf_json_number(double value);
json_t *jf_json_numbers(const double *values, size_t n);
/* The data part of a result, its warnings. */
json_t *jf_json_data(const jf_data_summary *data);
json_t *jf_json_warnings(const jf_warnings *warnings);
json_t *jf_comparison_to_json(const jf_comparison *comparison, bool rows);
/* Text with numbers that round-trip, null for those that do not exist; freed with jf_free. */
char *jf_json_print(const json_t *json);
/* Reads a saved result; "RESULT.json: ..." errors for what is no such file. `*kind` becomes "fit", "simulate"
 * or "compare". */
jf_status jf_result_read(const char *path, json_t **out, const char **kind, jf_error *err);
/* The same from bytes; `name` opens messages. */
jf_status jf_result_parse(const char *name, const char *bytes, size_t length, json_t **out, const char **kind,
                          jf_error *err);

#endif
