/* Fitting one law to a table: what to do, how, and what came out. */
#ifndef JF_FIT_FIT_H
#define JF_FIT_FIT_H

#include <stdint.h>
#include "core/checkpoint.h"
#include "core/options.h"
#include "core/warnings.h"
#include "data/groups.h"
#include "data/table.h"
#include "fit/law/law.h"

typedef enum jf_outcome { JF_CONVERGED, JF_AT_BOUND, JF_FLAT, JF_HIT_LIMIT, JF_FAILED } jf_outcome;
typedef enum jf_state {
    JF_STATE_OK,
    JF_STATE_AT_BOUND,
    JF_STATE_FIXED,
    JF_STATE_TIED,
    JF_STATE_WEAK,
    JF_STATE_UNIDENTIFIED
} jf_state;
extern const char *const jf_outcome_names[]; /* "converged", "at_bound", "flat", "hit_limit", "failed" */
extern const char *const jf_state_names[];

typedef enum jf_loss_kind {
    JF_LOSS_LS,
    JF_LOSS_HUBER,
    JF_LOSS_SOFTL1,
    JF_LOSS_CAUCHY,
    JF_LOSS_TUKEY,
    JF_LOSS_L1,
    JF_LOSS_QUANTILE
} jf_loss_kind;
typedef enum jf_se_kind {
    JF_SE_CLASSICAL,
    JF_SE_HC0,
    JF_SE_HC1,
    JF_SE_HC2,
    JF_SE_HC3,
    JF_SE_CLUSTER, /* CR2 below JF_CR2_GROUPS groups, CR1 from there */
    JF_SE_CR2,
    JF_SE_CR1
} jf_se_kind;
extern const char *const jf_se_names[]; /* "classical", "hc0", ..., "cluster", "cr2", "cr1" */
enum { JF_CR2_GROUPS = 50 };            /* tests/reference/coverage.md: CR1 falls short below */
/* Which calibration a fit keeps for conformal intervals of predictions. */
typedef enum jf_conformal_kind {
    JF_CONFORMAL_AUTO, /* cv where the model is saved, else none */
    JF_CONFORMAL_CV,
    JF_CONFORMAL_SPLIT,
    JF_CONFORMAL_NONE
} jf_conformal_kind;
typedef enum jf_weights_kind {
    JF_WEIGHTS_PRECISION,
    JF_WEIGHTS_FREQUENCY,
    JF_WEIGHTS_ABSOLUTE
} jf_weights_kind;

/* Every field but the last three is a row of jf_fit_options_table (core/options.h). */
typedef struct jf_fit_options {
    int64_t starts;         /* quasi-random starts tried when a law is nonlinear; default 64 */
    int64_t max_iterations; /* of one local solve; default 500 */
    double tolerance;       /* scaled gradient at which a fit has converged; default 1e-10 */
    const char *loss;       /* "ls", "huber:1e-3", ... */
    const char *weights;    /* expression: precisions */
    int weights_kind;       /* jf_weights_kind */
    const char *sigma;      /* expression: absolute standard deviations */
    const char *se; /* "classical", "hc3", "cluster", "cr2", "cr1", or several: the first is used, the others
                       add intervals; NULL: cluster with groups, else classical */
    const char *ci; /* "wald", "profile", "bootstrap" or several; NULL: wald */
    int64_t bootstrap;              /* resamples; default 2000 */
    const char *resample;           /* "pairs", "wild, cluster", ...; "auto": pairs, or cluster with groups */
    const char *bootstrap_interval; /* "percentile", "basic, bca", ... */
    double level;                   /* 0.95 */
    const char *response;           /* --response: the raw response column */
    const char *error;              /* "log", "additive", "relative" or NULL: the law's */
    jf_option_list declared;        /* --param */
    jf_option_list derive;          /* --derive 'ratio = a/(a + b)' */
    jf_option_list contour;         /* --contour 'a,b:0.5,0.95' */
    const char *at;                 /* --at published | a=1,b=0.42 */
    int conformal;                  /* jf_conformal_kind */
    const char *by;                 /* --by COL: a fit for each level beside the pooled one */
    bool influence;                 /* keep fit->influence */
    bool skip_profiles;             /* verdicts without profiles of what is determined weakly */
    const char *free;               /* --free a,b: refitted under --at */
    jf_option_list test;            /* --test 'a=1, b=0.42' */
    uint64_t seed;
    int64_t threads;
    jf_checkpoint *checkpoint; /* where refits are kept and looked for, borrowed; NULL: nowhere */
} jf_fit_options;
extern const jf_option jf_fit_options_table[];
/* The defaults of all fields; the struct need not be zeroed. */
void jf_fit_options_default(jf_fit_options *options);
/* JF_EUSAGE for options that would be idle, as --resample without --ci bootstrap: who gives them believes in
 * them. For command lines; fits themselves take no notice. */
