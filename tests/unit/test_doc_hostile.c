/* Hostile names through every face of a document: nothing but text comes out. */
#include "tests/check.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/memory.h"
#include "plots/lettering.h"
#include "reports/doc.h"
#include "tests/hostile.h"
#include "tests/latex.h"

/* Every name in every place where a document has text. */
static jf_doc *hostile_doc(void)
{
    double x[] = {1, 2, 3};
    jf_doc *doc = jf_doc_new(hostile_names[0]);
    jf_figure *figure = jf_figure_new(hostile_names[1], 1);
    jf_doc_table *table;

    jf_doc_set_front(doc, hostile_names[2], hostile_names[3]);
    table = jf_doc_add_table(doc, hostile_names[4]);
    table->label = jf_copy_text(hostile_names[14]);
    jf_doc_table_column(table, "name", JF_LEFT, 0);
    jf_doc_table_column(table, hostile_names[15], JF_RIGHT, 0);
    for (size_t i = 0; i < N_HOSTILE; i++) {
        jf_doc_table_row(table);
        jf_doc_table_cell(table, 0, "%s", hostile_names[i]);
        jf_doc_table_cell(table, 1, "%s", hostile_names[i]);
        if (i % 2) jf_doc_table_emphasise(table);
    }
    for (size_t i = 0; i < N_HOSTILE; i++) {
        jf_doc_heading(doc, (int)(i % 4) + 1, "%s", hostile_names[i]);
        jf_doc_paragraph(doc, "%s", hostile_names[i]);
        jf_doc_code(doc, hostile_names[i]);
        jf_doc_list_item(doc, "%s", hostile_names[i]);
        jf_doc_field(doc, hostile_names[i], "%s", hostile_names[i]);
    }
    assert_non_null(figure);
    figure->caption = jf_copy_text("<script>x</script> \\write18{touch pwned} `id`");
    check_ok(jf_panel_add(&figure->panels[0],
                          (jf_series){.title = (char *)hostile_names[19], .x = x, .y = x, .n = 3}, NULL),
             NULL);
    jf_doc_figure(doc, figure);
    doc->blocks[doc->n_blocks - 1].path = jf_copy_text("a) b](javascript:x) }\\input{x}.png");
    return doc;
}

static char *render(const char *format, const jf_render_options *options)
{
    jf_doc *doc = hostile_doc();
    jf_text out = {0};
    jf_error err = {0};

    check_ok(jf_doc_format_find(format)->render(doc, options, &out, &err), &err);
    jf_doc_free(doc);
    return jf_text_take(&out);
}

static void no_face_lets_a_control_character_or_broken_utf8_through(void **state)
{
    (void)state;
    for (const jf_doc_format *format = jf_doc_formats; format->name; format++) {
        char *text = render(format->name, NULL);
        for (const char *at = text; *at; at++)
            assert_true((unsigned char)*at >= 0x20 || *at == '\n' ||
                        (*at == '\t' && !strcmp(format->name, "html")));
        assert_true(jf_text_is_utf8(text));
        jf_free(text);
    }
}

static void plain_text_shows_every_name(void **state)
{
    char *text = render("text", &(jf_render_options){.width = 10000});

    (void)state;
    for (size_t i = 0; i < N_HOSTILE; i++) {
        char *clean = jf_lettering_clean(hostile_names[i]), *from = clean + strspn(clean, " ");
        while (*from && from[strlen(from) - 1] == ' ') from[strlen(from) - 1] = '\0';
        if (!strstr(text, from)) fprintf(stderr, "not shown: %s\n", from);
        assert_non_null(strstr(text, from));
        jf_free(clean);
    }
    jf_free(text);
}

static bool is_escaped(const char *text, const char *at)
{
    size_t slashes = 0;
    while (at - slashes > text && at[-1 - (long)slashes] == '\\') slashes++;
    return slashes % 2 == 1;
}

static void markdown_has_no_markup_but_its_own(void **state)
{
    char *text = render("markdown", NULL);
    bool in_code = false;
    size_t n_links = 0;

    (void)state;
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        if (!strncmp(line, "```", 3)) in_code = !in_code;
        for (const char *at = line; *at && !in_code && strncmp(line, "```", 3) != 0; at++) {
            assert_true(*at != '<' && *at != '>');
            if (*at == '`') assert_true(is_escaped(line, at));
            if (*at == ']' && !is_escaped(line, at)) n_links++;
        }
    }
    assert_false(in_code);
    assert_int_equal(n_links, 1); /* the figure */
    jf_free(text);
}

/* One field of CSV into `field` (freed by the caller); returns what follows it. */
static const char *read_field(const char *at, char **field)
{
    jf_text value = {0};

    jf_text_add(&value, "");
    if (*at == '"') {
        for (at++; *at != '"' || at[1] == '"'; at++) {
            assert_true(*at != '\0');
            if (*at == '"') at++;
            jf_text_add_bytes(&value, at, 1);
        }
        at++;
    } else {
        size_t length = strcspn(at, ",\n");
        jf_text_add_bytes(&value, at, length);
        at += length;
    }
    *field = jf_text_take(&value);
    return at;
}

static void csv_has_no_formula_and_gives_every_name_back(void **state)
{
    char *text = render("csv", NULL);
    const char *at = strchr(text, '\n') + 1;

    (void)state;
    for (size_t i = 0; i < N_HOSTILE; i++) {
        char *clean = jf_lettering_clean(hostile_names[i]);
        for (size_t column = 0; column < 2; column++) {
            char *field, *start;
            double value;
            at = read_field(at, &field);
            assert_int_equal(*at, column ? '\n' : ',');
            at++;
            start = field + strspn(field, " ");
            if (*start && strchr("=+-@", *start)) assert_true(jf_number_read(start, strlen(start), &value));
            assert_string_equal(field[0] == '\'' && clean[0] != '\'' ? field + 1 : field, clean);
            jf_free(field);
        }
        jf_free(clean);
    }
    jf_free(text);
}

