/* CSV files: separators, quotes, line ends, packings, types, missing values, rejects and every message. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>
#include "core/stream.h"
#include "data/csv.h"
#include "data/guard.h"
#include "tests/check.h"
#include "tests/refuse.h"

static char path[] = "/tmp/joulefit-csv-XXXXXX";

static void write_bytes(const char *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

/* Everything that reading gives. */
typedef struct result {
    jf_table *table;
    jf_ledger ledger;
    jf_warnings warnings;
    jf_error err;
    jf_status status;
} result;

static result read_file(const jf_csv_options *options)
{
    result out = {0};

    out.status = jf_csv_read(path, options, &out.ledger, &out.warnings, &out.table, &out.err);
    if (out.status != JF_OK) assert_null(out.table);
    assert_int_equal(out.ledger.rows_read,
                     out.ledger.rows_kept + out.ledger.rows_merged + out.ledger.rows_rejected);
    return out;
}

static result read_text(const char *text)
{
    write_bytes(text, strlen(text));
    return read_file(NULL);
}

static void release(result *out)
{
    jf_table_free(out->table);
    jf_ledger_free(&out->ledger);
    jf_warnings_free(&out->warnings);
}

static const jf_column *column(const result *out, const char *name)
{
    const jf_column *found = out->table ? jf_table_find(out->table, name) : NULL;

    if (!found) fail_msg("no column '%s' (%s)", name, out->err.message);
    return found;
}

static double number(const result *out, const char *name, size_t row)
{
    const jf_column *found = column(out, name);

    assert_int_equal(found->kind, JF_NUMERIC);
    assert_null(found->codes);
    assert_true(row < out->table->n_rows);
    return found->values[row];
}

static const char *label(const result *out, const char *name, size_t row)
{
    const jf_column *found = column(out, name);

    assert_int_equal(found->kind, JF_LABEL);
    assert_null(found->values);
    assert_true(row < out->table->n_rows);
    return found->codes[row] < 0 ? "<missing>" : found->levels[found->codes[row]];
}

/* The message without the path in front. */
static void check_refused(const char *text, size_t length, jf_status status, const char *message)
{
    result out;

    write_bytes(text, length);
    out = read_file(NULL);
    if (strncmp(out.err.message, path, strlen(path)) != 0) fail_msg("no path in '%s'", out.err.message);
    assert_string_equal(out.err.message + strlen(path), message);
    assert_int_equal(out.status, status);
    release(&out);
}

/* ---- shapes of files ---- */

static void the_same_table_comes_from_every_shape_of_file(void **state)
{
    static const char *const shapes[] = {
        "name,energy_J,n\nA 1,2.5,3\nB,-1e3,\n",           /* plain */
        "name,energy_J,n\r\nA 1,2.5,3\r\nB,-1e3,\r\n",     /* CRLF */
        "name,energy_J,n\rA 1,2.5,3\rB,-1e3,\r",           /* CR */
        "\xef\xbb\xbfname,energy_J,n\nA 1,2.5,3\nB,-1e3,", /* BOM, no last line end */
        "name\tenergy_J\tn\nA 1\t2.5\t3\nB\t-1e3\t\n",     /* tabs */
        "name;energy_J;n\nA 1;2.5;3\nB;-1e3;\n",           /* semicolons */
        "name;energy_J;n\nA 1;2,5;3\nB;-1e3;\n",           /* semicolons and decimal commas */
        "\"name\",\"energy_J\",\"n\"\n\"A 1\",\"2.5\",\"3\"\n\"B\",\"-1e3\",\"\"\n", /* quotes */
        "\n\nname , energy_J, n \n\n  A 1, 2.5 ,3\n\n\nB,-1e3,NA\n\n",               /* blank lines, blanks */
        "\xef\xbb\xbf\"name\",energy_J,n\r\n\"A 1\",2.5,3\r\nB,-1e3,null\r\n",
    };
    (void)state;

    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        result out = read_text(shapes[i]);
        check_ok(out.status, &out.err);
        assert_int_equal(out.table->n_rows, 2);
        assert_int_equal(out.table->n_columns, 3);
        assert_string_equal(label(&out, "name", 0), "A 1");
        assert_string_equal(label(&out, "name", 1), "B");
        check_close(number(&out, "energy_J", 0), 2.5, 0, "shape %zu", i);
        check_close(number(&out, "energy_J", 1), -1000, 0, "shape %zu", i);
        check_close(number(&out, "n", 0), 3, 0, "shape %zu", i);
        assert_true(isnan(number(&out, "n", 1)));
        assert_string_equal(column(&out, "energy_J")->unit, "J");
        assert_int_equal(out.ledger.rows_kept, 2);
        assert_int_equal(out.warnings.n, 0);
        release(&out);
    }
}

