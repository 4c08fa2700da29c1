/* eco2AI's emission.csv, both headers: energies in kWh with PUE, epochs of one run cumulative. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "data/trackers/scan.h"

static const double J_per_kWh = 3.6e6;

static bool recognise(const char *head, const char *path)
{
    (void)path;
    return jf_head_has(head, "duration(s)") &&
           (jf_head_has(head, "power_consumption(kWh)") || jf_head_has(head, "power_consumption(kWTh)"));
}

/* "Tesla T4 2 device(s)": the name and the count. */
static jf_status read_gpu(const jf_scan *in, const jf_row *row, jf_measured *run)
{
    const char *text = jf_header_text(&in->header, row, "GPU_name");
    const char *mark = strstr(text, " device(s)"), *count = mark;
    char name[256];

    if (!*text || strcmp(text, "N/A") == 0) return JF_OK;
    while (count && count > text && count[-1] != ' ') count--;
    if (!mark || count == text) return jf_measured_text(&run->gpu, text, in->err);
    run->gpus = jf_number_before(count);
    snprintf(name, sizeof name, "%.*s", (int)(count - 1 - text), text);
    return jf_measured_text(&run->gpu, name, in->err);
}

static void read_numbers(const jf_scan *in, const jf_row *row, jf_measured *run, bool *bad)
{
    const jf_header *header = &in->header;
    double total = jf_header_number(header, row, "power_consumption(kWh)", bad);

    if (isnan(total)) total = jf_header_number(header, row, "power_consumption(kWTh)", bad);
    run->start_s = jf_time_read(jf_header_text(header, row, "start_time"));
    run->duration_s = jf_header_number(header, row, "duration(s)", bad);
    run->total_energy_J = J_per_kWh * total;
    run->gpu_energy_J = J_per_kWh * jf_header_number(header, row, "GPU_consumption(kWh)", bad);
    run->cpu_energy_J = J_per_kWh * jf_header_number(header, row, "CPU_consumption(kWh)", bad);
    run->ram_energy_J = J_per_kWh * jf_header_number(header, row, "RAM_consumption(kWh)", bad);
}

static jf_status read_row(jf_scan *in, const jf_row *row)
{
    jf_status status = JF_OK;
    jf_measured *run = jf_import_add(in->import, row->line);
    const char *id = jf_header_text(&in->header, row, "id");
    char made[512];
    bool bad = false;

    JF_TRY_NEW(run, in->err, in->path);
    read_numbers(in, row, run, &bad);
    if (bad) {
        jf_import_drop_last(in->import);
        return jf_scan_reject(in, row->line, "a text where a number should be", "the row is broken");
    }
    if (!*id) { /* the old header has none: a run is known by its names and its start */
        snprintf(made, sizeof made, "%s/%s/%s", jf_header_text(&in->header, row, "project_name"),
                 jf_header_text(&in->header, row, "experiment_description"),
                 jf_header_text(&in->header, row, "start_time"));
        id = made;
    }
    JF_TRY(jf_measured_text(&run->run_id, id, in->err));
    JF_TRY(jf_measured_text(&run->project, jf_header_text(&in->header, row, "project_name"), in->err));
    JF_TRY(jf_measured_text(&run->scope, "gpu+cpu+ram, times PUE", in->err));
    JF_TRY(jf_measured_add(run, "experiment_description",
                           jf_header_text(&in->header, row, "experiment_description"), in->err));
    JF_TRY(read_gpu(in, row, run));
    status = jf_scan_merge_snapshot(in);
done:
    return status;
}

static jf_status read(const char *path, jf_import *into, jf_error *err)
{
    return jf_scan_file(path, into, read_row, err);
}

const jf_tracker jf_tracker_eco2ai = {"eco2ai", "eco2AI's emission.csv, versions 0.1 to 0.3", recognise,
                                      read};
