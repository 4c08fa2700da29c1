/* A sampler's table with a row an epoch: energies in kWh from NVML samples, beside the run's configuration.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "data/trackers/scan.h"

static const double J_per_kWh = 3.6e6;

static bool recognise(const char *head, const char *path)
{
    (void)path;
    return jf_head_has(head, "run_id") && jf_head_has(head, "epoch") &&
           jf_head_has(head, "energy_kwh_nvml") && jf_head_has(head, "duration_s");
}

/* Columns that have a place of their own in a record. */
static bool has_place(const char *name)
{
    static const char *const names[] = {"run_id", "gpus", "energy_kwh", "energy_kwh_nvml", "duration_s"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0) return true;
    return !*name || strcmp(name, "Unnamed: 0") == 0; /* the index of a data frame */
}

static jf_status read_row(jf_scan *in, const jf_row *row)
{
    jf_status status = JF_OK;
    jf_measured *run = jf_import_add(in->import, row->line);
    bool bad = false;

    JF_TRY_NEW(run, in->err, in->path);
    run->method = JF_BY_TRACE;
    run->gpus = jf_header_number(&in->header, row, "gpus", &bad);
    run->duration_s = jf_header_number(&in->header, row, "duration_s", &bad);
    run->gpu_energy_J = J_per_kWh * jf_header_number(&in->header, row, "energy_kwh_nvml", &bad);
    run->total_energy_J = J_per_kWh * jf_header_number(&in->header, row, "energy_kwh", &bad);
    if (bad) {
        jf_import_drop_last(in->import);
        return jf_scan_reject(in, row->line, "a text where a number should be",
                              "the row is shifted or broken");
    }
    JF_TRY(jf_measured_text(&run->run_id, jf_header_text(&in->header, row, "run_id"), in->err));
    for (size_t i = 0; i < in->header.n; i++) {
        const char *name = in->header.names[i];
        if (!has_place(name))
            JF_TRY(jf_measured_add(run, name, jf_header_text(&in->header, row, name), in->err));
    }
    in->import->ledger->rows_kept++;
done:
    return status;
}

static jf_status read(const char *path, jf_import *into, jf_error *err)
{
    return jf_scan_file(path, into, read_row, err);
}

const jf_tracker jf_tracker_sampler = {
    "sampler", "a table with a row an epoch: run_id, epoch, energy_kwh, energy_kwh_nvml, duration_s, ...",
    recognise, read, .is_table = true};
