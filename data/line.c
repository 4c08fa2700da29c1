/* Splits the ordinary line of a delimited file; quotes that do more than enclose a field are left to libcsv.
 */
#include "data/line.h"

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

static bool split_plain(splitter *line)
{
    const char *start = line->at, *at = start, *end = line->end;
    char separator = line->separator;
    size_t length;

    while (at < end && *at != separator) {
        if (*at == '"') return false;
        at++;
    }
    line->at = at;
    while (at > start && is_blank(line, at[-1])) at--;
    length = (size_t)(at - start);
    memcpy(line->to, start, length);
    line->to += length;
    return true;
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
