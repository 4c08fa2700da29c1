/* Conformal intervals against the definition by sorting, their coverage on exchangeable groups, and their
 * admission of defeat. */
#include "tests/check.h"

#include <math.h>
#include "core/stream.h"
#include "fit/select/conformal.h"
#include "fit/select/metrics.h"

enum { MAX_PARTS = 6, MAX_N = 40, N_RUNS = 20 };

typedef struct sample {
    double residual[MAX_PARTS][MAX_N], weight[MAX_PARTS][MAX_N], above[MAX_PARTS][MAX_N + 1];
    double centre[N_RUNS * MAX_PARTS]; /* N_RUNS x n_parts */
    jf_calibration_part parts[MAX_PARTS];
    jf_calibration calibration;
} sample;

static void draw(jf_stream *stream, sample *s)
{
    size_t groups = 0, n_parts = 1 + jf_stream_below(stream, MAX_PARTS);

    for (size_t k = 0; k < n_parts; k++) {
        size_t n = 0;
        while (n < MAX_N - 4 && (n == 0 || jf_stream_below(stream, 12) > 0)) {
            size_t members = 1 + jf_stream_below(stream, 4);
            for (size_t m = 0; m < members; m++, n++) {
                s->residual[k][n] = fabs(jf_stream_normal(stream));
                s->weight[k][n] = 1.0 / (double)members;
            }
            groups++;
        }
        s->parts[k] = (jf_calibration_part){s->residual[k], s->weight[k], s->above[k], n};
        jf_calibration_sort(&s->parts[k]);
    }
    for (size_t run = 0; run < N_RUNS; run++) {
        double about = 3 * jf_stream_normal(stream); /* a run's inner fits agree but for a little */
        for (size_t k = 0; k < n_parts; k++)
            s->centre[run * n_parts + k] = about + 0.2 * jf_stream_normal(stream);
    }
    s->calibration = (jf_calibration){s->parts, n_parts, groups};
}

/* Weight of the ends strictly above t. */
static double weight_above(const sample *s, size_t run, double sign, double t)
{
    double sum = 0;

    for (size_t k = 0; k < s->calibration.n_parts; k++)
        for (size_t i = 0; i < s->parts[k].n; i++)
            if (sign * s->centre[run * s->calibration.n_parts + k] + s->residual[k][i] > t)
                sum += s->weight[k][i];
    return sum;
}

static void parts_are_sorted_with_their_weights(void **state)
{
    double residual[] = {3, 1, 2, 1, 5, 0}, weight[] = {0.3, 0.1, 0.2, 0.1, 0.5, 0}, above[7];
    jf_calibration_part part = {residual, weight, above, 6};
    (void)state;
    jf_calibration_sort(&part);
    for (size_t i = 0; i < 6; i++) {
        check_close(weight[i], residual[i] / 10, 1e-15, "weight %zu", i);
        if (i) assert_true(residual[i] >= residual[i - 1]);
    }
    check_close(above[0], 1.2, 1e-15, "all weight");
    assert_true(above[6] == 0);
}

static void the_ends_are_the_smallest_that_leave_the_allowed_weight_outside(void **state)
{
    (void)state;
    for (uint64_t round = 0; round < 300; round++) {
        jf_stream stream = jf_stream_make(round, JF_FOR_TESTS, 1);
        sample s;
        double low[N_RUNS], high[N_RUNS], alpha = 0.02 + 0.3 * jf_stream_uniform(&stream), allowed;
        draw(&stream, &s);
        allowed = alpha * (double)(s.calibration.n_groups + 1) - 1;
        jf_conformal_intervals(&s.calibration, s.centre, N_RUNS, alpha, low, high);
        for (size_t run = 0; run < N_RUNS; run++) {
            if (allowed < 0) {
                assert_true(low[run] == -INFINITY && high[run] == INFINITY);
                continue;
            }
            for (int side = 0; side < 2; side++) {
                double sign = side ? -1 : 1, end = side ? -low[run] : high[run];
                assert_true(weight_above(&s, run, sign, end) <= allowed + 1e-6);
                assert_true(weight_above(&s, run, sign, end - 1e-9) > allowed);
            }
        }
    }
}

