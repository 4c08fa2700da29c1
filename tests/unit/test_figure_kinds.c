/* Every kind of figure, from what it is made of: it draws, says nothing, keeps what stands in it apart, obeys
 * no name, and tells what it lacks. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "core/memory.h"
#include "plots/gnuplot.h"
#include "plots/layout.h"
#include "plots/lettering.h"
#include "tests/check.h"
#include "tests/figure_sources.h"
#include "tests/hostile.h"

static char folder[] = "/tmp/jf-figure-kinds-XXXXXX";
static figure_sources sources;

static int set_up(void **state)
{
    (void)state;
    figure_sources_load(&sources);
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    figure_sources_free(&sources);
    return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

static jf_figure *build(const figure_sources *from, const jf_figure_kind *kind)
{
    jf_figure_source source = figure_source_for(from, kind);
    jf_figure *figure = NULL;
    jf_error err = {0};
    jf_status status = jf_figure_build(kind, &source, &figure, &err);

    if (status != JF_OK) fail_msg("%s: %s", kind->name, err.message);
    return figure;
}

static void every_kind_draws_without_a_word(void **state)
{
    (void)state;
    for (const jf_figure_kind *kind = jf_figure_kinds; kind->name; kind++) {
        jf_figure *figure = build(&sources, kind);
        jf_text words = {0};
        jf_error err = {0};

        check_ok(jf_figure_draw_heard(figure, "a.svg", false, &words, &err), &err);
        if (words.length) fail_msg("%s: gnuplot said: %s", kind->name, words.data);
        assert_string_equal(figure->name, kind->name);
        assert_true(figure->caption && *figure->caption);
        for (size_t p = 0; p < figure->n_panels; p++) {
            assert_true(figure->panels[p].n_series > 0);
            assert_true(figure->panels[p].x.n_categories || *figure->panels[p].x.title);
            assert_true(figure->panels[p].y.n_categories || *figure->panels[p].y.title);
        }
        jf_text_free(&words);
        jf_figure_free(figure);
    }
    unlink("a.svg");
}

/* ---- where things stand ---- */

enum { MOST_BOXES = 2000 };

typedef struct box {
    double left, right, bottom, top;
    const char *what;
    bool inside; /* may lie in a plot area */
} box;

typedef struct boxes {
    box items[MOST_BOXES];
    size_t n;
    box areas[64];
    size_t n_areas;
} boxes;

static double letters_mm(const char *text, double size_pt)
{
    return jf_lettering_width(text, size_pt);
}

/* `side`: -1 text begins at x, 0 is centred, 1 ends at x. */
static void add_text(boxes *all, const char *text, double size_pt, double x, double y, int side, bool upright,
                     bool inside)
{
    double width = letters_mm(text, size_pt), half = size_pt * 25.4 / 72 * 0.45;
    double before = side < 0 ? 0 : side == 0 ? width / 2 : width;

    if (!*text) return;
    assert_true(all->n < MOST_BOXES);
    all->items[all->n++] = upright ? (box){x - half, x + half, y - before, y - before + width, text, inside}
                                   : (box){x - before, x - before + width, y - half, y + half, text, inside};
}

static void add_lettering(boxes *all, const jf_lettering *lettering, double size_pt, int side, bool upright)
{
    if (lettering->text)
        add_text(all, lettering->text, size_pt, lettering->x, lettering->y, side, upright, false);
}

static void add_below(boxes *all, const jf_panel_layout *panel)
{
    double length = panel->right - panel->left, y = panel->bottom - 2.4;

    for (size_t i = 0; i < panel->x.n_tics; i++)
        add_text(all, panel->x.tics[i].label, JF_LETTER_PT,
                 panel->left + jf_scale_position(&panel->x, panel->x.tics[i].at, length), y, 0, false, false);
    for (size_t i = 0; i < panel->n_x_labels; i++)
        add_text(all, panel->x_labels[i], JF_LETTER_PT,
                 panel->left + jf_scale_position(&panel->x, (double)i, length), panel->bottom - 1.5, 1, true,
                 false);
}

static void add_beside(boxes *all, const jf_panel_layout *panel)
{
    double length = panel->top - panel->bottom, x = panel->left - 1.5;

    for (size_t i = 0; i < panel->y.n_tics; i++)
        add_text(all, panel->y.tics[i].label, JF_LETTER_PT, x,
                 panel->bottom + jf_scale_position(&panel->y, panel->y.tics[i].at, length), 1, false, false);
    for (size_t i = 0; i < panel->n_y_labels; i++)
        add_text(all, panel->y_labels[i], JF_LETTER_PT, x,
                 panel->top - jf_scale_position(&panel->y, (double)i, length), 1, false, false);
}

