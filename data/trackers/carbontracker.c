/* carbontracker: its output log (consumption with PUE, actual or predicted) and its standard log (powers and
 * times of epochs, before PUE). */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "data/trackers/devices.h"
#include "data/trackers/formats.h"
#include "data/trackers/header.h"
#include "data/trackers/lines.h"

static const double J_per_kWh = 3.6e6;

typedef struct consumption {
    double epochs, duration_s, energy_J; /* epochs 0: not seen */
} consumption;

typedef struct reader {
    const char *path;
    jf_import *import;
    jf_error *err;
    size_t n_lines;
    double start_s;
    consumption actual, predicted, *now; /* output log; `now` is the block that lines belong to */
    char gpus[512];                      /* standard log: names between "device(s)" and the full stop */
    size_t n_epochs;
    double epoch_s, epoch_W[2]; /* of the epoch that is being read; [0] GPU, [1] CPU */
    double duration_s, sums_J[2];
    bool failed[2], seen[2]; /* some epoch has no power of it; some epoch has */
} reader;

static bool recognise(const char *head, const char *path)
{
    const char *dash = strstr(head, " - ");

    (void)path;
    if (!dash || isnan(jf_time_read(head))) return false;
    return strstr(head, "Actual consumption for") || strstr(head, "Predicted consumption for") ||
           strstr(head, "Average power usage (W) for") ||
           strstr(head, "The following components were found:");
}

/* "1:02:03", "1:02:03.45", "26:00:00" or "1 day, 2:00:00". */
static double read_span(const char *text)
{
    double days = 0, seconds;
    int fields[2];
    const char *rest;

    if (strstr(text, "day")) {
        days = jf_number_before(text);
        text = strchr(text, ',') ? strchr(text, ',') + 1 : text;
    }
    rest = jf_fields_read(text, " 9:2:", fields);
    if (!rest || !jf_number_read(rest, strspn(rest, "0123456789."), &seconds)) return NAN;
    return days * 86400 + fields[0] * 3600.0 + fields[1] * 60.0 + seconds;
}

static const char *after(const char *text, const char *word)
{
    const char *found = strstr(text, word);

    return found ? found + strlen(word) : NULL;
}

/* The sum of "[136.86 140.2]", "[136.86, 140.2]" or "136.86"; NaN for None, [None] and []. */
static double sum_powers(const char *text)
{
    double sum = NAN, value;

    while (*text) {
        size_t length = strspn(text, "0123456789.eE+-");
        if (length && jf_number_read(text, length, &value))
            sum = isnan(sum) ? value : sum + value;
        else if (strncmp(text, "None", 4) == 0)
            return NAN;
        text += length ? length : 1;
    }
    return sum;
}

/* ---- lines ---- */

/* A run's blocks are cumulative: the one of most epochs counts. */
static void begin_block(reader *in, const char *text)
{
    const char *actual = after(text, "Actual consumption for "),
               *predicted = after(text, "Predicted consumption for ");
    consumption *block = actual ? &in->actual : &in->predicted;
    double epochs = jf_number_before(actual ? actual : predicted);

    in->now = NULL;
    if (!(epochs >= block->epochs)) return;
    *block = (consumption){epochs, NAN, NAN};
    in->now = block;
}

static void read_block_line(reader *in, const char *text)
{
    const char *value;

    if (!in->now) return;
    if ((value = after(text, "Time:"))) in->now->duration_s = read_span(value + strspn(value, " \t"));
    if ((value = after(text, "Energy:")) && strstr(value, "kWh"))
        in->now->energy_J = J_per_kWh * jf_number_before(value);
}

/* Energy of an epoch is average power times its duration. */
static void end_epoch(reader *in)
{
    if (isnan(in->epoch_s)) return;
    in->n_epochs++;
    in->duration_s += in->epoch_s;
    for (int part = 0; part < 2; part++) {
        if (isnan(in->epoch_W[part])) {
            in->failed[part] = true;
        } else {
            in->seen[part] = true;
            in->sums_J[part] += in->epoch_W[part] * in->epoch_s;
        }
        in->epoch_W[part] = NAN;
    }
    in->epoch_s = NAN;
}

static void read_epoch_line(reader *in, const char *text)
{
    const char *value;

    if (strncmp(text, "Epoch ", 6) == 0) end_epoch(in);
    if ((value = after(text, "Duration: "))) in->epoch_s = read_span(value);
    if ((value = after(text, "Average power usage (W) for gpu:"))) in->epoch_W[0] = sum_powers(value);
    if ((value = after(text, "Average power usage (W) for cpu:"))) in->epoch_W[1] = sum_powers(value);
    if ((value = after(text, "GPU with device(s) ")))
        snprintf(in->gpus, sizeof in->gpus, "%.*s", (int)strcspn(value, "."), value);
}

