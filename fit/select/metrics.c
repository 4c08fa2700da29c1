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

static void squares(const double *observed, const double *predicted, size_t n, double *r2, double *rmse)
{
    double mean = jf_mean(observed, n), rest = 0, total = 0;

    for (size_t i = 0; i < n; i++) {
        rest += (observed[i] - predicted[i]) * (observed[i] - predicted[i]);
        total += (observed[i] - mean) * (observed[i] - mean);
    }
    *rmse = sqrt(rest / (double)n);
    *r2 = total > 0 ? 1 - rest / total : NAN;
}

static void calibrate(const jf_scored *s, jf_metrics *out)
{
    double mean_x = jf_mean(s->predicted, s->n), mean_y = jf_mean(s->observed, s->n), sxx = 0, sxy = 0;

    out->calibration_slope = out->calibration_intercept = NAN;
    for (size_t i = 0; i < s->n; i++) {
        sxx += (s->predicted[i] - mean_x) * (s->predicted[i] - mean_x);
        sxy += (s->predicted[i] - mean_x) * (s->observed[i] - mean_y);
    }
    /* predictions that differ by rounding only (the mean as a law) have no slope */
    if (sxx <= 1e-24 * (double)s->n * mean_x * mean_x || sxx == 0) return;
    out->calibration_slope = sxy / sxx;
    out->calibration_intercept = mean_y - out->calibration_slope * mean_x;
}

/* `work`: 2n. */
static void relative_errors(const jf_scored *s, double *work, jf_metrics *out)
{
    for (size_t i = 0; i < s->n; i++)
        work[i] = fabs(s->raw_predicted[i] - s->raw_observed[i]) / fabs(s->raw_observed[i]);
    out->mape = jf_mean(work, s->n);
    if (isnan(out->mape)) {
        out->mdape = NAN;
        return;
    }
    jf_sort(work, s->n);
    out->mdape = jf_quantile(work, s->n, 0.5);
}

/* `work`: 2n. */
static void log_errors(const jf_scored *s, double *work, jf_metrics *out)
{
    double *observed = work, *predicted = work + s->n, bias = 0;
    size_t within = 0;
    bool positive = true;

    out->r2_log = out->rmse_log = out->bias_log = out->within2 = NAN;
    for (size_t i = 0; i < s->n; i++) {
        if (!(s->raw_observed[i] > 0)) return;
        positive &= s->raw_predicted[i] > 0;
        observed[i] = log(s->raw_observed[i]);
        predicted[i] = s->raw_predicted[i] > 0 ? log(s->raw_predicted[i]) : -INFINITY;
        bias += predicted[i] - observed[i];
        within += fabs(predicted[i] - observed[i]) <= log(2) * (1 + 1e-15);
    }
    out->within2 = (double)within / (double)s->n;
    out->rmse_log = INFINITY;
    out->r2_log = -INFINITY;
    if (!positive) return;
    squares(observed, predicted, s->n, &out->r2_log, &out->rmse_log);
    out->bias_log = bias / (double)s->n;
}

/* `work`: 2n. */
static void intervals(const jf_scored *s, double *work, jf_metrics *out)
{
    size_t inside = 0;

    out->coverage = out->width = NAN;
    if (!s->low || !s->high) return;
    for (size_t i = 0; i < s->n; i++) {
        if (isnan(s->low[i]) || isnan(s->high[i])) return;
        inside += s->raw_observed[i] >= s->low[i] && s->raw_observed[i] <= s->high[i];
        work[i] = s->low[i] > 0 ? log(s->high[i]) - log(s->low[i]) : INFINITY;
    }
    jf_sort(work, s->n);
    out->coverage = (double)inside / (double)s->n;
    /* between two infinities there is nothing to interpolate */
    out->width = jf_quantile(work, s->n, 0.5);
}

jf_status jf_metrics_compute(const jf_scored *scored, jf_metrics *out, jf_error *err)
{
    double *work;

    for (jf_metric m = 0; m < JF_N_METRICS; m++) jf_metric_set(out, m, NAN);
    if (scored->n == 0) return JF_OK;
    work = JF_NEW_ARRAY(double, 2 * scored->n);
    if (!work) return jf_fail(err, JF_ENOMEM, "out of memory for metrics");
    squares(scored->observed, scored->predicted, scored->n, &out->r2, &out->rmse);
    squares(scored->raw_observed, scored->raw_predicted, scored->n, &out->r2_raw, &out->rmse_raw);
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
