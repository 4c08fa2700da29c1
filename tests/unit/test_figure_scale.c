/* Axis tics: readable, apart from one another, and true. */
#include "tests/check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/stream.h"
#include "plots/lettering.h"
#include "plots/scale.h"

/* "−2×10⁻³", "10⁶" or "0.05" back to a number. */
static double read_label(const char *label)
{
    static const char *const raised[] = {"\xe2\x81\xb0", "\xc2\xb9",     "\xc2\xb2",     "\xc2\xb3",
                                         "\xe2\x81\xb4", "\xe2\x81\xb5", "\xe2\x81\xb6", "\xe2\x81\xb7",
                                         "\xe2\x81\xb8", "\xe2\x81\xb9", "\xe2\x81\xbb"};
    char plain[64] = "";
    size_t n = 0;
    bool in_power = false;

    for (const char *at = label; *at;) {
        size_t digit = 0;
        while (digit < 11 && strncmp(at, raised[digit], strlen(raised[digit])) != 0) digit++;
        if (digit < 11) { /* 10^n becomes 1en */
            if (!in_power) memcpy(plain + (n -= 1), "e", 1), n++;
            in_power = true;
            plain[n++] = digit == 10 ? '-' : (char)('0' + digit);
            at += strlen(raised[digit]);
        } else if (strncmp(at, "\xe2\x88\x92", 3) == 0) {
            plain[n++] = '-';
            at += 3;
        } else if (strncmp(at, "\xc3\x97", 2) == 0) { /* m×10^n becomes m e n: drop "×1" */
            at += 3;
            plain[n++] = '0'; /* taken back by the power */
            at += 1;
        } else {
            plain[n++] = *at++;
        }
    }
    plain[n] = '\0';
    return strtod(plain, NULL);
}

static void check_scale(const jf_scale *scale, const jf_scale_room *room)
{
    double end = -1e300;
    size_t n_labels = 0;

    for (size_t i = 0; i < scale->n_tics; i++) {
        const jf_tic *tic = &scale->tics[i];
        double slack = scale->log ? 1e-6 * tic->at : 1e-6 * (scale->high - scale->low);
        double share = scale->log ? log(tic->at / scale->low) / log(scale->high / scale->low)
                                  : (tic->at - scale->low) / (scale->high - scale->low);
        double half = room->horizontal ? jf_lettering_width(tic->label, room->size_pt) / 2
                                       : room->size_pt * 25.4 / 72 / 2;
        assert_true(tic->at >= scale->low - slack && tic->at <= scale->high + slack);
        if (!tic->label[0]) continue;
        n_labels++;
        if (!(share * room->length_mm - half > end))
            fprintf(stderr, "%g..%g log %d in %g mm at %s\n", scale->low, scale->high, scale->log,
                    room->length_mm, tic->label);
        assert_true(share * room->length_mm - half > end);
        end = share * room->length_mm + half;
        check_close(read_label(tic->label) + scale->high - scale->low, tic->at + scale->high - scale->low,
                    1e-9, "label '%s' of %g..%g", tic->label, scale->low, scale->high);
    }
    if (n_labels < 2)
        fprintf(stderr, "%zu labels on %g..%g log %d\n", n_labels, scale->low, scale->high, scale->log);
    assert_true(n_labels >= 2);
}

static void random_axes_have_true_labels_that_keep_apart(void **state)
{
    jf_stream stream = jf_stream_make(1, JF_FOR_TESTS, 0);

    (void)state;
    for (int i = 0; i < 4000; i++) {
        jf_scale_room room = {30 + 100 * jf_stream_uniform(&stream), 7, i % 2 == 0};
        bool is_log = i % 4 < 2;
        double low = pow(10, 40 * jf_stream_uniform(&stream) - 20), high;
        jf_scale scale;
        if (is_log) {
            high = low * pow(10, 0.01 + 20 * pow(jf_stream_uniform(&stream), 3));
        } else {
            double size = low * pow(10, 6 * jf_stream_uniform(&stream) - 3);
            low = i % 3 == 0 ? -low : low;
            high = low + size;
        }
        jf_scale_build(&scale, is_log, low, high, &room);
        check_scale(&scale, &room);
    }
}

static void long_log_axes_are_labelled_at_powers_of_ten_only(void **state)
{
    jf_scale_room room = {60, 7, true};
    jf_scale scale;

    (void)state;
    jf_scale_build(&scale, true, 2e2, 3e8, &room);
    for (size_t i = 0; i < scale.n_tics; i++) {
        double power = log10(scale.tics[i].at);
        if (scale.tics[i].label[0]) check_close(power, round(power), 1e-12, "%s", scale.tics[i].label);
    }
    assert_string_equal(scale.tics[7].label, "");
    assert_string_equal(scale.tics[8].label, "10\xc2\xb3");
    check_close(scale.tics[8].at, 1e3, 1e-12, "first power");
}

static void short_ranges_have_plain_numbers(void **state)
{
    jf_scale_room room = {60, 7, true};
    jf_scale scale;

    (void)state;
    jf_scale_build(&scale, true, 0.9, 11, &room);
    assert_string_equal(scale.tics[1].label, "1");
    assert_string_equal(scale.tics[2].label, "2");
    jf_scale_build(&scale, false, -0.31, 0.32, &room);
    assert_string_equal(scale.tics[0].label, "\xe2\x88\x92"
                                             "0.3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_axes_have_true_labels_that_keep_apart),
        cmocka_unit_test(long_log_axes_are_labelled_at_powers_of_ten_only),
        cmocka_unit_test(short_ranges_have_plain_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
