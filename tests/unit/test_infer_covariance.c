/* Covariances and ranks of plain matrices: identities that hold whatever the numbers. */
#include "tests/check.h"

#include <lapacke.h>
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/stream.h"
#include "fit/infer/covariance.h"
#include "fit/infer/criteria.h"
#include "tests/problem.h"

enum { N = 40, P = 4 };

typedef struct sample {
    double x[N * P], r[N], w[N];
    uint32_t group[N];
} sample;

/* Columns of very different size; residuals and weights at random. */
static sample draw(uint64_t seed)
{
    sample s;
    jf_stream stream = jf_stream_make(seed, JF_FOR_TESTS, 3);

    for (size_t j = 0; j < P; j++)
        for (size_t i = 0; i < N; i++)
            s.x[j * N + i] = j == 0 ? 1 : pow(10, 4.0 * (double)j - 8) * (1 + jf_stream_normal(&stream));
    for (size_t i = 0; i < N; i++) {
        s.r[i] = jf_stream_normal(&stream);
        s.w[i] = 0.5 + jf_stream_uniform(&stream);
        s.group[i] = (uint32_t)i;
    }
    return s;
}

static jf_design factor_matrix(const double *x, size_t n, size_t p, const double *weight)
{
    jf_row_matrix matrix = {x, n, p};
    jf_row_source source = jf_rows_of_matrix(&matrix);
    jf_design design;
    jf_error err = {0};

    check_ok(jf_design_build(&source, n, p, weight, &design, &err), &err);
    assert_non_null(design.kept); /* so that the matrix is not read again */
    return design;
}

static jf_design factor(const sample *s, const double *weight)
{
    return factor_matrix(s->x, N, P, weight);
}

static jf_scores scores_of(const sample *s, const double *weight)
{
    return (jf_scores){.psi = s->r,
                       .slope = 1,
                       .weight = weight,
                       .group = s->group,
                       .n_groups = N,
                       .n_effective = N,
                       .variance = 2};
}

/* (X'WX) times the classical covariance is the variance times the identity. */
static void classical_covariance_inverts_the_normal_matrix(void **state)
{
    sample s = draw(1);
    jf_design design = factor(&s, s.w);
    jf_scores scores = scores_of(&s, s.w);
    double covariance[P * P];
    jf_error err = {0};

    (void)state;
    check_ok(jf_covariance_run(&design, JF_SE_CLASSICAL, &scores, covariance, &err), &err);
    for (size_t a = 0; a < P; a++) {
        for (size_t b = 0; b < P; b++) {
            double sum = 0, size = 0;
            for (size_t c = 0; c < P; c++) {
                double normal = 0;
                for (size_t i = 0; i < N; i++) normal += s.w[i] * s.x[a * N + i] * s.x[c * N + i];
                sum += normal * covariance[c * P + b];
                size += fabs(normal * covariance[c * P + b]);
            }
            assert_true(fabs(sum - (a == b ? 2 : 0)) < 1e-12 * size);
        }
    }
    jf_design_clear(&design);
}

/* CR1 with every row its own cluster: n/(n-1) * (n-1)/(n-k) = n/(n-k), which is HC1. */
static void clusters_of_one_row_are_hc1(void **state)
{
    sample s = draw(2);
    jf_design design = factor(&s, s.w);
    jf_scores scores = scores_of(&s, s.w);
    double cluster[P * P], hc1[P * P];
    jf_error err = {0};

    (void)state;
    check_ok(jf_covariance_run(&design, JF_SE_CLUSTER, &scores, cluster, &err), &err);
    check_ok(jf_covariance_run(&design, JF_SE_HC1, &scores, hc1, &err), &err);
    for (size_t i = 0; i < P * P; i++) check_close(cluster[i], hc1[i], 1e-10, "entry %zu", i);
    jf_design_clear(&design);
}

