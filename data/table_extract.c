/* Part of a table as a table of its own. */
#include <string.h>
#include "core/memory.h"
#include "data/table.h"

jf_status jf_table_extract(const jf_table *table, const char *const *names, size_t n_names,
                           const size_t *rows, size_t n_rows, jf_table **out, jf_error *err)
{
    jf_status status = JF_OK;
    jf_table *made = NULL;
    jf_column column = {0};

    *out = NULL;
    JF_TRY(jf_table_new(n_rows, &made, err));
    made->file = jf_copy_text(table->file);
    JF_TRY_NEW(made->file || !table->file, err, "a table");
    memcpy(made->sha256, table->sha256, sizeof made->sha256);
    made->rows_read = table->rows_read;
    JF_TRY_NEW(jf_lines_gather(&made->lines, &table->lines, rows, n_rows) ? made : NULL, err, "a table");
    for (size_t i = 0; i < n_names; i++) {
        const jf_column *from = jf_table_find(table, names[i]);
        if (!from || jf_table_find(made, names[i])) continue;
        JF_TRY(jf_column_gather(from, rows, n_rows, &column, err));
        JF_TRY(jf_table_add(made, &column, false, err));
    }
    *out = made;
    made = NULL;
done:
    jf_column_clear(&column);
    jf_table_free(made);
    return status;
}
