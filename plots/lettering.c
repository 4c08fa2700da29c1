/* Text on figures: cleaning, widths, shortening. */
#include "plots/lettering.h"

#include <stdbool.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"

/* Advance widths of Helvetica (Adobe's font metrics) for ASCII 32..126, in thousandths of the size. */
static const unsigned short helvetica_widths[] = {
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333,  278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
    611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667,  611, 722, 667, 944, 667,
    667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278,  556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500,  500, 334, 260, 334, 584};

static const double mm_per_pt = 25.4 / 72;
/* DejaVu Sans, where no Helvetica-like face is installed, runs about this much wider. */
static const double wide_face = 1.12;
enum { MOST_POINTS = 400 }; /* no longer text could be read in a figure */

size_t jf_lettering_decode(const char *text, uint32_t *point)
{
    const unsigned char *byte = (const unsigned char *)text;
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = byte[0] < 0x80             ? 1
                    : (byte[0] & 0xe0) == 0xc0 ? 2
                    : (byte[0] & 0xf0) == 0xe0 ? 3
                    : (byte[0] & 0xf8) == 0xf0 ? 4
                                               : 0;

    if (!length) return 0;
    *point = length == 1 ? byte[0] : byte[0] & (0xffu >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if ((byte[i] & 0xc0) != 0x80) return 0;
        *point = *point << 6 | (byte[i] & 0x3f);
    }
    if (*point < smallest[length] || *point > 0x10ffff || (*point >= 0xd800 && *point <= 0xdfff)) return 0;
    return length;
}

/* Controls, and the marks that turn the direction of writing of what follows. */
static bool is_unprintable(uint32_t point)
{
    return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x2028 || point == 0x2029 ||
           (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069) || point == 0xfeff ||
           point == 0xfffe || point == 0xffff;
}

char *jf_lettering_clean(const char *text)
{
    jf_text clean = {0};
    const char *at = text ? text : "";

    jf_text_add(&clean, "");
    while (*at) {
        uint32_t point = 0;
        size_t length = jf_lettering_decode(at, &point);
        if (!length)
            jf_text_add(&clean, "\xef\xbf\xbd");
        else if (is_unprintable(point))
            jf_text_add(&clean, " ");
        else
            jf_text_add_bytes(&clean, at, length);
        at += length ? length : 1;
    }
    return jf_text_take(&clean);
}

static double point_width(uint32_t point)
{
    if (point >= 32 && point < 127) return helvetica_widths[point - 32];
    if ((point >= 0x2070 && point <= 0x208e) || point == 0xb2 || point == 0xb3 || point == 0xb9) return 350;
    if (point >= 0x0300 && point <= 0x036f) return 0; /* combining accents */
    if (point >= 0x1100 && point != 0x2026 && (point < 0x2000 || point >= 0x2e80)) return 1000;
    return 600;
}

double jf_lettering_width(const char *text, double size_pt)
{
    double thousandths = 0;

    for (const char *at = text; *at;) {
        uint32_t point = 0;
        size_t length = jf_lettering_decode(at, &point);
        thousandths += length ? point_width(point) : 600;
        at += length ? length : 1;
    }
    return thousandths / 1000 * size_pt * mm_per_pt * wide_face;
}

/* Start of the last `count` characters of clean text. */
static const char *tail_of(const char *text, size_t count)
{
    const char *at = text + strlen(text);

    while (count > 0 && at > text) {
        do at--;
        while (at > text && ((unsigned char)*at & 0xc0) == 0x80);
        count--;
    }
    return at;
}

/* End of the first `count` characters of clean text. */
static const char *head_of(const char *text, size_t count)
{
    while (count > 0 && *text) {
        do text++;
        while (((unsigned char)*text & 0xc0) == 0x80);
        count--;
    }
    return text;
}

static size_t count_points(const char *text)
{
    size_t n = 0;
    for (; *text; text++) n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

char *jf_lettering_fit(const char *text, double size_pt, double room_mm)
{
    char *clean = jf_lettering_clean(text);
    size_t n = clean ? count_points(clean) : 0;

    if (n == 0 || jf_lettering_width(clean, size_pt) <= room_mm) return clean;
    for (size_t kept = n > MOST_POINTS ? MOST_POINTS : n - 1;; kept--) {
        size_t head = (kept + 1) / 2;
        jf_text shorter = {0};
        jf_text_add_bytes(&shorter, clean, (size_t)(head_of(clean, head) - clean));
        jf_text_add(&shorter, "\xe2\x80\xa6");
        jf_text_add(&shorter, tail_of(clean, kept - head));
        if (shorter.failed || kept == 0 || jf_lettering_width(shorter.data, size_pt) <= room_mm) {
            jf_free(clean);
            return jf_text_take(&shorter);
        }
        jf_text_free(&shorter);
    }
}
