/* Documents as plain text: aligned, within the width, nothing left out in silence. */
#include "tests/check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "core/stream.h"
#include "reports/doc.h"

static char *render(const jf_doc *doc, const char *format, const jf_render_options *options)
{
    jf_text out = {0};
    jf_error err = {0};

    check_ok(jf_doc_format_find(format)->render(doc, options, &out, &err), &err);
    return jf_text_take(&out);
}

static size_t longest_line(const char *text)
{
    size_t longest = 0;

    while (*text) {
        size_t length = strcspn(text, "\n"), width;
        char *line = jf_copy_bytes(text, length);
        width = jf_text_width(line);
        if (width > longest) longest = width;
        jf_free(line);
        text += length + (text[length] == '\n');
    }
    return longest;
}

static jf_doc *ranking_of_two(void)
{
    jf_doc *doc = jf_doc_new("");
    jf_doc_table *table = jf_doc_add_table(doc, NULL);

    jf_doc_table_column(table, "law", JF_LEFT, 0);
    jf_doc_table_column(table, "score", JF_RIGHT, 0);
    jf_doc_table_column(table, "weight", JF_RIGHT, 2);
    jf_doc_table_column(table, "note", JF_LEFT, 1);
    jf_doc_table_row(table);
    jf_doc_table_cell(table, 0, "roofline");
    jf_doc_table_number(table, 1, 0.12345678, "0.123");
    jf_doc_table_number(table, 2, 0.9, "0.9");
    jf_doc_table_cell(table, 3, "post-run");
    jf_doc_table_emphasise(table);
    jf_doc_table_row(table);
    jf_doc_table_cell(table, 0, "\xc3\xa9nergie");
    jf_doc_table_number(table, 1, 12, "12");
    jf_doc_table_number(table, 2, NAN, "-");
    return doc;
}

static void long_paths_break_behind_a_dot(void **state)
{
    jf_doc *doc = jf_doc_new("");
    char *text;

    (void)state;
    jf_doc_paragraph(doc, "laws.candidates.powers.fit.parameters.b0.estimate abcdefghijklmnopqrstuvwxyzabcd");
    text = render(doc, "text", &(jf_render_options){.width = 26});
    assert_string_equal(text, "laws.candidates.powers.\nfit.parameters.b0.estimate\n"
                              "abcdefghijklmnopqrstuvwxyz\nabcd\n");
    jf_free(text);
    jf_doc_free(doc);
}

static void a_table_is_aligned_by_display_width(void **state)
{
    jf_doc *doc = ranking_of_two();
    char *text = render(doc, "text", NULL);

    (void)state;
    assert_string_equal(text, "  law       score  weight  note\n"
                              "  --------  -----  ------  --------\n"
                              "* roofline  0.123     0.9  post-run\n"
                              "  \xc3\xa9nergie      12       -\n");
    jf_free(text);
    jf_doc_free(doc);
}

static void a_narrow_page_drops_the_columns_of_least_weight_and_says_so(void **state)
{
    jf_doc *doc = ranking_of_two();
    char *text = render(doc, "text", &(jf_render_options){.width = 30});

    (void)state;
    assert_string_equal(text, "  law       score  note\n"
                              "  --------  -----  --------\n"
                              "* roofline  0.123  post-run\n"
                              "  \xc3\xa9nergie      12\n"
                              "  (no room for: weight)\n");
    jf_free(text);
    jf_doc_free(doc);
}

static void colour_comes_only_when_asked(void **state)
{
    jf_doc *doc = ranking_of_two();
    char *plain = render(doc, "text", NULL),
         *coloured = render(doc, "text", &(jf_render_options){.colour = true});

    (void)state;
    assert_null(strchr(plain, '\x1b'));
    assert_non_null(strstr(coloured, "\x1b[1m* roofline"));
    jf_free(plain);
    jf_free(coloured);
    jf_doc_free(doc);
}

