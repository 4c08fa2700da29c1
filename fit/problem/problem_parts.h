/* What the steps of building a problem share: jf_problem_build (problem.c) calls them in this order. */
#ifndef JF_FIT_PROBLEM_PARTS_H
#define JF_FIT_PROBLEM_PARTS_H

#include "fit/problem/problem.h"

typedef struct jf_builder {
    jf_problem *problem;
    const jf_table *table;
    jf_columns columns;
    const jf_fit_options *options;
    jf_warnings *warnings;
    const size_t *rows; /* candidates; NULL: all */
    size_t n_rows;
    const char **declared;
    size_t n_declared;
    double *all_weights; /* by row of the table, or NULL */
    jf_error *err;
} jf_builder;

static inline size_t jf_builder_row(const jf_builder *b, size_t i)
{
    return b->rows ? b->rows[i] : i;
}

/* --weights or --sigma on every row of the table; sigma becomes 1/sigma^2. */
jf_status jf_problem_read_weights(jf_builder *b);
/* Response of all candidates, and those of them that can be fitted into problem->rows, response, raw, ...;
 * no list of rows and no copy of the response where all of the table is fitted. */
jf_status jf_problem_choose_rows(jf_builder *b);
/* Bounds, starts and ranges of all parameters. */
jf_status jf_problem_set_parameters(jf_builder *b);

#endif
