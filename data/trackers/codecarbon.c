/* CodeCarbon's emissions.csv, all its column histories: energies in kWh, PUE already inside, snapshots of one
 * run merged. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "data/trackers/scan.h"

static const double J_per_kWh = 3.6e6;

/* Every column that some version writes: a table with others besides is a researcher's own. */
static const char *const columns[] = {"task_name",
                                      "experiment_id",
                                      "timestamp",
                                      "project_name",
                                      "run_id",
                                      "duration",
                                      "emissions",
                                      "emissions_rate",
                                      "cpu_power",
                                      "gpu_power",
                                      "ram_power",
                                      "cpu_energy",
                                      "gpu_energy",
                                      "ram_energy",
                                      "energy_consumed",
                                      "water_consumed",
                                      "country_name",
                                      "country_iso_code",
                                      "region",
                                      "cloud_provider",
                                      "cloud_region",
                                      "os",
                                      "python_version",
                                      "codecarbon_version",
                                      "cpu_count",
                                      "cpu_model",
                                      "gpu_count",
                                      "gpu_model",
                                      "longitude",
                                      "latitude",
                                      "ram_total_size",
                                      "tracking_mode",
                                      "cpu_utilization_percent",
                                      "gpu_utilization_percent",
                                      "ram_utilization_percent",
                                      "ram_used_gb",
                                      "on_cloud",
                                      "pue",
                                      "wue",
                                      NULL};

static bool recognise(const char *head, const char *path)
{
    (void)path;
    return jf_head_has(head, "duration") && jf_head_has(head, "emissions") &&
           jf_head_has(head, "energy_consumed") && jf_head_has(head, "country_iso_code") &&
           jf_head_only(head, columns);
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
static void read_numbers(const jf_scan *in, const jf_row *row, jf_measured *run, bool *bad)
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
static jf_status read_texts(jf_scan *in, const jf_row *row, const char *run_id, jf_measured *run)
{
    jf_status status = JF_OK;
    const char *model = split_model(jf_header_text(&in->header, row, "gpu_model"), &run->gpus);
    bool untracked = run->gpu_energy_J == 0 && !*model && !(run->gpus > 0);

    if (untracked) {
        run->gpu_energy_J = NAN;
        JF_TRY(jf_scan_note(in, JF_REPAIRED, row->line, "gpu_energy", "0 with no GPU model and no GPU count",
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

static jf_status read_row(jf_scan *in, const jf_row *row)
{
    jf_status status = JF_OK;
    const char *task = jf_header_text(&in->header, row, "task_name");
    jf_measured *run;
    bool bad = false;
    char run_id[512];

    snprintf(run_id, sizeof run_id, "%s%s%s", jf_header_text(&in->header, row, "run_id"), *task ? "/" : "",
             task);
    run = jf_import_add(in->import, row->line);
    JF_TRY_NEW(run, in->err, in->path);
    read_numbers(in, row, run, &bad);
    if (bad) {
        jf_import_drop_last(in->import);
        return jf_scan_reject(in, row->line, "a text where a number should be",
                              "the row is shifted or broken");
    }
    JF_TRY(read_texts(in, row, run_id, run));
    status = jf_scan_merge_snapshot(in);
done:
    return status;
}

static jf_status read(const char *path, jf_import *into, jf_error *err)
{
    return jf_scan_file(path, into, read_row, err);
}

const jf_tracker jf_tracker_codecarbon = {"codecarbon", "CodeCarbon emissions.csv, versions 0.0.9 to 3.3",
                                          recognise, read};