static void words_never_leave_the_page_and_none_is_lost(void **state)
{
    static const char *const words[] = {"law",
                                        "energy_joules",
                                        "\xc3\xa9nergie",
                                        "\xe6\xbc\xa2\xe5\xad\x97",
                                        "a",
                                        "supercalifragilisticexpialidocious_column_name"};
    jf_stream stream = jf_stream_make(2, JF_FOR_TESTS, 0);

    (void)state;
    for (int i = 0; i < 300; i++) {
        jf_doc *doc = jf_doc_new("");
        jf_text said = {0};
        int width = 20 + (int)jf_stream_below(&stream, 80);
        size_t n = 1 + jf_stream_below(&stream, 40);
        char *text;
        jf_text_add(&said, "");
        for (size_t k = 0; k < n; k++)
            jf_text_addf(&said, "%s%s", k ? " " : "", words[jf_stream_below(&stream, 6)]);
        jf_doc_paragraph(doc, "%s", said.data);
        jf_doc_list_item(doc, "%s", said.data);
        jf_doc_field(doc, "data", "%s", said.data);
        text = render(doc, "text", &(jf_render_options){.width = width});
        assert_true(longest_line(text) <= (size_t)width);
        for (size_t k = 0, letters[2] = {0, 0}; k < 2; k++) { /* letters but blanks, three times each */
            const char *from = k ? text : said.data;
            for (const char *at = from; *at; at++) letters[k] += !strchr(" \n", *at);
            if (k) assert_int_equal(letters[1], 3 * letters[0] + strlen("-data"));
        }
        jf_free(text);
        jf_text_free(&said);
        jf_doc_free(doc);
    }
}

static void csv_has_every_digit_and_markdown_the_rounded_number(void **state)
{
    jf_doc *doc = ranking_of_two();
    char *csv = render(doc, "csv", NULL), *markdown = render(doc, "markdown", NULL);

    (void)state;
    assert_string_equal(csv,
                        "law,score,weight,note\nroofline,0.12345678,0.9,post-run\n\xc3\xa9nergie,12,,\n");
    assert_string_equal(markdown, "| law | score | weight | note |\n| --- | ---: | ---: | --- |\n"
                                  "| **roofline** | **0.123** | **0.9** | **post-run** |\n"
                                  "| \xc3\xa9nergie | 12 | \\- |  |\n");
    jf_free(csv);
    jf_free(markdown);
    jf_doc_free(doc);
}

static bool refuse_after(void *left)
{
    size_t *count = left;
    return (*count)-- == 0;
}

static void running_out_of_memory_anywhere_is_an_error_and_no_crash(void **state)
{
    (void)state;
    for (const jf_doc_format *format = jf_doc_formats; format->name; format++) {
        jf_status status = JF_ENOMEM;
        for (size_t after = 0; status != JF_OK; after++) {
            size_t left = after;
            jf_text out = {0};
            jf_doc *doc;
            jf_memory_hook(refuse_after, &left);
            doc = ranking_of_two();
            jf_doc_field(doc, "a", "b");
            jf_doc_code(doc, "x\ny");
            status = format->render(doc, NULL, &out, NULL);
            jf_memory_hook(NULL, NULL);
            assert_true(status == JF_OK || status == JF_ENOMEM);
            assert_true(after < 2000);
            jf_text_free(&out);
            jf_doc_free(doc);
            if (status == JF_OK) assert_true(left <= after); /* else one was refused and nobody told */
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(long_paths_break_behind_a_dot),
        cmocka_unit_test(a_table_is_aligned_by_display_width),
        cmocka_unit_test(a_narrow_page_drops_the_columns_of_least_weight_and_says_so),
        cmocka_unit_test(colour_comes_only_when_asked),
        cmocka_unit_test(words_never_leave_the_page_and_none_is_lost),
        cmocka_unit_test(csv_has_every_digit_and_markdown_the_rounded_number),
        cmocka_unit_test(running_out_of_memory_anywhere_is_an_error_and_no_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
