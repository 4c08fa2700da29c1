/* Text that grows, edit distances behind "did you mean", and the width of text on a terminal. */
#include "core/text.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "core/memory.h"

static bool make_room(jf_text *text, size_t more)
{
    if (text->failed) return false;
    if (more >= SIZE_MAX - text->length ||
        !jf_grow((void **)&text->data, &text->capacity, text->length + more + 1, 1)) {
        text->failed = true;
        return false;
    }
    return true;
}

void jf_text_add_bytes(jf_text *text, const char *bytes, size_t length)
{
    if (!make_room(text, length)) return;
    if (length) memcpy(text->data + text->length, bytes, length);
    text->length += length;
    text->data[text->length] = '\0';
}

void jf_text_add(jf_text *text, const char *more)
{
    jf_text_add_bytes(text, more, strlen(more));
}

void jf_text_addv(jf_text *text, const char *format, va_list arguments)
{
    va_list again;
    int length;

    va_copy(again, arguments);
    length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length < 0) {
        text->failed = true;
    } else if (make_room(text, (size_t)length)) {
        vsnprintf(text->data + text->length, (size_t)length + 1, format, arguments);
        text->length += (size_t)length;
    }
}

void jf_text_addf(jf_text *text, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    jf_text_addv(text, format, arguments);
    va_end(arguments);
}

/* Bytes of the control character at the front of a text: ASCII's, or those of U+0080 to U+009F. 0: none. */
static size_t control_length(const char *text)
{
    unsigned char first = (unsigned char)text[0], second = first ? (unsigned char)text[1] : 0;

    if (first == 0xc2 && second >= 0x80 && second < 0xa0) return 2;
    return first == 0x7f || (first < 0x20 && first != '\n' && first != '\t');
}

void jf_text_add_shown(jf_text *text, const char *more)
{
    while (*more) {
        size_t plain = 0, n;
        while (more[plain] && !control_length(more + plain)) plain++;
        jf_text_add_bytes(text, more, plain);
        more += plain;
        n = *more ? control_length(more) : 0;
        for (size_t i = 0; i < n; i++) jf_text_addf(text, "\\x%02x", (unsigned char)more[i]);
        more += n;
    }
}

void jf_text_pad(jf_text *text, char filler, size_t count)
{
    if (!make_room(text, count)) return;
    memset(text->data + text->length, filler, count);
    text->length += count;
    text->data[text->length] = '\0';
}

char *jf_text_take(jf_text *text)
{
    char *data = NULL;

    if (make_room(text, 0)) {
        data = text->data;
        data[text->length] = '\0';
        text->data = NULL;
    }
    jf_text_free(text);
    return data;
}

void jf_text_free(jf_text *text)
{
    jf_free(text->data);
    *text = (jf_text){0};
}

/* ---- edit distance ---- */

enum {
    LONGEST_NAME = 128
}; /* longer names are equal or far apart: the rows of the table live on the stack */

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t letter_cost(char a, char b, size_t case_cost)
{
    if (a == b) return 0;
    return tolower((unsigned char)a) == tolower((unsigned char)b) ? case_cost : 2;
}

/* Optimal string alignment in half edits: insert, delete, replace, swap cost 2, another case `case_cost`. */
static size_t half_edits(const char *a, const char *b, size_t case_cost)
{
    size_t n = strlen(a), m = strlen(b), rows[3][LONGEST_NAME + 1];
    size_t *before = rows[0], *last = rows[1], *now = rows[2];

    if (n > LONGEST_NAME || m > LONGEST_NAME) return strcmp(a, b) == 0 ? 0 : 2 * (n > m ? n : m);
    for (size_t j = 0; j <= m; j++) last[j] = 2 * j;
    for (size_t i = 1; i <= n; i++) {
        now[0] = 2 * i;
        for (size_t j = 1; j <= m; j++) {
            now[j] = smaller(last[j], now[j - 1]) + 2;
            now[j] = smaller(now[j], last[j - 1] + letter_cost(a[i - 1], b[j - 1], case_cost));
            if (i > 1 && j > 1 && letter_cost(a[i - 1], b[j - 2], case_cost) == 0 &&
                letter_cost(a[i - 2], b[j - 1], case_cost) == 0)
                now[j] = smaller(now[j], before[j - 2] + 2);
        }
        size_t *oldest = before;
        before = last;
        last = now;
        now = oldest;
    }
    return last[m];
}

