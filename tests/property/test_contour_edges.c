/* What joint regions must be, whatever the law. */
#include "tests/check.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/stream.h"
#include "fit/fit.h"
#include "tests/problem.h"

enum { N = 12 };
static const double X[N] = {1, 1.5, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20};
static const double LINE[N] = {1.1, 2.8, 5.3, 6.9, 9.2, 10.8, 13.1, 17.2, 20.9, 24.8, 31.3, 40.9};
static const double STEP[N] = {0.92, 0.99, 0.96, 1.05, 0.95, 1.02, 0.97, 1.04, 0.99, 1.01, 0.96, 1.0};

static const double JUMP[N] = {1.02, 0.97, 1.01, 0.99, 1.03, 0.98, 3.01, 2.97, 3.02, 2.99, 3.03, 2.98};
/* A shade steeper than straight: a saturation has no top. */
static const double STRAIGHT[N] = {0.98, 1.48, 1.99, 3.0, 4.01, 5.02, 6.05, 8.08, 10.1, 12.2, 15.3, 20.6};

static jf_status try_fit(const double *y, const char *text, const char *bounds, const char *fix,
                         const char *contour, int64_t threads, jf_fit **fit, jf_error *err)
{
    const char *names[] = {"x", "y"};
    const double *values[] = {X, y};
    jf_table *table = test_table(2, names, values, N);
    jf_fit_options options;
    jf_law *law = NULL;
    jf_status status;

    jf_fit_options_default(&options);
    options.seed = JF_DEFAULT_SEED;
    options.threads = threads;
    if (contour) assert_true(jf_option_list_add(&options.contour, contour));
    check_ok(jf_law_read(text, &law, err), err);
    if (bounds) check_ok(jf_law_set_bounds(law, bounds, err), err);
    if (fix) check_ok(jf_law_set_fixed(law, fix, err), err);
    status = jf_fit_run(law, table, NULL, 0, NULL, &options, fit, err);
    jf_option_list_free(&options.contour);
    jf_law_free(law);
    jf_table_free(table);
    return status;
}

static jf_fit *fit_of(const double *y, const char *law, const char *bounds, const char *fix,
                      const char *contour)
{
    jf_error err = {0};
    jf_fit *fit = NULL;

    check_ok(try_fit(y, law, bounds, fix, contour, 1, &fit, &err), &err);
    return fit;
}

static void a_linear_law_has_the_ellipse_of_its_covariance(void **state)
{
    jf_fit *fit = fit_of(LINE, "y ~ a + b*x", NULL, NULL, "a,b:0.5,0.95");

    (void)state;
    assert_int_equal(fit->n_contours, 2);
    for (size_t c = 0; c < 2; c++) {
        const jf_contour *edge = &fit->contours[c];
        double limit = 2 * gsl_cdf_fdist_Pinv(edge->level, 2, (double)fit->df), turned = 0;

        assert_int_equal(edge->state, JF_CONTOUR_CLOSED);
        assert_true(edge->n_points >= 36);
        for (size_t i = 0; i < edge->n_points; i++) {
            double da = edge->points[2 * i] - fit->theta[0], db = edge->points[2 * i + 1] - fit->theta[1];
            const double *v = fit->covariance;
            double det = v[0] * v[3] - v[1] * v[2], next = edge->points[2 * ((i + 1) % edge->n_points)];
            double other = edge->points[2 * ((i + 1) % edge->n_points) + 1];
            check_close((da * da * v[3] - 2 * da * db * v[1] + db * db * v[0]) / det, limit, 1e-5,
                        "point %zu", i);
            turned += (da * (other - fit->theta[1]) - db * (next - fit->theta[0])) / 2;
        }
        check_close(
            turned,
            acos(-1) * limit *
                sqrt(fit->covariance[0] * fit->covariance[3] - fit->covariance[1] * fit->covariance[1]),
            0.01, "area");
    }
    jf_fit_free(fit);
}

/* Refits with both held at points of the edge. */
static void the_loss_at_the_edge_of_a_curved_law_has_grown_by_what_f_allows(void **state)
{
    jf_fit *fit = fit_of(LINE, "y ~ a + b*x^c", "c=0.1:3", NULL, "b,c");
    const jf_contour *edge = &fit->contours[0];

    (void)state;
    assert_int_equal(edge->state, JF_CONTOUR_CLOSED);
    for (size_t i = 0; i < edge->n_points; i += 11) {
        char fix[128];
        double limit = 2 * gsl_cdf_fdist_Pinv(0.95, 2, (double)fit->df);
        jf_fit *held;

        snprintf(fix, sizeof fix, "b=%.17g,c=%.17g", edge->points[2 * i], edge->points[2 * i + 1]);
        held = fit_of(LINE, "y ~ a + b*x^c", "c=0.1:3", fix, NULL);
        check_close(held->rss, fit->rss + limit * fit->sigma * fit->sigma, 1e-5, "squares at point %zu", i);
        jf_fit_free(held);
    }
    jf_fit_free(fit);
}

