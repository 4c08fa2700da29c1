/* Runs read from tracker files, gathered and made into a table. */
#include "data/trackers/formats.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/memory.h"
#include "core/no_text.h"
#include "core/text.h"
#include "data/dictionary.h"
#include "data/source.h"
#include "data/unit.h"

/* One column of the table: where it stands in a record. */
typedef struct run_field {
    const char *name, *unit;
    bool is_text;
    size_t offset;
    jf_known known;
} run_field;

#define TEXT(name, member)                                                                                   \
    {                                                                                                        \
        name, "", true, offsetof(jf_measured, member), JF_PRE_RUN                                            \
    }
#define NUMBER(name, unit, member, when)                                                                     \
    {                                                                                                        \
        name, unit, false, offsetof(jf_measured, member), when                                               \
    }

static const run_field fields[] = {
    TEXT("run_id", run_id),
    TEXT("project", project),
    TEXT("window", window),
    TEXT("gpu", gpu),
    NUMBER("gpus", "", gpus, JF_PRE_RUN),
    NUMBER("start_s", "s", start_s, JF_POST_RUN),
    NUMBER("duration_s", "s", duration_s, JF_POST_RUN),
    NUMBER("gpu_energy_J", "J", gpu_energy_J, JF_POST_RUN),
    NUMBER("cpu_energy_J", "J", cpu_energy_J, JF_POST_RUN),
    NUMBER("ram_energy_J", "J", ram_energy_J, JF_POST_RUN),
    NUMBER("total_energy_J", "J", total_energy_J, JF_POST_RUN),
    TEXT("scope", scope),
    NUMBER("samples", "", samples, JF_POST_RUN),
    NUMBER("gap_share", "", gap_share, JF_POST_RUN),
    NUMBER("mean_power_W", "W", mean_power_W, JF_POST_RUN),
    NUMBER("power_limit_W", "W", power_limit_W, JF_PRE_RUN),
    NUMBER("total_flos", "FLOP", flos, JF_POST_RUN),
    NUMBER("steps", "", steps, JF_PRE_RUN),
    NUMBER("epochs", "", epochs, JF_PRE_RUN),
    NUMBER("train_loss", "", loss, JF_POST_RUN),
};
enum { N_FIELDS = sizeof fields / sizeof *fields };

static char *const *text_of(const jf_measured *run, const run_field *field)
{
    return (char *const *)((const char *)run + field->offset);
}

static double number_of(const jf_measured *run, const run_field *field)
{
    return *(const double *)((const char *)run + field->offset);
}

jf_measured *jf_import_add(jf_import *import, size_t line)
{
    jf_measured *run;

    if (!jf_grow((void **)&import->items, &import->capacity, import->n + 1, sizeof *import->items))
        return NULL;
    if (!jf_grow((void **)&import->files, &import->files_capacity, import->n + 1, sizeof *import->files))
        return NULL;
    if (!jf_grow((void **)&import->trackers, &import->trackers_capacity, import->n + 1,
                 sizeof *import->trackers))
        return NULL;
    run = &import->items[import->n++];
    *run = (jf_measured){.line = line, .method = JF_BY_TOOL};
    for (size_t f = 0; f < N_FIELDS; f++)
        if (!fields[f].is_text) *(double *)((char *)run + fields[f].offset) = NAN;
    import->files[import->n - 1] = import->trackers[import->n - 1] = NULL;
    return run;
}

static void clear_run(jf_measured *run)
{
    for (size_t f = 0; f < N_FIELDS; f++)
        if (fields[f].is_text) jf_free(*text_of(run, &fields[f]));
    for (size_t i = 0; i < run->n_extras; i++) {
        jf_free(run->extras[i].name);
        jf_free(run->extras[i].value);
    }
    jf_free(run->extras);
}

jf_status jf_measured_add(jf_measured *run, const char *name, const char *value, jf_error *err)
{
    jf_extra *extra;

    if (!value || !*value || !*name) return JF_OK;
    if (!jf_grow((void **)&run->extras, &run->extras_capacity, run->n_extras + 1, sizeof *run->extras))
        return jf_fail(err, JF_ENOMEM, "out of memory for %s", name);
    extra = &run->extras[run->n_extras++];
    *extra = (jf_extra){jf_copy_text(name), jf_copy_text(value)};
    if (!extra->name || !extra->value) return jf_fail(err, JF_ENOMEM, "out of memory for %s", name);
    return JF_OK;
}

jf_status jf_measured_text(char **member, const char *text, jf_error *err)
{
    char *copy = NULL;

    if (text && *text && !(copy = jf_copy_text(text)))
        return jf_fail(err, JF_ENOMEM, "out of memory for '%s'", text);
    jf_free(*member);
    *member = copy;
    return JF_OK;
}