static void leverages_sum_to_the_rank_and_hc_orders_hold(void **state)
{
    sample s = draw(3);
    jf_design design = factor(&s, NULL);
    jf_scores scores = scores_of(&s, NULL);
    double kinds[4][P * P], sum = 0;
    jf_error err = {0};

    (void)state;
    for (size_t i = 0; i < N; i++) sum += design.leverage[i];
    check_close(sum, P, 1e-12, "sum of leverages");
    for (int kind = JF_SE_HC0; kind <= JF_SE_HC3; kind++)
        check_ok(jf_covariance_run(&design, (jf_se_kind)kind, &scores, kinds[kind - JF_SE_HC0], &err), &err);
    for (size_t j = 0; j < P; j++) {
        size_t d = j * P + j;
        check_close(kinds[1][d], kinds[0][d] * N / (N - P), 1e-12, "HC1");
        assert_true(kinds[0][d] < kinds[2][d] && kinds[2][d] < kinds[3][d]);
    }
    jf_design_clear(&design);
}

static void scaling_a_column_scales_its_errors(void **state)
{
    sample s = draw(4), t = s;
    jf_design a = factor(&s, NULL), b;
    jf_scores scores = scores_of(&s, NULL);
    double one[P * P], two[P * P];
    jf_error err = {0};

    (void)state;
    for (size_t i = 0; i < N; i++) t.x[2 * N + i] *= 1e6;
    b = factor(&t, NULL);
    check_ok(jf_covariance_run(&a, JF_SE_HC3, &scores, one, &err), &err);
    check_ok(jf_covariance_run(&b, JF_SE_HC3, &scores, two, &err), &err);
    for (size_t i = 0; i < P * P; i++) {
        double factor_of = (i / P == 2 ? 1e-6 : 1) * (i % P == 2 ? 1e-6 : 1);
        check_close(two[i], one[i] * factor_of, 1e-9, "entry %zu", i);
    }
    jf_design_clear(&a);
    jf_design_clear(&b);
}

/* Column 3 = 2 * column 0 - column 1: one direction is open, column 2 keeps its numbers. */
static void a_dependent_column_opens_one_direction_and_spares_the_rest(void **state)
{
    sample s = draw(5);
    jf_design design, without;
    jf_scores scores = scores_of(&s, NULL);
    double covariance[P * P], plain[(P - 1) * (P - 1)];
    jf_error err = {0};

    (void)state;
    for (size_t i = 0; i < N; i++) s.x[3 * N + i] = 2 * s.x[i] - s.x[N + i];
    design = factor(&s, NULL);
    assert_int_equal(design.rank, 3);
    assert_true(!design.determined[0] && !design.determined[1] && design.determined[2] &&
                !design.determined[3]);
    for (size_t i = 0; i < N; i++) {
        double sum = 0, size = 0;
        for (size_t j = 0; j < P; j++) {
            sum += s.x[j * N + i] * design.null[j];
            size += fabs(s.x[j * N + i] * design.null[j]);
        }
        assert_true(fabs(sum) <= 1e-9 * size);
    }
    assert_true(isinf(jf_design_inflation(&design, 0)) && isinf(jf_design_condition(&design)));
    without = factor_matrix(s.x, N, P - 1, NULL);
    check_ok(jf_covariance_run(&design, JF_SE_HC1, &scores, covariance, &err), &err);
    check_ok(jf_covariance_run(&without, JF_SE_HC1, &scores, plain, &err), &err);
    check_close(covariance[2 * P + 2], plain[2 * 3 + 2], 1e-10, "variance of the column that is determined");
    jf_design_clear(&design);
    jf_design_clear(&without);
}

static void a_column_of_zeros_is_open_alone(void **state)
{
    sample s = draw(6);
    jf_design design;

    (void)state;
    for (size_t i = 0; i < N; i++) s.x[N + i] = 0;
    design = factor(&s, NULL);
    assert_int_equal(design.rank, 3);
    assert_true(design.determined[0] && !design.determined[1] && design.determined[2] &&
                design.determined[3]);
    jf_design_clear(&design);
}