static void packed_files_read_like_plain_ones(void **state)
{
    static const char half[] = "a,b\n1,x\n", rest[] = "2,y\n";
    char packed[4096], again[4096];
    size_t length, more;
    gzFile file;
    result out;
    (void)state;

    file = gzopen(path, "wb");
    gzputs(file, half);
    gzclose(file);
    file = gzopen(path, "ab"); /* a second member, as `cat a.gz b.gz` makes */
    gzputs(file, rest);
    gzclose(file);
    out = read_file(NULL);
    check_ok(out.status, &out.err);
    assert_int_equal(out.table->n_rows, 2);
    assert_string_equal(label(&out, "b", 1), "y");
    release(&out);

    length = ZSTD_compress(packed, sizeof packed, half, strlen(half), 3);
    more = ZSTD_compress(again, sizeof again, rest, strlen(rest), 3);
    memcpy(packed + length, again, more);
    write_bytes(packed, length + more);
    out = read_file(NULL);
    check_ok(out.status, &out.err);
    assert_int_equal(out.table->n_rows, 2);
    check_close(number(&out, "a", 1), 2, 0, "zstd");
    release(&out);
    check_refused(packed, length - 2, JF_EDATA, ": compressed data end too early: the file was cut");
}

static void a_cut_or_damaged_gzip_file_is_refused(void **state)
{
    char bytes[4096];
    size_t length;
    FILE *file;
    gzFile packed = gzopen(path, "wb");
    (void)state;

    gzputs(packed, "a,b\n");
    for (int i = 0; i < 200; i++) gzprintf(packed, "%d,%d\n", i * 7919, i);
    gzclose(packed);
    file = fopen(path, "rb");
    length = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    check_refused(bytes, length / 2, JF_EDATA, ": compressed data end too early: the file was cut");
    bytes[length / 2] ^= 0x55;
    bytes[length / 2 + 1] ^= 0x55;
    write_bytes(bytes, length);
    {
        result out = read_file(NULL);
        assert_int_equal(out.status, JF_EDATA);
        assert_non_null(strstr(out.err.message, ": damaged gzip data: "));
        release(&out);
    }
}

static void stdin_is_read_once_and_typed_like_a_file(void **state)
{
    static const char text[] = "version,x\n1.10,1\n2.0,2\n2.0.1,3\n"; /* version needs the second pass */
    int ends[2], old = dup(STDIN_FILENO);
    result out = {0};
    (void)state;

    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], text, strlen(text)), (ssize_t)strlen(text));
    close(ends[1]);
    dup2(ends[0], STDIN_FILENO);
    out.status = jf_csv_read("-", NULL, &out.ledger, &out.warnings, &out.table, &out.err);
    dup2(old, STDIN_FILENO);
    close(ends[0]);
    close(old);
    check_ok(out.status, &out.err);
    assert_string_equal(out.table->file, "stdin");
    assert_string_equal(label(&out, "version", 0), "1.10");
    check_close(number(&out, "x", 2), 3, 0, "x");
    release(&out);
}

static void the_digest_is_that_of_the_files_bytes(void **state)
{
    result out = read_text("a\n1\n");
    (void)state;

    check_ok(out.status, &out.err);
    /* printf 'a\n1\n' | sha256sum */
    assert_string_equal(out.table->sha256,
                        "309b0e45a73d3fc5325e2b6ed0a01ef8b9cde6b05a5633c1f893f970d52bfddc");
    release(&out);
}

/* ---- quotes ---- */

