/* Two-stage laws: a column that a first law predicts out of fold, by group, before the second law reads it.
 */
#ifndef JF_FIT_SELECT_TWO_STAGE_H
#define JF_FIT_SELECT_TWO_STAGE_H

#include "fit/select/compare.h"
#include "fit/select/refit.h"

/* A first stage. */
typedef struct jf_stage {
    char *column;   /* that it predicts: its raw response */
    char *measured; /* name under which the comparison's table keeps what was measured: "eta (measured)" */
    jf_law *law;
    jf_fit_options
        options;     /* as for the laws, but for what concerns their response: no weights, least squares */
    jf_fit *fit;     /* to all rows: what the stage looks like; its problem serves the refits */
    bool post_run;   /* reads what is known only after a run; else its predictions are pre-run */
    double rmse, r2; /* of out-of-fold predictions of all rows, in the column's own numbers */
} jf_stage;

typedef struct jf_stages {
    jf_stage *items;
    size_t n;
    jf_table
        *table; /* the table given, with predictions in the columns of the stages and measurements beside */
} jf_stages;

/* Reads 'eta ~ FORMULA' or 'NAME: eta ~ FORMULA' for every stage. JF_EUSAGE: two for one column. */
jf_status jf_stages_read(const jf_option_list *texts, const jf_fit_options *options, jf_stages *out,
                         jf_error *err);
/* Binds each stage to the rows asked for: problems[i] (freed by the caller) says which rows it can use. */
jf_status jf_stages_bind(const jf_stages *stages, const jf_table *table, const size_t *rows, size_t n_rows,
                         jf_problem **problems, jf_error *err);
/* Fits the stages and makes stages->table: every one of `rows` is predicted by a refit without its group
 * (without groups: without its fold of rows). No stage may read what another one predicts. */
jf_status jf_stages_fill(jf_stages *stages, const jf_table *table, const size_t *rows, size_t n_rows,
                         const jf_groups *groups, const jf_fit_options *options, jf_error *err);

/* What the columns hold on one split: predictions of training rows out of fold within the training part, of
 * test rows from all of it. `train`, `test`: places in the rows that the stages were filled for; `unit` (of
 * each row, below n_units) is kept whole. values: n x table rows, NaN where nothing could be predicted. */
jf_status jf_stages_split(const jf_stages *stages, const size_t *unit, size_t n_units, const size_t *train,
                          size_t n_train, const size_t *test, size_t n_test, uint64_t seed, uint64_t key,
                          double *values, jf_error *err);
/* The group of each of n_rows rows, as jf_stages_split wants it; without groups every row is a unit. Freed
 * with jf_free, NULL when memory ran out. */
size_t *jf_stages_units(const size_t *rows, size_t n_rows, const jf_groups *groups, size_t *n_units);
/* Does a law read a column that a stage predicts? */
bool jf_stages_read_by(const jf_stages *stages, const jf_problem *problem);
/* The problem's inputs with `values` (as above) in the columns of the stages. */
jf_status jf_stages_inputs(const jf_stages *stages, const jf_problem *problem, const double *values,
                           jf_inputs **out, jf_error *err);
void jf_stages_clear(jf_stages *stages);

#endif
