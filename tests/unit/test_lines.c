/* Lines of rows kept as runs: the same as a plain list, and little memory where lines follow each other. */
#include "data/lines.h"

#include <stdint.h>
#include "core/stream.h"
#include "tests/check.h"

enum { N = 3000 };

static void check_same(const jf_lines *lines, const size_t *plain, size_t n)
{
    assert_int_equal(lines->n_rows, n);
    for (size_t i = 0; i < n; i++)
        if (jf_lines_at(lines, i) != plain[i])
            fail_msg("row %zu: line %zu, not %zu", i, jf_lines_at(lines, i), plain[i]);
    assert_int_equal(jf_lines_at(lines, n), 0);
}

/* Lists of all sorts: nearly in order, with steps, falling, at random, and repeating. */
static void lines_come_back_as_they_were_added(void **state)
{
    static size_t plain[N];

    (void)state;
    for (uint64_t seed = 0; seed < 40; seed++) {
        jf_stream stream = jf_stream_make(seed, JF_FOR_TESTS, 0);
        jf_lines lines = {0};
        size_t line = 2, step = 1;

        for (size_t i = 0; i < N; i++) {
            size_t what = jf_stream_below(&stream, 40);

            if (what == 0) step = jf_stream_below(&stream, 3);
            if (what == 1) line += 1 + jf_stream_below(&stream, 4);
            if (what == 2 && seed % 2) line = jf_stream_below(&stream, 10000);
            if (seed % 5 == 4) line = jf_stream_below(&stream, SIZE_MAX);
            plain[i] = line;
            line += seed % 5 == 3 ? (size_t)0 - step : step;
            assert_true(jf_lines_add(&lines, plain[i]));
        }
        check_same(&lines, plain, N);
        assert_true(lines.n_runs <= (N + 1) / 2);
        jf_lines_free(&lines);
    }
}

static void lines_without_a_gap_are_one_run(void **state)
{
    jf_lines lines = {0};

    (void)state;
    for (size_t i = 0; i < N; i++) assert_true(jf_lines_add(&lines, 2 * i + 2));
    assert_int_equal(lines.n_runs, 1);
    for (size_t i = 0; i < N; i++) assert_true(jf_lines_add(&lines, 2 * N + 3 + i));
    assert_int_equal(lines.n_runs, 2);
    jf_lines_free(&lines);
}

static void gathered_lines_are_those_of_the_rows(void **state)
{
    jf_lines lines = {0}, picked = {0}, all = {0};
    size_t rows[N], plain[N];

    (void)state;
    for (size_t i = 0; i < N; i++) assert_true(jf_lines_add(&lines, 2 + i + i / 7));
    for (size_t i = 0; i < N; i++) {
        rows[i] = i % 11 == 10 ? SIZE_MAX : (i * 7919) % N;
        plain[i] = i % 11 == 10 ? 0 : 2 + rows[i] + rows[i] / 7;
    }
    assert_true(jf_lines_gather(&picked, &lines, rows, N));
    check_same(&picked, plain, N);
    for (size_t i = 0; i < N; i++) plain[i] = 2 + i + i / 7;
    assert_true(jf_lines_gather(&all, &lines, NULL, N));
    check_same(&all, plain, N);
    jf_lines_free(&lines);
    jf_lines_free(&picked);
    jf_lines_free(&all);
}

static void rows_without_lines_have_line_zero(void **state)
{
    const jf_lines none = {0};
    jf_lines gathered = {0};

    (void)state;
    assert_int_equal(jf_lines_at(&none, 0), 0);
    assert_true(jf_lines_gather(&gathered, &none, NULL, 5));
    assert_int_equal(gathered.n_rows, 5);
    for (size_t i = 0; i < 5; i++) assert_int_equal(jf_lines_at(&gathered, i), 0);
    jf_lines_free(&gathered);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_come_back_as_they_were_added),
        cmocka_unit_test(lines_without_a_gap_are_one_run),
        cmocka_unit_test(gathered_lines_are_those_of_the_rows),
        cmocka_unit_test(rows_without_lines_have_line_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
