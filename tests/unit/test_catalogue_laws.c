/* The catalogue of laws, and laws files that are wrong. */
#include "tests/check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "core/memory.h"
#include "fit/law/law.h"

static jf_laws catalogue;

static int read_catalogue(void **state)
{
    jf_error err = {0};

    (void)state;
    check_ok(jf_laws_builtin(&catalogue, &err), &err);
    return 0;
}

static int free_catalogue(void **state)
{
    (void)state;
    jf_laws_free(&catalogue);
    return 0;
}

static void every_law_says_what_it_is_and_where_it_comes_from(void **state)
{
    (void)state;
    assert_true(catalogue.n >= 40);
    for (size_t i = 0; i < catalogue.n; i++) {
        const jf_law *law = catalogue.items[i];
        if (!law->title || !law->source || !law->n_inputs || !law->from_catalogue)
            fail_msg("law '%s' lacks a title, a source or inputs", law->name);
    }
}

typedef struct unnamed {
    const jf_law *law;
} unnamed;

/* Every name is a declared input or a parameter with settings: nothing is left to guesses. */
static void see_name(void *context, const jf_ast *node, const char *name, bool is_level_column)
{
    const jf_law *law = ((unnamed *)context)->law;

    (void)node, (void)is_level_column;
    for (size_t i = 0; i < law->n_inputs; i++)
        if (strcmp(law->inputs[i].name, name) == 0) return;
    if (!jf_law_find_spec(law, name))
        fail_msg("law '%s': '%s' is neither input nor parameter", law->name, name);
}

static void every_name_is_an_input_or_a_parameter(void **state)
{
    (void)state;
    for (size_t i = 0; i < catalogue.n; i++) {
        unnamed context = {catalogue.items[i]};
        jf_ast_names(catalogue.items[i]->response, see_name, &context);
        jf_ast_names(catalogue.items[i]->formula, see_name, &context);
    }
}

static void every_parameter_has_a_range_inside_its_bounds(void **state)
{
    (void)state;
    for (size_t i = 0; i < catalogue.n; i++) {
        const jf_law *law = catalogue.items[i];
        for (size_t j = 0; j < law->n_specs; j++) {
            const jf_parameter_spec *spec = &law->specs[j];
            bool fine =
                isfinite(spec->fixed) || (spec->range_low < spec->range_high &&
                                          spec->range_low >= spec->lower && spec->range_high <= spec->upper);
            if (!fine) fail_msg("law '%s': parameter '%s' has no usable range", law->name, spec->name);
        }
    }
}

static void energy_laws_have_logarithmic_errors_but_for_the_sums(void **state)
{
    static const char *const logarithmic[] = {"roofline",      "roofline_hardware", "compute_power",
                                              "compute_floor", "device_seconds",    "batch_saturating",
                                              "step_energy",   "token_law",         NULL};
    jf_error err = {0};

    (void)state;
    for (size_t i = 0; logarithmic[i]; i++) {
        const jf_law *law = NULL;
        check_ok(jf_laws_find(&catalogue, logarithmic[i], &law, &err), &err);
        assert_int_equal(law->error, JF_ERROR_LOG);
    }
}

static void an_unknown_law_gets_a_suggestion(void **state)
{
    const jf_law *law = NULL;
    jf_error err = {0};

    (void)state;
    assert_int_equal(jf_laws_find(&catalogue, "rooflin", &law, &err), JF_EUSAGE);
    assert_string_equal(err.message, "no law 'rooflin' in the catalogue (did you mean 'roofline'?)");
    assert_null(law);
}

typedef struct wrong_file {
    const char *text, *message;
} wrong_file;

static void wrong_laws_files_are_refused_with_their_line(void **state)
{
    static const wrong_file all[] = {
        {"- formula: E ~ a\n", "1: a law without a name"},
        {"- name: x\n", "1: a law without a formula"},
        {"- name: x\n  formula: E ~ lgo(a)\n", "2: law 'x': law: column 5: unknown function 'lgo'"},
        {"- name: x\n  formula: E ~ a\n  errors: log\n", "3: unknown key 'errors'"},
        {"- name: x\n  formula: E ~ a\n  error: lg\n",
         "3: law 'x': error: expected log, additive or relative"},
        {"- name: x\n  formula: E ~ a\n  parameters: {b: {}}\n",
         "3: law 'x': the formula has no parameter 'b'"},
        {"- name: x\n  formula: E ~ a\n  inputs: {C: compute}\n",
         "3: law 'x': the formula does not read 'C'"},
        {"- name: x\n  formula: E ~ a\n  parameters: {a: {range: [2, 1]}}\n",
         "3: the first number is above the second"},
        {"- name: x\n  formula: E ~ a\n  parameters: {a: {range: [0, 1], log: true}}\n",
         "3: law 'x': a logarithmic range must lie above 0"},
        {"- name: x\n  formula: E ~ a\n- name: x\n  formula: E ~ b\n", "3: two laws are called 'x'"},
        {"laws: 3\n", "1: expected a list of laws"},
    };
    char path[] = "/tmp/joulefit_laws_XXXXXX";
    int file = mkstemp(path);

    (void)state;
    assert_true(file >= 0);
    close(file);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        jf_laws laws;
        jf_error err = {0};
        FILE *out = fopen(path, "w");
        fputs(all[i].text, out);
        fclose(out);
        assert_int_equal(jf_laws_read_file(path, &laws, &err), i == 2   ? JF_EUSAGE
                                                               : i == 4 ? JF_EUSAGE
                                                                        : JF_EDATA);
        if (!strstr(err.message, all[i].message))
            fail_msg("file %zu gave '%s', wanted '%s'", i, err.message, all[i].message);
        assert_int_equal(laws.n, 0);
    }
    unlink(path);
}

static size_t left;
static bool refuse_when_spent(void *context)
{
    (void)context;
    return left-- == 0;
}

static void every_failing_allocation_is_an_error(void **state)
{
    (void)state;
    for (size_t allowed = 0;; allowed += 1 + allowed / 16) {
        jf_laws laws;
        jf_error err = {0};
        jf_status status;
        left = allowed;
        jf_memory_hook(refuse_when_spent, NULL);
        status = jf_laws_builtin(&laws, &err);
        jf_memory_hook(NULL, NULL);
        jf_laws_free(&laws);
        if (status == JF_OK) break;
        assert_int_equal(status, JF_ENOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_law_says_what_it_is_and_where_it_comes_from),
        cmocka_unit_test(every_name_is_an_input_or_a_parameter),
        cmocka_unit_test(every_parameter_has_a_range_inside_its_bounds),
        cmocka_unit_test(energy_laws_have_logarithmic_errors_but_for_the_sums),
        cmocka_unit_test(an_unknown_law_gets_a_suggestion),
        cmocka_unit_test(wrong_laws_files_are_refused_with_their_line),
        cmocka_unit_test(every_failing_allocation_is_an_error),
    };
    return cmocka_run_group_tests(tests, read_catalogue, free_catalogue);
}
