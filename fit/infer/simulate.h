/* Simulated studies: data drawn from a law with known values on a user's own design, and what fits of such
 * data come to: bias, spread, coverage of every interval that was asked for. */
#ifndef JF_FIT_INFER_SIMULATE_H
#define JF_FIT_INFER_SIMULATE_H

#include <stdint.h>
#include "fit/problem/problem.h"

/* ---- the truth ---- */

/* Where a parameter's value comes from. */
typedef enum jf_origin {
    JF_FROM_USER,
    JF_FROM_MODEL,
    JF_FROM_FIT,       /* of the law to the design's own response */
    JF_FROM_LAW,       /* fixed in the law */
    JF_FROM_PUBLISHED, /* the catalogue's published value */
    JF_FROM_NOWHERE
} jf_origin;
extern const char *const jf_origin_names[];

typedef struct jf_truth_options {
    const jf_option_list *values; /* "a=1,b=2", names as in --start; these win over all else */
    double sigma;                 /* scatter of a run of weight one, on the law's scale; NaN: as estimated */
    double group_sd;              /* of what runs of one group share; NaN: as estimated */
    const char *scatter;          /* expression: factor on each run's scatter, unknown to the fits; or NULL */
    /* A saved model in place of a fit to the design: n_known names and values; NULL: none. */
    char *const *known_names;
    const double *known_values;
    size_t n_known;
    double known_sigma;
    const char *const *also; /* columns that the design keeps for other laws (a NULL ends it), or NULL */
} jf_truth_options;

/* What data are drawn from: every run of the design with its mean and its scatter. */
typedef struct jf_truth {
    jf_table *table;     /* of the design: a row a run, the columns that are needed */
    jf_groups groups;    /* of its rows; n_groups 0: none */
    jf_problem *problem; /* the law bound to it: problem->rows are all rows */
    size_t n;            /* runs */
    size_t *rows;        /* n: of the table that was given */
    double *theta;       /* problem->k */
    jf_origin *origin;   /* problem->k */
    double *mean;        /* n: on the law's scale */
    double *scatter;     /* n: standard deviation of a run's own noise */
    double *share;       /* n: what a group's effect of one does to the run */
    double sigma, group_sd;
    jf_origin sigma_origin;
    jf_fit *fit; /* of the law to the design's response, or NULL */
} jf_truth;

/* Binds `law` to the rows (NULL: all) of `table` and finds its values: the user's, else the model's, else
 * those of a fit to the response where the table has it (missing responses are no hindrance: their rows
 * belong to the design), else those fixed in the law, else published ones. With groups the scatter of the fit
 * is parted into that between and that within groups (moments of the residuals). JF_EUSAGE names the
 * parameters, or the scatter, that have no value; JF_EDATA: a row where the law has no finite value. */
jf_status jf_truth_build(const jf_law *law, const jf_table *table, const size_t *rows, size_t n_rows,
                         const jf_groups *groups, const jf_fit_options *fit, const jf_truth_options *options,
                         jf_warnings *warnings, jf_truth **out, jf_error *err);
void jf_truth_free(jf_truth *truth);

/* The design with room for responses: of one thread. Runs repeat `copies` times, groups too, as new ones. */
typedef struct jf_world {
    const jf_truth *truth;
    jf_table *table;
    double *raw; /* n: the response in the table */
    size_t n, copies;
    jf_groups groups; /* n_groups 0: none */
    double *effect;   /* n_groups */
    double *value;    /* n: law's scale */
} jf_world;

jf_status jf_world_new(const jf_truth *truth, size_t copies, jf_world *out, jf_error *err);
void jf_world_clear(jf_world *world);
const jf_groups *jf_world_groups(const jf_world *world); /* NULL where there are none */
/* Draws all responses: Philox keyed by (seed, simulation, index), so that study `index` is the same whatever
 * was drawn before. */
jf_status jf_world_draw(jf_world *world, uint64_t seed, uint64_t index, jf_error *err);
/* False where the noise took a run beyond what its left side can be the transform of. */
bool jf_world_is_finite(const jf_world *world);
/* Streams of different uses of one seed do not meet. */
typedef enum jf_study_kind { JF_STUDY_ROWS, JF_STUDY_RECOVERY, JF_STUDY_RUNS, JF_STUDY_POWER } jf_study_kind;
uint64_t jf_study_index(jf_study_kind kind, size_t part, size_t replicate);

/* ---- recovery and coverage ---- */

/* One interval kind for one parameter over all replicates. */
typedef struct jf_coverage {
    char *kind; /* "wald:hc3", "bootstrap:pairs:bca", "profile", ... */
    double level;
    size_t parameter;                  /* index into recovered; SIZE_MAX: new runs */
    size_t n_made;                     /* replicates with an interval */
    size_t n_none;                     /* fits without one: at a bound, not determined, too few groups */
    size_t n_open;                     /* made, but open or infinite on a side */
    double share;                      /* of those made that hold the truth */
    double share_error;                /* Monte-Carlo standard error of `share` */
    double missed_below, missed_above; /* shares: the whole interval lies below, or above, the truth */
    size_t groups_missing;             /* conformal: calibration groups wanting for a finite one */
    double length;                     /* median of the closed ones; NaN: none */
} jf_coverage;

typedef struct jf_recovered {
    char *name;
    double truth;
    jf_origin origin;
    size_t n; /* replicates with an estimate */
    double mean, median, bias, bias_error, spread, rmse, relative_bias,
        relative_rmse; /* relative: NaN for zero */
    double mean_error; /* reported standard errors, root of the mean square */
    size_t n_at_bound;
} jf_recovered;

typedef struct jf_recovery {
    size_t n_replicates, n_usable;
    size_t outcomes[8];       /* by jf_outcome */
    size_t n_refused;         /* data that the law does not take, as a response below zero for a logarithm */
    char *first_refusal;      /* or NULL */
    jf_recovered *parameters; /* the free ones */
    size_t n_parameters;
    jf_coverage *coverage; /* by kind, then by parameter */
    size_t n_coverage;
    jf_warnings warnings; /* codes that fits of the replicates gave, with how often */
} jf_recovery;

/* Draws and fits n_replicates data sets, with the inference that `fit` asks for (--se, --ci, --resample,
 * ...). Finished replicates are kept in fit->checkpoint. The same bytes for any number of threads. */
jf_status jf_recovery_run(const jf_truth *truth, const jf_law *law, size_t n_replicates,
                          const jf_fit_options *fit, jf_recovery *out, jf_error *err);
void jf_recovery_clear(jf_recovery *recovery);

/* Coverage of intervals for new runs: the normal-theory interval, the band of the mean, split conformal and
 * CV+ ("new run", "mean band", "conformal:split", "conformal:cv"). Each replicate draws the design twice and
 * deals its groups (runs where there are none) at random into those that are fitted and as many new ones, so
 * that both are alike; shares are means over groups. Finished replicates are kept in fit->checkpoint. */
jf_status jf_new_runs_coverage(const jf_truth *truth, const jf_law *law, size_t n_replicates,
                               const jf_fit_options *fit, jf_coverage **out, size_t *n_out, jf_error *err);
void jf_coverage_free(jf_coverage *coverage, size_t n);

#endif
