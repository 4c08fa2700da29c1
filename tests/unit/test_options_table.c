/* Option tables: defaults, ranges, choices, lists, suggestions, help. */
#include "tests/check.h"

#include <stdlib.h>
#include <string.h>
#include "core/memory.h"
#include "core/options.h"

typedef struct settings {
    bool quiet, baselines;
    int64_t starts;
    uint64_t seed;
    double level;
    const char *law, *loss;
    int format;
    jf_option_list where;
} settings;

static const char *const formats[] = {"text", "json", "csv", NULL};

static const jf_option table[] = {
    {"quiet", 'q', JF_OPTION_FLAG, offsetof(settings, quiet), .help = "say less"},
    {"baselines", 0, JF_OPTION_FLAG, offsetof(settings, baselines), "true", .help = "add the baselines"},
    {"starts", 0, JF_OPTION_INTEGER, offsetof(settings, starts), "64", 1, 100000, NULL, "N", "starts tried"},
    {"seed", 0, JF_OPTION_INTEGER, offsetof(settings, seed), "20260623", 0, 0x1p53, NULL, "N", "random seed"},
    {"level", 0, JF_OPTION_NUMBER, offsetof(settings, level), "0.95", 0.5, 0.9999, NULL, "P", "confidence"},
    {"law", 'l', JF_OPTION_TEXT, offsetof(settings, law), .argument = "LAW", .help = "the law"},
    {"loss", 0, JF_OPTION_TEXT, offsetof(settings, loss), "ls", .argument = "LOSS", .help = "the loss"},
    {"format", 'f', JF_OPTION_CHOICE, offsetof(settings, format), "text", .choices = formats,
     .argument = "FORMAT", .help = "how results are written"},
    {"where", 0, JF_OPTION_LIST, offsetof(settings, where), .argument = "EXPR", .help = "rows to keep"},
    {NULL}};

typedef struct parsed {
    settings settings;
    jf_option_list rest;
    jf_error err;
    jf_status status;
} parsed;

enum { MOST_ARGUMENTS = 16 };

/* Parses words up to NULL over defaults laid into memory full of 0xA5. */
static void parse(parsed *out, char **words)
{
    jf_option_set set = {"Test", table, &out->settings};
    int argc = 0;

    memset(out, 0, sizeof *out);
    memset(&out->settings, 0xA5, sizeof out->settings);
    jf_options_default(table, &out->settings);
    while (words[argc]) argc++;
    out->status = jf_options_parse(&set, 1, argc, words, &out->rest, &out->err);
}

static void clear(parsed *p)
{
    jf_options_free(table, &p->settings);
    jf_option_list_free(&p->rest);
}

#define WORDS(...) ((char *[]){"test", __VA_ARGS__, NULL})

static void every_default_overwrites_poison(void **state)
{
    parsed p;
    (void)state;
    parse(&p, (char *[]){"test", NULL});
    check_ok(p.status, &p.err);
    assert_false(p.settings.quiet);
    assert_true(p.settings.baselines);
    assert_int_equal(p.settings.starts, 64);
    assert_int_equal(p.settings.seed, 20260623);
    check_close(p.settings.level, 0.95, 0, "level");
    assert_null(p.settings.law);
    assert_string_equal(p.settings.loss, "ls");
    assert_int_equal(p.settings.format, 0);
    assert_int_equal(p.settings.where.n, 0);
    assert_int_equal(p.rest.n, 0);
    clear(&p);
}

static void every_default_passes_its_own_check(void **state)
{
    settings scratch = {0};
    jf_error err = {0};
    (void)state;
    for (const jf_option *option = table; option->name; option++)
        if (option->by_default) check_ok(jf_options_set(option, &scratch, option->by_default, &err), &err);
    jf_options_free(table, &scratch);
}

static void options_and_files_may_stand_in_any_order(void **state)
{
    parsed p;
    char **words = WORDS("a.csv", "--starts=7", "-q", "--where", "x > 1", "-", "--law", "E ~ -a*x",
                         "--where=y < 2", "--level", "9e-1", "-fjson", "--no-baselines", "--", "--law");
    (void)state;
    parse(&p, words);
    check_ok(p.status, &p.err);
    assert_true(p.settings.quiet);
    assert_false(p.settings.baselines);
    assert_int_equal(p.settings.starts, 7);
    assert_string_equal(p.settings.law, "E ~ -a*x");
    check_close(p.settings.level, 0.9, 0, "level");
    assert_int_equal(p.settings.format, 1);
    assert_int_equal(p.settings.where.n, 2);
    assert_string_equal(p.settings.where.items[0], "x > 1");
    assert_string_equal(p.settings.where.items[1], "y < 2");
    assert_int_equal(p.rest.n, 3);
    assert_string_equal(p.rest.items[0], "a.csv");
    assert_string_equal(p.rest.items[1], "-");
    assert_string_equal(p.rest.items[2], "--law");
    clear(&p);
}

static void values_outlive_the_parser_because_they_are_argv(void **state)
{
    char value[] = "--law=abc";
    parsed p;
    (void)state;
    parse(&p, WORDS(value));
    check_ok(p.status, &p.err);
    assert_ptr_equal(p.settings.law, value + 6);
    clear(&p);
}

static void the_last_of_repeated_values_counts(void **state)
{
    parsed p;
    (void)state;
    parse(&p, WORDS("--starts", "3", "--starts", "1e4"));
    check_ok(p.status, &p.err);
    assert_int_equal(p.settings.starts, 10000);
    clear(&p);
}

