/* Reading numbers gives the bits that strtod gives, for random and for hard texts. */
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/number_write.h"
#include "core/stream.h"
#include "core/text.h"
#include "tests/check.h"

static uint64_t bits_of(double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static double double_of(uint64_t bits)
{
    double value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

/* strtod is the reference: this program never leaves the C locale except where it says so. */
static void check_text(const char *text)
{
    double found, wanted = strtod(text, NULL);
    bool good = jf_number_read(text, strlen(text), &found);

    if (good == isfinite(wanted) && (!good || bits_of(found) == bits_of(wanted))) return;
    fail_msg("'%s': read %d %.17g (%016" PRIx64 "), strtod %.17g (%016" PRIx64 ")", text, good, found,
             bits_of(found), wanted, bits_of(wanted));
}

static uint64_t random_word(jf_stream *stream)
{
    uint64_t high = jf_stream_word(stream);

    return high << 32 | jf_stream_word(stream);
}

static void any_double_in_any_format_reads_as_strtod_does(void **state)
{
    static const char *const formats[] = {"%.17g", "%.16g", "%.15g", "%.6g", "%.3e",
                                          "%.18e", "%.20e", "%.40e", "%.12f"};
    jf_stream stream = jf_stream_make(JF_DEFAULT_SEED, JF_FOR_TESTS, 1);
    char text[512];
    (void)state;

    for (int i = 0; i < 200000; i++) {
        double value = double_of(random_word(&stream));
        if (!isfinite(value)) continue;
        for (size_t f = 0; f < sizeof formats / sizeof *formats; f++) {
            if (f == 8) value = fmod(value, 1e9);
            snprintf(text, sizeof text, formats[f], value);
            check_text(text);
        }
    }
}

static void random_digits_and_exponents_read_as_strtod_does(void **state)
{
    jf_stream stream = jf_stream_make(JF_DEFAULT_SEED, JF_FOR_TESTS, 2);
    char text[64];
    (void)state;

    for (int i = 0; i < 1000000; i++) {
        uint64_t digits = random_word(&stream) >> jf_stream_below(&stream, 60);
        int power = (int)jf_stream_below(&stream, 700) - 360;
        snprintf(text, sizeof text, "%" PRIu64 "e%d", digits, power);
        check_text(text);
        snprintf(text, sizeof text, "-0.%09" PRIu64 "%05" PRIu64, digits % 1000000000, digits % 100000);
        check_text(text);
    }
}

/* Midpoints between neighbouring doubles, where rounding to even decides, and texts just beside them. */
static void midpoints_round_to_even(void **state)
{
    jf_stream stream = jf_stream_make(JF_DEFAULT_SEED, JF_FOR_TESTS, 3);
    char text[64];
    (void)state;

    for (int i = 0; i < 300000; i++) {
        uint64_t odd = (random_word(&stream) >> 10) | (uint64_t)1 << 53 | 1; /* 54 bits, the last one set */
        int shift = (int)jf_stream_below(&stream, 10); /* odd << shift has up to 19 digits */
        uint64_t middle = odd << shift;
        for (int64_t step = -1; step <= 1; step++) {
            snprintf(text, sizeof text, "%" PRIu64, middle + (uint64_t)step);
            check_text(text);
            snprintf(text, sizeof text, "%" PRIu64 ".000000000000000000000%d", middle, (int)(step == 1));
            check_text(text);
        }
    }
    for (int i = 0; i < 100000; i++) { /* halves, quarters, ...: exact in decimal with few digits */
        double whole = (double)(random_word(&stream) >> 40),
               part = ldexp(1, -(int)jf_stream_below(&stream, 30));
        snprintf(text, sizeof text, "%.30f", whole + part);
        check_text(text);
    }
}

static void hard_and_odd_texts_read_as_strtod_does(void **state)
{
    static const char *const texts[] = {
        "0",
        "-0",
        "0.0",
        "-0e5",
        "0e999999999999",
        "1e-400",
        "1e-324",
        "2e-324",
        "3e-324",
        "4.9406564584124654e-324",
        "2.4703282292062327e-324",
        "2.4703282292062328e-324",
        "2.2250738585072011e-308",
        "2.2250738585072014e-308",
        "2.2250738585072012e-308",
        "2.225073858507201e-308",
        "1.7976931348623157e308",
        "1.7976931348623158e308",
        "1.797693134862315807e308",
        "1.797693134862315808e308",
        "1e308",
        "1e309",
        "9e999999999999999999",
        "9007199254740991",
        "9007199254740992",
        "9007199254740993",
        "9007199254740994",
        "9007199254740995",
        "9007199254740993.0000000000000000000000000000000001",
        "18446744073709551615",
        "18446744073709551616",
        "9999999999999999999",
        "99999999999999999999",
        "1.00000000000000011102230246251565404",
        "1.00000000000000011102230246251565405",
        "0.1",
        "0.3",
        "1e22",
        "1e23",
        "8.5e22",
        "6.0221407623e23",
        "123456789012345678",
        "1.e3",
        ".5",
        "+.5e+1",
        "5.",
        "00000000000000000000000000001",
        "0.00000000000000000000000000000000000001",
        "100000000000000000000000000000000000000000000000e-46",
        "12345678",
        "123456789.12345678",
        "1234567.89012345678",
        "1797693134862315708145274237317043567980705675258449965989174768031572607800285387605895586327668781"
        "71540458953514"
        "3824642343213268894641827684675467035375169860499105765512820762454900903893289440758685084551339423"
        "04583236903222"
        "948165808559332123347747979793e-309",
    };
    (void)state;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) check_text(texts[i]);
    for (int power = -345; power <= 310; power++) {
        char text[32];
        snprintf(text, sizeof text, "1e%d", power);
        check_text(text);
        snprintf(text, sizeof text, "9999999999999999999e%d", power - 19);
        check_text(text);
    }
}

static void what_is_no_decimal_is_refused(void **state)
{
    static const char *const texts[] = {"",         " ",
                                        "-",        "+",
                                        ".",        "e5",
                                        "1e",       "1e+",
                                        "1 2",      "1,5",
                                        "0x10",     "1e5x",
                                        "inf",      "-inf",
                                        "nan",      "NaN",
                                        "--1",      "1.2.3",
                                        "1_0",      "1f",
                                        "1d5",      "12345678a",
                                        "\xd9\xa1", "1e1.5",
                                        "1234567/", "1234567:12345678",
                                        "infinity"};
    double value;
    (void)state;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (jf_number_read(texts[i], strlen(texts[i]), &value))
            fail_msg("'%s' was read as %g", texts[i], value);
}

static void blanks_around_are_allowed_and_the_length_is_kept(void **state)
{
    double value;
    (void)state;

    assert_true(jf_number_read(" \t12.5 \r", 8, &value));
    check_close(value, 12.5, 0, "blanks");
    assert_true(jf_number_read("123456789", 3, &value));
    check_close(value, 123, 0, "three digits");
}

/* Significant digits of a decimal, without zeros at either end. */
static int count_digits(const char *text)
{
    int n = 0, pending = 0;

    for (; *text && *text != 'e'; text++) {
        if (*text < '0' || *text > '9') continue;
        pending += n > 0 || *text != '0';
        if (*text != '0') n = pending;
    }
    return n;
}

static void exact_text_reads_back_and_is_the_shortest(void **state)
{
    jf_stream stream = jf_stream_make(JF_DEFAULT_SEED, JF_FOR_TESTS, 4);
    char text[JF_NUMBER_TEXT];
    (void)state;

    for (int i = 0; i < 200000; i++) {
        double value = double_of(random_word(&stream)), back;
        int digits = 1 + (int)jf_stream_below(&stream, 17);
        char shorter[JF_NUMBER_TEXT];
        if (!isfinite(value)) continue;
        jf_number_short(shorter, value, digits); /* a number that is known to have a text of so many digits */
        value = strtod(shorter, NULL);
        if (!isfinite(value)) continue;
        jf_number_exact(text, value);
        assert_true(jf_number_read(text, strlen(text), &back));
        assert_true(bits_of(back) == bits_of(value));
        if (count_digits(text) > count_digits(shorter)) fail_msg("'%s' for '%s'", text, shorter);
    }
    assert_string_equal(jf_number_exact(text, ldexp(1, -44)), "5.684341886080802e-14"); /* as Python's repr */
    assert_string_equal(jf_number_exact(text, ldexp(1, -791)), "7.678447687145631e-239");
    assert_string_equal(jf_number_exact(text, 5e-324), "5e-324");
    assert_string_equal(jf_number_exact(text, 0.1), "0.1");
    assert_string_equal(jf_number_exact(text, -0.0), "-0");
    assert_string_equal(jf_number_exact(text, 1e300), "1e+300");
}

/* Doubles as tables have them: whole numbers, short decimals, quotients, any bits. */
static double number_like_any(jf_stream *stream, int i)
{
    static const double sizes[] = {1e-12, 1e-5, 1e-3, 1, 1e3, 1e9, 1e15, 1e16, 1e22};
    double whole = (double)(random_word(stream) >> jf_stream_below(stream, 64));

    if (i % 4 == 0) return double_of(random_word(stream));
    if (i % 4 == 1) return whole;
    if (i % 4 == 2)
        return (double)(int64_t)(random_word(stream) >> 40) / 1000 * sizes[jf_stream_below(stream, 9)];
    return whole / ((double)random_word(stream) + 1) * sizes[jf_stream_below(stream, 9)];
}

static void digits_are_those_that_printf_gives(void **state)
{
    jf_stream stream = jf_stream_make(JF_DEFAULT_SEED, JF_FOR_TESTS, 5);
    size_t n_written = 0, n_left = 0;
    (void)state;

    for (int i = 0; i < 300000; i++) {
        double value = number_like_any(&stream, i);
        int digits = 15 + (int)jf_stream_below(&stream, 3);
        char text[JF_NUMBER_TEXT], wanted[64];
        if (!isfinite(value)) continue;
        snprintf(wanted, sizeof wanted, "%.*g", digits, value);
        if (!jf_number_write(text, value, digits)) {
            n_left += fabs(value) > 1e-280 && fabs(value) < 1e280 && !strpbrk(wanted, "eE");
            continue;
        }
        n_written++;
        if (strcmp(text, wanted)) fail_msg("'%s' for '%s'", text, wanted);
    }
    assert_true(n_written > 250000);
    assert_true(n_left < 10000); /* halves of the last digit are left to the library */
}

static void the_locale_of_the_program_does_not_matter(void **state)
{
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE"};
    char text[JF_NUMBER_TEXT];
    double value;
    size_t i = 0;
    (void)state;

    while (i < 4 && !setlocale(LC_NUMERIC, names[i])) i++;
    if (i == 4) printf("SKIPPED: no locale with a decimal comma is installed\n");
    assert_true(jf_number_read("1.5", 3, &value));
    check_close(value, 1.5, 0, "1.5");
    assert_true(jf_number_read("1.50000000000000000000001", 25, &value));
    check_close(value, 1.5, 0, "1.5 with many digits");
    assert_false(jf_number_read("1,5", 3, &value));
    assert_string_equal(jf_number_exact(text, -1234.5), "-1234.5");
    assert_string_equal(jf_number_short(text, 1.0 / 3, 4), "0.3333");
    setlocale(LC_NUMERIC, "C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_double_in_any_format_reads_as_strtod_does),
        cmocka_unit_test(random_digits_and_exponents_read_as_strtod_does),
        cmocka_unit_test(midpoints_round_to_even),
        cmocka_unit_test(hard_and_odd_texts_read_as_strtod_does),
        cmocka_unit_test(what_is_no_decimal_is_refused),
        cmocka_unit_test(blanks_around_are_allowed_and_the_length_is_kept),
        cmocka_unit_test(exact_text_reads_back_and_is_the_shortest),
        cmocka_unit_test(digits_are_those_that_printf_gives),
        cmocka_unit_test(the_locale_of_the_program_does_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