static void quotes_keep_separators_line_ends_and_quotes(void **state)
{
    result out = read_text("text,\"two words\",\"a \"\"b\"\"\"\n"
                           "\"one, two\",1,x\n"
                           "\"line 1\nline 2\",2,y\n"
                           "\"say \"\"hi\"\"\",3,\" z \"\n");
    (void)state;

    check_ok(out.status, &out.err);
    assert_int_equal(out.table->n_rows, 3);
    assert_string_equal(label(&out, "text", 0), "one, two");
    assert_string_equal(label(&out, "text", 1), "line 1\nline 2");
    assert_string_equal(label(&out, "text", 2), "say \"hi\"");
    assert_string_equal(label(&out, "a \"b\"", 2), " z ");
    check_close(number(&out, "two words", 2), 3, 0, "third row");
    assert_int_equal(jf_table_line(out.table, 0), 2);
    assert_int_equal(jf_table_line(out.table, 1), 3);
    assert_int_equal(jf_table_line(out.table, 2), 5);
    release(&out);
}

static void a_stray_quote_costs_its_row_and_no_other(void **state)
{
    result out = read_text("a,b\n"
                           "1,2\n"
                           "\"x\"y,3\n" /* text after a closing quote */
                           "4,5\n"
                           "z\"w,6\n" /* a quote inside an unquoted field */
                           "7,8\n"
                           "\"open,9\n" /* never closed: the next quote is in line 9 */
                           "10,11\n"
                           "12,\"13\"\n"
                           "14,15\n");
    (void)state;

    check_ok(out.status, &out.err);
    assert_int_equal(out.table->n_rows, 6);
    assert_int_equal(out.table->rows_read, 9);
    check_close(number(&out, "a", 5), 14, 0, "last row");
    assert_int_equal(out.ledger.n, 3);
    assert_int_equal(out.ledger.items[0].line, 3);
    assert_string_equal(out.ledger.items[0].what, "a quote out of place at character 4");
    assert_string_equal(out.ledger.items[0].why, "unreadable row");
    assert_int_equal(out.ledger.items[1].line, 5);
    assert_string_equal(out.ledger.items[1].what, "a quote out of place at character 2");
    assert_int_equal(out.ledger.items[2].line, 7);
    assert_string_equal(out.ledger.items[2].what,
                        "a quote is opened and not closed in this row (next quote: line 9, character 5)");
    assert_int_equal(out.ledger.rows_rejected, 3);
    release(&out);
}

static void a_quote_that_is_never_closed_does_not_swallow_the_file(void **state)
{
    jf_text text = {0};
    result out;
    (void)state;

    jf_text_add(&text, "a,b\n\"oops,1\n");
    for (int i = 0; i < 200000; i++) jf_text_addf(&text, "%d,%d\n", i, i);
    write_bytes(text.data, text.length);
    out = read_file(NULL);
    check_ok(out.status, &out.err);
    assert_int_equal(out.table->n_rows, 200000);
    assert_int_equal(out.ledger.n, 1);
    assert_string_equal(out.ledger.items[0].what, "a quote is opened in this row and never closed");
    assert_int_equal(jf_table_line(out.table, 199999), 200002);
    release(&out);
    {
        const jf_csv_options small = {.max_row = 1000};
        out = read_file(&small);
        check_ok(out.status, &out.err);
        assert_string_equal(out.ledger.items[0].what, "a quote is opened and not closed within 1000 bytes");
        assert_int_equal(out.table->n_rows, 200000);
        release(&out);
    }
    jf_text_free(&text);
}

/* ---- types ---- */

static void every_missing_token_is_missing_in_numbers_and_labels(void **state)
{
    result out =
        read_text("x,s\n1,a\n,\nNA,NA\nNaN,NaN\nnan,nan\nN/A,N/A\nnull,null\nNULL,NULL\nNone,None\n-,-\n"
                  "\"\",\"\"\n2,b\n");
    (void)state;

    check_ok(out.status, &out.err);
    assert_int_equal(out.table->n_rows, 12);
    assert_int_equal(column(&out, "s")->n_levels, 2);
    for (size_t row = 1; row < 11; row++) {
        assert_true(isnan(number(&out, "x", row)));
        assert_string_equal(label(&out, "s", row), "<missing>");
    }
    check_close(number(&out, "x", 11), 2, 0, "last");
    release(&out);
}

static void infinities_are_numbers(void **state)
{
    result out = read_text("x\n1\ninf\n-inf\n+Infinity\n");
    (void)state;

    check_ok(out.status, &out.err);
    assert_true(number(&out, "x", 1) == INFINITY);
    assert_true(number(&out, "x", 2) == -INFINITY);
    assert_true(number(&out, "x", 3) == INFINITY);
    release(&out);
}

