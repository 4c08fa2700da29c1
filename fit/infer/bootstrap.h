/* Bootstraps of a fit: resamples or simulated responses, a refit each, and intervals from the refits. */
#ifndef JF_FIT_INFER_BOOTSTRAP_H
#define JF_FIT_INFER_BOOTSTRAP_H

#include <stdint.h>
#include "core/checkpoint.h"
#include "fit/problem/problem.h"
#include "fit/solve/solve.h"

/* What a resample is. In the last four the rows stay and responses are made: fitted value + error.
 *   PAIRS          n rows drawn with replacement
 *   CLUSTER        G groups drawn with replacement
 *   RESIDUAL       errors drawn from the residuals / sqrt(1 - leverage), centred, scaled by the weights
 *   WILD           each residual / (1 - leverage) with a random sign: as HC3 for linear laws
 *   WILD_CLUSTER   the residuals of a group share one random factor (signs; the six points of Webb 2023 below
 * 12 groups), with the factor of CR1 PARAMETRIC     normal errors with the fit's sigma Davison and Hinkley
 * 1997; Davidson and Flachaire 2008; Cameron, Gelbach and Miller 2008. */
typedef enum jf_resample_kind {
    JF_RESAMPLE_PAIRS,
    JF_RESAMPLE_CLUSTER,
    JF_RESAMPLE_RESIDUAL,
    JF_RESAMPLE_WILD,
    JF_RESAMPLE_WILD_CLUSTER,
    JF_RESAMPLE_PARAMETRIC
} jf_resample_kind;
extern const char *const jf_resample_names[]; /* "pairs", "cluster", ... */

/* percentile: quantiles of the refits; basic: mirrored about the estimate; bca: percentiles corrected for
 * bias and skewness, the acceleration from a jackknife (Efron 1987). */
typedef enum jf_bootstrap_interval {
    JF_INTERVAL_PERCENTILE,
    JF_INTERVAL_BASIC,
    JF_INTERVAL_BCA,
    JF_INTERVAL_T /* wild-cluster only: wild_cluster.h */
} jf_bootstrap_interval;
extern const char *const jf_bootstrap_interval_names[];

/* The fit that is resampled. */
typedef struct jf_bootstrap_basis {
    const jf_problem *problem;
    jf_loss loss;           /* with its constant */
    const double *theta;    /* k */
    const double *fitted;   /* n, on the law's scale */
    const double *residual; /* n */
    const double *leverage; /* n */
    double sigma;           /* of a row of weight one */
    const uint32_t *group;  /* n, or NULL */
    size_t n_groups;
    size_t max_iterations;
} jf_bootstrap_basis;

typedef struct jf_bootstrap_options {
    jf_resample_kind kind;
    size_t n_resamples;
    uint64_t seed;
    int threads;
    jf_checkpoint *checkpoint; /* NULL: refits are not kept */
    const char *part;          /* what the refits are called there */
} jf_bootstrap_options;

typedef struct jf_bootstrap {
    size_t k, n_resamples, n_failed;
    double *theta; /* n_resamples x k, row-major; NaN rows where the refit failed */
} jf_bootstrap;

/* Refits all resamples; the same bytes for any number of threads. JF_EUSAGE: a cluster kind without groups;
 * JF_EDATA: a single group. */
jf_status jf_bootstrap_run(const jf_bootstrap_basis *basis, const jf_bootstrap_options *options,
                           jf_bootstrap *out, jf_error *err);
void jf_bootstrap_clear(jf_bootstrap *bootstrap);
/* Refits without one row each (without one group each, where there are groups): as many rows of
 * out->theta. More than 1000 are left out in blocks. */
jf_status jf_jackknife_run(const jf_bootstrap_basis *basis, int threads, jf_bootstrap *out, jf_error *err);

/* Standard deviation of parameter j over the refits; NaN below two. */
double jf_bootstrap_error(const jf_bootstrap *bootstrap, size_t j);
/* Quantiles of parameter j over the refits, at n equal steps from the least to the largest (type 7); NaN
 * below two refits. */
jf_status jf_bootstrap_quantiles(const jf_bootstrap *bootstrap, size_t j, double *quantiles, size_t n,
                                 jf_error *err);
/* The interval of parameter j, whose estimate is `value`. `jackknife` serves BCA, else NULL. NaN where there
 * are fewer than two refits or BCA has no finite correction. */
jf_status jf_bootstrap_limits(const jf_bootstrap *bootstrap, const jf_bootstrap *jackknife, size_t j,
                              double value, jf_bootstrap_interval kind, double level, double *low,
                              double *high, jf_error *err);

/* What draws resamples; shared by threads. */
typedef struct jf_resampler jf_resampler;
jf_status jf_resampler_new(const jf_bootstrap_basis *basis, jf_resample_kind kind, jf_resampler **out,
                           jf_error *err);
void jf_resampler_free(jf_resampler *resampler);
/* True for pairs and cluster: resamples are counts of rows, not responses. */
bool jf_resampler_counts(const jf_resampler *resampler);
/* Resample `index` of the stream of `seed`: n counts or n responses. `scratch`: n_groups (none without
 * groups). */
void jf_resampler_draw(const jf_resampler *resampler, uint64_t seed, size_t index, double *counts_or_response,
                       double *scratch);

#endif
