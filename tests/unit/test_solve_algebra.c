/* Block-wise QR, rank, bounded least squares and double-double sums, checked by optimality from scratch. */
#include "tests/check.h"

#include <math.h>
#include "core/memory.h"
#include "core/stream.h"
#include "fit/solve/bounded.h"
#include "fit/problem/twofold.h"

enum { K = 4, MANY = 9000 };

/* A random system of n rows and k columns, row-major with the right side last. */
static double *random_system(size_t n, size_t k, uint64_t index)
{
    jf_stream stream = jf_stream_make(1, JF_FOR_TESTS, index);
    double *rows = JF_NEW_ARRAY(double, n *(k + 1));

    assert_non_null(rows);
    for (size_t i = 0; i < n * (k + 1); i++) rows[i] = jf_stream_normal(&stream);
    return rows;
}

static jf_triangle *triangle_of(const double *rows, size_t n, size_t k)
{
    jf_error err = {0};
    jf_triangle *t;

    check_ok(jf_triangle_new(k, n, &t, &err), &err);
    for (size_t from = 0; from < n; from += 200) {
        size_t m = n - from < 200 ? n - from : 200;
        double *place = jf_triangle_rows(t, m);

        for (size_t i = 0; i < m; i++)
            for (size_t j = 0; j <= k; j++) place[i + j * t->capacity] = rows[(from + i) * (k + 1) + j];
    }
    jf_triangle_close(t);
    return t;
}

/* sum over rows of column j times (b - A x). */
static double slope(const double *rows, size_t n, size_t k, const double *x, size_t j)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++) {
        const double *row = rows + i * (k + 1);
        double r = row[k];

        for (size_t a = 0; a < k; a++) r -= row[a] * x[a];
        sum += row[j] * r;
    }
    return sum;
}

static double squares(const double *rows, size_t n, size_t k, const double *x)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++) {
        double r = rows[i * (k + 1) + k];

        for (size_t a = 0; a < k; a++) r -= rows[i * (k + 1) + a] * x[a];
        sum += r * r;
    }
    return sum;
}

static void least_squares_of_any_number_of_rows_leave_residuals_square_to_the_columns(void **state)
{
    static const size_t counts[] = {4, 5, 199, 200, 255, 2048, MANY};

    (void)state;
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        double *rows = random_system(counts[c], K, c), x[K];
        jf_triangle *t = triangle_of(rows, counts[c], K);
        double rest = jf_triangle_rest(t);

        assert_int_equal(jf_triangle_solve(t, NULL, 1e-13, x, NULL), K);
        for (size_t j = 0; j < K; j++)
            check_close(slope(rows, counts[c], K, x, j), 0, 1e-10, "%zu rows, column %zu", counts[c], j);
        if (counts[c] > K)
            check_close(rest * rest, squares(rows, counts[c], K, x), 1e-10, "%zu rows", counts[c]);
        jf_triangle_free(t);
        jf_free(rows);
    }
}

static void columns_that_repeat_others_are_told_whatever_their_scale(void **state)
{
    double *rows = random_system(50, K, 77), x[K];
    bool dropped[K];
    jf_triangle *t;

    (void)state;
    for (size_t i = 0; i < 50; i++) {
        rows[i * (K + 1) + 1] *= 1e-20;
        rows[i * (K + 1) + 3] = 1e12 * rows[i * (K + 1)] + 1e32 * rows[i * (K + 1) + 1];
    }
    t = triangle_of(rows, 50, K);
    assert_int_equal(jf_triangle_solve(t, NULL, 1e-13, x, dropped), K - 1);
    assert_int_equal(dropped[0] + dropped[1] + dropped[3], 1);
    assert_false(dropped[2]);
    jf_triangle_free(t);
    jf_free(rows);
}

static void fewer_rows_than_columns_give_the_rank_of_the_rows(void **state)
{
    double *rows = random_system(2, K, 5), x[K];
    bool dropped[K];
    jf_triangle *t = triangle_of(rows, 2, K);

    (void)state;
    assert_int_equal(jf_triangle_solve(t, NULL, 1e-13, x, dropped), 2);
    check_close(squares(rows, 2, K, x), 0, 1e-20, "both rows are met");
    jf_triangle_free(t);
    jf_free(rows);
}

/* The best of all 3^K active sets that are feasible. */
static double best_by_enumeration(const double *rows, size_t n, const double *lower, const double *upper)
{
    double best = INFINITY;

    for (int code = 0; code < 81; code++) {
        double x[K] = {0};
        double *moved = random_system(n, K, 0);
        bool held[K], feasible = true;
        jf_triangle *t;

        for (int j = 0, rest = code; j < K; j++, rest /= 3) {
            held[j] = rest % 3 != 0;
            if (held[j]) x[j] = rest % 3 == 1 ? lower[j] : upper[j];
            feasible = feasible && isfinite(x[j]);
        }
        for (size_t i = 0; i < n * (K + 1); i++) moved[i] = rows[i];
        for (size_t i = 0; feasible && i < n; i++)
            for (size_t j = 0; j < K; j++) moved[i * (K + 1) + K] -= rows[i * (K + 1) + j] * x[j];
        t = triangle_of(moved, n, K);
        if (feasible) jf_triangle_solve(t, held, 1e-13, x, NULL);
        for (size_t j = 0; j < K; j++) feasible = feasible && x[j] >= lower[j] && x[j] <= upper[j];
        if (feasible) best = fmin(best, squares(rows, n, K, x));
        jf_triangle_free(t);
        jf_free(moved);
    }
    return best;
}

