/* Figures drawn by gnuplot: every kind in every format, names that are not obeyed, failures that are told. */
#include "tests/check.h"

#include <ctype.h>
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "core/memory.h"
#include "plots/gnuplot.h"
#include "plots/lettering.h"
#include "plots/process.h"
#include "tests/hostile.h"

static char folder[] = "/tmp/jf-figures-XXXXXX";

static int enter_a_folder_of_its_own(void **state)
{
    (void)state;
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int leave_nothing_behind(void **state)
{
    DIR *here = opendir(".");
    struct dirent *entry;

    (void)state;
    while (here && (entry = readdir(here))) unlink(entry->d_name);
    if (here) closedir(here);
    return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

/* Bytes of a file with a closing zero; jf_free. NULL when it cannot be read. */
static char *read_file(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    jf_text text = {0};
    char bytes[4096];
    size_t n;

    if (!file) return NULL;
    jf_text_add(&text, "");
    while ((n = fread(bytes, 1, sizeof bytes, file)) > 0) jf_text_add_bytes(&text, bytes, n);
    fclose(file);
    if (length) *length = text.length;
    return jf_text_take(&text);
}

/* A figure with a series of each kind, and `name` wherever there is text. */
static jf_figure *every_kind(const char *name)
{
    double x[] = {1, 10, 100}, y[] = {2, 20, 150}, low[] = {1, 12, 80}, high[] = {4, 40, 300},
           place[] = {0, 1, 2}, z[] = {-1, 0.1, 1};
    const char *labels[] = {name, "second", name};
    jf_figure *figure = jf_figure_new(name, 3);
    jf_error err = {0};

    assert_non_null(figure);
    figure->caption = jf_copy_text(name);
    for (size_t i = 0; i < 3; i++) {
        figure->panels[i].title = jf_copy_text(name);
        check_ok(jf_axis_set(&figure->panels[i].x, name, i == 0, &err), &err);
        check_ok(jf_axis_set(&figure->panels[i].y, name, i == 0, &err), &err);
    }
    check_ok(jf_axis_set_categories(&figure->panels[1].y, labels, 3, &err), &err);
    check_ok(jf_axis_set_categories(&figure->panels[2].x, labels, 3, &err), &err);
    check_ok(jf_axis_set_categories(&figure->panels[2].y, labels, 3, &err), &err);
    for (int kind = 0; kind < JF_N_SERIES_KINDS; kind++) {
        jf_series series = {(jf_series_kind)kind, (char *)name, x, y, low, high, z, .n = 3, .colour = kind};
        bool cells = kind == JF_SERIES_CELLS, bars = kind == JF_SERIES_BARS;
        if (cells || kind == JF_SERIES_POINTS) series.names = (char **)labels;
        if (cells) series.x = place;
        if (cells || bars) series.y = place;
        check_ok(jf_panel_add(&figure->panels[cells ? 2 : bars ? 1 : 0], series, &err), &err);
        if (kind == JF_SERIES_RANGES) check_ok(jf_panel_add(&figure->panels[1], series, &err), &err);
    }
    return figure;
}

static void draw_quietly(const jf_figure *figure, const char *path)
{
    jf_error err = {0};
    jf_text words = {0};

    check_ok(jf_figure_draw_heard(figure, path, true, &words, &err), &err);
    if (words.length) fprintf(stderr, "%s: gnuplot said: %s\n", path, words.data);
    assert_int_equal(words.length, 0);
    jf_text_free(&words);
}

static void every_format_holds_what_its_name_says(void **state)
{
    static const struct {
        const char *path, *magic;
    } formats[] = {{"a.pdf", "%PDF"}, {"a.svg", "<?xml"}, {"a.png", "\x89PNG"}};
    jf_figure *figure = every_kind("plain name");

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        char *bytes;
        draw_quietly(figure, formats[i].path);
        bytes = read_file(formats[i].path, NULL);
        assert_non_null(bytes);
        assert_memory_equal(bytes, formats[i].magic, 4);
        jf_free(bytes);
    }
    jf_figure_free(figure);
}

/* The text of an SVG with markup taken out and its entities read. */
static char *visible_text(const char *svg)
{
    static const struct {
        const char *entity;
        char is;
    } entities[] = {{"&lt;", '<'}, {"&#38;", '&'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}};
    jf_text text = {0};

    jf_text_add(&text, "");
    while (*svg) {
        size_t i = 0;
        if (*svg == '<') {
            svg = strchr(svg, '>');
            assert_non_null(svg);
            svg++;
            continue;
        }
        while (i < 5 && strncmp(svg, entities[i].entity, strlen(entities[i].entity)) != 0) i++;
        if (*svg == '&') assert_true(i < 5);
        jf_text_add_bytes(&text, i < 5 ? &entities[i].is : svg, 1);
        svg += i < 5 ? strlen(entities[i].entity) : 1;
    }
    return jf_text_take(&text);
}

static void no_name_is_obeyed_and_every_name_is_shown(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_HOSTILE; i++) {
        jf_figure *figure = every_kind(hostile_names[i]);
        char *clean = jf_lettering_clean(hostile_names[i]), *svg, *text;
        draw_quietly(figure, "h.pdf");
        draw_quietly(figure, "h.svg");
        svg = read_file("h.svg", NULL);
        text = visible_text(svg);
        assert_null(strstr(svg, "<script"));
        assert_null(strstr(svg, "<img"));
        if (strlen(clean) < 20) { /* longer ones are shortened */
            if (!strstr(text, clean)) fprintf(stderr, "not shown: %s\n", clean);
            assert_non_null(strstr(text, clean));
        }
        jf_free(clean);
        jf_free(text);
        jf_free(svg);
        jf_figure_free(figure);
        assert_int_not_equal(access("pwned", F_OK), 0);
    }
}

