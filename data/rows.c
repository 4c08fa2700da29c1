/* Delimited text, row by row, with line numbers: libcsv in strict mode, and on again after a broken row.
 *
 * Text is taken one line at a time, so that lines can be counted and a broken row be left behind; the text of
 * the row at hand stays in `text` until it is known to be sound. Ordinary lines are split by jf_line_split;
 * libcsv has the last word on all others. */
#include "data/rows.h"

#include <csv.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "core/no_text.h"
#include "core/parallel.h"
#include "core/progress.h"
#include "data/line.h"
#include "data/source.h"

enum { BLOCK = 1 << 18 };

/* Bytes that the parser's field grows by: by the library's own 128 a field of 64 MiB would be copied half a
 * million times where memory cannot grow in place. */
enum { PARSER_STEP = 1 << 20 };

struct jf_rows {
    jf_source *source;
    char separator, line_end;
    size_t max_row;

    char *text; /* text[row_start .. filled): the row at hand and what was read after it */
    size_t row_start, at, filled, capacity;
    size_t n_read; /* bytes read so far, for messages about broken files */
    bool ended;
    size_t line; /* of text[at] */

    struct csv_parser parser;
    bool parser_ready;

    char *bytes; /* the row's fields, each with a zero byte behind it */
    size_t n_bytes, bytes_capacity;
    size_t *starts;
    size_t n_fields, starts_capacity;
    bool row_done, no_memory;
    char problem[160];
};

char jf_rows_separator(const jf_rows *rows)
{
    return rows->separator;
}

const char *jf_rows_name(const jf_rows *rows)
{
    return jf_source_name(rows->source);
}

void jf_rows_digest(const jf_rows *rows, char digest[65])
{
    jf_source_digest(rows->source, digest);
}

/* ---- what libcsv calls ---- */

static void take_field(void *field, size_t length, void *context)
{
    jf_rows *rows = context;

    if (!jf_grow((void **)&rows->bytes, &rows->bytes_capacity, rows->n_bytes + length + 1, 1) ||
        !jf_grow((void **)&rows->starts, &rows->starts_capacity, rows->n_fields + 2, sizeof *rows->starts)) {
        rows->no_memory = true;
        return;
    }
    rows->starts[rows->n_fields++] = rows->n_bytes;
    if (length) memcpy(rows->bytes + rows->n_bytes, field, length);
    rows->n_bytes += length;
    rows->bytes[rows->n_bytes++] = '\0';
    rows->starts[rows->n_fields] = rows->n_bytes;
}

static void end_row(int line_end, void *context)
{
    jf_rows *rows = context;

    (void)line_end;
    rows->row_done = true;
}

static void *parser_resize(void *old, size_t size)
{
    return jf_resize(old, size, 1);
}

static int is_line_feed(unsigned char c)
{
    return c == '\n';
}

static int is_carriage_return(unsigned char c)
{
    return c == '\r';
}

