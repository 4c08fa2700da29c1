/* Loss functions: slopes that differences show, continuity, names and refusals. */
#include "tests/check.h"

#include <math.h>
#include <string.h>
#include "fit/problem/loss.h"

static const jf_loss losses[] = {{JF_LOSS_LS, NAN},      {JF_LOSS_HUBER, 0.7}, {JF_LOSS_SOFTL1, 0.7},
                                 {JF_LOSS_CAUCHY, 0.7},  {JF_LOSS_TUKEY, 1.9}, {JF_LOSS_L1, NAN},
                                 {JF_LOSS_QUANTILE, 0.3}};
enum { N_LOSSES = sizeof losses / sizeof *losses };

static double cost(const jf_penalty *penalty, double r, double *psi, double *bend, double *omega)
{
    return jf_penalty_block(penalty, 1, &r, NULL, psi, bend, omega);
}

static void slopes_are_what_differences_of_the_loss_show(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_LOSSES; i++)
        for (double r = -3.05; r < 3; r += 0.1) {
            jf_penalty penalty = {losses[i], 0.33};
            double h = 1e-5, psi, bend, omega, left, right, here, unused;

            cost(&penalty, r, &psi, &bend, &omega);
            left = cost(&penalty, r - h, &here, NULL, NULL);
            right = cost(&penalty, r + h, &unused, NULL, NULL);
            check_close(psi, (right - left) / (2 * h), 1e-7, "slope of loss %zu at %g", i, r);
            check_close(bend, (unused - here) / (2 * h), 1e-5, "bend of loss %zu at %g", i, r);
            check_close(omega * r, psi, 1e-12, "weight of loss %zu at %g", i, r);
        }
}

static void smooth_losses_are_half_squares_near_zero(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_LOSSES; i++) {
        jf_penalty penalty = {losses[i], 0};
        double psi, bend, omega, r = 1e-6;

        if (jf_loss_has_kink(&losses[i])) continue;
        check_close(cost(&penalty, r, &psi, &bend, &omega) / (0.5 * r * r), 1, 1e-9, "loss %zu", i);
        check_close(bend, 1, 1e-9, "bend of loss %zu", i);
        check_close(omega, 1, 1e-9, "weight of loss %zu", i);
    }
}

static void kinked_losses_without_smoothing_have_their_slopes_on_both_sides(void **state)
{
    jf_penalty quantile = {{JF_LOSS_QUANTILE, 0.3}, 0};
    double psi, left, right;

    (void)state;
    check_close(cost(&quantile, 2, &psi, NULL, NULL), 0.6, 1e-15, "above");
    check_close(psi, 0.3, 1e-15, "slope above");
    check_close(cost(&quantile, -2, &psi, NULL, NULL), 1.4, 1e-15, "below");
    check_close(psi, -0.7, 1e-15, "slope below");
    jf_loss_kink(&quantile.loss, &left, &right);
    check_close(left, -0.7, 1e-15, "left");
    check_close(right, 0.3, 1e-15, "right");
}

static void weights_multiply_everything(void **state)
{
    jf_penalty penalty = {{JF_LOSS_CAUCHY, 0.7}, 0};
    double r[3] = {-1, 0.2, 3}, w[3] = {2, 0, 0.5}, psi[3], bend[3], omega[3], sum = 0;

    (void)state;
    for (size_t i = 0; i < 3; i++) sum += w[i] * cost(&penalty, r[i], &psi[i], &bend[i], &omega[i]);
    check_close(jf_penalty_block(&penalty, 3, r, w, psi, bend, omega), sum, 1e-14, "weighted sum");
    check_close(psi[1], 0, 1e-15, "weight zero");
}

static void every_loss_is_read_by_its_name(void **state)
{
    static const char *const texts[] = {"ls",          "huber:1e-3", "softl1:2",    "cauchy:0.5",
                                        "tukey:4.685", "l1",         "quantile:0.9"};
    jf_error err = {0};

    (void)state;
    for (size_t i = 0; i < N_LOSSES; i++) {
        jf_loss loss;

        check_ok(jf_loss_read(texts[i], &loss, &err), &err);
        assert_int_equal(loss.kind, losses[i].kind);
    }
}

static void bad_losses_are_refused_with_their_text(void **state)
{
    static const char *const bad[] = {"hubr:1",     "huber:-1", "huber:x", "quantile",
                                      "quantile:1", "l1:2",     "",        "ls:1"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        jf_error err = {0};
        jf_loss loss;

        assert_int_equal(jf_loss_read(bad[i], &loss, &err), JF_EUSAGE);
        assert_non_null(strstr(err.message, "loss"));
        assert_int_equal(loss.kind, JF_LOSS_LS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slopes_are_what_differences_of_the_loss_show),
        cmocka_unit_test(smooth_losses_are_half_squares_near_zero),
        cmocka_unit_test(kinked_losses_without_smoothing_have_their_slopes_on_both_sides),
        cmocka_unit_test(weights_multiply_everything),
        cmocka_unit_test(every_loss_is_read_by_its_name),
        cmocka_unit_test(bad_losses_are_refused_with_their_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