static void an_edge_that_meets_a_bound_ends_there(void **state)
{
    jf_fit *fit = fit_of(LINE, "y ~ a + b*x", "b=:2.01", NULL, "a,b");
    const jf_contour *edge = &fit->contours[0];
    double highest = -INFINITY;

    (void)state;
    assert_int_equal(edge->state, JF_CONTOUR_BOUND);
    assert_string_equal(edge->reason, "the region reaches a bound of 'b'");
    for (size_t i = 0; i < edge->n_points; i++) highest = fmax(highest, edge->points[2 * i + 1]);
    assert_true(highest <= 2.01);
    check_close(edge->points[1], 2.01, 1e-3, "where the edge begins");
    check_close(edge->points[2 * edge->n_points - 1], 2.01, 1e-3, "where the edge ends");
    jf_fit_free(fit);
}

static void a_region_without_an_end_is_called_unbounded(void **state)
{
    jf_fit *fit = fit_of(STEP, "y ~ a*(1 - exp(-r*x))", "r=0:", NULL, "a,r");

    (void)state;
    assert_int_equal(fit->contours[0].state, JF_CONTOUR_UNBOUNDED);
    jf_fit_free(fit);
}

/* Whatever becomes of the walk along it, the edge about a parameter that the rows leave open is unbounded,
 * and says so. */
static void an_edge_about_what_the_rows_leave_open_is_unbounded_with_a_reason(void **state)
{
    static const struct {
        const double *y;
        const char *law, *bounds, *contour, *reason;
    } cases[] = {
        {LINE, "y ~ b0 + a*b*x", NULL, "a,b", "do not determine 'a'"},
        {LINE, "y ~ b0 + a*x + b*(2*x)", NULL, "a,b", "do not determine 'a'"},
        {LINE, "y ~ b0 + a*b*x", NULL, "b0,a", "do not determine 'a'"},
        {JUMP, "y ~ lo + (hi - lo)*sigmoid(s*(x - x0))", NULL, "s,x0", "do not determine 's'"},
        {JUMP, "y ~ lo + (hi - lo)*sigmoid(s*(x - x0))", NULL, "lo,s", "do not determine 's'"},
        {STRAIGHT, "y ~ top*(1 - exp(-rate*x))", "top=0:,rate=0:", "top,rate", "determine 'top'"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        jf_fit *fit = fit_of(cases[i].y, cases[i].law, cases[i].bounds, NULL, cases[i].contour);
        const jf_contour *edge = &fit->contours[0];

        if (edge->state != JF_CONTOUR_UNBOUNDED || !strstr(edge->reason, cases[i].reason))
            fail_msg("%s: %s (%s)", cases[i].law, jf_contour_state_names[edge->state],
                     edge->reason ? edge->reason : "no reason");
        jf_fit_free(fit);
    }
}

/* A linear law has an ellipse however long it is. */
static void near_dependence_in_a_linear_law_is_a_long_ellipse(void **state)
{
    jf_fit *fit = fit_of(LINE, "y ~ a*x + b*(x + 0.001*sin(7*x))", NULL, NULL, "a,b");

    (void)state;
    assert_int_equal(fit->contours[0].state, JF_CONTOUR_CLOSED);
    assert_null(fit->contours[0].reason);
    jf_fit_free(fit);
}

static void any_number_of_threads_draws_the_same_edges(void **state)
{
    jf_error err = {0};
    jf_fit *one = NULL, *eight = NULL;
    const char *wish = "b,c:0.5,0.8,0.9,0.95";

    (void)state;
    check_ok(try_fit(LINE, "y ~ a + b*x^c", "c=0.1:3", NULL, wish, 1, &one, &err), &err);
    check_ok(try_fit(LINE, "y ~ a + b*x^c", "c=0.1:3", NULL, wish, 8, &eight, &err), &err);
    for (size_t c = 0; c < 4; c++) {
        assert_int_equal(one->contours[c].n_points, eight->contours[c].n_points);
        assert_memory_equal(one->contours[c].points, eight->contours[c].points,
                            2 * one->contours[c].n_points * sizeof(double));
    }
    jf_fit_free(one);
    jf_fit_free(eight);
}

static void a_contour_of_what_is_no_free_parameter_is_an_error(void **state)
{
    static const char *const wishes[] = {"a", "a,b,c", "a,z", "a,a", "a,b:2", "a,c"};
    static const char *const messages[] = {"expected two",  "expected two",   "no parameter 'z'",
                                           "two different", "levels between", "'c' is fixed"};

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        jf_error err = {0};
        jf_fit *fit = NULL;
        assert_int_equal(try_fit(LINE, "y ~ a + b*x + c*x^2", NULL, "c=0", wishes[i], 1, &fit, &err),
                         JF_EUSAGE);
        if (!strstr(err.message, messages[i])) fail_msg("%s: %s", wishes[i], err.message);
        assert_null(fit);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_linear_law_has_the_ellipse_of_its_covariance),
        cmocka_unit_test(the_loss_at_the_edge_of_a_curved_law_has_grown_by_what_f_allows),
        cmocka_unit_test(an_edge_that_meets_a_bound_ends_there),
        cmocka_unit_test(a_region_without_an_end_is_called_unbounded),
        cmocka_unit_test(an_edge_about_what_the_rows_leave_open_is_unbounded_with_a_reason),
        cmocka_unit_test(near_dependence_in_a_linear_law_is_a_long_ellipse),
        cmocka_unit_test(any_number_of_threads_draws_the_same_edges),
        cmocka_unit_test(a_contour_of_what_is_no_free_parameter_is_an_error),
    };

    return cmocka_run_group_tests(tests, test_settle_libraries, NULL);
}
