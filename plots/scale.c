/* Axis scales: tics and their labels. */
#include "plots/scale.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/text.h"
#include "plots/lettering.h"

static const char *const superscripts[] = {"\xe2\x81\xb0", "\xc2\xb9",     "\xc2\xb2",     "\xc2\xb3",
                                           "\xe2\x81\xb4", "\xe2\x81\xb5", "\xe2\x81\xb6", "\xe2\x81\xb7",
                                           "\xe2\x81\xb8", "\xe2\x81\xb9"};
static const char minus[] = "\xe2\x88\x92";
enum { MOST_LABELS = 8 };

/* Adds to a buffer of sizeof ((jf_tic *)0)->label bytes; too long a label is cut, which no double needs. */
static void append(char *label, const char *more)
{
    size_t used = strlen(label);
    snprintf(label + used, sizeof((jf_tic *)0)->label - used, "%s", more);
}

/* value with `decimals` places, free of the locale and with a true minus; |value| * 10^decimals < 2^53. */
static void append_fixed(char *label, double value, int decimals)
{
    long long unit = 1, scaled;
    char digits[32];

    for (int i = 0; i < decimals; i++) unit *= 10;
    scaled = llround(fabs(value) * (double)unit);
    if (value < 0 && scaled != 0) append(label, minus);
    snprintf(digits, sizeof digits, "%lld", scaled / unit);
    append(label, digits);
    if (decimals == 0) return;
    snprintf(digits, sizeof digits, ".%0*lld", decimals, scaled % unit);
    append(label, digits);
}

static void append_power_of_ten(char *label, int exponent)
{
    char digits[16];

    append(label, "10");
    snprintf(digits, sizeof digits, "%d", exponent < 0 ? -exponent : exponent);
    if (exponent < 0) append(label, "\xe2\x81\xbb");
    for (const char *digit = digits; *digit; digit++) append(label, superscripts[*digit - '0']);
}

/* mantissa * 10^exponent, as a plain number where that is short. */
static void label_scientific(char *label, double mantissa, int mantissa_decimals, int exponent, bool plain)
{
    label[0] = '\0';
    if (mantissa == 0) {
        append(label, "0");
    } else if (plain) {
        int decimals = mantissa_decimals - exponent;
        append_fixed(label, mantissa * pow(10, exponent), decimals > 0 ? decimals : 0);
    } else {
        if (mantissa != 1 || mantissa_decimals > 0) {
            append_fixed(label, mantissa, mantissa_decimals);
            append(label, "\xc3\x97");
        }
        append_power_of_ten(label, exponent);
    }
}

double jf_scale_position(const jf_scale *scale, double at, double length_mm)
{
    if (scale->log) return log(at / scale->low) / log(scale->high / scale->low) * length_mm;
    return (at - scale->low) / (scale->high - scale->low) * length_mm;
}

/* Do neighbouring labels keep clear of each other, and are they not too many? */
static bool labels_fit(const jf_scale *scale, const jf_scale_room *room)
{
    double end = -1e9, line_mm = room->size_pt * 25.4 / 72;
    size_t n = 0;

    for (size_t i = 0; i < scale->n_tics; i++) {
        const jf_tic *tic = &scale->tics[i];
        double half, at;
        if (!tic->label[0]) continue;
        half = room->horizontal ? jf_lettering_width(tic->label, room->size_pt) / 2 + 0.8 : line_mm * 0.75;
        at = jf_scale_position(scale, tic->at, room->length_mm);
        if (at - half < end || ++n > MOST_LABELS) return false;
        end = at + half;
    }
    return true;
}

static jf_tic *add_tic(jf_scale *scale, double at)
{
    double slack = 1e-9;
    bool inside = scale->log ? at >= scale->low * (1 - slack) && at <= scale->high * (1 + slack)
                             : at >= scale->low - slack * (scale->high - scale->low) &&
                                   at <= scale->high + slack * (scale->high - scale->low);

    if (!inside || scale->n_tics == JF_TICS_MAX) return NULL;
    scale->tics[scale->n_tics] = (jf_tic){.at = at};
    return &scale->tics[scale->n_tics++];
}

/* Tics at multiples of mantissa * 10^exponent. */
static void linear_tics(jf_scale *scale, int mantissa, int exponent)
{
    double step = mantissa * pow(10, exponent);
    double first = ceil(scale->low / step - 1e-9), last = floor(scale->high / step + 1e-9);
    double largest = fmax(fabs(scale->low), fabs(scale->high));
    int top = (int)floor(log10(largest));
    int decimals = top > exponent ? (int)fmin(top - exponent, 12) : 0;
    bool plain = largest < 1e5 && exponent >= -4;

    scale->n_tics = 0;
    for (double i = first; i <= last && i - first < JF_TICS_MAX; i++) {
        jf_tic *tic = add_tic(scale, i * step);
        if (!tic) continue;
        if (plain)
            label_scientific(tic->label, i * mantissa, 0, exponent, true);
        else
            label_scientific(tic->label, i * step / pow(10, top), decimals, top, false);
    }
}

