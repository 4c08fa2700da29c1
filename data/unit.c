/* Units: the table of those that joulefit knows, reading products of them, printing them. */
#include "data/unit.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "core/text.h"

typedef struct unit_row {
    const char *name; /* the first name of a unit is the one that is printed */
    double to_si;
    signed char power[JF_N_DIMENSIONS];
} unit_row;

#define ENERGY                                                                                               \
    {                                                                                                        \
        [JF_ENERGY] = 1                                                                                      \
    }
#define POWER                                                                                                \
    {                                                                                                        \
        [JF_ENERGY] = 1, [JF_TIME] = -1                                                                      \
    }
#define TIME                                                                                                 \
    {                                                                                                        \
        [JF_TIME] = 1                                                                                        \
    }
#define FREQUENCY                                                                                            \
    {                                                                                                        \
        [JF_TIME] = -1                                                                                       \
    }
#define DATA                                                                                                 \
    {                                                                                                        \
        [JF_DATA] = 1                                                                                        \
    }
#define OPERATIONS                                                                                           \
    {                                                                                                        \
        [JF_OPERATIONS] = 1                                                                                  \
    }
#define SPEED                                                                                                \
    {                                                                                                        \
        [JF_OPERATIONS] = 1, [JF_TIME] = -1                                                                  \
    }
#define TOKENS                                                                                               \
    {                                                                                                        \
        [JF_TOKENS] = 1                                                                                      \
    }
#define MASS                                                                                                 \
    {                                                                                                        \
        [JF_MASS] = 1                                                                                        \
    }
#define TEMPERATURE                                                                                          \
    {                                                                                                        \
        [JF_TEMPERATURE] = 1                                                                                 \
    }

static const unit_row units[] = {
    {"J", 1, ENERGY},
    {"kJ", 1e3, ENERGY},
    {"MJ", 1e6, ENERGY},
    {"GJ", 1e9, ENERGY},
    {"mJ", 1e-3, ENERGY},
    {"Wh", 3600, ENERGY},
    {"kWh", 3.6e6, ENERGY},
    {"MWh", 3.6e9, ENERGY},
    {"GWh", 3.6e12, ENERGY},
    {"W", 1, POWER},
    {"kW", 1e3, POWER},
    {"MW", 1e6, POWER},
    {"mW", 1e-3, POWER},
    {"s", 1, TIME},
    {"ms", 1e-3, TIME},
    {"us", 1e-6, TIME},
    {"ns", 1e-9, TIME},
    {"min", 60, TIME},
    {"h", 3600, TIME},
    {"day", 86400, TIME},
    {"byte", 1, DATA},
    {"kB", 1e3, DATA},
    {"MB", 1e6, DATA},
    {"GB", 1e9, DATA},
    {"TB", 1e12, DATA},
    {"KiB", 1024, DATA},
    {"MiB", 1048576, DATA},
    {"GiB", 1073741824, DATA},
    {"TiB", 1099511627776, DATA},
    {"FLOP", 1, OPERATIONS},
    {"MFLOP", 1e6, OPERATIONS},
    {"GFLOP", 1e9, OPERATIONS},
    {"TFLOP", 1e12, OPERATIONS},
    {"PFLOP", 1e15, OPERATIONS},
    {"EFLOP", 1e18, OPERATIONS},
    {"token", 1, TOKENS},
    {"kg", 1, MASS},
    {"g", 1e-3, MASS},
    {"t", 1e3, MASS},
    {"Hz", 1, FREQUENCY},
    {"MHz", 1e6, FREQUENCY},
    {"GHz", 1e9, FREQUENCY},
    {"degC", 1, TEMPERATURE},
    {"%", 0.01, {0}},
    {"1", 1, {0}},
    /* other names, read but not printed */
    {"joule", 1, ENERGY},
    {"joules", 1, ENERGY},
    {"watt", 1, POWER},
    {"watts", 1, POWER},
    {"watt_hours", 3600, ENERGY},
    {"sec", 1, TIME},
    {"secs", 1, TIME},
    {"second", 1, TIME},
    {"seconds", 1, TIME},
    {"minute", 60, TIME},
    {"minutes", 60, TIME},
    {"hr", 3600, TIME},
    {"hrs", 3600, TIME},
    {"hour", 3600, TIME},
    {"hours", 3600, TIME},
    {"days", 86400, TIME},
    {"B", 1, DATA},
    {"bytes", 1, DATA},
    {"KB", 1e3, DATA},
    {"FLOPs", 1, OPERATIONS},
    {"flos", 1, OPERATIONS},
    {"MFLOPs", 1e6, OPERATIONS},
    {"GFLOPs", 1e9, OPERATIONS},
    {"TFLOPs", 1e12, OPERATIONS},
    {"PFLOPs", 1e15, OPERATIONS},
    {"FLOPS", 1, SPEED},
    {"GFLOPS", 1e9, SPEED},
    {"TFLOPS", 1e12, SPEED},
    {"PFLOPS", 1e15, SPEED},
    {"tokens", 1, TOKENS},
    {"percent", 0.01, {0}},
    {"pct", 0.01, {0}},
};
enum { N_UNITS = sizeof units / sizeof *units, N_PRINTED = 45 };

