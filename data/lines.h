/* The line of a file that each row came from, kept as runs: no memory a row where lines follow each other. */
#ifndef JF_DATA_LINES_H
#define JF_DATA_LINES_H

#include <stdbool.h>
#include <stddef.h>

/* Rows from `row` to the next run's: lines `line`, `line` + step, ... (modulo 2^64, so that lines may fall).
 */
typedef struct jf_line_run {
    size_t row, line, step;
} jf_line_run;

/* Zero-initialise. */
typedef struct jf_lines {
    jf_line_run *runs;
    size_t n_runs, capacity;
    size_t n_rows;
} jf_lines;

/* Appends the line of the next row. False, and nothing appended, when out of memory. */
bool jf_lines_add(jf_lines *lines, size_t line);
/* The line of a row; 0 for rows without one. Binary search among the runs. */
size_t jf_lines_at(const jf_lines *lines, size_t row);
/* Appends the lines of these n rows of `from` (NULL: the first n; SIZE_MAX: line 0). False when out of
 * memory.
 */
bool jf_lines_gather(jf_lines *lines, const jf_lines *from, const size_t *rows, size_t n);
void jf_lines_free(jf_lines *lines);

#endif
