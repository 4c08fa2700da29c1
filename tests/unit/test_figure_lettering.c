/* Text on figures: clean, and never wider than its room. */
#include "tests/check.h"

#include <string.h>
#include "core/memory.h"
#include "plots/gnuplot.h"
#include "plots/lettering.h"
#include "tests/hostile.h"

static void cleaned_text_is_one_line_without_controls(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_HOSTILE; i++) {
        char *clean = jf_lettering_clean(hostile_names[i]);
        assert_non_null(clean);
        for (const char *at = clean; *at; at++) assert_true((unsigned char)*at >= 0x20 && *at != 0x7f);
        jf_free(clean);
    }
}

static void broken_bytes_become_the_replacement_character(void **state)
{
    char *clean = jf_lettering_clean("a\xff"
                                     "b\xc3");

    (void)state;
    assert_string_equal(clean, "a\xef\xbf\xbd"
                               "b\xef\xbf\xbd");
    jf_free(clean);
    clean = jf_lettering_clean("\xc3\xa9nergie (\xce\xbcJ)");
    assert_string_equal(clean, "\xc3\xa9nergie (\xce\xbcJ)");
    jf_free(clean);
}

static void fitted_text_is_within_its_room_and_keeps_both_ends(void **state)
{
    static const char name[] = "a_rather_long_column_name_from_a_tracker_kWh";

    (void)state;
    for (double room = 10; room < 80; room += 5) {
        char *text = jf_lettering_fit(name, 7, room);
        assert_true(jf_lettering_width(text, 7) <= room);
        assert_int_equal(text[0], 'a');
        assert_int_equal(text[strlen(text) - 1], 'h');
        assert_true(!strcmp(text, name) || strstr(text, "\xe2\x80\xa6"));
        jf_free(text);
    }
    for (size_t i = 0; i < N_HOSTILE; i++) {
        char *text = jf_lettering_fit(hostile_names[i], 7, 12);
        assert_true(jf_lettering_width(text, 7) <= 12);
        jf_free(text);
    }
}

static void a_quoted_text_holds_nothing_that_means_something(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_HOSTILE; i++) {
        jf_text script = {0};
        jf_gnuplot_quote(&script, hostile_names[i]);
        assert_int_equal(script.data[0], '"');
        assert_int_equal(script.data[script.length - 1], '"');
        for (size_t k = 1; k + 1 < script.length; k++) {
            assert_null(strchr("`@'\"{}$|<>!#&;%^~", script.data[k]));
            if (script.data[k] == '\\') assert_in_range(script.data[k + 1], '0', '1');
        }
        jf_text_free(&script);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cleaned_text_is_one_line_without_controls),
        cmocka_unit_test(broken_bytes_become_the_replacement_character),
        cmocka_unit_test(fitted_text_is_within_its_room_and_keeps_both_ends),
        cmocka_unit_test(a_quoted_text_holds_nothing_that_means_something),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