static void no_file_name_is_obeyed(void **state)
{
    static const char *const names[] = {"|touch pwned.svg", "< touch pwned.svg", "$(touch pwned).svg",
                                        "it's.svg",         "`touch pwned`.svg", "-.svg",
                                        "~x.svg",           "@a %s {}.svg",      "\xc3\xa9\xff.svg"};
    jf_figure *figure = every_kind("x");

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        draw_quietly(figure, names[i]);
        assert_int_equal(access(names[i], R_OK), 0);
        assert_int_not_equal(access("pwned", F_OK), 0);
        unlink(names[i]);
    }
    assert_int_equal(jf_figure_draw(figure, "a\nb.svg", false, NULL), JF_EUSAGE);
    assert_int_equal(jf_figure_draw(figure, "a.gif", false, NULL), JF_EUSAGE);
    jf_figure_free(figure);
}

static void the_script_that_is_kept_runs_by_itself(void **state)
{
    jf_figure *figure = every_kind("kept");
    jf_error err = {0};
    jf_process_end end;
    char *first, *second;
    size_t first_length, second_length;

    (void)state;
    draw_quietly(figure, "kept.png");
    first = read_file("kept.png", &first_length);
    unlink("kept.png");
    check_ok(jf_process_run((const char *const[]){"gnuplot", "kept.gp", NULL}, ".", 60, &end, &err), &err);
    assert_int_equal(end.exit_code, 0);
    assert_int_equal(end.words.length, 0);
    second = read_file("kept.png", &second_length);
    assert_non_null(second);
    assert_int_equal(first_length, second_length);
    assert_memory_equal(first, second, first_length);
    jf_text_free(&end.words);
    jf_free(first);
    jf_free(second);
    jf_figure_free(figure);
}

static void fonts_are_inside_the_pdf(void **state)
{
    jf_figure *figure = every_kind("fonts");
    jf_error err = {0};
    jf_process_end end;
    size_t n_fonts = 0;

    (void)state;
    draw_quietly(figure, "fonts.pdf");
    jf_figure_free(figure);
    check_ok(jf_process_run((const char *const[]){"pdffonts", "fonts.pdf", NULL}, ".", 60, &end, &err), &err);
    if (end.missing) {
        printf("SKIPPED: fonts_are_inside_the_pdf needs pdffonts (poppler-utils)\n");
        return;
    }
    for (char *line = strtok(end.words.data, "\n"); line; line = strtok(NULL, "\n")) {
        size_t row = n_fonts++;
        if (row < 2) continue; /* heading and rule; then "... emb sub uni object ID" */
        assert_non_null(strstr(line, " yes yes "));
    }
    assert_true(n_fonts > 2);
    jf_text_free(&end.words);
}

static void what_has_no_place_is_counted_in_the_figure(void **state)
{
    double x[] = {1, -1, 0, 5, NAN}, y[] = {1, 2, 3, 4, 5};
    jf_figure *figure = jf_figure_new("hidden", 1);
    jf_error err = {0};
    char *svg;

    (void)state;
    check_ok(jf_axis_set(&figure->panels[0].x, "x", true, &err), &err);
    check_ok(jf_panel_add(&figure->panels[0], (jf_series){.x = x, .y = y, .n = 5}, &err), &err);
    draw_quietly(figure, "hidden.svg");
    svg = read_file("hidden.svg", NULL);
    assert_non_null(strstr(svg, "not shown: 1 missing, 2 not positive, on a log axis"));
    jf_free(svg);
    jf_figure_free(figure);
}

