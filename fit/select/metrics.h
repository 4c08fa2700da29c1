/* How well predictions meet measurements: the metrics of one test part, and their statistics over parts. */
#ifndef JF_FIT_SELECT_METRICS_H
#define JF_FIT_SELECT_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include "core/error.h"

/* One list drives struct, JSON and tables. With z = g(y) the law's scale and y the raw response, sums over
 * the n rows of a test part: r2, rmse          1 - sum (z - z^)^2 / sum (z - mean z)^2, sqrt(sum (z - z^)^2 /
 * n) r2_log, rmse_log  the same of log y and log y^ bias_log          mean of log y^ - log y: above zero,
 * predictions are too high within2           share of rows with y^ between y/2 and 2y mdape, mape median and
 * mean of |y^ - y| / |y| r2_raw, rmse_raw  as r2 and rmse, of y and y^ calibration_*     least squares of
 * observed z on predicted z^ coverage          share of rows inside their interval width             median
 * of log(high) - log(low) on the raw scale (log 4: a factor 2 up and down) Means are those of the test part.
 * A prediction y^ <= 0 makes rmse_log and width infinite and r2_log minus infinity; a measurement y <= 0
 * leaves the log metrics undefined (NaN). */
#define JF_METRICS(X)                                                                                        \
    X(r2)                                                                                                    \
    X(rmse)                                                                                                  \
    X(r2_log)                                                                                                \
    X(rmse_log)                                                                                              \
    X(bias_log)                                                                                              \
    X(within2)                                                                                               \
    X(mdape) X(mape) X(r2_raw) X(rmse_raw) X(calibration_slope) X(calibration_intercept) X(coverage) X(width)
typedef struct jf_metrics {
#define X(name) double name;
    JF_METRICS(X)
#undef X
} jf_metrics;
typedef enum jf_metric {
#define X(name) JF_METRIC_##name,
    JF_METRICS(X)
#undef X
        JF_N_METRICS
} jf_metric;
extern const char *const jf_metric_names[JF_N_METRICS];

double jf_metric_get(const jf_metrics *metrics, jf_metric metric);
void jf_metric_set(jf_metrics *metrics, jf_metric metric, double value);
/* JF_EUSAGE with a suggestion. */
jf_status jf_metric_find(const char *name, jf_metric *out, jf_error *err);
/* Is a smaller value better? Errors and widths: yes; r2, within2, coverage: no. Others cannot rank
 * (jf_metric_ranks). */
bool jf_metric_smaller_is_better(jf_metric metric);
bool jf_metric_ranks(jf_metric metric);

/* n rows of each; `low` and `high` (raw scale; NULL: no intervals) may be infinite. With weights (positive;
 * NULL: all one) every sum, mean, share and median is a weighted one: whole weights count a row so often. */
typedef struct jf_scored {
    const double *observed, *predicted; /* law's scale */
    const double *raw_observed, *raw_predicted;
    const double *low, *high;
    size_t n;
    const double *weight;
} jf_scored;

/* All NaN for n = 0. R2 and calibration have no value where the rows do not differ, as a single row. */
jf_status jf_metrics_compute(const jf_scored *scored, jf_metrics *out, jf_error *err);

/* Over the metrics of n parts: median, quartiles (type 7), mean and standard deviation (n - 1). NaN values of
 * single parts are left out. */
typedef struct jf_metrics_summary {
    jf_metrics median, q25, q75, mean, sd;
} jf_metrics_summary;
jf_status jf_metrics_summarise(const jf_metrics *parts, size_t n, jf_metrics_summary *out, jf_error *err);

#endif