static void intervals_are_infinite_exactly_when_groups_are_missing(void **state)
{
    (void)state;
    assert_int_equal(jf_conformal_groups_missing(18, 0.05), 1);
    assert_int_equal(jf_conformal_groups_missing(19, 0.05), 0);
    assert_int_equal(jf_conformal_groups_missing(0, 0.1), 9);
    for (size_t groups = 1; groups < MAX_N; groups++) {
        sample s;
        double low, high;
        for (size_t i = 0; i < groups; i++) {
            s.residual[0][i] = (double)(i + 1);
            s.weight[0][i] = 1;
        }
        s.centre[0] = 10;
        s.parts[0] = (jf_calibration_part){s.residual[0], s.weight[0], s.above[0], groups};
        jf_calibration_sort(&s.parts[0]);
        s.calibration = (jf_calibration){s.parts, 1, groups};
        jf_conformal_intervals(&s.calibration, s.centre, 1, 0.05, &low, &high);
        assert_true(isinf(high) == (jf_conformal_groups_missing(groups, 0.05) > 0));
        if (groups == 19) check_close(high, 10 + 19, 1e-12, "nineteen groups: the largest residual");
    }
}

static void a_fit_that_cannot_predict_makes_the_interval_infinite(void **state)
{
    double residual[] = {1, 2, 3}, weight[] = {1, 1, 1}, above[4], centre[] = {5, NAN, 5}, low[3], high[3];
    jf_calibration_part part = {residual, weight, above, 3};
    jf_calibration calibration = {&part, 1, 3};
    (void)state;
    jf_calibration_sort(&part);
    jf_conformal_intervals(&calibration, centre, 3, 0.3, low, high);
    assert_true(low[1] == -INFINITY && high[1] == INFINITY);
    assert_true(low[0] == 2 && high[0] == 8 && low[2] == 2 && high[2] == 8); /* the others do not mind */
}

/* Runs of a group share an error, so rows are not exchangeable but groups are. */
static void intervals_cover_a_new_group_as_often_as_promised(void **state)
{
    enum { STUDIES = 4000, GROUPS = 30, MEMBERS = 3 };
    double alpha = 0.1;
    size_t covered = 0;
    (void)state;
    for (uint64_t study = 0; study < STUDIES; study++) {
        jf_stream stream = jf_stream_make(study, JF_FOR_TESTS, 2);
        double residual[GROUPS * MEMBERS], weight[GROUPS * MEMBERS], above[GROUPS * MEMBERS + 1];
        double centre[] = {0}, low, high, shared, value;
        jf_calibration_part part = {residual, weight, above, GROUPS * MEMBERS};
        jf_calibration calibration = {&part, 1, GROUPS};
        for (size_t g = 0; g < GROUPS; g++) {
            shared = jf_stream_normal(&stream);
            for (size_t m = 0; m < MEMBERS; m++) {
                residual[g * MEMBERS + m] = fabs(shared + 0.3 * jf_stream_normal(&stream));
                weight[g * MEMBERS + m] = 1.0 / MEMBERS;
            }
        }
        jf_calibration_sort(&part);
        jf_conformal_intervals(&calibration, centre, 1, alpha, &low, &high);
        value = jf_stream_normal(&stream) + 0.3 * jf_stream_normal(&stream);
        covered += value >= low && value <= high;
    }
    /* 1 - alpha to 1 - alpha + 1/(G + 1), and three Monte-Carlo errors */
    assert_true(covered > STUDIES * (0.9 - 0.0143) && covered < STUDIES * (0.9 + 1.0 / 31 + 0.0143));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_sorted_with_their_weights),
        cmocka_unit_test(the_ends_are_the_smallest_that_leave_the_allowed_weight_outside),
        cmocka_unit_test(intervals_are_infinite_exactly_when_groups_are_missing),
        cmocka_unit_test(a_fit_that_cannot_predict_makes_the_interval_infinite),
        cmocka_unit_test(intervals_cover_a_new_group_as_often_as_promised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
