/* Progress: the share of a loop rises to one whatever the number of threads, and loops inside are silent. */
#include "tests/check.h"

#include <string.h>
#include "core/parallel.h"
#include "core/progress.h"

typedef struct heard {
    size_t n, n_ends;
    double last;
    bool falls;
    const char *what;
} heard;

static void listen_in(void *context, const char *what, double share)
{
    heard *all = context;

    all->falls |= share < all->last;
    all->last = share;
    all->n++;
    all->n_ends += share >= 1;
    all->what = what;
}

static jf_status nothing(void *context, size_t item, int thread, jf_error *err)
{
    (void)context, (void)item, (void)thread, (void)err;
    return JF_OK;
}

/* A stage and a loop inside a piece: neither is told. */
static jf_status inner_loop(void *context, size_t item, int thread, jf_error *err)
{
    (void)context, (void)item, (void)thread;
    jf_progress_stage("inner");
    return jf_parallel(5, 1, nothing, NULL, err);
}

static void a_loop_rises_to_one_and_ends_once(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 4; threads++) {
        heard all = {0};
        jf_progress_listen(listen_in, &all);
        jf_progress_stage("outer");
        check_ok(jf_parallel(40, threads, inner_loop, NULL, NULL), NULL);
        assert_false(all.falls);
        assert_int_equal(all.n_ends, 1);
        assert_true(all.n >= 1 && all.n <= 40);
        assert_string_equal(all.what, "outer");
        if (threads == 1) assert_int_equal(all.n, 40);
    }
    jf_progress_listen(NULL, NULL);
}

static void without_a_stage_nothing_is_told(void **state)
{
    heard all = {0};

    (void)state;
    jf_progress_listen(listen_in, &all);
    check_ok(jf_parallel(10, 2, nothing, NULL, NULL), NULL);
    jf_progress_tell(0.5);
    assert_int_equal(all.n, 0);
    jf_progress_stage("once");
    jf_progress_tell(0.5);
    jf_progress_tell(1);
    jf_progress_tell(0.7);
    assert_int_equal(all.n, 2);
    jf_progress_listen(NULL, NULL);
    jf_progress_stage("nobody listens");
    jf_progress_tell(0.5);
    jf_progress_tell(1);
    assert_int_equal(all.n, 2);
}

typedef struct forecast {
    size_t n;
    double seconds;
} forecast;

static void note_forecast(void *context, const char *what, double seconds)
{
    forecast *all = context;

    (void)what;
    all->n++;
    all->seconds = seconds;
}

static jf_status foresee_inside(void *context, size_t item, int thread, jf_error *err)
{
    (void)context, (void)item, (void)thread, (void)err;
    jf_progress_foresee("inside", 7);
    return JF_OK;
}

static void a_forecast_is_heard_but_not_from_inside_a_piece(void **state)
{
    forecast all = {0};

    (void)state;
    jf_progress_foresee("nobody listens", 5);
    jf_progress_forewarn(note_forecast, &all);
    jf_progress_foresee("long", 5);
    check_ok(jf_parallel(3, 2, foresee_inside, NULL, NULL), NULL);
    jf_progress_forewarn(NULL, NULL);
    assert_int_equal(all.n, 1);
    assert_true(all.seconds == 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_loop_rises_to_one_and_ends_once),
        cmocka_unit_test(a_forecast_is_heard_but_not_from_inside_a_piece),
        cmocka_unit_test(without_a_stage_nothing_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
