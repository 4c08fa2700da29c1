/* Splits the ordinary line of a delimited file; quotes that do more than enclose a field are left to libcsv.
 */
#include "data/line.h"

#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { WINDOW = 64, STEP = 16 };

/* A line being split: `at` moves on, `to` is where the next byte of a field goes. */
typedef struct splitter {
    const char *at, *end;
    char *to;
    char separator;
    bool return_is_blank;
    const char *window; /* bit i of `marks`: window[i] is a separator or a quote */
    uint64_t marks;
} splitter;

static bool is_blank(const splitter *line, char c)
{
    return (unsigned char)c <= ' ' && (c == ' ' || c == '\t' || (c == '\r' && line->return_is_blank)) &&
           c != line->separator;
}

static void skip_blanks(splitter *line)
{
    while (line->at < line->end && is_blank(line, *line->at)) line->at++;
}

/* From behind the opening quote to the separator or the end; doubled quotes become one. */
static bool split_quoted(splitter *line)
{
    for (;;) {
        const char *quote = memchr(line->at, '"', (size_t)(line->end - line->at));
        if (!quote) return false; /* the field goes on in the next line */
        size_t length = (size_t)(quote - line->at);
        memcpy(line->to, line->at, length);
        line->to += length;
        line->at = quote + 1;
        if (line->at == line->end || *line->at != '"') break;
        *line->to++ = '"';
        line->at++;
    }
    skip_blanks(line);
    return line->at == line->end || *line->at == line->separator;
}

/* Finds the separators and quotes of 64 bytes at once. */
#ifdef __SSE2__
static uint64_t find_marks(const char *bytes, char separator)
{
    const __m128i separators = _mm_set1_epi8(separator), quotes = _mm_set1_epi8('"');
    uint64_t marks = 0;

    for (int i = 0; i < WINDOW / STEP; i++) {
        __m128i part = _mm_loadu_si128((const __m128i *)bytes + i);
        __m128i found = _mm_or_si128(_mm_cmpeq_epi8(part, separators), _mm_cmpeq_epi8(part, quotes));

        marks |= (uint64_t)(unsigned)_mm_movemask_epi8(found) << STEP * i;
    }
    return marks;
}
#else
static uint64_t find_marks(const char *bytes, char separator)
{
    uint64_t marks = 0;

    for (int i = 0; i < WINDOW; i++) marks |= (uint64_t)(bytes[i] == separator || bytes[i] == '"') << i;
    return marks;
}
#endif

static void open_window(splitter *line, const char *from)
{
    size_t left = (size_t)(line->end - from);
    char part[WINDOW] = {0};

    line->window = from;
    if (left >= WINDOW) {
        line->marks = find_marks(from, line->separator);
        return;
    }
    memcpy(part, from, left);
    line->marks = find_marks(part, line->separator) & (((uint64_t)1 << left) - 1);
}

/* The next separator or quote, or the end. */
static const char *next_mark(splitter *line)
{
    for (const char *from = line->at; from < line->end; from = line->window + WINDOW) {
        if (from - line->window >= WINDOW) open_window(line, from);
        uint64_t marks = line->marks >> (from - line->window);
        if (marks) return from + __builtin_ctzll(marks);
    }
    return line->end;
}

/* Sixteen bytes at a time where the line goes on as far: what is written never runs ahead of what is read, so
 * that there is room for them. */
static void copy_field(splitter *line, size_t length)
{
    const char *from = line->at;
    char *to = line->to;

    if ((size_t)(line->end - from) >= length + STEP)
        for (size_t i = 0; i < length; i += STEP) memcpy(to + i, from + i, STEP);
    else
        memcpy(to, from, length);
}

static bool split_plain(splitter *line)
{
    const char *start = line->to, *mark = next_mark(line);
    size_t length = (size_t)(mark - line->at);

    copy_field(line, length);
    line->to += length;
    line->at = mark;
    while (line->to > start && is_blank(line, line->to[-1])) line->to--;
    return line->at == line->end || *line->at == line->separator;
}

bool jf_line_split(const char *text, size_t length, char separator, bool return_is_blank, char *bytes,
                   size_t *starts, size_t *n_fields)
{
    splitter line = {.at = text,
                     .end = text + length,
                     .to = bytes,
                     .separator = separator,
                     .return_is_blank = return_is_blank};

    *n_fields = 0;
    starts[0] = 0;
    skip_blanks(&line);
    if (line.at == line.end) return true;
    open_window(&line, line.at);
    for (;;) {
        skip_blanks(&line);
        if (line.at < line.end && *line.at == '"') {
            line.at++;
            if (!split_quoted(&line)) return false;
        } else if (!split_plain(&line)) {
            return false;
        }
        *line.to++ = '\0';
        starts[++*n_fields] = (size_t)(line.to - bytes);
        if (line.at == line.end) return true;
        line.at++; /* the separator */
    }
}
