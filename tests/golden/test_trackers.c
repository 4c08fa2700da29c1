/* Every folder of tests/data/trackers holds a tracker file and the table and ledger that it must give.
 * With JOULEFIT_ACCEPT=1 the expected files are written anew: read the difference before committing it. */
#include "tests/check.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "core/memory.h"
#include "core/text.h"
#include "data/csv.h"
#include "data/trackers/tracker.h"

static char *contents(const char *path)
{
    jf_text text = {0};
    char block[4096];
    size_t n;
    FILE *file = fopen(path, "rb");

    if (!file) return NULL;
    while ((n = fread(block, 1, sizeof block, file)) > 0) jf_text_add_bytes(&text, block, n);
    fclose(file);
    return jf_text_take(&text);
}

/* Compares what was written with what is expected, and says which case differs and where. */
static int compare(const char *folder, const char *found_path, const char *wanted_path)
{
    char *found = contents(found_path), *wanted = contents(wanted_path);
    int differs = !found || !wanted || strcmp(found, wanted) != 0;

    if (differs)
        fprintf(stderr, "%s: %s differs\n--- found\n%s--- expected\n%s", folder, wanted_path,
                found ? found : "", wanted ? wanted : "(no such file)\n");
    jf_free(found);
    jf_free(wanted);
    unlink(found_path);
    return differs;
}

static bool is_input(const char *name)
{
    return name[0] != '.' && strcmp(name, "expected.csv") != 0 && strcmp(name, "ledger.csv") != 0;
}

/* The tracker file of the folder we stand in. */
static void find_input(char *name, size_t size)
{
    DIR *folder = opendir(".");
    struct dirent *entry;

    name[0] = '\0';
    while ((entry = readdir(folder)))
        if (is_input(entry->d_name)) snprintf(name, size, "%s", entry->d_name);
    closedir(folder);
}

/* Says which formats take the file for theirs; it should be one, so that their order does not matter. */
static int count_formats(const char *folder, const char *input)
{
    char head[8192];
    FILE *file = fopen(input, "rb");
    size_t length = file ? fread(head, 1, sizeof head - 1, file) : 0;
    int n = 0;

    head[length] = '\0';
    if (file) fclose(file);
    for (size_t i = 0; jf_trackers[i]; i++) n += jf_trackers[i]->recognise(head, input);
    if (n != 1) fprintf(stderr, "%s: %d formats take the file for theirs\n", folder, n);
    return n != 1;
}

static void mark_covered(bool *covered, const jf_import *import)
{
    for (size_t i = 0; jf_trackers[i]; i++)
        if (import->n && strcmp(jf_trackers[i]->name, import->trackers[0]) == 0) covered[i] = true;
}

static int run_case(const char *folder, bool *covered)
{
    jf_ledger ledger = {0};
    jf_warnings warnings = {0};
    jf_import import = {.ledger = &ledger, .warnings = &warnings, .trace = {.start_s = NAN, .end_s = NAN}};
    jf_table *table = NULL;
    jf_error err = {0};
    char input[300], table_path[64], ledger_path[64];
    bool accept = getenv("JOULEFIT_ACCEPT") != NULL;
    int failed = 0;

    find_input(input, sizeof input);
    failed = count_formats(folder, input);
    snprintf(table_path, sizeof table_path, accept ? "expected.csv" : "/tmp/joulefit-%d-table", getpid());
    snprintf(ledger_path, sizeof ledger_path, accept ? "ledger.csv" : "/tmp/joulefit-%d-ledger", getpid());
    check_ok(jf_import_read(&import, input, NULL, &err), &err);
    check_ok(jf_import_flag(&import, &err), &err);
    check_ok(jf_import_table(&import, &table, &err), &err);
    check_ok(jf_csv_write(table, NULL, table->n_rows, table_path, &err), &err);
    check_ok(jf_ledger_write(&ledger, ledger_path, &err), &err);
    mark_covered(covered, &import);
    if (ledger.rows_read != ledger.rows_kept + ledger.rows_merged + ledger.rows_rejected) {
        fprintf(stderr, "%s: %zu rows read, %zu kept, %zu merged, %zu rejected\n", folder, ledger.rows_read,
                ledger.rows_kept, ledger.rows_merged, ledger.rows_rejected);
        failed = 1;
    }
    if (!accept)
        failed |= compare(folder, table_path, "expected.csv") | compare(folder, ledger_path, "ledger.csv");
    jf_table_free(table);
    jf_import_free(&import);
    jf_ledger_free(&ledger);
    jf_warnings_free(&warnings);
    return failed;
}

static void every_tracker_file_gives_its_table_and_its_ledger(void **state)
{
    (void)state;
    const char *root = check_source("tests/data/trackers");
    char path[4400];
    struct dirent **folders;
    int n = scandir(root, &folders, NULL, alphasort), cases = 0, failed = 0;
    bool covered[64] = {false};

    assert_true(n > 0);
    for (int i = 0; i < n; i++) {
        snprintf(path, sizeof path, "%s/%s", root, folders[i]->d_name);
        if (folders[i]->d_name[0] != '.' && chdir(path) == 0) {
            failed += run_case(folders[i]->d_name, covered);
            cases++;
        }
        free(folders[i]);
    }
    free(folders);
    printf("%d tracker files\n", cases);
    for (size_t i = 0; jf_trackers[i]; i++)
        if (!covered[i]) failed += fprintf(stderr, "no case of format %s\n", jf_trackers[i]->name);
    assert_int_equal(failed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_tracker_file_gives_its_table_and_its_ledger),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
