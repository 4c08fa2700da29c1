/* Expressions over data only: derived columns and filters. */
#ifndef JF_CORE_EXPR_EVALUATE_H
#define JF_CORE_EXPR_EVALUATE_H

#include "core/column.h"
#include "core/expr/ast.h"

/* Evaluates `ast` on every row into `out` (zeroed struct; name, unit and known are left to the caller). The
 * result is a numeric column (truth is 1 or 0, missing is NaN) or a label column where the expression gives
 * strings. Comparisons with a missing value are missing; && and || know that 0 && NA is 0 and 1 || NA is 1. A
 * name that is no column is an error with a suggestion and its position. `what` opens messages.
 * center/scale/mean/median take all rows. */
jf_status jf_evaluate(const char *what, const jf_ast *ast, const jf_columns *columns, jf_column *out,
                      jf_error *err);

#endif
