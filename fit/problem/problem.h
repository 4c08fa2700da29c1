/* A law bound to rows: response, inputs, weights, bounds. What solvers work on. */
#ifndef JF_FIT_PROBLEM_H
#define JF_FIT_PROBLEM_H

#include "core/expr/formula.h"
#include "core/expr/transform.h"
#include "data/table.h"
#include "fit/fit.h"
#include "fit/law/law.h"

/* Parameters are reduced: ties are substituted, fixed ones are parameters with lower == upper that solvers
 * leave alone. */
typedef struct jf_problem {
    const jf_law *law; /* borrowed, or owned_law */
    jf_law *
        owned_law; /* a copy whose trees have the error kind, the ties and the maps in them: what is fitted */
    jf_formula *formula;
    jf_transform *transform;
    bool shares;                    /* formula, transform and law belong to the problem it is a subset of */
    jf_inputs *inputs;              /* of `rows` */
    size_t n;                       /* rows */
    size_t k;                       /* parameters of the formula, fixed ones included */
    size_t *rows;                   /* in the table; NULL: all of them (jf_problem_row) */
    double *response;               /* n: g(y) */
    double *log_slope;              /* n, or NULL where the response is y or log y: jf_problem_log_slope */
    double *raw;                    /* n: y; `response` itself where that is y */
    bool borrows_raw;               /* `raw` is the table's own column: all rows are fitted */
    double *weight;                 /* n or NULL: all one */
    double *lower, *upper;          /* k */
    bool *fixed;                    /* k */
    double *start;                  /* k: NaN where none was given */
    double *range_low, *range_high; /* k: where starts are drawn, never NaN */
    bool *log_range;                /* k */
    size_t n_missing;               /* rows left out because a value is missing */
    size_t n_not_finite;            /* rows left out because the formula has no finite value there */
    size_t n_weightless;            /* rows left out because their weight is zero */
    jf_error_kind error;            /* as chosen: the option's, else the law's */
    jf_weights_kind weights_kind;   /* ABSOLUTE for sigma */
    int threads;                    /* that may share its rows; 0: as many as there are */
} jf_problem;

/* Binds `law` to the rows (NULL: all) of `table`. The error kind (options->error, else the law's) wraps
 * response and formula in log or exp; ties are substituted; rows with missing or not finite values are left
 * out and counted (W_ROWS_DROPPED names the columns). JF_EUSAGE: an input that is no column, settings of
 * parameters that are not there, a parameter that changes nothing. JF_EDATA: a response that its transform
 * does not take (the row and column are named), bad weights, no rows, fewer rows than free parameters. The
 * table must stay as it is while the problem lives, or until jf_problem_part_from_table. */
jf_status jf_problem_build(const jf_law *law, const jf_table *table, const size_t *rows, size_t n_rows,
                           const jf_fit_options *options, jf_warnings *warnings, jf_problem **out,
                           jf_error *err);
/* The same law on some of its rows (indices into whole->rows): for folds and resamples. Borrows formula and
 * law from `whole`, which must outlive it; learned constants are learned anew. A level without rows keeps its
 * parameter. */
jf_status jf_problem_subset(const jf_problem *whole, const size_t *index, size_t n, jf_problem **out,
                            jf_error *err);
/* JF_EUSAGE, naming law and column, when the law reads a column of `table` that is known only after a run. */
jf_status jf_problem_refuse_post_run(const jf_problem *problem, const jf_table *table, jf_error *err);
void jf_problem_free(jf_problem *problem);
/* Row i's row in the table. */
static inline size_t jf_problem_row(const jf_problem *problem, size_t i)
{
    return problem->rows ? problem->rows[i] : i;
}
/* Copies what the problem still reads of its table, which may then change or go. */
jf_status jf_problem_part_from_table(jf_problem *problem, jf_error *err);
/* log|g'(y)| of row i: what a likelihood on the scale of y adds. */
double jf_problem_log_slope(const jf_problem *problem, size_t i);
/* Free parameters: those that are not fixed. */
size_t jf_problem_n_free(const jf_problem *problem);
/* "runs.csv:41" or "row 41" (from 1), in `buffer`. */
const char *jf_row_place(const jf_table *table, size_t row, char *buffer, size_t size);

#endif