/* Kinds, levels and each row's values do not depend on the order of the rows. */
static void types_do_not_depend_on_the_order_of_rows(void **state)
{
    static const char *const rows[] = {"1,7,1,,2.0,a", "2,8,x,,2.00,b", "3,9,3,,10,a", "4,,4,,1e1,",
                                       "5,11,5,,-3,c"};
    static const char *const names[] = {"a", "b", "mixed", "empty", "v", "s"};
    jf_stream stream = jf_stream_make(JF_DEFAULT_SEED, JF_FOR_TESTS, 5);
    const char *const labels[] = {"v"};
    const jf_csv_options options = {.labels = labels, .n_labels = 1};
    (void)state;

    for (int round = 0; round < 60; round++) {
        size_t order[] = {0, 1, 2, 3, 4};
        char text[400] = "a,b,mixed,empty,v,s\n";
        result out;
        jf_stream_shuffle(&stream, order, 5);
        for (size_t i = 0; i < 5; i++) strcat(strcat(text, rows[order[i]]), "\n");
        write_bytes(text, strlen(text));
        out = read_file(&options);
        check_ok(out.status, &out.err);
        for (size_t c = 0; c < 6; c++)
            assert_int_equal(column(&out, names[c])->kind,
                             strchr("mvs", names[c][0]) ? JF_LABEL : JF_NUMERIC);
        assert_int_equal(column(&out, "mixed")->n_levels, 5);
        assert_string_equal(column(&out, "mixed")->levels[4], "x");
        assert_int_equal(column(&out, "v")->n_levels, 5);
        assert_string_equal(column(&out, "v")->levels[0], "-3"); /* by value, then bytewise */
        assert_string_equal(column(&out, "v")->levels[1], "2.0");
        assert_string_equal(column(&out, "v")->levels[2], "2.00");
        assert_string_equal(column(&out, "v")->levels[3], "10");
        assert_string_equal(column(&out, "v")->levels[4], "1e1");
        for (size_t i = 0; i < 5; i++) {
            check_close(number(&out, "a", i), (double)order[i] + 1, 0, "round %d", round);
            assert_string_equal(label(&out, "s", i),
                                order[i] == 3 ? "<missing>" : strrchr(rows[order[i]], ',') + 1);
        }
        assert_int_equal(out.warnings.n, 1);
        release(&out);
    }
}

static void a_few_texts_among_numbers_are_named(void **state)
{
    result out = read_text("run,energy_J\n1,10\n2,11\n3,n/a\n4,12\n5,13\n");
    char wanted[256];
    (void)state;

    check_ok(out.status, &out.err);
    assert_string_equal(label(&out, "energy_J", 0), "10");
    assert_int_equal(out.warnings.n, 1);
    assert_string_equal(out.warnings.items[0].code, "W_MIXED_COLUMN");
    snprintf(wanted, sizeof wanted,
             "%s: column 'energy_J' is read as labels; cells without a number: 1 of 5, the first is 'n/a' in "
             "line 4",
             path);
    assert_string_equal(out.warnings.items[0].message, wanted);
    release(&out);
    out = read_text("gpu\nA100\n3090\nV100\n4090\n"); /* names, half of them numbers */
    check_ok(out.status, &out.err);
    assert_int_equal(out.warnings.n, 0);
    assert_string_equal(label(&out, "gpu", 1), "3090");
    release(&out);
}

static void decimal_commas_are_read_when_the_column_agrees_on_them(void **state)
{
    result out = read_text("x;y;z\n1,5;1,5;1\n-2,25e3;2.5;2\n3;3;1.000,5\n");
    char wanted[256];
    (void)state;

    check_ok(out.status, &out.err);
    check_close(number(&out, "x", 0), 1.5, 0, "x");
    check_close(number(&out, "x", 1), -2250, 0, "x");
    assert_int_equal(column(&out, "y")->kind, JF_LABEL);
    assert_string_equal(label(&out, "y", 1), "2.5");
    assert_int_equal(column(&out, "z")->kind, JF_LABEL);
    assert_int_equal(out.ledger.n, 1);
    assert_int_equal(out.ledger.items[0].action, JF_REPAIRED);
    assert_int_equal(out.ledger.items[0].line, 2);
    assert_string_equal(out.ledger.items[0].column, "x");
    assert_string_equal(out.ledger.items[0].what, "2 numbers with a decimal comma");
    snprintf(wanted, sizeof wanted,
             "%s: column 'y' is read as labels; numbers with a decimal point: 1, with a comma: 1", path);
    assert_string_equal(out.warnings.items[0].message, wanted);
    release(&out);
}