static void add_panel(boxes *all, const jf_panel_layout *panel)
{
    all->areas[all->n_areas++] =
        (box){panel->left, panel->right, panel->bottom, panel->top, "plot area", true};
    add_lettering(all, &panel->title, JF_TITLE_PT, -1, false);
    add_lettering(all, &panel->x_title, JF_TITLE_PT, 0, false);
    add_lettering(all, &panel->y_title, JF_TITLE_PT, 0, true);
    add_below(all, panel);
    add_beside(all, panel);
    for (size_t i = 0; i < panel->n_names; i++) {
        const jf_name *name = &panel->names[i];
        add_text(all, name->text.text, panel->name_pt, name->text.x, name->text.y, name->centred ? 0 : -1,
                 false, true);
    }
}

static bool overlap(const box *a, const box *b)
{
    const double slack = 0.05;
    return a->left < b->right - slack && b->left < a->right - slack && a->bottom < b->top - slack &&
           b->bottom < a->top - slack;
}

static void check_boxes(const char *kind, const char *size, const jf_layout *layout, const boxes *all)
{
    for (size_t i = 0; i < all->n; i++) {
        const box *one = &all->items[i];
        if (one->left < -0.05 || one->right > layout->width + 0.05 || one->bottom < -0.05 ||
            one->top > layout->height + 0.05)
            fail_msg("%s, %s: '%s' leaves the page (%.1f..%.1f x %.1f..%.1f of %.1f x %.1f mm)", kind, size,
                     one->what, one->left, one->right, one->bottom, one->top, layout->width, layout->height);
        for (size_t k = 0; k < i; k++)
            if (overlap(one, &all->items[k]))
                fail_msg("%s, %s: '%s' lies on '%s'", kind, size, one->what, all->items[k].what);
        for (size_t k = 0; k < all->n_areas; k++)
            if (!one->inside && overlap(one, &all->areas[k]))
                fail_msg("%s, %s: '%s' lies in a plot area", kind, size, one->what);
    }
}

static void check_layout(const char *kind, const char *size, const jf_figure *figure)
{
    jf_layout layout;
    jf_error err = {0};
    boxes *all = JF_NEW(boxes);

    assert_non_null(all);
    if (jf_layout_build(figure, &layout, &err) != JF_OK) fail_msg("%s, %s: %s", kind, size, err.message);
    for (size_t i = 0; i < layout.n_panels; i++) add_panel(all, &layout.panels[i]);
    for (size_t i = 0; i < layout.n_keys; i++) {
        jf_lettering text = layout.keys[i].text;
        text.x += JF_KEY_SAMPLE_MM + 1;
        add_lettering(all, &text, JF_LETTER_PT, -1, false);
    }
    add_lettering(all, &layout.note, JF_LETTER_PT, -1, false);
    check_boxes(kind, size, &layout, all);
    jf_layout_free(&layout);
    jf_free(all);
}

static void nothing_lies_on_anything_else_at_any_size(void **state)
{
    static const char *const sizes[] = {NULL, "column", "text", "120x200", "260x260"};

    (void)state;
    for (const jf_figure_kind *kind = jf_figure_kinds; kind->name; kind++) {
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            jf_figure *figure = build(&sources, kind);
            jf_error err = {0};
            if (sizes[i]) check_ok(jf_figure_set_size(figure, sizes[i], &err), &err);
            check_layout(kind->name, sizes[i] ? sizes[i] : "its own size", figure);
            jf_figure_free(figure);
        }
    }
}

static void a_size_is_kept_to_or_refused(void **state)
{
    (void)state;
    for (const jf_figure_kind *kind = jf_figure_kinds; kind->name; kind++) {
        jf_figure *figure = build(&sources, kind);
        jf_layout layout;
        jf_error err = {0};

        check_ok(jf_figure_set_size(figure, "150x120", &err), &err);
        if (jf_layout_build(figure, &layout, &err) == JF_OK) {
            check_close(layout.width, 150, 1e-9, "%s", kind->name);
            check_close(layout.height, 120, 1e-9, "%s", kind->name);
            jf_layout_free(&layout);
        } else {
            assert_int_equal(err.status, JF_EUSAGE);
            assert_non_null(strstr(err.message, "size"));
        }
        assert_int_equal(jf_figure_set_size(figure, "huge", &err), JF_EUSAGE);
        assert_int_equal(jf_figure_set_size(figure, "10x10", &err), JF_EUSAGE);
        jf_figure_free(figure);
    }
}

/* ---- names from outside ---- */

/* What gnuplot obeys: a script with its strings taken out. Between two quotes add_text leaves no quote. */
static char *without_strings(const char *script)
{
    jf_text bare = {0};
    bool inside = false;

    jf_text_add(&bare, "");
    for (; *script; script++) {
        if (*script == '"') {
            inside = !inside;
            continue;
        }
        if (inside) {
            assert_int_not_equal(*script, '\n');
            assert_true(*script != '`' && *script != '@' && *script != '$' && *script != '{');
            if (*script == '\\') assert_true(isdigit((unsigned char)script[1]));
        } else {
            jf_text_add_bytes(&bare, script, 1);
        }
    }
    assert_false(inside);
    return jf_text_take(&bare);
}

