/* Where joulefit splits a line itself, it gives exactly what libcsv gives in strict mode. */
#include <csv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/stream.h"
#include "data/line.h"
#include "tests/check.h"

enum { LONGEST = 40, MOST_FIELDS = 12, MOST_BYTES = MOST_FIELDS * 460 };

typedef struct fields {
    char bytes[2 * MOST_BYTES + 2];
    size_t starts[MOST_BYTES + 3];
    size_t n;
    bool row_done;
} fields;

static void take_field(void *field, size_t length, void *context)
{
    fields *out = context;
    size_t start = out->starts[out->n];

    if (length) memcpy(out->bytes + start, field, length);
    out->bytes[start + length] = '\0';
    out->starts[++out->n] = start + length + 1;
}

static void end_row(int line_end, void *context)
{
    (void)line_end;
    ((fields *)context)->row_done = true;
}

static int is_line_feed(unsigned char c)
{
    return c == '\n';
}

static int is_blank(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* False when libcsv finds no whole row in the line. */
static bool split_by_libcsv(const char *line, size_t length, char separator, fields *out)
{
    struct csv_parser parser;
    size_t taken;

    out->n = out->starts[0] = 0;
    out->row_done = false;
    assert_int_equal(csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL), 0);
    csv_set_delim(&parser, (unsigned char)separator);
    csv_set_term_func(&parser, is_line_feed);
    csv_set_space_func(&parser, is_blank);
    taken = csv_parse(&parser, line, length, take_field, end_row, out);
    taken += taken == length ? csv_parse(&parser, "\n", 1, take_field, end_row, out) : 0;
    csv_free(&parser);
    return taken == length + 1 && out->row_done;
}

static void every_line_is_split_as_libcsv_splits_it(void **state)
{
    static const char separators[] = ",;\t";
    static const char letters[] = "ab1\"\"\"\",,;\t  \r.";
    jf_stream stream = jf_stream_make(JF_DEFAULT_SEED, JF_FOR_TESTS, 6);
    size_t n_split = 0, n_quoted = 0, n_left = 0;
    static fields ours, theirs;

    (void)state;

    for (int i = 0; i < 2000000; i++) {
        char line[LONGEST], separator = separators[jf_stream_below(&stream, 3)];
        size_t length = jf_stream_below(&stream, 12);
        bool split, whole;
        for (size_t c = 0; c < length; c++) line[c] = letters[jf_stream_below(&stream, sizeof letters - 1)];
        split = jf_line_split(line, length, separator, true, ours.bytes, ours.starts, &ours.n);
        whole = split_by_libcsv(line, length, separator, &theirs);
        if (!split) {
            n_left += whole;
            continue;
        }
        n_split++;
        n_quoted += memchr(line, '"', length) != NULL;
        if (!whole || ours.n != theirs.n ||
            memcmp(ours.starts, theirs.starts, (ours.n + 1) * sizeof *ours.starts) != 0 ||
            memcmp(ours.bytes, theirs.bytes, ours.starts[ours.n]) != 0)
            fail_msg("'%.*s' with '%c': %zu fields, libcsv has %zu", (int)length, line, separator, ours.n,
                     theirs.n);
    }
    assert_true(n_split > 100000 && n_quoted > 10000); /* the lines were of the kind that is meant */
    assert_int_equal(n_left, 0);                       /* and libcsv is asked about broken lines only */
}

/* Appends a field: plain with blanks around it, or quoted with all that quotes allow inside. */
static size_t add_field(jf_stream *stream, char separator, char *line, size_t at)
{
    static const char plain[] = "abcdefgh0123456789.-e ", quoted[] = "abc0123, ;\t\r";
    size_t length = jf_stream_below(stream, jf_stream_below(stream, 8) ? 24 : 150);
    bool in_quotes = jf_stream_below(stream, 4) == 0;

    if (in_quotes) line[at++] = '"';
    for (size_t i = 0; i < length; i++) {
        char c = in_quotes ? quoted[jf_stream_below(stream, sizeof quoted - 1)]
                           : plain[jf_stream_below(stream, sizeof plain - 1)];

        if (c == separator && !in_quotes) c = 'x';
        line[at++] = c;
        if (!in_quotes || jf_stream_below(stream, 16)) continue;
        line[at++] = '"';
        line[at++] = '"';
    }
    if (in_quotes) line[at++] = '"';
    for (size_t i = jf_stream_below(stream, 3); i > 0 && separator != ' '; i--) line[at++] = ' ';
    return at;
}

/* Lines of many fields, some with a byte spoiled; each in memory of just its size, so that what reads or
 * writes beyond is seen under valgrind and sanitizers. */
static void long_lines_are_split_as_libcsv_splits_them(void **state)
{
    static const char separators[] = ",;\t", spoilers[] = "\",; \ta";
    jf_stream stream = jf_stream_make(JF_DEFAULT_SEED, JF_FOR_TESTS, 7);
    size_t n_split = 0, n_left = 0;
    static char line[MOST_BYTES];
    static fields ours, theirs;

    (void)state;
    for (int i = 0; i < 40000; i++) {
        char separator = separators[jf_stream_below(&stream, 3)], *text, *bytes;
        size_t n = 1 + jf_stream_below(&stream, MOST_FIELDS), length = 0;
        bool whole;

        for (size_t f = 0; f < n; f++) {
            if (f) line[length++] = separator;
            length = add_field(&stream, separator, line, length);
        }
        if (jf_stream_below(&stream, 3) == 0 && length)
            line[jf_stream_below(&stream, length)] = spoilers[jf_stream_below(&stream, sizeof spoilers - 1)];
        text = malloc(length + !length);
        bytes = malloc(length + 1);
        assert_true(text && bytes);
        memcpy(text, line, length);
        whole = split_by_libcsv(line, length, separator, &theirs);
        if (!jf_line_split(text, length, separator, true, bytes, ours.starts, &ours.n)) {
            n_left += whole;
        } else {
            n_split++;
            if (!whole || ours.n != theirs.n ||
                memcmp(ours.starts, theirs.starts, (ours.n + 1) * sizeof *ours.starts) != 0 ||
                memcmp(bytes, theirs.bytes, ours.starts[ours.n]) != 0)
                fail_msg("'%.*s' with '%c': %zu fields, libcsv has %zu", (int)length, line, separator, ours.n,
                         theirs.n);
        }
        free(text);
        free(bytes);
    }
    assert_true(n_split > 20000);
    assert_int_equal(n_left, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_line_is_split_as_libcsv_splits_it),
                                       cmocka_unit_test(long_lines_are_split_as_libcsv_splits_them)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
