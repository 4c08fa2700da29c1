/* Numbers to and from text, correctly rounded and whatever the locale. */
#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"

/* "%.*g" with the locale's decimal point, which may be several bytes, put back to '.'. */
static void format_general(char *buffer, double value, int digits)
{
    char raw[JF_NUMBER_TEXT], *to = buffer;
    bool in_point = false;

    snprintf(raw, sizeof raw, "%.*g", digits, value);
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
    strcpy(buffer, isnan(value) ? "NaN" : value > 0 ? "inf" : "-inf");
    return true;
}

const char *jf_number_short(char *buffer, double value, int digits)
{
    if (write_special(buffer, value)) return buffer;
    format_general(buffer, value, digits < 1 ? 1 : digits > 17 ? 17 : digits);
    return buffer;
}

const char *jf_number_exact(char *buffer, double value)
{
    double back = 0;

    if (write_special(buffer, value)) return buffer;
    for (int digits = 15; digits <= 17; digits++) {
        format_general(buffer, value, digits);
        if (jf_number_read(buffer, strlen(buffer), &back) && back == value) break;
    }
    return buffer;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static const char *skip_digits(const char *at, const char *end)
{
    while (at < end && *at >= '0' && *at <= '9') at++;
    return at;
}

/* Is text[at..end) sign? digits? .digits? (e sign? digits)? with a digit in front of the exponent. */
static bool is_decimal(const char *at, const char *end)
{
    const char *start;
    size_t n_digits;

    if (at < end && (*at == '+' || *at == '-')) at++;
    start = at;
    at = skip_digits(at, end);
    n_digits = (size_t)(at - start);
    if (at < end && *at == '.') {
        start = ++at;
        at = skip_digits(at, end);
        n_digits += (size_t)(at - start);
    }
    if (n_digits == 0) return false;
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        if (at < end && (*at == '+' || *at == '-')) at++;
        start = at;
        at = skip_digits(at, end);
        if (at == start) return false;
    }
    return at == end;
}

bool jf_number_read(const char *text, size_t length, double *value)
{
    const char *end = text + length;
    char near[64], *copy = near; /* a number of usual length needs no memory */
    locale_t c_locale;

    *value = 0;
    while (text < end && is_blank(*text)) text++;
    while (end > text && is_blank(end[-1])) end--;
    if (!is_decimal(text, end)) return false;
    length = (size_t)(end - text);
    if (length < sizeof near) {
        memcpy(near, text, length);
        near[length] = '\0';
    } else {
        copy = jf_copy_bytes(text, length);
    }
    c_locale = newlocale(LC_ALL_MASK, "C", NULL);
    if (copy && c_locale) *value = strtod_l(copy, NULL, c_locale);
    if (c_locale) freelocale(c_locale);
    if (copy != near) jf_free(copy);
    return copy && isfinite(*value);
}