bool jf_unit_same_kind(const jf_unit *a, const jf_unit *b)
{
    return a->known && b->known && memcmp(a->power, b->power, sizeof a->power) == 0;
}

static bool same_unit(const jf_unit *a, const jf_unit *b)
{
    return jf_unit_same_kind(a, b) && fabs(a->to_si - b->to_si) <= 1e-12 * fabs(b->to_si);
}

static jf_unit unit_of_row(const unit_row *row)
{
    jf_unit unit = {.to_si = row->to_si, .known = true};

    memcpy(unit.power, row->power, sizeof unit.power);
    return unit;
}

/* By exact name, else by a name in another case when only one unit has it ("kwh", not "mw"). */
static bool find_unit(const char *name, size_t length, jf_unit *out)
{
    jf_unit found = {0};

    for (size_t i = 0; i < N_UNITS; i++) {
        jf_unit unit = unit_of_row(&units[i]);
        if (strlen(units[i].name) != length || strncasecmp(units[i].name, name, length) != 0) continue;
        if (memcmp(units[i].name, name, length) == 0) {
            *out = unit;
            return true;
        }
        if (length == 1) continue; /* "S" or "w" is no unit */
        if (found.known && !same_unit(&found, &unit))
            found.to_si = NAN;
        else
            found = unit;
    }
    if (!found.known || isnan(found.to_si)) return false;
    *out = found;
    return true;
}

static bool multiply(jf_unit *unit, const jf_unit *factor, int power)
{
    for (int d = 0; d < JF_N_DIMENSIONS; d++) {
        int sum = unit->power[d] + power * factor->power[d];
        if (sum < -100 || sum > 100) return false;
        unit->power[d] = (signed char)sum;
    }
    unit->to_si *= pow(factor->to_si, power);
    return true;
}