static void bad_requests_are_refused_word_by_word(void **state)
{
    static const struct {
        char *words[4];
        const char *message;
    } cases[] = {
        {{"--starts", "x"}, "--starts: expected a whole number from 1 to 100000, found 'x'"},
        {{"--starts", "0"}, "--starts: expected a whole number from 1 to 100000, found '0'"},
        {{"--starts", "100001"}, "--starts: expected a whole number from 1 to 100000, found '100001'"},
        {{"--starts", "2.5"}, "--starts: expected a whole number from 1 to 100000, found '2.5'"},
        {{"--starts", ""}, "--starts: expected a whole number from 1 to 100000, found ''"},
        {{"--starts", "nan"}, "--starts: expected a whole number from 1 to 100000, found 'nan'"},
        {{"--seed", "-1"}, "--seed: expected a whole number at least 0, found '-1'"},
        {{"--level", "95"}, "--level: expected a number from 0.5 to 0.9999, found '95'"},
        {{"--format", "jsn"}, "--format: expected text, json or csv, found 'jsn' (did you mean 'json'?)"},
        {{"--lvel", "0.9"}, "unknown option '--lvel' (did you mean '--level'?)"},
        {{"--baseline"}, "unknown option '--baseline' (did you mean '--baselines'?)"},
        {{"--no-baseline"}, "unknown option '--no-baseline' (did you mean '--no-baselines'?)"},
        {{"--no-quiet"}, "unknown option '--no-quiet'"},
        {{"--frobnicate=3"}, "unknown option '--frobnicate'"},
        {{"-z"}, "unknown option '-z'"},
        {{"-x.csv"}, "unknown option '-x.csv' (a file of this name is './-x.csv')"},
        {{"--law"}, "--law: expected LAW after it"},
        {{"-l"}, "--law: expected LAW after it"},
        {{"--law", "--quiet"}, "--law: expected LAW after it"},
        {{"--quiet=yes"}, "--quiet=yes: a switch takes no value"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        parsed p;
        parse(&p, WORDS(cases[i].words[0], cases[i].words[1], cases[i].words[2]));
        assert_string_equal(p.err.message, cases[i].message);
        assert_int_equal(p.status, JF_EUSAGE);
        clear(&p);
    }
}

/* Line breaks and indents become single blanks, so that wrapped phrases can be found. */
static char *unwrap(const char *text)
{
    char *flat = jf_copy_text(text), *to = flat;
    assert_non_null(flat);
    for (; *text; text++) {
        bool blank = *text == ' ' || *text == '\n';
        if (blank && to > flat && to[-1] == ' ') continue;
        *to++ = blank ? ' ' : *text;
    }
    *to = '\0';
    return flat;
}

static void help_shows_every_row_with_default_and_range(void **state)
{
    jf_option_set set = {"Test options", table, NULL};
    jf_text help = {0};
    char *flat;
    (void)state;
    jf_options_help(&set, 1, 80, &help);
    assert_non_null(help.data);
    flat = unwrap(help.data);
    for (const jf_option *option = table; option->name; option++) assert_non_null(strstr(flat, option->help));
    assert_non_null(strstr(flat, "Test options: "));
    assert_non_null(strstr(flat, " -q, --quiet "));
    assert_non_null(strstr(flat, "--[no-]baselines"));
    assert_non_null(strstr(flat, "(from 1 to 100000; default 64)"));
    assert_non_null(strstr(flat, "(text, json, csv; default text)"));
    assert_non_null(strstr(flat, "(may be repeated)"));
    for (char *line = strtok(help.data, "\n"); line; line = strtok(NULL, "\n"))
        assert_true(strlen(line) <= 80);
    jf_free(flat);
    jf_text_free(&help);
}

static void a_name_in_two_sets_belongs_to_the_later_one(void **state)
{
    static const jf_option other_table[] = {
        {"starts", 's', JF_OPTION_INTEGER, 0, "5", 0, 10, NULL, "N", "other starts"}, {NULL}};
    settings first = {0};
    int64_t second = 0;
    jf_option_set sets[] = {{"First", table, &first}, {"Second", other_table, &second}};
    jf_option_list rest = {0};
    jf_error err = {0};
    jf_text help = {0};
    (void)state;
    jf_options_default(table, &first);
    check_ok(jf_options_parse(sets, 2, 3, WORDS("--starts", "7"), &rest, &err), &err);
    assert_int_equal(first.starts, 64);
    assert_int_equal(second, 7);
    jf_options_help(sets, 2, 80, &help);
    assert_non_null(strstr(help.data, "other starts"));
    assert_null(strstr(help.data, "starts tried"));
    jf_text_free(&help);
}

static bool refuse_from(void *context)
{
    int *left = context;
    return (*left)-- <= 0;
}

static void running_out_of_memory_anywhere_is_an_error_and_no_crash(void **state)
{
    bool succeeded = false;
    (void)state;
    for (int allowed = 0; !succeeded; allowed++) {
        parsed p;
        int left = allowed;
        jf_memory_hook(refuse_from, &left);
        parse(&p, WORDS("a.csv", "--where", "x > 1", "--no-baselines"));
        jf_memory_hook(NULL, NULL);
        succeeded = p.status == JF_OK;
        if (!succeeded) assert_int_equal(p.status, JF_ENOMEM);
        clear(&p);
        assert_true(allowed < 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_default_overwrites_poison),
        cmocka_unit_test(every_default_passes_its_own_check),
        cmocka_unit_test(options_and_files_may_stand_in_any_order),
        cmocka_unit_test(values_outlive_the_parser_because_they_are_argv),
        cmocka_unit_test(the_last_of_repeated_values_counts),
        cmocka_unit_test(bad_requests_are_refused_word_by_word),
        cmocka_unit_test(help_shows_every_row_with_default_and_range),
        cmocka_unit_test(a_name_in_two_sets_belongs_to_the_later_one),
        cmocka_unit_test(running_out_of_memory_anywhere_is_an_error_and_no_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
