/* Any bytes as a CSV file: an error with a message, or a sound table that is the same after writing and
 * reading. */
#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "data/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_column(const jf_column *column, size_t n_rows)
{
    assert(!column->values != !column->codes);
    for (size_t i = 0; column->codes && i < n_rows; i++)
        assert(column->codes[i] >= -1 && column->codes[i] < (int32_t)column->n_levels);
    for (size_t i = 1; i < column->n_levels; i++)
        assert(strcmp(column->levels[i - 1], column->levels[i]) != 0);
}

static void check_table(const jf_table *table, const jf_ledger *ledger)
{
    assert(table->n_rows > 0 && ledger->rows_read == ledger->rows_kept + ledger->rows_rejected);
    assert(ledger->rows_kept == table->n_rows);
    for (size_t i = 1; i < table->n_rows; i++) assert(jf_table_line(table, i) > jf_table_line(table, i - 1));
    for (size_t i = 0; i < table->n_columns; i++) check_column(&table->columns[i], table->n_rows);
}

static void check_same(const jf_table *a, const jf_table *b)
{
    assert(a->n_rows == b->n_rows && a->n_columns == b->n_columns);
    for (size_t c = 0; c < a->n_columns; c++) {
        const jf_column *x = &a->columns[c], *y = &b->columns[c];
        for (size_t i = 0; x->values && y->values && i < a->n_rows; i++)
            assert(x->values[i] == y->values[i] || (isnan(x->values[i]) && isnan(y->values[i])));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int file = memfd_create("runs.csv", 0);
    char path[64];
    jf_ledger ledger = {0};
    jf_warnings warnings = {0};
    jf_table *table = NULL, *again = NULL;
    jf_error err = {0};

    assert(file >= 0 && write(file, data, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    if (jf_csv_read(path, NULL, &ledger, &warnings, &table, &err) == JF_OK) {
        jf_text text = {0};
        check_table(table, &ledger);
        jf_csv_add_header(&text, table);
        for (size_t i = 0; i < table->n_rows; i++) jf_csv_add_row(&text, table, i);
        assert(!text.failed && ftruncate(file, 0) == 0 &&
               pwrite(file, text.data, text.length, 0) == (ssize_t)text.length);
        assert(jf_csv_read(path, NULL, NULL, NULL, &again, &err) == JF_OK);
        check_same(table, again);
        jf_text_free(&text);
    } else {
        assert(!table && err.message[0]);
    }
    jf_table_free(table);
    jf_table_free(again);
    jf_ledger_free(&ledger);
    jf_warnings_free(&warnings);
    close(file);
    return 0;
}
