/* Every allocation is made to fail in turn while tracker files are read: each failure is reported and freed.
 */
#include "tests/check.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "data/csv.h"
#include "data/trackers/join.h"
#include "tests/refuse.h"

static jf_status read_file(const char *path, jf_error *err)
{
    jf_ledger ledger = {0};
    jf_warnings warnings = {0};
    jf_import import = {.ledger = &ledger, .warnings = &warnings, .trace = {.start_s = NAN, .end_s = NAN}};
    jf_table *table = NULL;
    jf_status status = jf_import_read(&import, path, NULL, err);

    if (status == JF_OK) status = jf_import_flag(&import, err);
    if (status == JF_OK) status = jf_import_table(&import, &table, err);
    jf_table_free(table);
    jf_import_free(&import);
    jf_ledger_free(&ledger);
    jf_warnings_free(&warnings);
    return status;
}

static jf_status join_files(const char *folder, jf_error *err)
{
    jf_ledger ledger = {0};
    jf_warnings warnings = {0};
    jf_import import = {.ledger = &ledger, .warnings = &warnings, .trace = {.start_s = NAN, .end_s = NAN}};
    jf_join_options options = {.unmatched = JF_UNMATCHED_KEEP, .many = true};
    jf_join_problems problems = {0};
    jf_table *runs = NULL, *table = NULL;
    jf_window *windows = NULL;
    jf_status status = JF_OK;
    char path[4400];

    snprintf(path, sizeof path, "%s/simulated_runs.csv", folder);
    JF_TRY(jf_csv_read(path, NULL, &ledger, &warnings, &runs, err));
    JF_TRY(jf_join_windows(runs, "start", "end", &windows, err));
    import.windows = windows;
    import.n_windows = runs->n_rows;
    snprintf(path, sizeof path, "%s/simulated_gpu_power.csv", folder);
    JF_TRY(jf_import_read(&import, path, NULL, err));
    JF_TRY(jf_join_runs(runs, &import, &options, &problems, &table, err));
done:
    jf_table_free(table);
    jf_table_free(runs);
    jf_free(windows);
    jf_join_problems_free(&problems);
    jf_import_free(&import);
    jf_ledger_free(&ledger);
    jf_warnings_free(&warnings);
    return status;
}

/* Runs `work` with its first, then a later allocation failing, each `stride` further than the last. */
static void check_faults(jf_status (*work)(const char *path, jf_error *err), const char *path, long stride)
{
    for (long n = 0;; n += n < 200 ? 1 : stride) {
        refusal c = {.at = n, .all_the_rest = true};
        jf_error err = {0};
        jf_status status;

        jf_memory_hook(refuse, &c);
        status = work(path, &err);
        jf_memory_hook(NULL, NULL);
        if (!was_refused(&c)) {
            check_ok(status, &err);
            assert_true(n > 5);
            return;
        }
        if (status == JF_OK) continue; /* what was refused was a warning */
        if (status != JF_ENOMEM)
            fail_msg("%s, allocation %ld: status %d, '%s'", path, n, (int)status, err.message);
        assert_true(err.message[0] != '\0');
    }
}

static bool is_input(const char *name)
{
    return name[0] != '.' && strcmp(name, "expected.csv") != 0 && strcmp(name, "ledger.csv") != 0;
}

static void every_tracker_file_survives_failing_memory(void **state)
{
    (void)state;
    char root[2048], folder[2400], path[4400];
    struct dirent **cases;
    int n, n_read = 0;

    snprintf(root, sizeof root, "%s", check_source("tests/data/trackers"));
    n = scandir(root, &cases, NULL, alphasort);
    assert_true(n > 0);
    for (int i = 0; i < n; i++) {
        struct dirent *entry;
        DIR *files;
        snprintf(folder, sizeof folder, "%s/%s", root, cases[i]->d_name);
        files = cases[i]->d_name[0] == '.' ? NULL : opendir(folder);
        while (files && (entry = readdir(files))) {
            if (!is_input(entry->d_name)) continue;
            snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
            check_faults(read_file, path, 7);
            n_read++;
        }
        if (files) closedir(files);
        free(cases[i]);
    }
    free(cases);
    assert_true(n_read > 20);
}

static void a_join_survives_failing_memory(void **state)
{
    (void)state;
    check_faults(join_files, check_source("data/sets/examples"), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_tracker_file_survives_failing_memory),
        cmocka_unit_test(a_join_survives_failing_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