static jf_status refuse_unit(const char *text, jf_error *err)
{
    const char *names[N_UNITS];
    char hint[64], list[400] = "";
    size_t used = 0;

    for (size_t i = 0; i < N_UNITS; i++) names[i] = units[i].name;
    for (size_t i = 0; i < N_PRINTED; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", units[i].name);
    jf_did_you_mean(hint, sizeof hint, text, names, N_UNITS);
    return jf_fail(err, JF_EUSAGE, "unknown unit '%s'%s: units are %s, and products like J/s", text, hint,
                   list);
}

/* One name with an exponent, "s^2", at *at. */
static bool read_factor(const char **at, int sign, jf_unit *out)
{
    size_t length = strcspn(*at, "*/^ ");
    jf_unit factor;
    long power = 1;
    char *end;

    if (!find_unit(*at, length, &factor)) return false;
    *at += length;
    if (**at == '^') {
        power = strtol(*at + 1, &end, 10);
        if (end == *at + 1 || labs(power) > 9) return false;
        *at = end;
    }
    return multiply(out, &factor, sign * (int)power);
}

jf_status jf_unit_read(const char *text, jf_unit *out, jf_error *err)
{
    jf_unit unit = {.to_si = 1, .known = true};
    const char *at = text;
    int sign = 1;

    *out = (jf_unit){0};
    for (;;) {
        while (*at == ' ') at++;
        if (!read_factor(&at, sign, &unit)) return refuse_unit(text, err);
        while (*at == ' ') at++;
        if (!*at) break;
        if (*at != '*' && *at != '/') return refuse_unit(text, err);
        sign = *at++ == '*' ? 1 : -1;
    }
    *out = unit;
    return JF_OK;
}

/* ---- printing ---- */

static bool is_plain_number(const jf_unit *unit)
{
    static const signed char none[JF_N_DIMENSIONS];

    return memcmp(unit->power, none, sizeof none) == 0 && unit->to_si == 1;
}

/* Do two units have a dimension in common ("s/Hz"), or has the second none of its own? */
static bool overlap(const unit_row *first, const unit_row *second)
{
    bool any = false;

    for (int d = 0; d < JF_N_DIMENSIONS; d++) {
        if (second->power[d] && (first->power[d] || second->power[d] < 0)) return true;
        any = any || second->power[d];
    }
    return !any;
}

/* "kWh", or "kWh/s", "GB/s": one or two names of the table. */
static bool print_names(const jf_unit *unit, char *text, size_t size)
{
    for (size_t i = 0; i < N_PRINTED; i++) {
        jf_unit one = unit_of_row(&units[i]);
        if (!same_unit(&one, unit)) continue;
        snprintf(text, size, "%s", units[i].name);
        return true;
    }
    for (int power = -1; power <= 1; power += 2) {
        for (size_t i = 0; i < (size_t)N_PRINTED * N_PRINTED; i++) {
            const unit_row *first = &units[i % N_PRINTED], *second = &units[i / N_PRINTED];
            jf_unit both = unit_of_row(first), other = unit_of_row(second);
            if (overlap(first, second) || !multiply(&both, &other, power) || !same_unit(&both, unit))
                continue;
            snprintf(text, size, "%s%c%s", first->name, power > 0 ? '*' : '/', second->name);
            return true;
        }
    }
    return false;
}

/* Powers of the SI units: "J^2*s/byte". */
static void print_powers(const jf_unit *unit, char *text, size_t size)
{
    static const char *const names[JF_N_DIMENSIONS] = {"J", "s", "byte", "FLOP", "token", "kg", "degC"};
    size_t used = 0;

    text[0] = '\0';
    for (int sign = 1; sign >= -1; sign -= 2) {
        for (int d = 0; d < JF_N_DIMENSIONS; d++) {
            int power = sign * unit->power[d], written;
            if (power <= 0) continue;
            written = snprintf(text + used, size - used, "%s%s",
                               used       ? (sign > 0 ? "*" : "/")
                               : sign > 0 ? ""
                                          : "1/",
                               names[d]);
            used += written > 0 ? (size_t)written : 0;
            if (power > 1 && used < size) used += (size_t)snprintf(text + used, size - used, "^%d", power);
            if (used >= size) {
                text[0] = '\0'; /* too long to print is unknown */
                return;
            }
        }
    }
}

void jf_unit_print(const jf_unit *unit, char *text, size_t size)
{
    text[0] = '\0';
    if (!unit->known || is_plain_number(unit)) return;
    if (print_names(unit, text, size)) return;
    if (fabs(unit->to_si - 1) <= 1e-12) print_powers(unit, text, size);
}
