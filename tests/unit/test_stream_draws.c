/* Random streams: Random123's known answers, independence of neighbours, and the distributions drawn. */
#include "tests/check.h"

#include <math.h>
#include <string.h>
#include "core/stream.h"

enum { DRAWS = 200000 };

/* tests/kat_vectors of Random123 1.14, philox 4x32 with 10 rounds: counter, key, answer. */
static const struct {
    uint32_t counter[4], key[2], answer[4];
} known[] = {
    {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
     {0xffffffff, 0xffffffff},
     {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
     {0xa4093822, 0x299f31d0},
     {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
};

static void streams_give_the_known_answers_of_random123(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const uint32_t *counter = known[i].counter, *key = known[i].key;
        jf_stream stream = jf_stream_make((uint64_t)key[1] << 32 | key[0], (jf_purpose)(counter[3] >> 24),
                                          (uint64_t)counter[2] << 32 | counter[1]);
        stream.counter = (uint64_t)(counter[3] & 0xffffff) << 32 | counter[0];
        for (int word = 0; word < 4; word++) assert_int_equal(jf_stream_word(&stream), known[i].answer[word]);
    }
}

static double correlation(jf_stream a, jf_stream b)
{
    double sum = 0;
    for (int i = 0; i < DRAWS; i++) sum += (jf_stream_uniform(&a) - 0.5) * (jf_stream_uniform(&b) - 0.5);
    return 12 * sum / DRAWS;
}

static void neighbouring_indices_purposes_and_seeds_are_uncorrelated(void **state)
{
    double four_sigma = 4 / sqrt(DRAWS);
    (void)state;
    for (uint64_t i = 0; i < 5; i++) {
        jf_stream base = jf_stream_make(7, JF_FOR_TESTS, i);
        assert_true(fabs(correlation(base, jf_stream_make(7, JF_FOR_TESTS, i + 1))) < four_sigma);
        assert_true(fabs(correlation(base, jf_stream_make(7, JF_FOR_SPLITS, i))) < four_sigma);
        assert_true(fabs(correlation(base, jf_stream_make(8, JF_FOR_TESTS, i))) < four_sigma);
        assert_true(correlation(base, jf_stream_make(7, JF_FOR_TESTS, i)) > 0.9); /* the measure can fail */
    }
}

static void uniforms_and_normals_have_their_moments(void **state)
{
    jf_stream stream = jf_stream_make(JF_DEFAULT_SEED, JF_FOR_TESTS, 0);
    double u1 = 0, u2 = 0, n1 = 0, n2 = 0, n3 = 0, n4 = 0;
    double unit = 1 / sqrt(DRAWS);
    (void)state;
    for (int i = 0; i < DRAWS; i++) {
        double u = jf_stream_uniform(&stream), z = jf_stream_normal(&stream);
        assert_true(u >= 0 && u < 1 && isfinite(z));
        u1 += u, u2 += u * u;
        n1 += z, n2 += z * z, n3 += z * z * z, n4 += z * z * z * z;
    }
    assert_true(fabs(u1 / DRAWS - 0.5) < 4 * unit * sqrt(1.0 / 12));
    assert_true(fabs(u2 / DRAWS - 1.0 / 3) < 4 * unit * sqrt(4.0 / 45));
    assert_true(fabs(n1 / DRAWS) < 4 * unit);
    assert_true(fabs(n2 / DRAWS - 1) < 4 * unit * sqrt(2));
    assert_true(fabs(n3 / DRAWS) < 4 * unit * sqrt(15));
    assert_true(fabs(n4 / DRAWS - 3) < 4 * unit * sqrt(96));
}

static void numbers_below_a_limit_are_even_over_all_of_it(void **state)
{
    enum { LIMIT = 7 };
    size_t counts[LIMIT] = {0};
    jf_stream stream = jf_stream_make(1, JF_FOR_TESTS, 0);
    double chi2 = 0, expected = (double)DRAWS / LIMIT;
    (void)state;
    for (int i = 0; i < DRAWS; i++) counts[jf_stream_below(&stream, LIMIT)]++;
    for (int i = 0; i < LIMIT; i++) chi2 += pow((double)counts[i] - expected, 2) / expected;
    assert_true(chi2 < 22.46); /* 0.999 quantile, 6 degrees of freedom */
    assert_int_equal(jf_stream_below(&stream, 1), 0);
}

static void a_limit_beyond_half_of_all_words_is_reached_evenly(void **state)
{
    size_t limit = SIZE_MAX / 4 * 3, low = 0;
    jf_stream stream = jf_stream_make(2, JF_FOR_TESTS, 0);
    (void)state;
    for (int i = 0; i < DRAWS; i++) {
        size_t drawn = jf_stream_below(&stream, limit);
        assert_true(drawn < limit);
        low += drawn < limit / 3; /* a plain modulo would put half of all here */
    }
    assert_true(fabs((double)low / DRAWS - 1.0 / 3) < 4 * sqrt(2.0 / 9 / DRAWS));
}

static void shuffles_keep_every_item_and_reach_every_order(void **state)
{
    size_t seen[6] = {0};
    jf_stream stream = jf_stream_make(3, JF_FOR_TESTS, 0);
    (void)state;
    for (int i = 0; i < 6000; i++) {
        size_t items[3] = {0, 1, 2};
        jf_stream_shuffle(&stream, items, 3);
        assert_int_equal(items[0] + items[1] + items[2], 3);
        assert_true(items[0] != items[1] && items[1] != items[2] && items[0] != items[2]);
        seen[items[0] * 2 + (items[1] > items[2])]++;
    }
    for (int order = 0; order < 6; order++)
        assert_true(seen[order] > 850 && seen[order] < 1150); /* 5 sigma */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_give_the_known_answers_of_random123),
        cmocka_unit_test(neighbouring_indices_purposes_and_seeds_are_uncorrelated),
        cmocka_unit_test(uniforms_and_normals_have_their_moments),
        cmocka_unit_test(numbers_below_a_limit_are_even_over_all_of_it),
        cmocka_unit_test(a_limit_beyond_half_of_all_words_is_reached_evenly),
        cmocka_unit_test(shuffles_keep_every_item_and_reach_every_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
