/* What is packed is read back; bytes that are cut or changed are refused, never read beyond. */
#include "tests/check.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/pack.h"
#include "fit/infer/replicate.h"
#include "tests/refuse.h"

enum { K = 3 };

static void values_come_back_in_their_order(void **state)
{
    jf_text bytes = {0};
    double number = 0.1;

    (void)state;
    jf_pack_text(&bytes, "wild");
    jf_pack_text(&bytes, NULL);
    jf_pack_text(&bytes, "");
    jf_pack_count(&bytes, 7);
    jf_pack(&bytes, &number, sizeof number);
    jf_unpacker from = {(const unsigned char *)bytes.data, bytes.length, false};
    char *first = jf_unpack_text(&from), *second = jf_unpack_text(&from), *third = jf_unpack_text(&from);
    assert_string_equal(first, "wild");
    assert_null(second);
    assert_string_equal(third, "");
    assert_int_equal(jf_unpack_count(&from, 1), 7);
    number = 0;
    jf_unpack(&from, &number, sizeof number);
    assert_true(number == 0.1);
    assert_false(from.failed);
    assert_int_equal(from.left, 0);
    jf_unpack(&from, &number, 1);
    assert_true(from.failed);
    jf_free(first);
    jf_free(third);
    jf_text_free(&bytes);
}

static void a_count_beyond_the_bytes_is_refused(void **state)
{
    jf_text bytes = {0};

    (void)state;
    jf_pack_count(&bytes, (size_t)1 << 60);
    jf_unpacker from = {(const unsigned char *)bytes.data, bytes.length, false};
    assert_int_equal(jf_unpack_count(&from, 8), 0);
    assert_true(from.failed);
    jf_text_free(&bytes);
}

/* A replicate with two kinds of interval and a code. */
static void pack_replicate(jf_text *bytes)
{
    double estimate[K] = {1, NAN, -3}, error[K] = {0.5, NAN, 2};
    unsigned char at_bound[K] = {0, 1, 0}, caught[K] = {JF_CAUGHT, JF_CAUGHT_NONE, JF_MISSED_ABOVE};
    float length[K] = {1, NAN, INFINITY};
    char first[] = "wald:hc3", second[] = "profile", code[] = "W_FEW_ROWS", *codes[] = {code};
    jf_replicate_set sets[] = {{first, 0.95, caught, length}, {second, 0.9, caught, length}};
    jf_replicate replicate = {.outcome = JF_AT_BOUND,
                              .estimate = estimate,
                              .error = error,
                              .at_bound = at_bound,
                              .sets = sets,
                              .n_sets = 2,
                              .codes = codes,
                              .n_codes = 1};

    jf_replicate_pack(&replicate, K, bytes);
}

static void a_replicate_comes_back_whole(void **state)
{
    jf_text bytes = {0}, again = {0};
    jf_replicate back;

    (void)state;
    pack_replicate(&bytes);
    assert_true(jf_replicate_unpack(bytes.data, bytes.length, K, &back));
    assert_int_equal(back.outcome, JF_AT_BOUND);
    assert_string_equal(back.sets[1].kind, "profile");
    assert_string_equal(back.codes[0], "W_FEW_ROWS");
    jf_replicate_pack(&back, K, &again);
    assert_int_equal(again.length, bytes.length);
    assert_memory_equal(again.data, bytes.data, bytes.length);
    jf_replicate_clear(&back);
    jf_text_free(&bytes);
    jf_text_free(&again);
}

static void a_replicate_that_is_cut_or_of_another_law_is_refused(void **state)
{
    jf_text bytes = {0};
    jf_replicate back;

    (void)state;
    pack_replicate(&bytes);
    for (size_t cut = 0; cut < bytes.length; cut++) {
        char *part = jf_copy_bytes(bytes.data, cut); /* so that reading beyond is seen */
        assert_false(jf_replicate_unpack(part, cut, K, &back));
        assert_null(back.estimate);
        jf_free(part);
    }
    assert_false(jf_replicate_unpack(bytes.data, bytes.length, K + 1, &back));
    assert_false(jf_replicate_unpack(bytes.data, bytes.length, K - 1, &back));
    jf_text_free(&bytes);
}

static void a_replicate_without_memory_is_refused_whole(void **state)
{
    jf_text bytes = {0};
    jf_replicate back;
    bool came_back = false;

    (void)state;
    pack_replicate(&bytes);
    for (long at = 0; !came_back; at++) {
        refusal one = {.at = at};
        jf_memory_hook(refuse, &one);
        came_back = jf_replicate_unpack(bytes.data, bytes.length, K, &back);
        jf_memory_hook(NULL, NULL);
        assert_int_equal(came_back, !was_refused(&one));
    }
    jf_replicate_clear(&back);
    jf_text_free(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_come_back_in_their_order),
        cmocka_unit_test(a_count_beyond_the_bytes_is_refused),
        cmocka_unit_test(a_replicate_comes_back_whole),
        cmocka_unit_test(a_replicate_that_is_cut_or_of_another_law_is_refused),
        cmocka_unit_test(a_replicate_without_memory_is_refused_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