static jf_status read_line(void *context, const jf_line *line)
{
    reader *in = context;
    double time = jf_time_read(line->text);
    const char *text = line->text;

    in->n_lines++;
    in->import->ledger->rows_read++;

    if (!isnan(time)) {
        if (isnan(in->start_s)) in->start_s = time;
        text = after(line->text, " - ");
        text = text ? text : line->text;
        in->now = NULL;
    }
    text += strspn(text, " \t");
    if (strstr(text, "Actual consumption for ") || strstr(text, "Predicted consumption for "))
        begin_block(in, text);
    else
        read_block_line(in, text);
    read_epoch_line(in, text);
    return JF_OK;
}

/* ---- the run ---- */

static jf_status note(reader *in, jf_ledger_action action, const char *what, const char *why)
{
    return jf_ledger_add(in->import->ledger, action, in->path, 0, NULL, what, why, in->err);
}

/* "<prefix>_<pid>.<id>_<time>_carbontracker_output.log": the prefix, or all before the last part without one.
 */
static char *run_of(const char *path)
{
    const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    const char *end = strstr(name, "_carbontracker"), *cut = end;

    if (!end || end == name) return jf_run_of_path(path);
    for (int part = 0; part < 2 && cut > name; part++)
        for (cut--; cut > name && *cut != '_';) cut--;
    return jf_copy_bytes(name, (size_t)((cut > name ? cut : end) - name));
}

static jf_status add_output(reader *in, jf_measured *run)
{
    jf_status status = JF_OK;
    const consumption *used = in->actual.epochs > 0 ? &in->actual : &in->predicted;
    char what[80];

    run->epochs = used->epochs;
    run->duration_s = used->duration_s;
    run->total_energy_J = used->energy_J;
    JF_TRY(jf_measured_text(&run->scope, "gpu+cpu, times PUE", in->err));
    JF_TRY(note(in, JF_FLAGGED, "energy of the output log",
                "it holds the tool's PUE (1.55 to 1.59 by version), which is not taken out"));
    if (used == &in->actual) goto done;
    run->method = JF_BY_PREDICTION;
    snprintf(what, sizeof what, "a prediction for %g epochs", used->epochs);
    JF_TRY(note(in, JF_FLAGGED, what, "there is no actual consumption in the log"));
    jf_warn(in->import->warnings, "W_PREDICTED_ENERGY", "%s: the energy is %s", in->path, what);
done:
    return status;
}

static jf_status add_epochs(reader *in, jf_measured *run)
{
    jf_status status = JF_OK;
    static const char *const parts[] = {"gpu", "cpu"};
    double *energies[] = {&run->gpu_energy_J, &run->cpu_energy_J};

    run->epochs = (double)in->n_epochs;
    run->duration_s = in->duration_s;
    for (int part = 0; part < 2; part++) {
        if (in->seen[part] && !in->failed[part]) *energies[part] = in->sums_J[part];
        if (in->seen[part] && in->failed[part])
            JF_TRY(note(in, JF_FLAGGED, parts[part], "an epoch has no power of it: its energy is missing"));
    }
    if (in->seen[0] && in->seen[1]) run->total_energy_J = run->gpu_energy_J + run->cpu_energy_J;
    JF_TRY(jf_measured_text(&run->scope, in->seen[1] ? (in->seen[0] ? "gpu+cpu" : "cpu") : "gpu", in->err));
    if (!*in->gpus) goto done;
    run->gpus = 1;
    for (const char *at = in->gpus; (at = strchr(at, ',')); at++) run->gpus++;
    in->gpus[strcspn(in->gpus, ",")] = '\0';
    JF_TRY(jf_measured_text(&run->gpu, in->gpus, in->err));
done:
    return status;
}

static jf_status add_run(reader *in)
{
    jf_status status = JF_OK;
    bool has_output = in->actual.epochs > 0 || in->predicted.epochs > 0;
    jf_measured *run;

    end_epoch(in);
    if (!has_output && in->n_epochs == 0)
        return jf_fail(in->err, JF_EDATA, "%s: no consumption and no epoch with a duration", in->path);
    run = jf_import_add(in->import, 1);
    JF_TRY_NEW(run, in->err, in->path);
    run->run_id = run_of(in->path);
    JF_TRY_NEW(run->run_id, in->err, in->path);
    run->start_s = in->start_s;
    JF_TRY(has_output ? add_output(in, run) : add_epochs(in, run));
    in->import->ledger->rows_kept++;
    in->import->ledger->rows_merged += in->n_lines - 1;
done:
    return status;
}

static jf_status read(const char *path, jf_import *into, jf_error *err)
{
    jf_status status = JF_OK;
    reader in = {
        .path = path, .import = into, .err = err, .start_s = NAN, .epoch_s = NAN, .epoch_W = {NAN, NAN}};

    JF_TRY(jf_lines_each(path, false, read_line, &in, err));
    JF_TRY(add_run(&in));
done:
    return status;
}

const jf_tracker jf_tracker_carbontracker = {"carbontracker", "carbontracker's output log and standard log",
                                             recognise, read};