static void bounded_least_squares_are_the_best_of_all_active_sets(void **state)
{
    (void)state;
    for (uint64_t trial = 0; trial < 60; trial++) {
        jf_stream stream = jf_stream_make(2, JF_FOR_TESTS, trial);
        double *rows = random_system(12, K, 1000 + trial), x[K], lower[K], upper[K];
        signed char side[K];
        jf_error err = {0};
        jf_triangle *t;

        for (size_t j = 0; j < K; j++) {
            lower[j] = jf_stream_uniform(&stream) < 0.3 ? -INFINITY : -0.3 * jf_stream_uniform(&stream);
            upper[j] = jf_stream_uniform(&stream) < 0.3 ? INFINITY : 0.3 * jf_stream_uniform(&stream);
        }
        t = triangle_of(rows, 12, K);
        check_ok(jf_bounded_solve(t, lower, upper, x, side, &err), &err);
        for (size_t j = 0; j < K; j++) assert_true(x[j] >= lower[j] && x[j] <= upper[j]);
        check_close(squares(rows, 12, K, x), best_by_enumeration(rows, 12, lower, upper), 1e-10, "trial %d",
                    (int)trial);
        for (size_t j = 0; j < K; j++) {
            double press = slope(rows, 12, K, x, j);

            if (!side[j])
                check_close(press, 0, 1e-9, "trial %d: free entry %zu", (int)trial, j);
            else
                assert_true(side[j] * press >= -1e-9);
        }
        jf_triangle_free(t);
        jf_free(rows);
    }
}

static void bounded_least_squares_take_columns_that_repeat_others(void **state)
{
    double *rows = random_system(20, K, 9), x[K], lower[K] = {0}, upper[K];
    signed char side[K];
    jf_error err = {0};
    jf_triangle *t;

    (void)state;
    for (size_t i = 0; i < 20; i++) rows[i * (K + 1) + 2] = rows[i * (K + 1)] + rows[i * (K + 1) + 1];
    for (size_t j = 0; j < K; j++) upper[j] = INFINITY;
    t = triangle_of(rows, 20, K);
    check_ok(jf_bounded_solve(t, lower, upper, x, side, &err), &err);
    for (size_t j = 0; j < K; j++) {
        double press = slope(rows, 20, K, x, j);

        assert_true(x[j] >= 0);
        if (x[j] > 0)
            check_close(press, 0, 1e-9, "entry %zu", j);
        else
            assert_true(press <= 1e-9);
    }
    jf_triangle_free(t);
    jf_free(rows);
}

static void twofold_sums_keep_what_doubles_lose(void **state)
{
    jf_twofold sum = {0, 0};

    (void)state;
    jf_twofold_add(&sum, 1e16);
    for (int i = 0; i < 1000; i++) jf_twofold_add(&sum, 0.001);
    jf_twofold_add(&sum, -1e16);
    check_close(jf_twofold_value(&sum), 1, 1e-14, "thousandths beside 1e16");
    sum = (jf_twofold){0, 0};
    jf_twofold_add_product(&sum, 1 + 0x1p-30, 1 - 0x1p-30);
    jf_twofold_add(&sum, -1);
    check_close(jf_twofold_value(&sum) * 0x1p60, -1, 1e-15, "the low half of a product");
}

static void cholesky_with_scaling_solves_badly_scaled_systems(void **state)
{
    double a[9] = {4e20, 0, 0, 1e10, 2, 0, 2e5, 1e-5, 3e-10}, whole[9], factor[9], scale[3],
           x[3] = {1e-10, 2, 3e5}, b[3];

    (void)state;
    for (int j = 0; j < 3; j++)
        for (int i = 0; i < 3; i++) whole[i + 3 * j] = i <= j ? a[i + 3 * j] : a[j + 3 * i];
    for (int i = 0; i < 3; i++) b[i] = whole[i] * x[0] + whole[i + 3] * x[1] + whole[i + 6] * x[2];
    assert_true(jf_cholesky(3, a, 0, NULL, factor, scale) > 1e-3);
    jf_cholesky_solve(3, factor, scale, b);
    for (int i = 0; i < 3; i++) check_close(b[i], x[i], 1e-9, "entry %d", i);
    a[0] = -1;
    assert_true(jf_cholesky(3, a, 0, NULL, factor, scale) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(least_squares_of_any_number_of_rows_leave_residuals_square_to_the_columns),
        cmocka_unit_test(columns_that_repeat_others_are_told_whatever_their_scale),
        cmocka_unit_test(fewer_rows_than_columns_give_the_rank_of_the_rows),
        cmocka_unit_test(bounded_least_squares_are_the_best_of_all_active_sets),
        cmocka_unit_test(bounded_least_squares_take_columns_that_repeat_others),
        cmocka_unit_test(twofold_sums_keep_what_doubles_lose),
        cmocka_unit_test(cholesky_with_scaling_solves_badly_scaled_systems),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