jf_status jf_fit_options_check(const jf_fit_options *options, jf_error *err);

/* How well the rows tell a parameter. */
typedef enum jf_told {
    JF_TOLD_WELL,
    JF_TOLD_ROUGHLY,      /* an error of a fifth of itself or more, or one that only follows others */
    JF_TOLD_WEAKLY,       /* state weak */
    JF_TOLD_NOT_BY_THESE, /* a direction moves no prediction on these rows; on others it may */
    JF_TOLD_NOT_BY_ANY,   /* ... nor on any others: the law has more parameters than shapes */
    JF_TOLD_RUNAWAY,      /* the loss falls for ever as it grows or shrinks */
    JF_TOLD_AT_BOUND,
    JF_TOLD_HELD, /* fixed or tied */
    JF_TOLD_FAILED
} jf_told;
/* "well", "roughly", "weakly", "not_by_these_rows", "not_by_any_rows", "runaway", "at_bound", "held",
 * "failed" */
extern const char *const jf_told_names[];
enum { JF_MOST_PARTNERS = 3 };

/* What the verdict on a parameter rests on. */
typedef struct jf_identity {
    jf_told told;
    double relative_error; /* std_error / |estimate|; NaN without an error */
    double
        condition_index; /* of the direction of the scaled Jacobian that most of its error comes from; NaN */
    double share;        /* of its variance that comes from there */
    double correlation;  /* of its estimate with that of partner[0]; 0 without one */
    size_t partner[JF_MOST_PARTNERS]; /* parameters that move along that direction too, the most first */
    size_t n_partners;
    bool profiled, open_below, open_above; /* the profile likelihood sets no limit on that side */
} jf_identity;

typedef struct jf_estimate {
    char *name;
    double value;
    double std_error, ci_low, ci_high, statistic, p_value; /* NaN when there is none: see state */
    double df;           /* of the t behind interval and p-value; infinite: normal */
    double lower, upper; /* bounds */
    double published;    /* NaN when none */
    double inflation;    /* of its variance, by columns that resemble its own (VIF); NaN when there is none */
    jf_state state;
    jf_identity identity;
    char *verdict; /* one line: how well the rows tell it */
} jf_estimate;

typedef struct jf_basin {
    double loss;
    size_t count;
} jf_basin;

typedef struct jf_dropped {
    const char *reason; /* "filter", "missing", "duplicate" */
    size_t rows;
} jf_dropped;

/* A quantity made of parameters; NaN where it has none. */
typedef struct jf_derived {
    char *name, *expression;
    double value, std_error, ci_low, ci_high;
    const char *why; /* it has no value or no error; NULL where it has both */
} jf_derived;

/* A joint Wald test: F with df1 and df2 degrees of freedom. */
typedef struct jf_wald_test {
    char *hypothesis; /* as typed */
    double statistic, df1, df2, p_value;
    const char *why; /* there is no statistic; NULL where there is */
} jf_wald_test;

