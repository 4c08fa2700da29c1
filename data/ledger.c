/* The ledger: what was repaired, merged, rejected or flagged on the way in. */
#include "data/ledger.h"

#include "core/memory.h"
#include "core/output.h"
#include "core/text.h"
#include "data/csv.h"

static void clear_entry(jf_ledger_entry *entry)
{
    jf_free(entry->file);
    jf_free(entry->column);
    jf_free(entry->what);
    jf_free(entry->why);
}

jf_status jf_ledger_add(jf_ledger *ledger, jf_ledger_action action, const char *file, size_t line,
                        const char *column, const char *what, const char *why, jf_error *err)
{
    jf_ledger_entry entry = {.action = action,
                             .file = jf_copy_text(file),
                             .line = line,
                             .column = jf_copy_text(column),
                             .what = jf_copy_text(what),
                             .why = jf_copy_text(why)};

    if (!entry.file != !file || !entry.column != !column || !entry.what != !what || !entry.why != !why ||
        !jf_grow((void **)&ledger->items, &ledger->capacity, ledger->n + 1, sizeof *ledger->items)) {
        clear_entry(&entry);
        return jf_fail(err, JF_ENOMEM, "out of memory for the ledger");
    }
    ledger->items[ledger->n++] = entry;
    return JF_OK;
}

jf_status jf_ledger_write(const jf_ledger *ledger, const char *path, jf_error *err)
{
    static const char *const actions[] = {"repaired", "merged", "rejected", "flagged"};
    jf_status status = JF_OK;
    jf_text text = {0};

    jf_text_add(&text, "action,file,line,column,what,why\n");
    for (size_t i = 0; i < ledger->n; i++) {
        const jf_ledger_entry *entry = &ledger->items[i];
        jf_text_addf(&text, "%s,", actions[entry->action]);
        jf_csv_add_cell(&text, entry->file);
        jf_text_add(&text, ",");
        if (entry->line) jf_text_addf(&text, "%zu", entry->line);
        jf_text_add(&text, ",");
        jf_csv_add_cell(&text, entry->column);
        jf_text_add(&text, ",");
        jf_csv_add_cell(&text, entry->what);
        jf_text_add(&text, ",");
        jf_csv_add_cell(&text, entry->why);
        jf_text_add(&text, "\n");
    }
    JF_TRY_NEW(!text.failed, err, "the ledger");
    JF_TRY(jf_output_write(path, text.data, text.length, err));
done:
    jf_text_free(&text);
    return status;
}

void jf_ledger_free(jf_ledger *ledger)
{
    for (size_t i = 0; i < ledger->n; i++) clear_entry(&ledger->items[i]);
    jf_free(ledger->items);
    *ledger = (jf_ledger){0};
}
