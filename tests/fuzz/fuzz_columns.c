/* Any lines as derived columns (--let), labels and filters of a small table: an error with a message and a
 * table that still holds together, or a column and rows that agree with one another. */
#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "data/columns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { N_ROWS = 5, MOST_LINES = 8 };

static void add(jf_table *table, jf_column column)
{
    jf_status status = jf_table_add(table, &column, false, NULL);
    assert(status == JF_OK);
}

static jf_table *example(void)
{
    jf_table *table = NULL;
    jf_status status = jf_table_new(N_ROWS, &table, NULL);
    jf_column energy = {.name = jf_copy_text("energy_kWh"), .values = JF_NEW_ARRAY(double, N_ROWS)},
              gpus = {.name = jf_copy_text("gpus"), .values = JF_NEW_ARRAY(double, N_ROWS)},
              kind = {.name = jf_copy_text("kind"),
                      .kind = JF_LABEL,
                      .codes = JF_NEW_ZEROED(int32_t, N_ROWS),
                      .levels = JF_NEW_ZEROED(char *, 2),
                      .n_levels = 2};

    assert(status == JF_OK);
    for (int i = 0; i < N_ROWS; i++) {
        energy.values[i] = i == 3 ? NAN : 0.5 * i;
        gpus.values[i] = 1 << i;
        kind.codes[i] = i == 4 ? -1 : i % 2;
    }
    kind.levels[0] = jf_copy_text("TP");
    kind.levels[1] = jf_copy_text("FSDP");
    add(table, energy);
    add(table, gpus);
    add(table, kind);
    return table;
}

static void check_table(const jf_table *table)
{
    assert(table->n_rows == N_ROWS);
    for (size_t c = 0; c < table->n_columns; c++) {
        const jf_column *column = &table->columns[c];
        assert(!column->values != !column->codes && column->name);
        for (size_t i = 0; column->codes && i < N_ROWS; i++)
            assert(column->codes[i] >= -1 && column->codes[i] < (int32_t)column->n_levels);
    }
}

/* The rows that a filter keeps are those where the same expression, derived as a column, is true. */
static void check_filter(jf_table *table, const char *text)
{
    size_t *rows = NULL, n_rows = 0, next = 0;
    jf_text let = {0};
    jf_error err = {0};
    const jf_column *truth;

    if (jf_table_filter(table, text, &rows, &n_rows, &err) != JF_OK) {
        assert(!rows && err.message[0]);
        return;
    }
    for (size_t i = 0; i < n_rows; i++) assert(rows[i] < N_ROWS && (i == 0 || rows[i - 1] < rows[i]));
    jf_text_addf(&let, "filter_is_true = %s", text);
    if (jf_table_let(table, let.data, &err) == JF_OK) {
        truth = jf_table_find(table, "filter_is_true");
        for (size_t i = 0; truth->values && i < N_ROWS; i++) {
            bool kept = next < n_rows && rows[next] == i;
            assert(kept == (truth->values[i] != 0 && !isnan(truth->values[i])));
            next += kept;
        }
    }
    jf_text_free(&let);
    jf_free(rows);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = jf_copy_bytes((const char *)data, size), *rest = text, *line;
    jf_table *table = example();

    for (int n = 0; n < MOST_LINES && (line = strsep(&rest, "\n")); n++) {
        jf_error err = {0};
        jf_status status = jf_table_let(table, line, &err);
        assert(status == JF_OK || err.message[0]);
        check_table(table);
        check_filter(table, line);
        err = (jf_error){0};
        status = jf_table_label(table, line, &err);
        assert(status == JF_OK || err.message[0]);
        check_table(table);
    }
    jf_table_free(table);
    jf_free(text);
    return 0;
}