/* Why an end of an interval is what it is. */
typedef enum jf_end {
    JF_END_OK,
    JF_END_BOUND,     /* the parameter's bound, met before the interval ended */
    JF_END_UNBOUNDED, /* NaN: it goes on for ever */
    JF_END_FIXED,     /* NaN, as below */
    JF_END_TIED,
    JF_END_FAILED, /* the law has no finite value beyond, or refits failed */
    JF_END_NONE    /* no degrees of freedom, or residuals of zero */
} jf_end;
extern const char *const jf_end_names[]; /* "ok", "bound", "unbounded", "fixed", "tied", "failed", "none" */

/* A profile: values of one parameter, rising, and the signed root of how much the loss grows there. */
enum { JF_PROFILE_POINTS = 9 };
typedef struct jf_profile_curve {
    double at[JF_PROFILE_POINTS], z[JF_PROFILE_POINTS];
    size_t n; /* 0: none */
} jf_profile_curve;

/* Intervals of one kind for all estimates, NaN where there is none. */
typedef struct jf_interval_set {
    char *kind; /* "wald:hc3", "bootstrap:pairs:percentile", ... */
    double level;
    double *low, *high;           /* n_estimates */
    jf_end *low_end, *high_end;   /* n_estimates: profiles and the wild cluster t; NULL for other kinds */
    double *p_value;              /* n_estimates: of zero, by the wild cluster t; NULL for other kinds */
    double *error;                /* n_estimates: bootstrap standard errors; NULL for other kinds */
    size_t n_resamples, n_failed; /* bootstrap: refits tried, refits without a result */
    double *quantiles; /* n_estimates x JF_N_QUANTILES: of the refits, from the least to the largest in equal
                          steps; NULL for other kinds */
    jf_profile_curve *curves; /* n_estimates: profiles; NULL for other kinds */
    double quantile;          /* of z, where the intervals of profiles end */
    jf_derived *derived;      /* n_derived without names: bootstraps with --derive, else NULL */
    double *test_p;           /* n_tests: bootstraps with --test, else NULL */
    const char **test_why;    /* n_tests: why there is no test_p, NULL where there is; or NULL */
} jf_interval_set;
enum { JF_N_QUANTILES = 101 };

/* What conformal intervals are read off: fits without some groups, and what they miss those groups by. */
typedef struct jf_conformal_part {
    double *theta;   /* k: the fit without these rows; NaN: its rows did not tell */
    double *learned; /* n_learned */
    double *residual,
        *weight; /* n: absolute, on the law's scale, infinite where there is none; 1/(rows of the group) */
    size_t n;
} jf_conformal_part;
enum { JF_MOST_CONFORMAL_PARTS = 8 };
typedef struct jf_conformal {
    bool split;      /* a part of the groups set apart, else CV+ */
    bool grouped;    /* groups are those of --group, else rows */
    size_t n_groups; /* that have residuals */
    size_t k, n_learned, n_parts;
    jf_conformal_part parts[JF_MOST_CONFORMAL_PARTS];
} jf_conformal;

/* One parameter under --at. */
typedef struct jf_judged_value {
    size_t estimate;       /* which */
    bool held;             /* else refitted beside those that are */
    double given;          /* the constant; NaN where there is none */
    double value;          /* under --at: `given`, or what the refit came to */
    jf_wald_test distance; /* that the constant is right, by the chosen covariance; NaN where refitted */
} jf_judged_value;

/* The law with constants from elsewhere, set against its best fit. */
typedef struct jf_judged {
    const char *source; /* "published", or what was typed; borrowed from the options */
    jf_judged_value *values;
    size_t n_values, n_held;
    jf_wald_test wald;           /* all held constants at once, by the chosen covariance */
    jf_wald_test ratio;          /* by the growth of the loss: likelihood ratio as F */
    double loss, rmse, rmse_raw; /* under --at; those of the fit stand in the fit */
    double bias;                 /* mean of observed - predicted on the law's scale */
} jf_judged;

