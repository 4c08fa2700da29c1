/* The rows of a design, a block at a time: few are kept, many are evaluated anew whenever they are needed, so
 * that memory is O(p) a block however many rows there are. */
#ifndef JF_FIT_INFER_DESIGN_ROWS_H
#define JF_FIT_INFER_DESIGN_ROWS_H

#include "fit/infer/covariance.h"

/* What a pass over the rows calls: n rows from `row`, columns[a][0 .. n - 1], zeros from there to the next
 * multiple of JF_LANES. */
typedef void (*jf_design_work)(void *context, size_t row, size_t n, const double *const *columns);

/* All rows in their order, as far worked up as `stage` says: p columns by parameter for JF_ROWS_RAW, p in
 * design->order for JF_ROWS_SCALED, rank of them beyond. The factors that a stage needs must be there, and
 * rows that are kept be advanced to it. */
jf_status jf_design_pass(const jf_design *design, jf_row_stage stage, jf_design_work work, void *context,
                         jf_error *err);
/* A pass over Q. */
jf_status jf_design_visit(const jf_design *design, jf_design_work work, void *context, jf_error *err);
/* Works what is kept up to `stage`, for good. */
jf_status jf_design_advance(jf_design *design, jf_row_stage stage, jf_error *err);
/* Keeps the rows where they are few. */
jf_status jf_design_keep(jf_design *design, jf_error *err);

#endif
