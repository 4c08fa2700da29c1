/* The parallel loop: results and errors do not depend on the number of threads. */
#include "tests/check.h"

#include <string.h>
#include "core/parallel.h"
#include "core/stream.h"

enum { ITEMS = 500 };
static const int thread_counts[] = {1, 2, 8, 0};
enum { N_COUNTS = sizeof thread_counts / sizeof *thread_counts };

static jf_status draw(void *context, size_t item, int thread, jf_error *err)
{
    jf_stream stream = jf_stream_make(5, JF_FOR_TESTS, item);
    (void)thread, (void)err;
    ((double *)context)[item] = jf_stream_normal(&stream);
    return JF_OK;
}

static void any_number_of_threads_gives_the_same_bytes(void **state)
{
    double wanted[ITEMS], found[ITEMS];
    jf_error err = {0};
    (void)state;
    for (size_t i = 0; i < ITEMS; i++) assert_int_equal(draw(wanted, i, 0, NULL), JF_OK);
    for (int i = 0; i < N_COUNTS; i++) {
        memset(found, 0xff, sizeof found);
        check_ok(jf_parallel(ITEMS, thread_counts[i], draw, found, &err), &err);
        assert_memory_equal(found, wanted, sizeof found);
    }
}

typedef struct failing_work {
    bool fails[ITEMS];
    bool ran[ITEMS];
} failing_work;

static jf_status fail_some(void *context, size_t item, int thread, jf_error *err)
{
    failing_work *work = context;
    (void)thread;
    work->ran[item] = true;
    if (!work->fails[item]) return JF_OK;
    return jf_fail(err, item % 2 ? JF_EDATA : JF_EFIT, "item %zu", item);
}

static void the_first_failing_item_gives_the_error(void **state)
{
    (void)state;
    for (int i = 0; i < N_COUNTS; i++)
        for (int repeat = 0; repeat < 50; repeat++) {
            failing_work work = {{0}};
            jf_error err = {0};
            work.fails[37] = work.fails[38] = work.fails[200] = work.fails[ITEMS - 1] = true;
            assert_int_equal(jf_parallel(ITEMS, thread_counts[i], fail_some, &work, &err), JF_EDATA);
            assert_string_equal(err.message, "item 37");
            assert_int_equal(err.status, JF_EDATA);
            for (int item = 0; item <= 37; item++) assert_true(work.ran[item]);
        }
}

/* Later items ask again, so that none is left to run while item 100 waits for its thread's turn. */
static jf_status stop_from_100(void *context, size_t item, int thread, jf_error *err)
{
    (void)thread, (void)err;
    if (item >= 100) jf_stop_request();
    ((bool *)context)[item] = true;
    return JF_OK;
}

static void a_stop_ends_the_loop_early(void **state)
{
    bool ran[ITEMS] = {0};
    jf_error err = {0};
    (void)state;
    assert_int_equal(jf_parallel(ITEMS, 2, stop_from_100, ran, &err), JF_EINTERRUPTED);
    assert_false(ran[ITEMS - 1]);
    jf_stop_clear();
    check_ok(jf_parallel(1, 1, stop_from_100, ran, &err), &err);
}

static jf_status check_thread(void *context, size_t item, int thread, jf_error *err)
{
    (void)context, (void)item;
    return thread >= 0 && thread < 3 ? JF_OK : jf_fail(err, JF_ELIMIT, "thread %d", thread);
}

static jf_status loop_inside(void *context, size_t item, int thread, jf_error *err)
{
    double drawn[4];
    (void)item, (void)thread;
    jf_status status = jf_parallel(4, 0, draw, drawn, err);
    ((double *)context)[item] = drawn[3];
    return status;
}

static void threads_are_numbered_below_their_count(void **state)
{
    jf_error err = {0};
    (void)state;
    check_ok(jf_parallel(ITEMS, 3, check_thread, NULL, &err), &err);
    check_ok(jf_parallel(0, 3, check_thread, NULL, &err), &err);
    assert_true(jf_threads_available() >= 1);
}

static void loops_nest(void **state)
{
    double found[8], wanted[4];
    jf_error err = {0};
    (void)state;
    check_ok(jf_parallel(8, 2, loop_inside, found, &err), &err);
    check_ok(jf_parallel(4, 1, draw, wanted, &err), &err);
    for (int i = 0; i < 8; i++) check_close(found[i], wanted[3], 0, "item %d", i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_threads_gives_the_same_bytes),
        cmocka_unit_test(the_first_failing_item_gives_the_error),
        cmocka_unit_test(a_stop_ends_the_loop_early),
        cmocka_unit_test(threads_are_numbered_below_their_count),
        cmocka_unit_test(loops_nest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