void jf_import_drop_last(jf_import *import)
{
    clear_run(&import->items[--import->n]);
}

jf_status jf_import_keep(jf_import *import, const size_t *records, size_t n, const char *why, jf_error *err)
{
    size_t kept = 0, n_before = import->n;

    for (size_t i = 0; i < n_before; i++) {
        if (kept == n || records[kept] != i) {
            clear_run(&import->items[i]);
            continue;
        }
        import->items[kept] = import->items[i];
        import->files[kept] = import->files[i];
        import->trackers[kept++] = import->trackers[i];
    }
    import->n = kept;
    if (kept == n_before) return JF_OK;
    import->ledger->rows_kept -= n_before - kept;
    import->ledger->rows_rejected += n_before - kept;
    return jf_ledger_add(import->ledger, JF_REJECTED, NULL, 0, NULL, why, "left out by --where", err);
}

void jf_import_free(jf_import *import)
{
    for (size_t i = 0; i < import->n; i++) clear_run(&import->items[i]);
    jf_free(import->items);
    jf_free(import->files);
    jf_free(import->trackers);
    import->items = NULL;
    import->files = import->trackers = NULL;
    import->n = import->capacity = import->files_capacity = import->trackers_capacity = 0;
}

/* ---- which format ---- */

/* Power samples without a header come last: only their numbers can tell what they are. */
const jf_tracker *const jf_trackers[] = {
    &jf_tracker_codecarbon,   &jf_tracker_nvidia_smi,    &jf_tracker_zeus,       &jf_tracker_zeus_log,
    &jf_tracker_zeus_json,    &jf_tracker_hugging_face,  &jf_tracker_dmon,       &jf_tracker_dcgm,
    &jf_tracker_dcgm_metrics, &jf_tracker_carbontracker, &jf_tracker_eco2ai,     &jf_tracker_mlperf,
    &jf_tracker_zeus_traces,  &jf_tracker_sampler,       &jf_tracker_zeus_power, NULL};

static jf_status read_head(const char *path, char *head, size_t size, size_t *n_read, jf_error *err)
{
    jf_status status = JF_OK;
    jf_source *source = NULL;
    size_t length = 0, n = 1;

    JF_TRY(jf_source_open(path, &source, err));
    while (n && length < size - 1) {
        JF_TRY(jf_source_read(source, head + length, size - 1 - length, &n, err));
        length += n;
    }
    head[length] = '\0';
    *n_read = length;
done:
    jf_source_close(source);
    return status;
}

char *jf_tracker_names(void)
{
    jf_text names = {0};

    for (size_t i = 0; jf_trackers[i]; i++) jf_text_addf(&names, "%s%s", i ? ", " : "", jf_trackers[i]->name);
    return jf_text_take(&names);
}

static jf_status no_such_format(const char *path, const char *from, jf_error *err)
{
    jf_status status;
    char *known = jf_tracker_names();

    if (from)
        status = jf_fail(err, JF_EUSAGE, "--from: no format '%s'; known are %s", from, known ? known : "");
    else
        status =
            jf_fail(err, JF_EDATA, "%s: this is no tracker file that is known (%s); --from FORMAT says which",
                    path, known ? known : "");
    jf_free(known);
    return status;
}

jf_status jf_tracker_find(const char *path, const char *from, const jf_tracker **out, jf_error *err)
{
    char head[8192];
    size_t length;

    *out = NULL;
    for (size_t i = 0; from && jf_trackers[i]; i++)
        if (strcmp(jf_trackers[i]->name, from) == 0) *out = jf_trackers[i];
    if (!from) {
        jf_status status = read_head(path, head, sizeof head, &length, err);
        if (status != JF_OK) return status;
        if (memchr(head, 0, length) && jf_no_text(head, length))
            return jf_fail(err, JF_EDATA, "%s: this is %s", path, jf_no_text(head, length));
        for (size_t i = 0; jf_trackers[i] && !*out; i++)
            if (jf_trackers[i]->recognise(head, path)) *out = jf_trackers[i];
    }
    return *out ? JF_OK : no_such_format(path, from, err);
}

jf_status jf_import_read(jf_import *import, const char *path, const char *from, jf_error *err)
{
    const jf_tracker *tracker;
    size_t first = import->n;
    jf_status status = jf_tracker_find(path, from, &tracker, err);

    if (status == JF_OK) status = tracker->read(path, import, err);
    for (size_t i = first; i < import->n; i++) {
        import->files[i] = path;
        import->trackers[i] = tracker->name;
        import->items[i].start_s += import->shift_s;
    }
    return status;
}

/* ---- the table ---- */

