/* Splits the ordinary line of a delimited file; quotes that do more than enclose a field are left to libcsv.
 */
#include "data/line.h"

#include <stdint.h>
#include <string.h>

/* A line being split: `at` moves on, `to` is where the next byte of a field goes. */
typedef struct splitter {
    const char *at, *end;
    char *to;
    char separator;
    bool return_is_blank;
} splitter;

static bool is_blank(const splitter *line, char c)
{
    return (c == ' ' || c == '\t' || (c == '\r' && line->return_is_blank)) && c != line->separator;
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

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
static const uint64_t EVERY_BYTE = 0x0101010101010101;

/* Nonzero where a byte of the word is zero; the lowest bit that is set belongs to the first such byte. */
static uint64_t zero_bytes(uint64_t word)
{
    return (word - EVERY_BYTE) & ~word & (EVERY_BYTE << 7);
}

/* Copies eight bytes at a time up to the separator or a quote, as far as whole words go. What is written
 * never runs ahead of what is read, so that there is room for the word. */
static void copy_words(splitter *line)
{
    uint64_t separators = EVERY_BYTE * (unsigned char)line->separator, quotes = EVERY_BYTE * '"', word, found;

    for (; line->end - line->at >= 8; line->at += 8, line->to += 8) {
        memcpy(&word, line->at, 8);
        memcpy(line->to, &word, 8);
        found = zero_bytes(word ^ separators) | zero_bytes(word ^ quotes);
        if (!found) continue;
        line->at += __builtin_ctzll(found) / 8;
        line->to += __builtin_ctzll(found) / 8;
        return;
    }
}
#else
static void copy_words(splitter *line)
{
    (void)line;
}
#endif

static bool split_plain(splitter *line)
{
    const char *start = line->to;

    copy_words(line);
    while (line->at < line->end && *line->at != line->separator && *line->at != '"')
        *line->to++ = *line->at++;
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
