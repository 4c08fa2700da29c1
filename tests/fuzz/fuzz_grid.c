/* Any bytes as the value of --grid: an error with a message, or a table of at most a million rows
 * without gaps. */
#include <assert.h>
#include <math.h>
#include <stdint.h>
#include "cli/grid.h"
#include "core/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_table(const jf_table *table)
{
    assert(table->n_rows > 0 && table->n_rows <= 1000000 && table->n_columns > 0);
    for (size_t c = 0; c < table->n_columns; c++) {
        const jf_column *column = &table->columns[c];
        for (size_t i = 0; i < table->n_rows; i++) {
            if (column->codes)
                assert(column->codes[i] >= 0 && column->codes[i] < (int32_t)column->n_levels);
            else
                assert(isfinite(column->values[i]));
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = jf_copy_bytes((const char *)data, size);
    jf_table *table = NULL;
    jf_error err = {0};

    if (jf_grid_read(text, &table, &err) == JF_OK)
        check_table(table);
    else
        assert(!table && err.message[0]);
    jf_table_free(table);
    jf_free(text);
    return 0;
}
