/* Numbers to text, whatever the locale: short for people, shortest exact for files. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include "core/number_write.h"
#include "core/text.h"

/* "%.*g" or "%.*e" with the locale's decimal point, which may be several bytes, put back to '.'. */
static void format_as(char *buffer, const char *format, double value, int digits)
{
    char raw[JF_NUMBER_TEXT], *to = buffer;
    bool in_point = false;

    snprintf(raw, sizeof raw, format, digits, value);
    for (const char *from = raw; *from; from++) {
        bool is_ours = (*from >= '0' && *from <= '9') || strchr("eE+-", *from);
        if (is_ours)
            *to++ = *from;
        else if (!in_point)
            *to++ = '.';
        in_point = !is_ours;
    }
    *to = '\0';
}

static bool write_special(char *buffer, double value)
{
    if (isfinite(value)) return false;
    snprintf(buffer, 5, "%s", isnan(value) ? "NaN" : value > 0 ? "inf" : "-inf");
    return true;
}

const char *jf_number_short(char *buffer, double value, int digits)
{
    if (write_special(buffer, value)) return buffer;
    format_as(buffer, "%.*g", value, digits < 1 ? 1 : digits > 17 ? 17 : digits);
    return buffer;
}

static bool reads_back(const char *text, double value)
{
    double back;

    return jf_number_read(text, strlen(text), &back) && back == value;
}

/* The next larger decimal of as many digits. */
static void bump_last_digit(char *text)
{
    char *digit = text + strcspn(text, "e");

    while (digit-- > text) {
        if (*digit == '.' || *digit == '-') continue;
        if (*digit != '9') {
            ++*digit;
            return;
        }
        *digit = '0';
    }
}

const char *jf_number_exact(char *buffer, double value)
{
    const double smallest_normal = 2.2250738585072014e-308;
    int exponent;

    if (write_special(buffer, value)) return buffer;
    /* 15 digits always fit between two doubles, so that nothing shorter need be tried, except below normal */
    for (int digits = fabs(value) < smallest_normal ? 1 : 15; digits <= 16; digits++) {
        if (digits < 15 || !jf_number_write(buffer, value, digits)) format_as(buffer, "%.*g", value, digits);
        if (reads_back(buffer, value)) return buffer;
    }
    if (fabs(frexp(value, &exponent)) == 0.5) { /* the gap below a power of two is half the one above */
        format_as(buffer, "%.*e", value, 15);
        bump_last_digit(buffer);
        if (reads_back(buffer, value)) return buffer;
    }
    if (!jf_number_write(buffer, value, 17)) format_as(buffer, "%.*g", value, 17);
    return buffer;
}
