/* Lines of rows as runs of equal steps. */
#include "data/lines.h"

#include <stdint.h>
#include "core/memory.h"

bool jf_lines_add(jf_lines *lines, size_t line)
{
    jf_line_run *last = lines->n_runs ? &lines->runs[lines->n_runs - 1] : NULL;
    size_t place = last ? lines->n_rows - last->row : 0;

    if (place == 1) last->step = line - last->line; /* two rows are a run whatever their lines */
    if (!last || line != last->line + place * last->step) {
        if (!jf_grow((void **)&lines->runs, &lines->capacity, lines->n_runs + 1, sizeof *lines->runs))
            return false;
        lines->runs[lines->n_runs++] = (jf_line_run){lines->n_rows, line, 1};
    }
    lines->n_rows++;
    return true;
}

size_t jf_lines_at(const jf_lines *lines, size_t row)
{
    size_t low = 0, high = lines->n_runs;

    if (row >= lines->n_rows) return 0;
    while (high - low > 1) { /* runs[low].row <= row */
        size_t middle = low + (high - low) / 2;

        if (lines->runs[middle].row <= row)
            low = middle;
        else
            high = middle;
    }
    return lines->runs[low].line + (row - lines->runs[low].row) * lines->runs[low].step;
}

bool jf_lines_gather(jf_lines *lines, const jf_lines *from, const size_t *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t row = rows ? rows[i] : i;

        if (!jf_lines_add(lines, row == SIZE_MAX ? 0 : jf_lines_at(from, row))) return false;
    }
    return true;
}

void jf_lines_free(jf_lines *lines)
{
    jf_free(lines->runs);
    *lines = (jf_lines){0};
}