size_t jf_edit_distance(const char *a, const char *b, bool fold)
{
    return half_edits(a, b, fold ? 0 : 2) / 2;
}

const char *jf_suggest(const char *name, const char *const *candidates, size_t n_candidates)
{
    size_t length = strlen(name);
    size_t best = length < 2 ? 1 : length < 6 ? 2 : 2 * (length / 3); /* half edits allowed at most */
    const char *nearest = NULL;

    for (size_t i = 0; i < n_candidates; i++) {
        size_t distance = half_edits(name, candidates[i], 1);
        if (strcasecmp(name, candidates[i]) == 0) distance = 1;
        if (distance > best || (nearest && distance == best)) continue;
        best = distance;
        nearest = candidates[i];
    }
    return nearest;
}

const char *jf_did_you_mean(char *buffer, size_t size, const char *name, const char *const *candidates,
                            size_t n_candidates)
{
    const char *nearest = jf_suggest(name, candidates, n_candidates);
    size_t length = strlen(name);

    for (size_t i = 0; i < n_candidates && !nearest && length >= 3; i++) /* cut short */
        if (strncasecmp(name, candidates[i], length) == 0) nearest = candidates[i];
    buffer[0] = '\0';
    if (nearest) snprintf(buffer, size, " (did you mean '%s'?)", nearest);
    return buffer;
}

/* ---- width ---- */

typedef struct range {
    uint32_t first, last;
} range;

static const range no_width[] = {{0x300, 0x36f}, {0x200b, 0x200f}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}};
static const range two_wide[] = {{0x1100, 0x115f},   {0x2e80, 0xa4cf},  {0xac00, 0xd7a3}, {0xf900, 0xfaff},
                                 {0xfe30, 0xfe6f},   {0xff00, 0xff60},  {0xffe0, 0xffe6}, {0x1f300, 0x1f64f},
                                 {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};

static bool in_ranges(uint32_t point, const range *ranges, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (point >= ranges[i].first && point <= ranges[i].last) return true;
    return false;
}

/* Length in bytes of the character at `text` and its code point; 1 and 0 for a broken byte. */
static size_t read_point(const char *text, uint32_t *point)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t length = bytes[0] < 0x80    ? 1
                    : bytes[0] >= 0xf8 ? 1
                    : bytes[0] >= 0xf0 ? 4
                    : bytes[0] >= 0xe0 ? 3
                    : bytes[0] >= 0xc0 ? 2
                                       : 1;

    *point = length == 1 ? bytes[0] & 0x7f : bytes[0] & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xc0) != 0x80) {
            *point = 0;
            return 1;
        }
        *point = *point << 6 | (bytes[i] & 0x3f);
    }
    return length;
}

size_t jf_text_width(const char *text)
{
    size_t width = 0;
    uint32_t point;

    while (*text) {
        text += read_point(text, &point);
        if (in_ranges(point, no_width, sizeof no_width / sizeof *no_width)) continue;
        width += in_ranges(point, two_wide, sizeof two_wide / sizeof *two_wide) ? 2 : 1;
    }
    return width;
}

/* ---- encodings ---- */

bool jf_text_is_utf8(const char *text)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000}; /* by length: longer forms are refused */
    uint32_t point;

    while (*text) {
        size_t length = read_point(text, &point);
        bool broken = length == 1 && (*text & 0x80);
        if (broken || (length > 1 && point < smallest[length])) return false;
        if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return false;
        text += length;
    }
    return true;
}

void jf_text_add_latin1(jf_text *text, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)bytes[i];
        char pair[2] = {(char)(0xc0 | c >> 6), (char)(0x80 | (c & 0x3f))};
        if (c < 0x80)
            jf_text_add_bytes(text, bytes + i, 1);
        else
            jf_text_add_bytes(text, pair, 2);
    }
}

void jf_text_add_shell(jf_text *text, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=.,:/@%";

    if (*word && !word[strspn(word, plain)]) {
        jf_text_add(text, word);
        return;
    }
    jf_text_add(text, "'");
    for (; *word; word++) jf_text_add_bytes(text, *word == '\'' ? "'\\''" : word, *word == '\'' ? 4 : 1);
    jf_text_add(text, "'");
}
