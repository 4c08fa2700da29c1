/* The left side of a law: a monotone expression of one raw column, with its inverse and its slope. */
#ifndef JF_CORE_EXPR_TRANSFORM_H
#define JF_CORE_EXPR_TRANSFORM_H

#include "core/column.h"
#include "core/expr/ast.h"

typedef struct jf_transform jf_transform;

/* `raw` names the raw response; NULL: the only column in the expression (an error when there are several).
 * Other columns are data. */
jf_status jf_transform_new(const jf_ast *response, const char *raw, const jf_columns *columns,
                           jf_transform **out, jf_error *err);
void jf_transform_free(jf_transform *transform);
const char *jf_transform_raw(const jf_transform *transform);
/* True for log(y): predictions are medians on the raw scale. True for plain y. */
bool jf_transform_is_log(const jf_transform *transform);
bool jf_transform_is_identity(const jf_transform *transform);
/* For each of `rows` (NULL: all): z = g(y) and log|g'(y)|; either output may be NULL. */
jf_status jf_transform_forward(const jf_transform *transform, const jf_columns *columns, const size_t *rows,
                               size_t n_rows, double *z, double *log_slope, jf_error *err);
/* y = g^-1(z), by solving symbolically where the expression allows, else by bracketing; NaN where there is
 * none. */
jf_status jf_transform_inverse(const jf_transform *transform, const jf_columns *columns, const size_t *rows,
                               size_t n_rows, const double *z, double *y, jf_error *err);

#endif
