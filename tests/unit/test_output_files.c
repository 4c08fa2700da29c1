/* Output files: they appear whole or not at all. */
#include "tests/check.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "core/output.h"

static char folder[] = "/tmp/joulefit-output-XXXXXX";
static char path[4096];

static const char *inside(const char *name)
{
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_plainly(const char *name, const char *text)
{
    FILE *file = fopen(inside(name), "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static void assert_holds(const char *name, const char *wanted)
{
    char found[256] = "";
    FILE *file = fopen(inside(name), "r");
    assert_non_null(file);
    found[fread(found, 1, sizeof found - 1, file)] = '\0';
    fclose(file);
    assert_string_equal(found, wanted);
}

static int files_in_folder(void)
{
    int n = 0;
    DIR *listing = opendir(folder);
    assert_non_null(listing);
    for (struct dirent *entry; (entry = readdir(listing));)
        n += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
    closedir(listing);
    return n;
}

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/joulefit-output-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    char command[256];
    (void)state;
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

static void a_written_file_holds_every_byte_and_nothing_is_left_beside_it(void **state)
{
    jf_error err = {0};
    struct stat info;
    mode_t mask = umask(027);
    (void)state;
    check_ok(jf_output_write(inside("new.txt"), "a\0b", 3, &err), &err);
    umask(mask);
    assert_int_equal(stat(inside("new.txt"), &info), 0);
    assert_int_equal(info.st_size, 3);
    assert_int_equal(info.st_mode & 0777, 0640);
    assert_int_equal(files_in_folder(), 1);
}

static void a_replaced_file_keeps_its_mode_and_a_link_stays_a_link(void **state)
{
    jf_error err = {0};
    struct stat info;
    char link_path[4096];
    (void)state;
    write_plainly("real.txt", "old");
    assert_int_equal(chmod(inside("real.txt"), 0604), 0);
    strcpy(link_path, inside("link.txt"));
    assert_int_equal(symlink("real.txt", link_path), 0);
    check_ok(jf_output_write(link_path, "new", 3, &err), &err);
    assert_int_equal(lstat(link_path, &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    assert_holds("real.txt", "new");
    assert_int_equal(stat(link_path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0604);
    assert_int_equal(files_in_folder(), 2);
}

static void an_output_given_up_leaves_the_old_file_untouched(void **state)
{
    jf_error err = {0};
    jf_output *output = NULL;
    (void)state;
    write_plainly("kept.txt", "old");
    check_ok(jf_output_open(inside("kept.txt"), &output, &err), &err);
    fputs("half of the ne", jf_output_stream(output));
    assert_int_equal(files_in_folder(), 2);
    assert_holds("kept.txt", "old");
    jf_output_discard(output);
    jf_output_discard(NULL);
    assert_holds("kept.txt", "old");
    assert_int_equal(files_in_folder(), 1);
}

/* A write that fails must be seen at commit: the stream is put onto a device that is always full. */
static void a_failed_write_is_reported_and_leaves_the_old_file(void **state)
{
    jf_error err = {0};
    jf_output *output = NULL;
    (void)state;
    if (access("/dev/full", W_OK) != 0) {
        print_message("SKIPPED: a_failed_write_is_reported_and_leaves_the_old_file, needs /dev/full\n");
        skip();
    }
    write_plainly("kept.txt", "old");
    check_ok(jf_output_open(inside("kept.txt"), &output, &err), &err);
    assert_non_null(freopen("/dev/full", "w", jf_output_stream(output)));
    fputs("new", jf_output_stream(output));
    assert_int_equal(jf_output_commit(output, &err), JF_EOUTPUT);
    assert_non_null(strstr(err.message, "kept.txt: cannot write: No space left on device"));
    assert_holds("kept.txt", "old");
    assert_int_equal(files_in_folder(), 1);
}

static void assert_refused(const char *where, const char *why)
{
    jf_error err = {0};
    char found[2048];
    assert_int_equal(jf_output_write(where, "x", 1, &err), JF_EOUTPUT);
    snprintf(found, sizeof found, "%s%s", where, why);
    assert_string_equal(err.message, found);
}

static void folders_devices_and_missing_folders_are_refused(void **state)
{
    (void)state;
    assert_refused(folder, ": cannot write: it is a directory");
    assert_refused("/dev/null", ": cannot write: it is no plain file (- is standard output)");
    assert_refused(inside("nowhere/x.txt"), ": cannot write: No such file or directory");
    assert_refused("", "cannot write: the file name is empty");
    assert_int_equal(files_in_folder(), 0);
}

static void a_name_of_the_greatest_length_can_be_written(void **state)
{
    char name[256];
    jf_error err = {0};
    (void)state;
    memset(name, 'n', 255);
    name[255] = '\0';
    check_ok(jf_output_write(inside(name), "x", 1, &err), &err);
    assert_int_equal(files_in_folder(), 1);
}

int main(void)
{
#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        IN_A_FOLDER(a_written_file_holds_every_byte_and_nothing_is_left_beside_it),
        IN_A_FOLDER(a_replaced_file_keeps_its_mode_and_a_link_stays_a_link),
        IN_A_FOLDER(an_output_given_up_leaves_the_old_file_untouched),
        IN_A_FOLDER(a_failed_write_is_reported_and_leaves_the_old_file),
        IN_A_FOLDER(folders_devices_and_missing_folders_are_refused),
        IN_A_FOLDER(a_name_of_the_greatest_length_can_be_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
