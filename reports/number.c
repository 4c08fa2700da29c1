/* Numbers as readers want them. */
#include "reports/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ERROR_DIGITS = 2, MOST_DECIMALS = 17 };

static const char *put(char *buffer, const char *text)
{
    snprintf(buffer, JF_NUMBER_TEXT, "%s", text);
    return buffer;
}

static const char *absent(char *buffer)
{
    return put(buffer, "-");
}

/* "1.5e+07" becomes "1.5e7", "1e-05" becomes "1e-5". */
static void tidy_exponent(char *text)
{
    char *e = strchr(text, 'e'), *from, *to;

    if (!e) return;
    from = to = e + 1;
    if (*from == '-') to++;
    if (*from == '-' || *from == '+') from++;
    while (*from == '0' && from[1]) from++;
    memmove(to, from, strlen(from) + 1);
}

/* Whatever the locale puts between units and tenths becomes a point. */
static void tidy_point(char *text)
{
    char *to = text;

    for (const char *from = text; *from; from++) {
        if (strchr("0123456789-+e", *from))
            *to++ = *from;
        else if (to == text || to[-1] != '.')
            *to++ = '.';
    }
    *to = '\0';
}

static int exponent_of(double value)
{
    return value == 0 ? 0 : (int)floor(log10(fabs(value)) + 1e-12);
}

static bool is_unwieldy(double value)
{
    return value != 0 && (fabs(value) >= 1e6 || fabs(value) < 1e-4);
}

/* Keeps trailing zeros, so that digits say how well a number is known. */
static const char *show_places(char *buffer, double value, int decimals, bool scientific)
{
    if (decimals < 0 && !scientific) { /* 62476 to four digits is 62480 */
        double unit = pow(10, -decimals);
        value = round(value / unit) * unit;
    }
    decimals = decimals < 0 ? 0 : decimals > MOST_DECIMALS ? MOST_DECIMALS : decimals;
    snprintf(buffer, JF_NUMBER_TEXT, scientific ? "%.*e" : "%.*f", decimals, value);
    tidy_point(buffer);
    tidy_exponent(buffer);
    if (buffer[0] == '-' && strspn(buffer + 1, "0.") == strlen(buffer + 1))
        memmove(buffer, buffer + 1, strlen(buffer));
    return buffer;
}

const char *jf_show_number(char *buffer, double value, int digits)
{
    if (!isfinite(value)) return isnan(value) ? absent(buffer) : put(buffer, value > 0 ? "inf" : "-inf");
    if (is_unwieldy(value)) return show_places(buffer, value, digits - 1, true);
    return show_places(buffer, value, digits - 1 - exponent_of(value), false);
}

const char *jf_show_plain(char *buffer, double value, int digits)
{
    if (!isfinite(value)) return jf_show_number(buffer, value, digits);
    jf_number_short(buffer, value, digits);
    tidy_exponent(buffer);
    return buffer;
}

const char *jf_show_fixed(char *buffer, double value, int decimals)
{
    if (!isfinite(value)) return jf_show_number(buffer, value, 2);
    if (fabs(value) >= 1e9) return show_places(buffer, value, 3, true);
    return show_places(buffer, value, decimals, false);
}

const char *jf_show_estimate(char *buffer, double value, double error, int digits)
{
    int place;

    if (!isfinite(value) || !isfinite(error) || error <= 0) return jf_show_number(buffer, value, digits);
    place = ERROR_DIGITS - 1 - exponent_of(error); /* decimals that matter */
    if (is_unwieldy(value) || place > 8) return show_places(buffer, value, place + exponent_of(value), true);
    return show_places(buffer, value, place, false);
}

const char *jf_show_error(char *buffer, double error)
{
    return jf_show_number(buffer, error, ERROR_DIGITS);
}

const char *jf_show_p(char *buffer, double p)
{
    if (isnan(p)) return absent(buffer);
    if (p < 1e-16) return put(buffer, "<1e-16");
    if (p < 1e-3) return show_places(buffer, p, 0, true);
    return show_places(buffer, p, 3, false);
}

const char *jf_show_percent(char *buffer, double share)
{
    char number[JF_NUMBER_TEXT];

    if (!isfinite(share)) return absent(buffer);
    show_places(number, 100 * share, fabs(share) < 0.1 ? 1 : 0, false);
    snprintf(buffer, JF_NUMBER_TEXT, "%.*s %%", JF_NUMBER_TEXT - 3, number);
    return buffer;
}