static char *script_of(const jf_figure *figure)
{
    jf_layout layout;
    jf_text script = {0}, data = {0};
    jf_error err = {0};

    check_ok(jf_layout_build(figure, &layout, &err), &err);
    check_ok(jf_gnuplot_write(figure, &layout, "x", ".svg", &script, &data, &err), &err);
    for (const char *at = data.data; at && (at = strstr(at, "pwned")); at++) { /* in comments only */
        const char *line = at;
        while (line > data.data && line[-1] != '\n') line--;
        assert_int_equal(*line, '#');
    }
    jf_layout_free(&layout);
    jf_text_free(&data);
    return jf_text_take(&script);
}

static void no_name_reaches_the_commands_of_any_kind(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_HOSTILE; i++) {
        figure_sources renamed;
        figure_sources_load(&renamed);
        figure_sources_rename(&renamed, hostile_names[i]);
        for (const jf_figure_kind *kind = jf_figure_kinds; kind->name; kind++) {
            jf_figure_source source = figure_source_for(&renamed, kind);
            jf_figure *figure = NULL;
            char *script, *bare;
            if (jf_figure_build(kind, &source, &figure, NULL) != JF_OK) continue; /* a name that it needs */
            script = script_of(figure);
            bare = without_strings(script);
            if (strstr(bare, "pwned")) fail_msg("%s: the name '%s' is obeyed", kind->name, hostile_names[i]);
            jf_free(bare);
            jf_free(script);
            jf_figure_free(figure);
        }
        figure_sources_free(&renamed);
    }
}

/* All names in turn for gnuplot itself: kind i gets name i, and one that is all of them in a row. */
static void gnuplot_obeys_no_name_in_any_kind(void **state)
{
    size_t n_drawn = 0, i = 0;

    (void)state;
    for (const jf_figure_kind *kind = jf_figure_kinds; kind->name; kind++, i++) {
        jf_text name = {0};
        figure_sources renamed;
        jf_figure *figure = NULL;
        jf_figure_source source;

        for (size_t k = 0; k < 3; k++) jf_text_add(&name, hostile_names[(i * 3 + k) % N_HOSTILE]);
        figure_sources_load(&renamed);
        figure_sources_rename(&renamed, name.data ? name.data : "");
        source = figure_source_for(&renamed, kind);
        if (jf_figure_build(kind, &source, &figure, NULL) == JF_OK) {
            jf_text words = {0};
            jf_error err = {0};
            check_ok(jf_figure_draw_heard(figure, "h.svg", false, &words, &err), &err);
            if (words.length) fail_msg("%s: gnuplot said: %s", kind->name, words.data);
            assert_int_not_equal(access("pwned", F_OK), 0);
            jf_text_free(&words);
            n_drawn++;
        }
        jf_figure_free(figure);
        figure_sources_free(&renamed);
        jf_text_free(&name);
    }
    unlink("h.svg");
    assert_true(n_drawn + 4 >= i); /* few need names that are gone */
}

/* ---- what is lacking ---- */

static void a_kind_that_is_not_served_says_what_makes_it(void **state)
{
    const jf_figure_source nothing = {0};

    (void)state;
    for (const jf_figure_kind *kind = jf_figure_kinds; kind->name; kind++) {
        jf_figure *figure = NULL;
        jf_error err = {0};
        assert_int_equal(jf_figure_build(kind, &nothing, &figure, &err), JF_EDATA);
        assert_null(figure);
        assert_non_null(strstr(err.message, kind->needs));
        assert_non_null(strstr(err.message, "joulefit "));
    }
}

static void every_misspelt_kind_gets_a_suggestion(void **state)
{
    (void)state;
    for (const jf_figure_kind *kind = jf_figure_kinds; kind->name; kind++) {
        char wrong[64], wanted[96];
        const jf_figure_kind *found;
        jf_error err = {0};
        size_t length = strlen(kind->name);

        snprintf(wrong, sizeof wrong, "%sx", kind->name);
        snprintf(wanted, sizeof wanted, "did you mean '%s'?", kind->name);
        assert_true(length > 2);
        assert_int_equal(jf_figure_find(wrong, &found, &err), JF_EUSAGE);
        if (!strstr(err.message, wanted)) fail_msg("%s: %s", wrong, err.message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_draws_without_a_word),
        cmocka_unit_test(nothing_lies_on_anything_else_at_any_size),
        cmocka_unit_test(a_size_is_kept_to_or_refused),
        cmocka_unit_test(no_name_reaches_the_commands_of_any_kind),
        cmocka_unit_test(gnuplot_obeys_no_name_in_any_kind),
        cmocka_unit_test(a_kind_that_is_not_served_says_what_makes_it),
        cmocka_unit_test(every_misspelt_kind_gets_a_suggestion),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
