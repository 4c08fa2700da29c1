/* Hugging Face Trainer: trainer_state.json, all_results.json and train_results.json. They hold no energy. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "data/trackers/devices.h"
#include "data/trackers/formats.h"
#include "data/trackers/json_text.h"

static bool recognise(const char *head, const char *path)
{
    const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;

    if (head[strspn(head, " \t\r\n")] != '{') return false;
    if (strstr(head, "\"log_history\"")) return true;
    if (strcmp(name, "trainer_state.json") == 0) return true;
    return strstr(head, "\"train_runtime\"") &&
           (strstr(head, "\"train_samples_per_second\"") || strstr(head, "\"train_steps_per_second\""));
}

/* Files of fixed names are told apart by their folders. */
static char *run_of(const char *path)
{
    static const char *const fixed[] = {"trainer_state.json", "all_results.json", "train_results.json"};
    const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;

    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        if (strcmp(name, fixed[i]) == 0) return jf_run_of_folder(path);
    return jf_run_of_path(path);
}

static jf_status note(jf_import *into, jf_ledger_action action, const char *path, const char *column,
                      const char *what, const char *why, jf_error *err)
{
    return jf_ledger_add(into->ledger, action, path, 0, column, what, why, err);
}

/* Numbers that configure or describe a run, under their own names. */
static jf_status add_extras(const json_t *from, jf_measured *run, jf_error *err)
{
    static const char *const names[] = {"train_batch_size", "train_samples", "num_train_epochs", "max_steps",
                                        "eval_loss"};
    char text[JF_NUMBER_TEXT];

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        double value = jf_json_member(from, names[i]);
        jf_status status =
            isnan(value) ? JF_OK : jf_measured_add(run, names[i], jf_number_exact(text, value), err);
        if (status != JF_OK) return status;
    }
    return JF_OK;
}

static void read_results(const json_t *root, jf_measured *run)
{
    run->duration_s = jf_json_member(root, "train_runtime");
    run->flos = jf_json_member(root, "total_flos");
    run->loss = jf_json_member(root, "train_loss");
    run->epochs = jf_json_member(root, "epoch");
}

/* The closing entry of a training has its time; a resumed one has an entry for each part, and each part's
 * clock started at zero while total_flos went on. */
static jf_status read_history(const char *path, const json_t *root, jf_import *into, jf_measured *run,
                              jf_error *err)
{
    const json_t *history = json_object_get(root, "log_history");
    size_t n_parts = 0;
    char what[80];

    for (size_t i = 0; i < json_array_size(history); i++) {
        const json_t *entry = json_array_get(history, i);
        double runtime = jf_json_member(entry, "train_runtime");
        if (isnan(runtime)) continue;
        run->duration_s = n_parts++ ? run->duration_s + runtime : runtime;
        run->loss = jf_json_member(entry, "train_loss");
        if (!isnan(jf_json_member(entry, "total_flos"))) run->flos = jf_json_member(entry, "total_flos");
    }
    if (n_parts == 0)
        return note(into, JF_FLAGGED, path, "train_runtime", "no closing entry in log_history",
                    "the training has not ended, or this is a checkpoint: its duration is missing", err);
    if (n_parts == 1) return JF_OK;
    snprintf(what, sizeof what, "%zu entries with a train_runtime", n_parts);
    return note(into, JF_REPAIRED, path, "train_runtime", what,
                "the training was resumed: the times of its parts are added", err);
}

static jf_status read(const char *path, jf_import *into, jf_error *err)
{
    jf_status status = JF_OK;
    json_t *root = NULL;
    jf_measured *run;
    size_t n_replaced;
    char what[80];

    JF_TRY(jf_json_file(path, &root, &n_replaced, err));
    if (!json_is_object(root))
        JF_TRY(jf_fail(err, JF_EDATA, "%s: expected the object that the Trainer writes", path));
    run = jf_import_add(into, 0);
    JF_TRY_NEW(run, err, path);
    run->run_id = run_of(path);
    JF_TRY_NEW(run->run_id, err, path);
    read_results(root, run);
    if (json_object_get(root, "log_history")) {
        run->steps = jf_json_member(root, "global_step");
        JF_TRY(read_history(path, root, into, run, err));
    }
    JF_TRY(add_extras(root, run, err));
    into->ledger->rows_read++;
    into->ledger->rows_kept++;
    if (n_replaced) {
        snprintf(what, sizeof what, "%zu NaN or Infinity", n_replaced);
        JF_TRY(note(into, JF_REPAIRED, path, NULL, what, "JSON has no such numbers: taken as missing", err));
    }
done:
    json_decref(root);
    return status;
}

const jf_tracker jf_tracker_hugging_face = {
    "hugging-face", "Hugging Face Trainer: trainer_state.json, all_results.json, train_results.json",
    recognise, read};
