/* Numbers in reports: rounded to what their errors allow, in any locale. */
#include "tests/check.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/stream.h"
#include "reports/number.h"

static void estimates_end_where_their_errors_second_digit_stands(void **state)
{
    static const struct {
        double value, error;
        const char *shown, *error_shown;
    } cases[] = {{1.23456, 0.0789, "1.235", "0.079"},
                 {-1.5649, 3.61, "-1.6", "3.6"},
                 {123456, 789, "123460", "790"},
                 {-763320, 2.1e6, "-800000", "2.1e6"},
                 {1.2345678e9, 1.2e6, "1.2346e9", "1.2e6"},
                 {0.00001234, 0.0000005, "1.234e-5", "5.0e-7"},
                 {0.35, NAN, "0.3500", "-"},
                 {2, 0, "2.000", "0.0"},
                 {-0.001, 1.5, "0.0", "1.5"},
                 {NAN, 1, "-", "1.0"}};
    char buffer[JF_NUMBER_TEXT];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_string_equal(jf_show_estimate(buffer, cases[i].value, cases[i].error, 4), cases[i].shown);
        assert_string_equal(jf_show_error(buffer, cases[i].error), cases[i].error_shown);
    }
}

static void rounding_loses_less_than_a_tenth_of_the_error(void **state)
{
    jf_stream stream = jf_stream_make(3, JF_FOR_TESTS, 0);
    char buffer[JF_NUMBER_TEXT];

    (void)state;
    for (int i = 0; i < 20000; i++) {
        double error = pow(10, 24 * jf_stream_uniform(&stream) - 12);
        double value = jf_stream_normal(&stream) * error * pow(10, 6 * jf_stream_uniform(&stream));
        const char *shown = jf_show_estimate(buffer, value, error, 4);
        if (!(fabs(strtod(shown, NULL) - value) <= 0.0501 * error))
            fprintf(stderr, "%.17g +- %.17g shown as %s\n", value, error, shown);
        assert_true(fabs(strtod(shown, NULL) - value) <= 0.0501 * error);
        assert_true(strlen(shown) < JF_NUMBER_TEXT);
    }
}

static void p_values_never_read_as_zero(void **state)
{
    char buffer[JF_NUMBER_TEXT];

    (void)state;
    assert_string_equal(jf_show_p(buffer, 0), "<1e-16");
    assert_string_equal(jf_show_p(buffer, 3.4e-9), "3e-9");
    assert_string_equal(jf_show_p(buffer, 0.0421), "0.042");
    assert_string_equal(jf_show_p(buffer, NAN), "-");
    for (double p = 1; p > 1e-20; p /= 1.7)
        assert_true(strtod(jf_show_p(buffer, p), NULL) > 0 || buffer[0] == '<');
}

static void a_decimal_comma_in_the_locale_changes_nothing(void **state)
{
    char buffer[JF_NUMBER_TEXT];

    (void)state;
    if (!setlocale(LC_ALL, "de_DE.UTF-8")) {
        printf("SKIPPED: a_decimal_comma_in_the_locale_changes_nothing needs the locale de_DE.UTF-8\n");
        return;
    }
    assert_string_equal(jf_show_number(buffer, 1.5, 4), "1.500");
    assert_string_equal(jf_show_percent(buffer, 0.0123), "1.2 %");
    setlocale(LC_ALL, "C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(estimates_end_where_their_errors_second_digit_stands),
        cmocka_unit_test(rounding_loses_less_than_a_tenth_of_the_error),
        cmocka_unit_test(p_values_never_read_as_zero),
        cmocka_unit_test(a_decimal_comma_in_the_locale_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