/* The law fitted to the rows of one level of --by. */
typedef struct jf_level_fit {
    char *level;
    size_t n, n_groups;
    struct jf_fit *fit; /* NULL: no fit, for the reason in `failure` */
    char *failure;
} jf_level_fit;

/* Is one parameter the same at all levels? */
typedef struct jf_equality {
    size_t estimate; /* of the pooled fit */
    jf_wald_test test;
} jf_equality;

/* A fit for each level of a column, set against the pooled one (--by). The tests are over the levels that
 * could be fitted; NaN where there is none, for the reason in `refused`. */
typedef struct jf_by {
    const char *column; /* borrowed from the options */
    jf_level_fit *levels;
    size_t n_levels, n_fitted;
    double rss, rss_levels; /* pooled and by level, over the rows of the levels fitted */
    jf_wald_test chow,
        ratio;          /* F on squares; likelihood ratio with one variance: chi-squared, df2 infinite */
    jf_wald_test wald;  /* by the chosen covariance, over the parameters that every level determines */
    bool shared_groups; /* groups have rows at several levels: the levels' errors go together */
    jf_equality *equal; /* each of those parameters by itself */
    size_t n_equal;
    char *refused;
} jf_by;

/* How a contour ends. */
typedef enum jf_contour_state {
    JF_CONTOUR_CLOSED,
    JF_CONTOUR_BOUND,     /* at a bound of one of the two parameters */
    JF_CONTOUR_UNBOUNDED, /* it goes on for ever, or there is none */
    JF_CONTOUR_FAILED     /* lost on the way, between parameters that the rows do tell */
} jf_contour_state;
extern const char *const jf_contour_state_names[]; /* "closed", "bound", "unbounded", "failed" */

/* A joint confidence region of two estimates by profile likelihood: points along its edge, in order; a closed
 * edge does not repeat the first.
 *
 * In JSON, `contours` is a list of {"parameters": [name, name], "estimate": [x, y], "level": 0.95, "kind":
 * "profile", "state": "closed|bound|unbounded|failed", "reason": why it is not closed or null, "points": [[x,
 * y], ...]}, one for each pair and level in the order asked for. */
typedef struct jf_contour {
    size_t first, second; /* estimates: x and y */
    double level;
    jf_contour_state state;
    char *reason;   /* why it is not closed; NULL: it is */
    double *points; /* n_points x 2 */
    size_t n_points;
} jf_contour;

/* What a fit saw of the data, for reports. */
typedef struct jf_data_summary {
    char *file;
    char sha256[65];
    size_t rows_read, rows_used, duplicates;
    jf_dropped dropped[8];
    size_t n_dropped;
    char **columns_read;
    size_t n_columns_read;
    char *simulated; /* NULL, or the note that the data are simulated */
} jf_data_summary;

/* States that `rows` rows were left out for `reason` (a literal), in place of what the summary says of it; 0
 * takes it out. */
void jf_data_drop(jf_data_summary *data, const char *reason, size_t rows);

/* NaN where a test could not be made; df2 is NaN for chi-squared statistics. */
typedef struct jf_test {
    double statistic, df1, df2, p_value;
} jf_test;

typedef struct jf_diagnostics {
    const char *refused; /* why there are no tests, or NULL */
    jf_test breusch_pagan, jarque_bera, anderson_darling, reset, lack_of_fit;
    double durbin_watson;    /* 2: neighbouring rows have unrelated residuals */
    double condition_number; /* of the Jacobian with columns of length one; NaN without full rank */
    /* Runs of one configuration. Exact copies count once. */
    size_t repeat_rows, repeat_groups; /* equal: no repeats */
    double pure_error, r2_limit;       /* squares about the configurations' means; R2 that no law can beat */
    size_t n_regressors;               /* numeric inputs of the law, over the rows of the fit: */
    const char **regressors;           /* their names, borrowed from fit->inputs */
    double *pearson, *spearman;        /* n_regressors^2; NaN for a column that never changes */
} jf_diagnostics;

