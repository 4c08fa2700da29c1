/* Text logs line by line, and lines in words. */
#ifndef JF_DATA_TRACKERS_LINES_H
#define JF_DATA_TRACKERS_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include "core/error.h"

typedef struct jf_lines jf_lines;

typedef struct jf_line {
    char *text;    /* zero-terminated, without its line end; may be written to; holds until the next call */
    size_t number; /* 1-based */
    bool ended;    /* a line end stands behind it: false for a last line that may have been cut */
} jf_line;

/* Opens `path` ("-": stdin; gzip and zstd are unpacked), skips a BOM. Line ends are LF or CRLF. Zero bytes
 * are JF_EDATA, a line of more than 1 MiB is JF_ELIMIT. */
jf_status jf_lines_open(const char *path, jf_lines **out, jf_error *err);
void jf_lines_close(jf_lines *lines); /* takes NULL */
/* The next line, blank ones too; *more is false at the end. */
jf_status jf_lines_next(jf_lines *lines, jf_line *line, bool *more, jf_error *err);

/* Takes one line; anything but JF_OK ends the reading and is handed on. */
typedef jf_status jf_line_taker(void *context, const jf_line *line);
/* Opens the file, hands every line to `take`, blank ones only when `blank`, and closes it. */
jf_status jf_lines_each(const char *path, bool blank, jf_line_taker *take, void *context, jf_error *err);

/* Cuts a text at blanks, in place; returns the number of words, at most `most`. */
size_t jf_words_of_line(char *text, char **words, size_t most);
/* Copies the first line of a text, cut to `size` bytes, and returns where the next line begins. */
const char *jf_line_copy(const char *text, char *line, size_t size);

#endif
