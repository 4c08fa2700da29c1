/* Text to number, correctly rounded, whatever the locale: exact doubles where they do, then the algorithm of
 * Eisel and Lemire (Lemire, "Number parsing at a gigabyte per second", Software: Practice and Experience 51,
 * 2021), and strtod in the C locale for the few texts of more than 19 digits. */
#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "core/memory.h"
#include "core/number_powers.h"
#include "core/text.h"

__extension__ typedef unsigned __int128 wide;

/* ---- taking the text apart ---- */

/* A decimal: (-1)^negative * digits * 10^power. */
typedef struct decimal {
    bool negative;
    uint64_t digits;
    int n_digits;  /* significant ones, leading zeros not counted */
    int64_t power; /* saturated far outside the range of doubles */
} decimal;

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static uint64_t load_8(const char *at)
{
    uint64_t bytes;

    memcpy(&bytes, at, 8);
    return bytes;
}

/* Are these eight bytes all digits? (Holds for either byte order.) */
static bool are_digits(uint64_t bytes)
{
    return ((bytes & 0xf0f0f0f0f0f0f0f0u) | (((bytes + 0x0606060606060606u) & 0xf0f0f0f0f0f0f0f0u) >> 4)) ==
           0x3333333333333333u;
}

/* Value of eight digits, the first in the lowest byte. */
static uint64_t value_of_8(uint64_t bytes)
{
    bytes -= 0x3030303030303030u;
    bytes = bytes * 10 + (bytes >> 8);
    return ((bytes & 0x000000ff000000ffu) * 0x000f424000000064u +
            (bytes >> 16 & 0x000000ff000000ffu) * 0x0000271000000001u) >>
           32;
}

/* Reads digits from `at` on into `out`; more than 19 significant ones are counted and overflow harmlessly. */
static const char *read_digits(const char *at, const char *end, decimal *out)
{
    uint64_t digits = out->digits;
    const char *first;

    while (!out->n_digits && at < end && *at == '0') at++;
    first = at;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    for (; end - at >= 8 && are_digits(load_8(at)); at += 8)
        digits = digits * 100000000 + value_of_8(load_8(at));
#endif
    for (; at < end && is_digit(*at); at++) digits = digits * 10 + (uint64_t)(*at - '0');
    out->digits = digits;
    out->n_digits += (int)(at - first);
    return at;
}

/* Reads "e-12" at `at`; NULL when there are no digits. */
static const char *read_exponent(const char *at, const char *end, int64_t *power)
{
    bool negative = false;
    int64_t value = 0;

    if (at < end && (*at == '+' || *at == '-')) negative = *at++ == '-';
    if (at == end || !is_digit(*at)) return NULL;
    for (; at < end && is_digit(*at); at++)
        if (value < 1000000000) value = value * 10 + (*at - '0');
    *power += negative ? -value : value;
    return at;
}

/* sign? digits? .digits? (e sign? digits)? with a digit in front of the exponent, and nothing else. */
static bool read_decimal(const char *at, const char *end, decimal *out)
{
    const char *start, *point;
    ptrdiff_t n_seen;

    *out = (decimal){0};
    if (at < end && (*at == '+' || *at == '-')) out->negative = *at++ == '-';
    start = at;
    at = read_digits(at, end, out);
    n_seen = at - start;
    if (at < end && *at == '.') {
        point = at + 1;
        at = read_digits(point, end, out);
        out->power = point - at;
        n_seen += at - point;
    }
    if (n_seen == 0) return false;
    if (at < end && (*at == 'e' || *at == 'E')) at = read_exponent(at + 1, end, &out->power);
    return at == end;
}

/* ---- rounding ---- */

static double from_bits(uint64_t mantissa, int64_t exponent, bool negative)
{
    uint64_t bits = mantissa | (uint64_t)exponent << 52 | (uint64_t)negative << 63;
    double value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

/* digits * 10^power for up to 19 digits, rounded to nearest, ties to even. The top 64 bits of digits *
 * 5^power hold the mantissa and enough more to round; the second half of the power is needed only where they
 * are all ones. */
static double round_decimal(const decimal *in)
{
    const uint64_t *five;
    uint64_t digits = in->digits, high, low, mantissa;
    int64_t zeros, upper, exponent, power = in->power;
    wide product;

    if (digits == 0 || power < JF_SMALLEST_POWER) return from_bits(0, 0, in->negative);
    if (power > JF_LARGEST_POWER) return from_bits(0, 0x7ff, in->negative);
    zeros = __builtin_clzll(digits);
    digits <<= zeros;
    five = jf_powers_of_five[power - JF_SMALLEST_POWER];
    product = (wide)digits * five[0];
    if (((uint64_t)(product >> 64) & 0x1ff) == 0x1ff) product += (wide)digits * five[1] >> 64;
    high = (uint64_t)(product >> 64);
    low = (uint64_t)product;
    upper = (int64_t)(high >> 63);
    mantissa = high >> (upper + 9); /* 54 bits: the mantissa and one to round with */
    exponent = (((152170 + 65536) * power) >> 16) + 63 + upper - zeros + 1023;
    if (exponent <= 0) { /* below normal */
        if (exponent <= -63) return from_bits(0, 0, in->negative);
        mantissa >>= 1 - exponent;
        mantissa = (mantissa + (mantissa & 1)) >> 1;
        return from_bits(mantissa, 0, in->negative); /* a carry makes it the smallest normal by itself */
    }
    if (low <= 1 && power >= -4 && power <= 23 && (mantissa & 3) == 1 && mantissa << (upper + 9) == high)
        mantissa &= ~(uint64_t)1; /* exactly half way: to even */
    mantissa = (mantissa + (mantissa & 1)) >> 1;
    if (mantissa >> 53) {
        mantissa >>= 1;
        exponent++;
    }
    if (exponent >= 0x7ff) return from_bits(0, 0x7ff, in->negative);
    return from_bits(mantissa & ~((uint64_t)1 << 52), exponent, in->negative);
}

/* Whole numbers below 2^53 times or over an exact power of ten need one rounding, which the machine does. */
static bool round_small(const decimal *in, double *value)
{
    static const double tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

    if (in->digits >> 53 || in->power < -22 || in->power > 22) return false;
    *value = in->power < 0 ? (double)in->digits / tens[-in->power] : (double)in->digits * tens[in->power];
    if (in->negative) *value = -*value;
    return true;
}

static bool read_long(const char *text, size_t length, double *value)
{
    char *copy = jf_copy_bytes(text, length);
    locale_t c_locale = newlocale(LC_ALL_MASK, "C", NULL); /* glibc's own constant: nothing is allocated */

    if (copy && c_locale) *value = strtod_l(copy, NULL, c_locale);
    if (c_locale) freelocale(c_locale);
    jf_free(copy);
    return copy && c_locale;
}

bool jf_number_read(const char *text, size_t length, double *value)
{
    const char *end = text + length;
    decimal parts;

    *value = 0;
    while (text < end && is_blank(*text)) text++;
    while (end > text && is_blank(end[-1])) end--;
    if (!read_decimal(text, end, &parts)) return false;
    if (parts.n_digits > 19) {
        if (!read_long(text, (size_t)(end - text), value)) return false;
    } else if (!round_small(&parts, value)) {
        *value = round_decimal(&parts);
    }
    if (isfinite(*value)) return true;
    *value = 0;
    return false;
}
