/* Saved results read with defaults: a key that is not there is NaN, "" or empty, never an error. */
#ifndef JF_REPORTS_RESULT_H
#define JF_REPORTS_RESULT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include "reports/compose/compose.h"

/* The member at `path`, keys parted by dots ("data.file"), or NULL. */
const json_t *jf_result_at(const json_t *object, const char *path);
double jf_result_number(const json_t *object, const char *path);    /* NaN when absent or null */
size_t jf_result_count(const json_t *object, const char *path);     /* 0 when absent */
const char *jf_result_text(const json_t *object, const char *path); /* "" when absent */
bool jf_result_flag(const json_t *object, const char *path);
/* Numbers of an array, NaN where null; freed with jf_free. NULL when absent or empty (*n is 0), or when
 * memory ran out
 * (*n is not). */
double *jf_result_numbers(const json_t *object, const char *path, size_t *n);

/* "energy (J)"; the unit is left out where there is none. `buffer` of `size` bytes. */
const char *jf_with_unit(char *buffer, size_t size, const char *name, const char *unit);

/* The words of a text that was built for a document or a table; "" for an empty one. A text that ran out of
 * memory makes the document fail. */
const char *jf_doc_words(jf_doc *doc, const jf_text *words);
const char *jf_table_words(jf_doc_table *table, const jf_text *words);

/* Parts that the documents of fits and comparisons share. */
void jf_compose_data(jf_doc *doc, const json_t *data);
void jf_compose_parameters(jf_doc *doc, const json_t *fit, const char *caption,
                           const jf_report_options *options);
/* A table of intervals besides those of the parameters, where there are any. */
void jf_compose_intervals(jf_doc *doc, const json_t *fit, const jf_report_options *options);
/* Tables of derived quantities and of joint tests, where there are any. */
void jf_compose_derived(jf_doc *doc, const json_t *fit);
void jf_compose_tests(jf_doc *doc, const json_t *fit);
/* What bootstraps say of both. */
void jf_compose_bootstrapped(jf_doc *doc, const json_t *fit);
/* What --at, --by and --contour found, where they were asked for. */
void jf_compose_judged(jf_doc *doc, const json_t *fit);
void jf_compose_by(jf_doc *doc, const json_t *fit);
void jf_compose_contours(jf_doc *doc, const json_t *fit);
void jf_compose_ablation_table(jf_doc *doc, const json_t *comparison);
/* Tables of a comparison: laws in order; predictions of what was held out; tests between laws. */
jf_status jf_compose_ranking(jf_doc *doc, const json_t *comparison, jf_error *err);
jf_status jf_compose_validation(jf_doc *doc, const json_t *comparison, jf_error *err);
void jf_compose_law_tests(jf_doc *doc, const json_t *tests);
/* Range and levels of what the law read ("model.inputs"). */
void jf_compose_inputs(jf_doc *doc, const json_t *inputs);
/* What stands around the tables: the law, the data, how the fit ended and how good it is; the verdict, the
 * plans. */
void jf_compose_fit_lines(jf_doc *doc, const json_t *fit, int digits);
jf_status jf_compose_comparison_lines(jf_doc *doc, const json_t *comparison, jf_error *err);
/* A section on the terms of the best law, each left out in turn. */
void jf_compose_ablations(jf_doc *doc, const json_t *comparison);
/* A table of the parameters for the energy of GPU, CPU, memory and the whole, where fit --by-scope made one.
 */
void jf_compose_scopes(jf_doc *doc, const json_t *fit);
/* A section on how laws move when what they read is counted otherwise; tables only where there is any. */
void jf_compose_multiverse(jf_doc *doc, const json_t *comparison);
/* What a search chose and how it fared, where one was made; `brief` leaves the runners-up out. */
void jf_compose_search(jf_doc *doc, const json_t *comparison, bool brief);
/* A section of simulated studies on the best next runs, where goals were named. */
void jf_compose_next(jf_doc *doc, const json_t *simulation, bool whole);
/* A cell with a share as "94.6 %". */
void jf_table_share(jf_doc_table *table, size_t column, double share);
/* Coded warnings; `explain` adds what each means and what to do. */
void jf_compose_warnings(jf_doc *doc, const json_t *warnings, bool explain);
void jf_compose_reproduce(jf_doc *doc, const json_t *result);
/* Adds every figure that is drawn from a result alone and that this one has data for. */
jf_status jf_compose_figures(jf_doc *doc, const json_t *result, jf_error *err);

#endif