static void a_line_from_corner_to_corner_is_drawn(void **state)
{
    double ends[] = {8.041234567891234, 289.1234512345678};
    jf_figure *figure = jf_figure_new("corner", 1);
    jf_panel *panel = &figure->panels[0];
    jf_error err = {0};
    char *svg;

    (void)state;
    check_ok(jf_axis_set(&panel->x, "x", true, &err), &err);
    check_ok(jf_axis_set(&panel->y, "y", true, &err), &err);
    panel->x.low = panel->y.low = ends[0];
    panel->x.high = panel->y.high = ends[1];
    /* a colour that nothing else has */
    check_ok(jf_panel_add(
                 panel, (jf_series){.kind = JF_SERIES_LINE, .x = ends, .y = ends, .n = 2, .colour = 4}, &err),
             &err);
    draw_quietly(figure, "corner.svg");
    svg = read_file("corner.svg", NULL);
    assert_non_null(strstr(svg, "<path stroke='rgb( 68, 170, 153)'"));
    jf_free(svg);
    jf_figure_free(figure);
}

static void a_panel_without_points_is_an_error_that_names_it(void **state)
{
    jf_figure *figure = jf_figure_new("empty one", 1);
    jf_error err = {0};

    (void)state;
    assert_int_equal(jf_figure_draw(figure, "none.svg", false, &err), JF_EDATA);
    assert_non_null(strstr(err.message, "empty one"));
    assert_int_not_equal(access("none.svg", F_OK), 0);
    jf_figure_free(figure);
}

/* Puts a program called gnuplot on PATH that runs `script`; NULL: there is none. */
static void with_gnuplot(const char *script)
{
    unlink("gnuplot");
    if (script) {
        FILE *file = fopen("gnuplot", "w");
        assert_non_null(file);
        fputs(script, file);
        fclose(file);
        assert_int_equal(chmod("gnuplot", 0755), 0);
    }
    setenv("PATH", folder, 1);
}

static void failures_are_told_and_leave_the_old_file(void **state)
{
    static const struct {
        const char *script, *wanted;
    } cases[] = {{NULL, "apt install gnuplot-nox"},
                 {"#!/bin/sh\necho 'line 3: undefined variable'; exit 2\n", "line 3: undefined variable"},
                 {"#!/bin/sh\nexit 0\n", "wrote nothing"}};
    char *path = jf_copy_text(getenv("PATH"));
    jf_figure *figure = every_kind("x");

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        jf_error err = {0};
        char *old;
        FILE *file = fopen("old.svg", "w");
        assert_non_null(file);
        fputs("old", file);
        fclose(file);
        with_gnuplot(cases[i].script);
        assert_int_equal(jf_figure_draw(figure, "old.svg", false, &err), JF_EOUTPUT);
        if (!strstr(err.message, cases[i].wanted)) fprintf(stderr, "message: %s\n", err.message);
        assert_non_null(strstr(err.message, cases[i].wanted));
        old = read_file("old.svg", NULL);
        assert_string_equal(old, "old");
        jf_free(old);
    }
    unlink("gnuplot");
    setenv("PATH", path, 1);
    assert_int_equal(jf_figure_draw(figure, "no/such/folder/a.svg", false, NULL), JF_EOUTPUT);
    jf_free(path);
    jf_figure_free(figure);
}

static void a_program_that_hangs_is_stopped(void **state)
{
    jf_process_end end;
    jf_error err = {0};

    (void)state;
    check_ok(jf_process_run((const char *const[]){"sleep", "1000", NULL}, ".", 0.05, &end, &err), &err);
    assert_true(end.timed_out);
    jf_text_free(&end.words);
}

static void nothing_is_left_beside_the_figures(void **state)
{
    DIR *here = opendir(".");
    struct dirent *entry;

    (void)state;
    assert_non_null(here);
    while ((entry = readdir(here))) assert_null(strstr(entry->d_name, ".joulefit-"));
    closedir(here);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_holds_what_its_name_says),
        cmocka_unit_test(no_name_is_obeyed_and_every_name_is_shown),
        cmocka_unit_test(no_file_name_is_obeyed),
        cmocka_unit_test(the_script_that_is_kept_runs_by_itself),
        cmocka_unit_test(fonts_are_inside_the_pdf),
        cmocka_unit_test(what_has_no_place_is_counted_in_the_figure),
        cmocka_unit_test(a_line_from_corner_to_corner_is_drawn),
        cmocka_unit_test(a_panel_without_points_is_an_error_that_names_it),
        cmocka_unit_test(failures_are_told_and_leave_the_old_file),
        cmocka_unit_test(a_program_that_hangs_is_stopped),
        cmocka_unit_test(nothing_is_left_beside_the_figures),
    };
    return cmocka_run_group_tests(tests, enter_a_folder_of_its_own, leave_nothing_behind);
}
