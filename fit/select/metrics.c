/* Computes the metrics of a test part and their statistics over parts. */
#include "fit/select/metrics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/summary.h"
#include "core/text.h"

const char *const jf_metric_names[JF_N_METRICS] = {
#define X(name) #name,
    JF_METRICS(X)
#undef X
};

/* By metric: 1 smaller is better, -1 larger is better, 0 it cannot rank laws. */
static const signed char directions[JF_N_METRICS] = {
    [JF_METRIC_r2] = -1,      [JF_METRIC_rmse] = 1,  [JF_METRIC_r2_log] = -1, [JF_METRIC_rmse_log] = 1,
    [JF_METRIC_within2] = -1, [JF_METRIC_mdape] = 1, [JF_METRIC_mape] = 1,    [JF_METRIC_r2_raw] = -1,
    [JF_METRIC_rmse_raw] = 1, [JF_METRIC_width] = 1,
};

/* The fields of jf_metrics are doubles in the order of jf_metric. */
_Static_assert(sizeof(jf_metrics) == JF_N_METRICS * sizeof(double), "jf_metrics is an array of its metrics");

double jf_metric_get(const jf_metrics *metrics, jf_metric metric)
{
    return ((const double *)metrics)[metric];
}

void jf_metric_set(jf_metrics *metrics, jf_metric metric, double value)
{
    ((double *)metrics)[metric] = value;
}

jf_status jf_metric_find(const char *name, jf_metric *out, jf_error *err)
{
    char hint[96];

    for (jf_metric m = 0; m < JF_N_METRICS; m++)
        if (strcmp(jf_metric_names[m], name) == 0) {
            *out = m;
            return JF_OK;
        }
    return jf_fail(err, JF_EUSAGE, "unknown metric '%s'%s", name,
                   jf_did_you_mean(hint, sizeof hint, name, jf_metric_names, JF_N_METRICS));
}

bool jf_metric_smaller_is_better(jf_metric metric)
{
    return directions[metric] > 0;
}

bool jf_metric_ranks(jf_metric metric)
{
    return directions[metric] != 0;
}

static double weight_of(const jf_scored *s, size_t i)
{
    return s->weight ? s->weight[i] : 1;
}

static double total_weight(const jf_scored *s)
{
    double total = 0;

    for (size_t i = 0; i < s->n; i++) total += weight_of(s, i);
    return total;
}

static double weighted_mean(const jf_scored *s, const double *values)
{
    double sum = 0;

    if (!s->weight) return jf_mean(values, s->n);
    for (size_t i = 0; i < s->n; i++) sum += s->weight[i] * values[i];
    return sum / total_weight(s);
}

/* A value and how often it counts. */
typedef struct counted {
    double value, weight;
} counted;

static int by_value(const void *a, const void *b)
{
    const counted *x = a, *y = b;

    return (x->value > y->value) - (x->value < y->value);
}

/* The value that half of the weight lies below; between two, their middle. May sort
 * `values`. NaN when memory ran out. */
static double weighted_median(const jf_scored *s, double *values)
{
    counted *all;
    double half = total_weight(s) / 2, below = 0, median = NAN;

    if (!s->weight) {
        jf_sort(values, s->n);
        return jf_quantile(values, s->n, 0.5);
    }
    all = JF_NEW_ARRAY(counted, s->n);
    for (size_t i = 0; all && i < s->n; i++) all[i] = (counted){values[i], s->weight[i]};
    if (all) qsort(all, s->n, sizeof *all, by_value);
    for (size_t i = 0; all && i < s->n && isnan(median); i++) {
        below += all[i].weight;
        if (fabs(below - half) <= 1e-12 * half && i + 1 < s->n)
            median = (all[i].value + all[i + 1].value) / 2;
        else if (below > half)
            median = all[i].value;
    }
    jf_free(all);
    return median;
}

static void squares(const jf_scored *s, const double *observed, const double *predicted, double *r2,
                    double *rmse)
{
    double mean = weighted_mean(s, observed), rest = 0, total = 0;

    for (size_t i = 0; i < s->n; i++) {
        rest += weight_of(s, i) * (observed[i] - predicted[i]) * (observed[i] - predicted[i]);
        total += weight_of(s, i) * (observed[i] - mean) * (observed[i] - mean);
    }
    *rmse = sqrt(rest / total_weight(s));
    *r2 = total > 0 ? 1 - rest / total : NAN;
}

static void calibrate(const jf_scored *s, jf_metrics *out)
{
    double mean_x = weighted_mean(s, s->predicted), mean_y = weighted_mean(s, s->observed), sxx = 0, sxy = 0;

    out->calibration_slope = out->calibration_intercept = NAN;
    for (size_t i = 0; i < s->n; i++) {
        sxx += weight_of(s, i) * (s->predicted[i] - mean_x) * (s->predicted[i] - mean_x);
        sxy += weight_of(s, i) * (s->predicted[i] - mean_x) * (s->observed[i] - mean_y);
    }
    /* predictions that differ by rounding only (the mean as a law) have no slope */
    if (sxx <= 1e-24 * total_weight(s) * mean_x * mean_x || sxx == 0) return;
    out->calibration_slope = sxy / sxx;
    out->calibration_intercept = mean_y - out->calibration_slope * mean_x;
}

