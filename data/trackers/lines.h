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

/* Cuts a text at blanks, in place; returns the number of words, at most `most`. */
size_t jf_words_of_line(char *text, char **words, size_t most);
/* Copies the first line of a text, cut to `size` bytes, and returns where the next line begins. */
const char *jf_line_copy(const char *text, char *line, size_t size);

#endif
