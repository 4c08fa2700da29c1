/* The law as it is fitted: error kind and ties worked into its trees, and its names checked against a table.
 */
#ifndef JF_FIT_PROBLEM_LAW_H
#define JF_FIT_PROBLEM_LAW_H

#include "core/expr/formula.h"
#include "data/table.h"
#include "fit/law/law.h"

/* A copy of `law` with `error` (NULL: its own) and its ties in response and formula. `log`: both sides in
 * logarithms, unless the response is one already; `additive` and `relative`: a logarithm on the left is
 * undone. */
jf_status jf_problem_law_prepare(const jf_law *law, const char *error, const jf_columns *columns,
                                 jf_law **out, jf_error *err);
/* Every input that the catalogue names must be a column: else JF_EUSAGE says which, and how to give it. */
jf_status jf_problem_law_inputs(const jf_law *law, const jf_table *table, jf_error *err);
/* Every setting must be of a parameter: not of a column, a reference level, or a level that no row has. */
jf_status jf_problem_law_settings(const jf_law *law, const jf_formula *formula, const jf_table *table,
                                  jf_error *err);

#endif