/* `work`: 2n. */
static void relative_errors(const jf_scored *s, double *work, jf_metrics *out)
{
    for (size_t i = 0; i < s->n; i++)
        work[i] = fabs(s->raw_predicted[i] - s->raw_observed[i]) / fabs(s->raw_observed[i]);
    out->mape = weighted_mean(s, work);
    out->mdape = isnan(out->mape) ? NAN : weighted_median(s, work);
}

/* `work`: 2n. */
static void log_errors(const jf_scored *s, double *work, jf_metrics *out)
{
    double *observed = work, *predicted = work + s->n, bias = 0, within = 0;
    bool positive = true;

    out->r2_log = out->rmse_log = out->bias_log = out->within2 = NAN;
    for (size_t i = 0; i < s->n; i++) {
        if (!(s->raw_observed[i] > 0)) return;
        positive &= s->raw_predicted[i] > 0;
        observed[i] = log(s->raw_observed[i]);
        predicted[i] = s->raw_predicted[i] > 0 ? log(s->raw_predicted[i]) : -INFINITY;
        bias += weight_of(s, i) * (predicted[i] - observed[i]);
        within += weight_of(s, i) * (fabs(predicted[i] - observed[i]) <= log(2) * (1 + 1e-15));
    }
    out->within2 = within / total_weight(s);
    out->rmse_log = INFINITY;
    out->r2_log = -INFINITY;
    if (!positive) return;
    squares(s, observed, predicted, &out->r2_log, &out->rmse_log);
    out->bias_log = bias / total_weight(s);
}

/* `work`: 2n. */
static void intervals(const jf_scored *s, double *work, jf_metrics *out)
{
    double inside = 0;

    out->coverage = out->width = NAN;
    if (!s->low || !s->high) return;
    for (size_t i = 0; i < s->n; i++) {
        if (isnan(s->low[i]) || isnan(s->high[i])) return;
        inside += weight_of(s, i) * (s->raw_observed[i] >= s->low[i] && s->raw_observed[i] <= s->high[i]);
        work[i] = s->low[i] > 0 ? log(s->high[i]) - log(s->low[i]) : INFINITY;
    }
    out->coverage = inside / total_weight(s);
    /* between two infinities there is nothing to interpolate */
    out->width = weighted_median(s, work);
}

jf_status jf_metrics_compute(const jf_scored *scored, jf_metrics *out, jf_error *err)
{
    double *work;

    for (jf_metric m = 0; m < JF_N_METRICS; m++) jf_metric_set(out, m, NAN);
    if (scored->n == 0) return JF_OK;
    work = JF_NEW_ARRAY(double, 2 * scored->n);
    if (!work) return jf_fail(err, JF_ENOMEM, "out of memory for metrics");
    squares(scored, scored->observed, scored->predicted, &out->r2, &out->rmse);
    squares(scored, scored->raw_observed, scored->raw_predicted, &out->r2_raw, &out->rmse_raw);
    calibrate(scored, out);
    relative_errors(scored, work, out);
    log_errors(scored, work, out);
    intervals(scored, work, out);
    jf_free(work);
    return JF_OK;
}

static void summarise_one(double *values, size_t n, jf_metric metric, jf_metrics_summary *out)
{
    double mean = jf_mean(values, n), sum = 0;

    for (size_t i = 0; i < n; i++) sum += (values[i] - mean) * (values[i] - mean);
    jf_sort(values, n);
    jf_metric_set(&out->mean, metric, mean);
    jf_metric_set(&out->sd, metric, n > 1 && isfinite(mean) ? sqrt(sum / (double)(n - 1)) : NAN);
    jf_metric_set(&out->median, metric, jf_quantile(values, n, 0.5));
    jf_metric_set(&out->q25, metric, jf_quantile(values, n, 0.25));
    jf_metric_set(&out->q75, metric, jf_quantile(values, n, 0.75));
}

jf_status jf_metrics_summarise(const jf_metrics *parts, size_t n, jf_metrics_summary *out, jf_error *err)
{
    double *values = JF_NEW_ARRAY(double, n + 1);

    if (!values) return jf_fail(err, JF_ENOMEM, "out of memory for metrics");
    for (jf_metric m = 0; m < JF_N_METRICS; m++) {
        size_t kept = 0;
        for (size_t i = 0; i < n; i++) {
            double value = jf_metric_get(&parts[i], m);
            if (!isnan(value)) values[kept++] = value;
        }
        summarise_one(values, kept, m, out);
    }
    jf_free(values);
    return JF_OK;
}
