/* Metrics at their edges: single rows, predictions below zero, infinite intervals, and their statistics. */
#include "tests/check.h"

#include <math.h>
#include <string.h>
#include "fit/select/metrics.h"

static jf_metrics compute(const double *observed, const double *predicted, const double *low,
                          const double *high, size_t n)
{
    jf_scored scored = {observed, predicted, observed, predicted, low, high, n};
    jf_metrics metrics;
    jf_error err = {0};

    check_ok(jf_metrics_compute(&scored, &metrics, &err), &err);
    return metrics;
}

static void a_single_row_has_errors_but_no_r2_and_no_row_has_nothing(void **state)
{
    double y[] = {2}, p[] = {3};
    jf_metrics metrics = compute(y, p, y, p, 1);
    (void)state;
    check_close(metrics.rmse, 1, 1e-15, "rmse");
    check_close(metrics.rmse_log, log(1.5), 1e-15, "rmse_log");
    assert_true(isnan(metrics.r2) && isnan(metrics.r2_log) && isnan(metrics.calibration_slope));
    metrics = compute(y, p, y, p, 0);
    for (jf_metric m = 0; m < JF_N_METRICS; m++) assert_true(isnan(jf_metric_get(&metrics, m)));
}

static void a_prediction_below_zero_is_infinitely_wrong_in_logs_and_finite_in_raw(void **state)
{
    double y[] = {2, 3, 4}, p[] = {2, -1, 4};
    jf_metrics metrics = compute(y, p, NULL, NULL, 3);
    (void)state;
    assert_true(metrics.rmse_log == INFINITY && metrics.r2_log == -INFINITY);
    check_close(metrics.within2, 2.0 / 3, 1e-15, "share within a factor two");
    check_close(metrics.mape, (4.0 / 3) / 3, 1e-15, "mape");
    check_close(metrics.rmse_raw, sqrt(16.0 / 3), 1e-15, "rmse_raw");
    assert_true(isnan(metrics.coverage));
}

static void a_measurement_below_zero_leaves_logs_undefined_for_every_law(void **state)
{
    double y[] = {2, -3, 4}, p[] = {2, 1, 4};
    jf_metrics metrics = compute(y, p, NULL, NULL, 3);
    (void)state;
    assert_true(isnan(metrics.rmse_log) && isnan(metrics.r2_log) && isnan(metrics.within2));
    assert_true(isfinite(metrics.rmse_raw));
}

static void exactly_a_factor_two_counts_as_within_two(void **state)
{
    double y[] = {0.3, 7, 11}, p[] = {0.6, 3.5, 23};
    (void)state;
    check_close(compute(y, p, NULL, NULL, 3).within2, 2.0 / 3, 1e-15, "share within a factor two");
}

static void infinite_intervals_cover_everything_and_are_infinitely_wide(void **state)
{
    double y[] = {2, 3, 4, 5}, low[] = {-INFINITY, -INFINITY, -INFINITY, 4};
    double high[] = {INFINITY, INFINITY, INFINITY, 6};
    jf_metrics metrics = compute(y, y, low, high, 4);
    (void)state;
    assert_true(metrics.coverage == 1 && metrics.width == INFINITY);
}

static void the_mean_as_a_law_has_no_calibration_slope(void **state)
{
    double y[] = {2, 3, 4}, p[] = {3, 3, 3 + 1e-15};
    jf_metrics metrics = compute(y, p, NULL, NULL, 3);
    (void)state;
    assert_true(isnan(metrics.calibration_slope));
    check_close(metrics.r2, 0, 1e-12, "R2 of the mean");
}

static void statistics_skip_what_is_undefined_and_keep_what_is_infinite(void **state)
{
    jf_metrics parts[5] = {{0}};
    double rmse[] = {1, 2, NAN, 4, INFINITY};
    jf_metrics_summary over;
    jf_error err = {0};
    (void)state;
    for (size_t i = 0; i < 5; i++) parts[i].rmse = rmse[i];
    check_ok(jf_metrics_summarise(parts, 5, &over, &err), &err);
    check_close(over.median.rmse, 3, 1e-15, "median of 1 2 4 inf");
    check_close(over.q25.rmse, 1.75, 1e-15, "lower quartile");
    assert_true(over.q75.rmse == INFINITY && over.mean.rmse == INFINITY && isnan(over.sd.rmse));
    check_ok(jf_metrics_summarise(parts, 2, &over, &err), &err);
    check_close(over.sd.rmse, sqrt(0.5), 1e-15, "standard deviation of 1 2");
}

static void metrics_are_found_by_name_and_misspelt_ones_get_a_suggestion(void **state)
{
    jf_metric metric;
    jf_error err = {0};
    (void)state;
    for (jf_metric m = 0; m < JF_N_METRICS; m++) {
        check_ok(jf_metric_find(jf_metric_names[m], &metric, &err), &err);
        assert_int_equal(metric, m);
    }
    assert_int_equal(jf_metric_find("rmse_lgo", &metric, &err), JF_EUSAGE);
    assert_non_null(strstr(err.message, "rmse_log"));
}

/* A row of weight 3 is the row three times; the size of the weights together means nothing. */
static void whole_weights_are_rows_so_often(void **state)
{
    enum { ROWS = 9, MOST = 40 };
    double y[ROWS] = {2, 3, 5, 7, 11, 13, 1, 4, 6}, p[ROWS] = {2.5, 2, 5.5, 6, 15, 12, 2.4, 4, 7};
    double low[ROWS], high[ROWS], weight[ROWS] = {3, 1, 4, 1, 5, 9, 2, 6, 5}, all[4][MOST];
    jf_scored weighted = {y, p, y, p, low, high, ROWS, weight},
              plain = {all[0], all[1], all[0], all[1], all[2], all[3], 0, NULL};
    jf_metrics found, wanted;
    jf_error err = {0};

    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        low[i] = p[i] * 0.8;
        high[i] = p[i] * (1.1 + 0.02 * (double)i);
        for (double k = 0; k < weight[i]; k++, plain.n++)
            for (size_t c = 0; c < 4; c++) all[c][plain.n] = ((const double *[]){y, p, low, high})[c][i];
    }
    check_ok(jf_metrics_compute(&plain, &wanted, &err), &err);
    for (int turn = 0; turn < 2; turn++) {
        check_ok(jf_metrics_compute(&weighted, &found, &err), &err);
        for (jf_metric m = 0; m < JF_N_METRICS; m++)
            check_close(jf_metric_get(&found, m), jf_metric_get(&wanted, m), 1e-12, "%s", jf_metric_names[m]);
        for (size_t i = 0; i < ROWS; i++) weight[i] *= 1e-7;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_single_row_has_errors_but_no_r2_and_no_row_has_nothing),
        cmocka_unit_test(a_prediction_below_zero_is_infinitely_wrong_in_logs_and_finite_in_raw),
        cmocka_unit_test(a_measurement_below_zero_leaves_logs_undefined_for_every_law),
        cmocka_unit_test(exactly_a_factor_two_counts_as_within_two),
        cmocka_unit_test(infinite_intervals_cover_everything_and_are_infinitely_wide),
        cmocka_unit_test(whole_weights_are_rows_so_often),
        cmocka_unit_test(the_mean_as_a_law_has_no_calibration_slope),
        cmocka_unit_test(statistics_skip_what_is_undefined_and_keep_what_is_infinite),
        cmocka_unit_test(metrics_are_found_by_name_and_misspelt_ones_get_a_suggestion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
