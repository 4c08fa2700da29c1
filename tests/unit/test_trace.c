/* Power traces and counters give the energy that a known curve has. */
#include "tests/check.h"

#include <math.h>
#include <string.h>
#include "data/trackers/trace.h"

static const jf_trace_options whole = {.start_s = NAN, .end_s = NAN};

/* P(t) = 100 + 2 t W sampled each 0.1 s from 0 to 10 s: 1100 J. */
static jf_trace ramp(void)
{
    jf_trace trace = {0};
    for (int i = 100; i >= 0; i--) assert_true(jf_trace_add(&trace, 0.1 * i, 100 + 0.2 * i)); /* any order */
    return trace;
}

static void a_ramp_has_the_energy_of_its_integral(void **state)
{
    (void)state;
    jf_trace trace = ramp();
    jf_trace_energy found;
    jf_error err = {0};

    check_ok(jf_trace_integrate(&trace, &whole, &found, &err), &err);
    check_close(found.energy_J, 1100, 1e-12, "energy");
    check_close(found.duration_s, 10, 1e-12, "duration");
    check_close(found.period_s, 0.1, 1e-9, "period");
    assert_int_equal(found.n_samples, 101);
    jf_trace_free(&trace);
}

static void a_window_is_cut_by_interpolation(void **state)
{
    (void)state;
    jf_trace trace = ramp();
    jf_trace_energy found;
    jf_error err = {0};
    jf_trace_options options = {.start_s = 2.03, .end_s = 7.57};

    check_ok(jf_trace_integrate(&trace, &options, &found, &err), &err);
    check_close(found.energy_J, 100 * 5.54 + (7.57 * 7.57 - 2.03 * 2.03), 1e-12, "energy in the window");
    jf_trace_free(&trace);
}

static void ends_are_filled_by_half_a_period_and_no_more(void **state)
{
    (void)state;
    jf_trace trace = ramp();
    jf_trace_energy found;
    jf_error err = {0};
    jf_trace_options options = {.start_s = -0.04, .end_s = 11};

    check_ok(jf_trace_integrate(&trace, &options, &found, &err), &err);
    check_close(found.energy_J, 1100 + 0.04 * 100 + 0.05 * 120, 1e-9, "energy");
    check_close(found.uncovered_s, 0.95, 1e-9, "uncovered");
    jf_trace_free(&trace);
}

static void failed_reads_and_repeats_are_no_power(void **state)
{
    (void)state;
    jf_trace trace = ramp();
    jf_trace_energy found;
    jf_error err = {0};

    jf_trace_add(&trace, 5.05, NAN);
    jf_trace_add(&trace, 5.0, 110);
    check_ok(jf_trace_integrate(&trace, &whole, &found, &err), &err);
    check_close(found.energy_J, 1100, 1e-9, "energy");
    assert_int_equal(found.n_dropped, 2);
    jf_trace_free(&trace);
}

static void gaps_are_measured_filled_as_asked_and_refused_when_large(void **state)
{
    (void)state;
    jf_trace trace = {0};
    jf_trace_energy found;
    jf_error err = {0};
    jf_trace_options options = whole;

    for (int i = 0; i <= 100; i++) {
        if (i <= 50 || i >= 58) jf_trace_add(&trace, 0.1 * i, i <= 50 ? 100 : 200);
    }
    check_ok(jf_trace_integrate(&trace, &options, &found, &err), &err);
    check_close(found.gap_share, 0.08, 1e-9, "share of gaps");
    check_close(found.energy_J, 500 + 0.8 * 150 + 4.2 * 200, 1e-9, "straight line");
    options.gaps = JF_GAP_HOLD;
    check_ok(jf_trace_integrate(&trace, &options, &found, &err), &err);
    check_close(found.energy_J, 500 + 0.8 * 100 + 4.2 * 200, 1e-9, "last value held");
    options.gaps = JF_GAP_DROP;
    check_ok(jf_trace_integrate(&trace, &options, &found, &err), &err);
    check_close(found.energy_J, 500 + 4.2 * 200, 1e-9, "left out");
    options.max_gap_share = 0.05;
    assert_int_equal(jf_trace_integrate(&trace, &options, &found, &err), JF_EDATA);
    assert_string_equal(
        err.message,
        "power trace: 8.0 % of the window lies in gaps longer than 0.5 s, at most 5 % is allowed");
    jf_trace_free(&trace);
}

static void a_poll_faster_than_the_sensor_shows_the_sensors_period(void **state)
{
    (void)state;
    jf_trace trace = {0};
    jf_trace_energy found;
    jf_error err = {0};

    for (int i = 0; i < 500; i++) jf_trace_add(&trace, 0.02 * i, 100 + (i / 5) % 7);
    check_ok(jf_trace_integrate(&trace, &whole, &found, &err), &err);
    check_close(found.period_s, 0.02, 1e-6, "poll");
    check_close(found.update_s, 0.1, 1e-6, "update");
    jf_trace_free(&trace);
}

static void counters_wrap_and_restart(void **state)
{
    (void)state;
    double readings[] = {1000, 5000, NAN, 9000, 500, 2500}, energy;
    size_t falls;
    jf_error err = {0};

    check_ok(jf_counter_energy(readings, 6, 1e-3, 10000, &energy, &falls, &err), &err);
    check_close(energy, 11.5, 1e-12, "wrapped at 10000");
    assert_int_equal(falls, 1);
    check_ok(jf_counter_energy(readings, 6, 1e-3, 0, &energy, &falls, &err), &err);
    check_close(energy, 10.5, 1e-12, "restarted from zero");
    assert_int_equal(jf_counter_energy(readings, 1, 1e-3, 0, &energy, &falls, &err), JF_EDATA);
}

static void a_short_run_is_too_short_for_its_sensor(void **state)
{
    (void)state;
    jf_warnings warnings = {0};

    jf_sensor_check(jf_sensor_find("NVIDIA A100-SXM4-40GB"), 100, &warnings);
    assert_int_equal(warnings.n, 1);
    assert_string_equal(warnings.items[0].code, "W_SENSOR_BLIND");
    jf_sensor_check(jf_sensor_find("Tesla T4"), 0.5, &warnings);
    assert_int_equal(warnings.n, 2);
    assert_string_equal(warnings.items[1].code, "W_SHORT_RUN");
    assert_null(jf_sensor_find("Radeon VII"));
    jf_warnings_free(&warnings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ramp_has_the_energy_of_its_integral),
        cmocka_unit_test(a_window_is_cut_by_interpolation),
        cmocka_unit_test(ends_are_filled_by_half_a_period_and_no_more),
        cmocka_unit_test(failed_reads_and_repeats_are_no_power),
        cmocka_unit_test(gaps_are_measured_filled_as_asked_and_refused_when_large),
        cmocka_unit_test(a_poll_faster_than_the_sensor_shows_the_sensors_period),
        cmocka_unit_test(counters_wrap_and_restart),
        cmocka_unit_test(a_short_run_is_too_short_for_its_sensor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
