/* Columns of a delimited tracker file by name: where they stand, and cells as numbers, texts and times. */
#ifndef JF_DATA_TRACKERS_HEADER_H
#define JF_DATA_TRACKERS_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include "core/error.h"
#include "data/rows.h"

typedef struct jf_header {
    char **names; /* as in the file, blanks around them taken off */
    size_t n;
} jf_header;

/* From a header row; replaces what was there. */
jf_status jf_header_read(jf_header *header, const jf_row *row, jf_error *err);
void jf_header_free(jf_header *header);
/* Place of a column by exact name, or -1. */
long jf_header_find(const jf_header *header, const char *name);
/* Does this row repeat the header's names (a restarted or joined file)? */
bool jf_header_repeats(const jf_header *header, const jf_row *row);
/* The cell's text, or "" when the column is absent. */
const char *jf_header_text(const jf_header *header, const jf_row *row, const char *name);
/* The cell's number; NaN when absent or empty; *bad is set (never cleared) when it is a text that is no
 * number. */
double jf_header_number(const jf_header *header, const jf_row *row, const char *name, bool *bad);

/* For recognising a file by its first line, names parted by commas: is this column there (quotes and blanks
 * around it aside)? Are there no others than these (NULL-ended)? */
bool jf_head_has(const char *head, const char *name);
bool jf_head_only(const char *head, const char *const *names);

/* Reads whole numbers by a pattern from the front of a text: a digit of the pattern stands for a number of at
 * most so many digits, a blank for any number of blanks, everything else for itself ("4-2-2" takes
 * "2026-8-15"). The place behind what was read, or NULL where the text does not fit; `fields` has one entry
 * for each number. */
const char *jf_fields_read(const char *text, const char *pattern, int *fields);
/* The decimal number in front of other text ("0.25 kWh", "2 device(s)"), blanks before it skipped; NaN when
 * there is none. */
double jf_number_before(const char *text);

/* Seconds since 1970 of "2026-08-15T10:00:00", "2026/08/15 10:00:00.250" or "2026-08-15 10:00:00.123456789",
 * read as UTC (a file's clock has no zone); NaN when it is no such time. A zone behind it ("+00:00", "Z") is
 * taken off. */
double jf_time_read(const char *text);

#endif
