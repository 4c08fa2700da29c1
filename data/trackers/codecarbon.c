/* CodeCarbon's emissions.csv, all its column histories: energies in kWh, PUE already inside, snapshots of one
 * run merged. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "data/rows.h"
#include "data/trackers/formats.h"
#include "data/trackers/header.h"

static const double J_per_kWh = 3.6e6;

typedef struct reader {
    const char *path;
    jf_header header;
    jf_import *import;
    size_t first; /* records of this file begin here */
    jf_error *err;
} reader;

static bool recognise(const char *head, const char *path)
{
    (void)path;
    return strstr(head, "duration") && strstr(head, "emissions") && strstr(head, "energy_consumed") &&
           strstr(head, "country_iso_code");
}

static jf_status note(reader *in, jf_ledger_action action, size_t line, const char *column, const char *what,
                      const char *why)
{
    return jf_ledger_add(in->import->ledger, action, in->path, line, column, what, why, in->err);
}

static jf_status reject(reader *in, const jf_row *row, const char *what, const char *why)
{
    in->import->ledger->rows_rejected++;
    return note(in, JF_REJECTED, row->line, NULL, what, why);
}

/* Rows of one run (and task) are snapshots that grow: the record of the same key before the last, or NULL. */
static jf_measured *same_run(const reader *in, const char *run_id)
{
    for (size_t i = in->import->n - 1; run_id && *run_id && i > in->first; i--) {
        jf_measured *run = &in->import->items[i - 1];
        if (run->run_id && strcmp(run->run_id, run_id) == 0) return run;
    }
    return NULL;
}

/* "2 x NVIDIA A100-SXM4-40GB" -> 2 and the name. */
static const char *split_model(const char *model, double *count)
{
    char *rest;
    long n = strtol(model, &rest, 10);

    if (n < 1 || strncmp(rest, " x ", 3) != 0) return model;
    if (isnan(*count)) *count = (double)n;
    return rest + 3;
}

/* The row's numbers; *bad when a text stands where a number should. */
static void read_numbers(const reader *in, const jf_row *row, jf_measured *run, bool *bad)
{
    const jf_header *header = &in->header;

    run->line = row->line;
    run->duration_s = jf_header_number(header, row, "duration", bad);
    /* the stamp is written at the end */
    run->start_s = jf_time_read(jf_header_text(header, row, "timestamp")) - run->duration_s;
    run->gpus = jf_header_number(header, row, "gpu_count", bad);
    run->gpu_energy_J = J_per_kWh * jf_header_number(header, row, "gpu_energy", bad);
    run->cpu_energy_J = J_per_kWh * jf_header_number(header, row, "cpu_energy", bad);
    run->ram_energy_J = J_per_kWh * jf_header_number(header, row, "ram_energy", bad);
    run->total_energy_J = J_per_kWh * jf_header_number(header, row, "energy_consumed", bad);
}

/* Model, scope and names; an untracked GPU is written as zero energy with no model and no count: missing, not
 * zero. */
static jf_status read_texts(reader *in, const jf_row *row, const char *run_id, jf_measured *run)
{
    jf_status status = JF_OK;
    const char *model = split_model(jf_header_text(&in->header, row, "gpu_model"), &run->gpus);
    bool untracked = run->gpu_energy_J == 0 && !*model && !(run->gpus > 0);

    if (untracked) {
        run->gpu_energy_J = NAN;
        JF_TRY(note(in, JF_REPAIRED, row->line, "gpu_energy", "0 with no GPU model and no GPU count",
                    "the GPU was not tracked: taken as missing"));
    }
    run->gpu = *model ? jf_copy_text(model) : NULL;
    run->run_id = *run_id ? jf_copy_text(run_id) : NULL;
    run->project = jf_copy_text(jf_header_text(&in->header, row, "project_name"));
    run->scope = jf_copy_text(untracked ? "cpu+ram" : "gpu+cpu+ram");
    if ((*model && !run->gpu) || (*run_id && !run->run_id) || !run->project || !run->scope)
        status = jf_fail(in->err, JF_ENOMEM, "out of memory for %s", in->path);
done:
    return status;
}

/* Energies and duration of a run only grow, so the longest snapshot is the run. */
static jf_status merge(reader *in, jf_measured *old)
{
    jf_measured *fresh = &in->import->items[in->import->n - 1];
    size_t dropped = fresh->line;

    if (fresh->duration_s >= old->duration_s) {
        jf_measured longer = *fresh;
        dropped = old->line;
        *fresh = *old;
        *old = longer;
    }
    in->import->ledger->rows_merged++;
    jf_import_drop_last(in->import);
    return note(in, JF_MERGED, dropped, NULL, old->run_id, "snapshots of one run grow: the longest is kept");
}

static jf_status read_row(reader *in, const jf_row *row)
{
    jf_status status = JF_OK;
    const char *task = jf_header_text(&in->header, row, "task_name");
    jf_measured *run, *old;
    bool bad = false;
    char run_id[512];

    snprintf(run_id, sizeof run_id, "%s%s%s", jf_header_text(&in->header, row, "run_id"), *task ? "/" : "",
             task);
    run = jf_import_add(in->import, row->line);
    JF_TRY_NEW(run, in->err, in->path);
    read_numbers(in, row, run, &bad);
    if (bad) {
        jf_import_drop_last(in->import);
        return reject(in, row, "a text where a number should be", "the row is shifted or broken");
    }
    JF_TRY(read_texts(in, row, run_id, run));
    old = same_run(in, run_id);
    if (old) return merge(in, old);
    in->import->ledger->rows_kept++;
done:
    return status;
}

static jf_status read_any(reader *in, const jf_row *row)
{
    char what[80];

    if (row->problem) {
        in->import->ledger->rows_read++;
        return reject(in, row, row->problem, "the row cannot be read");
    }
    if (jf_header_repeats(&in->header, row) ||
        strcmp(row->bytes + row->starts[0], in->header.names[0]) == 0) {
        jf_status status = jf_header_read(&in->header, row, in->err);
        if (status != JF_OK) return status;
        return note(in, JF_REPAIRED, row->line, NULL, "a header inside the file",
                    "files were joined: its columns hold from here");
    }
    in->import->ledger->rows_read++;
    if (row->n_fields == in->header.n) return read_row(in, row);
    snprintf(what, sizeof what, "%zu fields, the header has %zu", row->n_fields, in->header.n);
    return reject(in, row, what, "fields were dropped when the row was written: which ones cannot be told");
}

static jf_status read(const char *path, jf_import *into, jf_error *err)
{
    jf_status status = JF_OK;
    reader in = {.path = path, .import = into, .first = into->n, .err = err};
    jf_rows *rows = NULL;
    jf_row row;
    bool more = false;

    JF_TRY(jf_rows_open(path, ',', 0, &rows, err));
    JF_TRY(jf_rows_next(rows, &row, &more, err));
    if (!more || row.problem)
        JF_TRY(jf_fail(err, JF_EDATA, "%s:1: expected CodeCarbon's column names", path));
    JF_TRY(jf_header_read(&in.header, &row, err));
    for (;;) {
        JF_TRY(jf_rows_next(rows, &row, &more, err));
        if (!more) break;
        JF_TRY(read_any(&in, &row));
    }
done:
    jf_header_free(&in.header);
    jf_rows_close(rows);
    return status;
}

const jf_tracker jf_tracker_codecarbon = {"codecarbon", "CodeCarbon emissions.csv, versions 0.0.9 to 3.3",
                                          recognise, read};
