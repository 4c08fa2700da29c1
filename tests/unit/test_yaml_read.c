/* YAML: what is read, where it stands, and what is refused. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "core/yaml.h"
#include "tests/check.h"

static jf_yaml *read_text(const char *text)
{
    jf_error err = {0};
    jf_yaml *root = NULL;

    check_ok(jf_yaml_read("t.yaml", text, strlen(text), &root, &err), &err);
    return root;
}

static void values_remember_their_lines(void **state)
{
    jf_yaml *root = read_text("\xef\xbb\xbf# a comment\n- name: x\n  list: [1, 'two',\n         three]\n"
                              "-\n  empty:\n");
    const jf_yaml *first = root->items[0], *list = jf_yaml_get(first, "list");

    (void)state;
    assert_int_equal(root->kind, JF_YAML_LIST);
    assert_int_equal(root->n, 2);
    assert_int_equal(first->line, 2);
    assert_int_equal(first->keys[1]->line, 3);
    assert_int_equal(list->n, 3);
    assert_int_equal(list->items[2]->line, 4);
    assert_true(list->items[1]->quoted);
    assert_false(list->items[0]->quoted);
    assert_string_equal(jf_yaml_get(root->items[1], "empty")->text, "");
    assert_null(jf_yaml_get(first, "absent"));
    assert_null(jf_yaml_get(list, "absent"));
    jf_yaml_free(root);
}

static void keys_keep_the_order_of_the_file(void **state)
{
    jf_yaml *root = read_text("zeta: 1\nalpha: 2\nmid: 3\n");
    const char *wanted[] = {"zeta", "alpha", "mid"};

    (void)state;
    assert_int_equal(root->n, 3);
    for (size_t i = 0; i < 3; i++) assert_string_equal(root->keys[i]->text, wanted[i]);
    jf_yaml_free(root);
}

static void numbers_are_finite_or_infinite_and_never_quoted(void **state)
{
    jf_yaml *root = read_text("[1.5e3, -inf, .inf, inf, '7', seven, 1.5.2, nan, [1]]");
    jf_error err = {0};
    double value = 0;

    (void)state;
    check_ok(jf_yaml_number("t.yaml", root->items[0], &value, &err), &err);
    assert_true(value == 1500);
    check_ok(jf_yaml_number("t.yaml", root->items[1], &value, &err), &err);
    assert_true(value == -INFINITY);
    for (size_t i = 2; i < 4; i++) {
        check_ok(jf_yaml_number("t.yaml", root->items[i], &value, &err), &err);
        assert_true(value == INFINITY);
    }
    for (size_t i = 4; i < root->n; i++)
        assert_int_equal(jf_yaml_number("t.yaml", root->items[i], &value, &err), JF_EDATA);
    jf_yaml_free(root);
}

static void what_a_catalogue_must_not_hold_is_refused_with_its_line(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "t.yaml: nothing in it"},
        {"a: 1\nb: &x 2\n", "t.yaml:2: anchors"},
        {"a: &x 1\nb: *x\n", "t.yaml:1: anchors"},
        {"a: 1\nb: *x\n", "t.yaml:2: aliases"},
        {"a: !!int 1\n", "t.yaml:1: tags"},
        {"- !x [1]\n", "t.yaml:1: tags"},
        {"a: 1\nb: 2\na: 3\n", "t.yaml:3: key 'a' stands twice (first in line 1)"},
        {"? [1, 2]\n: x\n", "t.yaml:1: expected a key"},
        {"a: 1\n---\nb: 2\n", "t.yaml:2: a second document"},
        {"a: [1, 2\nb: 3\n", "t.yaml:2: not YAML"},
        {"a: \"x\\0y\"\n", "t.yaml:1: zero bytes"},
        {"a: 1\nb: \xff\n", "t.yaml:2: "},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        jf_error err = {0};
        jf_yaml *root = (jf_yaml *)&err;
        jf_status status = jf_yaml_read("t.yaml", cases[i].text, strlen(cases[i].text), &root, &err);

        if (status != JF_EDATA || strncmp(err.message, cases[i].message, strlen(cases[i].message)))
            fail_msg("case %zu: status %d, message '%s'", i, status, err.message);
        assert_null(root);
    }
}

static void depth_is_limited(void **state)
{
    char deep[2001];
    jf_error err = {0};
    jf_yaml *root = NULL;

    (void)state;
    memset(deep, '[', 2000);
    deep[2000] = '\0';
    assert_int_equal(jf_yaml_read("t.yaml", deep, 2000, &root, &err), JF_ELIMIT);
    assert_null(root);
    memset(deep, '[', 60);
    memset(deep + 60, ']', 60);
    check_ok(jf_yaml_read("t.yaml", deep, 120, &root, &err), &err);
    jf_yaml_free(root);
}

static void an_unknown_key_is_refused_with_a_suggestion(void **state)
{
    jf_yaml *root = read_text("name: a\nformla: b\n");
    const char *allowed[] = {"name", "formula", NULL};
    jf_error err = {0};

    (void)state;
    assert_int_equal(jf_yaml_check_keys("t.yaml", root, allowed, &err), JF_EDATA);
    assert_string_equal(err.message, "t.yaml:2: unknown key 'formla' (did you mean 'formula'?)");
    jf_yaml_free(root);
}

static void a_missing_file_is_named(void **state)
{
    jf_error err = {0};
    jf_yaml *root = NULL;

    (void)state;
    assert_int_equal(jf_yaml_read_file("no/such.yaml", &root, &err), JF_EDATA);
    assert_string_equal(err.message, "cannot read no/such.yaml: No such file or directory");
    assert_int_equal(jf_yaml_read_file(".", &root, &err), JF_EDATA);
}

static bool count_down(void *context)
{
    int *left = context;

    return (*left)-- == 0;
}

static void every_allocation_may_fail(void **state)
{
    const char *text = "a: [1, 2, {b: c}]\nd: e\n";
    bool done = false;

    (void)state;
    for (int n = 0; !done; n++) {
        jf_error err = {0};
        jf_yaml *root = NULL;
        int left = n;

        jf_memory_hook(count_down, &left);
        jf_status status = jf_yaml_read("t.yaml", text, strlen(text), &root, &err);
        jf_memory_hook(NULL, NULL);
        done = left >= 0;
        assert_int_equal(status, done ? JF_OK : JF_ENOMEM);
        assert_true(done == (root != NULL));
        jf_yaml_free(root);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_remember_their_lines),
        cmocka_unit_test(keys_keep_the_order_of_the_file),
        cmocka_unit_test(numbers_are_finite_or_infinite_and_never_quoted),
        cmocka_unit_test(what_a_catalogue_must_not_hold_is_refused_with_its_line),
        cmocka_unit_test(depth_is_limited),
        cmocka_unit_test(an_unknown_key_is_refused_with_a_suggestion),
        cmocka_unit_test(a_missing_file_is_named),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
