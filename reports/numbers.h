/* Every number of results as a LaTeX macro, so that the text of a paper never goes stale. */
#ifndef JF_REPORTS_NUMBERS_H
#define JF_REPORTS_NUMBERS_H

#include <jansson.h>
#include "core/text.h"
#include "core/error.h"

/* Begins a file of numbers: the macro \jf{KEY}, an error of LaTeX that names KEY where there is none of it.
 */
void jf_numbers_begin(jf_text *out);
/* Adds the numbers and short texts of one result. KEY is NAME and the path in the JSON, members of lists by
 * their names (reports/walk.h): \jf{step.parameters.a.estimate}. Estimates and their limits are rounded to
 * their errors, other numbers to `digits`. Beside an estimate stands KEY with "pm" in place of "estimate":
 * 0.912 \pm 0.025. What is given row by row or split by split, and matrices, are left to the JSON. */
jf_status jf_numbers_add(const char *name, const json_t *result, int digits, jf_text *out, jf_error *err);

#endif
