/* Digits of doubles: the mantissa times a power of five in 128 bits, rounded to 15, 16 or 17 digits. */
#include "core/number_write.h"

#include <math.h>
#include <stdint.h>
#include <string.h>
#include "core/number_powers.h"

__extension__ typedef unsigned __int128 wide;

enum { MOST_DIGITS = 17 };
static const uint64_t tens[] = {1, 10, 100, 1000, 10000};
static const uint64_t least_of_17 = 10000000000000000u;

/* value = (whole + part/2^shift) * 10^(exponent - 16), whole of 17 digits; good to a few units of part. */
typedef struct scaled {
    uint64_t whole;
    wide part;
    int shift, exponent;
} scaled;

static int floor_log2_of_five(int power)
{
    return (int)((152170 * (int64_t)power) >> 16);
}

static scaled scale(double value, int exponent)
{
    int binary, power = MOST_DIGITS - 1 - exponent;
    uint64_t mantissa = (uint64_t)ldexp(frexp(value, &binary), 64);
    const uint64_t *five = jf_powers_of_five[power - JF_SMALLEST_POWER];
    wide product = (wide)mantissa * five[0] + ((wide)mantissa * five[1] >> 64);
    int shift = -(binary - 64 + power + floor_log2_of_five(power) - 63);

    return (scaled){(uint64_t)(product >> shift), product & (((wide)1 << shift) - 1), shift, exponent};
}

/* Rounds to `digits`; false where the value is so near half way that the last bits would decide. */
static bool round_to(const scaled *in, int digits, uint64_t *out)
{
    uint64_t unit = tens[MOST_DIGITS - digits], rest = in->whole % unit;
    wide margin = 16, half = unit > 1 ? (wide)(unit / 2) << in->shift : (wide)1 << (in->shift - 1);
    wide left = ((wide)rest << in->shift) + in->part;

    if (left + margin > half && left < half + margin) return false;
    *out = in->whole / unit + (left > half);
    return true;
}

static char *write_exponent(char *to, int exponent)
{
    *to++ = 'e';
    *to++ = exponent < 0 ? '-' : '+';
    if (exponent < 0) exponent = -exponent;
    if (exponent >= 100) *to++ = (char)('0' + exponent / 100);
    *to++ = (char)('0' + exponent / 10 % 10);
    *to++ = (char)('0' + exponent % 10);
    return to;
}

/* The first `n` of the digits as %g lays them out, where it was asked for `asked` digits. */
static char *lay_out(char *to, const char *digits, int n, int asked, int exponent)
{
    bool scientific = exponent < -4 || exponent >= asked;
    int whole = scientific ? 1 : exponent + 1; /* digits in front of the point */

    if (whole <= 0) {
        *to++ = '0';
        *to++ = '.';
        for (; whole < 0; whole++) *to++ = '0';
        memcpy(to, digits, (size_t)n);
        return to + n;
    }
    for (int i = 0; i < whole; i++) *to++ = i < n ? digits[i] : '0';
    if (n > whole) {
        *to++ = '.';
        memcpy(to, digits + whole, (size_t)(n - whole));
        to += n - whole;
    }
    return scientific ? write_exponent(to, exponent) : to;
}

bool jf_number_write(char *buffer, double value, int digits)
{
    double size = fabs(value);
    char text[MOST_DIGITS + 1];
    scaled in;
    uint64_t rounded;
    int n = digits, binary;

    if (!(size >= 1e-280 && size <= 1e280)) return false;
    frexp(size, &binary);
    in = scale(size, ((binary - 1) * 78913) >> 18); /* log10(2) in 18 bits: right, or one too small */
    if (in.whole >= 10 * least_of_17) in = scale(size, in.exponent + 1);
    if (!round_to(&in, digits, &rounded)) return false;
    if (rounded == least_of_17 * 10 / tens[MOST_DIGITS - digits]) { /* 99.96 became 100.0 */
        rounded /= 10;
        in.exponent++;
    }
    for (int i = digits; i-- > 0; rounded /= 10) text[i] = (char)('0' + rounded % 10);
    while (n > 1 && text[n - 1] == '0') n--;
    if (value < 0) *buffer++ = '-';
    *lay_out(buffer, text, n, digits, in.exponent) = '\0';
    return true;
}
