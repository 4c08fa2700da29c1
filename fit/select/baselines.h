/* The laws that any other has to beat: the mean, one-column powers, and device-seconds. */
#ifndef JF_FIT_SELECT_BASELINES_H
#define JF_FIT_SELECT_BASELINES_H

#include "fit/law/law.h"
#include "fit/problem/problem.h"

/* Appends to `out`, as ordinary laws of the raw response of the bound laws `problems` (in logarithms where
 * the response is positive on all `rows`): mean            log(y) ~ b0 power(x)        log(y) ~ b0 +
 * a*log(x), for every numeric pre-run column that a law reads and that is positive and not constant on the
 * rows device-seconds  log(y) ~ b0 + log(gpus) + log(duration), where the table has a duration for every row
 * (post-run; without a column of GPU counts one GPU is taken) A baseline that a given law is already (the
 * same formula) is left out. */
jf_status jf_baselines_make(jf_problem *const *problems, size_t n_problems, const jf_table *table,
                            const size_t *rows, size_t n_rows, jf_laws *out, jf_error *err);

/* The law of one constant for the raw response of `problem`: log(y) ~ b0 where it is positive on all rows,
 * else y ~ b0. */
jf_status jf_baseline_constant(const jf_problem *problem, const jf_table *table, const size_t *rows,
                               size_t n_rows, jf_law **out, jf_error *err);

/* Is a numeric pre-run column, all positive and not constant on these rows? */
bool jf_is_scale_column(const jf_column *column, const size_t *rows, size_t n_rows);

#endif
