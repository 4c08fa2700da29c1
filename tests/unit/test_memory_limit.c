/* The limit of memory: what would go past it is refused and remembered, and what is freed can be had again.
 */
#include "core/memory.h"
#include "tests/check.h"

static void no_more_than_the_limit_can_be_held(void **state)
{
    size_t limit = jf_memory_now().in_use + 1000000;
    char *half, *rest, *again;

    (void)state;
    jf_memory_limit(limit);
    half = jf_alloc(500000, 1);
    assert_non_null(half);
    rest = jf_alloc(600000, 1);
    assert_null(rest);
    assert_int_equal(jf_memory_now().wanted, 600000);
    assert_int_equal(jf_memory_now().limit, limit);
    jf_free(half);
    again = jf_alloc_zero(600000, 1);
    assert_non_null(again);
    jf_free(again);
    jf_memory_limit(0);
}

static void growing_counts_only_what_is_added(void **state)
{
    char *grown, *refused;

    (void)state;
    jf_memory_limit(jf_memory_now().in_use + 1000000);
    grown = jf_alloc(600000, 1);
    assert_non_null(grown);
    grown = jf_resize(grown, 900000, 1);
    assert_non_null(grown);
    refused = jf_resize(grown, 1100000, 1);
    assert_null(refused);
    jf_free(grown); /* a refused growth leaves the old block */
    jf_memory_limit(0);
}

static void every_byte_taken_is_given_back(void **state)
{
    size_t before = jf_memory_now().in_use;
    void *items[100];

    (void)state;
    for (size_t i = 0; i < 100; i++) {
        items[i] = i % 2 ? jf_alloc(i, 8) : jf_alloc_zero(i + 1, 24);
        items[i] = jf_resize(items[i], 3 * i + 1, 16);
        assert_non_null(items[i]);
    }
    assert_true(jf_memory_now().in_use > before);
    for (size_t i = 0; i < 100; i++) jf_free(items[i]);
    jf_free(NULL);
    assert_int_equal(jf_memory_now().in_use, before);
}

static void a_request_beyond_all_memory_is_refused(void **state)
{
    (void)state;
    assert_null(jf_alloc((size_t)-1, 16));
    assert_null(jf_alloc_zero((size_t)-1 / 2, 4));
    assert_null(jf_resize(NULL, (size_t)-1, 2));
}

static void what_the_machine_has_is_known(void **state)
{
    (void)state;
    assert_true(jf_memory_available() > 1000000);
}

static void an_estimate_beyond_the_limit_is_refused_and_remembered(void **state)
{
    (void)state;
    assert_true(jf_memory_would_fit(1e300)); /* no limit */
    jf_memory_limit(jf_memory_now().in_use + 1000000);
    assert_true(jf_memory_would_fit(900000));
    assert_int_equal(jf_memory_now().wanted, 0);
    assert_false(jf_memory_would_fit(1100000));
    assert_int_equal(jf_memory_now().wanted, 1100000);
    assert_false(jf_memory_would_fit(1e300));
    jf_memory_limit(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_more_than_the_limit_can_be_held),
        cmocka_unit_test(growing_counts_only_what_is_added),
        cmocka_unit_test(every_byte_taken_is_given_back),
        cmocka_unit_test(a_request_beyond_all_memory_is_refused),
        cmocka_unit_test(an_estimate_beyond_the_limit_is_refused_and_remembered),
        cmocka_unit_test(what_the_machine_has_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
