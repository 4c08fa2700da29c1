/* Label columns from texts. */
#include <stdlib.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "data/dictionary.h"
#include "data/table.h"

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

jf_status jf_table_add_texts(jf_table *table, const char *name, const char *const *texts, jf_error *err)
{
    jf_status status = JF_OK;
    jf_column column = {.kind = JF_LABEL};
    jf_dictionary seen = {0};
    int32_t *place = NULL; /* seen.n: where the sorted levels have each text */

    column.name = jf_copy_text(name);
    column.codes = JF_NEW_ARRAY(int32_t, table->n_rows);
    JF_TRY_NEW(column.name, err, name);
    JF_TRY_NEW(column.codes, err, name);
    for (size_t i = 0; i < table->n_rows; i++) {
        column.codes[i] = -1;
        if (texts[i] && !jf_dictionary_code(&seen, texts[i], strlen(texts[i]), &column.codes[i]))
            JF_TRY(jf_fail(err, JF_ENOMEM, "out of memory for %s", name));
    }
    column.levels = JF_NEW_ZEROED(char *, seen.n);
    place = JF_NEW_ARRAY(int32_t, seen.n);
    JF_TRY_NEW(column.levels && place ? place : NULL, err, name);
    column.n_levels = seen.n;
    for (size_t l = 0; l < seen.n; l++) {
        column.levels[l] = jf_copy_text(jf_dictionary_text(&seen, l));
        JF_TRY_NEW(column.levels[l], err, name);
    }
    qsort(column.levels, column.n_levels, sizeof *column.levels, by_bytes);
    for (size_t l = 0; l < seen.n; l++) {
        const char *text = jf_dictionary_text(&seen, l);
        char **at = bsearch(&text, column.levels, column.n_levels, sizeof *column.levels, by_bytes);

        place[l] = (int32_t)(at - column.levels);
    }
    for (size_t i = 0; i < table->n_rows; i++)
        if (column.codes[i] >= 0) column.codes[i] = place[column.codes[i]];
    JF_TRY(jf_table_add(table, &column, false, err));
done:
    jf_free(place);
    jf_dictionary_free(&seen);
    jf_column_clear(&column);
    return status;
}
