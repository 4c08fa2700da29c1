/* What the steps of one fit share: jf_fit_run (fit.c) calls them in this order. */
#ifndef JF_FIT_FIT_PARTS_H
#define JF_FIT_FIT_PARTS_H

#include "fit/infer/covariance.h"
#include "fit/problem/problem.h"
#include "fit/solve/solve.h"

typedef struct jf_fit_work {
    jf_fit *fit;         /* being filled */
    jf_problem *problem; /* fit->problem */
    const jf_law *law;   /* as it was given */
    const jf_table *table;
    const jf_groups *groups; /* of the whole table, or NULL */
    const jf_fit_options *options;
    jf_loss loss;
    jf_solution solution;
    jf_se_kind se[8]; /* the first is used, the others add intervals */
    size_t n_se;
    jf_row_source rows; /* of the derivatives behind the design */
    jf_design design;   /* of the parameters that are free and not at a bound */
    size_t *active;     /* design.p: their indices */
    double *psi;        /* n: derivative of the loss by the residual */
    double slope;       /* mean of psi's derivative */
    double variance;    /* behind classical errors: of a row of weight one; divided by slope squared */
    double n_effective; /* n, or the sum of frequency weights */
    uint32_t *group;    /* n: renumbered among the rows that are fitted, or NULL */
    size_t n_groups;
    const double *from; /* problem->k: a first start, or NULL */
    double *better; /* problem->k: a lower minimum that inference came upon, to start anew from; or NULL */
    double better_loss;
    size_t better_parameter; /* whose profile led there */
    bool last;               /* nothing is started anew */
    jf_error *err;
} jf_fit_work;

/* fit_options.c: work->se from the options. */
jf_status jf_fit_read_se(jf_fit_work *work);
/* foresee.c: JF_ENOMEM, with the figure, where the parameters cannot fit into memory; tells whoever listens
 * of work that takes long and cannot tell how far it is. */
jf_status jf_fit_foresee(jf_fit_work *work);
/* fit_solve.c: the best parameters, into work->solution and the result. */
jf_status jf_fit_solve(jf_fit_work *work);
/* fit_rows.c: rows, fitted values, residuals, R2 and their like; what was seen of the data. */
jf_status jf_fit_fill_rows(jf_fit_work *work);
jf_status jf_fit_fill_summary(jf_fit_work *work, size_t n_candidates);
void jf_fit_fill_statistics(jf_fit_work *work);
/* infer/factor.c: the Jacobian at the solution. */
jf_status jf_fit_factor(jf_fit_work *work);
void jf_fit_rows_clear(jf_row_source *source);
/* infer/wald.c: covariance, states, intervals, derived quantities and tests. */
jf_status jf_fit_infer(jf_fit_work *work);
/* infer/diagnose.c: fit->diagnostics. Squares only: other losses and frequency weights get no tests, and
 * `refused` says why. Nonlinear laws are judged by their tangent at the solution; rows are weighted. */
jf_status jf_fit_diagnose(jf_fit_work *work);
/* fit_verdicts.c: what the reader must be told of data and parameters. */
jf_status jf_fit_judge(jf_fit_work *work);
enum { JF_FIT_FEW_GROUPS = 30 }; /* fewer are warned of whatever the interval */
/* fit_cautions.c: warns of kinds of interval that do not suit the sample. */
void jf_fit_caution(jf_fit_work *work);

/* printf into a new string, NULL when memory ran out. */
char *jf_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