/* Commands that the face itself writes. */
static const char *const latex_commands[] = {"documentclass",
                                             "usepackage",
                                             "IfFileExists",
                                             "providecommand",
                                             "jffit",
                                             "sbox",
                                             "ifdim",
                                             "wd",
                                             "linewidth",
                                             "resizebox",
                                             "usebox",
                                             "else",
                                             "fi",
                                             "sloppy",
                                             "title",
                                             "author",
                                             "date",
                                             "begin",
                                             "end",
                                             "maketitle",
                                             "section",
                                             "subsection",
                                             "subsubsection",
                                             "centering",
                                             "caption",
                                             "label",
                                             "toprule",
                                             "midrule",
                                             "bottomrule",
                                             "textbf",
                                             "textbackslash",
                                             "textasciicircum",
                                             "textasciitilde",
                                             "textless",
                                             "textgreater",
                                             "textbar",
                                             "textquotedbl",
                                             "textquotesingle",
                                             "textasciigrave",
                                             "ttfamily",
                                             "raggedright",
                                             "mbox",
                                             "item",
                                             "fbox",
                                             "times",
                                             "allowbreak",
                                             "ldots",
                                             "mu",
                                             "renewcommand",
                                             "topfraction",
                                             "bottomfraction",
                                             "textfraction",
                                             "floatpagefraction",
                                             "setcounter",
                                             "parbox",
                                             "noindent",
                                             NULL};

static void latex_has_no_command_but_its_own(void **state)
{
    char *text = render("latex", NULL);
    long depth = 0;

    (void)state;
    assert_null(strstr(text, "^^"));
    for (const char *at = text; *at; at++) {
        if (*at == '\\') {
            size_t length = 0, i = 0;
            while (isalpha((unsigned char)at[1 + length])) length++;
            while (latex_commands[i] &&
                   (strlen(latex_commands[i]) != length || strncmp(latex_commands[i], at + 1, length)))
                i++;
            if (length && !latex_commands[i]) fprintf(stderr, "command: %.*s\n", (int)length, at + 1);
            assert_true(length ? latex_commands[i] != NULL : strchr("\\{}$&#%_", at[1]) != NULL);
            at += length ? length : 1;
            continue;
        }
        depth += (*at == '{') - (*at == '}');
        assert_true(depth >= 0);
        assert_true(*at != '%' && *at != '~' && *at != '"');
    }
    assert_int_equal(depth, 0);
    jf_free(text);
}

static void latex_compiles_and_writes_nothing_else(void **state)
{
    char *text = render("latex", NULL);

    (void)state;
    check_latex(text, __func__);
    jf_free(text);
}

/* Elements that the face and gnuplot write. */
static const char *const html_tags[] = {
    "!DOCTYPE",   "html",    "head",        "meta",  "title", "style",   "body",   "h1",   "h2",
    "h3",         "h4",      "h5",          "p",     "pre",   "ul",      "li",     "dl",   "dt",
    "dd",         "table",   "caption",     "thead", "tbody", "tr",      "th",     "td",   "figure",
    "figcaption", "svg",     "desc",        "g",     "rect",  "defs",    "circle", "path", "use",
    "filter",     "feFlood", "feComposite", "text",  "line",  "polygon", NULL};

static void html_has_no_element_but_its_own_and_one_script(void **state)
{
    char *text = render("html", NULL), *at = text;
    size_t n_scripts = 0;

    (void)state;
    assert_non_null(strstr(text, "<svg"));
    assert_null(strstr(text, "could not be drawn"));
    while ((at = strchr(at, '<'))) {
        const char *name = at + 1 + (at[1] == '/'), *end;
        size_t length = 0, i = 0;
        while (isalnum((unsigned char)name[length]) || name[length] == '!') length++;
        if (length == 6 && !strncmp(name, "script", 6)) { /* ours; its code is skipped */
            n_scripts++;
            at = strstr(at, "</script>");
            assert_non_null(at);
            at += 9;
            continue;
        }
        while (html_tags[i] && (strlen(html_tags[i]) != length || strncmp(html_tags[i], name, length))) i++;
        if (!html_tags[i]) fprintf(stderr, "element: %.40s\n", at);
        assert_non_null(html_tags[i]);
        end = strchr(at, '>');
        assert_non_null(end);
        for (const char *inside = at; inside < end; inside++) {
            assert_true(strncmp(inside, " on", 3) != 0);
            assert_true(strncmp(inside, "javascript", 10) != 0);
            assert_true(strncmp(inside, " src", 4) != 0);
            if (!strncmp(inside, "href=", 5)) assert_int_equal(inside[6], '#'); /* nothing from outside */
        }
        at = (char *)end;
    }
    assert_int_equal(n_scripts, 1);
    jf_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_face_lets_a_control_character_or_broken_utf8_through),
        cmocka_unit_test(plain_text_shows_every_name),
        cmocka_unit_test(markdown_has_no_markup_but_its_own),
        cmocka_unit_test(csv_has_no_formula_and_gives_every_name_back),
        cmocka_unit_test(latex_has_no_command_but_its_own),
        cmocka_unit_test(latex_compiles_and_writes_nothing_else),
        cmocka_unit_test(html_has_no_element_but_its_own_and_one_script),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
