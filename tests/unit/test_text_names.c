/* Growing text, suggestions for misspelt names, and widths on a terminal. */
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "core/warnings.h"
#include "data/table.h"
#include "tests/check.h"

static void growing_text_keeps_every_piece(void **state)
{
    jf_text text = {0};
    char *whole;
    (void)state;

    for (int i = 0; i < 1000; i++) jf_text_addf(&text, "%d,", i % 10);
    jf_text_add(&text, "end");
    jf_text_pad(&text, '-', 3);
    jf_text_add_bytes(&text, "\0x", 2);
    assert_int_equal(text.length, 2000 + 3 + 3 + 2);
    whole = jf_text_take(&text);
    assert_memory_equal(whole + 1996, "8,9,end---\0x", 13);
    assert_null(text.data);
    jf_free(whole);
    whole = jf_text_take(&text);
    assert_string_equal(whole, "");
    jf_free(whole);
}

static bool refuse_all(void *context)
{
    (void)context;
    return true;
}

static void text_without_memory_says_failed(void **state)
{
    jf_text text = {0};
    (void)state;

    jf_memory_hook(refuse_all, NULL);
    jf_text_add(&text, "abc");
    jf_text_addf(&text, "%d", 1);
    assert_true(text.failed);
    assert_null(jf_text_take(&text));
    jf_memory_hook(NULL, NULL);
}

static void edits_count_insert_delete_replace_and_swap(void **state)
{
    (void)state;
    assert_int_equal(jf_edit_distance("", "abc", false), 3);
    assert_int_equal(jf_edit_distance("kitten", "sitting", false), 3);
    assert_int_equal(jf_edit_distance("lgo", "log", false), 1);
    assert_int_equal(jf_edit_distance("Energy", "energy", false), 1);
    assert_int_equal(jf_edit_distance("Energy", "energy", true), 0);
    assert_int_equal(jf_edit_distance("ca", "abc", false), 3);
}

static void the_nearest_name_is_suggested_and_far_ones_are_not(void **state)
{
    static const char *const names[] = {"energy_J", "duration_s", "num_layers", "GPU"};
    char hint[64];
    (void)state;

    assert_string_equal(jf_suggest("enrgy_J", names, 4), "energy_J");
    assert_string_equal(jf_suggest("NUM_LAYERS", names, 4), "num_layers");
    assert_string_equal(jf_suggest("gpu", names, 4), "GPU");
    assert_null(jf_suggest("loss", names, 4));
    assert_string_equal(jf_did_you_mean(hint, sizeof hint, "num_layer", names, 4),
                        " (did you mean 'num_layers'?)");
    assert_string_equal(jf_did_you_mean(hint, sizeof hint, "Dura", names, 4),
                        " (did you mean 'duration_s'?)");
    assert_string_equal(jf_did_you_mean(hint, sizeof hint, "zebra", names, 4), "");
}

static void width_counts_columns_not_bytes(void **state)
{
    (void)state;
    assert_int_equal(jf_text_width("abc"), 3);
    assert_int_equal(jf_text_width("\xc3\xa9"), 1);         /* e acute */
    assert_int_equal(jf_text_width("e\xcc\x81"), 1);        /* e and a combining acute */
    assert_int_equal(jf_text_width("\xe4\xbd\xa0"), 2);     /* a Chinese character */
    assert_int_equal(jf_text_width("\xff\xc3"), 2);         /* two broken bytes */
    assert_int_equal(jf_text_width("\xf0\x9f\x98\x80"), 2); /* an emoji */
}

