/* Hostile names through the numbers for LaTeX: nothing but text comes out, and TeX reads it. */
#include "tests/check.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/memory.h"
#include "reports/numbers.h"
#include "tests/hostile.h"
#include "tests/latex.h"

static json_t *hostile_result(void)
{
    json_t *result = json_pack("{s:[], s:[]}", "parameters", "words"), *text;

    for (size_t i = 0; i < N_HOSTILE; i++) {
        text = json_string(hostile_names[i]);
        if (!text) continue; /* broken UTF-8 cannot stand in JSON */
        json_array_append_new(json_object_get(result, "parameters"),
                              json_pack("{s:O, s:f, s:f, s:f}", "name", text, "estimate",
                                        -1.5e-12 * (double)(i + 1), "std_error", 2e-14, "p_value", 1e-20));
        json_array_append_new(json_object_get(result, "words"), text);
    }
    return result;
}

static char *write_numbers(void)
{
    json_t *result = hostile_result();
    jf_text out = {0};
    jf_error err = {0};

    jf_numbers_begin(&out);
    check_ok(jf_numbers_add("a%b\\c{d}", result, 4, &out, &err), &err);
    json_decref(result);
    return jf_text_take(&out);
}

static void keys_are_plain_and_stand_once(void **state)
{
    char *text = write_numbers(), *line = strstr(text, "\\makeatother\n") + strlen("\\makeatother\n");
    static const char begin[] = "\\csname jf@set\\endcsname{";
    size_t n = 0;

    (void)state;
    for (line = strtok(line, "\n"); line; line = strtok(NULL, "\n"), n++) {
        const char *key = line + strlen(begin), *end = strchr(key, '}');
        assert_memory_equal(line, begin, strlen(begin));
        assert_non_null(end);
        for (const char *at = key; at < end; at++)
            assert_true(isalnum((unsigned char)*at) || strchr("._-+:=[],\"<>~*() ", *at));
        for (const char *at = line; *at; at++) assert_true((unsigned char)*at >= 0x20);
    }
    assert_true(n > 3 * N_HOSTILE);
    jf_free(text);
}

static void latex_reads_every_number_and_runs_nothing(void **state)
{
    char *numbers = write_numbers();
    jf_text text = {0};

    (void)state;
    jf_text_addf(
        &text,
        "\\documentclass{article}\\usepackage[T1]{fontenc}\\usepackage{textcomp}\n%s\\begin{document}\n",
        numbers);
    for (size_t i = 1; i <= 3; i++) jf_text_addf(&text, "\\jf{a-b-c-d-.words.%zu} ", i);
    jf_text_add(
        &text,
        "$\\jf{a-b-c-d-.parameters.-2+3.pm}$ \\jf{a-b-c-d-.parameters.-2+3.p_value}\n\\end{document}\n");
    assert_false(text.failed);
    check_latex(text.data, __func__);
    jf_text_free(&text);
    jf_free(numbers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_plain_and_stand_once),
        cmocka_unit_test(latex_reads_every_number_and_runs_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
