/* Where joulefit splits a line itself, it gives exactly what libcsv gives in strict mode. */
#include <csv.h>
#include <stdio.h>
#include <string.h>
#include "core/stream.h"
#include "data/line.h"
#include "tests/check.h"

enum { LONGEST = 40 };

typedef struct fields {
    char bytes[2 * LONGEST + 2];
    size_t starts[LONGEST + 3];
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

    memset(out, 0, sizeof *out);
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
    (void)state;

    for (int i = 0; i < 2000000; i++) {
        char line[LONGEST], separator = separators[jf_stream_below(&stream, 3)];
        size_t length = jf_stream_below(&stream, 12);
        fields ours = {0}, theirs;
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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_line_is_split_as_libcsv_splits_it)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
