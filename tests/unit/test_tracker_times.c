/* Times and numbers in trackers' texts: what is read, and what is no time. */
#include "tests/check.h"

#include <math.h>
#include <string.h>
#include "data/trackers/header.h"

static void times_are_read_as_they_are_written(void **state)
{
    static const struct {
        const char *text;
        double seconds;
    } cases[] = {
        {"1970-01-01 00:00:00", 0},
        {"2026-08-15T10:00:00", 1786788000},
        {" 2026/8/15 10:00:00.250", 1786788000.25},
        {"2026-08-15 10:00:00.123456789+00:00", 1786788000.123456789},
        {"2000-02-29 23:59:60Z", 951868800},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_close(jf_time_read(cases[i].text), cases[i].seconds, 1e-15, "%s", cases[i].text);
}

static void texts_that_are_no_times_are_none(void **state)
{
    static const char *const cases[] = {
        "",
        "2026-08-15",
        "2026-08/15 10:00:00",
        "2026-13-01 10:00:00",
        "2026-00-01 10:00:00",
        "26:10:00",
        "2026-01-32 10:00:00",
        "2026-01-01 24:00:00",
        "2026-01-01 10:60:00",
        "2026-01-01 10:00:61",
        "-926-01-01 10:00:00",
        "2026--1-01 10:00:00",
        "2026-01-01 +1:00:00",
        "2026-01-01 10:00:",
        "2026-01-01_10:00:00",
        "99999-01-01 10:00:00",
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double seconds = jf_time_read(cases[i]);
        if (!isnan(seconds)) fail_msg("'%s' is read as %.17g", cases[i], seconds);
    }
}

static void patterns_take_no_more_than_they_say(void **state)
{
    int fields[3] = {-1, -1, -1};
    const char *text = "20260815rest";

    (void)state;
    assert_ptr_equal(jf_fields_read(text, "422", fields), text + 8);
    assert_int_equal(fields[0], 2026);
    assert_int_equal(fields[1], 8);
    assert_int_equal(fields[2], 15);
    assert_null(jf_fields_read("1:", "2:2", fields));
    assert_null(jf_fields_read("a", "2", fields));
    text = " \t 7 x";
    assert_ptr_equal(jf_fields_read(text, " 9 ", fields), text + strlen(text) - 1);
    assert_int_equal(fields[0], 7);
}

static void a_number_ahead_of_words_is_read(void **state)
{
    (void)state;
    assert_true(jf_number_before("2 device(s)") == 2);
    assert_true(jf_number_before("  1.5e-3 kWh") == 1.5e-3);
    assert_true(isnan(jf_number_before("device 2")));
    assert_true(isnan(jf_number_before("")));
    assert_true(isnan(jf_number_before("1e999 kWh")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_read_as_they_are_written),
        cmocka_unit_test(texts_that_are_no_times_are_none),
        cmocka_unit_test(patterns_take_no_more_than_they_say),
        cmocka_unit_test(a_number_ahead_of_words_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
