/* Reports of saved results, in every format, compared with files that were read and found good. With
 * JOULEFIT_GOLDEN=1 in the environment the files are written anew: read the difference before committing it.
 */
#include "tests/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/memory.h"
#include "core/output.h"
#include "reports/compose/compose.h"
#include "reports/figures.h"

static const char *const results[] = {"fit", "comparison"};
/* HTML holds drawings, whose coordinates differ between versions of gnuplot. */
static const char *const formats[] = {"text", "markdown", "latex", "csv"};

static char *read_file(const char *path)
{
    FILE *file = path ? fopen(path, "rb") : NULL;
    jf_text text = {0};
    char bytes[4096];
    size_t n;

    if (!file) return NULL;
    jf_text_add(&text, "");
    while ((n = fread(bytes, 1, sizeof bytes, file)) > 0) jf_text_add_bytes(&text, bytes, n);
    fclose(file);
    return jf_text_take(&text);
}

static jf_doc *compose(const char *result, bool brief)
{
    jf_report_options options = {.brief = brief};
    jf_error err = {0};
    jf_doc *doc = NULL;
    char path[128];
    json_t *json;

    snprintf(path, sizeof path, "tests/golden/reports/%s.json", result);
    json = json_load_file(check_source(path), 0, NULL);
    assert_non_null(json);
    check_ok((json_object_get(json, "candidates") ? jf_compose_comparison : jf_compose_fit)(json, &options,
                                                                                            &doc, &err),
             &err);
    json_decref(json);
    return doc;
}

/* Says where two texts part. */
static void check_same(const char *name, const char *found, const char *wanted)
{
    size_t line = 1, i = 0;

    for (; found[i] && found[i] == wanted[i]; i++) line += found[i] == '\n';
    if (found[i] == wanted[i]) return;
    while (i > 0 && found[i - 1] != '\n') i--;
    fprintf(stderr, "%s:%zu:\n  found  %.*s\n  wanted %.*s\n", name, line, (int)strcspn(found + i, "\n"),
            found + i, (int)strcspn(wanted + i, "\n"), wanted + i);
    fail();
}

static void check_report(const char *result, const char *format, bool brief)
{
    const jf_doc_format *face = jf_doc_format_find(format);
    jf_doc *doc = compose(result, brief);
    jf_text found = {0};
    jf_error err = {0};
    char name[128], path[512], *wanted;

    check_ok(face->render(doc, NULL, &found, &err), &err);
    snprintf(name, sizeof name, "tests/golden/reports/%s_%s%s", result, brief ? "brief" : "whole",
             face->suffix);
    snprintf(path, sizeof path, "%s/%s", getenv("JOULEFIT_SOURCE") ? getenv("JOULEFIT_SOURCE") : ".", name);
    if (getenv("JOULEFIT_GOLDEN")) check_ok(jf_output_write(path, found.data, found.length, &err), &err);
    wanted = read_file(path);
    if (!wanted) fprintf(stderr, "no file %s\n", path);
    assert_non_null(wanted);
    check_same(name, found.data, wanted);
    jf_free(wanted);
    jf_text_free(&found);
    jf_doc_free(doc);
}

static void reports_look_as_they_did_when_they_were_read(void **state)
{
    (void)state;
    for (size_t r = 0; r < sizeof results / sizeof *results; r++)
        for (size_t f = 0; f < sizeof formats / sizeof *formats; f++)
            for (int brief = 0; brief < 2; brief++) check_report(results[r], formats[f], brief);
}

static void the_terminals_answers_fit_in_80_columns(void **state)
{
    (void)state;
    for (size_t r = 0; r < sizeof results / sizeof *results; r++) {
        jf_doc *doc = compose(results[r], true);
        jf_text text = {0};
        jf_error err = {0};
        check_ok(jf_doc_format_find("text")->render(doc, NULL, &text, &err), &err);
        for (char *line = strtok(text.data, "\n"); line; line = strtok(NULL, "\n")) {
            if (jf_text_width(line) > 80) fprintf(stderr, "%s\n", line);
            assert_true(jf_text_width(line) <= 80);
        }
        jf_text_free(&text);
        jf_doc_free(doc);
    }
}