static void one_cluster_is_refused(void **state)
{
    sample s = draw(7);
    jf_design design = factor(&s, NULL);
    jf_scores scores = scores_of(&s, NULL);
    double covariance[P * P];
    jf_error err = {0};

    (void)state;
    memset(s.group, 0, sizeof s.group);
    scores.n_groups = 1;
    assert_int_equal(jf_covariance_run(&design, JF_SE_CLUSTER, &scores, covariance, &err), JF_EDATA);
    jf_design_clear(&design);
}

enum { COPIES = 1000 };

/* The sample's rows over and over: too many to be kept. */
static jf_design factor_copies(const sample *s, double **rows)
{
    size_t n = (size_t)COPIES * N;
    static jf_row_matrix matrix;
    jf_row_source source = jf_rows_of_matrix(&matrix);
    jf_design design;
    jf_error err = {0};

    *rows = JF_NEW_ARRAY(double, n *P);
    for (size_t j = 0; j < P; j++)
        for (size_t i = 0; i < n; i++) (*rows)[j * n + i] = s->x[j * N + i % N];
    matrix = (jf_row_matrix){*rows, n, P};
    check_ok(jf_design_build(&source, n, P, NULL, &design, &err), &err);
    assert_null(design.kept);
    return design;
}

/* Every row a thousand times: a thousandth of the leverages and of HC0, whether the columns are well told
 * apart (`apart` NaN), nearly dependent or dependent (0). */
static void compare_with_copies(sample *s, double apart, double tolerance)
{
    jf_design few, many;
    double *rows, *psi = JF_NEW_ARRAY(double, COPIES *N), one[P * P], all[P * P];
    jf_scores scores = scores_of(s, NULL), of_all;
    jf_error err = {0};

    for (size_t i = 0; i < N && !isnan(apart); i++)
        s->x[3 * N + i] = 2 * s->x[i] - s->x[N + i] + apart * s->x[3 * N + i];
    few = factor(s, NULL);
    many = factor_copies(s, &rows);
    assert_int_equal(many.rank, few.rank);
    for (size_t i = 0; i < COPIES * N; i++) psi[i] = s->r[i % N];
    of_all = scores;
    of_all.psi = psi;
    for (size_t i = 0; i < COPIES * N; i++)
        check_close(many.leverage[i], few.leverage[i % N] / COPIES, tolerance, "leverage of row %zu", i);
    check_ok(jf_covariance_run(&few, JF_SE_HC0, &scores, one, &err), &err);
    check_ok(jf_covariance_run(&many, JF_SE_HC0, &of_all, all, &err), &err);
    for (size_t i = 0; i < P * P; i++)
        if (few.determined[i / P] && few.determined[i % P])
            check_close(all[i], one[i] / COPIES, tolerance, "HC0, entry %zu", i);
    for (size_t j = 0; j < P; j++) assert_int_equal(many.determined[j], few.determined[j]);
    jf_design_clear(&few);
    jf_design_clear(&many);
    jf_free(rows);
    jf_free(psi);
}

static void rows_that_are_not_kept_give_what_kept_ones_do(void **state)
{
    sample plain = draw(8), close = draw(9), dependent = draw(10);

    (void)state;
    compare_with_copies(&plain, NAN, 1e-10);
    compare_with_copies(&close, 1e-13, 1e-6);
    compare_with_copies(&dependent, 0, 1e-10);
}

/* ---- reduced cluster errors ---- */

enum { WIDE = 20, PAIRS = 700, LONG = 60000, NARROW = 10, BLOCKS = 25 };

