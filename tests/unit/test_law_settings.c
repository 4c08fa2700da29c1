/* Laws typed as text and the strings that set their parameters. */
#include "tests/check.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "fit/law/law.h"

static jf_law *law_of(const char *text)
{
    jf_error err = {0};
    jf_law *law = NULL;

    check_ok(jf_law_read(text, &law, &err), &err);
    return law;
}

static void a_law_keeps_its_name_and_text_as_typed(void **state)
{
    jf_law *named = law_of("mine: log(E)  ~ a*log(C)"), *bare = law_of("E ~ a");

    (void)state;
    assert_string_equal(named->name, "mine");
    assert_string_equal(named->text, "log(E)  ~ a*log(C)");
    assert_string_equal(bare->name, "law1");
    jf_law_free(named);
    jf_law_free(bare);
}

static void starts_fixes_and_bounds_reach_their_parameters(void **state)
{
    jf_law *law = law_of("E ~ a*C + h0[s]*n + r[s, g]");
    jf_error err = {0};

    (void)state;
    check_ok(jf_law_set_starts(law, "a=1e3, h0[TP] = -2,r[\"A, b\",x]=4", &err), &err);
    check_ok(jf_law_set_fixed(law, "h0=7", &err), &err);
    check_ok(jf_law_set_bounds(law, "a=0:2,h0[\"TP\"]=:1,r=-inf:5", &err), &err);
    assert_true(jf_law_find_spec(law, "a")->start == 1e3);
    assert_true(jf_law_find_spec(law, "h0[TP]")->start == -2);
    assert_true(jf_law_find_spec(law, "r['A, b', \"x\"]")->start == 4);
    assert_true(jf_law_find_spec(law, "h0")->fixed == 7);
    assert_true(isnan(jf_law_find_spec(law, "h0[TP]")->fixed));
    assert_true(jf_law_find_spec(law, "a")->lower == 0 && jf_law_find_spec(law, "a")->upper == 2);
    assert_true(jf_law_find_spec(law, "h0[TP]")->lower == -INFINITY);
    assert_true(jf_law_find_spec(law, "h0[TP]")->upper == 1);
    assert_true(jf_law_find_spec(law, "r")->upper == 5);
    assert_null(jf_law_find_spec(law, "h0[FSDP]"));
    jf_law_free(law);
}

typedef jf_status (*setter)(jf_law *law, const char *text, jf_error *err);
typedef struct refusal {
    setter set;
    const char *text, *message;
} refusal;

static void wrong_settings_are_refused_with_the_place(void **state)
{
    static const refusal all[] = {
        {jf_law_set_bounds, "a=2:1", "--bounds: 'a=2:1': lower bound is above the upper one"},
        {jf_law_set_bounds, "a=2", "--bounds: 'a=2': expected LOW:HIGH (either may be empty)"},
        {jf_law_set_bounds, "a=x:1", "--bounds: 'a=x:1': expected a number, found 'x'"},
        {jf_law_set_bounds, "a=inf:", "--bounds: 'a=inf:': no number lies between these"},
        {jf_law_set_starts, "a", "--start: expected NAME=VALUE, found 'a'"},
        {jf_law_set_starts, "a=1,=2", "--start: expected NAME=VALUE, found no name"},
        {jf_law_set_starts, "slop=1", "--start: law 'law1' has no parameter 'slop' (did you mean 'slope'?)"},
        {jf_law_set_starts, "a[=1", "--start: expected NAME=VALUE, found 'a[=1'"},
        {jf_law_set_starts, "a[]=1", "--start: 'a[]': expected a name like r or r[LEVEL]"},
        {jf_law_set_fixed, "a=nan", "--fix: 'a=nan': expected a number, found 'nan'"},
        {jf_law_set_tie, "a", "--tie: expected 'NAME = EXPRESSION', found 'a'"},
        {jf_law_set_tie, "a = 2*a", "--tie: 'a' would depend on itself"},
        {jf_law_set_tie, "h[x] = 1",
         "--tie: 'h[x]': tie the whole of a level parameter, not one level of it"},
        {jf_law_map, "Q=tokens", "--map: law 'law1' does not read 'Q'"},
        {jf_law_map, "s=log(t)", "--map: 's' stands inside level brackets, where only a column can"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        jf_law *law = law_of("E ~ a*C + slope*D + h[s]");
        jf_error err = {0};
        assert_int_equal(all[i].set(law, all[i].text, &err), JF_EUSAGE);
        if (strcmp(err.message, all[i].message) != 0)
            fail_msg("'%s' gave '%s', wanted '%s'", all[i].text, err.message, all[i].message);
        jf_law_free(law);
    }
}

static void ties_that_go_round_are_refused(void **state)
{
    jf_law *law = law_of("E ~ a + b*C + c*D");
    jf_error err = {0};

    (void)state;
    check_ok(jf_law_set_tie(law, "a = 2*b", &err), &err);
    check_ok(jf_law_set_tie(law, "b = c^2", &err), &err);
    assert_int_equal(jf_law_set_tie(law, "c = a/2", &err), JF_EUSAGE);
    jf_law_free(law);
}

static void mapping_swaps_names_at_once_and_reaches_levels(void **state)
{
    jf_law *law = law_of("log(E) ~ log(N) + 2*log(D) + r[s = \"x\"]");
    jf_error err = {0};
    char *formula, *response;

    (void)state;
    check_ok(jf_law_map(law, "N=D, D=N, E=p*t, s=strategy", &err), &err);
    formula = jf_ast_print(law->formula);
    response = jf_ast_print(law->response);
    assert_string_equal(formula, "log(D) + 2*log(N) + r[strategy = \"x\"]");
    assert_string_equal(response, "log(p*t)");
    jf_free(formula);
    jf_free(response);
    jf_law_free(law);
}

static size_t left;
static bool refuse_when_spent(void *context)
{
    (void)context;
    return left-- == 0;
}

/* Every allocation on the way fails in turn: an error each time, and nothing leaks (under the sanitizers). */
static void every_failing_allocation_is_an_error(void **state)
{
    (void)state;
    for (size_t allowed = 0;; allowed++) {
        jf_law *law = NULL, *copy = NULL;
        jf_error err = {0};
        jf_status status;
        left = allowed;
        jf_memory_hook(refuse_when_spent, NULL);
        status = jf_law_read("mine: log(E) ~ a*log(C) + r[s]", &law, &err);
        if (status == JF_OK) status = jf_law_set_starts(law, "a=1,r[TP]=2", &err);
        if (status == JF_OK) status = jf_law_set_tie(law, "r = a", &err);
        if (status == JF_OK) status = jf_law_map(law, "C=x*y", &err);
        copy = status == JF_OK ? jf_law_copy(law) : NULL;
        jf_memory_hook(NULL, NULL);
        jf_law_free(law);
        jf_law_free(copy);
        if (copy) break;
        assert_true(status == JF_OK || status == JF_ENOMEM);
        assert_true(allowed < 10000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_law_keeps_its_name_and_text_as_typed),
        cmocka_unit_test(starts_fixes_and_bounds_reach_their_parameters),
        cmocka_unit_test(wrong_settings_are_refused_with_the_place),
        cmocka_unit_test(ties_that_go_round_are_refused),
        cmocka_unit_test(mapping_swaps_names_at_once_and_reaches_levels),
        cmocka_unit_test(every_failing_allocation_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