/* The carriage return of CRLF counts as a blank at the end of the line. */
static int is_blank(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static int is_blank_not_return(unsigned char c)
{
    return c == ' ' || c == '\t';
}

static jf_status start_parser(jf_rows *rows, jf_error *err)
{
    bool cr = rows->line_end == '\r';

    if (rows->parser_ready) csv_free(&rows->parser);
    rows->parser_ready = csv_init(&rows->parser, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL) == 0;
    if (!rows->parser_ready) return jf_fail(err, JF_ENOMEM, "out of memory for reading rows");
    csv_set_delim(&rows->parser, (unsigned char)rows->separator);
    csv_set_term_func(&rows->parser, cr ? is_carriage_return : is_line_feed);
    csv_set_space_func(&rows->parser, cr ? is_blank_not_return : is_blank);
    csv_set_realloc_func(&rows->parser, parser_resize);
    csv_set_blk_size(&rows->parser, PARSER_STEP);
    csv_set_free_func(&rows->parser, jf_free);
    return JF_OK;
}

/* ---- text ---- */

static jf_status check_text(const jf_rows *rows, const char *block, size_t n, jf_error *err)
{
    const char *zero = n ? memchr(block, '\0', n) : NULL, *what;
    bool bzip2 =
        rows->n_read == 0 && n >= 10 && memcmp(block, "BZh", 3) == 0 && memcmp(block + 4, "1AY&SY", 6) == 0;

    if (!zero && !bzip2) return JF_OK;
    what = rows->n_read == 0 ? jf_no_text(block, n) : NULL;
    if (what) return jf_fail(err, JF_EDATA, "%s: this is %s", jf_rows_name(rows), what);
    return jf_fail(err, JF_EDATA, "%s: not a text file: byte %zu is zero", jf_rows_name(rows),
                   rows->n_read + (size_t)(zero - block) + 1);
}

/* Reads one block more behind `filled`, after moving the row at hand to the front. */
static jf_status read_more(jf_rows *rows, jf_error *err)
{
    jf_status status = JF_OK;
    size_t n, kept = rows->filled - rows->row_start;

    if (kept && rows->row_start) memmove(rows->text, rows->text + rows->row_start, kept);
    rows->at -= rows->row_start;
    rows->filled = kept;
    rows->row_start = 0;
    if (!jf_grow((void **)&rows->text, &rows->capacity, kept + BLOCK, 1))
        return jf_fail(err, JF_ENOMEM, "out of memory for the text of %s", jf_rows_name(rows));
    JF_TRY(jf_stop_check(err));
    JF_TRY(jf_source_read(rows->source, rows->text + kept, BLOCK, &n, err));
    JF_TRY(check_text(rows, rows->text + kept, n, err));
    rows->ended = n == 0;
    rows->n_read += n;
    jf_progress_stage("reading");
    jf_progress_tell(rows->ended ? 1 : jf_source_share(rows->source));
    rows->filled += n;
done:
    return status;
}

/* Finds the end of the line that starts at `at`, reading as needed; *end is behind its line end. */
static jf_status find_line(jf_rows *rows, size_t *end, jf_error *err)
{
    jf_status status = JF_OK;
    size_t length = 0; /* of what was searched from `at` */

    for (bool found = false; !found && length <= rows->max_row;) {
        size_t left = rows->filled - rows->at - length;
        const char *start = rows->text + rows->at + length;
        const char *line_end = left ? memchr(start, rows->line_end, left) : NULL;
        length += line_end ? (size_t)(line_end - start) + 1 : left;
        found = line_end || rows->ended;
        if (!found) JF_TRY(read_more(rows, err));
    }
    *end = rows->at + length;
    if (length > rows->max_row)
        status = jf_fail(err, JF_ELIMIT, "%s:%zu: a line is longer than %zu bytes", jf_rows_name(rows),
                         rows->line, rows->max_row);
done:
    return status;
}

/* Looks through the first line: which line end, and which separator stands most often outside quotes. */
static void study_first_line(jf_rows *rows)
{
    static const char candidates[] = ",;\t";
    size_t counts[3] = {0}, best = 0;
    bool in_quotes = false;

    rows->line_end = '\n';
    for (size_t i = rows->at; i < rows->filled; i++) {
        char c = rows->text[i];
        const char *found = in_quotes ? NULL : strchr(candidates, c);
        if (c == '"') in_quotes = !in_quotes;
        if (found) counts[found - candidates]++;
        if (in_quotes || (c != '\n' && c != '\r')) continue;
        if (c == '\r' && i + 1 < rows->filled && rows->text[i + 1] != '\n') rows->line_end = '\r';
        break;
    }
    for (size_t i = 1; i < 3; i++)
        if (counts[i] > counts[best]) best = i;
    if (!rows->separator) rows->separator = candidates[best];
}

/* Reads enough for BOM, line end and header line to be seen. */
static jf_status begin(jf_rows *rows, jf_error *err)
{
    jf_status status = JF_OK;

    rows->at = rows->filled = rows->row_start = rows->n_read = 0;
    rows->ended = false;
    rows->line = 1;
    do JF_TRY(read_more(rows, err));
    while (!rows->ended && rows->filled < BLOCK && !memchr(rows->text, '\n', rows->filled));
    if (rows->filled >= 3 && memcmp(rows->text, "\xef\xbb\xbf", 3) == 0) rows->at = rows->row_start = 3;
done:
    return status;
}

jf_status jf_rows_open(const char *path, char separator, size_t max_row, jf_rows **out, jf_error *err)
{
    jf_status status = JF_OK;
    jf_rows *rows = JF_NEW(jf_rows);

    *out = NULL;
    JF_TRY_NEW(rows, err, "reading rows");
    rows->separator = separator;
    rows->max_row = max_row ? max_row : (size_t)64 << 20;
    JF_TRY(jf_source_open(path, &rows->source, err));
    JF_TRY(begin(rows, err));
    study_first_line(rows);
    JF_TRY(start_parser(rows, err));
    *out = rows;
    rows = NULL;
done:
    jf_rows_close(rows);
    return status;
}

jf_status jf_rows_rewind(jf_rows *rows, jf_error *err)
{
    jf_status status = JF_OK;

    JF_TRY(jf_source_rewind(rows->source, err));
    JF_TRY(begin(rows, err));
    JF_TRY(start_parser(rows, err));
done:
    return status;
}

void jf_rows_close(jf_rows *rows)
{
    if (!rows) return;
    if (rows->parser_ready) csv_free(&rows->parser);
    jf_source_close(rows->source);
    jf_free(rows->text);
    jf_free(rows->bytes);
    jf_free(rows->starts);
    jf_free(rows);
}

/* ---- rows ---- */

static void forget_row(jf_rows *rows)
{
    rows->n_fields = rows->n_bytes = 0;
    rows->row_done = false;
}

/* Leaves a broken row behind: goes on in the line after its first one. */
static jf_status leave_row(jf_rows *rows, size_t first_line, size_t first_end, jf_row *row, jf_error *err)
{
    *row = (jf_row){.line = first_line, .n_lines = 1, .problem = rows->problem};
    forget_row(rows);
    rows->at = rows->row_start + first_end;
    rows->line = first_line + 1;
    return start_parser(rows, err);
}

static jf_status parser_status(const jf_rows *rows, jf_error *err)
{
    if (rows->no_memory || csv_error((struct csv_parser *)&rows->parser) == CSV_ENOMEM)
        return jf_fail(err, JF_ENOMEM, "out of memory for a row of %s", jf_rows_name(rows));
    return JF_OK;
}

static void describe_quote(jf_rows *rows, size_t first_line, size_t character)
{
    if (rows->line == first_line)
        snprintf(rows->problem, sizeof rows->problem, "a quote out of place at character %zu", character);
    else
        snprintf(rows->problem, sizeof rows->problem,
                 "a quote is opened and not closed in this row (next quote: line %zu, character %zu)",
                 rows->line, character);
}

/* Splits the line at hand without libcsv, where that gives the same. */
static bool split_ordinary_line(jf_rows *rows, size_t end)
{
    size_t length = end - rows->at;
    bool has_end = rows->text[end - 1] == rows->line_end;

    if (rows->at != rows->row_start || length >= JF_LONGEST_LINE) return false;
    if (!jf_grow((void **)&rows->bytes, &rows->bytes_capacity, length + 1, 1) ||
        !jf_grow((void **)&rows->starts, &rows->starts_capacity, length + 2, sizeof *rows->starts))
        return false; /* libcsv needs less and will say when even that is not there */
    if (!jf_line_split(rows->text + rows->at, length - has_end, rows->separator, rows->line_end == '\n',
                       rows->bytes, rows->starts, &rows->n_fields))
        return false;
    rows->n_bytes = rows->starts[rows->n_fields];
    rows->row_done = true;
    return true;
}

/* Takes in the line at hand. *sound is false, with `problem` written, when it is not CSV. */
static jf_status feed_line(jf_rows *rows, size_t end, size_t first_line, bool *sound, jf_error *err)
{
    jf_status status = JF_OK;
    size_t length = end - rows->at, taken = length;

    if (!split_ordinary_line(rows, end)) {
        if (rows->at == rows->row_start) forget_row(rows);
        taken = csv_parse(&rows->parser, rows->text + rows->at, length, take_field, end_row, rows);
        JF_TRY(parser_status(rows, err));
    }
    *sound = taken == length;
    if (!*sound) describe_quote(rows, first_line, taken + 1);
    rows->at = end;
    rows->line++;
done:
    return status;
}

static jf_status finish_text(jf_rows *rows, bool *sound, jf_error *err)
{
    int code = csv_fini(&rows->parser, take_field, end_row, rows);

    *sound = code == 0;
    if (!*sound)
        snprintf(rows->problem, sizeof rows->problem, "a quote is opened in this row and never closed");
    return parser_status(rows, err);
}

jf_status jf_rows_next(jf_rows *rows, jf_row *row, bool *more, jf_error *err)
{
    jf_status status = JF_OK;
    size_t first_line = rows->line, first_end = 0, end;
    bool sound = true;

    *more = true;
    forget_row(rows);
    rows->row_start = rows->at;
    while (!rows->row_done) {
        JF_TRY(find_line(rows, &end, err));
        bool at_end = end == rows->at;
        if (!first_end) first_end = end - rows->row_start;
        if (at_end)
            JF_TRY(finish_text(rows, &sound, err));
        else
            JF_TRY(feed_line(rows, end, first_line, &sound, err));
        if (sound && !rows->row_done && rows->at - rows->row_start > rows->max_row) {
            snprintf(rows->problem, sizeof rows->problem, "a quote is opened and not closed within %zu bytes",
                     rows->max_row);
            sound = false;
        }
        if (!sound) return leave_row(rows, first_line, first_end, row, err);
        if (rows->row_done && rows->n_fields == 0) { /* a blank line */
            forget_row(rows);
            rows->row_start = rows->at;
            first_line = rows->line;
            first_end = 0;
        }
        if (at_end) break;
    }
    *more = rows->row_done;
    *row = (jf_row){.line = first_line,
                    .n_lines = rows->line - first_line,
                    .n_fields = rows->n_fields,
                    .bytes = rows->bytes,
                    .starts = rows->starts};
done:
    return status;
}