static double *draw_columns(size_t n, size_t p, uint64_t seed)
{
    double *x = JF_NEW_ARRAY(double, n *p);
    jf_stream stream = jf_stream_make(seed, JF_FOR_TESTS, 4);

    assert_non_null(x);
    for (size_t i = 0; i < n * p; i++) x[i] = i < n ? 1 : jf_stream_normal(&stream);
    return x;
}

/* X'X of n x p columns, inverted: p x p, both triangles. */
static void invert_products(const double *x, size_t n, size_t p, double *out)
{
    for (size_t a = 0; a < p; a++)
        for (size_t b = 0; b < p; b++) {
            out[a * p + b] = 0;
            for (size_t i = 0; i < n; i++) out[a * p + b] += x[a * n + i] * x[b * n + i];
        }
    assert_int_equal(LAPACKE_dpotrf(LAPACK_ROW_MAJOR, 'L', (int)p, out, (int)p), 0);
    assert_int_equal(LAPACKE_dpotri(LAPACK_ROW_MAJOR, 'L', (int)p, out, (int)p), 0);
    for (size_t a = 0; a < p; a++)
        for (size_t b = 0; b < a; b++) out[b * p + a] = out[a * p + b];
}

/* (I - H)^(-1/2) r of the two rows i and i + 1, written out: the root of M is (M + s I) / t by Cayley and
 * Hamilton, with s = sqrt(det M) and t = sqrt(trace M + 2 s). */
static void reduce_pair(const double *x, const double *inverse, size_t i, const double *r, double *out)
{
    size_t n = 2 * PAIRS;
    double m[4], s, t, determinant;

    for (size_t a = 0; a < 2; a++)
        for (size_t b = 0; b < 2; b++) {
            m[2 * a + b] = a == b;
            for (size_t c = 0; c < WIDE; c++)
                for (size_t d = 0; d < WIDE; d++)
                    m[2 * a + b] -= x[c * n + i + a] * inverse[c * WIDE + d] * x[d * n + i + b];
        }
    s = sqrt(m[0] * m[3] - m[1] * m[2]);
    t = sqrt(m[0] + m[3] + 2 * s);
    for (size_t a = 0; a < 2; a++) m[3 * a] += s;
    for (size_t a = 0; a < 4; a++) m[a] /= t;
    determinant = m[0] * m[3] - m[1] * m[2];
    out[0] = (m[3] * r[i] - m[1] * r[i + 1]) / determinant;
    out[1] = (m[0] * r[i + 1] - m[2] * r[i]) / determinant;
}

/* More groups than are at hand at once, each of fewer rows than there are parameters. */
static void reduced_errors_of_many_pairs_are_those_of_their_definition(void **state)
{
    size_t n = 2 * PAIRS;
    double *x = draw_columns(n, WIDE, 21), r[2 * PAIRS], inverse[WIDE * WIDE], wanted[WIDE * WIDE] = {0};
    double covariance[WIDE * WIDE];
    uint32_t group[2 * PAIRS];
    jf_design design = factor_matrix(x, n, WIDE, NULL);
    jf_scores scores = {.psi = r, .slope = 1, .group = group, .n_groups = PAIRS, .n_effective = (double)n};
    jf_error err = {0};

    (void)state;
    for (size_t i = 0; i < n; i++) r[i] = sin(3.0 * (double)i), group[i] = (uint32_t)(i / 2);
    invert_products(x, n, WIDE, inverse);
    for (size_t i = 0; i < n; i += 2) {
        double pair[2], moved[WIDE] = {0};

        reduce_pair(x, inverse, i, r, pair);
        for (size_t a = 0; a < WIDE; a++)
            for (size_t b = 0; b < WIDE; b++)
                moved[a] += inverse[a * WIDE + b] * (x[b * n + i] * pair[0] + x[b * n + i + 1] * pair[1]);
        for (size_t a = 0; a < WIDE * WIDE; a++) wanted[a] += moved[a / WIDE] * moved[a % WIDE];
    }
    check_ok(jf_covariance_run(&design, JF_SE_CR2, &scores, covariance, &err), &err);
    for (size_t a = 0; a < WIDE; a++)
        check_close(covariance[a * WIDE + a], wanted[a * WIDE + a], 1e-10, "variance of %zu", a);
    jf_design_clear(&design);
    jf_free(x);
}