/* The digits behind a key of the document and of the JSON are the same numbers. */
static void csv_has_the_numbers_of_the_json(void **state)
{
    json_t *json = json_load_file(check_source("tests/golden/reports/fit.json"), 0, NULL), *parameter;
    jf_doc *doc = compose("fit", true);
    jf_text csv = {0};
    jf_error err = {0};
    size_t i;

    (void)state;
    check_ok(jf_doc_format_find("csv")->render(doc, NULL, &csv, &err), &err);
    json_array_foreach(json_object_get(json, "parameters"), i, parameter)
    {
        const char *name = json_string_value(json_object_get(parameter, "name"));
        char *line = csv.data, *cell;
        while (line && (strncmp(line, name, strlen(name)) != 0 || line[strlen(name)] != ','))
            line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL;
        assert_non_null(line);
        check_close(strtod(line + strlen(name) + 1, &cell),
                    json_number_value(json_object_get(parameter, "estimate")), 0, "estimate of %s", name);
        check_close(strtod(cell + 1, NULL), json_number_value(json_object_get(parameter, "std_error")), 0,
                    "standard error of %s", name);
    }
    jf_text_free(&csv);
    jf_doc_free(doc);
    json_decref(json);
}

static bool refuse_one(void *left)
{
    size_t *count = left;
    return (*count)-- == 0;
}

/* Brief, so that no figure is built; those are drawn in folders of their own. */
static void running_out_of_memory_anywhere_is_an_error(void **state)
{
    (void)state;
    for (size_t r = 0; r < sizeof results / sizeof *results; r++) {
        char path[128];
        json_t *json;
        jf_status status = JF_ENOMEM;
        snprintf(path, sizeof path, "tests/golden/reports/%s.json", results[r]);
        json = json_load_file(check_source(path), 0, NULL);
        for (size_t after = 0; status != JF_OK; after++) {
            jf_report_options options = {.brief = true};
            size_t left = after;
            jf_doc *doc = NULL;
            jf_memory_hook(refuse_one, &left);
            status = (r ? jf_compose_comparison : jf_compose_fit)(json, &options, &doc, NULL);
            jf_memory_hook(NULL, NULL);
            if (status == JF_OK && left > after)
                fprintf(stderr, "%s: allocation %zu was refused and nobody told\n", results[r], after);
            assert_true(status == JF_ENOMEM || left <= after);
            assert_true((status == JF_OK) == (doc != NULL));
            jf_doc_free(doc);
        }
        json_decref(json);
    }
}

static void what_is_no_result_is_an_error(void **state)
{
    json_t *nothing = json_object();
    jf_doc *doc = NULL;
    jf_error err = {0};

    (void)state;
    assert_int_equal(jf_compose_fit(nothing, NULL, &doc, &err), JF_EDATA);
    assert_non_null(strstr(err.message, "parameters"));
    assert_int_equal(jf_compose_comparison(nothing, NULL, &doc, &err), JF_EDATA);
    assert_non_null(strstr(err.message, "candidates"));
    assert_null(doc);
    for (const jf_figure_kind *kind = jf_figure_kinds; kind->name; kind++) {
        jf_figure *figure = NULL;
        assert_int_not_equal(jf_figure_build(kind, &(jf_figure_source){.result = nothing}, &figure, &err),
                             JF_OK);
        assert_null(figure);
    }
    json_decref(nothing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reports_look_as_they_did_when_they_were_read),
        cmocka_unit_test(the_terminals_answers_fit_in_80_columns),
        cmocka_unit_test(csv_has_the_numbers_of_the_json),
        cmocka_unit_test(running_out_of_memory_anywhere_is_an_error),
        cmocka_unit_test(what_is_no_result_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