static void text_that_is_not_utf8_is_read_as_latin1_and_noted(void **state)
{
    result out = read_text("site,caf\xe9\nZ\xfcrich,1\nZ\xc3\xbcrich,2\nBern,3\n");
    (void)state;

    check_ok(out.status, &out.err);
    assert_string_equal(label(&out, "site", 0), "Z\xc3\xbcrich");
    assert_string_equal(label(&out, "site", 1), "Z\xc3\xbcrich"); /* one level, whatever the bytes were */
    assert_int_equal(column(&out, "site")->n_levels, 2);
    check_close(number(&out, "caf\xc3\xa9", 2), 3, 0, "name");
    assert_int_equal(out.ledger.n, 1);
    assert_string_equal(out.ledger.items[0].why, "read as Latin-1");
    release(&out);
}

static void an_index_is_a_leading_column_of_row_labels(void **state)
{
    static const struct {
        const char *text, *name;
    } cases[] = {
        {",x\n5,1\n3,2\n5,3\n", "index"},           /* a data frame's, after some of its rows were taken */
        {"Unnamed: 0,x\n0,1\n1,2\n", "Unnamed: 0"}, /* one that was written twice */
        {"index,x\n0,1\n1,2\n", "index"},
        {",index\n0,1\n1,2\n", "column_1"},
        {",x\n0.5,1\n1,2\n", NULL},
        {",x\na,1\nb,2\n", NULL},
        {",x\n,1\n1,2\n", NULL},
        {"run,x\n0,1\n1,2\n", NULL},
        {"x,index\n0,1\n1,2\n", NULL},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        result out = read_text(cases[i].text);
        check_ok(out.status, &out.err);
        if (cases[i].name)
            assert_string_equal(out.table->index_column, cases[i].name);
        else
            assert_null(out.table->index_column);
        release(&out);
    }
}

static void column_names_may_look_like_the_start_of_another_format(void **state)
{
    result out = read_text("PAR1,BZh,PK\3\4\n1,2,3\n");
    (void)state;

    check_ok(out.status, &out.err);
    check_close(number(&out, "PAR1", 0), 1, 0, "PAR1");
    release(&out);
}

static void unnamed_columns_are_called_by_their_place(void **state)
{
    result out = read_text("x,,column_2,\n1,2,3,4\n");
    (void)state;

    check_ok(out.status, &out.err);
    check_close(number(&out, "column_2_", 0), 2, 0, "second");
    check_close(number(&out, "column_2", 0), 3, 0, "third");
    check_close(number(&out, "column_4", 0), 4, 0, "fourth");
    release(&out);
}

static void only_wanted_columns_are_converted(void **state)
{
    const char *const wanted[] = {"b"}, *const labels[] = {"b"};
    const jf_csv_options options = {.wanted = wanted, .n_wanted = 1, .labels = labels, .n_labels = 1};
    result out;
    (void)state;

    write_bytes("a,b\n1,007\n2,7\n", 14);
    out = read_file(&options);
    check_ok(out.status, &out.err);
    assert_int_equal(out.table->n_columns, 1);
    assert_string_equal(label(&out, "b", 0), "007");
    release(&out);
}

static void an_all_missing_column_is_numeric(void **state)
{
    result out = read_text("a,b\n1,\n2,NA\n");
    (void)state;

    check_ok(out.status, &out.err);
    assert_true(isnan(number(&out, "b", 1)));
    release(&out);
}

/* ---- rejects and messages ---- */