static bool anyone_has(const jf_import *import, const run_field *field)
{
    for (size_t i = 0; i < import->n; i++) {
        if (field->is_text ? *text_of(&import->items[i], field) != NULL
                           : !isnan(number_of(&import->items[i], field)))
            return true;
    }
    return false;
}

static jf_status add_numbers(jf_table *table, const jf_import *import, const run_field *field, jf_error *err)
{
    jf_status status = JF_OK;
    jf_column column = {.kind = JF_NUMERIC, .known = field->known};

    snprintf(column.unit, sizeof column.unit, "%s", field->unit);
    column.name = jf_copy_text(field->name);
    column.values = JF_NEW_ARRAY(double, table->n_rows);
    JF_TRY_NEW(column.name, err, field->name);
    JF_TRY_NEW(column.values, err, field->name);
    for (size_t i = 0; i < table->n_rows; i++) column.values[i] = number_of(&import->items[i], field);
    JF_TRY(jf_table_add(table, &column, false, err));
done:
    jf_column_clear(&column);
    return status;
}

/* ---- configuration values as columns ---- */

static const char *extra_of(const jf_measured *run, const char *name)
{
    for (size_t i = 0; i < run->n_extras; i++)
        if (strcmp(run->extras[i].name, name) == 0) return run->extras[i].value;
    return NULL;
}

/* Numbers where every text that is there is one, else labels. A name that a measured column bears gets the
 * tool's name for it out of the way: "file_steps". */
static jf_status add_extra(jf_table *table, const jf_import *import, const char *name, const char **texts,
                           jf_error *err)
{
    jf_status status = JF_OK;
    jf_column column = {.kind = JF_NUMERIC};
    char own[256];
    bool numeric = true;

    snprintf(own, sizeof own, "%s%s", jf_table_find(table, name) ? "file_" : "", name);
    column.values = JF_NEW_ARRAY(double, table->n_rows);
    JF_TRY_NEW(column.values, err, name);
    for (size_t i = 0; i < import->n; i++) {
        texts[i] = extra_of(&import->items[i], name);
        column.values[i] = NAN;
        if (texts[i] && !jf_number_read(texts[i], strlen(texts[i]), &column.values[i])) numeric = false;
    }
    if (jf_table_find(table, own)) goto done; /* the same again */
    if (!numeric) {
        JF_TRY(jf_table_add_texts(table, own, texts, err));
        goto done;
    }
    column.name = jf_copy_text(own);
    JF_TRY_NEW(column.name, err, name);
    JF_TRY(jf_table_add(table, &column, false, err));
done:
    jf_column_clear(&column);
    return status;
}

static jf_status add_extras(jf_table *table, const jf_import *import, const char **texts, jf_error *err)
{
    jf_status status = JF_OK;
    jf_dictionary names = {0};
    int32_t code;

    for (size_t i = 0; i < import->n; i++) {
        const jf_measured *run = &import->items[i];
        for (size_t e = 0; e < run->n_extras; e++)
            if (!jf_dictionary_code(&names, run->extras[e].name, strlen(run->extras[e].name), &code))
                JF_TRY(jf_fail(err, JF_ENOMEM, "out of memory for the columns of tracker files"));
    }
    for (size_t n = 0; n < names.n; n++)
        JF_TRY(add_extra(table, import, jf_dictionary_text(&names, n), texts, err));
done:
    jf_dictionary_free(&names);
    return status;
}

jf_status jf_import_table(const jf_import *import, jf_table **out, jf_error *err)
{
    jf_status status = JF_OK;
    const char **texts = NULL;

    *out = NULL;
    JF_TRY(jf_table_new(import->n, out, err));
    texts = (const char **)jf_alloc(import->n + 1, sizeof *texts);
    JF_TRY_NEW(texts, err, "imported runs");
    for (size_t i = 0; i < import->n; i++)
        JF_TRY_NEW(jf_lines_add(&(*out)->lines, import->items[i].line) ? *out : NULL, err, "imported runs");
    JF_TRY(jf_table_add_texts(*out, "source", import->files, err));
    JF_TRY(jf_table_add_texts(*out, "tracker", import->trackers, err));
    for (size_t f = 0; f < N_FIELDS; f++) {
        if (!anyone_has(import, &fields[f])) continue;
        if (!fields[f].is_text) {
            JF_TRY(add_numbers(*out, import, &fields[f], err));
            continue;
        }
        for (size_t i = 0; i < import->n; i++) texts[i] = *text_of(&import->items[i], &fields[f]);
        JF_TRY(jf_table_add_texts(*out, fields[f].name, texts, err));
    }
    JF_TRY(add_extras(*out, import, texts, err));
    jf_table_set_units(*out);
done:
    jf_free((void *)texts);
    if (status != JF_OK) {
        jf_table_free(*out);
        *out = NULL;
    }
    return status;
}
