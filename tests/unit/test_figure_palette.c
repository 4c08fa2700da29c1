/* The palette: colours that stay apart in grey and for colour-blind eyes. */
#include "tests/check.h"

#include <math.h>
#include <stdio.h>
#include "plots/gnuplot.h"

typedef struct lab {
    double l, a, b;
} lab;

static double linear(unsigned channel)
{
    double value = channel / 255.0;
    return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4);
}

static double bent(double t)
{
    return t > 216.0 / 24389 ? cbrt(t) : (24389.0 / 27 * t + 16) / 116;
}

/* CIE L*a*b* (D65) of linear sRGB. */
static lab lab_of(const double *rgb)
{
    double x = (0.4124564 * rgb[0] + 0.3575761 * rgb[1] + 0.1804375 * rgb[2]) / 0.95047;
    double y = 0.2126729 * rgb[0] + 0.7151522 * rgb[1] + 0.0721750 * rgb[2];
    double z = (0.0193339 * rgb[0] + 0.1191920 * rgb[1] + 0.9503041 * rgb[2]) / 1.08883;
    return (lab){116 * bent(y) - 16, 500 * (bent(x) - bent(y)), 200 * (bent(y) - bent(z))};
}

/* Machado, Oliveira and Fernandes 2009, severity 1, on linear sRGB. */
static const double eyes[4][3][3] = {
    {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
    {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
    {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
    {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}}};

static lab seen(unsigned colour, size_t eye)
{
    double rgb[3] = {linear(colour >> 16), linear(colour >> 8 & 0xff), linear(colour & 0xff)}, out[3];

    for (int i = 0; i < 3; i++) {
        out[i] = 0;
        for (int k = 0; k < 3; k++) out[i] += eyes[eye][i][k] * rgb[k];
        out[i] = fmin(fmax(out[i], 0), 1);
    }
    return lab_of(out);
}

static void the_first_colours_differ_in_grey(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++)
        for (int k = 0; k < i; k++) {
            double apart = fabs(seen(jf_palette[i], 0).l - seen(jf_palette[k], 0).l);
            if (apart < 18) fprintf(stderr, "colours %d and %d: %.1f apart in lightness\n", i, k, apart);
            assert_true(apart >= 18);
        }
}

static void all_colours_differ_for_every_eye(void **state)
{
    (void)state;
    for (size_t eye = 0; eye < 4; eye++)
        for (int i = 0; i < JF_N_COLOURS; i++)
            for (int k = 0; k < i; k++) {
                lab one = seen(jf_palette[i], eye), two = seen(jf_palette[k], eye);
                double apart = hypot(hypot(one.l - two.l, one.a - two.a), one.b - two.b);
                if (apart < 14) fprintf(stderr, "eye %zu, colours %d and %d: %.1f apart\n", eye, i, k, apart);
                assert_true(apart >= 14);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_colours_differ_in_grey),
        cmocka_unit_test(all_colours_differ_for_every_eye),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
