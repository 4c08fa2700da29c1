/* Whole files in memory: what is read, and what is refused before it fills the memory. */
#include "tests/check.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "core/input.h"
#include "core/text.h"
#include "tests/refuse.h"

static char path[64];

/* A file of these bytes, named by `path` until it is closed. */
static int file_of(const char *bytes, size_t length)
{
    int file = memfd_create("input", MFD_CLOEXEC);

    assert_true(file >= 0);
    assert_int_equal(write(file, bytes, length), length);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    return file;
}

static void a_file_is_read_whole_with_a_zero_behind_it(void **state)
{
    static char long_text[200000];
    char *bytes = NULL;
    size_t length = 0;
    jf_error err = {0};

    (void)state;
    memset(long_text, 'x', sizeof long_text);
    for (size_t n = 0; n <= sizeof long_text; n = 3 * n + 1) {
        int file = file_of(long_text, n);
        check_ok(jf_input_read(path, n, &bytes, &length, &err), &err);
        assert_int_equal(length, n);
        assert_memory_equal(bytes, long_text, n);
        assert_int_equal(bytes[n], 0);
        jf_free(bytes);
        close(file);
    }
}

static void assert_refused(const char *name, size_t most, jf_status wanted, const char *message)
{
    char *bytes = (char *)1;
    size_t length = 1;
    jf_error err = {0};

    assert_int_equal(jf_input_read(name, most, &bytes, &length, &err), wanted);
    assert_null(bytes);
    assert_int_equal(length, 0);
    if (!strstr(err.message, message)) fail_msg("'%s' does not say '%s'", err.message, message);
}

static void what_is_no_text_or_too_long_is_refused(void **state)
{
    int file = file_of("12345\0007", 7);

    (void)state;
    assert_refused(path, 100, JF_EDATA, ": not a text file: byte 6 is zero");
    close(file);
    file = file_of("12345", 5);
    assert_refused(path, 4, JF_ELIMIT, ": longer than 4 bytes");
    close(file);
    file = file_of("t\0i\0t\0l\0e\0", 10);
    assert_refused(path, 100, JF_EDATA, ": this is UTF-16 text, as PowerShell writes it, expected UTF-8;");
    close(file);
    assert_refused("/dev/zero", 100, JF_EDATA, "/dev/zero: not a text file: byte 1 is zero");
    assert_refused("no/such", 100, JF_EDATA, "cannot read no/such: No such file or directory");
    assert_refused("/", 100, JF_EDATA, "cannot read /: Is a directory");
}

static void failing_memory_is_reported(void **state)
{
    int file = file_of("12345", 5);
    refusal at_once = {.at = 0};

    (void)state;
    jf_memory_hook(refuse, &at_once);
    assert_refused(path, 100, JF_ENOMEM, "out of memory for /proc/self/fd/");
    jf_memory_hook(NULL, NULL);
    assert_true(was_refused(&at_once));
    close(file);
}

/* Escape sequences, as ASCII and as U+009B, newlines and letters of every length. */
static void control_characters_are_shown(void **state)
{
    static const char *const cases[][2] = {
        {"plain \xc3\xa9 \xe6\xbc\xa2 \xf0\x9f\x98\x80", "plain \xc3\xa9 \xe6\xbc\xa2 \xf0\x9f\x98\x80"},
        {"a\x1b[31mb\x7f", "a\\x1b[31mb\\x7f"},
        {"\xc2\x9b\x32J", "\\xc2\\x9b2J"},
        {"\xc2\xa0\xc2", "\xc2\xa0\xc2"},
        {"a\n\tb\rc", "a\n\tb\\x0dc"},
        {"", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        jf_text text = {0};
        jf_text_add_shown(&text, cases[i][0]);
        assert_string_equal(text.data ? text.data : "", cases[i][1]);
        jf_text_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_read_whole_with_a_zero_behind_it),
        cmocka_unit_test(what_is_no_text_or_too_long_is_refused),
        cmocka_unit_test(failing_memory_is_reported),
        cmocka_unit_test(control_characters_are_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