static void ragged_rows_are_rejected_with_line_and_cause(void **state)
{
    result out = read_text("a,b,c\n1,2,3\n4,5\n6,7,8,9\n\n\"x\ny\",1\n10,11,12\n");
    char wanted[256];
    (void)state;

    check_ok(out.status, &out.err);
    assert_int_equal(out.table->n_rows, 2);
    assert_int_equal(out.ledger.rows_read, 5);
    assert_int_equal(out.ledger.rows_rejected, 3);
    assert_int_equal(out.ledger.n, 3);
    assert_int_equal(out.ledger.items[0].action, JF_REJECTED);
    assert_int_equal(out.ledger.items[0].line, 3);
    assert_string_equal(out.ledger.items[0].file, path);
    assert_string_equal(out.ledger.items[0].what, "2 fields, expected 3");
    assert_string_equal(out.ledger.items[0].why, "ragged row");
    assert_string_equal(out.ledger.items[1].what, "4 fields, expected 3");
    assert_int_equal(out.ledger.items[2].line, 6);
    assert_string_equal(out.ledger.items[2].what, "2 fields, expected 3 (lines 6 to 7)");
    check_close(number(&out, "a", 1), 10, 0, "a rejected row has no say in types");
    assert_string_equal(out.warnings.items[0].code, "W_REJECTED_ROWS");
    snprintf(wanted, sizeof wanted, "%s: 3 of 5 rows rejected, the first is line 3: 2 fields, expected 3",
             path);
    assert_string_equal(out.warnings.items[0].message, wanted);
    release(&out);
}

static void files_that_are_no_tables_get_one_clear_line(void **state)
{
    (void)state;
#define REFUSED(text, message) check_refused(text, sizeof(text) - 1, JF_EDATA, message)
    REFUSED("", ": the file is empty");
    REFUSED("\n \n\r\n", ": the file holds only blank lines");
    REFUSED("\xef\xbb\xbf", ": the file holds only blank lines");
    REFUSED("a,b\n", ": there are no rows under the header");
    REFUSED("a,b\n\n\n", ": there are no rows under the header");
    REFUSED("a,b\n1\n2,3,4\n", ": no row could be read; the first is line 2: 1 field, expected 2");
    REFUSED("1,2\n3,4\n", ":1: column names expected in the first line, found only numbers");
    REFUSED("a,b,a\n1,2,3\n", ":1: two columns are called 'a' (columns 1 and 3)");
    REFUSED("a, a \n1,2\n", ":1: two columns are called 'a' (columns 1 and 2)");
    REFUSED("a,\"b\"c\n1,2\n", ":1: unreadable header: a quote out of place at character 6");
    REFUSED("a,b\n1,\0\n", ": not a text file: byte 7 is zero");
    REFUSED("PK\3\4\0\0\0\0", ": this is a zip file or a spreadsheet; save it as CSV");
    REFUSED("PAR1\0\0", ": this is a Parquet file; save it as CSV");
    REFUSED("\xff\xfe"
            "a\0,\0",
            ": this is UTF-16 text, as PowerShell writes it, expected UTF-8; save it as that, or convert "
            "it: iconv -f UTF-16 -t UTF-8");
    REFUSED("\xfd"
            "7zXZ\0",
            ": this is compressed with xz; unpack it, or pack it with gzip or zstd");
    REFUSED("BZh91AY&SYx", ": this is compressed with bzip2; unpack it, or pack it with gzip or zstd");
#undef REFUSED
}

static void paths_that_cannot_be_read_get_one_clear_line(void **state)
{
    jf_error err = {0};
    jf_table *table;
    (void)state;

    assert_int_equal(jf_csv_read("/no/such/file.csv", NULL, NULL, NULL, &table, &err), JF_EDATA);
    assert_string_equal(err.message, "/no/such/file.csv: no such file");
    assert_int_equal(jf_csv_read("/tmp", NULL, NULL, NULL, &table, &err), JF_EDATA);
    assert_string_equal(err.message, "/tmp: is a folder; name the file in it");
    if (geteuid() == 0) return; /* root may read everything */
    write_bytes("a\n1\n", 4);
    chmod(path, 0);
    assert_int_equal(jf_csv_read(path, NULL, NULL, NULL, &table, &err), JF_EDATA);
    assert_string_equal(err.message + strlen(path), ": cannot open: Permission denied");
    chmod(path, 0600);
}

