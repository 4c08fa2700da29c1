/* Text logs line by line, and lines in words. */
#include "data/trackers/lines.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "core/no_text.h"
#include "core/text.h"
#include "data/source.h"

enum { BLOCK = 1 << 16, MOST = 1 << 20 };

struct jf_lines {
    jf_source *source;
    char block[BLOCK];
    size_t n_block, at;
    size_t number;
    bool ended; /* the source is used up */
    jf_text line;
};

void jf_lines_close(jf_lines *lines)
{
    if (!lines) return;
    jf_source_close(lines->source);
    jf_text_free(&lines->line);
    jf_free(lines);
}

static jf_status fill(jf_lines *lines, jf_error *err)
{
    jf_status status = jf_source_read(lines->source, lines->block, BLOCK, &lines->n_block, err);

    lines->at = 0;
    lines->ended = status == JF_OK && lines->n_block == 0;
    return status;
}

jf_status jf_lines_open(const char *path, jf_lines **out, jf_error *err)
{
    jf_status status = JF_OK;
    jf_lines *lines = JF_NEW(jf_lines);

    *out = NULL;
    JF_TRY_NEW(lines, err, "the text of a log");
    JF_TRY(jf_source_open(path, &lines->source, err));
    JF_TRY(fill(lines, err));
    if (lines->n_block >= 3 && memcmp(lines->block, "\xEF\xBB\xBF", 3) == 0) lines->at = 3;
    *out = lines;
    lines = NULL;
done:
    jf_lines_close(lines);
    return status;
}

/* Gathers bytes up to the line end or the end of the file; *found tells whether there was a line end. */
static jf_status gather(jf_lines *lines, bool *found, jf_error *err)
{
    jf_status status = JF_OK;

    *found = false;
    while (!*found && !lines->ended) {
        const char *start = lines->block + lines->at;
        size_t left = lines->n_block - lines->at;
        const char *end = memchr(start, '\n', left);
        size_t length = end ? (size_t)(end - start) : left;
        jf_text_add_bytes(&lines->line, start, length);
        JF_TRY_NEW(!lines->line.failed, err, "a line of a log");
        if (lines->line.length > MOST)
            return jf_fail(err, JF_ELIMIT, "%s:%zu: a line of more than 1 MiB", jf_source_name(lines->source),
                           lines->number);
        *found = end != NULL;
        lines->at += length + (end != NULL);
        if (!*found) JF_TRY(fill(lines, err));
    }
done:
    return status;
}

jf_status jf_lines_next(jf_lines *lines, jf_line *line, bool *more, jf_error *err)
{
    jf_status status;
    bool found;

    *line = (jf_line){0};
    *more = false;
    lines->line.length = 0;
    lines->number++;
    jf_text_add(&lines->line, ""); /* so that there is a zero byte when the line is empty */
    status = gather(lines, &found, err);
    if (status != JF_OK || (!found && lines->line.length == 0)) return status;
    if (lines->line.length && memchr(lines->line.data, '\0', lines->line.length)) {
        const char *what = lines->number == 1 ? jf_no_text(lines->line.data, lines->line.length) : NULL;
        return jf_fail(err, JF_EDATA, "%s:%zu: %s%s", jf_source_name(lines->source), lines->number,
                       what ? "this is " : "a zero byte: this is no text", what ? what : "");
    }
    if (lines->line.length && lines->line.data[lines->line.length - 1] == '\r')
        lines->line.data[--lines->line.length] = '\0';
    if (lines->line.length == 0 && lines->line.data) lines->line.data[0] = '\0';
    *line = (jf_line){lines->line.data, lines->number, found};
    *more = true;
    return JF_OK;
}

jf_status jf_lines_each(const char *path, bool blank, jf_line_taker *take, void *context, jf_error *err)
{
    jf_status status = JF_OK;
    jf_lines *lines = NULL;
    jf_line line;
    bool more = false;

    JF_TRY(jf_lines_open(path, &lines, err));
    for (;;) {
        JF_TRY(jf_lines_next(lines, &line, &more, err));
        if (!more) break;
        if (blank || *line.text) JF_TRY(take(context, &line));
    }
done:
    jf_lines_close(lines);
    return status;
}

size_t jf_words_of_line(char *text, char **words, size_t most)
{
    size_t n = 0;

    while (n < most) {
        while (isspace((unsigned char)*text)) text++;
        if (!*text) break;
        words[n++] = text;
        while (*text && !isspace((unsigned char)*text)) text++;
        if (*text) *text++ = '\0';
    }
    return n;
}

const char *jf_line_copy(const char *text, char *line, size_t size)
{
    size_t length = strcspn(text, "\r\n");

    snprintf(line, size, "%.*s", (int)(length < size ? length : size - 1), text);
    text += length;
    return text + strspn(text, "\r\n");
}
