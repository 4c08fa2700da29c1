/* Comparing laws: the same rows, the same splits, one likelihood scale; a ranking and a sentence. */
#ifndef JF_FIT_SELECT_COMPARE_H
#define JF_FIT_SELECT_COMPARE_H

#include "fit/fit.h"
#include "fit/select/plan.h"

/* Metrics of one split, of a pool, or a statistic over splits (contract section 2); NaN where undefined. One
 * list drives struct, JSON and tables. */
#define JF_METRICS(X)                                                                                        \
    X(r2)                                                                                                    \
    X(rmse) X(r2_log) X(rmse_log) X(bias_log) X(within2) X(mdape) X(mape) X(r2_raw) X(rmse_raw)              \
        X(calibration_slope) X(calibration_intercept) X(coverage) X(width)
typedef struct jf_metrics {
#define X(name) double name;
    JF_METRICS(X)
#undef X
} jf_metrics;
enum {
#define X(name) JF_METRIC_##name,
    JF_METRICS(X)
#undef X
        JF_N_METRICS
};
extern const char *const jf_metric_names[JF_N_METRICS];

typedef struct jf_split_score {
    jf_metrics metrics;
    size_t n_train, n_test;
    jf_outcome outcome;
    bool usable;
} jf_split_score;

/* A law under one plan. */
typedef struct jf_validation {
    size_t plan; /* index */
    jf_split_score *splits;
    size_t n_splits, n_usable;
    jf_metrics median, q25, q75, mean, sd; /* over usable splits */
    jf_metrics pooled;                     /* over all out-of-fold predictions */
} jf_validation;

typedef struct jf_candidate {
    jf_law *law;
    bool post_run, is_baseline;
    jf_fit *fit; /* on all rows */
    jf_validation *validations;
    size_t n_validations;
    double delta_aicc, akaike_weight;
    size_t rank; /* 1: best by the rule */
} jf_candidate;

typedef struct jf_prediction { /* one out-of-fold prediction */
    size_t row, law, plan, split;
    double observed, predicted, low, high; /* raw scale */
} jf_prediction;

typedef struct jf_compare_options {
    jf_option_list validate; /* --validate PLAN, repeatable; empty: the defaults */
    bool baselines;
    const char *criterion; /* "rmse_log" by default: median over splits, pooled for single-row parts */
    bool keep_predictions;
    jf_fit_options fit;
} jf_compare_options;

typedef struct jf_comparison {
    jf_plan **plans;
    size_t n_plans;
    jf_candidate *candidates;
    size_t n_candidates;
    jf_prediction *predictions;
    size_t n_predictions;
    size_t *rows; /* rows complete for all laws */
    size_t n_rows, n_dropped;
    size_t best; /* index into candidates */
    char *rule, *metric;
    size_t best_plan;
    double best_value;
    size_t *indistinguishable, n_indistinguishable;
    char *verdict; /* one plain sentence */
    jf_data_summary data;
    jf_warnings warnings;
    uint64_t seed;
} jf_comparison;

jf_status jf_compare_run(const jf_laws *laws, const jf_table *table, const size_t *rows, size_t n_rows,
                         const jf_groups *groups, const jf_compare_options *options, jf_comparison **out,
                         jf_error *err);
void jf_comparison_free(jf_comparison *comparison);

#endif
