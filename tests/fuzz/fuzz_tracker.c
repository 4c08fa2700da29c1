/* Any bytes as a tracker file: an error with a message, or runs whose totals balance and which make a table.
 */
#include <assert.h>
#include <fcntl.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "data/trackers/tracker.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_as(const char *path, const char *format)
{
    jf_ledger ledger = {0};
    jf_warnings warnings = {0};
    const jf_window windows[] = {{1786788000, 1786788060}, {1e3, 2e9}};
    jf_import import = {.ledger = &ledger, .warnings = &warnings, .trace = {.start_s = NAN, .end_s = NAN}};
    jf_table *table = NULL;
    jf_error err = {0};

    for (size_t n_windows = 0; n_windows <= 2; n_windows += 2) {
        import.windows = windows;
        import.n_windows = n_windows;
        if (jf_import_read(&import, path, format, &err) == JF_OK) {
            assert(ledger.rows_read == ledger.rows_kept + ledger.rows_merged + ledger.rows_rejected);
            if (jf_import_flag(&import, &err) == JF_OK && jf_import_table(&import, &table, &err) == JF_OK)
                assert(table->n_rows == import.n);
            else
                assert(err.message[0]);
        } else {
            assert(err.message[0]);
        }
        jf_table_free(table);
        table = NULL;
        jf_import_free(&import);
        jf_ledger_free(&ledger);
    }
    jf_warnings_free(&warnings);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int file = memfd_create("tracker", MFD_CLOEXEC);
    char path[64];

    assert(file >= 0 && write(file, data, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    read_as(path, NULL);
    /* the first byte chooses a format, so that each reader meets bytes that are not for it */
    if (size) {
        size_t n = 0;
        while (jf_trackers[n]) n++;
        read_as(path, jf_trackers[data[0] % n]->name);
    }
    close(file);
    return 0;
}