/* Tics at `mantissas` (a bit for each of 1..9) times the powers of ten that `stride` divides; the rest is
 * minor. */
static void log_tics(jf_scale *scale, unsigned mantissas, int stride)
{
    int first = (int)floor(log10(scale->low) - 1e-9), last = (int)floor(log10(scale->high) + 1e-9);
    bool minors = (last - first) * 9 < JF_TICS_MAX - 9 && stride == 1;
    bool plain = scale->low >= 0.9e-3 && scale->high <= 2e4;

    scale->n_tics = 0;
    for (int exponent = first; exponent <= last; exponent++) {
        for (int mantissa = 1; mantissa <= (minors ? 9 : 1); mantissa++) {
            jf_tic *tic = add_tic(scale, mantissa * pow(10, exponent));
            bool labelled = mantissas >> mantissa & 1 && exponent % stride == 0;
            if (tic && labelled) label_scientific(tic->label, mantissa, 0, exponent, plain);
        }
    }
}

/* Tics at the powers of two that `stride` divides. */
static void doubling_tics(jf_scale *scale, int stride)
{
    int first = (int)ceil(log2(scale->low) - 1e-9), last = (int)floor(log2(scale->high) + 1e-9);

    scale->n_tics = 0;
    for (int exponent = first; exponent <= last; exponent++) {
        jf_tic *tic = add_tic(scale, ldexp(1, exponent));
        if (tic && exponent % stride == 0) jf_number_short(tic->label, tic->at, 6);
    }
}

static size_t count_labels(const jf_scale *scale)
{
    size_t n = 0;
    for (size_t i = 0; i < scale->n_tics; i++) n += scale->tics[i].label[0] != '\0';
    return n;
}

static void keep_outer_labels(jf_scale *scale)
{
    size_t first = 0, last = scale->n_tics;

    while (first < last && !scale->tics[first].label[0]) first++;
    while (last > first && !scale->tics[last - 1].label[0]) last--;
    for (size_t i = first + 1; i + 1 < last; i++) scale->tics[i].label[0] = '\0';
}

static void build_linear(jf_scale *scale, const jf_scale_room *room)
{
    static const int mantissas[] = {1, 2, 5};
    int exponent = (int)floor(log10(scale->high - scale->low)) - 1;
    int i = 0;

    if (room->whole && exponent < 0 && scale->high - scale->low > 1.5) exponent = 0;
    do linear_tics(scale, mantissas[i % 3], exponent + i / 3);
    while (!labels_fit(scale, room) && ++i < 12);
    if (count_labels(scale) >= 2) return;
    while (--i >= 0) { /* wide labels on a short axis: two will do */
        linear_tics(scale, mantissas[i % 3], exponent + i / 3);
        keep_outer_labels(scale);
        if (count_labels(scale) == 2 && labels_fit(scale, room)) return;
    }
}

static void build_log(jf_scale *scale, const jf_scale_room *room)
{
    /* Every mantissa set from generous to sparing: {1,2,5}, {1,3}, {1}. */
    static const unsigned sets[] = {1u << 1 | 1u << 2 | 1u << 5, 1u << 1 | 1u << 3, 1u << 1};

    for (int stride = 1; room->doubling && stride < 4; stride++) {
        doubling_tics(scale, stride);
        if (labels_fit(scale, room) && count_labels(scale) >= 2) return;
    }
    log_tics(scale, sets[2], 1);
    if (count_labels(scale) < 4) {
        for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
            log_tics(scale, sets[i], 1);
            if (labels_fit(scale, room) && count_labels(scale) >= 2) return;
        }
        if (count_labels(scale) < 2) { /* a short log axis reads best with even steps */
            build_linear(scale, room);
            return;
        }
    }
    for (int stride = 1; stride < 400; stride++) {
        log_tics(scale, sets[2], stride);
        if (labels_fit(scale, room)) return;
    }
}

void jf_scale_build(jf_scale *scale, bool log, double low, double high, const jf_scale_room *room)
{
    *scale = (jf_scale){.log = log, .low = low, .high = high};
    if (log)
        build_log(scale, room);
    else
        build_linear(scale, room);
}

double jf_scale_label_width(const jf_scale *scale, double size_pt)
{
    double widest = 0;
    for (size_t i = 0; i < scale->n_tics; i++)
        widest = fmax(widest, jf_lettering_width(scale->tics[i].label, size_pt));
    return widest;
}