static void a_warning_is_kept_once_and_every_code_has_a_cure(void **state)
{
    jf_warnings list = {0}, more = {0};
    (void)state;

    jf_warn(&list, "W_FLAT", "%s", "a");
    jf_warn(&list, "W_FLAT", "%s", "a");
    jf_warn(&more, "W_FLAT", "%s", "a");
    jf_warn(&more, "W_WEAK", "b is %d", 2);
    jf_warnings_append(&list, &more);
    assert_int_equal(list.n, 2);
    assert_string_equal(list.items[1].message, "b is 2");
    jf_warnings_free(&list);
    jf_warnings_free(&more);
    for (const jf_warning_help *row = jf_warning_codes; row->code; row++) {
        assert_memory_equal(row->code, "W_", 2);
        assert_true(strlen(row->meaning) > 10 && strlen(row->cure) > 10);
        assert_ptr_equal(jf_warning_explain(row->code), row); /* no code twice */
    }
    assert_null(jf_warning_explain("W_NOTHING"));
}

static jf_status add_number(jf_table *table, const char *name, double value, bool replace, jf_error *err)
{
    jf_column column = {.name = jf_copy_text(name), .values = JF_NEW_ARRAY(double, 1)};
    jf_status status;

    column.values[0] = value;
    status = jf_table_add(table, &column, replace, err);
    if (status != JF_OK) jf_column_clear(&column);
    return status;
}

static void a_table_finds_its_columns_and_suggests(void **state)
{
    jf_table *table = NULL;
    jf_error err = {0};
    const jf_column *column;
    char name[24];
    (void)state;

    check_ok(jf_table_new(1, &table, &err), &err);
    for (int i = 0; i < 500; i++) {
        snprintf(name, sizeof name, "column_%d", i);
        check_ok(add_number(table, name, i, false, &err), &err);
    }
    check_ok(jf_table_get(table, "column_371", &column, &err), &err);
    check_close(column->values[0], 371, 0, "value");
    check_ok(add_number(table, "column_371", -1, true, &err), &err);
    check_close(jf_table_find(table, "column_371")->values[0], -1, 0, "replaced value");
    assert_int_equal(table->n_columns, 500);
    assert_int_equal(add_number(table, "column_1", 0, false, &err), JF_EDATA);
    assert_string_equal(err.message, "table: two columns are called 'column_1'");
    assert_int_equal(jf_table_get(table, "Column_371", &column, &err), JF_EUSAGE);
    assert_string_equal(err.message, "no column 'Column_371' in the table (did you mean 'column_371'?)");
    jf_table_free(table);
}

static void numbers_become_levels_in_the_order_of_their_values(void **state)
{
    double values[] = {10, 2, -0.5, 2, 0.0 / 0.0};
    jf_column column = {.name = "gpus", .values = values, .unit = "s"}, labels = {0}, again = {0};
    jf_error err = {0};
    (void)state;

    check_ok(jf_column_as_labels(&column, 5, &labels, &err), &err);
    assert_int_equal(labels.n_levels, 3);
    assert_string_equal(labels.levels[0], "-0.5");
    assert_string_equal(labels.levels[2], "10");
    assert_int_equal(labels.codes[3], 1);
    assert_int_equal(labels.codes[4], -1);
    assert_int_equal(jf_column_level(&labels, "2"), 1);
    assert_int_equal(jf_column_level(&labels, "3"), -1);
    check_ok(jf_column_as_labels(&labels, 5, &again, &err), &err);
    assert_string_equal(again.levels[1], "2");
    assert_string_equal(again.unit, "s");
    jf_column_clear(&labels);
    jf_column_clear(&again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(growing_text_keeps_every_piece),
        cmocka_unit_test(text_without_memory_says_failed),
        cmocka_unit_test(edits_count_insert_delete_replace_and_swap),
        cmocka_unit_test(the_nearest_name_is_suggested_and_far_ones_are_not),
        cmocka_unit_test(width_counts_columns_not_bytes),
        cmocka_unit_test(a_warning_is_kept_once_and_every_code_has_a_cure),
        cmocka_unit_test(a_table_finds_its_columns_and_suggests),
        cmocka_unit_test(numbers_become_levels_in_the_order_of_their_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
