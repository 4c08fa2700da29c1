/* Which terms a law has, and the laws without them. */
#include "tests/check.h"

#include <string.h>
#include "core/memory.h"
#include "fit/select/ablate.h"

static const jf_column columns[] = {{.name = (char *)"E"},
                                    {.name = (char *)"C"},
                                    {.name = (char *)"M"},
                                    {.name = (char *)"n"},
                                    {.name = (char *)"s"}};
enum { N_COLUMNS = sizeof columns / sizeof *columns };

static const jf_column *find(const void *table, const char *name)
{
    (void)table;
    for (size_t i = 0; i < N_COLUMNS; i++)
        if (strcmp(columns[i].name, name) == 0) return &columns[i];
    return NULL;
}

static const jf_column *at(const void *table, size_t index)
{
    (void)table;
    return &columns[index];
}

static const jf_columns all = {find, at, NULL, N_COLUMNS, 0};

typedef struct expected {
    const char *law;
    const char *pairs[10]; /* term, law without it, ... */
} expected;

static const expected cases[] = {
    {"log(E) ~ b0 + a*log(C) + b*log(M) + r[s = \"TP\"]",
     {"a*log(C)", "log(E) ~ b0 + b*log(M) + r[s = \"TP\"]", "b*log(M)",
      "log(E) ~ b0 + a*log(C) + r[s = \"TP\"]", "r[s = \"TP\"]", "log(E) ~ b0 + a*log(C) + b*log(M)"}},
    {"log(E) ~ log(h + e*C + v*M) + p*log(n)",
     {"h", "log(E) ~ log(e*C + v*M) + p*log(n)", "e*C", "log(E) ~ log(h + v*M) + p*log(n)", "v*M",
      "log(E) ~ log(h + e*C) + p*log(n)", "log(h + e*C + v*M)", "log(E) ~ p*log(n)", "p*log(n)",
      "log(E) ~ log(h + e*C + v*M)"}},
    {"E ~ a*C - b*M", {"a*C", "E ~ -(b*M)", "b*M", "E ~ a*C"}},
    {"E ~ lse(a*log(C), b*log(M))", {"a*log(C)", "E ~ lse(b*log(M))", "b*log(M)", "E ~ lse(a*log(C))"}},
    {"E ~ k*C^a + E0", {"k*C^a", "E ~ E0", "E0", "E ~ k*C^a"}}, /* is there a floor? */
    {"E ~ exp(b0 + a*C) + E0",
     {"exp(b0 + a*C)", "E ~ E0", "a*C", "E ~ exp(b0) + E0", "E0", "E ~ exp(b0 + a*C)"}},
    {"log(E) ~ lse(log(k) + a*log(C), log(E0))",
     {"log(k) + a*log(C)", "log(E) ~ lse(log(E0))", "log(E0)", "log(E) ~ lse(log(k) + a*log(C))"}},
    {"E ~ k*C^a*(1 + C/M)", {NULL}}, /* C/M has no parameter, and k*C^a is no side of a sum */
};

static void every_term_is_dropped_once_and_nothing_else(void **state)
{
    jf_option_list none = {0};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        jf_law *law = NULL;
        jf_ablated *ablated = NULL;
        size_t n = 0, wanted = 0;
        jf_error err = {0};

        while (wanted < 5 && cases[i].pairs[2 * wanted]) wanted++;
        check_ok(jf_law_read(cases[i].law, &law, &err), &err);
        check_ok(jf_ablate(law, &all, &none, &ablated, &n, &err), &err);
        if (n != wanted) fail_msg("%s: %zu terms, wanted %zu", cases[i].law, n, wanted);
        for (size_t w = 0; w < wanted; w++) {
            bool found = false;
            for (size_t t = 0; t < n; t++)
                found |= strcmp(ablated[t].term, cases[i].pairs[2 * w]) == 0 &&
                         strcmp(ablated[t].law->text, cases[i].pairs[2 * w + 1]) == 0;
            if (!found)
                for (size_t t = 0; t < n; t++)
                    print_message("%s | %s\n", ablated[t].term, ablated[t].law->text);
            if (!found) fail_msg("%s: no %s", cases[i].law, cases[i].pairs[2 * w]);
        }
        jf_ablated_free(ablated, n);
        jf_law_free(law);
    }
}

static void settings_of_dropped_parameters_go_with_them(void **state)
{
    jf_option_list none = {0};
    jf_law *law = NULL;
    jf_ablated *ablated = NULL;
    size_t n = 0;
    jf_error err = {0};
    (void)state;
    check_ok(jf_law_read("log(E) ~ b0 + a*log(C) + b*log(M) + c*log(n)", &law, &err), &err);
    check_ok(jf_law_set_bounds(law, "a=0:2,b=0:1", &err), &err);
    check_ok(jf_law_set_tie(law, "c = 2*a", &err), &err);
    check_ok(jf_ablate(law, &all, &none, &ablated, &n, &err), &err);
    assert_int_equal(n, 3);
    for (size_t i = 0; i < n; i++) {
        bool without_a = strcmp(ablated[i].term, "a*log(C)") == 0;
        const jf_parameter_spec *tied = jf_law_find_spec(ablated[i].law, "c");
        assert_true((jf_law_find_spec(ablated[i].law, "a") == NULL) == without_a);
        assert_true((jf_law_find_spec(ablated[i].law, "b") == NULL) ==
                    (strcmp(ablated[i].term, "b*log(M)") == 0));
        if (without_a) assert_true(!tied || !tied->tie); /* it would name a parameter that is gone */
    }
    jf_ablated_free(ablated, n);
    jf_law_free(law);
}

static void a_column_that_is_declared_a_parameter_is_one(void **state)
{
    const char *names[] = {"M"};
    jf_option_list declared = {names, 1, 1};
    jf_law *law = NULL;
    jf_ablated *ablated = NULL;
    size_t n = 0;
    jf_error err = {0};
    (void)state;
    check_ok(jf_law_read("E ~ M*C + n", &law, &err), &err);
    check_ok(jf_ablate(law, &all, &declared, &ablated, &n, &err), &err);
    assert_int_equal(n, 1);
    assert_string_equal(ablated[0].term, "M*C");
    jf_ablated_free(ablated, n);
    jf_law_free(law);
}

static bool refuse_after(void *left)
{
    size_t *allocations = left;
    if (*allocations == 0) return true;
    (*allocations)--;
    return false;
}

static void a_failed_allocation_anywhere_is_reported_and_leaves_nothing(void **state)
{
    jf_option_list none = {0};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        jf_law *law = NULL;
        jf_error err = {0};
        check_ok(jf_law_read(cases[i].law, &law, &err), &err);
        for (size_t allowed = 0, failed = 1; failed; allowed++) {
            jf_ablated *ablated = NULL;
            size_t left = allowed, n = 0;
            jf_status status;
            jf_memory_hook(refuse_after, &left);
            status = jf_ablate(law, &all, &none, &ablated, &n, &err);
            jf_memory_hook(NULL, NULL);
            failed = status != JF_OK;
            if (failed) assert_int_equal(status, JF_ENOMEM);
            jf_ablated_free(ablated, n);
        }
        jf_law_free(law);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_term_is_dropped_once_and_nothing_else),
        cmocka_unit_test(settings_of_dropped_parameters_go_with_them),
        cmocka_unit_test(a_column_that_is_declared_a_parameter_is_one),
        cmocka_unit_test(a_failed_allocation_anywhere_is_reported_and_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
