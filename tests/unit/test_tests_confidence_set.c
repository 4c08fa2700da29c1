/* The model confidence set: who stays, who goes, and how often the best is lost. */
#include "tests/check.h"

#include <math.h>
#include "core/stream.h"
#include "fit/select/confidence_set.h"

enum { MAX_GROUPS = 100, LAWS = 4 };

/* Losses that share a part by group; law i is worse than the first by worse[i]. */
static void draw(uint64_t study, size_t n_groups, const double *worse, double *loss)
{
    jf_stream stream = jf_stream_make(study, JF_FOR_TESTS, 7);

    for (size_t g = 0; g < n_groups; g++) {
        double shared = exp(0.5 * jf_stream_normal(&stream));
        for (size_t i = 0; i < LAWS; i++)
            loss[g * LAWS + i] = shared + worse[i] + 0.5 * fabs(jf_stream_normal(&stream));
    }
}

static void run(const double *loss, size_t n_groups, double *p, double *share)
{
    jf_error err = {0};
    check_ok(jf_confidence_set(loss, n_groups, LAWS, 400, 11, p, share, &err), &err);
}

static void a_law_that_is_much_worse_leaves_the_set_and_the_best_has_p_one(void **state)
{
    double worse[LAWS] = {0, 0, 0, 2}, loss[MAX_GROUPS * LAWS], p[LAWS], share[LAWS], total = 0, most = 0;
    (void)state;
    draw(1, 40, worse, loss);
    run(loss, 40, p, share);
    assert_true(p[3] < 0.01 && share[3] == 0);
    for (size_t i = 0; i < LAWS; i++) {
        total += share[i];
        most = fmax(most, p[i]);
    }
    check_close(total, 1, 1e-12, "shares of being selected");
    assert_true(most == 1);
}

static void laws_with_the_same_losses_all_stay(void **state)
{
    double loss[MAX_GROUPS * LAWS], p[LAWS], share[LAWS];
    (void)state;
    for (size_t i = 0; i < 20 * LAWS; i++) loss[i] = (double)(i / LAWS % 7);
    run(loss, 20, p, share);
    for (size_t i = 0; i < LAWS; i++) assert_true(p[i] == 1);
    assert_true(share[0] == 1); /* ties: the first */
}

/* Of equally good laws none should be lost more often than in one study in ten at level 0.9. */
static void the_set_keeps_all_equally_good_laws_as_often_as_it_says(void **state)
{
    enum { STUDIES = 300 };
    double worse[LAWS] = {0}, loss[MAX_GROUPS * LAWS], p[LAWS], share[LAWS];
    size_t all_kept = 0;
    (void)state;
    for (uint64_t study = 0; study < STUDIES; study++) {
        bool kept = true;
        draw(study, MAX_GROUPS, worse, loss);
        run(loss, MAX_GROUPS, p, share);
        for (size_t i = 0; i < LAWS; i++) kept &= p[i] >= 0.1;
        all_kept += kept;
    }
    /* three Monte-Carlo errors below 0.9, and the bootstrap's own error at 100 groups */
    assert_true(all_kept >= STUDIES * 0.83);
}

static void the_same_seed_gives_the_same_p_values(void **state)
{
    double worse[LAWS] = {0, 0.1, 0.2, 0.3}, loss[MAX_GROUPS * LAWS], p[LAWS], q[LAWS], share[LAWS];
    (void)state;
    draw(3, 30, worse, loss);
    run(loss, 30, p, share);
    run(loss, 30, q, share);
    for (size_t i = 0; i < LAWS; i++) assert_true(p[i] == q[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_law_that_is_much_worse_leaves_the_set_and_the_best_has_p_one),
        cmocka_unit_test(laws_with_the_same_losses_all_stay),
        cmocka_unit_test(the_set_keeps_all_equally_good_laws_as_often_as_it_says),
        cmocka_unit_test(the_same_seed_gives_the_same_p_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
