/* Checkpoints: what was kept is found again, whatever happened to the file meanwhile. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "core/checkpoint.h"
#include "core/parallel.h"
#include "tests/check.h"

enum { PIECES = 300, SIZE = 24 };

static double clock_s; /* a clock that a test moves */
static double now(void)
{
    return clock_s;
}

static char folder[64], path[96];

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/joulefit-checkpoint-XXXXXX");
    if (!mkdtemp(folder)) return -1;
    snprintf(path, sizeof path, "%s/out.json.partial", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static void fill(unsigned char *bytes, size_t index)
{
    for (size_t i = 0; i < SIZE; i++) bytes[i] = (unsigned char)(index * 31 + i);
}

static jf_checkpoint *open_it(const char *key)
{
    jf_checkpoint *checkpoint;
    jf_error err = {0};

    check_ok(jf_checkpoint_open(path, key, now, &checkpoint, &err), &err);
    return checkpoint;
}

static void put(jf_checkpoint *checkpoint, const char *part, size_t from, size_t to)
{
    unsigned char bytes[SIZE];

    for (size_t i = from; i < to; i++) {
        fill(bytes, i);
        jf_checkpoint_put(checkpoint, part, i, bytes, SIZE);
    }
}

/* How many of the pieces are there; each that is must be right. */
static size_t count(jf_checkpoint *checkpoint, const char *part)
{
    unsigned char bytes[SIZE], wanted[SIZE];
    size_t n = 0;

    for (size_t i = 0; i < PIECES; i++) {
        if (!jf_checkpoint_get(checkpoint, part, i, bytes, SIZE)) continue;
        fill(wanted, i);
        assert_memory_equal(bytes, wanted, SIZE);
        n++;
    }
    return n;
}

static bool exists(void)
{
    return access(path, F_OK) == 0;
}

static void pieces_of_a_stopped_job_are_found_again(void **state)
{
    jf_checkpoint *checkpoint = open_it("job");

    (void)state;
    put(checkpoint, "pairs", 0, 200);
    put(checkpoint, "wild", 0, 10);
    jf_checkpoint_close(checkpoint, false);
    checkpoint = open_it("job");
    assert_int_equal(jf_checkpoint_n_found(checkpoint), 210);
    assert_int_equal(count(checkpoint, "pairs"), 200);
    assert_int_equal(count(checkpoint, "wild"), 10);
    assert_int_equal(count(checkpoint, "other"), 0);
    put(checkpoint, "pairs", 200, PIECES);
    jf_checkpoint_close(checkpoint, false);
    checkpoint = open_it("job");
    assert_int_equal(count(checkpoint, "pairs"), PIECES);
    jf_checkpoint_close(checkpoint, true);
    assert_false(exists());
}

static void a_job_without_pieces_leaves_no_file(void **state)
{
    jf_checkpoint *checkpoint = open_it("job");

    (void)state;
    assert_true(exists());
    jf_checkpoint_close(checkpoint, false);
    assert_false(exists());
}

static void the_file_of_another_job_is_begun_anew(void **state)
{
    jf_checkpoint *checkpoint = open_it("one job");

    (void)state;
    put(checkpoint, "pairs", 0, 50);
    jf_checkpoint_close(checkpoint, false);
    checkpoint = open_it("two jobs");
    assert_int_equal(jf_checkpoint_n_found(checkpoint), 0);
    put(checkpoint, "pairs", 0, 5);
    jf_checkpoint_close(checkpoint, false);
    checkpoint = open_it("two jobs");
    assert_int_equal(jf_checkpoint_n_found(checkpoint), 5);
    jf_checkpoint_close(checkpoint, true);
}

/* Cut at every byte, or with every tenth byte changed: what is found is right, and the file goes on. */
static void a_damaged_file_gives_only_whole_pieces(void **state)
{
    jf_checkpoint *checkpoint = open_it("job");
    unsigned char whole[4096];
    size_t length;
    FILE *file;

    (void)state;
    put(checkpoint, "pairs", 0, 20);
    jf_checkpoint_close(checkpoint, false);
    file = fopen(path, "rb");
    length = fread(whole, 1, sizeof whole, file);
    fclose(file);
    assert_true(length > 20 * SIZE && length < sizeof whole);
    for (size_t cut = strlen("joulefit checkpoint 1\n"); cut <= length; cut++) {
        unsigned char damaged[sizeof whole];
        size_t n;
        memcpy(damaged, whole, length);
        if (cut % 2) damaged[cut] ^= 0x40;
        file = fopen(path, "wb");
        fwrite(damaged, 1, cut % 2 ? length : cut, file);
        fclose(file);
        checkpoint = open_it("job");
        n = count(checkpoint, "pairs");
        assert_int_equal(n, jf_checkpoint_n_found(checkpoint));
        put(checkpoint, "pairs", n, n + 1);
        jf_checkpoint_close(checkpoint, false);
        checkpoint = open_it("job");
        assert_int_equal(count(checkpoint, "pairs"), n + 1);
        jf_checkpoint_close(checkpoint, true);
    }
}

static void pieces_are_on_the_disk_half_a_second_later(void **state)
{
    jf_checkpoint *checkpoint = open_it("job");
    struct stat before, after;

    (void)state;
    put(checkpoint, "pairs", 0, 10);
    assert_int_equal(stat(path, &before), 0);
    clock_s += 0.6;
    put(checkpoint, "pairs", 10, 11);
    assert_int_equal(stat(path, &after), 0);
    assert_true(after.st_size >= before.st_size + 11 * SIZE);
    jf_checkpoint_close(checkpoint, true);
}

static void a_file_in_use_or_of_another_kind_is_left_alone(void **state)
{
    jf_checkpoint *checkpoint = open_it("job"), *second;
    jf_error err = {0};
    FILE *file;

    (void)state;
    put(checkpoint, "pairs", 0, 1);
    assert_int_equal(jf_checkpoint_open(path, "job", now, &second, &err), JF_EOUTPUT);
    assert_null(second);
    assert_non_null(strstr(err.message, "another joulefit works on the same output"));
    jf_checkpoint_close(checkpoint, false);
    assert_true(exists());
    file = fopen(path, "wb");
    fputs("my diary, nothing else", file);
    fclose(file);
    assert_int_equal(jf_checkpoint_open(path, "job", now, &second, &err), JF_EOUTPUT);
    assert_non_null(strstr(err.message, "is no checkpoint"));
    assert_true(exists());
}

static void a_full_disk_ends_the_keeping_and_not_the_job(void **state)
{
    jf_error err = {0};
    jf_checkpoint *checkpoint;

    (void)state;
    assert_int_equal(jf_checkpoint_open("/dev/full", "job", now, &checkpoint, &err), JF_EOUTPUT);
    assert_null(checkpoint);
    jf_checkpoint_put(checkpoint, "pairs", 0, "x", 1);
    assert_false(jf_checkpoint_get(checkpoint, "pairs", 0, &err, 1));
    jf_checkpoint_close(checkpoint, true);
}

static jf_status put_one(void *checkpoint, size_t item, int thread, jf_error *err)
{
    (void)thread, (void)err;
    put(checkpoint, "pairs", item, item + 1);
    return JF_OK;
}

static void threads_may_keep_at_the_same_time(void **state)
{
    jf_checkpoint *checkpoint = open_it("job");
    jf_error err = {0};

    (void)state;
    check_ok(jf_parallel(PIECES, 8, put_one, checkpoint, &err), &err);
    jf_checkpoint_close(checkpoint, false);
    checkpoint = open_it("job");
    assert_int_equal(count(checkpoint, "pairs"), PIECES);
    jf_checkpoint_close(checkpoint, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(pieces_of_a_stopped_job_are_found_again, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(a_job_without_pieces_leaves_no_file, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(the_file_of_another_job_is_begun_anew, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(a_damaged_file_gives_only_whole_pieces, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(pieces_are_on_the_disk_half_a_second_later, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(a_file_in_use_or_of_another_kind_is_left_alone, make_folder,
                                        remove_folder),
        cmocka_unit_test(a_full_disk_ends_the_keeping_and_not_the_job),
        cmocka_unit_test_setup_teardown(threads_may_keep_at_the_same_time, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