static void limits_are_stated_when_they_are_passed(void **state)
{
    const jf_csv_options rows = {.max_rows = 2}, columns = {.max_columns = 1}, length = {.max_row = 10};
    result out;
    (void)state;

    write_bytes("a,b\n1,2\n3,4\n5,6\n", 16);
    out = read_file(&rows);
    assert_int_equal(out.status, JF_ELIMIT);
    assert_string_equal(out.err.message + strlen(path), ":4: more than the limit of 2 rows");
    release(&out);
    out = read_file(&columns);
    assert_int_equal(out.status, JF_ELIMIT);
    assert_string_equal(out.err.message + strlen(path), ": 2 columns, more than the limit of 1");
    release(&out);
    write_bytes("a,b\n1234567890123,2\n", 20);
    out = read_file(&length);
    assert_int_equal(out.status, JF_ELIMIT);
    assert_string_equal(out.err.message + strlen(path), ":2: a line is longer than 10 bytes");
    release(&out);
}

/* ---- writing ---- */

static void a_written_table_reads_back_to_the_same_bits(void **state)
{
    static const char text[] =
        "\"odd, name\",x,s\n1,0.1,\"a, b\"\n2,1e-300,\"say \"\"x\"\"\"\n3,,\n"
        "4,12345678901234567,\" blanks \"\n5,-inf,\"two\nlines\"\n6,5e-324,semi;colon\n";
    result first = read_text(text), second;
    (void)state;

    check_ok(first.status, &first.err);
    assert_int_equal(first.table->n_rows, 6);
    check_ok(jf_csv_write(first.table, NULL, 0, path, &first.err), &first.err);
    second = read_file(NULL);
    check_ok(second.status, &second.err);
    assert_int_equal(second.table->n_rows, 6);
    for (size_t row = 0; row < 6; row++) {
        double a = number(&first, "x", row), b = number(&second, "x", row);
        assert_true((isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0);
        assert_string_equal(label(&first, "s", row), label(&second, "s", row));
        check_close(number(&second, "odd, name", row), (double)row + 1, 0, "row %zu", row);
    }
    release(&second);
    {
        const size_t rows[] = {4, 0};
        check_ok(jf_csv_write(first.table, rows, 2, path, &first.err), &first.err);
        second = read_file(NULL);
        assert_int_equal(second.table->n_rows, 2);
        assert_string_equal(label(&second, "s", 0), "two\nlines");
        release(&second);
    }
    release(&first);
}

static void a_single_column_keeps_its_missing_cells(void **state)
{
    result first = read_text("x\n1\nNA\n3\n"), second;
    (void)state;

    check_ok(jf_csv_write(first.table, NULL, 0, path, &first.err), &first.err);
    second = read_file(NULL);
    assert_int_equal(second.table->n_rows, 3);
    assert_true(isnan(number(&second, "x", 1)));
    release(&first);
    release(&second);
}

static void the_ledger_is_a_csv_file_with_every_entry(void **state)
{
    result out = read_text("a,b\n1,2\n3\n\"x\"y,4\n"), back;
    (void)state;

    check_ok(out.status, &out.err);
    check_ok(jf_ledger_write(&out.ledger, path, &out.err), &out.err);
    back = read_file(NULL);
    check_ok(back.status, &back.err);
    assert_int_equal(back.table->n_rows, 2);
    assert_string_equal(label(&back, "action", 0), "rejected");
    check_close(number(&back, "line", 1), 4, 0, "line");
    assert_string_equal(label(&back, "what", 0), "1 field, expected 2");
    release(&out);
    release(&back);
}

/* ---- memory ---- */

/* Each allocation fails in turn: the reader says so, gives no table and (under the sanitizer) loses nothing.
 */
static void reading_survives_every_failed_allocation(void **state)
{
    jf_text text = {0};
    size_t n = 0;
    (void)state;

    jf_text_add(&text, ",name,x;y,energy_kWh,mixed\n");
    for (int i = 0; i < 600; i++)
        jf_text_addf(&text, "%d,run %d,%d,%g,%s\n", i, i % 50, i, i * 0.1, i == 300 ? "n/a" : "1");
    jf_text_add(&text, "1,2\n\"x\"y\n7,caf\xe9,1,1,1\n");
    write_bytes(text.data, text.length);
    for (bool failed = true; failed; n++) {
        refusal count = {.at = (long)n};
        result out = {0};
        jf_memory_hook(refuse, &count);
        out.status = jf_csv_read(path, NULL, &out.ledger, &out.warnings, &out.table, &out.err);
        jf_memory_hook(NULL, NULL);
        failed = was_refused(&count);
        if (!failed)
            check_ok(out.status, &out.err);
        else if (out.status != JF_OK) { /* a lost warning is no failure */
            assert_int_equal(out.status, JF_ENOMEM);
            assert_null(out.table);
            assert_memory_equal(out.err.message, "out of memory", 13);
        }
        release(&out);
    }
    assert_true(n > 50);
    jf_text_free(&text);
}

/* Written, no cell is a formula to a spreadsheet; read back, every text is what it was. */
static void what_could_be_a_formula_is_written_as_text_and_reads_back(void **state)
{
    static const char *const names[] = {"=1+1",
                                        "+cmd|' /C calc'!A0",
                                        "-2+3",
                                        "@SUM(1)",
                                        "'=1",
                                        "''+a",
                                        "' = b",
                                        "\xef\xbc\x9d"
                                        "1",
                                        "plain",
                                        "'tis",
                                        "-a, \"b\"",
                                        "don't",
                                        "a-b=c'",
                                        "'"};
    enum { N = sizeof names / sizeof *names };
    jf_text text = {0};
    result back;
    (void)state;

    jf_csv_add_cell(&text, "=name()");
    jf_text_add(&text, ",x\n");
    for (size_t i = 0; i < N; i++) {
        jf_csv_add_cell(&text, names[i]);
        jf_text_addf(&text, ",%zu\n", i);
    }
    for (const char *line = text.data; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
        assert_false(jf_guard_is_formula(*line == '"' ? line + 1 : line));
    write_bytes(text.data, text.length);
    back = read_file(NULL);
    check_ok(back.status, &back.err);
    assert_string_equal(back.table->columns[0].name, "=name()");
    for (size_t i = 0; i < N; i++) {
        const jf_column *column = &back.table->columns[0];
        assert_string_equal(column->levels[column->codes[i]], names[i]);
    }
    release(&back);
    jf_text_free(&text);
}

static int make_path(void **state)
{
    int file = mkstemp(path);
    (void)state;

    return file < 0 || close(file) != 0;
}

static int remove_path(void **state)
{
    (void)state;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_table_comes_from_every_shape_of_file),
        cmocka_unit_test(packed_files_read_like_plain_ones),
        cmocka_unit_test(a_cut_or_damaged_gzip_file_is_refused),
        cmocka_unit_test(stdin_is_read_once_and_typed_like_a_file),
        cmocka_unit_test(the_digest_is_that_of_the_files_bytes),
        cmocka_unit_test(quotes_keep_separators_line_ends_and_quotes),
        cmocka_unit_test(a_stray_quote_costs_its_row_and_no_other),
        cmocka_unit_test(a_quote_that_is_never_closed_does_not_swallow_the_file),
        cmocka_unit_test(every_missing_token_is_missing_in_numbers_and_labels),
        cmocka_unit_test(infinities_are_numbers),
        cmocka_unit_test(types_do_not_depend_on_the_order_of_rows),
        cmocka_unit_test(a_few_texts_among_numbers_are_named),
        cmocka_unit_test(decimal_commas_are_read_when_the_column_agrees_on_them),
        cmocka_unit_test(text_that_is_not_utf8_is_read_as_latin1_and_noted),
        cmocka_unit_test(an_index_is_a_leading_column_of_row_labels),
        cmocka_unit_test(column_names_may_look_like_the_start_of_another_format),
        cmocka_unit_test(unnamed_columns_are_called_by_their_place),
        cmocka_unit_test(only_wanted_columns_are_converted),
        cmocka_unit_test(an_all_missing_column_is_numeric),
        cmocka_unit_test(ragged_rows_are_rejected_with_line_and_cause),
        cmocka_unit_test(files_that_are_no_tables_get_one_clear_line),
        cmocka_unit_test(paths_that_cannot_be_read_get_one_clear_line),
        cmocka_unit_test(limits_are_stated_when_they_are_passed),
        cmocka_unit_test(a_written_table_reads_back_to_the_same_bits),
        cmocka_unit_test(a_single_column_keeps_its_missing_cells),
        cmocka_unit_test(the_ledger_is_a_csv_file_with_every_entry),
        cmocka_unit_test(what_could_be_a_formula_is_written_as_text_and_reads_back),
        cmocka_unit_test(reading_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, make_path, remove_path);
}