typedef struct jf_fit {
    char *law_name, *formula; /* as the user typed it */
    char *response;           /* "log(energy)" */
    char *raw_response;       /* "energy" */
    char *response_unit;      /* of the raw response, "" when unknown */
    jf_error_kind error;
    bool post_run; /* reads a post-run input */
    bool linear;
    jf_data_summary data;
    jf_outcome outcome;
    char *failure;             /* why, when outcome is JF_FAILED */
    size_t n, k, df, n_groups; /* rows, free parameters, n - k, groups (0: none) */
    jf_estimate *estimates;    /* every parameter, fixed and tied ones too */
    size_t n_estimates;
    double *covariance; /* n_estimates^2, row-major, NaN rows where a parameter has none */
    jf_se_kind se;
    double level;
    char *loss_name;
    double loss, scaled_gradient;
    double rss, sigma, r2, r2_raw, rmse, rmse_raw;
    double loglik, aic, aicc, bic; /* NaN with `criteria_refused` saying why */
    char *criteria_refused;
    size_t starts_tried, starts_finished, starts_agreeing;
    jf_basin *basins;
    size_t n_basins;
    size_t iterations;
    /* row-wise, n of each, in table order */
    size_t *rows;                                             /* row of the table */
    double *observed, *fitted, *residual, *leverage, *weight; /* on the law's scale */
    double *raw_observed, *raw_fitted;                        /* raw response; log laws: the median */
    double *learned;                                          /* values of center(), scale(), ... */
    size_t n_learned;
    jf_column *inputs; /* columns that the formula reads, n rows each in the order of `rows` */
    size_t n_inputs;
    /* what predictions need: n_theta parameters of the bound formula, ties worked in */
    double *theta;   /* where an estimate has no number too */
    double *working; /* n_theta^2: covariance with zeros for what is held */
    double *null;    /* n_theta x n_null, column-major: directions that move no prediction on these rows */
    size_t n_theta, n_null;
    double t_df;                        /* of Wald intervals; infinite: normal */
    double largest_leverage, condition; /* of the scaled Jacobian */
    jf_derived *derived;
    size_t n_derived;
    jf_diagnostics diagnostics;
    jf_wald_test *tests;
    size_t n_tests;
    jf_interval_set *intervals;
    size_t n_intervals;
    jf_conformal *conformal; /* or NULL */
    jf_by *by;               /* under --by, else NULL */
    double *influence;       /* n x n_theta, column-major: by how much row i moves each parameter; or NULL */
    double *score;           /* n: what each row adds to the estimating equation, over the mean slope of the
                                loss (squares: the residual); with influence */
    jf_judged *judged;       /* under --at, else NULL */
    jf_contour *contours;
    size_t n_contours;
    jf_warnings warnings;
    uint64_t seed;
    bool no_model; /* what was fitted is not the law of `problem` (trees): nothing can be predicted from here
                    */
    struct jf_problem *problem; /* the bound law, for prediction on other rows; owned */
} jf_fit;

/* Fits `law` to the rows (NULL: all) of `table`. Rows with missing inputs are left out and counted. `groups`
 * (of the whole table; NULL: none) serve cluster errors. Bad laws, columns and options are errors; a fit that
 * does not converge is an outcome. */
jf_status jf_fit_run(const jf_law *law, const jf_table *table, const size_t *rows, size_t n_rows,
                     const jf_groups *groups, const jf_fit_options *options, jf_fit **out, jf_error *err);
void jf_fit_free(jf_fit *fit);

/* Predictions of a fit on rows of a table (NULL: all) that has its inputs: law's scale, and raw scale (median
 * for log laws); standard error of the mean on the law's scale. Outputs may be NULL. Missing inputs and
 * levels never seen give NaN. */
jf_status jf_fit_predict(const jf_fit *fit, const jf_table *table, const size_t *rows, size_t n_rows,
                         double *value, double *mean_error, double *raw, jf_error *err);

#endif