/* Q would take 4.8 MB. */
static void reduced_errors_of_many_rows_need_no_room_for_rows(void **state)
{
    double *x = draw_columns(LONG, NARROW, 22), *r = JF_NEW_ARRAY(double, LONG), covariance[NARROW * NARROW];
    uint32_t *group = JF_NEW_ARRAY(uint32_t, LONG);
    jf_row_matrix matrix = {x, LONG, NARROW};
    jf_row_source source = jf_rows_of_matrix(&matrix);
    jf_scores scores = {.psi = r, .slope = 1, .group = group, .n_groups = BLOCKS, .n_effective = LONG};
    jf_design design;
    jf_error err = {0};
    jf_status status;

    (void)state;
    assert_true(r && group);
    for (size_t i = 0; i < LONG; i++) r[i] = sin(3.0 * (double)i), group[i] = (uint32_t)(i % BLOCKS);
    check_ok(jf_design_build(&source, LONG, NARROW, NULL, &design, &err), &err);
    assert_null(design.kept);
    jf_memory_limit(jf_memory_now().in_use + 200000);
    status = jf_covariance_run(&design, JF_SE_CR2, &scores, covariance, &err);
    jf_memory_limit(0);
    check_ok(status, &err);
    for (size_t a = 0; a < NARROW; a++) assert_true(covariance[a * NARROW + a] > 0);
    jf_design_clear(&design);
    jf_free(x);
    jf_free(r);
    jf_free(group);
}

/* The variance is counted once, unless it is known; AICc is infinite where n leaves nothing. */
static void criteria_count_the_variance_once(void **state)
{
    jf_likelihood_terms terms = {.n = 10, .k = 3, .rss = 5, .log_slopes = -7};
    jf_criteria c = jf_criteria_compute(&terms), known;

    (void)state;
    check_close(c.loglik, -0.5 * 10 * (log(2 * M_PI * 0.5) + 1) - 7, 1e-14, "log-likelihood");
    check_close(c.aic, -2 * c.loglik + 8, 1e-14, "AIC");
    check_close(c.aicc, c.aic + 2.0 * 4 * 5 / (10 - 4 - 1), 1e-14, "AICc");
    check_close(c.bic, -2 * c.loglik + 4 * log(10), 1e-14, "BIC");
    terms.known_variance = true;
    known = jf_criteria_compute(&terms);
    check_close(known.aic, -2 * known.loglik + 6, 1e-14, "AIC with a known variance");
    terms.n = 4;
    assert_true(isinf(jf_criteria_compute(&terms).aicc));
    terms.known_variance = false;
    terms.rss = 0;
    assert_true(isnan(jf_criteria_compute(&terms).loglik));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classical_covariance_inverts_the_normal_matrix),
        cmocka_unit_test(clusters_of_one_row_are_hc1),
        cmocka_unit_test(leverages_sum_to_the_rank_and_hc_orders_hold),
        cmocka_unit_test(scaling_a_column_scales_its_errors),
        cmocka_unit_test(a_dependent_column_opens_one_direction_and_spares_the_rest),
        cmocka_unit_test(a_column_of_zeros_is_open_alone),
        cmocka_unit_test(one_cluster_is_refused),
        cmocka_unit_test(rows_that_are_not_kept_give_what_kept_ones_do),
        cmocka_unit_test(reduced_errors_of_many_pairs_are_those_of_their_definition),
        cmocka_unit_test(reduced_errors_of_many_rows_need_no_room_for_rows),
        cmocka_unit_test(criteria_count_the_variance_once),
    };
    return cmocka_run_group_tests(tests, test_settle_libraries, NULL);
}
